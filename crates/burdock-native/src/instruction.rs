//! From an instruction to the method of the processor that writes it. What has no method here is
//! done by the handler in Rust.

use crate::isa::{Isa, Written};
use crate::part::{Part, is_float};
use burdock_ir::operation::{Lane, Operation};
use burdock_ir::{Kind, Meaning};

/// The continuation of a handler when its instruction is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// The handler continues with the instruction behind.
    FallsThrough,
    /// Elsewhere; the instruction itself jumps there.
    Leaves,
}

/// Returns the handler of a sequence of instructions, which begins with its label, or `None` if one
/// of them is left to Rust.
pub(crate) fn handler<I: Isa>(isa: &mut I, label: &str, parts: &[Part]) -> Option<String> {
    let written = isa.written();
    written.text.clear();
    written.tail.clear();
    for (n, part) in parts.iter().enumerate() {
        let flow = write(isa, part)?;
        if n + 1 == parts.len() && flow == Flow::FallsThrough {
            isa.go_on(part.position + part.words);
        }
    }
    let Written { text, tail, .. } = isa.written();
    Some(format!("{label}{text}{tail}"))
}

/// Writes one instruction.
fn write<I: Isa>(isa: &mut I, part: &Part) -> Option<Flow> {
    use Operation as O;
    if I::left_to_rust(part) {
        return None;
    }
    match part.meaning.operation() {
        O::Control => return leave(isa, part).or_else(|| fall_through(isa, part)),
        O::Copy if is_float(part.meaning.row().out) => isa.float_copy(part),
        O::Copy => isa.int_copy(part),
        O::IntBinary(which) => isa.int_binary(part, which),
        O::IntCompare(which) => isa.int_compare(part, which),
        O::IntTest(which) => isa.int_test(part, which),
        O::IntUnary(which) => isa.int_unary(part, which),
        O::FloatBinary(which) => isa.float_binary(part, which),
        O::FloatCompare(which) => isa.float_compare(part, which),
        O::FloatUnary(which) => isa.float_unary(part, which),
        O::FloatToInt(which) => isa.float_to_int(part, which),
        O::IntToFloat(which) => isa.int_to_float(part, which),
        O::Load(which) => isa.load(part, which),
        O::Store(which) => isa.store(part, which),
        O::FieldGet(which) => isa.field_get(part, which),
        O::FieldSet(which) => isa.field_set(part, which),
        O::ElementGet(which) => isa.element_get(part, which),
        O::ElementSet(which) => isa.element_set(part, which),
        O::New(which) => isa.new_object(part, which),
        O::CastTest(which) => isa.cast_test(part, which),
        O::Cast(which) => isa.cast(part, which),
        O::VectorLoad(which) => isa.vector_load(part, which),
        O::VectorStore => isa.vector_store(part),
        O::VectorTest(which, lanes) => isa.vector_test(part, which, lanes),
        O::VectorIntUnary(which, lanes) => isa.vector_int_unary(part, which, lanes),
        O::VectorFloatUnary(which, lanes) => isa.vector_float_unary(part, which, lanes),
        O::VectorIntBinary(which, lanes) => isa.vector_int_binary(part, which, lanes),
        O::VectorFloatBinary(which, lanes) => isa.vector_float_binary(part, which, lanes),
        O::VectorIntCompare(which, lanes) => isa.vector_int_compare(part, which, lanes),
        O::VectorFloatCompare(which, lanes) => isa.vector_float_compare(part, which, lanes),
        O::VectorShift(which, lanes) => isa.vector_shift(part, which, lanes),
        O::VectorTernary(which, lanes) => isa.vector_ternary(part, which, lanes),
        O::Lane(Lane::Splat, lanes) => isa.splat(part, lanes),
        O::Lane(Lane::Extract(sign), lanes) => isa.extract_lane(part, sign, lanes),
        O::Lane(Lane::Replace, lanes) => isa.replace_lane(part, lanes),
        // Any memory, any offset: rare, and as long as the call of a handler in Rust.
        O::Lane(Lane::Load | Lane::Store, _) if part.kinds.a == Kind::Far => return None,
        O::Lane(Lane::Load, lanes) => isa.load_lane(part, lanes),
        O::Lane(Lane::Store, lanes) => isa.store_lane(part, lanes),
    }
    Some(Flow::FallsThrough)
}

