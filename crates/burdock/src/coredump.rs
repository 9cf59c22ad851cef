//! `WasmCoreDump`: the contents of a store when a guest trapped.

#[cfg(feature = "coredump")]
mod serialize;

use crate::names::Escaped;
use crate::store::StoreOpaque;
use crate::{FrameInfo, Global, Instance, Memory, Module, WasmBacktrace};
use alloc::vec::Vec;
use burdock_core::RawFrame;
use core::fmt;

/// The contents of a store when a guest trapped, attached to the error by
/// [`Config::coredump_on_trap`](crate::Config::coredump_on_trap).
///
/// The handles belong to the store; the entities behind them may have changed since. Locals and
/// operands are not part of the dump.
///
/// Source: Wasmtime's `WasmCoreDump`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::new(Config::new().coredump_on_trap(true))?;
/// let module = Module::new(&engine, r#"(module (memory 1) (func (export "f") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
/// assert_eq!((dump.frames().len(), dump.memories().len()), (1, 1));
/// # Ok::<(), Error>(())
/// ```
pub struct WasmCoreDump {
    modules: Vec<Module>,
    instances: Vec<Instance>,
    memories: Vec<Memory>,
    globals: Vec<Global>,
    backtrace: WasmBacktrace,
    /// For each frame, the position of its instance.
    #[cfg_attr(not(feature = "coredump"), expect(dead_code, reason = "for serialization"))]
    frame_instances: Vec<u32>,
}

impl WasmCoreDump {
    pub(crate) fn new(store: &StoreOpaque, frames: &[RawFrame]) -> Self {
        let id = store.id();
        let mut modules: Vec<Module> = Vec::new();
        for instance in store.vm.instances() {
            let module = &store.instance(instance).module;
            if !modules.iter().any(|known| Module::same(known, module)) {
                modules.push(module.clone());
            }
        }
        let memories = store.vm.memories().map(|addr| Memory::from_addr(id, addr));
        let globals = store.vm.globals().map(|addr| Global::from_addr(id, addr));
        let instances = store.vm.instances().map(|addr| Instance::from_addr(id, addr));
        Self {
            modules,
            instances: instances.collect(),
            memories: memories.collect(),
            globals: globals.collect(),
            backtrace: WasmBacktrace::from_raw(store, frames),
            frame_instances: frames.iter().map(|frame| frame.instance.index() as u32).collect(),
        }
    }

    /// Returns the guest frames, the innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        self.backtrace.frames()
    }

    /// Returns the modules of the store's instances.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Returns the instances of the store.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// Returns the globals of the store, those of instances and of the host.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// Returns the memories of the store, those of instances and of the host.
    pub fn memories(&self) -> &[Memory] {
        &self.memories
    }
}

impl fmt::Display for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wasm coredump generated while executing store_name:\nmodules:\n")?;
        for module in &self.modules {
            writeln!(f, "  {}", Escaped(module.name().unwrap_or("<module>")))?;
        }
        list(f, "instances", &self.instances)?;
        list(f, "memories", &self.memories)?;
        list(f, "globals", &self.globals)?;
        write!(f, "backtrace:\n{}", self.backtrace)
    }
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, items: &[impl fmt::Debug]) -> fmt::Result {
    writeln!(f, "{name}:")?;
    items.iter().try_for_each(|item| writeln!(f, "  {item:?}"))
}

impl fmt::Debug for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<wasm core dump>")
    }
}
