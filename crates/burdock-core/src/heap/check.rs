//! A walk over the whole heap, right after a collection, that compares its parts with each other.

use super::Heap;
use super::blocks::{BLOCK, Block, Cell, Granule, LARGEST_SHARED, State, cells_of, offset_of};
use super::layout::{DESCRIPTOR, GRANULE, HEADER};
use super::types::{Kind, RuntimeType};

/// A contradiction in a heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corruption {
    /// The offset of the object or block.
    pub offset: u32,
    /// The contradiction.
    pub what: &'static str,
}

fn ensure(holds: bool, offset: u32, what: &'static str) -> Result<(), Corruption> {
    if holds { Ok(()) } else { Err(Corruption { offset, what }) }
}

impl Heap {
    /// Checks the heap right after a collection.
    ///
    /// # Errors
    ///
    /// The first contradiction that is found.
    pub fn check(&self) -> Result<(), Corruption> {
        let (mut bytes, mut objects, mut free) = (0, 0, 0);
        let mut index = 0;
        while let Some(block) = self.blocks.table.get(index) {
            let offset = offset_of(index);
            ensure(!block.is_young && !block.is_pending, offset, "the block has been collected")?;
            let (count, span) = match block.state {
                State::Fresh | State::Free => {
                    free += 1;
                    ensure(block.live == 0, offset, "no object lives in a free block")?;
                    ensure(self.has_no_bits(index), offset, "a free block has no bits")?;
                    (0, 1)
                }
                State::Shared => (self.check_shared(index, block)?, 1),
                State::Large => (self.check_large(index, block)?, block.span as usize),
                State::Continued => {
                    return Err(Corruption { offset, what: "no large object begins" });
                }
            };
            ensure(self.blocks.is_noted(index), offset, "a block with room is searched")?;
            bytes += u64::from(block.live);
            objects += count;
            index += span;
        }
        let counts = &self.statistics;
        ensure(free == self.blocks.free, 0, "the number of free blocks is right")?;
        ensure(bytes == counts.live_bytes, 0, "the number of live bytes is right")?;
        ensure(objects == counts.live_objects, 0, "the number of live objects is right")?;
        ensure(self.cards.is_clear(), 0, "no card is marked")?;
        for host in &self.hosts {
            let is_host = self.type_of(*host) == RuntimeType::HOST && self.is_live(host.offset());
            ensure(is_host, host.offset(), "a listed host value lives")?;
        }
        Ok(())
    }

    fn has_no_bits(&self, block: usize) -> bool {
        self.blocks.cells_of(block).iter().all(|cell| *cell == Cell::default())
    }

    /// Checks the objects of a shared block and returns their number.
    fn check_shared(&self, index: usize, block: &Block) -> Result<u64, Corruption> {
        let (mut objects, mut bytes, mut end) = (0, 0, offset_of(index));
        let cells = cells_of(index);
        for cell in cells.clone() {
            let mut starts = self.blocks.cells[cell].starts;
            while starts != 0 {
                let offset = Granule::of_cell(cell, starts.trailing_zeros()).offset();
                starts &= starts - 1;
                ensure(offset >= end, offset, "objects do not overlap")?;
                let size = self.check_object(offset)?;
                let room = u64::from(offset_of(index) + BLOCK - offset);
                ensure(size <= room, offset, "the object ends in its block")?;
                end = offset + size as u32;
                for granule in Granule::at(offset).0..Granule::at(end).0 {
                    let granule = Granule(granule);
                    let live = self.blocks.cells[granule.cell()].live & granule.bit() != 0;
                    ensure(live, offset, "the whole object is live")?;
                }
                objects += 1;
                bytes += size as u32;
            }
        }
        let live: u32 = cells.map(|cell| self.blocks.cells[cell].live.count_ones()).sum();
        ensure(bytes == block.live, offset_of(index), "the block's live bytes are right")?;
        ensure(live * GRANULE == bytes, offset_of(index), "nothing but objects is live")?;
        Ok(objects)
    }

    /// Checks a large object and returns 1.
    fn check_large(&self, index: usize, block: &Block) -> Result<u64, Corruption> {
        let offset = offset_of(index);
        let size = self.check_object(offset)?;
        let blocks = size.div_ceil(u64::from(BLOCK));
        ensure(size > u64::from(LARGEST_SHARED), offset, "the object needs blocks of its own")?;
        ensure(
            blocks == u64::from(block.span),
            offset,
            "the object has as many blocks as it needs",
        )?;
        ensure(size == u64::from(block.live), offset, "the block's live bytes are right")?;
        for (distance, next) in
            self.blocks.table[index..][..blocks as usize].iter().enumerate().skip(1)
        {
            let goes_on = next.state == State::Continued && next.span as usize == distance;
            ensure(goes_on, offset, "the large object goes on")?;
            ensure(self.has_no_bits(index + distance), offset, "a large object has one bit")?;
        }
        Ok(1)
    }

    /// Checks an object's header and references, and returns its size.
    fn check_object(&self, offset: u32) -> Result<u64, Corruption> {
        ensure(self.is_live(offset), offset, "a marked object lives")?;
        let header = self.space.get_header(offset);
        let (ty, len) = header.ok_or(Corruption { offset, what: "the object lies in the heap" })?;
        let row = self.types.row(RuntimeType(ty));
        let has_objects =
            matches!(row.kind, Kind::Struct | Kind::Array | Kind::Exception | Kind::Host);
        ensure(has_objects, offset, "the type is one of objects")?;
        let has_descriptor =
            row.has_more_references() && self.types.more_references(row).contains(&DESCRIPTOR);
        ensure(!has_descriptor || len != 0, offset, "a described structure has its descriptor")?;
        ensure(
            row.kind == Kind::Array || has_descriptor || len == 0,
            offset,
            "only arrays have a length",
        )?;
        let size = row.size_of(len);
        let is_inside =
            u64::from(offset) + size <= u64::from(self.space.len()) + u64::from(super::FIRST);
        ensure(is_inside, offset, "the object ends in the heap")?;
        let mut all = true;
        let mut look = |at: u32| {
            let reference = self.space.get_u32(offset + at).unwrap_or(2);
            all &= reference == 0 || reference % 2 == 1 || self.is_live(reference);
        };
        if row.kind == Kind::Array && row.references != 0 {
            (0..len).for_each(|element| look(HEADER + 4 * element));
        } else if row.kind != Kind::Array {
            self.types.each_reference(row, look);
        }
        ensure(all, offset, "all references lead to live objects")?;
        Ok(size)
    }

    /// Returns `true` if an object that the last collection has found begins at an offset.
    fn is_live(&self, offset: u32) -> bool {
        let granule = Granule::at(offset);
        let cell = self.blocks.cells.get(granule.cell()).copied().unwrap_or_default();
        offset.is_multiple_of(GRANULE) && cell.starts & cell.live & granule.bit() != 0
    }
}
