//! Who is told of what, in order.

use super::attach::{Attached, FEW, Listeners, SiteAt};
use crate::event::{Growth, Leave, MemoryAccess, Values};
use crate::store::{Notice, StoreId, StoreInner};
use crate::{Error, Event, Events, Hook, Result, StoreContextMut, Val, ValType};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_core::{Cursor, Failed, Stopping};
use burdock_translate::{Access, Point};
use burdock_types::{DataIdx, GlobalIdx, MemoryIdx, TableIdx};
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

/// What the machine has noticed, for a store to which hooks are attached.
pub(super) fn notice<T: 'static>(store: StoreContextMut<'_, T>, notice: Notice<'_>) -> Result<()> {
    match notice {
        Notice::EpochDeadline => {
            let stopped = Stopped::here(&store, false);
            let mut interrupted = StoppedGuest::new(store, stopped);
            let store = interrupted.store.reborrow();
            anywhere(store, Events::INTERRUPTS, Event::EpochDeadline)
        }
        Notice::Stopping(why, ends) => stopping(store, why, ends),
        Notice::AfterSite => after_site(store),
    }
}

/// A guest is stopped. Wherever it is, that is no site meanwhile.
fn stopping<T: 'static>(
    store: StoreContextMut<'_, T>,
    why: Stopping<'_, Error>,
    ends: bool,
) -> Result<()> {
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
    let stopped = Stopped::here(&store, matches!(event, Event::HostError(_)));
    let mut stopping = StoppedGuest::new(store, stopped);
    let told = anywhere(stopping.store.reborrow(), kind, event);
    if !ends {
        return told;
    }
    // Hooks that follow calls and returns are told of every end, even if another hook has failed
    // before.
    let unwound = unwind(stopping.store.reborrow());
    told.and(unwound)
}

/// A guest that is being stopped or interrupted while its hooks run.
#[derive(Clone, Copy)]
pub(super) struct Stopped {
    /// How many runs are outside of its own.
    pub(super) depth: usize,
    /// The frame that is being left.
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

/// Has a guest stopped as long as this is there.
struct StoppedGuest<'s, T: 'static> {
    store: StoreContextMut<'s, T>,
    /// The number of stopped guests before this one.
    before: usize,
}

impl<'s, T: 'static> StoppedGuest<'s, T> {
    fn new(store: StoreContextMut<'s, T>, stopped: Stopped) -> Self {
        let mut before = 0;
        if let Some(observation) = &mut store.inner.observation {
            before = observation.stopped.len();
            observation.stopped.push(stopped);
        }
        Self { store, before }
    }
}

impl<T: 'static> Drop for StoppedGuest<'_, T> {
    fn drop(&mut self) {
        if let Some(observation) = &mut self.store.inner.observation {
            observation.stopped.truncate(self.before);
        }
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
    fn tell_all(&mut self, plan: u32, kind: Events, offset: u32, event: &Event<'_>) -> Result<()> {
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

impl<T: 'static> Listeners<T> {
    /// Takes a hook out of the store, if it is there.
    #[inline(always)]
    fn take(&mut self, hook: usize) -> Option<Box<dyn Told<T>>> {
        self.hooks.get_mut(hook)?.take()
    }

    /// Puts it back.
    #[inline(always)]
    fn put_back(&mut self, hook: usize, taken: Box<dyn Told<T>>) {
        match self.hooks.get_mut(hook) {
            Some(place) => {
                let none = place.replace(taken);
                debug_assert!(none.is_none());
                // There is nothing to drop, and no need to look.
                core::mem::forget(none);
            }
            None => lose(taken),
        }
    }
}

/// Apart, so that what drops it is not part of every event.
#[cold]
#[inline(never)]
fn lose<H>(_: H) {}

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

/// The machine asks again, after a site's event: changes that have waited for that are made, and
/// of a return that a hook has asked for, others are told.
fn after_site<T: 'static>(mut store: StoreContextMut<'_, T>) -> Result<()> {
    let vm = &mut store.inner.opaque.vm;
    let (site, early) = (vm.parked_site(), vm.early_results().is_some());
    if let Some(observation) = &store.inner.observation
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
/// A hook has made a function return: who is told of functions is told that it does.
fn returned_early<T: 'static>(store: StoreContextMut<'_, T>, number: u32) -> Result<()> {
    let id = store.id();
    let Some(observation) = &store.inner.observation else { return Ok(()) };
    let SiteAt { plan, offset, point, .. } = observation.sites[number as usize];
    if point == Point::Return {
        return Ok(());
    }
    let ty = observation.plans[plan as usize].ty.clone();
    let slots = store.inner.opaque.vm.early_results().unwrap_or(&[]).to_vec();
    let results = Values { types: ty.results(), slots: &slots, store: id };
    let event = Event::FuncLeave(Leave::Return(results));
    Delivery::new(store).tell_all(plan, Events::FUNCS, offset, &event)
}

/// Something happens to a guest that is no matter of its code.
fn anywhere<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    kind: Events,
    event: Event<'_>,
) -> Result<()> {
    let Some(cursor) = store.opaque().vm.innermost_frame() else { return Ok(()) };
    let place = cursor.place;
    let plan =
        store.inner.observation.as_ref().and_then(|o| o.plan_for(place.instance, place.func));
    let Some(plan) = plan else { return Ok(()) };
    Delivery::new(store).tell_all(plan, kind, place.offset, &event)
}

