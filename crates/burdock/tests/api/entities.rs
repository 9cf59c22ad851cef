//! Memories, tables and globals through the API, and as guests see them.

use crate::common::{self, full, instance};
use burdock::*;

fn store() -> Store<()> {
    Store::new(&Engine::default(), ())
}

#[test]
fn memories_are_read_and_written() {
    let (mut store, instance) = instance(
        &Config::new(),
        r#"(module (memory (export "mem") 1 3) (data (i32.const 0) "\01\02\03")
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func (export "size") (result i32) (memory.size)))"#,
    );
    let memory = instance.get_memory(&mut store, "mem").unwrap();
    let load = instance.get_typed_func::<i32, i32>(&mut store, "load").unwrap();
    let size = instance.get_typed_func::<(), i32>(&mut store, "size").unwrap();
    let mut buffer = [0; 3];
    memory.read(&store, 0, &mut buffer).unwrap();
    assert_eq!(buffer, [1, 2, 3]);
    memory.write(&mut store, 65535, &[9]).unwrap();
    assert_eq!(load.call(&mut store, 65535).unwrap(), 9);
    memory.data_mut(&mut store)[7] = 8;
    assert_eq!(load.call(&mut store, 7).unwrap(), 8);
    let expected = "out of bounds memory access";
    let error = memory.read(&store, 65534, &mut buffer).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert!(memory.read(&store, usize::MAX, &mut buffer).is_err());
    assert!(memory.write(&mut store, 65536, &[1]).is_err());
    assert!(memory.write(&mut store, 65536, &[]).is_ok());
    assert_eq!((memory.size(&store), memory.data_size(&store)), (1, 65536));
    assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
    assert_eq!(size.call(&mut store, ()).unwrap(), 3);
    assert_eq!(load.call(&mut store, 3 * 65536 - 1).unwrap(), 0);
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(memory.grow(&mut store, 0).unwrap(), 3);
    let ty = memory.ty(&store);
    assert_eq!((ty.minimum(), ty.maximum(), ty.is_64()), (1, Some(3), false));
}

#[test]
fn a_memory_keeps_its_bytes_when_it_grows() {
    const PAGE: usize = 65536;
    // From 2 MiB (32 pages) on, the bytes are the system's.
    let growths: [(u64, &[u64]); 5] =
        [(1, &[30, 1, 1, 200]), (0, &[99, 1]), (0, &[1, 31]), (32, &[1, 32, 99]), (2, &[3, 0, 4])];
    for (min, deltas) in growths {
        let mut store = store();
        let memory = Memory::new(&mut store, MemoryType::new(min as u32, None)).unwrap();
        for (number, &delta) in deltas.iter().enumerate() {
            let len = memory.data_size(&store);
            assert!(memory.data(&store).iter().step_by(97).all(|&byte| byte == number as u8));
            assert_eq!(memory.grow(&mut store, delta).unwrap(), (len / PAGE) as u64);
            let (old, new) = memory.data(&store).split_at(len);
            assert_eq!(new.len(), delta as usize * PAGE);
            assert!(old.iter().step_by(97).all(|&byte| byte == number as u8), "{min} {deltas:?}");
            assert!(new.iter().step_by(97).all(|&byte| byte == 0), "{min} {deltas:?}");
            memory.data_mut(&mut store).fill(number as u8 + 1);
        }
    }
}

#[test]
fn memory_types_are_checked() {
    let check = |builder: &mut MemoryTypeBuilder, expected: &str| {
        let error = builder.build().unwrap_err();
        assert!(full(&error).contains(expected), "{error}");
    };
    let builder = MemoryTypeBuilder::new;
    check(builder().min(65537), "minimum page size cannot exceed 65536");
    check(builder().max(Some(65537)), "maximum page size cannot exceed");
    check(builder().min(2).max(Some(1)), "smaller than the minimum");
    check(builder().page_size_log2(3), "page size must be");
    check(builder().shared(true), "threads");
    assert!(builder().memory64(true).min(65537).build().is_ok());
    check(
        builder().memory64(true).min(1 << 48),
        "must fit in a u64: 281474976710656 pages of 65536",
    );
    check(builder().memory64(true).min(u64::MAX), "must fit in a u64");
    check(builder().memory64(true).min(2).max(Some(1)), "1 pages are less than 2");
    for good in [
        builder().memory64(true).min((1 << 48) - 1),
        builder().memory64(true).max(Some(u64::MAX)),
        builder().memory64(true).page_size_log2(0).min(u64::MAX),
        builder().page_size_log2(0).min(1 << 32),
    ] {
        assert!(good.build().is_ok(), "{good:?}");
    }
}

