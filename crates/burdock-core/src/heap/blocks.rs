//! `Blocks`: what is known of each part of a heap, beside the heap itself.
//!
//! A heap consists of *blocks*. A block is free, or objects lie in it, or it belongs to a large
//! object, which has blocks of its own. For each granule there are two bits. The `starts` bit is
//! set where an object begins that the last collection has found, and where a free run began that
//! was handed out since then. The `live` bit is set for all granules of objects that the last
//! collection has found. (Of a large object it is set for the first granule only.)

use super::layout::GRANULE;
use super::pace::Scope;
use super::space::{FIRST, MAX_BYTES};
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

/// The number of bytes of a block.
pub(super) const BLOCK: u32 = 16 << 10;

/// The size in bytes of the largest objects for which a free run is searched for. Larger ones are
/// in a free run only if they happen to fit in the current one.
pub(super) const LARGEST_SHARED: u32 = BLOCK / 2;

/// The number of granules of a cell.
pub(super) const CELL_GRANULES: u32 = 64;

/// The number of free bytes below which a block is not searched. One in whose runs fewer were found
/// is not searched again until all objects are collected.
pub(super) const FEWEST: u32 = BLOCK / 32;

/// The least number of free bytes of the blocks of each set of [`Blocks::roomy`].
const ROOM: [u32; 2] = [BLOCK / 4, FEWEST];

/// The number of bytes of a cell.
pub(super) const CELL: u32 = CELL_GRANULES * GRANULE;

/// The number of cells of a block.
const CELLS: usize = (BLOCK / CELL) as usize;

/// The bits of 64 granules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) starts: u64,
    pub(super) live: u64,
}

/// The use of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Free, and all its bytes are zero.
    Fresh,
    /// Free.
    Free,
    /// Free runs of it are handed out, to one object after the other.
    Shared,
    /// A large object begins here.
    Large,
    /// A large object goes on here.
    Continued,
}

/// The state of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) state: State,
    /// `true` if objects may have been allocated in it since the last collection.
    pub(super) is_young: bool,
    /// `true` if the mark stack had no room for an object of it.
    pub(super) is_pending: bool,
    /// `true` if a search has found hardly any free runs since all objects were collected.
    pub(super) is_barren: bool,
    /// The number of bytes of its objects that the last collection has found.
    pub(super) live: u32,
    /// For the first block of a large object, the number of its blocks. For the others, the
    /// distance from the first.
    pub(super) span: u32,
}

impl Block {
    pub(super) const FRESH: Self = Self {
        state: State::Fresh,
        is_young: false,
        is_pending: false,
        is_barren: false,
        live: 0,
        span: 0,
    };

    pub(super) const FREE: Self = Self { state: State::Free, ..Self::FRESH };

    pub(super) fn is_free(&self) -> bool {
        matches!(self.state, State::Fresh | State::Free)
    }

    /// Returns the number of bytes between the block's objects that are worth a search.
    fn room(&self) -> u32 {
        if self.state == State::Shared && !self.is_barren { BLOCK - self.live } else { 0 }
    }
}

/// The blocks of a heap.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) table: Vec<Block>,
    pub(super) cells: Vec<Cell>,
    /// The blocks that are young, each once. There is room for all.
    pub(super) young: Vec<u32>,
    /// The blocks between whose objects there may be room, from much to little.
    pub(super) roomy: [BlockSet; 2],
    /// The number of free blocks.
    pub(super) free: u32,
    /// No block before this one is free.
    first_free: usize,
}

impl Blocks {
    /// Makes room for blocks; `None` if the system is out of memory.
    pub(super) fn reserve(&mut self, count: usize) -> Option<()> {
        let more = count.saturating_sub(self.table.len());
        self.table.try_reserve(more).ok()?;
        self.young.try_reserve(count - self.young.len()).ok()?;
        self.roomy.iter_mut().try_for_each(|set| set.reserve(count))?;
        self.cells.try_reserve(more * CELLS).ok()
    }

    /// Adds free blocks until there are `count`.
    pub(super) fn grow(&mut self, count: usize) {
        self.free += count.saturating_sub(self.table.len()) as u32;
        self.table.resize(count, Block::FRESH);
        self.roomy.iter_mut().for_each(|set| set.grow(count));
        self.cells.resize(count * CELLS, Cell::default());
    }

