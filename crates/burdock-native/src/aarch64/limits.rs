//! Limits of a run: fuel, epochs, the depth of calls.

use super::{AArch64, asm};
use crate::isa::Limits;
use crate::part::Part;
use burdock_ir::control::{CheckFuel, CheckFuelOrBr, ConsumeFuel};

impl Limits for AArch64 {
    fn consume_fuel(&mut self, part: &Part) {
        asm!(self, "ldr w8, {}\nldr x9, [x4, #{{fuel}}]", Self::field(part, ConsumeFuel::cost()));
        asm!(self, "sub x9, x9, x8\nstr x9, [x4, #{{fuel}}]");
    }

    fn check_fuel(&mut self, part: &Part) {
        asm!(self, "ldrh w8, {}\nldr x9, [x4, #{{fuel}}]", Self::field(part, CheckFuel::least()));
        asm!(self, "cmp x9, x8");
        self.seldom("b.le", |isa| isa.leave(part, "{check_fuel}"));
        asm!(self, "ldr w8, {}\nsub x9, x9, x8", Self::field(part, CheckFuel::cost()));
        asm!(self, "str x9, [x4, #{{fuel}}]");
    }

    fn check_fuel_or_br(&mut self, part: &Part) {
        asm!(self, "ldr x9, [x4, #{{fuel}}]\ncmp x9, #0");
        self.jump_if(part, "le");
        asm!(self, "ldr x8, {}\nldr x9, [x4, #{{fuel}}]", Self::field(part, CheckFuelOrBr::cost()));
        asm!(self, "sub x9, x9, x8\nstr x9, [x4, #{{fuel}}]");
    }

    fn check_epoch(&mut self, part: &Part) {
        self.compare_epoch();
        self.seldom("b.hs", |isa| isa.leave(part, "{check_epoch}"));
    }

    fn br_at_deadline(&mut self, part: &Part) {
        self.compare_epoch();
        self.jump_if(part, "hs");
    }

    fn enter_depth(&mut self, part: &Part) {
        asm!(self, "ldr x8, [x4, #{{frames}}]\nldr x9, [x4, #{{max_frames}}]\ncmp x8, x9");
        self.seldom("b.hs", |isa| isa.leave(part, "{enter_depth}"));
        asm!(self, "add x8, x8, #1\nstr x8, [x4, #{{frames}}]");
    }

    fn leave_depth(&mut self, _: &Part) {
        asm!(self, "ldr x8, [x4, #{{frames}}]\nsub x8, x8, #1\nstr x8, [x4, #{{frames}}]");
    }
}

impl AArch64 {
    fn compare_epoch(&mut self) {
        asm!(self, "ldr x8, [x4, #{{epoch_at}}]\nldr x9, [x4, #{{epoch_deadline}}]");
        asm!(self, "ldr x8, [x8]\ncmp x8, x9");
    }
}
