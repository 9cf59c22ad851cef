//! `ExternType`, `GlobalType` and `TableType`: the types of what modules import and export.

use crate::{FuncType, MemoryType, RefType, ValType};

/// The answer to whether a global can be changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The global keeps its value.
    Const,
    /// The global can be changed.
    Var,
}

impl Mutability {
    /// Returns `true` if the global keeps its value.
    pub fn is_const(&self) -> bool {
        matches!(self, Self::Const)
    }

    /// Returns `true` if the global can be changed.
    pub fn is_mut(&self) -> bool {
        matches!(self, Self::Var)
    }
}

/// The type of a global.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// Creates a type.
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// Returns the type of the value.
    pub fn content(&self) -> ValType {
        self.content
    }

    /// Returns whether the global can be changed.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    pub(crate) fn from_burdock(ty: &burdock::GlobalType) -> Self {
        let mutability = match ty.mutability() {
            burdock::Mutability::Const => Mutability::Const,
            burdock::Mutability::Var => Mutability::Var,
        };
        Self::new(ValType::from_burdock(ty.content()), mutability)
    }

    pub(crate) fn to_burdock(self) -> burdock::GlobalType {
        let mutability = match self.mutability {
            Mutability::Const => burdock::Mutability::Const,
            Mutability::Var => burdock::Mutability::Var,
        };
        burdock::GlobalType::new(self.content.to_burdock(), mutability)
    }
}

/// The type of a table.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
}

impl TableType {
    /// Creates the type of a table with 32-bit indices.
    ///
    /// # Panics
    ///
    /// Panics if `min` exceeds `max`.
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> Self {
        assert!(max.is_none_or(|max| min <= max), "a table's minimum exceeds its maximum");
        Self { element, minimum: min.into(), maximum: max.map(Into::into), is_64: false }
    }

    /// Creates the type of a table with 64-bit indices.
    ///
    /// # Panics
    ///
    /// Panics if `min` exceeds `max`.
    pub fn new64(element: RefType, min: u64, max: Option<u64>) -> Self {
        assert!(max.is_none_or(|max| min <= max), "a table's minimum exceeds its maximum");
        Self { element, minimum: min, maximum: max, is_64: true }
    }

    /// Returns `true` if indices are 64-bit integers.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// Returns the type of the elements.
    pub fn element(&self) -> RefType {
        self.element
    }

    /// Returns the minimum of elements.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Returns the maximum of elements.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    pub(crate) fn from_burdock(ty: &burdock::TableType) -> Self {
        Self {
            element: RefType::from_burdock(ty.element()),
            minimum: ty.minimum(),
            maximum: ty.maximum(),
            is_64: ty.is_64(),
        }
    }

    pub(crate) fn to_burdock(self) -> burdock::TableType {
        let element = self.element.to_burdock();
        match self.is_64 {
            true => burdock::TableType::new64(element, self.minimum, self.maximum),
            false => {
                let size = |size: u64| u32::try_from(size).expect("created from 32 bits");
                burdock::TableType::new(element, size(self.minimum), self.maximum.map(size))
            }
        }
    }

    /// Returns `true` if a table of this type, which has `size` elements, can be imported as
    /// `other`.
    pub(crate) fn matches(&self, size: u64, other: &Self) -> bool {
        let within = match (self.maximum, other.maximum) {
            (_, None) => true,
            (Some(own), Some(other)) => own <= other,
            (None, Some(_)) => false,
        };
        self.is_64 == other.is_64
            && self.element == other.element
            && size >= other.minimum
            && within
    }
}

/// The type of an item that a module imports or exports.
#[derive(Clone, Debug)]
pub enum ExternType {
    /// The type of a global.
    Global(GlobalType),
    /// The type of a table.
    Table(TableType),
    /// The type of a memory.
    Memory(MemoryType),
    /// The type of a function.
    Func(FuncType),
}

macro_rules! extern_types {
    ($($kind:ident($ty:ident) $get:ident;)*) => {
        $(impl From<$ty> for ExternType {
            fn from(ty: $ty) -> Self {
                Self::$kind(ty)
            }
        })*

        impl ExternType {
            $(#[doc = concat!("Returns the [`", stringify!($ty), "`] if the item has one.")]
            pub fn $get(&self) -> Option<&$ty> {
                match self {
                    Self::$kind(ty) => Some(ty),
                    _ => None,
                }
            })*
        }
    };
}

extern_types! {
    Global(GlobalType) global;
    Table(TableType) table;
    Memory(MemoryType) memory;
    Func(FuncType) func;
}

impl ExternType {
    /// Returns the type of an item, or `None` for a tag, which wasmi does not have.
    pub(crate) fn from_burdock(ty: &burdock::ExternType) -> Option<Self> {
        Some(match ty {
            burdock::ExternType::Func(ty) => FuncType::from_burdock(ty).into(),
            burdock::ExternType::Global(ty) => GlobalType::from_burdock(ty).into(),
            burdock::ExternType::Table(ty) => TableType::from_burdock(ty).into(),
            burdock::ExternType::Memory(ty) => MemoryType::from_burdock(ty).into(),
            _ => return None,
        })
    }
}
