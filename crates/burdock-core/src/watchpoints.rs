//! The addresses of memory at which hooks want to be told of accesses. Code compares the address of
//! each access with one range around all of them, and only if it is in there with each of them.

use crate::addr::MemoryAddr;
use crate::vm::Vm;
use alloc::vec::Vec;
use core::ops::Range;

/// Addresses at which accesses to memory begin that hooks may want to be told of.
#[derive(Clone, Debug)]
pub struct WatchedRange {
    /// The memories in which the addresses are watched.
    pub memories: WatchedMemories,
    /// The addresses at which such accesses begin.
    pub addresses: Range<u64>,
}

/// Memories in which addresses are watched.
#[derive(Clone, Copy, Debug)]
pub enum WatchedMemories {
    /// All memories of the store.
    All,
    /// In each instance, the memory with this index.
    Index(u32),
    /// One memory.
    One(MemoryAddr),
}

impl WatchedRange {
    fn contains(&self, index: u32, memory: MemoryAddr, address: u64) -> bool {
        let is_there = match self.memories {
            WatchedMemories::All => true,
            WatchedMemories::Index(own) => own == index,
            WatchedMemories::One(own) => own == memory,
        };
        is_there && self.addresses.contains(&address)
    }
}

/// The watched addresses of a store.
#[derive(Default)]
#[repr(C)]
pub(crate) struct WatchedAddresses {
    /// The least range around all of them, whichever memory they are in: its first address, and the
    /// number of addresses.
    pub(crate) start: u64,
    pub(crate) len: u64,
    ranges: Vec<WatchedRange>,
}

impl WatchedAddresses {
    fn new(mut ranges: Vec<WatchedRange>) -> Self {
        ranges.retain(|range| !range.addresses.is_empty());
        let starts = ranges.iter().map(|range| range.addresses.start);
        let ends = ranges.iter().map(|range| range.addresses.end);
        let (start, end) = (starts.min().unwrap_or(0), ends.max().unwrap_or(0));
        Self { start, len: end - start, ranges }
    }

    /// Returns `true` if an access that begins at the address may be wanted.
    #[inline(always)]
    pub(crate) fn contains(&self, address: u64) -> bool {
        address.wrapping_sub(self.start) < self.len
    }

    /// Returns `true` if an access to `len` bytes may be wanted. An access beyond the last address
    /// traps.
    #[inline(always)]
    pub(crate) fn intersects(&self, address: u64, len: u64) -> bool {
        self.contains(address) || self.start.wrapping_sub(address) < len
    }

    /// Returns `true` if an access to a memory that begins at the address may be wanted. `index` is
    /// the memory's index in the module of the code.
    pub(crate) fn contains_in(&self, index: u32, memory: MemoryAddr, address: u64) -> bool {
        self.ranges.iter().any(|range| range.contains(index, memory, address))
    }
}

impl Vm {
    /// Sets the addresses at which accesses to memory begin whose sites are delivered, in code that
    /// compares the addresses before.
    pub fn watch(&mut self, ranges: Vec<WatchedRange>) {
        self.watched = WatchedAddresses::new(ranges);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_between_ranges_are_not_watched() {
        let range = |memories, addresses| WatchedRange { memories, addresses };
        let watched = WatchedAddresses::new(alloc::vec![
            range(WatchedMemories::All, 100..104),
            range(WatchedMemories::One(MemoryAddr(7)), 900..908),
            range(WatchedMemories::Index(2), 500..501),
            range(WatchedMemories::All, 5000..5000),
        ]);
        // The index in a module, the memory, the address; whether it is in the range around all,
        // and whether it is watched.
        for (index, memory, address, is_around, is_watched) in [
            (0, 1, 99, false, false),
            (0, 1, 100, true, true),
            (0, 1, 103, true, true),
            (0, 1, 104, true, false),
            (0, 1, 500, true, false),
            (2, 1, 500, true, true),
            (0, 1, 900, true, false),
            (0, 7, 900, true, true),
            (2, 7, 907, true, true),
            (0, 7, 908, false, false),
            (0, 7, 5000, false, false),
        ] {
            let memory = MemoryAddr(memory);
            let found = (watched.contains(address), watched.contains_in(index, memory, address));
            assert_eq!(found, (is_around, is_watched), "{memory:?}, {address}");
        }
        let none = WatchedAddresses::new(Vec::new());
        assert!(!none.contains(0) && !none.contains_in(0, MemoryAddr(0), 0));
    }
}
