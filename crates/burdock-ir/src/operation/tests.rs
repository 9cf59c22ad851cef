//! Rows carry the operation that their text names.

use super::*;
use crate::{Meaning, Shape};
use alloc::format;
use burdock_types::ValType;

#[test]
fn families_have_the_types_that_they_say() {
    use Operation as O;
    const INT: &[Option<ValType>] = &[Some(ValType::I32), Some(ValType::I64)];
    const FLOAT: &[Option<ValType>] = &[Some(ValType::F32), Some(ValType::F64)];
    for meaning in Meaning::ALL {
        let row = meaning.row();
        let types: Option<[&[_]; 2]> = match meaning.operation() {
            O::IntBinary(_) | O::IntCompare(_) | O::IntTest(_) | O::IntUnary(_) => Some([INT, INT]),
            O::FloatBinary(_) | O::FloatUnary(_) => Some([FLOAT, FLOAT]),
            O::FloatCompare(_) => Some([FLOAT, INT]),
            O::FloatToInt(_) => Some([FLOAT, INT]),
            O::IntToFloat(_) => Some([INT, FLOAT]),
            _ => None,
        };
        if let Some([operand, out]) = types {
            assert!(operand.contains(&row.operand) && out.contains(&row.out), "{meaning:?}");
        }
    }
}

#[test]
fn rows_carry_their_operation() {
    let rows = [
        (Meaning::I32Add, Operation::IntBinary(IntBinary::Add)),
        (Meaning::I64ShrU, Operation::IntBinary(IntBinary::ShrU)),
        (Meaning::I64Load32S, Operation::Load(Load::Low32(Sign::Signed))),
        (Meaning::F32x4Lt, Operation::VectorFloatCompare(FloatCompare::Lt, Lanes::F32x4)),
        (
            Meaning::I16x8RelaxedQ15mulrS,
            Operation::VectorIntBinary(VectorIntBinary::Q15MulrSat, Lanes::I16x8),
        ),
        (Meaning::Br, Operation::Control),
        (Meaning::V128Store, Operation::VectorStore),
    ];
    for (meaning, operation) in rows {
        assert_eq!(meaning.operation(), operation, "{meaning:?}");
    }
}

#[test]
fn lanes_are_those_of_the_text() {
    let named = [
        ("i8x16", Lanes::I8x16),
        ("i16x8", Lanes::I16x8),
        ("i32x4", Lanes::I32x4),
        ("i64x2", Lanes::I64x2),
        ("f32x4", Lanes::F32x4),
        ("f64x2", Lanes::F64x2),
    ];
    for meaning in Meaning::ALL {
        let row = meaning.row();
        let lanes = match meaning.operation() {
            Operation::VectorTest(_, lanes)
            | Operation::VectorIntUnary(_, lanes)
            | Operation::VectorFloatUnary(_, lanes)
            | Operation::VectorIntBinary(_, lanes)
            | Operation::VectorFloatBinary(_, lanes)
            | Operation::VectorIntCompare(_, lanes)
            | Operation::VectorFloatCompare(_, lanes)
            | Operation::VectorShift(_, lanes)
            | Operation::VectorTernary(_, lanes)
            | Operation::Lane(_, lanes) => lanes,
            _ => continue,
        };
        let text = row.text;
        let whole = row.shape == Shape::vector_ternary && text.ends_with("laneselect");
        let expected = match named.iter().find(|(name, _)| text.starts_with(name)) {
            Some(_) if whole => Lanes::I8x16,
            Some((_, lanes)) => *lanes,
            None if text.ends_with("8_lane") => Lanes::I8x16,
            None if text.ends_with("16_lane") => Lanes::I16x8,
            None if text.ends_with("32_lane") => Lanes::I32x4,
            None if text.ends_with("64_lane") => Lanes::I64x2,
            None => Lanes::I8x16,
        };
        assert_eq!(lanes, expected, "{text}");
        assert_eq!(lanes.bits() * lanes.count(), 128);
        assert_eq!(lanes.are_floats(), format!("{lanes:?}").starts_with('F'));
    }
}