/// A run ends without its functions' returning: who is told of functions is told of each, the
/// innermost first.
fn unwind<T: 'static>(mut store: StoreContextMut<'_, T>) -> Result<()> {
    let mut next = store.opaque().vm.innermost_frame();
    let run = next.as_ref().map(Cursor::run);
    let mut left: Vec<(u32, Cursor)> = Vec::new();
    while let Some(cursor) = next.filter(|cursor| Some(cursor.run()) == run) {
        if let (Some(version), false) = (cursor.place.version, cursor.is_entering())
            && let Some(observation) = &store.inner.observation
            && observation.versions[version as usize].told.told.has(Events::FUNCS)
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
        let event = Event::FuncLeave(Leave::Unwind);
        let place = cursor.place.offset;
        Delivery::new(left.store.reborrow()).tell_all(plan, Events::FUNCS, place, &event)?;
    }
    Ok(())
}

/// The values that an event shows, copied: hooks have the store for themselves.
pub(super) struct Found {
    few_types: [ValType; Self::FEW],
    few_slots: [u64; Self::FEW],
    many_types: Vec<ValType>,
    many_slots: Vec<u64>,
    types: usize,
    slots: usize,
}

impl Default for Found {
    fn default() -> Self {
        Self {
            few_types: [ValType::I32; Self::FEW],
            few_slots: [0; Self::FEW],
            many_types: Vec::new(),
            many_slots: Vec::new(),
            types: 0,
            slots: 0,
        }
    }
}

impl Found {
    const FEW: usize = 8;

    /// Takes values over.
    #[inline]
    pub(super) fn set(&mut self, types: &[ValType], slots: &[u64]) {
        (self.types, self.slots) = (types.len(), slots.len());
        if slots.len().max(types.len()) > Self::FEW {
            (self.many_types, self.many_slots) = (types.to_vec(), slots.to_vec());
            return;
        }
        // Not a call of `memcpy`: they are very few.
        for (to, from) in self.few_types.iter_mut().zip(types) {
            *to = *from;
        }
        for (to, from) in self.few_slots.iter_mut().zip(slots) {
            *to = *from;
        }
    }

    pub(super) fn values(&self, store: StoreId) -> Values<'_> {
        let (types, slots) = match self.slots.max(self.types) > Self::FEW {
            true => (&self.many_types[..], &self.many_slots[..]),
            false => (&self.few_types[..self.types], &self.few_slots[..self.slots]),
        };
        Values { types, slots, store }
    }
}

