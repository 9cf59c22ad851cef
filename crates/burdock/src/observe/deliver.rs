//! Who is told of what, in order.

use crate::event::{Growth, Leave, MemoryAccess, Values};
use crate::store::{Notice, StoreId, StoreInner};
use crate::{Event, Events, Hook, Result, StoreContextMut, Val, ValType};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_core::{Cursor, Stopping};
use burdock_translate::{Access, Point};
use burdock_types::{DataIdx, GlobalIdx, MemoryIdx, TableIdx};
use core::any::Any;

/// A hook without its type.
pub(super) trait Told<T: 'static>: Send + Sync {
    fn tell(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: 'static, H: Hook<T>> Told<T> for H {
    fn tell(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        self.event(store, event)
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
        Notice::Site(site) => at_site(store, site),
        Notice::EpochDeadline => anywhere(store, Events::INTERRUPTS, Event::EpochDeadline),
        Notice::Stopping(why, ends) => {
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
            let mut store = store;
            let told = anywhere(store.reborrow(), kind, event);
            if ends { told.and(unwind(store)) } else { told }
        }
    }
}

/// The delivery of one event: changes wait until the outermost one is over.
pub(super) struct Delivery<'s, T: 'static> {
    pub(super) store: StoreContextMut<'s, T>,
    before: Option<Here>,
}

/// Where the event happens that is being delivered.
#[derive(Clone, Copy)]
pub(super) enum Here {
    /// At a site of this number, in the innermost frame of so many runs.
    Site(u32, usize),
    /// In a frame that is being left.
    Frame(Cursor),
}

impl<'s, T: 'static> Delivery<'s, T> {
    pub(super) fn new(store: StoreContextMut<'s, T>, here: Option<Here>) -> Self {
        let mut before = None;
        if let Some(observation) = &mut store.inner.observation {
            observation.delivering += 1;
            before = core::mem::replace(&mut observation.here, here);
        }
        Self { store, before }
    }

    /// Tells one hook, if it does not run already. It is out of the store meanwhile: a panic in
    /// it loses it.
    #[inline]
    pub(super) fn tell(&mut self, hook: usize, event: Event<'_>) -> Result<()> {
        let taken = self.attached(hook).and_then(|attached| attached.take());
        let Some(mut taken) = taken else { return Ok(()) };
        let result = taken.tell(self.store.reborrow(), event);
        if let Some(place) = self.attached(hook) {
            *place = Some(taken);
        }
        result
    }

    fn attached(&mut self, hook: usize) -> Option<&mut Option<Box<dyn Told<T>>>> {
        let observation = self.store.inner.observation.as_mut()?;
        observation.hooks.get_mut(hook).map(|attached| &mut attached.hook)
    }

    /// Tells all who are told of events of a kind in a function.
    fn tell_all(&mut self, plan: u32, kind: Events, offset: u32, event: Event<'_>) -> Result<()> {
        let mut next = 0;
        while let Some((hook, events)) = self.told(plan, next) {
            next += 1;
            if events.intersects(kind) && self.wants(hook, kind, offset, &event) {
                self.tell(hook, event)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn told(&self, plan: u32, next: usize) -> Option<(usize, Events)> {
        let observation = self.store.inner.observation.as_ref()?;
        observation.plans[plan as usize].told.get(next).copied()
    }

    /// Whether a hook's filter has the event's operator and addresses.
    fn wants(&self, hook: usize, kind: Events, offset: u32, event: &Event<'_>) -> bool {
        let Some(observation) = &self.store.inner.observation else { return false };
        let filter = &observation.hooks[hook].filter;
        filter.has_offset(kind, offset)
            && match event {
                Event::MemoryRead(access) | Event::MemoryWrite(access) => {
                    filter.has_access(access.address, access.len)
                }
                _ => true,
            }
    }
}

impl<T: 'static> Drop for Delivery<'_, T> {
    fn drop(&mut self) {
        let Some(observation) = &mut self.store.inner.observation else { return };
        observation.delivering -= 1;
        observation.here = self.before;
        if observation.delivering == 0 {
            self.store.apply_changes();
        }
    }
}

/// A guest has arrived at a site.
fn at_site<T: 'static>(store: StoreContextMut<'_, T>, number: u32) -> Result<()> {
    let id = store.id();
    let mut found = Found::default();
    let Some((plan, offset, point)) = store.inner.find(number, &mut found) else {
        return Ok(());
    };
    let Some(event) = store.inner.event(plan, point, &found, id) else { return Ok(()) };
    let here = Here::Site(number, store.inner.opaque.vm.depth());
    let mut delivery = Delivery::new(store, Some(here));
    delivery.tell_all(plan, point.kind(), offset, event)?;
    let resume = delivery.store.opaque().vm.resume();
    if point != Point::Return && matches!(resume, burdock_core::Resume::Return { .. }) {
        return returned_early(&mut delivery, plan, offset);
    }
    Ok(())
}

/// A hook has made a function return: who is told of functions is told that it does.
fn returned_early<T: 'static>(
    delivery: &mut Delivery<'_, T>,
    plan: u32,
    offset: u32,
) -> Result<()> {
    let id = delivery.store.id();
    let inner = &mut delivery.store.inner;
    let Some(observation) = &inner.observation else { return Ok(()) };
    let ty = observation.plans[plan as usize].ty.clone();
    let Some(cursor) = inner.opaque.vm.innermost_frame() else { return Ok(()) };
    let slots = inner.opaque.vm.frame_slots(&cursor, 0, ty.result_slots() as usize).to_vec();
    let results = Values { types: ty.results(), slots: &slots, store: id };
    let event = Event::FuncLeave(Leave::Return(results));
    delivery.tell_all(plan, Events::FUNCS, offset, event)
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
    Delivery::new(store, None).tell_all(plan, kind, place.offset, event)
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
        {
            left.push((observation.versions[version as usize].plan, cursor));
        }
        next = store.opaque().vm.caller_frame(&cursor);
    }
    let mut delivery = Delivery::new(store, None);
    for (plan, cursor) in left {
        if let Some(observation) = &mut delivery.store.inner.observation {
            observation.here = Some(Here::Frame(cursor));
        }
        let event = Event::FuncLeave(Leave::Unwind);
        delivery.tell_all(plan, Events::FUNCS, cursor.place.offset, event)?;
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
    pub(super) fn set(&mut self, types: &[ValType], slots: &[u64]) {
        (self.types, self.slots) = (types.len(), slots.len());
        match self.few_types.get_mut(..types.len()) {
            Some(few) => few.copy_from_slice(types),
            None => self.many_types = types.to_vec(),
        }
        match self.few_slots.get_mut(..slots.len()) {
            Some(few) => few.copy_from_slice(slots),
            None => self.many_slots = slots.to_vec(),
        }
    }

    pub(super) fn values(&self, store: StoreId) -> Values<'_> {
        let types = self.few_types.get(..self.types).unwrap_or(&self.many_types);
        let slots = self.few_slots.get(..self.slots).unwrap_or(&self.many_slots);
        Values { types, slots, store }
    }
}

