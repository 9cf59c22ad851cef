//! Vectors: operands and results in slots. Not here: what has to do with single lanes.

use super::{X86_64, asm};
use crate::isa::Vectors;
use crate::part::Part;

/// What a meaning's name says: the lanes of its vectors, and what is done with them.
pub(super) struct Name<'a> {
    /// The width of a lane in bits; 128 for a vector as a whole.
    pub(super) bits: u32,
    pub(super) float: bool,
    /// What is relaxed does the same here.
    pub(super) which: &'a str,
}

impl<'a> Name<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        const LANES: [(&str, u32); 7] = [
            ("I8x16", 8),
            ("I16x8", 16),
            ("I32x4", 32),
            ("I64x2", 64),
            ("F32x4", 32),
            ("F64x2", 64),
            ("V128", 128),
        ];
        let (lanes, bits) = LANES.into_iter().find(|(lanes, _)| text.starts_with(lanes))?;
        let which = &text[lanes.len()..];
        let which = which.strip_prefix("Relaxed").unwrap_or(which);
        Some(Self { bits, float: text.starts_with('F'), which })
    }

    /// How mnemonics name the lanes.
    fn lanes(&self) -> &'static str {
        match (self.float, self.bits) {
            (true, 32) => "ps",
            (true, _) => "pd",
            (_, bits) => integer(bits),
        }
    }
}

/// How mnemonics name integers of a width.
fn integer(bits: u32) -> &'static str {
    match bits {
        8 => "b",
        16 => "w",
        32 => "d",
        _ => "q",
    }
}

/// How mnemonics of extensions to a width begin, for the sign that a name ends with.
fn extension(which: &str, to: u32) -> String {
    let sign = if which.ends_with('U') { 'z' } else { 's' };
    format!("vpmov{sign}x{}{}", integer(to / 2), integer(to))
}

impl Vectors for X86_64 {
    fn vector_unary(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let name = Name::of(&text)?;
        if let "AnyTrue" | "AllTrue" | "Bitmask" = name.which {
            self.vector_test(part, &name);
            return Some(());
        }
        if name.which == "Splat" {
            let slot = self.slot(part, 1, "rax", name.bits);
            self.splat("xmm15", name.bits, &slot);
        } else if let Some((mnemonic, bits, behind)) = one_instruction(&name) {
            let slot = match bits {
                64 => self.half(part, 1, "rax", name.which.starts_with("ExtendHigh")),
                _ => self.slot(part, 1, "rax", bits),
            };
            asm!(self, "{mnemonic} xmm15, {slot}{behind}");
        } else {
            let text = unary(&name)?;
            self.read_vector(part, 1, "xmm15");
            asm!(self, "{text}");
        }
        self.set_vector(part);
        Some(())
    }

    fn vector_binary(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let name = Name::of(&text)?;
        if let "Shl" | "ShrS" | "ShrU" = name.which {
            self.vector_shift(part, &name);
            return Some(());
        }
        if name.which.starts_with("ExtMul") {
            self.extended_product(part, &name);
            return Some(());
        }
        if let Some((mnemonic, exchanged, behind)) = two_operands(&name) {
            let [first, second] = if exchanged { [2, 1] } else { [1, 2] };
            self.read_vector(part, first, "xmm15");
            let b = self.slot(part, second, "rax", 128);
            asm!(self, "{mnemonic} xmm15, xmm15, {b}{behind}");
        } else {
            let text = binary(&name)?;
            self.read_vector(part, 1, "xmm15");
            self.read_vector(part, 2, "xmm14");
            asm!(self, "{text}");
        }
        self.set_vector(part);
        Some(())
    }

