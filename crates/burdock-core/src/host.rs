//! `Host`: the trait through which the machine calls the embedder: host functions, hooks, limits.
//! Handlers call it through a vtable (`vtable.rs`), so their code does not depend on the host's
//! type.

mod vtable;

#[cfg(native_dispatch)]
pub(crate) use vtable::HostVTable;
pub(crate) use vtable::{HostData, RawHost};

use crate::vm::{SlotSpan, Vm};
use crate::{HostFunc, MemoryAddr, RawRef, SourceError, TableAddr, TypeId};
use burdock_types::{Events, Trap};

/// A transition of control between the host and a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The host is about to call a function.
    CallingWasm,
    /// The call of the function has ended, normally or not.
    ReturningFromWasm,
    /// A host function is about to be called.
    CallingHost,
    /// The call of the host function has ended, normally or not.
    ReturningFromHost,
}

/// The services that the machine requires of its embedder.
///
/// # Safety
///
/// `vm` gives the same [`Vm`] each time, and no method replaces that `Vm` by another. The methods
/// may call [`run`](crate::run) on the `Vm`; such a run ends before the method returns. When
/// `call_host` returns `Ok`, no run is left that began within it ([`Vm::settle`]).
pub unsafe trait Host {
    /// The embedder's error.
    type Error: From<Trap> + 'static;
    /// The events that the host observes; [`transition`](Self::transition) is called if they
    /// include [`Events::CALLS`].
    const EVENTS: Events;

    /// Returns the machine's store.
    fn vm(&mut self) -> &mut Vm;

    /// Calls a host function. The arguments are in the span's first slots, which the results
    /// replace.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn call_host(&mut self, func: HostFunc, slots: SlotSpan) -> Result<(), Self::Error>;

    /// Handles a transition, if [`EVENTS`](Self::EVENTS) includes [`Events::CALLS`].
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn transition(&mut self, transition: Transition) -> Result<(), Self::Error>;

    /// Returns `true` if a call that stops with `error` only waits. Such a call has not ended, and
    /// keeps its frames until it continues ([`go_on`](crate::go_on)).
    fn suspends(&mut self, error: &Self::Error) -> bool;

    /// Grows a memory by `delta` pages if that is allowed. Returns the previous size in pages.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>, Self::Error>;

    /// Grows a table by `delta` elements if that is allowed. Returns the previous size.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn table_grow(
        &mut self,
        table: TableAddr,
        delta: u64,
        init: RawRef,
    ) -> Result<Option<u64>, Self::Error>;

    /// Handles that the next segment of code costs `required` fuel, which is more than is left.
    /// Returns `true` if there is enough fuel now.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest. If the guest is resumed, it consumes the fuel then.
    fn out_of_fuel(&mut self, required: u64) -> Result<bool, Self::Error>;

    /// Handles that the epoch's deadline is reached; called before `epoch_deadline`.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest. If the guest is resumed, the host is called again.
    fn epoch_reached(&mut self) -> Result<(), Self::Error>;

    /// Sets another epoch deadline, or fails; called after `epoch_reached`.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn epoch_deadline(&mut self) -> Result<(), Self::Error>;

    /// Handles the arrival of a guest at a site of observed code. The host may ask the guest to
    /// return from its function ([`Vm::return_early`]).
    ///
    /// # Errors
    ///
    /// Writes the error that stops the guest to `error`. A `Result` with the error itself would be
    /// moved through memory at every event.
    fn observe(&mut self, site: u32, error: &mut Option<Self::Error>) -> Result<(), Failed>;

    /// Handles the end of a site's event, if that was requested ([`Vm::ask_to_follow`],
    /// [`Vm::return_early`]).
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest.
    fn follow(&mut self) -> Result<(), Self::Error>;

    /// Handles that a guest is about to stop; its frames still exist. If `ends` is `false`, its
    /// calls can be resumed.
    ///
    /// # Errors
    ///
    /// Returns the error that stops the guest instead.
    fn stopping(&mut self, why: Stopping<'_, Self::Error>, ends: bool) -> Result<(), Self::Error>;

    /// Returns `true` if `error` stands for the pending exception ([`Vm::pending_exception`]),
    /// which guests may catch.
    fn throws(&mut self, error: &Self::Error) -> bool;

    /// Returns the error that stands for the pending exception, which no guest of the run catches.
    fn uncaught(&mut self) -> Self::Error;

    /// Handles that an exception is thrown, the pending one ([`Vm::pending_exception`]), before a
    /// handler is searched. The host may make another exception the pending one, which is then
    /// thrown instead. `by_host_call` is `true` if a host function throws. Called only in stores
    /// that watch exceptions ([`Vm::watch_exceptions`]).
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with instead.
    fn throwing(&mut self, by_host_call: bool) -> Result<(), Self::Error>;

    /// Handles that an exception is about to leave the `frames` innermost frames of the run, which
    /// still exist. Called only in stores that have observed code.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with instead.
    fn unwinding(&mut self, frames: usize) -> Result<(), Self::Error>;

    /// Returns the error for a function that could not be translated at its first call.
    fn translation_error(&mut self, error: SourceError) -> Self::Error;

    /// Lets the heap grow by `bytes`, or refuses it ([`Vm::grow_heap`]).
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn heap_grow(&mut self, bytes: u32) -> Result<(), Self::Error>;

    /// Drops the values of the host whose objects a collection has freed
    /// ([`Vm::take_dead_host_values`]).
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn host_values_died(&mut self) -> Result<(), Self::Error>;

    /// Handles that garbage has been collected, in a store that wants to know of it
    /// ([`Vm::report_collections`]). The guest is parked at an instruction that allocates, which
    /// is executed again afterwards.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn collected(&mut self) -> Result<(), Self::Error>;

    /// Returns `true` if a type is declared to be a subtype of another, through any number of
    /// types. The machine asks when the types are not the same.
    fn is_subtype(&self, ty: TypeId, other: TypeId) -> bool;
}

