//! Moves, constants, select, globals, wide arithmetic.

use super::operand::{Dest, InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine};
use burdock_ir::sem::wide;
use burdock_ir::{Operands, control};
use burdock_types::V128;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// A slot to a slot.
pub(crate) struct Copy;

impl Instruction for Copy {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Copy { to, from } = m.operands();
        m.set_slot(to, m.slot(from));
        m.advance(control::Copy::LENGTH);
        Ok(())
    }
}

/// Two slots to two slots, one after the other.
pub(crate) struct Copy2;

impl Instruction for Copy2 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Copy2 { to, from, second_to, second_from } = m.operands();
        m.set_slot(to, m.slot(from));
        m.set_slot(second_to, m.slot(second_from));
        m.advance(control::Copy2::LENGTH);
        Ok(())
    }
}

/// A vector to the two slots of another one.
pub(crate) struct CopyV128;

impl Instruction for CopyV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CopyV128 { to, from } = m.operands();
        let value = V128::read(m, from);
        V128::write(m, to, value);
        m.advance(control::CopyV128::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Copies registers for locals to slots. The machine of Rust handlers has one integer register
    /// and none of it for locals, so that translation does not write such an instruction for it.
    #[inline(always)]
    fn store_pins<const N: usize>(&mut self, slots: [u16; N]) -> Flow {
        for slot in slots {
            let value = <Reg as Source<i64>>::get(self);
            self.set_slot(slot, value as u64);
        }
        self.advance(2);
        Ok(())
    }

    /// Copies slots to registers for locals.
    #[inline(always)]
    fn load_pins<const N: usize>(&mut self, slots: [u16; N]) -> Flow {
        for slot in slots {
            <Reg as Dest<i64>>::set(self, self.slot(slot) as i64);
        }
        self.advance(2);
        Ok(())
    }
}

macro_rules! pins {
    ($($name:ident $method:ident { $($operand:ident),+ };)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub(crate) struct $name;

        impl Instruction for $name {
            #[inline(always)]
            fn execute(m: &mut Machine) -> Flow {
                let control::$name { $($operand),+ } = m.operands();
                m.$method([$($operand),+])
            }
        }
    )*};
}

pins! {
    StorePins2 store_pins { first, second };
    StorePins3 store_pins { first, second, third };
    LoadPins2 load_pins { first, second };
    LoadPins3 load_pins { first, second, third };
}

/// Consecutive slots, to where they lie or below; the spans may overlap.
pub(crate) struct CopySpan;

impl Instruction for CopySpan {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CopySpan { to, from, len } = m.operands();
        m.copy_slots(to, from, len);
        m.advance(control::CopySpan::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Copies consecutive slots of the frame; the spans may overlap. Native handlers copy the first
    /// one first, for values only ever move toward the frame's beginning.
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
pub(crate) struct Const32To<D>(PhantomData<D>);

impl<D: Dest<i32>> Instruction for Const32To<D> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Const32 { value, .. } = m.operands();
        D::set(m, value as i32);
        m.advance(control::Const32::LENGTH);
        Ok(())
    }
}

pub(crate) type Const32 = Const32To<Slot<0>>;
pub(crate) type Const32R = Const32To<Reg>;

/// A constant of 64 bits.
pub(crate) struct Const64To<D>(PhantomData<D>);

impl<D: Dest<i64>> Instruction for Const64To<D> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Const64 { value, .. } = m.operands();
        D::set(m, value as i64);
        m.advance(control::Const64::LENGTH);
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
        let control::ConstV128 { to, low, high } = m.operands();
        V128::write(m, to, V128::from_halves([low, high]));
        m.advance(control::ConstV128::LENGTH);
        Ok(())
    }
}

/// The slot that holds the condition of a `select`.
type Condition = Slot<{ control::Select::condition().number() }>;
/// The slot that holds the first value.
type First = Slot<{ control::Select::first().number() }>;
/// The slot that holds the second value.
type Second = Slot<{ control::Select::second().number() }>;

/// `select`: result to `D`, condition from `C`, the values from `A` and `B`.
pub(crate) struct SelectOf<D, C, A = First, B = Second>(PhantomData<(D, C, A, B)>);

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
        m.advance(control::Select::LENGTH);
        Ok(())
    }
}

pub(crate) type Select = SelectOf<Slot<0>, Condition>;
pub(crate) type SelectR = SelectOf<Slot<0>, Reg>;
pub(crate) type SelectToR = SelectOf<Reg, Condition>;
pub(crate) type SelectRToR = SelectOf<Reg, Reg>;
pub(crate) type SelectRRS = SelectOf<Reg, Reg, Reg>;
pub(crate) type SelectRSR = SelectOf<Reg, Reg, First, Reg>;
pub(crate) type SelectRRR = SelectOf<Reg, Reg, Reg, Reg>;

/// `select` of vectors.
pub(crate) struct SelectV128;

impl Instruction for SelectV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::SelectV128 { to, condition, first, second } = m.operands();
        let from = if i32::read(m, condition) != 0 { first } else { second };
        V128::write(m, to, V128::read(m, from));
        m.advance(control::SelectV128::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Returns the cell of a global.
    #[inline(always)]
    fn global(&mut self) -> NonNull<u64> {
        // Instructions that write a global name it in the same place.
        let control::GlobalGet { global, .. } = self.operands();
        let index = global as usize;
        let table = self.vm().hot.instance_globals;
        // SAFETY: [ADDR] the index is one of the instance's globals.
        let global = unsafe { *table.wrapping_add(index) };
        // SAFETY: [ADDR] a global lives as long as the store.
        let cell = unsafe { &raw mut (*global.as_ptr()).cell };
        // SAFETY: [ADDR] part of the global, so not null.
        unsafe { NonNull::new_unchecked(cell.cast()) }
    }

    /// Returns the slot-sized part of a global.
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
        m.advance(control::GlobalGet::LENGTH);
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
        m.advance(control::GlobalSet::LENGTH);
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
        let control::GlobalGetV128 { to, .. } = m.operands();
        V128::write(m, to, value);
        m.advance(control::GlobalGetV128::LENGTH);
        Ok(())
    }
}

/// `global.set` of a vector.
pub(crate) struct GlobalSetV128;

impl Instruction for GlobalSetV128 {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::GlobalSetV128 { value, .. } = m.operands();
        let [low, high] = V128::read(m, value).to_halves();
        m.set_global_slot(0, low);
        m.set_global_slot(1, high);
        m.advance(control::GlobalSetV128::LENGTH);
        Ok(())
    }
}

/// `ref.func`
pub(crate) struct RefFunc;

impl Instruction for RefFunc {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::RefFunc { to, func } = m.operands();
        let func = m.instance().func(func);
        m.set_slot(to, func.to_raw());
        m.advance(control::RefFunc::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Returns the `n`-th operand of wide arithmetic, whose ops have operands of one layout.
    fn nth(&self, n: u16) -> i64 {
        let control::I64Add128 { first } = self.operands();
        i64::read(self, first + n)
    }

    fn wide_result(&mut self, [low, high]: [i64; 2]) -> Flow {
        let control::I64Add128 { first } = self.operands();
        i64::write(self, first, low);
        i64::write(self, first + 1, high);
        self.advance(control::I64Add128::LENGTH);
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
