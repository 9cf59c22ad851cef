//! `EventSites`: the kinds of events that are wanted, and where.

use alloc::collections::BTreeSet;
use burdock_types::Events;

/// A set of kinds of events, each everywhere or at some operators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventSites {
    everywhere: u32,
    somewhere: BTreeSet<(u32, u32)>,
}

impl EventSites {
    /// Returns the empty set.
    pub const fn none() -> Self {
        Self { everywhere: 0, somewhere: BTreeSet::new() }
    }

    /// Adds these kinds: everywhere, or only at the operator at this byte offset in the module.
    pub fn add(&mut self, events: Events, offset: Option<u32>) {
        for (bit, kind) in KINDS.iter().enumerate().filter(|(_, kind)| events.intersects(**kind)) {
            match offset {
                // Entering and leaving a function concerns the function as a whole.
                Some(offset) if *kind != Events::FUNCS => {
                    self.somewhere.insert((offset, bit as u32));
                }
                _ => self.everywhere |= 1 << bit,
            }
        }
    }

    /// Returns `true` if the set is empty.
    pub fn is_empty(&self) -> bool {
        self.everywhere == 0 && self.somewhere.is_empty()
    }

    /// Returns the kinds that the set contains, at any place.
    pub fn kinds(&self) -> Events {
        let has = |kind: &&Events| self.has(**kind);
        KINDS.iter().filter(has).fold(Events::NONE, |kinds, kind| kinds.union(*kind))
    }

    /// Returns `true` if the set contains this kind, at any place.
    pub fn has(&self, kind: Events) -> bool {
        let bit = KINDS.iter().position(|known| *known == kind);
        bit.is_some_and(|bit| {
            self.everywhere & 1 << bit != 0
                || self.somewhere.iter().any(|(_, own)| *own == bit as u32)
        })
    }

    pub(super) fn contains(&self, kind: Events, offset: u32) -> bool {
        let Some(bit) = KINDS.iter().position(|known| *known == kind) else {
            return false;
        };
        self.everywhere & 1 << bit != 0
            || !self.somewhere.is_empty() && self.somewhere.contains(&(offset, bit as u32))
    }
}

/// The kinds of events that have sites.
const KINDS: [Events; 10] = [
    Events::FUNCS,
    Events::INSTRUCTIONS,
    Events::BRANCHES,
    Events::LOOPS,
    Events::MEMORY_READS,
    Events::MEMORY_WRITES,
    Events::GROWTH,
    Events::GLOBALS,
    Events::ALLOCATIONS,
    Events::EXCEPTIONS,
];
