//! Tables and globals.

use crate::storage::Storage;
use crate::{GlobalAddr, OutOfMemory, RawRef, TableAddr, TypeId};
use burdock_types::{GlobalType, TableType, Trap};
use core::cell::UnsafeCell;
use core::ops::Range;
use core::ptr::NonNull;

/// The maximum number of elements of a table. Tables with 64-bit indices have the same limit as
/// those with 32-bit indices, because more elements could not be held.
pub(crate) const MAX_ELEMENTS: u64 = u32::MAX as u64;

/// A table of a store. Null elements are zero: pages of elements that were never written have not
/// been allocated by the system yet.
pub(crate) struct Table {
    pub(crate) address: TableAddr,
    ty: TableType<TypeId>,
    /// The table's elements, also for native handlers.
    pub(crate) first: NonNull<RawRef>,
    /// The number of elements, also for native handlers.
    pub(crate) len: usize,
    storage: Storage,
}

// SAFETY: [ADDR] the pointer leads to the table's own elements.
unsafe impl Send for Table {}
// SAFETY: [ADDR] as above; who shares a table only reads.
unsafe impl Sync for Table {}

impl Table {
    /// Creates a table of its type's minimum size.
    pub(crate) fn new(
        ty: TableType<TypeId>,
        init: RawRef,
        address: TableAddr,
    ) -> Result<Self, OutOfMemory> {
        let (first, storage) = Storage::zeroed(0).ok_or(OutOfMemory)?;
        let mut table = Self { address, ty, first: first.cast(), len: 0, storage };
        table.resize(ty.min, init).ok_or(OutOfMemory)?;
        Ok(table)
    }

    pub(crate) fn ty(&self) -> TableType<TypeId> {
        self.ty
    }

    pub(crate) fn size(&self) -> u64 {
        self.len as u64
    }

    pub(crate) fn elements(&self) -> &[RawRef] {
        // SAFETY: [ADDR] `len` elements are at `first`, and are the table's.
        unsafe { core::slice::from_raw_parts(self.first.as_ptr(), self.len) }
    }

    fn elements_mut(&mut self) -> &mut [RawRef] {
        // SAFETY: [ADDR] as above, and `&mut self` keeps others away.
        unsafe { core::slice::from_raw_parts_mut(self.first.as_ptr(), self.len) }
    }

    /// Replaces the table's elements and their number by those of an earlier state. Returns `None`
    /// if there is no room.
    pub(crate) fn set_elements(&mut self, elements: &[RawRef]) -> Option<()> {
        if elements.len() < self.len {
            let (address, ty) = (self.address, self.ty);
            let (first, storage) = Storage::zeroed(0)?;
            *self = Self { address, ty, first: first.cast(), len: 0, storage };
        }
        self.resize(elements.len() as u64, 0)?;
        self.elements_mut().copy_from_slice(elements);
        Some(())
    }

    #[inline]
    pub(crate) fn get(&self, index: u64) -> Option<RawRef> {
        self.elements().get(usize::try_from(index).ok()?).copied()
    }

    pub(crate) fn set(&mut self, index: u64, value: RawRef) -> Result<(), Trap> {
        let index = usize::try_from(index).map_err(|_| Trap::TableOutOfBounds)?;
        *self.elements_mut().get_mut(index).ok_or(Trap::TableOutOfBounds)? = value;
        Ok(())
    }

    /// Grows by so many elements; gives the size before, or `None` if there is no room.
    pub(crate) fn grow(&mut self, delta: u64, init: RawRef) -> Option<u64> {
        let before = self.size();
        let size = before.checked_add(delta)?;
        if size > self.ty.max.unwrap_or(u64::MAX).min(MAX_ELEMENTS) {
            return None;
        }
        self.resize(size, init)?;
        Some(before)
    }

    /// Resizes the table to `size` elements, no fewer than before; the new elements are `init`.
    fn resize(&mut self, size: u64, init: RawRef) -> Option<()> {
        let (before, size) = (self.len, usize::try_from(size).ok()?);
        if size == before {
            return Some(());
        }
        let bytes = size.checked_mul(size_of::<RawRef>())?;
        let used = before * size_of::<RawRef>();
        // SAFETY: [MEM] `used` bytes of this storage are at `first`.
        let first = unsafe { self.storage.grow(self.first.cast(), used, bytes)? };
        (self.first, self.len) = (first.cast(), size);
        if init != 0 {
            self.elements_mut()[before..].fill(init);
        }
        Some(())
    }

    pub(crate) fn fill(&mut self, at: u64, value: RawRef, len: u64) -> Result<(), Trap> {
        let range = range(at, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements_mut()[range].fill(value);
        Ok(())
    }

    /// Writes elements from a position on.
    pub(crate) fn write(&mut self, at: u64, from: &[RawRef]) -> Result<(), Trap> {
        let range = range(at, from.len() as u64, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements_mut()[range].copy_from_slice(from);
        Ok(())
    }

    /// Returns the elements of a range.
    pub(crate) fn read(&self, at: u64, len: u64) -> Result<&[RawRef], Trap> {
        let range = range(at, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        Ok(&self.elements()[range])
    }

    /// Copies within the table; the ranges may overlap.
    pub(crate) fn copy_within(&mut self, to: u64, from: u64, len: u64) -> Result<(), Trap> {
        let from = range(from, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        let to = range(to, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements_mut().copy_within(from, to.start);
        Ok(())
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let bytes = self.len * size_of::<RawRef>();
        // SAFETY: [MEM] `bytes` bytes of this storage are at `first`, and no caller uses them any
        // more.
        unsafe { self.storage.free(self.first.cast(), bytes) };
    }
}

/// Returns the range of `len` positions from `at`, if it lies within `size`.
pub(crate) fn range(at: u64, len: u64, size: u64) -> Option<Range<usize>> {
    let end = at.checked_add(len).filter(|&end| end <= size)?;
    Some(at as usize..end as usize)
}

/// A global of a store. The machine reads and writes its cell through a pointer.
pub(crate) struct Global {
    pub(crate) cell: UnsafeCell<[u64; 2]>,
    pub(crate) ty: GlobalType<TypeId>,
    pub(crate) address: GlobalAddr,
}

// SAFETY: [OWN] the cell is written only by who has the store for itself.
unsafe impl Sync for Global {}
