//! Limits of a run: fuel, epochs, the depth of calls.

use super::{X86_64, asm};
use crate::isa::{Isa, Limits};
use crate::part::Part;
use burdock_ir::control::{CheckFuel, CheckFuelOrBr, ConsumeFuel};

impl Limits for X86_64 {
    fn consume_fuel(&mut self, part: &Part) {
        asm!(self, "mov eax, {}\nsub [r8+{{fuel}}], rax", Self::field(part, ConsumeFuel::cost()));
    }

    fn check_fuel(&mut self, part: &Part) {
        asm!(self, "movzx eax, {}\nmov r10, [r8+{{fuel}}]", Self::field(part, CheckFuel::least()));
        let label = self.label();
        asm!(
            self,
            "cmp r10, rax\njle .L{label}\nmov eax, {}",
            Self::field(part, CheckFuel::cost())
        );
        asm!(self, "sub r10, rax\nmov [r8+{{fuel}}], r10");
        self.leave_at(label, part, "{check_fuel}");
    }

    fn check_fuel_or_br(&mut self, part: &Part) {
        asm!(self, "mov r10, [r8+{{fuel}}]\ntest r10, r10");
        self.jump_if(part, &["le"]);
        asm!(self, "sub r10, {}\nmov [r8+{{fuel}}], r10", Self::field(part, CheckFuelOrBr::cost()));
    }

    fn check_epoch(&mut self, part: &Part) {
        let slow = self.label();
        self.compare_epoch();
        asm!(self, "jae .L{slow}");
        self.leave_at(slow, part, "{check_epoch}");
    }

    fn br_at_deadline(&mut self, part: &Part) {
        self.compare_epoch();
        self.jump_if(part, &["ae"]);
    }

    fn enter_depth(&mut self, part: &Part) {
        let slow = self.label();
        asm!(self, "mov rax, [r8+{{frames}}]\ncmp rax, [r8+{{max_frames}}]\njae .L{slow}");
        asm!(self, "inc rax\nmov [r8+{{frames}}], rax");
        self.leave_at(slow, part, "{enter_depth}");
    }

    fn leave_depth(&mut self, _: &Part) {
        asm!(self, "dec qword ptr [r8+{{frames}}]");
    }
}

impl X86_64 {
    fn compare_epoch(&mut self) {
        asm!(self, "mov rax, [r8+{{epoch_at}}]\nmov rax, [rax]");
        asm!(self, "cmp rax, [r8+{{epoch_deadline}}]");
    }
}
