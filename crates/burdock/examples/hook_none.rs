//! Host calls in a store without a hook. `hook_calls.rs` is the same program with one;
//! `cargo xtask hookfree` compares their symbols and instruction counts.

use burdock::{Engine, Linker, Module, Result, Store};

const GUEST: &str = r#"
    (module
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (func (export "run") (param $n i32) (result i32) (local $sum i32)
            (loop $again
                (local.set $sum (call $add (local.get $sum) (local.get $n)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))
"#;

fn main() -> Result<()> {
    let calls = std::env::args().nth(1).map_or(Ok(10), |calls| calls.parse())?;
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
    let mut store = Store::new(&engine, 0_u64);
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    println!("sum {}", run.call(&mut store, calls)?);
    println!("events {}", store.data());
    Ok(())
}
