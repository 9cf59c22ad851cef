//! `Cards`: where references have been written since the last collection.

use super::blocks::BLOCK;
use super::space::FIRST;
use crate::OutOfMemory;
use alloc::vec::Vec;
use core::mem;
use core::ops::{Range, RangeInclusive};

/// The binary logarithm of the number of bytes that share a card. Smaller cards let a collection of
/// young objects look at fewer old ones.
pub const LOG2_CARD: u32 = CARD.ilog2();

/// The number of bytes that share a card.
pub(super) const CARD: u32 = 256;

/// The binary logarithm of the number of bytes that share a group of cards.
pub const LOG2_CARD_GROUP: u32 = BLOCK.ilog2();

/// The number of cards of a group.
const GROUP: usize = (BLOCK / CARD) as usize;

/// The number of groups that are looked at together.
const MANY: usize = 64;

/// A byte for each [`CARD`] bytes of a heap, and one for each block, which is a group of cards. A
/// byte is not 0 if references may have been written there since the last collection.
///
/// A collection looks at all groups, and only in those that are marked at cards: a heap of 1 GiB
/// has 4 Mi cards, and 64 Ki groups.
#[derive(Debug, Default)]
pub(super) struct Cards {
    cards: Vec<u8>,
    groups: Vec<u8>,
}

impl Cards {
    /// Makes room for the cards of `blocks` blocks.
    ///
    /// # Errors
    ///
    /// If the system is out of memory.
    pub(super) fn reserve(&mut self, blocks: usize) -> Result<(), OutOfMemory> {
        let more = blocks.saturating_sub(self.groups.len());
        let reserved = self.groups.try_reserve(more).and(self.cards.try_reserve(more * GROUP));
        reserved.map_err(|_| OutOfMemory)
    }

    /// Adds cards until there are those of `blocks` blocks.
    pub(super) fn grow(&mut self, blocks: usize) {
        self.groups.resize(blocks, 0);
        self.cards.resize(blocks * GROUP, 0);
    }

    /// Returns the address of the card of offset 0, and that of its group.
    pub(super) fn addresses(&mut self) -> [*mut u8; 2] {
        let cards = self.cards.as_mut_ptr().wrapping_sub((FIRST / CARD) as usize);
        let groups = self.groups.as_mut_ptr().wrapping_sub((FIRST / BLOCK) as usize);
        [cards, groups]
    }

    /// Marks the cards of a range of offsets, and their groups. Does nothing if the range does not
    /// lie in the heap.
    #[inline]
    pub(super) fn mark(&mut self, offsets: RangeInclusive<u32>) {
        let (first, last) = (index_of(*offsets.start()), index_of(*offsets.end()));
        if let Some(cards) = self.cards.get_mut(first..=last)
            && let Some(groups) = self.groups.get_mut(first / GROUP..=last / GROUP)
        {
            cards.fill(1);
            groups.fill(1);
        }
    }

    /// Marks the card of an offset, and its group. Does nothing if the offset does not lie in the
    /// heap.
    #[inline(always)]
    pub(super) fn mark_one(&mut self, offset: u32) {
        let index = index_of(offset);
        if let Some(card) = self.cards.get_mut(index)
            && let Some(group) = self.groups.get_mut(index / GROUP)
        {
            (*card, *group) = (1, 1);
        }
    }

    /// Returns the next marked group from `from` on, and makes it unmarked.
    pub(super) fn take_group(&mut self, from: usize) -> Option<usize> {
        let groups = self.groups.get(from..)?;
        // Many at once: hardly any are marked.
        let are_unmarked = |groups: &&[u8]| groups.iter().fold(0, |any, group| any | group) == 0;
        let unmarked = MANY * groups.chunks(MANY).take_while(are_unmarked).count();
        let marked = groups.get(unmarked..)?.iter().position(|&group| group != 0)?;
        let group = from + unmarked + marked;
        self.groups[group] = 0;
        Some(group)
    }

    /// Returns the indices of the cards of a group.
    pub(super) fn of_group(group: usize) -> Range<usize> {
        group * GROUP..(group + 1) * GROUP
    }

    /// Makes a card unmarked, and returns `true` if it was marked.
    pub(super) fn take(&mut self, card: usize) -> bool {
        mem::take(&mut self.cards[card]) != 0
    }

    /// Makes all cards unmarked.
    pub(super) fn clear(&mut self) {
        self.cards.fill(0);
        self.groups.fill(0);
    }

    /// Returns `true` if no card is marked.
    #[cfg(any(test, debug_assertions))]
    pub(super) fn is_clear(&self) -> bool {
        self.cards.iter().chain(&self.groups).all(|&byte| byte == 0)
    }
}

/// Returns the index of the card of an offset. For a number that is no offset of a heap, it is
/// behind the last card that a heap can have.
fn index_of(offset: u32) -> usize {
    (offset.wrapping_sub(FIRST) / CARD) as usize
}
