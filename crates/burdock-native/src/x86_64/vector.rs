//! Vectors: operands and results in slots. Not here: what has to do with single lanes.

use super::{X86_64, asm};
use crate::isa::Vectors;
use crate::part::Part;
use burdock_ir::Kind;
use burdock_ir::operation::*;

/// The computation of the result of an operation with one vector in `xmm15`.
enum One {
    /// By an instruction with the vector in memory, and what stands behind its operands.
    Whole(String, &'static str),
    /// By an instruction with half of the vector, the upper one or the lower one, in memory.
    Half(String, bool),
    /// By instructions with the vector in `xmm15`.
    Several(String),
}

/// The computation of the result of an operation with two vectors in `xmm15`.
enum Two {
    /// By an instruction with the second vector in memory.
    Given(String),
    /// By an instruction with the first vector in memory.
    Exchanged(String),
    /// By a comparison with the second vector in memory, and the number of its condition.
    Compare(String, u8),
    /// By an extension of a half of each vector, the upper one or the lower one, and a product.
    Halves(String, bool, &'static str),
    /// By instructions with the first vector in `xmm15` and the second in `xmm14`.
    Several(String),
}

/// Returns how mnemonics name the lanes.
fn suffix(lanes: Lanes) -> &'static str {
    match lanes {
        Lanes::F32x4 => "ps",
        Lanes::F64x2 => "pd",
        _ => integer(lanes.bits()),
    }
}

/// Returns how mnemonics name integers of a width.
fn integer(bits: u32) -> &'static str {
    match bits {
        8 => "b",
        16 => "w",
        32 => "d",
        _ => "q",
    }
}

/// Returns the mnemonic of the extension to lanes from those of half their width.
fn extension(sign: Sign, to: Lanes) -> String {
    let sign = match sign {
        Sign::Signed => 's',
        Sign::Unsigned => 'z',
    };
    format!("vpmov{sign}x{}{}", integer(to.bits() / 2), integer(to.bits()))
}

impl Vectors for X86_64 {
    fn vector_test(&mut self, part: &Part, which: VectorTest, lanes: Lanes) {
        self.first_vector(part);
        match (which, lanes.bits()) {
            (VectorTest::AnyTrue, _) => {
                asm!(self, "vptest xmm15, xmm15\nsetne al\nmovzx eax, al");
            }
            (VectorTest::AllTrue, _) => {
                let lanes = suffix(lanes);
                asm!(self, "vpxor xmm14, xmm14, xmm14\nvpcmpeq{lanes} xmm15, xmm14, xmm15");
                asm!(self, "vptest xmm15, xmm15\nsete al\nmovzx eax, al");
            }
            (VectorTest::Bitmask, 8) => asm!(self, "vpmovmskb eax, xmm15"),
            (VectorTest::Bitmask, 16) => {
                asm!(self, "vpacksswb xmm15, xmm15, xmm15\nvpmovmskb eax, xmm15\nmovzx eax, al")
            }
            (VectorTest::Bitmask, 32) => asm!(self, "vmovmskps eax, xmm15"),
            (VectorTest::Bitmask, _) => asm!(self, "vmovmskpd eax, xmm15"),
        }
        let slot = self.slot(part, part.dst(), "r11", 64);
        asm!(self, "mov {slot}, rax");
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
        let of_lanes = |mnemonic: &str| format!("{mnemonic}{}", suffix(lanes));
        let how = match which {
            VectorFloatBinary::Add => Two::Given(of_lanes("vadd")),
            VectorFloatBinary::Sub => Two::Given(of_lanes("vsub")),
            VectorFloatBinary::Mul => Two::Given(of_lanes("vmul")),
            VectorFloatBinary::Div => Two::Given(of_lanes("vdiv")),
            // `pmin` is b < a ? b : a, as the processor's with the operands exchanged.
            VectorFloatBinary::PMin => Two::Exchanged(of_lanes("vmin")),
            VectorFloatBinary::PMax => Two::Exchanged(of_lanes("vmax")),
            VectorFloatBinary::Min => Two::Several(extremum(true, lanes)),
            VectorFloatBinary::Max => Two::Several(extremum(false, lanes)),
        };
        self.two_vectors(part, &how);
    }

