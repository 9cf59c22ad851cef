//! Operators on one type: comparisons, loads, conversions, arithmetic.

use super::Body;
use ValType::{F32, F64, I32, I64, V128};
use arbitrary::Result;
use wasm_encoder::{Ieee32, Ieee64, Instruction as I, ValType};

impl Body<'_, '_, '_> {
    pub(super) fn compare(&mut self, ty: ValType, depth: u32) -> Result<()> {
        self.expr(ty, depth)?;
        self.expr(ty, depth)?;
        let list: &[I<'static>] = match ty {
            I32 => &[
                I::I32Eq,
                I::I32Ne,
                I::I32LtS,
                I::I32LtU,
                I::I32GtS,
                I::I32GtU,
                I::I32LeS,
                I::I32LeU,
                I::I32GeS,
                I::I32GeU,
            ],
            I64 => &[
                I::I64Eq,
                I::I64Ne,
                I::I64LtS,
                I::I64LtU,
                I::I64GtS,
                I::I64GtU,
                I::I64LeS,
                I::I64LeU,
                I::I64GeS,
                I::I64GeU,
            ],
            F32 => &[I::F32Eq, I::F32Ne, I::F32Lt, I::F32Gt, I::F32Le, I::F32Ge],
            _ => &[I::F64Eq, I::F64Ne, I::F64Lt, I::F64Gt, I::F64Le, I::F64Ge],
        };
        let instr = self.u.choose(list)?.clone();
        self.emit(instr);
        Ok(())
    }

    pub(super) fn load(&mut self, ty: ValType, depth: u32) -> Result<()> {
        self.address(depth)?;
        let m = self.mem(0)?;
        let pick = self.pick(7)?;
        self.emit(match (ty, pick) {
            (I32, 0) => I::I32Load8S(m),
            (I32, 1) => I::I32Load8U(m),
            (I32, 2) => I::I32Load16S(m),
            (I32, 3) => I::I32Load16U(m),
            (I32, _) => I::I32Load(m),
            (I64, 0) => I::I64Load8S(m),
            (I64, 1) => I::I64Load8U(m),
            (I64, 2) => I::I64Load16S(m),
            (I64, 3) => I::I64Load16U(m),
            (I64, 4) => I::I64Load32S(m),
            (I64, 5) => I::I64Load32U(m),
            (I64, _) => I::I64Load(m),
            (F32, _) => I::F32Load(m),
            (F64, _) => I::F64Load(m),
            (_, 0) => I::V128Load32Splat(m),
            _ => I::V128Load(m),
        });
        if matches!(ty, F32 | F64) {
            self.canonical(ty);
        }
        Ok(())
    }

    /// Makes a NaN on the stack the canonical one: which one arithmetic gives is not determined.
    pub(super) fn canonical(&mut self, ty: ValType) {
        let local = self.locals.len() as u32;
        self.locals.push(ty);
        self.emit(I::LocalTee(local));
        if ty == F32 {
            self.emit(I::F32Const(Ieee32::new(0x7fc0_0000)));
        } else {
            self.emit(I::F64Const(Ieee64::new(0x7ff8_0000_0000_0000)));
        }
        self.emit(I::LocalGet(local));
        self.emit(I::LocalGet(local));
        self.emit(if ty == F32 { I::F32Eq } else { I::F64Eq });
        self.emit(I::Select);
    }

    pub(super) fn convert(&mut self, ty: ValType, depth: u32) -> Result<()> {
        let from = match ty {
            I32 => *self.u.choose(&[I64, F32, F64, V128])?,
            I64 => *self.u.choose(&[I32, F32, F64, V128])?,
            F32 => *self.u.choose(&[I32, I64, F64])?,
            F64 => *self.u.choose(&[I32, I64, F32])?,
            _ => *self.u.choose(&[I32, I64])?,
        };
        self.expr(from, depth)?;
        let pick = self.pick(4)?;
        if (from == F32 && ty == I32 || from == F64 && ty == I64) && pick >= 2 {
            self.canonical(from);
        }
        self.emit(match (from, ty, pick) {
            (I64, I32, _) => I::I32WrapI64,
            (F32, I32, 0) => I::I32TruncSatF32S,
            (F32, I32, 1) => I::I32TruncSatF32U,
            (F32, I32, _) => I::I32ReinterpretF32,
            (F64, I32, 0) => I::I32TruncF64S,
            (F64, I32, 1) => I::I32TruncSatF64U,
            (F64, I32, _) => I::I32TruncSatF64S,
            (I32, I64, 0) => I::I64ExtendI32S,
            (I32, I64, _) => I::I64ExtendI32U,
            (F32, I64, 0) => I::I64TruncSatF32U,
            (F32, I64, _) => I::I64TruncSatF32S,
            (F64, I64, 0) => I::I64TruncSatF64S,
            (F64, I64, 1) => I::I64TruncSatF64U,
            (F64, I64, _) => I::I64ReinterpretF64,
            (I32, F32, 0) => I::F32ReinterpretI32,
            (I32, F32, 1) => I::F32ConvertI32U,
            (I32, F32, _) => I::F32ConvertI32S,
            (I64, F32, 1) => I::F32ConvertI64U,
            (I64, F32, _) => I::F32ConvertI64S,
            (F64, F32, _) => I::F32DemoteF64,
            (I32, F64, 1) => I::F64ConvertI32U,
            (I32, F64, _) => I::F64ConvertI32S,
            (I64, F64, 0) => I::F64ReinterpretI64,
            (I64, F64, 1) => I::F64ConvertI64U,
            (I64, F64, _) => I::F64ConvertI64S,
            (F32, F64, _) => I::F64PromoteF32,
            (V128, I32, 0) => I::I32x4Bitmask,
            (V128, I32, 1) => I::V128AnyTrue,
            (V128, I32, _) => I::I32x4ExtractLane(2),
            (V128, I64, _) => I::I64x2ExtractLane(1),
            (I32, V128, _) => I::I32x4Splat,
            (I64, V128, _) => I::I64x2Splat,
            _ => unreachable!("no conversion"),
        });
        Ok(())
    }

    pub(super) fn unary(&mut self, ty: ValType, depth: u32) -> Result<()> {
        self.expr(ty, depth)?;
        let list: &[I<'static>] = match ty {
            I32 => {
                &[I::I32Clz, I::I32Ctz, I::I32Popcnt, I::I32Eqz, I::I32Extend8S, I::I32Extend16S]
            }
            I64 => &[
                I::I64Clz,
                I::I64Ctz,
                I::I64Popcnt,
                I::I64Extend8S,
                I::I64Extend16S,
                I::I64Extend32S,
            ],
            F32 => &[I::F32Abs, I::F32Neg, I::F32Ceil, I::F32Floor, I::F32Trunc, I::F32Sqrt],
            F64 => &[I::F64Abs, I::F64Neg, I::F64Ceil, I::F64Floor, I::F64Nearest, I::F64Sqrt],
            _ => &[I::V128Not, I::I32x4Neg, I::I8x16Popcnt],
        };
        let instr = self.u.choose(list)?.clone();
        self.emit(instr);
        Ok(())
    }

    pub(super) fn binary(&mut self, ty: ValType, depth: u32) -> Result<()> {
        if ty == I32 && self.pick(4)? == 0 {
            let ty = *self.u.choose(&[I32, I64, F32, F64])?;
            return self.compare(ty, depth);
        }
        self.expr(ty, depth)?;
        self.expr(ty, depth)?;
        self.combine(ty)
    }

    /// Makes one value of two.
    pub(super) fn combine(&mut self, ty: ValType) -> Result<()> {
        if let ValType::Ref(_) = ty {
            self.emit(I::Drop);
            return Ok(());
        }
        let list: &[I<'static>] = match ty {
            I32 => &[
                I::I32Add,
                I::I32Add,
                I::I32Sub,
                I::I32Sub,
                I::I32Mul,
                I::I32And,
                I::I32Or,
                I::I32Xor,
                I::I32Shl,
                I::I32ShrS,
                I::I32ShrU,
                I::I32Rotl,
                I::I32Rotr,
                I::I32DivS,
                I::I32RemU,
            ],
            I64 => &[
                I::I64Add,
                I::I64Add,
                I::I64Sub,
                I::I64Sub,
                I::I64Mul,
                I::I64And,
                I::I64Or,
                I::I64Xor,
                I::I64Shl,
                I::I64ShrS,
                I::I64ShrU,
                I::I64Rotl,
                I::I64Rotr,
                I::I64DivU,
                I::I64RemS,
            ],
            F32 => &[I::F32Add, I::F32Sub, I::F32Mul, I::F32Div, I::F32Min, I::F32Max],
            F64 => &[I::F64Add, I::F64Sub, I::F64Mul, I::F64Div, I::F64Min, I::F64Max],
            _ => &[I::I32x4Add, I::I64x2Sub, I::V128Xor, I::I16x8Mul, I::V128And, I::I8x16Eq],
        };
        let instr = self.u.choose(list)?.clone();
        self.emit(instr);
        Ok(())
    }
}
