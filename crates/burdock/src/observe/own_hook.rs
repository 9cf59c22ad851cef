//! The store's own hook, which is called at each transition between host and guests.

use super::run_hooks::vtable_for;
use crate::{CallHook, Event, Events, Hook, Result, Store, StoreContextMut, StoreHookState};
use alloc::boxed::Box;
use burdock_core::Transition;

/// A [`Hook`] without its type, as the store keeps its own hook. A virtual call costs less than to
/// recover the type.
pub(crate) trait ErasedCallHook<T: 'static>: Send + Sync {
    /// Calls the hook, and puts it back into the store.
    fn call(self: Box<Self>, store: StoreContextMut<'_, T>, transition: Transition) -> Result<()>;
}

impl<T: 'static, H: Hook<T>> ErasedCallHook<T> for H {
    fn call(
        mut self: Box<Self>,
        mut store: StoreContextMut<'_, T>,
        transition: Transition,
    ) -> Result<()> {
        let result = self.event(store.reborrow(), transition.into());
        // No other hook can have been put there, and dropping one would cost a test.
        core::mem::forget(store.inner.hooks.own.replace(self));
        result
    }
}

/// The hook of `Store::call_hook`.
struct OnCall<F>(F);

impl<T, F> Hook<T> for OnCall<F>
where
    T: 'static,
    F: FnMut(StoreContextMut<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
{
    const EVENTS: Events = Events::CALLS;

    fn event(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let event = match event {
            Event::CallingWasm => CallHook::CallingWasm,
            Event::ReturningFromWasm => CallHook::ReturningFromWasm,
            Event::CallingHost => CallHook::CallingHost,
            Event::ReturningFromHost => CallHook::ReturningFromHost,
            _ => return Ok(()),
        };
        (self.0)(store, event)
    }
}

impl<T: 'static> Store<T> {
    /// Calls `hook` whenever control passes from the host into a guest and back, or from a guest
    /// into a host function and back. A second call replaces the first hook.
    ///
    /// An error at `CallingWasm` or `CallingHost` is raised instead of the call, which does not
    /// take place (nor does its return event); one at `ReturningFromWasm` or `ReturningFromHost`
    /// replaces the result, be it values or an error. The hook is not called for what it does
    /// itself. A store without a hook pays nothing.
    ///
    /// Source: Wasmtime's `Store::call_hook`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func (export "f")))"#)?;
    /// let mut store = Store::new(&engine, 0);
    /// store.call_hook(|mut store, event| {
    ///     *store.data_mut() += i32::from(event.exiting_host());
    ///     Ok(())
    /// });
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
    /// f.call(&mut store, ())?;
    /// assert_eq!(*store.data(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn call_hook(
        &mut self,
        hook: impl FnMut(StoreHookState<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
    ) {
        self.set_hook(OnCall(hook));
    }

    /// Installs the store's own hook, and replaces the previous one. The code that runs guests is
    /// compiled for the hook's type.
    ///
    /// Of its [`Hook::EVENTS`], the hook gets [`Events::CALLS`](crate::Events::CALLS) only. Events
    /// within guests are delivered to hooks that are [attached](Self::attach).
    pub fn set_hook<H: Hook<T>>(&mut self, hook: H) {
        let inner = &mut self.parts.inner;
        let vtable = vtable_for::<T, H>(&inner.vtable, inner.vtable.hooks.recipients);
        inner.set_vtable(vtable);
        inner.hooks.handler = None;
        inner.hooks.own = Some(Box::new(hook));
    }
}
