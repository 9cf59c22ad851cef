//! Integers: arithmetic, comparisons, conversions, moves.

use super::{AArch64, asm, int};
use crate::isa::Integers;
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

/// The condition of an integer comparison.
fn condition(meaning: Meaning) -> &'static str {
    match &format!("{meaning:?}")[3..] {
        "Eq" | "TestZ" => "eq",
        "Ne" | "TestNz" => "ne",
        "LtS" => "lt",
        "LtU" => "lo",
        "GtS" => "gt",
        "GtU" => "hi",
        "LeS" => "le",
        "LeU" => "ls",
        "GeS" => "ge",
        _ => "hs",
    }
}

impl Integers for AArch64 {
    fn int_binary(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let bits = part.width();
        let (field_a, field_b) = part.operand_fields();
        let a = self.int_operand(part, part.kinds.a, field_a, bits, 8);
        let b = self.int_operand(part, part.kinds.b, field_b, bits, 9);
        let result = int(Self::int_result(part), bits);
        let mnemonic = match &text[3..] {
            "Add" => "add",
            "Sub" => "sub",
            "Mul" => "mul",
            "And" => "and",
            "Or" => "orr",
            "Xor" => "eor",
            "Shl" => "lsl",
            "ShrS" => "asr",
            "ShrU" => "lsr",
            "Rotr" => "ror",
            "Rotl" => {
                let count = int(9, bits);
                asm!(self, "neg {count}, {b}\nror {result}, {a}, {count}");
                self.set_int(part);
                return Some(());
            }
            which => return self.divide(part, which, &result, &a, &b),
        };
        asm!(self, "{mnemonic} {result}, {a}, {b}");
        self.set_int(part);
        Some(())
    }

    fn int_compare(&mut self, part: &Part) -> Option<()> {
        let bits = part.width();
        let jumps = part.kinds.dst == Kind::JumpIf;
        let (field_a, field_b) = if jumps { (0, 1) } else { (1, 2) };
        let a = self.int_operand(part, part.kinds.a, field_a, bits, 8);
        let b = match part.kinds.b {
            Kind::Imm if jumps => {
                let b = int(9, bits);
                asm!(self, "ldrsh {b}, {}", Self::field(part, 1));
                b
            }
            kind => self.int_operand(part, kind, field_b, bits, 9),
        };
        let tests = format!("{:?}", part.meaning).contains("Test");
        asm!(self, "{} {a}, {b}", if tests { "tst" } else { "cmp" });
        self.set_condition(part, condition(part.meaning));
        Some(())
    }

    fn int_unary(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let register = match part.kinds.a {
            Kind::Reg => Self::int(part, 1),
            _ => {
                self.read_slot(part, 1, 9);
                9
            }
        };
        let (narrow, wide) = (int(register, 32), int(register, 64));
        let result = Self::int_result(part);
        let (w, x) = (int(result, 32), int(result, 64));
        match part.meaning {
            M::I32Clz => asm!(self, "clz {w}, {narrow}"),
            M::I64Clz => asm!(self, "clz {x}, {wide}"),
            M::I32Ctz => asm!(self, "rbit {w}, {narrow}\nclz {w}, {w}"),
            M::I64Ctz => asm!(self, "rbit {x}, {wide}\nclz {x}, {x}"),
            // Vectors have the only instruction that counts bits.
            M::I32Popcnt => asm!(self, "fmov s31, {narrow}"),
            M::I64Popcnt => asm!(self, "fmov d31, {wide}"),
            M::I32WrapI64 | M::I64ExtendI32U => asm!(self, "mov {w}, {narrow}"),
            M::I64ExtendI32S | M::I64Extend32S => asm!(self, "sxtw {x}, {narrow}"),
            M::I32Extend8S => asm!(self, "sxtb {w}, {narrow}"),
            M::I32Extend16S => asm!(self, "sxth {w}, {narrow}"),
            M::I64Extend8S => asm!(self, "sxtb {x}, {narrow}"),
            M::I64Extend16S => asm!(self, "sxth {x}, {narrow}"),
            _ => return None,
        }
        if let M::I32Popcnt | M::I64Popcnt = part.meaning {
            asm!(self, "cnt v31.8b, v31.8b\naddv b31, v31.8b\nfmov {w}, s31");
        }
        self.set_int(part);
        Some(())
    }

    fn int_copy(&mut self, part: &Part) {
        match (part.kinds.dst, part.kinds.a) {
            (Kind::Slot, _) => self.write_slot(part, 0, &int(Self::int(part, 1), 64)),
            (_, Kind::Reg) => asm!(self, "mov x{}, x{}", Self::int(part, 0), Self::int(part, 1)),
            (_, kind) => {
                let bits = if part.meaning == Meaning::I32Copy { 32 } else { 64 };
                self.int_operand(part, kind, 1, bits, Self::int(part, 0));
            }
        }
    }
}

impl AArch64 {
    fn divide(&mut self, part: &Part, which: &str, result: &str, a: &str, b: &str) -> Option<()> {
        let divide = if which.ends_with('S') { "sdiv" } else { "udiv" };
        let quotient = int(10, part.width());
        self.trap_if(part, &format!("cbz {b},"), "zero");
        match which {
            "DivS" => {
                // Only the least number by -1 does not fit: from that, 1 can't be taken.
                asm!(self, "cmn {b}, #1\nccmp {a}, #1, #0, eq");
                self.trap_if(part, "b.vs", "overflow");
                asm!(self, "{divide} {result}, {a}, {b}");
            }
            "DivU" => asm!(self, "{divide} {result}, {a}, {b}"),
            "RemS" | "RemU" => {
                asm!(self, "{divide} {quotient}, {a}, {b}");
                asm!(self, "msub {result}, {quotient}, {b}, {a}");
            }
            _ => return None,
        }
        self.set_int(part);
        Some(())
    }

    /// What becomes of a comparison's condition: a value, or a jump.
    pub(super) fn set_condition(&mut self, part: &Part, condition: &str) {
        if let Kind::JumpIf | Kind::JumpUnless = part.kinds.dst {
            return self.jump_if(part, condition);
        }
        asm!(self, "cset w{}, {condition}", Self::int_result(part));
        self.set_int(part);
    }
}
