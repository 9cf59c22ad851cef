//! Operations: what each op computes, as data that generators of code match on.
//!
//! An [`Operation`] says what is done. The types of [`Row`](crate::Row), and for vectors [`Lanes`],
//! say how wide operands are. A relaxed op has the operation of the strict op with its results.

mod memory;

pub use memory::*;

/// The computation of an op, by family.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// An op of shape `control`: what it does is its own.
    Control,
    /// Brings a scalar to another place.
    Copy,
    /// Stores a vector.
    VectorStore,
    /// An integer operation with two operands.
    IntBinary(IntBinary),
    /// A comparison of integers.
    IntCompare(IntCompare),
    /// A comparison of vectors of integers.
    VectorIntCompare(IntCompare, Lanes),
    /// A test of the bits that two integers have in common.
    IntTest(IntTest),
    /// An integer operation with one operand.
    IntUnary(IntUnary),
    /// A float operation with two operands.
    FloatBinary(FloatBinary),
    /// A comparison of floats.
    FloatCompare(FloatCompare),
    /// A comparison of vectors of floats.
    VectorFloatCompare(FloatCompare, Lanes),
    /// A float operation with one operand.
    FloatUnary(FloatUnary),
    /// A conversion of a float to an integer.
    FloatToInt(FloatToInt),
    /// A conversion of an integer to a float.
    IntToFloat(IntToFloat),
    /// A load of a scalar.
    Load(Load),
    /// A store of a scalar.
    Store(Store),
    /// A read of a structure's field.
    FieldGet(Load),
    /// A write of a structure's field.
    FieldSet(ObjectStore),
    /// A read of an array's element.
    ElementGet(Load),
    /// A write of an array's element.
    ElementSet(ObjectStore),
    /// An allocation.
    New(New),
    /// A test of an object's type.
    CastTest(Cast),
    /// A test of an object's type that traps.
    Cast(Cast),
    /// A load of a vector.
    VectorLoad(VectorLoad),
    /// A test of a vector, with an integer as its result.
    VectorTest(VectorTest, Lanes),
    /// An operation with one vector that results in integers.
    VectorIntUnary(VectorIntUnary, Lanes),
    /// An operation with one vector that results in floats.
    VectorFloatUnary(VectorFloatUnary, Lanes),
    /// An operation with two vectors of integers.
    VectorIntBinary(VectorIntBinary, Lanes),
    /// An operation with two vectors of floats.
    VectorFloatBinary(VectorFloatBinary, Lanes),
    /// A shift of each lane by an integer.
    VectorShift(VectorShift, Lanes),
    /// An operation with three vectors.
    VectorTernary(VectorTernary, Lanes),
    /// An operation on one lane.
    Lane(Lane, Lanes),
}

/// The lanes of a vector. Operations on its bits as a whole are on `I8x16`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lanes {
    /// Sixteen integers of 8 bits.
    I8x16,
    /// Eight integers of 16 bits.
    I16x8,
    /// Four integers of 32 bits.
    I32x4,
    /// Two integers of 64 bits.
    I64x2,
    /// Four `f32`.
    F32x4,
    /// Two `f64`.
    F64x2,
}

impl Lanes {
    /// Returns the width of a lane in bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::I8x16 => 8,
            Self::I16x8 => 16,
            Self::I32x4 | Self::F32x4 => 32,
            Self::I64x2 | Self::F64x2 => 64,
        }
    }

    /// Returns the number of lanes.
    pub const fn count(self) -> u32 {
        128 / self.bits()
    }

    /// Returns `true` if the lanes are floats.
    pub const fn are_floats(self) -> bool {
        matches!(self, Self::F32x4 | Self::F64x2)
    }
}

/// The signedness of integers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Signed.
    Signed,
    /// Unsigned.
    Unsigned,
}

/// An integer operation with two operands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntBinary {
    /// `add`
    Add,
    /// `sub`
    Sub,
    /// `mul`
    Mul,
    /// `div_s`
    DivS,
    /// `div_u`
    DivU,
    /// `rem_s`
    RemS,
    /// `rem_u`
    RemU,
    /// `and`
    And,
    /// `or`
    Or,
    /// `xor`
    Xor,
    /// `shl`
    Shl,
    /// `shr_s`
    ShrS,
    /// `shr_u`
    ShrU,
    /// `rotl`
    Rotl,
    /// `rotr`
    Rotr,
}

/// A comparison of integers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntCompare {
    /// `eq`
    Eq,
    /// `ne`
    Ne,
    /// `lt_s`
    LtS,
    /// `lt_u`
    LtU,
    /// `gt_s`
    GtS,
    /// `gt_u`
    GtU,
    /// `le_s`
    LeS,
    /// `le_u`
    LeU,
    /// `ge_s`
    GeS,
    /// `ge_u`
    GeU,
}

/// A test of the bits that two integers have in common.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntTest {
    /// There are any.
    Nz,
    /// There are none.
    Z,
}

/// An integer operation with one operand.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntUnary {
    /// Counts leading zeros.
    Clz,
    /// Counts trailing zeros.
    Ctz,
    /// Counts ones.
    Popcnt,
    /// Takes the lower 32 bits.
    Wrap,
    /// Extends the sign of the lower 8 bits.
    Extend8S,
    /// Extends the sign of the lower 16 bits.
    Extend16S,
    /// Extends the sign of the lower 32 bits.
    Extend32S,
    /// Extends the lower 32 bits with zeros.
    Extend32U,
    /// Takes a reference that is not null; traps at null.
    NonNull,
    /// Takes the lower 31 bits as a reference.
    I31,
    /// Takes the 31 bits of a reference, extended; traps at null.
    I31Get(Sign),
}

