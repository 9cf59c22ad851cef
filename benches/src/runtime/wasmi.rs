//! wasmi 2.0; with a call hook; lazy.

use std::time::Instant;

use wasmi::{
    CompilationMode, Config, Engine, Error, Extern, F32, F64, FuncType, Linker, Module, Store, Val,
    ValType,
};

use super::shape::{Peer, compile, types, values};
use super::{Compiled, Instance, Part, Runtime};
use crate::Result;
use crate::program::{Program, Value};

pub(crate) struct Wasmi {
    name: &'static str,
    part: Part,
}

/// Returns all configurations of wasmi.
pub(crate) fn all() -> [Box<dyn Runtime>; 3] {
    [
        Box::new(Wasmi { name: "wasmi", part: Part::All }),
        Box::new(Wasmi { name: "wasmi+hook", part: Part::Hook }),
        Box::new(Wasmi { name: "wasmi+lazy", part: Part::Loading }),
    ]
}

impl Runtime for Wasmi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn part(&self) -> Part {
        self.part
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let mut config = Config::default();
        config.compilation_mode(match self.part {
            Part::Loading => CompilationMode::Lazy,
            _ => CompilationMode::Eager,
        });
        let engine = Engine::new(&config);
        compile(Api { engine, hook: self.part == Part::Hook }, program)
    }
}

/// An engine, and the settings of its stores.
struct Api {
    engine: Engine,
    hook: bool,
}

impl Peer for Api {
    type Module = Module;
    type Linker = Linker<u64>;
    type Running = Running;

    fn module(&self, wasm: &[u8]) -> Result<Module> {
        Ok(Module::new(&self.engine, wasm)?)
    }

    fn link(&self, program: &Program) -> Result<Linker<u64>> {
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
            linker.func_new(
                &import.module,
                &import.name,
                ty,
                move |mut caller, args, results| {
                    let result = if this.is_wasi() {
                        let args: Vec<Value> =
                            args.iter().filter_map(|arg| value(arg).ok()).collect();
                        let memory = caller.get_export("memory").and_then(Extern::into_memory);
                        let memory = memory.ok_or_else(|| Error::new("no memory"))?;
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

    fn instantiate(&self, module: &mut Module, linker: &mut Linker<u64>) -> Result<Running> {
        let mut store = Store::new(&self.engine, 0u64);
        if self.hook {
            store.call_hook(|events, _| {
                *events += 1;
                Ok(())
            });
        }
        let instance = linker.instantiate_and_start(&mut store, module)?;
        Ok(Running { store, instance })
    }
}

struct Running {
    store: Store<u64>,
    instance: wasmi::Instance,
}

impl Instance for Running {
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Option<Value>> {
        let func = self.instance.get_func(&self.store, name).ok_or("no such function")?;
        let args: Vec<Val> = args.iter().copied().map(val).collect();
        let results = func.ty(&self.store).results().to_vec();
        let mut results: Vec<Val> = results.into_iter().map(Val::default_for_ty).collect();
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
        let memory = self.instance.get_memory(&self.store, "memory").ok_or("no memory")?;
        Ok(memory.write(&mut self.store, at, bytes)?)
    }
}

types!(ValType);
values!(Val, F32::from, F64::from, f32::from, f64::from);
