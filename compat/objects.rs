//! The objects of Wasm 3.0 in the hands of a host: structures, arrays, integers of 31 bits, host
//! values, their roots and the collector, and exceptions.

use super::types::heap_types;
use std::sync::Arc;
use wasmtime::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContextMut, Caller, Engine, EqRef, ExternRef,
    FieldType, Func, HeapType, I31, Instance, Linker, Module, Mutability, OwnedRooted, Result,
    RootScope, Rooted, StorageType, Store, StructRef, StructRefPre, StructType, Trap, Val, ValType,
    WasmBacktrace,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    questions(&engine)?;
    structures(&engine)?;
    arrays(&engine)?;
    integers();
    roots(&engine)?;
    host_values(&engine)?;
    typed(&engine)?;
    traps(&engine)
}

/// Prints what a fallible operation gives, without the words of its error.
fn show<T: std::fmt::Debug>(what: &str, result: Result<T>) {
    match result {
        Ok(value) => println!("  {what}: {value:?}"),
        Err(_) => println!("  {what}: fails"),
    }
}

/// Returns a number for a value, `None` for a reference.
fn number(value: &Val) -> Option<i64> {
    value.i32().map(i64::from).or_else(|| value.i64())
}

/// Returns a field of each storage type.
fn fields() -> [FieldType; 4] {
    [
        FieldType::new(Mutability::Var, StorageType::I8),
        FieldType::new(Mutability::Var, StorageType::I16),
        FieldType::new(Mutability::Const, ValType::I64.into()),
        FieldType::new(Mutability::Var, ValType::EQREF.into()),
    ]
}

fn structure(store: &mut Store<()>) -> Result<Rooted<StructRef>> {
    let ty = StructType::new(store.engine(), fields())?;
    let pre = StructRefPre::new(&mut *store, ty);
    let i31 = AnyRef::from_i31(&mut *store, I31::wrapping_i32(-3));
    let values = [Val::I32(0x181), Val::I32(-1), Val::I64(-5), Val::AnyRef(Some(i31))];
    StructRef::new(store, &pre, &values)
}

/// What each kind of reference answers.
fn questions(engine: &Engine) -> Result<()> {
    let types = heap_types(engine)?;
    let mut store = Store::new(engine, ());
    let bytes = ArrayType::new(engine, fields()[0].clone());
    let pre = ArrayRefPre::new(&mut store, bytes);
    let external = ExternRef::new(&mut store, 5_u32)?;
    let references = [
        ("i31", AnyRef::from_i31(&mut store, I31::wrapping_u32(7))),
        ("structure", structure(&mut store)?.to_anyref()),
        ("array", ArrayRef::new(&mut store, &pre, &Val::I32(1), 3)?.to_anyref()),
        ("external", AnyRef::convert_extern(&mut store, external)?),
    ];
    for (name, any) in references {
        let of_type: Result<String> = types
            .iter()
            .map(|(_, ty)| Ok(if any.matches_ty(&store, ty)? { '1' } else { '.' }))
            .collect();
        println!("{name}: {}", of_type?);
        show("kinds", any.is_eqref(&store).and_then(|eq| Ok((eq, any.is_i31(&store)?))));
        show("kinds", any.is_struct(&store).and_then(|eq| Ok((eq, any.is_array(&store)?))));
        show("i31", any.as_i31(&store).map(|it| it.map(|it| it.get_i32())));
        show("structure", any.as_struct(&store).map(|it| it.is_some()));
        show("array", any.as_array(&store).map(|it| it.is_some()));
        let ty = any.ty(&store)?;
        println!("  {} {}", ty.is_concrete(), ty.matches(&HeapType::Eq));
        if let Some(eq) = any.as_eqref(&mut store)? {
            let same = Rooted::ref_eq(&store, &eq.to_anyref(), &any)?;
            println!("  {same} {}", eq.matches_ty(&store, &HeapType::Struct)?);
            println!("  {:?}", EqRef::as_i31(&eq, &store)?.map(|it| it.get_u32()));
        }
        let converted = ExternRef::convert_any(&mut store, any)?;
        let back = AnyRef::convert_extern(&mut store, converted)?;
        println!("  {}", Rooted::ref_eq(&store, &any, &back)?);
        let held = converted.data(&store)?.and_then(|data| data.downcast_ref::<u32>());
        println!("  holds {held:?}");
    }
    Ok(())
}

