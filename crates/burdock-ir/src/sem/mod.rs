//! The meaning of every op: a zero-sized type with one pure, safe function. Every handler of
//! an op uses it, so that the op means the same wherever its operands are.
//!
//! Types are named like the Wasm operator (`i32.add` is [`I32Add`]); integers are passed as
//! `i32`/`i64`, vectors as [`V128`].

mod cast;
mod convert;
pub(crate) mod float;
mod float_ops;
mod int;
mod memory;
mod rows;
pub mod simd;

use burdock_types::{Trap, V128, ValType};

pub use cast::*;
pub use convert::*;
pub use float_ops::*;
pub use int::*;
pub use memory::*;
pub use simd::*;

/// An op with one operand.
pub trait Unary {
    /// The operand's type.
    type A: Value;
    /// The result's type.
    type Out: Value;
    /// Applies the op; errs only where the spec says that the op traps.
    fn apply(a: Self::A) -> Result<Self::Out, Trap>;
}

/// An op with two operands.
pub trait Binary {
    /// The first operand's type.
    type A: Value;
    /// The second operand's type.
    type B: Value;
    /// The result's type.
    type Out: Value;
    /// Applies the op; errs only where the spec says that the op traps.
    fn apply(a: Self::A, b: Self::B) -> Result<Self::Out, Trap>;
}

/// An op with three operands.
pub trait Ternary {
    /// The first operand's type.
    type A: Value;
    /// The second operand's type.
    type B: Value;
    /// The third operand's type.
    type C: Value;
    /// The result's type.
    type Out: Value;
    /// Applies the op.
    fn apply(a: Self::A, b: Self::B, c: Self::C) -> Result<Self::Out, Trap>;
}

/// Reads a value from the bytes at an address.
pub trait Load {
    /// `[u8; N]`, N being the width of the access.
    type Bytes: Bytes;
    /// The result's type.
    type Out: Value;
    /// Returns the value that these bytes stand for.
    fn load(bytes: Self::Bytes) -> Self::Out;
}

/// Makes the bytes that are written to an address.
pub trait Store {
    /// `[u8; N]`, N being the width of the access.
    type Bytes: Bytes;
    /// The type of the value that is stored.
    type A: Value;
    /// `true` if the value is a reference to an object, which the collector has to know.
    const IS_REFERENCE: bool = false;
    /// Returns the bytes that stand for this value.
    fn store(value: Self::A) -> Self::Bytes;
}

/// A type of values that live in frame slots.
pub trait Value: Copy + core::fmt::Debug + 'static {
    /// The type in the words of the spec.
    const TYPE: ValType;
}

/// A type of values that fill one 64-bit slot; narrower ones are zero-extended.
pub trait Scalar: Value {
    /// Returns the value as it lies in a slot.
    fn to_slot(self) -> u64;
    /// Returns the value that lies in a slot.
    fn from_slot(slot: u64) -> Self;
}

macro_rules! scalar {
    ($($ty:ty: $val_type:ident, |$value:ident| $to:expr, |$slot:ident| $from:expr;)*) => {$(
        impl Value for $ty {
            const TYPE: ValType = ValType::$val_type;
        }

        impl Scalar for $ty {
            #[inline(always)]
            fn to_slot(self) -> u64 {
                let $value = self;
                $to
            }

            #[inline(always)]
            fn from_slot($slot: u64) -> Self {
                $from
            }
        }
    )*};
}

scalar! {
    i32: I32, |value| u64::from(value as u32), |slot| slot as i32;
    i64: I64, |value| value as u64, |slot| slot as i64;
    f32: F32, |value| u64::from(value.to_bits()), |slot| f32::from_bits(slot as u32);
    f64: F64, |value| value.to_bits(), |slot| f64::from_bits(slot);
}

impl Value for V128 {
    const TYPE: ValType = ValType::V128;
}

/// `[u8; N]`.
pub trait Bytes: Copy + AsRef<[u8]> + AsMut<[u8]> + 'static {
    /// N, in bytes.
    const SIZE: usize;
    /// All zero.
    const ZERO: Self;
}

impl<const N: usize> Bytes for [u8; N]
where
    [u8; N]: AsRef<[u8]>,
{
    const SIZE: usize = N;
    const ZERO: Self = [0; N];
}