    fn vector_int_compare(&mut self, part: &Part, which: IntCompare, lanes: Lanes) {
        self.two_vectors(part, &int_compare(which, lanes));
    }

    fn vector_float_compare(&mut self, part: &Part, which: FloatCompare, lanes: Lanes) {
        let condition = match which {
            FloatCompare::Eq => 0,
            FloatCompare::Ne => 4,
            FloatCompare::Lt => 17,
            FloatCompare::Le => 18,
            FloatCompare::Ge => 29,
            FloatCompare::Gt => 30,
        };
        self.two_vectors(part, &Two::Compare(format!("vcmp{}", suffix(lanes)), condition));
    }

    fn vector_shift(&mut self, part: &Part, which: VectorShift, lanes: Lanes) {
        self.first_vector(part);
        let count = self.int_operand(part, part.kinds.b, part.b(), 32, "rax");
        asm!(self, "mov eax, {count}\nand eax, {}", lanes.bits() - 1);
        asm!(self, "{}", shift(which, lanes));
        self.set_vector(part);
    }

    fn vector_ternary(&mut self, part: &Part, which: VectorTernary, lanes: Lanes) {
        let lanes = suffix(lanes);
        let text = match which {
            VectorTernary::Bitselect => "vpand xmm15, xmm15, xmm13\n\
                 vpandn xmm14, xmm13, xmm14\nvpor xmm15, xmm15, xmm14"
                .into(),
            VectorTernary::Madd => {
                format!("vmul{lanes} xmm15, xmm15, xmm14\nvadd{lanes} xmm15, xmm15, xmm13")
            }
            VectorTernary::Nmadd => {
                format!("vmul{lanes} xmm15, xmm15, xmm14\nvsub{lanes} xmm15, xmm13, xmm15")
            }
            VectorTernary::DotAdd => format!("{DOT}\nvpmaddwd xmm15, xmm15, [rip+ones16]"),
        };
        self.both_vectors(part);
        // The third one is read when its register is free.
        let late = which == VectorTernary::DotAdd;
        if !late {
            self.read_vector(part, part.c(), "xmm13");
        }
        asm!(self, "{text}");
        if late {
            let c = self.slot(part, part.c(), "rax", 128);
            asm!(self, "vpaddd xmm15, xmm15, {c}");
        }
        self.set_vector(part);
    }
}

impl X86_64 {
    fn one_vector(&mut self, part: &Part, how: &One) {
        let a = (part.kinds.a, part.a());
        match how {
            One::Whole(mnemonic, behind) if a.0 == Kind::Reg => {
                asm!(self, "{mnemonic} xmm15, xmm15{behind}");
            }
            One::Whole(mnemonic, behind) => {
                let slot = self.slot(part, part.a(), "rax", 128);
                asm!(self, "{mnemonic} xmm15, {slot}{behind}");
            }
            One::Half(mnemonic, high) => self.extend_half(part, a, (mnemonic, *high), "xmm15"),
            One::Several(text) => {
                self.first_vector(part);
                asm!(self, "{text}");
            }
        }
        self.set_vector(part);
    }

    fn two_vectors(&mut self, part: &Part, how: &Two) {
        let [a, b] = [(part.kinds.a, part.a()), (part.kinds.b, part.b())];
        match how {
            Two::Given(mnemonic) => {
                let (a, b) = self.vector_operands(part, [a, b]);
                asm!(self, "{mnemonic} xmm15, {a}, {b}");
            }
            Two::Exchanged(mnemonic) => {
                let (b, a) = self.vector_operands(part, [b, a]);
                asm!(self, "{mnemonic} xmm15, {b}, {a}");
            }
            Two::Compare(mnemonic, condition) => {
                let (a, b) = self.vector_operands(part, [a, b]);
                asm!(self, "{mnemonic} xmm15, {a}, {b}, {condition}");
            }
            Two::Halves(extend, high, multiply) => {
                // The one in `xmm15` first, before it is overwritten.
                let mut operands = [(a, "xmm15"), (b, "xmm14")];
                operands.sort_by_key(|((kind, _), _)| *kind != Kind::Reg);
                for (operand, xmm) in operands {
                    self.extend_half(part, operand, (extend, *high), xmm);
                }
                asm!(self, "{multiply} xmm15, xmm15, xmm14");
            }
            Two::Several(text) => {
                self.both_vectors(part);
                asm!(self, "{text}");
            }
        }
        self.set_vector(part);
    }
}

