//! `Marking`: the second part of a collection, which finds all objects that roots lead to.

use super::Heap;
use super::blocks::{Block, Blocks, CELL, Cell, Granule, State, cells_of, offset_of};
use super::layout::{GRANULE, HEADER};
use super::mark_stack::{Entry, MarkStack};
use super::object::Reference;
use super::pace::Scope;
use super::statistics::Stopwatch;
use super::sweep::Sweep;
use super::types::{Kind, RuntimeType, TypeRow};
use core::mem;

/// The number of elements of an array that are scanned at a time. The stack then does not have to
/// have room for all of them.
const ELEMENTS: u32 = 1024;

/// The number of cards that are looked at together. The number of all cards is a multiple.
const CARDS: usize = 32;

/// A collection in which roots are marked. Pass all roots to it, then [`finish`](Self::finish).
///
/// A collection that is dropped without being finished leaves the heap unusable, so that is
/// finished as well, and all objects that were not marked are freed.
#[must_use]
pub struct Marking<'h> {
    pub(super) heap: &'h mut Heap,
    pub(super) scope: Scope,
    stack: MarkStack,
    started: Stopwatch,
    is_finished: bool,
}

impl<'h> Marking<'h> {
    pub(super) fn new(heap: &'h mut Heap, scope: Scope, started: Stopwatch) -> Self {
        match scope {
            Scope::All => heap.forget_all(),
            Scope::Young => heap.forget_young(),
        }
        let stack = MarkStack::new(heap.mark_stack_limit());
        Self { heap, scope, stack, started, is_finished: false }
    }

    /// Marks what a reference leads to: the object itself and all that it leads to stay.
    #[inline]
    pub fn mark_reference(&mut self, reference: Reference) {
        self.mark_offset(reference.0);
    }

    #[inline]
    pub(super) fn mark_offset(&mut self, offset: u32) {
        self.stack.add(&self.heap.space, &mut self.heap.blocks, offset);
    }

    /// Follows all references, and frees the objects that none leads to.
    pub fn finish(mut self) {
        self.complete();
    }

    fn complete(&mut self) {
        self.is_finished = true;
        if self.scope == Scope::Young {
            self.scan_cards();
        }
        self.drain();
        self.heap.free_unmarked();
        let counts = &mut self.heap.statistics;
        counts.collections += 1;
        counts.last_pause = self.started.elapsed();
        counts.longest_pause = counts.longest_pause.max(counts.last_pause);
        self.heap.pace.collected(self.scope, counts.live_bytes, self.heap.space.len());
        self.heap.note_end(self.scope);
        #[cfg(debug_assertions)]
        assert_eq!(self.heap.check(), Ok(()), "[HEAP] a collection leaves a heap that is whole");
    }

    /// Scans marked objects until there is none that has not been scanned.
    pub(super) fn drain(&mut self) {
        self.drain_stack();
        while mem::take(&mut self.stack.is_pending) {
            for block in 0..self.heap.blocks.table.len() {
                if mem::take(&mut self.heap.blocks.table[block].is_pending) {
                    cells_of(block).for_each(|cell| self.drain_cell(cell));
                }
            }
        }
    }

    fn drain_stack(&mut self) {
        while let Some(entry) = self.stack.pop(&mut self.heap.blocks) {
            self.scan(entry);
        }
    }

    /// Scans the objects that begin in a cell and are marked, but have not been scanned.
    fn drain_cell(&mut self, index: usize) {
        loop {
            let Cell { starts, live } = self.heap.blocks.cells[index];
            let left = starts & !live;
            if left == 0 {
                return;
            }
            let offset = Granule::of_cell(index, left.trailing_zeros()).offset();
            self.scan(Entry { offset, element: 0 });
            self.drain_stack();
        }
    }

    /// Marks what an object's references lead to.
    #[inline(always)]
    fn scan(&mut self, entry: Entry) {
        let heap = &mut *self.heap;
        let Some((ty, len)) = heap.space.get_header(entry.offset) else { return };
        let row = heap.types.row(RuntimeType(ty));
        if entry.element == 0 {
            let size = row.size_of(len) as u32;
            note_live(&mut heap.blocks, entry.offset, size);
            heap.statistics.live_bytes += u64::from(size);
            heap.statistics.live_objects += 1;
        }
        match row.kind {
            Kind::Array if row.references != 0 => self.scan_array(entry, len),
            Kind::Struct | Kind::Exception => {
                heap.types.each_reference(row, |at| {
                    let reference = heap.space.get_u32(entry.offset.wrapping_add(at));
                    self.stack.add(&heap.space, &mut heap.blocks, reference.unwrap_or(0));
                });
            }
            _ => {}
        }
    }

    /// Scans some elements of an array, and notes that the others are to be scanned.
    fn scan_array(&mut self, entry: Entry, len: u32) {
        let Entry { offset, element } = entry;
        let end = element.saturating_add(ELEMENTS).min(len);
        let is_noted = end < len && self.stack.push(Entry { offset, element: end });
        self.scan_elements(offset, element, if is_noted { end } else { len });
    }

    /// Scans the elements of an array from one to another.
    fn scan_elements(&mut self, array: u32, from: u32, to: u32) {
        let heap = &mut *self.heap;
        let first = array.wrapping_add(HEADER);
        for element in from..to {
            let at = first.wrapping_add(element.wrapping_mul(4));
            let reference = heap.space.get_u32(at).unwrap_or(0);
            self.stack.add(&heap.space, &mut heap.blocks, reference);
        }
    }

