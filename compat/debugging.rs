//! Frames of guests with debugging enabled, as a host function inspects them.

use wasmtime::{
    Caller, Config, Engine, Extern, Func, Instance, Module, ModulePC, Result, Store, Val,
};

const WAT: &str = include_str!("../crates/burdock/tests/api/debugging.wat");

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.guest_debug(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, WAT)?;
    for (name, arg, again) in
        [("direct", 0, false), ("indirect", 1, false), ("indirect", 0, false), ("direct", 0, true)]
    {
        let mut store = Store::new(&engine, again);
        let host = Func::wrap(&mut store, host);
        let instance = Instance::new(&mut store, &module, &[host.into()])?;
        println!("{name} {arg} {again}");
        let func = instance.get_typed_func::<i32, i32>(&mut store, name)?;
        println!("  {}", func.call(&mut store, arg)?);
        println!("  frames left: {}", store.debug_exit_frames().count());
    }
    let mut store = Store::new(&engine, ());
    let foreign = Module::new(&Engine::new(&config)?, "(module (func nop))")?;
    let mut edit = store.edit_breakpoints().expect("it can be debugged");
    println!("foreign: {}", edit.add_breakpoint(&foreign, ModulePC::new(0)).is_err());
    for pc in [0, 0x57, 0x58, 0x6a] {
        edit.add_breakpoint(&module, ModulePC::new(pc))?;
    }
    edit.remove_breakpoint(&module, ModulePC::new(0x58))?;
    edit.remove_breakpoint(&module, ModulePC::new(0x58))?;
    drop(edit);
    let mut at: Vec<u32> = store.breakpoints().expect("some").map(|it| it.pc.raw()).collect();
    at.sort_unstable();
    println!("breakpoints: {at:x?}");
    Ok(())
}

fn host(mut caller: Caller<'_, bool>, _: i32, _: i64) -> Result<i32> {
    if std::mem::take(caller.data_mut()) {
        let again = caller.debug_all_instances()[0].get_export(&mut caller, "indirect");
        let again = again.and_then(Extern::into_func).expect("an export");
        let mut results = [Val::I32(0)];
        again.call(&mut caller, &[Val::I32(1)], &mut results)?;
        return Ok(results[0].unwrap_i32());
    }
    for (activation, frame) in
        caller.debug_exit_frames().collect::<Vec<_>>().into_iter().enumerate()
    {
        let mut next = Some(frame);
        while let Some(frame) = next {
            let (func, pc) = frame.wasm_function_index_and_pc(&mut caller)?.expect("a function");
            let locals: Result<Vec<Val>> = (0..frame.num_locals(&mut caller)?)
                .map(|local| frame.local(&mut caller, local))
                .collect();
            let stack: Result<Vec<Val>> = (0..frame.num_stacks(&mut caller)?)
                .map(|value| frame.stack(&mut caller, value))
                .collect();
            let (func, pc) = (func.as_u32(), pc.raw());
            println!("  {activation}: {func} {pc:#x} {:?} {:?}", locals?, stack?);
            next = frame.parent(&mut caller)?;
        }
    }
    Ok(20)
}
