//! Vectors: operands and results in slots. Not here: what has to do with single lanes.

use super::{AArch64, asm};
use crate::isa::Vectors;
use crate::part::Part;
use burdock_ir::Meaning;

/// The lanes of a vector, as a meaning's name begins, and as the assembler names them.
const LANES: [(&str, &str); 7] = [
    ("I8x16", "16b"),
    ("I16x8", "8h"),
    ("I32x4", "4s"),
    ("I64x2", "2d"),
    ("F32x4", "4s"),
    ("F64x2", "2d"),
    ("V128", "16b"),
];

/// A meaning's name without its lanes, and those. What is relaxed does the same here.
pub(super) fn split(name: &str) -> Option<(&str, &'static str)> {
    LANES.iter().find_map(|(lanes, written)| {
        let which = name.strip_prefix(lanes)?;
        Some((which.strip_prefix("Relaxed").unwrap_or(which), *written))
    })
}

/// The letter of a lane, as a register has it.
fn letter(lanes: &str) -> &str {
    &lanes[lanes.len() - 1..]
}

/// Lanes half as wide: the lower ones of a vector, and all of them.
fn narrow(lanes: &str) -> (&'static str, &'static str) {
    match lanes {
        "8h" => ("8b", "16b"),
        "4s" => ("4h", "8h"),
        _ => ("2s", "4s"),
    }
}

impl Vectors for AArch64 {
    fn vector_unary(&mut self, part: &Part) -> Option<()> {
        let name = format!("{:?}", part.meaning);
        let (which, t) = split(&name)?;
        if which.ends_with("True") {
            return self.any_or_all(part, which, t);
        }
        let text = match which {
            "Splat" => format!("dup v31.{t}, v31.{}[0]", letter(t)),
            _ => unary(&name, which, t)?,
        };
        self.read_vector(part, 1, 31);
        asm!(self, "{text}");
        self.set_vector(part);
        Some(())
    }

    fn vector_binary(&mut self, part: &Part) -> Option<()> {
        let name = format!("{:?}", part.meaning);
        let (which, t) = split(&name)?;
        if let "Shl" | "ShrS" | "ShrU" = which {
            self.vector_shift(part, which, t);
            return Some(());
        }
        let text = match simple(name.starts_with('F'), which, t) {
            Some((mnemonic, false)) => format!("{mnemonic} v31.{t}, v31.{t}, v30.{t}"),
            Some((mnemonic, true)) => format!("{mnemonic} v31.{t}, v30.{t}, v31.{t}"),
            None => binary(part.meaning, which, t)?,
        };
        self.read_vector(part, 1, 31);
        self.read_vector(part, 2, 30);
        asm!(self, "{text}");
        self.set_vector(part);
        Some(())
    }

    /// Each bit from one of two vectors, as a third one says.
    fn vector_ternary(&mut self, part: &Part) -> Option<()> {
        let name = format!("{:?}", part.meaning);
        let (which, t) = split(&name)?;
        let text = match which {
            "Bitselect" | "Laneselect" => "bif v31.16b, v30.16b, v29.16b".into(),
            "Madd" => format!("fmul v31.{t}, v31.{t}, v30.{t}\nfadd v31.{t}, v31.{t}, v29.{t}"),
            "Nmadd" => format!("fmul v31.{t}, v31.{t}, v30.{t}\nfsub v31.{t}, v29.{t}, v31.{t}"),
            "DotI8x16I7x16AddS" => {
                format!("{DOT}\nsaddlp v31.4s, v31.8h\nadd v31.4s, v31.4s, v29.4s")
            }
            _ => return None,
        };
        for (field, register) in [(1, 31), (2, 30), (3, 29)] {
            self.read_vector(part, field, register);
        }
        asm!(self, "{text}");
        self.set_vector(part);
        Some(())
    }
}

impl AArch64 {
    /// Brings the address of a vector's slots to `x11`.
    pub(super) fn vector_slot(&mut self, part: &Part, field: usize) {
        asm!(self, "ldrh w11, {}\nadd x11, x1, x11, lsl #3", Self::field(part, field));
    }

    /// Reads the vector in the slots that a field names.
    pub(super) fn read_vector(&mut self, part: &Part, field: usize, register: u8) {
        self.vector_slot(part, field);
        asm!(self, "ldr q{register}, [x11]");
    }

    /// Writes the vector in `v31` to the result's slots.
    pub(super) fn set_vector(&mut self, part: &Part) {
        self.vector_slot(part, 0);
        asm!(self, "str q31, [x11]");
    }

