//! The machine of the Burdock WebAssembly interpreter: frames, memories, tables, handlers and
//! dispatchers.
//!
//! # Should I be using this crate?
//!
//! Only to build an API of your own on Burdock's machine. Embedders use the `burdock` crate.
//!
//! # How it works
//!
//! A [`Vm`] holds the entities of a store. Code comes from `burdock-translate`, with a *head* for
//! each instruction that is the address of its handler ([`Dispatch::target`]). [`run`] executes
//! handler after handler. The machine delegates everything else to a [`Host`]: host functions,
//! limits, hooks. Frames are data on a stack of the machine's own, so a guest call is not a Rust
//! call.
#![no_std]
#![deny(clippy::undocumented_unsafe_blocks)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod addr;
mod arena;
mod backtrace;
mod bulk;
mod cast;
mod census;
mod code;
mod collect;
mod dispatch;
mod dominators;
mod entities;
mod exception;
mod frame;
mod handles;
pub mod heap;
mod host;
mod instance;
mod instantiate;
mod kept;
mod machine;
mod memory;
mod numbers;
mod observe;
#[cfg(mapped_memories)]
mod reservation;
mod roots;
mod run;
mod run_state;
mod snapshot;
mod stack;
mod storage;
mod table;
mod unwind;
mod vm;
mod watched;
mod watchpoints;

pub use addr::{
    FuncAddr, GlobalAddr, HostFunc, InstanceAddr, MemoryAddr, RawRef, TableAddr, TagAddr, TypeId,
    TypeInfo,
};
pub use burdock_types::Events;
pub use census::{Census, Holder, TypeCensus};
pub use code::{Code, ModuleParts, Source, SourceError};
pub use dispatch::Dispatch;
pub use frame::{Cursor, FrameLocation};
pub use handles::{Handle, Scope};
pub use host::{Failed, Host, Stopping, Transition};
pub use kept::KeptRegisters;
pub use memory::OutOfMemory;
pub use roots::RootKind;
pub use run::{
    Failure, Paused, Stopped, Suspended, go_on, resume, run, run_resumable, run_start,
    run_suspendable,
};
pub use snapshot::Snapshot;
pub use vm::{FuncInfo, FuncKind, RawFrame, SlotSpan, Vm, VmConfig};
pub use watchpoints::{WatchedMemories, WatchedRange};