    fn vector_ternary(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let name = Name::of(&text)?;
        let lanes = name.lanes();
        let text = match name.which {
            "Bitselect" | "Laneselect" => "vpand xmm15, xmm15, xmm13\n\
                 vpandn xmm14, xmm13, xmm14\nvpor xmm15, xmm15, xmm14"
                .into(),
            "Madd" => {
                format!("vmul{lanes} xmm15, xmm15, xmm14\nvadd{lanes} xmm15, xmm15, xmm13")
            }
            "Nmadd" => {
                format!("vmul{lanes} xmm15, xmm15, xmm14\nvsub{lanes} xmm15, xmm13, xmm15")
            }
            // The third one is read when its register is free.
            "DotI8x16I7x16AddS" => format!("{DOT}\nvpmaddwd xmm15, xmm15, [rip+ones16]"),
            _ => return None,
        };
        self.read_vector(part, 1, "xmm15");
        self.read_vector(part, 2, "xmm14");
        let dot = name.which.starts_with("Dot");
        if !dot {
            self.read_vector(part, 3, "xmm13");
        }
        asm!(self, "{text}");
        if dot {
            let c = self.slot(part, 3, "rax", 128);
            asm!(self, "vpaddd xmm15, xmm15, {c}");
        }
        self.set_vector(part);
        Some(())
    }
}

impl X86_64 {
    /// The place of a vector, or of its upper half.
    fn half(&mut self, part: &Part, field: usize, scratch: &str, high: bool) -> String {
        let place = self.slot(part, field, scratch, 64);
        if high { place.replace(']', "+8]") } else { place }
    }

    /// Reads the vector in the slots that a field names.
    pub(super) fn read_vector(&mut self, part: &Part, field: usize, xmm: &str) {
        let slot = self.slot(part, field, "r10", 128);
        asm!(self, "vmovdqu {xmm}, {slot}");
    }

    /// Writes the vector in `xmm15` to the result's slots.
    pub(super) fn set_vector(&mut self, part: &Part) {
        let slot = self.slot(part, 0, "r11", 128);
        asm!(self, "vmovdqu {slot}, xmm15");
    }

    /// A vector to a number.
    fn vector_test(&mut self, part: &Part, name: &Name) {
        self.read_vector(part, 1, "xmm15");
        match (name.which, name.bits) {
            ("AnyTrue", _) => asm!(self, "vptest xmm15, xmm15\nsetne al\nmovzx eax, al"),
            ("AllTrue", _) => {
                let lanes = name.lanes();
                asm!(self, "vpxor xmm14, xmm14, xmm14\nvpcmpeq{lanes} xmm15, xmm14, xmm15");
                asm!(self, "vptest xmm15, xmm15\nsete al\nmovzx eax, al");
            }
            (_, 8) => asm!(self, "vpmovmskb eax, xmm15"),
            (_, 16) => {
                asm!(self, "vpacksswb xmm15, xmm15, xmm15\nvpmovmskb eax, xmm15\nmovzx eax, al")
            }
            (_, 32) => asm!(self, "vmovmskps eax, xmm15"),
            _ => asm!(self, "vmovmskpd eax, xmm15"),
        }
        let slot = self.slot(part, 0, "r11", 64);
        asm!(self, "mov {slot}, rax");
    }

    fn vector_shift(&mut self, part: &Part, name: &Name) {
        self.read_vector(part, 1, "xmm15");
        let count = self.slot(part, 2, "rax", 32);
        asm!(self, "mov eax, {count}\nand eax, {}", name.bits - 1);
        let lanes = name.lanes();
        let text = match (name.which, name.bits) {
            // Lanes of 8 bits are shifted as the upper halves of those of 16.
            ("ShrS", 8) => "add eax, 8\nvmovd xmm14, eax\nvpunpcklbw xmm13, xmm15, xmm15\n\
                 vpunpckhbw xmm15, xmm15, xmm15\nvpsraw xmm13, xmm13, xmm14\n\
                 vpsraw xmm15, xmm15, xmm14\nvpacksswb xmm15, xmm13, xmm15"
                .into(),
            // Or in pairs, without the bits that would go from one to the other.
            (which, 8) => {
                let mask = "vpcmpeqd xmm13, xmm13, xmm13\nvmovd xmm14, eax\n\
                     vpsrlw xmm13, xmm13, xmm14\nvpsrlw xmm13, xmm13, 8\n\
                     vpackuswb xmm13, xmm13, xmm13";
                let without = "vpand xmm15, xmm15, xmm13";
                match which {
                    "Shl" => format!("{mask}\n{without}\nvpsllw xmm15, xmm15, xmm14"),
                    _ => format!("{mask}\nvpsrlw xmm15, xmm15, xmm14\n{without}"),
                }
            }
            // The sign is shifted as well, and then extended.
            ("ShrS", 64) => "vmovd xmm14, eax\nvpcmpeqd xmm13, xmm13, xmm13\n\
                 vpsllq xmm13, xmm13, 63\nvpsrlq xmm13, xmm13, xmm14\n\
                 vpsrlq xmm15, xmm15, xmm14\nvpxor xmm15, xmm15, xmm13\n\
                 vpsubq xmm15, xmm15, xmm13"
                .into(),
            ("ShrS", _) => format!("vmovd xmm14, eax\nvpsra{lanes} xmm15, xmm15, xmm14"),
            ("ShrU", _) => format!("vmovd xmm14, eax\nvpsrl{lanes} xmm15, xmm15, xmm14"),
            _ => format!("vmovd xmm14, eax\nvpsll{lanes} xmm15, xmm15, xmm14"),
        };
        asm!(self, "{text}");
        self.set_vector(part);
    }

