//! The end of a run: results, an error, or a place where the run can be resumed.

use crate::FuncAddr;
use crate::kept::KeptRegisters;
use crate::run_state::RunState;
use crate::stack::Stack;
use crate::unwind::FirstFrame;
use crate::vm::{Parked, RawFrame, Switch, Vm};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The failure of a call.
#[derive(Debug)]
pub struct Failure<E> {
    /// The trap, or the host's error.
    pub error: E,
    /// The frames of the guests at the failure, innermost first; empty if frames are not kept.
    pub frames: Vec<RawFrame>,
    pub(super) cause: Cause,
}

/// The way in which a failed call can continue, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// None: the call has trapped, or has not reached a guest.
    Final,
    /// Go on without the error.
    HostError,
    /// Go on with more fuel.
    OutOfFuel,
    /// Go on when the event that the call waits for has happened.
    Waits,
}

impl<E> Failure<E> {
    /// Returns the failure of a call that has not reached a guest.
    #[cold]
    pub(super) fn early(error: impl Into<E>) -> Box<Self> {
        Box::new(Self { error: error.into(), frames: Vec::new(), cause: Cause::Final })
    }
}

/// The reason why a resumable call did not come to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The call can't be resumed.
    Failed(Box<Failure<E>>),
    /// A host function returned an error; the call continues with the function's results.
    HostError {
        /// The error.
        error: E,
        /// The host function.
        func: FuncAddr,
        /// The call.
        paused: Paused,
    },
    /// The host returned an error at a site, or for want of fuel; the call continues behind the
    /// site.
    Observed {
        /// The error.
        error: E,
        /// The call.
        paused: Paused,
    },
    /// Fuel does not suffice; the call continues when there is more.
    OutOfFuel {
        /// The fuel that the next segment of code costs.
        required: u64,
        /// The call.
        paused: Paused,
    },
    /// The call waits for something, and its frames stay in the store.
    Waits {
        /// The host's error that stands for the thing that the call waits for.
        error: E,
        /// The call.
        call: Suspended,
    },
}

/// A stopped call that can be resumed in its store.
pub struct Paused {
    run: Arc<PausedRun>,
}

/// A run that was taken out of its store, with its own stack.
pub(crate) struct PausedRun {
    pub(crate) stack: Stack,
    pub(crate) state: RunState,
}

impl Paused {
    /// Returns the run, to be put into its store again.
    pub(super) fn into_run(self) -> PausedRun {
        // Who resumes a call has the store for itself, so no collection visits the run meanwhile.
        Arc::into_inner(self.run).expect("[OWN] the run has one owner")
    }
}

impl Vm {
    /// Returns a run that was taken out of the store as a call that can be resumed. Its stack
    /// remains among the roots as long as the call is not dropped.
    pub(crate) fn pause(&mut self, run: PausedRun) -> Paused {
        let run = Arc::new(run);
        self.runs.paused.add(&run);
        Paused { run }
    }
}

impl core::fmt::Debug for Paused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Paused").finish_non_exhaustive()
    }
}

// SAFETY: [OWN] it owns its frames; the instance is followed only in a run on its store.
unsafe impl Send for PausedRun {}
// SAFETY: [OWN] a shared reference to it only reads the frames' slots.
unsafe impl Sync for PausedRun {}

/// A call that waits, and keeps its place among the store's runs until [`go_on`](crate::go_on) or
/// [`Vm::abandon`](crate::Vm::abandon).
#[derive(Debug)]
#[must_use = "the call's frames stay in the store until it goes on or is abandoned"]
pub struct Suspended {
    /// The number of runs outside of this one.
    pub(super) depth: usize,
    /// The stamp that distinguishes the call from others that wait, or have waited, at the same
    /// depth.
    pub(super) stamp: u64,
}

/// The place where a run was left, and from which it can be resumed.
pub(crate) struct PausedAt {
    pub(super) at: Parked,
    pub(super) switches: Vec<Switch>,
    /// The host function that returned an error.
    pub(super) func: Option<FuncAddr>,
    /// `true` if the event of the site has been delivered at which the guest stands.
    pub(super) delivered: bool,
    /// `true` if the host has been asked something, which counts as no call of the host.
    pub(super) is_question: bool,
    /// The stack position at which the results of `func` are expected.
    pub(super) results: usize,
    /// The fuel that the next segment of code costs.
    pub(super) required: u64,
    /// The first frame that may catch an exception of `func`.
    pub(super) first: FirstFrame,
    /// The registers for values, if they are wanted when the run continues: those of the machine
    /// until the run waits.
    pub(super) registers: Option<Box<KeptRegisters>>,
}

impl PausedAt {
    /// Returns a place at a site, whose event is delivered when the run continues.
    pub(crate) fn site(at: Parked, switches: &[Switch]) -> Self {
        let switches = switches.to_vec();
        let first = FirstFrame::Parked;
        Self {
            at,
            switches,
            func: None,
            delivered: false,
            is_question: false,
            results: 0,
            required: 0,
            first,
            registers: None,
        }
    }

    /// Returns a place at a site whose event has been delivered.
    pub(crate) fn delivered_site(at: Parked) -> Self {
        Self { delivered: true, ..Self::site(at, &[]) }
    }

    /// Returns a place at an instruction that asks the host something, and asks again when the run
    /// continues.
    pub(crate) fn question(at: Parked) -> Self {
        Self { is_question: true, ..Self::site(at, &[]) }
    }

    /// Returns a place as [`question`](Self::question) does, at an instruction around which values
    /// are in registers.
    pub(crate) fn question_with_registers(at: Parked) -> Self {
        Self { registers: Some(Box::new(KeptRegisters::NONE)), ..Self::question(at) }
    }

    /// Returns a place behind the call of a host function, whose results are expected at a position
    /// of the stack. `first` is the first frame that may catch an exception of the function.
    pub(crate) fn host_call(at: Parked, func: FuncAddr, results: usize, first: FirstFrame) -> Self {
        Self { func: Some(func), results, first, ..Self::site(at, &[]) }
    }

    /// Returns a place at a segment of code that costs more fuel than is left.
    pub(crate) fn out_of_fuel(at: Parked, required: u64) -> Self {
        Self { required, ..Self::site(at, &[]) }
    }
}

impl<E> Stopped<E> {
    /// Returns the failure of a call that has not begun.
    pub fn failed(error: E) -> Self {
        Self::early(error)
    }

    pub(super) fn early(error: E) -> Self {
        Self::Failed(Failure::early(error))
    }
}
