//! Modules made to cost more than their size or their fuel suggests: time and memory stay in
//! proportion.

use burdock::*;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A lock that each test holds, because the tests measure the process.
static ALONE: Mutex<()> = Mutex::new(());

/// Returns the peak resident memory of this process in bytes, where the system reports it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Asserts that a function takes no more memory than this.
fn within(bytes: u64, what: &str, body: impl FnOnce()) {
    let before = peak();
    body();
    if let (Some(before), Some(after)) = (before, peak()) {
        let taken = after - before;
        assert!(taken <= bytes, "{what} took {taken} bytes");
    }
}

/// Returns the time that `run` takes in a module with a loop that asks for growth and with this
/// many other functions.
fn growing(config: &Config, others: usize) -> Duration {
    let wat = format!(
        r#"(module (memory 1) (table $t 1 funcref) {}
            (func (export "run") (local $n i32) (loop $again
                (drop (memory.grow (i32.const 0)))
                (drop (table.grow $t (ref.null func) (i32.const 0)))
                (br_if $again (i32.lt_u
                    (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000))))))"#,
        "(func)".repeat(others)
    );
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    let started = Instant::now();
    run.call(&mut store, ()).unwrap();
    started.elapsed()
}

#[test]
fn growth_and_epochs_do_not_walk_the_functions() {
    use CompilationMode::{Eager, Lazy, LazyTranslation};
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for mode in [Eager, LazyTranslation, Lazy] {
        let mut config = Config::new();
        config.compilation_mode(mode).epoch_interruption(true);
        let (few, many) = (growing(&config, 1), growing(&config, 200_000));
        // A linear search through the functions would take a thousand times as long.
        assert!(many < few * 20 + Duration::from_millis(200), "{mode:?}: {few:?}, {many:?}");
    }
}

#[test]
fn null_elements_take_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Their addresses are all that they take; 32 bits do not have as many.
    let count = if cfg!(target_pointer_width = "64") { 40 } else { 4 };
    let tables = "(table 10000000 100000000 funcref)".repeat(count);
    let wat = format!(
        r#"(module {tables} (table $t 10000000 externref) (table $n 4 10000000 funcref)
            (func $f)
            (elem (table $n) (i32.const 2) func $f)
            (func (export "run") (result i32) (local $old i32)
                (drop (table.grow 0 (ref.null func) (i32.const 90000000)))
                (local.set $old (table.grow $n (ref.null func) (i32.const 5000000)))
                (i32.add
                    (i32.add (local.get $old) (ref.is_null (table.get $n (i32.const 2))))
                    (i32.add
                        (i32.mul (i32.const 10) (ref.is_null (table.get $n (i32.const 3))))
                        (i32.mul (i32.const 100) (ref.is_null (table.get 0 (i32.const 99999999))))))))"#
    );
    within(100 << 20, "tables of null", || {
        let engine = Engine::default();
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), 4 + 10 + 100);
    });
}
