//! Three bounds for a guest that nobody trusts: its memory by a limiter, its work by fuel, its time
//! by epochs.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin limits
//! memory: the guest got 3 pages more, then no further one
//! fuel: 100 additions took 902 of 1000
//! fuel: 1000 additions: wasm trap: all fuel consumed by WebAssembly
//! epochs: an endless loop: wasm trap: interrupt
//! ```

use burdock::{
    Config, Engine, Instance, Module, Result, Store, StoreLimits, StoreLimitsBuilder, Trap,
};
use std::thread;
use std::time::Duration;

const GUEST: &str = r#"(module
    (memory 1)
    ;; Takes pages until there are no more, and returns their number.
    (func (export "hoard") (result i32) (local $pages i32)
        (loop $more
            (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then
                (local.set $pages (i32.add (local.get $pages) (i32.const 1)))
                (br $more))))
        (local.get $pages))
    ;; Adds the numbers from `n` down to 1.
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop $next
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func (export "spin") (loop $forever (br $forever))))"#;

/// The number of pages of 64 KiB that a guest may have.
const PAGES: usize = 4;

fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, GUEST)?;

    let limits = StoreLimitsBuilder::new().memory_size(PAGES << 16).instances(1).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    store.set_fuel(1000)?;
    // A store's deadline is its engine's present epoch until it gets a later one.
    store.set_epoch_deadline(1);
    let instance = Instance::new(&mut store, &module, &[])?;

    let hoard = instance.get_typed_func::<(), u32>(&mut store, "hoard")?;
    let pages = hoard.call(&mut store, ())?;
    println!("memory: the guest got {pages} pages more, then no further one");

    let sum = instance.get_typed_func::<u32, u32>(&mut store, "sum")?;
    for n in [100, 1000] {
        store.set_fuel(1000)?;
        match sum.call(&mut store, n) {
            Ok(_) => println!("fuel: {n} additions took {} of 1000", 1000 - store.get_fuel()?),
            Err(error) => println!("fuel: {n} additions: {}", error.downcast::<Trap>()?),
        }
    }

    // Epochs are counted by whoever has a clock; a signal handler may do it, too.
    store.set_fuel(u64::MAX)?;
    let clock = engine.clone();
    let ticking = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        clock.increment_epoch();
    });
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let error = spin.call(&mut store, ()).expect_err("the loop has no end of its own");
    println!("epochs: an endless loop: {}", error.downcast::<Trap>()?);
    ticking.join().expect("the clock does not panic");
    Ok(())
}
