//! References to garbage-collected objects in the host: made, read, written, passed and held.

use crate::common::{full, module};
use burdock::*;

const POINTS: &str = r#"(module
    (type $point (sub (struct (field $x (mut i32)) (field $y (mut i64)) (field $tag i8))))
    (type $named (sub $point
        (struct (field (mut i32)) (field (mut i64)) (field i8) (field (mut anyref)))))
    (type $list (array (mut (ref null $point))))
    (global (export "global") (mut (ref null $point)) (ref.null $point))
    (table (export "table") 4 anyref)
    (func (export "point") (param i32 i64 i32) (result (ref $point))
        (struct.new $point (local.get 0) (local.get 1) (local.get 2)))
    (func (export "x") (param (ref null $point)) (result i32)
        (struct.get $point $x (local.get 0)))
    (func (export "y") (param (ref $point)) (result i64)
        (struct.get $point $y (local.get 0)))
    (func (export "list") (param i32) (result (ref $list))
        (array.new_default $list (local.get 0)))
    (func (export "len") (param arrayref) (result i32) (array.len (local.get 0)))
    (func (export "same") (param anyref) (result anyref) (local.get 0))
    (func (export "half") (param (ref i31)) (result (ref i31))
        (ref.i31 (i32.div_s (i31.get_s (local.get 0)) (i32.const 2))))
    (func (export "out") (param anyref) (result externref)
        (extern.convert_any (local.get 0)))
    (func (export "in") (param externref) (result anyref)
        (any.convert_extern (local.get 0))))"#;

struct Scene {
    store: Store<()>,
    instance: Instance,
}

impl Scene {
    /// An instance in a store that collects before each allocation.
    fn new() -> Self {
        let mut config = Config::new();
        config.collect_at_every_allocation(true);
        let engine = Engine::new(&config).unwrap();
        let module = module(&engine, POINTS);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        Self { store, instance }
    }

    fn call(&mut self, name: &str, args: &[Val]) -> Result<Val> {
        let func = self.instance.get_func(&mut self.store, name).expect(name);
        let mut results = [Val::I32(0)];
        func.call(&mut self.store, args, &mut results)?;
        Ok(results[0])
    }

    fn point(&mut self, x: i32) -> Rooted<StructRef> {
        let point = self.call("point", &[Val::I32(x), Val::I64(2), Val::I32(-1)]).unwrap();
        point.unwrap_anyref().unwrap().unwrap_struct(&self.store).unwrap()
    }
}

#[test]
fn structures_of_guests_are_read_and_written() {
    let mut scene = Scene::new();
    let point = scene.point(1);
    let store = &mut scene.store;
    let fields: Vec<Val> = point.fields(&mut *store).unwrap().collect();
    let [Val::I32(1), Val::I64(2), Val::I32(255)] = fields[..] else { panic!("{fields:?}") };
    point.set_field(&mut *store, 0, Val::I32(7)).unwrap();
    assert_eq!(point.field(&mut *store, 0).unwrap().unwrap_i32(), 7);
    let cases: [(usize, Val, &str); 3] = [
        (0, Val::I64(7), "cannot set field 0: type mismatch: expected i32, found i64"),
        (2, Val::I32(7), "cannot set field 2: field is not mutable"),
        (3, Val::I32(7), "no field 3: the structure has 3 fields"),
    ];
    for (field, value, expected) in cases {
        let error = point.set_field(&mut *store, field, value).unwrap_err();
        assert_eq!(full(&error), expected);
    }
    let error = point.field(&mut *store, 3).unwrap_err();
    assert_eq!(error.to_string(), "no field 3: the structure has 3 fields");
    let x = scene.call("x", &[point.into()]).unwrap();
    assert_eq!(x.unwrap_i32(), 7);
}

