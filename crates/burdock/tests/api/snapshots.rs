//! Snapshots: what they bring back, how often, and where there are none.

use crate::common::{configs, full};
use burdock::*;
use std::sync::{Arc, Mutex};

/// Adds up what the host says, in frames, a global, a memory, a table and through another instance.
const PROGRAM: &str = r#"(module
    (import "env" "next" (func $next (result i32)))
    (import "other" "twice" (func $twice (param i32) (result i32)))
    (memory (export "memory") 1 4)
    (global $count (export "count") (mut i32) (i32.const 0))
    (table $t (export "table") 1 4 funcref)
    (func $sum (param $n i32) (result i32) (local $own i32) (local $float f64)
        (local.set $own (call $next))
        (local.set $float (f64.convert_i32_s (local.get $own)))
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store (i32.shl (local.get $n) (i32.const 2)) (local.get $own))
        (drop (memory.grow (i32.const 1)))
        (drop (table.grow $t (ref.null func) (i32.const 1)))
        (if (result i32) (local.get $n)
            (then (call $twice
                (i32.add (call $sum (i32.sub (local.get $n) (i32.const 1)))
                    (i32.trunc_f64_s (local.get $float)))))
            (else (local.get $own))))
    (func (export "run") (param i32) (result i32 i64)
        (call $sum (local.get 0)) (i64.const 7)))"#;

const OTHER: &str = r#"(module (func (export "twice") (param i32) (result i32)
    (i32.shl (local.get 0) (i32.const 1))))"#;

/// Takes a snapshot at each event, and notes what the host has said until then.
#[derive(Default)]
struct Keep(Vec<(Snapshot, i32)>);

impl Hook<i32> for Keep {
    const EVENTS: Events = Events::IN_CODE;

    fn event(&mut self, mut store: StoreContextMut<'_, i32>, _: Event<'_>) -> Result<()> {
        let snapshot = store.snapshot(self.0.last().map(|(snapshot, _)| snapshot))?;
        self.0.push((snapshot, *store.data()));
        Ok(())
    }
}

/// Everything of an instance that can be seen from outside.
fn seen(store: &mut Store<i32>, instance: Instance, results: &[Val]) -> String {
    let memory = instance.get_memory(&mut *store, "memory").unwrap();
    let bytes: Vec<u8> = memory.data(&*store)[..16].to_vec();
    let (pages, fuel) = (memory.size(&*store), store.get_fuel().unwrap());
    let count = instance.get_global(&mut *store, "count").unwrap().get(&mut *store).unwrap_i32();
    let table = instance.get_table(&mut *store, "table").unwrap().size(&*store);
    format!("{results:?} {bytes:?} {pages} {count} {table} {fuel} {}", store.data())
}

fn linked(config: &mut Config) -> (Store<i32>, Instance) {
    // Frames are counted, too: a count that is not brought back would be too small.
    config.consume_fuel(true).set_max_recursion_depth(64);
    let engine = Engine::new(config).unwrap();
    let mut linker = Linker::new(&engine);
    let next = |mut caller: Caller<'_, i32>| {
        *caller.data_mut() += 1;
        *caller.data()
    };
    linker.func_wrap("env", "next", next).unwrap();
    let mut store = Store::new(&engine, 0);
    store.set_fuel(1_000_000).unwrap();
    let other = Module::new(&engine, OTHER).unwrap();
    linker.module(&mut store, "other", &other).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

