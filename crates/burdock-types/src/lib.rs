//! The types that all layers of Burdock share: value, reference and function types, limits, index
//! newtypes, `V128` and `Trap`.
//!
//! # Should I be using this crate?
//!
//! Only to build on one of Burdock's lower layers (parser, translator, machine). Embedders use the
//! `burdock` crate, which re-exports these types in the form of Wasmtime's API.
//!
//! # Example
//!
//! ```
//! use burdock_types::{FuncType, ValType};
//! let ty: FuncType = FuncType::new([ValType::I32, ValType::I32], [ValType::I64]);
//! assert_eq!(ty.to_string(), "(i32, i32) -> i64");
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod composite;
mod entity;
mod events;
mod heaptype;
mod index;
mod layout;
mod text;
mod trap;
mod v128;
mod valtype;

pub use composite::{CompositeType, FieldType, FuncType, StorageType, StructType, SubType};
pub use entity::{GlobalType, IndexType, MemoryType, TableType};
pub use events::Events;
pub use heaptype::{HeapType, RefType};
pub use index::{
    DataIdx, ElemIdx, FuncIdx, GlobalIdx, LocalIdx, MemoryIdx, TableIdx, TagIdx, TypeIdx,
};
pub use layout::{
    DESCRIPTOR, GRANULE, HEADER, INLINE_SUPERTYPES, LARGEST_SMALL, ObjectLayout, Storage,
};
pub use text::{Escaped, EscapedLines, Limited};
pub use trap::Trap;
pub use v128::V128;
pub use valtype::ValType;
