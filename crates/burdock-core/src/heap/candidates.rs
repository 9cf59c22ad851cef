//! `Candidates`: the first part of a collection, in which words that may be references are compared
//! with the objects that there are.

use super::Heap;
use super::blocks::{Cell, Granule, State, cells_of, offset_of};
use super::layout::GRANULE;
use super::mark::Marking;
use super::object::Object;
use super::pace::Scope;
use super::statistics::Stopwatch;
use super::types::RuntimeType;
use crate::OutOfMemory;
use alloc::vec::Vec;
use core::iter;

/// A collection that begins. Pass the words of all frames to it, then go on with
/// [`exact`](Self::exact). If it is dropped instead, nothing is collected.
#[must_use]
pub struct Candidates<'h> {
    heap: &'h mut Heap,
    scope: Scope,
    /// The offsets of objects that words lead to.
    found: Vec<u32>,
    is_out_of_memory: bool,
    started: Stopwatch,
}

impl Heap {
    /// Begins a collection, of all objects or of those allocated since the last one.
    pub fn begin_collection(&mut self) -> Candidates<'_> {
        let scope = self.pace.scope(self.statistics.live_bytes);
        self.begin(scope)
    }

    /// Begins a collection of all objects.
    pub fn begin_full_collection(&mut self) -> Candidates<'_> {
        self.begin(Scope::All)
    }

    fn begin(&mut self, scope: Scope) -> Candidates<'_> {
        let started = Stopwatch::start();
        self.end_runs();
        self.note_begin();
        Candidates { heap: self, scope, found: Vec::new(), is_out_of_memory: false, started }
    }

    /// Returns the offset of the object that a word refers to if it is a reference. Words that are
    /// not, but have the bits of one, are taken for it.
    fn object_at(&mut self, word: u64) -> Option<u32> {
        let offset = u32::try_from(word).ok().filter(|offset| offset.is_multiple_of(GRANULE))?;
        let granule = Granule::at(offset);
        let index = granule.block();
        let block = *self.blocks.table.get(index)?;
        let begins = match block.state {
            State::Fresh | State::Free | State::Continued => false,
            State::Large => offset == offset_of(index),
            State::Shared => self.begins_in_shared(granule, block.is_young),
        };
        begins.then_some(offset)
    }

    /// Returns `true` if an object begins at a granule of a shared block.
    fn begins_in_shared(&mut self, granule: Granule, is_young: bool) -> bool {
        let (starts, live, bit) = match self.blocks.cell(granule) {
            Some((cell, bit)) => (cell.starts, cell.live, bit),
            None => return false,
        };
        if (starts | live) & bit != 0 {
            // A run in which nothing was allocated may begin here as well.
            return starts & bit != 0 && self.end_of_object(granule).is_some();
        }
        is_young && self.parse_to(granule)
    }

    /// Finds the objects of a free run that was handed out since the last collection, up to a
    /// granule whose bits are not set. Returns `true` if an object begins at the granule.
    fn parse_to(&mut self, granule: Granule) -> bool {
        let Some(mut at) = self.previous_start(granule) else { return false };
        let is_old = self.blocks.cell(at).is_some_and(|(cell, bit)| cell.live & bit != 0);
        if is_old {
            // What follows an object that the last collection has found is not handed out.
            return false;
        }
        while at < granule {
            if let Some((cell, bit)) = self.blocks.cell(at) {
                cell.starts |= bit;
            }
            match self.end_of_object(at) {
                Some(end) => at = end,
                None => return false,
            }
        }
        let begins = at == granule && self.end_of_object(at).is_some();
        if begins && let Some((cell, bit)) = self.blocks.cell(at) {
            cell.starts |= bit;
        }
        begins
    }

    /// Returns `true` if an object begins at an offset. Takes time in proportion to what was
    /// allocated in its block since the last collection.
    pub fn contains(&self, object: Object) -> bool {
        let offset = object.offset();
        let granule = Granule::at(offset);
        let Some(block) = self.blocks.table.get(granule.block()) else { return false };
        if !offset.is_multiple_of(GRANULE) || block.state != State::Shared {
            return block.state == State::Large && offset == offset_of(granule.block());
        }
        let bits = |at: Granule| self.blocks.cells.get(at.cell()).copied().unwrap_or_default();
        let is_end = |at| self.end_of_object(at).is_none();
        let Cell { starts, live } = bits(granule);
        if (starts | live) & granule.bit() != 0 {
            return starts & granule.bit() != 0 && !is_end(granule);
        }
        let Some(first) = self.previous_start(granule).filter(|_| block.is_young) else {
            return false;
        };
        if bits(first).live & first.bit() != 0 {
            return false;
        }
        let mut objects = iter::successors(Some(first), |at| self.end_of_object(*at));
        objects.find(|at| *at >= granule || is_end(*at)) == Some(granule) && !is_end(granule)
    }

    /// Returns the granule of the same block, before the given one, whose starts bit is set.
    pub(super) fn previous_start(&self, granule: Granule) -> Option<Granule> {
        let first = cells_of(granule.block()).start;
        let mut mask = granule.bit() - 1;
        for cell in (first..=granule.cell()).rev() {
            let bits = self.blocks.cells.get(cell)?.starts & mask;
            if let Some(bit) = bits.checked_ilog2() {
                return Some(Granule::of_cell(cell, bit));
            }
            mask = u64::MAX;
        }
        None
    }

    /// Returns the granule behind the object that begins at one; `None` if none does.
    fn end_of_object(&self, granule: Granule) -> Option<Granule> {
        let (ty, len) = self.space.get_header(granule.offset())?;
        let size = self.types.row(RuntimeType(ty)).size_of(len);
        let size = u32::try_from(size).ok().filter(|&size| size > 0)?;
        Some(Granule(granule.0.saturating_add(size / GRANULE)))
    }
}

impl<'h> Candidates<'h> {
    /// Marks what a word refers to, if it may be a reference: if its upper half is zero, and an
    /// object begins at the offset that is the lower half.
    pub fn mark_word(&mut self, word: u64) {
        let Some(offset) = self.heap.object_at(word) else { return };
        if self.found.try_reserve(1).is_err() {
            self.is_out_of_memory = true;
            return;
        }
        self.found.push(offset);
    }

    /// Marks what words refer to, if they may be references.
    pub fn mark_words(&mut self, words: &[u64]) {
        words.iter().for_each(|&word| self.mark_word(word));
    }

    /// Goes on with roots that are known to be references. No word can be compared with the objects
    /// any more.
    ///
    /// # Errors
    ///
    /// If the system is out of memory. Nothing is collected.
    pub fn exact(self) -> Result<Marking<'h>, OutOfMemory> {
        if self.is_out_of_memory {
            return Err(OutOfMemory);
        }
        let mut marking = Marking::new(self.heap, self.scope, self.started);
        self.found.iter().for_each(|&offset| marking.mark_offset(offset));
        Ok(marking)
    }
}
