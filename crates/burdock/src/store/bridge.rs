//! `Bridge`: what the machine asks of the world while it runs, answered from a store. The one
//! `unsafe impl` of this crate.

use super::doors::Yields;
use super::interrupt::{UpdateDeadline, Yielding};
use super::{Notice, StoreContextMut};
use crate::{Error, Events, Hook, Result};
use alloc::boxed::Box;
use burdock_core::{
    Event, Failed, Host, HostFunc, MemoryAddr, RawRef, SlotSpan, Stopping, TableAddr, Vm,
};
use core::marker::PhantomData;

/// A store, for the machine; compiled for who is told of crossings.
pub(super) struct Bridge<'s, T: 'static, C> {
    pub(super) store: StoreContextMut<'s, T>,
    yields: Yields,
    /// Whether the deadline that was reached needs nothing more.
    decided: bool,
    crossings: PhantomData<fn() -> C>,
}

/// Who is told when control passes between host and guests.
pub(crate) trait Crossings<T: 'static>: 'static {
    /// The events that somebody is told of.
    const EVENTS: Events;

    fn tell(store: StoreContextMut<'_, T>, event: Event) -> Result<()>;

    /// Tells whom it concerns that a guest has arrived at a site; an error is left in its place.
    /// Hooks may have been attached since the run began.
    #[inline]
    fn at_site(
        store: StoreContextMut<'_, T>,
        site: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed> {
        (store.inner.doors.at_site)(store, site, error)
    }
}

/// The store's hook, of this type.
pub(crate) struct Own<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> Crossings<T> for Own<H> {
    const EVENTS: Events = H::EVENTS;

    /// The hook is out of the store meanwhile: what it does itself is no event for it, and a panic
    /// in it loses it.
    #[cfg(not(burdock_hookless))]
    fn tell(store: StoreContextMut<'_, T>, event: Event) -> Result<()> {
        match store.inner.hook.take() {
            Some(hook) => hook.tell(store, event),
            None => Ok(()),
        }
    }

    /// There is nobody to tell.
    #[cfg(burdock_hookless)]
    fn tell(_: StoreContextMut<'_, T>, _: Event) -> Result<()> {
        Ok(())
    }
}

impl<'s, T: 'static, C: Crossings<T>> Bridge<'s, T, C> {
    #[inline]
    pub(super) fn new(store: StoreContextMut<'s, T>) -> Self {
        Self::suspendable(store, Yields::GoOn)
    }

    #[inline]
    pub(super) fn suspendable(store: StoreContextMut<'s, T>, yields: Yields) -> Self {
        Self { store, yields, decided: yields == Yields::StopLater, crossings: PhantomData }
    }

    fn tell(&mut self, event: Event) -> Result<()> {
        C::tell(self.store.reborrow(), event)
    }

    fn notice(&mut self, notice: Notice<'_>) -> Result<()> {
        let tell = self.store.inner.doors.notice;
        tell(self.store.reborrow(), notice)
    }
}

// SAFETY: [SEAT] `vm` answers with the one machine of the store at each call: it lies in the
// store's box, which nobody can replace or drop while this has the exclusive reference to it, and
// what host functions and hooks get is a reference to the same store. [RUN] Every body of a host
// function (`func/host.rs`, `func/raw.rs`) settles behind the embedder's closure, and so does the
// code that calls a hook. [OWN] No reference into the machine is kept across the other methods.
// [ADDR] `memory_grow` and `table_grow` answer what the machine itself answered.
#[allow(unsafe_code)]
unsafe impl<T: 'static, C: Crossings<T>> Host for Bridge<'_, T, C> {
    type Error = Error;
    const EVENTS: Events = C::EVENTS;

    #[inline]
    fn vm(&mut self) -> &mut Vm {
        &mut self.store.inner.opaque.vm
    }

    #[inline]
    fn call_host(&mut self, func: HostFunc, slots: SlotSpan) -> Result<()> {
        let hosts = self.store.hosts;
        (hosts.get(func).body)(self.store.reborrow(), slots)
    }

    fn event(&mut self, event: Event) -> Result<()> {
        self.tell(event)
    }

    fn suspends(&mut self, error: &Error) -> bool {
        let depth = self.store.inner.opaque.vm.depth();
        self.yields != Yields::GoOn
            && (error.is::<Yielding>() || crate::func::waits_for::<T>(error, depth))
    }

    fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>> {
        self.store.inner.memory_grow(memory, delta)
    }

    fn table_grow(&mut self, table: TableAddr, delta: u64, init: RawRef) -> Result<Option<u64>> {
        self.store.inner.table_grow(table, delta, init)
    }

    fn out_of_fuel(&mut self, required: u64) -> Result<bool> {
        let refuelled = self.store.inner.opaque.refuel(required);
        if refuelled && self.yields != Yields::GoOn {
            return Err(Error::new(Yielding(None)));
        }
        Ok(refuelled)
    }

    fn epoch_reached(&mut self) -> Result<()> {
        if self.decided {
            return Ok(());
        }
        self.notice(Notice::EpochDeadline)?;
        if self.yields != Yields::GoOn {
            match self.store.decide_on_deadline()? {
                UpdateDeadline::Yield(delta) => return Err(Error::new(Yielding(Some(delta)))),
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
        if const { C::EVENTS.contains(Events::CALLS) } && yields {
            self.tell(Event::CallingHost)?;
            self.tell(Event::ReturningFromHost)?;
        }
        Ok(())
    }

    #[inline]
    fn observe(&mut self, site: u32, error: &mut Option<Error>) -> Result<(), Failed> {
        C::at_site(self.store.reborrow(), site, error)
    }

    fn follow(&mut self) -> Result<()> {
        self.notice(Notice::AfterSite)
    }

    fn stopping(&mut self, why: Stopping<'_, Error>, ends: bool) -> Result<()> {
        self.notice(Notice::Stopping(why, ends))
    }

    fn translation_error(&mut self, error: Box<dyn core::error::Error + Send + Sync>) -> Error {
        Error::from_boxed(error).context("WebAssembly translation error")
    }
}
