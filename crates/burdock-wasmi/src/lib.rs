//! wasmi 2.0's API over the [Burdock](burdock) WebAssembly interpreter.
//!
//! # Should I be using this crate?
//!
//! Yes, if your program embeds wasmi 2.0 and you want Burdock's speed, hooks or tools without
//! changing code. One line of Cargo.toml changes:
//!
//! ```toml
//! wasmi = { package = "burdock-wasmi", version = "0.1" }
//! ```
//!
//! Crate features, types, methods and errors have wasmi's names. New programs should use the crate
//! `burdock`, whose API is Wasmtime's and offers more.
//!
//! # Example
//!
//! ```
//! use burdock_wasmi as wasmi;
//! use wasmi::{Caller, Engine, Linker, Module, Store};
//!
//! let engine = Engine::default();
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "host" "add" (func $add (param i32)))
//!         (func (export "run") (call $add (i32.const 3)) (call $add (i32.const 4))))"#,
//! )?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "add", |mut caller: Caller<'_, i32>, n: i32| *caller.data_mut() += n)?;
//! let mut store = Store::new(&engine, 0);
//! let instance = linker.instantiate_and_start(&mut store, &module)?;
//! instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
//! assert_eq!(*store.data(), 7);
//! # Ok::<(), wasmi::Error>(())
//! ```
//!
//! # Burdock behind it
//!
//! Every type is a thin layer over Burdock's, which `as_burdock` and `as_burdock_mut` return. A
//! program can thus use hooks, epochs, asynchronous calls and backtraces where it needs them:
//!
//! ```
//! use burdock::{Event, Events, Filter, Hook, StoreContextMut};
//! use burdock_wasmi::{Engine, Instance, Module, Store};
//!
//! /// Counts the functions that guests enter.
//! struct Entries;
//!
//! impl Hook<u32> for Entries {
//!     const EVENTS: Events = Events::FUNCS;
//!
//!     fn event(
//!         &mut self,
//!         mut store: StoreContextMut<'_, u32>,
//!         event: Event<'_>,
//!     ) -> burdock::Result<()> {
//!         if let Event::FuncEnter { .. } = event {
//!             *store.data_mut() += 1;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let engine = Engine::default();
//! let wat = r#"(module (func $f) (func (export "run") call $f call $f))"#;
//! let module = Module::new(&engine, wat)?;
//! let mut store = Store::new(&engine, 0);
//! store.as_burdock_mut().attach(Filter::default(), Entries);
//! let instance = Instance::new(&mut store, &module, &[])?;
//! instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
//! assert_eq!(*store.data(), 3);
//! # Ok::<(), burdock_wasmi::Error>(())
//! ```
//!
//! # What is what
//!
//! | wasmi | Burdock |
//! |---|---|
//! | `Engine`, `Config`, `Module`, `Store`, `Linker`, `Instance` | the types of the same names, with their engine |
//! | `Func`, `Memory`, `Table`, `Global`, `Extern` | the types of the same names |
//! | `TypedFunc`, `IntoFunc`, `Caller` | the types of the same names; a typed call or a call of a host function costs as many instructions |
//! | `Val`, `Ref`, `F32`, `F64`, `Nullable` | `Val`, `Ref`, bits, `Option` |
//! | `ExternRef` | `Rooted<ExternRef>`, kept as long as the store |
//! | `Error`, `ErrorKind`, `errors` | `Error`, told apart by what it contains; [`Error::backtrace`] has the frames |
//! | `TrapCode` | `Trap` |
//! | `ResourceLimiter`, `StoreLimits` | the types of the same names |
//! | `ResumableCall` and its kin | the types of the same names |
//! | `CallHook`, `CompilationMode`, `EnforcedLimits`, `V128`, `CustomSection` | the same types |
//!
//! # What differs
//!
//! - The store's data is `'static`, and [`TypedFunc`] demands that its types are lists of values.
//!   Generic code may need these bounds.
//! - [`errors`] have the same variants, but other messages. `ErrorKind::Wasm` has Burdock's
//!   [`ParseError`](burdock::ParseError) instead of the parser library's. An element segment that
//!   does not fit fails with a trap code.
//! - Fuel: an operator takes as much as in wasmi, and so does translation. wasmi takes one unit
//!   more for each iteration of a loop and each arm of an `if`, and takes the units of a block as a
//!   whole, also of operators behind a branch that is taken. `memory.copy` and similar operators
//!   take 1 for each byte or element instead of 1 for 64 bytes, and `memory.grow` takes 1 for any
//!   size. A guest stops if it has no *more* fuel than it needs to enter a function, and within a
//!   function at loop heads, where wasmi checks before each block. docs/FUEL.md of the project has
//!   the details.
//! - Recursion is limited by the height of the stack, 16 MiB, and not by 1,000 frames as well.
//!   [`Config::set_max_recursion_depth`] adds this limit.
//! - The limiter's `instances`, `tables` and `memories` are read once, by
//!   [`Store::limiter`]. The limiter is asked about the growth of the heap, too, on which values
//!   behind [`ExternRef`] live.
//! - The limiter is asked about the memories of an instance before its tables, and also about
//!   growth of a table with a maximum beyond 2^32 elements.
//! - Call hooks are also called around a host function that the host calls, and after a host
//!   function that fails.
//! - A value of another store, and a result of a host function that is of another type, fail the
//!   call; wasmi panics, or uses the bits.
//! - A resumable call also stops at the error of a host function that its outermost function
//!   tail-calls; in wasmi the call ends.
//! - [`Module::new_unchecked`] validates the module, because this crate has no unsafe code.
//! - `wasmi_core` is not among the crates that this one replaces: its types are here.
//! - Features that choose between implementations of wasmi (`extra-checks`, `hash-collections`,
//!   `indirect-dispatch`, `libm`, ...) are accepted and change nothing. So is `validate`: modules
//!   are always validated.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod config;
mod engine;
mod error;
pub mod errors;
mod externals;
mod float;
mod func;
mod global;
mod host_error;
mod instance;
mod limiter;
mod linker;
mod memory;
mod module;
mod operator_cost;
mod read;
mod reftype;
mod store;
mod table;
mod trap;
mod types;
mod value;

/// The interpreter behind this API.
pub use burdock;

pub use burdock::{CallHook, EnforcedLimits, V128};
pub use config::{CompilationMode, Config, CustomFuelCosts};
pub use engine::{Engine, EngineWeak};
pub use error::Error;
pub use externals::{Export, ExportsIter, Extern};
pub use float::{F32, F64};
pub use func::{
    Caller, Func, IntoFunc, ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel,
    TypedFunc, TypedResumableCall, TypedResumableCallHostTrap, TypedResumableCallOutOfFuel,
    WasmParams, WasmResults, WasmRet, WasmTy, WasmTyList,
};
pub use global::Global;
pub use instance::Instance;
pub use limiter::{LimiterError, ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::Linker;
pub use memory::Memory;
pub use module::{
    CustomSection, CustomSectionsIter, ExportType, ImportType, Module, ModuleExportsIter,
    ModuleImportsIter,
};
pub use operator_cost::OperatorCost;
pub use read::Read;
pub use reftype::{ExternRef, Nullable, Ref};
pub use store::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut};
pub use table::Table;
pub use trap::TrapCode;
pub use types::{
    ExternType, FuncType, GlobalType, MemoryType, MemoryTypeBuilder, Mutability, RefType,
    TableType, ValType,
};
pub use value::Val;
