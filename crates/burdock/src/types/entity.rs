//! Types of memories, tables and globals.

use super::raw;
use crate::{Engine, RefType, Result, ValType, bail};
use burdock_types::IndexType;
use core::fmt;

/// The mutability of a global.
///
/// See [`GlobalType`] for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// The global is immutable.
    Const,
    /// The global is mutable.
    Var,
}

impl Mutability {
    /// Returns `true` if the global is immutable.
    pub fn is_const(&self) -> bool {
        *self == Self::Const
    }

    /// Returns `true` if the global is mutable.
    pub fn is_var(&self) -> bool {
        *self == Self::Var
    }
}

/// The type of a global.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I64, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I64(1))?;
/// global.set(&mut store, Val::I64(2))?;
/// assert_eq!(global.get(&store).unwrap_i64(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// Creates a global type from the type and mutability of its value.
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// Returns the type of the global's value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Returns the global's mutability.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    pub(crate) fn raw(&self) -> raw::GlobalType {
        raw::GlobalType { content: self.content.raw(), mutable: self.mutability.is_var() }
    }

    pub(crate) fn from_raw(engine: &Engine, ty: raw::GlobalType) -> Self {
        let mutability = match ty.mutable {
            true => Mutability::Var,
            false => Mutability::Const,
        };
        Self::new(ValType::from_raw(engine, ty.content), mutability)
    }
}

/// The type of a table.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TableType::new(RefType::FUNCREF, 10, Some(20));
/// let table = Table::new(&mut store, ty, Ref::Func(None))?;
/// assert_eq!(table.grow(&mut store, 10, Ref::Func(None))?, 10);
/// assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableType {
    index: IndexType,
    element: RefType,
    min: u64,
    max: Option<u64>,
}

impl TableType {
    /// Creates a table type with 32-bit indices and a size in elements.
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> Self {
        Self { index: IndexType::I32, element, min: min.into(), max: max.map(Into::into) }
    }

    /// Creates a table type with 64-bit indices and a size in elements.
    pub fn new64(element: RefType, min: u64, max: Option<u64>) -> Self {
        Self { index: IndexType::I64, element, min, max }
    }

    /// Returns `true` if indices are 64-bit.
    pub fn is_64(&self) -> bool {
        self.index == IndexType::I64
    }

    /// Returns the type of the elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// Returns the initial size in elements.
    pub fn minimum(&self) -> u64 {
        self.min
    }

    /// Returns the maximum size in elements, if there is one.
    pub fn maximum(&self) -> Option<u64> {
        self.max
    }

    pub(crate) fn raw(&self) -> raw::TableType {
        let Self { index, ref element, min, max } = *self;
        raw::TableType { index, element: element.raw(), min, max }
    }

    pub(crate) fn from_raw(engine: &Engine, ty: raw::TableType) -> Self {
        let raw::TableType { index, element, min, max } = ty;
        Self { index, element: RefType::from_raw(engine, element), min, max }
    }
}

/// The type of a linear memory.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let ty = MemoryType::new(1, Some(16));
/// assert_eq!((ty.minimum(), ty.maximum(), ty.page_size()), (1, Some(16), 65_536));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MemoryType(burdock_types::MemoryType);

impl MemoryType {
    /// Creates a memory type with 32-bit addresses and a size in pages of 64 KiB.
    ///
    /// # Panics
    ///
    /// Panics if a size is more than 65,536 pages, or the minimum more than the maximum.
    pub fn new(minimum: u32, maximum: Option<u32>) -> Self {
        let mut builder = Self::builder();
        builder.min(minimum.into()).max(maximum.map(Into::into));
        builder.build().expect("invalid memory type")
    }

    /// Creates a memory type with 64-bit addresses and a size in pages of 64 KiB.
    ///
    /// # Panics
    ///
    /// Panics if the minimum is 2^48 pages or more, or exceeds the maximum.
    pub fn new64(minimum: u64, maximum: Option<u64>) -> Self {
        let mut builder = Self::builder();
        builder.memory64(true).min(minimum).max(maximum);
        builder.build().expect("invalid memory type")
    }

