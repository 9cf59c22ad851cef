//! The engine without the standard library: `core` and `alloc` are enough to load a module, limit a
//! guest and call it. This program uses `std` only to print, which firmware does in its own way.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin no_std --no-default-features
//! the guest blinks at 3
//! the guest blinks at 2
//! the guest blinks at 1
//! blinked 3 times with 22 units of fuel
//! ```

#![no_std]

extern crate alloc;
extern crate std;

use alloc::vec::Vec;
use burdock::{Caller, Config, Engine, Linker, Module, Result, Store};

/// A module in the binary format; the text format needs `std`.
const GUEST: &[u8] = &[
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic number and version
    0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00, // type 0: (func (param i32))
    0x02, 0x0d, 0x01, // one import:
    0x03, b'l', b'e', b'd', 0x05, b'b', b'l', b'i', b'n', b'k', 0x00,
    0x00, // led.blink, type 0
    0x03, 0x02, 0x01, 0x00, // function 1 has type 0
    0x07, 0x07, 0x01, 0x03, b'r', b'u', b'n', 0x00, 0x01, // (export "run" (func 1))
    0x0a, 0x14, 0x01, 0x12, 0x00, // its body, without locals:
    0x03, 0x40, // loop
    0x20, 0x00, 0x10, 0x00, //   (call 0 (local.get 0))
    0x20, 0x00, 0x41, 0x01, 0x6b, 0x22,
    0x00, //   (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))
    0x0d, 0x00, //   br_if 0
    0x0b, 0x0b, // end of loop and function
];

/// Notes that the guest blinks.
fn blink(mut caller: Caller<'_, Vec<u32>>, times: u32) {
    caller.data_mut().push(times);
}

fn run(times: u32) -> Result<(Vec<u32>, u64)> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("led", "blink", blink)?;

    let mut store = Store::new(&engine, Vec::new());
    store.set_fuel(1000)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<u32, ()>(&mut store, "run")?;
    run.call(&mut store, times)?;
    let fuel = 1000 - store.get_fuel()?;
    Ok((store.into_data(), fuel))
}

fn main() -> Result<()> {
    let (blinks, fuel) = run(3)?;
    for times in &blinks {
        std::println!("the guest blinks at {times}");
    }
    std::println!("blinked {} times with {fuel} units of fuel", blinks.len());
    Ok(())
}
