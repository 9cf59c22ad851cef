//! Floats. A result that is no number may have any payload, as the spec allows.

use super::{AArch64, F32, F64, asm, int};
use crate::isa::{Floats, Isa};
use crate::part::{Part, bits_of, is_float};
use burdock_ir::Kind;

/// A vector register as a float of this width.
fn float(number: u8, bits: u32) -> String {
    format!("{}{number}", if bits == 64 { 'd' } else { 's' })
}

impl Floats for AArch64 {
    fn float_binary(&mut self, part: &Part) -> Option<()> {
        let bits = part.width();
        let (field_a, field_b) = part.operand_fields();
        let a = self.float_operand(part, part.kinds.a, field_a, bits, 30);
        let b = self.float_operand(part, part.kinds.b, field_b, bits, 29);
        let result = float(Self::float_result(part, bits), bits);
        let mnemonic = match &format!("{:?}", part.meaning)[3..] {
            "Add" => "fadd",
            "Sub" => "fsub",
            "Mul" => "fmul",
            "Div" => "fdiv",
            // They know NaN and the sign of zero as the spec does.
            "Min" => "fmin",
            "Max" => "fmax",
            "Copysign" => {
                self.copysign(bits, &result, &a, &b);
                self.set_float(part, bits);
                return Some(());
            }
            _ => return None,
        };
        asm!(self, "{mnemonic} {result}, {a}, {b}");
        self.set_float(part, bits);
        Some(())
    }

    /// A comparison of floats, to a value or to a jump. The conditions hold only if they should
    /// hold for what is no number, and so do their opposites.
    fn float_compare(&mut self, part: &Part) -> Option<()> {
        let bits = part.width();
        let jumps = matches!(part.kinds.dst, Kind::JumpIf | Kind::JumpUnless);
        let (field_a, field_b) = if jumps { (0, 1) } else { (1, 2) };
        let a = self.float_operand(part, part.kinds.a, field_a, bits, 30);
        let b = self.float_operand(part, part.kinds.b, field_b, bits, 29);
        asm!(self, "fcmp {a}, {b}");
        let (condition, opposite) = match &format!("{:?}", part.meaning)[3..] {
            "Eq" => ("eq", "ne"),
            "Ne" => ("ne", "eq"),
            "Lt" => ("mi", "pl"),
            "Le" => ("ls", "hi"),
            "Gt" => ("gt", "le"),
            "Ge" => ("ge", "lt"),
            _ => return None,
        };
        let unless = part.kinds.dst == Kind::JumpUnless;
        self.set_condition(part, if unless { opposite } else { condition });
        Some(())
    }

    /// One operand, a float on one side at least.
    fn float_unary(&mut self, part: &Part) -> Option<()> {
        let row = part.meaning.row();
        match (is_float(row.operand), is_float(row.out)) {
            (true, true) => self.float_to_float(part),
            (true, false) => self.float_to_int(part),
            _ => self.int_to_float(part),
        }
    }

    fn float_copy(&mut self, part: &Part) {
        let bits = part.width();
        if part.kinds.dst == Kind::Slot {
            self.float_bits(part, 1, bits);
            self.write_slot(part, 0, "x9");
            return;
        }
        let result = Self::float_result(part, bits);
        if part.kinds.a == Kind::Reg {
            asm!(self, "fmov {}, {}", float(result, bits), Self::float(part, 1, bits));
        } else {
            self.float_operand(part, part.kinds.a, 1, bits, result);
        }
    }
}

impl AArch64 {
    /// A float register that a field names.
    pub(super) fn float(part: &Part, field: usize, bits: u32) -> String {
        let bank: &[u8] = if bits == 64 { &F64 } else { &F32 };
        float(bank[usize::from(part.registers[field])], bits)
    }

    /// The register that a float operand is in: its own, or `scratch`.
    fn float_operand(
        &mut self,
        part: &Part,
        kind: Kind,
        field: usize,
        bits: u32,
        scratch: u8,
    ) -> String {
        let scratch = match kind {
            Kind::Reg => return Self::float(part, field, bits),
            _ => float(scratch, bits),
        };
        match kind {
            Kind::Imm if bits == 64 => asm!(self, "ldr {scratch}, {}", Self::word(part, 2)),
            Kind::Imm => asm!(self, "ldr {scratch}, {}", Self::imm(part)),
            _ => {
                asm!(self, "ldrh w8, {}", Self::field(part, field));
                match bits {
                    64 => asm!(self, "ldr {scratch}, [x1, x8, lsl #3]"),
                    _ => asm!(self, "add x8, x1, x8, lsl #3\nldr {scratch}, [x8]"),
                }
            }
        }
        scratch
    }

    /// The number of the register where a float result is computed.
    pub(super) fn float_result(part: &Part, bits: u32) -> u8 {
        let bank: &[u8] = if bits == 64 { &F64 } else { &F32 };
        match part.kinds.dst {
            Kind::Reg => bank[usize::from(part.registers[0])],
            Kind::Both => bank[0],
            _ => 31,
        }
    }

    /// Writes a float result to its slot, if it has one. What has computed it has cleared the rest
    /// of the register.
    pub(super) fn set_float(&mut self, part: &Part, bits: u32) {
        if part.kinds.dst != Kind::Reg {
            self.write_slot(part, 0, &float(Self::float_result(part, bits), 64));
        }
    }

    /// The bits of a float register, zero-extended, in a general register: its lower half may be
    /// all that belongs to the value.
    pub(super) fn float_bits(&mut self, part: &Part, field: usize, bits: u32) {
        let from = Self::float(part, field, bits);
        asm!(self, "fmov {}, {from}", int(9, bits));
    }

