//! The store's own hook if its answers are futures.
//!
//! A run in a store with such a hook calls neither the hook nor host functions: it stops where it
//! would call a host function. Its call, which can wait, then waits for the hook, calls the host
//! function, and waits for the hook again (`func/waiting.rs`). The guest is inside its call of the
//! host meanwhile, as for asynchronous host functions.

use super::deliver::{self, Delivery};
use super::run_hooks::{Recipients, VTableHooks};
use crate::store::{AtSite, RunHooks, StoreVTable, Yielding};
use crate::{CallHook, CallHookHandler, Error, Events, Result, Store, StoreContextMut};
use alloc::boxed::Box;
use burdock_core::{Stopped, Transition};

/// An asynchronous hook, and attached hooks if there are sites.
struct AsyncHook<const SITES: bool>;

impl<T: 'static, const SITES: bool> RunHooks<T> for AsyncHook<SITES> {
    const EVENTS: Events = Events::NONE;
    const AT_SITE: Option<AtSite<T>> = if SITES { Some(deliver::at_site) } else { None };
    const WAITS: bool = true;

    fn notify(_: StoreContextMut<'_, T>, _: Transition) -> Result<()> {
        Ok(())
    }
}

/// Returns the vtable of a store with an asynchronous hook.
fn vtable_for<T: 'static>(before: &StoreVTable<T>, recipients: Recipients) -> StoreVTable<T> {
    let StoreVTable { instantiated, at_site, notice, .. } = *before;
    let vtable = match recipients {
        Recipients::OwnHook => StoreVTable::of::<AsyncHook<false>>(),
        Recipients::OwnHookAndSites | Recipients::AllHooks => StoreVTable::of::<AsyncHook<true>>(),
    };
    let behind_hook = Some(vtable.call_suspendable);
    let hooks = VTableHooks { recipients, rebuild: Some(vtable_for::<T>), behind_hook };
    StoreVTable {
        call_suspendable: |_, _, _, _| Err(Stopped::failed(Error::new(Yielding::Hook))),
        instantiated,
        at_site,
        notice,
        hooks,
        ..vtable
    }
}

impl<T: 'static> Store<T> {
    /// Calls `hook` whenever control passes from the host into a guest and back, or from a guest
    /// into a host function and back, and waits for the future that the hook returns. The call of
    /// the guest waits meanwhile. A second call of this method or of [`call_hook`](Self::call_hook)
    /// replaces the first hook.
    ///
    /// Errors of the hook have the effects described at [`call_hook`](Self::call_hook). From then
    /// on the store is used by the functions whose names end with `_async`: functions that call
    /// guests or make instances without waiting fail, also in host functions.
    ///
    /// Source: Wasmtime's `Store::call_hook_async`; see [`CallHookHandler`] for an example.
    pub fn call_hook_async(&mut self, hook: impl CallHookHandler<T> + Sync + 'static) {
        let inner = &mut self.parts.inner;
        inner.vtable = vtable_for(&inner.vtable, inner.vtable.hooks.recipients);
        inner.hooks.own = None;
        inner.hooks.handler = Some(Box::new(hook));
        inner.require_async();
    }
}

/// A hook while its future is awaited. However the wait ends, the hook is in the store again
/// afterwards, the runs that it has begun and leaked are over, and words are no longer held for it.
struct Running<'s, 'c, T: 'static> {
    store: &'s mut StoreContextMut<'c, T>,
    /// Not in the store, so that the hook is not called for what it does itself.
    hook: Option<Box<dyn CallHookHandler<T> + Send + Sync>>,
    depth: usize,
    /// The number of words that were held before.
    held: usize,
}

impl<T: 'static> Drop for Running<'_, '_, T> {
    fn drop(&mut self) {
        if let Some(hook) = self.hook.take() {
            self.store.inner.hooks.handler = Some(hook);
        }
        let vm = &mut self.store.opaque().vm;
        vm.settle(self.depth);
        vm.release(self.held);
    }
}

/// Waits for the store's hook at a transition, if the hook is asynchronous, and then calls the
/// attached hooks. What `words` refer to stays alive meanwhile.
///
/// # Errors
///
/// Fails if a hook does.
pub(crate) async fn transition<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    transition: Transition,
    words: &[u64],
) -> Result<()> {
    let VTableHooks { recipients, behind_hook: Some(_), .. } = store.inner.vtable.hooks else {
        return Ok(());
    };
    let hook = store.inner.hooks.handler.take();
    let vm = &mut store.opaque().vm;
    let (depth, held) = (vm.depth(), vm.hold(words.iter().copied()));
    let mut running = Running { store, hook, depth, held };
    let Running { store, hook, .. } = &mut running;
    if let Some(hook) = hook {
        hook.handle_call_event(store.reborrow(), call_hook(transition)).await?;
        store.opaque().vm.settle(depth);
    }
    if recipients == Recipients::AllHooks {
        let event = transition.into();
        Delivery::new(store.reborrow()).deliver_in_store(Events::CALLS, &event)?;
    }
    Ok(())
}

fn call_hook(transition: Transition) -> CallHook {
    match transition {
        Transition::CallingWasm => CallHook::CallingWasm,
        Transition::ReturningFromWasm => CallHook::ReturningFromWasm,
        Transition::CallingHost => CallHook::CallingHost,
        Transition::ReturningFromHost => CallHook::ReturningFromHost,
    }
}
