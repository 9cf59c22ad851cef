//! The engine from a script's point of view: compile, instantiate, register, call. All uses of the
//! engine's API are in this directory, so that a change of that API changes nothing else.

mod spectest;
mod watch;

use burdock::{
    AnyRef, CompilationMode, Config, Engine, Event, Events, ExternRef, Filter, HeapType, Hook,
    HookId, Instance, Linker, Module, Rooted, Store, StoreContextMut, ThrownException, Trap, V128,
    Val,
};

use self::watch::Watch as Timeout;
use crate::runner::Options;
use crate::value::{Family, Referent, Value};

/// The data of a store: the counters of the hooks.
#[derive(Default)]
struct Data {
    events: u64,
}

/// Inspect frames only for the first 2,000 events.
const LOOKED_AT: u64 = 2_000;

/// Detach `Watch` after 100,000 events, because some scripts loop for long.
const WATCHED: u64 = 100_000;

/// A hook that counts events and inspects values.
struct Watch {
    id: Option<HookId<Watch>>,
}

impl Hook<Data> for Watch {
    const EVENTS: Events = Events::ALL;

    fn event(
        &mut self,
        mut store: StoreContextMut<'_, Data>,
        event: Event<'_>,
    ) -> burdock::Result<()> {
        store.data_mut().events += 1;
        if let Some(id) = self.id.filter(|_| store.data().events == WATCHED) {
            store.detach(id);
        }
        if store.data().events < LOOKED_AT
            && let (Some(frame), Event::Instruction) = (store.frame(), event)
        {
            frame.locals(&store)?;
            frame.operands(&store)?;
        }
        Ok(())
    }
}

/// The error of a step of a script.
#[derive(Debug)]
pub(crate) enum Error {
    /// The guest trapped.
    Trap(String),
    /// No guest caught an exception.
    Exception,
    /// Any other error: a module that is refused, an import that does not match.
    Other(String),
}

impl From<burdock::Error> for Error {
    fn from(error: burdock::Error) -> Self {
        match error.downcast_ref::<Trap>() {
            Some(trap) => Self::Trap(trap.message().to_owned()),
            None if error.is::<ThrownException>() => Self::Exception,
            None => Self::Other(format!("{error:#}")),
        }
    }
}

/// A store with everything that a script needs.
pub(crate) struct Machine {
    engine: Engine,
    store: Store<Data>,
    linker: Linker<Data>,
    timeout: Option<Timeout>,
}

impl Machine {
    /// Creates a store with the module `spectest` and with the hooks, the fuel and the time limit
    /// of the options.
    pub(crate) fn new(options: &Options, mut config: Config) -> Result<Self, Error> {
        if options.timeout.is_some() {
            config.epoch_interruption(true);
        }
        if options.fuel.is_some() {
            config.consume_fuel(true);
        }
        let engine = Engine::new(&config)?;
        let mut store = Store::new(&engine, Data::default());
        // Only the timeout increments the epoch.
        store.set_epoch_deadline(1);
        if let Some(fuel) = options.fuel {
            store.set_fuel(fuel)?;
        }
        if options.observe {
            let id = store.attach(Filter::new(), Watch { id: None });
            if let Some(watch) = store.hook_mut(id) {
                watch.id = Some(id);
            }
        }
        if options.hook {
            store.call_hook(|mut store, _| {
                store.data_mut().events += 1;
                Ok(())
            });
        }
        let mut linker = Linker::new(&engine);
        linker.allow_shadowing(true);
        spectest::define(&mut store, &mut linker)?;
        let timeout = options.timeout.map(|after| Timeout::start(&engine, after));
        Ok(Self { engine, store, linker, timeout })
    }

