//! References: functions, and values of the host, which a store keeps.

use burdock_wasmi::{
    Caller, Engine, ExternRef, Func, Linker, Module, Nullable, Ref, RefType, Store, Val,
};

const WAT: &str = r#"(module
    (import "host" "keep" (func $keep (param externref) (result externref)))
    (import "host" "make" (func $make (result externref)))
    (global $g (export "g") (mut externref) (ref.null extern))
    (table $t (export "t") 1 externref)
    (func (export "pass") (param externref) (result externref)
        (global.set $g (local.get 0))
        (table.set $t (i32.const 0) (local.get 0))
        (call $keep (local.get 0)))
    (func (export "make") (result externref) (call $make))
    (func (export "func") (param funcref) (result funcref) (local.get 0)))"#;

type Kept = Vec<ExternRef>;

fn setup() -> (Store<Kept>, burdock_wasmi::Instance) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "keep", |mut caller: Caller<'_, Kept>, value: Nullable<ExternRef>| {
            caller.data_mut().extend(value.val().copied());
            value
        })
        .unwrap();
    linker
        .func_wrap("host", "make", |mut caller: Caller<'_, Kept>| {
            let made = ExternRef::new(&mut caller, "made");
            caller.data_mut().push(made);
            Nullable::Val(made)
        })
        .unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let module = Module::new(&engine, WAT).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    (store, instance)
}

fn text(store: &Store<Kept>, reference: ExternRef) -> &str {
    reference.data(store).downcast_ref::<&str>().unwrap()
}

#[test]
fn values_of_the_host_are_kept_as_long_as_the_store() {
    let (mut store, instance) = setup();
    type Externref = Nullable<ExternRef>;
    let pass = instance.get_typed_func::<Externref, Externref>(&store, "pass").unwrap();
    let make = instance.get_typed_func::<(), Externref>(&store, "make").unwrap();
    assert!(pass.call(&mut store, Nullable::Null).unwrap().is_null());

    let value = ExternRef::new(&mut store, "value");
    let passed = pass.call(&mut store, value.into()).unwrap();
    let made = make.call(&mut store, ()).unwrap();
    // References that host functions got stay good after the call, and after collections.
    store.as_burdock_mut().gc(None).unwrap();
    let kept = store.data().clone();
    assert_eq!(kept.len(), 2);
    assert_eq!((text(&store, kept[0]), text(&store, kept[1])), ("value", "made"));
    assert_eq!(text(&store, *passed.val().unwrap()), "value");
    assert_eq!(text(&store, *made.val().unwrap()), "made");

    let global = instance.get_global(&store, "g").unwrap().get(&store);
    assert_eq!(text(&store, **global.externref().unwrap().val().unwrap()), "value");
    let element = instance.get_table(&store, "t").unwrap().get(&store, 0).unwrap();
    assert_eq!(text(&store, **element.as_extern().unwrap().val().unwrap()), "value");

    let mut results = [Val::I32(0)];
    let untyped = instance.get_func(&store, "pass").unwrap();
    untyped.call(&mut store, &[Val::from(value)], &mut results).unwrap();
    assert_eq!(text(&store, **results[0].externref().unwrap().val().unwrap()), "value");
}

#[test]
fn passing_a_reference_takes_no_room() {
    let (mut store, instance) = setup();
    let pass = instance.get_func(&store, "pass").unwrap();
    let value = ExternRef::new(&mut store, "value");
    let mut results = [Val::I32(0)];
    for _ in 0..10_000 {
        store.data_mut().clear();
        pass.call(&mut store, &[value.into()], &mut results).unwrap();
    }
    let heap = store.as_burdock().heap_statistics();
    assert!(heap.live_objects <= 2, "{heap:?}");
}

#[test]
fn functions_are_references() {
    let (mut store, instance) = setup();
    let func = instance.get_typed_func::<Nullable<Func>, Nullable<Func>>(&store, "func").unwrap();
    assert!(func.call(&mut store, Nullable::Null).unwrap().is_null());
    let answer = Func::wrap(&mut store, || 42);
    let returned = func.call(&mut store, answer.into()).unwrap();
    let returned: Option<Func> = returned.into();
    let answer = returned.unwrap().typed::<(), i32>(&store).unwrap();
    assert_eq!(answer.call(&mut store, ()).unwrap(), 42);

    let mut results = [Val::I32(0)];
    func.func().call(&mut store, &[Val::from(*answer.func())], &mut results).unwrap();
    assert!(!results[0].funcref().unwrap().is_null());
}

#[test]
fn references_have_types() {
    for ty in [RefType::Func, RefType::Extern] {
        let null = Ref::null(ty);
        assert!(null.is_null() && !null.is_non_null());
        assert_eq!((null.ty(), Ref::default_for_ty(ty).ty()), (ty, ty));
        assert_eq!(
            (null.is_func(), null.is_extern()),
            (ty == RefType::Func, ty == RefType::Extern)
        );
        assert_eq!(Val::from(null).ty(), ty.into());
    }
    assert!(Ref::null(RefType::Func).unwrap_func().is_null());
    assert!(Ref::null(RefType::Extern).as_func().is_none());
    assert_eq!(Nullable::Val(3).as_ref().val(), Some(&&3));
}

#[test]
fn references_of_other_stores_are_refused() {
    let (mut store, instance) = setup();
    let pass = instance.get_func(&store, "pass").unwrap();
    let foreign = ExternRef::new(Store::new(&Engine::default(), ()), 1);
    let error = pass.call(&mut store, &[foreign.into()], &mut [Val::I32(0)]).unwrap_err();
    assert!(error.to_string().contains("cross-`Store`"), "{error}");
}
