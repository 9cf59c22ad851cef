//! The meaning of every op: a zero-sized type with one pure, safe function. Handlers, constant
//! folding and constant expressions all use these, so that an op means the same everywhere.
//!
//! Types are named like the Wasm operator (`i32.add` is [`I32Add`]); integers are passed as
//! `i32`/`i64`, vectors as [`V128`](burdock_types::V128).

pub(crate) mod float;
pub mod simd;

use burdock_types::Trap;

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
    /// The value that these bytes stand for.
    fn load(bytes: Self::Bytes) -> Self::Out;
}

/// Makes the bytes that are written to an address.
pub trait Store {
    /// `[u8; N]`, N being the width of the access.
    type Bytes: Bytes;
    /// The type of the value that is stored.
    type A: Value;
    /// The bytes that stand for this value.
    fn store(value: Self::A) -> Self::Bytes;
}

/// A type of values that live in frame slots.
pub trait Value: Copy + core::fmt::Debug + 'static {}

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

impl Value for i32 {}
impl Value for i64 {}
impl Value for f32 {}
impl Value for f64 {}
impl Value for burdock_types::V128 {}