#[test]
fn structures_of_the_host_are_those_of_guests() {
    let mut scene = Scene::new();
    let ty = scene.point(1).ty(&scene.store).unwrap();
    let engine = scene.store.engine().clone();
    let field = FieldType::new(Mutability::Var, ValType::ANYREF.into());
    let fields: Vec<FieldType> = ty.fields().chain([field]).collect();
    let named =
        StructType::with_finality_and_supertype(&engine, Finality::NonFinal, Some(&ty), fields);
    let named = StructRefPre::new(&mut scene.store, named.unwrap());
    let inner = scene.point(5);
    let values = [Val::I32(3), Val::I64(4), Val::I32(5), inner.into()];
    let point = StructRef::new(&mut scene.store, &named, &values).unwrap();
    assert!(point.matches_ty(&scene.store, &ty).unwrap());
    assert!(!inner.matches_ty(&scene.store, &point.ty(&scene.store).unwrap()).unwrap());
    assert_eq!(scene.call("x", &[point.into()]).unwrap().unwrap_i32(), 3);
    let held = point.field(&mut scene.store, 3).unwrap();
    let held = held.unwrap_anyref().unwrap().unwrap_struct(&scene.store).unwrap();
    assert!(Rooted::ref_eq(&scene.store, &held, &inner).unwrap());
    let error = StructRef::new(&mut scene.store, &named, &values[..3]).unwrap_err();
    assert_eq!(error.to_string(), "expected 4 fields, got 3");
    let wrong = [Val::I32(3), Val::F64(4), Val::I32(5), inner.into()];
    let error = StructRef::new(&mut scene.store, &named, &wrong).unwrap_err();
    assert_eq!(full(&error), "field 1: type mismatch: expected i64, found f64");
}

#[test]
fn arrays_are_made_read_and_written() {
    let mut scene = Scene::new();
    let list = scene.call("list", &[Val::I32(3)]).unwrap();
    let list = list.unwrap_anyref().unwrap().unwrap_array(&scene.store).unwrap();
    let point = scene.point(9);
    let store = &mut scene.store;
    assert_eq!(list.len(&*store).unwrap(), 3);
    list.set(&mut *store, 1, point.into()).unwrap();
    store.gc(None).unwrap();
    let elements: Vec<bool> =
        list.elems(&mut *store).unwrap().map(|element| element.unwrap_ref().is_null()).collect();
    assert_eq!(elements, [true, false, true]);
    let error = list.get(&mut *store, 3).unwrap_err();
    assert_eq!(error.to_string(), "no element 3: the array has 3 elements");
    let seven = AnyRef::from_i31(&mut *store, I31::wrapping_u32(7));
    let error = list.set(&mut *store, 0, seven.into()).unwrap_err();
    let text = full(&error);
    assert!(text.starts_with("cannot set element 0: type mismatch: expected (ref null"), "{text}");
    assert_eq!(scene.call("len", &[list.into()]).unwrap().unwrap_i32(), 3);

    let engine = scene.store.engine().clone();
    let bytes = ArrayType::new(&engine, FieldType::new(Mutability::Const, StorageType::I8));
    let bytes = ArrayRefPre::new(&mut scene.store, bytes);
    let values: Vec<Val> = (0..1000).map(Val::I32).collect();
    let array = ArrayRef::new_fixed(&mut scene.store, &bytes, &values).unwrap();
    assert_eq!(array.get(&mut scene.store, 300).unwrap().unwrap_i32(), 300 % 256);
    let error = array.set(&mut scene.store, 0, Val::I32(1)).unwrap_err();
    assert_eq!(error.to_string(), "cannot set element 0: elements are not mutable");
    let before = scene.store.heap_statistics().collections;
    let error = ArrayRef::new(&mut scene.store, &bytes, &Val::I32(1), u32::MAX).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
    let collections = scene.store.heap_statistics().collections;
    assert_eq!(collections, before, "no collection makes room for it");
}

