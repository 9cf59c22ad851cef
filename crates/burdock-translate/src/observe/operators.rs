//! Events at an operator, and what the operator does to the guest.

use super::{Access, Length, Point};
use crate::func::Func;
use burdock_ir::CastTarget;
use burdock_types::RefType;
use wasmparser::{MemArg, Operator};

/// The consequence of an operator for a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The guest goes on behind the operator, whatever its operands are, and nobody sees counts
    /// meanwhile.
    Continues,
    /// The guest goes on anywhere, or its staging as a call brings everything home.
    GoesOn,
    /// The guest goes on or traps, before anything is written.
    Traps,
    /// The guest calls by way of an operand, or traps.
    Calls,
    /// The guest may stop in any other way.
    Stops,
    /// The guest may collect garbage, and a hook that is told of it may write locals.
    Allocates,
}

/// Returns what an operator does that begins with these bytes.
pub(super) fn effect(bytes: &[u8]) -> Effect {
    match *bytes {
        // Truncations of floats: the result may be written before the check.
        [0xa8..=0xab | 0xae..=0xb1, ..] => Effect::Stops,
        // Divisions, loads and stores, tables, `ref.as_non_null`, `unreachable`.
        [0x6d..=0x70 | 0x7f..=0x82 | 0x28..=0x3e | 0x25 | 0x26 | 0xd4 | 0x00, ..] => Effect::Traps,
        // `nop`, `block`, `drop`, `select`, variables, constants, other numbers, references.
        [0x01 | 0x02 | 0x1a..=0x1c | 0x20..=0x24 | 0x41..=0xc4 | 0xd0..=0xd3, ..] => {
            Effect::Continues
        }
        // Truncations that saturate.
        [0xfc, 0..=7, ..] => Effect::Continues,
        // Other blocks and what delimits them, branches, `return`, `call`, branches on null,
        // `memory.size`.
        [0x03..=0x07 | 0x0b..=0x10 | 0x18 | 0x19 | 0x1f | 0xd5 | 0xd6 | 0x3f, ..] => Effect::GoesOn,
        [0x11 | 0x14, ..] => Effect::Calls,
        // Vectors: what accesses no memory does not trap.
        [0xfd, ..] => Effect::Traps,
        // `struct.new`, `array.new` and their kin.
        [0xfb, 0 | 1 | 6..=10 | 32 | 33, ..] => Effect::Allocates,
        // Fields, elements, lengths, descriptors, casts, `i31`.
        [0xfb, 2..=5 | 11..=15 | 20..=30 | 34, ..] => Effect::Traps,
        _ => Effect::Stops,
    }
}

impl Func<'_> {
    /// Returns the events at the next operator besides its execution.
    pub(super) fn points_at(&self, operator: &Operator<'_>) -> [Option<Point>; 2] {
        let (ty, if_it_is) = match *operator {
            Operator::BrOnCast { to_ref_type: ty, .. } => (ty, true),
            Operator::BrOnCastFail { to_ref_type: ty, .. } => (ty, false),
            Operator::Rethrow { relative_depth } => {
                // Validation has found the `catch`, which has a slot for the reference.
                let catch = &self.s.controls[self.control_at(relative_depth)];
                return [Some(Point::Rethrow { slot: catch.base as u16 }), None];
            }
            ref operator => return points(operator),
        };
        // The translation of the operator reports a type that is not supported.
        let heap = self.module.heap_type(ty.heap_type(), self.offset.into()).ok();
        let ty = heap.map(|heap| RefType::new(ty.is_nullable(), heap));
        let target = ty.map(|ty| CastTarget::new(ty).bits());
        [target.map(|target| Point::BranchOnCast { target, if_it_is }), None]
    }
}