#[test]
fn a_memory_without_a_64_bit_size_is_refused() {
    let engine = Engine::new(Config::new().wasm_memory64(true)).unwrap();
    let mut store = Store::new(&engine, ());
    for pages in [1_u64 << 48, (1 << 48) - 1] {
        let text = format!(r#"(module (import "" "" (memory i64 {pages})))"#);
        let imports = Module::new(&engine, text).unwrap();
        let ty = imports.imports().next().unwrap().ty().unwrap_memory().clone();
        assert_eq!(ty.minimum(), pages);
        assert!(Memory::new(&mut store, ty).is_err());
        let defines = Module::new(&engine, format!("(module (memory i64 {pages}))")).unwrap();
        assert!(Instance::new(&mut store, &defines, &[]).is_err());
    }
    let text = format!("(module (memory i64 0 {}))", 1_u64 << 48);
    Instance::new(&mut store, &Module::new(&engine, text).unwrap(), &[]).unwrap();
}

#[test]
fn a_memory_can_be_in_a_buffer_of_the_embedder() {
    let mut store = store();
    let buffer = Box::leak(vec![1; 2 * 65536].into_boxed_slice());
    let memory = Memory::new_static(&mut store, MemoryType::new(1, None), buffer).unwrap();
    assert_eq!(memory.data_size(&store), 65536);
    assert!(memory.data(&store).iter().all(|byte| *byte == 0));
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    assert!(memory.grow(&mut store, 1).is_err());
    let buffer = Box::leak(vec![1; 100].into_boxed_slice());
    assert!(Memory::new_static(&mut store, MemoryType::new(1, None), buffer).is_err());
}

#[test]
fn tables_hold_references() {
    let mut store = store();
    let ty = TableType::new(RefType::FUNCREF, 2, Some(5));
    let table = Table::new(&mut store, ty.clone(), Ref::Func(None)).unwrap();
    assert_eq!(table.ty(&store), ty);
    let func = Func::wrap(&mut store, || 7);
    table.set(&mut store, 1, func.into()).unwrap();
    assert!(table.get(&mut store, 0).unwrap().is_null());
    let found = *table.get(&mut store, 1).unwrap().unwrap_func().unwrap();
    let found = found.typed::<(), i32>(&store).unwrap();
    assert_eq!(found.call(&mut store, ()).unwrap(), 7);
    assert!(table.get(&mut store, 2).is_none());
    let error = table.set(&mut store, 2, Ref::Func(None)).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::TableOutOfBounds));
    let error = table.set(&mut store, 0, Ref::Extern(None)).unwrap_err();
    assert_eq!(
        full(&error),
        "type mismatch: value does not match table element type: type mismatch: expected funcref, found externref"
    );
    assert_eq!(table.grow(&mut store, 3, func.into()).unwrap(), 2);
    assert!(table.get(&mut store, 4).unwrap().is_non_null());
    let error = table.grow(&mut store, 1, func.into()).unwrap_err();
    assert_eq!(error.to_string(), "failed to grow table by `1`");
    table.fill(&mut store, 1, Ref::Func(None), 3).unwrap();
    let nulls: Vec<_> = (0..5).map(|i| table.get(&mut store, i).unwrap().is_null()).collect();
    assert_eq!(nulls, [true, true, true, true, false]);
    assert!(table.fill(&mut store, 4, Ref::Func(None), 2).is_err());
    let other = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    Table::copy(&mut store, &other, 0, &table, 4, 1).unwrap();
    assert!(other.get(&mut store, 0).unwrap().is_non_null());
    Table::copy(&mut store, &table, 0, &table, 3, 2).unwrap();
    assert!(table.get(&mut store, 1).unwrap().is_non_null());
    assert!(Table::copy(&mut store, &other, 0, &table, 4, 2).is_err());
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let externs = Table::new(&mut store, ty, Ref::Extern(None)).unwrap();
    assert!(Table::copy(&mut store, &externs, 0, &table, 0, 1).is_err());
}

