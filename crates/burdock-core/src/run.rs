//! Runs: a call from the host into a guest, from its arguments to its results, a trap, or a place
//! where it can be resumed. Each begins with a state of its own ([`RunState`]) and gives the store
//! back the state of the run around it, however it ends.

use crate::host::{Door, Event, Host, Stopping, call_host, tell};
use crate::instance::{Func, Instance};
use crate::machine::{Machine, Stop};
use crate::run_state::{OnError, RunState};
use crate::stack::Stack;
use crate::vm::{Parked, RawFrame, SlotSpan, Switch, Vm};
use crate::{FuncAddr, HostFunc, InstanceAddr};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_types::Trap;
use core::ptr::NonNull;

/// Why a call failed.
#[derive(Debug)]
pub struct Failure<E> {
    /// The trap, or the host's error.
    pub error: E,
    /// The frames of the guests at the failure, innermost first; empty if frames are not kept.
    pub frames: Vec<RawFrame>,
    cause: Cause,
}

/// The way in which a failed call can go on, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
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
    fn early(error: impl Into<E>) -> Box<Self> {
        Box::new(Self { error: error.into(), frames: Vec::new(), cause: Cause::Final })
    }
}

/// The reason why a resumable call did not come to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It can't be resumed.
    Failed(Box<Failure<E>>),
    /// A host function erred; the call goes on when its results are there.
    HostError {
        /// What it erred with.
        error: E,
        /// The host function.
        func: FuncAddr,
        /// The call.
        paused: Paused,
    },
    /// The host erred when it was told of a site, or of the want of fuel; the call goes on with
    /// what comes next.
    Observed {
        /// What it erred with.
        error: E,
        /// The call.
        paused: Paused,
    },
    /// There is too little fuel; the call goes on when there is more.
    OutOfFuel {
        /// How much the next stretch of code costs.
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

/// A call that was stopped and can be resumed, in the store that it was made in.
pub struct Paused {
    run: Box<(Stack, RunState)>,
    /// Tells the machine that this is there.
    _there: Arc<()>,
}

impl Paused {
    /// A run that was taken out of its store.
    pub(crate) fn new(stack: Stack, state: RunState, there: Arc<()>) -> Self {
        Self { run: Box::new((stack, state)), _there: there }
    }
}

impl core::fmt::Debug for Paused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Paused").finish_non_exhaustive()
    }
}

// SAFETY: [OWN] it owns its frames; the instance is followed only in a run on its store.
unsafe impl Send for Paused {}
// SAFETY: [OWN] a shared reference to it can do nothing.
unsafe impl Sync for Paused {}

/// A call that waits, and keeps its place among the store's runs until [`go_on`] or
/// [`Vm::abandon`].
#[derive(Debug)]
#[must_use = "the call's frames stay in the store until it goes on or is abandoned"]
pub struct Suspended {
    /// The number of runs outside of this one.
    depth: usize,
    /// The stamp that distinguishes the call from others that wait, or have waited, at the same
    /// depth.
    stamp: u64,
}

/// The place where a run was left, and from which it can go on.
pub(crate) struct PausedAt {
    at: Parked,
    switches: Vec<Switch>,
    /// The host function that returned an error.
    func: Option<FuncAddr>,
    /// `true` if the host has already been told of the site at which the guest stands.
    told: bool,
    /// The stack position at which the results of `func` are expected.
    results: usize,
    /// The fuel that the next stretch of code costs.
    required: u64,
}

impl PausedAt {
    /// Returns a place at a site. The host is told of the site when the run goes on.
    pub(crate) fn site(at: Parked, switches: &[Switch]) -> Self {
        let switches = switches.to_vec();
        Self { at, switches, func: None, told: false, results: 0, required: 0 }
    }

    /// Returns a place at a site that the host has already been told of.
    pub(crate) fn told_site(at: Parked) -> Self {
        Self { told: true, ..Self::site(at, &[]) }
    }

    /// Returns a place behind the call of a host function, whose results are expected at a position
    /// of the stack.
    pub(crate) fn host_call(at: Parked, func: FuncAddr, results: usize) -> Self {
        Self { func: Some(func), results, ..Self::site(at, &[]) }
    }

    /// Returns a place at a stretch of code that costs more fuel than is left.
    pub(crate) fn out_of_fuel(at: Parked, required: u64) -> Self {
        Self { required, ..Self::site(at, &[]) }
    }
}

