//! Embeds a guest: a host function that prints, a call, and a hook that says when control passes
//! from one side to the other. Run it with `cargo run -p burdock --example hello`.

use burdock::{Caller, Engine, Linker, Module, Result, Store};

/// What the embedder keeps in the store.
struct Greeter {
    greeted: u32,
}

const GUEST: &str = r#"
    (module
        (import "host" "greet" (func $greet (param i32)))
        (func (export "run") (param $times i32)
            (loop $again
                (call $greet (local.get $times))
                (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
"#;

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;

    let mut linker = Linker::new(&engine);
    linker.func_wrap(
        "host",
        "greet",
        |mut caller: Caller<'_, Greeter>, n: i32| {
            caller.data_mut().greeted += 1;
            println!("hello number {n}");
        },
    )?;

    let mut store = Store::new(&engine, Greeter { greeted: 0 });
    store.call_hook(|_, event| {
        println!("  [{event:?}]");
        Ok(())
    });
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    run.call(&mut store, 3)?;
    println!("greeted {} times", store.data().greeted);
    Ok(())
}
