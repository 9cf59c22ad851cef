//! Arithmetic, comparisons to values, conversions: each family is one generic instruction.

use super::operand::{Banked, Both, Dest, Imm, InSlot, Reg, Slot, Source};
use super::table::Entry;
use super::{Flow, Instruction, Machine};
use burdock_ir::{Kind, Kinds, sem};
use core::marker::PhantomData;

/// An op with one operand.
pub(crate) struct Unary<Op, D, A>(PhantomData<(Op, D, A)>);

impl<Op: sem::Unary, D: Dest<Op::Out>, A: Source<Op::A>> Instruction for Unary<Op, D, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = Op::apply(A::get(m))?;
        D::set(m, value);
        m.advance(2 + A::WORDS);
        Ok(())
    }
}

impl<Op: sem::Unary, D: Dest<Op::Out>, A: Source<Op::A>> Unary<Op, D, A> {
    const ENTRY: Entry = Entry::of::<Self>(Kinds::new(D::KIND, A::KIND, Kind::None));
}

/// The ops of a scalar meaning with one operand.
pub(crate) const fn unary<Op: sem::Unary<A: Banked, Out: Banked>>() -> [Entry; 6] {
    [
        Unary::<Op, Reg, Reg>::ENTRY,
        Unary::<Op, Reg, Slot<1>>::ENTRY,
        Unary::<Op, Slot<0>, Reg>::ENTRY,
        Unary::<Op, Slot<0>, Slot<1>>::ENTRY,
        Unary::<Op, Both, Reg>::ENTRY,
        Unary::<Op, Both, Slot<1>>::ENTRY,
    ]
}

/// The ops that bring a scalar, as it is, to another place.
pub(crate) const fn copy<Op: sem::Unary<A: Banked, Out: Banked>>() -> [Entry; 4] {
    [
        Unary::<Op, Reg, Reg>::ENTRY,
        Unary::<Op, Reg, Slot<1>>::ENTRY,
        Unary::<Op, Slot<0>, Reg>::ENTRY,
        Unary::<Op, Reg, Imm>::ENTRY,
    ]
}

/// The op of a meaning with one operand in slots.
pub(crate) const fn vector_unary<Op: sem::Unary<A: InSlot, Out: InSlot>>() -> [Entry; 1] {
    [Unary::<Op, Slot<0>, Slot<1>>::ENTRY]
}

/// An op with two operands.
pub(crate) struct Binary<Op, D, A, B>(PhantomData<(Op, D, A, B)>);

impl<Op: sem::Binary, D: Dest<Op::Out>, A: Source<Op::A>, B: Source<Op::B>> Instruction
    for Binary<Op, D, A, B>
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = Op::apply(A::get(m), B::get(m))?;
        D::set(m, value);
        m.advance(2 + A::WORDS + B::WORDS);
        Ok(())
    }
}

impl<Op: sem::Binary, D: Dest<Op::Out>, A: Source<Op::A>, B: Source<Op::B>> Binary<Op, D, A, B> {
    pub(super) const ENTRY: Entry = Entry::of::<Self>(Kinds::new(D::KIND, A::KIND, B::KIND));
}

/// The ops of a meaning with two operands.
pub(crate) const fn binary<Op: sem::Binary<A: Banked, B: Banked, Out: Banked>>() -> [Entry; 23] {
    [
        Binary::<Op, Reg, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Slot<1>, Reg>::ENTRY,
        Binary::<Op, Reg, Reg, Reg>::ENTRY,
        Binary::<Op, Reg, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Reg, Reg, Imm>::ENTRY,
        Binary::<Op, Reg, Imm, Slot<1>>::ENTRY,
        Binary::<Op, Reg, Imm, Reg>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Reg>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Reg>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Imm>::ENTRY,
        Binary::<Op, Slot<0>, Imm, Slot<1>>::ENTRY,
        Binary::<Op, Slot<0>, Imm, Reg>::ENTRY,
        Binary::<Op, Both, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Both, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Both, Slot<1>, Reg>::ENTRY,
        Binary::<Op, Both, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Both, Reg, Imm>::ENTRY,
        Binary::<Op, Both, Imm, Slot<1>>::ENTRY,
        Binary::<Op, Both, Imm, Reg>::ENTRY,
    ]
}

/// The ops of a meaning whose two operands may be exchanged.
pub(crate) const fn commutative<Op: sem::Binary<A: Banked, B: Banked, Out: Banked>>() -> [Entry; 14]
{
    [
        Binary::<Op, Reg, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Reg, Reg>::ENTRY,
        Binary::<Op, Reg, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Reg, Reg, Imm>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Reg>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Imm>::ENTRY,
        Binary::<Op, Both, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Both, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Both, Slot<1>, Imm>::ENTRY,
        Binary::<Op, Both, Reg, Imm>::ENTRY,
    ]
}

/// The op of a meaning with two operands in slots.
pub(crate) const fn vector_binary<Op: sem::Binary<A: InSlot, B: InSlot, Out: InSlot>>() -> [Entry; 1]
{
    [Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY]
}