#[test]
fn arrays_of_bytes_are_copied() {
    let mut scene = Scene::new();
    let store = &mut scene.store;
    let ty = |engine: &Engine, storage| {
        ArrayType::new(engine, FieldType::new(Mutability::Const, storage))
    };
    let bytes = ty(store.engine(), StorageType::I8);
    let bytes = ArrayRefPre::new(&mut *store, bytes);
    let array = ArrayRef::new_from_i8_slice(&mut *store, &bytes, &[1, 128, 255]).unwrap();
    assert_eq!(array.get(&mut *store, 1).unwrap().unwrap_i32(), 128);
    let mut copy = [0; 3];
    array.copy_to_i8_slice(&*store, &mut copy).unwrap();
    assert_eq!(copy, [1, 128, 255]);
    let empty = ArrayRef::new_from_i8_slice(&mut *store, &bytes, &[]).unwrap();
    empty.copy_to_i8_slice(&*store, &mut []).unwrap();
    let error = array.copy_to_i8_slice(&*store, &mut [0; 2]).unwrap_err();
    assert_eq!(full(&error), "expected 2 elements, the array has 3");

    let wide = ty(store.engine(), StorageType::I16);
    let wide = ArrayRefPre::new(&mut *store, wide);
    let error = ArrayRef::new_from_i8_slice(&mut *store, &wide, &[1]).unwrap_err();
    assert_eq!(full(&error), "expected an array of i8, found one of i16");
    let array = ArrayRef::new(&mut *store, &wide, &Val::I32(1), 1).unwrap();
    let error = array.copy_to_i8_slice(&*store, &mut [0]).unwrap_err();
    assert_eq!(full(&error), "expected an array of i8, found one of i16");
}

#[test]
fn owned_references_are_converted() {
    let mut scene = Scene::new();
    let owned = {
        let Scene { store, instance } = &mut scene;
        let mut scope = RootScope::new(&mut *store);
        let args = [Val::I32(3), Val::I64(2), Val::I32(1)];
        let mut results = [Val::I32(0)];
        let func = instance.get_func(&mut scope, "point").unwrap();
        func.call(&mut scope, &args, &mut results).unwrap();
        let point = *results[0].unwrap_anyref().unwrap();
        point.unwrap_struct(&scope).unwrap().to_owned_rooted(&mut scope).unwrap()
    };
    let owned: OwnedRooted<EqRef> = owned.into();
    let owned = owned.to_anyref();
    scene.store.gc(None).unwrap();
    let x = scene.instance.get_typed_func::<_, i32>(&mut scene.store, "x").unwrap();
    assert_eq!(x.call(&mut scene.store, owned).unwrap(), 3);
}

#[test]
fn typed_functions_take_references() {
    let mut scene = Scene::new();
    let point = scene.point(4);
    let Scene { store, instance } = &mut scene;
    let half = instance.get_typed_func::<I31, I31>(&mut *store, "half").unwrap();
    let ten = I31::new_i32(-10).unwrap();
    assert_eq!(half.call(&mut *store, ten).unwrap().get_i32(), -5);
    type Same<R> = TypedFunc<Option<R>, Option<Rooted<AnyRef>>>;
    let same: Same<Rooted<StructRef>> = instance.get_typed_func(&mut *store, "same").unwrap();
    let back = same.call(&mut *store, Some(point)).unwrap().unwrap();
    assert!(Rooted::ref_eq(&*store, &back, &point.to_anyref()).unwrap());
    assert!(same.call(&mut *store, None).unwrap().is_none());
    let owned = point.to_owned_rooted(&mut *store).unwrap();
    let same: Same<OwnedRooted<StructRef>> = instance.get_typed_func(&mut *store, "same").unwrap();
    assert!(same.call(&mut *store, Some(owned)).unwrap().is_some());
    assert!(instance.get_typed_func::<Rooted<AnyRef>, i32>(&mut *store, "len").is_err());
}