    /// Takes `count` free blocks that lie side by side, and returns the first one's index and
    /// whether all their bytes are zero. The caller writes their states.
    pub(super) fn take_free(&mut self, count: u32) -> Option<(usize, bool)> {
        if count > self.free || count == 0 {
            return None;
        }
        let mut run = 0;
        let mut at = self.first_free;
        while let Some(block) = self.table.get(at) {
            run = if block.is_free() { run + 1 } else { 0 };
            at += 1;
            if run == count {
                let blocks = at - count as usize..at;
                if blocks.start == self.first_free {
                    self.first_free = at;
                }
                self.free -= count;
                let is_zero = self.table[blocks.clone()].iter().all(|b| b.state == State::Fresh);
                return Some((blocks.start, is_zero));
            }
            if run == 0 && at == self.first_free + 1 {
                self.first_free = at;
            }
        }
        None
    }

    /// Notes that objects may be allocated in a block from now on.
    pub(super) fn set_young(&mut self, block: usize) {
        if !mem::replace(&mut self.table[block].is_young, true) {
            self.young.push(block as u32);
        }
    }

    /// Notes that a search has found hardly any free runs in a block.
    pub(super) fn set_barren(&mut self, block: usize) {
        self.table[block].is_barren = true;
        self.roomy.iter_mut().for_each(|set| set.set(block, false));
    }

    /// Ends a collection after which these blocks may have become free or roomy: makes them old.
    pub(super) fn settle(&mut self, scope: Scope) {
        match scope {
            Scope::All => (0..self.table.len()).for_each(|block| self.settle_block(block)),
            Scope::Young => {
                for index in 0..self.young.len() {
                    self.settle_block(self.young[index] as usize);
                }
            }
        }
        self.young.clear();
    }

    /// Frees a block if no object of it lives. If not, notes whether there may be room between
    /// them.
    fn settle_block(&mut self, index: usize) {
        let block = &mut self.table[index];
        block.is_young = false;
        let Block { state, span, live, .. } = *block;
        match state {
            State::Large if live == 0 => {
                (index..index + span as usize).for_each(|block| self.set_free(block));
            }
            State::Shared if live == 0 => self.set_free(index),
            State::Shared => {
                let room = block.room();
                for (set, least) in self.roomy.iter_mut().zip(ROOM) {
                    set.set(index, room >= least);
                }
            }
            State::Fresh | State::Free | State::Large | State::Continued => {}
        }
    }

    /// Returns `true` if the block is in the right sets of [`roomy`](Self::roomy).
    #[cfg(any(test, debug_assertions))]
    pub(super) fn is_noted(&self, index: usize) -> bool {
        let room = self.table[index].room();
        let is_in = |set: &BlockSet| set.next(index) == Some(index);
        self.roomy.iter().zip(ROOM).all(|(set, least)| is_in(set) == (room >= least))
    }

    /// Notes that a block has become free.
    pub(super) fn set_free(&mut self, block: usize) {
        self.table[block] = Block::FREE;
        self.roomy.iter_mut().for_each(|set| set.set(block, false));
        self.free += 1;
        self.first_free = self.first_free.min(block);
    }

    /// Returns the cells of a block.
    pub(super) fn cells_of(&self, block: usize) -> &[Cell] {
        &self.cells[cells_of(block)]
    }

    /// Returns the bits of a granule's cell, and the granule's bit.
    #[inline(always)]
    pub(super) fn cell(&mut self, granule: Granule) -> Option<(&mut Cell, u64)> {
        Some((self.cells.get_mut(granule.cell())?, granule.bit()))
    }

    /// Returns the address of the bits of a granule's cell, as a hint for the processor.
    #[inline(always)]
    pub(super) fn hint(&self, granule: Granule) -> *const u8 {
        self.cells.as_ptr().wrapping_add(granule.cell()).cast()
    }

