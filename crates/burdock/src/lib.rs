//! A WebAssembly interpreter with Wasmtime's API, and with hooks that cost nothing unless they are
//! used.
//!
//! # Should I be using this crate?
//!
//! Yes, to run WebAssembly from Rust where code cannot be generated at run time, where start-up
//! time matters more than peak speed, or to observe what a guest does. The lower layers
//! (`burdock-core` and others) serve those who build an engine of their own.
//!
//! # Example
//!
//! ```
//! use burdock::*;
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module
//!         (import "host" "hello" (func $hello (param i32)))
//!         (func (export "run") (call $hello (i32.const 3))))
//! "#)?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "hello", |mut caller: Caller<'_, i32>, x: i32| {
//!     *caller.data_mut() += x;
//! })?;
//! let mut store = Store::new(&engine, 4);
//! let instance = linker.instantiate(&mut store, &module)?;
//! let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
//! run.call(&mut store, ())?;
//! assert_eq!(*store.data(), 7);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Where to look
//!
//! - [`Engine`] and [`Config`] hold the configuration that modules share.
//! - [`Module`] is code; [`Store`] is the state of a running program; [`Linker`] and [`Instance`]
//!   bring both together.
//! - [`Func`], [`TypedFunc`], [`Memory`], [`Table`] and [`Global`] are handles to entities in a
//!   store.
//! - [`Error`] and [`Trap`] say how a call failed, [`WasmBacktrace`] where.
//! - [`Store::set_fuel`], [`Store::set_epoch_deadline`] and [`Store::limiter`] limit time and
//!   memory.
//! - [`Hook`] and [`Filter`] observe a guest: its calls, branches, memory accesses, instructions.
//!
//! # Crate features
//!
//! - `std` (default): adds [`Module::from_file`], and enables `std` in the lower crates. Without
//!   this feature the crate needs only `alloc`.
//! - `wat` (default): accepts the text format in [`Module::new`]; needs `std`.
//! - `addr2line` (default): adds source lines to backtraces, from the module's debug information.
//! - `demangle` (default): demangles names of Rust and C++ functions in backtraces.
//! - `anyhow` (default): converts [`Error`] to an `anyhow::Error` and back.
//! - `coredump` (default): adds `WasmCoreDump::serialize`.
//! - `profiling` (default): adds [`GuestProfiler`]; needs `std`.
//! - `dispatch-loop`, `dispatch-tail`: compile that dispatcher in addition to the target's own
//!   ([`Config::dispatch`]).
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(burdock_hookless, allow(dead_code, unreachable_pub, unused_imports))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod config;
mod coredump;
// Builds for `cargo xtask hookfree` have no hooks: neither this module nor `observe.rs`.
#[cfg(not(burdock_hookless))]
mod debug;
mod engine;
pub mod error;
mod event;
mod exception;
mod externals;
mod func;
mod global;
mod hook;
mod instance;
mod limits;
mod linker;
mod memory;
mod module;
pub mod names;
mod numbers;
#[cfg_attr(burdock_hookless, path = "hookless.rs")]
mod observe;
#[cfg(feature = "profiling")]
mod profiling;
mod store;
mod table;
mod tag;
mod trap;
mod types;
mod values;

pub use burdock_core::heap::HeapStatistics;
pub use burdock_core::{Dispatch, OutOfMemory};
pub use burdock_parse::{
    AvgBytesPerFunctionLimit, Bounded, EnforcedLimits, ExceededLimit, ParseError,
};
pub use burdock_translate::{OperatorCost, TranslateError, VariableOperatorCost};
pub use burdock_types::{Trap, V128};
pub use config::{
    Cache, CacheConfig, Collector, CompilationMode, Config, Enabled, Inlining,
    InstanceAllocationStrategy, ModuleVersionStrategy, OptLevel, PoolingAllocationConfig,
    ProfilingStrategy, RegallocAlgorithm, Strategy, TranslationCost, WasmBacktraceDetails,
    WasmFeatures,
};
pub use coredump::WasmCoreDump;
pub use engine::{Engine, EngineWeak, PoolingAllocatorMetrics};
pub use error::{Error, Result, ToWasmtimeResult};
pub use event::{
    Allocation, Collection, Event, Growth, HostAnswer, HostCall, Leave, MemoryAccess, Values,
};
pub use exception::ThrownException;
pub use externals::{Export, Extern};
pub use func::{
    Caller, Func, IntoFunc, ResumableCall, ResumableCallHookError, ResumableCallHostTrap,
    ResumableCallOutOfFuel, TypedFunc, TypedResumableCall, TypedResumableCallHookError,
    TypedResumableCallHostTrap, TypedResumableCallOutOfFuel, WasmParams, WasmResults, WasmRet,
    WasmTy,
};
pub use global::Global;
pub use hook::{CallHook, CallHookHandler, Events, Hook, NoHook};
pub use instance::{Instance, InstancePre};
pub use limits::{
    AllocationError, DEFAULT_INSTANCE_LIMIT, DEFAULT_MEMORY_LIMIT, DEFAULT_TABLE_LIMIT,
    DataLimiter, Growing, ResourceLimitError, ResourceLimiter, ResourceLimiterAsync, StoreLimits,
    StoreLimitsBuilder,
};
pub use linker::{Linker, UnknownImportError};
pub use memory::{Memory, MemoryAccessError};
#[cfg(feature = "std")]
pub use module::{CodeBuilder, CodeHint};
pub use module::{
    CustomSection, Module, ModuleExport, Precompiled, ResourcesRequired, StartFunctionError,
};
pub use observe::api::*;
#[cfg(feature = "profiling")]
pub use profiling::GuestProfiler;
pub use store::{
    AsContext, AsContextMut, Holder, InterruptHandle, LiveType, RootKind, Store, StoreContext,
    StoreContextMut, StoreHookState, UpdateDeadline,
};
pub use table::Table;
pub use tag::Tag;
pub use trap::{FrameInfo, FrameSymbol, WasmBacktrace};
pub use types::{
    ArrayType, ExnType, ExportType, ExternType, FieldType, Finality, FuncType, GlobalType,
    HeapBottomType, HeapTopType, HeapType, ImportType, MemoryType, MemoryTypeBuilder, Mutability,
    RefType, StorageType, StructType, TableType, TagType, ValType,
};
pub use values::{
    AnyRef, ArrayRef, ArrayRefPre, EqRef, ExnRef, ExnRefPre, ExternRef, GcHeapOutOfMemory, GcRef,
    I31, NoExtern, NoFunc, NoneRef, OwnedRooted, Ref, RootScope, Rooted, RootedGcRef, StructRef,
    StructRefPre, Val, ValRaw,
};

/// The items that this crate's macros expand to.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::expand;
    pub use core::result::Result::Err;
    pub use core::{concat, format_args, stringify};
}

/// The examples of docs/HOOKS.md.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/HOOKS.md")]
struct HooksPage;
