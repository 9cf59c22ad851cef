//! `Bridge`: what the machine asks of the world while it runs, answered from a store. The one
//! `unsafe impl` of this crate.

use super::StoreContextMut;
use crate::{Error, Event, Events, Hook, Result};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_core::{
    FuncAddr, FuncKind, Host, HostFunc, MemoryAddr, RawRef, SlotSpan, TableAddr, Vm,
};
use core::marker::PhantomData;

/// A store, for the machine; compiled for the store's hook.
pub(super) struct Bridge<'s, T: 'static, H> {
    store: StoreContextMut<'s, T>,
    /// How many slots at the top of the machine's stack are the call's arguments or results: a
    /// hook that calls a guest would write over them.
    on_top: usize,
    /// Whether the called function is a host function: then these slots are the host call's, too.
    direct: bool,
    hook: PhantomData<fn() -> H>,
}

impl<'s, T: 'static, H: Hook<T>> Bridge<'s, T, H> {
    /// For a call whose arguments and results lie at the top of the machine's stack.
    #[inline]
    pub(super) fn on_top(store: StoreContextMut<'s, T>, func: FuncAddr, slots: usize) -> Self {
        let direct = const { H::EVENTS.contains(Events::CALLS) }
            && matches!(store.inner.opaque.vm.func(func).kind, FuncKind::Host(_));
        Self { store, on_top: slots, direct, hook: PhantomData }
    }

    /// For a call whose arguments and results lie elsewhere.
    pub(super) fn apart(store: StoreContextMut<'s, T>) -> Self {
        Self { store, on_top: 0, direct: false, hook: PhantomData }
    }

    /// Shows the hook an event. The hook is out of the store meanwhile: what it does itself is no
    /// event for it, and a panic in it loses it.
    #[cfg(not(burdock_hookless))]
    fn tell(&mut self, event: Event) -> Result<()> {
        let Some(mut hook) = self.store.inner.hook.take() else {
            return Ok(());
        };
        let typed = hook.downcast_mut::<H>();
        let typed = typed.expect("doors and hook are installed together");
        let result = typed.event(self.store.reborrow(), event);
        self.store.inner.hook = Some(hook);
        result
    }

    /// There is nobody to tell.
    #[cfg(burdock_hookless)]
    fn tell(&mut self, _: Event) -> Result<()> {
        Ok(())
    }

    /// `tell`, with the slots at the top of the stack kept safe.
    fn tell_with_slots(&mut self, event: Event) -> Result<()> {
        let on_top = self.on_top;
        let saved: Vec<u64> = self.vm().results(on_top).into();
        self.tell(event)?;
        self.vm().args_mut(on_top)?.copy_from_slice(&saved);
        Ok(())
    }
}

// SAFETY: [SEAT] `vm` answers with the one machine of the store at each call: it lies in the
// store's box, which nobody can replace or drop while this has the exclusive reference to it, and
// what host functions and hooks get is a reference to the same store. [OWN] No reference into the
// machine is kept across the other methods. [ADDR] `memory_grow` and `table_grow` answer what the
// machine itself answered.
#[allow(unsafe_code)]
unsafe impl<T: 'static, H: Hook<T>> Host for Bridge<'_, T, H> {
    type Error = Error;
    const EVENTS: Events = H::EVENTS;

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
        let of_call = matches!(event, Event::CallingWasm | Event::ReturningFromWasm);
        match self.on_top > 0 && (of_call || self.direct) {
            true => self.tell_with_slots(event),
            false => self.tell(event),
        }
    }

    fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>> {
        self.store.inner.memory_grow(memory, delta)
    }

    fn table_grow(&mut self, table: TableAddr, delta: u64, init: RawRef) -> Result<Option<u64>> {
        self.store.inner.table_grow(table, delta, init)
    }

    fn epoch_deadline(&mut self) -> Result<()> {
        let yields = self.store.reborrow().epoch_deadline_reached()?;
        if const { H::EVENTS.contains(Events::CALLS) } && yields {
            self.tell(Event::CallingHost)?;
            self.tell(Event::ReturningFromHost)?;
        }
        Ok(())
    }

    fn translation_error(&mut self, error: Box<dyn core::error::Error + Send + Sync>) -> Error {
        Error::from_boxed(error).context("WebAssembly translation error")
    }
}