impl<T: 'static> StoreInner<T> {
    /// The site of a number: its function's plan, offset and point; copies the values of its event.
    fn find(&mut self, number: u32, found: &mut Found) -> Option<(u32, u32, Point)> {
        let observation = self.observation.as_ref()?;
        let (version, index) = *observation.sites.get(number as usize)?;
        let version = &observation.versions[version as usize];
        let site = &version.sites.sites[index as usize];
        let plan = &observation.plans[version.plan as usize];
        if plan.told.is_empty() {
            return None;
        }
        let vm = &self.opaque.vm;
        let frame = vm.parked_frame();
        let top = |count: u32| {
            let end = version.sites.end(site);
            vm.parked_slots(frame, end.saturating_sub(count) as usize, count as usize)
        };
        match site.point {
            Point::Enter => {
                let slots = vm.parked_slots(frame, 0, plan.ty.param_slots() as usize);
                found.set(plan.ty.params(), slots);
            }
            Point::Return => found.set(plan.ty.results(), top(plan.ty.result_slots())),
            Point::TailCall | Point::Instruction | Point::Loop => {}
            Point::Branch | Point::BranchTable { .. } | Point::Load(_) => found.set(&[], top(1)),
            Point::MemoryGrown { .. } | Point::TableGrown { .. } => found.set(&[], top(1)),
            Point::Store(_) | Point::GlobalSet { .. } => {
                let ty = version.sites.top(site)?;
                let address = u32::from(matches!(site.point, Point::Store(_)));
                found.set(&[ty], top(address + u32::from(ty.slots())));
            }
            Point::Fill { .. } | Point::Copy { .. } | Point::Init { .. } => found.set(&[], top(3)),
        }
        Some((version.plan, site.offset, site.point))
    }

    /// The event of a site, from the values that were found there.
    fn event<'f>(
        &self,
        plan: u32,
        point: Point,
        found: &'f Found,
        store: StoreId,
    ) -> Option<Event<'f>> {
        let values = found.values(store);
        let slots = values.slots;
        let instance = self.observation.as_ref()?.plans[plan as usize].instance;
        let vm = &self.opaque.vm;
        Some(match point {
            Point::Enter => Event::FuncEnter(values),
            Point::Return => Event::FuncLeave(Leave::Return(values)),
            Point::TailCall => Event::FuncLeave(Leave::TailCall),
            Point::Instruction => Event::Instruction,
            Point::Loop => Event::LoopIteration,
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
