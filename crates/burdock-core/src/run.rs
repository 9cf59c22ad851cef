//! Runs. A run is a call from the host into a guest, from its arguments to its results, a trap, or
//! a position at which it can be resumed. It begins with a state of its own ([`RunState`]). However
//! it ends, the store gets back the state of the outer run.

mod execute;
mod outcome;

pub use outcome::{Failure, Paused, Stopped, Suspended};
pub(crate) use outcome::{PausedAt, PausedRun};

use crate::host::{Host, Transition, notify};
use crate::instance::Func;
use crate::run_state::{OnError, RunState};
use crate::stack::Stack;
use crate::vm::{Parked, Vm};
use crate::{FuncAddr, InstanceAddr};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_types::{Events, Trap};
use execute::{enter, fail_from_pause, go_on_from_pause};
use outcome::Cause;

/// Calls a function. [`Vm::args_mut`] contains the arguments, [`Vm::results`] afterwards the
/// results.
///
/// Notifies the host of the transitions of the call, and of the host calls within it, if
/// `H::EVENTS` has [`Events::CALLS`](crate::Events::CALLS). A host function called from the host
/// counts as both.
///
/// # Errors
///
/// Returns a trap, or the host's own error.
pub fn run<H: Host>(host: &mut H, func: FuncAddr) -> Result<(), Box<Failure<H::Error>>> {
    run_from(host, func, None)
}

/// Calls the start function of an instance, as [`run`] calls a function without parameters and
/// results. The instance counts as the caller if the start function is an imported host function.
///
/// # Errors
///
/// Returns a trap, or the host's own error.
pub fn run_start<H: Host>(
    host: &mut H,
    func: FuncAddr,
    caller: InstanceAddr,
) -> Result<(), Box<Failure<H::Error>>> {
    run_from(host, func, Some(caller))
}

/// Calls a function on the stack of the outer run. Inlined, so that ordinary calls do not test for
/// a caller.
#[inline(always)]
fn run_from<H: Host>(
    host: &mut H,
    func: FuncAddr,
    caller: Option<InstanceAddr>,
) -> Result<(), Box<Failure<H::Error>>> {
    let callee = host.vm().callee(func);
    let staged = Staged::new(host, callee);
    let (start, host) = (staged.start, &mut *staged.host);
    notify(host, Transition::CallingWasm).map_err(Failure::early)?;
    let top = host.vm().run.top;
    let run = Run::begin(host, top);
    if let Some(caller) = caller {
        run.host.vm().set_caller(caller);
    }
    let result = enter(&mut *run.host, callee, start);
    drop(run);
    notify(&mut *staged.host, Transition::ReturningFromWasm).map_err(Failure::early)?;
    result
}

/// Calls a function like [`run`], on a stack of its own, so that the call can be resumed after an
/// error of the host (in a function, or at a site) or after fuel has run out.
///
/// # Errors
///
/// Returns [`Stopped`] with the way in which the call stopped.
pub fn run_resumable<H: Host>(
    host: &mut H,
    func: FuncAddr,
    args: &[u64],
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    call_apart(host, func, (args, None), results, OnError::Pause)
}

/// Calls a function like [`run_resumable`], but lets the call wait on errors that
/// [`Host::suspends`] selects: the call keeps its frames in the store, as if a host function had
/// not returned yet. If `func` is a start function, the caller is its instance, as for
/// [`run_start`].
///
/// # Errors
///
/// Returns [`Stopped`] with the way in which the call stopped.
pub fn run_suspendable<H: Host>(
    host: &mut H,
    func: FuncAddr,
    (args, caller): (&[u64], Option<InstanceAddr>),
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    call_apart(host, func, (args, caller), results, OnError::Suspend)
}

fn call_apart<H: Host>(
    host: &mut H,
    func: FuncAddr,
    (args, caller): (&[u64], Option<InstanceAddr>),
    results: &mut [u64],
    on_error: OnError,
) -> Result<(), Stopped<H::Error>> {
    notify_holding(host, Transition::CallingWasm, args).map_err(Stopped::early)?;
    let ended = Run::begin_apart(host, func, args, on_error).and_then(|run| {
        if let Some(caller) = caller {
            run.host.vm().set_caller(caller);
        }
        let callee = run.host.vm().callee(func);
        let result = enter(&mut *run.host, callee, 0);
        run.end(result, results)
    });
    returning(host, ended, results)
}

