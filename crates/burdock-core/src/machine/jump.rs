//! Jumps, and comparisons that jump.

use super::numeric::Binary;
use super::operand::{Banked, Imm, Reg, Short, Slot, Source};
use super::table::Entry;
use super::{Flow, Instruction, Machine, Stop};
use burdock_ir::{Kind, Kinds, sem};
use burdock_types::Trap;
use core::marker::PhantomData;

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
            m.jump(m.imm() as i32);
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

/// The ops of an integer comparison.
pub(crate) const fn compare<Op>() -> [Entry; 15]
where
    Op: sem::Binary<A: Banked, B: Banked, Out = i32>,
    Short<1>: Source<Op::B>,
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
        Jump::<Op, Slot<0>, Slot<1>, true>::ENTRY,
        Jump::<Op, Reg, Slot<1>, true>::ENTRY,
        Jump::<Op, Reg, Reg, true>::ENTRY,
        Jump::<Op, Slot<0>, Short<1>, true>::ENTRY,
        Jump::<Op, Reg, Short<1>, true>::ENTRY,
    ]
}

/// The ops of a float comparison.
pub(crate) const fn float_compare<Op>() -> [Entry; 12]
where
    Op: sem::Binary<A: Banked, B: Banked, Out = i32>,
{
    [
        Binary::<Op, Reg, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Reg, Reg, Reg>::ENTRY,
        Binary::<Op, Slot<0>, Slot<1>, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Slot<2>>::ENTRY,
        Binary::<Op, Slot<0>, Reg, Reg>::ENTRY,
        Jump::<Op, Slot<0>, Slot<1>, true>::ENTRY,
        Jump::<Op, Reg, Slot<1>, true>::ENTRY,
        Jump::<Op, Reg, Reg, true>::ENTRY,
        Jump::<Op, Slot<0>, Slot<1>, false>::ENTRY,
        Jump::<Op, Reg, Slot<1>, false>::ENTRY,
        Jump::<Op, Reg, Reg, false>::ENTRY,
    ]
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
        m.jump(m.imm() as i32);
        Ok(())
    }
}

/// `br_table`, with the index in a slot or the register.
pub(crate) struct Table<A>(PhantomData<A>);

impl<A: Source<i32>> Instruction for Table<A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        // The last target is the default one.
        let target = (A::get(m) as u32).min(m.imm()) as usize;
        let pair = m.word(2 + target / 2);
        m.jump((pair >> (32 * (target % 2))) as i32);
        Ok(())
    }
}

/// `br_table` with the index in a slot.
pub(crate) type BrTable = Table<Slot<0>>;
/// `br_table` with the index in the register.
pub(crate) type BrTableR = Table<Reg>;

/// Takes fuel for the stretch of code that follows. Less fuel may be left than the stretch takes.
pub(crate) struct ConsumeFuel;

impl Instruction for ConsumeFuel {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let cost = i64::from(m.imm());
        let vm = m.vm();
        vm.fuel = vm.fuel.wrapping_sub(cost);
        m.advance(2);
        Ok(())
    }
}

/// Takes fuel for the stretch of code that follows, if more than the given amount is left.
pub(crate) struct CheckFuel;

impl Instruction for CheckFuel {
    const SLOW: bool = true;

    fn slow(m: &mut Machine) -> Flow {
        let least = u64::from(m.field(0));
        m.out_of_fuel(least + 1)
    }

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (least, cost) = (i64::from(m.field(0)), i64::from(m.imm()));
        let vm = m.vm();
        if vm.fuel <= least {
            return Err(Stop::SLOW);
        }
        vm.fuel = vm.fuel.wrapping_sub(cost);
        m.advance(2);
        Ok(())
    }
}

/// Takes fuel for the stretch of code that follows; jumps if no fuel is left.
pub(crate) struct CheckFuelOrBr;

impl Instruction for CheckFuelOrBr {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let cost = m.word(2) as i64;
        let vm = m.vm();
        match vm.fuel > 0 {
            true => {
                vm.fuel = vm.fuel.wrapping_sub(cost);
                m.advance(3);
            }
            false => m.jump(m.imm() as i32),
        }
        Ok(())
    }
}
