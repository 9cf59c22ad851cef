//! Allocation of objects.

use super::{Flow, Machine, OutOfLine, Stop};
use crate::heap::{Heap, Object, Reference, RuntimeType, Shortage};
use burdock_ir::{Operands, control};
use burdock_types::Trap;

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
            Shortage::Full => Err(Trap::AllocationTooLarge.into()),
            Shortage::Collection => match self.ask(|m| Some(m.vm().collect_garbage(&[])))? {
                true => Ok(()),
                false => Err(Trap::OutOfMemory.into()),
            },
            Shortage::Growth(bytes) => self.ask(|m| {
                let host = m.vm().run.host;
                (host.vtable.heap_grow)(host.data, bytes).ok()
            }),
        }
    }
}

/// The part of `struct.new` that allocates.
pub(crate) struct StructNew;

impl OutOfLine for StructNew {
    fn run(m: &mut Machine) -> Flow {
        let control::StructNew { to, ty } = m.operands();
        let ty = m.runtime_type(ty);
        let object = m.allocate(|heap| heap.allocate_struct(ty))?;
        m.set_slot(to, object.reference().to_slot());
        m.advance(control::StructNew::LENGTH);
        Ok(())
    }
}
