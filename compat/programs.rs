//! The programs that are compiled against Wasmtime and against Burdock.

mod asynchronous;
mod debugging;
mod embedding;
mod exceptions;
mod functions;
mod objects;
mod pool;
mod profiling;
pub mod stops;
mod types;

use wasmtime::{DebugHandler, Result};

/// Runs all programs; the handler is what differs between both.
pub fn run(handler: impl DebugHandler<Data = stops::Log>) -> Result<()> {
    embedding::run()?;
    types::run()?;
    functions::run()?;
    objects::run()?;
    exceptions::run()?;
    asynchronous::run()?;
    debugging::run()?;
    profiling::run()?;
    pool::run()?;
    stops::run(handler)
}