    /// `extmul`: the lanes of one half, extended and multiplied.
    fn extended_product(&mut self, part: &Part, name: &Name) {
        let extend = extension(name.which, name.bits);
        let high = name.which.starts_with("ExtMulHigh");
        for (field, xmm) in [(1, "xmm15"), (2, "xmm14")] {
            let half = self.half(part, field, "rax", high);
            asm!(self, "{extend} {xmm}, {half}");
        }
        let multiply = match (name.bits, name.which.ends_with('U')) {
            (16, _) => "vpmullw",
            (32, _) => "vpmulld",
            (_, true) => "vpmuludq",
            _ => "vpmuldq",
        };
        asm!(self, "{multiply} xmm15, xmm15, xmm14");
        self.set_vector(part);
    }
}

/// The instruction that does an op with a vector in memory, how many bits it reads, and what it has
/// behind its operands.
fn one_instruction(name: &Name) -> Option<(String, u32, &'static str)> {
    let lanes = name.lanes();
    Some(match name.which {
        "Abs" if !name.float && name.bits < 64 => (format!("vpabs{lanes}"), 128, ""),
        "Sqrt" => (format!("vsqrt{lanes}"), 128, ""),
        "Ceil" => (format!("vround{lanes}"), 128, ", 10"),
        "Floor" => (format!("vround{lanes}"), 128, ", 9"),
        "Trunc" => (format!("vround{lanes}"), 128, ", 11"),
        "Nearest" => (format!("vround{lanes}"), 128, ", 8"),
        "ConvertI32x4S" => ("vcvtdq2ps".into(), 128, ""),
        "ConvertLowI32x4S" => ("vcvtdq2pd".into(), 64, ""),
        "PromoteLowF32x4" => ("vcvtps2pd".into(), 64, ""),
        "DemoteF64x2Zero" => ("vcvtpd2ps".into(), 128, ""),
        which if which.starts_with("Extend") => (extension(which, name.bits), 64, ""),
        _ => return None,
    })
}

