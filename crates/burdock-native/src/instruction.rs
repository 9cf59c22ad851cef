//! From an instruction to the method of the processor that writes it. What has no method here is
//! done by the handler in Rust.

use crate::isa::{Isa, Written};
use crate::part::{Part, is_float};
use burdock_ir::{Kind, Meaning, Shape};

/// Where a handler goes when its instruction is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// To the instruction behind it.
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
    let row = part.meaning.row();
    let float = is_float(row.operand) || is_float(row.out);
    if I::left_to_rust(part) {
        return None;
    }
    match row.shape {
        Shape::control => return leave(isa, part).or_else(|| fall_through(isa, part)),
        Shape::copy if float => isa.float_copy(part),
        Shape::copy => isa.int_copy(part),
        Shape::unary if float => isa.float_unary(part)?,
        Shape::unary => isa.int_unary(part)?,
        Shape::binary | Shape::commutative if float => isa.float_binary(part)?,
        Shape::binary | Shape::commutative => isa.int_binary(part)?,
        Shape::compare => isa.int_compare(part)?,
        Shape::float_compare => isa.float_compare(part)?,
        Shape::load => isa.load(part)?,
        Shape::store | Shape::float_store => isa.store(part)?,
        Shape::vector_load => isa.vector_load(part)?,
        Shape::vector_store => isa.vector_store(part)?,
        Shape::vector_unary => isa.vector_unary(part)?,
        Shape::vector_binary => isa.vector_binary(part)?,
        Shape::vector_ternary => isa.vector_ternary(part)?,
        Shape::extract_lane => isa.extract_lane(part)?,
        Shape::replace_lane => isa.replace_lane(part)?,
        // Any memory, any offset: rare, and as long as the call of a handler in Rust.
        Shape::load_lane | Shape::store_lane if part.kinds.a == Kind::Far => return None,
        Shape::load_lane => isa.load_lane(part)?,
        Shape::store_lane => isa.store_lane(part)?,
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
        M::ReturnCall => isa.return_call(part),
        M::ReturnCallIndirect => isa.return_call_indirect(part),
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
        M::BrBeforeDeadline => isa.br_before_deadline(part),
        M::EnterDepth => isa.enter_depth(part),
        M::LeaveDepth => isa.leave_depth(part),
        M::Count | M::CountIf => isa.count(part),
        M::Anchor => isa.anchor(part),
        M::Observe => isa.observe(part),
        M::Copy | M::Copy2 | M::Const32 | M::Const64 | M::Const64R => isa.move_slots(part),
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
        M::ConstV128 | M::SelectV128 | M::GlobalGetV128 | M::GlobalSetV128 => isa.move_vector(part),
        M::Shuffle => isa.shuffle(part),
        M::MemorySize => isa.memory_size(part),
        M::TableGet | M::TableSet => isa.element(part),
        M::TableSize => isa.table_size(part),
        M::I64Add128 | M::I64Sub128 => isa.add_128(part),
        M::I64MulWideS | M::I64MulWideU => isa.mul_wide(part),
        _ => return None,
    }
    Some(Flow::FallsThrough)
}
