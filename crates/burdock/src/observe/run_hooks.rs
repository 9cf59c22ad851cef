//! The choice of the hooks that runs call: the store's own hook, hooks that are attached, or both.

use super::attach::Attached;
use super::deliver::{self, Delivery};
use crate::store::{AtSite, CallSuspendable, RunHooks, StoreInner, StoreVTable};
use crate::{Events, Hook, NoHook, Result, StoreContextMut};
use burdock_core::Transition;
use core::marker::PhantomData;

/// The hooks that a store's runs call. Each choice stands for a type that runs are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recipients {
    /// The store's own hook, at transitions ([`OwnHook`]). Nothing was attached.
    OwnHook,
    /// The store's own hook at transitions, attached hooks at sites ([`OwnHookAndSites`]).
    OwnHookAndSites,
    /// The store's own hook and attached hooks at transitions, attached hooks at sites
    /// ([`AllHooks`]).
    AllHooks,
}

/// The part of a store's vtable that only hooks need.
pub(crate) struct VTableHooks<T: 'static> {
    pub(crate) recipients: Recipients,
    /// Returns the vtable for other recipients and the same own hook. `None` if there is no own
    /// hook.
    pub(super) rebuild: Option<Rebuild<T>>,
    /// Calls a function in a store whose hook is asynchronous, without calling the hook.
    pub(super) behind_hook: Option<CallSuspendable<T>>,
}

impl<T> Clone for VTableHooks<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for VTableHooks<T> {}

/// Returns the function that calls a function without calling the hook, if the hook is
/// asynchronous.
pub(crate) fn behind_hook<T: 'static>(
    store: &StoreContextMut<'_, T>,
) -> Option<CallSuspendable<T>> {
    store.inner.vtable.hooks.behind_hook
}

type Rebuild<T> = fn(&StoreVTable<T>, Recipients) -> StoreVTable<T>;

impl<T: 'static> VTableHooks<T> {
    pub(crate) const NONE: Self =
        Self { recipients: Recipients::OwnHook, rebuild: None, behind_hook: None };
}

/// The store's own hook, of this type.
pub(crate) struct OwnHook<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> RunHooks<T> for OwnHook<H> {
    const EVENTS: Events = H::EVENTS;
    const AT_SITE: Option<AtSite<T>> = None;

    /// Calls the hook, which is not in the store meanwhile: it gets no event for what it does
    /// itself, and is lost if it panics.
    fn notify(store: StoreContextMut<'_, T>, transition: Transition) -> Result<()> {
        match store.inner.hooks.own.take() {
            Some(hook) => hook.call(store, transition),
            None => Ok(()),
        }
    }
}

/// The store's own hook, of this type, at transitions, and attached hooks at sites.
struct OwnHookAndSites<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> RunHooks<T> for OwnHookAndSites<H> {
    const EVENTS: Events = H::EVENTS;
    const AT_SITE: Option<AtSite<T>> = Some(deliver::at_site);

    fn notify(store: StoreContextMut<'_, T>, transition: Transition) -> Result<()> {
        OwnHook::<H>::notify(store, transition)
    }
}

/// The store's own hook, of this type, and then the attached hooks.
struct AllHooks<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> RunHooks<T> for AllHooks<H> {
    const EVENTS: Events = H::EVENTS.union(Events::CALLS);
    const AT_SITE: Option<AtSite<T>> = Some(deliver::at_site);

    fn notify(mut store: StoreContextMut<'_, T>, transition: Transition) -> Result<()> {
        if const { H::EVENTS.contains(Events::CALLS) } {
            OwnHook::<H>::notify(store.reborrow(), transition)?;
        }
        Delivery::new(store).deliver_in_store(Events::CALLS, &transition.into())
    }
}

/// Returns the vtable of a store with an own hook of type `H`.
pub(super) fn vtable_for<T: 'static, H: Hook<T>>(
    before: &StoreVTable<T>,
    recipients: Recipients,
) -> StoreVTable<T> {
    let StoreVTable { instantiated, at_site, notice, .. } = *before;
    let vtable = match recipients {
        Recipients::OwnHook => StoreVTable::of::<OwnHook<H>>(),
        Recipients::OwnHookAndSites => StoreVTable::of::<OwnHookAndSites<H>>(),
        Recipients::AllHooks => StoreVTable::of::<AllHooks<H>>(),
    };
    let hooks = VTableHooks { recipients, rebuild: Some(vtable_for::<T, H>), behind_hook: None };
    StoreVTable { instantiated, at_site, notice, hooks, ..vtable }
}

impl<T: 'static> StoreInner<T> {
    /// Chooses the vtable for the hooks that are attached. A run that executes keeps its hooks.
    pub(super) fn choose_vtable(&mut self) {
        let Some(observation) = &self.hooks.observation else { return };
        let wants_transitions = |hook: &Attached| hook.events.contains(Events::CALLS);
        let recipients = match &*observation.hooks {
            [] => Recipients::OwnHook,
            hooks if hooks.iter().any(wants_transitions) => Recipients::AllHooks,
            _ => Recipients::OwnHookAndSites,
        };
        if recipients != self.vtable.hooks.recipients {
            let rebuild = self.vtable.hooks.rebuild.unwrap_or(vtable_for::<T, NoHook>);
            let vtable = rebuild(&self.vtable, recipients);
            self.set_vtable(vtable);
        }
    }
}
