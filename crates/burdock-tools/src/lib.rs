//! Tools that stand on Burdock's hooks.

#![forbid(unsafe_code)]

mod code;
mod symbols;
pub mod trace;
pub mod wasi;

pub use code::{Code, Op};
pub use symbols::{FuncId, Symbols};
