//! `Config`: how an engine reads, translates and runs modules. Knobs that only mean something to a
//! compiler are in `config/accepted.rs` and `config/cache.rs`, the bounds of Wasmtime's pool in
//! `config/pool.rs`, the switches of the proposals in `config/wasm.rs`.

mod accepted;
mod cache;
mod features;
mod fuel;
mod heap;
mod memories;
mod pool;
mod version;
mod wasm;

pub use accepted::{Enabled, Inlining, OptLevel, ProfilingStrategy, RegallocAlgorithm, Strategy};
pub use cache::{Cache, CacheConfig};
pub use features::WasmFeatures;
pub use fuel::TranslationCost;
pub use heap::Collector;
pub use pool::{InstanceAllocationStrategy, PoolingAllocationConfig};
pub use version::ModuleVersionStrategy;

use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{Dispatch, VmConfig};
use burdock_parse::{EnforcedLimits, Features};
use burdock_translate::{OperatorCost, Settings};
use core::num::NonZeroUsize;

/// The time at which function bodies are translated and validated.
///
/// The default is [`LazyTranslation`](Self::LazyTranslation): `Module::new` rejects invalid
/// modules, and functions that are never called cost no more than their validation. The default of
/// wasmi and Wasmtime is eager. Besides time, the choice matters for a valid function whose frame
/// exceeds the machine's limit (some 65,500 slots): eager translation rejects it in `Module::new`,
/// the other modes in its first call.
///
/// Source: wasmi's `CompilationMode`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.compilation_mode(CompilationMode::Lazy);
/// // The body of `f` is invalid, which only a call of `f` shows.
/// let mut store = Store::new(&Engine::new(&config)?, ());
/// let module = Module::new(store.engine(), r#"(module (func (export "f") i32.add drop))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// assert!(f.call(&mut store, ()).is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum CompilationMode {
    /// `Module::new` validates and translates all function bodies.
    Eager,
    /// `Module::new` validates all function bodies; each is translated at its first call.
    #[default]
    LazyTranslation,
    /// Each function body is validated and translated at its first call. A body that turns out to
    /// be invalid fails that call.
    Lazy,
}

/// Selects whether backtraces read debug information; see [`Config::wasm_backtrace_details`].
///
/// Source: Wasmtime's `WasmBacktraceDetails`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
/// let mut store = Store::new(&Engine::new(&config)?, ());
/// let module = Module::new(store.engine(), r#"(module (func (export "f") unreachable))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// let backtrace: &WasmBacktrace = error.downcast_ref().unwrap();
/// assert!(backtrace.frames()[0].symbols().is_empty());
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum WasmBacktraceDetails {
    /// Backtraces read it if the environment variable `WASMTIME_BACKTRACE_DETAILS` is `1`; without
    /// the crate feature `std` they do not.
    #[default]
    Environment,
    /// Backtraces read debug information.
    Enable,
    /// Backtraces do not read debug information.
    Disable,
}

/// A decision about details of backtraces.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Details {
    On,
    Off,
    OffByEnvironment,
}

impl Details {
    fn of(details: WasmBacktraceDetails) -> Self {
        #[cfg(feature = "std")]
        let variable = std::env::var_os("WASMTIME_BACKTRACE_DETAILS").is_some_and(|v| v == "1");
        #[cfg(not(feature = "std"))]
        let variable = false;
        match details {
            WasmBacktraceDetails::Enable => Self::On,
            WasmBacktraceDetails::Environment if variable => Self::On,
            WasmBacktraceDetails::Environment => Self::OffByEnvironment,
            WasmBacktraceDetails::Disable => Self::Off,
        }
    }
}

