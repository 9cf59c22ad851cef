//! Vectors: operands and results in slots. Not here: what has to do with single lanes.

use super::{AArch64, asm};
use crate::isa::Vectors;
use crate::part::Part;
use burdock_ir::operation::*;

/// Returns how the assembler names the lanes.
pub(super) fn arrangement(lanes: Lanes) -> &'static str {
    match lanes {
        Lanes::I8x16 => "16b",
        Lanes::I16x8 => "8h",
        Lanes::I32x4 | Lanes::F32x4 => "4s",
        Lanes::I64x2 | Lanes::F64x2 => "2d",
    }
}

/// Returns the letter of a lane, as a register has it.
pub(super) fn letter(arrangement: &str) -> &str {
    &arrangement[arrangement.len() - 1..]
}

/// Returns how the assembler names lanes half as wide: the lower ones of a vector, and all of them.
fn narrow(lanes: Lanes) -> (&'static str, &'static str) {
    match lanes.bits() {
        16 => ("8b", "16b"),
        32 => ("4h", "8h"),
        _ => ("2s", "4s"),
    }
}

/// Returns the letter with which mnemonics for signed or unsigned numbers begin.
fn prefix(sign: Sign) -> char {
    match sign {
        Sign::Signed => 's',
        Sign::Unsigned => 'u',
    }
}

impl Vectors for AArch64 {
    fn vector_test(&mut self, part: &Part, which: VectorTest, lanes: Lanes) {
        self.first_vector(part);
        let condition = match (which, lanes) {
            (VectorTest::AnyTrue, _) => {
                asm!(self, "umaxp v31.4s, v31.4s, v31.4s");
                "ne"
            }
            // Lanes of 64 bits have no minimum: how many are zero?
            (VectorTest::AllTrue, Lanes::I64x2) => {
                asm!(self, "cmeq v31.2d, v31.2d, #0\naddp d31, v31.2d");
                "eq"
            }
            (VectorTest::AllTrue, _) => {
                let t = arrangement(lanes);
                asm!(self, "uminv {}31, v31.{t}", letter(t));
                "ne"
            }
            (VectorTest::Bitmask, _) => unreachable!("left to Rust"),
        };
        asm!(self, "fmov x8, d31\ncmp x8, #0\ncset w8, {condition}");
        self.write_slot(part, part.dst(), "x8");
    }

    fn vector_int_unary(&mut self, part: &Part, which: VectorIntUnary, lanes: Lanes) {
        self.one_vector(part, &int_unary(which, lanes));
    }

    fn vector_float_unary(&mut self, part: &Part, which: VectorFloatUnary, lanes: Lanes) {
        self.one_vector(part, &float_unary(which, lanes));
    }

    fn vector_int_binary(&mut self, part: &Part, which: VectorIntBinary, lanes: Lanes) {
        self.two_vectors(part, &int_binary(which, lanes));
    }

    fn vector_float_binary(&mut self, part: &Part, which: VectorFloatBinary, lanes: Lanes) {
        let t = arrangement(lanes);
        let text = match which {
            VectorFloatBinary::Add => same_lanes("fadd", t),
            VectorFloatBinary::Sub => same_lanes("fsub", t),
            VectorFloatBinary::Mul => same_lanes("fmul", t),
            VectorFloatBinary::Div => same_lanes("fdiv", t),
            // They know NaN and the sign of zero as the spec does.
            VectorFloatBinary::Min => same_lanes("fmin", t),
            VectorFloatBinary::Max => same_lanes("fmax", t),
            // `pmin` is b < a ? b : a.
            VectorFloatBinary::PMin => {
                format!("fcmgt v29.{t}, v31.{t}, v30.{t}\nbit v31.16b, v30.16b, v29.16b")
            }
            VectorFloatBinary::PMax => {
                format!("fcmgt v29.{t}, v30.{t}, v31.{t}\nbit v31.16b, v30.16b, v29.16b")
            }
        };
        self.two_vectors(part, &text);
    }

    fn vector_int_compare(&mut self, part: &Part, which: IntCompare, lanes: Lanes) {
        let t = arrangement(lanes);
        let text = match which {
            IntCompare::Eq => same_lanes("cmeq", t),
            IntCompare::Ne => format!("{}\nmvn v31.16b, v31.16b", same_lanes("cmeq", t)),
            IntCompare::GtS => same_lanes("cmgt", t),
            IntCompare::GtU => same_lanes("cmhi", t),
            IntCompare::GeS => same_lanes("cmge", t),
            IntCompare::GeU => same_lanes("cmhs", t),
            IntCompare::LtS => exchanged("cmgt", t),
            IntCompare::LtU => exchanged("cmhi", t),
            IntCompare::LeS => exchanged("cmge", t),
            IntCompare::LeU => exchanged("cmhs", t),
        };
        self.two_vectors(part, &text);
    }

