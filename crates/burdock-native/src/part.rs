//! An instruction of a handler, and what every processor asks of it.

use burdock_ir::{Bank, Kind, Kinds, Meaning};
use burdock_types::ValType;

/// An instruction whose registers are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub meaning: Meaning,
    pub kinds: Kinds,
    /// For each field of the operand word, the number of the register, if it names one.
    pub registers: [u8; 4],
    /// How far into the sequence it begins, in words.
    pub position: usize,
    /// Its length in words.
    pub words: usize,
}

impl Part {
    /// Returns the width of the operands in bits, of a store that of the value.
    pub(crate) fn operand_bits(&self) -> u32 {
        bits_of(self.meaning.row().operand)
    }

    /// Returns the width of the result in bits.
    pub(crate) fn result_bits(&self) -> u32 {
        bits_of(self.meaning.row().out)
    }

    /// The fields of two operands of which the second follows the result: beside an immediate
    /// there is one field only.
    pub(crate) fn operand_fields(&self) -> (usize, usize) {
        if self.kinds.a == Kind::Imm { (1, 1) } else { (1, 2) }
    }
}

/// Returns the width of a scalar type's values in bits.
fn bits_of(ty: Option<ValType>) -> u32 {
    if matches!(ty, Some(ValType::F64 | ValType::I64)) { 64 } else { 32 }
}

pub(crate) fn is_float(ty: Option<ValType>) -> bool {
    matches!(ty.and_then(Bank::of), Some(Bank::F32 | Bank::F64))
}
