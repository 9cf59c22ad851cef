//! What a debugger is told: breakpoints, steps, traps, errors of the host, with frames.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmtime::{
    Caller, Config, DebugHandler, Engine, Func, Instance, Module, ModulePC, Result, Store,
    StoreContextMut, Val,
};

/// What the handler writes down.
pub type Log = Vec<String>;

const WAT: &str = include_str!("../crates/burdock/tests/api/debugging.wat");

/// Modules whose runs end early, at different operators.
const ENDS: [&str; 9] = [
    "(unreachable)",
    "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    "(drop (i32.load (i32.const 0xffff)))",
    "(call $host (i32.const 1))",
    "(throw $e (local.get 0))",
    "(call $throw)",
    "(block $caught (result i32)
        (try_table (catch $e $caught) (throw $e (local.get 0))) (unreachable)) (drop)",
    "(block $caught (try_table (catch_all $caught) (call $throw)))",
    "(block $caught (result exnref)
        (try_table (catch_all_ref $caught) (call $throw)) (unreachable)) (throw_ref)",
];

/// Runs guests with a handler, which calls [`stop`] at each stop.
pub fn run(handler: impl DebugHandler<Data = Log>) -> Result<()> {
    let mut config = Config::new();
    config.guest_debug(true).wasm_exceptions(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, WAT)?;
    for step in [false, true] {
        for name in ["direct", "indirect"] {
            let mut store = Store::new(&engine, Log::new());
            store.set_debug_handler(handler.clone());
            let mut edit = store.edit_breakpoints().expect("it can be debugged");
            for pc in [0x57, 0x6a] {
                edit.add_breakpoint(&module, ModulePC::new(pc))?;
            }
            edit.single_step(step)?;
            drop(edit);
            let host = Func::wrap(&mut store, |_: Caller<'_, Log>, _: i32, _: i64| 20);
            let result = call(&mut store, &module, host, name, &[Val::I32(1)]);
            println!("{name} {step}: {result:?}");
            store.data().iter().for_each(|line| println!("  {line}"));
        }
    }
    for end in ENDS {
        let module = format!(
            r#"(module (import "" "host" (func $host (param i32))) (memory 1)
                (tag $e (param i32)) (func $throw (throw $e (i32.const 7)))
                (func (export "run") (param i32) {end}))"#
        );
        let module = Module::new(&engine, module)?;
        let mut store = Store::new(&engine, Log::new());
        store.set_debug_handler(handler.clone());
        let host = Func::wrap(&mut store, |_: Caller<'_, Log>, _: i32| -> Result<()> {
            wasmtime::bail!("no luck")
        });
        let result = call(&mut store, &module, host, "run", &[Val::I32(1)]);
        println!("{end}: {result:?}");
        store.data().iter().for_each(|line| println!("  {line}"));
    }
    Ok(())
}

/// Calls an export of a new instance, and returns its result or how it failed.
fn call(
    store: &mut Store<Log>,
    module: &Module,
    host: Func,
    name: &str,
    params: &[Val],
) -> Result<Option<i32>, String> {
    let call = async {
        let instance = Instance::new_async(&mut *store, module, &[host.into()]).await?;
        let func = instance.get_func(&mut *store, name).expect("an export");
        let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
        func.call_async(&mut *store, params, &mut results).await?;
        Ok(results.first().and_then(Val::i32))
    };
    let mut call = pin!(call);
    let result: Result<Option<i32>> = loop {
        if let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break result;
        }
    };
    result.map_err(|error| error.root_cause().to_string())
}

/// Writes down a stop: its reason, and the frames with their values. At a trap and at an exception,
/// Wasmtime no longer has the operands of the operator.
pub fn stop(mut store: StoreContextMut<'_, Log>, reason: String) -> Result<()> {
    let mut line = reason;
    let mut next = store.debug_exit_frames().next();
    while let Some(frame) = next {
        let (func, pc) = frame.wasm_function_index_and_pc(&mut store)?.expect("a function");
        line += &format!("; {} at {:#x}:", func.as_u32(), pc.raw());
        for local in 0..frame.num_locals(&mut store)? {
            line += &format!(" {:?}", frame.local(&mut store, local)?);
        }
        if line.starts_with("Trap") || line.starts_with("exception") {
            break;
        }
        line += " |";
        for value in 0..frame.num_stacks(&mut store)? {
            line += &format!(" {:?}", frame.stack(&mut store, value)?);
        }
        next = frame.parent(&mut store)?;
    }
    store.data_mut().push(line);
    Ok(())
}
