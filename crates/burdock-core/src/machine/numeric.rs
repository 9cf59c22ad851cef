//! Arithmetic, comparisons to values, conversions: each family is one generic instruction.

use super::operand::{Banked, Both, Dest, Divisor, Imm, InSlot, Reg, Slot, Source};
use super::table::{Entry, NO_OPERAND, NO_RESULT};
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

/// Returns the handlers of an op with one scalar operand.
pub(crate) const fn unary<Op: sem::Unary<A: Banked, Out: Banked>>(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Reg => unary_to::<Op, Reg>(kinds.a),
        Kind::Slot => unary_to::<Op, Slot<0>>(kinds.a),
        Kind::Both => unary_to::<Op, Both>(kinds.a),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn unary_to<Op: sem::Unary<A: Banked>, D: Dest<Op::Out>>(a: Kind) -> Entry {
    match a {
        Kind::Reg => Unary::<Op, D, Reg>::ENTRY,
        Kind::Slot => Unary::<Op, D, Slot<1>>::ENTRY,
        Kind::Imm => Unary::<Op, D, Imm>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of an op with one operand in slots. A vector that is in a register is there
/// as well.
pub(crate) const fn vector_unary<Op: sem::Unary<A: InSlot, Out: InSlot>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot | Kind::Reg => Unary::<Op, Slot<0>, Slot<1>>::ENTRY.with(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
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
    /// The handlers.
    pub(super) const ENTRY: Entry = Entry::of::<Self>(Kinds::new(D::KIND, A::KIND, B::KIND));
}

/// Returns the handlers of an op with two scalar operands.
pub(crate) const fn binary<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out: Banked>,
{
    binary_with::<Op, Imm>(kinds)
}

/// Returns the handlers of a division.
pub(crate) const fn division<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out: Banked>,
{
    binary_with::<Op, Divisor>(kinds)
}

/// Returns the handlers of an op. `I` is the place of the second operand if it is a constant.
const fn binary_with<Op, I: Source<Op::B>>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked, Out: Banked>,
{
    match kinds.dst {
        Kind::Reg => binary_to::<Op, Reg, I>(kinds),
        Kind::Slot => binary_to::<Op, Slot<0>, I>(kinds),
        Kind::Both => binary_to::<Op, Both, I>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn binary_to<Op, D: Dest<Op::Out>, I: Source<Op::B>>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: Banked, B: Banked>,
{
    match kinds.a {
        Kind::Reg => binary_of::<Op, D, Reg, Slot<2>, I>(kinds.b),
        Kind::Slot => binary_of::<Op, D, Slot<1>, Slot<2>, I>(kinds.b),
        // Beside an immediate, one field is left.
        Kind::Imm => binary_of::<Op, D, Imm, Slot<1>, I>(kinds.b),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of an op. `B` is the place of the second operand if it is in a slot, `I` if
/// it is a constant.
const fn binary_of<Op, D, A, B, I>(b: Kind) -> Entry
where
    Op: sem::Binary<B: Banked>,
    D: Dest<Op::Out>,
    A: Source<Op::A>,
    B: Source<Op::B>,
    I: Source<Op::B>,
{
    match b {
        Kind::Reg => Binary::<Op, D, A, Reg>::ENTRY,
        Kind::Slot => Binary::<Op, D, A, B>::ENTRY,
        Kind::Imm => Binary::<Op, D, A, I>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of an op with two operands in slots.
pub(crate) const fn vector_binary<Op>(kinds: Kinds) -> Entry
where
    Op: sem::Binary<A: InSlot, B: InSlot, Out: InSlot>,
{
    match (kinds.a, kinds.b) {
        (Kind::Slot | Kind::Reg, Kind::Slot | Kind::Reg) => {
            Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY.with(kinds)
        }
        _ => panic!("{}", NO_OPERAND),
    }
}
