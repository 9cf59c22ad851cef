//! Integer arithmetic, bit counting and shifts (spec sections 4.3.2 "integer operations").

use super::rows::{binary, unary};
use burdock_types::Trap;

binary! {
    I32Add: i32, i32 => i32, |a, b| Ok(a.wrapping_add(b));
    I32Sub: i32, i32 => i32, |a, b| Ok(a.wrapping_sub(b));
    I32Mul: i32, i32 => i32, |a, b| Ok(a.wrapping_mul(b));
    I32DivS: i32, i32 => i32, |a, b| div_s(b == 0, a.checked_div(b));
    I32DivU: i32, i32 => i32, |a, b| div_u((a as u32).checked_div(b as u32).map(|q| q as i32));
    I32RemS: i32, i32 => i32, |a, b| div_u((b != 0).then(|| a.wrapping_rem(b)));
    I32RemU: i32, i32 => i32, |a, b| div_u((a as u32).checked_rem(b as u32).map(|r| r as i32));
    I32And: i32, i32 => i32, |a, b| Ok(a & b);
    I32Or: i32, i32 => i32, |a, b| Ok(a | b);
    I32Xor: i32, i32 => i32, |a, b| Ok(a ^ b);
    I32Shl: i32, i32 => i32, |a, b| Ok(a.wrapping_shl(b as u32));
    I32ShrS: i32, i32 => i32, |a, b| Ok(a.wrapping_shr(b as u32));
    I32ShrU: i32, i32 => i32, |a, b| Ok((a as u32).wrapping_shr(b as u32) as i32);
    I32Rotl: i32, i32 => i32, |a, b| Ok(a.rotate_left(b as u32 & 31));
    I32Rotr: i32, i32 => i32, |a, b| Ok(a.rotate_right(b as u32 & 31));

    I64Add: i64, i64 => i64, |a, b| Ok(a.wrapping_add(b));
    I64Sub: i64, i64 => i64, |a, b| Ok(a.wrapping_sub(b));
    I64Mul: i64, i64 => i64, |a, b| Ok(a.wrapping_mul(b));
    I64DivS: i64, i64 => i64, |a, b| div_s(b == 0, a.checked_div(b));
    I64DivU: i64, i64 => i64, |a, b| div_u((a as u64).checked_div(b as u64).map(|q| q as i64));
    I64RemS: i64, i64 => i64, |a, b| div_u((b != 0).then(|| a.wrapping_rem(b)));
    I64RemU: i64, i64 => i64, |a, b| div_u((a as u64).checked_rem(b as u64).map(|r| r as i64));
    I64And: i64, i64 => i64, |a, b| Ok(a & b);
    I64Or: i64, i64 => i64, |a, b| Ok(a | b);
    I64Xor: i64, i64 => i64, |a, b| Ok(a ^ b);
    I64Shl: i64, i64 => i64, |a, b| Ok(a.wrapping_shl(b as u32));
    I64ShrS: i64, i64 => i64, |a, b| Ok(a.wrapping_shr(b as u32));
    I64ShrU: i64, i64 => i64, |a, b| Ok((a as u64).wrapping_shr(b as u32) as i64);
    I64Rotl: i64, i64 => i64, |a, b| Ok(a.rotate_left(b as u32 & 63));
    I64Rotr: i64, i64 => i64, |a, b| Ok(a.rotate_right(b as u32 & 63));

    I32Eq: i32, i32 => i32, |a, b| Ok((a == b).into());
    I32Ne: i32, i32 => i32, |a, b| Ok((a != b).into());
    I32LtS: i32, i32 => i32, |a, b| Ok((a < b).into());
    I32LtU: i32, i32 => i32, |a, b| Ok(((a as u32) < b as u32).into());
    I32GtS: i32, i32 => i32, |a, b| Ok((a > b).into());
    I32GtU: i32, i32 => i32, |a, b| Ok((a as u32 > b as u32).into());
    I32LeS: i32, i32 => i32, |a, b| Ok((a <= b).into());
    I32LeU: i32, i32 => i32, |a, b| Ok((a as u32 <= b as u32).into());
    I32GeS: i32, i32 => i32, |a, b| Ok((a >= b).into());
    I32GeU: i32, i32 => i32, |a, b| Ok((a as u32 >= b as u32).into());

    I32TestNz: i32, i32 => i32, |a, b| Ok((a & b != 0).into());
    I32TestZ: i32, i32 => i32, |a, b| Ok((a & b == 0).into());
    I64TestNz: i64, i64 => i32, |a, b| Ok((a & b != 0).into());
    I64TestZ: i64, i64 => i32, |a, b| Ok((a & b == 0).into());

    I64Eq: i64, i64 => i32, |a, b| Ok((a == b).into());
    I64Ne: i64, i64 => i32, |a, b| Ok((a != b).into());
    I64LtS: i64, i64 => i32, |a, b| Ok((a < b).into());
    I64LtU: i64, i64 => i32, |a, b| Ok(((a as u64) < b as u64).into());
    I64GtS: i64, i64 => i32, |a, b| Ok((a > b).into());
    I64GtU: i64, i64 => i32, |a, b| Ok((a as u64 > b as u64).into());
    I64LeS: i64, i64 => i32, |a, b| Ok((a <= b).into());
    I64LeU: i64, i64 => i32, |a, b| Ok((a as u64 <= b as u64).into());
    I64GeS: i64, i64 => i32, |a, b| Ok((a >= b).into());
    I64GeU: i64, i64 => i32, |a, b| Ok((a as u64 >= b as u64).into());
}

