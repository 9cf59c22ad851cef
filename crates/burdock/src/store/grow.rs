//! Growth of memories, tables and the heap, after asking the limiter.

use super::StoreInner;
use crate::error::Context as _;
use crate::limits::Growing;
use crate::types::raw;
use crate::{AllocationError, Error, ResourceLimitError, Result, ensure, format_err};
use burdock_core::{MemoryAddr, RawRef, TableAddr};
use burdock_types::{IndexType, MemoryType};

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
        let (current, desired) = (bytes(&ty, old), bytes(&ty, old.saturating_add(delta)));
        if !has_size(&ty, desired) {
            let error = format_err!("memory growth exceeds memory type's limits");
            return self.memory_has_failed(error);
        }
        let (maximum, possible) = (maximum_of(&ty), possible_bytes(&ty));
        if let Some(limiter) = &mut self.limiter {
            let growth = Growing { current, desired, maximum, possible, is_new: false };
            if !limiter.memory_growing(&mut self.data, growth)? {
                return Ok(None);
            }
        }
        let config = self.opaque.engine().config();
        let is_allowed = desired <= self.opaque.max_memory_bytes(memory);
        let largest = possible.unwrap_or(usize::MAX).min(config.memory_room());
        let grown = is_allowed.then(|| self.opaque.vm.memory_grow(memory, delta)).flatten();
        match grown {
            None if !is_allowed || desired > largest => {
                self.memory_has_failed(format_err!("Memory maximum size exceeded"))
            }
            None => self.memory_has_failed(format_err!("failed to grow memory by `{delta}`")),
            grown => Ok(grown),
        }
    }

    /// Tells the limiter that a memory has failed to grow.
    fn memory_has_failed(&mut self, error: Error) -> Result<Option<u64>> {
        if let Some(limiter) = &mut self.limiter {
            limiter.memory_grow_failed(&mut self.data, error)?;
        }
        Ok(None)
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
        let ty = vm.table_type(table);
        let Some(desired) = saturate(old).checked_add(saturate(delta)) else {
            return self.table_has_failed(format_err!("overflow calculating new table size"));
        };
        let bound = self.opaque.max_table_elements(table);
        let possible = [possible_elements(&ty), bound].into_iter().flatten().min();
        if let Some(limiter) = &mut self.limiter {
            let (current, maximum) = (saturate(old), ty.max.map(saturate));
            let growth = Growing { current, desired, maximum, possible, is_new: false };
            if !limiter.table_growing(&mut self.data, growth)? {
                return Ok(None);
            }
        }
        if possible.is_some_and(|possible| desired > possible) {
            return self.table_has_failed(format_err!("Table maximum size exceeded"));
        }
        match self.opaque.vm.table_grow(table, delta, init) {
            None => self.table_has_failed(format_err!("failed to grow table by `{delta}`")),
            grown => Ok(grown),
        }
    }

    /// Tells the limiter that a table has failed to grow.
    fn table_has_failed(&mut self, error: Error) -> Result<Option<u64>> {
        if let Some(limiter) = &mut self.limiter {
            limiter.table_grow_failed(&mut self.data, error)?;
        }
        Ok(None)
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
                let possible = usize::try_from(1u64 << 32).ok();
                let growth = Growing { current, desired, maximum: None, possible, is_new: false };
                limiter.heap_growing(&mut self.data, growth)?
            }
            None => true,
        };
        self.opaque.vm.grow_heap(bytes, granted);
        let new = u64::from(self.opaque.vm.heap().len());
        if new > 0 {
            self.opaque.share.add_heap();
        }
        if granted
            && new == old
            && bytes > 0
            && let Some(limiter) = &mut self.limiter
        {
            let error = format_err!("failed to grow the heap by {bytes} bytes");
            limiter.heap_grow_failed(&mut self.data, error)?;
        }
        Ok([old, new])
    }

    /// Creates a memory if the limiter agrees.
    pub(crate) fn memory_new(&mut self, ty: MemoryType) -> Result<MemoryAddr> {
        let desired = bytes(&ty, ty.min);
        let refused = ResourceLimitError::MemorySize(ty.min);
        if let Some(limiter) = &mut self.limiter {
            let (maximum, possible) = (maximum_of(&ty), possible_bytes(&ty));
            let growth = Growing { current: 0, desired, maximum, possible, is_new: true };
            ensure!(limiter.memory_growing(&mut self.data, growth)?, refused);
        }
        ensure!(has_size(&ty, desired), refused);
        let made = self.opaque.vm.alloc_memory(ty);
        made.context(AllocationError::Memory(desired))
    }

    /// Creates a table if the limiter agrees.
    pub(crate) fn table_new(&mut self, ty: raw::TableType, init: RawRef) -> Result<TableAddr> {
        let (min, desired) = (ty.min, saturate(ty.min));
        if let Some(limiter) = &mut self.limiter {
            let (maximum, possible) = (ty.max.map(saturate), possible_elements(&ty));
            let growth = Growing { current: 0, desired, maximum, possible, is_new: true };
            let allowed = limiter.table_growing(&mut self.data, growth)?;
            ensure!(allowed, ResourceLimitError::TableSize(min));
        }
        let made = self.opaque.vm.alloc_table(ty, init);
        made.context(AllocationError::Table(min))
    }
}

/// Returns the size of this many pages, or the largest size of whole pages if it is more.
fn bytes(ty: &MemoryType, pages: u64) -> usize {
    let largest = 0u64.wrapping_sub(ty.page_size()) as usize;
    saturate(pages.saturating_mul(ty.page_size())).min(largest)
}

/// Returns `true` if a memory can tell that it has this size in bytes. A memory of 4 GiB with pages
/// of one byte and 32-bit indices can't, and with one byte less its size is the answer of
/// `memory.grow` that growth has failed.
fn has_size(ty: &MemoryType, bytes: usize) -> bool {
    let ambiguous = ty.page_size() == 1 && ty.index == IndexType::I32;
    !ambiguous || (bytes as u64) < u64::from(u32::MAX)
}

/// Returns the maximum that the type of a memory declares, in bytes.
fn maximum_of(ty: &MemoryType) -> Option<usize> {
    ty.max.map(|max| saturate(max.saturating_mul(ty.page_size())))
}

/// Returns the largest size in bytes that the type of a memory allows; `None` if it has too many
/// digits.
fn possible_bytes(ty: &MemoryType) -> Option<usize> {
    let possible = match (ty.max, ty.index) {
        (Some(max), _) => max.checked_mul(ty.page_size())?,
        (None, IndexType::I32) => ty.min.checked_mul(ty.page_size())?.max(1 << 32),
        (None, IndexType::I64) => 0u64.wrapping_sub(ty.page_size()),
    };
    usize::try_from(possible).ok()
}

/// Returns the largest size that the type of a table allows; `None` if it has too many digits.
fn possible_elements(ty: &raw::TableType) -> Option<usize> {
    let possible = match (ty.max, ty.index) {
        (Some(max), _) => max,
        (None, IndexType::I32) => u32::MAX.into(),
        (None, IndexType::I64) => u64::MAX,
    };
    usize::try_from(possible).ok()
}

fn saturate(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
