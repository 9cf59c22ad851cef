//! Tools that stand on Burdock's hooks.

#![forbid(unsafe_code)]

mod code;
mod flow;
pub mod profile;
mod symbols;
pub mod trace;
pub mod wasi;

pub use code::{Code, Op};
pub use symbols::{FuncId, Symbols};