/// What turns `xmm15` into the result of an op with one vector.
fn unary(name: &Name) -> Option<String> {
    const ZERO: &str = "vpxor xmm14, xmm14, xmm14";
    const ONES: &str = "vpcmpeqd xmm14, xmm14, xmm14";
    let lanes = name.lanes();
    let word = integer(name.bits);
    Some(match (name.which, name.float) {
        ("Not", _) => format!("{ONES}\nvpxor xmm15, xmm15, xmm14"),
        ("Neg", false) => format!("{ZERO}\nvpsub{lanes} xmm15, xmm14, xmm15"),
        ("Abs", false) => format!(
            "{ZERO}\nvpcmpgt{lanes} xmm14, xmm14, xmm15\nvpxor xmm15, xmm15, xmm14\n\
             vpsub{lanes} xmm15, xmm15, xmm14"
        ),
        ("Neg", true) => {
            let sign = name.bits - 1;
            format!("{ONES}\nvpsll{word} xmm14, xmm14, {sign}\nvpxor xmm15, xmm15, xmm14")
        }
        ("Abs", true) => format!("{ONES}\nvpsrl{word} xmm14, xmm14, 1\nvpand xmm15, xmm15, xmm14"),
        // Looked up by four bits.
        ("Popcnt", _) => "vpand xmm14, xmm15, [rip+low4]\nvpsrlw xmm15, xmm15, 4\n\
             vpand xmm15, xmm15, [rip+low4]\nvmovdqu xmm13, [rip+counts4]\n\
             vpshufb xmm14, xmm13, xmm14\nvpshufb xmm15, xmm13, xmm15\n\
             vpaddb xmm15, xmm15, xmm14"
            .into(),
        // `vpmaddubsw` takes its first operand as unsigned.
        ("ExtAddPairwiseI8x16S", _) => {
            "vmovdqu xmm14, [rip+ones8]\nvpmaddubsw xmm15, xmm14, xmm15".into()
        }
        ("ExtAddPairwiseI8x16U", _) => "vpmaddubsw xmm15, xmm15, [rip+ones8]".into(),
        ("ExtAddPairwiseI16x8S", _) => "vpmaddwd xmm15, xmm15, [rip+ones16]".into(),
        ("ExtAddPairwiseI16x8U", _) => "vpslld xmm14, xmm15, 16\nvpsrld xmm14, xmm14, 16\n\
             vpsrld xmm15, xmm15, 16\nvpaddd xmm15, xmm15, xmm14"
            .into(),
        ("CanonicalizeNan", _) => {
            let (down, up) = if name.bits == 32 { (23, 22) } else { (52, 51) };
            format!(
                "vcmp{lanes} xmm13, xmm15, xmm15, 3\n{ONES}\nvpsrl{word} xmm14, xmm14, {down}\n\
                 vpsll{word} xmm14, xmm14, {up}\nvblendv{lanes} xmm15, xmm15, xmm14, xmm13"
            )
        }
        _ => convert(name.which)?.into(),
    })
}

/// Conversions of floats to integers, and of unsigned integers to floats.
fn convert(which: &str) -> Option<&'static str> {
    Some(match which {
        // What is no number becomes 0. What does not fit becomes the least number, and what of that
        // was not negative the greatest one.
        "TruncSatF32x4S" | "TruncF32x4S" => {
            "vcmpps xmm14, xmm15, xmm15, 0\nvandps xmm15, xmm15, xmm14\n\
             vpxor xmm14, xmm14, xmm15\nvcvttps2dq xmm15, xmm15\nvpand xmm14, xmm14, xmm15\n\
             vpsrad xmm14, xmm14, 31\nvpxor xmm15, xmm15, xmm14"
        }
        // The sum of what fits a signed number, which is at most its greatest and one, and the rest.
        "TruncSatF32x4U" | "TruncF32x4U" => {
            "vpxor xmm14, xmm14, xmm14\nvmaxps xmm15, xmm15, xmm14\n\
             vmovdqu xmm13, [rip+two31]\nvsubps xmm12, xmm15, xmm13\n\
             vcmpps xmm13, xmm13, xmm12, 2\nvcvttps2dq xmm12, xmm12\nvpxor xmm12, xmm12, xmm13\n\
             vpmaxsd xmm12, xmm12, xmm14\nvcvttps2dq xmm15, xmm15\nvpaddd xmm15, xmm15, xmm12"
        }
        "TruncSatF64x2SZero" | "TruncF64x2SZero" => {
            "vcmppd xmm14, xmm15, xmm15, 0\nvandpd xmm14, xmm14, [rip+greatest31]\n\
             vminpd xmm15, xmm15, xmm14\nvcvttpd2dq xmm15, xmm15"
        }
        // Added to 2^52, a number below 2^32 stands in the lower half of the sum's bits.
        "TruncSatF64x2UZero" | "TruncF64x2UZero" => {
            "vpxor xmm14, xmm14, xmm14\nvmaxpd xmm15, xmm15, xmm14\n\
             vminpd xmm15, xmm15, [rip+greatest32]\nvroundpd xmm15, xmm15, 11\n\
             vaddpd xmm15, xmm15, [rip+two52]\nvshufps xmm15, xmm15, xmm14, 136"
        }
        "ConvertLowI32x4U" => {
            "vunpcklps xmm15, xmm15, [rip+above52]\nvsubpd xmm15, xmm15, [rip+two52]"
        }
        // Both halves are converted without rounding: only the sum is rounded.
        "ConvertI32x4U" => {
            "vpxor xmm14, xmm14, xmm14\nvpblendw xmm14, xmm14, xmm15, 85\n\
             vpsubd xmm15, xmm15, xmm14\nvpsrld xmm15, xmm15, 1\nvcvtdq2ps xmm14, xmm14\n\
             vcvtdq2ps xmm15, xmm15\nvaddps xmm15, xmm15, xmm15\nvaddps xmm15, xmm15, xmm14"
        }
        _ => return None,
    })
}

