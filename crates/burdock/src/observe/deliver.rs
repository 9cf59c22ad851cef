//! Delivery: calls the hooks that an event concerns, in order.

use super::attach::Attached;
use super::site_event::{Found, event_of_values};
use super::version::{FEW, SiteAt, caught_types};
use crate::event::Values;
use crate::store::StoreInner;
use crate::{Error, Event, Events, Hook, Memory, OwnedRooted, Result, StoreContextMut};
use alloc::boxed::Box;
use burdock_core::Failed;
use burdock_core::heap::Reference;
use burdock_translate::Point;
use burdock_types::MemoryIdx;
use core::any::Any;

/// A [`Hook`] without its type.
pub(super) trait ErasedHook<T: 'static>: Send + Sync {
    /// Calls the hook with an event.
    fn call(&mut self, store: StoreContextMut<'_, T>, event: &Event<'_>) -> Result<()>;
    /// Calls the hook with the event of a site that shows few values, and puts the hook back to its
    /// position in the store. The event is built here, where the hook's type is known, so that
    /// fields that the hook ignores are optimized away.
    fn call_at_site(
        self: Box<Self>,
        store: StoreContextMut<'_, T>,
        number: u32,
        position: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: 'static, H: Hook<T>> ErasedHook<T> for H {
    fn call(&mut self, store: StoreContextMut<'_, T>, event: &Event<'_>) -> Result<()> {
        self.event(store, *event)
    }

    fn call_at_site(
        self: Box<Self>,
        store: StoreContextMut<'_, T>,
        number: u32,
        position: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed> {
        let inner = &*store.inner;
        let site = inner.hooks.observation.as_ref().and_then(|o| o.sites.get(number as usize));
        let site = site.unwrap_or(&SiteAt::NONE);
        let shown = inner.opaque.vm.parked_slots(site.first as usize, site.count as usize);
        let mut few = [0; FEW];
        // Not a call of `memcpy`: they are very few.
        for (to, from) in few.iter_mut().zip(shown) {
            *to = *from;
        }
        let types = site.few;
        let types = types.get(..site.len as usize).unwrap_or(&[]);
        let slots = few.get(..site.count as usize).unwrap_or(&[]);
        let passing = inner.opaque.passing();
        let values = Values { types, slots, passing };
        let event = event_of_values(site.point, values).unwrap_or(Event::Instruction);
        let mut running = RunningHook { store, hook: Some(self), position: position as usize };
        let result = match &mut running.hook {
            Some(hook) => hook.event(running.store.reborrow(), event),
            None => Ok(()),
        };
        if let Some(hook) = running.hook.take() {
            running.store.inner.hooks.listeners.put_back(position as usize, hook);
        }
        match result {
            Ok(()) => Ok(()),
            Err(why) => Err(keep(why, error)),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The delivery of an event that happens at no site. Changes to the hooks wait until it is over.
pub(super) struct Delivery<'s, T: 'static> {
    pub(super) store: StoreContextMut<'s, T>,
}

impl<'s, T: 'static> Delivery<'s, T> {
    pub(super) fn new(store: StoreContextMut<'s, T>) -> Self {
        if let Some(observation) = &mut store.inner.hooks.observation {
            observation.delivering += 1;
        }
        Self { store }
    }

    /// Calls one hook, unless the hook runs already.
    pub(super) fn deliver(&mut self, hook: usize, event: &Event<'_>) -> Result<()> {
        call_attached(self.store.reborrow(), hook, event)
    }

    /// Calls the debugger's handler with the pending exception, unless the debugger runs already.
    pub(super) fn deliver_exception(&mut self) -> Result<()> {
        let inner = &*self.store.inner;
        let Some(observation) = &inner.hooks.observation else { return Ok(()) };
        let is_debugger = |hook: &Attached| Some(hook.id) == observation.debugger;
        let (Some(position), Some(handle)) =
            (observation.hooks.iter().position(is_debugger), observation.on_exception.clone())
        else {
            return Ok(());
        };
        let exception = Reference::from_slot(inner.opaque.vm.pending_exception());
        let exception = OwnedRooted::hold(&inner.opaque, exception);
        with_attached(self.store.reborrow(), position, |_, store| handle(store, exception))
    }

    /// Calls all hooks that want events of a kind, whatever their filters select.
    pub(super) fn deliver_in_store(&mut self, kind: Events, event: &Event<'_>) -> Result<()> {
        let mut next = 0;
        while let Some(observation) = &self.store.inner.hooks.observation
            && let Some(hook) = observation.hooks.get(next)
        {
            if hook.events.contains(kind) {
                self.deliver(next, event)?;
            }
            next += 1;
        }
        Ok(())
    }

    /// Calls all hooks that want events of a kind in a function.
    pub(super) fn deliver_all(
        &mut self,
        plan: u32,
        kind: Events,
        offset: u32,
        event: &Event<'_>,
    ) -> Result<()> {
        let mut next = 0;
        while let Some(observation) = &self.store.inner.hooks.observation
            && let plan = &observation.plans[plan as usize]
            && let Some(&(hook, events)) = plan.hooks.get(next)
        {
            next += 1;
            if events.intersects(kind)
                && observation.hooks[hook].filter.has_place(kind, &plan.module, offset)
            {
                self.deliver(hook, event)?;
            }
        }
        Ok(())
    }
}

impl<T: 'static> Drop for Delivery<'_, T> {
    fn drop(&mut self) {
        let Some(observation) = &mut self.store.inner.hooks.observation else { return };
        observation.delivering -= 1;
        if observation.delivering == 0
            && observation.has_changes()
            && self.store.inner.opaque.vm.runs_at_sites() == 0
        {
            self.store.apply_changes();
        }
    }
}

/// Delivers the event of a site at which a guest has arrived. This is the path for one hook and few
/// values; other sites take [`at_any_site`]. No flag records that an event is being delivered: this
/// is the case as long as the guest is parked at the site.
#[inline]
pub(super) fn at_site<T: 'static>(
    store: StoreContextMut<'_, T>,
    number: u32,
    error: &mut Option<Error>,
) -> Result<(), Failed> {
    let listeners = &mut store.inner.hooks.listeners;
    let Some(&hook) = listeners.sites.get(number as usize) else { return Ok(()) };
    // `SEVERAL` and `NO_HOOK` are no positions.
    let Some(place) = listeners.hooks.get_mut(hook as usize) else {
        return at_any_site(store, number, error);
    };
    match place.take() {
        Some(taken) => taken.call_at_site(store, number, hook, error),
        None => Ok(()),
    }
}

/// Delivers the event of a site that has several hooks, or whose event shows the meaning of its
/// operands.
#[inline(never)]
fn at_any_site<T: 'static>(
    store: StoreContextMut<'_, T>,
    number: u32,
    error: &mut Option<Error>,
) -> Result<(), Failed> {
    let id = store.id();
    let inner = &mut *store.inner;
    let Some(observation) = &inner.hooks.observation else { return Ok(()) };
    let Some(&site) = observation.sites.get(number as usize) else { return Ok(()) };
    if observation.hook_lists.get(site.hooks as usize) == Some(&SiteAt::END) {
        return Ok(());
    }
    if site.shows_few() {
        return for_each_hook(store, &site, |store, hook| {
            match store.inner.hooks.listeners.take(hook) {
                Some(taken) => taken.call_at_site(store, number, hook as u32, error),
                None => Ok(()),
            }
        });
    }
    let plan = &observation.plans[site.plan as usize];
    let slots = inner.opaque.vm.parked_slots(site.first as usize, site.count as usize);
    let mut found = Found::default();
    match site.point {
        Point::Enter => found.set(plan.ty.params(), slots),
        Point::Return => found.set(plan.ty.results(), slots),
        Point::Throw { tag } => {
            let module = plan.module.def();
            found.set(module.func_type_at(module.tags[tag as usize]).params(), slots);
        }
        Point::Catch { tag, reference, .. } => {
            found.set(&caught_types(plan.module.def(), tag, reference), slots);
        }
        _ => found.set(&[], slots),
    }
    let Some(event) = inner.event(&site, &found, inner.opaque.passing()) else { return Ok(()) };
    let instance = plan.instance;
    let result = for_each_hook(store, &site, |store, hook| {
        let (observation, vm) = (store.inner.hooks.observation.as_ref(), &store.inner.opaque.vm);
        let memory = |index| Memory::from_addr(id, vm.instance_memory(instance, MemoryIdx(index)));
        match observation.is_some_and(|o| o.hooks[hook].filter.has_event(&event, memory)) {
            true => call_attached(store, hook, &event),
            false => Ok(()),
        }
    });
    result.map_err(|why| keep(why, error))
}

/// Calls one attached hook, unless the hook runs already.
fn call_attached<T: 'static>(
    store: StoreContextMut<'_, T>,
    position: usize,
    event: &Event<'_>,
) -> Result<()> {
    with_attached(store, position, |hook, store| hook.call(store, event))
}

