//! Allocation of objects.

use super::operand::{Both, Dest, Reg, Short, Slot, Source};
use super::table::{Entry, NO_OPERAND, NO_RESULT};
use super::{Flow, Instruction, Machine, OutOfLine, SlowWay, Stop};
use crate::heap::{GRANULE, HEADER, Heap, Object, Reference, RuntimeType, Shortage};
use burdock_ir::operands::{NewLayout, RESULT};
use burdock_ir::{Kind, Kinds, Operands, control};
use burdock_types::Trap;
use core::marker::PhantomData;

impl Machine {
    #[inline(always)]
    pub(super) fn heap(&mut self) -> &mut Heap {
        &mut self.vm().heap
    }

    /// Returns the object that a slot refers to.
    #[inline(always)]
    pub(super) fn object(&self, slot: u16) -> Result<Object, Trap> {
        Reference::from_slot(self.slot(slot)).object().ok_or(Trap::NullReference)
    }

    /// Returns the store's index of a type of the module.
    #[inline(always)]
    pub(super) fn runtime_type(&mut self, ty: u32) -> RuntimeType {
        self.instance().runtime_types[ty as usize]
    }

    /// Allocates an object. Collects garbage or lets the heap grow if need be. The instruction's
    /// values are in slots, where the collector finds them.
    pub(super) fn allocate(
        &mut self,
        allocate: impl Fn(&mut Heap) -> Result<Object, Shortage>,
    ) -> Result<Object, Stop> {
        loop {
            match allocate(self.heap()) {
                Ok(object) => return Ok(object),
                Err(shortage) => self.make_room(shortage)?,
            }
        }
    }

    #[cold]
    pub(super) fn make_room(&mut self, shortage: Shortage) -> Flow {
        match shortage {
            Shortage::Full | Shortage::TooLarge => Err(Trap::AllocationTooLarge.into()),
            Shortage::Collection => match self.ask(|m| m.collect_garbage())? {
                true => Ok(()),
                false => Err(Trap::OutOfMemory.into()),
            },
            Shortage::Growth(bytes) => self.ask_or_keep(|m| {
                let host = m.vm().run.host;
                (host.vtable.heap_grow)(host.data, bytes).ok()
            }),
        }
    }

    /// Collects garbage, has the host drop its values that died, and reports to it. Returns `false`
    /// if the system is out of memory, and `None` if the host has failed.
    fn collect_garbage(&mut self) -> Option<bool> {
        let vm = self.vm();
        let collected = vm.collect_garbage(&[]);
        if vm.heap.has_dead_host_values() {
            let host = vm.run.host;
            (host.vtable.host_values_died)(host.data).ok()?;
        }
        let vm = self.vm();
        if vm.heap.has_reports() {
            let host = vm.run.host;
            (host.vtable.collected)(host.data).ok()?;
        }
        Some(collected)
    }
}

/// The part of `struct.new` that allocates a large structure.
pub(crate) struct StructNewLarge;

impl OutOfLine for StructNewLarge {
    fn run(m: &mut Machine) -> Flow {
        let control::StructNewLarge { to, ty } = m.operands();
        let ty = m.runtime_type(ty);
        let object = m.allocate(|heap| heap.allocate_struct(ty))?;
        m.set_slot(to, object.reference().to_slot());
        m.advance(control::StructNewLarge::LENGTH);
        Ok(())
    }
}

/// The part of `struct.new` that allocates.
pub(crate) struct StructNew<D>(PhantomData<D>);

impl<D: Dest<i32>> Instruction for StructNew<D> {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let ty = m.runtime_type(m.field(NewLayout::STRUCT.ty) as u32);
        let size = Self::size(m);
        let object = m.vm().heap.allocate_in_run(ty, 0, size).ok_or(Stop::SLOW)?;
        D::set(m, object.offset() as i32);
        m.advance(NewLayout::STRUCT.words());
        Ok(())
    }
}

impl<D> StructNew<D> {
    #[inline(always)]
    fn size(m: &Machine) -> u32 {
        m.field(NewLayout::STRUCT.size) as u32 * GRANULE
    }

    /// Prepares a run with room for the object. The instruction is then executed again.
    fn slow(m: &mut Machine) -> Flow {
        let size = Self::size(m);
        loop {
            match m.heap().prepare(size) {
                Ok(()) => return Ok(()),
                Err(shortage) => m.make_room(shortage)?,
            }
        }
    }
}

/// Returns the handlers of an allocation of a structure.
pub(crate) const fn struct_new(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Reg => Entry::of::<StructNew<Reg>>(kinds),
        Kind::Slot => Entry::of::<StructNew<Slot<0>>>(kinds),
        Kind::Both => Entry::of::<StructNew<Both>>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

/// The most elements of an array that is allocated in the current run without more ado.
pub(crate) const SHORT_ARRAY: u32 = 256;

/// `array.new_default`
pub(crate) struct ArrayNewDefault<A>(PhantomData<A>);

impl<A: Source<i32>> Instruction for ArrayNewDefault<A> {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let len = A::get(m) as u32;
        if len > SHORT_ARRAY {
            return Err(Stop::SLOW);
        }
        let ty = m.runtime_type(m.field(NewLayout::ARRAY.ty) as u32);
        // A type has elements of at most 16 bytes.
        let bytes = len << (m.field(NewLayout::ARRAY.size) & 7);
        let size = (HEADER + bytes).next_multiple_of(GRANULE);
        let array = m.vm().heap.allocate_in_run(ty, len, size).ok_or(Stop::SLOW)?;
        m.set_slot(m.field(RESULT) as u16, array.reference().to_slot());
        m.advance(NewLayout::ARRAY.words());
        Ok(())
    }
}

impl<A: Source<i32>> ArrayNewDefault<A> {
    /// Allocates the array wherever there is room for it.
    fn slow(m: &mut Machine) -> Flow {
        let (ty, len) = (m.runtime_type(m.field(NewLayout::ARRAY.ty) as u32), A::get(m) as u32);
        let array = m.allocate(|heap| heap.allocate_array(ty, len))?;
        m.set_slot(m.field(RESULT) as u16, array.reference().to_slot());
        m.advance(NewLayout::ARRAY.words());
        Ok(())
    }
}

/// `array.new_default` with the length in a slot.
pub(crate) type OfLenInSlot = ArrayNewDefault<Slot<1>>;
/// `array.new_default` with a constant length.
pub(crate) type OfConstantLen = ArrayNewDefault<Short<1>>;

/// Returns the handlers of an allocation of an array.
pub(crate) const fn array_new(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<OfLenInSlot>(kinds),
        Kind::Imm => Entry::of::<OfConstantLen>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}
