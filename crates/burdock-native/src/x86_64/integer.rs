//! Integers: arithmetic, comparisons, conversions, moves.

use super::{X86_64, asm, name};
use crate::isa::{Integers, Isa};
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

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

impl Integers for X86_64 {
    fn int_binary(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
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
        Some(())
    }

    fn int_compare(&mut self, part: &Part) -> Option<()> {
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
        Some(())
    }

    fn int_unary(&mut self, part: &Part) -> Option<()> {
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
        Some(())
    }

    fn int_copy(&mut self, part: &Part) {
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
    }
}

impl X86_64 {
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
}