    /// The sign is moved in a general register: there, the rest of the result is cleared.
    fn copysign(&mut self, bits: u32, result: &str, a: &str, b: &str) {
        let (to, from, sign) = (int(8, bits), int(9, bits), bits - 1);
        asm!(self, "fmov {to}, {a}\nfmov {from}, {b}\nlsr {from}, {from}, #{sign}");
        asm!(self, "bfi {to}, {from}, #{sign}, #1\nfmov {result}, {to}");
    }

    fn float_to_float(&mut self, part: &Part) -> Option<()> {
        let row = part.meaning.row();
        let (from, to) = (bits_of(row.operand), bits_of(row.out));
        let mnemonic = match &format!("{:?}", part.meaning)[3..] {
            "Abs" => "fabs",
            "Neg" => "fneg",
            "Ceil" => "frintp",
            "Floor" => "frintm",
            "Trunc" => "frintz",
            "Nearest" => "frintn",
            "Sqrt" => "fsqrt",
            "DemoteF64" | "PromoteF32" => "fcvt",
            "CanonicalizeNan" => {
                self.canonicalize_nan(part, to);
                return Some(());
            }
            _ => return None,
        };
        let a = self.float_operand(part, part.kinds.a, 1, from, 30);
        asm!(self, "{mnemonic} {}, {a}", float(Self::float_result(part, to), to));
        self.set_float(part, to);
        Some(())
    }

    fn canonicalize_nan(&mut self, part: &Part, bits: u32) {
        let a = self.float_operand(part, part.kinds.a, 1, bits, 30);
        let pattern = if bits == 64 { 0x7ff8 << 48 } else { 0x7fc0_u64 << 16 };
        let (nan, scratch) = (float(31, bits), super::int(9, bits));
        asm!(self, "mov {scratch}, #{pattern}\nfmov {nan}, {scratch}\nfcmp {a}, {a}");
        asm!(self, "fcsel {}, {nan}, {a}, vs", float(Self::float_result(part, bits), bits));
        self.set_float(part, bits);
    }

    fn int_to_float(&mut self, part: &Part) -> Option<()> {
        let row = part.meaning.row();
        let (from, to) = (bits_of(row.operand), bits_of(row.out));
        let mnemonic = match &format!("{:?}", part.meaning)[3..] {
            "ReinterpretI32" | "ReinterpretI64" => "fmov",
            "ConvertI32S" | "ConvertI64S" => "scvtf",
            "ConvertI32U" | "ConvertI64U" => "ucvtf",
            _ => return None,
        };
        let a = self.int_operand(part, part.kinds.a, 1, from, 9);
        asm!(self, "{mnemonic} {}, {a}", float(Self::float_result(part, to), to));
        self.set_float(part, to);
        Some(())
    }

    fn float_to_int(&mut self, part: &Part) -> Option<()> {
        let row = part.meaning.row();
        let (from, to) = (bits_of(row.operand), bits_of(row.out));
        let text = format!("{:?}", part.meaning);
        let a = self.float_operand(part, part.kinds.a, 1, from, 30);
        let result = Self::int_result(part);
        let signed = text.ends_with('S');
        let mnemonic = if signed { "fcvtzs" } else { "fcvtzu" };
        if text.contains("Reinterpret") {
            asm!(self, "fmov {}, {a}", int(result, to));
        } else if text.contains("Sat") {
            // What does not fit gives the nearest number, what is none gives 0.
            asm!(self, "{mnemonic} {}, {a}", int(result, to));
        } else {
            self.truncate(part, to, signed, from, &a);
        }
        self.set_int(part);
        Some(())
    }

    /// A conversion that traps: what does not fit is found by what saturation makes of it.
    fn truncate(&mut self, part: &Part, to: u32, signed: bool, from: u32, a: &str) {
        let result = int(Self::int_result(part), to);
        match (to, signed) {
            // Converted to 64 bits, it has to be the same as its half extended, and a number.
            (32, true) => asm!(self, "fcvtzs x9, {a}\ncmp x9, w9, sxtw\nfccmp {a}, {a}, #1, eq"),
            (32, false) => asm!(self, "fcvtzs x9, {a}\ncmp x9, w9, uxtw\nfccmp {a}, {a}, #1, eq"),
            // Neither the least nor the greatest number.
            (_, true) => asm!(
                self,
                "fcvtzs x9, {a}\ncmp x9, #1\nccmn x9, #1, #1, vc\nfccmp {a}, {a}, #1, vc"
            ),
            // Greater than -1, and not the greatest number.
            _ => {
                let minus_one = float(31, from);
                asm!(self, "fcvtzu x9, {a}\nfmov {minus_one}, #-1.0\nfcmp {a}, {minus_one}");
                asm!(self, "ccmn x9, #1, #4, gt");
            }
        }
        let done = self.label();
        self.seldom(if to == 64 && !signed { "b.eq" } else { "b.vs" }, |isa| {
            isa.trap_unless_it_fits(part, to == 64 && signed, from, a, done);
        });
        asm!(self, ".L{done}:\nmov {result}, {}", int(9, to));
    }

    /// Traps; but the least number of 64 bits does fit.
    fn trap_unless_it_fits(&mut self, part: &Part, least: bool, from: u32, a: &str, done: usize) {
        let nan = self.label();
        asm!(self, "fcmp {a}, {a}\nb.vs .L{nan}");
        if least {
            let bits = match from {
                64 => (i64::MIN as f64).to_bits(),
                _ => u64::from((i64::MIN as f32).to_bits()),
            };
            let least = float(31, from);
            asm!(self, "mov {}, #{bits}\nfmov {least}, {}", int(10, from), int(10, from));
            asm!(self, "fcmp {a}, {least}\nb.eq .L{done}");
        }
        self.leave(part, "trap_overflow");
        asm!(self, ".L{nan}:");
        self.leave(part, "trap_nan");
    }
}
