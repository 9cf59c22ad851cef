//! `HeapImage`: the objects of a heap as they were at one time.
//!
//! An image is made in the middle of a collection, when everything is marked that the roots lead
//! to. As long as it exists, it is a root itself, so that its objects stay where they are: to
//! restore it is to write their contents again. Objects that have been allocated since then, and
//! references that lead to them, remain valid.

use super::blocks::{BLOCK, Cell, State, cells_of, offset_of};
use super::layout::GRANULE;
use super::mark::Marking;
use super::object::Object;
use super::pace::Scope;
use super::{Heap, blocks};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// The objects of a heap as they were at one time. Images share the blocks in which nothing has
/// changed.
#[derive(Debug, Default)]
pub struct HeapImage {
    /// The contents of each block that had objects.
    blocks: Vec<Option<Arc<BlockImage>>>,
}

/// The contents of a block.
#[derive(Debug, PartialEq, Eq)]
struct BlockImage {
    contents: Contents,
    /// The bytes of the objects, one object behind the other.
    bytes: Box<[u8]>,
}

#[derive(Debug, PartialEq, Eq)]
enum Contents {
    /// Objects, with the bits of the block's granules.
    Objects(Box<[Cell]>),
    /// The beginning of a large object.
    Large,
    /// Another part of a large object.
    Continued,
}

impl HeapImage {
    /// Returns the block that the image contains at an index, if its contents are the same.
    fn shared(&self, index: usize, block: &BlockImage) -> Option<Arc<BlockImage>> {
        self.blocks.get(index)?.as_ref().filter(|old| ***old == *block).map(Arc::clone)
    }

    /// Calls `visit` with each object of the image.
    pub fn each_object(&self, mut visit: impl FnMut(Object)) {
        self.each_offset(|offset| visit(Object::at(offset)));
    }

    fn each_offset(&self, mut visit: impl FnMut(u32)) {
        for (index, block) in self.blocks.iter().enumerate() {
            match block.as_ref().map(|block| &block.contents) {
                Some(Contents::Objects(cells)) => {
                    for start in each_bit(cells, |cell| cell.starts) {
                        visit(offset_of(index) + start * GRANULE);
                    }
                }
                Some(Contents::Large) => visit(offset_of(index)),
                Some(Contents::Continued) | None => {}
            }
        }
    }
}

impl Marking<'_> {
    /// Follows the references of the roots that were passed so far, and returns the objects to
    /// which they lead. The collection has to be one of all objects.
    pub fn image(&mut self, earlier: Option<&HeapImage>) -> HeapImage {
        debug_assert_eq!(self.scope, Scope::All, "an image has old objects, too");
        self.drain();
        let blocks = (0..self.heap.blocks.table.len()).map(|index| {
            let block = self.heap.block_image(index)?;
            let shared = earlier.and_then(|earlier| earlier.shared(index, &block));
            Some(shared.unwrap_or_else(|| Arc::new(block)))
        });
        HeapImage { blocks: blocks.collect() }
    }

    /// Marks the objects of an image. They were marked when the image was made, so a collection of
    /// young objects keeps them anyway.
    pub fn mark_image(&mut self, image: &HeapImage) {
        if self.scope == Scope::Young {
            return;
        }
        image.each_offset(|offset| self.mark_offset(offset));
    }
}

impl Heap {
    /// Returns the marked objects of a block; `None` if there are none.
    fn block_image(&self, index: usize) -> Option<BlockImage> {
        let block = &self.blocks.table[index];
        let offset = offset_of(index);
        match block.state {
            State::Fresh | State::Free => None,
            State::Shared if block.live == 0 => None,
            State::Shared => {
                let cells: Box<[Cell]> = self.blocks.cells[cells_of(index)].into();
                let mut bytes = Vec::with_capacity(block.live as usize);
                for run in live_runs(&cells) {
                    bytes.extend_from_slice(self.space.bytes(offset + run.start, run.len()));
                }
                Some(BlockImage { contents: Contents::Objects(cells), bytes: bytes.into() })
            }
            State::Large | State::Continued => {
                let distance = if block.state == State::Large { 0 } else { block.span };
                let size = self.blocks.table[index - distance as usize].live;
                let len = size.saturating_sub(distance * BLOCK).min(BLOCK);
                let contents = if distance == 0 { Contents::Large } else { Contents::Continued };
                let bytes = self.space.bytes(offset, len as usize).into();
                (size > 0).then_some(BlockImage { contents, bytes })
            }
        }
    }

    /// Gives the objects of an image the contents that they had. The image must have been made of
    /// this heap, and must have been a root of every collection since then.
    pub fn restore(&mut self, image: &HeapImage) {
        for (index, block) in image.blocks.iter().enumerate() {
            let Some(block) = block else { continue };
            let offset = offset_of(index);
            let Contents::Objects(cells) = &block.contents else {
                self.space.bytes_mut(offset, block.bytes.len()).copy_from_slice(&block.bytes);
                continue;
            };
            let mut bytes = &block.bytes[..];
            for run in live_runs(cells) {
                let (own, others) = bytes.split_at(run.len());
                self.space.bytes_mut(offset + run.start, run.len()).copy_from_slice(own);
                bytes = others;
            }
        }
    }
}

/// Returns the numbers of the granules of a block whose bits are set.
fn each_bit(cells: &[Cell], bits: fn(&Cell) -> u64) -> impl Iterator<Item = u32> {
    (0..).step_by(blocks::CELL_GRANULES as usize).zip(cells).flat_map(move |(first, cell)| {
        let bits = bits(cell);
        (0..blocks::CELL_GRANULES)
            .filter(move |bit| bits >> bit & 1 != 0)
            .map(move |bit| first + bit)
    })
}

/// Returns the ranges of bytes of a block in which objects live.
fn live_runs(cells: &[Cell]) -> impl Iterator<Item = Range<u32>> {
    let mut granules = each_bit(cells, |cell| cell.live).peekable();
    core::iter::from_fn(move || {
        let start = granules.next()?;
        let mut end = start + 1;
        while granules.next_if_eq(&end).is_some() {
            end += 1;
        }
        Some(start * GRANULE..end * GRANULE)
    })
}

#[cfg(test)]
impl HeapImage {
    /// Returns the number of bytes of the objects.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().flatten().map(|block| block.bytes.len()).sum()
    }

    /// Returns the number of blocks.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().flatten().count()
    }

    /// Returns the number of blocks that two images have in common.
    pub(super) fn shared_with(&self, other: &Self) -> usize {
        let both = self.blocks.iter().flatten().zip(other.blocks.iter().flatten());
        both.filter(|(own, other)| Arc::ptr_eq(own, other)).count()
    }
}
