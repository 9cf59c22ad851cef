//! Integers, moves, jumps.

use super::{F32, F64, INT, X86_64, asm, name, pointer};
use crate::isa::{Isa, Part};
use burdock_ir::{Bank, Kind, Meaning};
use std::fmt::Write;

/// The condition of an integer comparison.
fn condition(meaning: Meaning) -> &'static str {
    match &format!("{meaning:?}")[3..] {
        "Eq" | "TestZ" => "e",
        "Ne" | "TestNz" => "ne",
        "LtS" => "l",
        "LtU" => "b",
        "GtS" => "g",
        "GtU" => "a",
        "LeS" => "le",
        "LeU" => "be",
        "GeS" => "ge",
        _ => "ae",
    }
}

impl X86_64 {
    /// Two operands: integers here, floats elsewhere.
    pub(super) fn binary(&mut self, part: &Part) -> Option<bool> {
        let text = format!("{:?}", part.meaning);
        if text.starts_with('F') {
            return self.float_binary(part);
        }
        let bits = part.width();
        match &text[3..] {
            "Add" => self.add(part, bits),
            "Mul" => self.two_address(part, bits, "imul", true),
            "And" => self.two_address(part, bits, "and", true),
            "Or" => self.two_address(part, bits, "or", true),
            "Xor" => self.two_address(part, bits, "xor", true),
            "Sub" => self.two_address(part, bits, "sub", false),
            "Shl" => self.shift(part, bits, "shlx"),
            "ShrS" => self.shift(part, bits, "sarx"),
            "ShrU" => self.shift(part, bits, "shrx"),
            "Rotl" => self.rotate(part, bits, "rol"),
            "Rotr" => self.rotate(part, bits, "ror"),
            "DivS" | "DivU" | "RemS" | "RemU" => self.divide(part, bits, &text[3..]),
            _ => return None,
        }
        Some(false)
    }

    fn add(&mut self, part: &Part, bits: u32) {
        let kinds = part.kinds;
        if (kinds.a, kinds.b) == (Kind::Reg, Kind::Reg) {
            let result = Self::int_result(part);
            let (a, b) = (Self::int(part, 1), Self::int(part, 2));
            if result != a && result != b {
                asm!(self, "lea {}, [{a}+{b}]", name(result, bits));
                return self.set_int(part, result);
            }
        }
        self.two_address(part, bits, "add", true);
    }

    fn two_address(&mut self, part: &Part, bits: u32, mnemonic: &str, commutes: bool) {
        let (field_a, field_b) = part.operand_fields();
        let mut a = self.int_operand(part, part.kinds.a, field_a, bits, "rax");
        let mut b = self.int_operand(part, part.kinds.b, field_b, bits, "r10");
        let result = Self::int_result(part);
        let target = name(result, bits);
        if commutes && b == target && a != target {
            core::mem::swap(&mut a, &mut b);
        }
        // The result's register may be the second operand as well.
        let work = if b == target && a != target { "rax" } else { result };
        let target = name(work, bits);
        if a != target {
            asm!(self, "mov {target}, {a}");
        }
        asm!(self, "{mnemonic} {target}, {b}");
        self.set_int(part, work);
    }

    fn shift(&mut self, part: &Part, bits: u32, mnemonic: &str) {
        let (field_a, field_b) = part.operand_fields();
        let count = match part.kinds.b {
            Kind::Imm => {
                asm!(self, "mov r10d, {}", Self::imm(part));
                name("r10", bits)
            }
            kind => self.int_in_register(part, kind, field_b, bits, "r10"),
        };
        let a = self.int_operand(part, part.kinds.a, field_a, bits, "rax");
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {a}, {count}", name(result, bits));
        self.set_int(part, result);
    }

    fn rotate(&mut self, part: &Part, bits: u32, mnemonic: &str) {
        let (field_a, field_b) = part.operand_fields();
        let count = match part.kinds.b {
            Kind::Imm => Self::imm(part),
            kind => self.int_operand(part, kind, field_b, 32, "r10"),
        };
        asm!(self, "mov r11, rcx\nmov ecx, {count}");
        let a = self.int_operand(part, part.kinds.a, field_a, bits, "rax");
        let work = name("rax", bits);
        asm!(self, "mov {work}, {a}\n{mnemonic} {work}, cl\nmov rcx, r11");
        self.set_int(part, "rax");
    }

