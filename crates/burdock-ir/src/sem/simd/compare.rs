//! Comparisons of lanes: all ones where they hold, all zeros where not.

use super::lanes::{binary, zip};

binary! {
    I8x16Eq "i8x16.eq" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x == y)) }
    I8x16Ne "i8x16.ne" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x != y)) }
    I8x16LtS "i8x16.lt_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x < y)) }
    I8x16LtU "i8x16.lt_u" |a: [u8; 16], b: [u8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x < y)) }
    I8x16GtS "i8x16.gt_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x > y)) }
    I8x16GtU "i8x16.gt_u" |a: [u8; 16], b: [u8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x > y)) }
    I8x16LeS "i8x16.le_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x <= y)) }
    I8x16LeU "i8x16.le_u" |a: [u8; 16], b: [u8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x <= y)) }
    I8x16GeS "i8x16.ge_s" |a: [i8; 16], b: [i8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x >= y)) }
    I8x16GeU "i8x16.ge_u" |a: [u8; 16], b: [u8; 16]| -> [i8; 16] { zip(a, b, |x, y| -i8::from(x >= y)) }
    I16x8Eq "i16x8.eq" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x == y)) }
    I16x8Ne "i16x8.ne" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x != y)) }
    I16x8LtS "i16x8.lt_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x < y)) }
    I16x8LtU "i16x8.lt_u" |a: [u16; 8], b: [u16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x < y)) }
    I16x8GtS "i16x8.gt_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x > y)) }
    I16x8GtU "i16x8.gt_u" |a: [u16; 8], b: [u16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x > y)) }
    I16x8LeS "i16x8.le_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x <= y)) }
    I16x8LeU "i16x8.le_u" |a: [u16; 8], b: [u16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x <= y)) }
    I16x8GeS "i16x8.ge_s" |a: [i16; 8], b: [i16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x >= y)) }
    I16x8GeU "i16x8.ge_u" |a: [u16; 8], b: [u16; 8]| -> [i16; 8] { zip(a, b, |x, y| -i16::from(x >= y)) }
    I32x4Eq "i32x4.eq" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x == y)) }
    I32x4Ne "i32x4.ne" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x != y)) }
    I32x4LtS "i32x4.lt_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x < y)) }
    I32x4LtU "i32x4.lt_u" |a: [u32; 4], b: [u32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x < y)) }
    I32x4GtS "i32x4.gt_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x > y)) }
    I32x4GtU "i32x4.gt_u" |a: [u32; 4], b: [u32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x > y)) }
    I32x4LeS "i32x4.le_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x <= y)) }
    I32x4LeU "i32x4.le_u" |a: [u32; 4], b: [u32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x <= y)) }
    I32x4GeS "i32x4.ge_s" |a: [i32; 4], b: [i32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x >= y)) }
    I32x4GeU "i32x4.ge_u" |a: [u32; 4], b: [u32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x >= y)) }
    I64x2Eq "i64x2.eq" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x == y)) }
    I64x2Ne "i64x2.ne" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x != y)) }
    I64x2LtS "i64x2.lt_s" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x < y)) }
    I64x2GtS "i64x2.gt_s" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x > y)) }
    I64x2LeS "i64x2.le_s" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x <= y)) }
    I64x2GeS "i64x2.ge_s" |a: [i64; 2], b: [i64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x >= y)) }
    F32x4Eq "f32x4.eq" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x == y)) }
    F32x4Ne "f32x4.ne" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x != y)) }
    F32x4Lt "f32x4.lt" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x < y)) }
    F32x4Gt "f32x4.gt" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x > y)) }
    F32x4Le "f32x4.le" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x <= y)) }
    F32x4Ge "f32x4.ge" |a: [f32; 4], b: [f32; 4]| -> [i32; 4] { zip(a, b, |x, y| -i32::from(x >= y)) }
    F64x2Eq "f64x2.eq" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x == y)) }
    F64x2Ne "f64x2.ne" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x != y)) }
    F64x2Lt "f64x2.lt" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x < y)) }
    F64x2Gt "f64x2.gt" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x > y)) }
    F64x2Le "f64x2.le" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x <= y)) }
    F64x2Ge "f64x2.ge" |a: [f64; 2], b: [f64; 2]| -> [i64; 2] { zip(a, b, |x, y| -i64::from(x >= y)) }
}
