//! Jumps.

use super::{AArch64, asm};
use crate::isa::{Control, Isa};
use crate::part::Part;
use burdock_ir::control::BrTable;
use burdock_ir::operands::table_target;
use burdock_ir::{Kind, Meaning};

impl Control for AArch64 {
    fn unreachable(&mut self, part: &Part) {
        self.leave(part, "trap_unreachable");
    }

    fn br(&mut self, part: &Part) {
        self.jump(part);
    }

    fn br_table(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrTableR { Kind::Reg } else { Kind::Slot };
        let index = self.int_operand(part, kind, BrTable::index(), 32, 8);
        // The last target is the default one; targets are distances of 32 bits.
        asm!(
            self,
            "ldr w9, {}\ncmp {index}, w9\ncsel w8, {index}, w9, ls",
            Self::field(part, BrTable::last())
        );
        asm!(
            self,
            "add x9, x0, x8, lsl #4\nldrsw x8, [x9, #{}]",
            (part.position + table_target(0)) * 8
        );
        asm!(self, "add x0, x0, x8, lsl #3");
        self.go_on(part.position);
    }
}
