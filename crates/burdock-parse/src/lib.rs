//! Parses a module's bytes into a validated [`ModuleDef`]: types, index spaces and unread function
//! bodies. [`drive`] reads a body, validates it and passes its operators to a visitor, in one pass.
//!
//! # Should I be using this crate?
//!
//! Only to build a tool or a translator on validated modules. Embedders use the `burdock` crate.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod body;
mod convert;
mod error;
mod features;
mod frame;
mod import_name;
mod module;
mod parse;
mod plain;
mod sections;
mod segment;
mod short;
mod validate;

pub use body::{Allocations, BodyVisitor, Validation, drive, end_of_call, operator_at, operators};
pub use error::{Bounded, ExceededLimit, ParseError};
pub use features::{AvgBytesPerFunctionLimit, EnforcedLimits, Features};
pub use frame::MAX_FRAME_SLOTS;
pub use import_name::ImportName;
pub use module::{
    ConstExpr, ConstOp, CustomSection, DataMode, DataSegment, ElemItems, ElemMode, ElemSegment,
    Exports, ExternIdx, GlobalDef, Import, ImportType, ModuleDef, TableDef,
};
pub use parse::{func_names, parse};
pub use validate::validate_bodies;
pub use wasmparser;
