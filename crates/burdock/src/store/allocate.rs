//! Allocation of objects by the host.

use super::{Notice, StoreContextMut, StoreInner};
use crate::{GcHeapOutOfMemory, Result, Trap, bail};
use burdock_core::heap::{Object, RuntimeType, Shortage};
use burdock_core::{RawRef, TagAddr, Vm};

impl<T: 'static> StoreContextMut<'_, T> {
    /// Allocates an object: an array of `len` elements, or a structure if there is no length.
    /// `held` are references that only the caller has.
    ///
    /// # Errors
    ///
    /// Fails if the heap has no room for the object, or if the limiter or a hook fails.
    pub(crate) fn allocate_object(
        &mut self,
        ty: RuntimeType,
        len: Option<u32>,
        held: &[RawRef],
    ) -> Result<Object> {
        self.allocate(held, |vm| vm.allocate_object(ty, len))
    }

    /// Allocates the object of an exception with these values, as they lie in slots.
    ///
    /// # Errors
    ///
    /// Fails if the heap has no room for the object, or if the limiter or a hook fails.
    pub(crate) fn allocate_exception(&mut self, tag: TagAddr, values: &[u64]) -> Result<Object> {
        self.allocate(values, |vm| vm.allocate_exception(tag, values))
    }

    /// Allocates an object, and makes room for it. `held` are words that may be references and that
    /// only the caller has.
    pub(crate) fn allocate(
        &mut self,
        held: &[u64],
        allocate: impl Fn(&mut Vm) -> Result<Object, Shortage>,
    ) -> Result<Object> {
        loop {
            match allocate(&mut self.inner.opaque.vm) {
                Ok(object) => return Ok(object),
                Err(shortage) => {
                    let [old, new] = self.inner.make_room(shortage, held)?;
                    self.holding(held, |store| {
                        store.report_collections()?;
                        store.report_growth(Notice::HeapGrown(old, new))
                    })?;
                }
            }
        }
    }

    /// Delivers the collections that no hook has been told of yet.
    ///
    /// # Errors
    ///
    /// Fails if a hook does.
    pub(crate) fn report_collections(&mut self) -> Result<()> {
        if !self.inner.opaque.vm.heap().has_reports() {
            return Ok(());
        }
        let deliver = self.inner.vtable.notice;
        deliver(self.reborrow(), Notice::Collected)
    }

    /// Delivers that the heap has grown, if it has.
    ///
    /// # Errors
    ///
    /// Fails if a hook does.
    pub(super) fn report_growth(&mut self, notice: Notice<'_>) -> Result<()> {
        if let Notice::HeapGrown(old, new) | Notice::HeapGrownInGuest(old, new) = notice
            && old == new
        {
            return Ok(());
        }
        let deliver = self.inner.vtable.notice;
        deliver(self.reborrow(), notice)
    }

    /// Does something while words, which may be references, are among the roots.
    fn holding<R>(&mut self, words: &[u64], call: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.inner.opaque.vm.hold(words.iter().copied());
        let result = call(self);
        self.inner.opaque.vm.release(before);
        result
    }
}

impl<T: 'static> StoreInner<T> {
    /// Allocates an object while an instance is made. No hook is called: it would find the instance
    /// incomplete. See [`StoreContextMut::allocate_object`].
    pub(crate) fn allocate_quietly(
        &mut self,
        ty: RuntimeType,
        len: Option<u32>,
        held: &[RawRef],
    ) -> Result<Object> {
        loop {
            match self.opaque.vm.allocate_object(ty, len) {
                Ok(object) => return Ok(object),
                Err(shortage) => _ = self.make_room(shortage, held)?,
            }
        }
    }

    /// Makes room, or fails. Returns the sizes of the heap before and after.
    fn make_room(&mut self, shortage: Shortage, held: &[u64]) -> Result<[u64; 2]> {
        let len = u64::from(self.opaque.vm.heap().len());
        match shortage {
            Shortage::Full => bail!(GcHeapOutOfMemory::new(())),
            Shortage::TooLarge => bail!(Trap::AllocationTooLarge),
            Shortage::Growth(bytes) => self.heap_grow(bytes),
            Shortage::Collection => self.opaque.collect_garbage(held).map(|()| [len, len]),
        }
    }
}
