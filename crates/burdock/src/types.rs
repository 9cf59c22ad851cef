//! Types of what a module imports and exports, in Wasmtime's shape.

mod composite;
mod defaults;
mod entity;
mod external;
mod field;
mod func;
mod heap;
mod hierarchy;
mod matching;
mod tag;
mod value;

pub(crate) use composite::Concrete;
pub use composite::{ArrayType, Finality, StructType};
pub use entity::{GlobalType, MemoryType, MemoryTypeBuilder, Mutability, TableType};
pub use external::{ExportType, ExternType, ImportType};
pub use field::{FieldType, StorageType};
pub use func::FuncType;
pub use heap::HeapType;
pub use hierarchy::{HeapBottomType, HeapTopType};
pub(crate) use matching::{Definition, DefinitionRef, check_import};
pub use tag::{ExnType, TagType};
pub use value::{RefType, ValType};

/// The types as the store has them, with the engine's numbers for concrete types.
pub(crate) mod raw {
    use burdock_core::TypeId;

    pub(crate) type HeapType = burdock_types::HeapType<TypeId>;
    pub(crate) type RefType = burdock_types::RefType<TypeId>;
    pub(crate) type ValType = burdock_types::ValType<TypeId>;
    pub(crate) type FuncType = burdock_types::FuncType<TypeId>;
    pub(crate) type StorageType = burdock_types::StorageType<TypeId>;
    pub(crate) type FieldType = burdock_types::FieldType<TypeId>;
    pub(crate) type StructType = burdock_types::StructType<TypeId>;
    pub(crate) type TableType = burdock_types::TableType<TypeId>;
    pub(crate) type GlobalType = burdock_types::GlobalType<TypeId>;
}