/// Does something with one attached hook, which counts as running meanwhile. Does nothing if the
/// hook runs already.
fn with_attached<T: 'static>(
    store: StoreContextMut<'_, T>,
    position: usize,
    call: impl FnOnce(&mut dyn ErasedHook<T>, StoreContextMut<'_, T>) -> Result<()>,
) -> Result<()> {
    let Some(hook) = store.inner.hooks.listeners.take(position) else { return Ok(()) };
    let mut running = RunningHook { store, hook: Some(hook), position };
    let RunningHook { store, hook, .. } = &mut running;
    let result = match hook {
        Some(hook) => store.lend(|store| call(&mut **hook, store)),
        None => Ok(()),
    };
    if let Some(hook) = running.hook.take() {
        running.store.inner.hooks.listeners.put_back(position, hook);
    }
    result
}

/// A hook that is not in the store while it runs. A hook that panics is kept apart: it gets no more
/// events, but can be detached with everything that it has recorded.
struct RunningHook<'s, T: 'static, H: Erase<T>> {
    store: StoreContextMut<'s, T>,
    hook: Option<H>,
    position: usize,
}

/// A boxed hook, with or without its type.
trait Erase<T: 'static> {
    fn erase(self) -> Box<dyn ErasedHook<T>>;
}

impl<T: 'static, H: Hook<T>> Erase<T> for Box<H> {
    fn erase(self) -> Box<dyn ErasedHook<T>> {
        self
    }
}

