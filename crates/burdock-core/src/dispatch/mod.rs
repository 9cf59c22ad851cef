//! Dispatch: from one instruction to the next. Two dispatchers share the instructions:
//!
//! - `tail`: a handler ends with a jump to the next one; the machine's registers are the
//!   processor's. Needs a compiler that makes sibling calls.
//! - `loop`: a handler returns to a loop, the registers are in memory. Runs everywhere.
//!
//! build.rs compiles the one that suits the target; features add the other.

#[cfg(loop_dispatch)]
#[path = "loop.rs"]
pub(crate) mod looped;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

use crate::machine::{Machine, Stop, TABLE};
use crate::vm::Stubs;
use alloc::sync::Arc;
use burdock_ir::{Heads, Meaning, Op};

/// A way to get from one instruction to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// Handlers return to a loop.
    Loop,
    /// Handlers jump to each other.
    Tail,
}

impl Default for Dispatch {
    /// The faster of those that this build has.
    fn default() -> Self {
        if Self::Tail.is_available() { Self::Tail } else { Self::Loop }
    }
}

impl Dispatch {
    /// Whether this build has it.
    pub const fn is_available(self) -> bool {
        match self {
            Self::Loop => cfg!(loop_dispatch),
            Self::Tail => cfg!(tail_dispatch),
        }
    }

    /// What stands for each op in code that this dispatcher runs.
    ///
    /// # Panics
    ///
    /// This build does not have it; see [`is_available`](Self::is_available).
    pub fn heads(self) -> Arc<Heads> {
        (0..Op::COUNT).map(|number| self.head_of(number)).collect()
    }

    pub(crate) fn head(self, op: Op) -> u64 {
        self.head_of(op.number())
    }

    fn head_of(self, number: usize) -> u64 {
        assert!(self.is_available(), "dispatch {self:?} is not part of this build");
        TABLE[number].head(self)
    }

    pub(crate) fn stubs(self) -> Stubs {
        Stubs {
            exit: [self.head(Meaning::Exit.only_op())],
            return_to_instance: [self.head(Meaning::ReturnToInstance.only_op())],
        }
    }

    /// Runs until the machine stops.
    ///
    /// # Safety
    ///
    /// [CODE] the machine's position is in code with this dispatcher's heads.
    pub(crate) unsafe fn run(self, machine: Machine) -> Stop {
        match self {
            #[cfg(tail_dispatch)]
            // SAFETY: [CODE] as the caller promises.
            Self::Tail => unsafe { tail::run(machine) },
            #[cfg(loop_dispatch)]
            // SAFETY: [CODE] as the caller promises.
            Self::Loop => unsafe { looped::run(machine) },
            #[allow(unreachable_patterns, reason = "a build may have both")]
            _ => unreachable!("no code has the heads of a dispatcher that is not in the build"),
        }
    }
}