#[test]
fn a_guest_goes_on_from_every_event_as_it_did() {
    let fixed = configs().into_iter().map(|mut config| {
        config.memory_may_move(false);
        config
    });
    for mut config in configs().into_iter().chain(fixed) {
        let (mut store, instance) = linked(&mut config);
        let keep = store.attach(Filter::new().events(Events::IN_CODE), Keep::default());
        let run = instance.get_func(&mut store, "run").unwrap();
        let mut results = [Val::I32(0), Val::I64(0)];
        run.call(&mut store, &[Val::I32(3)], &mut results).unwrap();
        let expected = seen(&mut store, instance, &results);
        let kept = store.detach(keep).unwrap().0;
        assert!(kept.len() > 100, "{}", kept.len());
        // Backwards, and each of them twice.
        for (snapshot, said) in kept.iter().rev().flat_map(|kept| [kept, kept]) {
            *store.data_mut() = *said;
            let mut results = [Val::I32(0), Val::I64(0)];
            let ended = snapshot.resume(&mut store, &mut results).unwrap();
            assert!(matches!(ended, ResumableCall::Finished));
            assert_eq!(seen(&mut store, instance, &results), expected);
        }
    }
}

#[test]
fn the_event_is_delivered_again() {
    let (mut store, instance) = linked(&mut Config::new());
    let keep = store.attach(Filter::new().events(Events::GLOBALS), Keep::default());
    let run = instance.get_typed_func::<i32, (i32, i64)>(&mut store, "run").unwrap();
    run.call(&mut store, 1).unwrap();
    let first = store.hook_mut(keep).unwrap().0.remove(0).0;
    assert_eq!(store.hook(keep).unwrap().0.len(), 1);
    first.resume(&mut store, &mut [Val::I32(0), Val::I64(0)]).unwrap();
    assert_eq!(store.hook(keep).unwrap().0.len(), 3);
}

#[test]
fn a_call_that_goes_on_can_stop() {
    let (mut store, instance) = linked(&mut Config::new());
    let keep = store.attach(Filter::new().events(Events::GLOBALS), Keep::default());
    let run = instance.get_typed_func::<i32, (i32, i64)>(&mut store, "run").unwrap();
    let whole = run.call(&mut store, 2).unwrap();
    let (first, said) = store.detach(keep).unwrap().0.remove(0);
    store.set_fuel(1).unwrap();
    *store.data_mut() = said;
    let mut results = [Val::I32(0), Val::I64(0)];
    assert_eq!(full(&first.resume(&mut store, &mut []).unwrap_err()), "expected 2 results, got 0");
    // The fuel is that of the snapshot, not what the store has now.
    let ended = first.resume(&mut store, &mut results).unwrap();
    assert!(matches!(ended, ResumableCall::Finished), "{ended:?}");
    assert_eq!((results[0].unwrap_i32(), results[1].unwrap_i64()), whole);
}

