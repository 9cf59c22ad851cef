//! `Arena`: entities of one kind, each at an address that never changes, so that the machine can
//! hold pointers to them.

use alloc::boxed::Box;
use core::ptr::NonNull;
use smallvec::SmallVec;

/// Entities of one kind, dropped together.
pub(crate) struct Arena<T> {
    /// Most stores have one instance with one memory and one table.
    items: SmallVec<[NonNull<T>; 1]>,
}

// SAFETY: [OWN] an arena owns its items, as a `Vec<Box<T>>` would.
unsafe impl<T: Send> Send for Arena<T> {}
// SAFETY: [OWN] shared access to an arena gives shared access to its items, and no more.
unsafe impl<T: Sync> Sync for Arena<T> {}

impl<T> Arena<T> {
    pub(crate) const fn new() -> Self {
        Self { items: SmallVec::new_const() }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn push(&mut self, item: T) -> u32 {
        self.push_with(|_| item)
    }

    /// Adds the item that `make` returns for the item's index. A large item is made in its place:
    /// room for the item is allocated before.
    #[inline(always)]
    pub(crate) fn push_with(&mut self, make: impl FnOnce(u32) -> T) -> u32 {
        let index = self.items.len() as u32;
        let place = Box::new_uninit();
        let item = Box::write(place, make(index));
        self.items.push(NonNull::from(Box::leak(item)));
        index
    }

    /// Drops the youngest items until `len` are left. Nothing may point to the dropped items any
    /// more.
    pub(crate) fn truncate(&mut self, len: usize) {
        for item in self.items.drain(len.min(self.items.len())..) {
            // SAFETY: [OWN] made by `Box::leak` in `push_with`; the list no longer has it.
            drop(unsafe { Box::from_raw(item.as_ptr()) });
        }
    }

    /// Returns the item's address, for the machine.
    pub(crate) fn pointer(&self, index: usize) -> NonNull<T> {
        self.items[index]
    }

    pub(crate) fn get(&self, index: usize) -> &T {
        // SAFETY: [OWN] the item lives as long as the arena, and `&self` keeps `&mut` away.
        unsafe { self.items[index].as_ref() }
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> &mut T {
        // SAFETY: [OWN] the item lives as long as the arena, and `&mut self` keeps others away.
        unsafe { self.items[index].as_mut() }
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        for item in &self.items {
            // SAFETY: [OWN] made by `Box::leak` in `push_with`; the arena is gone afterwards.
            drop(unsafe { Box::from_raw(item.as_ptr()) });
        }
    }
}
