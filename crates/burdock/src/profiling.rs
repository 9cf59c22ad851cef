//! `GuestProfiler`: samples of a guest's stack, as a profile for Firefox's profiler.

use crate::names::FuncName;
use crate::store::StoreOpaque;
use crate::{AsContext, CallHook, Engine, Module, Result};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use fxprof_processed_profile::debugid::DebugId;
use fxprof_processed_profile::{
    CategoryHandle, Frame, FrameFlags, FrameInfo, LibraryHandle, LibraryInfo, MarkerLocations,
    MarkerTiming, ProcessHandle, Profile, StackHandle, StaticSchemaMarker, StaticSchemaMarkerField,
    StringHandle, Symbol, SymbolTable, ThreadHandle, Timestamp,
};
use std::io::Write;
use std::time::{Instant, SystemTime};

/// Collects samples of a guest's stack and writes them as a profile for Firefox's profiler.
///
/// The embedder calls [`GuestProfiler::sample`] at regular intervals while the guest runs, usually
/// in [`Store::epoch_deadline_callback`](crate::Store::epoch_deadline_callback). Guests reach that
/// callback at function entries and loop heads, so samples count only there. A profile that does
/// not depend on time is made by the crate `burdock-tools`.
///
/// The profile contains the names of the modules' functions, and the byte offsets in the modules'
/// binaries at which guests were. It contains nothing of modules that [`GuestProfiler::new`] did
/// not get, and no addresses of the host.
///
/// Source: Wasmtime's `GuestProfiler`. In Wasmtime the offsets are those in the compiled code, and
/// engines with [`Config::guest_debug`](crate::Config::guest_debug) are refused.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use std::time::Duration;
/// let mut config = Config::new();
/// config.epoch_interruption(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"
///     (module (func $work (param $n i32)
///         (loop
///             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
///             (br_if 0 (local.get $n))))
///     (func $main (export "main") (call $work (i32.const 10))))
/// "#)?;
/// let modules = [("guest.wasm".to_string(), module.clone())];
/// // A program would let a thread call `Engine::increment_epoch` once in this time.
/// let interval = Duration::from_millis(1);
/// let profiler = GuestProfiler::new(&engine, "guest", interval, modules)?;
/// let mut store = Store::new(&engine, Some(profiler));
/// store.epoch_deadline_callback(move |mut store| {
///     let mut profiler = store.data_mut().take().unwrap();
///     profiler.sample(&store, interval);
///     *store.data_mut() = Some(profiler);
///     Ok(UpdateDeadline::Continue(0))
/// });
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "main")?.call(&mut store, ())?;
/// let mut profile = Vec::new();
/// store.into_data().unwrap().finish(&mut profile)?;
/// assert!(String::from_utf8(profile).unwrap().contains("work"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct GuestProfiler {
    profile: Profile,
    modules: Vec<(Module, LibraryHandle)>,
    process: ProcessHandle,
    thread: ThreadHandle,
    start: Instant,
    host_call: HostCall,
}

impl GuestProfiler {
    /// Starts a profile, whose time 0 is now.
    ///
    /// `module_name` is the profile's title, and `interval` is the time that the embedder means to
    /// leave between samples. Stacks consist of the functions of `modules`, each of which has the
    /// name that stands beside it. Frames of other modules are left out.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Panics
    ///
    /// Panics if a module belongs to another engine.
    pub fn new(
        engine: &Engine,
        module_name: &str,
        interval: Duration,
        modules: impl IntoIterator<Item = (String, Module)>,
    ) -> Result<Self> {
        let mut profile = Profile::new(module_name, SystemTime::now().into(), interval.into());
        // Functions get their names here. The profiler's page has nothing to look up.
        profile.set_symbolicated(true);
        let modules = modules.into_iter().map(|(name, module)| {
            assert!(Engine::same(module.engine(), engine), "module used with wrong engine");
            let library = profile.add_lib(library(name, &module));
            (module, library)
        });
        let modules = modules.collect();
        let zero = Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(module_name, 0, zero);
        let thread = profile.add_thread(process, 0, zero, true);
        let host_call = HostCall(profile.intern_string(HostCall::UNIQUE_MARKER_TYPE_NAME));
        Ok(Self { profile, modules, process, thread, start: Instant::now(), host_call })
    }

    /// Adds a sample: the current stack of guests, including those that wait for the host.
    ///
    /// `delta` is the time for which the guest has used the processor since the last sample;
    /// `Duration::ZERO` if that is not known.
    pub fn sample(&mut self, store: impl AsContext, delta: Duration) {
        let now = self.now();
        let stack = self.stack(store.as_context().opaque());
        self.profile.add_sample(self.thread, now, stack, delta.into(), 1);
    }