    fn divide(&mut self, part: &Part, bits: u32, which: &str) {
        let (field_a, field_b) = part.operand_fields();
        let b = self.int_in_register(part, part.kinds.b, field_b, bits, "r10");
        let (ax, dx) = (name("rax", bits), name("rdx", bits));
        let a = self.int_operand(part, part.kinds.a, field_a, bits, "rax");
        asm!(self, "mov {ax}, {a}\ntest {b}, {b}");
        self.trap_if(part, "z", "zero");
        let done = self.label();
        if which.ends_with('S') {
            // The least number by -1 does not fit; the processor would fault.
            let special = self.label();
            asm!(self, "cmp {b}, -1\nje .L{special}");
            self.behind(special, |isa| match which {
                "DivS" => {
                    asm!(isa, "neg {ax}");
                    let overflow = isa.label();
                    asm!(isa, "jo .L{overflow}\njmp .L{done}\n.L{overflow}:");
                    asm!(isa, "add rdi, {}\njmp trap_overflow", part.position * 8);
                }
                _ => asm!(isa, "xor eax, eax\njmp .L{done}"),
            });
            asm!(self, "mov r11, rdx\n{}\nidiv {b}", if bits == 64 { "cqo" } else { "cdq" });
        } else {
            asm!(self, "mov r11, rdx\nxor edx, edx\ndiv {b}");
        }
        if which.starts_with("Rem") {
            asm!(self, "mov {ax}, {dx}");
        }
        asm!(self, "mov rdx, r11\n.L{done}:");
        self.set_int(part, "rax");
    }

    /// A comparison of integers, to a value or to a jump.
    pub(super) fn compare(&mut self, part: &Part) -> Option<bool> {
        let bits = part.width();
        let jumps = part.kinds.dst == Kind::JumpIf;
        let (field_a, field_b) = if jumps { (0, 1) } else { (1, 2) };
        let mut a = self.int_operand(part, part.kinds.a, field_a, bits, "rax");
        let b = match part.kinds.b {
            Kind::Imm if jumps => {
                let short = Self::field(part, 1);
                asm!(self, "movsx {}, {short}", name("r10", bits));
                name("r10", bits)
            }
            kind => self.int_operand(part, kind, field_b, bits, "r10"),
        };
        if a.contains('[') && b.contains('[') {
            asm!(self, "mov {}, {a}", name("rax", bits));
            a = name("rax", bits);
        }
        let tests = format!("{:?}", part.meaning).contains("Test");
        match tests {
            // `test` takes a place in memory as its first operand only.
            true if b.contains('[') => asm!(self, "test {b}, {a}"),
            true => asm!(self, "test {a}, {b}"),
            false => asm!(self, "cmp {a}, {b}"),
        }
        let condition = condition(part.meaning);
        if jumps {
            self.jump_if(part, &[condition]);
        } else {
            let result = Self::int_result(part);
            asm!(self, "set{condition} al\nmovzx {}, al", name(result, 32));
            self.set_int(part, result);
        }
        Some(false)
    }

    /// One operand: integers here, what has to do with floats elsewhere.
    pub(super) fn unary(&mut self, part: &Part) -> Option<bool> {
        let row = part.meaning.row();
        let float = |ty: Option<_>| !matches!(ty.and_then(Bank::of), Some(Bank::Int));
        if float(row.out) || float(row.operand) {
            return self.float_unary(part);
        }
        let (mnemonic, from, to) = match part.meaning {
            Meaning::I32Clz => ("lzcnt", 32, 32),
            Meaning::I32Ctz => ("tzcnt", 32, 32),
            Meaning::I32Popcnt => ("popcnt", 32, 32),
            Meaning::I64Clz => ("lzcnt", 64, 64),
            Meaning::I64Ctz => ("tzcnt", 64, 64),
            Meaning::I64Popcnt => ("popcnt", 64, 64),
            Meaning::I32WrapI64 | Meaning::I64ExtendI32U => ("mov", 32, 32),
            Meaning::I64ExtendI32S | Meaning::I64Extend32S => ("movsxd", 32, 64),
            Meaning::I32Extend8S => ("movsx", 8, 32),
            Meaning::I32Extend16S => ("movsx", 16, 32),
            Meaning::I64Extend8S => ("movsx", 8, 64),
            Meaning::I64Extend16S => ("movsx", 16, 64),
            _ => return None,
        };
        let a = self.int_operand(part, part.kinds.a, 1, from, "rax");
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {a}", name(result, to));
        self.set_int(part, result);
        Some(false)
    }

