//! tinywasm.

use std::time::Instant;

use tinywasm::types::{FuncType, WasmType, WasmValue};
use tinywasm::{HostFunction, Imports, Module, ModuleInstance, Store};

use super::{Compiled, Instance, Runtime};
use crate::Result;
use crate::program::{Program, Type, Value};

pub(crate) struct Tinywasm;

impl Runtime for Tinywasm {
    fn name(&self) -> &'static str {
        "tinywasm"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let module = tinywasm::parse_bytes(&program.wasm)?;
        Ok(Box::new(Ready { module, program: program.clone() }))
    }
}

struct Ready {
    module: Module,
    program: Program,
}

impl Compiled for Ready {
    /// Host functions belong to a store: they are defined each time.
    fn instantiate(&mut self) -> Result<Box<dyn Instance>> {
        let mut store = Store::default();
        let mut imports = Imports::new();
        let start = Instant::now();
        for import in &self.program.imports {
            let func = if import.is_add() {
                HostFunction::from(&mut store, |_, (a, b): (i32, i32)| Ok(a.wrapping_add(b)))
            } else {
                let this = import.clone();
                let params: Vec<WasmType> = import.params.iter().copied().map(ty).collect();
                let results: Vec<WasmType> = import.result.map(ty).into_iter().collect();
                HostFunction::from_untyped(
                    &mut store,
                    &FuncType::new(&params, &results),
                    move |_, _| Ok(this.result(start).map(val).into_iter().collect()),
                )
            };
            imports.define(&import.module, &import.name, func);
        }
        let instance = ModuleInstance::instantiate(&mut store, &self.module, Some(imports))?;
        Ok(Box::new(Running { store, instance }))
    }

    fn link(&mut self) -> Result {
        Ok(())
    }
}

struct Running {
    store: Store,
    instance: ModuleInstance,
}

impl Instance for Running {
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Option<Value>> {
        let func = self.instance.func_untyped(&self.store, name)?;
        let args: Vec<WasmValue> = args.iter().copied().map(val).collect();
        let results = func.call(&mut self.store, &args)?;
        results.first().map(value).transpose()
    }

    fn call_often(&mut self, name: &str, n: u32) -> Result<i32> {
        let func = self.instance.func::<i32, i32>(&self.store, name)?;
        let mut x = 0;
        for _ in 0..n {
            x = func.call(&mut self.store, x)?;
        }
        Ok(x)
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> Result {
        let memory = self.instance.memory("memory")?;
        Ok(memory.copy_from_slice(&mut self.store, at, bytes)?)
    }
}

fn ty(ty: Type) -> WasmType {
    match ty {
        Type::I32 => WasmType::I32,
        Type::I64 => WasmType::I64,
        Type::F32 => WasmType::F32,
        Type::F64 => WasmType::F64,
    }
}

fn val(value: Value) -> WasmValue {
    match value {
        Value::I32(x) => WasmValue::I32(x),
        Value::I64(x) => WasmValue::I64(x),
        Value::F32(x) => WasmValue::F32(x),
        Value::F64(x) => WasmValue::F64(x),
    }
}

fn value(val: &WasmValue) -> Result<Value> {
    Ok(match val {
        WasmValue::I32(x) => Value::I32(*x),
        WasmValue::I64(x) => Value::I64(*x),
        WasmValue::F32(x) => Value::F32(*x),
        WasmValue::F64(x) => Value::F64(*x),
        _ => return Err("a result of another type".into()),
    })
}
