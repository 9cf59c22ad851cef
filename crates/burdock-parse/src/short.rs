//! Short operators: those with an opcode and numbers of one byte each that most of a program is
//! made of. wasmparser's `BinaryReader::visit_operator` can read any operator, and takes longer for
//! each than these need; for all others it is what reads them.

use wasmparser::{MemArg, MemArgTarget, VisitOperator};

/// For each opcode, the bits that a short operator does not have, the opcode's lowest.
static REFUSED: [u32; 256] = {
    const LONG: u32 = 0x80;
    let mut refused = [NEVER; 256];
    let mut opcode = 0;
    while opcode < 256 {
        refused[opcode] = match opcode {
            0x45..=0x4f | 0x6a..=0x6c | 0x71..=0x76 => 0,
            0x0d | 0x20..=0x22 | 0x41 => LONG << 8,
            // What is larger than an alignment says that more follows than an offset.
            0x28..=0x3e => 0xf0 << 8 | LONG << 16,
            _ => NEVER,
        };
        opcode += 1;
    }
    refused
};

/// The bit of those that are never short.
const NEVER: u32 = 1 << 31;

/// A short operator: its opcode in the lowest byte, above it the two bytes behind it.
#[derive(Copy, Clone)]
pub(crate) struct Short(u32);

impl Short {
    /// Returns the short operator at a position of a body, if there is one.
    // The code has one branch only, because the next operator is unpredictable.
    #[inline(always)]
    pub(crate) fn at(body: &[u8], position: usize) -> Option<Self> {
        let &[opcode, first, second] = body.get(position..)?.first_chunk()?;
        let bits = u32::from_le_bytes([opcode, first, second, 0x80]);
        (bits & REFUSED[usize::from(opcode)] == 0).then_some(Self(bits))
    }
}

/// Shows a short operator to the visitor. Returns the number of its bytes as well.
#[inline(always)]
pub(crate) fn visit_short<'a, V: VisitOperator<'a>>(
    short: Short,
    visitor: &mut V,
) -> (usize, V::Output) {
    let [opcode, first, second, _] = short.0.to_le_bytes();
    match opcode {
        0x0d => (2, visitor.visit_br_if(first.into())),
        0x20 => (2, visitor.visit_local_get(first.into())),
        0x21 => (2, visitor.visit_local_set(first.into())),
        0x22 => (2, visitor.visit_local_tee(first.into())),
        // A signed number: the last of its seven bits is the sign.
        0x41 => (2, visitor.visit_i32_const(i32::from((first << 1) as i8 >> 1))),
        0x45 => (1, visitor.visit_i32_eqz()),
        0x46 => (1, visitor.visit_i32_eq()),
        0x47 => (1, visitor.visit_i32_ne()),
        0x48 => (1, visitor.visit_i32_lt_s()),
        0x49 => (1, visitor.visit_i32_lt_u()),
        0x4a => (1, visitor.visit_i32_gt_s()),
        0x4b => (1, visitor.visit_i32_gt_u()),
        0x4c => (1, visitor.visit_i32_le_s()),
        0x4d => (1, visitor.visit_i32_le_u()),
        0x4e => (1, visitor.visit_i32_ge_s()),
        0x4f => (1, visitor.visit_i32_ge_u()),
        0x6a => (1, visitor.visit_i32_add()),
        0x6b => (1, visitor.visit_i32_sub()),
        0x6c => (1, visitor.visit_i32_mul()),
        0x71 => (1, visitor.visit_i32_and()),
        0x72 => (1, visitor.visit_i32_or()),
        0x73 => (1, visitor.visit_i32_xor()),
        0x74 => (1, visitor.visit_i32_shl()),
        0x75 => (1, visitor.visit_i32_shr_s()),
        0x76 => (1, visitor.visit_i32_shr_u()),
        access => (3, visit_access(visitor, access, first, second)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};
    use wasmparser::{BinaryReader, Operator, OperatorsReader};

    /// Answers with the operator that it is shown.
    struct Shown;

    macro_rules! shown {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
            fn $visit(&mut self $($(, $arg: $argty)*)?) -> Operator<'a> {
                Operator::$op $({ $($arg),* })?
            }
        )*};
    }

    impl<'a> VisitOperator<'a> for Shown {
        type Output = Operator<'a>;

        wasmparser::for_each_visit_operator!(shown);
    }

    #[test]
    fn short_operators_are_what_the_reader_for_all_says() {
        let numbers = [0x00, 0x01, 0x02, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xff];
        let mut opcodes = BTreeSet::new();
        for opcode in 0..=u8::MAX {
            for (first, second) in numbers.into_iter().flat_map(|x| numbers.map(|y| (x, y))) {
                let body = [opcode, first, second];
                if let Some(short) = Short::at(&body, 0) {
                    opcodes.insert(opcode);
                    let (len, shown) = visit_short(short, &mut Shown);
                    let mut all = OperatorsReader::new(BinaryReader::new(&body, 0));
                    assert_eq!(shown, all.read().unwrap());
                    assert_eq!(len as u64, all.original_position());
                }
            }
        }
        assert_eq!(opcodes.len(), 48);
    }
}
