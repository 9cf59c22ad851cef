//! Guests that wait, on one thread of tokio: an asynchronous host function lets other guests run
//! while it waits, and a guest that only computes yields by fuel.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin async_tokio
//! busy: counted to 1000000, yielding now and then
//! fast: 30 ms asleep
//! slow: 300 ms asleep
//! all of it took 300 ms
//! ```

use burdock::{Config, Engine, Linker, Module, Result, Store};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const GUEST: &str = r#"(module
    (import "host" "sleep" (func $sleep (param $ms i32)))
    ;; Sleeps three times, and returns the milliseconds.
    (func (export "nap") (param $ms i32) (result i32)
        (call $sleep (local.get $ms))
        (call $sleep (local.get $ms))
        (call $sleep (local.get $ms))
        (i32.mul (local.get $ms) (i32.const 3)))
    (func (export "count") (param $n i32) (result i32) (local $i i32)
        (loop $next
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $i)))"#;

/// Calls a function of a guest in a store of its own.
async fn call(linker: &Linker<()>, module: &Module, name: &str, arg: u32) -> Result<u32> {
    let mut store = Store::new(linker.engine(), ());
    store.set_fuel(u64::MAX)?;
    // After this much work a guest lets others run, wherever it is.
    store.fuel_async_yield_interval(Some(10_000))?;
    let instance = linker.instantiate_async(&mut store, module).await?;
    let func = instance.get_typed_func::<u32, u32>(&mut store, name)?;
    func.call_async(&mut store, arg).await
}

async fn run() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap_async("host", "sleep", |_, (ms,): (u32,)| {
        Box::new(async move { sleep(Duration::from_millis(ms.into())).await })
    })?;

    let start = Instant::now();
    let slow = async {
        let ms = call(&linker, &module, "nap", 100).await?;
        println!("slow: {ms} ms asleep");
        burdock::error::Ok(())
    };
    let fast = async {
        let ms = call(&linker, &module, "nap", 10).await?;
        println!("fast: {ms} ms asleep");
        burdock::error::Ok(())
    };
    let busy = async {
        let n = call(&linker, &module, "count", 1_000_000).await?;
        println!("busy: counted to {n}, yielding now and then");
        burdock::error::Ok(())
    };
    tokio::try_join!(slow, fast, busy)?;
    println!("all of it took {} ms", start.elapsed().as_millis());
    Ok(())
}

fn main() -> Result<()> {
    // The clock is paused, and moves on when every task waits for it: so this program prints the
    // same each time. A program that is not an example leaves `start_paused` out.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build()?.block_on(run())
}