/// The reason why a guest is about to stop.
#[derive(Debug)]
pub enum Stopping<'e, E> {
    /// A trap.
    Trap(Trap),
    /// Too little fuel.
    OutOfFuel,
    /// An error of the host: of a host function, or of any other method of [`Host`].
    Error(&'e E),
}

/// A failure whose error is kept elsewhere: by the machine, or in the argument `error` of
/// [`Host::observe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// Calls code of the host, and ends the runs that this code has begun and leaked. Every call of a
/// method of [`Host`] in which code of the embedder runs goes through this function or
/// [`HostData::call`], or ends with [`Vm::end_left_runs`].
#[inline(always)]
pub(crate) fn settled<H: Host, R>(host: &mut H, call: impl FnOnce(&mut H) -> R) -> R {
    let depth = host.vm().depth();
    settled_at(host, depth, call)
}

/// Calls code of the host like [`settled`], at the present depth of runs.
#[inline(always)]
fn settled_at<H: Host, R>(host: &mut H, depth: usize, call: impl FnOnce(&mut H) -> R) -> R {
    let result = call(host);
    host.vm().settle(depth);
    result
}

/// Calls a host function, and notifies the host of the transitions if `H::EVENTS` selects them.
#[inline(always)]
pub(crate) fn call_host<H: Host>(
    host: &mut H,
    func: HostFunc,
    slots: SlotSpan,
) -> Result<(), H::Error> {
    // Not settled: a host function that returns `Ok` has left no run behind, as `Host` promises,
    // and the caller settles after an error.
    if const { !H::EVENTS.contains(Events::CALLS) } {
        return host.call_host(func, slots);
    }
    let depth = host.vm().depth();
    settled_at(host, depth, |host| host.transition(Transition::CallingHost))?;
    match host.call_host(func, slots) {
        Ok(()) => settled_at(host, depth, |host| host.transition(Transition::ReturningFromHost)),
        Err(error) => host_failed(host, depth, error),
    }
}

/// Returns the error of a call whose host function has failed. Notifies the host of the transition,
/// unless the call only waits.
#[cold]
#[inline(never)]
fn host_failed<H: Host>(host: &mut H, depth: usize, error: H::Error) -> Result<(), H::Error> {
    host.vm().settle(depth);
    if !host.suspends(&error) {
        notify(host, Transition::ReturningFromHost)?;
    }
    Err(error)
}

/// Notifies the host of a transition if `H::EVENTS` selects transitions.
#[inline(always)]
pub(crate) fn notify<H: Host>(host: &mut H, transition: Transition) -> Result<(), H::Error> {
    if const { H::EVENTS.contains(Events::CALLS) } {
        return settled(host, |host| host.transition(transition));
    }
    Ok(())
}