    /// A scalar to another place.
    pub(super) fn copy(&mut self, part: &Part) -> Option<bool> {
        if let Meaning::F32Copy | Meaning::F64Copy = part.meaning {
            self.float_copy(part);
            return Some(false);
        }
        match (part.kinds.dst, part.kinds.a) {
            (Kind::Slot, _) => self.set_int(part, Self::int(part, 1)),
            (_, Kind::Imm) => {
                let result = Self::int(part, 0);
                match part.meaning {
                    Meaning::I32Copy => asm!(self, "mov {}, {}", name(result, 32), Self::imm(part)),
                    _ => asm!(self, "movsxd {result}, {}", Self::imm(part)),
                }
            }
            (_, kind) => {
                let from = self.int_operand(part, kind, 1, 64, "rax");
                asm!(self, "mov {}, {from}", Self::int(part, 0));
            }
        }
        Some(false)
    }

    /// Ops of one way.
    pub(super) fn control(&mut self, part: &Part) -> Option<bool> {
        use Meaning as M;
        match part.meaning {
            M::Unreachable => {
                if part.position > 0 {
                    asm!(self, "add rdi, {}", part.position * 8);
                }
                asm!(self, "jmp trap_unreachable");
                return Some(true);
            }
            M::Br => {
                let jump = self.jump(part);
                self.written.text.push_str(&jump);
                return Some(true);
            }
            M::BrTable | M::BrTableR => self.br_table(part),
            M::Call => self.call(part),
            M::CallIndirect | M::CallIndirectR => self.call_indirect(part),
            M::ReturnCall => self.return_call(part),
            M::ReturnCallIndirect => self.return_call_indirect(part),
            M::Return | M::ReturnI | M::ReturnSlot | M::ReturnImm | M::ReturnF32 | M::ReturnF64 => {
                self.return_(part)
            }
            M::Enter => {
                self.enter(part);
                return Some(false);
            }
            M::ConsumeFuel => {
                asm!(self, "mov eax, {}\nsub [r8+{{fuel}}], rax", Self::imm(part));
                return Some(false);
            }
            M::CheckFuel => {
                asm!(self, "movzx eax, {}\nmov r10, [r8+{{fuel}}]", Self::field(part, 0));
                let label = self.label();
                asm!(self, "cmp r10, rax\njle .L{label}\nmov eax, {}", Self::imm(part));
                asm!(self, "sub r10, rax\nmov [r8+{{fuel}}], r10");
                let back = part.position * 8;
                let _ =
                    writeln!(self.written.tail, ".L{label}:\nadd rdi, {back}\njmp {{check_fuel}}");
                return Some(false);
            }
            M::CheckFuelOrBr => {
                asm!(self, "mov r10, [r8+{{fuel}}]\ntest r10, r10");
                self.jump_if(part, &["le"]);
                asm!(self, "sub r10, {}\nmov [r8+{{fuel}}], r10", Self::word(part, 2));
                return Some(false);
            }
            M::BrBeforeDeadline => {
                asm!(self, "mov rax, [r8+{{epoch_at}}]\nmov rax, [rax]");
                asm!(self, "cmp rax, [r8+{{epoch_deadline}}]");
                self.jump_if(part, &["b"]);
                return Some(false);
            }
            M::Count | M::CountIf => {
                self.count(part);
                return Some(false);
            }
            M::Anchor => {
                self.anchor(part);
                return Some(false);
            }
            M::Observe => {
                self.observe(part);
                return Some(false);
            }
            M::Const64R => {
                asm!(self, "mov {}, {}", Self::int(part, 0), Self::word(part, 2));
                return Some(false);
            }
            M::Copy | M::Copy2 | M::Const32 | M::Const64 => {
                self.move_slots(part);
                return Some(false);
            }
            M::ConstV128 | M::SelectV128 | M::GlobalGetV128 | M::GlobalSetV128 => {
                self.move_vector(part);
                return Some(false);
            }
            M::Shuffle => {
                self.shuffle(part);
                return Some(false);
            }
            M::Select
            | M::SelectR
            | M::SelectToR
            | M::SelectRToR
            | M::SelectRRS
            | M::SelectRSR
            | M::SelectRRR => {
                self.select(part);
                return Some(false);
            }
            M::GlobalGet | M::GlobalGetI | M::GlobalGetF32 | M::GlobalGetF64 => {
                self.global_get(part);
                return Some(false);
            }
            M::GlobalSet | M::GlobalSetI | M::GlobalSetF32 | M::GlobalSetF64 => {
                self.global_set(part);
                return Some(false);
            }
            _ => return self.entity(part).or_else(|| self.span(part)),
        }
        Some(true)
    }

