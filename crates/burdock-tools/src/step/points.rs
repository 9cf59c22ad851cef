//! Breakpoints and watchpoints.

use super::State;
use crate::condition::Condition;
use crate::dwarf::Variable;
use std::ops::Range;
use std::sync::Arc;

/// A breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// The number, from 1.
    pub number: u32,
    /// The place at which it was set: a line or functions.
    pub at: String,
    /// The byte offsets of the operators at which it stops.
    pub offsets: Vec<u32>,
    /// `true` if it is removed at its first stop.
    pub is_temporary: bool,
    /// The condition under which it stops, for each offset; empty if there is none.
    pub(super) conditions: Vec<Arc<Condition>>,
}

impl Breakpoint {
    /// Returns the condition under which the breakpoint stops.
    pub fn condition(&self) -> Option<&str> {
        self.conditions.first().map(|condition| condition.text())
    }

    /// Returns `true` if the breakpoint stops in a state.
    pub(super) fn stops_in(&self, state: &State) -> bool {
        let place = state.stack.first().map(|place| place.offset);
        let Some(index) = self.offsets.iter().position(|own| Some(*own) == place) else {
            return false;
        };
        let condition = self.conditions.get(index);
        condition.is_none_or(|condition| condition.holds(&state.frame(0)).unwrap_or(false))
    }
}

/// A watchpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// The number, from 1, counted with breakpoints.
    pub number: u32,
    /// The place that is watched.
    pub place: WatchedPlace,
    /// The variable at this place, or the addresses themselves.
    pub(super) variable: Variable,
}

/// The place that a watchpoint watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchedPlace {
    /// Addresses in the memory.
    Memory(Range<u64>),
    /// A local of WebAssembly, in any call of its function.
    Local {
        /// The function's index.
        func: u32,
        /// The local's index.
        index: u32,
    },
}
