//! Delivery: calls the hooks that an event concerns, in order.

use super::attach::Attached;
use super::site_event::Found;
use super::version::{FEW, SiteAt};
use crate::event::{Leave, Values};
use crate::store::StoreInner;
use crate::{Error, Event, Events, Hook, Result, StoreContextMut};
use alloc::boxed::Box;
use burdock_core::Failed;
use burdock_translate::Point;
use core::any::Any;

/// A hook without its type.
pub(super) trait Told<T: 'static>: Send + Sync {
    fn tell(&mut self, store: StoreContextMut<'_, T>, event: &Event<'_>) -> Result<()>;
    /// Tells of a site that shows few values, and puts the hook back to its place in the store.
    /// Here, where the hook is known, so that what it does not look at need not be made.
    fn tell_site(
        self: Box<Self>,
        store: StoreContextMut<'_, T>,
        number: u32,
        hook: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: 'static, H: Hook<T>> Told<T> for H {
    fn tell(&mut self, store: StoreContextMut<'_, T>, event: &Event<'_>) -> Result<()> {
        self.event(store, *event)
    }

    fn tell_site(
        self: Box<Self>,
        store: StoreContextMut<'_, T>,
        number: u32,
        hook: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed> {
        let inner = &*store.inner;
        let site = inner.observation.as_ref().and_then(|o| o.sites.get(number as usize));
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
        let values = Values { types, slots, store: store.id() };
        let event = match site.point {
            Point::Enter => Event::FuncEnter(values),
            Point::Return => Event::FuncLeave(Leave::Return(values)),
            Point::TailCall => Event::FuncLeave(Leave::TailCall),
            Point::Loop => Event::LoopIteration,
            _ => Event::Instruction,
        };
        let mut telling = Telling { store, hook: Some(self), position: hook as usize };
        let told = match &mut telling.hook {
            Some(hook) => hook.event(telling.store.reborrow(), event),
            None => Ok(()),
        };
        if let Some(told) = telling.hook.take() {
            telling.store.inner.listeners.put_back(hook as usize, told);
        }
        match told {
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

/// The delivery of an event that is none of a site: changes wait until it is over.
pub(super) struct Delivery<'s, T: 'static> {
    pub(super) store: StoreContextMut<'s, T>,
}

impl<'s, T: 'static> Delivery<'s, T> {
    pub(super) fn new(store: StoreContextMut<'s, T>) -> Self {
        if let Some(observation) = &mut store.inner.observation {
            observation.delivering += 1;
        }
        Self { store }
    }

    /// Tells one hook, if it does not run already.
    pub(super) fn tell(&mut self, hook: usize, event: &Event<'_>) -> Result<()> {
        tell(self.store.reborrow(), hook, event)
    }

    /// Tells all who are told of events of a kind in a function.
    pub(super) fn tell_all(
        &mut self,
        plan: u32,
        kind: Events,
        offset: u32,
        event: &Event<'_>,
    ) -> Result<()> {
        let mut next = 0;
        while let Some(observation) = &self.store.inner.observation
            && let plan = &observation.plans[plan as usize]
            && let Some(&(hook, events)) = plan.told.get(next)
        {
            next += 1;
            if events.intersects(kind)
                && observation.hooks[hook].filter.has_place(kind, &plan.module, offset)
            {
                self.tell(hook, event)?;
            }
        }
        Ok(())
    }
}

impl<T: 'static> Drop for Delivery<'_, T> {
    fn drop(&mut self) {
        let Some(observation) = &mut self.store.inner.observation else { return };
        observation.delivering -= 1;
        if observation.delivering == 0
            && observation.has_changes()
            && self.store.inner.opaque.vm.runs_at_sites() == 0
        {
            self.store.apply_changes();
        }
    }
}

/// A guest has arrived at a site. The way for one hook and few values; others follow. That an event
/// is being delivered is noted nowhere: it is as long as the guest is parked at the site.
#[inline]
pub(super) fn at_site<T: 'static>(
    store: StoreContextMut<'_, T>,
    number: u32,
    error: &mut Option<Error>,
) -> Result<(), Failed> {
    let listeners = &mut store.inner.listeners;
    let Some(&hook) = listeners.sites.get(number as usize) else { return Ok(()) };
    // `SEVERAL` and `NOBODY` are no positions.
    let Some(place) = listeners.hooks.get_mut(hook as usize) else {
        return at_any_site(store, number, error);
    };
    match place.take() {
        Some(taken) => taken.tell_site(store, number, hook, error),
        None => Ok(()),
    }
}

/// A guest has arrived at a site of which several hooks are told, or that shows what its operands
/// mean.
#[inline(never)]
fn at_any_site<T: 'static>(
    store: StoreContextMut<'_, T>,
    number: u32,
    error: &mut Option<Error>,
) -> Result<(), Failed> {
    let id = store.id();
    let inner = &mut *store.inner;
    let Some(observation) = &inner.observation else { return Ok(()) };
    let Some(&site) = observation.sites.get(number as usize) else { return Ok(()) };
    if observation.told.get(site.told as usize) == Some(&SiteAt::END) {
        return Ok(());
    }
    if site.shows_few() {
        return tell_each(store, &site, |store, hook| match store.inner.listeners.take(hook) {
            Some(taken) => taken.tell_site(store, number, hook as u32, error),
            None => Ok(()),
        });
    }
    let plan = &observation.plans[site.plan as usize];
    let slots = inner.opaque.vm.parked_slots(site.first as usize, site.count as usize);
    let mut found = Found::default();
    match site.point {
        Point::Enter => found.set(plan.ty.params(), slots),
        Point::Return => found.set(plan.ty.results(), slots),
        _ => found.set(&[], slots),
    }
    let Some(event) = inner.event(&site, &found, id) else { return Ok(()) };
    let told = tell_each(store, &site, |store, hook| {
        let observation = store.inner.observation.as_ref();
        match observation.is_some_and(|o| o.hooks[hook].filter.has_event(&event)) {
            true => tell(store, hook, &event),
            false => Ok(()),
        }
    });
    told.map_err(|why| keep(why, error))
}

/// Tells one hook, if it does not run already.
fn tell<T: 'static>(
    store: StoreContextMut<'_, T>,
    position: usize,
    event: &Event<'_>,
) -> Result<()> {
    let Some(hook) = store.inner.listeners.take(position) else { return Ok(()) };
    let depth = store.inner.opaque.vm.depth();
    let mut telling = Telling { store, hook: Some(hook), position };
    let told = match &mut telling.hook {
        Some(hook) => hook.tell(telling.store.reborrow(), event),
        None => Ok(()),
    };
    telling.store.inner.opaque.vm.settle(depth);
    if let Some(hook) = telling.hook.take() {
        telling.store.inner.listeners.put_back(position, hook);
    }
    told
}

