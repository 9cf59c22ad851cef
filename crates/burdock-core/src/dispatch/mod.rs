//! Dispatch: from one instruction to the next. The dispatchers share the instructions:
//!
//! - `tail`: a handler ends with a jump to the next one; the machine's registers are the
//!   processor's. Where rustc makes no sibling calls, assembly around the handlers makes the jump.
//! - `native`: handlers in assembly, written by build.rs, with more registers; ops that have none
//!   are done by those of `tail`, and both jump to each other. Needs an x86-64 processor with AVX
//!   and BMI2, or an AArch64 one.
//! - `loop`: a handler returns to a loop, the registers are in memory. Runs everywhere.
//!
//! build.rs compiles the one that suits the target; features add the other.

#[cfg(loop_dispatch)]
#[path = "loop.rs"]
pub(crate) mod looped;
#[cfg(native_dispatch)]
pub(crate) mod native;
#[cfg(tail_dispatch)]
pub(crate) mod tail;

use crate::machine::{Machine, Stop, TABLE};
use crate::vm::Stubs;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_ir::{Meaning, Op, Target};
use core::sync::atomic::AtomicU64;

/// A way to get from one instruction to the next.
///
/// # Example
///
/// ```
/// use burdock_core::Dispatch;
/// assert!(Dispatch::default().is_available());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// Handlers return to a loop.
    Loop,
    /// Handlers jump to each other.
    Tail,
    /// Handlers in assembly jump to each other.
    Native,
}

impl Default for Dispatch {
    /// Returns the fastest dispatcher of this build.
    fn default() -> Self {
        let [fastest, other] = [Self::Native, Self::Tail];
        match (fastest.is_available(), other.is_available()) {
            (true, _) => fastest,
            (_, true) => other,
            _ => Self::Loop,
        }
    }
}

/// Returns the address of the handler that a head names. Heads are numbers; what writes one takes
/// the handler's address as a number, which exposes it.
#[inline(always)]
fn address(head: u64) -> *const () {
    core::ptr::with_exposed_provenance(head as usize)
}

impl Dispatch {
    /// Returns `true` if this build has the dispatcher and the processor supports it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(native_dispatch)]
            Self::Native => native::is_available(),
            #[cfg(not(native_dispatch))]
            Self::Native => false,
            Self::Loop => cfg!(loop_dispatch),
            Self::Tail => cfg!(tail_dispatch),
        }
    }

    /// Returns the machine that this dispatcher runs, as the translator sees it.
    ///
    /// # Panics
    ///
    /// This build does not have it; see [`is_available`](Self::is_available).
    pub fn target(self) -> Arc<Target> {
        #[cfg(native_dispatch)]
        if self == Self::Native {
            return Arc::new(native::target());
        }
        Arc::new(Target::new((0..Op::COUNT).map(|number| self.head_of(number)).collect()))
    }

    pub(crate) fn head(self, op: Op) -> u64 {
        self.head_of(op.number())
    }

    /// Returns the heads that an instruction of this op may have in a function that has been bound.
    pub(crate) fn heads(self, op: Op) -> Vec<u64> {
        match self {
            #[cfg(native_dispatch)]
            Self::Native => native::heads(op),
            _ => alloc::vec![self.head(op)],
        }
    }

    fn head_of(self, number: usize) -> u64 {
        assert!(self.is_available(), "dispatch {self:?} is not part of this build");
        TABLE[number].head(self)
    }

    /// Returns `true` if code for the dispatcher has to be bound before it runs.
    pub(crate) fn binds(self) -> bool {
        cfg!(native_dispatch) && self == Self::Native
    }

    /// Gives the instructions of a function, whose words these are and whose heads are the ops'
    /// numbers, their handlers.
    pub(crate) fn bind(self, words: &[AtomicU64]) {
        match self {
            #[cfg(native_dispatch)]
            Self::Native => native::bind(words),
            _ => {
                let _ = words;
            }
        }
    }

    pub(crate) fn stubs(self) -> &'static Stubs {
        static STUBS: [spin::Once<Stubs>; 3] = [const { spin::Once::new() }; 3];
        STUBS[self as usize].call_once(|| Stubs {
            exit: [self.head(Meaning::Exit.only_op())],
            return_to_instance: [self.head(Meaning::ReturnToInstance.only_op())],
            go_on: [self.go_on()],
            #[cfg(tail_dispatch)]
            wait: [self.wait()],
        })
    }

    /// Returns the head of the stub that reads registers that were kept.
    fn go_on(self) -> u64 {
        match self {
            #[cfg(tail_dispatch)]
            Self::Tail => tail::go_on as *const () as u64,
            #[cfg(native_dispatch)]
            Self::Native => native::go_on() as u64,
            #[cfg(loop_dispatch)]
            Self::Loop => looped::go_on as *const () as u64,
            #[allow(unreachable_patterns, reason = "one dispatcher may be the only one")]
            _ => 0,
        }
    }

    /// Returns the head of the stub that keeps registers.
    #[cfg(tail_dispatch)]
    fn wait(self) -> u64 {
        match self {
            Self::Tail => tail::wait as *const () as u64,
            #[cfg(native_dispatch)]
            Self::Native => native::wait() as u64,
            #[allow(unreachable_patterns, reason = "one dispatcher may be the only one")]
            _ => 0,
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
            #[cfg(native_dispatch)]
            // SAFETY: [CODE] as the caller promises.
            Self::Native => unsafe { native::run(machine) },
            #[cfg(loop_dispatch)]
            // SAFETY: [CODE] as the caller promises.
            Self::Loop => unsafe { looped::run(machine) },
            #[allow(unreachable_patterns, reason = "a build may have both")]
            _ => unreachable!("no code has the heads of a dispatcher that is not in the build"),
        }
    }
}
