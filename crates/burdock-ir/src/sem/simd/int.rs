//! Integer arithmetic on lanes: add, subtract, multiply, minimum, maximum, average, shifts and
//! their saturating, extending and pairwise forms. Not here: comparisons and conversions.

use super::lanes::{binary, high, low, map, pairwise, unary, zip};

/// Returns the average, rounded up.
#[inline(always)]
fn average_u8(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b) + 1) >> 1) as u8
}

/// Returns the average, rounded up.
#[inline(always)]
fn average_u16(a: u16, b: u16) -> u16 {
    ((u32::from(a) + u32::from(b) + 1) >> 1) as u16
}

/// Returns the product of two fixed-point numbers with 15 fraction bits, rounded and saturated.
#[inline(always)]
pub(super) fn q15_mul_round_saturating(a: i16, b: i16) -> i16 {
    let product = (i32::from(a) * i32::from(b) + 0x4000) >> 15;
    product.min(i32::from(i16::MAX)) as i16
}

unary! {
    I8x16Abs "i8x16.abs" |a: [i8; 16]| -> [i8; 16] { map(a, i8::wrapping_abs) }
    I8x16Neg "i8x16.neg" |a: [i8; 16]| -> [i8; 16] { map(a, i8::wrapping_neg) }
    I8x16Popcnt "i8x16.popcnt" |a: [u8; 16]| -> [u8; 16] { map(a, |x| x.count_ones() as u8) }
    I16x8Abs "i16x8.abs" |a: [i16; 8]| -> [i16; 8] { map(a, i16::wrapping_abs) }
    I16x8Neg "i16x8.neg" |a: [i16; 8]| -> [i16; 8] { map(a, i16::wrapping_neg) }
    I32x4Abs "i32x4.abs" |a: [i32; 4]| -> [i32; 4] { map(a, i32::wrapping_abs) }
    I32x4Neg "i32x4.neg" |a: [i32; 4]| -> [i32; 4] { map(a, i32::wrapping_neg) }
    I64x2Abs "i64x2.abs" |a: [i64; 2]| -> [i64; 2] { map(a, i64::wrapping_abs) }
    I64x2Neg "i64x2.neg" |a: [i64; 2]| -> [i64; 2] { map(a, i64::wrapping_neg) }
    I16x8ExtAddPairwiseI8x16S "i16x8.extadd_pairwise_i8x16_s" |a: [i8; 16]| -> [i16; 8] { pairwise(map(a, i16::from), i16::wrapping_add) }
    I16x8ExtAddPairwiseI8x16U "i16x8.extadd_pairwise_i8x16_u" |a: [u8; 16]| -> [u16; 8] { pairwise(map(a, u16::from), u16::wrapping_add) }
    I32x4ExtAddPairwiseI16x8S "i32x4.extadd_pairwise_i16x8_s" |a: [i16; 8]| -> [i32; 4] { pairwise(map(a, i32::from), i32::wrapping_add) }
    I32x4ExtAddPairwiseI16x8U "i32x4.extadd_pairwise_i16x8_u" |a: [u16; 8]| -> [u32; 4] { pairwise(map(a, u32::from), u32::wrapping_add) }
}

