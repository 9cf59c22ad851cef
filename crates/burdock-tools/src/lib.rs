//! Tools that stand on Burdock's hooks.

#![forbid(unsafe_code)]

pub mod audit;
mod code;
pub mod coverage;
mod flow;
mod lines;
pub mod profile;
pub mod step;
mod symbols;
pub mod trace;
pub mod wasi;

pub use code::{Code, Op};
pub use lines::Lines;
pub use symbols::{FuncId, Symbols};
