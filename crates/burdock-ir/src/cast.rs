//! `CastTarget`: the type that a cast asks for, in the 32 bits that an instruction has for it.
//! `ReferenceClass`: what abstract types consist of.

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

/// A class of references of the hierarchy of `any`. Abstract types consist of some of them.
///
/// Objects have the numbers that the machine gives to the kinds of their types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReferenceClass {
    /// A structure.
    Struct = 2,
    /// An array.
    Array = 3,
    /// An exception, which no type of this hierarchy has.
    Exception = 4,
    /// A host value.
    Host = 5,
    /// An `i31`.
    I31 = 6,
    /// Null.
    Null = 7,
}

impl ReferenceClass {
    /// All classes, with their names.
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Null, "null"),
        (Self::Struct, "struct"),
        (Self::Array, "array"),
        (Self::Exception, "exn"),
        (Self::Host, "host"),
        (Self::I31, "i31"),
    ];

    /// Returns the class's bit in a set of classes.
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }

    /// Returns the names of the classes in a set.
    pub fn names(set: u32) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(class, _)| set & class.bit() != 0)
            .map(|(_, name)| name)
    }
}

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
/// The bit of an exact type, whose code is that of the concrete one.
const EXACT: u32 = 1 << 26;

impl CastTarget {
    /// Returns the target that a type of the module is. Type indices have less than 26 bits, which
    /// validation makes sure of.
    pub const fn new(ty: RefType) -> Self {
        Self(ty)
    }

    /// Returns the type.
    pub const fn ty(self) -> RefType {
        self.0
    }

    /// Returns the set of classes that the type consists of; `None` if it is no abstract type of
    /// the hierarchy of `any`.
    pub const fn classes(self) -> Option<u32> {
        use ReferenceClass::{Array, Host, I31, Null, Struct};
        let RefType { nullable, heap } = self.0;
        let equal = Struct.bit() | Array.bit() | I31.bit();
        let set = match heap {
            HeapType::Any => equal | Host.bit(),
            HeapType::Eq => equal,
            HeapType::I31 => I31.bit(),
            HeapType::Struct => Struct.bit(),
            HeapType::Array => Array.bit(),
            HeapType::None => 0,
            _ => return None,
        };
        Some(if nullable { set | Null.bit() } else { set })
    }

    /// Returns the bits from which [`from_bits`](Self::from_bits) makes the target.
    pub fn bits(self) -> u32 {
        let RefType { nullable, heap } = self.0;
        let (code, index) = match heap {
            HeapType::ConcreteFunc(x) => (CONCRETE_FUNC, x.0),
            HeapType::ExactFunc(x) => (CONCRETE_FUNC, x.0 | EXACT),
            HeapType::ConcreteStruct(x) => (CONCRETE_STRUCT, x.0),
            HeapType::ExactStruct(x) => (CONCRETE_STRUCT, x.0 | EXACT),
            HeapType::ConcreteArray(x) => (CONCRETE_ARRAY, x.0),
            HeapType::ExactArray(x) => (CONCRETE_ARRAY, x.0 | EXACT),
            heap => (ABSTRACT.iter().position(|ty| *ty == heap).unwrap_or(0) as u32, 0),
        };
        code << CODE | if nullable { NULLABLE } else { 0 } | index & (NULLABLE - 1)
    }

    /// Returns the target of which [`bits`](Self::bits) made the bits.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        let index = TypeIdx(bits & (EXACT - 1));
        let heap = match bits >> CODE {
            CONCRETE_FUNC => HeapType::ConcreteFunc(index),
            CONCRETE_STRUCT => HeapType::ConcreteStruct(index),
            CONCRETE_ARRAY => HeapType::ConcreteArray(index),
            code => ABSTRACT[code as usize % ABSTRACT.len()],
        };
        let heap = if bits & EXACT != 0 { heap.exact() } else { heap };
        Self(RefType { nullable: bits & NULLABLE != 0, heap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn abstract_types_consist_of_classes() {
        let check = |nullable, heap, expected: &str| {
            let classes = CastTarget::new(RefType { nullable, heap }).classes();
            let names: Vec<_> = classes.into_iter().flat_map(ReferenceClass::names).collect();
            assert_eq!(names.join(" "), expected);
        };
        check(false, HeapType::Any, "struct array host i31");
        check(true, HeapType::Eq, "null struct array i31");
        check(false, HeapType::I31, "i31");
        check(true, HeapType::Struct, "null struct");
        check(false, HeapType::Array, "array");
        check(true, HeapType::None, "null");
        check(true, HeapType::Func, "");
        check(true, HeapType::ConcreteStruct(TypeIdx(1)), "");
    }

    #[test]
    fn every_target_comes_back_from_its_bits() {
        let x = TypeIdx(999_999);
        let concrete =
            [HeapType::ConcreteFunc(x), HeapType::ConcreteStruct(x), HeapType::ConcreteArray(x)];
        for heap in ABSTRACT.into_iter().chain(concrete).chain(concrete.map(HeapType::exact)) {
            for nullable in [false, true] {
                let target = CastTarget::new(RefType { nullable, heap });
                assert_eq!(CastTarget::from_bits(target.bits()), target);
            }
        }
    }
}
