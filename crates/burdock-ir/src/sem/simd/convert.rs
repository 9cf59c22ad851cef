//! Conversions of lanes: extend, narrow, float to integer and back, promote and demote.
//! Rust's `as` from float to integer saturates and takes NaN to zero, which is what Wasm's
//! `trunc_sat` asks for.

use super::lanes::{binary, concat, high, low, map, unary};

unary! {
    I16x8ExtendLowI8x16S "i16x8.extend_low_i8x16_s" |a: [i8; 16]| -> [i16; 8] { map(low(a), i16::from) }
    I16x8ExtendHighI8x16S "i16x8.extend_high_i8x16_s" |a: [i8; 16]| -> [i16; 8] { map(high(a), i16::from) }
    I16x8ExtendLowI8x16U "i16x8.extend_low_i8x16_u" |a: [u8; 16]| -> [u16; 8] { map(low(a), u16::from) }
    I16x8ExtendHighI8x16U "i16x8.extend_high_i8x16_u" |a: [u8; 16]| -> [u16; 8] { map(high(a), u16::from) }
    I32x4ExtendLowI16x8S "i32x4.extend_low_i16x8_s" |a: [i16; 8]| -> [i32; 4] { map(low(a), i32::from) }
    I32x4ExtendHighI16x8S "i32x4.extend_high_i16x8_s" |a: [i16; 8]| -> [i32; 4] { map(high(a), i32::from) }
    I32x4ExtendLowI16x8U "i32x4.extend_low_i16x8_u" |a: [u16; 8]| -> [u32; 4] { map(low(a), u32::from) }
    I32x4ExtendHighI16x8U "i32x4.extend_high_i16x8_u" |a: [u16; 8]| -> [u32; 4] { map(high(a), u32::from) }
    I64x2ExtendLowI32x4S "i64x2.extend_low_i32x4_s" |a: [i32; 4]| -> [i64; 2] { map(low(a), i64::from) }
    I64x2ExtendHighI32x4S "i64x2.extend_high_i32x4_s" |a: [i32; 4]| -> [i64; 2] { map(high(a), i64::from) }
    I64x2ExtendLowI32x4U "i64x2.extend_low_i32x4_u" |a: [u32; 4]| -> [u64; 2] { map(low(a), u64::from) }
    I64x2ExtendHighI32x4U "i64x2.extend_high_i32x4_u" |a: [u32; 4]| -> [u64; 2] { map(high(a), u64::from) }
    I32x4TruncSatF32x4S "i32x4.trunc_sat_f32x4_s" |a: [f32; 4]| -> [i32; 4] { map(a, |x| x as i32) }
    I32x4TruncSatF64x2SZero "i32x4.trunc_sat_f64x2_s_zero" |a: [f64; 2]| -> [i32; 4] { concat(map(a, |x| x as i32), [0; 2]) }
    F32x4ConvertI32x4S "f32x4.convert_i32x4_s" |a: [i32; 4]| -> [f32; 4] { map(a, |x| x as f32) }
    F64x2ConvertLowI32x4S "f64x2.convert_low_i32x4_s" |a: [i32; 4]| -> [f64; 2] { map(low(a), |x: i32| f64::from(x)) }
    I32x4TruncSatF32x4U "i32x4.trunc_sat_f32x4_u" |a: [f32; 4]| -> [u32; 4] { map(a, |x| x as u32) }
    I32x4TruncSatF64x2UZero "i32x4.trunc_sat_f64x2_u_zero" |a: [f64; 2]| -> [u32; 4] { concat(map(a, |x| x as u32), [0; 2]) }
    F32x4ConvertI32x4U "f32x4.convert_i32x4_u" |a: [u32; 4]| -> [f32; 4] { map(a, |x| x as f32) }
    F64x2ConvertLowI32x4U "f64x2.convert_low_i32x4_u" |a: [u32; 4]| -> [f64; 2] { map(low(a), |x: u32| f64::from(x)) }
    F32x4DemoteF64x2Zero "f32x4.demote_f64x2_zero" |a: [f64; 2]| -> [f32; 4] { concat(map(a, |x| x as f32), [0.0; 2]) }
    F64x2PromoteLowF32x4 "f64x2.promote_low_f32x4" |a: [f32; 4]| -> [f64; 2] { map(low(a), |x: f32| f64::from(x)) }
}

binary! {
    I8x16NarrowI16x8S "i8x16.narrow_i16x8_s" |a: [i16; 8], b: [i16; 8]| -> [i8; 16] { map(concat(a, b), |x: i16| x.clamp(i8::MIN as i16, i8::MAX as i16) as i8) }
    I8x16NarrowI16x8U "i8x16.narrow_i16x8_u" |a: [i16; 8], b: [i16; 8]| -> [u8; 16] { map(concat(a, b), |x: i16| x.clamp(u8::MIN as i16, u8::MAX as i16) as u8) }
    I16x8NarrowI32x4S "i16x8.narrow_i32x4_s" |a: [i32; 4], b: [i32; 4]| -> [i16; 8] { map(concat(a, b), |x: i32| x.clamp(i16::MIN as i32, i16::MAX as i32) as i16) }
    I16x8NarrowI32x4U "i16x8.narrow_i32x4_u" |a: [i32; 4], b: [i32; 4]| -> [u16; 8] { map(concat(a, b), |x: i32| x.clamp(u16::MIN as i32, u16::MAX as i32) as u16) }
}
