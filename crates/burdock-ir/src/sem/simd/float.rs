//! Float arithmetic on lanes. The rules for NaN and zeros are those of [`crate::sem::float`].

use super::lanes::{binary, map, unary, zip};
use crate::sem::float::{
    f32_ceil, f32_floor, f32_max, f32_min, f32_nearest, f32_pmax, f32_pmin, f32_sqrt, f32_trunc,
    f64_ceil, f64_floor, f64_max, f64_min, f64_nearest, f64_pmax, f64_pmin, f64_sqrt, f64_trunc,
};

unary! {
    F32x4Ceil "f32x4.ceil" |a: [f32; 4]| -> [f32; 4] { map(a, f32_ceil) }
    F32x4Floor "f32x4.floor" |a: [f32; 4]| -> [f32; 4] { map(a, f32_floor) }
    F32x4Trunc "f32x4.trunc" |a: [f32; 4]| -> [f32; 4] { map(a, f32_trunc) }
    F32x4Nearest "f32x4.nearest" |a: [f32; 4]| -> [f32; 4] { map(a, f32_nearest) }
    F32x4Sqrt "f32x4.sqrt" |a: [f32; 4]| -> [f32; 4] { map(a, f32_sqrt) }
    F32x4Abs "f32x4.abs" |a: [f32; 4]| -> [f32; 4] { map(a, f32::abs) }
    F32x4Neg "f32x4.neg" |a: [f32; 4]| -> [f32; 4] { map(a, |x| -x) }
    F64x2Ceil "f64x2.ceil" |a: [f64; 2]| -> [f64; 2] { map(a, f64_ceil) }
    F64x2Floor "f64x2.floor" |a: [f64; 2]| -> [f64; 2] { map(a, f64_floor) }
    F64x2Trunc "f64x2.trunc" |a: [f64; 2]| -> [f64; 2] { map(a, f64_trunc) }
    F64x2Nearest "f64x2.nearest" |a: [f64; 2]| -> [f64; 2] { map(a, f64_nearest) }
    F64x2Sqrt "f64x2.sqrt" |a: [f64; 2]| -> [f64; 2] { map(a, f64_sqrt) }
    F64x2Abs "f64x2.abs" |a: [f64; 2]| -> [f64; 2] { map(a, f64::abs) }
    F64x2Neg "f64x2.neg" |a: [f64; 2]| -> [f64; 2] { map(a, |x| -x) }
    F32x4CanonicalizeNan "f32x4.canonicalize_nan" |a: [f32; 4]| -> [f32; 4] {
        map(a, |x| if x.is_nan() { f32::from_bits(0x7fc0_0000) } else { x })
    }
    F64x2CanonicalizeNan "f64x2.canonicalize_nan" |a: [f64; 2]| -> [f64; 2] {
        map(a, |x| if x.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { x })
    }
}

binary! {
    F32x4Add "f32x4.add" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, |x, y| x + y) }
    F32x4Sub "f32x4.sub" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, |x, y| x - y) }
    F32x4Mul "f32x4.mul" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, |x, y| x * y) }
    F32x4Div "f32x4.div" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, |x, y| x / y) }
    F32x4Min "f32x4.min" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_min) }
    F32x4Max "f32x4.max" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_max) }
    F32x4PMin "f32x4.pmin" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_pmin) }
    F32x4PMax "f32x4.pmax" |a: [f32; 4], b: [f32; 4]| -> [f32; 4] { zip(a, b, f32_pmax) }
    F64x2Add "f64x2.add" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, |x, y| x + y) }
    F64x2Sub "f64x2.sub" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, |x, y| x - y) }
    F64x2Mul "f64x2.mul" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, |x, y| x * y) }
    F64x2Div "f64x2.div" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, |x, y| x / y) }
    F64x2Min "f64x2.min" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_min) }
    F64x2Max "f64x2.max" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_max) }
    F64x2PMin "f64x2.pmin" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_pmin) }
    F64x2PMax "f64x2.pmax" |a: [f64; 2], b: [f64; 2]| -> [f64; 2] { zip(a, b, f64_pmax) }
}
