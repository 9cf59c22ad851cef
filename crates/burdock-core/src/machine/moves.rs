//! Moves, constants, select, globals, wide arithmetic.

use super::operand::{Dest, InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine};
use burdock_ir::sem::wide;
use burdock_types::V128;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// A slot to a slot.
pub(crate) struct Copy;

impl Instruction for Copy {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.set_slot(m.field(0), m.slot(m.field(1)));
        m.advance(2);
        Ok(())
    }
}

/// Two slots to two slots, one after the other.
pub(crate) struct Copy2;

impl Instruction for Copy2 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.set_slot(m.field(0), m.slot(m.field(1)));
        m.set_slot(m.field(2), m.slot(m.field(3)));
        m.advance(2);
        Ok(())
    }
}

/// Consecutive slots, to where they lie or below; the spans may overlap.
pub(crate) struct CopySpan;

impl Instruction for CopySpan {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.copy_slots(m.field(0), m.field(1), m.field(2));
        m.advance(2);
        Ok(())
    }
}

impl Machine {
    /// Copies consecutive slots of the frame; the spans may overlap. Native handlers copy the first
    /// one first, for values only ever move towards the frame's beginning.
    #[inline(always)]
    pub(crate) fn copy_slots(&mut self, to: u16, from: u16, count: u16) {
        debug_assert!(to <= from);
        let (to, from) = (usize::from(to), usize::from(from));
        let sp = self.sp;
        // SAFETY: [SLOT] both spans lie within the frame.
        unsafe { core::ptr::copy(sp.wrapping_add(from), sp.wrapping_add(to), count.into()) };
    }
}

/// A constant of 32 bits, zero-extended.
pub(crate) struct Const32;

impl Instruction for Const32 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.set_slot(m.field(0), m.imm().into());
        m.advance(2);
        Ok(())
    }
}

/// A constant of 64 bits.
pub(crate) struct Const64To<D>(PhantomData<D>);

impl<D: Dest<i64>> Instruction for Const64To<D> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        D::set(m, m.word(2) as i64);
        m.advance(3);
        Ok(())
    }
}

pub(crate) type Const64 = Const64To<Slot<0>>;
pub(crate) type Const64R = Const64To<Reg>;

/// `v128.const`
pub(crate) struct ConstV128;

impl Instruction for ConstV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        V128::write(m, m.field(0), V128::from_halves([m.word(2), m.word(3)]));
        m.advance(4);
        Ok(())
    }
}

/// `select`: result to `D`, condition from `C`, the values from `A` and `B`.
pub(crate) struct SelectOf<D, C, A = Slot<2>, B = Slot<3>>(PhantomData<(D, C, A, B)>);

impl<D, C, A, B> Instruction for SelectOf<D, C, A, B>
where
    D: Dest<i64>,
    C: Source<i32>,
    A: Source<i64>,
    B: Source<i64>,
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (a, b) = (A::get(m), B::get(m));
        let value = if C::get(m) != 0 { a } else { b };
        D::set(m, value);
        m.advance(2);
        Ok(())
    }
}

pub(crate) type Select = SelectOf<Slot<0>, Slot<1>>;
pub(crate) type SelectR = SelectOf<Slot<0>, Reg>;
pub(crate) type SelectToR = SelectOf<Reg, Slot<1>>;
pub(crate) type SelectRToR = SelectOf<Reg, Reg>;
pub(crate) type SelectRRS = SelectOf<Reg, Reg, Reg>;
pub(crate) type SelectRSR = SelectOf<Reg, Reg, Slot<2>, Reg>;
pub(crate) type SelectRRR = SelectOf<Reg, Reg, Reg, Reg>;

/// `select` of vectors.
pub(crate) struct SelectV128;

impl Instruction for SelectV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let from = if i32::read(m, m.field(1)) != 0 { m.field(2) } else { m.field(3) };
        V128::write(m, m.field(0), V128::read(m, from));
        m.advance(2);
        Ok(())
    }
}

