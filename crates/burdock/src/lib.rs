//! A WebAssembly interpreter with Wasmtime's API and hooks that cost nothing where nobody uses
//! them.
//!
//! # Should I be using this crate?
//!
//! Yes, to run WebAssembly from Rust where code cannot be generated at run time, where start-up
//! counts more than top speed, or where you want to watch what a guest does. The layers below
//! (`burdock-core` and others) are for those who build an engine of their own.
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
//! # Crate features
//!
//! - `std` (default): [`Module::from_file`], and `std` in the crates below. Without it the crate
//!   needs `alloc` only.
//! - `wat` (default): the text format in [`Module::new`]; needs `std`.
//! - `addr2line` (default): source lines in backtraces, from the module's debug information.
//! - `demangle` (default): names of Rust and C++ functions in backtraces are demangled.
//! - `anyhow` (default): [`Error`] becomes an `anyhow::Error` and back.
//! - `coredump` (default): `WasmCoreDump::serialize`.
//! - `dispatch-loop`, `dispatch-tail`: compile that dispatcher too, whatever the target's own is
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
#[cfg_attr(burdock_hookless, path = "hookless.rs")]
mod observe;
mod store;
mod table;
mod trap;
mod types;
mod values;

pub use burdock_core::Dispatch;
pub use burdock_parse::{AvgBytesPerFunctionLimit, EnforcedLimits};
pub use burdock_translate::{OperatorCost, VariableOperatorCost};
pub use burdock_types::{Trap, V128};
pub use config::{
    Collector, CompilationMode, Config, Enabled, Inlining, InstanceAllocationStrategy,
    ModuleVersionStrategy, OptLevel, ProfilingStrategy, RegallocAlgorithm, Strategy,
    WasmBacktraceDetails, WasmFeatures,
};
pub use coredump::WasmCoreDump;
pub use engine::{Engine, EngineWeak};
pub use error::{Error, Result, ToWasmtimeResult};
pub use event::{Event, Growth, HostAnswer, HostCall, Leave, MemoryAccess, Values};
pub use externals::{Export, Extern};
pub use func::{
    Caller, Func, IntoFunc, ResumableCall, ResumableCallHookError, ResumableCallHostTrap,
    ResumableCallOutOfFuel, TypedFunc, TypedResumableCall, TypedResumableCallHookError,
    TypedResumableCallHostTrap, TypedResumableCallOutOfFuel, WasmParams, WasmResults, WasmRet,
    WasmTy,
};
pub use global::Global;
pub use hook::{CallHook, Events, Hook, NoHook};
pub use instance::{Instance, InstancePre};
pub use limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::{Linker, UnknownImportError};
pub use memory::{Memory, MemoryAccessError};
pub use module::{CustomSection, Module, ModuleExport, Precompiled, ResourcesRequired};
pub use observe::api::*;
pub use store::{
    AsContext, AsContextMut, Store, StoreContext, StoreContextMut, StoreHookState, UpdateDeadline,
};
pub use table::Table;
pub use trap::{FrameInfo, FrameSymbol, WasmBacktrace};
pub use types::{
    ExportType, ExternType, FuncType, GlobalType, HeapType, ImportType, MemoryType,
    MemoryTypeBuilder, Mutability, RefType, TableType, ValType,
};
pub use values::{ExternRef, GcHeapOutOfMemory, OwnedRooted, Ref, RootScope, Rooted, Val, ValRaw};

/// What this crate's macros expand to.
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
