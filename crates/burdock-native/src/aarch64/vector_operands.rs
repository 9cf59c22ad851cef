//! Vectors as operands and results: in slots, and in the register of the last result.

use super::{AArch64, asm};
use crate::part::Part;
use burdock_ir::{BitField, Kind};

impl AArch64 {
    /// Brings the address of a vector's slots to `x11`.
    pub(super) fn vector_slot(&mut self, part: &Part, field: BitField) {
        asm!(self, "ldrh w11, {}\nadd x11, x1, x11, lsl #3", Self::field(part, field));
    }

    /// Reads the vector in the slots that a field names.
    pub(super) fn read_vector(&mut self, part: &Part, field: BitField, register: u8) {
        self.vector_slot(part, field);
        asm!(self, "ldr q{register}, [x11]");
    }

    /// Writes the vector in `v31` to the result's slots.
    pub(super) fn set_vector(&mut self, part: &Part) {
        self.vector_slot(part, part.dst());
        asm!(self, "str q31, [x11]");
    }

    /// Brings the first operand to `v31`, in which every handler leaves a vector that it computes.
    pub(super) fn first_vector(&mut self, part: &Part) {
        if part.kinds.a != Kind::Reg {
            self.read_vector(part, part.a(), 31);
        }
    }

    /// Brings the first operand to `v31` and the second to `v30`.
    pub(super) fn both_vectors(&mut self, part: &Part) {
        if part.kinds.b == Kind::Reg {
            asm!(self, "mov v30.16b, v31.16b");
        }
        self.first_vector(part);
        if part.kinds.b != Kind::Reg {
            self.read_vector(part, part.b(), 30);
        }
    }
}
