//! `MarkStack`: objects that have been marked, and whose references have yet to be followed.

use super::blocks::{Blocks, Granule};
use super::space::Space;
use alloc::vec::Vec;
use core::mem;

/// The number of references that are fetched ahead of their turn.
const AHEAD: usize = 16;

/// An object, with the element at which the scan of an array goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) offset: u32,
    pub(super) element: u32,
}

/// References to be visited, and marked objects to be scanned.
///
/// The number of objects is limited: one for which there is no room is found again by its bits,
/// since its block is pending and its live bit is not set.
#[derive(Debug)]
pub(super) struct MarkStack {
    entries: Vec<Entry>,
    limit: usize,
    /// A queue of references to granules, the oldest at `next`. While a reference is in the queue,
    /// the processor fetches the object's bits and header.
    queue: [Granule; AHEAD],
    /// The number of references that were queued.
    next: usize,
    /// `true` if there are pending blocks.
    pub(super) is_pending: bool,
}

impl MarkStack {
    /// Returns an empty stack with room for `limit` entries, at least one.
    pub(super) fn new(limit: usize) -> Self {
        let (limit, queue) = (limit.max(1), [Granule::NONE; AHEAD]);
        Self { entries: Vec::new(), limit, queue, next: 0, is_pending: false }
    }

    /// Adds a reference to those to be visited.
    #[inline(always)]
    pub(super) fn add(&mut self, space: &Space, blocks: &mut Blocks, reference: u32) {
        let granule = Granule::at(reference);
        if granule.may_exist() {
            prefetch(space.hint(reference));
            prefetch(blocks.hint(granule));
            let oldest = self.exchange(granule);
            self.visit(blocks, oldest);
        }
    }

    /// Puts a granule in the place of the oldest one of the queue, and returns that one.
    #[inline(always)]
    fn exchange(&mut self, granule: Granule) -> Granule {
        let oldest = mem::replace(&mut self.queue[self.next % AHEAD], granule);
        self.next = self.next.wrapping_add(1);
        oldest
    }

    /// Marks the object at a granule, if there is one that is not marked.
    #[inline(always)]
    fn visit(&mut self, blocks: &mut Blocks, granule: Granule) {
        let Some((cell, bit)) = blocks.cell(granule) else { return };
        if cell.starts & bit != 0 {
            return;
        }
        cell.starts |= bit;
        if !self.push(Entry { offset: granule.offset(), element: 0 }) {
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
        if len == self.entries.capacity() && !self.extend() {
            return false;
        }
        self.entries.push(entry);
        true
    }

    #[cold]
    fn extend(&mut self) -> bool {
        let len = self.entries.len();
        let more = len.max(64).min(self.limit.saturating_sub(len));
        more > 0 && self.entries.try_reserve_exact(more).is_ok()
    }

    /// Takes an object to be scanned.
    #[inline(always)]
    pub(super) fn pop(&mut self, blocks: &mut Blocks) -> Option<Entry> {
        if self.entries.is_empty() {
            self.visit_queued(blocks);
        }
        self.entries.pop()
    }

    /// Visits references that are in the queue, until there is an object to be scanned.
    fn visit_queued(&mut self, blocks: &mut Blocks) {
        for _ in 0..AHEAD {
            let oldest = self.exchange(Granule::NONE);
            self.visit(blocks, oldest);
            if !self.entries.is_empty() {
                return;
            }
        }
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