#[test]
fn globals_hold_values() {
    let (mut store, instance) = instance(
        &Config::new(),
        r#"(module (global (export "g") (mut v128) (v128.const i64x2 1 2))
            (global (export "c") i32 (i32.mul (i32.const 6) (i32.const 7)))
            (func (export "high") (result i64) (i64x2.extract_lane 1 (global.get 0))))"#,
    );
    let global = instance.get_global(&mut store, "g").unwrap();
    assert_eq!(global.get(&mut store).v128().unwrap().to_halves(), [1, 2]);
    let high = instance.get_typed_func::<(), i64>(&mut store, "high").unwrap();
    global.set(&mut store, V128::from_halves([3, 4]).into()).unwrap();
    assert_eq!(high.call(&mut store, ()).unwrap(), 4);
    let error = global.set(&mut store, Val::I32(1)).unwrap_err();
    assert_eq!(
        full(&error),
        "type mismatch: attempt to set global to value of wrong type: type mismatch: expected v128, found i32"
    );
    let constant = instance.get_global(&mut store, "c").unwrap();
    assert_eq!(constant.get(&mut store).i32(), Some(42));
    let error = constant.set(&mut store, Val::I32(1)).unwrap_err();
    assert_eq!(error.to_string(), "immutable global cannot be set");
    assert_eq!(constant.ty(&store).mutability(), Mutability::Const);
    let ty = GlobalType::new(ValType::F32, Mutability::Var);
    assert!(Global::new(&mut store, ty, Val::F64(0)).is_err());
}

#[test]
fn imports_share_what_they_import() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = GlobalType::new(ValType::I64, Mutability::Var);
    let global = Global::new(&mut store, ty, Val::I64(5)).unwrap();
    let module = common::module(
        &engine,
        r#"(module (import "" "g" (global $g (mut i64)))
            (func (export "bump") (global.set $g (i64.add (global.get $g) (i64.const 1)))))"#,
    );
    for expected in [6, 7] {
        let instance = Instance::new(&mut store, &module, &[global.into()]).unwrap();
        let bump = instance.get_typed_func::<(), ()>(&mut store, "bump").unwrap();
        bump.call(&mut store, ()).unwrap();
        assert_eq!(global.get(&mut store).i64(), Some(expected));
    }
}

#[test]
fn host_values_are_kept_and_changed() {
    let mut store = store();
    let value = ExternRef::new(&mut store, 5_u32).unwrap();
    let data = value.data_mut(&mut store).unwrap().unwrap();
    *data.downcast_mut::<u32>().unwrap() += 1;
    let data = value.data(&store).unwrap().unwrap();
    assert_eq!(data.downcast_ref(), Some(&6_u32));
    let other = ExternRef::new(&mut store, 6_u32).unwrap();
    assert!(Rooted::ref_eq(&store, &value, &value).unwrap());
    assert!(!Rooted::ref_eq(&store, &value, &other).unwrap());
}

#[test]
fn tables_without_elements_are_written_and_grow() {
    let (mut store, instance) = common::instance(
        &Config::new(),
        r#"(module (table (export "t") 0 10 funcref) (elem (i32.const 0) func) (elem $e func)
            (func (export "run") (result i32)
                (table.init $e (i32.const 0) (i32.const 0) (i32.const 0))
                (table.fill (i32.const 0) (ref.null func) (i32.const 0))
                (table.copy (i32.const 0) (i32.const 0) (i32.const 0))
                (table.grow (ref.null func) (i32.const 3))))"#,
    );
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 0);
    assert_eq!(instance.get_table(&mut store, "t").unwrap().size(&store), 3);
}

