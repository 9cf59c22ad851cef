//! `Counter`: counts of events, kept by the machine itself.

use super::attach::Attached;
use super::filter::Filter;
use crate::{AsContext, AsContextMut, Events, Instance, Store, StoreContextMut};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use burdock_core::InstanceAddr;
use burdock_translate::{Point, Taken};

/// A counter of events, kept without calling any code of the embedder: much cheaper than a hook.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f") (param i32)
///     (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let counter = store.count(Filter::new().events(Events::LOOPS | Events::BRANCHES));
/// instance.get_typed_func::<i32, ()>(&mut store, "f")?.call(&mut store, 5)?;
/// let [iterations, branches] = counter.counts(&store).try_into().unwrap();
/// assert_eq!((iterations.event, iterations.count), (Events::LOOPS, 5));
/// assert_eq!((branches.count, branches.taken), (5, Some(4)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Counter {
    id: u64,
}

/// The number of times that an event has happened at one place.
///
/// See [`Counter`] for an example.
#[derive(Copy, Clone, Debug)]
pub struct Count {
    /// The instance.
    pub instance: Instance,
    /// The function's index in its module, imported functions first.
    pub func_index: u32,
    /// The byte offset of the operator in the module; for [`Events::FUNCS`], that of the function's
    /// first operator.
    pub offset: u32,
    /// The event that is counted, one kind; `FUNCS` counts entries of the function.
    pub event: Events,
    /// The number of times.
    pub count: u64,
    /// The number of times that a branch was taken, for all conditional branches but `br_table`; at
    /// an `if`, the number of times that the condition held.
    pub taken: Option<u64>,
    /// The index of the clause of a `try_table` that has caught exceptions so many times; 0 for a
    /// legacy `catch`. `None` for all other events of [`Events::EXCEPTIONS`].
    pub clause: Option<u32>,
}

impl<T: 'static> Store<T> {
    /// Counts the events that the filter selects from now on: all kinds of [`Events::IN_CODE`]. An
    /// operator is counted even if it then traps.
    pub fn count(&mut self, filter: Filter) -> Counter {
        self.as_context_mut().count(filter)
    }

    /// Ends counting and returns the counts.
    pub fn stop_counting(&mut self, counter: Counter) -> Vec<Count> {
        let counts = counter.counts(&*self);
        self.as_context_mut().detach_id(counter.id);
        counts
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Counts events; see [`Store::count`]. While an event is being delivered, counting begins once
    /// that is over.
    pub fn count(&mut self, filter: Filter) -> Counter {
        let before = self.opaque().vm.counters().into();
        let events = Events::IN_CODE.intersection(filter.events);
        let attach = |id| Attached { id, events, filter, counts: Some(before) };
        Counter { id: self.attach_new(attach, None) }
    }
}

impl Counter {
    /// Returns the sum of all counts.
    pub fn total(&self, store: impl AsContext) -> u64 {
        self.counts(store).iter().map(|count| count.count).sum()
    }

    /// Returns the counts in the order of instances, functions and offsets; empty once counting has
    /// ended.
    pub fn counts(&self, store: impl AsContext) -> Vec<Count> {
        let store = store.as_context();
        let Some(observation) = &store.0.hooks.observation else { return Vec::new() };
        let attached = observation.hooks.iter().position(|hook| hook.id == self.id);
        let Some(position) = attached else { return Vec::new() };
        let Attached { filter, counts: Some(before), .. } = &observation.hooks[position] else {
            return Vec::new();
        };
        let cells = store.0.opaque.vm.counters();
        let since = |cell: u32| {
            let cell = cell as usize;
            cells[cell] - before.get(cell).copied().unwrap_or(0)
        };
        // Code of a function may have been made more than once: its counts are added up.
        let mut counts: BTreeMap<(InstanceAddr, u32, u32, u32, Option<u32>), Count> =
            BTreeMap::new();
        for version in &observation.versions {
            let plan = &observation.plans[version.plan as usize];
            let wanted = plan.hooks.iter().find(|(hook, _)| *hook == position);
            let Some((_, events)) = wanted else { continue };
            for counted in &version.sites.counted {
                let event = counted.point.kind();
                if !events.contains(event) || !filter.has_offset(event, counted.offset) {
                    continue;
                }
                let clause = match counted.point {
                    Point::Catch { clause, .. } => Some(clause),
                    _ => None,
                };
                let key = (plan.instance, plan.func.0, counted.offset, event.order(), clause);
                let count = counts.entry(key).or_insert(Count {
                    instance: Instance::from_addr(store.0.opaque.id(), plan.instance),
                    func_index: plan.func.0,
                    offset: counted.offset,
                    event,
                    count: 0,
                    taken: None,
                    clause,
                });
                count.count += since(counted.cell);
                let times = since(counted.cell);
                if let Some(taken) = counted.taken {
                    *count.taken.get_or_insert(0) += match taken {
                        Taken::If(cell) => since(cell),
                        Taken::Unless(cell) => times - since(cell),
                    };
                }
            }
        }
        counts.into_values().collect()
    }
}