/// Structures: fields of each storage type, and writes that fail.
fn structures(engine: &Engine) -> Result<()> {
    let mut store = Store::new(engine, ());
    let object = structure(&mut store)?;
    println!("structure:");
    for index in 0..5 {
        show("field", object.field(&mut store, index).map(|value| number(&value)));
    }
    let all: Vec<_> = object.fields(&mut store)?.map(|value| number(&value)).collect();
    println!("  {all:?} {}", object.ty(&store)?.fields().len());
    let rows = [
        (0, Val::I32(0x1ff)),
        (0, Val::I64(1)),
        (1, Val::I32(0x18000)),
        (2, Val::I64(9)),
        (3, Val::null_any_ref()),
        (3, Val::null_extern_ref()),
        (4, Val::I32(0)),
    ];
    for (index, value) in rows {
        show("set", object.set_field(&mut store, index, value));
        show("field", object.field(&mut store, index).map(|value| number(&value)));
    }
    let pre = StructRefPre::new(&mut store, StructType::new(engine, fields())?);
    show("too few", StructRef::new(&mut store, &pre, &[Val::I32(0)]).map(drop));
    let wrong = [Val::I32(0), Val::I32(0), Val::I32(0), Val::null_any_ref()];
    show("wrong type", StructRef::new(&mut store, &pre, &wrong).map(drop));
    let no_fields = StructType::new(engine, [])?;
    show("other type", object.matches_ty(&store, &no_fields));
    let pre = StructRefPre::new(&mut store, no_fields);
    let [one, other] = [(); 2].map(|()| StructRef::new(&mut store, &pre, &[]));
    println!("  same: {}", Rooted::ref_eq(&store, &one?, &other?)?);
    Ok(())
}

/// Arrays: elements, bounds, bytes.
fn arrays(engine: &Engine) -> Result<()> {
    let mut store = Store::new(engine, ());
    for field in fields() {
        let ty = ArrayType::new(engine, field);
        let pre = ArrayRefPre::new(&mut store, ty);
        let values = [Val::I32(0x1234), Val::I64(0x12345), Val::null_any_ref()];
        println!("array:");
        for value in values {
            let array = match ArrayRef::new(&mut store, &pre, &value, 3) {
                Ok(array) => array,
                Err(_) => {
                    println!("  not of this type");
                    continue;
                }
            };
            println!("  {}", array.len(&store)?);
            for index in [0, 2, 3, u32::MAX] {
                show("get", array.get(&mut store, index).map(|value| number(&value)));
                show("set", array.set(&mut store, index, value));
            }
            show("set", array.set(&mut store, 0, Val::F32(0)));
            show("elems", array.elems(&mut store).map(|elems| elems.len()));
        }
        show("fixed", ArrayRef::new_fixed(&mut store, &pre, &[]).map(drop));
        show("fixed", ArrayRef::new_fixed(&mut store, &pre, &values).map(drop));
        show("bytes", ArrayRef::new_from_i8_slice(&mut store, &pre, b"bytes").map(drop));
        show("too long", ArrayRef::new(&mut store, &pre, &Val::I32(0), u32::MAX).map(drop));
    }
    let pre = ArrayRefPre::new(&mut store, ArrayType::new(engine, fields()[0].clone()));
    let array = ArrayRef::new_from_i8_slice(&mut store, &pre, b"bytes")?;
    for len in [5, 3, 6] {
        let mut bytes = vec![0; len];
        show("copy", array.copy_to_i8_slice(&mut store, &mut bytes));
        println!("  {:?}", String::from_utf8_lossy(&bytes));
    }
    Ok(())
}

fn integers() {
    for value in [0, 1, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let wrapped = I31::wrapping_u32(value);
        println!("i31: {} {}", I31::new_u32(value).is_some(), wrapped.get_u32());
        let value = value.cast_signed();
        let wrapped = I31::wrapping_i32(value);
        println!("  {} {}", I31::new_i32(value).is_some(), wrapped.get_i32());
    }
}

