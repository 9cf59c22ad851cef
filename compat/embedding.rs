//! An embedding in Wasmtime's words that prints what it sees. Whichever crate is called `wasmtime`,
//! it prints the same.

use wasmtime::{
    CallHook, Caller, Config, Engine, Extern, Func, FuncType, Global, GlobalType, Instance, Linker,
    Memory, MemoryType, Module, Mutability, Result, Store, StoreHookState, StoreLimits,
    StoreLimitsBuilder, ToWasmtimeResult, Trap, UpdateDeadline, Val, ValType, WasmBacktrace, bail,
    format_err,
};

/// The data of the stores.
#[derive(Default)]
struct Data {
    log: Vec<String>,
    limits: StoreLimits,
}

pub fn run() -> Result<()> {
    functions()?;
    inference()?;
    errors()?;
    hooks()?;
    traps()?;
    fuel_and_epochs()?;
    entities()?;
    linking()
}

fn store(engine: &Engine) -> Store<Data> {
    Store::new(engine, Data::default())
}

/// Typed and untyped functions, callers, memory.
fn functions() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "log" (func $log (param i32 i32)))
            (import "host" "pair" (func $pair (param i64) (result i64 f64)))
            (memory (export "memory") 1)
            (data (i32.const 16) "from the guest")
            (func (export "hello") (call $log (i32.const 16) (i32.const 14)))
            (func (export "pair") (param i64) (result i64 f64) (call $pair (local.get 0))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "log", |mut caller: Caller<'_, Data>, at: i32, len: i32| {
        let memory = caller.get_export("memory").and_then(Extern::into_memory).expect("memory");
        let mut bytes = vec![0; len as usize];
        memory.read(&caller, at as usize, &mut bytes).expect("within the memory");
        caller.data_mut().log.push(String::from_utf8_lossy(&bytes).into_owned());
    })?;
    linker.func_wrap("host", "pair", |x: i64| (x + 1, x as f64 / 2.0))?;
    let mut store = store(&engine);
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&mut store, "hello")?.call(&mut store, ())?;
    println!("log: {:?}", store.data().log);
    let pair = instance.get_typed_func::<i64, (i64, f64)>(&mut store, "pair")?;
    println!("pair: {:?}", pair.call(&mut store, 41)?);
    let pair = instance.get_func(&mut store, "pair").expect("an export");
    let mut results = [Val::I32(0), Val::I32(0)];
    pair.call(&mut store, &[Val::I64(9)], &mut results)?;
    println!("pair: {:?} {:?}", results[0].i64(), results[1].f64());
    let error = pair.call(&mut store, &[Val::I32(9)], &mut results).unwrap_err();
    println!("wrong type: {}", error.root_cause());
    println!("no such type: {}", instance.get_typed_func::<(), ()>(&mut store, "pair").is_err());

    let ty = FuncType::new(&engine, [ValType::I32, ValType::I32], [ValType::I32]);
    let sum = Func::new(&mut store, ty, |_, params, results| {
        results[0] = Val::I32(params[0].unwrap_i32() + params[1].unwrap_i32());
        Ok(())
    });
    println!("sum: {}", sum.typed::<(i32, i32), i32>(&store)?.call(&mut store, (20, 22))?);
    for export in module.exports() {
        println!("export: {} func={}", export.name(), export.ty().func().is_some());
    }
    for import in module.imports() {
        println!("import: {}.{}", import.module(), import.name());
    }
    Ok(())
}

/// Checks closures whose parameter types the compiler has to infer.
fn inference() -> Result<()> {
    fn half(n: i32) -> Result<i32> {
        if n % 2 == 1 {
            bail!("{n} is odd");
        }
        Ok(n / 2)
    }
    let engine = Engine::default();
    let mut linker: Linker<Data> = Linker::new(&engine);
    linker.func_wrap("host", "ok", |_: Caller<'_, Data>| Ok(()))?;
    linker.func_wrap("host", "half", |n: i32| {
        half(n)?;
        Ok(())
    })?;
    linker.func_wrap_async("host", "async", |_: Caller<'_, Data>, (n,): (i32,)| {
        Box::new(async move { Ok((half(n)?, n)) })
    })?;
    let mut store = store(&engine);
    for (name, param) in [("half", 4), ("half", 5)] {
        let func = linker.get(&mut store, "host", name)?.into_func().expect("a function");
        let result = func.typed::<i32, ()>(&store)?.call(&mut store, param);
        println!("{name}: {:?}", result.map_err(|error| error.root_cause().to_string()));
    }
    Ok(())
}