/// A hook that is out of the store while it is told of an event. If it panics it is kept apart: it
/// is told of nothing more, but can be taken back with what it has seen.
struct Telling<'s, T: 'static, H: IntoTold<T>> {
    store: StoreContextMut<'s, T>,
    hook: Option<H>,
    position: usize,
}

/// A boxed hook, whether its type is known or not.
trait IntoTold<T: 'static> {
    fn into_told(self) -> Box<dyn Told<T>>;
}

impl<T: 'static, H: Hook<T>> IntoTold<T> for Box<H> {
    fn into_told(self) -> Box<dyn Told<T>> {
        self
    }
}

impl<T: 'static> IntoTold<T> for Box<dyn Told<T>> {
    fn into_told(self) -> Box<dyn Told<T>> {
        self
    }
}

impl<T: 'static, H: IntoTold<T>> Drop for Telling<'_, T, H> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(hook) = self.hook.take() {
            keep_panicked(self.store.inner, self.position, hook.into_told());
        }
    }
}

#[cold]
#[inline(never)]
fn keep_panicked<T: 'static>(inner: &mut StoreInner<T>, position: usize, hook: Box<dyn Told<T>>) {
    if let Some(observation) = &mut inner.observation
        && let Some(Attached { id, .. }) = observation.hooks.get(position)
    {
        observation.panicked.push((*id, hook));
    }
}

/// Tells all who are told of a site.
fn tell_each<T: 'static, E>(
    mut store: StoreContextMut<'_, T>,
    site: &SiteAt,
    mut tell: impl FnMut(StoreContextMut<'_, T>, usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut next = site.told as usize;
    let depth = store.inner.opaque.vm.depth();
    while let Some(observation) = &store.inner.observation
        && let Some(&hook) = observation.told.get(next)
        && hook != SiteAt::END
    {
        next += 1;
        tell(store.reborrow(), hook as usize)?;
        store.inner.opaque.vm.settle(depth);
    }
    Ok(())
}

/// Leaves an error in its place. Apart, so that who may err needs no registers for it.
#[cold]
#[inline(never)]
fn keep(why: Error, error: &mut Option<Error>) -> Failed {
    *error = Some(why);
    Failed
}
