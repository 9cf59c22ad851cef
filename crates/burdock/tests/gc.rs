//! Host values behind references: what holds them, and when they are dropped.

mod common;

use burdock::*;
use common::module;
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

    /// A value that nothing holds: its scope is over.
    fn value(&mut self) -> Rooted<ExternRef> {
        let mut scope = RootScope::new(&mut self.store);
        ExternRef::new(&mut scope, Counted(Arc::clone(&self.dropped))).unwrap()
    }

    fn dropped_by_gc(&mut self) -> usize {
        let before = self.dropped.load(Ordering::Relaxed);
        self.store.gc(None).unwrap();
        self.dropped.load(Ordering::Relaxed) - before
    }
}

#[test]
fn what_nothing_holds_is_dropped_when_asked() {
    let mut scene = Scene::new();
    let value = scene.value();
    assert!(value.data(&scene.store).is_ok(), "not before somebody asks");
    assert_eq!(scene.dropped_by_gc(), 1);
    let expected = "attempted to use a garbage-collected object that has been unrooted";
    assert_eq!(value.data(&scene.store).unwrap_err().to_string(), expected);
    assert!(value.data_mut(&mut scene.store).is_err());
    assert!(value.to_owned_rooted(&mut scene.store).is_err());
    assert!(value.to_raw(&mut scene.store).is_err());
    // The place has another value now, which the old reference does not lead to.
    let other = scene.value();
    assert!(value.data(&scene.store).is_err() && other.data(&scene.store).is_ok());
    assert!(!Rooted::ref_eq(&scene.store, &value, &other).unwrap());
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
    let owned = scene.value().to_owned_rooted(&mut scene.store).unwrap();
    let clone = owned.clone();
    drop(owned);
    assert_eq!(scene.dropped_by_gc(), 0);
    let mut scope = RootScope::new(&mut scene.store);
    let rooted = clone.to_rooted(&mut scope);
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
    global.set(&mut scene.store, in_global.into()).unwrap();
    table.set(&mut scene.store, 1, in_table.into()).unwrap();
    assert_eq!(scene.dropped_by_gc(), 0);
    global.set(&mut scene.store, Val::ExternRef(None)).unwrap();
    assert_eq!(scene.dropped_by_gc(), 1);
    assert!(in_global.data(&scene.store).is_err() && in_table.data(&scene.store).is_ok());
    table.set(&mut scene.store, 1, Ref::Extern(None)).unwrap();
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn nothing_is_dropped_during_a_call() {
    let mut scene = Scene::new();
    let value = scene.value();
    let same = scene.instance.get_func(&mut scene.store, "same").unwrap();
    let same = same.typed::<Option<Rooted<ExternRef>>, Option<Rooted<ExternRef>>>(&scene.store);
    // The only holder is the guest's parameter, and the host function collects.
    let back = same.unwrap().call(&mut scene.store, Some(value)).unwrap().unwrap();
    assert!(back.data(&scene.store).is_ok());
    assert_eq!(scene.dropped_by_gc(), 1);
}

#[test]
fn nothing_is_dropped_while_a_stopped_call_waits() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let module = module(
        &engine,
        r#"(module (func (export "same") (param externref) (result externref)
        (local.get 0)))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let same = instance.get_func(&mut store, "same").unwrap();
    let value = ExternRef::new(&mut RootScope::new(&mut store), 7).unwrap();
    let mut results = [Val::ExternRef(None)];
    let call = same.call_resumable(&mut store, &[value.into()], &mut results).unwrap();
    let ResumableCall::OutOfFuel(stop) = call else { panic!("{call:?}") };
    store.gc(None).unwrap();
    store.set_fuel(100).unwrap();
    stop.resume(&mut store, &mut results).unwrap();
    let back = results[0].unwrap_externref().unwrap();
    assert_eq!(back.data(&store).unwrap().unwrap().downcast_ref(), Some(&7));
    store.gc(None).unwrap();
    assert!(back.data(&store).is_err());
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn an_owned_reference_is_of_a_store() {
    let mut scene = Scene::new();
    let owned = scene.value().to_owned_rooted(&mut scene.store).unwrap();
    owned.to_rooted(&mut Store::new(&Engine::default(), ()));
}
