//! `Pace`: when a heap is to be collected, and by how much it is to grow.

use super::HeapConfig;
use super::space::{GROWTH_UNIT, MAX_BYTES};
use core::mem;

/// A heap's lack of memory for an allocation.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// Collect ([`Heap::begin_collection`](super::Heap::begin_collection)), then try again.
    Collection,
    /// Let the heap grow by so many bytes ([`Heap::grow`](super::Heap::grow)), or refuse it
    /// ([`Heap::refuse_growth`](super::Heap::refuse_growth)), then try again.
    Growth(u32),
    /// The object does not fit in the heap. Nothing that is collected and nothing that the embedder
    /// has granted would change that.
    Full,
    /// The object is larger than a heap can be.
    TooLarge,
}

/// The number of bytes that are allocated before the first collection, and the smallest number
/// between two collections.
const MIN_BUDGET: u64 = 2 << 20;

/// With generations, the number of bytes between two collections is a share of the heap's: one part
/// of so many. What a collection of young objects does for old ones is in proportion to the heap,
/// but little: it looks at a byte for each block, and the search for runs at two bits. Between two
/// collections few bytes should be allocated, so that they are in the processor's caches. Without
/// generations, as many bytes as live are allocated.
const YOUNG_SHARE: u64 = 512;

/// A collection of young objects that leaves this share of what was allocated, in percent, is the
/// last one before all objects are collected: the next would mark as much, only for these objects
/// to be marked again with all others.
const LONG_LIVED: u64 = 75;

/// The least and the most bytes by which a heap grows, if the object needs no more.
const MIN_STEP: u32 = GROWTH_UNIT;
const MAX_STEP: u32 = 16 << 20;

/// The growth that was refused since a growth or a hand-out last succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Nothing,
    /// A step of the usual size.
    Step,
    /// The least that the object needs.
    Least,
}

/// The objects that a collection may free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All.
    All,
    /// Those that were allocated since the last collection.
    Young,
}

/// The pace of a heap.
#[derive(Debug)]
pub(super) struct Pace {
    /// The heap's configuration.
    config: HeapConfig,
    /// The number of live bytes from which all objects are collected.
    full: u64,
    /// `true` if the next collection has to be of all objects.
    is_full_due: bool,
    /// The number of collections of young objects since the last one of all.
    young: u32,
    /// The number of bytes in runs and large objects handed out since the last collection.
    handed_out: u64,
    /// The number of bytes to be handed out before the next collection.
    budget: u64,
    /// `true` if nothing was handed out since the last collection.
    is_fresh: bool,
    /// `true` if, in addition, that was a collection of all objects: another one would free
    /// nothing.
    is_spent: bool,
    refused: Refused,
}

impl Pace {
    #[inline(always)] // Written to its place; see `Vm::new`.
    pub(super) fn new(config: HeapConfig) -> Self {
        Self {
            config,
            full: 2 * MIN_BUDGET,
            is_full_due: false,
            young: 0,
            handed_out: 0,
            budget: MIN_BUDGET.max(config.initial_bytes.into()),
            is_fresh: false,
            is_spent: false,
            refused: Refused::Nothing,
        }
    }

    /// Returns `true` if every allocation is preceded by a collection.
    pub(super) fn is_under_stress(&self) -> bool {
        self.config.stress
    }

    /// Returns `true` if garbage is collected when memory is needed.
    pub(super) fn is_collecting(&self) -> bool {
        self.config.collect
    }

    /// Returns the largest number of bytes that the heap may have.
    pub(super) fn max_bytes(&self) -> u32 {
        self.config.max_bytes.min(MAX_BYTES) / GROWTH_UNIT * GROWTH_UNIT
    }

    /// Returns the objects that the next collection is to free, in a heap in which the last one has
    /// found `live` bytes.
    pub(super) fn scope(&self, live: u64) -> Scope {
        let HeapConfig { stress, generational, .. } = self.config;
        let is_full = self.is_full_due || live >= self.full || stress && self.young >= 3;
        if is_full || !generational { Scope::All } else { Scope::Young }
    }

    /// Fails if a collection is due.
    pub(super) fn check(&self) -> Result<(), Shortage> {
        let is_due = self.config.stress || self.handed_out >= self.budget;
        if is_due && !self.is_fresh && self.config.collect {
            Err(Shortage::Collection)
        } else {
            Ok(())
        }
    }

    /// Notes that memory is handed out.
    pub(super) fn hand_out(&mut self, bytes: u32) {
        self.handed_out += u64::from(bytes);
        (self.is_fresh, self.is_spent) = (false, false);
        self.refused = Refused::Nothing;
    }

    /// Returns the shortage of a heap of `len` bytes that has no room for an object: one that needs
    /// the heap to grow by `least` bytes, if nothing is freed.
    pub(super) fn shortage(&mut self, len: u32, least: u64) -> Shortage {
        let room = self.max_bytes().saturating_sub(len);
        let unit = u64::from(GROWTH_UNIT);
        let least = u32::try_from(least.next_multiple_of(unit)).unwrap_or(u32::MAX);
        let step = match len {
            0 => self.config.initial_bytes.clamp(MIN_STEP, MAX_BYTES),
            len => (len / 4).clamp(MIN_STEP, MAX_STEP),
        };
        let step = step.next_multiple_of(GROWTH_UNIT).min(room).max(least);
        let is_spent = self.is_spent || !self.config.collect;
        match self.refused {
            _ if least > room && is_spent => self.give_up(),
            _ if least > room => self.full_collection(),
            Refused::Nothing => Shortage::Growth(step),
            _ if !is_spent => self.full_collection(),
            Refused::Step if least < step => Shortage::Growth(least),
            _ => self.give_up(),
        }
    }

    fn full_collection(&mut self) -> Shortage {
        self.is_full_due = true;
        Shortage::Collection
    }

    /// Gives up on an object. When the next one is allocated, the guest may hold fewer.
    fn give_up(&mut self) -> Shortage {
        (self.is_fresh, self.is_spent) = (false, false);
        self.refused = Refused::Nothing;
        Shortage::Full
    }

    /// Notes that the heap has grown.
    pub(super) fn grown(&mut self) {
        self.refused = Refused::Nothing;
    }

    /// Notes that the heap may not grow by as much as the last shortage said.
    pub(super) fn refuse(&mut self) {
        self.refused = match self.refused {
            Refused::Nothing => Refused::Step,
            Refused::Step | Refused::Least => Refused::Least,
        };
    }

    /// Notes that a collection has ended, after which `live` of `len` bytes live; the collection
    /// before it had found `before`.
    pub(super) fn collected(&mut self, scope: Scope, before: u64, live: u64, len: u32) {
        let handed_out = mem::take(&mut self.handed_out);
        let survived = live.saturating_sub(before);
        (self.is_fresh, self.is_spent) = (true, scope == Scope::All);
        let most = if self.config.generational { u64::from(len) / YOUNG_SHARE } else { live };
        self.budget = most.max(MIN_BUDGET);
        match scope {
            Scope::All => {
                self.full = (2 * live).max(2 * MIN_BUDGET);
                self.is_full_due = false;
                self.young = 0;
            }
            Scope::Young => {
                self.young += 1;
                // Of a few objects the share says little.
                if handed_out >= MIN_BUDGET && survived >= handed_out / 100 * LONG_LIVED {
                    self.is_full_due = true;
                    self.budget = self.budget.max(self.full.saturating_sub(live));
                }
            }
        }
    }
}
