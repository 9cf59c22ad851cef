//! `StoreHost`: a store as the host of the machine. The one `unsafe impl` of this crate.

use super::interrupt::{UpdateDeadline, Yielding};
use super::vtable::{AtSite, Yields};
use super::{Notice, StoreContextMut};
use crate::exception::ThrownException;
use crate::{Error, Events, Result};
use alloc::boxed::Box;
use burdock_core::{
    Failed, Host, HostFunc, MemoryAddr, RawRef, SlotSpan, Stopping, TableAddr, Transition, TypeId,
    Vm,
};
use core::marker::PhantomData;

/// A store as the [`Host`] of a run, compiled for the hooks that the run calls.
pub(super) struct StoreHost<'s, T: 'static, R> {
    pub(super) store: StoreContextMut<'s, T>,
    yields: Yields,
    /// `true` if the deadline that was reached needs nothing more.
    decided: bool,
    hooks: PhantomData<fn() -> R>,
}

/// The hooks that a run calls, as a type: runs are compiled for it, so that a run whose hooks want
/// no event has no code for the event.
pub(crate) trait RunHooks<T: 'static>: 'static {
    /// The events that any of the hooks wants.
    const EVENTS: Events;

    /// The function that delivers the events of sites. `None` takes the function from the store's
    /// vtable: hooks may be attached while a run executes that began without any.
    const AT_SITE: Option<AtSite<T>>;

    /// `true` if the call of a guest waits where the guest calls a host function, because a hook is
    /// asynchronous.
    const WAITS: bool = false;

    /// Calls the hooks for a transition between host and guests.
    fn notify(store: StoreContextMut<'_, T>, transition: Transition) -> Result<()>;
}

impl<'s, T: 'static, R: RunHooks<T>> StoreHost<'s, T, R> {
    #[inline]
    pub(super) fn new(store: StoreContextMut<'s, T>) -> Self {
        Self::suspendable(store, Yields::GoOn)
    }

    #[inline]
    pub(super) fn suspendable(store: StoreContextMut<'s, T>, yields: Yields) -> Self {
        Self { store, yields, decided: yields == Yields::StopLater, hooks: PhantomData }
    }

    fn notify(&mut self, transition: Transition) -> Result<()> {
        R::notify(self.store.reborrow(), transition)
    }

    fn notice(&mut self, notice: Notice<'_>) -> Result<()> {
        let deliver = self.store.inner.vtable.notice;
        deliver(self.store.reborrow(), notice)
    }
}

/// Returns the error that stops a guest whose call waits for the answer of an asynchronous limiter,
/// or another error as it is.
#[cold]
fn waiting_for_limiter(error: Error) -> Error {
    match error.downcast() {
        Ok(question) => Error::new(Yielding::Limiter(question)),
        Err(error) => error,
    }
}

// [HOST] `vm` answers with the one machine of the store at each call: it lies in the store's box,
// which nobody can replace or drop while this has the exclusive reference to it, and what host
// functions and hooks get is a reference to the same store. [RUN] Every body of a host function
// (`func/host.rs`, `func/raw.rs`) settles behind the embedder's closure, and so does the code that
// calls a hook. [OWN] No reference into the machine is kept across the other methods. [ADDR]
// `memory_grow` and `table_grow` answer what the machine itself answered.
#[allow(unsafe_code)]
// SAFETY: [HOST] [RUN] [OWN] [ADDR] as said above.
unsafe impl<T: 'static, R: RunHooks<T>> Host for StoreHost<'_, T, R> {
    type Error = Error;
    const EVENTS: Events = R::EVENTS;

    #[inline]
    fn vm(&mut self) -> &mut Vm {
        &mut self.store.inner.opaque.vm
    }

    #[inline]
    fn call_host(&mut self, func: HostFunc, slots: SlotSpan) -> Result<()> {
        if const { R::WAITS } {
            return Err(Error::new(Yielding::HostCall(func, slots)));
        }
        let hosts = self.store.hosts;
        (hosts.get(func).body)(self.store.reborrow(), slots)
    }

    fn transition(&mut self, transition: Transition) -> Result<()> {
        self.notify(transition)
    }