/// Resumes a call that was stopped. `host_results` are the results of the host function whose error
/// stopped the call, if one did.
///
/// # Errors
///
/// Returns [`Stopped`] with the way in which the call stopped.
pub fn resume<H: Host>(
    host: &mut H,
    paused: Paused,
    host_results: &[u64],
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    notify_holding(host, Transition::CallingWasm, host_results).map_err(Stopped::early)?;
    let run = Run::begin_paused(host, paused);
    let result = go_on_from_pause(&mut *run.host, host_results);
    let ended = run.end(result, results);
    returning(host, ended, results)
}

/// Resumes a call that waits, with the results of the host function for which it waits (none if it
/// waits for something else), or with the error of that function.
///
/// # Errors
///
/// Returns [`Stopped`] with the way in which the call stopped.
///
/// # Panics
///
/// Panics if `call` does not wait in this store.
pub fn go_on<H: Host>(
    host: &mut H,
    call: &Suspended,
    outcome: Result<Vec<u64>, H::Error>,
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    let vm = host.vm();
    assert!(vm.waits(call), "the call does not wait in this store");
    // Ends the runs that the host function has begun and leaked.
    vm.end_runs(call.depth + 1);
    vm.run.set_waits(0);
    let run = Run { host, depth: call.depth };
    let place = &run.host.vm().run.paused_at;
    let outcome = if place.as_ref().is_some_and(|place| place.is_question) {
        outcome
    } else {
        let held = outcome.as_deref().unwrap_or(&[]);
        notify_holding(&mut *run.host, Transition::ReturningFromHost, held).and(outcome)
    };
    let result = match outcome {
        Ok(host_results) => go_on_from_pause(&mut *run.host, &host_results),
        Err(error) => fail_from_pause(&mut *run.host, error),
    };
    let ended = run.end(result, results);
    returning(host, ended, results)
}

impl Vm {
    /// Returns `true` if `call` waits in this store.
    fn waits(&self, call: &Suspended) -> bool {
        self.run_at(call.depth + 1).is_some_and(|run| run.waits == call.stamp)
    }

    /// Abandons a call that waits, and every call within it. Does nothing if the call has
    /// continued.
    pub fn abandon(&mut self, call: &Suspended) {
        if self.waits(call) {
            self.end_runs(call.depth);
        }
    }
}

/// Notifies the host that control returns to the caller with these results, unless the call waits.
fn returning<H: Host>(
    host: &mut H,
    ended: Result<(), Stopped<H::Error>>,
    results: &[u64],
) -> Result<(), Stopped<H::Error>> {
    if !matches!(ended, Err(Stopped::Waits { .. })) {
        notify_holding(host, Transition::ReturningFromWasm, results).map_err(Stopped::early)?;
    }
    ended
}

/// Notifies the host of a transition. What `words` refer to stays alive meanwhile.
fn notify_holding<H: Host>(
    host: &mut H,
    transition: Transition,
    words: &[u64],
) -> Result<(), H::Error> {
    if const { !H::EVENTS.contains(Events::CALLS) } {
        return Ok(());
    }
    let holding = Holding::new(host, words.iter().copied());
    notify(&mut *holding.host, transition)
}

/// Words among the roots that are removed when this is dropped, also if the host panics.
struct Holding<'h, H: Host> {
    host: &'h mut H,
    /// The number of words that were held before.
    before: usize,
}

impl<'h, H: Host> Holding<'h, H> {
    fn new(host: &'h mut H, words: impl IntoIterator<Item = u64>) -> Self {
        let before = host.vm().hold(words);
        Self { host, before }
    }
}

impl<H: Host> Drop for Holding<'_, H> {
    fn drop(&mut self) {
        self.host.vm().release(self.before);
    }
}

/// Arguments at the top of the stack. The guard restores the stack, also when the host panics.
struct Staged<'h, H: Host> {
    host: &'h mut H,
    depth: usize,
    top: usize,
    start: usize,
}