    /// Marks the beginning or the end of a call of the host. `kind` is what a hook of
    /// [`Store::call_hook`](crate::Store::call_hook) got; calls of guests are not marked.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// fn profile_host_calls(store: &mut Store<GuestProfiler>, spare: GuestProfiler) {
    ///     let mut spare = Some(spare);
    ///     store.call_hook(move |mut store, kind| {
    ///         // The profiler needs the store, in which it is.
    ///         let mut profiler = core::mem::replace(store.data_mut(), spare.take().unwrap());
    ///         profiler.call_hook(&store, kind);
    ///         spare = Some(core::mem::replace(store.data_mut(), profiler));
    ///         Ok(())
    ///     });
    /// }
    /// ```
    pub fn call_hook(&mut self, store: impl AsContext, kind: CallHook) {
        let now = self.now();
        match kind {
            CallHook::CallingWasm | CallHook::ReturningFromWasm => {}
            CallHook::CallingHost => {
                let timing = MarkerTiming::IntervalStart(now);
                let marker = self.profile.add_marker(self.thread, timing, self.host_call);
                let stack = self.stack(store.as_context().opaque());
                self.profile.set_marker_stack(self.thread, marker, stack);
            }
            CallHook::ReturningFromHost => {
                let timing = MarkerTiming::IntervalEnd(now);
                self.profile.add_marker(self.thread, timing, self.host_call);
            }
        }
    }

    /// Writes the profile as JSON, in the processed profile format of Firefox's profiler
    /// (<https://profiler.firefox.com>).
    ///
    /// # Errors
    ///
    /// Fails if `output` does.
    pub fn finish(mut self, output: impl Write) -> Result<()> {
        let now = self.now();
        self.profile.set_thread_end_time(self.thread, now);
        self.profile.set_process_end_time(self.process, now);
        Ok(serde_json::to_writer(output, &self.profile)?)
    }

    fn now(&self) -> Timestamp {
        let nanos = u64::try_from(self.start.elapsed().as_nanos());
        Timestamp::from_nanos_since_reference(nanos.unwrap_or(u64::MAX))
    }

    /// Returns the current stack in the profile; `None` if no guest of a known module runs.
    fn stack(&mut self, store: &StoreOpaque) -> Option<StackHandle> {
        let frames = store.vm.backtrace(usize::MAX);
        let modules = &self.modules;
        // The format wants the outermost frame first.
        let frames = frames.iter().rev().filter_map(|frame| {
            let module = &store.instance(frame.instance).module;
            let (_, library) = modules.iter().find(|(known, _)| Module::same(known, module))?;
            // The offset is that of an operator, also for a frame that waits for a call.
            Some(FrameInfo {
                frame: Frame::RelativeAddressFromInstructionPointer(*library, frame.offset),
                category_pair: CategoryHandle::OTHER.into(),
                flags: FrameFlags::empty(),
            })
        });
        self.profile.intern_stack_frames(self.thread, frames)
    }
}

/// Returns a module as a library whose addresses are the offsets in the module's binary.
fn library(name: String, module: &Module) -> LibraryInfo {
    let imported = module.def().imported_funcs;
    let symbols = (imported..).zip(&module.def().bodies).map(|(func, body)| Symbol {
        address: body.start as u32,
        size: Some(body.len() as u32),
        name: match module.func_name(func) {
            Some(name) => FuncName(name).to_string(),
            None => format!("<wasm function {func}>"),
        },
    });
    LibraryInfo {
        name,
        debug_name: String::new(),
        path: String::new(),
        debug_path: String::new(),
        debug_id: DebugId::nil(),
        code_id: None,
        arch: None,
        symbol_table: Some(Arc::new(SymbolTable::new(symbols.collect()))),
    }
}

/// The marker of a call of the host.
#[derive(Copy, Clone, Debug)]
struct HostCall(StringHandle);

impl StaticSchemaMarker for HostCall {
    // Wasmtime's name.
    const UNIQUE_MARKER_TYPE_NAME: &'static str = "hostcall";

    const FIELDS: &'static [StaticSchemaMarkerField] = &[];

    const LOCATIONS: MarkerLocations = MarkerLocations::MARKER_CHART
        .union(MarkerLocations::MARKER_TABLE)
        .union(MarkerLocations::TIMELINE_OVERVIEW);

    fn name(&self, _: &mut Profile) -> StringHandle {
        self.0
    }

    fn category(&self, _: &mut Profile) -> CategoryHandle {
        CategoryHandle::OTHER
    }

    fn string_field_value(&self, _: u32) -> StringHandle {
        unreachable!("a marker without fields")
    }

    fn number_field_value(&self, _: u32) -> f64 {
        unreachable!("a marker without fields")
    }
}