const ZERO: &str = "vpxor xmm14, xmm14, xmm14";
const ONES: &str = "vpcmpeqd xmm14, xmm14, xmm14";

fn int_unary(which: VectorIntUnary, lanes: Lanes) -> One {
    let suffix = suffix(lanes);
    One::Several(match which {
        VectorIntUnary::Abs if lanes != Lanes::I64x2 => {
            return One::Whole(format!("vpabs{suffix}"), "");
        }
        VectorIntUnary::ExtendLow(sign) => return One::Half(extension(sign, lanes), false),
        VectorIntUnary::ExtendHigh(sign) => return One::Half(extension(sign, lanes), true),
        VectorIntUnary::Not => format!("{ONES}\nvpxor xmm15, xmm15, xmm14"),
        VectorIntUnary::Neg => format!("{ZERO}\nvpsub{suffix} xmm15, xmm14, xmm15"),
        VectorIntUnary::Abs => format!(
            "{ZERO}\nvpcmpgt{suffix} xmm14, xmm14, xmm15\nvpxor xmm15, xmm15, xmm14\n\
             vpsub{suffix} xmm15, xmm15, xmm14"
        ),
        // Looked up by four bits.
        VectorIntUnary::Popcnt => "vpand xmm14, xmm15, [rip+low4]\nvpsrlw xmm15, xmm15, 4\n\
             vpand xmm15, xmm15, [rip+low4]\nvmovdqu xmm13, [rip+counts4]\n\
             vpshufb xmm14, xmm13, xmm14\nvpshufb xmm15, xmm13, xmm15\n\
             vpaddb xmm15, xmm15, xmm14"
            .into(),
        VectorIntUnary::ExtAddPairwise(sign) => match (lanes, sign) {
            // `vpmaddubsw` takes its first operand as unsigned.
            (Lanes::I16x8, Sign::Signed) => {
                "vmovdqu xmm14, [rip+ones8]\nvpmaddubsw xmm15, xmm14, xmm15".into()
            }
            (Lanes::I16x8, Sign::Unsigned) => "vpmaddubsw xmm15, xmm15, [rip+ones8]".into(),
            (_, Sign::Signed) => "vpmaddwd xmm15, xmm15, [rip+ones16]".into(),
            (_, Sign::Unsigned) => "vpslld xmm14, xmm15, 16\nvpsrld xmm14, xmm14, 16\n\
                 vpsrld xmm15, xmm15, 16\nvpaddd xmm15, xmm15, xmm14"
                .into(),
        },
        // What is no number becomes 0. What does not fit becomes the least number, and what of that
        // was not negative the greatest one.
        VectorIntUnary::TruncSat(Sign::Signed) => {
            "vcmpps xmm14, xmm15, xmm15, 0\nvandps xmm15, xmm15, xmm14\n\
             vpxor xmm14, xmm14, xmm15\nvcvttps2dq xmm15, xmm15\nvpand xmm14, xmm14, xmm15\n\
             vpsrad xmm14, xmm14, 31\nvpxor xmm15, xmm15, xmm14"
                .into()
        }
        // The sum of what fits a signed number, which is at most its greatest and one, and the
        // rest.
        VectorIntUnary::TruncSat(Sign::Unsigned) => {
            "vpxor xmm14, xmm14, xmm14\nvmaxps xmm15, xmm15, xmm14\n\
             vmovdqu xmm13, [rip+two31]\nvsubps xmm12, xmm15, xmm13\n\
             vcmpps xmm13, xmm13, xmm12, 2\nvcvttps2dq xmm12, xmm12\nvpxor xmm12, xmm12, xmm13\n\
             vpmaxsd xmm12, xmm12, xmm14\nvcvttps2dq xmm15, xmm15\nvpaddd xmm15, xmm15, xmm12"
                .into()
        }
        VectorIntUnary::TruncSatZero(Sign::Signed) => {
            "vcmppd xmm14, xmm15, xmm15, 0\nvandpd xmm14, xmm14, [rip+greatest31]\n\
             vminpd xmm15, xmm15, xmm14\nvcvttpd2dq xmm15, xmm15"
                .into()
        }
        // Added to 2^52, a number below 2^32 stands in the lower half of the sum's bits.
        VectorIntUnary::TruncSatZero(Sign::Unsigned) => {
            "vpxor xmm14, xmm14, xmm14\nvmaxpd xmm15, xmm15, xmm14\n\
             vminpd xmm15, xmm15, [rip+greatest32]\nvroundpd xmm15, xmm15, 11\n\
             vaddpd xmm15, xmm15, [rip+two52]\nvshufps xmm15, xmm15, xmm14, 136"
                .into()
        }
    })
}