#[test]
fn numbers_lead_back_to_handles() {
    let mut store = store();
    let text = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref)
        (global (export "g") i32 (i32.const 7)) (tag (export "e")))"#;
    let module = Module::new(store.engine(), text).unwrap();
    let mut other = Store::new(store.engine(), ());
    for count in 1..3 {
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        assert_eq!(Instance::from_number(&store, instance.to_number(&store)), Some(instance));
        assert_eq!(Instance::from_number(&store, count), None);
        assert_eq!(Instance::from_number(&other, 0), None);
    }
    let memory = Memory::new(&mut store, MemoryType::new(3, None)).unwrap();
    let number = memory.to_number(&store);
    assert_eq!(Memory::from_number(&store, number).unwrap().size(&store), 3);
    assert!(Memory::from_number(&store, number + 1).is_none());
    assert!(Memory::from_number(&other, number).is_none());
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut store, ty, Val::I32(5)).unwrap();
    let number = global.to_number(&store);
    assert_eq!(Global::from_number(&store, number).unwrap().get(&mut store).i32(), Some(5));
    assert!(Global::from_number(&store, u32::MAX).is_none());
    let ty = TableType::new(RefType::FUNCREF, 4, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    let number = table.to_number(&store);
    assert_eq!(Table::from_number(&store, number).unwrap().size(&store), 4);
    assert!(Table::from_number(&store, number + 1).is_none());
    let ty = TagType::new(FuncType::new(other.engine(), [], []));
    let tag = Tag::new(&mut other, &ty).unwrap();
    assert!(Tag::eq(&tag, &Tag::from_number(&other, tag.to_number(&other)).unwrap(), &other));
    assert!(Tag::from_number(&other, 1).is_none());
}

#[test]
#[should_panic(expected = "store")]
fn numbers_are_of_the_own_store() {
    let mut store = store();
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    memory.to_number(Store::new(&Engine::default(), ()));
}

/// Returns whether the mapping at an address may have huge pages.
#[cfg(target_os = "linux")]
fn may_have_huge_pages(address: usize) -> bool {
    let maps = std::fs::read_to_string("/proc/self/smaps").expect("a process reads its own maps");
    let mut inside = false;
    for line in maps.lines() {
        let hex = |text| usize::from_str_radix(text, 16).ok();
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        if let Some((from, to)) = range.and_then(|(from, to)| hex(from).zip(hex(to))) {
            inside = (from..to).contains(&address);
        }
        if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| inside) {
            return flags.split(' ').any(|flag| flag == "hg");
        }
    }
    panic!("no mapping has the address {address:x}");
}

#[cfg(target_os = "linux")]
#[test]
fn memories_that_have_grown_large_use_huge_pages() {
    let map = memmap2::MmapMut::map_anon(8 << 20).unwrap();
    if map.advise(memmap2::Advice::HugePage).is_err() || !may_have_huge_pages(map.as_ptr() as usize)
    {
        return eprintln!("skipped: the kernel, or an emulator, gives nobody huge pages");
    }
    // The size in MiB at first and by growth; whether huge pages are enabled, and used.
    let cases =
        [(1, 8, true, true), (4, 16, true, true), (1, 4, true, false), (1, 8, false, false)];
    for (first, grown, enabled, expected) in cases {
        let engine = Engine::new(Config::new().memory_huge_pages(enabled)).unwrap();
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(16 * first, None)).unwrap();
        memory.grow(&mut store, 16 * u64::from(grown - first)).unwrap();
        let used = may_have_huge_pages(memory.data_ptr(&store) as usize);
        assert_eq!(used, expected, "{first} MiB, then {grown}");
    }
}

#[test]
fn types_of_another_engine_are_refused() {
    let ty = FuncType::new(&Engine::default(), [], []);
    let (mut store, heap_type) = (store(), HeapType::ConcreteFunc(ty.clone()));
    let content = ValType::Ref(RefType::new(true, heap_type.clone()));
    let global = GlobalType::new(content, Mutability::Var);
    let table = TableType::new(RefType::new(true, heap_type), 1, None);
    let wrong = "type used with wrong engine";
    let null = Ref::Func(None);
    let refused = Global::new(&mut store, global, null.into()).unwrap_err();
    assert_eq!(full(&refused), wrong);
    assert_eq!(full(&Table::new(&mut store, table, null).unwrap_err()), wrong);
    assert_eq!(full(&Tag::new(&mut store, &TagType::new(ty)).unwrap_err()), wrong);
}
