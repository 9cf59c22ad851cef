//! The types at both ends of each hierarchy of heap types.

use super::{HeapType, raw};

/// The type that all others of its hierarchy are subtypes of.
///
/// Source: Wasmtime's `HeapTopType`, without continuations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeapTopType {
    /// Any host value, or an internal value that the host passed on.
    Extern,
    /// Any internal value.
    Any,
    /// Any function.
    Func,
    /// Any exception.
    Exn,
}

/// The type that is a subtype of all others of its hierarchy: null is the only reference to it.
///
/// Source: Wasmtime's `HeapBottomType`, without continuations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeapBottomType {
    /// No external value.
    NoExtern,
    /// No internal value.
    None,
    /// No function.
    NoFunc,
    /// No exception.
    NoExn,
}

impl HeapType {
    /// Returns the most general type that this one is a subtype of.
    #[must_use]
    pub fn top(&self) -> HeapTopType {
        match self.raw().top() {
            raw::HeapType::Extern => HeapTopType::Extern,
            raw::HeapType::Func => HeapTopType::Func,
            raw::HeapType::Exn => HeapTopType::Exn,
            // There are four hierarchies, and this is the one of internal values.
            _ => HeapTopType::Any,
        }
    }

    /// Returns the most special type that is a subtype of this one.
    #[must_use]
    pub fn bottom(&self) -> HeapBottomType {
        match self.top() {
            HeapTopType::Extern => HeapBottomType::NoExtern,
            HeapTopType::Any => HeapBottomType::None,
            HeapTopType::Func => HeapBottomType::NoFunc,
            HeapTopType::Exn => HeapBottomType::NoExn,
        }
    }
}

impl From<HeapTopType> for HeapType {
    fn from(ty: HeapTopType) -> Self {
        match ty {
            HeapTopType::Extern => Self::Extern,
            HeapTopType::Any => Self::Any,
            HeapTopType::Func => Self::Func,
            HeapTopType::Exn => Self::Exn,
        }
    }
}

impl From<HeapBottomType> for HeapType {
    fn from(ty: HeapBottomType) -> Self {
        match ty {
            HeapBottomType::NoExtern => Self::NoExtern,
            HeapBottomType::None => Self::None,
            HeapBottomType::NoFunc => Self::NoFunc,
            HeapBottomType::NoExn => Self::NoExn,
        }
    }
}