/// A float operation with two operands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FloatBinary {
    /// `add`
    Add,
    /// `sub`
    Sub,
    /// `mul`
    Mul,
    /// `div`
    Div,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `copysign`
    Copysign,
}

/// A comparison of floats.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FloatCompare {
    /// `eq`
    Eq,
    /// `ne`
    Ne,
    /// `lt`
    Lt,
    /// `gt`
    Gt,
    /// `le`
    Le,
    /// `ge`
    Ge,
}

/// A float operation with one operand.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FloatUnary {
    /// `abs`
    Abs,
    /// `neg`
    Neg,
    /// `ceil`
    Ceil,
    /// `floor`
    Floor,
    /// `trunc`
    Trunc,
    /// `nearest`
    Nearest,
    /// `sqrt`
    Sqrt,
    /// Replaces any NaN by the canonical one.
    CanonicalizeNan,
    /// Converts `f64` to `f32`.
    Demote,
    /// Converts `f32` to `f64`.
    Promote,
}

/// A conversion of a float to an integer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FloatToInt {
    /// Truncates; traps if the integer does not fit.
    Trunc(Sign),
    /// Truncates to the nearest integer that fits.
    TruncSat(Sign),
    /// Takes the bits.
    Reinterpret,
}

/// A conversion of an integer to a float.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntToFloat {
    /// Converts and rounds.
    Convert(Sign),
    /// Takes the bits.
    Reinterpret,
}

/// A test of a vector, with an integer as its result.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorTest {
    /// 1 if any bit is set.
    AnyTrue,
    /// 1 if no lane is zero.
    AllTrue,
    /// The upper bit of each lane.
    Bitmask,
}

/// An operation with one vector that results in integers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorIntUnary {
    /// `not`
    Not,
    /// `abs`
    Abs,
    /// `neg`
    Neg,
    /// `popcnt`
    Popcnt,
    /// Extends the lower half of the lanes.
    ExtendLow(Sign),
    /// Extends the upper half of the lanes.
    ExtendHigh(Sign),
    /// Extends neighboring lanes and adds them.
    ExtAddPairwise(Sign),
    /// Truncates floats, saturating.
    TruncSat(Sign),
    /// Truncates two floats, saturating; the other lanes are zero.
    TruncSatZero(Sign),
}

/// An operation with one vector that results in floats.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorFloatUnary {
    /// `abs`
    Abs,
    /// `neg`
    Neg,
    /// `sqrt`
    Sqrt,
    /// `ceil`
    Ceil,
    /// `floor`
    Floor,
    /// `trunc`
    Trunc,
    /// `nearest`
    Nearest,
    /// Replaces any NaN by the canonical one.
    CanonicalizeNan,
    /// Converts integers.
    Convert(Sign),
    /// Converts the lower two integers.
    ConvertLow(Sign),
    /// Converts `f64`; the other lanes are zero.
    Demote,
    /// Converts the lower two `f32`.
    PromoteLow,
}

/// An operation with two vectors of integers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorIntBinary {
    /// `and`
    And,
    /// The first and not the second.
    AndNot,
    /// `or`
    Or,
    /// `xor`
    Xor,
    /// `add`
    Add,
    /// Adds, saturating.
    AddSat(Sign),
    /// `sub`
    Sub,
    /// Subtracts, saturating.
    SubSat(Sign),
    /// `mul`
    Mul,
    /// The lesser one.
    Min(Sign),
    /// The greater one.
    Max(Sign),
    /// The average, rounded up.
    AvgrU,
    /// Lanes of twice the width, saturated.
    Narrow(Sign),
    /// Sums of the products of neighboring signed lanes of half the width.
    Dot,
    /// The same, saturated.
    RelaxedDot,
    /// Products of the lower half of the lanes, extended.
    ExtMulLow(Sign),
    /// Products of the upper half of the lanes, extended.
    ExtMulHigh(Sign),
    /// Products of fixed-point numbers, rounded and saturated.
    Q15MulrSat,
    /// Lanes of the first, chosen by the second.
    Swizzle,
}

/// An operation with two vectors of floats.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorFloatBinary {
    /// `add`
    Add,
    /// `sub`
    Sub,
    /// `mul`
    Mul,
    /// `div`
    Div,
    /// `min`
    Min,
    /// `max`
    Max,
    /// The second if it is less, else the first.
    PMin,
    /// The second if it is greater, else the first.
    PMax,
}

/// A shift of each lane by an integer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorShift {
    /// `shl`
    Shl,
    /// `shr_s`
    ShrS,
    /// `shr_u`
    ShrU,
}

/// An operation with three vectors.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum VectorTernary {
    /// Bits of the first where the third has ones, else of the second.
    Bitselect,
    /// Multiplies, and adds the third.
    Madd,
    /// Multiplies, and subtracts from the third.
    Nmadd,
    /// Sums of the products of four neighboring lanes, added to the third.
    DotAdd,
}

/// An operation on one lane.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// An integer or float, for each lane.
    Splat,
    /// Reads a lane; a narrow one is extended.
    Extract(Sign),
    /// Exchanges a lane.
    Replace,
    /// Loads a lane.
    Load,
    /// Stores a lane.
    Store,
}

#[cfg(test)]
mod tests;
