//! Types of what a module imports and exports, in Wasmtime's shape.

mod entity;
mod external;
mod func;
mod matching;

pub use burdock_types::{HeapType, RefType, ValType};
pub use entity::{GlobalType, MemoryType, MemoryTypeBuilder, Mutability, TableType};
pub use external::{ExportType, ExternType, ImportType};
pub use func::FuncType;
pub(crate) use matching::{Definition, DefinitionRef, check_import};
