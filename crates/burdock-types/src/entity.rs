//! Types of tables, memories and globals (spec sections 2.3.10 to 2.3.12).

use crate::{RefType, TypeIdx, ValType};

/// The type of the addresses of a memory or table (proposal memory64).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IndexType {
    /// 32-bit addresses.
    I32,
    /// 64-bit addresses.
    I64,
}

impl IndexType {
    /// Returns the type of a value that is such an address.
    pub const fn val_type<X>(self) -> ValType<X> {
        match self {
            Self::I32 => ValType::I32,
            Self::I64 => ValType::I64,
        }
    }
}

/// The type of a linear memory.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct MemoryType {
    /// The type of its addresses.
    pub index: IndexType,
    /// Initial size in pages.
    pub min: u64,
    /// Largest size in pages, if there is one.
    pub max: Option<u64>,
    /// Log2 of the page size in bytes: 16, or 0 (proposal custom-page-sizes).
    pub page_size_log2: u8,
}

impl MemoryType {
    /// Log2 of the page size of the core spec: 64 KiB.
    pub const DEFAULT_PAGE_SIZE_LOG2: u8 = 16;

    /// Returns the page size in bytes.
    pub const fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }

    /// Returns the maximum number of pages that the address type can reach.
    pub const fn index_limit(&self) -> u64 {
        let bits = match self.index {
            IndexType::I32 => 32,
            IndexType::I64 => 64,
        } - self.page_size_log2 as u32;
        if bits >= 64 { u64::MAX } else { 1 << bits }
    }
}

/// The type of a table.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableType<X = TypeIdx> {
    /// The type of its indices.
    pub index: IndexType,
    /// The type of its elements.
    pub element: RefType<X>,
    /// Initial size in elements.
    pub min: u64,
    /// Largest size in elements, if there is one.
    pub max: Option<u64>,
}

impl<X: Copy> TableType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> TableType<Y> {
        let Self { index, element, min, max } = self;
        TableType { index, element: element.map(name), min, max }
    }
}

/// The type of a global.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct GlobalType<X = TypeIdx> {
    /// The type of its value.
    pub content: ValType<X>,
    /// `true` if the global is mutable.
    pub mutable: bool,
}

impl<X: Copy> GlobalType<X> {
    /// Returns the type in which concrete types have the names that `name` gives.
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> GlobalType<Y> {
        GlobalType { content: self.content.map(name), mutable: self.mutable }
    }
}
