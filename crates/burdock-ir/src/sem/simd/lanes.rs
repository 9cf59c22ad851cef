//! What the vector meanings are written with: a vector as an array of lanes, functions over such
//! arrays, the traits of ops with a lane immediate, and the rows that declare an op.
//!
//! Lanes are taken out of the two 64-bit halves of a vector, because LLVM turns exactly that back
//! into whole vectors: through bytes or through 128-bit shifts it leaves scalar code (`i16x8` with
//! saturating add, rustc 1.95 -O on x86-64: 30 instructions so, 48 with shifts of a `u128`, 102
//! through bytes).

use burdock_types::V128;

use crate::sem::{Bytes, Value};

/// Takes one lane out of a vector.
pub trait ExtractLane {
    /// The number of lanes of the vector; the immediate is below.
    const LANES: u8;
    /// The result's type.
    type Out: Value;
    /// Returns the lane's value. Lane numbers count modulo [`Self::LANES`].
    fn extract(v: V128, lane: u8) -> Self::Out;
}

/// Puts one lane into a vector.
pub trait ReplaceLane {
    /// The number of lanes of the vector; the immediate is below.
    const LANES: u8;
    /// The new lane's type.
    type B: Value;
    /// Returns the vector with this lane replaced. Lane numbers count modulo [`Self::LANES`].
    fn replace(v: V128, lane: u8, value: Self::B) -> V128;
}

/// Reads one lane of a vector from the bytes at an address.
pub trait LoadLane {
    /// The number of lanes of the vector; the immediate is below.
    const LANES: u8;
    /// `[u8; N]`, N being the width of the access.
    type Bytes: Bytes;
    /// Returns the vector with this lane replaced. Lane numbers count modulo [`Self::LANES`].
    fn load(bytes: Self::Bytes, v: V128, lane: u8) -> V128;
}

/// Makes the bytes of one lane that are written to an address.
pub trait StoreLane {
    /// The number of lanes of the vector; the immediate is below.
    const LANES: u8;
    /// `[u8; N]`, N being the width of the access.
    type Bytes: Bytes;
    /// Returns the lane's bytes. Lane numbers count modulo [`Self::LANES`].
    fn store(v: V128, lane: u8) -> Self::Bytes;
}

/// An operand or result of a row's function: a scalar as it is, or a vector as an array of lanes.
pub trait Operand: Copy {
    /// The value that lies in the frame.
    type Value: Value;
    /// Takes the lanes apart.
    fn from_value(value: Self::Value) -> Self;
    /// Puts the lanes together.
    fn into_value(self) -> Self::Value;
}

macro_rules! scalars {
    ($($scalar:ty)*) => {
        $(impl Operand for $scalar {
            type Value = $scalar;
            #[inline(always)]
            fn from_value(value: $scalar) -> Self { value }
            #[inline(always)]
            fn into_value(self) -> $scalar { self }
        })*
    };
}
scalars!(i32 i64 f32 f64 V128);

/// Returns the half in which a lane lies, and the lane's bit offset in the half.
#[inline(always)]
const fn place(lane: usize, bits: u32) -> (usize, u32) {
    let position = lane as u32 * bits;
    ((position / 64) as usize, position % 64)
}

macro_rules! shapes {
    ($($lane:ident as $bits:ident x $lanes:literal: |$x:ident| $from_bits:expr, $to_bits:expr;)*) => {
        $(impl Operand for [$lane; $lanes] {
            type Value = V128;
            #[inline(always)]
            fn from_value(value: V128) -> Self {
                let halves = value.to_halves();
                core::array::from_fn(|i| {
                    let (half, shift) = place(i, $bits::BITS);
                    let $x = (halves[half] >> shift) as $bits;
                    $from_bits
                })
            }
            #[inline(always)]
            fn into_value(self) -> V128 {
                let mut halves = [0u64; 2];
                for (i, $x) in self.into_iter().enumerate() {
                    let bits: $bits = $to_bits;
                    let (half, shift) = place(i, $bits::BITS);
                    halves[half] |= u64::from(bits) << shift;
                }
                V128::from_halves(halves)
            }
        })*
    };
}
shapes! {
    i8 as u8 x 16: |x| x as i8, x as u8;
    u8 as u8 x 16: |x| x, x;
    i16 as u16 x 8: |x| x as i16, x as u16;
    u16 as u16 x 8: |x| x, x;
    i32 as u32 x 4: |x| x as i32, x as u32;
    u32 as u32 x 4: |x| x, x;
    i64 as u64 x 2: |x| x as i64, x as u64;
    u64 as u64 x 2: |x| x, x;
    f32 as u32 x 4: |x| f32::from_bits(x), x.to_bits();
    f64 as u64 x 2: |x| f64::from_bits(x), x.to_bits();
}