/// The instruction that does an op with two vectors, whether it takes them the other way round, and
/// what it has behind its operands.
fn two_operands(name: &Name) -> Option<(String, bool, &'static str)> {
    let lanes = name.lanes();
    let of_lanes = |mnemonic: &str| format!("{mnemonic}{lanes}");
    let (mnemonic, exchanged, behind) = match (name.which, name.float) {
        ("And", _) => ("vpand".into(), false, ""),
        ("AndNot", _) => ("vpandn".into(), true, ""),
        ("Or", _) => ("vpor".into(), false, ""),
        ("Xor", _) => ("vpxor".into(), false, ""),
        ("Eq", true) => (of_lanes("vcmp"), false, ", 0"),
        ("Lt", _) => (of_lanes("vcmp"), false, ", 17"),
        ("Le", _) => (of_lanes("vcmp"), false, ", 18"),
        ("Ne", true) => (of_lanes("vcmp"), false, ", 4"),
        ("Ge", _) => (of_lanes("vcmp"), false, ", 29"),
        ("Gt", _) => (of_lanes("vcmp"), false, ", 30"),
        ("Add", true) => (of_lanes("vadd"), false, ""),
        ("Sub", true) => (of_lanes("vsub"), false, ""),
        ("Mul", true) => (of_lanes("vmul"), false, ""),
        ("Div", _) => (of_lanes("vdiv"), false, ""),
        // `pmin` is b < a ? b : a, as the processor's with the operands exchanged.
        ("PMin", _) => (of_lanes("vmin"), true, ""),
        ("PMax", _) => (of_lanes("vmax"), true, ""),
        ("Eq", _) => (of_lanes("vpcmpeq"), false, ""),
        ("GtS", _) => (of_lanes("vpcmpgt"), false, ""),
        ("LtS", _) => (of_lanes("vpcmpgt"), true, ""),
        ("Add", _) => (of_lanes("vpadd"), false, ""),
        ("Sub", _) => (of_lanes("vpsub"), false, ""),
        ("Mul", _) if name.bits < 64 => (of_lanes("vpmull"), false, ""),
        ("AddSatS", _) => (of_lanes("vpadds"), false, ""),
        ("AddSatU", _) => (of_lanes("vpaddus"), false, ""),
        ("SubSatS", _) => (of_lanes("vpsubs"), false, ""),
        ("SubSatU", _) => (of_lanes("vpsubus"), false, ""),
        ("MinS", _) => (of_lanes("vpmins"), false, ""),
        ("MinU", _) => (of_lanes("vpminu"), false, ""),
        ("MaxS", _) => (of_lanes("vpmaxs"), false, ""),
        ("MaxU", _) => (of_lanes("vpmaxu"), false, ""),
        ("AvgrU", _) => (of_lanes("vpavg"), false, ""),
        ("NarrowI16x8S", _) => ("vpacksswb".into(), false, ""),
        ("NarrowI16x8U", _) => ("vpackuswb".into(), false, ""),
        ("NarrowI32x4S", _) => ("vpackssdw".into(), false, ""),
        ("NarrowI32x4U", _) => ("vpackusdw".into(), false, ""),
        ("DotI16x8S", _) => ("vpmaddwd".into(), false, ""),
        _ => return None,
    };
    Some((mnemonic, exchanged, behind))
}

