//! Where an instruction reads its operands and writes its result, as types, so that one generic
//! instruction makes a whole family.

use super::Machine;
use burdock_ir::operands::{Layout, RESULT};
use burdock_ir::sem::{Scalar, Value};
use burdock_ir::{BitField, Kind, Kinds, Shape};
use burdock_types::{V128, ValType};

/// The register of the value's bank.
pub(crate) struct Reg;
/// As a destination: the register of the value's bank, and the slot of the result.
pub(crate) struct Both;
/// The slot that quarter `F` of the operand word names.
pub(crate) struct Slot<const F: usize>;
/// The immediate of the operand word, or the word behind it.
pub(crate) struct Imm;
/// The immediate of the operand word, which divides; its reciprocal is in the word behind.
pub(crate) struct Divisor;
/// Quarter `F` of the operand word itself, as a signed number.
pub(crate) struct Short<const F: usize>;

/// Reads an operand.
pub(crate) trait Source<T> {
    const KIND: Kind;
    /// Words that the operand takes behind the operand word.
    const WORDS: usize = 0;
    fn get(m: &Machine) -> T;
}

/// Writes a result.
pub(crate) trait Dest<T> {
    const KIND: Kind;
    fn set(m: &mut Machine, value: T);
}

/// A type of values that lie in slots.
pub(crate) trait InSlot: Value {
    fn read(m: &Machine, slot: u16) -> Self;
    fn write(m: &mut Machine, slot: u16, value: Self);
}

/// A type of values that have a register bank.
pub(crate) trait Banked: InSlot {
    fn reg(m: &Machine) -> Self;
    fn set_reg(m: &mut Machine, value: Self);
    /// Returns the value as an immediate.
    fn imm(m: &Machine) -> Self;
    /// Words that such an immediate takes behind the operand word.
    const IMM_WORDS: usize = 0;
}

macro_rules! banked {
    ($($ty:ty: $bank:ident, |$reg:ident| $from:expr, |$value:ident| $to:expr, |$m:ident| $imm:expr, $words:literal;)*) => {$(
        impl InSlot for $ty {
            #[inline(always)]
            fn read(m: &Machine, slot: u16) -> Self {
                Scalar::from_slot(m.slot(slot))
            }

            #[inline(always)]
            fn write(m: &mut Machine, slot: u16, value: Self) {
                m.set_slot(slot, value.to_slot());
            }
        }

        impl Banked for $ty {
            #[inline(always)]
            fn reg(m: &Machine) -> Self {
                let $reg = m.$bank;
                $from
            }

            #[inline(always)]
            fn set_reg(m: &mut Machine, $value: Self) {
                m.$bank = $to;
            }

            #[inline(always)]
            fn imm($m: &Machine) -> Self {
                $imm
            }

            const IMM_WORDS: usize = $words;
        }
    )*};
}

banked! {
    i32: int, |reg| reg as i32, |value| u64::from(value as u32), |m| constant::<i32>(m) as i32, 0;
    i64: int, |reg| reg as i64, |value| value as u64, |m| i64::from(constant::<i64>(m) as i32), 0;
    f32: f32, |reg| reg, |value| value, |m| f32::from_bits(constant::<f32>(m) as u32), 0;
    f64: f64, |reg| reg, |value| value, |m| f64::from_bits(constant::<f64>(m)), 1;
}

/// Returns the bits of a constant operand of a type.
#[inline(always)]
fn constant<T: Value>(m: &Machine) -> u64 {
    m.field(const { placed(Kinds::new(Kind::Reg, Kind::Slot, Kind::Imm), T::TYPE).b.unwrap() })
}

/// Returns where the operands of an op with two operands lie.
const fn placed(kinds: Kinds, ty: ValType) -> Layout {
    Layout::of(Shape::binary, kinds, Some(ty))
}

impl InSlot for V128 {
    #[inline(always)]
    fn read(m: &Machine, slot: u16) -> Self {
        V128::from_halves([m.slot(slot), m.slot(slot + 1)])
    }

    #[inline(always)]
    fn write(m: &mut Machine, slot: u16, value: Self) {
        let [low, high] = value.to_halves();
        m.set_slot(slot, low);
        m.set_slot(slot + 1, high);
    }
}

impl<T: Banked> Source<T> for Reg {
    const KIND: Kind = Kind::Reg;
    #[inline(always)]
    fn get(m: &Machine) -> T {
        T::reg(m)
    }
}

impl<T: InSlot, const F: usize> Source<T> for Slot<F> {
    const KIND: Kind = Kind::Slot;
    #[inline(always)]
    fn get(m: &Machine) -> T {
        T::read(m, m.field(BitField::quarter(F as u8)) as u16)
    }
}

impl<T: Banked> Source<T> for Imm {
    const KIND: Kind = Kind::Imm;
    const WORDS: usize = T::IMM_WORDS;
    #[inline(always)]
    fn get(m: &Machine) -> T {
        T::imm(m)
    }
}

impl<T: Banked> Source<T> for Divisor {
    const KIND: Kind = Kind::Imm;
    const WORDS: usize = 1;
    #[inline(always)]
    fn get(m: &Machine) -> T {
        T::imm(m)
    }
}

impl<const F: usize> Source<i32> for Short<F> {
    const KIND: Kind = Kind::Imm;
    #[inline(always)]
    fn get(m: &Machine) -> i32 {
        i32::from(m.field(BitField::quarter(F as u8)) as i16)
    }
}

impl<const F: usize> Source<i64> for Short<F> {
    const KIND: Kind = Kind::Imm;
    #[inline(always)]
    fn get(m: &Machine) -> i64 {
        i64::from(m.field(BitField::quarter(F as u8)) as i16)
    }
}

impl<T: Banked> Dest<T> for Reg {
    const KIND: Kind = Kind::Reg;
    #[inline(always)]
    fn set(m: &mut Machine, value: T) {
        T::set_reg(m, value);
    }
}

impl<T: InSlot> Dest<T> for Slot<0> {
    const KIND: Kind = Kind::Slot;
    #[inline(always)]
    fn set(m: &mut Machine, value: T) {
        T::write(m, m.field(RESULT) as u16, value);
    }
}

impl<T: Banked> Dest<T> for Both {
    const KIND: Kind = Kind::Both;
    #[inline(always)]
    fn set(m: &mut Machine, value: T) {
        T::set_reg(m, value);
        T::write(m, m.field(RESULT) as u16, value);
    }
}
