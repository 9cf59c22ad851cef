//! The meanings of the vector ops (SIMD and relaxed SIMD), one file a family.

mod lanes;

mod access;
mod bits;
mod compare;
mod convert;
mod float;
mod int;
mod memory;
mod relaxed;

#[cfg(test)]
mod tests;

pub use access::*;
pub use bits::*;
pub use compare::*;
pub use convert::*;
pub use float::*;
pub use int::*;
pub use lanes::{ExtractLane, LoadLane, Operand, ReplaceLane, StoreLane};
pub use memory::*;
pub use relaxed::*;