    fn vector_float_compare(&mut self, part: &Part, which: FloatCompare, lanes: Lanes) {
        let t = arrangement(lanes);
        let text = match which {
            FloatCompare::Eq => same_lanes("fcmeq", t),
            FloatCompare::Ne => format!("{}\nmvn v31.16b, v31.16b", same_lanes("fcmeq", t)),
            FloatCompare::Gt => same_lanes("fcmgt", t),
            FloatCompare::Ge => same_lanes("fcmge", t),
            FloatCompare::Lt => exchanged("fcmgt", t),
            FloatCompare::Le => exchanged("fcmge", t),
        };
        self.two_vectors(part, &text);
    }

    /// Shifts each lane by its own number, to the right if the number is negative.
    fn vector_shift(&mut self, part: &Part, which: VectorShift, lanes: Lanes) {
        let (t, mask) = (arrangement(lanes), lanes.bits() - 1);
        self.first_vector(part);
        let count = self.int_operand(part, part.kinds.b, part.b(), 32, 8);
        asm!(self, "and w8, {count}, #{mask}");
        if which != VectorShift::Shl {
            asm!(self, "neg x8, x8");
        }
        let whole = if lanes == Lanes::I64x2 { 'x' } else { 'w' };
        let mnemonic = match which {
            VectorShift::ShrU => "ushl",
            VectorShift::Shl | VectorShift::ShrS => "sshl",
        };
        asm!(self, "dup v30.{t}, {whole}8\n{mnemonic} v31.{t}, v31.{t}, v30.{t}");
        self.set_vector(part);
    }

    fn vector_ternary(&mut self, part: &Part, which: VectorTernary, lanes: Lanes) {
        let t = arrangement(lanes);
        let text = match which {
            // Each bit from one of two vectors, as the third one says.
            VectorTernary::Bitselect => "bif v31.16b, v30.16b, v29.16b".into(),
            VectorTernary::Madd => {
                format!("fmul v31.{t}, v31.{t}, v30.{t}\nfadd v31.{t}, v31.{t}, v29.{t}")
            }
            VectorTernary::Nmadd => {
                format!("fmul v31.{t}, v31.{t}, v30.{t}\nfsub v31.{t}, v29.{t}, v31.{t}")
            }
            VectorTernary::DotAdd => {
                format!("{DOT}\nsaddlp v31.4s, v31.8h\nadd v31.4s, v31.4s, v29.4s")
            }
        };
        self.both_vectors(part);
        self.read_vector(part, part.c(), 29);
        asm!(self, "{text}");
        self.set_vector(part);
    }
}

impl AArch64 {
    /// Computes a result in `v31` from the vector that is there.
    fn one_vector(&mut self, part: &Part, text: &str) {
        self.first_vector(part);
        asm!(self, "{text}");
        self.set_vector(part);
    }

    /// Computes a result in `v31` from the vectors there and in `v30`.
    fn two_vectors(&mut self, part: &Part, text: &str) {
        self.both_vectors(part);
        asm!(self, "{text}");
        self.set_vector(part);
    }
}

/// Sums of products of signed neighbours, saturated: those of `v31` and `v30`.
const DOT: &str = "smull v28.8h, v31.8b, v30.8b\nsmull2 v31.8h, v31.16b, v30.16b\n\
     saddlp v28.4s, v28.8h\nsaddlp v31.4s, v31.8h\n\
     sqxtn v28.4h, v28.4s\nsqxtn2 v28.8h, v31.4s\nmov v31.16b, v28.16b";

fn int_unary(which: VectorIntUnary, lanes: Lanes) -> String {
    let t = arrangement(lanes);
    let (low, all) = narrow(lanes);
    match which {
        VectorIntUnary::Not => "mvn v31.16b, v31.16b".into(),
        VectorIntUnary::Popcnt => "cnt v31.16b, v31.16b".into(),
        VectorIntUnary::Abs => format!("abs v31.{t}, v31.{t}"),
        VectorIntUnary::Neg => format!("neg v31.{t}, v31.{t}"),
        VectorIntUnary::TruncSat(sign) => format!("fcvtz{} v31.4s, v31.4s", prefix(sign)),
        VectorIntUnary::TruncSatZero(sign) => {
            let sign = prefix(sign);
            format!("fcvtz{sign} v31.2d, v31.2d\n{sign}qxtn v31.2s, v31.2d")
        }
        VectorIntUnary::ExtendLow(sign) => format!("{}xtl v31.{t}, v31.{low}", prefix(sign)),
        VectorIntUnary::ExtendHigh(sign) => format!("{}xtl2 v31.{t}, v31.{all}", prefix(sign)),
        VectorIntUnary::ExtAddPairwise(sign) => {
            format!("{}addlp v31.{t}, v31.{all}", prefix(sign))
        }
    }
}

