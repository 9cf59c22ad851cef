//! Ready-made observers for guests of Burdock: [`trace`], [`profile`], [`coverage`], [`audit`],
//! [`step`].
//!
//! # Should I be using this crate?
//!
//! If you embed Burdock and want to know what a guest does, in one of these ways. To look at a
//! module from a shell the program `burdock` has all of this as commands. For a tool of your own,
//! write a [`Hook`](burdock::Hook): this crate has no other way into the engine.
//!
//! What all tools share: [`Code`] reads names and operators from a module's bytes, [`Lines`] knows
//! which line of source an operator comes from, [`Symbols`] names functions, and [`wasi`] explains
//! calls of WASI.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod audit;
mod code;
pub mod coverage;
mod flow;
mod json;
mod lines;
mod pattern;
pub mod profile;
pub mod step;
mod symbols;
pub mod trace;
pub mod wasi;

pub use code::{Code, Op};
pub use json::json_text;
pub use lines::Lines;
pub use symbols::{FuncId, Symbols};
