//! Jumps.

use super::{X86_64, asm};
use crate::isa::Control;
use crate::part::Part;
use burdock_ir::control::BrTable;
use burdock_ir::operands::table_target;
use burdock_ir::{Kind, Meaning};

impl Control for X86_64 {
    fn unreachable(&mut self, part: &Part) {
        if part.position > 0 {
            asm!(self, "add rdi, {}", part.position * 8);
        }
        asm!(self, "jmp trap_unreachable");
    }

    fn br(&mut self, part: &Part) {
        let jump = self.jump(part);
        self.written.text.push_str(&jump);
    }

    fn br_table(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrTableR { Kind::Reg } else { Kind::Slot };
        let index = self.int_operand(part, kind, BrTable::index(), 32, "rax");
        // The last target is the default one; targets are distances of 32 bits.
        asm!(self, "mov eax, {index}\nmov r10d, {}", Self::field(part, BrTable::last()));
        let (targets, from) = (part.position * 8 + table_target(0).0 * 8, part.position * 8);
        asm!(self, "cmp eax, r10d\ncmova eax, r10d\nmovsxd rax, dword ptr [rdi+rax*4+{targets}]");
        asm!(self, "lea rdi, [rdi+rax*8+{from}]\njmp qword ptr [rdi]");
    }
}
