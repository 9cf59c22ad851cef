//! Growth of memories and tables, after asking the limiter.

use super::StoreInner;
use crate::types::raw;
use crate::{Result, Trap, bail, format_err};
use burdock_core::heap::{Object, RuntimeType, Shortage};
use burdock_core::{MemoryAddr, RawRef, TableAddr, TagAddr, Vm};
use burdock_types::MemoryType;

impl<T: 'static> StoreInner<T> {
    /// Grows a memory by `delta` pages. Returns the previous size in pages, or `None` if growing
    /// fails.
    pub(crate) fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>> {
        let vm = &mut self.opaque.vm;
        let old = vm.memory_size(memory);
        if delta == 0 {
            return Ok(Some(old));
        }
        let ty = vm.memory_type(memory);
        let max = ty.max.map(|max| bytes(&ty, max));
        if let Some(limiter) = &mut self.limiter {
            let (current, desired) = (bytes(&ty, old), bytes(&ty, old.saturating_add(delta)));
            if !limiter(&mut self.data).memory_growing(current, desired, max)? {
                return Ok(None);
            }
        }
        let grown = vm.memory_grow(memory, delta);
        if let (None, Some(limiter)) = (grown, &mut self.limiter) {
            let error = format_err!("failed to grow memory by `{delta}`");
            limiter(&mut self.data).memory_grow_failed(error)?;
        }
        Ok(grown)
    }

    /// Grows a table by `delta` elements. Returns the previous size in elements, or `None` if
    /// growing fails.
    pub(crate) fn table_grow(
        &mut self,
        table: TableAddr,
        delta: u64,
        init: RawRef,
    ) -> Result<Option<u64>> {
        let vm = &mut self.opaque.vm;
        let old = vm.table_size(table);
        if delta == 0 {
            return Ok(Some(old));
        }
        let max = vm.table_type(table).max.map(saturate);
        if let Some(limiter) = &mut self.limiter {
            let (current, desired) = (saturate(old), saturate(old.saturating_add(delta)));
            if !limiter(&mut self.data).table_growing(current, desired, max)? {
                return Ok(None);
            }
        }
        let grown = vm.table_grow(table, delta, init);
        if let (None, Some(limiter)) = (grown, &mut self.limiter) {
            let error = format_err!("failed to grow table by `{delta}`");
            limiter(&mut self.data).table_grow_failed(error)?;
        }
        Ok(grown)
    }

    /// Lets the heap grow by `bytes` if the limiter agrees. Otherwise the allocation that needs
    /// them fails.
    pub(crate) fn heap_grow(&mut self, bytes: u32) -> Result<()> {
        let granted = match &mut self.limiter {
            Some(limiter) => {
                let current = self.opaque.vm.heap().len() as usize;
                let desired = current.saturating_add(bytes as usize);
                limiter(&mut self.data).memory_growing(current, desired, None)?
            }
            None => true,
        };
        self.opaque.vm.grow_heap(bytes, granted);
        Ok(())
    }

    /// Allocates an object: an array of `len` elements, or a structure if there is no length.
    /// `held` are references that only the caller has.
    ///
    /// # Errors
    ///
    /// Fails if the heap has no room for the object, or if the limiter fails.
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
    /// Fails if the heap has no room for the object, or if the limiter fails.
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
            match allocate(&mut self.opaque.vm) {
                Ok(object) => return Ok(object),
                Err(Shortage::Full) => bail!(Trap::AllocationTooLarge),
                Err(Shortage::Growth(bytes)) => self.heap_grow(bytes)?,
                Err(Shortage::Collection) => self.opaque.collect_garbage(held)?,
            }
        }
    }

    /// Creates a memory if the limiter agrees.
    pub(crate) fn memory_new(&mut self, ty: MemoryType) -> Result<MemoryAddr> {
        if let Some(limiter) = &mut self.limiter {
            let max = ty.max.map(|max| bytes(&ty, max));
            let limiter = limiter(&mut self.data);
            if !limiter.memory_growing(0, bytes(&ty, ty.min), max)? {
                let min = ty.min;
                bail!("memory minimum size of {min} pages exceeds memory limits");
            }
        }
        Ok(self.opaque.vm.alloc_memory(ty)?)
    }

    /// Creates a table if the limiter agrees.
    pub(crate) fn table_new(&mut self, ty: raw::TableType, init: RawRef) -> Result<TableAddr> {
        if let Some(limiter) = &mut self.limiter {
            let limiter = limiter(&mut self.data);
            if !limiter.table_growing(0, saturate(ty.min), ty.max.map(saturate))? {
                let min = ty.min;
                bail!("table minimum size of {min} elements exceeds table limits");
            }
        }
        Ok(self.opaque.vm.alloc_table(ty, init)?)
    }
}

fn bytes(ty: &MemoryType, pages: u64) -> usize {
    saturate(pages.saturating_mul(ty.page_size()))
}

fn saturate(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