/// Changes structures and arrays, small and large, to which everything that guests have leads: a
/// local, a global, a table, another object, an exception.
const OBJECTS: &str = r#"(module
    (type $node (struct (field $value (mut i32)) (field $next (mut (ref null $node)))))
    (type $nodes (array (mut (ref null $node))))
    (type $ints (array (mut i32)))
    (tag $thrown (param (ref $node)))
    (global $list (mut (ref null $node)) (ref.null $node))
    (global $thrown (mut exnref) (ref.null exn))
    (table $nodes 1 (ref null $nodes))
    (elem $passive (ref null $node) (item (struct.new $node (i32.const 5) (ref.null $node))))
    (func $throw (param $node (ref $node)) (result (ref $node))
        (block $caught (result (ref $node) exnref)
            (try_table (catch_ref $thrown $caught) (throw $thrown (local.get $node)))
            (unreachable))
        (global.set $thrown))
    (func $thrown (result i32)
        (block $caught (result (ref $node))
            (try_table (catch $thrown $caught) (throw_ref (global.get $thrown)))
            (unreachable))
        (struct.get $node $value))
    (func $round (param $i i32) (param $large (ref $ints)) (local $nodes (ref $nodes))
        (local.set $nodes (ref.as_non_null (table.get $nodes (i32.const 0))))
        (global.set $list (call $throw (struct.new $node (local.get $i) (global.get $list))))
        (array.set $nodes (local.get $nodes) (i32.and (local.get $i) (i32.const 3))
            (global.get $list))
        (array.set $ints (local.get $large) (i32.mul (local.get $i) (i32.const 1000))
            (call $thrown))
        (if (i32.eq (local.get $i) (i32.const 4)) (then
            ;; Some nodes are garbage from now on, and others are changed.
            (struct.set $node $next (global.get $list) (ref.null $node))
            (struct.set $node $value (array.get $nodes (local.get $nodes) (i32.const 1))
                (i32.const 50))
            (array.init_elem $nodes $passive
                (local.get $nodes) (i32.const 2) (i32.const 0) (i32.const 1))
            (elem.drop $passive)
            (table.set $nodes (i32.const 0) (array.new_fixed $nodes 4
                (array.get $nodes (local.get $nodes) (i32.const 0))
                (array.get $nodes (local.get $nodes) (i32.const 1))
                (array.get $nodes (local.get $nodes) (i32.const 2))
                (ref.null $node))))))
    (func $sum (param $node (ref null $node)) (result i32) (local $sum i32)
        (loop $more
            (if (ref.is_null (local.get $node)) (then (return (local.get $sum))))
            (local.set $sum (i32.add
                (i32.mul (local.get $sum) (i32.const 3))
                (struct.get $node $value (local.get $node))))
            (local.set $node (struct.get $node $next (local.get $node)))
            (br $more))
        (unreachable))
    (func (export "run") (param $rounds i32) (result i32 i64)
        (local $i i32) (local $large (ref $ints)) (local $all i64) (local $nodes (ref $nodes))
        (global.set $list (ref.null $node))
        (table.set $nodes (i32.const 0) (array.new_default $nodes (i32.const 4)))
        (local.set $large (array.new_default $ints (i32.const 8000)))
        (loop $more
            (call $round (local.get $i) (local.get $large))
            (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $rounds))))
        (loop $add
            (local.set $all (i64.add (i64.mul (local.get $all) (i64.const 31))
                (i64.extend_i32_u (array.get $ints (local.get $large)
                    (i32.mul (local.get $rounds) (i32.const 1000))))))
            (br_if $add (i32.ge_s
                (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))
                (i32.const 0))))
        (local.set $nodes (ref.as_non_null (table.get $nodes (i32.const 0))))
        (i32.add
            (i32.mul (call $sum (global.get $list)) (i32.const 1000))
            (i32.add
                (call $sum (array.get $nodes (local.get $nodes) (i32.const 1)))
                (call $sum (array.get $nodes (local.get $nodes) (i32.const 2)))))
        (local.get $all)))"#;

#[test]
fn objects_have_the_contents_again_that_they_had() {
    for (mut config, always) in configs().into_iter().flat_map(|c| [(c.clone(), false), (c, true)])
    {
        config.wasm_gc(true).wasm_exceptions(true).wasm_function_references(true);
        config.collect_at_every_allocation(always);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, OBJECTS).unwrap();
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<i32, (i32, i64)>(&mut store, "run").unwrap();
        let events = Events::FUNCS | Events::GLOBALS;
        let keep = store.attach(Filter::new().events(events), Keep::default());
        let expected = run.call(&mut store, 7).unwrap();
        let kept = store.detach(keep).unwrap().0;
        assert!(kept.len() > 50, "{}", kept.len());
        for (snapshot, _) in kept.iter().rev().flat_map(|kept| [kept, kept]) {
            let mut results = [Val::I32(0), Val::I64(0)];
            let ended = snapshot.resume(&mut store, &mut results).unwrap();
            assert!(matches!(ended, ResumableCall::Finished));
            assert_eq!((results[0].unwrap_i32(), results[1].unwrap_i64()), expected);
        }
        // Another call is not disturbed by what snapshots hold, nor by their end.
        let other = run.call(&mut store, 4).unwrap();
        drop(kept);
        assert_eq!(run.call(&mut store, 4).unwrap(), other);
    }
}

