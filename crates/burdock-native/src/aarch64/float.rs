//! Floats. A result that is no number may have any payload, as the spec allows.

use super::{AArch64, F32, F64, asm, int};
use crate::isa::{Floats, Isa};
use crate::part::Part;
use burdock_ir::operation::{FloatBinary, FloatCompare, FloatToInt, FloatUnary, IntToFloat, Sign};
use burdock_ir::{BitField, Kind};

/// Returns the name of a vector register as a float of this width.
pub(super) fn float(number: u8, bits: u32) -> String {
    format!("{}{number}", if bits == 64 { 'd' } else { 's' })
}

impl Floats for AArch64 {
    fn float_binary(&mut self, part: &Part, which: FloatBinary) {
        let bits = part.operand_bits();
        let a = self.float_operand(part, part.kinds.a, part.a(), bits, 30);
        let b = self.float_operand(part, part.kinds.b, part.b(), bits, 29);
        let result = float(Self::float_result(part, bits), bits);
        let mnemonic = match which {
            FloatBinary::Add => "fadd",
            FloatBinary::Sub => "fsub",
            FloatBinary::Mul => "fmul",
            FloatBinary::Div => "fdiv",
            // They know NaN and the sign of zero as the spec does.
            FloatBinary::Min => "fmin",
            FloatBinary::Max => "fmax",
            FloatBinary::Copysign => {
                self.copysign(bits, &result, &a, &b);
                return self.set_float(part, bits);
            }
        };
        asm!(self, "{mnemonic} {result}, {a}, {b}");
        self.set_float(part, bits);
    }

    /// Writes a comparison whose condition, like its opposite, treats NaN as the operator requires.
    fn float_compare(&mut self, part: &Part, which: FloatCompare) {
        let bits = part.operand_bits();
        let a = self.float_operand(part, part.kinds.a, part.a(), bits, 30);
        let b = self.float_operand(part, part.kinds.b, part.b(), bits, 29);
        asm!(self, "fcmp {a}, {b}");
        let (condition, opposite) = match which {
            FloatCompare::Eq => ("eq", "ne"),
            FloatCompare::Ne => ("ne", "eq"),
            FloatCompare::Lt => ("mi", "pl"),
            FloatCompare::Le => ("ls", "hi"),
            FloatCompare::Gt => ("gt", "le"),
            FloatCompare::Ge => ("ge", "lt"),
        };
        let unless = part.kinds.dst == Kind::JumpUnless;
        self.set_condition(part, if unless { opposite } else { condition });
    }

    fn float_unary(&mut self, part: &Part, which: FloatUnary) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let mnemonic = match which {
            FloatUnary::Abs => "fabs",
            FloatUnary::Neg => "fneg",
            FloatUnary::Ceil => "frintp",
            FloatUnary::Floor => "frintm",
            FloatUnary::Trunc => "frintz",
            FloatUnary::Nearest => "frintn",
            FloatUnary::Sqrt => "fsqrt",
            FloatUnary::Demote | FloatUnary::Promote => "fcvt",
            FloatUnary::CanonicalizeNan => return self.canonicalize_nan(part, to),
        };
        let a = self.float_operand(part, part.kinds.a, part.a(), from, 30);
        asm!(self, "{mnemonic} {}, {a}", float(Self::float_result(part, to), to));
        self.set_float(part, to);
    }

    fn float_to_int(&mut self, part: &Part, which: FloatToInt) {
        let a = self.float_operand(part, part.kinds.a, part.a(), part.operand_bits(), 30);
        let result = int(Self::int_result(part), part.result_bits());
        match which {
            FloatToInt::Reinterpret => asm!(self, "fmov {result}, {a}"),
            // What does not fit gives the nearest number, what is none gives 0.
            FloatToInt::TruncSat(Sign::Signed) => asm!(self, "fcvtzs {result}, {a}"),
            FloatToInt::TruncSat(Sign::Unsigned) => asm!(self, "fcvtzu {result}, {a}"),
            FloatToInt::Trunc(sign) => self.truncate(part, sign, &a),
        }
        self.set_int(part);
    }

    fn int_to_float(&mut self, part: &Part, which: IntToFloat) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let mnemonic = match which {
            IntToFloat::Reinterpret => "fmov",
            IntToFloat::Convert(Sign::Signed) => "scvtf",
            IntToFloat::Convert(Sign::Unsigned) => "ucvtf",
        };
        let a = self.int_operand(part, part.kinds.a, part.a(), from, 9);
        asm!(self, "{mnemonic} {}, {a}", float(Self::float_result(part, to), to));
        self.set_float(part, to);
    }

    fn float_copy(&mut self, part: &Part) {
        let bits = part.operand_bits();
        if part.kinds.dst == Kind::Slot {
            self.float_bits(part, part.a(), bits);
            self.write_slot(part, part.dst(), "x9");
            return;
        }
        let result = Self::float_result(part, bits);
        if part.kinds.a == Kind::Reg {
            asm!(self, "fmov {}, {}", float(result, bits), Self::float(part, part.a(), bits));
        } else {
            self.float_operand(part, part.kinds.a, part.a(), bits, result);
        }
    }
}