fn float_unary(which: VectorFloatUnary, lanes: Lanes) -> String {
    let t = arrangement(lanes);
    let same = |mnemonic: &str| format!("{mnemonic} v31.{t}, v31.{t}");
    match which {
        VectorFloatUnary::Abs => same("fabs"),
        VectorFloatUnary::Neg => same("fneg"),
        VectorFloatUnary::Sqrt => same("fsqrt"),
        VectorFloatUnary::Ceil => same("frintp"),
        VectorFloatUnary::Floor => same("frintm"),
        VectorFloatUnary::Trunc => same("frintz"),
        VectorFloatUnary::Nearest => same("frintn"),
        VectorFloatUnary::Convert(sign) => format!("{}cvtf v31.4s, v31.4s", prefix(sign)),
        VectorFloatUnary::ConvertLow(sign) => {
            let sign = prefix(sign);
            format!("{sign}xtl v31.2d, v31.2s\n{sign}cvtf v31.2d, v31.2d")
        }
        VectorFloatUnary::Demote => "fcvtn v31.2s, v31.2d".into(),
        VectorFloatUnary::PromoteLow => "fcvtl v31.2d, v31.2s".into(),
        VectorFloatUnary::CanonicalizeNan => {
            let (shift, bits) = if lanes == Lanes::F32x4 { (22, 23) } else { (51, 52) };
            format!(
                "fcmeq v30.{t}, v31.{t}, v31.{t}\nmovi v29.2d, #0xffffffffffffffff\n\
                 ushr v29.{t}, v29.{t}, #{bits}\nshl v29.{t}, v29.{t}, #{shift}\n\
                 bif v31.16b, v29.16b, v30.16b"
            )
        }
    }
}

/// Returns an instruction with operands and result of the same lanes.
fn same_lanes(mnemonic: &str, t: &str) -> String {
    format!("{mnemonic} v31.{t}, v31.{t}, v30.{t}")
}

/// Returns an instruction that takes the operands the other way round.
fn exchanged(mnemonic: &str, t: &str) -> String {
    format!("{mnemonic} v31.{t}, v30.{t}, v31.{t}")
}

fn int_binary(which: VectorIntBinary, lanes: Lanes) -> String {
    use Sign::{Signed, Unsigned};
    use VectorIntBinary as V;
    let t = arrangement(lanes);
    let (low, all) = narrow(lanes);
    match which {
        V::And => same_lanes("and", t),
        V::AndNot => same_lanes("bic", t),
        V::Or => same_lanes("orr", t),
        V::Xor => same_lanes("eor", t),
        V::Add => same_lanes("add", t),
        V::AddSat(sign) => same_lanes(&format!("{}qadd", prefix(sign)), t),
        V::Sub => same_lanes("sub", t),
        V::SubSat(sign) => same_lanes(&format!("{}qsub", prefix(sign)), t),
        V::Mul if lanes != Lanes::I64x2 => same_lanes("mul", t),
        // Lanes of 64 bits can't be multiplied as such.
        V::Mul => "xtn v29.2s, v31.2d\nxtn v28.2s, v30.2d\nrev64 v30.4s, v30.4s\n\
                   mul v31.4s, v30.4s, v31.4s\nuaddlp v31.2d, v31.4s\n\
                   shl v31.2d, v31.2d, #32\numlal v31.2d, v28.2s, v29.2s"
            .into(),
        V::Min(sign) => same_lanes(&format!("{}min", prefix(sign)), t),
        V::Max(sign) => same_lanes(&format!("{}max", prefix(sign)), t),
        V::AvgrU => same_lanes("urhadd", t),
        V::Q15MulrSat => same_lanes("sqrdmulh", t),
        // `global_asm!` makes one brace of two.
        V::Swizzle => "tbl v31.16b, {{v31.16b}}, v30.16b".into(),
        V::Narrow(sign) => {
            let mnemonic = match sign {
                Signed => "sqxtn",
                Unsigned => "sqxtun",
            };
            let (low, all, wide) =
                if lanes == Lanes::I8x16 { ("8b", "16b", "8h") } else { ("4h", "8h", "4s") };
            format!("{mnemonic} v31.{low}, v31.{wide}\n{mnemonic}2 v31.{all}, v30.{wide}")
        }
        V::Dot => "smull v29.4s, v31.4h, v30.4h\nsmull2 v31.4s, v31.8h, v30.8h\n\
                   addp v31.4s, v29.4s, v31.4s"
            .into(),
        V::RelaxedDot => DOT.into(),
        V::ExtMulLow(sign) => {
            format!("{}mull v31.{t}, v31.{low}, v30.{low}", prefix(sign))
        }
        V::ExtMulHigh(sign) => {
            format!("{}mull2 v31.{t}, v31.{all}, v30.{all}", prefix(sign))
        }
    }
}