    fn suspends(&mut self, error: &Error) -> bool {
        let depth = self.store.inner.opaque.vm.depth();
        self.yields != Yields::GoOn
            && (error.is::<Yielding>() || crate::func::waits_for::<T>(error, depth))
    }

    fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>> {
        self.store.inner.memory_grow(memory, delta).map_err(waiting_for_limiter)
    }

    fn table_grow(&mut self, table: TableAddr, delta: u64, init: RawRef) -> Result<Option<u64>> {
        self.store.inner.table_grow(table, delta, init).map_err(waiting_for_limiter)
    }

    fn out_of_fuel(&mut self, required: u64) -> Result<bool> {
        let refuelled = self.store.inner.opaque.refuel(required);
        if refuelled && self.yields != Yields::GoOn {
            return Err(Error::new(Yielding::Fuel));
        }
        Ok(refuelled)
    }

    fn epoch_reached(&mut self) -> Result<()> {
        if self.decided {
            return Ok(());
        }
        if self.store.opaque().take_interrupt() {
            self.notice(Notice::Interrupt)?;
        }
        if !self.store.opaque().has_reached_deadline() {
            self.store.opaque().renew_deadline();
            self.decided = true;
            return Ok(());
        }
        self.notice(Notice::EpochDeadline)?;
        if self.yields != Yields::GoOn {
            match self.store.decide_on_deadline()? {
                UpdateDeadline::Yield(delta) => return Err(Error::new(Yielding::Epoch(delta))),
                UpdateDeadline::YieldCustom(delta, future) => {
                    return Err(Error::new(Yielding::Custom(delta, future.into())));
                }
                update => self.store.update_deadline(update)?,
            }
            self.decided = true;
        }
        Ok(())
    }

    fn epoch_deadline(&mut self) -> Result<()> {
        if core::mem::take(&mut self.decided) {
            return Ok(());
        }
        let update = self.store.decide_on_deadline()?;
        let yields = matches!(update, UpdateDeadline::Yield(_));
        self.store.update_deadline(update)?;
        if const { R::EVENTS.contains(Events::CALLS) } && yields {
            self.notify(Transition::CallingHost)?;
            self.notify(Transition::ReturningFromHost)?;
        }
        Ok(())
    }

    #[inline]
    fn observe(&mut self, site: u32, error: &mut Option<Error>) -> Result<(), Failed> {
        let deliver = R::AT_SITE.unwrap_or(self.store.inner.vtable.at_site);
        deliver(self.store.reborrow(), site, error)
    }

    fn follow(&mut self) -> Result<()> {
        self.notice(Notice::AfterSite)
    }

    fn stopping(&mut self, why: Stopping<'_, Error>, ends: bool) -> Result<()> {
        self.notice(Notice::Stopping(why, ends))
    }

    fn heap_grow(&mut self, bytes: u32) -> Result<()> {
        let [old, new] = self.store.inner.heap_grow(bytes).map_err(waiting_for_limiter)?;
        self.store.report_growth(Notice::HeapGrownInGuest(old, new))
    }

    fn host_values_died(&mut self) -> Result<()> {
        self.store.inner.opaque.drop_dead_host_values();
        Ok(())
    }

    fn collected(&mut self) -> Result<()> {
        self.notice(Notice::CollectedInGuest)
    }

    fn is_subtype(&self, ty: TypeId, other: TypeId) -> bool {
        self.store.inner.opaque.engine().types().is_subtype(ty, other)
    }

    fn throws(&mut self, error: &Error) -> bool {
        error.is::<ThrownException>()
    }

    fn uncaught(&mut self) -> Error {
        Error::new(ThrownException)
    }

    fn throwing(&mut self, by_host_call: bool) -> Result<()> {
        self.notice(Notice::Throwing(by_host_call))
    }

    fn unwinding(&mut self, frames: usize) -> Result<()> {
        self.notice(Notice::Unwinding(frames))
    }

    fn translation_error(&mut self, error: Box<dyn core::error::Error + Send + Sync>) -> Error {
        Error::from_boxed(error).context("WebAssembly translation error")
    }
}