fn float_unary(which: VectorFloatUnary, lanes: Lanes) -> One {
    let (suffix, word, sign) = (suffix(lanes), integer(lanes.bits()), lanes.bits() - 1);
    One::Several(match which {
        VectorFloatUnary::Sqrt => return One::Whole(format!("vsqrt{suffix}"), ""),
        VectorFloatUnary::Ceil => return One::Whole(format!("vround{suffix}"), ", 10"),
        VectorFloatUnary::Floor => return One::Whole(format!("vround{suffix}"), ", 9"),
        VectorFloatUnary::Trunc => return One::Whole(format!("vround{suffix}"), ", 11"),
        VectorFloatUnary::Nearest => return One::Whole(format!("vround{suffix}"), ", 8"),
        VectorFloatUnary::Convert(Sign::Signed) => return One::Whole("vcvtdq2ps".into(), ""),
        VectorFloatUnary::ConvertLow(Sign::Signed) => {
            return One::Half("vcvtdq2pd".into(), false);
        }
        VectorFloatUnary::PromoteLow => return One::Half("vcvtps2pd".into(), false),
        VectorFloatUnary::Demote => return One::Whole("vcvtpd2ps".into(), ""),
        VectorFloatUnary::Neg => {
            format!("{ONES}\nvpsll{word} xmm14, xmm14, {sign}\nvpxor xmm15, xmm15, xmm14")
        }
        VectorFloatUnary::Abs => {
            format!("{ONES}\nvpsrl{word} xmm14, xmm14, 1\nvpand xmm15, xmm15, xmm14")
        }
        VectorFloatUnary::CanonicalizeNan => {
            let (down, up) = if lanes == Lanes::F32x4 { (23, 22) } else { (52, 51) };
            format!(
                "vcmp{suffix} xmm13, xmm15, xmm15, 3\n{ONES}\nvpsrl{word} xmm14, xmm14, {down}\n\
                 vpsll{word} xmm14, xmm14, {up}\nvblendv{suffix} xmm15, xmm15, xmm14, xmm13"
            )
        }
        VectorFloatUnary::ConvertLow(Sign::Unsigned) => {
            "vunpcklps xmm15, xmm15, [rip+above52]\nvsubpd xmm15, xmm15, [rip+two52]".into()
        }
        // Both halves are converted without rounding: only the sum is rounded.
        VectorFloatUnary::Convert(Sign::Unsigned) => {
            "vpxor xmm14, xmm14, xmm14\nvpblendw xmm14, xmm14, xmm15, 85\n\
             vpsubd xmm15, xmm15, xmm14\nvpsrld xmm15, xmm15, 1\nvcvtdq2ps xmm14, xmm14\n\
             vcvtdq2ps xmm15, xmm15\nvaddps xmm15, xmm15, xmm15\nvaddps xmm15, xmm15, xmm14"
                .into()
        }
    })
}

/// Sums of products of signed neighbours, saturated: those of `xmm15` and `xmm14`.
const DOT: &str = "vpmovsxbw xmm13, xmm15\nvpmovsxbw xmm12, xmm14\nvpmaddwd xmm13, xmm13, xmm12\n\
     vpsrldq xmm15, xmm15, 8\nvpsrldq xmm14, xmm14, 8\nvpmovsxbw xmm15, xmm15\n\
     vpmovsxbw xmm14, xmm14\nvpmaddwd xmm15, xmm15, xmm14\nvpackssdw xmm15, xmm13, xmm15";

