//! A hook on the crossings between host and guest. It shows how they nest, and ends a guest that
//! calls the host too often.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin call_hook
//! calls the guest
//!   calls the host
//!     calls the guest
//!     leaves the guest
//!   leaves the host
//!   calls the host
//!     calls the guest
//!     leaves the guest
//!   leaves the host
//! leaves the guest
//! calls the guest
//! leaves the guest
//! stopped: the guest may call the host 2 times
//! ```

use burdock::error::Context;
use burdock::{CallHook, Caller, Engine, Extern, Linker, Module, Result, Store, ensure};

const GUEST: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    ;; Doubles a number `n` times, each time with the host's help.
    (func (export "double") (param $n i32) (result i32) (local $x i32)
        (local.set $x (i32.const 1))
        (loop $again
            (local.set $x (call $twice (local.get $x)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x))
    (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))"#;

/// The number of calls that a guest may make to the host.
const MOST: u32 = 2;

/// The data of the store, for the hook.
#[derive(Default)]
struct Crossings {
    depth: usize,
    host_calls: u32,
}

impl Crossings {
    fn enter(&mut self, text: &str) {
        println!("{:1$}{text}", "", 2 * self.depth);
        self.depth += 1;
    }

    fn leave(&mut self, text: &str) {
        self.depth -= 1;
        println!("{:1$}{text}", "", 2 * self.depth);
    }
}

/// A host function that calls the guest.
fn twice(mut caller: Caller<'_, Crossings>, x: i32) -> Result<i32> {
    let add = caller.get_export("add").and_then(Extern::into_func);
    let add = add.context("the guest exports no `add`")?;
    add.typed::<(i32, i32), i32>(&caller)?.call(&mut caller, (x, x))
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", twice)?;

    let mut store = Store::new(&engine, Crossings::default());
    // A store without a hook runs code that knows nothing of hooks: this line is all the cost.
    store.call_hook(|mut store, event| {
        let crossings = store.data_mut();
        match event {
            CallHook::CallingHost => {
                crossings.host_calls += 1;
                // An error is raised in the guest, instead of the call.
                ensure!(crossings.host_calls <= MOST, "the guest may call the host {MOST} times");
                crossings.enter("calls the host");
            }
            CallHook::CallingWasm => crossings.enter("calls the guest"),
            CallHook::ReturningFromHost => crossings.leave("leaves the host"),
            CallHook::ReturningFromWasm => crossings.leave("leaves the guest"),
        }
        Ok(())
    });

    let instance = linker.instantiate(&mut store, &module)?;
    let double = instance.get_typed_func::<i32, i32>(&mut store, "double")?;
    double.call(&mut store, 2)?;
    if let Err(error) = double.call(&mut store, 1) {
        println!("stopped: {}", error.root_cause());
    }
    Ok(())
}
