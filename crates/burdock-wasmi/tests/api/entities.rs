//! Memories, tables and globals, and their types.

use burdock_wasmi::errors::{ErrorKind, GlobalError, MemoryError, TableError};
use burdock_wasmi::{
    Engine, Func, Global, GlobalType, Memory, MemoryType, Mutability, Nullable, Ref, RefType,
    Store, Table, TableType, Val, ValType,
};

fn store() -> Store<u8> {
    Store::new(&Engine::default(), 7)
}

#[test]
fn memories_are_read_written_and_grown() {
    let mut store = store();
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    assert_eq!(memory.ty(&store), MemoryType::new(1, Some(2)));
    memory.write(&mut store, 65_534, &[1, 2]).unwrap();
    let mut buffer = [0; 2];
    memory.read(&store, 65_534, &mut buffer).unwrap();
    assert_eq!(buffer, [1, 2]);
    assert!(matches!(
        memory.write(&mut store, 65_535, &[1, 2]),
        Err(MemoryError::OutOfBoundsAccess)
    ));
    assert!(matches!(
        memory.read(&store, usize::MAX, &mut buffer),
        Err(MemoryError::OutOfBoundsAccess)
    ));
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    assert!(matches!(memory.grow(&mut store, 1), Err(MemoryError::OutOfBoundsGrowth)));
    assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 131_072));
    memory.data_mut(&mut store)[131_071] = 3;
    assert_eq!(memory.data(&store)[131_071], 3);
    assert_eq!(memory.data_ptr(&store), memory.data_mut(&mut store).as_mut_ptr());
    assert_eq!(memory.data_and_store_mut(&mut store).1, &mut 7);
}

#[test]
fn memories_live_in_buffers() {
    let mut store = store();
    let ty = MemoryType::new(1, None);
    let short = Box::leak(vec![1; 65_535].into());
    let error = Memory::new_static(&mut store, ty, short).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Memory(MemoryError::InvalidStaticBufferSize)));
    let memory = Memory::new_static(&mut store, ty, Box::leak(vec![1; 65_536].into())).unwrap();
    assert_eq!(memory.data(&store)[0], 0);
    assert!(memory.grow(&mut store, 1).is_err());
}

#[test]
fn types_of_memories_are_checked() {
    let build = |log2: u8, is_64: bool, min: u64, max: Option<u64>| {
        let mut builder = MemoryType::builder();
        builder.page_size_log2(log2).memory64(is_64).min(min).max(max);
        match builder.build() {
            Ok(ty) => format!("{} {:?} {}", ty.minimum(), ty.maximum(), ty.is_64()),
            Err(error) => format!("{error:?}"),
        }
    };
    assert_eq!(build(16, false, 1, Some(2)), "1 Some(2) false");
    assert_eq!(build(0, false, 1, None), "1 None false");
    assert_eq!(build(16, true, 1 << 40, None), "1099511627776 None true");
    assert_eq!(build(3, false, 1, None), "InvalidMemoryType");
    assert_eq!(build(16, false, 2, Some(1)), "InvalidMemoryType");
    assert_eq!(build(16, false, 65_537, None), "InvalidMemoryType");
    assert_eq!(build(16, true, 1 << 48, None), "281474976710656 None true");
    assert_eq!(build(16, true, (1 << 48) + 1, None), "InvalidMemoryType");
    assert_eq!(build(16, true, 1, Some((1 << 48) + 1)), "InvalidMemoryType");
    assert_eq!(build(0, true, u64::MAX, None), "18446744073709551615 None true");
    assert_eq!(MemoryType::new64(1, None).minimum(), 1);
}

#[test]
fn a_memory_that_the_system_does_not_have_fails() {
    let error = Memory::new(&mut store(), MemoryType::new64(1 << 40, None)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Memory(MemoryError::OutOfSystemMemory)), "{error:?}");
    let error = Memory::new(&mut store(), MemoryType::new64(1 << 48, None)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Memory(MemoryError::MinimumSizeOverflow)));
}