/// Calls a function: arguments as written to [`Vm::args_mut`], results as read from
/// [`Vm::results`].
///
/// Tells the host of the call, and of the host calls within it, if `H::EVENTS` has
/// [`Events::CALLS`](crate::Events::CALLS). A host function called from the host counts as both.
///
/// # Errors
///
/// A trap, or the host's own error.
pub fn run<H: Host>(host: &mut H, func: FuncAddr) -> Result<(), Box<Failure<H::Error>>> {
    let callee = host.vm().callee(func);
    let staged = Staged::new(host, callee);
    let (start, host) = (staged.start, &mut *staged.host);
    tell(host, Event::CallingWasm).map_err(Failure::early)?;
    let top = host.vm().run.top;
    let run = Run::begin(host, top);
    let result = enter(&mut *run.host, callee, start);
    drop(run);
    tell(&mut *staged.host, Event::ReturningFromWasm).map_err(Failure::early)?;
    result
}

/// Calls the start function of an instance, as [`run`] calls a function without parameters and
/// results. The instance counts as the caller if the start function is an imported host function.
///
/// # Errors
///
/// A trap, or the host's own error.
pub fn run_start<H: Host>(
    host: &mut H,
    func: FuncAddr,
    caller: InstanceAddr,
) -> Result<(), Box<Failure<H::Error>>> {
    let callee = host.vm().callee(func);
    let staged = Staged::new(host, callee);
    let (start, host) = (staged.start, &mut *staged.host);
    tell(host, Event::CallingWasm).map_err(Failure::early)?;
    let top = host.vm().run.top;
    let run = Run::begin(host, top);
    run.host.vm().set_caller(caller);
    let result = enter(&mut *run.host, callee, start);
    drop(run);
    tell(&mut *staged.host, Event::ReturningFromWasm).map_err(Failure::early)?;
    result
}

/// Like [`run`], on a stack of its own, so that the call can be resumed after the host has erred (in
/// a function, or told of a site) or fuel has run out.
///
/// # Errors
///
/// [`Stopped`]
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
/// [`Stopped`]
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
    tell(host, Event::CallingWasm).map_err(Stopped::early)?;
    let ended = Run::begin_apart(host, func, args, on_error).and_then(|run| {
        if let Some(caller) = caller {
            run.host.vm().set_caller(caller);
        }
        let callee = run.host.vm().callee(func);
        let result = enter(&mut *run.host, callee, 0);
        run.end(result, results)
    });
    returning(host, ended)
}

/// Goes on with a call that was stopped; `host_results` are the results of the host function that
/// erred, if one did.
///
/// # Errors
///
/// [`Stopped`]
pub fn resume<H: Host>(
    host: &mut H,
    paused: Paused,
    host_results: &[u64],
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    tell(host, Event::CallingWasm).map_err(Stopped::early)?;
    let run = Run::begin_paused(host, paused);
    let result = go_on_from_pause(&mut *run.host, host_results);
    let ended = run.end(result, results);
    returning(host, ended)
}

/// Resumes a call that waits, with the results of the host function that it waits for (none if it
/// waits for something else), or with the error that the host function has returned.
///
/// # Errors
///
/// [`Stopped`]
///
/// # Panics
///
/// `call` does not wait in this store.
pub fn go_on<H: Host>(
    host: &mut H,
    call: &Suspended,
    outcome: Result<Vec<u64>, H::Error>,
    results: &mut [u64],
) -> Result<(), Stopped<H::Error>> {
    let vm = host.vm();
    assert!(vm.waits(call), "a call that waits in another store, or not any more");
    // Ends the runs that the host function has begun and leaked.
    vm.end_runs(call.depth + 1);
    vm.run.waits = 0;
    let run = Run { host, depth: call.depth };
    let outcome = tell(&mut *run.host, Event::ReturningFromHost).and(outcome);
    let result = match outcome {
        Ok(host_results) => go_on_from_pause(&mut *run.host, &host_results),
        Err(error) => {
            // The error ends the run, even if its type stands for waiting.
            run.host.vm().run.on_error = OnError::End;
            stopped(&mut *run.host, Stop::HOST_ERROR, Some(error))
        }
    };
    let ended = run.end(result, results);
    returning(host, ended)
}

impl Vm {
    /// Returns `true` if `call` waits in this store.
    fn waits(&self, call: &Suspended) -> bool {
        self.run_at(call.depth + 1).is_some_and(|run| run.waits == call.stamp)
    }

    /// Abandons a call that waits, and every call within it. Does nothing if the call has gone on.
    pub fn abandon(&mut self, call: &Suspended) {
        if self.waits(call) {
            self.end_runs(call.depth);
        }
    }
}

/// Tells the host that control is back with the caller, unless the call waits.
fn returning<H: Host>(
    host: &mut H,
    ended: Result<(), Stopped<H::Error>>,
) -> Result<(), Stopped<H::Error>> {
    if !matches!(ended, Err(Stopped::Waits { .. })) {
        tell(host, Event::ReturningFromWasm).map_err(Stopped::early)?;
    }
    ended
}

