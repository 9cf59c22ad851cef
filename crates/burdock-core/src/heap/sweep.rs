//! The search for free runs: between the objects that the last collection has found, as allocation
//! needs them, one block after the other.

use super::Heap;
use super::blocks::{BLOCK, Block, Cell, Granule, State, offset_of};
use super::layout::GRANULE;

/// The number of granules of a block.
const GRANULES: u32 = BLOCK / GRANULE;

/// The size in bytes of the shortest runs that are handed out. The others are wasted until an
/// object beside them dies.
const SHORTEST: u32 = 64;

/// The number of free bytes below which a block is not searched.
const FEWEST: u32 = BLOCK / 32;

/// A part of the heap in which no object lies: two offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Run {
    pub(super) fn len(self) -> u32 {
        self.end - self.start
    }
}

/// The place up to which blocks have been searched since the last collection.
#[derive(Debug)]
pub(super) struct Sweep {
    /// The block that is searched now, or was searched last.
    block: usize,
    /// The number of granules of this block that have been searched; `GRANULES` for all.
    granule: u32,
    /// The number of blocks that have not been looked at.
    left: usize,
}

impl Sweep {
    /// Nothing is left to be searched.
    pub(super) const DONE: Self = Self { block: 0, granule: GRANULES, left: 0 };

    /// Begins to search all blocks of a heap. It goes on behind the block that was searched last.
    pub(super) fn restart(&mut self, blocks: usize) {
        self.granule = GRANULES;
        self.left = blocks;
    }
}

impl Heap {
    /// Takes the next free run of at least `size` bytes from a block in which objects live.
    pub(super) fn next_run(&mut self, size: u32) -> Option<Run> {
        let least = size.max(SHORTEST) / GRANULE;
        loop {
            let Sweep { block, granule, .. } = self.sweep;
            if granule < GRANULES
                && let Some((from, to)) = free_run(self.blocks.cells_of(block), granule, least)
            {
                self.sweep.granule = to;
                let offset = offset_of(block);
                let run = Run { start: offset + from * GRANULE, end: offset + to * GRANULE };
                self.hand_out(block, run, false);
                return Some(run);
            }
            self.next_block()?;
        }
    }

    /// Goes on to the next block that may have free runs.
    fn next_block(&mut self) -> Option<()> {
        let sweep = &mut self.sweep;
        while let Some(left) = sweep.left.checked_sub(1) {
            sweep.left = left;
            sweep.block =
                if sweep.block + 1 < self.blocks.table.len() { sweep.block + 1 } else { 0 };
            let Block { state, is_young, live, .. } = self.blocks.table[sweep.block];
            if state == State::Shared && !is_young && BLOCK - live >= FEWEST {
                sweep.granule = 0;
                return Some(());
            }
        }
        sweep.granule = GRANULES;
        None
    }

    /// Takes a free block as a run.
    pub(super) fn block_run(&mut self) -> Option<Run> {
        let (block, is_zero) = self.blocks.take_free(1)?;
        self.blocks.table[block] = Block { state: State::Shared, ..Block::FREE };
        let start = offset_of(block);
        let run = Run { start, end: start + BLOCK };
        self.hand_out(block, run, is_zero);
        Some(run)
    }

    /// Clears a run of a block and notes where it begins, so that its objects can be found
    /// ([`Candidates`](super::Candidates)).
    fn hand_out(&mut self, block: usize, run: Run, is_zero: bool) {
        self.blocks.table[block].is_young = true;
        if let Some((cell, bit)) = self.blocks.cell(Granule::at(run.start)) {
            cell.starts |= bit;
        }
        if !is_zero {
            self.space.bytes_mut(run.start, run.len() as usize).fill(0);
        }
        self.pace.hand_out(run.len());
        self.statistics.handed_out += u64::from(run.len());
    }
}

/// Returns the first run of at least `least` free granules that does not begin before `from`, in
/// the cells of a block.
fn free_run(cells: &[Cell], from: u32, least: u32) -> Option<(u32, u32)> {
    let mut at = from;
    loop {
        let start = find(cells, at, u64::MAX)?;
        let end = find(cells, start, 0).unwrap_or(GRANULES);
        if end - start >= least {
            return Some((start, end));
        }
        at = end;
    }
}

/// Returns the first granule, not before `from`, whose live bit is set; with `invert` of all ones,
/// the first whose live bit is not set.
fn find(cells: &[Cell], from: u32, invert: u64) -> Option<u32> {
    let first = (from / 64) as usize;
    let mut mask = u64::MAX << (from % 64);
    for (index, cell) in cells.iter().enumerate().skip(first) {
        let bits = (cell.live ^ invert) & mask;
        if bits != 0 {
            return Some(index as u32 * 64 + bits.trailing_zeros());
        }
        mask = u64::MAX;
    }
    None
}