/// The configuration of an [`Engine`](crate::Engine): how it reads, translates and runs modules.
///
/// Names are those of Wasmtime's `Config`, or of wasmi's for options that only wasmi has.
///
/// # Example
///
/// ```
/// use burdock::{CompilationMode, Config, Engine};
/// let mut config = Config::new();
/// config.consume_fuel(true).compilation_mode(CompilationMode::Lazy);
/// let engine = Engine::new(&config)?;
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) features: Features,
    /// Proposals that were asked for and are not supported.
    pub(crate) unsupported: Vec<&'static str>,
    pub(crate) heap: heap::HeapSettings,
    pub(crate) limits: EnforcedLimits,
    pool: Option<PoolingAllocationConfig>,
    pub(crate) mode: CompilationMode,
    pub(crate) parallel_compilation: bool,
    pub(crate) consume_fuel: bool,
    pub(crate) operator_cost: Option<Arc<OperatorCost>>,
    pub(crate) translation_cost: TranslationCost,
    pub(crate) keep_fuel: bool,
    pub(crate) epoch_interruption: bool,
    pub(crate) nan_canonicalization: bool,
    pub(crate) relaxed_simd_deterministic: bool,
    pub(crate) max_stack: usize,
    memories: memories::MemorySettings,
    pub(crate) module_version: ModuleVersionStrategy,
    pub(crate) initial_stack: usize,
    pub(crate) max_host_depth: u32,
    pub(crate) max_frames: Option<usize>,
    pub(crate) backtrace_frames: Option<NonZeroUsize>,
    pub(crate) backtrace_details: Details,
    pub(crate) address_map: bool,
    pub(crate) coredump_on_trap: bool,
    pub(crate) allow_start_fn: bool,
    pub(crate) ignore_custom_sections: bool,
    pub(crate) dispatch: Dispatch,
    pub(crate) guest_debug: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// The default maximum number of frames in a backtrace, as in Wasmtime.
const DEFAULT_BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(20).unwrap();

impl Config {
    /// Creates the default configuration: all supported proposals that Wasmtime enables by default,
    /// translation at the first call, no fuel, no epochs, and a guest stack of at most 16 MiB.
    pub fn new() -> Self {
        Self {
            features: Features::default(),
            unsupported: Vec::new(),
            heap: heap::HeapSettings::default(),
            limits: EnforcedLimits::default(),
            pool: None,
            mode: CompilationMode::default(),
            parallel_compilation: true,
            consume_fuel: false,
            operator_cost: None,
            translation_cost: TranslationCost::default(),
            keep_fuel: false,
            epoch_interruption: false,
            nan_canonicalization: false,
            relaxed_simd_deterministic: false,
            max_stack: 16 << 20,
            memories: memories::MemorySettings::default(),
            module_version: ModuleVersionStrategy::default(),
            initial_stack: 1 << 10,
            max_host_depth: 128,
            max_frames: None,
            backtrace_frames: Some(DEFAULT_BACKTRACE_FRAMES),
            coredump_on_trap: false,
            backtrace_details: Details::of(WasmBacktraceDetails::Environment),
            address_map: true,
            allow_start_fn: true,
            ignore_custom_sections: false,
            dispatch: Dispatch::default(),
            guest_debug: false,
        }
    }

