//! Burdock, without hooks and with several; all else than start-up with code that is there before.

use std::time::Instant;

use burdock::{
    CompilationMode, Config, DebugEvent, DebugHandler, Engine, Error, Event, Events, Extern,
    Filter, FuncType, Hook, Linker, Module, ModulePC, Store, StoreContextMut, Val, ValType,
};

use super::shape::{Peer, compile, types, values};
use super::{Compiled, Instance, Part, Runtime};
use crate::Result;
use crate::program::{Program, Value};

pub(crate) struct Burdock {
    watched: Watched,
    mode: CompilationMode,
}

/// The events that are observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    Nothing,
    /// Crossings between host and guest, by a call hook.
    Crossings,
    /// Calls of imported host functions.
    HostCalls,
    /// Calls of one function among many: `run`.
    OneFunc,
    /// Calls of all functions.
    Funcs,
    /// Accesses to memory.
    Memory,
    /// Instructions, one by one.
    Instructions,
    /// Calls of all functions, counted without a hook.
    CountFuncs,
    /// Instructions, counted without a hook.
    Count,
    /// A debugger is attached, and has nothing to stop for.
    Debugged,
    /// A debugger has stepped through the first call.
    Stepped,
    /// A debugger has a breakpoint in a function that is not called.
    Elsewhere,
}

/// Returns all configurations of Burdock.
pub(crate) fn all() -> impl Iterator<Item = Box<dyn Runtime>> {
    use Watched::*;
    let told = [Crossings, HostCalls, OneFunc, Funcs, Memory, Instructions];
    let counted_or_debugged = [CountFuncs, Count, Debugged, Stepped, Elsewhere];
    let all = [Nothing].into_iter().chain(told).chain(counted_or_debugged);
    let eager = all.map(|watched| (watched, CompilationMode::Eager));
    let others = [CompilationMode::LazyTranslation, CompilationMode::Lazy];
    let all = eager.chain(others.map(|mode| (Nothing, mode)));
    all.map(|(watched, mode)| Box::new(Burdock { watched, mode }) as _)
}

/// A hook that counts events.
struct Counting<const EVENTS: u8>;

impl<const EVENTS: u8> Hook<u64> for Counting<EVENTS> {
    const EVENTS: Events = match EVENTS {
        0 => Events::HOST_CALLS,
        1 => Events::FUNCS,
        2 => Events::MEMORY,
        _ => Events::INSTRUCTIONS,
    };

    fn event(&mut self, mut store: StoreContextMut<'_, u64>, _: Event<'_>) -> burdock::Result<()> {
        *store.data_mut() += 1;
        Ok(())
    }
}

/// A debugger, which counts stops and no longer steps from the first one on.
#[derive(Clone)]
struct Debugger;

impl DebugHandler for Debugger {
    type Data = u64;

    fn handle(&self, mut store: StoreContextMut<'_, u64>, _: DebugEvent<'_>) {
        *store.data_mut() += 1;
        if let Some(mut edit) = store.edit_breakpoints() {
            edit.stop_stepping();
        }
    }
}

impl Watched {
    fn is_debugged(self) -> bool {
        matches!(self, Self::Debugged | Self::Stepped | Self::Elsewhere)
    }

    /// Attaches the debugger to a store.
    fn debug(self, store: &mut Store<u64>) -> burdock::Result<()> {
        store.set_epoch_deadline(1);
        store.set_debug_handler(Debugger);
        let other = Module::new(store.engine(), "(module (func (export \"other\") (nop)))")?;
        burdock::Instance::new(&mut *store, &other, &[])?;
        let Some(mut edit) = store.edit_breakpoints() else { return Ok(()) };
        match self {
            Self::Stepped => edit.single_step(true),
            Self::Elsewhere => edit.add_breakpoint(&other, ModulePC::new(0)).map(drop),
            _ => Ok(()),
        }
    }

    fn attach(self, store: &mut Store<u64>) -> burdock::Result<()> {
        let all = Filter::new();
        match self {
            Self::Debugged | Self::Stepped | Self::Elsewhere => self.debug(store)?,
            Self::Nothing => {}
            Self::Crossings => store.call_hook(|mut store, _| {
                *store.data_mut() += 1;
                Ok(())
            }),
            Self::HostCalls => drop(store.attach(all, Counting::<0>)),
            Self::OneFunc => drop(store.attach(all.func("run"), Counting::<1>)),
            Self::Funcs => drop(store.attach(all, Counting::<1>)),
            Self::Memory => drop(store.attach(all, Counting::<2>)),
            Self::Instructions => drop(store.attach(all, Counting::<3>)),
            Self::CountFuncs => drop(store.count(all.events(Events::FUNCS))),
            Self::Count => drop(store.count(all.events(Events::INSTRUCTIONS))),
        }
        Ok(())
    }
}

impl Runtime for Burdock {
    fn name(&self) -> &'static str {
        match self.watched {
            Watched::Nothing => match self.mode {
                CompilationMode::Eager => "burdock",
                CompilationMode::LazyTranslation => "burdock+default",
                CompilationMode::Lazy => "burdock+lazy",
            },
            Watched::Crossings => "burdock+hook",
            Watched::HostCalls => "burdock+imports",
            Watched::OneFunc => "burdock+one",
            Watched::Funcs => "burdock+funcs",
            Watched::Memory => "burdock+memory",
            Watched::Instructions => "burdock+each",
            Watched::CountFuncs => "burdock+countfuncs",
            Watched::Count => "burdock+count",
            Watched::Debugged => "burdock+debugged",
            Watched::Stepped => "burdock+stepped",
            Watched::Elsewhere => "burdock+elsewhere",
        }
    }

    fn part(&self) -> Part {
        match (self.watched, self.mode) {
            (Watched::Nothing, CompilationMode::Eager) => Part::All,
            (Watched::Nothing, _) => Part::Loading,
            _ => Part::Hook,
        }
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        let mut config = Config::new();
        config.compilation_mode(self.mode);
        if self.watched.is_debugged() {
            config.guest_debug(true).epoch_interruption(true);
        }
        let engine = Engine::new(&config)?;
        compile(Api { engine, watched: self.watched }, program)
    }
}

/// An engine, and the settings of its stores.
struct Api {
    engine: Engine,
    watched: Watched,
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
                        let memory = caller.get_export("memory").and_then(Extern::into_memory);
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

    fn instantiate(&self, module: &mut Module, linker: &mut Linker<u64>) -> Result<Running> {
        let mut store = Store::new(&self.engine, 0u64);
        self.watched.attach(&mut store)?;
        let instance = linker.instantiate(&mut store, module)?;
        Ok(Running { store, instance })
    }
}

struct Running {
    store: Store<u64>,
    instance: burdock::Instance,
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