#[test]
fn tables_are_set_filled_copied_and_grown() {
    let mut store = store();
    let func = Func::wrap(&mut store, || 1);
    let (null, func) = (Ref::null(RefType::Func), Ref::Func(Nullable::Val(func)));
    let ty = TableType::new(RefType::Func, 2, Some(4));
    let table = Table::new(&mut store, ty, null).unwrap();
    let other = Table::new(&mut store, ty, func).unwrap();
    assert_eq!((table.ty(&store), table.size(&store)), (ty, 2));

    table.set(&mut store, 1, func).unwrap();
    let nulls = |store: &Store<u8>, table: &Table| -> String {
        let is_null = |i| if table.get(store, i).unwrap().is_null() { '0' } else { '1' };
        (0..table.size(store)).map(is_null).collect()
    };
    assert_eq!(nulls(&store, &table), "01");
    assert_eq!(table.grow(&mut store, 2, func).unwrap(), 2);
    assert_eq!(nulls(&store, &table), "0111");
    table.fill(&mut store, 2, null, 2).unwrap();
    assert_eq!(nulls(&store, &table), "0100");
    Table::copy(&mut store, &table, 2, &other, 0, 2).unwrap();
    Table::copy(&mut store, &table, 0, &table, 1, 2).unwrap();
    assert_eq!(nulls(&store, &table), "1111");

    assert!(table.get(&store, 4).is_none());
    let wrong = Ref::null(RefType::Extern);
    let rows = [
        (format!("{:?}", table.set(&mut store, 4, func)), "Err(SetOutOfBounds)"),
        (format!("{:?}", table.set(&mut store, 0, wrong)), "Err(ElementTypeMismatch)"),
        (format!("{:?}", table.fill(&mut store, 3, func, 2)), "Err(FillOutOfBounds)"),
        (format!("{:?}", table.fill(&mut store, 0, wrong, 1)), "Err(ElementTypeMismatch)"),
        (format!("{:?}", table.grow(&mut store, 1, func)), "Err(GrowOutOfBounds)"),
        (format!("{:?}", table.grow(&mut store, 1, wrong)), "Err(ElementTypeMismatch)"),
        (format!("{:?}", Table::copy(&mut store, &table, 3, &other, 0, 2)), "Err(CopyOutOfBounds)"),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
    let error = Table::new(&mut store, ty, wrong).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Table(TableError::ElementTypeMismatch)));
}

#[test]
fn globals_are_set_if_they_are_mutable() {
    let mut store = store();
    let global = Global::new(&mut store, Val::from(1.5f64), Mutability::Var);
    assert_eq!(global.ty(&store), GlobalType::new(ValType::F64, Mutability::Var));
    global.set(&mut store, Val::from(2.5f64)).unwrap();
    assert_eq!(global.get(&store).f64(), Some(2.5.into()));
    assert!(matches!(global.set(&mut store, Val::I32(1)), Err(GlobalError::TypeMismatch)));
    let constant = Global::new(&mut store, Val::I64(3), Mutability::Const);
    assert!(matches!(constant.set(&mut store, Val::I64(4)), Err(GlobalError::ImmutableWrite)));
    assert_eq!(constant.get(&store).i64(), Some(3));
    assert!(constant.ty(&store).mutability().is_const());
}

#[test]
fn types_of_values_have_kinds() {
    let all = [ValType::I32, ValType::F64, ValType::V128, ValType::FuncRef, ValType::ExternRef];
    let kinds = all.map(|ty| (ty.is_num(), ty.is_ref()));
    assert_eq!(kinds, [(true, false), (true, false), (false, false), (false, true), (false, true)]);
    for ty in all {
        assert_eq!(Val::default_for_ty(ty).ty(), ty);
        assert_eq!(ty.as_ref().map_or(ty, ValType::from), ty);
    }
}
