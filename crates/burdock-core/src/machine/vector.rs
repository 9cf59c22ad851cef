//! Vector ops with three operands or with lanes.

use super::numeric::Binary;
use super::operand::{Dest, Imm, InSlot, Slot, Source};
use super::table::Entry;
use super::{Flow, Instruction, Machine, OutOfLine};
use burdock_ir::operands::{SECOND, THIRD};
use burdock_ir::{Kind, Kinds, Operands, control, sem};
use burdock_types::V128;
use core::marker::PhantomData;

/// Returns the handlers of an op that shifts lanes by a count, which may be a constant.
pub(crate) const fn vector_shift<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A = V128, B = i32, Out = V128>,
{
    match kinds.b {
        Kind::Imm => Binary::<Op, Slot<0>, Slot<1>, Imm>::ENTRY.with(kinds),
        _ => Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY.with(kinds),
    }
}

/// An op with three operands.
struct Ternary<Op>(PhantomData<Op>);

impl<Op> OutOfLine for Ternary<Op>
where
    Op: sem::Ternary<A: InSlot, B: InSlot, C: InSlot, Out: InSlot>,
{
    fn run(m: &mut Machine) -> Flow {
        let a = <Slot<1> as Source<Op::A>>::get(m);
        let b = <Slot<2> as Source<Op::B>>::get(m);
        let value = Op::apply(a, b, <Slot<3> as Source<Op::C>>::get(m))?;
        <Slot<0> as Dest<Op::Out>>::set(m, value);
        m.advance(2);
        Ok(())
    }
}

/// Returns the handlers of an op with three operands.
pub(crate) const fn vector_ternary<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Ternary<A: InSlot, B: InSlot, C: InSlot, Out: InSlot>,
{
    Entry::of::<Ternary<Op>>(kinds)
}

/// One lane of a vector.
struct ExtractLane<Op>(PhantomData<Op>);

impl<Op: sem::ExtractLane<Out: InSlot>> Instruction for ExtractLane<Op> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = Op::extract(<Slot<1> as Source<V128>>::get(m), m.field(SECOND) as u8);
        <Slot<0> as Dest<Op::Out>>::set(m, value);
        m.advance(2);
        Ok(())
    }
}

/// Returns the handlers of an op that extracts a lane.
pub(crate) const fn extract_lane<Op: sem::ExtractLane<Out: InSlot>>(_: Kinds) -> Entry {
    Entry::of::<ExtractLane<Op>>(Kinds::new(Kind::Slot, Kind::Slot, Kind::None))
}

/// A vector with one lane exchanged.
struct ReplaceLane<Op>(PhantomData<Op>);

impl<Op: sem::ReplaceLane<B: InSlot>> OutOfLine for ReplaceLane<Op> {
    fn run(m: &mut Machine) -> Flow {
        let vector = <Slot<1> as Source<V128>>::get(m);
        let lane = <Slot<2> as Source<Op::B>>::get(m);
        let value = Op::replace(vector, m.field(THIRD) as u8, lane);
        <Slot<0> as Dest<V128>>::set(m, value);
        m.advance(2);
        Ok(())
    }
}

/// Returns the handlers of an op that exchanges a lane.
pub(crate) const fn replace_lane<Op: sem::ReplaceLane<B: InSlot>>(kinds: Kinds) -> Entry {
    Entry::of::<ReplaceLane<Op>>(kinds)
}

/// `i8x16.shuffle`
pub(crate) struct Shuffle;

impl OutOfLine for Shuffle {
    fn run(m: &mut Machine) -> Flow {
        let control::Shuffle { to, a, b, low, high } = m.operands();
        let (a, b) = (V128::read(m, a), V128::read(m, b));
        let lanes = V128::from_halves([low, high]).to_le_bytes();
        V128::write(m, to, sem::shuffle(a, b, lanes));
        m.advance(control::Shuffle::LENGTH);
        Ok(())
    }
}
