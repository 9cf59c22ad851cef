//! Events that happen at no site: a guest stops or is interrupted, or a site's event is over.

use super::deliver::Delivery;
use super::version::SiteAt;
use crate::event::{Leave, Values};
use crate::store::Notice;
use crate::{Error, Event, Events, Result, StoreContextMut, ThrownException};
use alloc::vec::Vec;
use burdock_core::{Cursor, Stopping};
use burdock_translate::Point;

/// Delivers what the machine has noticed.
pub(super) fn notice<T: 'static>(store: StoreContextMut<'_, T>, notice: Notice<'_>) -> Result<()> {
    match notice {
        Notice::EpochDeadline => {
            let stopped = Stopped::here(&store, false);
            let mut interrupted = StoppedGuest::new(store, stopped);
            let store = interrupted.store.reborrow();
            anywhere(store, Events::INTERRUPTS, Event::EpochDeadline)
        }
        Notice::Interrupt => {
            let stopped = Stopped::here(&store, false);
            let mut interrupted = StoppedGuest::new(store, stopped);
            let store = interrupted.store.reborrow();
            anywhere(store, Events::INTERRUPTS, Event::Interrupt)
        }
        Notice::Stopping(why, ends) => stopping(store, why, ends),
        Notice::AfterSite => after_site(store),
        Notice::Throwing(by_host_call) => {
            let stopped = Stopped::here(&store, by_host_call);
            let mut throwing = StoppedGuest::new(store, stopped);
            Delivery::new(throwing.store.reborrow()).deliver_exception()
        }
        Notice::Unwinding(frames) => {
            let stopped = Stopped::here(&store, false);
            let mut left = StoppedGuest::new(store, stopped);
            unwind(left.store.reborrow(), frames, Leave::Exception)
        }
        Notice::Collected => collected(store),
        Notice::CollectedInGuest => {
            let stopped = Stopped::here(&store, false);
            let mut allocating = StoppedGuest::new(store, stopped);
            collected(allocating.store.reborrow())
        }
        Notice::HeapGrown(old, new) => heap_grown(store, old, new),
        Notice::HeapGrownInGuest(old, new) => {
            let stopped = Stopped::here(&store, false);
            let mut allocating = StoppedGuest::new(store, stopped);
            heap_grown(allocating.store.reborrow(), old, new)
        }
    }
}

/// Delivers the stop of a guest, then the end of its functions if its calls end. Meanwhile the
/// guest's position does not count as a site.
fn stopping<T: 'static>(
    store: StoreContextMut<'_, T>,
    why: Stopping<'_, Error>,
    ends: bool,
) -> Result<()> {
    if matches!(why, Stopping::Trap(_)) {
        store.inner.bring_home();
    }
    let (kind, event) = match why {
        Stopping::Trap(trap) => (Events::TRAPS, Event::Trap(trap)),
        Stopping::Error(error) => (
            Events::TRAPS,
            match error.downcast_ref() {
                Some(trap) => Event::Trap(*trap),
                None => Event::HostError(error),
            },
        ),
        Stopping::OutOfFuel => (Events::INTERRUPTS, Event::OutOfFuel),
    };
    let leave = match event {
        Event::HostError(error) if error.is::<ThrownException>() => Leave::Exception,
        _ => Leave::Unwind,
    };
    let stopped = Stopped::here(&store, matches!(event, Event::HostError(_)));
    let mut stopping = StoppedGuest::new(store, stopped);
    let result = anywhere(stopping.store.reborrow(), kind, event);
    if !ends {
        return result;
    }
    // Hooks that follow calls and returns get every end, even if another hook has failed
    // before.
    let unwound = unwind(stopping.store.reborrow(), usize::MAX, leave);
    result.and(unwound)
}

/// A guest that is being stopped or interrupted while its hooks run.
#[derive(Clone, Copy)]
pub(super) struct Stopped {
    /// The number of runs outside of its own.
    pub(super) depth: usize,
    /// The frame whose end is delivered.
    pub(super) leaving: Option<Cursor>,
    /// `true` if the guest is stopped because a host function that it called returned an error.
    pub(super) by_host_call: bool,
}

impl Stopped {
    /// Returns an entry for the innermost guest.
    fn here<T: 'static>(store: &StoreContextMut<'_, T>, by_host_call: bool) -> Self {
        Self { depth: store.inner.opaque.vm.depth(), leaving: None, by_host_call }
    }
}

/// Marks a guest as stopped as long as this value lives.
struct StoppedGuest<'s, T: 'static> {
    store: StoreContextMut<'s, T>,
    /// The number of stopped guests before this one.
    before: usize,
}