impl<'h, H: Host> Staged<'h, H> {
    #[inline]
    fn new(host: &'h mut H, callee: Func) -> Self {
        let vm = host.vm();
        let (depth, start) = (vm.runs.waiting.len(), vm.runs.args);
        let end = start + callee.span as usize;
        let top = core::mem::replace(&mut vm.run.top, end);
        Self { host, depth, top, start }
    }
}

impl<H: Host> Drop for Staged<'_, H> {
    #[inline]
    fn drop(&mut self) {
        let vm = self.host.vm();
        vm.settle(self.depth);
        vm.run.top = self.top;
        vm.runs.args = self.start;
    }
}

/// A run. However it ends, the run around it continues with its own state.
struct Run<'h, H: Host> {
    host: &'h mut H,
    /// The number of runs outside of this one.
    depth: usize,
}

impl<'h, H: Host> Run<'h, H> {
    /// Begins a run on the stack of the run around it.
    #[inline(always)]
    fn begin(host: &'h mut H, top: usize) -> Self {
        let depth = host.vm().begin_run(top, OnError::End);
        Self { host, depth }
    }

    fn begin_on(host: &'h mut H, stack: Stack, on_error: OnError) -> Self {
        let depth = host.vm().begin_run_on(stack, on_error);
        Self { host, depth }
    }

    /// Begins a run with these arguments on a stack of its own.
    fn begin_apart(
        host: &'h mut H,
        func: FuncAddr,
        args: &[u64],
        on_error: OnError,
    ) -> Result<Self, Stopped<H::Error>> {
        let stack = host.vm().new_stack();
        let run = Self::begin_on(host, stack, on_error);
        let vm = run.host.vm();
        let span = vm.entities.funcs[func.index()].span as usize;
        if !vm.runs.stack.reserve(span) {
            return Err(Stopped::Failed(Failure::early(Trap::StackOverflow)));
        }
        vm.run.top = span;
        vm.runs.stack.slots_mut(0, args.len()).copy_from_slice(args);
        Ok(run)
    }

    /// Begins the rest of a run that was taken out of the store.
    fn begin_paused(host: &'h mut H, paused: Paused) -> Self {
        let PausedRun { stack, state } = paused.into_run();
        let run = Self::begin_on(host, stack, OnError::Pause);
        let new = &mut run.host.vm().run;
        let RunState { switches, stack, detours, on_error, .. } = *new;
        // Frames that were handed out before the stop are stale now.
        let parked = Parked { ip: state.parked.ip(), ..state.parked };
        *new = RunState { parked, switches, stack, detours, on_error, view: 0, ..state };
        run
    }

    /// Reads the results, which lie at the bottom of the run's own stack, or returns the way in
    /// which the call can continue.
    fn end(
        self,
        result: Result<(), Box<Failure<H::Error>>>,
        results: &mut [u64],
    ) -> Result<(), Stopped<H::Error>> {
        let vm = self.host.vm();
        let Err(failure) = result else {
            results.copy_from_slice(vm.runs.stack.slots(0, results.len()));
            return Ok(());
        };
        if failure.cause == Cause::Waits {
            vm.runs.views += 1;
            vm.run.set_waits(vm.runs.views);
            let call = Suspended { depth: self.depth, stamp: vm.runs.views };
            core::mem::forget(self);
            return Err(Stopped::Waits { error: failure.error, call });
        }
        let place = vm.run.paused_at.as_ref().map(|place| (place.func, place.required));
        let Some((func, required)) = place.filter(|_| failure.cause != Cause::Final) else {
            return Err(Stopped::Failed(failure));
        };
        let (state, Some(stack)) = vm.take_run() else {
            return Err(Stopped::Failed(failure));
        };
        let (paused, error) = (vm.pause(PausedRun { stack, state }), failure.error);
        Err(match func {
            _ if failure.cause == Cause::OutOfFuel => Stopped::OutOfFuel { required, paused },
            Some(func) => Stopped::HostError { error, func, paused },
            None => Stopped::Observed { error, paused },
        })
    }
}

impl<H: Host> Drop for Run<'_, H> {
    #[inline(always)]
    fn drop(&mut self) {
        self.host.vm().end_runs(self.depth);
    }
}
