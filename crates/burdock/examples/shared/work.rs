//! What `hook_none` and `hook_calls` both do: `cargo xtask hookfree` compares the two.

use burdock::{Engine, Linker, Module, Result, Store, TypedFunc};

/// Calls the host n times.
const MODULE: &str = r#"
(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (func (export "run") (param $n i32) (result i32) (local $sum i32)
    (if (local.get $n) (then
      (loop $calls
        (local.set $sum (call $add (local.get $sum) (i32.const 1)))
        (br_if $calls (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
    (local.get $sum))
  (func (export "add_one") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 1))))
"#;

/// Does what the first argument of the program names, as often as the second says. `install` is
/// called with every store before it is used; a store's data is for the hook.
pub(crate) fn work(install: fn(&mut Store<u64>)) -> Result<()> {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_else(|| "execute".to_owned());
    let times: u32 = args.next().and_then(|times| times.parse().ok()).unwrap_or(1);

    let engine = Engine::default();
    let module = Module::new(&engine, MODULE)?;
    let linker = link(&engine)?;
    let mut store = Store::new(&engine, 0);
    install(&mut store);
    let instance = linker.instantiate(&mut store, &module)?;
    let x = match what.as_str() {
        "link" => link_all(&engine, &module, times)?,
        "instantiate" => instantiate_all(&linker, &mut store, &module, times)?,
        "execute" => {
            let run = instance.get_typed_func::<u32, i32>(&mut store, "run")?;
            run.call(&mut store, times)?
        }
        "call" => call_all(instance.get_typed_func(&mut store, "add_one")?, &mut store, times)?,
        other => return Err(burdock::Error::msg(format!("what is `{other}`?"))),
    };
    println!("{what} {times}: {x}, {} events", store.data());
    Ok(())
}

fn link(engine: &Engine) -> Result<Linker<u64>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
    Ok(linker)
}

// Each action is a function that is compiled by itself, so that its instructions do not depend on
// the values that `work` keeps in registers.

#[inline(never)]
fn link_all(engine: &Engine, module: &Module, times: u32) -> Result<i32> {
    for _ in 0..times {
        link(engine)?.instantiate_pre(module)?;
    }
    Ok(0)
}

#[inline(never)]
fn instantiate_all(
    linker: &Linker<u64>,
    store: &mut Store<u64>,
    module: &Module,
    times: u32,
) -> Result<i32> {
    for _ in 0..times {
        linker.instantiate(&mut *store, module)?;
    }
    Ok(0)
}

#[inline(never)]
fn call_all(add_one: TypedFunc<i32, i32>, store: &mut Store<u64>, times: u32) -> Result<i32> {
    let mut x = 0;
    for _ in 0..times {
        x = add_one.call(&mut *store, x)?;
    }
    Ok(x)
}
