//! Moves between slots and registers, constants, selection, globals.

use super::{AArch64, INT, asm, int};
use crate::isa::{Isa, Moves};
use crate::part::Part;
use burdock_ir::control::{
    Const32, Const32R, Const64, Const64R, ConstV128, Copy, Copy2, CopyV128, GlobalGet, GlobalSet,
    GlobalSetV128, Select, SelectV128,
};
use burdock_ir::{Bank, Kind, Meaning};

impl AArch64 {
    /// Returns the registers for integer locals.
    fn pins() -> impl Iterator<Item = u8> {
        INT.into_iter().skip(Self::TEMPORARIES[Bank::Int as usize].into())
    }
}

impl Moves for AArch64 {
    fn move_slots(&mut self, part: &Part) {
        match part.meaning {
            Meaning::Const32R => {
                let to = Self::int(part, Const32R::to());
                return asm!(self, "ldr w{to}, {}", Self::field(part, Const32R::value()));
            }
            Meaning::Const64R => {
                let to = Self::int(part, Const64R::to());
                return asm!(self, "ldr x{to}, {}", Self::field(part, Const64R::value()));
            }
            Meaning::Const32 => asm!(self, "ldr w8, {}", Self::field(part, Const32::value())),
            Meaning::Const64 => asm!(self, "ldr x8, {}", Self::field(part, Const64::value())),
            _ => self.read_slot(part, Copy::from(), 8),
        }
        self.write_slot(part, Copy::to(), "x8");
        if part.meaning == Meaning::Copy2 {
            self.read_slot(part, Copy2::second_from(), 8);
            self.write_slot(part, Copy2::second_to(), "x8");
        }
    }

    fn store_pins(&mut self, part: &Part) {
        for (slot, register) in part.operands().zip(Self::pins()) {
            self.write_slot(part, slot, &format!("x{register}"));
        }
    }

    fn load_pins(&mut self, part: &Part) {
        for (slot, register) in part.operands().zip(Self::pins()) {
            self.read_slot(part, slot, register);
        }
    }

    fn select(&mut self, part: &Part) {
        use Meaning as M;
        let kind = |register| if register { Kind::Reg } else { Kind::Slot };
        let condition = kind(!matches!(part.meaning, M::Select | M::SelectToR));
        let a = kind(matches!(part.meaning, M::SelectRRS | M::SelectRRR));
        let b = kind(matches!(part.meaning, M::SelectRSR | M::SelectRRR));
        let condition = self.int_operand(part, condition, Select::condition(), 32, 8);
        let a = self.int_operand(part, a, Select::first(), 64, 9);
        let b = self.int_operand(part, b, Select::second(), 64, 10);
        let to_register = !matches!(part.meaning, M::Select | M::SelectR);
        let result = int(if to_register { Self::int(part, Select::to()) } else { 8 }, 64);
        asm!(self, "cmp {condition}, #0\ncsel {result}, {a}, {b}, ne");
        if !to_register {
            self.write_slot(part, Select::to(), &result);
        }
    }

    fn global_get(&mut self, part: &Part) {
        self.global(part);
        let register = match Self::control_width(part.meaning) {
            Some(bits) => Self::float(part, GlobalGet::to(), bits),
            None if part.meaning == Meaning::GlobalGetI => {
                int(Self::int(part, GlobalGet::to()), 64)
            }
            None => int(8, 64),
        };
        asm!(self, "ldr {register}, [x8, #{{cell}}]");
        if part.meaning == Meaning::GlobalGet {
            self.write_slot(part, GlobalGet::to(), &register);
        }
    }

    fn global_set(&mut self, part: &Part) {
        self.global(part);
        let register = match Self::control_width(part.meaning) {
            Some(bits) => {
                self.float_bits(part, GlobalSet::value(), bits);
                9
            }
            None if part.meaning == Meaning::GlobalSetI => Self::int(part, GlobalSet::value()),
            None => {
                self.read_slot(part, GlobalSet::value(), 9);
                9
            }
        };
        asm!(self, "str x{register}, [x8, #{{cell}}]");
    }

    fn move_vector(&mut self, part: &Part) {
        match part.meaning {
            Meaning::CopyV128 => self.read_vector(part, CopyV128::from(), 31),
            Meaning::ConstV128 => asm!(self, "ldr q31, {}", Self::field(part, ConstV128::low())),
            Meaning::SelectV128 => {
                let condition = self.int_operand(part, Kind::Slot, SelectV128::condition(), 32, 8);
                asm!(
                    self,
                    "ldrh w9, {}\nldrh w10, {}",
                    Self::field(part, SelectV128::first()),
                    Self::field(part, SelectV128::second())
                );
                asm!(self, "cmp {condition}, #0\ncsel x9, x9, x10, ne");
                asm!(self, "add x9, x1, x9, lsl #3\nldr q31, [x9]");
            }
            Meaning::GlobalGetV128 => {
                self.global(part);
                asm!(self, "ldr q31, [x8, #{{cell}}]");
            }
            _ => {
                self.global(part);
                self.read_vector(part, GlobalSetV128::value(), 31);
                asm!(self, "str q31, [x8, #{{cell}}]");
                return;
            }
        }
        self.set_vector(part);
    }
}

impl AArch64 {
    /// Loads the global's address into `x8`.
    fn global(&mut self, part: &Part) {
        asm!(
            self,
            "ldr w8, {}\nldr x9, [x4, #{{globals}}]",
            Self::field(part, GlobalGet::global())
        );
        asm!(self, "ldr x8, [x9, x8, lsl #3]");
    }

    /// Returns the width of a float that a `control` op is for; `None` if it is for none.
    pub(super) fn control_width(meaning: Meaning) -> Option<u32> {
        use Meaning as M;
        match meaning {
            M::ReturnF32 | M::GlobalGetF32 | M::GlobalSetF32 => Some(32),
            M::ReturnF64 | M::GlobalGetF64 | M::GlobalSetF64 => Some(64),
            _ => None,
        }
    }
}