/// Applies a function to every lane.
#[inline(always)]
pub(super) fn map<A: Copy, B, const N: usize>(a: [A; N], f: impl Fn(A) -> B) -> [B; N] {
    core::array::from_fn(|i| f(a[i]))
}

/// Applies a function to every pair of lanes.
#[inline(always)]
pub(super) fn zip<A: Copy, B: Copy, C, const N: usize>(
    a: [A; N],
    b: [B; N],
    f: impl Fn(A, B) -> C,
) -> [C; N] {
    core::array::from_fn(|i| f(a[i], b[i]))
}

/// Applies a function to every three lanes.
#[inline(always)]
pub(super) fn zip3<A: Copy, B, const N: usize>(
    a: [A; N],
    b: [A; N],
    c: [A; N],
    f: impl Fn(A, A, A) -> B,
) -> [B; N] {
    core::array::from_fn(|i| f(a[i], b[i], c[i]))
}

/// Makes one lane of every two neighbours.
#[inline(always)]
pub(super) fn pairwise<A: Copy, B, const N: usize, const HALF: usize>(
    a: [A; N],
    f: impl Fn(A, A) -> B,
) -> [B; HALF] {
    const { assert!(N == 2 * HALF) };
    core::array::from_fn(|i| f(a[2 * i], a[2 * i + 1]))
}

/// Returns the lower half of the lanes.
#[inline(always)]
pub(super) fn low<A: Copy, const N: usize, const HALF: usize>(a: [A; N]) -> [A; HALF] {
    const { assert!(N == 2 * HALF) };
    core::array::from_fn(|i| a[i])
}

/// Returns the upper half of the lanes.
#[inline(always)]
pub(super) fn high<A: Copy, const N: usize, const HALF: usize>(a: [A; N]) -> [A; HALF] {
    const { assert!(N == 2 * HALF) };
    core::array::from_fn(|i| a[i + HALF])
}

/// Returns the lanes of the first vector, followed by those of the second.
#[inline(always)]
pub(super) fn concat<A: Copy, const N: usize, const TWICE: usize>(
    a: [A; N],
    b: [A; N],
) -> [A; TWICE] {
    const { assert!(TWICE == 2 * N) };
    core::array::from_fn(|i| if i < N { a[i] } else { b[i - N] })
}

/// Declares unary ops: name, text, operand with its lanes, result and its value.
macro_rules! unary {
    ($($name:ident $text:literal |$a:ident: $A:ty| -> $Out:ty { $value:expr })*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl crate::sem::Unary for $name {
            type A = <$A as crate::sem::simd::Operand>::Value;
            type Out = <$Out as crate::sem::simd::Operand>::Value;
            #[inline(always)]
            fn apply(a: Self::A) -> Result<Self::Out, burdock_types::Trap> {
                let $a = <$A as crate::sem::simd::Operand>::from_value(a);
                let value: $Out = $value;
                Ok(crate::sem::simd::Operand::into_value(value))
            }
        }
    )*};
}
pub(super) use unary;

/// Declares binary ops; see [`unary`].
macro_rules! binary {
    ($($name:ident $text:literal |$a:ident: $A:ty, $b:ident: $B:ty| -> $Out:ty { $value:expr })*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl crate::sem::Binary for $name {
            type A = <$A as crate::sem::simd::Operand>::Value;
            type B = <$B as crate::sem::simd::Operand>::Value;
            type Out = <$Out as crate::sem::simd::Operand>::Value;
            #[inline(always)]
            fn apply(a: Self::A, b: Self::B) -> Result<Self::Out, burdock_types::Trap> {
                let $a = <$A as crate::sem::simd::Operand>::from_value(a);
                let $b = <$B as crate::sem::simd::Operand>::from_value(b);
                let value: $Out = $value;
                Ok(crate::sem::simd::Operand::into_value(value))
            }
        }
    )*};
}
pub(super) use binary;

/// Declares ternary ops on three vectors of one shape; see [`unary`].
macro_rules! ternary {
    ($($name:ident $text:literal |$a:ident, $b:ident, $c:ident: $A:ty| -> $Out:ty { $value:expr })*) => {$(
        #[doc = concat!("`", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl crate::sem::Ternary for $name {
            type A = burdock_types::V128;
            type B = burdock_types::V128;
            type C = burdock_types::V128;
            type Out = burdock_types::V128;
            #[inline(always)]
            fn apply(
                a: Self::A,
                b: Self::B,
                c: Self::C,
            ) -> Result<Self::Out, burdock_types::Trap> {
                let [$a, $b, $c] = [a, b, c].map(<$A as crate::sem::simd::Operand>::from_value);
                let value: $Out = $value;
                Ok(crate::sem::simd::Operand::into_value(value))
            }
        }
    )*};
}
pub(super) use ternary;
