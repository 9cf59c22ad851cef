//! Moves between slots and registers, constants, selection, globals.

use super::{F32, F64, INT, X86_64, asm, name, pointer};
use crate::isa::{Isa, Moves};
use crate::part::Part;
use burdock_ir::control::{
    Const32, Const32R, Const64, Const64R, ConstV128, Copy, Copy2, CopyV128, GlobalGet, GlobalSet,
    GlobalSetV128, Select, SelectV128,
};
use burdock_ir::{Bank, Kind, Meaning};

impl X86_64 {
    /// Returns the registers for integer locals.
    fn pins() -> impl Iterator<Item = &'static str> {
        INT.into_iter().skip(Self::TEMPORARIES[Bank::Int as usize].into())
    }
}

impl Moves for X86_64 {
    fn move_slots(&mut self, part: &Part) {
        let value = match part.meaning {
            Meaning::Const32R => {
                let to = name(Self::int(part, Const32R::to()), 32);
                return asm!(self, "mov {to}, {}", Self::field(part, Const32R::value()));
            }
            Meaning::Const64R => {
                let to = Self::int(part, Const64R::to());
                return asm!(self, "mov {to}, {}", Self::field(part, Const64R::value()));
            }
            Meaning::Const32 => format!("mov eax, {}", Self::field(part, Const32::value())),
            Meaning::Const64 => format!("mov rax, {}", Self::field(part, Const64::value())),
            _ => format!("mov rax, {}", self.slot(part, Copy::from(), "rax", 64)),
        };
        asm!(self, "{value}");
        let slot = self.slot(part, Copy::to(), "r11", 64);
        asm!(self, "mov {slot}, rax");
        if part.meaning == Meaning::Copy2 {
            let from = self.slot(part, Copy2::second_from(), "rax", 64);
            asm!(self, "mov rax, {from}");
            let slot = self.slot(part, Copy2::second_to(), "r11", 64);
            asm!(self, "mov {slot}, rax");
        }
    }

    fn store_pins(&mut self, part: &Part) {
        for (slot, register) in part.operands().zip(Self::pins()) {
            let slot = self.slot(part, slot, "r11", 64);
            asm!(self, "mov {slot}, {register}");
        }
    }

    fn load_pins(&mut self, part: &Part) {
        for (slot, register) in part.operands().zip(Self::pins()) {
            let slot = self.slot(part, slot, "r11", 64);
            asm!(self, "mov {register}, {slot}");
        }
    }

    fn select(&mut self, part: &Part) {
        use Meaning as M;
        let kind = |register| if register { Kind::Reg } else { Kind::Slot };
        let condition = kind(!matches!(part.meaning, M::Select | M::SelectToR));
        let a = kind(matches!(part.meaning, M::SelectRRS | M::SelectRRR));
        let b = kind(matches!(part.meaning, M::SelectRSR | M::SelectRRR));
        let to_register = !matches!(part.meaning, M::Select | M::SelectR);
        let b = self.int_operand(part, b, Select::second(), 64, "rax");
        asm!(self, "mov rax, {b}");
        let a = self.int_operand(part, a, Select::first(), 64, "r10");
        let condition = self.int_operand(part, condition, Select::condition(), 32, "r11");
        asm!(self, "cmp {condition}, 0\ncmovne rax, {a}");
        if to_register {
            asm!(self, "mov {}, rax", Self::int(part, Select::to()));
        } else {
            let slot = self.slot(part, Select::to(), "r11", 64);
            asm!(self, "mov {slot}, rax");
        }
    }

    fn global_get(&mut self, part: &Part) {
        let number = usize::from(part.register(GlobalGet::to()));
        let bits = if part.meaning == Meaning::GlobalGetF32 { 32 } else { 64 };
        let global = self.global(part, bits);
        match part.meaning {
            Meaning::GlobalGetI => asm!(self, "mov {}, {global}", INT[number]),
            Meaning::GlobalGetF32 => asm!(self, "vmovss xmm{}, {global}", F32[number]),
            Meaning::GlobalGetF64 => asm!(self, "vmovsd xmm{}, {global}", F64[number]),
            _ => {
                asm!(self, "mov rax, {global}");
                let slot = self.slot(part, GlobalGet::to(), "r11", 64);
                asm!(self, "mov {slot}, rax");
            }
        }
    }

    fn global_set(&mut self, part: &Part) {
        let number = usize::from(part.register(GlobalSet::value()));
        let global = self.global(part, 64);
        match part.meaning {
            Meaning::GlobalSetI => asm!(self, "mov {global}, {}", INT[number]),
            Meaning::GlobalSetF32 => {
                asm!(self, "vmovd r10d, xmm{}\nmov {global}, r10", F32[number])
            }
            Meaning::GlobalSetF64 => asm!(self, "vmovsd {global}, xmm{}", F64[number]),
            _ => {
                let slot = self.slot(part, GlobalSet::value(), "r11", 64);
                asm!(self, "mov r10, {slot}\nmov {global}, r10");
            }
        }
    }

    /// Copies, constants, selection and globals.
    fn move_vector(&mut self, part: &Part) {
        match part.meaning {
            Meaning::CopyV128 => self.read_vector(part, CopyV128::from(), "xmm15"),
            Meaning::ConstV128 => {
                asm!(
                    self,
                    "vmovdqu xmm15, xmmword {}",
                    &Self::field(part, ConstV128::low())["qword ".len()..]
                );
            }
            Meaning::SelectV128 => {
                asm!(self, "movzx eax, {}", Self::field(part, SelectV128::second()));
                asm!(self, "movzx r10d, {}", Self::field(part, SelectV128::first()));
                let condition =
                    self.int_operand(part, Kind::Slot, SelectV128::condition(), 32, "r11");
                asm!(self, "cmp {condition}, 0\ncmovne eax, r10d");
                asm!(self, "vmovdqu xmm15, xmmword ptr [rsi+rax*8]");
            }
            Meaning::GlobalGetV128 => {
                let global = self.global(part, 128);
                asm!(self, "vmovdqu xmm15, {global}");
            }
            _ => {
                let global = self.global(part, 128);
                self.read_vector(part, GlobalSetV128::value(), "xmm15");
                asm!(self, "vmovdqu {global}, xmm15");
                return;
            }
        }
        self.set_vector(part);
    }
}

impl X86_64 {
    /// Returns the place of a global's value; uses `rax`.
    fn global(&mut self, part: &Part, bits: u32) -> String {
        asm!(
            self,
            "mov eax, {}\nmov r10, [r8+{{globals}}]\nmov rax, [r10+rax*8]",
            Self::field(part, GlobalGet::global())
        );
        format!("{} [rax+{{cell}}]", pointer(bits))
    }
}