/// Sums of products of signed neighbours, saturated: those of `xmm15` and `xmm14`.
const DOT: &str = "vpmovsxbw xmm13, xmm15\nvpmovsxbw xmm12, xmm14\nvpmaddwd xmm13, xmm13, xmm12\n\
     vpsrldq xmm15, xmm15, 8\nvpsrldq xmm14, xmm14, 8\nvpmovsxbw xmm15, xmm15\n\
     vpmovsxbw xmm14, xmm14\nvpmaddwd xmm15, xmm15, xmm14\nvpackssdw xmm15, xmm13, xmm15";

/// What makes the result of an op in `xmm15`, where the first vector is; the second is in `xmm14`.
fn binary(name: &Name) -> Option<String> {
    let lanes = name.lanes();
    let not = "vpcmpeqd xmm13, xmm13, xmm13\nvpxor xmm15, xmm15, xmm13";
    // A number is at least another if it is the greater one of the two.
    let equals = |extremum: &str| {
        format!("vp{extremum}{lanes} xmm14, xmm15, xmm14\nvpcmpeq{lanes} xmm15, xmm15, xmm14")
    };
    Some(match (name.which, name.bits) {
        ("Ne", _) => format!("vpcmpeq{lanes} xmm15, xmm15, xmm14\n{not}"),
        ("GeS", 64) => format!("vpcmpgtq xmm15, xmm14, xmm15\n{not}"),
        ("LeS", 64) => format!("vpcmpgtq xmm15, xmm15, xmm14\n{not}"),
        ("GeS", _) => equals("maxs"),
        ("LeS", _) => equals("mins"),
        ("GeU", _) => equals("maxu"),
        ("LeU", _) => equals("minu"),
        ("GtU", _) => format!("{}\n{not}", equals("minu")),
        ("LtU", _) => format!("{}\n{not}", equals("maxu")),
        ("Min" | "Max", _) => extremum(name),
        // A lane that is not there has its upper bit set, then.
        ("Swizzle", _) => {
            "vpaddusb xmm14, xmm14, [rip+beyond16]\nvpshufb xmm15, xmm15, xmm14".into()
        }
        // The one product that does not fit becomes the least number, not the greatest.
        ("Q15MulrSatS" | "Q15mulrS", _) => "vpmulhrsw xmm15, xmm15, xmm14\n\
             vpcmpeqd xmm13, xmm13, xmm13\nvpsllw xmm13, xmm13, 15\n\
             vpcmpeqw xmm13, xmm13, xmm15\nvpxor xmm15, xmm15, xmm13"
            .into(),
        ("Mul", 64) => "vpsrlq xmm13, xmm15, 32\nvpmuludq xmm13, xmm13, xmm14\n\
             vpsrlq xmm12, xmm14, 32\nvpmuludq xmm12, xmm12, xmm15\n\
             vpaddq xmm13, xmm13, xmm12\nvpsllq xmm13, xmm13, 32\n\
             vpmuludq xmm15, xmm15, xmm14\nvpaddq xmm15, xmm15, xmm13"
            .into(),
        ("DotI8x16I7x16S", _) => DOT.into(),
        _ => return None,
    })
}

/// `min` and `max`: the processor's give the second of two zeros, or if one is no number. So both
/// ways are taken, and what differs is put together. (Where one is no number the result's bits are
/// all ones, but for the payload.)
fn extremum(name: &Name) -> String {
    let lanes = name.lanes();
    let word = integer(name.bits);
    let payload = if name.bits == 32 { 10 } else { 13 };
    let together = match name.which {
        "Min" => format!(
            "vmin{lanes} xmm13, xmm15, xmm14\nvmin{lanes} xmm15, xmm14, xmm15\n\
             vorps xmm13, xmm13, xmm15\nvcmp{lanes} xmm15, xmm15, xmm13, 3\n\
             vorps xmm13, xmm13, xmm15"
        ),
        _ => format!(
            "vmax{lanes} xmm13, xmm15, xmm14\nvmax{lanes} xmm15, xmm14, xmm15\n\
             vxorps xmm15, xmm15, xmm13\nvorps xmm13, xmm13, xmm15\n\
             vsub{lanes} xmm13, xmm13, xmm15\nvcmp{lanes} xmm15, xmm15, xmm13, 3"
        ),
    };
    format!("{together}\nvpsrl{word} xmm15, xmm15, {payload}\nvandnps xmm15, xmm15, xmm13")
}
