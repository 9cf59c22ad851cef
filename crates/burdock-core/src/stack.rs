//! The value stack: frames as data, on memory that grows up to a limit.

use alloc::vec::Vec;

/// Slots for frames. The machine writes them through pointers; who else needs them, by position.
pub(crate) struct Stack {
    slots: Vec<u64>,
    /// The room that it has as soon as any is needed.
    initial: usize,
    limit: usize,
}

impl Stack {
    /// Creates a stack with `initial` slots at its first use and at most `limit` slots.
    pub(crate) fn new(initial: usize, limit: usize) -> Self {
        Self { slots: Vec::new(), initial, limit }
    }

    /// Returns the address of the first slot, which changes when the stack grows.
    pub(crate) fn base(&mut self) -> *mut u64 {
        self.slots.as_mut_ptr()
    }

    /// Returns the number of slots that the stack has room for now.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Makes room for so many slots; false if the limit does not allow it.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, slots: usize) -> bool {
        slots <= self.slots.len() || self.grow(slots)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, slots: usize) -> bool {
        let twice = self.slots.len().saturating_mul(2);
        let wanted = slots.max(twice).max(self.initial).min(self.limit);
        if wanted < slots || self.slots.try_reserve_exact(wanted - self.slots.len()).is_err() {
            return false;
        }
        self.slots.resize(wanted, 0);
        true
    }

    /// Returns `true` if an address is that of a slot.
    #[cfg(loop_dispatch)]
    pub(crate) fn holds(&self, slot: *const u64) -> bool {
        self.slots.as_ptr_range().contains(&slot) && slot.is_aligned()
    }

    /// Returns `true` if these are the addresses of the first slot and behind the last.
    #[cfg(loop_dispatch)]
    pub(crate) fn spans(&self, base: *const u64, end: *const u64) -> bool {
        self.slots.as_ptr_range() == (base..end)
    }

    #[inline]
    pub(crate) fn get(&self, start: usize, len: usize) -> Option<&[u64]> {
        self.slots.get(start..start.wrapping_add(len))
    }

    #[inline]
    pub(crate) fn slots(&self, start: usize, len: usize) -> &[u64] {
        &self.slots[start..start + len]
    }

    /// Returns the slots from a position on.
    #[inline(always)]
    pub(crate) fn from(&self, start: usize) -> Option<&[u64]> {
        self.slots.get(start..)
    }

    /// Copies slots, which may overlap.
    pub(crate) fn copy_within(&mut self, from: usize, to: usize, len: usize) {
        self.slots.copy_within(from..from + len, to);
    }

    #[inline]
    pub(crate) fn slots_mut(&mut self, start: usize, len: usize) -> &mut [u64] {
        &mut self.slots[start..start + len]
    }
}
