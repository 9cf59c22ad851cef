//! The heap of a store: structs, arrays, exceptions and host values, reclaimed by a collector.
//!
//! # References
//!
//! A reference has 32 bits: an offset into the heap, 0 for null, or an odd number for an `i31`
//! (`object.rs`). Offsets begin at [`FIRST`], which is a number that programs rarely compute with,
//! so that words that only look like references are rare, too. The heap reserves all addresses that
//! 32 bits lead to and grows in place (`space.rs`). Where the system has too few addresses it is a
//! buffer that moves when it grows.
//!
//! # Objects
//!
//! An object begins with the index of its type in the store ([`TypeTable`], `types.rs`), behind
//! which an array has its length, and a structure its descriptor, if it has one. Fields are packed
//! (`layout.rs`). The type's row says where the references are and which types are supertypes.
//!
//! # Allocation
//!
//! The heap is a mark-region heap: objects never move. They are allocated one behind the other in
//! the *current run*, a part of a block in which nothing lives ([`Bump`], `allocate.rs`). When it
//! is full, the next one is searched for (`sweep.rs`): between the objects that live, then in free
//! blocks. Runs are cleared when they are handed out. Large objects have blocks of their own.
//! `blocks.rs` has the bits from which all this is found. `pace.rs` decides when to collect and
//! when to grow; both are done by the caller, who knows the roots and the embedder's limits
//! ([`Shortage`]).
//!
//! # Collection
//!
//! The words of frames are compared with the objects that there are ([`Candidates`],
//! `candidates.rs`): a word counts as a reference if an object begins at its offset. All other
//! roots are known to be references ([`Marking`], `mark.rs`). The objects that roots lead to are
//! marked, without recursion and with a stack of bounded size (`mark_stack.rs`). What is not marked
//! is found again as free runs.
//!
//! Marks stay until all objects are collected. In between, collections free young objects only:
//! those allocated since the last one. A byte for each 256 bytes of the heap, its *card*, and one
//! for each block say whether references have been written there since, so that young objects to
//! which only old ones lead are found ([`Heap::write_reference`], `cards.rs`).
//!
//! The objects that live can be put aside with their contents, to be restored later
//! ([`HeapImage`], `image.rs`).
//!
//! `check.rs` looks at all objects after each collection, in builds with debug assertions.
#![doc(hidden)]

mod allocate;
mod blocks;
mod candidates;
mod cards;
mod cast;
#[cfg(any(test, debug_assertions))]
mod check;
mod image;
mod layout;
mod mark;
mod mark_stack;
mod object;
mod pace;
mod reports;
mod space;
mod statistics;
mod sweep;
#[cfg(test)]
mod tests;
mod types;
mod walk;

pub use candidates::Candidates;
pub use cards::{LOG2_CARD, LOG2_CARD_GROUP};
#[cfg(any(test, debug_assertions))]
pub use check::Corruption;
pub use image::HeapImage;
pub use layout::{GRANULE, HEADER, INLINE_SUPERTYPES, Layout, Storage};
pub use mark::Marking;
pub use object::{Object, Reference};
pub use pace::Shortage;
pub use space::{FIRST, GROWTH_UNIT, MAX_BYTES};
pub use statistics::{CollectionReport, HeapStatistics};
pub use types::{Contents, Kind, RuntimeType, TypeDesc, TypeRow, TypeTable};

use crate::OutOfMemory;
use alloc::vec::Vec;
use blocks::{BLOCK, Blocks, LARGEST_SHARED};
use cards::Cards;
use core::{mem, ptr};
use pace::Pace;
use reports::Reports;
use space::Space;
use statistics::Counts;
use sweep::{Run, Sweep};

/// The size in bytes of the largest object for which [`Heap::prepare`] finds a run.
pub const LARGEST_PREPARED: u32 = LARGEST_SHARED;

