//! Writes the native handlers of Burdock: assembly for each op with each choice of registers, and
//! for sequences of instructions, and the tables by which a machine finds them.
//!
//! # Should I be using this crate?
//!
//! Only when you change how native handlers are made: the build script of `burdock-core` calls it.
//! Embedders use `burdock`.
//!
//! # Example
//!
//! ```
//! let native = burdock_native::handlers("x86_64", "").unwrap().expect("a known processor");
//! assert!(native.text.contains("imul r9d, r14d\n"));
//! assert!(native.table.contains("static VARIANTS"));
//! // Processors without native handlers run those in Rust.
//! assert!(burdock_native::handlers("riscv64", "").unwrap().is_none());
//! ```
#![forbid(unsafe_code)]

mod aarch64;
mod elf;
mod generate;
mod isa;
mod sequence;
mod trie;
mod variants;
mod x86_64;

pub use generate::{Native, handler, handlers};
pub use sequence::{SequenceError, Sequences};