/// Handles: what is valid after which scope.
fn roots(engine: &Engine) -> Result<()> {
    let mut store = Store::new(engine, ());
    let outer = structure(&mut store)?;
    let (inner, owned) = {
        let mut scope = RootScope::new(&mut store);
        let ty = StructType::new(engine, [])?;
        let pre = StructRefPre::new(&mut scope, ty);
        let inner = StructRef::new(&mut scope, &pre, &[])?;
        println!("within its scope: {}", inner.fields(&mut scope)?.len());
        (inner, inner.to_owned_rooted(&mut scope)?)
    };
    println!("outer: {}", outer.field(&mut store, 0).is_ok());
    println!("inner: {}", inner.ty(&store).is_ok());
    println!("owned: {}", owned.ty(&store).is_ok());
    store.gc(None)?;
    println!("outer: {}", outer.field(&mut store, 0).is_ok());
    let again = owned.to_rooted(&mut store);
    println!("equal: {}", Rooted::ref_eq(&store, &again, &owned)?);
    println!("equal: {}", OwnedRooted::ref_eq(&store, &owned.clone(), &owned)?);
    println!("unequal: {}", Rooted::ref_eq(&store, &again, &outer)?);
    println!("not in scope: {}", Rooted::ref_eq(&store, &again, &inner).is_err());
    Ok(())
}

/// Host values: reading, writing, and when they are dropped.
fn host_values(engine: &Engine) -> Result<()> {
    let module = Module::new(
        engine,
        r#"(module
            (global $kept (mut externref) (ref.null extern))
            (table $table (export "table") 3 externref)
            (func (export "keep") (param externref) (global.set $kept (local.get 0)))
            (func (export "put") (param i32 externref)
                (table.set $table (local.get 0) (local.get 1))))"#,
    )?;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let keep = instance.get_typed_func::<Option<Rooted<ExternRef>>, ()>(&mut store, "keep")?;
    let put = instance.get_typed_func::<(i32, Option<Rooted<ExternRef>>), ()>(&mut store, "put")?;
    let values: [Arc<u32>; 4] = std::array::from_fn(|it| Arc::new(it as u32));
    let counts = || values.each_ref().map(Arc::strong_count);
    let owned = {
        let mut scope = RootScope::new(&mut store);
        let mut made = Vec::new();
        for value in &values {
            made.push(ExternRef::new(&mut scope, value.clone())?);
        }
        keep.call(&mut scope, Some(made[0]))?;
        put.call(&mut scope, (1, Some(made[1])))?;
        let data = made[2].data(&scope)?.expect("data");
        println!("{:?} {}", data.downcast_ref::<Arc<u32>>(), data.is::<u32>());
        let data = made[3].data_mut(&mut scope)?.expect("data");
        *data.downcast_mut::<Arc<u32>>().expect("a number") = Arc::new(9);
        println!("in scope: {:?}", counts());
        made[2].to_owned_rooted(&mut scope)?
    };
    store.gc(None)?;
    println!("global, table, owned: {:?}", counts());
    drop(owned);
    keep.call(&mut store, None)?;
    store.gc(None)?;
    println!("table: {:?}", counts());
    store.gc(None)?;
    drop(store);
    println!("store dropped: {:?}", counts());
    Ok(())
}

/// Rust's types as parameters of functions.
fn typed(engine: &Engine) -> Result<()> {
    let module = Module::new(
        engine,
        r#"(module
            (type $s (struct (field i32)))
            (func (export "anyref") (param anyref) (result anyref) (local.get 0))
            (func (export "ref any") (param (ref any)) (result (ref any)) (local.get 0))
            (func (export "eqref") (param eqref) (result eqref) (local.get 0))
            (func (export "i31ref") (param i31ref) (result i31ref) (local.get 0))
            (func (export "structref") (param structref) (result structref) (local.get 0))
            (func (export "s") (param (ref null $s)) (result (ref null $s)) (local.get 0))
            (func (export "arrayref") (param arrayref) (result arrayref) (local.get 0))
            (func (export "nullref") (param nullref) (result nullref) (local.get 0))
            (func (export "externref") (param externref) (result externref) (local.get 0))
            (func (export "funcref") (param funcref) (result funcref) (local.get 0))
            (func (export "exnref") (param exnref) (result exnref) (local.get 0)))"#,
    )?;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    macro_rules! typed {
        ($store:expr, $name:expr, [$($ty:ty),*]) => {
            [$(instance.get_typed_func::<$ty, $ty>($store, $name).is_ok()),*]
        };
    }
    for export in module.exports() {
        let name = export.name();
        let fits = typed!(
            &mut store,
            name,
            [
                Option<Rooted<AnyRef>>,
                Rooted<AnyRef>,
                Option<Rooted<EqRef>>,
                Option<I31>,
                Option<Rooted<StructRef>>,
                Option<Rooted<ArrayRef>>,
                Option<wasmtime::NoneRef>,
                Option<Rooted<ExternRef>>,
                Option<OwnedRooted<AnyRef>>,
                Option<Func>,
                Option<Rooted<wasmtime::ExnRef>>
            ]
        );
        println!(
            "{name}: {}",
            fits.map(|fits| if fits { '1' } else { '.' }).iter().collect::<String>()
        );
    }
    let any = instance
        .get_typed_func::<OwnedRooted<AnyRef>, OwnedRooted<AnyRef>>(&mut store, "ref any")?;
    let given = structure(&mut store)?.to_anyref().to_owned_rooted(&mut store)?;
    let back = any.call(&mut store, given.clone())?;
    println!("the same came back: {}", OwnedRooted::ref_eq(&store, &given, &back)?);
    through_a_host_function(&mut store)
}

