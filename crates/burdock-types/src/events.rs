//! `Events`: a set of kinds of events that happen while a guest runs.

use core::fmt;
use core::ops::BitOr;

/// A set of kinds of events.
///
/// # Example
///
/// ```
/// use burdock_types::Events;
/// let wanted = Events::FUNCS | Events::MEMORY;
/// assert!(wanted.contains(Events::MEMORY_READS));
/// assert!(!wanted.contains(Events::LOOPS));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Events(u32);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $bits:expr;)*) => {
        impl Events {
            $($(#[$doc])* pub const $name: Self = Self($bits);)*

            const NAMES: &'static [(Self, &'static str)] = &[$((Self::$name, stringify!($name))),*];
        }
    };
}

kinds! {
    /// Control passes between the host and guests: the four events of Wasmtime's `call_hook`.
    CALLS = 1;
    /// A guest calls an imported host function, and that call is over.
    HOST_CALLS = 1 << 1;
    /// A function of a guest is entered and left.
    FUNCS = 1 << 2;
    /// An instruction is about to be executed.
    INSTRUCTIONS = 1 << 3;
    /// A conditional branch is about to be taken or not, a branch table to be read.
    BRANCHES = 1 << 4;
    /// An iteration of a loop begins.
    LOOPS = 1 << 5;
    /// Memory is about to be read.
    MEMORY_READS = 1 << 6;
    /// Memory is about to be written.
    MEMORY_WRITES = 1 << 7;
    /// A memory or table has been asked to grow, or the heap has grown.
    GROWTH = 1 << 8;
    /// A global is about to be written.
    GLOBALS = 1 << 9;
    /// A guest traps.
    TRAPS = 1 << 10;
    /// Fuel has run out, or the epoch has reached its deadline.
    INTERRUPTS = 1 << 11;
    /// An object is about to be allocated by a guest.
    ALLOCATIONS = 1 << 12;
    /// A guest is about to throw an exception, or has caught one.
    EXCEPTIONS = 1 << 13;
    /// Garbage has been collected.
    COLLECTIONS = 1 << 14;
}

impl Events {
    /// No event.
    pub const NONE: Self = Self(0);
    /// Memory is about to be read or written.
    pub const MEMORY: Self = Self::MEMORY_READS.union(Self::MEMORY_WRITES);
    /// All that happens at a place in the code of a function: what is compiled into it.
    pub const IN_CODE: Self = Self(0b11_0011_1111_1100);
    /// Every event.
    pub const ALL: Self = Self((1 << Self::NAMES.len()) - 1);

    /// Returns `true` if all kinds of `other` are in this set.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns `true` if any kind of `other` is in this set.
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns `true` if the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns a number by which kinds can be sorted.
    pub const fn order(self) -> u32 {
        self.0
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the intersection of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Events {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events(")?;
        let names = Self::NAMES.iter().filter(|(kind, _)| self.contains(*kind));
        for (i, (_, name)) in names.enumerate() {
            f.write_str(if i > 0 { " | " } else { "" })?;
            f.write_str(name)?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::format;

    #[test]
    fn sets_are_shown_by_the_names_of_their_kinds() {
        assert_eq!(format!("{:?}", Events::FUNCS | Events::TRAPS), "Events(FUNCS | TRAPS)");
        assert_eq!(format!("{:?}", Events::NONE), "Events()");
        let outside = Events::CALLS
            | Events::HOST_CALLS
            | Events::TRAPS
            | Events::INTERRUPTS
            | Events::COLLECTIONS;
        assert_eq!(Events::IN_CODE | outside, Events::ALL);
        assert!(!Events::IN_CODE.intersects(outside));
    }
}