/// Writes an instruction that never falls through, if it is one.
fn leave<I: Isa>(isa: &mut I, part: &Part) -> Option<Flow> {
    use Meaning as M;
    match part.meaning {
        M::Unreachable => isa.unreachable(part),
        M::Br => isa.br(part),
        M::BrTable | M::BrTableR => isa.br_table(part),
        M::Call => isa.call(part),
        M::CallIndirect | M::CallIndirectR => isa.call_indirect(part),
        M::CallRef | M::CallRefR => isa.call_ref(part),
        M::ReturnCall => isa.return_call(part),
        M::ReturnCallIndirect => isa.return_call_indirect(part),
        M::ReturnCallRef => isa.return_call_ref(part),
        M::Return | M::ReturnI | M::ReturnSlot | M::ReturnImm | M::ReturnF32 | M::ReturnF64 => {
            isa.return_(part);
        }
        _ => return None,
    }
    Some(Flow::Leaves)
}

/// Writes an instruction that falls through, if it is one that has a native handler.
fn fall_through<I: Isa>(isa: &mut I, part: &Part) -> Option<Flow> {
    use Meaning as M;
    match part.meaning {
        M::Enter => isa.enter(part),
        M::ConsumeFuel => isa.consume_fuel(part),
        M::CheckFuel => isa.check_fuel(part),
        M::CheckFuelOrBr => isa.check_fuel_or_br(part),
        M::CheckEpoch => isa.check_epoch(part),
        M::BrAtDeadline => isa.br_at_deadline(part),
        M::EnterDepth => isa.enter_depth(part),
        M::LeaveDepth => isa.leave_depth(part),
        M::Count | M::CountIf => isa.count(part),
        M::Anchor => isa.anchor(part),
        M::BrIfWatched | M::BrIfWatchedR => isa.br_if_watched(part),
        M::Observe => isa.observe(part),
        M::Copy | M::Copy2 | M::Const32 | M::Const32R | M::Const64 | M::Const64R => {
            isa.move_slots(part)
        }
        M::StorePins2 | M::StorePins3 => isa.store_pins(part),
        M::LoadPins2 | M::LoadPins3 => isa.load_pins(part),
        M::CopySpan => isa.copy_span(part),
        M::Select
        | M::SelectR
        | M::SelectToR
        | M::SelectRToR
        | M::SelectRRS
        | M::SelectRSR
        | M::SelectRRR => isa.select(part),
        M::GlobalGet | M::GlobalGetI | M::GlobalGetF32 | M::GlobalGetF64 => isa.global_get(part),
        M::GlobalSet | M::GlobalSetI | M::GlobalSetF32 | M::GlobalSetF64 => isa.global_set(part),
        M::CopyV128 | M::ConstV128 | M::SelectV128 | M::GlobalGetV128 | M::GlobalSetV128 => {
            isa.move_vector(part);
        }
        M::Shuffle | M::ShuffleR => isa.shuffle(part),
        M::ArrayFillNew => isa.fill_new_array(part),
        M::StructGetV128 | M::StructSetV128 | M::ArrayGetV128 | M::ArraySetV128 => {
            isa.vector_member(part);
        }
        M::MemorySize => isa.memory_size(part),
        M::TableGet | M::TableSet => isa.element(part),
        M::TableSize => isa.table_size(part),
        M::I64Add128 | M::I64Sub128 => isa.add_128(part),
        M::I64MulWideS | M::I64MulWideU => isa.mul_wide(part),
        _ => return None,
    }
    Some(Flow::FallsThrough)
}
