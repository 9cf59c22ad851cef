//! Places of an instruction's operands, and the op that does the same with operands in slots.

use alloc::vec::Vec;
use burdock_ir::operands::{OperandKind, RESULT};
use burdock_ir::operation::{Lane, Operation};
use burdock_ir::{BitField, Kind, Kinds, Meaning, Op, Shape};
use burdock_types::ValType;

/// An operand, or the place of the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) kind: Kind,
    pub(super) field: BitField,
    pub(super) ty: ValType,
}

impl Operand {
    /// Returns `true` for a vector that is in the register for vectors as well as in its slots.
    pub(super) fn is_vector_register(&self) -> bool {
        (self.kind, self.ty) == (Kind::Reg, ValType::V128)
    }
}

/// The operands and the result of an op, and the op that does the same with slots.
pub(super) struct Layout {
    pub(super) result: Option<Operand>,
    /// In the order of the fields; a constant address is none of them.
    pub(super) operands: Vec<Operand>,
    pub(super) like: Op,
}

impl Layout {
    pub(super) fn of(op: Op) -> Self {
        let (meaning, kinds) = op.parts();
        let (row, layout) = (meaning.row(), op.layout());
        if row.shape == Shape::control {
            return Self::of_control(op, meaning);
        }
        let like = if kinds.a == Kind::Far { op } else { with_slots(meaning) };
        let operand = row.operand.unwrap_or(ValType::V128);
        let addresses =
            row.shape.is_access() || row.shape.is_object_access() || row.shape == Shape::array_new;
        let a = if addresses { ValType::I32 } else { operand };
        let indexed = matches!(row.shape, Shape::load | Shape::element_get);
        let b = if indexed { ValType::I32 } else { operand };
        // A store of an element has its array in the place of a result.
        let array = layout.dst.filter(|_| row.shape.is_element_set());
        let all = [
            (kinds.dst, array, ValType::I32),
            (kinds.a, layout.a, a),
            (kinds.b, layout.b, b),
            (Kind::Slot, layout.c, operand),
        ];
        let there = all
            .into_iter()
            .filter_map(|(kind, field, ty)| field.map(|field| Operand { kind, field, ty }));
        let scalar = matches!(
            meaning.operation(),
            Operation::VectorTest(..) | Operation::Lane(Lane::Extract(_), _)
        );
        let ty = row.out.unwrap_or(if scalar { ValType::I64 } else { ValType::V128 });
        // Where a jump is the result, no field names its place.
        let result = Operand { kind: kinds.dst, field: layout.dst.unwrap_or(RESULT), ty };
        let result = (kinds.dst != Kind::None && array.is_none()).then_some(result);
        Self { result, operands: there.collect(), like }
    }

