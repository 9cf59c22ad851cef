//! Integers: arithmetic, comparisons, conversions, moves.

use super::{AArch64, asm, int};
use crate::isa::Integers;
use crate::part::Part;
use burdock_ir::Kind;
use burdock_ir::operation::{IntBinary, IntCompare, IntTest, IntUnary, Sign};

/// Returns the condition of an integer comparison.
fn condition(which: IntCompare) -> &'static str {
    match which {
        IntCompare::Eq => "eq",
        IntCompare::Ne => "ne",
        IntCompare::LtS => "lt",
        IntCompare::LtU => "lo",
        IntCompare::GtS => "gt",
        IntCompare::GtU => "hi",
        IntCompare::LeS => "le",
        IntCompare::LeU => "ls",
        IntCompare::GeS => "ge",
        IntCompare::GeU => "hs",
    }
}

impl Integers for AArch64 {
    fn int_binary(&mut self, part: &Part, which: IntBinary) {
        let bits = part.operand_bits();
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, 8);
        let b = self.int_operand(part, part.kinds.b, part.b(), bits, 9);
        let result = int(Self::int_result(part), bits);
        let mnemonic = match which {
            IntBinary::Add => "add",
            IntBinary::Sub => "sub",
            IntBinary::Mul => "mul",
            IntBinary::And => "and",
            IntBinary::Or => "orr",
            IntBinary::Xor => "eor",
            IntBinary::Shl => "lsl",
            IntBinary::ShrS => "asr",
            IntBinary::ShrU => "lsr",
            IntBinary::Rotr => "ror",
            IntBinary::Rotl => {
                let count = int(9, bits);
                asm!(self, "neg {count}, {b}\nror {result}, {a}, {count}");
                return self.set_int(part);
            }
            IntBinary::DivS => {
                self.trap_if(part, &format!("cbz {b},"), "zero");
                // Only the least number by -1 does not fit: from that, 1 can't be taken.
                asm!(self, "cmn {b}, #1\nccmp {a}, #1, #0, eq");
                self.trap_if(part, "b.vs", "overflow");
                "sdiv"
            }
            IntBinary::DivU => {
                self.trap_if(part, &format!("cbz {b},"), "zero");
                "udiv"
            }
            IntBinary::RemS => return self.remainder(part, "sdiv", &a, &b),
            IntBinary::RemU => return self.remainder(part, "udiv", &a, &b),
        };
        asm!(self, "{mnemonic} {result}, {a}, {b}");
        self.set_int(part);
    }

    fn int_compare(&mut self, part: &Part, which: IntCompare) {
        let (a, b) = self.compared(part);
        asm!(self, "cmp {a}, {b}");
        self.set_condition(part, condition(which));
    }

    fn int_test(&mut self, part: &Part, which: IntTest) {
        let (a, b) = self.compared(part);
        asm!(self, "tst {a}, {b}");
        let condition = match which {
            IntTest::Nz => "ne",
            IntTest::Z => "eq",
        };
        self.set_condition(part, condition);
    }

    fn int_unary(&mut self, part: &Part, which: IntUnary) {
        let register = match part.kinds.a {
            Kind::Reg => Self::int(part, part.a()),
            _ => {
                self.read_slot(part, part.a(), 9);
                9
            }
        };
        let (narrow, from) = (int(register, 32), int(register, part.operand_bits()));
        let result = Self::int_result(part);
        let (w, to) = (int(result, 32), int(result, part.result_bits()));
        match which {
            IntUnary::Clz => asm!(self, "clz {to}, {from}"),
            IntUnary::Ctz => asm!(self, "rbit {to}, {from}\nclz {to}, {to}"),
            // Vectors have the only instruction that counts bits.
            IntUnary::Popcnt => {
                let scalar = if part.operand_bits() == 64 { 'd' } else { 's' };
                asm!(self, "fmov {scalar}31, {from}\ncnt v31.8b, v31.8b");
                asm!(self, "addv b31, v31.8b\nfmov {w}, s31");
            }
            IntUnary::Wrap | IntUnary::Extend32U => asm!(self, "mov {w}, {narrow}"),
            IntUnary::Extend8S => asm!(self, "sxtb {to}, {narrow}"),
            IntUnary::Extend16S => asm!(self, "sxth {to}, {narrow}"),
            IntUnary::Extend32S => asm!(self, "sxtw {to}, {narrow}"),
            IntUnary::I31 => asm!(self, "mov w8, #1\nbfi w8, {narrow}, #1, #31\nmov {w}, w8"),
            IntUnary::I31Get(sign) => {
                self.trap_if(part, &format!("tbz {narrow}, #0,"), "null");
                let shift = if sign == Sign::Signed { "asr" } else { "lsr" };
                asm!(self, "{shift} {w}, {narrow}, #1");
            }
            IntUnary::NonNull => {
                self.trap_if(part, &format!("cbz {from},"), "null");
                asm!(self, "mov {to}, {from}");
            }
        }
        self.set_int(part);
    }

    fn int_copy(&mut self, part: &Part) {
        match (part.kinds.dst, part.kinds.a) {
            (Kind::Slot, _) => {
                self.write_slot(part, part.dst(), &int(Self::int(part, part.a()), 64))
            }
            (_, Kind::Reg) => {
                asm!(self, "mov x{}, x{}", Self::int(part, part.dst()), Self::int(part, part.a()))
            }
            (_, kind) => {
                self.int_operand(
                    part,
                    kind,
                    part.a(),
                    part.operand_bits(),
                    Self::int(part, part.dst()),
                );
            }
        }
    }
}

impl AArch64 {
    fn remainder(&mut self, part: &Part, divide: &str, a: &str, b: &str) {
        let bits = part.operand_bits();
        let (result, quotient) = (int(Self::int_result(part), bits), int(10, bits));
        self.trap_if(part, &format!("cbz {b},"), "zero");
        asm!(self, "{divide} {quotient}, {a}, {b}");
        asm!(self, "msub {result}, {quotient}, {b}, {a}");
        self.set_int(part);
    }

    /// Brings the operands of a comparison to registers.
    fn compared(&mut self, part: &Part) -> (String, String) {
        let bits = part.operand_bits();
        let jumps = part.kinds.dst == Kind::JumpIf;
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, 8);
        let b = match part.kinds.b {
            Kind::Imm if jumps => {
                let b = int(9, bits);
                asm!(self, "ldrsh {b}, {}", Self::field(part, part.b()));
                b
            }
            kind => self.int_operand(part, kind, part.b(), bits, 9),
        };
        (a, b)
    }

    /// Writes what becomes of a comparison's condition: a value, or a jump.
    pub(super) fn set_condition(&mut self, part: &Part, condition: &str) {
        if let Kind::JumpIf | Kind::JumpUnless = part.kinds.dst {
            return self.jump_if(part, condition);
        }
        asm!(self, "cset w{}, {condition}", Self::int_result(part));
        self.set_int(part);
    }
}