/// An object that a guest passes to the host, and an integer that it gets for it.
fn through_a_host_function(store: &mut Store<()>) -> Result<()> {
    let engine = &store.engine().clone();
    let mut linker = Linker::new(engine);
    linker.func_wrap("", "f", |mut caller: Caller<'_, ()>, it: Option<Rooted<AnyRef>>| {
        let Some(it) = it else { return Ok(None) };
        let Some(it) = it.as_struct(&caller)? else { return Ok(None) };
        let value = it.field(caller.as_context_mut(), 0)?;
        let value = I31::wrapping_i32(value.unwrap_i32() + 1);
        Ok(Some(AnyRef::from_i31(&mut caller, value)))
    })?;
    let module = Module::new(
        engine,
        r#"(module
            (type $s (struct (field i32)))
            (import "" "f" (func $f (param anyref) (result anyref)))
            (func (export "run") (param i32) (result i32)
                (i31.get_s (ref.cast (ref i31) (call $f (struct.new $s (local.get 0)))))))"#,
    )?;
    let instance = linker.instantiate(&mut *store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&mut *store, "run")?;
    println!("through a host function: {}", run.call(&mut *store, 41)?);
    Ok(())
}

/// The traps of operators on references.
fn traps(engine: &Engine) -> Result<()> {
    let rows = [
        "(drop (struct.get $s 0 (ref.null $s)))",
        "(drop (ref.as_non_null (ref.null any)))",
        "(drop (call_ref $f (ref.null $f)))",
        "(drop (ref.cast (ref $s) (ref.i31 (i32.const 0))))",
        "(drop (ref.cast (ref $s) (ref.null any)))",
        "(drop (array.get $a (array.new_default $a (i32.const 2)) (i32.const 2)))",
        "(drop (array.len (ref.null array)))",
        "(array.fill $a (array.new_default $a (i32.const 2)) (i32.const 1) (i32.const 0) \
         (i32.const 2))",
        "(drop (array.new_data $b $d (i32.const 2) (i32.const 2)))",
        "(drop (array.new_default $a (i32.const -1)))",
        "(drop (i31.get_s (ref.null i31)))",
        "(drop (call_indirect (type $f) (i32.const 0)))",
        "(drop (call_indirect (type $f) (i32.const 1)))",
        "(drop (call_indirect (type $f) (i32.const 2)))",
    ];
    for row in rows {
        let module = Module::new(
            engine,
            format!(
                r#"(module
                    (type $s (struct (field i32)))
                    (type $f (func (result i32)))
                    (type $a (array (mut i32)))
                    (type $b (array (mut i8)))
                    (table funcref (elem $run $none))
                    (table 1 funcref)
                    (elem declare func $run)
                    (data $d "abc")
                    (func $none (export "none") (table.set 0 (i32.const 1) (ref.null func)))
                    (func $run (export "run") {row}))"#
            ),
        )?;
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        instance.get_typed_func::<(), ()>(&mut store, "none")?.call(&mut store, ())?;
        let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
        let error = run.call(&mut store, ()).expect_err("it traps");
        let frames = error.downcast_ref::<WasmBacktrace>().map(|trace| trace.frames().len());
        println!("{row}: {:?} {frames:?}", error.downcast_ref::<Trap>());
        println!("  {}", error.root_cause());
    }
    Ok(())
}