    fn any_or_all(&mut self, part: &Part, which: &str, t: &str) -> Option<()> {
        self.read_vector(part, 1, 31);
        let condition = match (which, t) {
            ("AnyTrue", _) => {
                asm!(self, "umaxp v31.4s, v31.4s, v31.4s");
                "ne"
            }
            // Lanes of 64 bits have no minimum: how many are zero?
            ("AllTrue", "2d") => {
                asm!(self, "cmeq v31.2d, v31.2d, #0\naddp d31, v31.2d");
                "eq"
            }
            ("AllTrue", _) => {
                asm!(self, "uminv {}31, v31.{t}", letter(t));
                "ne"
            }
            _ => return None,
        };
        asm!(self, "fmov x8, d31\ncmp x8, #0\ncset w8, {condition}");
        self.write_slot(part, 0, "x8");
        Some(())
    }

    /// The processor shifts each lane by its own number, to the right if that is negative.
    fn vector_shift(&mut self, part: &Part, which: &str, t: &str) {
        self.read_vector(part, 1, 31);
        self.read_slot(part, 2, 8);
        let (mask, whole) = match t {
            "16b" => (7, 'w'),
            "8h" => (15, 'w'),
            "4s" => (31, 'w'),
            _ => (63, 'x'),
        };
        asm!(self, "and x8, x8, #{mask}");
        if which != "Shl" {
            asm!(self, "neg x8, x8");
        }
        let mnemonic = if which == "ShrU" { "ushl" } else { "sshl" };
        asm!(self, "dup v30.{t}, {whole}8\n{mnemonic} v31.{t}, v31.{t}, v30.{t}");
        self.set_vector(part);
    }
}

/// Sums of products of signed neighbours, saturated: those of `v31` and `v30`.
const DOT: &str = "smull v28.8h, v31.8b, v30.8b\nsmull2 v31.8h, v31.16b, v30.16b\n\
     saddlp v28.4s, v28.8h\nsaddlp v31.4s, v31.8h\n\
     sqxtn v28.4h, v28.4s\nsqxtn2 v28.8h, v31.4s\nmov v31.16b, v28.16b";

/// What turns `v31` into the result of an op with one vector.
fn unary(name: &str, which: &str, t: &str) -> Option<String> {
    let sign = if which.ends_with('U') { 'u' } else { 's' };
    let (low, all) = narrow(t);
    let float = name.starts_with('F');
    Some(match which {
        "Not" => "mvn v31.16b, v31.16b".into(),
        "Popcnt" => "cnt v31.16b, v31.16b".into(),
        "Abs" => format!("{}abs v31.{t}, v31.{t}", if float { "f" } else { "" }),
        "Neg" => format!("{}neg v31.{t}, v31.{t}", if float { "f" } else { "" }),
        "Sqrt" => format!("fsqrt v31.{t}, v31.{t}"),
        "Ceil" => format!("frintp v31.{t}, v31.{t}"),
        "Floor" => format!("frintm v31.{t}, v31.{t}"),
        "Trunc" => format!("frintz v31.{t}, v31.{t}"),
        "Nearest" => format!("frintn v31.{t}, v31.{t}"),
        "TruncSatF32x4S" | "TruncSatF32x4U" | "TruncF32x4S" | "TruncF32x4U" => {
            format!("fcvtz{sign} v31.4s, v31.4s")
        }
        "TruncSatF64x2SZero" | "TruncF64x2SZero" => {
            "fcvtzs v31.2d, v31.2d\nsqxtn v31.2s, v31.2d".into()
        }
        "TruncSatF64x2UZero" | "TruncF64x2UZero" => {
            "fcvtzu v31.2d, v31.2d\nuqxtn v31.2s, v31.2d".into()
        }
        "ConvertI32x4S" | "ConvertI32x4U" => format!("{sign}cvtf v31.4s, v31.4s"),
        "ConvertLowI32x4S" | "ConvertLowI32x4U" => {
            format!("{sign}xtl v31.2d, v31.2s\n{sign}cvtf v31.2d, v31.2d")
        }
        "DemoteF64x2Zero" => "fcvtn v31.2s, v31.2d".into(),
        "CanonicalizeNan" => {
            let (shift, bits) = if t == "4s" { (22, 23) } else { (51, 52) };
            format!(
                "fcmeq v30.{t}, v31.{t}, v31.{t}\nmovi v29.2d, #0xffffffffffffffff\n\
                 ushr v29.{t}, v29.{t}, #{bits}\nshl v29.{t}, v29.{t}, #{shift}\n\
                 bif v31.16b, v29.16b, v30.16b"
            )
        }
        "PromoteLowF32x4" => "fcvtl v31.2d, v31.2s".into(),
        _ if which.starts_with("ExtendLow") => format!("{sign}xtl v31.{t}, v31.{low}"),
        _ if which.starts_with("ExtendHigh") => format!("{sign}xtl2 v31.{t}, v31.{all}"),
        _ if which.starts_with("ExtAddPairwise") => format!("{sign}addlp v31.{t}, v31.{all}"),
        _ => return None,
    })
}