/// The configuration of a heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapConfig {
    /// `true` to reserve addresses where the system has enough of them, so that the heap never
    /// moves.
    pub reserve: bool,
    /// The number of bytes by which the heap grows at first.
    pub initial_bytes: u32,
    /// The largest number of bytes that the heap may have.
    pub max_bytes: u32,
    /// Without reserved addresses: the number of bytes that the heap can grow before it moves.
    pub room_for_growth: u32,
    /// `true` if the heap may move when it grows. If not, and if no addresses are reserved, it
    /// grows as far as there is room.
    pub may_move: bool,
    /// `true` if garbage is collected when memory is needed.
    pub collect: bool,
    /// `true` to collect before every allocation, for tests.
    pub stress: bool,
    /// `true` if most collections are to leave objects alone that survived one. All references must
    /// then be written as [`Heap::write_reference`] does.
    pub generational: bool,
}

impl HeapConfig {
    /// The configuration of a heap of which nothing is asked.
    pub const DEFAULT: Self = Self {
        reserve: true,
        initial_bytes: 0,
        max_bytes: MAX_BYTES,
        room_for_growth: 0,
        may_move: true,
        collect: true,
        stress: false,
        generational: true,
    };
}

impl Default for HeapConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The part of a heap that handlers address.
#[derive(Debug)]
#[repr(C)]
pub struct Bump {
    /// The address of offset 0. It changes when the heap grows, unless addresses are reserved.
    pub base: *mut u8,
    /// The address of the card of offset 0. Who writes a reference at an offset sets the byte at
    /// `offset >> LOG2_CARD` behind it to 1, unless the object is new. The address changes when the
    /// heap grows.
    pub cards: *mut u8,
    /// The address of the group of the card of offset 0. Who sets a card also sets the byte at
    /// `offset >> LOG2_CARD_GROUP` behind this address to 1. It changes when the heap grows.
    pub card_groups: *mut u8,
    /// The rows of the types. The address changes when a type is added.
    pub types: *const TypeRow,
    /// The offset at which the next object begins.
    pub cursor: u32,
    /// The offset behind the current run. Its bytes from `cursor` on are zero.
    pub limit: u32,
}

/// The heap of a store.
#[repr(C)] // `Bump` comes first.
pub struct Heap {
    bump: Bump,
    space: Space,
    types: TypeTable,
    blocks: Blocks,
    cards: Cards,
    /// The run for objects of medium size.
    medium: Run,
    sweep: Sweep,
    pace: Pace,
    /// The objects that stand for host values.
    hosts: Vec<Object>,
    /// The values of those that were freed.
    dead_host_values: Vec<u32>,
    /// The number of entries of the mark stack, if it does not depend on the heap's size.
    mark_stack: Option<usize>,
    statistics: Counts,
    reports: Reports,
}

// SAFETY: [OWN] the pointers of `Bump` lead into what the same heap owns.
unsafe impl Send for Heap {}
// SAFETY: [OWN] shared access to a heap only reads.
unsafe impl Sync for Heap {}

impl Heap {
    /// Returns a heap without memory.
    #[inline(always)] // Written to its place; see `Vm::new`.
    pub fn new(config: HeapConfig) -> Self {
        let space = Space::new(&config);
        let mut heap = Self {
            bump: Bump {
                base: ptr::null_mut(),
                cards: ptr::null_mut(),
                card_groups: ptr::null_mut(),
                types: ptr::null(),
                cursor: FIRST,
                limit: FIRST,
            },
            space,
            types: TypeTable::default(),
            blocks: Blocks::default(),
            cards: Cards::default(),
            medium: Run::default(),
            sweep: Sweep::DONE,
            pace: Pace::new(config),
            hosts: Vec::new(),
            dead_host_values: Vec::new(),
            mark_stack: None,
            statistics: Counts::default(),
            reports: Reports::default(),
        };
        heap.refresh();
        heap
    }

