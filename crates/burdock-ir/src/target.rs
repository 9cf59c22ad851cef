//! `Target`: what the translator must know of a machine.

use crate::{Bank, Op};
use alloc::boxed::Box;
use burdock_types::{FuncType, ValType};

/// The number of slots of which `enter` zeroes a multiple. *Rationale:* handlers zero a whole group
/// at a time. A frame has room for the slots behind its locals.
pub const ZEROED_GROUP: u16 = 8;

/// The slot of a frame's record if parameters and results are few numbers. *Rationale:* a return
/// compares the record's slot with this one, and then loads the position to return to without
/// waiting for its own operand.
pub const USUAL_RECORD: u32 = 4;

/// Returns the slot of the record in frames of functions of a type.
///
/// It is the slot behind the parameters, or behind the results if they need more slots; a later
/// one, [`USUAL_RECORD`], if that is possible and no value is a reference. Types that are related
/// have references in the same places, so that all callers of a function find the same slot.
pub fn record_slot(ty: &FuncType) -> u32 {
    let values = ty.param_slots().max(ty.result_slots());
    if values < USUAL_RECORD && !ty.all().iter().any(ValType::is_ref) {
        return USUAL_RECORD;
    }
    values
}

/// A machine as the translator sees it: the head to write for each op, and its registers.
///
/// Registers of a bank have numbers: temporaries first, then those that can hold a local through a
/// loop. The default is a machine with one temporary a bank and no other register, whose heads are
/// the ops' numbers.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Without them, the head is the op's number.
    heads: Option<Box<[u64]>>,
    registers: Option<Registers>,
}

/// The registers of a machine that has more than one a bank.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    /// For each op, whether it can have any register as operand or for its result, and keeps the
    /// others. Other ops know the first register of a bank only.
    pub known: &'static [bool],
    /// The number of registers of each bank for values on the operand stack.
    pub temporaries: [u8; Bank::COUNT],
    /// The number of registers of each bank, behind the temporaries, for locals: at most
    /// [`MAX_PINNED`](Self::MAX_PINNED).
    pub pinned: [u8; Bank::COUNT],
}

impl Registers {
    /// The most registers of each bank for locals. Integers are moved together by instructions that
    /// name as many slots (`StorePins3`), and an allocation has as many.
    pub const MAX_PINNED: [u8; Bank::COUNT] = [3, 4, 4];
}

impl Target {
    /// Creates a machine with one register a bank and these heads, by the ops' numbers.
    pub fn new(heads: Box<[u64]>) -> Self {
        Self { heads: Some(heads), registers: None }
    }

    /// Creates a machine with these registers, whose heads are the ops' numbers.
    ///
    /// # Panics
    ///
    /// Panics if there are more registers for locals than [`Registers::MAX_PINNED`].
    pub fn with_registers(registers: Registers) -> Self {
        let mut counts = registers.pinned.iter().zip(Registers::MAX_PINNED);
        assert!(counts.all(|(count, most)| *count <= most), "too many registers for locals");
        Self { heads: None, registers: Some(registers) }
    }

    /// Returns the same machine with the ops' numbers for heads, for code that is read and not run.
    #[must_use]
    pub fn numbered(&self) -> Self {
        Self { heads: None, registers: self.registers }
    }

    /// Returns the head of an instruction with this op.
    #[inline]
    pub fn head(&self, op: Op) -> u64 {
        match &self.heads {
            Some(heads) => heads[op.number()],
            None => op.number() as u64,
        }
    }

    /// Returns, for each op, `true` if the op can have any register as operand or for its result
    /// and keeps the other registers; empty for a machine with one register a bank.
    pub fn known(&self) -> &'static [bool] {
        self.registers.as_ref().map_or(&[], |registers| registers.known)
    }

    /// Returns the number of registers of a bank for values on the operand stack.
    #[inline]
    pub fn temporaries(&self, bank: Bank) -> u8 {
        self.registers.as_ref().map_or(1, |registers| registers.temporaries[bank as usize])
    }

    /// Returns the number of registers of a bank, behind the temporaries, for locals.
    #[inline]
    pub fn pinned(&self, bank: Bank) -> u8 {
        self.registers.as_ref().map_or(0, |registers| registers.pinned[bank as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "too many registers for locals")]
    fn there_are_as_many_registers_for_integers_as_one_instruction_moves() {
        let registers = Registers { known: &[], temporaries: [3, 2, 3], pinned: [4, 2, 4] };
        Target::with_registers(registers);
    }
}