    /// Scans the objects into which references were written since the last collection.
    fn scan_cards(&mut self) {
        for group in 0..self.heap.cards.len() / CARDS {
            let first = group * CARDS;
            let cards = self.heap.cards[first..].first_chunk::<CARDS>();
            if cards.is_none_or(|cards| *cards == [0; CARDS]) {
                continue;
            }
            for card in first..first + CARDS {
                if mem::take(&mut self.heap.cards[card]) != 0 {
                    self.scan_card(card);
                }
            }
        }
    }

    /// Scans the objects that overlap a card, if the last collection has found them. (All others
    /// are scanned if something leads to them.)
    fn scan_card(&mut self, card: usize) {
        let first = Granule::of_cell(card, 0);
        let index = first.block();
        let Block { state, span, .. } = self.heap.blocks.table[index];
        match state {
            State::Fresh | State::Free => {}
            State::Large => self.scan_part(offset_of(index), first.offset()),
            State::Continued => self.scan_part(offset_of(index - span as usize), first.offset()),
            State::Shared => {
                let Cell { starts, live } = self.heap.blocks.cells[card];
                if live & !starts & 1 != 0
                    && let Some(start) = self.heap.previous_start(first)
                {
                    self.rescan(start.offset());
                }
                let mut old = starts & live;
                while old != 0 {
                    self.rescan(Granule::of_cell(card, old.trailing_zeros()).offset());
                    old &= old - 1;
                }
            }
        }
    }

    /// Scans an object that the last collection has found.
    fn rescan(&mut self, offset: u32) {
        let Some((ty, len)) = self.heap.space.get_header(offset) else { return };
        let TypeRow { kind, references, .. } = *self.heap.types.row(RuntimeType(ty));
        match kind {
            Kind::Array if references != 0 => self.scan_elements(offset, 0, len),
            Kind::Array => {}
            _ => {
                // Element 1 stands for an object that is counted already.
                self.scan(Entry { offset, element: 1 });
            }
        }
    }

    /// Scans the part of a large object that overlaps the card at an offset, if the last collection
    /// has found the object.
    fn scan_part(&mut self, object: u32, card: u32) {
        let is_old = self
            .heap
            .blocks
            .cell(Granule::at(object))
            .is_some_and(|(cell, bit)| cell.live & bit != 0);
        let Some((ty, len)) = self.heap.space.get_header(object).filter(|_| is_old) else { return };
        let row = self.heap.types.row(RuntimeType(ty));
        if row.kind != Kind::Array || row.references == 0 {
            return self.rescan(object);
        }
        let element = |offset: u32| (offset.saturating_sub(object + HEADER) / 4).min(len);
        self.scan_elements(object, element(card), element(card + CELL));
    }
}

impl Drop for Marking<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.complete();
        }
    }
}

/// Notes that an object lives.
#[inline(always)]
fn note_live(blocks: &mut Blocks, offset: u32, size: u32) {
    let granule = Granule::at(offset);
    let Some(block) = blocks.table.get_mut(granule.block()) else { return };
    block.live = block.live.saturating_add(size);
    let has_own_blocks = block.state == State::Large;
    blocks.set_live(granule, if has_own_blocks { GRANULE } else { size });
}

impl Heap {
    /// Ends the current runs. What is free of them is found again.
    pub(super) fn end_runs(&mut self) {
        let unused = self.bump.limit - self.bump.cursor + self.medium.len();
        self.statistics.handed_out -= u64::from(unused);
        self.bump.cursor = self.bump.limit;
        self.medium.start = self.medium.end;
    }

    /// Forgets which objects live.
    fn forget_all(&mut self) {
        self.blocks.cells.fill(Cell::default());
        for block in &mut self.blocks.table {
            block.live = 0;
            block.is_barren = false;
        }
        self.cards.fill(0);
        self.statistics.live_bytes = 0;
        self.statistics.live_objects = 0;
    }

    /// Forgets where objects and runs begin that were allocated since the last collection.
    fn forget_young(&mut self) {
        for (index, block) in self.blocks.table.iter().enumerate() {
            if block.is_young && block.state == State::Shared {
                self.blocks.cells[cells_of(index)]
                    .iter_mut()
                    .for_each(|cell| cell.starts &= cell.live);
            }
        }
    }

    /// Frees what is not marked: blocks at once, and host values; the parts of blocks when they are
    /// searched.
    fn free_unmarked(&mut self) {
        let mut index = 0;
        while let Some(block) = self.blocks.table.get_mut(index) {
            block.is_young = false;
            let Block { state, span, live, .. } = *block;
            let span = if state == State::Large { span as usize } else { 1 };
            if live == 0 && matches!(state, State::Large | State::Shared) {
                (index..index + span).for_each(|block| self.blocks.set_free(block));
            }
            index += span;
        }
        self.sweep = Sweep::ALL;
        let (blocks, space, dead) = (&mut self.blocks, &self.space, &mut self.dead_host_values);
        self.hosts.retain(|host| {
            let is_live = blocks
                .cell(Granule::at(host.offset()))
                .is_some_and(|(cell, bit)| cell.live & bit != 0);
            if !is_live {
                dead.push(space.get_u32(host.offset() + HEADER).unwrap_or(0));
            }
            is_live
        });
    }
}
