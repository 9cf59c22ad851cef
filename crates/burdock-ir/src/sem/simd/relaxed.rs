//! Relaxed SIMD, with the results of the spec's deterministic profile (every relaxed choice is the
//! first one, spec section 4.3.4): truncation saturates, swizzle and lane select are the strict
//! ones, multiply-add rounds twice, the dot product takes both sides as signed.

use burdock_types::{Trap, V128};

use super::access::swizzle;
use super::bits::select_bits;
use super::int::q15_mul_round_saturating;
use super::lanes::{Operand, binary, concat, map, pairwise, ternary, unary, zip, zip3};
use crate::sem::Ternary;
use crate::sem::float::{f32_max, f32_min, f64_max, f64_min};

/// Sums of products of neighbours, saturated.
#[inline(always)]
fn dot(a: [i8; 16], b: [i8; 16]) -> [i16; 8] {
    pairwise(zip(a, b, |x, y| i16::from(x) * i16::from(y)), i16::saturating_add)
}

unary! {
    I32x4RelaxedTruncF32x4S "i32x4.relaxed_trunc_f32x4_s" |a: [f32; 4]| -> [i32; 4] { map(a, |x| x as i32) }
    I32x4RelaxedTruncF64x2SZero "i32x4.relaxed_trunc_f64x2_s_zero" |a: [f64; 2]| -> [i32; 4] { concat(map(a, |x| x as i32), [0; 2]) }
    I32x4RelaxedTruncF32x4U "i32x4.relaxed_trunc_f32x4_u" |a: [f32; 4]| -> [u32; 4] { map(a, |x| x as u32) }
    I32x4RelaxedTruncF64x2UZero "i32x4.relaxed_trunc_f64x2_u_zero" |a: [f64; 2]| -> [u32; 4] { concat(map(a, |x| x as u32), [0; 2]) }
}

binary! {
    I8x16RelaxedSwizzle "i8x16.relaxed_swizzle" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { swizzle(a, b) }
    F32x4RelaxedMin "f32x4.relaxed_min" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_min) }
    F32x4RelaxedMax "f32x4.relaxed_max" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_max) }
    F64x2RelaxedMin "f64x2.relaxed_min" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_min) }
    F64x2RelaxedMax "f64x2.relaxed_max" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_max) }
    I16x8RelaxedQ15mulrS "i16x8.relaxed_q15mulr_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, q15_mul_round_saturating) }
    I16x8RelaxedDotI8x16I7x16S "i16x8.relaxed_dot_i8x16_i7x16_s" |a: [i8; 16], b: [i8; 16]| -> [i16; 8] { dot(a, b) }
}

ternary! {
    F32x4RelaxedMadd "f32x4.relaxed_madd" |a, b, c: [f32; 4]| -> [f32; 4] { zip3(a, b, c, |x, y, z| x * y + z) }
    F32x4RelaxedNmadd "f32x4.relaxed_nmadd" |a, b, c: [f32; 4]| -> [f32; 4] { zip3(a, b, c, |x, y, z| -x * y + z) }
    F64x2RelaxedMadd "f64x2.relaxed_madd" |a, b, c: [f64; 2]| -> [f64; 2] { zip3(a, b, c, |x, y, z| x * y + z) }
    F64x2RelaxedNmadd "f64x2.relaxed_nmadd" |a, b, c: [f64; 2]| -> [f64; 2] { zip3(a, b, c, |x, y, z| -x * y + z) }
    I8x16RelaxedLaneselect "i8x16.relaxed_laneselect" |a, b, c: V128| -> V128 { select_bits(a, b, c) }
    I16x8RelaxedLaneselect "i16x8.relaxed_laneselect" |a, b, c: V128| -> V128 { select_bits(a, b, c) }
    I32x4RelaxedLaneselect "i32x4.relaxed_laneselect" |a, b, c: V128| -> V128 { select_bits(a, b, c) }
    I64x2RelaxedLaneselect "i64x2.relaxed_laneselect" |a, b, c: V128| -> V128 { select_bits(a, b, c) }
}

/// `i32x4.relaxed_dot_i8x16_i7x16_add_s`.
#[derive(Clone, Copy, Debug)]
pub struct I32x4RelaxedDotI8x16I7x16AddS;
impl Ternary for I32x4RelaxedDotI8x16I7x16AddS {
    type A = V128;
    type B = V128;
    type C = V128;
    type Out = V128;
    #[inline(always)]
    fn apply(a: V128, b: V128, c: V128) -> Result<V128, Trap> {
        let dots = dot(Operand::from_value(a), Operand::from_value(b));
        let sums: [i32; 4] = pairwise(dots, |x, y| i32::from(x) + i32::from(y));
        Ok(zip(sums, Operand::from_value(c), i32::wrapping_add).into_value())
    }
}