/// Returns the events at an operator besides its execution.
fn points(operator: &Operator<'_>) -> [Option<Point>; 2] {
    let point = match *operator {
        Operator::BrIf { .. } | Operator::If { .. } => Point::Branch,
        Operator::BrTable { ref targets } => Point::BranchTable { targets: targets.len() },
        Operator::BrOnNull { .. } => Point::BranchOnNull { if_null: true },
        Operator::BrOnNonNull { .. } => Point::BranchOnNull { if_null: false },
        Operator::BrOnCastDescEq { to_ref_type: ty, .. } => {
            Point::BranchOnCastDesc { nullable: ty.is_nullable(), if_it_is: true }
        }
        Operator::BrOnCastDescEqFail { to_ref_type: ty, .. } => {
            Point::BranchOnCastDesc { nullable: ty.is_nullable(), if_it_is: false }
        }
        Operator::ReturnCall { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::ReturnCallRef { .. } => Point::TailCall,
        Operator::GlobalSet { global_index } => Point::GlobalSet { global: global_index },
        Operator::MemoryFill { mem } => Point::Fill { memory: mem },
        Operator::MemoryInit { data_index, mem } => Point::Init { memory: mem, data: data_index },
        Operator::MemoryCopy { dst_mem, src_mem } => {
            return [
                Some(Point::Copy { memory: src_mem, writes: false }),
                Some(Point::Copy { memory: dst_mem, writes: true }),
            ];
        }
        Operator::Throw { tag_index } => Point::Throw { tag: tag_index },
        Operator::ThrowRef => Point::ThrowRef,
        ref operator => {
            let point = load(operator).or_else(|| store(operator));
            return [point.or_else(|| allocation(operator)), None];
        }
    };
    [Some(point), None]
}

fn access(arg: MemArg, width: u8, lane: Option<u8>) -> Access {
    Access { memory: crate::memory::memory_of(arg), offset: arg.offset, width, lane }
}

/// Returns the load that an operator is.
fn load(operator: &Operator<'_>) -> Option<Point> {
    use Operator as O;
    let (arg, width, lane) = match *operator {
        O::I32Load8S { memarg }
        | O::I32Load8U { memarg }
        | O::I64Load8S { memarg }
        | O::I64Load8U { memarg }
        | O::V128Load8Splat { memarg } => (memarg, 1, None),
        O::I32Load16S { memarg }
        | O::I32Load16U { memarg }
        | O::I64Load16S { memarg }
        | O::I64Load16U { memarg }
        | O::V128Load16Splat { memarg } => (memarg, 2, None),
        O::I32Load { memarg }
        | O::F32Load { memarg }
        | O::I64Load32S { memarg }
        | O::I64Load32U { memarg }
        | O::V128Load32Splat { memarg }
        | O::V128Load32Zero { memarg } => (memarg, 4, None),
        O::I64Load { memarg }
        | O::F64Load { memarg }
        | O::V128Load8x8S { memarg }
        | O::V128Load8x8U { memarg }
        | O::V128Load16x4S { memarg }
        | O::V128Load16x4U { memarg }
        | O::V128Load32x2S { memarg }
        | O::V128Load32x2U { memarg }
        | O::V128Load64Splat { memarg }
        | O::V128Load64Zero { memarg } => (memarg, 8, None),
        O::V128Load { memarg } => (memarg, 16, None),
        O::V128Load8Lane { memarg, lane } => (memarg, 1, Some(lane)),
        O::V128Load16Lane { memarg, lane } => (memarg, 2, Some(lane)),
        O::V128Load32Lane { memarg, lane } => (memarg, 4, Some(lane)),
        O::V128Load64Lane { memarg, lane } => (memarg, 8, Some(lane)),
        _ => return None,
    };
    Some(Point::Load(access(arg, width, lane)))
}

/// Returns the store that an operator is.
fn store(operator: &Operator<'_>) -> Option<Point> {
    use Operator as O;
    let (arg, width, lane) = match *operator {
        O::I32Store8 { memarg } | O::I64Store8 { memarg } => (memarg, 1, None),
        O::I32Store16 { memarg } | O::I64Store16 { memarg } => (memarg, 2, None),
        O::I32Store { memarg } | O::F32Store { memarg } | O::I64Store32 { memarg } => {
            (memarg, 4, None)
        }
        O::I64Store { memarg } | O::F64Store { memarg } => (memarg, 8, None),
        O::V128Store { memarg } => (memarg, 16, None),
        O::V128Store8Lane { memarg, lane } => (memarg, 1, Some(lane)),
        O::V128Store16Lane { memarg, lane } => (memarg, 2, Some(lane)),
        O::V128Store32Lane { memarg, lane } => (memarg, 4, Some(lane)),
        O::V128Store64Lane { memarg, lane } => (memarg, 8, Some(lane)),
        _ => return None,
    };
    Some(Point::Store(access(arg, width, lane)))
}

/// Returns the allocation that an operator is.
fn allocation(operator: &Operator<'_>) -> Option<Point> {
    use Operator as O;
    let (ty, len) = match *operator {
        O::StructNew { struct_type_index: ty }
        | O::StructNewDefault { struct_type_index: ty }
        | O::StructNewDesc { struct_type_index: ty }
        | O::StructNewDefaultDesc { struct_type_index: ty } => (ty, None),
        O::ArrayNew { array_type_index: ty }
        | O::ArrayNewDefault { array_type_index: ty }
        | O::ArrayNewData { array_type_index: ty, .. }
        | O::ArrayNewElem { array_type_index: ty, .. } => (ty, Some(Length::OnTop)),
        O::ArrayNewFixed { array_type_index: ty, array_size } => {
            (ty, Some(Length::Fixed(array_size)))
        }
        _ => return None,
    };
    Some(Point::Allocate { ty, len })
}
