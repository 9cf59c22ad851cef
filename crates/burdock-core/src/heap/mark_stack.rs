//! `MarkStack`: objects that have been marked, and whose references have yet to be followed.

use super::blocks::{Blocks, Granule};
use super::layout::GRANULE;
use super::space::Space;
use alloc::vec::Vec;

/// The number of objects whose headers are fetched ahead of their turn.
const AHEAD: usize = 8;

/// An object, with the element at which the scan of an array goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) offset: u32,
    pub(super) element: u32,
}

impl Entry {
    const NONE: Self = Self { offset: 0, element: 0 };
}

/// Marked objects. The number of entries is limited: an object for which there is no room is found
/// again by its bits, since its block is pending and its live bit is not set.
#[derive(Debug)]
pub(super) struct MarkStack {
    entries: Vec<Entry>,
    limit: usize,
    /// A queue of entries that were on the stack: `queued` of them, the oldest at `oldest`. The
    /// processor fetches their objects while earlier ones are scanned.
    queue: [Entry; AHEAD],
    oldest: usize,
    queued: usize,
    /// `true` if there are pending blocks.
    pub(super) is_pending: bool,
}

impl MarkStack {
    /// Returns an empty stack with room for `limit` entries, at least one.
    pub(super) fn new(limit: usize) -> Self {
        let limit = limit.max(1);
        let queue = [Entry::NONE; AHEAD];
        Self { entries: Vec::new(), limit, queue, oldest: 0, queued: 0, is_pending: false }
    }

    /// Marks the object that a reference leads to, if it does and is not marked.
    #[inline(always)]
    pub(super) fn visit(&mut self, blocks: &mut Blocks, reference: u32) {
        if !reference.is_multiple_of(GRANULE) {
            return;
        }
        let granule = Granule::at(reference);
        let Some((cell, bit)) = blocks.cell(granule) else { return };
        if cell.starts & bit != 0 {
            return;
        }
        cell.starts |= bit;
        if !self.push(Entry { offset: reference, element: 0 }) {
            self.is_pending = true;
            if let Some(block) = blocks.table.get_mut(granule.block()) {
                block.is_pending = true;
            }
        }
    }

    /// Adds an entry; `false` if there is no room.
    #[inline(always)]
    pub(super) fn push(&mut self, entry: Entry) -> bool {
        let len = self.entries.len();
        if len == self.entries.capacity() && (len >= self.limit || !self.extend()) {
            return false;
        }
        self.entries.push(entry);
        true
    }

    #[cold]
    fn extend(&mut self) -> bool {
        let more = self.entries.len().max(64).min(self.limit - self.entries.len());
        self.entries.try_reserve_exact(more).is_ok()
    }

    /// Takes an entry whose object has been fetched, if possible.
    #[inline(always)]
    pub(super) fn pop(&mut self, space: &Space) -> Option<Entry> {
        while self.queued < AHEAD
            && let Some(entry) = self.entries.pop()
        {
            prefetch(space.hint(entry.offset));
            self.queue[(self.oldest + self.queued) % AHEAD] = entry;
            self.queued += 1;
        }
        self.queued = self.queued.checked_sub(1)?;
        let entry = self.queue[self.oldest % AHEAD];
        self.oldest = (self.oldest + 1) % AHEAD;
        Some(entry)
    }
}

/// Lets the processor fetch the cache line at an address, which need not be accessible.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
fn prefetch(address: *const u8) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: [HEAP] a hint has no effect but on caches, whatever the address is.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
}

/// Lets the processor fetch the cache line at an address, which need not be accessible.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[inline(always)]
fn prefetch(address: *const u8) {
    // SAFETY: [HEAP] a hint has no effect but on caches, whatever the address is.
    unsafe {
        core::arch::asm!(
            "prfm pldl1keep, [{}]",
            in(reg) address,
            options(nostack, preserves_flags, readonly)
        );
    }
}

/// Does nothing, as there is no hint for this processor.
#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn prefetch(_: *const u8) {}
