//! Embedding: a host function, a hook on calls, a call into the guest.

use burdock::{CallHook, Engine, Linker, Module, Result, Store};

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "double" (func $double (param i32) (result i32)))
            (func (export "run") (param i32) (result i32)
                (i32.add (call $double (local.get 0)) (i32.const 1))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "double", |x: i32| x * 2)?;

    // The store's data counts how often the guest has called the host.
    let mut store = Store::new(&engine, 0u32);
    store.call_hook(|mut store, event| {
        if let CallHook::CallingHost = event {
            *store.data_mut() += 1;
        }
        Ok(())
    });

    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    println!("run(20) = {}", run.call(&mut store, 20)?);
    println!("host calls: {}", store.data());
    Ok(())
}