    /// Returns the types of the store's objects and functions.
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// Adds a type, unless the store has it already, and returns its index.
    ///
    /// # Panics
    ///
    /// If the type has no supertypes, not even itself.
    pub fn add_type(&mut self, desc: &TypeDesc<'_>) -> RuntimeType {
        let ty = self.types.add(desc);
        self.refresh();
        ty
    }

    /// Grows by `bytes`, a number that a [`Shortage`] contains.
    ///
    /// # Errors
    ///
    /// If the system is out of memory. This counts as a refusal.
    pub fn grow(&mut self, bytes: u32) -> Result<(), OutOfMemory> {
        let grown = self.try_grow(bytes);
        match grown {
            Ok(()) => self.pace.grown(),
            Err(OutOfMemory) => self.pace.refuse(),
        }
        grown
    }

    fn try_grow(&mut self, bytes: u32) -> Result<(), OutOfMemory> {
        let unit = bytes.checked_next_multiple_of(GROWTH_UNIT);
        let len = unit.and_then(|bytes| self.space.len().checked_add(bytes));
        let len = len.filter(|len| *len <= self.pace.max_bytes()).ok_or(OutOfMemory)?;
        let blocks = (len / BLOCK) as usize;
        self.blocks.reserve(blocks).ok_or(OutOfMemory)?;
        self.cards.reserve(blocks)?;
        self.space.grow(len)?;
        self.blocks.grow(blocks);
        self.cards.grow(blocks);
        self.refresh();
        Ok(())
    }

    /// Notes that the embedder does not grant the growth that the last [`Shortage`] asked for.
    pub fn refuse_growth(&mut self) {
        self.pace.refuse();
    }

    /// Returns `true` if the heap's addresses are reserved: every 32-bit offset from `Bump::base`
    /// on, and the 64 KiB behind, belong to the heap.
    pub fn is_reserved(&self) -> bool {
        self.space.is_reserved()
    }

    /// Returns `true` if garbage is collected when memory is needed.
    pub fn is_collected(&self) -> bool {
        self.pace.is_collecting()
    }

    /// Returns the part that handlers address.
    pub fn bump(&mut self) -> &mut Bump {
        &mut self.bump
    }

    /// Returns the number of bytes that the heap has, free ones included.
    pub fn len(&self) -> u32 {
        self.space.len()
    }

    /// Returns `true` if the heap has no memory yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the heap's figures.
    pub fn statistics(&self) -> HeapStatistics {
        let counts = &self.statistics;
        let unused = self.bump.limit - self.bump.cursor + self.medium.len();
        HeapStatistics {
            reserved_bytes: self.space.reserved(),
            heap_bytes: u64::from(self.len()),
            allocated_bytes: counts.handed_out - u64::from(unused),
            live_bytes: counts.live_bytes,
            live_objects: counts.live_objects,
            collections: counts.collections,
            last_pause: counts.last_pause,
            longest_pause: counts.longest_pause,
        }
    }

    /// Returns the number of collections that there have been.
    #[inline]
    pub fn collections(&self) -> u64 {
        self.statistics.collections
    }

    /// Returns `true` if objects of host values have been freed since the last call of
    /// [`take_dead_host_values`](Self::take_dead_host_values).
    pub fn has_dead_host_values(&self) -> bool {
        !self.dead_host_values.is_empty()
    }

    /// Returns the host values whose objects have been freed since the last call of this method.
    pub fn take_dead_host_values(&mut self) -> Vec<u32> {
        mem::take(&mut self.dead_host_values)
    }

    /// Returns the largest number of entries of the mark stack. It takes at most 3 % of the heap's
    /// size.
    fn mark_stack_limit(&self) -> usize {
        self.mark_stack.unwrap_or((self.len() as usize / 256).max(4096))
    }

    /// Updates the addresses in `Bump`.
    fn refresh(&mut self) {
        self.bump.base = self.space.base();
        [self.bump.cards, self.bump.card_groups] = self.cards.addresses();
        self.bump.types = self.types.rows();
    }
}