/// Checks conversions from other error types, and from and into those of the crate anyhow.
fn errors() -> Result<()> {
    fn come() -> anyhow::Result<()> {
        let error = anyhow::Error::new(Trap::Interrupt).context("outside");
        Err(error)
    }
    fn go(error: wasmtime::Error) -> anyhow::Result<()> {
        Err(error)?;
        Ok(())
    }
    let text = String::from("{text}");
    for error in [
        format_err!(text),
        format_err!(Trap::OutOfFuel),
        format_err!("{} and {n}", 1, n = 2),
        format_err!(come().unwrap_err()),
        come().to_wasmtime_result().unwrap_err().context("above"),
        wasmtime::error::Context::context(None::<()>, 7_u8).unwrap_err(),
    ] {
        let (ours, anyhow) = (error.is::<Trap>(), error.is::<anyhow::Error>());
        println!("{error:#} {ours} {anyhow} {} {}", error.is::<String>(), error.is::<u8>());
        let gone = go(error).unwrap_err();
        println!("  {gone:#} {} {}", gone.is::<Trap>(), gone.is::<&str>());
    }
    Ok(())
}

/// `call_hook`: order, nesting, errors.
fn hooks() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "again" (func $again (param i32)))
            (func (export "go") (param i32)
                (if (local.get 0) (then (call $again (local.get 0))))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "again", |mut caller: Caller<'_, Data>, n: i32| -> Result<()> {
        let go = caller.get_export("go").and_then(Extern::into_func).expect("an export");
        go.typed::<i32, ()>(&caller)?.call(&mut caller, n - 1)
    })?;
    let mut store = store(&engine);
    store.call_hook(|mut store: StoreHookState<'_, Data>, event| {
        let name = match event {
            CallHook::CallingWasm => "CW",
            CallHook::ReturningFromWasm => "RW",
            CallHook::CallingHost => "CH",
            CallHook::ReturningFromHost => "RH",
        };
        let log = &mut store.data_mut().log;
        log.push(name.to_owned());
        if log.len() > 20 {
            return Err(wasmtime::Error::msg("too many events"));
        }
        Ok(())
    });
    let instance = linker.instantiate(&mut store, &module)?;
    let go = instance.get_typed_func::<i32, ()>(&mut store, "go")?;
    go.call(&mut store, 2)?;
    println!("events: {}", store.data().log.join(" "));
    let error = go.call(&mut store, 9).unwrap_err();
    println!("hook error: {}", error.root_cause());
    Ok(())
}

/// Traps and their backtraces, errors of host functions.
fn traps() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module $demo
            (import "host" "fail" (func $fail))
            (memory 1)
            (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
            (func (export "divide") (result i32) (call $divide (i32.const 0)))
            (func (export "unreachable") unreachable)
            (func (export "load") (result i32) (i32.load (i32.const 65536)))
            (func $deep (export "deep") (call $deep))
            (func (export "fail") (call $fail)))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "fail", || -> Result<()> {
        Err(wasmtime::Error::msg("no luck").context("the host failed"))
    })?;
    let mut store = store(&engine);
    let instance = linker.instantiate(&mut store, &module)?;
    for name in ["divide", "unreachable", "load", "deep", "fail"] {
        let func = instance.get_func(&mut store, name).expect("an export");
        let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
        let error = func.call(&mut store, &[], &mut results).unwrap_err();
        println!("{name}: trap={:?} cause={}", error.downcast_ref::<Trap>(), error.root_cause());
        if name != "deep" {
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace");
            for frame in backtrace.frames() {
                let (name, offset) = (frame.func_name(), frame.module_offset());
                println!("  {} {name:?} {offset:?}", frame.func_index());
            }
        }
    }
    Ok(())
}

