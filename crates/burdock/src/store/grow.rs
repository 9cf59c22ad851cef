//! Growth of memories, tables and the heap, after asking the limiter.

use super::StoreInner;
use crate::error::Context as _;
use crate::limits::Growing;
use crate::types::raw;
use crate::{ResourceLimitError, Result, format_err};
use alloc::format;
use burdock_core::{MemoryAddr, RawRef, TableAddr};
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
            let growth = Growing { current, desired, maximum: max, is_new: false };
            if !limiter.memory_growing(&mut self.data, growth)? {
                return Ok(None);
            }
        }
        let size = bytes(&ty, old.saturating_add(delta));
        let is_allowed = size <= self.opaque.engine().config().max_memory_bytes();
        let grown = is_allowed.then(|| self.opaque.vm.memory_grow(memory, delta)).flatten();
        if let (None, Some(limiter)) = (grown, &mut self.limiter) {
            let error = format_err!("failed to grow memory by `{delta}`");
            limiter.memory_grow_failed(&mut self.data, error)?;
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
            let growth = Growing { current, desired, maximum: max, is_new: false };
            if !limiter.table_growing(&mut self.data, growth)? {
                return Ok(None);
            }
        }
        let size = saturate(old.saturating_add(delta));
        let is_allowed = size <= self.opaque.engine().config().max_table_elements();
        let grown = is_allowed.then(|| self.opaque.vm.table_grow(table, delta, init)).flatten();
        if let (None, Some(limiter)) = (grown, &mut self.limiter) {
            let error = format_err!("failed to grow table by `{delta}`");
            limiter.table_grow_failed(&mut self.data, error)?;
        }
        Ok(grown)
    }

    /// Lets the heap grow by `bytes` if the limiter agrees. Otherwise the allocation that needs
    /// them fails. Returns the sizes of the heap before and after.
    pub(crate) fn heap_grow(&mut self, bytes: u32) -> Result<[u64; 2]> {
        self.opaque.ensure_objects()?;
        let old = u64::from(self.opaque.vm.heap().len());
        let granted = match &mut self.limiter {
            Some(limiter) => {
                let current = self.opaque.vm.heap().len() as usize;
                let desired = current.saturating_add(bytes as usize);
                let growth = Growing { current, desired, maximum: None, is_new: false };
                limiter.heap_growing(&mut self.data, growth)?
            }
            None => true,
        };
        self.opaque.vm.grow_heap(bytes, granted);
        let new = u64::from(self.opaque.vm.heap().len());
        if new > 0 {
            self.opaque.share.add_heap();
        }
        Ok([old, new])
    }

    /// Creates a memory if the limiter agrees.
    pub(crate) fn memory_new(&mut self, ty: MemoryType) -> Result<MemoryAddr> {
        if let Some(limiter) = &mut self.limiter {
            let maximum = ty.max.map(|max| bytes(&ty, max));
            let growth = Growing { current: 0, desired: bytes(&ty, ty.min), maximum, is_new: true };
            if !limiter.memory_growing(&mut self.data, growth)? {
                return Err(ResourceLimitError::MemorySize(ty.min).into());
            }
        }
        let made = self.opaque.vm.alloc_memory(ty);
        made.with_context(|| format!("cannot allocate a memory of {} bytes", bytes(&ty, ty.min)))
    }

    /// Creates a table if the limiter agrees.
    pub(crate) fn table_new(&mut self, ty: raw::TableType, init: RawRef) -> Result<TableAddr> {
        if let Some(limiter) = &mut self.limiter {
            let maximum = ty.max.map(saturate);
            let growth = Growing { current: 0, desired: saturate(ty.min), maximum, is_new: true };
            if !limiter.table_growing(&mut self.data, growth)? {
                return Err(ResourceLimitError::TableSize(ty.min).into());
            }
        }
        let min = ty.min;
        let made = self.opaque.vm.alloc_table(ty, init);
        made.with_context(|| format!("cannot allocate a table of {min} elements"))
    }
}

fn bytes(ty: &MemoryType, pages: u64) -> usize {
    saturate(pages.saturating_mul(ty.page_size()))
}

fn saturate(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