/// No Rust type stands for a type of a module, so each call checks its arguments.
#[test]
fn typed_functions_check_arguments_for_types_of_modules() {
    let mut scene = Scene::new();
    let point = scene.point(4);
    let list = scene.call("list", &[Val::I32(1)]).unwrap();
    let list = *list.unwrap_anyref().unwrap();
    let Scene { store, instance } = &mut scene;
    let x = instance.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&mut *store, "x").unwrap();
    assert_eq!(x.call(&mut *store, Some(point.to_anyref())).unwrap(), 4);
    let error = x.call(&mut *store, Some(list)).unwrap_err();
    let expected = "argument type mismatch for reference to concrete type: \
        type mismatch: expected (ref null (type 0)), found a reference of another type";
    assert_eq!(full(&error), expected);
    let error = x.call(&mut *store, None).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullReference));
    let x = instance.get_typed_func::<OwnedRooted<StructRef>, i32>(&mut *store, "x").unwrap();
    let owned = point.to_owned_rooted(&mut *store).unwrap();
    assert_eq!(x.call(&mut *store, owned).unwrap(), 4);
    assert!(instance.get_typed_func::<Rooted<ExternRef>, i32>(&mut *store, "x").is_err());

    type OfPoint<R> = TypedFunc<R, i64>;
    let y: OfPoint<Option<NoneRef>> = instance.get_typed_func(&mut *store, "y").unwrap();
    let error = y.call(&mut *store, None).unwrap_err();
    let expected =
        "argument type mismatch: expected non-nullable (ref (type 0)), found null reference";
    assert_eq!(full(&error), expected);
    let y: OfPoint<Option<Rooted<EqRef>>> = instance.get_typed_func(&mut *store, "y").unwrap();
    let resumable = y.call_resumable(&mut *store, Some(point.to_eqref())).unwrap();
    assert!(matches!(resumable, TypedResumableCall::Finished(2)));
    assert!(y.call_resumable(&mut *store, None).is_err());
}

#[test]
fn typed_functions_check_functions_for_types_of_modules() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = module(
        &engine,
        r#"(module
            (type $unary (func (param i32) (result i32)))
            (func (export "inc") (type $unary) (i32.add (local.get 0) (i32.const 1)))
            (func (export "apply") (param (ref null $unary) i32) (result i32)
                (call_ref $unary (local.get 1) (local.get 0))))"#,
    );
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let inc = instance.get_func(&mut store, "inc").unwrap();
    let apply = instance.get_typed_func::<(Func, i32), i32>(&mut store, "apply").unwrap();
    assert_eq!(apply.call(&mut store, (inc, 4)).unwrap(), 5);
    let error = apply.call(&mut store, (*apply.func(), 4)).unwrap_err();
    let expected = "argument type mismatch for reference to concrete type: type mismatch: \
        expected (type (func (param i32) (result i32))), \
        found (type (func (param (ref null (type 0)) i32) (result i32)))";
    assert_eq!(full(&error), expected);
    let apply = apply.func().typed::<(Option<NoFunc>, i32), i32>(&store).unwrap();
    let error = apply.call(&mut store, (NoFunc::null(), 4)).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullReference));
}

/// Values of the host and objects of guests keep their identity through conversions.
#[test]
fn external_references_are_converted() {
    let mut scene = Scene::new();
    let host = ExternRef::new(&mut scene.store, "host").unwrap();
    let any = scene.call("in", &[host.into()]).unwrap();
    let any = *any.unwrap_anyref().unwrap();
    assert!(any.ty(&scene.store).unwrap().is_any() && !any.is_eqref(&scene.store).unwrap());
    let back = ExternRef::convert_any(&scene.store, any).unwrap();
    assert!(Rooted::ref_eq(&scene.store, &back, &host).unwrap());
    let point = scene.point(4);
    let out = scene.call("out", &[point.into()]).unwrap();
    let out = *out.unwrap_externref().unwrap();
    assert!(out.data(&scene.store).unwrap().is_none());
    let again = AnyRef::convert_extern(&scene.store, out).unwrap();
    assert!(again.is_struct(&scene.store).unwrap());
}