    fn of_control(op: Op, meaning: Meaning) -> Self {
        use Meaning as M;
        use ValType::{F32, F64, I32, I64, V128};
        let (like, result, operands): (_, _, &[(&str, ValType)]) = match meaning {
            M::Unreachable
            | M::Br
            | M::BrAtDeadline
            | M::CheckFuel
            | M::CheckFuelOrBr
            | M::Return
            | M::ReturnImm
            | M::Enter
            | M::Call
            | M::ReturnCall
            | M::CopySpan
            | M::EnterDepth
            | M::LeaveDepth
            | M::CheckEpoch
            | M::I64Add128
            | M::I64Sub128
            | M::I64MulWideS
            | M::I64MulWideU
            | M::Count
            | M::Anchor
            | M::Observe
            | M::ConsumeFuel => (meaning, None, &[]),
            // The reference does nothing; `expect` moves.
            M::StorePins2 | M::StorePins3 | M::LoadPins2 | M::LoadPins3 => (M::CopySpan, None, &[]),
            M::BrIfWatched | M::BrIfWatchedR => (M::BrIfWatched, None, &[("address", I64)]),
            M::CountIf => (meaning, None, &[("condition", I32)]),
            M::CallIndirect | M::CallIndirectR => (M::CallIndirect, None, &[("index", I32)]),
            M::ReturnCallIndirect => (meaning, None, &[("index", I32)]),
            M::CallRef | M::CallRefR => (M::CallRef, None, &[("func", I32)]),
            M::ReturnCallRef => (meaning, None, &[("func", I32)]),
            M::TableGet => (meaning, Some(I64), &[("index", I32)]),
            M::TableSet => (meaning, None, &[("index", I32), ("value", I64)]),
            M::MemorySize | M::TableSize => (meaning, Some(I64), &[]),
            M::BrTable | M::BrTableR => (M::BrTable, None, &[("index", I32)]),
            M::ReturnSlot | M::ReturnI => (M::ReturnSlot, None, &[("value", I64)]),
            M::ReturnF32 => (M::ReturnSlot, None, &[("value", F32)]),
            M::ReturnF64 => (M::ReturnSlot, None, &[("value", F64)]),
            // Its operands are chosen with its numbers.
            M::ArrayFillNew => (meaning, None, &[]),
            M::StructGetV128 => (meaning, Some(V128), &[("object", I32)]),
            M::StructSetV128 => (meaning, None, &[("object", I32), ("value", V128)]),
            M::ArrayGetV128 => (meaning, Some(V128), &[("array", I32), ("index", I32)]),
            M::ArraySetV128 => (meaning, None, &[("array", I32), ("index", I32), ("value", V128)]),
            M::ConstV128 => (meaning, Some(V128), &[]),
            M::CopyV128 => (meaning, Some(V128), &[("from", V128)]),
            M::Shuffle | M::ShuffleR => (M::Shuffle, Some(V128), &[("a", V128), ("b", V128)]),
            M::GlobalGetV128 => (meaning, Some(V128), &[]),
            M::GlobalSetV128 => (meaning, None, &[("value", V128)]),
            M::SelectV128 => {
                (meaning, Some(V128), &[("first", V128), ("second", V128), ("condition", I32)])
            }
            M::Const32 | M::Const32R => (M::Const32, Some(I32), &[]),
            M::Const64 | M::Const64R => (M::Const64, Some(I64), &[]),
            M::Copy => (meaning, Some(I64), &[("from", I64)]),
            M::Copy2 => {
                (meaning, Some(I64), &[("from", I64), ("second_to", I64), ("second_from", I64)])
            }
            M::Select
            | M::SelectR
            | M::SelectToR
            | M::SelectRToR
            | M::SelectRRS
            | M::SelectRSR
            | M::SelectRRR => {
                (M::Select, Some(I64), &[("first", I64), ("second", I64), ("condition", I32)])
            }
            M::GlobalGet | M::GlobalGetI => (M::GlobalGet, Some(I64), &[]),
            M::GlobalGetF32 => (M::GlobalGet, Some(F32), &[]),
            M::GlobalGetF64 => (M::GlobalGet, Some(F64), &[]),
            M::GlobalSet | M::GlobalSetI => (M::GlobalSet, None, &[("value", I64)]),
            M::GlobalSetF32 => (M::GlobalSet, None, &[("value", F32)]),
            M::GlobalSetF64 => (M::GlobalSet, None, &[("value", F64)]),
            _ => panic!("{meaning:?} has native handlers that nothing checks: say here how"),
        };
        let operand = |name: &str, ty| {
            let named = op.operands().find(|operand| operand.name == name);
            let named = named.unwrap_or_else(|| panic!("{meaning:?} has no operand {name}"));
            let kind = match named.kind {
                OperandKind::Register(_) => Kind::Reg,
                _ if meaning == M::ShuffleR && name == "a" => Kind::Reg,
                _ => Kind::Slot,
            };
            Operand { kind, field: named.field, ty }
        };
        Self {
            result: result.map(|ty| operand("to", ty)),
            operands: operands.iter().map(|&(name, ty)| operand(name, ty)).collect(),
            like: like.only_op(),
        }
    }
}

/// Returns the op that does the same with slots.
fn with_slots(meaning: Meaning) -> Op {
    let (s, n) = (Kind::Slot, Kind::None);
    match meaning.row().shape {
        Shape::copy => Meaning::Copy.only_op(),
        Shape::unary | Shape::vector_splat | Shape::vector_unary | Shape::extract_lane => {
            slots(meaning, s, s, n)
        }
        Shape::load | Shape::vector_load | Shape::field_get | Shape::cast_test => {
            slots(meaning, s, s, n)
        }
        Shape::cast => slots(meaning, n, s, n),
        Shape::struct_new => slots(meaning, s, n, n),
        Shape::array_new => slots(meaning, s, s, n),
        Shape::store
        | Shape::float_store
        | Shape::vector_store
        | Shape::store_lane
        | Shape::field_set
        | Shape::float_field_set => slots(meaning, n, s, s),
        Shape::binary
        | Shape::division
        | Shape::commutative
        | Shape::compare
        | Shape::float_compare
        | Shape::vector_binary
        | Shape::vector_shift
        | Shape::vector_ternary
        | Shape::replace_lane
        | Shape::element_get
        | Shape::element_set
        | Shape::float_element_set
        | Shape::load_lane => slots(meaning, s, s, s),
        Shape::immediate | Shape::compare_immediate => slots(of_i64(meaning), s, s, s),
        shape => panic!("{shape:?} has native handlers that nothing checks: say here how"),
    }
}

/// Returns the op of `i64` that computes the same with zero-extended operands.
fn of_i64(meaning: Meaning) -> Meaning {
    use Meaning as M;
    match meaning {
        M::I32And => M::I64And,
        M::I32Or => M::I64Or,
        M::I32Xor => M::I64Xor,
        M::I32Eq => M::I64Eq,
        M::I32Ne => M::I64Ne,
        M::I32LtU => M::I64LtU,
        M::I32GtU => M::I64GtU,
        M::I32LeU => M::I64LeU,
        M::I32GeU => M::I64GeU,
        M::I32TestNz => M::I64TestNz,
        M::I32TestZ => M::I64TestZ,
        meaning => panic!("{meaning:?} has no op with slots: say here which one computes the same"),
    }
}

fn slots(meaning: Meaning, dst: Kind, a: Kind, b: Kind) -> Op {
    meaning.op(Kinds::new(dst, a, b)).expect("there is one with slots")
}
