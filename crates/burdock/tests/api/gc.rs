//! Host values behind references: what holds them, and when they are dropped.

use crate::common::module;
use burdock::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts how often it was dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const HOLDER: &str = r#"(module
    (import "host" "collect" (func $collect))
    (table (export "table") 3 externref)
    (global (export "global") (mut externref) (ref.null extern))
    (func (export "same") (param externref) (result externref)
        (call $collect) (local.get 0)))"#;

struct Scene {
    store: Store<()>,
    instance: Instance,
    dropped: Arc<AtomicUsize>,
}

impl Scene {
    fn new() -> Self {
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "collect", |mut caller: Caller<'_, ()>| caller.gc(None)).unwrap();
        let mut store = Store::new(&engine, ());
        let module = module(&engine, HOLDER);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        Self { store, instance, dropped: Arc::default() }
    }

    /// A value that only the result holds.
    fn value(&mut self) -> OwnedRooted<ExternRef> {
        let mut scope = RootScope::new(&mut self.store);
        let value = ExternRef::new(&mut scope, Counted(Arc::clone(&self.dropped))).unwrap();
        value.to_owned_rooted(&mut scope).unwrap()
    }

    fn dropped_by_gc(&mut self) -> usize {
        let before = self.dropped.load(Ordering::Relaxed);
        self.store.gc(None).unwrap();
        self.dropped.load(Ordering::Relaxed) - before
    }
}

#[test]
fn what_nothing_holds_is_dropped() {
    let mut scene = Scene::new();
    let value = scene.value();
    assert_eq!(scene.dropped_by_gc(), 0);
    drop(value);
    assert_eq!(scene.dropped.load(Ordering::Relaxed), 0, "not before a collection");
    assert_eq!(scene.dropped_by_gc(), 1);
}

