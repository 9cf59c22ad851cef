//! Watchpoints: hooks on the accesses to watched bytes.

use super::debuggee::{Space, Watch};
use super::handler::{Shared, lock};
use burdock::{
    Event, Events, Filter, Frame, Hook, HookId, Instance, Memory, Result, StoreContextMut,
    format_err,
};
use std::sync::Arc;

/// The watchpoints of a store.
pub(super) struct Watches<T: 'static> {
    set: Vec<(Watch, HookId<Watcher<T>>)>,
    /// The access after which the guest stops next.
    hit: Option<(Watch, u64)>,
}

impl<T> Default for Watches<T> {
    fn default() -> Self {
        Self { set: Vec::new(), hit: None }
    }
}

impl<T: 'static> Watches<T> {
    /// Takes the access that has happened since the last stop.
    pub(super) fn take_hit(&mut self) -> Option<(Watch, u64)> {
        self.hit.take()
    }

    pub(super) fn set(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        shared: &Arc<Shared<T>>,
        watch: Watch,
        memory: Memory,
    ) {
        let mut events = Events::NONE;
        if watch.access.reads() {
            events = events.union(Events::MEMORY_READS);
        }
        if watch.access.writes() {
            events = events.union(Events::MEMORY_WRITES).union(Events::HOST_CALLS);
        }
        let filter = Filter::new().events(events).memory_in(memory, watch.addresses.clone());
        let shared = shared.clone();
        let watcher = Watcher { shared, watch: watch.clone(), memory, before: Vec::new() };
        let hook = store.attach(filter, watcher);
        self.set.push((watch, hook));
    }

    pub(super) fn remove(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        watch: &Watch,
    ) -> Result<()> {
        let known = self.set.iter().position(|(own, _)| own == watch);
        let known = known.ok_or_else(|| format_err!("there is no such watchpoint"))?;
        let (_, hook) = self.set.remove(known);
        store.detach(hook);
        Ok(())
    }

    pub(super) fn clear(&mut self, store: &mut StoreContextMut<'_, T>) {
        for (_, hook) in self.set.drain(..) {
            store.detach(hook);
        }
        self.hit = None;
    }
}

/// Returns a memory of a stopped guest with these frames.
pub(super) fn memory<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    frames: &[Frame],
    space: Space,
) -> Result<Memory> {
    let first = |frames: &[Frame]| {
        let of = |instance: Instance| instance.debug_memory(&*store, 0);
        frames.iter().find_map(|frame| of(frame.instance()))
    };
    let found = match space {
        Space::Current => first(frames),
        Space::Frame(number) => first(frames.get(number..).unwrap_or_default()),
        Space::Memory(number) => store.debug_all_memories().get(number as usize).copied(),
    };
    found.ok_or_else(|| format_err!("there is no such memory"))
}

/// The hook of a watchpoint.
pub(super) struct Watcher<T: 'static> {
    shared: Arc<Shared<T>>,
    watch: Watch,
    memory: Memory,
    /// The watched bytes before each host call in progress.
    before: Vec<Vec<u8>>,
}

impl<T: 'static> Hook<T> for Watcher<T> {
    const EVENTS: Events =
        Events::MEMORY_READS.union(Events::MEMORY_WRITES).union(Events::HOST_CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        match event {
            Event::MemoryRead(access) | Event::MemoryWrite(access) => {
                let address = access.address.max(self.watch.addresses.start);
                return self.hit(&mut store, address);
            }
            Event::HostEnter(_) => {
                let bytes = self.bytes(&mut store);
                self.before.push(bytes);
            }
            Event::HostLeave(..) => {
                let (before, after) = (self.before.pop(), self.bytes(&mut store));
                let before = before.unwrap_or_default();
                let changed = before.iter().zip(&after).position(|(before, after)| before != after);
                if let Some(at) = changed {
                    let address = self.watch.addresses.start + at as u64;
                    return self.hit(&mut store, address);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl<T: 'static> Watcher<T> {
    /// Returns the watched bytes.
    fn bytes(&self, store: &mut StoreContextMut<'_, T>) -> Vec<u8> {
        let data = self.memory.data(&*store);
        let at = |address: u64| usize::try_from(address).unwrap_or(usize::MAX).min(data.len());
        let addresses = &self.watch.addresses;
        data[at(addresses.start)..at(addresses.end)].to_vec()
    }

    /// Stops the guest at the operator behind an access.
    fn hit(&mut self, store: &mut StoreContextMut<'_, T>, address: u64) -> Result<()> {
        let mut control = lock(&self.shared.control);
        // Of several accesses of one operator, the first is reported.
        control.watches.hit.get_or_insert_with(|| (self.watch.clone(), address));
        let Some(frame) = store.frame() else { return Ok(()) };
        let module = frame.module(&*store).clone();
        let func = frame.func_index();
        match store.edit_breakpoints() {
            Some(mut edit) => edit.single_step_in(&module, func, true),
            None => Ok(()),
        }
    }
}
