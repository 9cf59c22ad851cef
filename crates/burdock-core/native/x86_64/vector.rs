//! Vectors: operands and results in slots.

use super::{X86_64, asm};
use crate::native::Part;
use burdock_ir::Meaning;

impl X86_64 {
    /// Writes the vector in `xmm15` to the result's slots.
    pub(super) fn set_vector(&mut self, part: &Part) {
        let slot = self.slot(part, 0, "r11", 128);
        asm!(self, "vmovdqu {slot}, xmm15");
    }

    pub(super) fn vector_unary(&mut self, part: &Part) -> Option<bool> {
        use Meaning as M;
        let (mnemonic, bits) = match part.meaning {
            M::I32x4Splat | M::F32x4Splat => ("vbroadcastss", 32),
            M::I64x2Splat | M::F64x2Splat => ("vmovddup", 64),
            M::I8x16Abs => ("vpabsb", 128),
            M::I16x8Abs => ("vpabsw", 128),
            M::I32x4Abs => ("vpabsd", 128),
            M::F32x4Sqrt => ("vsqrtps", 128),
            M::F64x2Sqrt => ("vsqrtpd", 128),
            M::I16x8ExtendLowI8x16S => ("vpmovsxbw", 64),
            M::I16x8ExtendLowI8x16U => ("vpmovzxbw", 64),
            M::I32x4ExtendLowI16x8S => ("vpmovsxwd", 64),
            M::I32x4ExtendLowI16x8U => ("vpmovzxwd", 64),
            M::I64x2ExtendLowI32x4S => ("vpmovsxdq", 64),
            M::I64x2ExtendLowI32x4U => ("vpmovzxdq", 64),
            M::F32x4ConvertI32x4S => ("vcvtdq2ps", 128),
            M::F64x2ConvertLowI32x4S => ("vcvtdq2pd", 64),
            M::F64x2PromoteLowF32x4 => ("vcvtps2pd", 64),
            _ => return None,
        };
        let a = self.slot(part, 1, "rax", bits);
        asm!(self, "{mnemonic} xmm15, {a}");
        self.set_vector(part);
        Some(false)
    }

    pub(super) fn vector_binary(&mut self, part: &Part) -> Option<bool> {
        let (mnemonic, exchanged) = binary(part.meaning)?;
        let [first, second] = if exchanged { [2, 1] } else { [1, 2] };
        let a = self.slot(part, first, "rax", 128);
        asm!(self, "vmovdqu xmm15, {a}");
        let b = self.slot(part, second, "r10", 128);
        asm!(self, "{mnemonic} xmm15, xmm15, {b}");
        self.set_vector(part);
        Some(false)
    }
}

/// The instruction that does an op, and whether it takes the operands the other way round.
fn binary(meaning: Meaning) -> Option<(&'static str, bool)> {
    use Meaning as M;
    Some(match meaning {
        M::V128And => ("vpand", false),
        M::V128AndNot => ("vpandn", true),
        M::V128Or => ("vpor", false),
        M::V128Xor => ("vpxor", false),
        M::I8x16Eq => ("vpcmpeqb", false),
        M::I8x16GtS => ("vpcmpgtb", false),
        M::I8x16LtS => ("vpcmpgtb", true),
        M::I16x8Eq => ("vpcmpeqw", false),
        M::I16x8GtS => ("vpcmpgtw", false),
        M::I16x8LtS => ("vpcmpgtw", true),
        M::I32x4Eq => ("vpcmpeqd", false),
        M::I32x4GtS => ("vpcmpgtd", false),
        M::I32x4LtS => ("vpcmpgtd", true),
        M::I64x2Eq => ("vpcmpeqq", false),
        M::I64x2GtS => ("vpcmpgtq", false),
        M::I64x2LtS => ("vpcmpgtq", true),
        M::I8x16Add => ("vpaddb", false),
        M::I8x16AddSatS => ("vpaddsb", false),
        M::I8x16AddSatU => ("vpaddusb", false),
        M::I8x16Sub => ("vpsubb", false),
        M::I8x16SubSatS => ("vpsubsb", false),
        M::I8x16SubSatU => ("vpsubusb", false),
        M::I8x16MinS => ("vpminsb", false),
        M::I8x16MinU => ("vpminub", false),
        M::I8x16MaxS => ("vpmaxsb", false),
        M::I8x16MaxU => ("vpmaxub", false),
        M::I8x16AvgrU => ("vpavgb", false),
        M::I8x16NarrowI16x8S => ("vpacksswb", false),
        M::I8x16NarrowI16x8U => ("vpackuswb", false),
        M::I16x8NarrowI32x4S => ("vpackssdw", false),
        M::I16x8NarrowI32x4U => ("vpackusdw", false),
        M::I16x8Add => ("vpaddw", false),
        M::I16x8AddSatS => ("vpaddsw", false),
        M::I16x8AddSatU => ("vpaddusw", false),
        M::I16x8Sub => ("vpsubw", false),
        M::I16x8SubSatS => ("vpsubsw", false),
        M::I16x8SubSatU => ("vpsubusw", false),
        M::I16x8Mul => ("vpmullw", false),
        M::I16x8MinS => ("vpminsw", false),
        M::I16x8MinU => ("vpminuw", false),
        M::I16x8MaxS => ("vpmaxsw", false),
        M::I16x8MaxU => ("vpmaxuw", false),
        M::I16x8AvgrU => ("vpavgw", false),
        M::I32x4Add => ("vpaddd", false),
        M::I32x4Sub => ("vpsubd", false),
        M::I32x4Mul => ("vpmulld", false),
        M::I32x4MinS => ("vpminsd", false),
        M::I32x4MinU => ("vpminud", false),
        M::I32x4MaxS => ("vpmaxsd", false),
        M::I32x4MaxU => ("vpmaxud", false),
        M::I32x4DotI16x8S => ("vpmaddwd", false),
        M::I64x2Add => ("vpaddq", false),
        M::I64x2Sub => ("vpsubq", false),
        M::F32x4Add => ("vaddps", false),
        M::F32x4Sub => ("vsubps", false),
        M::F32x4Mul => ("vmulps", false),
        M::F32x4Div => ("vdivps", false),
        M::F64x2Add => ("vaddpd", false),
        M::F64x2Sub => ("vsubpd", false),
        M::F64x2Mul => ("vmulpd", false),
        M::F64x2Div => ("vdivpd", false),
        // `pmin` is b < a ? b : a, as the processor's with the operands exchanged.
        M::F32x4PMin => ("vminps", true),
        M::F32x4PMax => ("vmaxps", true),
        M::F64x2PMin => ("vminpd", true),
        M::F64x2PMax => ("vmaxpd", true),
        _ => return None,
    })
}
