//! `Doors`: the ways into the machine, as plain function pointers that were compiled for the
//! store's hook. Installing a hook replaces them; nothing asks whether there is one.

use super::StoreContextMut;
use super::bridge::{Bridge, Crossings};
#[cfg(not(burdock_hookless))]
use crate::observe::Audience;
use crate::{Error, Result, WasmBacktrace, WasmCoreDump};
use alloc::vec::Vec;
use burdock_core::{
    Failed, Failure, FuncAddr, InstanceAddr, Paused, RawFrame, Stopped, Stopping, Suspended, go_on,
    resume, run, run_resumable, run_start, run_suspendable,
};

/// The ways into the machine.
#[repr(C)] // See `StoreInner`.
pub(crate) struct Doors<T: 'static> {
    /// Calls a function whose arguments lie at the top of the machine's stack, where it leaves
    /// its results.
    pub(crate) call: fn(StoreContextMut<'_, T>, FuncAddr) -> Result<()>,
    /// Calls the start function of an instance.
    pub(crate) call_start: fn(StoreContextMut<'_, T>, FuncAddr, InstanceAddr) -> Result<()>,
    /// Calls a function on a stack of its own that outlives a stop.
    pub(crate) call_resumable: CallApart<T>,
    /// Resumes a call after a stop.
    pub(crate) resume: Resume<T>,
    /// Calls a function on a stack of its own, and leaves the call on that stack if it has to wait.
    /// If the function is a start function, the caller is its instance.
    pub(crate) call_suspendable: CallSuspendable<T>,
    /// Resumes a call that has waited.
    pub(crate) go_on: GoOn<T>,
    /// Called when there is a new instance.
    pub(crate) instantiated: fn(&mut StoreContextMut<'_, T>, InstanceAddr),
    /// Called when a guest has arrived at a site, by its number. Leaves an error in its place.
    pub(crate) at_site: AtSite<T>,
    /// Called with what else the machine notices.
    pub(crate) notice: fn(StoreContextMut<'_, T>, Notice<'_>) -> Result<()>,
    /// Makes the doors for the store's hook, if there is one, and who else is told.
    #[cfg(not(burdock_hookless))]
    pub(crate) crossings: Option<fn(&Self, Audience) -> Self>,
    /// Who is told of what.
    #[cfg(not(burdock_hookless))]
    pub(crate) audience: Audience,
}

type CallApart<T> = fn(StoreContextMut<'_, T>, FuncAddr, &[u64], &mut [u64]) -> Ended;

type Resume<T> = fn(StoreContextMut<'_, T>, Paused, &[u64], &mut [u64]) -> Ended;

type CallSuspendable<T> =
    fn(StoreContextMut<'_, T>, FuncAddr, (&[u64], Option<InstanceAddr>), &mut [u64]) -> Ended;

type GoOn<T> =
    fn(StoreContextMut<'_, T>, &Suspended, Result<Vec<u64>>, &mut [u64], Yields) -> Ended;

/// The effect of a yield, or of a call of an asynchronous host function, on a guest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// The guest goes on, or gets an error, because no caller waits for the call.
    GoOn,
    /// The guest waits.
    Stop,
    /// The guest waits, but does not wait for the epoch until it has made progress: it has just
    /// waited for the epoch.
    StopLater,
}

/// Tells of a site.
pub(crate) type AtSite<T> =
    fn(StoreContextMut<'_, T>, u32, &mut Option<Error>) -> Result<(), Failed>;

/// What the machine notices.
pub(crate) enum Notice<'n> {
    /// A guest is stopped, and whether its calls are over with that.
    Stopping(Stopping<'n, Error>, bool),
    /// The event of a site is over, and somebody has asked to be asked again.
    AfterSite,
    /// The epoch has reached its deadline.
    EpochDeadline,
}

/// How a resumable call ended or stopped.
pub(crate) type Ended = Result<(), Stopped<Error>>;

impl<T: 'static> Doors<T> {
    /// The doors for those who are told of crossings.
    pub(crate) const fn of<C: Crossings<T>>() -> Self {
        Self {
            call: call::<T, C>,
            call_start: call_start::<T, C>,
            call_resumable: call_resumable::<T, C>,
            resume: resume_call::<T, C>,
            call_suspendable: call_suspendable::<T, C>,
            go_on: go_on_with::<T, C>,
            instantiated: |_, _| {},
            at_site: |_, _, _| Ok(()),
            notice: |_, _| Ok(()),
            #[cfg(not(burdock_hookless))]
            crossings: None,
            #[cfg(not(burdock_hookless))]
            audience: Audience::Own,
        }
    }
}

fn call<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
) -> Result<()> {
    match run(&mut Bridge::<T, C>::new(store.reborrow()), func) {
        Ok(()) => Ok(()),
        Err(failure) => Err(with_backtrace(&store, *failure)),
    }
}

fn call_start<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    caller: InstanceAddr,
) -> Result<()> {
    let called = run_start(&mut Bridge::<T, C>::new(store.reborrow()), func, caller);
    called.map_err(|failure| with_backtrace(&store, *failure))
}

fn call_resumable<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    args: &[u64],
    results: &mut [u64],
) -> Ended {
    let mut bridge = Bridge::<T, C>::new(store.reborrow());
    let ended = run_resumable(&mut bridge, func, args, results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn resume_call<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    paused: Paused,
    host_results: &[u64],
    results: &mut [u64],
) -> Ended {
    let mut bridge = Bridge::<T, C>::new(store.reborrow());
    let ended = resume(&mut bridge, paused, host_results, results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn call_suspendable<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    (args, caller): (&[u64], Option<InstanceAddr>),
    results: &mut [u64],
) -> Ended {
    let mut bridge = Bridge::<T, C>::suspendable(store.reborrow(), Yields::Stop);
    let ended = run_suspendable(&mut bridge, func, (args, caller), results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn go_on_with<T: 'static, C: Crossings<T>>(
    mut store: StoreContextMut<'_, T>,
    call: &Suspended,
    outcome: Result<Vec<u64>>,
    results: &mut [u64],
    yields: Yields,
) -> Ended {
    let mut bridge = Bridge::<T, C>::suspendable(store.reborrow(), yields);
    let ended = go_on(&mut bridge, call, outcome, results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn attach_to_stopped<T>(store: &StoreContextMut<'_, T>, stopped: Stopped<Error>) -> Stopped<Error> {
    match stopped {
        Stopped::Failed(mut failure) => {
            let frames = core::mem::take(&mut failure.frames);
            failure.error = attach_frames(store, &frames, failure.error);
            Stopped::Failed(failure)
        }
        stopped => stopped,
    }
}

/// Returns the error of a call, with the place of the guest.
#[cold]
fn with_backtrace<T>(store: &StoreContextMut<'_, T>, failure: Failure<Error>) -> Error {
    attach_frames(store, &failure.frames, failure.error)
}

/// Adds frames to a guest's error, unless the error already has the frames of an inner call.
#[cold]
fn attach_frames<T>(store: &StoreContextMut<'_, T>, frames: &[RawFrame], error: Error) -> Error {
    let store = &store.inner.opaque;
    if frames.is_empty() || error.is::<WasmBacktrace>() || error.is::<WasmCoreDump>() {
        return error;
    }
    let config = store.engine().config();
    let error = match config.backtrace_frames {
        Some(_) => error.context(WasmBacktrace::from_raw(store, frames)),
        None => error,
    };
    match config.coredump_on_trap {
        true => error.context(WasmCoreDump::new(store, frames)),
        false => error,
    }
}
