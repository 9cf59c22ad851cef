//! tinywasm.

use std::time::Instant;

use tinywasm::types::{FuncType, WasmType, WasmValue};
use tinywasm::{HostFunction, Imports, Memory, Module, ModuleInstance, Store};

use super::shape::{Peer, compile, types, values};
use super::{Compiled, Instance, Runtime};
use crate::Result;
use crate::program::{Import, Program, Value};
use crate::wasi::GuestMemory;

pub(crate) struct Tinywasm;

impl Runtime for Tinywasm {
    fn name(&self) -> &'static str {
        "tinywasm"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        compile(Api, program)
    }
}

struct Api;

impl Peer for Api {
    type Module = Module;
    type Linker = Vec<Import>;
    type Running = Running;

    fn module(&self, wasm: &[u8]) -> Result<Module> {
        Ok(tinywasm::parse_bytes(wasm)?)
    }

    /// Host functions belong to a store: they are defined each time.
    fn link(&self, program: &Program) -> Result<Vec<Import>> {
        Ok(program.imports.clone())
    }

    fn instantiate(&self, module: &mut Module, definitions: &mut Vec<Import>) -> Result<Running> {
        let mut store = Store::default();
        let mut imports = Imports::new();
        let start = Instant::now();
        for import in definitions.iter() {
            let func = if import.is_add() {
                HostFunction::from(|_, (a, b): (i32, i32)| Ok(a.wrapping_add(b)))
            } else {
                let this = import.clone();
                let params: Vec<WasmType> = import.params.iter().copied().map(ty).collect();
                let results: Vec<WasmType> = import.result.map(ty).into_iter().collect();
                let ty = FuncType::new(&params, &results);
                HostFunction::from_untyped(&ty, move |mut context, args, results| {
                    let result = if this.is_wasi() {
                        let args: Vec<Value> = args.iter().filter_map(|x| value(x).ok()).collect();
                        let memory = context.memory("memory")?;
                        this.call(&args, &mut Lent { memory, store: context.store_mut() })
                    } else {
                        this.result(start)
                    };
                    if let Some(result) = result {
                        results[0] = val(result);
                    }
                    Ok(())
                })
            };
            imports.define(&import.module, &import.name, func);
        }
        let instance = ModuleInstance::instantiate(&mut store, module, Some(&imports))?;
        Ok(Running { store, instance })
    }
}

/// The memory of a guest, which a host function reads and writes through the store.
struct Lent<'a> {
    memory: Memory,
    store: &'a mut Store,
}

impl GuestMemory for Lent<'_> {
    fn read(&mut self, at: usize, to: &mut [u8]) {
        let _ = self.memory.read_exact(self.store, at, to);
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        let _ = self.memory.copy_from_slice(self.store, at, bytes);
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
        let count = func.ty(&self.store)?.results().len();
        let mut results = vec![WasmValue::I32(0); count];
        func.call(&mut self.store, &args, &mut results)?;
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

types!(WasmType);
values!(WasmValue, f32::from, f64::from, f32::from, f64::from);