binary! {
    I8x16Add "i8x16.add" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, i8::wrapping_add) }
    I8x16Sub "i8x16.sub" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, i8::wrapping_sub) }
    I8x16AddSatS "i8x16.add_sat_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, i8::saturating_add) }
    I8x16AddSatU "i8x16.add_sat_u" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { zip(a, b, u8::saturating_add) }
    I8x16SubSatS "i8x16.sub_sat_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, i8::saturating_sub) }
    I8x16SubSatU "i8x16.sub_sat_u" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { zip(a, b, u8::saturating_sub) }
    I8x16AvgrU "i8x16.avgr_u" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { zip(a, b, average_u8) }
    I8x16MinS "i8x16.min_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, Ord::min) }
    I8x16MinU "i8x16.min_u" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { zip(a, b, Ord::min) }
    I8x16MaxS "i8x16.max_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, Ord::max) }
    I8x16MaxU "i8x16.max_u" |a: [u8; 16], b: [u8; 16]| -> [u8; 16] { zip(a, b, Ord::max) }
    I8x16Shl "i8x16.shl" |a: [i8; 16], by: i32| -> [i8; 16] { map(a, |x| x.wrapping_shl(by as u32)) }
    I8x16ShrS "i8x16.shr_s" |a: [i8; 16], by: i32| -> [i8; 16] { map(a, |x| x.wrapping_shr(by as u32)) }
    I8x16ShrU "i8x16.shr_u" |a: [u8; 16], by: i32| -> [u8; 16] { map(a, |x| x.wrapping_shr(by as u32)) }
    I16x8Add "i16x8.add" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, i16::wrapping_add) }
    I16x8Sub "i16x8.sub" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, i16::wrapping_sub) }
    I16x8Mul "i16x8.mul" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, i16::wrapping_mul) }
    I16x8AddSatS "i16x8.add_sat_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, i16::saturating_add) }
    I16x8AddSatU "i16x8.add_sat_u" |a: [u16; 8], b: [u16; 8]| -> [u16; 8] { zip(a, b, u16::saturating_add) }
    I16x8SubSatS "i16x8.sub_sat_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, i16::saturating_sub) }
    I16x8SubSatU "i16x8.sub_sat_u" |a: [u16; 8], b: [u16; 8]| -> [u16; 8] { zip(a, b, u16::saturating_sub) }
    I16x8AvgrU "i16x8.avgr_u" |a: [u16; 8], b: [u16; 8]| -> [u16; 8] { zip(a, b, average_u16) }
    I16x8MinS "i16x8.min_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, Ord::min) }
    I16x8MinU "i16x8.min_u" |a: [u16; 8], b: [u16; 8]| -> [u16; 8] { zip(a, b, Ord::min) }
    I16x8MaxS "i16x8.max_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, Ord::max) }
    I16x8MaxU "i16x8.max_u" |a: [u16; 8], b: [u16; 8]| -> [u16; 8] { zip(a, b, Ord::max) }
    I16x8Shl "i16x8.shl" |a: [i16; 8], by: i32| -> [i16; 8] { map(a, |x| x.wrapping_shl(by as u32)) }
    I16x8ShrS "i16x8.shr_s" |a: [i16; 8], by: i32| -> [i16; 8] { map(a, |x| x.wrapping_shr(by as u32)) }
    I16x8ShrU "i16x8.shr_u" |a: [u16; 8], by: i32| -> [u16; 8] { map(a, |x| x.wrapping_shr(by as u32)) }
    I32x4Add "i32x4.add" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, i32::wrapping_add) }
    I32x4Sub "i32x4.sub" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, i32::wrapping_sub) }
    I32x4Mul "i32x4.mul" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, i32::wrapping_mul) }
    I32x4MinS "i32x4.min_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, Ord::min) }
    I32x4MinU "i32x4.min_u" |a: [u32; 4], b: [u32; 4]| -> [u32; 4] { zip(a, b, Ord::min) }
    I32x4MaxS "i32x4.max_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, Ord::max) }
    I32x4MaxU "i32x4.max_u" |a: [u32; 4], b: [u32; 4]| -> [u32; 4] { zip(a, b, Ord::max) }
    I32x4Shl "i32x4.shl" |a: [i32; 4], by: i32| -> [i32; 4] { map(a, |x| x.wrapping_shl(by as u32)) }
    I32x4ShrS "i32x4.shr_s" |a: [i32; 4], by: i32| -> [i32; 4] { map(a, |x| x.wrapping_shr(by as u32)) }
    I32x4ShrU "i32x4.shr_u" |a: [u32; 4], by: i32| -> [u32; 4] { map(a, |x| x.wrapping_shr(by as u32)) }
    I64x2Add "i64x2.add" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, i64::wrapping_add) }
    I64x2Sub "i64x2.sub" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, i64::wrapping_sub) }
    I64x2Mul "i64x2.mul" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, i64::wrapping_mul) }
    I64x2Shl "i64x2.shl" |a: [i64; 2], by: i32| -> [i64; 2] { map(a, |x| x.wrapping_shl(by as u32)) }
    I64x2ShrS "i64x2.shr_s" |a: [i64; 2], by: i32| -> [i64; 2] { map(a, |x| x.wrapping_shr(by as u32)) }
    I64x2ShrU "i64x2.shr_u" |a: [u64; 2], by: i32| -> [u64; 2] { map(a, |x| x.wrapping_shr(by as u32)) }
    I16x8Q15MulrSatS "i16x8.q15mulr_sat_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, q15_mul_round_saturating) }
    I16x8ExtMulLowI8x16S "i16x8.extmul_low_i8x16_s" |a: [i8; 16], b: [i8; 16]| -> [i16; 8] { zip(low(a), low(b), |x, y| i16::from(x) * i16::from(y)) }
    I16x8ExtMulHighI8x16S "i16x8.extmul_high_i8x16_s" |a: [i8; 16], b: [i8; 16]| -> [i16; 8] { zip(high(a), high(b), |x, y| i16::from(x) * i16::from(y)) }
    I16x8ExtMulLowI8x16U "i16x8.extmul_low_i8x16_u" |a: [u8; 16], b: [u8; 16]| -> [u16; 8] { zip(low(a), low(b), |x, y| u16::from(x) * u16::from(y)) }
    I16x8ExtMulHighI8x16U "i16x8.extmul_high_i8x16_u" |a: [u8; 16], b: [u8; 16]| -> [u16; 8] { zip(high(a), high(b), |x, y| u16::from(x) * u16::from(y)) }
    I32x4ExtMulLowI16x8S "i32x4.extmul_low_i16x8_s" |a: [i16; 8], b: [i16; 8]| -> [i32; 4] { zip(low(a), low(b), |x, y| i32::from(x) * i32::from(y)) }
    I32x4ExtMulHighI16x8S "i32x4.extmul_high_i16x8_s" |a: [i16; 8], b: [i16; 8]| -> [i32; 4] { zip(high(a), high(b), |x, y| i32::from(x) * i32::from(y)) }
    I32x4ExtMulLowI16x8U "i32x4.extmul_low_i16x8_u" |a: [u16; 8], b: [u16; 8]| -> [u32; 4] { zip(low(a), low(b), |x, y| u32::from(x) * u32::from(y)) }
    I32x4ExtMulHighI16x8U "i32x4.extmul_high_i16x8_u" |a: [u16; 8], b: [u16; 8]| -> [u32; 4] { zip(high(a), high(b), |x, y| u32::from(x) * u32::from(y)) }
    I64x2ExtMulLowI32x4S "i64x2.extmul_low_i32x4_s" |a: [i32; 4], b: [i32; 4]| -> [i64; 2] { zip(low(a), low(b), |x, y| i64::from(x) * i64::from(y)) }
    I64x2ExtMulHighI32x4S "i64x2.extmul_high_i32x4_s" |a: [i32; 4], b: [i32; 4]| -> [i64; 2] { zip(high(a), high(b), |x, y| i64::from(x) * i64::from(y)) }
    I64x2ExtMulLowI32x4U "i64x2.extmul_low_i32x4_u" |a: [u32; 4], b: [u32; 4]| -> [u64; 2] { zip(low(a), low(b), |x, y| u64::from(x) * u64::from(y)) }
    I64x2ExtMulHighI32x4U "i64x2.extmul_high_i32x4_u" |a: [u32; 4], b: [u32; 4]| -> [u64; 2] { zip(high(a), high(b), |x, y| u64::from(x) * u64::from(y)) }
    I32x4DotI16x8S "i32x4.dot_i16x8_s" |a: [i16; 8], b: [i16; 8]| -> [i32; 4] { pairwise(zip(a, b, |x, y| i32::from(x) * i32::from(y)), i32::wrapping_add) }
}