unary! {
    I32Clz: i32 => i32, |a| Ok(a.leading_zeros() as i32);
    I32Ctz: i32 => i32, |a| Ok(a.trailing_zeros() as i32);
    I64Clz: i64 => i64, |a| Ok(i64::from(a.leading_zeros()));
    I64Ctz: i64 => i64, |a| Ok(i64::from(a.trailing_zeros()));
    I64Popcnt: i64 => i64, |a| Ok(i64::from(a.count_ones()));
    I32Extend8S: i32 => i32, |a| Ok(i32::from(a as i8));
    I32Extend16S: i32 => i32, |a| Ok(i32::from(a as i16));
    I64Extend8S: i64 => i64, |a| Ok(i64::from(a as i8));
    I64Extend16S: i64 => i64, |a| Ok(i64::from(a as i16));
    I64Extend32S: i64 => i64, |a| Ok(i64::from(a as i32));
    RefI31: i32 => i32, |a| Ok(a << 1 | 1);
    I31GetS: i32 => i32, |a| if a & 1 == 0 { Err(Trap::NullReference) } else { Ok(a >> 1) };
    I31GetU: i32 => i32, |a| if a & 1 == 0 {
        Err(Trap::NullReference)
    } else {
        Ok((a as u32 >> 1) as i32)
    };
    RefAsNonNull: i64 => i64, |a| if a == 0 { Err(Trap::NullReference) } else { Ok(a) };
}

/// Returns a signed quotient; `None` stands for a zero divisor or an overflow.
#[inline(always)]
fn div_s<T>(by_zero: bool, quotient: Option<T>) -> Result<T, Trap> {
    match quotient {
        Some(quotient) => Ok(quotient),
        None if by_zero => Err(Trap::IntegerDivisionByZero),
        None => Err(Trap::IntegerOverflow),
    }
}

/// Returns an unsigned quotient or a remainder; `None` stands for a zero divisor.
#[inline(always)]
fn div_u<T>(quotient: Option<T>) -> Result<T, Trap> {
    quotient.ok_or(Trap::IntegerDivisionByZero)
}

/// `i64.add128` and its like (proposal wide-arithmetic): 128-bit values as low and high halves.
pub mod wide {
    /// Computes `i64.add128`.
    pub fn add128(a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
        split(join(a).wrapping_add(join(b)))
    }

    /// Computes `i64.sub128`.
    pub fn sub128(a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
        split(join(a).wrapping_sub(join(b)))
    }

    /// Computes `i64.mul_wide_s`.
    pub fn mul_wide_s(a: i64, b: i64) -> [i64; 2] {
        split(i128::from(a).wrapping_mul(i128::from(b)))
    }

    /// Computes `i64.mul_wide_u`.
    pub fn mul_wide_u(a: i64, b: i64) -> [i64; 2] {
        split((u128::from(a as u64) * u128::from(b as u64)) as i128)
    }

    fn join([low, high]: [i64; 2]) -> i128 {
        i128::from(high) << 64 | i128::from(low as u64)
    }

    fn split(value: i128) -> [i64; 2] {
        [value as i64, (value >> 64) as i64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sem::{Binary, Unary};
    use Trap::{IntegerDivisionByZero, IntegerOverflow, NullReference};

    #[test]
    fn division_traps_where_the_spec_says() {
        let check = |got: Result<i32, Trap>, expected| assert_eq!(got, expected);
        check(I32DivS::apply(7, -2), Ok(-3));
        check(I32DivS::apply(7, 0), Err(IntegerDivisionByZero));
        check(I32DivS::apply(i32::MIN, -1), Err(IntegerOverflow));
        check(I32RemS::apply(i32::MIN, -1), Ok(0));
        check(I32RemS::apply(1, 0), Err(IntegerDivisionByZero));
        check(I32DivU::apply(-1, 2), Ok(i32::MAX));
        check(I32RemU::apply(-1, 16), Ok(15));
        check(I32Rotl::apply(1, 33), Ok(2));
        check(I32Rotr::apply(1, -31), Ok(i32::MIN));
        assert_eq!(I64DivS::apply(i64::MIN, -1), Err(IntegerOverflow));
        assert_eq!(I64RemU::apply(5, 0), Err(IntegerDivisionByZero));
    }

    #[test]
    fn null_is_no_reference() {
        assert_eq!(RefI31::apply(-1), Ok(-1));
        assert_eq!(RefI31::apply(i32::MIN | 5), Ok(11));
        assert_eq!(I31GetS::apply(-1), Ok(-1));
        assert_eq!(I31GetU::apply(-1), Ok(i32::MAX));
        assert_eq!(I31GetU::apply(11), Ok(5));
        assert_eq!(I31GetS::apply(0), Err(NullReference));
        assert_eq!(I31GetU::apply(0), Err(NullReference));
        assert_eq!(RefAsNonNull::apply(0), Err(NullReference));
        assert_eq!(RefAsNonNull::apply(1), Ok(1));
    }

    #[test]
    fn wide_arithmetic_carries() {
        assert_eq!(wide::add128([-1, 0], [1, 0]), [0, 1]);
        assert_eq!(wide::sub128([0, 1], [1, 0]), [-1, 0]);
        assert_eq!(wide::mul_wide_s(-1, 2), [-2, -1]);
        assert_eq!(wide::mul_wide_u(-1, 2), [-2, 1]);
    }
}
