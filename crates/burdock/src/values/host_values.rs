//! The host values of a store, for which objects of the heap stand.

use crate::store::StoreOpaque;
use crate::{Result, StoreContextMut, bail, ensure};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_core::OutOfMemory;
use burdock_core::heap::Reference;
use core::any::Any;

pub(super) type HostValue = Box<dyn Any + Send + Sync>;

/// The host values of a store, by the index that their objects contain.
#[derive(Default)]
pub(crate) struct HostValues {
    values: Vec<Option<HostValue>>,
    free: Vec<u32>,
}

impl HostValues {
    fn add(&mut self, value: HostValue) -> u32 {
        match self.free.pop() {
            Some(index) => {
                self.values[index as usize] = Some(value);
                index
            }
            None => {
                self.values.push(Some(value));
                self.values.len() as u32 - 1
            }
        }
    }

    fn remove(&mut self, index: u32) -> Option<HostValue> {
        let value = self.values.get_mut(index as usize)?.take();
        if value.is_some() {
            self.free.push(index);
        }
        value
    }
}

impl StoreOpaque {
    fn host_value_index(&self, reference: Reference) -> Option<usize> {
        Some(self.vm.heap().host_value(reference.object()?)? as usize)
    }

    /// Returns the host value that a reference leads to, if it leads to one.
    pub(super) fn host_value(&self, reference: Reference) -> Option<&HostValue> {
        let index = self.host_value_index(reference)?;
        self.host_values.as_ref()?.values.get(index)?.as_ref()
    }

    /// Returns a mutable reference to the host value that a reference leads to, if it leads to one.
    pub(super) fn host_value_mut(&mut self, reference: Reference) -> Option<&mut HostValue> {
        let index = self.host_value_index(reference)?;
        self.host_values.as_mut()?.values.get_mut(index)?.as_mut()
    }

    /// Collects garbage, and drops the host values that died.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory.
    pub(crate) fn collect_garbage(&mut self, held: &[u64]) -> Result<()> {
        let collected = self.vm.collect_garbage(held);
        self.drop_dead_host_values();
        ensure!(collected, OutOfMemory);
        Ok(())
    }

    /// Collects all garbage, and drops the host values that died. Does nothing if the heap is not
    /// collected.
    ///
    /// # Errors
    ///
    /// Fails, and frees nothing, if the system is out of memory.
    pub(super) fn collect_all_garbage(&mut self) -> Result<()> {
        let collected = !self.vm.heap().is_collected() || self.vm.collect_all_garbage();
        self.drop_dead_host_values();
        ensure!(collected, OutOfMemory);
        Ok(())
    }

    /// Drops the host values whose objects have been freed.
    pub(crate) fn drop_dead_host_values(&mut self) {
        let dead = self.vm.take_dead_host_values();
        let Some(values) = &mut self.host_values else { return };
        // They are dropped when everything is in order, because dropping one runs code of the
        // embedder's.
        let dead: Vec<_> = dead.into_iter().filter_map(|index| values.remove(index)).collect();
        drop(dead);
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Makes an object for a host value, which is taken.
    ///
    /// # Errors
    ///
    /// Fails if the heap has no room for the object, or if the limiter or a hook fails. The value
    /// is put back.
    pub(super) fn allocate_host_value(
        &mut self,
        value: &mut Option<HostValue>,
    ) -> Result<Reference> {
        let Some(taken) = value.take() else { bail!("there is no host value") };
        let index = self.opaque().host_values.get_or_insert_default().add(taken);
        let allocated = self.allocate(&[], |vm| vm.allocate_host_value(index));
        if allocated.is_err() {
            let values = self.opaque().host_values.as_mut();
            *value = values.and_then(|values| values.remove(index));
        }
        Ok(allocated?.reference())
    }
}
