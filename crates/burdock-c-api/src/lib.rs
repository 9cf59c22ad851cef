//! The Burdock WebAssembly interpreter as a C library.
//!
//! This crate is not meant to be used from Rust: its functions are those of `wasm.h`, `wasmtime.h`
//! and `burdock.h` in the directory `include`, which describe them. `cargo xtask install-c`
//! installs library and headers. docs/C-API.md is the guide.
//!
//! A Rust program that shares an engine with C code can pass a pointer to a [`wasm_engine_t`].
//!
//! # Crate features
//!
//! - `wasi` (default): WASI preview 1.
//! - `wat` (default): the text format.
//! - `tools` (default): traces and profiles.
//! - `addr2line`, `demangle` (default): backtraces with source lines and readable names.
#![allow(non_camel_case_types)]

mod abi;
mod burdock;
mod cell;
#[cfg(all(test, feature = "wasi", feature = "wat", feature = "tools"))]
mod signatures;
mod vecs;
mod wasm;
mod wasmtime;

pub use wasm::engine::{wasm_engine_new, wasm_engine_t};

// References that C passes for values may have the place of the value only on such machines.
const _: () = assert!(cfg!(target_endian = "little"), "the C API needs a little-endian machine");
