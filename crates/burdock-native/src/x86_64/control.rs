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
        // The last target is the default one.
        let last = Self::field(part, BrTable::last());
        asm!(self, "mov eax, {index}\ncmp eax, {last}\ncmova eax, {last}\nadd eax, eax");
        // The handler is in the table, so that a wrong prediction is found before the target's head
        // is loaded.
        let (targets, from) = (part.position * 8 + table_target(0) * 8, part.position * 8);
        asm!(self, "mov r10, qword ptr [rdi+rax*8+{}]", targets + 8);
        asm!(self, "movsxd rax, dword ptr [rdi+rax*8+{targets}]");
        asm!(self, "lea rdi, [rdi+rax*8+{from}]\njmp r10");
    }
}
