//! Vectors as operands and results: in slots, and in the register of the last result.

use super::{X86_64, asm};
use crate::part::Part;
use burdock_ir::{BitField, Kind};

impl X86_64 {
    /// Returns the place of a vector, or of its upper half.
    pub(super) fn half(
        &mut self,
        part: &Part,
        field: BitField,
        scratch: &str,
        high: bool,
    ) -> String {
        let place = self.slot(part, field, scratch, 64);
        if high { place.replace(']', "+8]") } else { place }
    }

    /// Reads the vector in the slots that a field names.
    pub(super) fn read_vector(&mut self, part: &Part, field: BitField, xmm: &str) {
        let slot = self.slot(part, field, "r10", 128);
        asm!(self, "vmovdqu {xmm}, {slot}");
    }

    /// Writes the vector in `xmm15` to the result's slots.
    pub(super) fn set_vector(&mut self, part: &Part) {
        let slot = self.slot(part, part.dst(), "r11", 128);
        asm!(self, "vmovdqu {slot}, xmm15");
    }

    /// Brings the first operand to `xmm15`, in which every handler leaves a vector that it
    /// computes.
    pub(super) fn first_vector(&mut self, part: &Part) {
        if part.kinds.a != Kind::Reg {
            self.read_vector(part, part.a(), "xmm15");
        }
    }

    /// Brings the first operand to `xmm15` and the second to `xmm14`.
    pub(super) fn both_vectors(&mut self, part: &Part) {
        if part.kinds.b == Kind::Reg {
            asm!(self, "vmovdqa xmm14, xmm15");
        }
        self.first_vector(part);
        if part.kinds.b != Kind::Reg {
            self.read_vector(part, part.b(), "xmm14");
        }
    }

    /// Returns two operands of an instruction: the first in a register, the second in `xmm15` or in
    /// memory.
    pub(super) fn vector_operands(
        &mut self,
        part: &Part,
        [first, second]: [(Kind, BitField); 2],
    ) -> (&'static str, String) {
        if second.0 == Kind::Reg {
            self.read_vector(part, first.1, "xmm14");
            return ("xmm14", "xmm15".into());
        }
        if first.0 != Kind::Reg {
            self.read_vector(part, first.1, "xmm15");
        }
        ("xmm15", self.slot(part, second.1, "rax", 128))
    }

    /// Extends the lanes of a half of a vector.
    pub(super) fn extend_half(
        &mut self,
        part: &Part,
        operand: (Kind, BitField),
        how: (&str, bool),
        to: &str,
    ) {
        let ((kind, field), (extend, high)) = (operand, how);
        match kind {
            Kind::Reg if high => asm!(self, "vpsrldq {to}, xmm15, 8\n{extend} {to}, {to}"),
            Kind::Reg => asm!(self, "{extend} {to}, xmm15"),
            _ => {
                let half = self.half(part, field, "rax", high);
                asm!(self, "{extend} {to}, {half}");
            }
        }
    }
}
