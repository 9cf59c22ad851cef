//! Operations on the bits of a whole vector, and what makes a scalar of it.

use burdock_types::V128;

use super::lanes::{binary, map, ternary, unary};

/// Returns the bits of `a` where `mask` is one, and those of `b` where `mask` is zero.
#[inline(always)]
pub(super) fn select_bits(a: V128, b: V128, mask: V128) -> V128 {
    let [a, b, mask] = [a, b, mask].map(V128::as_u128);
    V128::from((a & mask) | (b & !mask))
}

/// Returns one if no lane is zero.
#[inline(always)]
fn all_true<L: Copy + PartialEq + Default, const N: usize>(lanes: [L; N]) -> i32 {
    let zeros = lanes.into_iter().fold(0, |zeros, lane| zeros | i32::from(lane == L::default()));
    zeros ^ 1
}

/// Returns lane i as bit i.
#[inline(always)]
fn bitmask<const N: usize>(lanes: [bool; N]) -> i32 {
    lanes.into_iter().enumerate().fold(0, |mask, (i, lane)| mask | i32::from(lane) << i)
}

unary! {
    V128Not "v128.not" |a: V128| -> V128 { V128::from(!a.as_u128()) }
    V128AnyTrue "v128.any_true" |a: V128| -> i32 { i32::from(a.as_u128() != 0) }
    I8x16AllTrue "i8x16.all_true" |a: [i8; 16]| -> i32 { all_true(a) }
    I8x16Bitmask "i8x16.bitmask" |a: [i8; 16]| -> i32 { bitmask(map(a, |x| x < 0)) }
    I16x8AllTrue "i16x8.all_true" |a: [i16; 8]| -> i32 { all_true(a) }
    I16x8Bitmask "i16x8.bitmask" |a: [i16; 8]| -> i32 { bitmask(map(a, |x| x < 0)) }
    I32x4AllTrue "i32x4.all_true" |a: [i32; 4]| -> i32 { all_true(a) }
    I32x4Bitmask "i32x4.bitmask" |a: [i32; 4]| -> i32 { bitmask(map(a, |x| x < 0)) }
    I64x2AllTrue "i64x2.all_true" |a: [i64; 2]| -> i32 { all_true(a) }
    I64x2Bitmask "i64x2.bitmask" |a: [i64; 2]| -> i32 { bitmask(map(a, |x| x < 0)) }
}

binary! {
    V128And "v128.and" |a: V128, b: V128| -> V128 { V128::from(a.as_u128() & b.as_u128()) }
    V128AndNot "v128.andnot" |a: V128, b: V128| -> V128 { V128::from(a.as_u128() & !b.as_u128()) }
    V128Or "v128.or" |a: V128, b: V128| -> V128 { V128::from(a.as_u128() | b.as_u128()) }
    V128Xor "v128.xor" |a: V128, b: V128| -> V128 { V128::from(a.as_u128() ^ b.as_u128()) }
}

ternary! {
    V128Bitselect "v128.bitselect" |a, b, c: V128| -> V128 { select_bits(a, b, c) }
}