    /// Sets whether guests check the engine's epoch in loops and at function entries (see
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline)). Off by default.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.epoch_interruption = enable;
        self
    }

    /// Sets the maximum size of a store's guest frames in bytes; beyond it a guest traps with
    /// [`Trap::StackOverflow`](crate::Trap::StackOverflow). 16 MiB by default.
    ///
    /// Guest frames are data of the interpreter: this limits no native stack.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Self {
        self.max_stack = bytes;
        self
    }

    /// Sets the maximum size of a store's guest frames in bytes; wasmi's name of
    /// [`Config::max_wasm_stack`].
    pub fn set_max_stack_height(&mut self, bytes: usize) -> &mut Self {
        self.max_wasm_stack(bytes)
    }

    /// Sets the initial size of a store's guest stack in bytes. 1 KiB by default.
    pub fn set_min_stack_height(&mut self, bytes: usize) -> &mut Self {
        self.initial_stack = bytes;
        self
    }

    /// Limits the number of guest frames within one call from the host; a call beyond the limit
    /// traps with [`Trap::StackOverflow`](crate::Trap::StackOverflow). A tail call replaces its
    /// caller's frame. By default only the size of frames in bytes is limited
    /// ([`Config::max_wasm_stack`]); that limit applies in either case.
    ///
    /// With this limit, guests count their frames, which takes two more instructions a call.
    /// Without it, nothing is counted.
    ///
    /// Source: wasmi's `Config::set_max_recursion_depth`, which is 1000 unless set.
    pub fn set_max_recursion_depth(&mut self, frames: usize) -> &mut Self {
        self.max_frames = Some(frames);
        self
    }

    /// Does nothing; accepted for code that comes from wasmi. A store keeps its stack.
    pub fn set_max_cached_stacks(&mut self, _stacks: usize) -> &mut Self {
        self
    }

    /// Limits the nesting of calls from the host into guests, through host functions that call
    /// guests in turn; a deeper call traps with `StackOverflow`. Each level takes native stack, and
    /// Rust code cannot know how much of it is left. 128 by default.
    pub fn max_host_depth(&mut self, calls: u32) -> &mut Self {
        self.max_host_depth = calls;
        self
    }

    /// Sets when bodies are translated and validated. By default they are validated at once and
    /// translated at the first call.
    pub fn compilation_mode(&mut self, mode: CompilationMode) -> &mut Self {
        self.mode = mode;
        self
    }

    /// Sets whether several threads share the work of `Module::new` on a module with 64 KiB of
    /// code or more: validation, and the translation of [`CompilationMode::Eager`]. On by default.
    ///
    /// The threads end before `Module::new` returns, and its result does not depend on them. There
    /// are as many as the processor runs at once; without the crate feature `std` there is one.
    ///
    /// Source: Wasmtime's `Config::parallel_compilation`.
    ///
    /// ```
    /// let mut config = burdock::Config::new();
    /// config.parallel_compilation(false);
    /// ```
    pub fn parallel_compilation(&mut self, enable: bool) -> &mut Self {
        self.parallel_compilation = enable;
        self
    }

    /// Sets limits on modules, as a defense against modules made to be expensive. None by default.
    pub fn enforced_limits(&mut self, limits: EnforcedLimits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// Sets whether custom sections (names included) are dropped when a module is read.
    pub fn ignore_custom_sections(&mut self, enable: bool) -> &mut Self {
        self.ignore_custom_sections = enable;
        self
    }

    /// Sets whether modules may have a start function. On by default; with `false`, creating such a
    /// module fails.
    ///
    /// Source: wasmi's `Config::allow_start_fn`.
    pub fn allow_start_fn(&mut self, allow: bool) -> &mut Self {
        self.allow_start_fn = allow;
        self
    }

    /// Sets whether traps carry a [`WasmBacktrace`](crate::WasmBacktrace). On by default.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.backtrace_frames = match (enable, self.backtrace_frames) {
            (false, _) => None,
            (true, None) => Some(DEFAULT_BACKTRACE_FRAMES),
            (true, frames) => frames,
        };
        self
    }

    /// Sets the maximum number of frames in a backtrace (the innermost ones); `None` turns
    /// backtraces off. 20 by default.
    pub fn wasm_backtrace_max_frames(&mut self, limit: Option<NonZeroUsize>) -> &mut Self {
        self.backtrace_frames = limit;
        self
    }

    /// Sets whether backtraces read the module's debug information (DWARF in custom sections), so
    /// that frames have [`symbols`](crate::FrameInfo::symbols). By default an environment variable
    /// decides. Needs the crate feature `addr2line`.
    pub fn wasm_backtrace_details(&mut self, details: WasmBacktraceDetails) -> &mut Self {
        self.backtrace_details = Details::of(details);
        self
    }

    /// Sets whether errors of guests carry a [`WasmCoreDump`](crate::WasmCoreDump), even if
    /// backtraces are off. Off by default.
    pub fn coredump_on_trap(&mut self, enable: bool) -> &mut Self {
        self.coredump_on_trap = enable;
        self
    }

    /// Returns the configuration of the machines of an engine's stores.
    pub(crate) fn vm_config(&self) -> VmConfig {
        VmConfig {
            dispatch: self.dispatch,
            max_stack_bytes: self.max_stack,
            initial_stack_bytes: self.initial_stack.min(self.max_stack),
            max_host_depth: self.max_host_depth,
            max_frames: self.max_frames.unwrap_or(usize::MAX),
            backtrace_frames: self.captured_frames(),
            keep_fuel: self.keep_fuel,
            huge_pages: self.memories.huge_pages,
            memory_room: self.memories.room(),
            heap: self.heap.heap_config(),
        }
    }

    /// Returns the number of frames that the machine records when a guest fails.
    fn captured_frames(&self) -> usize {
        let forced = self.coredump_on_trap.then_some(DEFAULT_BACKTRACE_FRAMES);
        self.backtrace_frames.or(forced).map_or(0, NonZeroUsize::get)
    }

    /// Sets whether NaN results of floating-point operators are replaced by the canonical NaN, so
    /// that every machine computes the same bits. Off by default.
    pub fn cranelift_nan_canonicalization(&mut self, enable: bool) -> &mut Self {
        self.nan_canonicalization = enable;
        self
    }

    /// Does nothing; accepted for code that comes from Wasmtime. In Burdock, relaxed SIMD operators
    /// always give the results of the specification's deterministic profile.
    pub fn relaxed_simd_deterministic(&mut self, enable: bool) -> &mut Self {
        self.relaxed_simd_deterministic = enable;
        self
    }

    /// Selects the dispatcher that runs guests, for tests. The default is the fastest of the build.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Self {
        self.dispatch = dispatch;
        self
    }

    /// Sets whether frames of backtraces give their position in the module. On by default.
    ///
    /// [`FrameInfo::module_offset`](crate::FrameInfo::module_offset) and
    /// [`FrameInfo::func_offset`](crate::FrameInfo::func_offset) are `None` if this is off. Frames
    /// then have no symbols, and a backtrace contains only function names. The switch saves no
    /// memory: unlike a compiler, an interpreter has the positions in any case.
    ///
    /// Source: Wasmtime's `Config::generate_address_map`.
    pub fn generate_address_map(&mut self, enable: bool) -> &mut Self {
        self.address_map = enable;
        self
    }

    /// Sets whether guests can be debugged: [`Store::set_debug_handler`],
    /// [`Store::edit_breakpoints`], [`Store::debug_exit_frames`]. Off by default.
    ///
    /// If this is on, frames can be read wherever a guest stops, with the arguments of its calls,
    /// and breakpoints set at any time. A function runs ordinary code until a breakpoint or a step
    /// concerns it; then it keeps all its values in its frame, and is several times slower. A
    /// debugger can interrupt a guest that loops only if
    /// [`epoch_interruption`](Self::epoch_interruption) is on.
    ///
    /// [`Store::debug_exit_frames`]: crate::Store::debug_exit_frames
    /// [`Store::set_debug_handler`]: crate::Store::set_debug_handler
    /// [`Store::edit_breakpoints`]: crate::Store::edit_breakpoints
    pub fn guest_debug(&mut self, enable: bool) -> &mut Self {
        self.guest_debug = enable;
        self
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            consume_fuel: self.consume_fuel,
            operator_cost: self.operator_cost.clone(),
            epoch_interruption: self.epoch_interruption,
            canonicalize_nans: self.nan_canonicalization,
            count_frames: self.max_frames.is_some(),
            keep_arguments: self.guest_debug,
        }
    }
}
