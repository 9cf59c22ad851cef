//! The types of values, globals, tables, memories and functions.

mod entity;
mod func;
mod memory;
mod value;

pub use entity::{ExternType, GlobalType, Mutability, TableType};
pub use func::FuncType;
pub use memory::{MemoryType, MemoryTypeBuilder};
pub use value::{RefType, ValType};