#[test]
fn where_there_is_no_snapshot() {
    let why = "a snapshot can be taken only of a guest that is at an event in its code, and that no \
               other guest waits for";
    let (mut store, instance) = linked(&mut Config::new());
    assert_eq!(full(&store.as_context_mut().snapshot(None).unwrap_err()), why);
    let run = instance.get_typed_func::<i32, (i32, i64)>(&mut store, "run").unwrap();

    /// Calls of the host are no events in code.
    struct AtHost;
    impl Hook<i32> for AtHost {
        const EVENTS: Events = Events::HOST_CALLS;

        fn event(&mut self, mut store: StoreContextMut<'_, i32>, _: Event<'_>) -> Result<()> {
            store.snapshot(None).map(drop)
        }
    }
    let at_host = store.attach(Filter::new(), AtHost);
    assert!(full(&run.call(&mut store, 1).unwrap_err()).ends_with(why));
    store.detach(at_host);
    run.call(&mut store, 1).unwrap();
}

#[test]
fn a_guest_within_a_guest_has_none() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "env" "back" (func $back))
            (func (export "inner") (nop))
            (func (export "outer") (call $back)))"#,
    )
    .unwrap();
    let mut linker = Linker::new(&engine);
    let back = |mut caller: Caller<'_, ()>| {
        let inner = caller.get_export("inner").unwrap().into_func().unwrap();
        inner.call(&mut caller, &[], &mut [])
    };
    linker.func_wrap("env", "back", back).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();

    /// Notes whether there was a snapshot.
    struct Try(Arc<Mutex<Vec<bool>>>);
    impl Hook<()> for Try {
        const EVENTS: Events = Events::INSTRUCTIONS;

        fn event(&mut self, mut store: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
            self.0.lock().unwrap().push(store.snapshot(None).is_ok());
            Ok(())
        }
    }
    let tried = Arc::new(Mutex::new(Vec::new()));
    store.attach(Filter::new(), Try(tried.clone()));
    let outer = instance.get_typed_func::<(), ()>(&mut store, "outer").unwrap();
    outer.call(&mut store, ()).unwrap();
    // `call $back` of the outer one, `nop` of the inner one.
    assert_eq!(*tried.lock().unwrap(), [true, false]);
}

#[test]
fn host_values_live_as_long_as_a_snapshot_has_them() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (func (export "same") (param externref) (result externref)
            (nop) (local.get 0)))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, 0);
    let keep = store.attach(Filter::new().events(Events::INSTRUCTIONS), Keep::default());
    let same = Instance::new(&mut store, &module, &[]).unwrap();
    let same = same.get_func(&mut store, "same").unwrap();
    let dropped = Arc::new(());
    let mut results = [Val::ExternRef(None)];
    {
        let mut scope = RootScope::new(&mut store);
        let value = ExternRef::new(&mut scope, Arc::clone(&dropped)).unwrap();
        same.call(&mut scope, &[value.into()], &mut results).unwrap();
    }
    let kept = store.detach(keep).unwrap().0;
    store.gc(None).unwrap();
    {
        let mut scope = RootScope::new(&mut store);
        kept[0].0.resume(&mut scope, &mut results).unwrap();
        let back = results[0].unwrap_externref().unwrap();
        let back = back.data(&scope).unwrap().unwrap();
        assert!(Arc::ptr_eq(back.downcast_ref().unwrap(), &dropped));
    }
    drop(kept);
    store.gc(None).unwrap();
    assert_eq!(Arc::strong_count(&dropped), 1);
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn a_snapshot_is_of_a_store() {
    let (mut store, instance) = linked(&mut Config::new());
    let keep = store.attach(Filter::new().events(Events::GLOBALS), Keep::default());
    let run = instance.get_typed_func::<i32, (i32, i64)>(&mut store, "run").unwrap();
    run.call(&mut store, 0).unwrap();
    let (snapshot, _) = store.detach(keep).unwrap().0.remove(0);
    let (mut other, _) = linked(&mut Config::new());
    let _ = snapshot.resume(&mut other, &mut [Val::I32(0), Val::I64(0)]);
}
