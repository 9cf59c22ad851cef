//! Wasmtime's guest debugging API: breakpoints, single step, frames and a handler, on top of
//! attached hooks. The handler is an ordinary function: nothing here is asynchronous.

mod breakpoints;
mod entities;
mod frames;
mod handler;

pub(crate) use breakpoints::Breakpoints;
pub use breakpoints::{Breakpoint, BreakpointEdit};
pub use frames::{DefinedFuncIndex, FrameHandle, ModulePC};
pub(crate) use handler::OnException;
pub use handler::{DebugEvent, DebugHandler};
