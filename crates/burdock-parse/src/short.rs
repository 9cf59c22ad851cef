//! Short operators: those with an opcode and numbers of one byte each that most of a program is made
//! of. [`BinaryReader::visit_operator`] can read any operator, and takes longer for each than these
//! need; for all others it is what reads them.

use wasmparser::{BinaryReader, MemArg, MemArgTarget, Result, VisitOperator};

/// Whether there is a short operator at a position of a body.
#[inline]
pub(crate) fn is_short(body: &[u8], position: usize) -> bool {
    let bytes = body.get(position..).and_then(|rest| rest.first_chunk());
    match bytes {
        Some([0x0d | 0x20..=0x22 | 0x41, number, _]) => *number < 0x80,
        // What is larger than an alignment says that more follows than an offset.
        Some([0x28..=0x3e, align, offset]) => *align < 0x10 && *offset < 0x80,
        _ => false,
    }
}

/// Reads the operator, which [is short](is_short), and shows it to the visitor.
#[inline(always)]
pub(crate) fn visit_short<'a, V: VisitOperator<'a>>(
    reader: &mut BinaryReader<'a>,
    visitor: &mut V,
) -> Result<V::Output> {
    let (opcode, number) = (reader.read_u8()?, reader.read_u8()?);
    Ok(match opcode {
        0x0d => visitor.visit_br_if(number.into()),
        0x20 => visitor.visit_local_get(number.into()),
        0x21 => visitor.visit_local_set(number.into()),
        0x22 => visitor.visit_local_tee(number.into()),
        // A signed number: the last of its seven bits is the sign.
        0x41 => visitor.visit_i32_const(i32::from((number << 1) as i8 >> 1)),
        _ => visit_access(visitor, opcode, number, reader.read_u8()?),
    })
}

/// Shows a load or store to the visitor.
fn visit_access<'a, V: VisitOperator<'a>>(
    visitor: &mut V,
    opcode: u8,
    align: u8,
    offset: u8,
) -> V::Output {
    let arg = |max_align| MemArg {
        align,
        max_align,
        offset: offset.into(),
        target: MemArgTarget::Memory(0),
        ordering: None,
    };
    match opcode {
        0x28 => visitor.visit_i32_load(arg(2)),
        0x29 => visitor.visit_i64_load(arg(3)),
        0x2a => visitor.visit_f32_load(arg(2)),
        0x2b => visitor.visit_f64_load(arg(3)),
        0x2c => visitor.visit_i32_load8_s(arg(0)),
        0x2d => visitor.visit_i32_load8_u(arg(0)),
        0x2e => visitor.visit_i32_load16_s(arg(1)),
        0x2f => visitor.visit_i32_load16_u(arg(1)),
        0x30 => visitor.visit_i64_load8_s(arg(0)),
        0x31 => visitor.visit_i64_load8_u(arg(0)),
        0x32 => visitor.visit_i64_load16_s(arg(1)),
        0x33 => visitor.visit_i64_load16_u(arg(1)),
        0x34 => visitor.visit_i64_load32_s(arg(2)),
        0x35 => visitor.visit_i64_load32_u(arg(2)),
        0x36 => visitor.visit_i32_store(arg(2)),
        0x37 => visitor.visit_i64_store(arg(3)),
        0x38 => visitor.visit_f32_store(arg(2)),
        0x39 => visitor.visit_f64_store(arg(3)),
        0x3a => visitor.visit_i32_store8(arg(0)),
        0x3b => visitor.visit_i32_store16(arg(1)),
        0x3c => visitor.visit_i64_store8(arg(0)),
        0x3d => visitor.visit_i64_store16(arg(1)),
        _ => visitor.visit_i64_store32(arg(2)),
    }
}
