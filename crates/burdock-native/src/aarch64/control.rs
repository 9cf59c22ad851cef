//! Ops of one way: jumps, moves between slots, globals.

use super::{AArch64, asm, int};
use crate::isa::{Isa, Part};
use burdock_ir::{Kind, Meaning};

impl AArch64 {
    /// Says whether the op goes on elsewhere by itself.
    pub(super) fn control(&mut self, part: &Part) -> Option<bool> {
        use Meaning as M;
        match part.meaning {
            M::Unreachable => self.leave(part, "trap_unreachable"),
            M::Br => self.jump(part),
            M::BrTable | M::BrTableR => self.br_table(part),
            M::Call => self.call(part),
            M::CallIndirect | M::CallIndirectR => self.call_indirect(part),
            M::ReturnCall => self.return_call(part),
            M::ReturnCallIndirect => self.return_call_indirect(part),
            M::Return | M::ReturnI | M::ReturnSlot | M::ReturnImm | M::ReturnF32 | M::ReturnF64 => {
                self.return_(part);
            }
            _ => return self.straight(part).map(|()| false),
        }
        Some(true)
    }

    /// Those that go on with the next instruction.
    fn straight(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        match part.meaning {
            M::Enter => self.enter(part),
            M::ConsumeFuel => {
                asm!(self, "ldr w8, {}\nldr x9, [x4, #{{fuel}}]", Self::imm(part));
                asm!(self, "sub x9, x9, x8\nstr x9, [x4, #{{fuel}}]");
            }
            M::CheckFuel => {
                asm!(self, "ldrh w8, {}\nldr x9, [x4, #{{fuel}}]", Self::field(part, 0));
                asm!(self, "cmp x9, x8");
                self.seldom("b.le", |isa| isa.leave(part, "{check_fuel}"));
                asm!(self, "ldr w8, {}\nsub x9, x9, x8", Self::imm(part));
                asm!(self, "str x9, [x4, #{{fuel}}]");
            }
            M::CheckFuelOrBr => {
                asm!(self, "ldr x9, [x4, #{{fuel}}]\ncmp x9, #0");
                self.jump_if(part, "le");
                asm!(self, "ldr x8, {}\nldr x9, [x4, #{{fuel}}]", Self::word(part, 2));
                asm!(self, "sub x9, x9, x8\nstr x9, [x4, #{{fuel}}]");
            }
            M::Const64R => {
                asm!(self, "ldr x{}, {}", Self::int(part, 0), Self::word(part, 2));
            }
            M::Copy | M::Copy2 | M::Const32 | M::Const64 => self.move_slots(part),
            M::ConstV128 => {
                asm!(self, "ldr q31, {}", Self::word(part, 2));
                self.set_vector(part);
            }
            M::SelectV128 => self.select_vector(part),
            M::GlobalGetV128 | M::GlobalSetV128 => self.move_global_vector(part),
            M::Shuffle => self.shuffle(part),
            M::Select
            | M::SelectR
            | M::SelectToR
            | M::SelectRToR
            | M::SelectRRS
            | M::SelectRSR
            | M::SelectRRR => self.select(part),
            M::GlobalGet | M::GlobalGetI | M::GlobalGetF32 | M::GlobalGetF64 => {
                self.global_get(part);
            }
            M::GlobalSet | M::GlobalSetI | M::GlobalSetF32 | M::GlobalSetF64 => {
                self.global_set(part);
            }
            M::Count | M::CountIf => self.count(part),
            M::Anchor => self.anchor(part),
            M::Observe => self.observe(part),
            _ => return self.entity(part).or_else(|| self.span(part)),
        }
        Some(())
    }

    fn br_table(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrTableR { Kind::Reg } else { Kind::Slot };
        let index = self.int_operand(part, kind, 0, 32, 8);
        // The last target is the default one; targets are distances of 32 bits.
        asm!(self, "ldr w9, {}\ncmp {index}, w9\ncsel w8, {index}, w9, ls", Self::imm(part));
        asm!(self, "add x9, x0, #{}\nldrsw x8, [x9, x8, lsl #2]", (part.position + 2) * 8);
        asm!(self, "add x0, x0, x8, lsl #3");
        self.go_on(part.position);
    }

    fn move_slots(&mut self, part: &Part) {
        match part.meaning {
            Meaning::Const32 => asm!(self, "ldr w8, {}", Self::imm(part)),
            Meaning::Const64 => asm!(self, "ldr x8, {}", Self::word(part, 2)),
            _ => self.read_slot(part, 1, 8),
        }
        self.write_slot(part, 0, "x8");
        if part.meaning == Meaning::Copy2 {
            self.read_slot(part, 3, 8);
            self.write_slot(part, 2, "x8");
        }
    }

    fn select(&mut self, part: &Part) {
        use Meaning as M;
        let kind = |register| if register { Kind::Reg } else { Kind::Slot };
        let condition = kind(!matches!(part.meaning, M::Select | M::SelectToR));
        let a = kind(matches!(part.meaning, M::SelectRRS | M::SelectRRR));
        let b = kind(matches!(part.meaning, M::SelectRSR | M::SelectRRR));
        let condition = self.int_operand(part, condition, 1, 32, 8);
        let a = self.int_operand(part, a, 2, 64, 9);
        let b = self.int_operand(part, b, 3, 64, 10);
        let to_register = !matches!(part.meaning, M::Select | M::SelectR);
        let result = int(if to_register { Self::int(part, 0) } else { 8 }, 64);
        asm!(self, "cmp {condition}, #0\ncsel {result}, {a}, {b}, ne");
        if !to_register {
            self.write_slot(part, 0, &result);
        }
    }

    /// The global's address, in `x8`.
    pub(super) fn global(&mut self, part: &Part) {
        asm!(self, "ldr w8, {}\nldr x9, [x4, #{{globals}}]", Self::imm(part));
        asm!(self, "ldr x8, [x9, x8, lsl #3]");
    }

    fn global_get(&mut self, part: &Part) {
        self.global(part);
        let register = match Self::control_width(part.meaning) {
            Some(bits) => Self::float(part, 0, bits),
            None if part.meaning == Meaning::GlobalGetI => int(Self::int(part, 0), 64),
            None => int(8, 64),
        };
        asm!(self, "ldr {register}, [x8, #{{cell}}]");
        if part.meaning == Meaning::GlobalGet {
            self.write_slot(part, 0, &register);
        }
    }

    fn global_set(&mut self, part: &Part) {
        self.global(part);
        let register = match Self::control_width(part.meaning) {
            Some(bits) => {
                self.float_bits(part, 0, bits);
                9
            }
            None if part.meaning == Meaning::GlobalSetI => Self::int(part, 0),
            None => {
                self.read_slot(part, 0, 9);
                9
            }
        };
        asm!(self, "str x{register}, [x8, #{{cell}}]");
    }
}
