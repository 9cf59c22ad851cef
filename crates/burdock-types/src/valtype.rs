//! Value types (spec section 2.3.6), and their subtyping (3.3.5).

use crate::{HeapType, RefType, TypeIdx};
use core::fmt;
use core::hash::{Hash, Hasher};

/// The type of a value. `X` is how the type names a type that a module defines.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ValType<X = TypeIdx> {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// A reference.
    Ref(RefType<X>),
}

impl<X> ValType<X> {
    /// `(ref null func)`.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// `(ref null extern)`.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);
}

impl<X: Copy> ValType<X> {
    /// Returns the number of 64-bit frame slots that a value of this type takes.
    #[inline]
    pub const fn slots(self) -> u16 {
        match self {
            Self::V128 => 2,
            _ => 1,
        }
    }

    /// Returns `true` if this is `v128`.
    #[inline]
    pub const fn is_v128(&self) -> bool {
        matches!(self, Self::V128)
    }

    /// Returns `true` if this is a reference type.
    pub const fn is_ref(&self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// Returns `true` if the values of the type are references to functions.
    pub const fn refers_to_func(&self) -> bool {
        match self {
            Self::Ref(ty) => matches!(ty.heap.top(), HeapType::Func),
            _ => false,
        }
    }

    /// Returns the type in which concrete types have the names that `name` gives.
    #[inline]
    pub fn map<Y>(self, name: impl FnMut(X) -> Y) -> ValType<Y> {
        match self {
            Self::I32 => ValType::I32,
            Self::I64 => ValType::I64,
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
            Self::V128 => ValType::V128,
            Self::Ref(ty) => ValType::Ref(ty.map(name)),
        }
    }

    /// Returns the type without what only a module or an engine knows: of a reference, the most
    /// general type above it, nullable or not as before.
    #[inline]
    pub const fn erased<Y: Copy>(self) -> ValType<Y> {
        match self {
            Self::I32 => ValType::I32,
            Self::I64 => ValType::I64,
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
            Self::V128 => ValType::V128,
            Self::Ref(RefType { nullable, heap }) => {
                let heap = match heap.top() {
                    HeapType::Func => HeapType::Func,
                    HeapType::Extern => HeapType::Extern,
                    HeapType::Exn => HeapType::Exn,
                    _ => HeapType::Any,
                };
                ValType::Ref(RefType { nullable, heap })
            }
        }
    }

    /// Returns `true` if every value of this type belongs to `other`. `declared` decides whether
    /// the declaration of a concrete type makes it a subtype of another.
    pub fn matches(self, other: Self, declared: impl Fn(X, X) -> bool) -> bool {
        match (self, other) {
            (Self::Ref(this), Self::Ref(other)) => this.matches(other, declared),
            (Self::I32, Self::I32)
            | (Self::I64, Self::I64)
            | (Self::F32, Self::F32)
            | (Self::F64, Self::F64)
            | (Self::V128, Self::V128) => true,
            _ => false,
        }
    }
}

// Written by hand because derived functions are not inlined: a call for each type was a tenth of
// the time to link a host function.
impl<X: Hash> Hash for ValType<X> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::I32 => state.write_u8(0),
            Self::I64 => state.write_u8(1),
            Self::F32 => state.write_u8(2),
            Self::F64 => state.write_u8(3),
            Self::V128 => state.write_u8(4),
            Self::Ref(ty) => {
                state.write_u8(5);
                ty.hash(state);
            }
        }
    }
}

impl<X: fmt::Display> fmt::Display for ValType<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32 => f.write_str("i32"),
            Self::I64 => f.write_str("i64"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::V128 => f.write_str("v128"),
            Self::Ref(ty) => fmt::Display::fmt(ty, f),
        }
    }
}