impl<'s, T: 'static> StoppedGuest<'s, T> {
    fn new(store: StoreContextMut<'s, T>, stopped: Stopped) -> Self {
        let mut before = 0;
        if let Some(observation) = &mut store.inner.hooks.observation {
            before = observation.stopped.len();
            observation.stopped.push(stopped);
        }
        Self { store, before }
    }
}

impl<T: 'static> Drop for StoppedGuest<'_, T> {
    fn drop(&mut self) {
        if let Some(observation) = &mut self.store.inner.hooks.observation {
            observation.stopped.truncate(self.before);
        }
    }
}

/// Makes the changes that have waited for the end of a site's event, and delivers the return that a
/// hook has requested.
fn after_site<T: 'static>(mut store: StoreContextMut<'_, T>) -> Result<()> {
    let vm = &mut store.inner.opaque.vm;
    let (site, early) = (vm.parked_site(), vm.early_results().is_some());
    if let Some(observation) = &store.inner.hooks.observation
        && observation.has_changes()
    {
        if observation.delivering == 0 && vm.runs_at_sites() == 1 {
            store.apply_changes();
        } else {
            vm.ask_to_follow();
        }
    }
    match site {
        Some(site) if early => returned_early(store, site),
        _ => Ok(()),
    }
}

/// Delivers the return that a hook has requested.
fn returned_early<T: 'static>(store: StoreContextMut<'_, T>, number: u32) -> Result<()> {
    let Some(observation) = &store.inner.hooks.observation else { return Ok(()) };
    let SiteAt { plan, offset, point, .. } = observation.sites[number as usize];
    if point == Point::Return {
        return Ok(());
    }
    let ty = observation.plans[plan as usize].ty.clone();
    let slots = store.inner.opaque.vm.early_results().unwrap_or(&[]).to_vec();
    let passing = store.inner.opaque.passing();
    let results = Values { types: ty.results(), slots: &slots, passing };
    let event = Event::FuncLeave(Leave::Return(results));
    Delivery::new(store).deliver_all(plan, Events::FUNCS, offset, &event)
}

/// Delivers an event that happens at no site, in the innermost guest.
fn anywhere<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    kind: Events,
    event: Event<'_>,
) -> Result<()> {
    let Some(cursor) = store.opaque().vm.innermost_frame() else { return Ok(()) };
    let place = cursor.place;
    let plan =
        store.inner.hooks.observation.as_ref().and_then(|o| o.plan_for(place.instance, place.func));
    let Some(plan) = plan else { return Ok(()) };
    Delivery::new(store).deliver_all(plan, kind, place.offset, &event)
}

/// Delivers the collections of garbage that have not been delivered, to hooks of the whole store.
fn collected<T: 'static>(store: StoreContextMut<'_, T>) -> Result<()> {
    let mut delivery = Delivery::new(store);
    while let Some(report) = delivery.store.opaque().vm.take_report() {
        delivery.deliver_in_store(Events::COLLECTIONS, &Event::Collected(report.into()))?;
    }
    Ok(())
}

/// Delivers that the heap has grown, to hooks of the whole store.
fn heap_grown<T: 'static>(store: StoreContextMut<'_, T>, old: u64, new: u64) -> Result<()> {
    Delivery::new(store).deliver_in_store(Events::GROWTH, &Event::HeapGrow { old, new })
}

/// Delivers the end of each of the innermost functions of a run, at most `frames`, which do not
/// return but are left in this way. The innermost comes first.
fn unwind<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    mut frames: usize,
    leave: Leave<'_>,
) -> Result<()> {
    let mut next = store.opaque().vm.innermost_frame();
    let run = next.as_ref().map(Cursor::run);
    let mut left: Vec<(u32, Cursor)> = Vec::new();
    while let Some(cursor) = next.filter(|cursor| frames > 0 && Some(cursor.run()) == run) {
        frames -= 1;
        if let (Some(version), false) = (cursor.place.version, cursor.is_entering())
            && let Some(observation) = &store.inner.hooks.observation
            && observation.versions[version as usize].observed.delivered.has(Events::FUNCS)
            && !observation.versions[version as usize].has_been_left(&cursor)
        {
            left.push((observation.versions[version as usize].plan, cursor));
        }
        next = store.opaque().vm.caller_frame(&cursor);
    }
    let depth = store.inner.opaque.vm.depth();
    let mut delivery = Delivery::new(store);
    for (plan, cursor) in left {
        let stopped = Stopped { depth, leaving: Some(cursor), by_host_call: false };
        let mut left = StoppedGuest::new(delivery.store.reborrow(), stopped);
        let event = Event::FuncLeave(leave);
        let place = cursor.place.offset;
        Delivery::new(left.store.reborrow()).deliver_all(plan, Events::FUNCS, place, &event)?;
    }
    Ok(())
}
