//! Ready-made observers for guests of Burdock: [`trace`], [`profile`], [`coverage`], [`audit`],
//! [`step`]; and a server for debuggers: [`debug`].
//!
//! # Should I be using this crate?
//!
//! Use this crate if you embed Burdock and want to trace, profile, audit or step through a guest,
//! or measure its coverage. To examine a module from a shell, use the program `burdock`, which
//! offers all of this as commands. For a tool of your own, implement [`Hook`](burdock::Hook): this
//! crate uses nothing else of the engine.
//!
//! All tools share a few types: [`Code`] reads names and operators from a module's bytes, [`Lines`]
//! maps operators to lines of source, [`dwarf`] reads variables, [`Symbols`] names functions, and
//! [`wasi`] decodes calls of WASI.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod audit;
mod code;
pub mod condition;
pub mod coverage;
pub mod debug;
pub mod dwarf;
mod explain;
mod flow;
mod json;
mod lines;
mod pattern;
pub mod profile;
pub mod step;
mod symbols;
pub mod trace;
mod values;
pub mod wasi;

/// The example of docs/DEBUGGING.md.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/DEBUGGING.md")]
struct DebuggingPage;

pub use code::{Code, Op};
pub use json::json_text;
pub use lines::Lines;
pub use symbols::{FuncId, Symbols};
