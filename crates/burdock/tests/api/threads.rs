//! Threads: what moves between them, and one module that several translate, run and watch at once.

use crate::common::{self, module};
use burdock::*;

#[test]
fn stores_and_modules_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn is_sync<T: Sync>(_: &T) {}
    fn is_unpin<T: Unpin>(_: &T) {}
    let engine = Engine::default();
    let module = module(&engine, r#"(module (func (export "f") (result i32) i32.const 5))"#);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    is_send(&store);
    is_unpin(&store);
    is_sync(&engine);
    is_sync(&module);
    is_sync(&Linker::<()>::new(&engine));
    let thread = std::thread::spawn(move || {
        let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
        f.call(&mut store, ()).unwrap()
    });
    assert_eq!(thread.join().unwrap(), 5);
}

#[test]
fn one_module_serves_many_threads_lazily() {
    let mut config = Config::new();
    config.compilation_mode(CompilationMode::Lazy);
    let engine = Engine::new(&config).unwrap();
    let wat: String =
        (0..50).map(|n| format!(r#"(func (export "{n}") (result i32) i32.const {n})"#)).collect();
    let module = module(&engine, &format!("(module {wat})"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).unwrap();
                for n in 0..50 {
                    let name = n.to_string();
                    let f = instance.get_typed_func::<(), i32>(&mut store, &name).unwrap();
                    assert_eq!(f.call(&mut store, ()).unwrap(), n);
                }
            });
        }
    });
}

/// Twenty functions with loops and branch tables, each of which calls the next one: directly, or
/// through the table.
fn chain() -> String {
    let func = |n: u32| {
        format!(
            r#"(func $f{n} (type $t) (local i32)
                (loop
                    (local.set 1 (i32.add (local.get 1) (i32.or (local.get 0) (i32.const 1))))
                    (br_if 0 (i32.lt_u (local.get 1) (i32.const 100))))
                (block (block
                    (br_table 0 1 (i32.and (local.get 1) (i32.const 1))))
                    (return (call $f{next} (i32.add (local.get 1) (i32.const {n})))))
                (call_indirect (type $t) (local.get 1) (i32.const {next})))"#,
            next = n + 1
        )
    };
    let funcs: String = (0..20).map(func).collect();
    let names: String = (0..=20).map(|n| format!(" $f{n}")).collect();
    format!(
        r#"(module (type $t (func (param i32) (result i32))) {funcs}
            (func $f20 (type $t) (local.get 0))
            (table funcref (elem{names}))
            (export "f" (func $f0)))"#
    )
}

/// Counts the functions that are entered.
struct Entered;

impl Hook<u32> for Entered {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, u32>, event: Event<'_>) -> Result<()> {
        *store.data_mut() += u32::from(matches!(event, Event::FuncEnter(_)));
        Ok(())
    }
}

/// Calls the module in a store of its own, watched from the beginning or not. Returns the results,
/// and the number of functions that were seen.
fn call(module: &Module, watched: bool) -> (Vec<i32>, u32) {
    let mut store = Store::new(module.engine(), 0);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    if watched {
        store.attach(Filter::new().events(Events::FUNCS), Entered);
    }
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    let results = (0..10).map(|n| {
        // Other threads come to their deadlines.
        module.engine().increment_epoch();
        f.call(&mut store, n).unwrap()
    });
    (results.collect(), *store.data())
}

#[test]
fn threads_watch_a_module_that_others_run() {
    let wasm = wat::parse_str(chain()).unwrap();
    for mut config in common::configs() {
        let engine = Engine::new(config.epoch_interruption(true)).unwrap();
        let new = || Module::new(&engine, &wasm).unwrap();
        let expected = call(&new(), false).0;
        for _ in 0..10 {
            let module = new();
            std::thread::scope(|scope| {
                let calls = [false, true, false, true];
                let module = &module;
                let threads = calls.map(|watched| scope.spawn(move || call(module, watched)));
                let found = threads.map(|thread| thread.join().unwrap());
                for (watched, (results, entered)) in calls.into_iter().zip(found) {
                    assert_eq!(results, expected);
                    assert_eq!(entered, if watched { 10 * 21 } else { 0 });
                }
            });
        }
    }
}