impl<T: 'static> StoreInner<T> {
    /// The event of a site, from the values that were found there.
    #[inline]
    fn event<'f>(&self, site: &SiteAt, found: &'f Found, store: StoreId) -> Option<Event<'f>> {
        let values = found.values(store);
        Some(match site.point {
            Point::Enter => Event::FuncEnter(values),
            Point::Return => Event::FuncLeave(Leave::Return(values)),
            Point::TailCall => Event::FuncLeave(Leave::TailCall),
            Point::Instruction | Point::Delimiter => Event::Instruction,
            Point::Loop => Event::LoopIteration,
            _ => return self.event_with_operands(site, values.slots, store),
        })
    }

    /// The event of a site that shows what its operands mean.
    #[inline(never)]
    fn event_with_operands(
        &self,
        site: &SiteAt,
        slots: &[u64],
        store: StoreId,
    ) -> Option<Event<'static>> {
        let instance = self.observation.as_ref()?.plans[site.plan as usize].instance;
        let vm = &self.opaque.vm;
        Some(match site.point {
            Point::Enter
            | Point::Return
            | Point::TailCall
            | Point::Instruction
            | Point::Delimiter
            | Point::Loop
            | Point::Returned
            | Point::Checked => return None,
            Point::Branch => Event::Branch { taken: slots[0] as u32 != 0 },
            Point::BranchTable { targets } => {
                Event::BranchTable { index: (slots[0] as u32).min(targets), targets: targets + 1 }
            }
            Point::Load(access) => {
                let (address, bytes) = self.accessed(instance, access, slots[0])?;
                let value =
                    bytes.iter().rev().fold(0, |value, byte| value << 8 | u128::from(*byte));
                Event::MemoryRead(access_event(access, address, Some(value)))
            }
            Point::Store(access) => {
                let (address, _) = self.accessed(instance, access, slots[0])?;
                let value = stored(access, &slots[1..]);
                Event::MemoryWrite(access_event(access, address, Some(value)))
            }
            Point::Fill { memory } => {
                let access = self.bulk(instance, memory, slots[0], slots[2])?;
                Event::MemoryWrite(access)
            }
            Point::Copy { memory, writes } => {
                let at = if writes { slots[0] } else { slots[1] };
                let access = self.bulk(instance, memory, at, slots[2])?;
                if writes { Event::MemoryWrite(access) } else { Event::MemoryRead(access) }
            }
            Point::Init { memory, data } => {
                let available = vm.data_bytes(instance, DataIdx(data)).len() as u64;
                if slots[1].checked_add(slots[2]).is_none_or(|end| end > available) {
                    return None;
                }
                Event::MemoryWrite(self.bulk(instance, memory, slots[0], slots[2])?)
            }
            Point::MemoryGrown { memory } => {
                let addr = vm.instance_memory(instance, MemoryIdx(memory));
                let wide = vm.memory_type(addr).index == burdock_types::IndexType::I64;
                let new = vm.memory_size(addr);
                Event::MemoryGrow(Growth { index: memory, old: old_size(slots[0], wide), new })
            }
            Point::TableGrown { table } => {
                let addr = vm.instance_table(instance, TableIdx(table));
                let wide = vm.table_type(addr).index == burdock_types::IndexType::I64;
                let new = vm.table_size(addr);
                Event::TableGrow(Growth { index: table, old: old_size(slots[0], wide), new })
            }
            Point::GlobalSet { global } => {
                let addr = vm.instance_global(instance, GlobalIdx(global));
                let halves = [slots[0], slots.get(1).copied().unwrap_or(0)];
                let value = Val::from_halves(vm.global_type(addr).content, halves, store);
                Event::GlobalSet { global, value }
            }
        })
    }

    /// Where an access goes and what lies there; `None` if it is out of bounds.
    fn accessed(
        &self,
        instance: burdock_core::InstanceAddr,
        access: Access,
        address: u64,
    ) -> Option<(u64, &[u8])> {
        let vm = &self.opaque.vm;
        let bytes = vm.memory_data(vm.instance_memory(instance, MemoryIdx(access.memory)));
        let address = address.checked_add(access.offset)?;
        let start = usize::try_from(address).ok()?;
        let bytes = bytes.get(start..start.checked_add(access.width.into())?)?;
        Some((address, bytes))
    }

    /// An access to a range; `None` if it is out of bounds.
    fn bulk(
        &self,
        instance: burdock_core::InstanceAddr,
        memory: u32,
        address: u64,
        len: u64,
    ) -> Option<MemoryAccess> {
        let vm = &self.opaque.vm;
        let available = vm.memory_data(vm.instance_memory(instance, MemoryIdx(memory))).len();
        let fits = address.checked_add(len).is_some_and(|end| end <= available as u64);
        fits.then_some(MemoryAccess { memory, address, len, value: None })
    }
}

fn access_event(access: Access, address: u64, value: Option<u128>) -> MemoryAccess {
    MemoryAccess { memory: access.memory, address, len: access.width.into(), value }
}

/// The bytes that a store writes.
fn stored(access: Access, slots: &[u64]) -> u128 {
    let value = u128::from(slots[0]) | u128::from(slots.get(1).copied().unwrap_or(0)) << 64;
    let bits = 8 * u32::from(access.width);
    let lane = access.lane.map_or(0, u32::from);
    let value = value >> (lane * bits);
    if bits < 128 { value & ((1 << bits) - 1) } else { value }
}

/// The result of `memory.grow` or `table.grow` as a size.
fn old_size(result: u64, wide: bool) -> Option<u64> {
    let failed = if wide { u64::MAX } else { u32::MAX.into() };
    (result != failed).then_some(result)
}
