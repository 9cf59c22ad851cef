//! `Marking`: the second part of a collection, which finds all objects that roots lead to.

use super::Heap;
use super::blocks::{Block, Blocks, CELL_GRANULES, Cell, Granule, State, cells_of, offset_of};
use super::cards::{CARD, Cards};
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

/// The number of granules of a card.
const CARD_GRANULES: u32 = CARD / GRANULE;

/// A collection in which roots are marked. Pass all roots to it, then [`finish`](Self::finish).
///
/// A collection that is dropped without being finished leaves the heap unusable, so that is
/// finished as well, and all objects that were not marked are freed.
#[must_use]
pub struct Marking<'h> {
    pub(super) heap: &'h mut Heap,
    pub(super) scope: Scope,
    stack: MarkStack,
    /// The number of live bytes that the collection before has found.
    live_before: u64,
    started: Stopwatch,
    is_finished: bool,
}

impl<'h> Marking<'h> {
    pub(super) fn new(heap: &'h mut Heap, scope: Scope, started: Stopwatch) -> Self {
        let live_before = heap.statistics.live_bytes;
        match scope {
            Scope::All => heap.forget_all(),
            Scope::Young => heap.forget_young(),
        }
        let stack = MarkStack::new(heap.mark_stack_limit());
        Self { heap, scope, stack, live_before, started, is_finished: false }
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
        self.heap.free_unmarked(self.scope);
        let counts = &mut self.heap.statistics;
        counts.collections += 1;
        counts.last_pause = self.started.elapsed();
        counts.longest_pause = counts.longest_pause.max(counts.last_pause);
        let live = counts.live_bytes;
        self.heap.pace.collected(self.scope, self.live_before, live, self.heap.space.len());
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
    fn scan(&mut self, Entry { offset, element }: Entry) {
        let heap = &mut *self.heap;
        let Some((ty, len)) = heap.space.get_header(offset) else { return };
        let row = heap.types.row(RuntimeType(ty));
        if element == 0 {
            let size = row.size_of(len) as u32;
            heap.blocks.note_live(Granule::at(offset), size);
            heap.statistics.live_bytes += u64::from(size);
            heap.statistics.live_objects += 1;
        }
        if row.kind != Kind::Array {
            self.scan_fields(offset, RuntimeType(ty));
        } else if row.references != 0 {
            self.scan_array(Entry { offset, element }, len);
        }
    }

    /// Scans the fields of an object that is no array.
    #[inline(always)]
    fn scan_fields(&mut self, offset: u32, ty: RuntimeType) {
        let heap = &mut *self.heap;
        let row = heap.types.row(ty);
        let Some(fields) = heap.space.get_words(offset, row.size as usize) else { return };
        // Not `each_reference`: this loop keeps what it needs in registers.
        let mut references = row.references;
        while references != 0 {
            let field = (HEADER / 4 + references.trailing_zeros()) as usize;
            references &= references - 1;
            let Some(word) = fields.get(field) else { break };
            self.stack.add(&heap.space, &mut heap.blocks, u32::from_ne_bytes(*word));
        }
        if row.has_more_references() {
            self.scan_more(offset, ty);
        }
    }

    /// Scans the fields of an object that its type's row has no bits for.
    #[cold]
    #[inline(never)]
    fn scan_more(&mut self, offset: u32, ty: RuntimeType) {
        let heap = &mut *self.heap;
        for &at in heap.types.more_references(heap.types.row(ty)) {
            let reference = heap.space.get_u32(offset.wrapping_add(at)).unwrap_or(0);
            self.stack.add(&heap.space, &mut heap.blocks, reference);
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
        let first = array.wrapping_add(HEADER).wrapping_add(from.wrapping_mul(4));
        let len = 4 * to.saturating_sub(from) as usize;
        for word in heap.space.get_words(first, len).unwrap_or_default() {
            let reference = u32::from_ne_bytes(*word);
            self.stack.add(&heap.space, &mut heap.blocks, reference);
        }
    }

    /// Scans the objects into which references were written since the last collection.
    fn scan_cards(&mut self) {
        let mut next = 0;
        while let Some(group) = self.heap.cards.take_group(next) {
            for card in Cards::of_group(group) {
                if self.heap.cards.take(card) {
                    self.scan_card(card);
                }
            }
            next = group + 1;
        }
    }

    /// Scans the objects that overlap a card, if the last collection has found them. (All others
    /// are scanned if something leads to them.)
    fn scan_card(&mut self, card: usize) {
        let first = Granule(card as u32 * CARD_GRANULES);
        let index = first.block();
        let Block { state, span, .. } = self.heap.blocks.table[index];
        match state {
            State::Fresh | State::Free => {}
            State::Large => self.scan_part(offset_of(index), first.offset()),
            State::Continued => self.scan_part(offset_of(index - span as usize), first.offset()),
            State::Shared => {
                let Cell { starts, live } = self.heap.blocks.cells[first.cell()];
                if live & !starts & first.bit() != 0
                    && let Some(start) = self.heap.previous_start(first)
                {
                    self.rescan(start.offset(), first.offset());
                }
                let of_card =
                    (u64::MAX >> (CELL_GRANULES - CARD_GRANULES)) << (first.0 % CELL_GRANULES);
                let mut old = starts & live & of_card;
                while old != 0 {
                    let start = Granule::of_cell(first.cell(), old.trailing_zeros());
                    self.rescan(start.offset(), first.offset());
                    old &= old - 1;
                }
            }
        }
    }

    /// Scans an object that the last collection has found; of an array the part that overlaps the
    /// card at an offset.
    fn rescan(&mut self, offset: u32, card: u32) {
        let Some((ty, len)) = self.heap.space.get_header(offset) else { return };
        let TypeRow { kind, references, .. } = *self.heap.types.row(RuntimeType(ty));
        match kind {
            Kind::Array if references != 0 => {
                let element = |at: u32| (at.saturating_sub(offset + HEADER) / 4).min(len);
                self.scan_elements(offset, element(card), element(card + CARD));
            }
            Kind::Array => {}
            _ => self.scan_fields(offset, RuntimeType(ty)),
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
        if is_old {
            self.rescan(object, card);
        }
    }
}

impl Drop for Marking<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.complete();
        }
    }
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
        self.cards.clear();
        (self.statistics.live_bytes, self.statistics.live_objects) = (0, 0);
    }

    /// Forgets where objects and runs begin that were allocated since the last collection.
    fn forget_young(&mut self) {
        let Blocks { table, cells, young, .. } = &mut self.blocks;
        for block in young.iter().map(|block| *block as usize) {
            if table[block].state == State::Shared {
                cells[cells_of(block)].iter_mut().for_each(|cell| cell.starts &= cell.live);
            }
        }
    }

    /// Frees what is not marked: blocks at once, and host values; the parts of blocks when they are
    /// searched.
    fn free_unmarked(&mut self, scope: Scope) {
        self.blocks.settle(scope);
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
