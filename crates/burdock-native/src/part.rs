//! An instruction of a handler, and what every processor asks of it.

use burdock_ir::operands::{Layout, RESULT};
use burdock_ir::{Bank, BitField, Kinds, Meaning};
use burdock_types::ValType;

/// An instruction whose registers are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub meaning: Meaning,
    pub kinds: Kinds,
    /// For each field of the operand word, the number of the register, if it names one.
    pub registers: [u8; 4],
    /// The position of the part in the sequence, in words.
    pub position: usize,
    /// The length of the part in words.
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

    /// Returns where the operands lie, of a `control` op.
    pub(crate) fn operands(&self) -> impl Iterator<Item = BitField> {
        self.meaning.row().operands.iter().map(|operand| operand.field)
    }

    /// Returns the number of the register that a field names.
    pub(crate) fn register(&self, field: BitField) -> u8 {
        self.registers[field.number()]
    }

    /// Returns the field's distance in bytes from the first instruction of the sequence.
    pub(crate) fn byte(&self, field: BitField) -> usize {
        self.position * 8 + field.byte()
    }

    /// Returns where the operands lie, of an op that is no `control` op.
    pub(crate) fn layout(&self) -> Layout {
        self.meaning.op(self.kinds).expect("instructions have ops").layout()
    }

    /// Returns where the result lies, of every op in the same place.
    pub(crate) fn dst(&self) -> BitField {
        RESULT
    }

    /// Returns where the first operand lies.
    pub(crate) fn a(&self) -> BitField {
        self.layout().a.expect("the op has a first operand")
    }

    /// Returns where the second operand lies.
    pub(crate) fn b(&self) -> BitField {
        self.layout().b.expect("the op has a second operand")
    }

    /// Returns where the third operand lies.
    pub(crate) fn c(&self) -> BitField {
        self.layout().c.expect("the op has a third operand")
    }

    /// Returns where the reciprocal of a constant lies that divides.
    pub(crate) fn reciprocal(&self) -> BitField {
        self.layout().reciprocal.expect("the op divides by a constant")
    }

    /// Returns where the number of the lane lies.
    pub(crate) fn lane(&self) -> BitField {
        self.layout().lane.expect("the op has a lane")
    }

    /// Returns where the end of an access to memory 0 lies.
    pub(crate) fn end(&self) -> BitField {
        self.layout().end.expect("the op accesses memory 0")
    }

    /// Returns the number of bytes that an access to a memory reads or writes.
    pub(crate) fn bytes(&self) -> u8 {
        self.meaning.row().bytes
    }

    /// Returns where the offset of an access lies.
    pub(crate) fn offset(&self) -> BitField {
        self.layout().offset.expect("the op accesses a memory")
    }
}

/// Returns the width of a scalar type's values in bits.
fn bits_of(ty: Option<ValType>) -> u32 {
    if matches!(ty, Some(ValType::F64 | ValType::I64)) { 64 } else { 32 }
}

pub(crate) fn is_float(ty: Option<ValType>) -> bool {
    matches!(ty.and_then(Bank::of), Some(Bank::F32 | Bank::F64))
}