/// A reference whose scope has ended is an error everywhere, not another object.
#[test]
fn a_reference_is_valid_in_its_scope() {
    let mut scene = Scene::new();
    let value = {
        let counted = Counted(Arc::clone(&scene.dropped));
        ExternRef::new(&mut RootScope::new(&mut scene.store), counted).unwrap()
    };
    let other = ExternRef::new(&mut scene.store, 5).unwrap();
    let store = &mut scene.store;
    let expected = "attempted to use a garbage-collected object that has been unrooted";
    assert_eq!(value.data(&*store).unwrap_err().to_string(), expected);
    assert!(value.data_mut(&mut *store).is_err());
    assert!(value.to_owned_rooted(&mut *store).is_err());
    assert!(value.to_raw(&mut *store).is_err());
    assert!(Rooted::ref_eq(&*store, &value, &other).is_err());
    assert!(AnyRef::convert_extern(&*store, value).is_err());
    assert!(Val::from(value).matches_ty(&*store, &ValType::EXTERNREF).is_err());
    let global = scene.instance.get_global(&mut *store, "global").unwrap();
    let error = global.set(&mut *store, value.into()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), expected);
    let same = scene.instance.get_func(&mut *store, "same").unwrap();
    let error = same.call(&mut *store, &[value.into()], &mut [Val::I32(0)]).unwrap_err();
    assert_eq!(error.root_cause().to_string(), expected);
    type Same = (Rooted<ExternRef>,);
    let same = same.typed::<Same, Option<Rooted<ExternRef>>>(&*store).unwrap();
    assert_eq!(same.call(&mut *store, (value,)).unwrap_err().root_cause().to_string(), expected);
    assert!(other.data(&*store).is_ok());
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn without_a_scope_the_store_holds_a_value() {
    let mut scene = Scene::new();
    let counted = Counted(Arc::clone(&scene.dropped));
    let value = ExternRef::new(&mut scene.store, counted).unwrap();
    assert_eq!(scene.dropped_by_gc(), 0);
    assert!(value.data(&scene.store).is_ok());
    drop(scene.store);
    assert_eq!(scene.dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn scopes_nest() {
    let mut scene = Scene::new();
    let counted = || Counted(Arc::clone(&scene.dropped));
    let (one, two) = (counted(), counted());
    let mut outer = RootScope::new(&mut scene.store);
    let kept = ExternRef::new(&mut outer, one).unwrap();
    let lost = ExternRef::new(&mut RootScope::new(&mut outer), two).unwrap();
    outer.as_context_mut().gc(None).unwrap();
    assert!(kept.data(&outer).is_ok() && lost.data(&outer).is_err());
    drop(outer);
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn an_owned_reference_holds_its_value() {
    let mut scene = Scene::new();
    let owned = scene.value();
    let clone = owned.clone();
    drop(owned);
    assert_eq!(scene.dropped_by_gc(), 0);
    let mut scope = RootScope::new(&mut scene.store);
    let rooted = clone.to_rooted(&mut scope);
    assert!(Rooted::ref_eq(&scope, &rooted, &clone).unwrap());
    drop(clone);
    scope.as_context_mut().gc(None).unwrap();
    assert!(rooted.data(&scope).is_ok(), "the scope holds it");
    drop(scope);
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn guests_hold_values_in_globals_and_tables() {
    let mut scene = Scene::new();
    let (in_global, in_table) = (scene.value(), scene.value());
    let global = scene.instance.get_global(&mut scene.store, "global").unwrap();
    let table = scene.instance.get_table(&mut scene.store, "table").unwrap();
    {
        let mut scope = RootScope::new(&mut scene.store);
        let (of_global, of_table) =
            (in_global.to_rooted(&mut scope), in_table.to_rooted(&mut scope));
        global.set(&mut scope, of_global.into()).unwrap();
        table.set(&mut scope, 1, of_table.into()).unwrap();
    }
    drop((in_global, in_table));
    assert_eq!(scene.dropped_by_gc(), 0);
    global.set(&mut scene.store, Val::ExternRef(None)).unwrap();
    assert_eq!(scene.dropped_by_gc(), 1);
    {
        let mut scope = RootScope::new(&mut scene.store);
        let value = table.get(&mut scope, 1).unwrap();
        assert!(value.unwrap_extern().unwrap().data(&scope).unwrap().is_some());
    }
    table.set(&mut scene.store, 1, Ref::Extern(None)).unwrap();
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn a_guest_that_runs_holds_its_values() {
    let mut scene = Scene::new();
    let value = scene.value();
    let lost = scene.value();
    let same = scene.instance.get_func(&mut scene.store, "same").unwrap();
    let same = same.typed::<OwnedRooted<ExternRef>, Option<OwnedRooted<ExternRef>>>(&scene.store);
    drop(lost);
    // The only holder is the guest's parameter, and the host function collects.
    let back = same.unwrap().call(&mut scene.store, value).unwrap().unwrap();
    assert_eq!(scene.dropped.load(Ordering::Relaxed), 1);
    assert!(back.data(&scene.store).is_ok());
    drop(back);
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn a_stopped_call_that_waits_holds_its_values() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let module = module(
        &engine,
        r#"(module (func (export "same") (param externref) (result externref)
        (local.get 0)))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let same = instance.get_func(&mut store, "same").unwrap();
    let value = Arc::new(7);
    let mut results = [Val::ExternRef(None)];
    let call = {
        let mut scope = RootScope::new(&mut store);
        let value = ExternRef::new(&mut scope, Arc::clone(&value)).unwrap();
        same.call_resumable(&mut scope, &[value.into()], &mut results).unwrap()
    };
    let ResumableCall::OutOfFuel(stop) = call else { panic!("{call:?}") };
    store.gc(None).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    store.set_fuel(100).unwrap();
    {
        let mut scope = RootScope::new(&mut store);
        stop.resume(&mut scope, &mut results).unwrap();
        let back = results[0].unwrap_externref().unwrap();
        assert!(back.data(&scope).unwrap().unwrap().is::<Arc<i32>>());
    }
    store.gc(None).unwrap();
    assert_eq!(Arc::strong_count(&value), 1);
}

/// References that a host function makes are released when it returns, and its results are not.
#[test]
fn a_host_function_is_a_scope() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&dropped);
    let make = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| -> Result<_> {
        ExternRef::new(&mut caller, Counted(Arc::clone(&counter)))?;
        ExternRef::new(&mut caller, Counted(Arc::clone(&counter)))
    });
    let make = make.typed::<(), OwnedRooted<ExternRef>>(&store).unwrap();
    let kept = make.call(&mut store, ()).unwrap();
    store.gc(None).unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    assert!(kept.data(&store).is_ok());
}

/// Host values die also when a guest needs memory, without anybody asking.
#[test]
fn guests_collect_host_values() {
    let mut config = Config::new();
    config.collect_at_every_allocation(true);
    let engine = Engine::new(&config).unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&dropped);
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "make", move |mut caller: Caller<'_, ()>| {
            ExternRef::new(&mut caller, Counted(Arc::clone(&counter))).map(Some)
        })
        .unwrap();
    let module = module(
        &engine,
        r#"(module
        (type $box (struct (field externref)))
        (import "host" "make" (func $make (result externref)))
        (func (export "run") (param $n i32) (local $box (ref null $box))
            (loop $next
                (local.set $box (struct.new $box (call $make)))
                (br_if $next
                    (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    run.call(&mut store, 100).unwrap();
    let count = dropped.load(Ordering::Relaxed);
    assert!((90..100).contains(&count), "{count}");
    drop(store);
    assert_eq!(dropped.load(Ordering::Relaxed), 100);
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn an_owned_reference_is_of_a_store() {
    let mut scene = Scene::new();
    let owned = scene.value();
    owned.to_rooted(&mut Store::new(&Engine::default(), ()));
}
