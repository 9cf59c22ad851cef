//! Division by constants: the number by which to multiply instead.
//!
//! An instruction that divides by a constant holds its reciprocal besides. A machine need not use
//! it. Sources: Granlund and Montgomery, "Division by Invariant Integers using Multiplication",
//! PLDI 1994, figures 4.1 and 5.2; for 32 bits Lemire, Kaser and Kurz, "Faster Remainder by Direct
//! Computation", 2019.

use crate::Meaning;
use crate::operation::{IntBinary, Operation, Sign};
use burdock_types::ValType;

/// Returns the reciprocal of the divisor of a division or of a remainder, or `None` if there is
/// none for it.
///
/// With `high(x, y)`, the upper half of a product of 128 bits, and `s`, the position of the highest
/// bit of `divisor - 1`, the quotient of `x` is
///
/// | | |
/// |---|---|
/// | `i32`, unsigned | `high(x, reciprocal)` |
/// | `i32`, signed | `high(x, reciprocal) + (x < 0)` |
/// | `i64`, unsigned | `(t + ((x - t) >> 1)) >> s`, where `t = high(x, reciprocal)` |
/// | `i64`, signed | `((high(x, reciprocal) + x) >> s) + (x < 0)` |
pub fn reciprocal(meaning: Meaning, divisor: i32) -> Option<u64> {
    let sign = sign_of_division(meaning)?;
    // The signed product would take the reciprocal of 2 for a negative number.
    let least = if sign == Sign::Signed { 3 } else { 2 };
    if divisor < least {
        return None;
    }
    let by = divisor as u128;
    if meaning.row().operand == Some(ValType::I32) {
        return Some(((1 << 64) / by + 1) as u64);
    }
    let bits = u32::BITS - (divisor - 1).leading_zeros();
    // Both numbers have 65 bits, the highest of which the equations above add.
    Some(match sign {
        Sign::Unsigned => ((((1 << bits) - by) << 64) / by + 1) as u64,
        Sign::Signed => ((1 << (63 + bits)) / by + 1) as u64,
    })
}

/// Returns whether a meaning is a signed or unsigned division, or the remainder of one; `None` if
/// it is something else.
fn sign_of_division(meaning: Meaning) -> Option<Sign> {
    match meaning.operation() {
        Operation::IntBinary(IntBinary::DivS | IntBinary::RemS) => Some(Sign::Signed),
        Operation::IntBinary(IntBinary::DivU | IntBinary::RemU) => Some(Sign::Unsigned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sem::{self, Binary};

    /// Returns the upper half of a product.
    fn high(x: u64, reciprocal: u64) -> u64 {
        ((u128::from(x) * u128::from(reciprocal)) >> 64) as u64
    }

    /// Returns the upper half of a signed product.
    fn high_signed(x: i64, reciprocal: u64) -> i64 {
        ((i128::from(x) * i128::from(reciprocal as i64)) >> 64) as i64
    }

    /// Returns numbers near those at which a division of one by another could go wrong.
    fn numbers() -> impl Iterator<Item = i64> {
        let near = |x: i64| (-2..=2).map(move |by| x.wrapping_add(by));
        let powers = (0..64).map(|bit| 1 << bit);
        powers.chain([7, 10, 60, 641, 1000, 6_700_417, 1_000_000_007]).flat_map(near)
    }

    #[test]
    fn quotients_by_reciprocals_are_exact() {
        for divisor in numbers().filter_map(|x| i32::try_from(x).ok()) {
            let of = |meaning| reciprocal(meaning, divisor);
            let s = || (divisor - 1).ilog2();
            let multiples = |x: i64| [x, x.wrapping_mul(divisor.into())].into_iter();
            for x in numbers().flat_map(multiples).flat_map(|x| [x, x.wrapping_neg()]) {
                let (short, unsigned) = (x as i32, x as u64);
                if let Some(by) = of(Meaning::I32DivU) {
                    let quotient = high(u64::from(short as u32), by) as i32;
                    assert_eq!(sem::I32DivU::apply(short, divisor), Ok(quotient));
                }
                if let Some(by) = of(Meaning::I32DivS) {
                    let quotient = high_signed(short.into(), by) as i32 + i32::from(short < 0);
                    assert_eq!(sem::I32DivS::apply(short, divisor), Ok(quotient));
                }
                if let Some(by) = of(Meaning::I64DivU) {
                    let t = high(unsigned, by);
                    let quotient = (t + ((unsigned - t) >> 1)) >> s();
                    assert_eq!(sem::I64DivU::apply(x, divisor.into()), Ok(quotient as i64));
                }
                if let Some(by) = of(Meaning::I64DivS) {
                    let quotient = (high_signed(x, by).wrapping_add(x) >> s()) + i64::from(x < 0);
                    assert_eq!(sem::I64DivS::apply(x, divisor.into()), Ok(quotient));
                }
            }
        }
    }

    #[test]
    fn divisors_without_reciprocal_are_small_or_negative() {
        let unsigned = [Meaning::I32DivU, Meaning::I32RemU, Meaning::I64DivU, Meaning::I64RemU];
        for divisor in [i32::MIN, -3, -1, 0, 1] {
            assert!(unsigned.iter().all(|&meaning| reciprocal(meaning, divisor).is_none()));
        }
        assert_eq!(reciprocal(Meaning::I32DivU, 2), Some((1 << 63) + 1));
        assert_eq!(reciprocal(Meaning::I64RemS, 2), None);
        assert_eq!(reciprocal(Meaning::I32Shl, 7), None);
    }
}