fn int_binary(which: VectorIntBinary, lanes: Lanes) -> Two {
    use Sign::{Signed, Unsigned};
    use VectorIntBinary as V;
    let of_lanes = |mnemonic: &str| Two::Given(format!("{mnemonic}{}", suffix(lanes)));
    match which {
        V::And => Two::Given("vpand".into()),
        V::AndNot => Two::Exchanged("vpandn".into()),
        V::Or => Two::Given("vpor".into()),
        V::Xor => Two::Given("vpxor".into()),
        V::Add => of_lanes("vpadd"),
        V::AddSat(Signed) => of_lanes("vpadds"),
        V::AddSat(Unsigned) => of_lanes("vpaddus"),
        V::Sub => of_lanes("vpsub"),
        V::SubSat(Signed) => of_lanes("vpsubs"),
        V::SubSat(Unsigned) => of_lanes("vpsubus"),
        V::Mul if lanes != Lanes::I64x2 => of_lanes("vpmull"),
        V::Mul => Two::Several(
            "vpsrlq xmm13, xmm15, 32\nvpmuludq xmm13, xmm13, xmm14\n\
             vpsrlq xmm12, xmm14, 32\nvpmuludq xmm12, xmm12, xmm15\n\
             vpaddq xmm13, xmm13, xmm12\nvpsllq xmm13, xmm13, 32\n\
             vpmuludq xmm15, xmm15, xmm14\nvpaddq xmm15, xmm15, xmm13"
                .into(),
        ),
        V::Min(Signed) => of_lanes("vpmins"),
        V::Min(Unsigned) => of_lanes("vpminu"),
        V::Max(Signed) => of_lanes("vpmaxs"),
        V::Max(Unsigned) => of_lanes("vpmaxu"),
        V::AvgrU => of_lanes("vpavg"),
        V::Narrow(Signed) if lanes == Lanes::I8x16 => Two::Given("vpacksswb".into()),
        V::Narrow(Unsigned) if lanes == Lanes::I8x16 => Two::Given("vpackuswb".into()),
        V::Narrow(Signed) => Two::Given("vpackssdw".into()),
        V::Narrow(Unsigned) => Two::Given("vpackusdw".into()),
        V::Dot => Two::Given("vpmaddwd".into()),
        V::RelaxedDot => Two::Several(DOT.into()),
        V::ExtMulLow(sign) => Two::Halves(extension(sign, lanes), false, product(sign, lanes)),
        V::ExtMulHigh(sign) => Two::Halves(extension(sign, lanes), true, product(sign, lanes)),
        // The one product that does not fit becomes the least number, not the greatest.
        V::Q15MulrSat => Two::Several(
            "vpmulhrsw xmm15, xmm15, xmm14\n\
             vpcmpeqd xmm13, xmm13, xmm13\nvpsllw xmm13, xmm13, 15\n\
             vpcmpeqw xmm13, xmm13, xmm15\nvpxor xmm15, xmm15, xmm13"
                .into(),
        ),
        // A lane that is not there has its upper bit set, then.
        V::Swizzle => Two::Several(
            "vpaddusb xmm14, xmm14, [rip+beyond16]\nvpshufb xmm15, xmm15, xmm14".into(),
        ),
    }
}

/// Returns the mnemonic of the product of extended lanes.
fn product(sign: Sign, lanes: Lanes) -> &'static str {
    match (lanes.bits(), sign) {
        (16, _) => "vpmullw",
        (32, _) => "vpmulld",
        (_, Sign::Unsigned) => "vpmuludq",
        (_, Sign::Signed) => "vpmuldq",
    }
}

fn int_compare(which: IntCompare, lanes: Lanes) -> Two {
    let suffix = suffix(lanes);
    let not = "vpcmpeqd xmm13, xmm13, xmm13\nvpxor xmm15, xmm15, xmm13";
    // A number is at least another if it is the greater one of the two.
    let equals = |extremum: &str| {
        format!("vp{extremum}{suffix} xmm14, xmm15, xmm14\nvpcmpeq{suffix} xmm15, xmm15, xmm14")
    };
    Two::Several(match which {
        IntCompare::Eq => return Two::Given(format!("vpcmpeq{suffix}")),
        IntCompare::GtS => return Two::Given(format!("vpcmpgt{suffix}")),
        IntCompare::LtS => return Two::Exchanged(format!("vpcmpgt{suffix}")),
        IntCompare::Ne => format!("vpcmpeq{suffix} xmm15, xmm15, xmm14\n{not}"),
        IntCompare::GeS if lanes == Lanes::I64x2 => {
            format!("vpcmpgtq xmm15, xmm14, xmm15\n{not}")
        }
        IntCompare::LeS if lanes == Lanes::I64x2 => {
            format!("vpcmpgtq xmm15, xmm15, xmm14\n{not}")
        }
        IntCompare::GeS => equals("maxs"),
        IntCompare::LeS => equals("mins"),
        IntCompare::GeU => equals("maxu"),
        IntCompare::LeU => equals("minu"),
        IntCompare::GtU => format!("{}\n{not}", equals("minu")),
        IntCompare::LtU => format!("{}\n{not}", equals("maxu")),
    })
}

