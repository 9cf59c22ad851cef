//! wasm3, through wasm3x; all functions compiled when a module is instantiated.

use std::time::Instant;

use wasm3x::{
    Caller, CompilationMode, Config, Engine, Error, FuncType, Linker, Memory, Module, Store, Val,
    ValType,
};

use super::shape::{Peer, compile, types, values};
use super::{Compiled, Instance, Runtime};
use crate::Result;
use crate::program::{Program, Value};
use crate::wasi::GuestMemory;

pub(crate) struct Wasm3;

impl Runtime for Wasm3 {
    fn name(&self) -> &'static str {
        "wasm3"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let mut config = Config::new();
        config.compilation_mode(CompilationMode::Eager).stack_size(1 << 20);
        let engine = Engine::new(&config);
        compile(Api { engine }, program)
    }
}

/// An engine, and the settings of its stores.
struct Api {
    engine: Engine,
}

impl Peer for Api {
    type Module = Module;
    type Linker = Linker<()>;
    type Running = Running;

    fn module(&self, wasm: &[u8]) -> Result<Module> {
        Ok(Module::new(&self.engine, wasm)?)
    }

    fn link(&self, program: &Program) -> Result<Linker<()>> {
        let mut linker = Linker::new(&self.engine);
        let start = Instant::now();
        for import in &program.imports {
            if import.is_add() {
                let add = |a: i32, b: i32| a.wrapping_add(b);
                linker.func_wrap(&import.module, &import.name, add)?;
                continue;
            }
            let params = import.params.iter().copied().map(ty);
            let ty = FuncType::new(params, import.result.map(ty));
            let this = import.clone();
            linker.func_new(&import.module, &import.name, ty, move |caller, args, results| {
                let result = if this.is_wasi() {
                    let args: Vec<Value> = args.iter().filter_map(|arg| value(arg).ok()).collect();
                    let memory = caller.get_memory().ok_or_else(|| Error::new("no memory"))?;
                    this.call(&args, &mut Lent { memory, caller })
                } else {
                    this.result(start)
                };
                if let Some(result) = result {
                    results[0] = val(result);
                }
                Ok(())
            })?;
        }
        Ok(linker)
    }

    fn instantiate(&self, module: &mut Module, linker: &mut Linker<()>) -> Result<Running> {
        let mut store = Store::new(&self.engine, ());
        let instance = linker.instantiate_and_start(&mut store, module)?;
        Ok(Running { store, instance })
    }
}

/// The memory of a guest, which a host function reads and writes through its caller.
struct Lent<'a> {
    memory: Memory,
    caller: Caller<'a, ()>,
}

impl GuestMemory for Lent<'_> {
    fn read(&mut self, at: usize, to: &mut [u8]) {
        let _ = self.memory.read(&self.caller, at, to);
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        let _ = self.memory.write(&mut self.caller, at, bytes);
    }
}

struct Running {
    store: Store<()>,
    instance: wasm3x::Instance,
}

impl Instance for Running {
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Option<Value>> {
        let func = self.instance.get_func(&self.store, name).ok_or("no such function")?;
        let args: Vec<Val> = args.iter().copied().map(val).collect();
        let count = func.ty(&self.store)?.results().len();
        let mut results = vec![Val::I32(0); count];
        func.call(&mut self.store, &args, &mut results)?;
        results.first().map(value).transpose()
    }

    fn call_often(&mut self, name: &str, n: u32) -> Result<i32> {
        let func = self.instance.get_typed_func::<i32, i32>(&self.store, name)?;
        let mut x = 0;
        for _ in 0..n {
            x = func.call(&mut self.store, x)?;
        }
        Ok(x)
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> Result {
        let memory = self.instance.get_memory(&self.store).ok_or("no memory")?;
        Ok(memory.write(&mut self.store, at, bytes)?)
    }
}

types!(ValType);
values!(Val, f32::from, f64::from, f32::from, f64::from);
