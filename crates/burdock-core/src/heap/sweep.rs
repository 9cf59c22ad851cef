//! The search for free runs: between the objects that the last collection has found, as allocation
//! needs them, one block after the other.

use super::Heap;
use super::blocks::{BLOCK, Block, Cell, FEWEST, Granule, State, next_bit, offset_of};
use super::layout::GRANULE;

/// The number of granules of a block.
const GRANULES: u32 = BLOCK / GRANULE;

/// The size in bytes of the shortest runs that are handed out. The others are wasted until an
/// object beside them dies.
const SHORTEST: u32 = 64;

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
///
/// Blocks are searched in the order of their addresses. Runs between old objects are therefore
/// filled before the heap grows, and as long as few young objects survive, runs are those of the
/// last time, which are in the processor's caches.
#[derive(Debug)]
pub(super) struct Sweep {
    /// The block that is searched now.
    block: usize,
    /// The number of granules of this block that have been searched; `GRANULES` for all.
    granule: u32,
    /// The block that is searched next, or a later one.
    next: usize,
    /// The set of [`Blocks::roomy`](super::blocks::Blocks) that is searched.
    pass: usize,
    /// The number of bytes of the runs that were found in `block`.
    found: u32,
}

impl Sweep {
    /// Nothing is left to be searched.
    pub(super) const DONE: Self =
        Self { block: 0, granule: GRANULES, next: 0, pass: usize::MAX, found: FEWEST };

    /// All blocks are to be searched.
    pub(super) const ALL: Self = Self { pass: 0, ..Self::DONE };
}

impl Heap {
    /// Takes the next free run of at least `size` bytes.
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
                self.sweep.found += run.len();
                self.hand_out(block, run, false);
                return Some(run);
            }
            if size <= SHORTEST && self.sweep.found < FEWEST {
                // It would be searched in vain after each collection of young objects.
                self.blocks.set_barren(block);
            }
            self.sweep.granule = GRANULES;
            self.next_block()?;
        }
    }

    /// Goes on to the next block that may have free runs.
    fn next_block(&mut self) -> Option<()> {
        let sweep = &mut self.sweep;
        while let Some(blocks) = self.blocks.roomy.get(sweep.pass) {
            while let Some(block) = blocks.next(sweep.next) {
                sweep.next = block + 1;
                if !self.blocks.table[block].is_young {
                    (sweep.block, sweep.granule, sweep.found) = (block, 0, 0);
                    return Some(());
                }
            }
            (sweep.next, sweep.pass) = (0, sweep.pass + 1);
        }
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
        self.blocks.set_young(block);
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

/// Returns the first run of at least `least` free granules, but no fewer than [`SHORTEST`], that
/// does not begin before `from`, in the cells of a block.
fn free_run(cells: &[Cell], from: u32, least: u32) -> Option<(u32, u32)> {
    let mut at = from;
    loop {
        let start = first_gap(cells, at)?;
        let end = first_live(cells, start).unwrap_or(GRANULES);
        if end - start >= least {
            return Some((start, end));
        }
        at = end;
    }
}

/// Returns the first granule, not before `from`, at which [`SHORTEST`] free bytes begin.
fn first_gap(cells: &[Cell], from: u32) -> Option<u32> {
    let mut mask = u64::MAX << (from % 64);
    for index in (from / 64) as usize..cells.len() {
        let free = |index: usize| cells.get(index).map_or(0, |cell| u128::from(!cell.live));
        let free = free(index) | free(index + 1) << 64;
        // Bit n is set if bits n and n + 1 were, then bits n to n + 3, then n to n + 7.
        let gaps = [1, 2, 4].iter().fold(free, |gaps, shift| gaps & gaps >> shift);
        let gaps = gaps as u64 & mask;
        if gaps != 0 {
            return Some(index as u32 * 64 + gaps.trailing_zeros());
        }
        mask = u64::MAX;
    }
    None
}

const _: () = assert!(SHORTEST / GRANULE == 8, "`first_gap` finds gaps of 8 granules");

/// Returns the first granule, not before `from`, whose live bit is set.
fn first_live(cells: &[Cell], from: u32) -> Option<u32> {
    next_bit(cells, |cell| cell.live, from as usize).map(|bit| bit as u32)
}