    fn br_table(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrTableR { Kind::Reg } else { Kind::Slot };
        let index = self.int_operand(part, kind, 0, 32, "rax");
        // The last target is the default one; targets are distances of 32 bits.
        asm!(self, "mov eax, {index}\nmov r10d, {}", Self::imm(part));
        let (targets, from) = (part.position * 8 + 16, part.position * 8);
        asm!(self, "cmp eax, r10d\ncmova eax, r10d\nmovsxd rax, dword ptr [rdi+rax*4+{targets}]");
        asm!(self, "lea rdi, [rdi+rax*8+{from}]\njmp qword ptr [rdi]");
    }

    fn move_slots(&mut self, part: &Part) {
        let value = match part.meaning {
            Meaning::Const32 => format!("mov eax, {}", Self::imm(part)),
            Meaning::Const64 => format!("mov rax, {}", Self::word(part, 2)),
            _ => format!("mov rax, {}", self.slot(part, 1, "rax", 64)),
        };
        asm!(self, "{value}");
        let slot = self.slot(part, 0, "r11", 64);
        asm!(self, "mov {slot}, rax");
        if part.meaning == Meaning::Copy2 {
            let from = self.slot(part, 3, "rax", 64);
            asm!(self, "mov rax, {from}");
            let slot = self.slot(part, 2, "r11", 64);
            asm!(self, "mov {slot}, rax");
        }
    }

    fn select(&mut self, part: &Part) {
        use Meaning as M;
        let kind = |register| if register { Kind::Reg } else { Kind::Slot };
        let condition = kind(!matches!(part.meaning, M::Select | M::SelectToR));
        let a = kind(matches!(part.meaning, M::SelectRRS | M::SelectRRR));
        let b = kind(matches!(part.meaning, M::SelectRSR | M::SelectRRR));
        let to_register = !matches!(part.meaning, M::Select | M::SelectR);
        let b = self.int_operand(part, b, 3, 64, "rax");
        asm!(self, "mov rax, {b}");
        let a = self.int_operand(part, a, 2, 64, "r10");
        let condition = self.int_operand(part, condition, 1, 32, "r11");
        asm!(self, "cmp {condition}, 0\ncmovne rax, {a}");
        if to_register {
            asm!(self, "mov {}, rax", Self::int(part, 0));
        } else {
            let slot = self.slot(part, 0, "r11", 64);
            asm!(self, "mov {slot}, rax");
        }
    }

    /// The place of a global's value; `rax` is used.
    pub(super) fn global(&mut self, part: &Part, bits: u32) -> String {
        asm!(self, "mov eax, {}\nmov r10, [r8+{{globals}}]\nmov rax, [r10+rax*8]", Self::imm(part));
        format!("{} [rax+{{cell}}]", pointer(bits))
    }

    fn global_get(&mut self, part: &Part) {
        let number = usize::from(part.registers[0]);
        let bits = if part.meaning == Meaning::GlobalGetF32 { 32 } else { 64 };
        let global = self.global(part, bits);
        match part.meaning {
            Meaning::GlobalGetI => asm!(self, "mov {}, {global}", INT[number]),
            Meaning::GlobalGetF32 => asm!(self, "vmovss xmm{}, {global}", F32[number]),
            Meaning::GlobalGetF64 => asm!(self, "vmovsd xmm{}, {global}", F64[number]),
            _ => {
                asm!(self, "mov rax, {global}");
                let slot = self.slot(part, 0, "r11", 64);
                asm!(self, "mov {slot}, rax");
            }
        }
    }

    fn global_set(&mut self, part: &Part) {
        let number = usize::from(part.registers[0]);
        let global = self.global(part, 64);
        match part.meaning {
            Meaning::GlobalSetI => asm!(self, "mov {global}, {}", INT[number]),
            Meaning::GlobalSetF32 => {
                asm!(self, "vmovd r10d, xmm{}\nmov {global}, r10", F32[number])
            }
            Meaning::GlobalSetF64 => asm!(self, "vmovsd {global}, xmm{}", F64[number]),
            _ => {
                let slot = self.slot(part, 0, "r11", 64);
                asm!(self, "mov r10, {slot}\nmov {global}, r10");
            }
        }
    }
}