#[test]
fn globals_and_tables_check_references() {
    let mut scene = Scene::new();
    let point = scene.point(4);
    let seven = AnyRef::from_i31(&mut scene.store, I31::wrapping_u32(7));
    let Scene { store, instance } = &mut scene;
    let global = instance.get_global(&mut *store, "global").unwrap();
    global.set(&mut *store, point.into()).unwrap();
    let error = full(&global.set(&mut *store, seven.into()).unwrap_err());
    assert!(error.contains("type mismatch: expected (ref null"), "{error}");
    let table = instance.get_table(&mut *store, "table").unwrap();
    table.set(&mut *store, 0, seven.into()).unwrap();
    table.set(&mut *store, 1, point.into()).unwrap();
    let first = table.get(&mut *store, 0).unwrap();
    assert_eq!(first.unwrap_any().unwrap().unwrap_i31(&*store).unwrap().get_u32(), 7);
    assert!(table.get(&mut *store, 2).unwrap().is_null());
    let ty = Val::from(point).ty(&*store).unwrap();
    assert!(ty.unwrap_ref().heap_type().is_concrete_struct());
    assert!(Val::from(point).matches_ty(&*store, &ValType::STRUCTREF).unwrap());
    assert!(!Val::from(point).matches_ty(&*store, &ValType::I31REF).unwrap());
}

/// A number that is no reference of the store is none, and one of another type is refused.
#[test]
fn raw_references_are_looked_up() {
    let mut scene = Scene::new();
    let point = scene.point(4);
    let raw = point.to_anyref().to_raw(&mut scene.store).unwrap();
    let store = &mut scene.store;
    assert!(AnyRef::from_raw(&mut *store, raw).unwrap().is_struct(&*store).unwrap());
    assert!(ExternRef::from_raw(&mut *store, raw).is_some(), "any object can be external");
    for forged in [0, raw + 4, raw + 8, raw - 8, 8, u32::MAX - 7] {
        assert!(AnyRef::from_raw(&mut *store, forged).is_none(), "{forged:#x}");
    }
    assert_eq!(
        AnyRef::from_raw(&mut *store, 15).unwrap().unwrap_i31(&*store).unwrap().get_u32(),
        7
    );
    let x = scene.instance.get_func(&mut *store, "x").unwrap();
    let error = x.call_unchecked(&mut *store, &mut [ValRaw::anyref(15)]).unwrap_err();
    assert!(full(&error).starts_with("the store has no such (ref null"), "{error:#}");
}

#[test]
fn references_belong_to_a_store() {
    let mut scene = Scene::new();
    let point = scene.point(4);
    let mut other = Scene::new();
    let error = other.call("x", &[point.into()]).unwrap_err();
    assert_eq!(error.to_string(), "cross-`Store` values are not currently supported");
    let same = other
        .instance
        .get_typed_func::<Option<Rooted<AnyRef>>, Option<Rooted<AnyRef>>>(&mut other.store, "same");
    let error = same.unwrap().call(&mut other.store, Some(point.to_anyref())).unwrap_err();
    let expected = "attempt to pass cross-`Store` value to Wasm as function argument";
    assert_eq!(error.to_string(), expected);
}

/// Hooks see the objects in events and frames, and write them.
#[test]
fn hooks_see_objects() {
    struct See(Vec<String>);

    impl Hook<()> for See {
        const EVENTS: Events = Events::FUNCS;

        fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
            let Event::FuncEnter(args) = event else { return Ok(()) };
            let value = *args.get(0).unwrap().unwrap_anyref().unwrap();
            let shown = value.unwrap_struct(&store)?;
            self.0.push(format!("{:?}", shown.field(&mut store, 0)?.i32()));
            let frame = store.frame().unwrap();
            let local = *frame.local(&store, 0)?.unwrap_anyref().unwrap();
            assert!(Rooted::ref_eq(&store, &local, &shown.to_anyref())?);
            shown.set_field(&mut store, 0, Val::I32(40))?;
            store.gc(None)?;
            assert!(value.ty(&store).is_err(), "nothing holds what is only shown");
            Ok(())
        }
    }

    let mut scene = Scene::new();
    let point = scene.point(4);
    let hook = scene.store.attach(Filter::new(), See(Vec::new()));
    assert_eq!(scene.call("x", &[point.into()]).unwrap().unwrap_i32(), 40);
    assert_eq!(scene.store.detach(hook).unwrap().0, ["Some(4)"]);
}