impl<T: 'static> Erase<T> for Box<dyn ErasedHook<T>> {
    fn erase(self) -> Box<dyn ErasedHook<T>> {
        self
    }
}

impl<T: 'static, H: Erase<T>> Drop for RunningHook<'_, T, H> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(hook) = self.hook.take() {
            keep_panicked(self.store.inner, self.position, hook.erase());
        }
    }
}

#[cold]
#[inline(never)]
fn keep_panicked<T: 'static>(
    inner: &mut StoreInner<T>,
    position: usize,
    hook: Box<dyn ErasedHook<T>>,
) {
    if let Some(observation) = &mut inner.hooks.observation
        && let Some(Attached { id, .. }) = observation.hooks.get(position)
    {
        observation.panicked.push((*id, hook));
    }
}

/// Calls a function for each of the hooks of a site, in order.
fn for_each_hook<T: 'static, E>(
    mut store: StoreContextMut<'_, T>,
    site: &SiteAt,
    mut call: impl FnMut(StoreContextMut<'_, T>, usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut next = site.hooks as usize;
    while let Some(observation) = &store.inner.hooks.observation
        && let Some(&hook) = observation.hook_lists.get(next)
        && hook != SiteAt::END
    {
        next += 1;
        store.lend(|store| call(store, hook as usize))?;
    }
    Ok(())
}

/// Keeps an error. Out of line, so that callers need no registers for it.
#[cold]
#[inline(never)]
fn keep(why: Error, error: &mut Option<Error>) -> Failed {
    *error = Some(why);
    Failed
}
