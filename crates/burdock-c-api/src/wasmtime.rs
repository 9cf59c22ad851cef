//! `wasmtime.h`: the names of Wasmtime's C API.

pub(crate) mod asynchronous;
pub(crate) mod composite;
pub(crate) mod config;
pub(crate) mod entities;
pub(crate) mod error;
pub(crate) mod external;
pub(crate) mod func;
pub(crate) mod instance;
pub(crate) mod linker;
pub(crate) mod module;
pub(crate) mod object;
pub(crate) mod reference;
pub(crate) mod store;
pub(crate) mod types;
mod unsupported;
pub(crate) mod val;
pub(crate) mod valtype;
#[cfg(feature = "wasi")]
pub(crate) mod wasi;