impl AArch64 {
    /// Returns the float register that a field names.
    pub(super) fn float(part: &Part, field: BitField, bits: u32) -> String {
        let bank: &[u8] = if bits == 64 { &F64 } else { &F32 };
        float(bank[usize::from(part.register(field))], bits)
    }

    /// Returns the register of a float operand: its own, or `scratch`.
    fn float_operand(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        scratch: u8,
    ) -> String {
        let scratch = match kind {
            Kind::Reg => return Self::float(part, field, bits),
            _ => float(scratch, bits),
        };
        match kind {
            Kind::Imm => asm!(self, "ldr {scratch}, {}", Self::field(part, field)),
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

    /// Returns the number of the register in which a float result is computed.
    pub(super) fn float_result(part: &Part, bits: u32) -> u8 {
        let bank: &[u8] = if bits == 64 { &F64 } else { &F32 };
        match part.kinds.dst {
            Kind::Reg => bank[usize::from(part.register(part.dst()))],
            Kind::Both => bank[0],
            _ => 31,
        }
    }

    /// Writes a float result to its slot, if it has one. The instruction that computed the result
    /// has cleared the rest of the register.
    pub(super) fn set_float(&mut self, part: &Part, bits: u32) {
        if part.kinds.dst != Kind::Reg {
            self.write_slot(part, part.dst(), &float(Self::float_result(part, bits), 64));
        }
    }

    /// Moves the bits of a float register, zero-extended, to a general register: only the lower
    /// half may belong to the value.
    pub(super) fn float_bits(&mut self, part: &Part, field: BitField, bits: u32) {
        let from = Self::float(part, field, bits);
        asm!(self, "fmov {}, {from}", int(9, bits));
    }

    /// Copies the sign in a general register, which clears the rest of the result.
    fn copysign(&mut self, bits: u32, result: &str, a: &str, b: &str) {
        let (to, from, sign) = (int(8, bits), int(9, bits), bits - 1);
        asm!(self, "fmov {to}, {a}\nfmov {from}, {b}\nlsr {from}, {from}, #{sign}");
        asm!(self, "bfi {to}, {from}, #{sign}, #1\nfmov {result}, {to}");
    }

    fn canonicalize_nan(&mut self, part: &Part, bits: u32) {
        let a = self.float_operand(part, part.kinds.a, part.a(), bits, 30);
        let pattern = if bits == 64 { 0x7ff8 << 48 } else { 0x7fc0_u64 << 16 };
        let (nan, scratch) = (float(31, bits), super::int(9, bits));
        asm!(self, "mov {scratch}, #{pattern}\nfmov {nan}, {scratch}\nfcmp {a}, {a}");
        asm!(self, "fcsel {}, {nan}, {a}, vs", float(Self::float_result(part, bits), bits));
        self.set_float(part, bits);
    }

    /// Writes a conversion that traps: saturation shows which values do not fit.
    fn truncate(&mut self, part: &Part, sign: Sign, a: &str) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let result = int(Self::int_result(part), to);
        let wide = to == 64;
        match (wide, sign) {
            // Converted to 64 bits, it has to be the same as its half extended, and a number.
            (false, Sign::Signed) => {
                asm!(self, "fcvtzs x9, {a}\ncmp x9, w9, sxtw\nfccmp {a}, {a}, #1, eq");
            }
            (false, Sign::Unsigned) => {
                asm!(self, "fcvtzs x9, {a}\ncmp x9, w9, uxtw\nfccmp {a}, {a}, #1, eq");
            }
            // Neither the least nor the greatest number.
            (true, Sign::Signed) => {
                asm!(self, "fcvtzs x9, {a}\ncmp x9, #1\nccmn x9, #1, #1, vc");
                asm!(self, "fccmp {a}, {a}, #1, vc");
            }
            // Greater than -1, and not the greatest number.
            (true, Sign::Unsigned) => {
                let minus_one = float(31, from);
                asm!(self, "fcvtzu x9, {a}\nfmov {minus_one}, #-1.0\nfcmp {a}, {minus_one}");
                asm!(self, "ccmn x9, #1, #4, gt");
            }
        }
        let done = self.label();
        let (branch, least) = match (wide, sign) {
            (true, Sign::Unsigned) => ("b.eq", false),
            (wide, _) => ("b.vs", wide),
        };
        self.seldom(branch, |isa| isa.trap_unless_it_fits(part, least, from, a, done));
        asm!(self, ".L{done}:\nmov {result}, {}", int(9, to));
    }

    /// Traps, except for the least number of 64 bits, which fits.
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