impl<E> Stopped<E> {
    fn early(error: E) -> Self {
        Self::Failed(Failure::early(error))
    }
}

/// Arguments at the top of the stack, which is given back also when the host panics.
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
        let (depth, start) = (vm.waiting.len(), vm.args);
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
        vm.args = self.start;
    }
}

/// A run. However it ends, the run around it goes on with its own state.
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
        let span = vm.funcs[func.index()].span as usize;
        if !vm.stack.reserve(span) {
            return Err(Stopped::Failed(Failure::early(Trap::StackOverflow)));
        }
        vm.run.top = span;
        vm.stack.slots_mut(0, args.len()).copy_from_slice(args);
        Ok(run)
    }

    /// Begins the rest of a run that was taken out of the store.
    fn begin_paused(host: &'h mut H, paused: Paused) -> Self {
        let (stack, state) = *paused.run;
        let run = Self::begin_on(host, stack, OnError::Pause);
        let new = &mut run.host.vm().run;
        let RunState { switches, stack, detours, on_error, .. } = *new;
        // Who looked at the guest where it stopped has not looked at it here.
        let parked = Parked { ip: state.parked.ip(), ..state.parked };
        *new = RunState { parked, switches, stack, detours, on_error, view: 0, ..state };
        run
    }

    /// Reads the results, which lie at the bottom of the run's own stack, or returns the way in
    /// which the call can go on.
    fn end(
        self,
        result: Result<(), Box<Failure<H::Error>>>,
        results: &mut [u64],
    ) -> Result<(), Stopped<H::Error>> {
        let vm = self.host.vm();
        let Err(failure) = result else {
            results.copy_from_slice(vm.stack.slots(0, results.len()));
            return Ok(());
        };
        if failure.cause == Cause::Waits {
            vm.views += 1;
            vm.run.waits = vm.views;
            let call = Suspended { depth: self.depth, stamp: vm.views };
            core::mem::forget(self);
            return Err(Stopped::Waits { error: failure.error, call });
        }
        let place = vm.run.paused_at.as_ref().map(|place| (place.func, place.required));
        let Some((func, required)) = place.filter(|_| failure.cause != Cause::Final) else {
            return Err(Stopped::Failed(failure));
        };
        let there = vm.pause();
        let (state, Some(stack)) = vm.take_run() else {
            return Err(Stopped::Failed(failure));
        };
        let (paused, error) = (Paused::new(stack, state, there), failure.error);
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

/// Runs a function whose arguments are at a position of the stack.
#[inline(always)]
fn enter<H: Host>(host: &mut H, callee: Func, args: usize) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let Some(instance) = callee.instance else {
        let slots = vm.host_slots(args, callee);
        return match call_host(host, HostFunc(callee.index), slots) {
            Ok(()) => Ok(()),
            Err(error) => Err(host_only(host, error)),
        };
    };
    let record = args + callee.span as usize;
    if !vm.stack.reserve(record + 2) {
        return Err(Failure::early(Trap::StackOverflow));
    }
    let exit = vm.stubs.exit.as_ptr();
    vm.stack.slots_mut(record, 2).copy_from_slice(&[exit as u64, 0]);
    execute(host, Parked { ip: callee.entry, sp: args, instance: instance.as_ptr() })
}

/// Returns the failure of a host function that was called by the host itself.
#[cold]
fn host_only<H: Host>(host: &mut H, error: H::Error) -> Box<Failure<H::Error>> {
    if host.vm().run.on_error == OnError::Suspend && host.suspends(&error) {
        return waiting(host, error);
    }
    Failure::early(error)
}

/// Lets the machine run from a position until the outermost frame of the run returns.
fn execute<H: Host>(host: &mut H, from: Parked) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let depth = vm.waiting.len();
    if depth > vm.config.max_host_depth as usize {
        return Err(Failure::early(Trap::StackOverflow));
    }
    let mut door = Door { host, depth, error: None };
    let seat = door.seat();
    let vm = door.host.vm();
    vm.run.seat = seat;
    vm.refresh_stack();
    let vm = NonNull::from(vm);
    // SAFETY: [CODE] the position is a function's entry, or where a run was paused; [SLOT] its
    // frame has been reserved; [SEAT] the seat was taken just now.
    let stop = unsafe { Machine::run(vm, from) };
    let Door { host, error, .. } = door;
    host.vm().run.seat = crate::host::Seat::NOBODY;
    if stop == Stop::DONE {
        return Ok(());
    }
    stopped(host, stop, error)
}

