//! Scalar float arithmetic and comparisons (spec section 4.3.3).

use super::float as f;
use super::rows::{binary, unary};

binary! {
    F32Add: f32, f32 => f32, |a, b| Ok(a + b);
    F32Sub: f32, f32 => f32, |a, b| Ok(a - b);
    F32Mul: f32, f32 => f32, |a, b| Ok(a * b);
    F32Div: f32, f32 => f32, |a, b| Ok(a / b);
    F32Min: f32, f32 => f32, |a, b| Ok(f::f32_min(a, b));
    F32Max: f32, f32 => f32, |a, b| Ok(f::f32_max(a, b));
    F32Copysign: f32, f32 => f32, |a, b| Ok(a.copysign(b));
    F64Add: f64, f64 => f64, |a, b| Ok(a + b);
    F64Sub: f64, f64 => f64, |a, b| Ok(a - b);
    F64Mul: f64, f64 => f64, |a, b| Ok(a * b);
    F64Div: f64, f64 => f64, |a, b| Ok(a / b);
    F64Min: f64, f64 => f64, |a, b| Ok(f::f64_min(a, b));
    F64Max: f64, f64 => f64, |a, b| Ok(f::f64_max(a, b));
    F64Copysign: f64, f64 => f64, |a, b| Ok(a.copysign(b));

    F32Eq: f32, f32 => i32, |a, b| Ok((a == b).into());
    F32Ne: f32, f32 => i32, |a, b| Ok((a != b).into());
    F32Lt: f32, f32 => i32, |a, b| Ok((a < b).into());
    F32Gt: f32, f32 => i32, |a, b| Ok((a > b).into());
    F32Le: f32, f32 => i32, |a, b| Ok((a <= b).into());
    F32Ge: f32, f32 => i32, |a, b| Ok((a >= b).into());
    F64Eq: f64, f64 => i32, |a, b| Ok((a == b).into());
    F64Ne: f64, f64 => i32, |a, b| Ok((a != b).into());
    F64Lt: f64, f64 => i32, |a, b| Ok((a < b).into());
    F64Gt: f64, f64 => i32, |a, b| Ok((a > b).into());
    F64Le: f64, f64 => i32, |a, b| Ok((a <= b).into());
    F64Ge: f64, f64 => i32, |a, b| Ok((a >= b).into());
}

unary! {
    F32Abs: f32 => f32, |a| Ok(f32::from_bits(a.to_bits() & !(1 << 31)));
    F32Neg: f32 => f32, |a| Ok(f32::from_bits(a.to_bits() ^ 1 << 31));
    F32Ceil: f32 => f32, |a| Ok(f::f32_ceil(a));
    F32Floor: f32 => f32, |a| Ok(f::f32_floor(a));
    F32Trunc: f32 => f32, |a| Ok(f::f32_trunc(a));
    F32Nearest: f32 => f32, |a| Ok(f::f32_nearest(a));
    F32Sqrt: f32 => f32, |a| Ok(f::f32_sqrt(a));
    F64Abs: f64 => f64, |a| Ok(f64::from_bits(a.to_bits() & !(1 << 63)));
    F64Neg: f64 => f64, |a| Ok(f64::from_bits(a.to_bits() ^ 1 << 63));
    F64Ceil: f64 => f64, |a| Ok(f::f64_ceil(a));
    F64Floor: f64 => f64, |a| Ok(f::f64_floor(a));
    F64Trunc: f64 => f64, |a| Ok(f::f64_trunc(a));
    F64Nearest: f64 => f64, |a| Ok(f::f64_nearest(a));
    F64Sqrt: f64 => f64, |a| Ok(f::f64_sqrt(a));

    F32CanonicalizeNan: f32 => f32, |a| Ok(if a.is_nan() { f32::from_bits(0x7fc0_0000) } else { a });
    F64CanonicalizeNan: f64 => f64, |a| {
        Ok(if a.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { a })
    };
}
