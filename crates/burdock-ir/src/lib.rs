//! The intermediate representation of Burdock: the op table, the meaning of each op, code buffers
//! and the disassembler.
//!
//! # Should I be using this crate?
//!
//! Only to write a translator to, or a machine for, this representation. Embedders use the
//! `burdock` crate.
//!
//! # Example
//!
//! ```
//! use burdock_ir::{Kind, Kinds, Meaning, sem::{Binary, I32Add}};
//! // The meaning of an op is a function ...
//! assert_eq!(I32Add::apply(i32::MAX, 1), Ok(i32::MIN));
//! // ... and each choice of operand kinds is an op.
//! let op = Meaning::I32Add.op(Kinds::new(Kind::Reg, Kind::Slot, Kind::Imm)).unwrap();
//! assert_eq!(op.words(), 2);
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bulk;
mod cast;
mod code;
mod disasm;
mod docs;
mod edge;
mod handlers;
mod kinds;
mod op;
pub mod operands;
pub mod operation;
mod ops;
mod reciprocal;
pub mod sem;
mod target;

pub use bulk::Bulk;
pub use cast::{CastTarget, ReferenceClass};
pub use code::{CodeBuffer, FuncMeta, FuncWriter, OffsetMap};
pub use disasm::disassemble;
pub use docs::ops_markdown;
pub use edge::Edge;
pub use handlers::{Clause, Handlers, NO_INDEX, Region};
pub use kinds::{Bank, Kind, Kinds, Order, Shape};
pub use op::{Meaning, Op, Row};
pub use operands::{BitField, Operands, control};
pub use operation::Operation;
pub use reciprocal::reciprocal;
pub use target::{Registers, Target, USUAL_RECORD, ZEROED_GROUP, record_slot};
