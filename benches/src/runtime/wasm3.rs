//! wasm3, through wasm3x; all functions compiled when a module is instantiated.

use std::time::Instant;

use wasm3x::{CompilationMode, Config, Engine, FuncType, Linker, Module, Store, Val, ValType};

use super::{Compiled, Instance, Runtime};
use crate::Result;
use crate::program::{Program, Type, Value};

pub(crate) struct Wasm3;

impl Runtime for Wasm3 {
    fn name(&self) -> &'static str {
        "wasm3"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let mut config = Config::new();
        config.compilation_mode(CompilationMode::Eager).stack_size(1 << 20);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, &program.wasm)?;
        let linker = link(&engine, program)?;
        let program = program.clone();
        Ok(Box::new(Ready { engine, module, linker, program }))
    }
}

struct Ready {
    engine: Engine,
    module: Module,
    linker: Linker<()>,
    program: Program,
}

fn link(engine: &Engine, program: &Program) -> Result<Linker<()>> {
    let mut linker = Linker::new(engine);
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
        linker.func_new(&import.module, &import.name, ty, move |_, _, results| {
            if let Some(result) = this.result(start) {
                results[0] = val(result);
            }
            Ok(())
        })?;
    }
    Ok(linker)
}

impl Compiled for Ready {
    fn instantiate(&mut self) -> Result<Box<dyn Instance>> {
        let mut store = Store::new(&self.engine, ());
        let instance = self.linker.instantiate_and_start(&mut store, &self.module)?;
        Ok(Box::new(Running { store, instance }))
    }

    fn link(&mut self) -> Result {
        self.linker = link(&self.engine, &self.program)?;
        Ok(())
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

fn ty(ty: Type) -> ValType {
    match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
        Type::F32 => ValType::F32,
        Type::F64 => ValType::F64,
    }
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(x) => Val::I32(x),
        Value::I64(x) => Val::I64(x),
        Value::F32(x) => Val::F32(x),
        Value::F64(x) => Val::F64(x),
    }
}

fn value(val: &Val) -> Result<Value> {
    Ok(match val {
        Val::I32(x) => Value::I32(*x),
        Val::I64(x) => Value::I64(*x),
        Val::F32(x) => Value::F32(*x),
        Val::F64(x) => Value::F64(*x),
        _ => return Err("a result of another type".into()),
    })
}
