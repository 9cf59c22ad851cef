//! `CastTarget`: the type that a cast asks for, in the 32 bits that an instruction has for it.

use burdock_types::{HeapType, RefType, TypeIdx};

/// The target type of `ref.test`, `ref.cast` and the branches on casts.
///
/// # Example
///
/// ```
/// use burdock_ir::CastTarget;
/// use burdock_types::{HeapType, RefType, TypeIdx};
/// let ty = RefType::new(true, HeapType::ConcreteStruct(TypeIdx(7)));
/// let target = CastTarget::new(ty);
/// assert_eq!(CastTarget::from_bits(target.bits()).ty(), ty);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CastTarget(RefType);

/// The heap types without concrete ones, in the order of their codes.
const ABSTRACT: [HeapType; 12] = [
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::None,
    HeapType::Exn,
    HeapType::NoExn,
];
const CONCRETE_FUNC: u32 = 12;
const CONCRETE_STRUCT: u32 = 13;
const CONCRETE_ARRAY: u32 = 14;

/// The position of the code; below it is the type index.
const CODE: u32 = 28;
const NULLABLE: u32 = 1 << 27;

impl CastTarget {
    /// Returns the target that a type of the module is. Type indices have less than 27 bits, which
    /// validation makes sure of.
    pub const fn new(ty: RefType) -> Self {
        Self(ty)
    }

    /// Returns the type.
    pub const fn ty(self) -> RefType {
        self.0
    }

    /// Returns the bits from which [`from_bits`](Self::from_bits) makes the target.
    pub fn bits(self) -> u32 {
        let RefType { nullable, heap } = self.0;
        let (code, index) = match heap {
            HeapType::ConcreteFunc(x) => (CONCRETE_FUNC, x.0),
            HeapType::ConcreteStruct(x) => (CONCRETE_STRUCT, x.0),
            HeapType::ConcreteArray(x) => (CONCRETE_ARRAY, x.0),
            heap => (ABSTRACT.iter().position(|ty| *ty == heap).unwrap_or(0) as u32, 0),
        };
        code << CODE | if nullable { NULLABLE } else { 0 } | index & (NULLABLE - 1)
    }

    /// Returns the target of which [`bits`](Self::bits) made the bits.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        let index = TypeIdx(bits & (NULLABLE - 1));
        let heap = match bits >> CODE {
            CONCRETE_FUNC => HeapType::ConcreteFunc(index),
            CONCRETE_STRUCT => HeapType::ConcreteStruct(index),
            CONCRETE_ARRAY => HeapType::ConcreteArray(index),
            code => ABSTRACT[code as usize % ABSTRACT.len()],
        };
        Self(RefType { nullable: bits & NULLABLE != 0, heap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_comes_back_from_its_bits() {
        let x = TypeIdx(999_999);
        let concrete =
            [HeapType::ConcreteFunc(x), HeapType::ConcreteStruct(x), HeapType::ConcreteArray(x)];
        for heap in ABSTRACT.into_iter().chain(concrete) {
            for nullable in [false, true] {
                let target = CastTarget::new(RefType { nullable, heap });
                assert_eq!(CastTarget::from_bits(target.bits()), target);
            }
        }
    }
}
