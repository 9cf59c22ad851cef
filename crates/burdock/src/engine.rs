//! `Engine`: the state that modules, linkers and stores share: the configuration, the known
//! function types, the epoch.

mod pool;
mod registry;
mod runtime_type;

pub use pool::PoolingAllocatorMetrics;
pub(crate) use pool::Share;
pub(crate) use registry::{EngineType, ModuleTypes, Registry};

use crate::{Config, Result, bail};
use alloc::sync::{Arc, Weak};
use burdock_core::VmConfig;
use burdock_ir::Target;
use burdock_translate::Translator;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

/// A handle to the state that modules, linkers and stores share. Cheap to clone; `Send` and `Sync`.
///
/// # Example
///
/// ```
/// use burdock::{Config, Engine};
/// let engine = Engine::default();
/// assert!(Engine::same(&engine, &engine.clone()));
/// assert!(!Engine::same(&engine, &Engine::new(&Config::new())?));
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<EngineInner>,
}

/// The bits of the epoch that count ticks: at a tick each microsecond, enough for 12 days, and at a
/// tick each millisecond for 34 years. The bits above count interrupts.
const TICKS: u64 = (1 << 40) - 1;

struct EngineInner {
    config: Config,
    /// The configuration of the machines of stores, which follows from `config`.
    vm_config: VmConfig,
    types: Registry,
    /// The encoding of each op for the configured dispatcher.
    target: Arc<Target>,
    epoch: Arc<AtomicU64>,
    /// A translator with its buffers, unless it is in use.
    translator: spin::Mutex<Option<Translator>>,
    /// The numbers of what stores hold, if the configuration has a pool.
    held: Option<Arc<pool::Held>>,
}

impl Engine {
    /// Creates an engine with this configuration.
    ///
    /// # Errors
    ///
    /// Fails if the configuration asks for what this build does not have.
    pub fn new(config: &Config) -> Result<Self> {
        if let Some(name) = config.unsupported.first() {
            bail!("the wasm_{name} feature is not supported by this version of Burdock");
        }
        if !config.dispatch.is_available() {
            bail!("this build has no {:?} dispatch", config.dispatch);
        }
        Ok(Self {
            inner: Arc::new(EngineInner {
                config: config.clone(),
                vm_config: config.vm_config(),
                types: Registry::default(),
                target: config.dispatch.target(),
                epoch: Arc::new(AtomicU64::new(0)),
                translator: spin::Mutex::new(None),
                held: config.has_pool().then(Arc::default),
            }),
        })
    }

    /// Returns the engine's configuration.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    #[inline]
    pub(crate) fn vm_config(&self) -> VmConfig {
        self.inner.vm_config
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.inner.target
    }

    /// Translates with the engine's translator, or with a new one while another thread uses it.
    pub(crate) fn translate<R>(&self, translate: impl FnOnce(&mut Translator) -> R) -> R {
        let free = self.inner.translator.lock().take();
        let mut translator = free.unwrap_or_else(|| Translator::new(&self.config().settings()));
        let result = translate(&mut translator);
        *self.inner.translator.lock() = Some(translator);
        result
    }

    /// Returns a handle that does not keep the engine alive.
    pub fn weak(&self) -> EngineWeak {
        EngineWeak { inner: Arc::downgrade(&self.inner) }
    }

    /// Returns `true` if both handles refer to one engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// Adds one to the engine's epoch and interrupts guests of stores whose deadline is reached.
    /// Can be called from any thread and from signal handlers.
    pub fn increment_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of ticks of the epoch.
    pub(crate) fn current_epoch(&self) -> u64 {
        self.inner.epoch.load(Ordering::Relaxed) & TICKS
    }

    /// Counts an interrupt in the number that guests compare, unless there is no room left.
    pub(crate) fn add_interrupt(&self) {
        let add = |now: u64| now.checked_add(TICKS + 1);
        let _ = self.inner.epoch.fetch_update(Ordering::Release, Ordering::Relaxed, add);
    }

    /// Returns the number of interrupts so far.
    pub(crate) fn interrupts(&self) -> u64 {
        self.inner.epoch.load(Ordering::Acquire) / (TICKS + 1)
    }

    /// Returns the number that guests compare after these interrupts and ticks; `None` for a
    /// number of ticks that is never reached.
    pub(crate) fn moment(interrupts: u64, ticks: u64) -> Option<u64> {
        let base = interrupts.checked_mul(TICKS + 1)?;
        (ticks <= TICKS).then(|| base + ticks)
    }

    pub(crate) fn epoch(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.inner.epoch)
    }

    pub(crate) fn types(&self) -> &Registry {
        &self.inner.types
    }

    /// Does nothing; accepted for code that comes from Wasmtime, which prepares threads for traps.
    pub fn tls_eager_initialize() {}

    /// Does nothing but drop the engine; accepted for code that comes from Wasmtime. Burdock has no
    /// handlers of signals.
    pub fn unload_process_handlers(self) {}

    /// Returns `false`: Burdock is not Wasmtime's Pulley interpreter.
    pub fn is_pulley(&self) -> bool {
        false
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(&Config::default()).expect("the default configuration is supported")
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// A handle to an [`Engine`] that does not keep it alive.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let weak = engine.weak();
/// // A timer thread holds `weak`, and ends once the engine is gone.
/// weak.upgrade().unwrap().increment_epoch();
/// drop(engine);
/// assert!(weak.upgrade().is_none());
/// ```
#[derive(Clone)]
pub struct EngineWeak {
    inner: Weak<EngineInner>,
}

impl EngineWeak {
    /// Returns the engine if a strong handle to it is left.
    pub fn upgrade(&self) -> Option<Engine> {
        let inner = self.inner.upgrade()?;
        Some(Engine { inner })
    }
}

impl fmt::Debug for EngineWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineWeak").finish_non_exhaustive()
    }
}
