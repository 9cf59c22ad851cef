//! Host functions and a guest's memory: the host writes a string into the memory, the guest changes
//! the string in place and reports it through a host function, which reads the memory.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin host_functions
//! the guest says: HELLO
//! the guest shouted 5 letters
//! refused: 100 bytes at 65500 are not in the guest's memory
//! ```

use burdock::error::Context;
use burdock::{Caller, Engine, Extern, Linker, Module, Result, Store};

const GUEST: &str = r#"(module
    (import "host" "say" (func $say (param $ptr i32) (param $len i32)))
    (memory (export "memory") 1)

    ;; Makes `len` letters at `ptr` upper case, and says them.
    (func (export "shout") (param $ptr i32) (param $len i32) (local $at i32)
        (loop $letters
            (if (i32.lt_u (local.get $at) (local.get $len)) (then
                (call $upper (i32.add (local.get $ptr) (local.get $at)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $letters))))
        (call $say (local.get $ptr) (local.get $len)))

    (func $upper (param $ptr i32)
        (i32.store8 (local.get $ptr)
            (i32.and (i32.load8_u (local.get $ptr)) (i32.const 0xdf))))

    ;; Says what begins in the memory and ends behind it.
    (func (export "overrun") (call $say (i32.const 65500) (i32.const 100))))"#;

/// The data of the store: what host functions work with.
#[derive(Default)]
struct Host {
    letters: usize,
}

/// Prints a text of the guest. Pointers from a guest are checked by slicing: they may be anything.
fn say(mut caller: Caller<'_, Host>, ptr: u32, len: u32) -> Result<()> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    let memory = memory.context("the guest exports no memory")?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let text = bytes.get(ptr as usize..).and_then(|rest| rest.get(..len as usize));
    let text =
        text.with_context(|| format!("{len} bytes at {ptr} are not in the guest's memory"))?;
    println!("the guest says: {}", String::from_utf8_lossy(text));
    host.letters += text.len();
    Ok(())
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "say", say)?;

    let mut store = Store::new(&engine, Host::default());
    let instance = linker.instantiate(&mut store, &module)?;

    let memory = instance.get_memory(&mut store, "memory").context("no memory")?;
    memory.write(&mut store, 16, b"hello")?;
    let shout = instance.get_typed_func::<(u32, u32), ()>(&mut store, "shout")?;
    shout.call(&mut store, (16, 5))?;
    println!("the guest shouted {} letters", store.data().letters);

    let overrun = instance.get_typed_func::<(), ()>(&mut store, "overrun")?;
    if let Err(error) = overrun.call(&mut store, ()) {
        println!("refused: {}", error.root_cause());
    }
    Ok(())
}