/// The instruction that does an op with lanes of one kind, and whether it takes the operands the
/// other way round.
fn simple(float: bool, which: &str, lanes: &str) -> Option<(&'static str, bool)> {
    Some(match (which, float) {
        ("And", _) => ("and", false),
        ("AndNot", _) => ("bic", false),
        ("Or", _) => ("orr", false),
        ("Xor", _) => ("eor", false),
        ("Add", false) => ("add", false),
        ("AddSatS", _) => ("sqadd", false),
        ("AddSatU", _) => ("uqadd", false),
        ("Sub", false) => ("sub", false),
        ("SubSatS", _) => ("sqsub", false),
        ("SubSatU", _) => ("uqsub", false),
        ("Mul", false) if lanes != "2d" => ("mul", false),
        ("Q15MulrSatS" | "Q15mulrS", _) => ("sqrdmulh", false),
        ("MinS", _) => ("smin", false),
        ("MinU", _) => ("umin", false),
        ("MaxS", _) => ("smax", false),
        ("MaxU", _) => ("umax", false),
        ("AvgrU", _) => ("urhadd", false),
        ("Eq", false) => ("cmeq", false),
        ("GtS", _) => ("cmgt", false),
        ("GtU", _) => ("cmhi", false),
        ("GeS", _) => ("cmge", false),
        ("GeU", _) => ("cmhs", false),
        ("LtS", _) => ("cmgt", true),
        ("LtU", _) => ("cmhi", true),
        ("LeS", _) => ("cmge", true),
        ("LeU", _) => ("cmhs", true),
        ("Add", _) => ("fadd", false),
        ("Sub", _) => ("fsub", false),
        ("Mul", true) => ("fmul", false),
        ("Div", _) => ("fdiv", false),
        // They know NaN and the sign of zero as the spec does.
        ("Min", _) => ("fmin", false),
        ("Max", _) => ("fmax", false),
        ("Eq", _) => ("fcmeq", false),
        ("Gt", _) => ("fcmgt", false),
        ("Ge", _) => ("fcmge", false),
        ("Lt", _) => ("fcmgt", true),
        ("Le", _) => ("fcmge", true),
        _ => return None,
    })
}

/// What makes the result of an op in `v31`, where the first vector is; the second is in `v30`.
fn binary(meaning: Meaning, which: &str, t: &str) -> Option<String> {
    let sign = if which.ends_with('U') { 'u' } else { 's' };
    let float = format!("{meaning:?}").starts_with('F');
    let (low, all) = narrow(t);
    Some(match which {
        "Ne" => {
            let equal = if float { "fcmeq" } else { "cmeq" };
            format!("{equal} v31.{t}, v31.{t}, v30.{t}\nmvn v31.16b, v31.16b")
        }
        // `pmin` is b < a ? b : a.
        "PMin" => format!("fcmgt v29.{t}, v31.{t}, v30.{t}\nbit v31.16b, v30.16b, v29.16b"),
        "PMax" => format!("fcmgt v29.{t}, v30.{t}, v31.{t}\nbit v31.16b, v30.16b, v29.16b"),
        // `global_asm!` makes one brace of two.
        "Swizzle" => "tbl v31.16b, {{v31.16b}}, v30.16b".into(),
        "NarrowI16x8S" => "sqxtn v31.8b, v31.8h\nsqxtn2 v31.16b, v30.8h".into(),
        "NarrowI16x8U" => "sqxtun v31.8b, v31.8h\nsqxtun2 v31.16b, v30.8h".into(),
        "NarrowI32x4S" => "sqxtn v31.4h, v31.4s\nsqxtn2 v31.8h, v30.4s".into(),
        "NarrowI32x4U" => "sqxtun v31.4h, v31.4s\nsqxtun2 v31.8h, v30.4s".into(),
        "DotI8x16I7x16S" => DOT.into(),
        // Lanes of 64 bits can't be multiplied as such.
        "Mul" => "xtn v29.2s, v31.2d\nxtn v28.2s, v30.2d\nrev64 v30.4s, v30.4s\n\
                  mul v31.4s, v30.4s, v31.4s\nuaddlp v31.2d, v31.4s\nshl v31.2d, v31.2d, #32\n\
                  umlal v31.2d, v28.2s, v29.2s"
            .into(),
        "DotI16x8S" => "smull v29.4s, v31.4h, v30.4h\nsmull2 v31.4s, v31.8h, v30.8h\n\
                        addp v31.4s, v29.4s, v31.4s"
            .into(),
        _ if which.starts_with("ExtMulLow") => format!("{sign}mull v31.{t}, v31.{low}, v30.{low}"),
        _ if which.starts_with("ExtMulHigh") => {
            format!("{sign}mull2 v31.{t}, v31.{all}, v30.{all}")
        }
        _ => return None,
    })
}