/// Fuel and epochs.
fn fuel_and_epochs() -> Result<()> {
    let wat = r#"(module
        (func (export "count") (param i32)
            (loop $top
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br_if $top (local.get 0))))
        (func (export "spin") (loop $top (br $top))))"#;
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, wat)?;
    let mut with_fuel = store(&engine);
    with_fuel.set_fuel(10_000)?;
    let instance = Instance::new(&mut with_fuel, &module, &[])?;
    let count = instance.get_typed_func::<i32, ()>(&mut with_fuel, "count")?;
    count.call(&mut with_fuel, 100)?;
    println!("fuel left: {}", with_fuel.get_fuel()?);
    let spin = instance.get_typed_func::<(), ()>(&mut with_fuel, "spin")?;
    let error = spin.call(&mut with_fuel, ()).unwrap_err();
    println!("spin: {:?}", error.downcast_ref::<Trap>());

    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, wat)?;
    let mut with_epochs = store(&engine);
    with_epochs.set_epoch_deadline(1);
    let instance = Instance::new(&mut with_epochs, &module, &[])?;
    engine.increment_epoch();
    let spin = instance.get_typed_func::<(), ()>(&mut with_epochs, "spin")?;
    let error = spin.call(&mut with_epochs, ()).unwrap_err();
    println!("spin: {:?}", error.downcast_ref::<Trap>());

    with_epochs.epoch_deadline_callback(|mut state| {
        let log = &mut state.data_mut().log;
        log.push(String::from("reached"));
        Ok(if log.len() < 3 { UpdateDeadline::Continue(0) } else { UpdateDeadline::Interrupt })
    });
    let error = spin.call(&mut with_epochs, ()).unwrap_err();
    println!("callback: {:?} {:?}", with_epochs.data().log, error.downcast_ref::<Trap>());
    Ok(())
}

/// Memories, globals, limits.
fn entities() -> Result<()> {
    let engine = Engine::default();
    let mut store = store(&engine);
    store.data_mut().limits = StoreLimitsBuilder::new().memory_size(2 << 16).build();
    store.limiter(|data| &mut data.limits);
    let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    memory.write(&mut store, 100, b"bytes")?;
    println!("memory: {:?}", &memory.data(&store)[100..105]);
    println!("grow: {:?} {}", memory.grow(&mut store, 1)?, memory.size(&store));
    println!("grow too far: {}", memory.grow(&mut store, 1).is_err());
    println!("write too far: {}", memory.write(&mut store, 2 << 16, &[0]).is_err());
    let ty = GlobalType::new(ValType::I64, Mutability::Var);
    let global = Global::new(&mut store, ty, Val::I64(7))?;
    global.set(&mut store, Val::I64(8))?;
    println!("global: {:?}", global.get(&mut store).i64());
    println!("wrong type: {}", global.set(&mut store, Val::I32(8)).is_err());
    Ok(())
}

/// Linkers: missing and shadowed definitions, modules, instances made in advance.
fn linking() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (import "a" "b" (func)) (func (export "run") (result i32) (i32.const 3)))"#,
    )?;
    let mut linker: Linker<Data> = Linker::new(&engine);
    let mut store = store(&engine);
    let error = linker.instantiate(&mut store, &module).unwrap_err();
    println!("missing: {}", error.root_cause());
    linker.func_wrap("a", "b", |_: i32| {})?;
    println!("incompatible: {}", linker.instantiate(&mut store, &module).is_err());
    println!("shadowed: {}", linker.func_wrap("a", "b", || {}).is_err());
    linker.allow_shadowing(true);
    linker.func_wrap("a", "b", || {})?;
    let pre = linker.instantiate_pre(&module)?;
    for _ in 0..2 {
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
        println!("run: {}", run.call(&mut store, ())?);
    }
    let instance = linker.instantiate(&mut store, &module)?;
    linker.instance(&mut store, "made", instance)?;
    println!("made.run: {}", linker.get_default(&mut store, "made").is_err());
    Ok(())
}
