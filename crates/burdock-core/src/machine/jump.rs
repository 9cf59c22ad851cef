//! Jumps, and comparisons that jump.

use super::numeric::binary;
use super::operand::{Banked, Reg, Short, Slot, Source};
use super::table::{Entry, NO_OPERAND};
use super::{Flow, Instruction, Machine};
use burdock_ir::operands::table_target;
use burdock_ir::{BitField, Kind, Kinds, control, sem};
use burdock_types::Trap;
use core::marker::PhantomData;

/// The place of a jump's distance.
const TARGET: BitField = control::Br::to();

/// Jumps if a comparison comes out as expected.
struct Jump<Op, A, B, const EXPECTED: bool>(PhantomData<(Op, A, B)>);

impl<Op, A, B, const EXPECTED: bool> Instruction for Jump<Op, A, B, EXPECTED>
where
    Op: sem::Binary<Out = i32>,
    A: Source<Op::A>,
    B: Source<Op::B>,
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let holds = Op::apply(A::get(m), B::get(m))? != 0;
        if holds == EXPECTED {
            m.jump(m.field(TARGET) as i32);
        } else {
            m.advance(2);
        }
        Ok(())
    }
}

impl<Op, A, B, const EXPECTED: bool> Jump<Op, A, B, EXPECTED>
where
    Op: sem::Binary<Out = i32>,
    A: Source<Op::A>,
    B: Source<Op::B>,
{
    const ENTRY: Entry = {
        let dst = if EXPECTED { Kind::JumpIf } else { Kind::JumpUnless };
        Entry::of::<Self>(Kinds::new(dst, A::KIND, B::KIND))
    };
}

/// Returns the handlers of an integer comparison.
pub(crate) const fn compare<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out = i32>,
    Short<1>: Source<Op::B>,
{
    match (kinds.dst, kinds.a, kinds.b) {
        (Kind::JumpIf, Kind::Slot, Kind::Imm) => Jump::<Op, Slot<0>, Short<1>, true>::ENTRY,
        (Kind::JumpIf, Kind::Reg, Kind::Imm) => Jump::<Op, Reg, Short<1>, true>::ENTRY,
        _ => float_compare::<Op>(kinds),
    }
}

/// Returns the handlers of a float comparison, or of one of integers without an immediate that
/// jumps.
pub(crate) const fn float_compare<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out = i32>,
{
    match kinds.dst {
        Kind::JumpIf => jump::<Op, true>(kinds),
        Kind::JumpUnless => jump::<Op, false>(kinds),
        _ => binary::<Op>(kinds),
    }
}

const fn jump<Op, const EXPECTED: bool>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out = i32>,
{
    match (kinds.a, kinds.b) {
        (Kind::Slot, Kind::Slot) => Jump::<Op, Slot<0>, Slot<1>, EXPECTED>::ENTRY,
        (Kind::Reg, Kind::Slot) => Jump::<Op, Reg, Slot<1>, EXPECTED>::ENTRY,
        (Kind::Reg, Kind::Reg) => Jump::<Op, Reg, Reg, EXPECTED>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// `unreachable`
pub(crate) struct Unreachable;

impl Instruction for Unreachable {
    fn execute(_: &mut Machine) -> Flow {
        Err(Trap::UnreachableCodeReached.into())
    }
}

/// `br`
pub(crate) struct Br;

impl Instruction for Br {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Br { to } = m.operands();
        m.jump(to);
        Ok(())
    }
}

/// `br_table`, with the index in a slot or the register.
pub(crate) struct Table<A>(PhantomData<A>);

impl<A: Source<i32>> Instruction for Table<A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        // The last target is the default one.
        let control::BrTable { last, .. } = m.operands();
        let target = table_target((A::get(m) as u32).min(last) as usize);
        m.jump(m.word(target) as i32);
        Ok(())
    }
}

/// `br_table` with the index in a slot.
pub(crate) type BrTable = Table<Slot<{ control::BrTable::index().number() }>>;
/// `br_table` with the index in the register.
pub(crate) type BrTableR = Table<Reg>;