/// Computes `min` or `max` in both orders and combines the results, because the processor returns
/// the second operand for two zeros and for NaN. (For NaN, the result's bits are all ones except
/// for the payload.)
fn extremum(min: bool, lanes: Lanes) -> String {
    let (suffix, word) = (suffix(lanes), integer(lanes.bits()));
    let payload = if lanes == Lanes::F32x4 { 10 } else { 13 };
    let together = match min {
        true => format!(
            "vmin{suffix} xmm13, xmm15, xmm14\nvmin{suffix} xmm15, xmm14, xmm15\n\
             vorps xmm13, xmm13, xmm15\nvcmp{suffix} xmm15, xmm15, xmm13, 3\n\
             vorps xmm13, xmm13, xmm15"
        ),
        false => format!(
            "vmax{suffix} xmm13, xmm15, xmm14\nvmax{suffix} xmm15, xmm14, xmm15\n\
             vxorps xmm15, xmm15, xmm13\nvorps xmm13, xmm13, xmm15\n\
             vsub{suffix} xmm13, xmm13, xmm15\nvcmp{suffix} xmm15, xmm15, xmm13, 3"
        ),
    };
    format!("{together}\nvpsrl{word} xmm15, xmm15, {payload}\nvandnps xmm15, xmm15, xmm13")
}

/// Returns what shifts the lanes of `xmm15` by the count in `eax`.
fn shift(which: VectorShift, lanes: Lanes) -> String {
    // Bytes are shifted in pairs, without the bits that would go from one to the other.
    let mask = "vpcmpeqd xmm13, xmm13, xmm13\nvmovd xmm14, eax\n\
         vpsrlw xmm13, xmm13, xmm14\nvpsrlw xmm13, xmm13, 8\n\
         vpackuswb xmm13, xmm13, xmm13";
    let without = "vpand xmm15, xmm15, xmm13";
    let lane = suffix(lanes);
    match (which, lanes) {
        // Or as the upper halves of lanes of 16 bits.
        (VectorShift::ShrS, Lanes::I8x16) => {
            "add eax, 8\nvmovd xmm14, eax\nvpunpcklbw xmm13, xmm15, xmm15\n\
             vpunpckhbw xmm15, xmm15, xmm15\nvpsraw xmm13, xmm13, xmm14\n\
             vpsraw xmm15, xmm15, xmm14\nvpacksswb xmm15, xmm13, xmm15"
                .into()
        }
        (VectorShift::Shl, Lanes::I8x16) => {
            format!("{mask}\n{without}\nvpsllw xmm15, xmm15, xmm14")
        }
        (VectorShift::ShrU, Lanes::I8x16) => {
            format!("{mask}\nvpsrlw xmm15, xmm15, xmm14\n{without}")
        }
        // The sign is shifted as well, and then extended.
        (VectorShift::ShrS, Lanes::I64x2) => "vmovd xmm14, eax\nvpcmpeqd xmm13, xmm13, xmm13\n\
             vpsllq xmm13, xmm13, 63\nvpsrlq xmm13, xmm13, xmm14\n\
             vpsrlq xmm15, xmm15, xmm14\nvpxor xmm15, xmm15, xmm13\n\
             vpsubq xmm15, xmm15, xmm13"
            .into(),
        (VectorShift::ShrS, _) => format!("vmovd xmm14, eax\nvpsra{lane} xmm15, xmm15, xmm14"),
        (VectorShift::ShrU, _) => format!("vmovd xmm14, eax\nvpsrl{lane} xmm15, xmm15, xmm14"),
        (VectorShift::Shl, _) => format!("vmovd xmm14, eax\nvpsll{lane} xmm15, xmm15, xmm14"),
    }
}
