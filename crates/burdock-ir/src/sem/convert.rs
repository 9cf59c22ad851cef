//! Conversions between scalar types (spec section 4.3.4), and none at all.

use super::rows::unary;
use burdock_types::Trap;

unary! {
    I64Copy: i64 => i64, |a| Ok(a);
    F32Copy: f32 => f32, |a| Ok(a);
    F64Copy: f64 => f64, |a| Ok(a);

    I32WrapI64: i64 => i32, |a| Ok(a as i32);
    I64ExtendI32S: i32 => i64, |a| Ok(i64::from(a));
    I64ExtendI32U: i32 => i64, |a| Ok(i64::from(a as u32));

    I32TruncF32S: f32 => i32, |a| trunc(a.into(), -2147483649.0, 2147483648.0).map(|a| a as i32);
    I32TruncF32U: f32 => i32, |a| trunc(a.into(), -1.0, 4294967296.0).map(|a| a as u32 as i32);
    I32TruncF64S: f64 => i32, |a| trunc(a, -2147483649.0, 2147483648.0).map(|a| a as i32);
    I32TruncF64U: f64 => i32, |a| trunc(a, -1.0, 4294967296.0).map(|a| a as u32 as i32);
    I64TruncF32S: f32 => i64, |a| trunc(a.into(), BELOW_I64, ABOVE_I64).map(|a| a as i64);
    I64TruncF32U: f32 => i64, |a| trunc(a.into(), -1.0, ABOVE_U64).map(|a| a as u64 as i64);
    I64TruncF64S: f64 => i64, |a| trunc(a, BELOW_I64, ABOVE_I64).map(|a| a as i64);
    I64TruncF64U: f64 => i64, |a| trunc(a, -1.0, ABOVE_U64).map(|a| a as u64 as i64);

    I32TruncSatF32S: f32 => i32, |a| Ok(a as i32);
    I32TruncSatF32U: f32 => i32, |a| Ok(a as u32 as i32);
    I32TruncSatF64S: f64 => i32, |a| Ok(a as i32);
    I32TruncSatF64U: f64 => i32, |a| Ok(a as u32 as i32);
    I64TruncSatF32S: f32 => i64, |a| Ok(a as i64);
    I64TruncSatF32U: f32 => i64, |a| Ok(a as u64 as i64);
    I64TruncSatF64S: f64 => i64, |a| Ok(a as i64);
    I64TruncSatF64U: f64 => i64, |a| Ok(a as u64 as i64);

    F32ConvertI32S: i32 => f32, |a| Ok(a as f32);
    F32ConvertI32U: i32 => f32, |a| Ok(a as u32 as f32);
    F32ConvertI64S: i64 => f32, |a| Ok(a as f32);
    F32ConvertI64U: i64 => f32, |a| Ok(a as u64 as f32);
    F64ConvertI32S: i32 => f64, |a| Ok(f64::from(a));
    F64ConvertI32U: i32 => f64, |a| Ok(f64::from(a as u32));
    F64ConvertI64S: i64 => f64, |a| Ok(a as f64);
    F64ConvertI64U: i64 => f64, |a| Ok(a as u64 as f64);
    F32DemoteF64: f64 => f32, |a| Ok(a as f32);
    F64PromoteF32: f32 => f64, |a| Ok(f64::from(a));

    I32ReinterpretF32: f32 => i32, |a| Ok(a.to_bits() as i32);
    I64ReinterpretF64: f64 => i64, |a| Ok(a.to_bits() as i64);
    F32ReinterpretI32: i32 => f32, |a| Ok(f32::from_bits(a as u32));
    F64ReinterpretI64: i64 => f64, |a| Ok(f64::from_bits(a as u64));
}

/// The largest `f64` whose truncation lies below the range of `i64`.
const BELOW_I64: f64 = -9223372036854777856.0;
/// The smallest `f64` above the range of `i64`.
const ABOVE_I64: f64 = 9223372036854775808.0;
/// The smallest `f64` above the range of `u64`.
const ABOVE_U64: f64 = 18446744073709551616.0;

/// Returns `a` if it lies strictly between the bounds, so that its truncation fits the integer
/// type.
#[inline(always)]
fn trunc(a: f64, below: f64, above: f64) -> Result<f64, Trap> {
    if a > below && a < above {
        Ok(a)
    } else if a.is_nan() {
        Err(Trap::BadConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sem::Unary;
    use Trap::{BadConversionToInteger, IntegerOverflow};

    #[test]
    fn truncation_traps_just_outside_its_range() {
        assert_eq!(I32TruncF64S::apply(2147483647.9), Ok(i32::MAX));
        assert_eq!(I32TruncF64S::apply(2147483648.0), Err(IntegerOverflow));
        assert_eq!(I32TruncF64S::apply(-2147483648.9), Ok(i32::MIN));
        assert_eq!(I32TruncF64S::apply(-2147483649.0), Err(IntegerOverflow));
        assert_eq!(I32TruncF32S::apply(f32::NAN), Err(BadConversionToInteger));
        assert_eq!(I32TruncF32U::apply(-0.9), Ok(0));
        assert_eq!(I64TruncF64S::apply(-9223372036854775808.0), Ok(i64::MIN));
        assert_eq!(I64TruncF64S::apply(BELOW_I64), Err(IntegerOverflow));
        assert_eq!(I64TruncF64U::apply(18446744073709549568.0), Ok(-2048));
        assert_eq!(I64TruncF64U::apply(f64::INFINITY), Err(IntegerOverflow));
    }
}
