//! submilli-wasm.

use std::time::Instant;

use submilli_wasm::{Config, Engine, Error, FuncType, Linker, Memory, Module, Store, Val, ValType};

use super::shape::{Peer, compile, types, values};
use super::{Compiled, Instance, Runtime};
use crate::Result;
use crate::program::{Program, Value};

pub(crate) struct Submilli;

impl Runtime for Submilli {
    fn name(&self) -> &'static str {
        "submilli"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let engine = Engine::new(&Config::new())?;
        compile(Api { engine }, program)
    }
}

/// An engine, and the settings of its stores.
struct Api {
    engine: Engine,
}

impl Peer for Api {
    type Module = Module;
    type Linker = Linker<Option<Memory>>;
    type Running = Running;

    fn module(&self, wasm: &[u8]) -> Result<Module> {
        Ok(Module::new(&self.engine, wasm)?)
    }

    fn link(&self, program: &Program) -> Result<Linker<Option<Memory>>> {
        let mut linker = Linker::new(&self.engine);
        let start = Instant::now();
        for import in &program.imports {
            if import.is_add() {
                let add = |a: i32, b: i32| a.wrapping_add(b);
                linker.func_wrap(&import.module, &import.name, add)?;
                continue;
            }
            let params = import.params.iter().copied().map(ty);
            let ty = FuncType::new(&self.engine, params, import.result.map(ty));
            let this = import.clone();
            linker.func_new(
                &import.module,
                &import.name,
                ty,
                move |mut caller, args, results| {
                    let result = if this.is_wasi() {
                        let args: Vec<Value> =
                            args.iter().filter_map(|arg| value(arg).ok()).collect();
                        let memory: Option<Memory> = *caller.data();
                        let memory = memory.ok_or_else(|| Error::msg("no memory"))?;
                        this.call(&args, &mut memory.data_mut(&mut caller))
                    } else {
                        this.result(start)
                    };
                    if let Some(result) = result {
                        results[0] = val(result);
                    }
                    Ok(())
                },
            )?;
        }
        Ok(linker)
    }

    fn instantiate(
        &self,
        module: &mut Module,
        linker: &mut Linker<Option<Memory>>,
    ) -> Result<Running> {
        let mut store = Store::new(&self.engine, None);
        let instance = linker.instantiate(&mut store, module)?;
        // A caller has no exports here: its memory is kept beside it.
        *store.data_mut() = instance.get_memory(&mut store, "memory");
        Ok(Running { store, instance })
    }
}

struct Running {
    store: Store<Option<Memory>>,
    instance: submilli_wasm::Instance,
}

impl Instance for Running {
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Option<Value>> {
        let func = self.instance.get_func(&mut self.store, name).ok_or("no such function")?;
        let args: Vec<Val> = args.iter().copied().map(val).collect();
        let count = func.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); count];
        func.call(&mut self.store, &args, &mut results)?;
        results.first().map(value).transpose()
    }

    fn call_often(&mut self, name: &str, n: u32) -> Result<i32> {
        let func = self.instance.get_typed_func::<i32, i32>(&mut self.store, name)?;
        let mut x = 0;
        for _ in 0..n {
            x = func.call(&mut self.store, x)?;
        }
        Ok(x)
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> Result {
        let memory = self.instance.get_memory(&mut self.store, "memory").ok_or("no memory")?;
        Ok(memory.write(&mut self.store, at, bytes)?)
    }
}

types!(ValType);
values!(Val, f32::to_bits, f64::to_bits, f32::from_bits, f64::from_bits);
