//! `StoreVTable`: the calls into the machine as function pointers, compiled for the store's hooks.
//! Installing a hook replaces the pointers, so that no call tests whether there is a hook.

use super::host::{RunHooks, StoreHost};
use super::opaque::ONLY_ASYNC;
use super::{StoreContextMut, StoreInner};
use crate::observe::VTableHooks;
use crate::{Error, Result, WasmBacktrace, WasmCoreDump, format_err};
use alloc::vec::Vec;
use burdock_core::{
    Failed, Failure, FuncAddr, InstanceAddr, Paused, RawFrame, Stopped, Stopping, Suspended, go_on,
    resume, run, run_resumable, run_start, run_suspendable,
};

/// The calls into the machine, and what the machine calls on behalf of attached hooks.
#[repr(C)] // See `StoreInner`.
pub(crate) struct StoreVTable<T: 'static> {
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
    /// Called when a guest has arrived at a site, with the number of the site. Leaves its error in
    /// the last argument.
    pub(crate) at_site: AtSite<T>,
    /// Called with the other notices of the machine.
    pub(crate) notice: fn(StoreContextMut<'_, T>, Notice<'_>) -> Result<()>,
    /// The part that only hooks need.
    pub(crate) hooks: VTableHooks<T>,
}

type CallApart<T> = fn(StoreContextMut<'_, T>, FuncAddr, &[u64], &mut [u64]) -> Ended;

type Resume<T> = fn(StoreContextMut<'_, T>, Paused, &[u64], &mut [u64]) -> Ended;

/// The function that calls a function on a stack of its own, and leaves the call there if it waits.
pub(crate) type CallSuspendable<T> =
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

/// The function that delivers the event of a site.
pub(crate) type AtSite<T> =
    fn(StoreContextMut<'_, T>, u32, &mut Option<Error>) -> Result<(), Failed>;

/// Something other than a site that the machine notices on behalf of attached hooks.
pub(crate) enum Notice<'n> {
    /// A guest stops; `true` if its calls end thereby.
    Stopping(Stopping<'n, Error>, bool),
    /// The event of a site is over, and a call at this point was requested.
    AfterSite,
    /// The epoch has reached its deadline.
    EpochDeadline,
    /// A handle has requested an interrupt.
    Interrupt,
    /// The pending exception is thrown; `true` if a host function throws it.
    Throwing(bool),
    /// An exception is about to leave this many frames.
    Unwinding(usize),
    /// Garbage has been collected for the host.
    Collected,
    /// Garbage has been collected for a guest, which allocates.
    CollectedInGuest,
    /// The heap has grown from one size in bytes to another, for the host.
    HeapGrown(u64, u64),
    /// The heap has grown from one size in bytes to another, for a guest, which allocates.
    HeapGrownInGuest(u64, u64),
}

/// The outcome of a resumable call: ended or stopped.
pub(crate) type Ended = Result<(), Stopped<Error>>;

impl<T: 'static> StoreVTable<T> {
    /// Returns the vtable of a store whose runs call these hooks.
    pub(crate) const fn of<R: RunHooks<T>>() -> Self {
        Self {
            call: call::<T, R>,
            call_start: call_start::<T, R>,
            call_resumable: call_resumable::<T, R>,
            resume: resume_call::<T, R>,
            call_suspendable: call_suspendable::<T, R>,
            go_on: go_on_with::<T, R>,
            instantiated: |_, _| {},
            at_site: |_, _, _| Ok(()),
            notice: |_, _| Ok(()),
            hooks: VTableHooks::NONE,
        }
    }
}

impl<T: 'static> StoreVTable<T> {
    /// Makes the calls that cannot wait fail.
    pub(super) fn only_async(&mut self) {
        self.call = |_, _| Err(format_err!(ONLY_ASYNC));
        self.call_start = |_, _, _| Err(format_err!(ONLY_ASYNC));
        self.call_resumable = |_, _, _, _| Err(Stopped::failed(format_err!(ONLY_ASYNC)));
        self.resume = |_, _, _, _| Err(Stopped::failed(format_err!(ONLY_ASYNC)));
    }
}

impl<T: 'static> StoreInner<T> {
    /// Makes calls that cannot wait fail from now on, because guests may have to.
    pub(crate) fn require_async(&mut self) {
        self.opaque.needs_async = true;
        self.vtable.only_async();
    }

    /// Replaces the vtable by one for other hooks.
    pub(crate) fn set_vtable(&mut self, vtable: StoreVTable<T>) {
        self.vtable = vtable;
        if self.opaque.needs_async {
            self.vtable.only_async();
        }
    }
}

fn call<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
) -> Result<()> {
    match run(&mut StoreHost::<T, R>::new(store.reborrow()), func) {
        Ok(()) => Ok(()),
        Err(failure) => Err(with_backtrace(&store, *failure)),
    }
}

fn call_start<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    caller: InstanceAddr,
) -> Result<()> {
    let called = run_start(&mut StoreHost::<T, R>::new(store.reborrow()), func, caller);
    called.map_err(|failure| with_backtrace(&store, *failure))
}

fn call_resumable<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    args: &[u64],
    results: &mut [u64],
) -> Ended {
    let mut host = StoreHost::<T, R>::new(store.reborrow());
    let ended = run_resumable(&mut host, func, args, results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn resume_call<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    paused: Paused,
    host_results: &[u64],
    results: &mut [u64],
) -> Ended {
    let mut host = StoreHost::<T, R>::new(store.reborrow());
    let ended = resume(&mut host, paused, host_results, results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn call_suspendable<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    (args, caller): (&[u64], Option<InstanceAddr>),
    results: &mut [u64],
) -> Ended {
    let mut host = StoreHost::<T, R>::suspendable(store.reborrow(), Yields::Stop);
    let ended = run_suspendable(&mut host, func, (args, caller), results);
    ended.map_err(|stopped| attach_to_stopped(&store, stopped))
}

fn go_on_with<T: 'static, R: RunHooks<T>>(
    mut store: StoreContextMut<'_, T>,
    call: &Suspended,
    outcome: Result<Vec<u64>>,
    results: &mut [u64],
    yields: Yields,
) -> Ended {
    let mut host = StoreHost::<T, R>::suspendable(store.reborrow(), yields);
    let ended = go_on(&mut host, call, outcome, results);
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