impl Machine {
    /// The cell of a global.
    #[inline(always)]
    fn global(&mut self) -> NonNull<u64> {
        let index = self.imm() as usize;
        let table = self.vm().globals_of_instance;
        // SAFETY: [ADDR] the index is one of the instance's globals.
        let global = unsafe { *table.wrapping_add(index) };
        // SAFETY: [ADDR] a global lives as long as the store.
        let cell = unsafe { &raw mut (*global.as_ptr()).cell };
        // SAFETY: [ADDR] part of the global, so not null.
        unsafe { NonNull::new_unchecked(cell.cast()) }
    }

    /// The slot-sized part of a global.
    #[inline(always)]
    fn global_slot(&mut self, n: usize) -> u64 {
        let cell = self.global().as_ptr();
        // SAFETY: [ADDR] a global's cell has two.
        unsafe { *cell.wrapping_add(n) }
    }

    #[inline(always)]
    fn set_global_slot(&mut self, n: usize, value: u64) {
        let cell = self.global().as_ptr();
        // SAFETY: [ADDR] a global's cell has two.
        unsafe { *cell.wrapping_add(n) = value }
    }
}

/// `global.get` of a scalar.
pub(crate) struct Get<T, D>(PhantomData<(T, D)>);

impl<T: burdock_ir::sem::Scalar, D: Dest<T>> Instruction for Get<T, D> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = T::from_slot(m.global_slot(0));
        D::set(m, value);
        m.advance(2);
        Ok(())
    }
}

pub(crate) type GlobalGet = Get<i64, Slot<0>>;
pub(crate) type GlobalGetI = Get<i64, Reg>;
pub(crate) type GlobalGetF32 = Get<f32, Reg>;
pub(crate) type GlobalGetF64 = Get<f64, Reg>;

/// `global.set` of a scalar.
pub(crate) struct Set<T, A>(PhantomData<(T, A)>);

impl<T: burdock_ir::sem::Scalar, A: Source<T>> Instruction for Set<T, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = A::get(m);
        m.set_global_slot(0, value.to_slot());
        m.advance(2);
        Ok(())
    }
}

pub(crate) type GlobalSet = Set<i64, Slot<0>>;
pub(crate) type GlobalSetI = Set<i64, Reg>;
pub(crate) type GlobalSetF32 = Set<f32, Reg>;
pub(crate) type GlobalSetF64 = Set<f64, Reg>;

/// `global.get` of a vector.
pub(crate) struct GlobalGetV128;

impl Instruction for GlobalGetV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = V128::from_halves([m.global_slot(0), m.global_slot(1)]);
        V128::write(m, m.field(0), value);
        m.advance(2);
        Ok(())
    }
}

/// `global.set` of a vector.
pub(crate) struct GlobalSetV128;

impl Instruction for GlobalSetV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let [low, high] = V128::read(m, m.field(0)).to_halves();
        m.set_global_slot(0, low);
        m.set_global_slot(1, high);
        m.advance(2);
        Ok(())
    }
}

/// `ref.func`
pub(crate) struct RefFunc;

impl Instruction for RefFunc {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let func = m.imm();
        let func = m.instance().func(func);
        m.set_slot(m.field(0), func.to_raw());
        m.advance(2);
        Ok(())
    }
}

impl Machine {
    /// The `n`-th of the consecutive slots that the first field names.
    fn nth(&self, n: u16) -> i64 {
        i64::read(self, self.field(0) + n)
    }

    fn wide_result(&mut self, [low, high]: [i64; 2]) -> Flow {
        i64::write(self, self.field(0), low);
        i64::write(self, self.field(0) + 1, high);
        self.advance(2);
        Ok(())
    }
}

/// `i64.add128`
pub(crate) struct I64Add128;

impl Instruction for I64Add128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.wide_result(wide::add128([m.nth(0), m.nth(1)], [m.nth(2), m.nth(3)]))
    }
}

/// `i64.sub128`
pub(crate) struct I64Sub128;

impl Instruction for I64Sub128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.wide_result(wide::sub128([m.nth(0), m.nth(1)], [m.nth(2), m.nth(3)]))
    }
}

/// `i64.mul_wide_s`
pub(crate) struct I64MulWideS;

impl Instruction for I64MulWideS {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.wide_result(wide::mul_wide_s(m.nth(0), m.nth(1)))
    }
}

/// `i64.mul_wide_u`
pub(crate) struct I64MulWideU;

impl Instruction for I64MulWideU {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.wide_result(wide::mul_wide_u(m.nth(0), m.nth(1)))
    }
}