    /// Notes that an object of `size` bytes that begins at a granule lives.
    #[inline(always)]
    pub(super) fn note_live(&mut self, granule: Granule, size: u32) {
        let Some(block) = self.table.get_mut(granule.block()) else { return };
        block.live = block.live.wrapping_add(size);
        let has_own_blocks = block.state == State::Large;
        let count = if has_own_blocks { 1 } else { size / GRANULE };
        // Most objects lie in one cell.
        let room = CELL_GRANULES - granule.0 % CELL_GRANULES;
        match self.cells.get_mut(granule.cell()) {
            Some(cell) if count.wrapping_sub(1) < room => {
                cell.live |= (u64::MAX >> (CELL_GRANULES - count)) << (granule.0 % CELL_GRANULES);
            }
            _ => self.set_live(granule, count),
        }
    }

    /// Sets the live bits of `count` granules, within one block.
    fn set_live(&mut self, first: Granule, mut count: u32) {
        let (mut cell, mut from) = (first.cell(), first.0 % CELL_GRANULES);
        while count > 0 {
            let here = count.min(CELL_GRANULES - from);
            if let Some(cell) = self.cells.get_mut(cell) {
                cell.live |= (u64::MAX >> (CELL_GRANULES - here)) << from;
            }
            (cell, from, count) = (cell + 1, 0, count - here);
        }
    }
}

/// A set of blocks.
#[derive(Debug, Default)]
pub(super) struct BlockSet(Vec<u64>);

impl BlockSet {
    /// Makes room for blocks; `None` if the system is out of memory.
    fn reserve(&mut self, blocks: usize) -> Option<()> {
        self.0.try_reserve(blocks.div_ceil(64).saturating_sub(self.0.len())).ok()
    }

    fn grow(&mut self, blocks: usize) {
        self.0.resize(blocks.div_ceil(64), 0);
    }

    pub(super) fn set(&mut self, block: usize, is_in: bool) {
        let word = &mut self.0[block / 64];
        *word = *word & !(1 << (block % 64)) | u64::from(is_in) << (block % 64);
    }

    /// Returns the first block of the set from `from` on.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        next_bit(&self.0, |word| *word, from)
    }
}

/// Returns the first bit that is set, not before `from`, in numbers of 64 bits.
pub(super) fn next_bit<W>(words: &[W], bits: impl Fn(&W) -> u64, from: usize) -> Option<usize> {
    let mut mask = u64::MAX << (from % 64);
    for (index, word) in words.iter().enumerate().skip(from / 64) {
        let bits = bits(word) & mask;
        if bits != 0 {
            return Some(index * 64 + bits.trailing_zeros() as usize);
        }
        mask = u64::MAX;
    }
    None
}

/// Returns the indices of a block's cells.
pub(super) fn cells_of(block: usize) -> Range<usize> {
    block * CELLS..(block + 1) * CELLS
}

/// Returns the offset at which a block begins.
pub(super) fn offset_of(block: usize) -> u32 {
    FIRST.wrapping_add((block as u32).wrapping_mul(BLOCK))
}

/// A granule of a heap, counted from the heap's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Granule(pub(super) u32);

impl Granule {
    /// Returns the granule at an offset. For a number that is no offset of a heap at which a
    /// granule begins, it is behind the last granule that a heap can have.
    #[inline(always)]
    pub(super) fn at(offset: u32) -> Self {
        // A bit of a number that is not divisible becomes one of the highest.
        Self(offset.rotate_right(GRANULE.ilog2()).wrapping_sub(FIRST / GRANULE))
    }

    /// No granule: it is behind the last granule that a heap can have.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// Returns `false` if the granule is behind the last one that a heap can have.
    #[inline(always)]
    pub(super) fn may_exist(self) -> bool {
        self.0 < MAX_BYTES / GRANULE
    }

    /// Returns a granule of a cell.
    pub(super) fn of_cell(cell: usize, bit: u32) -> Self {
        Self(cell as u32 * CELL_GRANULES + bit)
    }

    /// Returns the granule's offset.
    pub(super) fn offset(self) -> u32 {
        FIRST + self.0 * GRANULE
    }

    /// Returns the index of the granule's cell.
    #[inline(always)]
    pub(super) fn cell(self) -> usize {
        (self.0 / CELL_GRANULES) as usize
    }

    /// Returns the granule's bit in its cell.
    #[inline(always)]
    pub(super) fn bit(self) -> u64 {
        1 << (self.0 % CELL_GRANULES)
    }

    /// Returns the index of the granule's block.
    #[inline(always)]
    pub(super) fn block(self) -> usize {
        (self.0 / (BLOCK / GRANULE)) as usize
    }
}