/// Goes on where the run was left, behind a host function with these results if one was called.
fn go_on_from_pause<H: Host>(
    host: &mut H,
    host_results: &[u64],
) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let Some(place) = vm.run.paused_at.take() else {
        // The host function was what the host had called.
        vm.stack.slots_mut(0, host_results.len()).copy_from_slice(host_results);
        return Ok(());
    };
    let PausedAt { at, switches, results, told, .. } = *place;
    vm.stack.slots_mut(results, host_results.len()).copy_from_slice(host_results);
    vm.switches.extend(switches);
    let ip = if told { vm.behind_site(at.ip) } else { at.ip };
    execute(host, Parked { ip, ..at })
}

/// The machine has stopped before the outermost frame of the run has returned.
#[cold]
fn stopped<H: Host>(
    host: &mut H,
    stop: Stop,
    error: Option<H::Error>,
) -> Result<(), Box<Failure<H::Error>>> {
    let vm = host.vm();
    let depth = vm.waiting.len();
    // Hooks that are told of the stop may call guests, which may not overwrite the frames.
    vm.run.top = vm.end_of_frame(&vm.run.parked);
    if stop.trap().is_some() {
        vm.run.paused_at = None;
    }
    let suspends = vm.run.on_error == OnError::Suspend;
    let error = match error {
        Some(error) if suspends && host.suspends(&error) => {
            return Err(waiting(host, error));
        }
        error => error,
    };
    let vm = host.vm();
    let kept = vm.config.backtrace_frames;
    let frames = if kept > 0 { vm.backtrace(kept) } else { Vec::new() };
    let resumable = vm.run.on_error == OnError::Pause && vm.run.paused_at.is_some();
    let why = match (stop.trap(), &error) {
        (Some(trap), _) => Stopping::Trap(trap),
        (None, Some(error)) => Stopping::Error(error),
        (None, None) => Stopping::OutOfFuel,
    };
    let told = host.stopping(why, !resumable);
    let vm = host.vm();
    vm.settle(depth);
    if !resumable {
        vm.run.paused_at = None;
    } else if let Some(paused) = &mut vm.run.paused_at {
        paused.switches = vm.switches.split_off(vm.run.switches as usize);
    }
    let cause = match stop {
        Stop::OUT_OF_FUEL => Cause::OutOfFuel,
        _ if stop.trap().is_some() => Cause::Final,
        _ => Cause::HostError,
    };
    if let Err(error) = told {
        if cause != Cause::OutOfFuel {
            vm.run.paused_at = None;
        }
        return Err(Box::new(Failure { error, frames, cause: Cause::HostError }));
    }
    if cause == Cause::OutOfFuel && !resumable {
        // The fuel that is left does not pay for any code; only a resumable call keeps it.
        vm.fuel = 0;
    }
    let error = match stop.trap() {
        Some(trap) => trap.into(),
        None => error.unwrap_or_else(|| Trap::OutOfFuel.into()),
    };
    Err(Box::new(Failure { error, frames, cause }))
}

/// Returns the failure of a call that waits. A call that does not wait for a host function, whose
/// call the host knows of, waits as if for a host function.
fn waiting<H: Host>(host: &mut H, error: H::Error) -> Box<Failure<H::Error>> {
    let place = &host.vm().run.paused_at;
    let yields = place.as_ref().is_some_and(|place| place.func.is_none());
    match if yields { tell(host, Event::CallingHost) } else { Ok(()) } {
        Ok(()) => Box::new(Failure { error, frames: Vec::new(), cause: Cause::Waits }),
        Err(error) => Failure::early(error),
    }
}

impl Vm {
    /// Makes an instance the caller of the host function that the beginning run may call.
    fn set_caller(&mut self, caller: InstanceAddr) {
        let instance = self.instances.pointer(caller.index());
        // The run has no frame of the caller, so its guest is parked nowhere.
        self.run.parked = Parked { instance: instance.as_ptr(), ..Parked::NOWHERE };
    }

    /// Makes an instance the one whose code runs.
    pub(crate) fn enter_instance(&mut self, instance: NonNull<Instance>) {
        // SAFETY: [ADDR] an instance lives as long as the store.
        let current = unsafe { instance.as_ref() };
        self.run.instance = instance.as_ptr();
        self.entries = current.entries.as_ptr();
        self.globals_of_instance = current.globals.as_ptr();
        #[cfg(native_dispatch)]
        {
            self.callees.memories = current.memories.as_ptr();
            self.callees.tables = current.tables.as_ptr();
            self.callees.types = current.types.as_ptr().cast();
        }
        self.memory = current.memory();
    }

    /// Returns the slots of a call of a host function that begin at a position of the stack.
    #[inline(always)]
    pub(crate) fn host_slots(&self, start: usize, callee: Func) -> SlotSpan {
        SlotSpan { start, len: callee.span as usize }
    }

    /// The function at an address.
    #[inline(always)]
    pub(crate) fn callee(&self, func: FuncAddr) -> Func {
        self.funcs[func.index()]
    }
}
