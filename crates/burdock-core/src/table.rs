//! Tables and globals.

use crate::{GlobalAddr, OutOfMemory, RawRef, TableAddr};
use alloc::vec::Vec;
use burdock_types::{GlobalType, TableType, Trap};
use core::cell::UnsafeCell;
use core::ops::Range;

/// A table of a store.
pub(crate) struct Table {
    pub(crate) address: TableAddr,
    ty: TableType,
    elements: Vec<RawRef>,
    /// Where they are and how many, for native handlers.
    #[cfg(native_dispatch)]
    pub(crate) first: *mut RawRef,
    #[cfg(native_dispatch)]
    pub(crate) len: usize,
}

// SAFETY: [ADDR] the pointer leads to the table's own elements.
unsafe impl Send for Table {}
// SAFETY: [ADDR] as above; who shares a table only reads.
unsafe impl Sync for Table {}

impl Table {
    /// A table of its type's least size.
    pub(crate) fn new(
        ty: TableType,
        init: RawRef,
        address: TableAddr,
    ) -> Result<Self, OutOfMemory> {
        let mut table = Self {
            address,
            ty,
            elements: Vec::new(),
            #[cfg(native_dispatch)]
            first: core::ptr::null_mut(),
            #[cfg(native_dispatch)]
            len: 0,
        };
        table.resize(ty.min, init).ok_or(OutOfMemory)?;
        Ok(table)
    }

    pub(crate) fn ty(&self) -> TableType {
        self.ty
    }

    pub(crate) fn size(&self) -> u64 {
        self.elements.len() as u64
    }

    pub(crate) fn elements(&self) -> &[RawRef] {
        &self.elements
    }

    /// Has these elements and no others, as it had before.
    pub(crate) fn set_elements(&mut self, elements: &[RawRef]) {
        self.elements.clear();
        self.elements.extend_from_slice(elements);
        self.refresh();
    }

    /// Has to follow whatever moves the elements.
    fn refresh(&mut self) {
        #[cfg(native_dispatch)]
        {
            (self.first, self.len) = (self.elements.as_mut_ptr(), self.elements.len());
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: u64) -> Option<RawRef> {
        self.elements.get(usize::try_from(index).ok()?).copied()
    }

    pub(crate) fn set(&mut self, index: u64, value: RawRef) -> Result<(), Trap> {
        let index = usize::try_from(index).map_err(|_| Trap::TableOutOfBounds)?;
        *self.elements.get_mut(index).ok_or(Trap::TableOutOfBounds)? = value;
        Ok(())
    }

    /// Grows by so many elements; gives the size before, or `None` if there is no room.
    pub(crate) fn grow(&mut self, delta: u64, init: RawRef) -> Option<u64> {
        let before = self.size();
        let size = before.checked_add(delta)?;
        // A table of 64-bit indices is bounded as one of 32-bit indices: it could not be held.
        if size > self.ty.max.unwrap_or(u64::MAX).min(u64::from(u32::MAX)) {
            return None;
        }
        self.resize(size, init)?;
        Some(before)
    }

    fn resize(&mut self, size: u64, init: RawRef) -> Option<()> {
        let size = usize::try_from(size).ok()?;
        self.elements.try_reserve_exact(size - self.elements.len()).ok()?;
        self.elements.resize(size, init);
        self.refresh();
        Some(())
    }

    pub(crate) fn fill(&mut self, at: u64, value: RawRef, len: u64) -> Result<(), Trap> {
        let range = range(at, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements[range].fill(value);
        Ok(())
    }

    /// Writes elements from a position on.
    pub(crate) fn write(&mut self, at: u64, from: &[RawRef]) -> Result<(), Trap> {
        let range = range(at, from.len() as u64, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements[range].copy_from_slice(from);
        Ok(())
    }

    /// The elements of a range.
    pub(crate) fn read(&self, at: u64, len: u64) -> Result<&[RawRef], Trap> {
        let range = range(at, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        Ok(&self.elements[range])
    }

    /// Copies within the table; the ranges may overlap.
    pub(crate) fn copy_within(&mut self, to: u64, from: u64, len: u64) -> Result<(), Trap> {
        let from = range(from, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        let to = range(to, len, self.size()).ok_or(Trap::TableOutOfBounds)?;
        self.elements.copy_within(from, to.start);
        Ok(())
    }
}

/// The range of `len` positions from `at` on, if it lies within `size`.
pub(crate) fn range(at: u64, len: u64, size: u64) -> Option<Range<usize>> {
    let end = at.checked_add(len).filter(|&end| end <= size)?;
    Some(at as usize..end as usize)
}

/// A global of a store. The machine reads and writes its cell through a pointer.
pub(crate) struct Global {
    pub(crate) cell: UnsafeCell<[u64; 2]>,
    pub(crate) ty: GlobalType,
    pub(crate) address: GlobalAddr,
}

// SAFETY: [OWN] the cell is written only by who has the store for itself.
unsafe impl Sync for Global {}