    /// Returns `true` if the script has used up its time.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.timeout.as_ref().is_some_and(Timeout::has_fired)
    }

    /// Returns the number of events that the counting hook has seen.
    pub(crate) fn hook_events(&self) -> u64 {
        self.store.data().events
    }

    /// Validates and compiles a module.
    pub(crate) fn compile(&self, wasm: &[u8]) -> Result<Module, Error> {
        Ok(Module::new(&self.engine, wasm)?)
    }

    /// Validates a module completely, even in modes that defer validation.
    pub(crate) fn validate(&self, wasm: &[u8]) -> Result<(), Error> {
        Ok(Module::validate(&self.engine, wasm)?)
    }

    /// Instantiates a module with the registered instances, and runs its start function.
    pub(crate) fn instantiate(&mut self, module: &Module) -> Result<Instance, Error> {
        Ok(self.linker.instantiate(&mut self.store, module)?)
    }

    /// Makes an instance's exports importable under a name.
    pub(crate) fn register(&mut self, name: &str, instance: Instance) -> Result<(), Error> {
        self.linker.instance(&mut self.store, name, instance)?;
        Ok(())
    }

    /// Calls an exported function.
    pub(crate) fn invoke(
        &mut self,
        instance: Instance,
        name: &str,
        args: &[Value],
    ) -> Result<Vec<Value>, Error> {
        let func = instance
            .get_func(&mut self.store, name)
            .ok_or_else(|| Error::Other(format!("no exported function `{name}`")))?;
        let args: Vec<Val> = args.iter().map(|arg| self.val(*arg)).collect::<Result<_, _>>()?;
        let results = func.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); results];
        func.call(&mut self.store, &args, &mut results)?;
        results.iter().map(|result| self.value(result)).collect()
    }

    /// Reads an exported global.
    pub(crate) fn global(&mut self, instance: Instance, name: &str) -> Result<Value, Error> {
        let global = instance
            .get_global(&mut self.store, name)
            .ok_or_else(|| Error::Other(format!("no exported global `{name}`")))?;
        let val = global.get(&mut self.store);
        self.value(&val)
    }

    fn val(&mut self, value: Value) -> Result<Val, Error> {
        Ok(match value {
            Value::I32(x) => Val::I32(x),
            Value::I64(x) => Val::I64(x),
            Value::F32(x) => Val::F32(x),
            Value::F64(x) => Val::F64(x),
            Value::V128(x) => Val::V128(V128::from(u128::from_le_bytes(x))),
            Value::Ref(Family::Func, Referent::Null) => Val::FuncRef(None),
            Value::Ref(Family::Extern, Referent::Null) => Val::ExternRef(None),
            Value::Ref(Family::Exn, Referent::Null) => Val::ExnRef(None),
            Value::Ref(Family::Any, Referent::Null) => Val::AnyRef(None),
            Value::Ref(Family::Any, Referent::Host(x)) => {
                let value = ExternRef::new(&mut self.store, x)?;
                AnyRef::convert_extern(&self.store, value)?.into()
            }
            Value::Ref(Family::Extern, Referent::Host(x)) => {
                Val::ExternRef(Some(ExternRef::new(&mut self.store, x)?))
            }
            Value::Ref(..) => return Err(Error::Other(format!("cannot pass {value}"))),
        })
    }

    fn value(&self, val: &Val) -> Result<Value, Error> {
        Ok(match val {
            Val::I32(x) => Value::I32(*x),
            Val::I64(x) => Value::I64(*x),
            Val::F32(x) => Value::F32(*x),
            Val::F64(x) => Value::F64(*x),
            Val::V128(x) => Value::V128(x.as_u128().to_le_bytes()),
            Val::FuncRef(func) => Value::Ref(Family::Func, opaque(func.is_none())),
            Val::ExnRef(exception) => Value::Ref(Family::Exn, opaque(exception.is_none())),
            Val::ExternRef(None) => Value::Ref(Family::Extern, Referent::Null),
            Val::ExternRef(Some(x)) => Value::Ref(Family::Extern, self.host_value(*x)?),
            Val::AnyRef(None) => Value::Ref(Family::Any, Referent::Null),
            Val::AnyRef(Some(x)) => Value::Ref(
                Family::Any,
                match x.ty(&self.store)? {
                    HeapType::I31 => Referent::I31,
                    HeapType::ConcreteStruct(_) => Referent::Struct,
                    HeapType::ConcreteArray(_) => Referent::Array,
                    _ => self.host_value(ExternRef::convert_any(&self.store, *x)?)?,
                },
            ),
        })
    }

    fn host_value(&self, value: Rooted<ExternRef>) -> Result<Referent, Error> {
        let host = value.data(&self.store)?.and_then(|value| value.downcast_ref::<u32>());
        Ok(host.map_or(Referent::Opaque, |host| Referent::Host(*host)))
    }
}

fn opaque(is_null: bool) -> Referent {
    if is_null { Referent::Null } else { Referent::Opaque }
}

/// The time at which a module's functions are validated and translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Both when the module is compiled.
    Eager,
    /// Validated when the module is compiled, translated at the first call.
    LazyTranslation,
    /// Both at the first call.
    Lazy,
}

impl Mode {
    /// Sets the mode in a configuration.
    pub fn set(self, config: &mut Config) {
        config.compilation_mode(match self {
            Self::Eager => CompilationMode::Eager,
            Self::LazyTranslation => CompilationMode::LazyTranslation,
            Self::Lazy => CompilationMode::Lazy,
        });
    }
}

/// Returns a configuration that enables every feature of the engine, including those that are off
/// by default, and compiles modules eagerly. Two features stay off, because scripts of Wasm 3.0
/// expect modules to be refused that these features allow: legacy exceptions and custom
/// descriptors.
pub fn config_with_all_features() -> Config {
    let mut config = config_with_wasm_2_0();
    config
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_relaxed_simd(true)
        .wasm_wide_arithmetic(true)
        .wasm_custom_page_sizes(true)
        .wasm_function_references(true)
        .wasm_exceptions(true)
        .wasm_compact_imports(true)
        .wasm_gc(true);
    config
}

/// Returns a configuration that enables the features of Wasm 2.0 and compiles modules eagerly.
/// Scripts of that version expect later features to be refused.
pub fn config_with_wasm_2_0() -> Config {
    let mut config = Config::default();
    config
        .wasm_simd(true)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_gc(false)
        .wasm_compact_imports(false)
        .compilation_mode(CompilationMode::Eager);
    config
}