    /// Returns a builder of a memory type.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::new()
    }

    /// Returns `true` if addresses are 64-bit.
    pub fn is_64(&self) -> bool {
        self.0.index == IndexType::I64
    }

    /// Returns `false`: shared memories need the threads proposal, which is not supported.
    pub fn is_shared(&self) -> bool {
        false
    }

    /// Returns the initial size in pages.
    pub fn minimum(&self) -> u64 {
        self.0.min
    }

    /// Returns the maximum size in pages, if there is one.
    pub fn maximum(&self) -> Option<u64> {
        self.0.max
    }

    /// Returns the size of a page in bytes.
    pub fn page_size(&self) -> u64 {
        self.0.page_size()
    }

    /// Returns log2 of the size of a page in bytes.
    pub fn page_size_log2(&self) -> u8 {
        self.0.page_size_log2
    }

    pub(crate) fn raw(&self) -> burdock_types::MemoryType {
        self.0
    }
}

impl From<burdock_types::MemoryType> for MemoryType {
    fn from(ty: burdock_types::MemoryType) -> Self {
        Self(ty)
    }
}

/// A builder of a [`MemoryType`].
///
/// # Example
///
/// ```
/// use burdock::MemoryTypeBuilder;
/// let ty = MemoryTypeBuilder::new().min(1).max(Some(2)).page_size_log2(0).build()?;
/// assert_eq!(ty.page_size(), 1);
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryTypeBuilder {
    ty: burdock_types::MemoryType,
    shared: bool,
}

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryTypeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.ty, f)
    }
}

impl MemoryTypeBuilder {
    /// Creates a builder with no pages of 64 KiB, no maximum, and 32-bit addresses.
    pub fn new() -> Self {
        let ty = burdock_types::MemoryType {
            index: IndexType::I32,
            min: 0,
            max: None,
            page_size_log2: burdock_types::MemoryType::DEFAULT_PAGE_SIZE_LOG2,
        };
        Self { ty, shared: false }
    }

    /// Sets the initial size in pages.
    pub fn min(&mut self, minimum: u64) -> &mut Self {
        self.ty.min = minimum;
        self
    }

    /// Sets the maximum size in pages.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.max = maximum;
        self
    }

    /// Sets whether addresses are 64-bit.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.ty.index = match memory64 {
            true => IndexType::I64,
            false => IndexType::I32,
        };
        self
    }

    /// Sets whether threads share the memory; `build` rejects shared memories.
    pub fn shared(&mut self, shared: bool) -> &mut Self {
        self.shared = shared;
        self
    }

    /// Sets log2 of the page size in bytes: 16 or 0.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// Returns the memory type.
    ///
    /// # Errors
    ///
    /// Fails if the page size is not 1 or 64 KiB; if the minimum exceeds the maximum, or the range
    /// of addresses; if the size in bytes does not fit in 64 bits; if the maximum of a memory with
    /// 32-bit addresses exceeds their range; or if the memory is shared.
    pub fn build(&self) -> Result<MemoryType> {
        let ty = &self.ty;
        if self.shared {
            bail!("shared memories are not supported: they need the threads proposal");
        }
        if !matches!(ty.page_size_log2, 0 | 16) {
            bail!("page size must be 2^16 or 2^0");
        }
        if let Some(max) = ty.max.filter(|max| *max < ty.min) {
            bail!(
                "maximum page size cannot be smaller than the minimum page size: {max} pages are \
                 less than {}",
                ty.min
            );
        }
        let limit = ty.index_limit();
        if ty.index == IndexType::I32 && ty.min > limit {
            bail!("minimum page size cannot exceed {limit} pages");
        }
        if ty.min.checked_mul(ty.page_size()).is_none() {
            let (pages, size) = (ty.min, ty.page_size());
            bail!(
                "memory's minimum byte size must fit in a u64: {pages} pages of {size} bytes do not"
            );
        }
        // A maximum whose size in bytes does not fit in 64 bits is never reached.
        if ty.index == IndexType::I32 && ty.max.is_some_and(|max| max > limit) {
            bail!("maximum page size cannot exceed {limit} pages");
        }
        Ok(MemoryType(self.ty))
    }
}
