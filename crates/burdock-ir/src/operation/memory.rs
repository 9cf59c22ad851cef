//! Accesses to memories and objects, and casts.

use super::Sign;

/// The bits that a load of a scalar reads.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Load {
    /// As many bits as the result has.
    Whole,
    /// 8 bits, extended.
    Low8(Sign),
    /// 16 bits, extended.
    Low16(Sign),
    /// 32 bits, extended.
    Low32(Sign),
}

impl Load {
    /// Returns the number of bytes that are read for a result of `bits` bits.
    pub const fn bytes(self, bits: u32) -> u32 {
        match self {
            Self::Whole => bits / 8,
            Self::Low8(_) => 1,
            Self::Low16(_) => 2,
            Self::Low32(_) => 4,
        }
    }
}

/// The bits that a store of a scalar writes.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// As many bits as the value has.
    Whole,
    /// The lower 8 bits.
    Low8,
    /// The lower 16 bits.
    Low16,
    /// The lower 32 bits.
    Low32,
}

impl Store {
    /// Returns the number of bytes that are written of a value of `bits` bits.
    pub const fn bytes(self, bits: u32) -> u32 {
        match self {
            Self::Whole => bits / 8,
            Self::Low8 => 1,
            Self::Low16 => 2,
            Self::Low32 => 4,
        }
    }
}

/// The bits that are written to a field or an element.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ObjectStore {
    /// As many bits as the value has.
    Whole,
    /// The lower 8 bits.
    Low8,
    /// The lower 16 bits.
    Low16,
    /// A reference, which the collector has to know.
    Reference,
}

impl ObjectStore {
    /// Returns the number of bits that are written of a value of `bits` bits.
    pub const fn bits(self, bits: u32) -> u32 {
        match self {
            Self::Whole | Self::Reference => bits,
            Self::Low8 => 8,
            Self::Low16 => 16,
        }
    }
}

/// An allocation of an object.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum New {
    /// The allocation of a small structure.
    Struct,
    /// The allocation of an array.
    Array,
}

/// The way in which an object's type is compared with a type.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cast {
    /// They are the same.
    Exact,
    /// The type is among the first supertypes of the object's.
    Sub,
    /// The reference is of one of the [classes](crate::ReferenceClass) of an abstract type.
    Class,
}

/// The bits that a load of a vector reads.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorLoad {
    /// 128 bits.
    Whole,
    /// 8 lanes of 8 bits, extended.
    Extend8(Sign),
    /// 4 lanes of 16 bits, extended.
    Extend16(Sign),
    /// 2 lanes of 32 bits, extended.
    Extend32(Sign),
    /// 8 bits, for each lane.
    Splat8,
    /// 16 bits, for each lane.
    Splat16,
    /// 32 bits, for each lane.
    Splat32,
    /// 64 bits, for each lane.
    Splat64,
    /// 32 bits, for the first lane; the others are zero.
    Zero32,
    /// 64 bits, for the first lane; the other one is zero.
    Zero64,
}

impl VectorLoad {
    /// Returns the number of bytes that are read.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Splat8 => 1,
            Self::Splat16 => 2,
            Self::Splat32 | Self::Zero32 => 4,
            Self::Extend8(_)
            | Self::Extend16(_)
            | Self::Extend32(_)
            | Self::Splat64
            | Self::Zero64 => 8,
            Self::Whole => 16,
        }
    }
}
