//! Questions about value and reference types, in the words of Wasmtime's `ValType`, `RefType` and
//! `HeapType`.

use crate::{HeapType, RefType, ValType};

impl ValType {
    /// Returns `true` if this is a number type: `i32`, `i64`, `f32` or `f64`.
    pub const fn is_num(&self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64)
    }

    /// Returns `true` if this is `i32`.
    pub const fn is_i32(&self) -> bool {
        matches!(self, Self::I32)
    }

    /// Returns `true` if this is `i64`.
    pub const fn is_i64(&self) -> bool {
        matches!(self, Self::I64)
    }

    /// Returns `true` if this is `f32`.
    pub const fn is_f32(&self) -> bool {
        matches!(self, Self::F32)
    }

    /// Returns `true` if this is `f64`.
    pub const fn is_f64(&self) -> bool {
        matches!(self, Self::F64)
    }

    /// Returns `true` if this is `v128`.
    pub const fn is_v128(&self) -> bool {
        matches!(self, Self::V128)
    }

    /// Returns `true` if this is a reference type.
    pub const fn is_ref(&self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// Returns `true` if this is `funcref`.
    pub fn is_funcref(&self) -> bool {
        *self == Self::FUNCREF
    }

    /// Returns `true` if this is `externref`.
    pub fn is_externref(&self) -> bool {
        *self == Self::EXTERNREF
    }

    /// Returns the reference type if this is one.
    pub const fn as_ref(&self) -> Option<&RefType> {
        match self {
            Self::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns `true` if every value of this type belongs to `other` (specification, section 3.3).
    pub fn matches(&self, other: &ValType) -> bool {
        match (self, other) {
            (Self::Ref(this), Self::Ref(other)) => this.matches(other),
            _ => self == other,
        }
    }
}

impl RefType {
    /// Creates a reference type.
    pub const fn new(is_nullable: bool, heap_type: HeapType) -> Self {
        Self { nullable: is_nullable, heap: heap_type }
    }

    /// Returns `true` if null belongs to the type.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Returns the type of the referent.
    pub const fn heap_type(&self) -> &HeapType {
        &self.heap
    }

    /// Returns `true` if every reference of this type belongs to `other`.
    pub fn matches(&self, other: &RefType) -> bool {
        (other.nullable || !self.nullable) && self.heap.matches(&other.heap)
    }
}

impl HeapType {
    /// Returns `true` if this is `extern`.
    pub const fn is_extern(&self) -> bool {
        matches!(self, Self::Extern)
    }

    /// Returns `true` if this is `func`.
    pub const fn is_func(&self) -> bool {
        matches!(self, Self::Func)
    }

    /// Returns `true` if every value of this type belongs to `other`.
    pub fn matches(&self, other: &HeapType) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_without_null_matches_the_one_with_it() {
        let check = |this: ValType, other: ValType, expected: bool| {
            assert_eq!(this.matches(&other), expected, "{this} <: {other}");
        };
        let func = ValType::Ref(RefType::new(false, HeapType::Func));
        check(func, ValType::FUNCREF, true);
        check(ValType::FUNCREF, func, false);
        check(ValType::FUNCREF, ValType::EXTERNREF, false);
        check(ValType::I32, ValType::I32, true);
        check(ValType::I32, ValType::I64, false);
    }
}
