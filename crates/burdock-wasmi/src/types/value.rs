//! `ValType` and `RefType`: the types of values.

use burdock::HeapTopType;

/// The type of a value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A 128-bit vector.
    V128,
    /// A reference to a function, or null.
    FuncRef,
    /// A reference to a value of the host, or null.
    ExternRef,
}

/// The type of a reference.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefType {
    /// A reference to a function, or null.
    Func,
    /// A reference to a value of the host, or null.
    Extern,
}

impl ValType {
    /// Returns `true` for integers and floats.
    pub fn is_num(&self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64)
    }

    /// Returns `true` for references.
    pub fn is_ref(&self) -> bool {
        self.as_ref().is_some()
    }

    /// Returns the type as the type of a reference, if it is one.
    pub fn as_ref(&self) -> Option<RefType> {
        match self {
            Self::FuncRef => Some(RefType::Func),
            Self::ExternRef => Some(RefType::Extern),
            _ => None,
        }
    }

    pub(crate) fn from_burdock(ty: &burdock::ValType) -> Self {
        match ty {
            burdock::ValType::I32 => Self::I32,
            burdock::ValType::I64 => Self::I64,
            burdock::ValType::F32 => Self::F32,
            burdock::ValType::F64 => Self::F64,
            burdock::ValType::V128 => Self::V128,
            burdock::ValType::Ref(ty) => RefType::from_burdock(ty).into(),
        }
    }

    pub(crate) fn to_burdock(self) -> burdock::ValType {
        match self {
            Self::I32 => burdock::ValType::I32,
            Self::I64 => burdock::ValType::I64,
            Self::F32 => burdock::ValType::F32,
            Self::F64 => burdock::ValType::F64,
            Self::V128 => burdock::ValType::V128,
            Self::FuncRef => burdock::ValType::FUNCREF,
            Self::ExternRef => burdock::ValType::EXTERNREF,
        }
    }
}

impl RefType {
    /// Returns the type of a reference as wasmi would say it. Types that wasmi does not have, of
    /// proposals that only Burdock's own configuration enables, are external to it.
    pub(crate) fn from_burdock(ty: &burdock::RefType) -> Self {
        match ty.heap_type().top() {
            HeapTopType::Func => Self::Func,
            _ => Self::Extern,
        }
    }

    pub(crate) fn to_burdock(self) -> burdock::RefType {
        match self {
            Self::Func => burdock::RefType::FUNCREF,
            Self::Extern => burdock::RefType::EXTERNREF,
        }
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        match ty {
            RefType::Func => Self::FuncRef,
            RefType::Extern => Self::ExternRef,
        }
    }
}
