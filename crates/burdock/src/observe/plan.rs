//! Plans: which hooks observe which events in a function of an instance.

use super::attach::Attached;
use super::filter::names_of;
use super::observation::Observation;
use super::{deliver, hosts, stop};
use crate::store::StoreId;
use crate::{Events, Instance, Memory, Module, StoreContextMut};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{InstanceAddr, WatchedRange};
use burdock_translate::{Accesses, Known, Observe};
use burdock_types::{FuncIdx, FuncType, MemoryIdx};
use hashbrown::HashMap;

/// The observation of one function of one instance.
pub(super) struct Plan {
    pub(super) instance: InstanceAddr,
    pub(super) func: FuncIdx,
    pub(super) module: Module,
    pub(super) ty: Arc<FuncType>,
    /// The positions of its hooks, in order, with the events that each wants.
    pub(super) hooks: Vec<(usize, Events)>,
    /// The events that the hooks want together.
    pub(super) wanted: Observe,
    /// The versions of the code, by the events for which they were made.
    pub(super) versions: HashMap<Observe, u32>,
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Recomputes what is observed, and gives every function the code for it.
    pub(super) fn update_observation(&mut self) {
        self.inner.vtable.at_site = deliver::at_site::<T>;
        self.inner.vtable.notice = stop::notice::<T>;
        self.inner.vtable.instantiated = instantiated::<T>;
        self.inner.choose_vtable();
        let store = self.id();
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        let reports = |hook: &Attached| hook.events.contains(Events::COLLECTIONS);
        self.inner.opaque.vm.report_collections(observation.hooks.iter().any(reports));
        let watched = observation.watched(store);
        self.inner.opaque.vm.watch(watched);
        for plan in &mut observation.plans {
            plan.hooks.clear();
        }
        for plan in &mut observation.hosts {
            plan.forget();
        }
        let instances: Vec<InstanceAddr> = self.inner.opaque.vm.instances().collect();
        for instance in instances {
            self.observe_instance(instance);
        }
        hosts::put_back(self);
        self.inner.find_listeners();
    }

    /// Gives functions whose breakpoints have changed the code for these.
    pub(super) fn update_breakpoints(&mut self, changed: &[(Module, u32)]) {
        let instances: Vec<InstanceAddr> = self.inner.opaque.vm.instances().collect();
        let mut plans = Vec::new();
        for instance in instances {
            let module = self.inner.opaque.instance(instance).module.clone();
            for (_, func) in changed.iter().filter(|(own, _)| Module::same(own, &module)) {
                let Some(observation) = &self.inner.hooks.observation else { return };
                let Some(number) = observation.plan_for(instance, FuncIdx(*func)) else { continue };
                let hooks = observation.plans[number as usize].hooks.clone();
                self.plan(instance, &module, FuncIdx(*func), hooks);
                plans.push(number);
            }
        }
        self.inner.find_listeners_of(&plans);
    }

    /// Gives the functions of an instance the code for the attached hooks.
    fn observe_instance(&mut self, instance: InstanceAddr) {
        let id = self.id();
        let module = self.inner.opaque.instance(instance).module.clone();
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        let handle = Instance::from_addr(id, instance);
        let concerned = |hook: &&Attached| hook.filter.has_instance(&handle);
        let hooks = || observation.hooks.iter().filter(concerned);
        let in_code = Events::IN_CODE.union(Events::TRAPS).union(Events::INTERRUPTS);
        if hooks().any(|hook| hook.events.intersects(Events::HOST_CALLS)) {
            hosts::observe_imports(self, instance, &module);
        }
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        let wanted =
            |hook: &Attached| hook.filter.has_instance(&handle) && hook.events.intersects(in_code);
        let debugged = observation.breakpoints.is_some();
        let unobserved = !debugged && !observation.hooks.iter().any(wanted);
        if unobserved && observation.plans.is_empty() {
            return;
        }
        let names = names_of(&module);
        let imported = module.def().imported_funcs;
        for (index, names) in (imported..).zip(&names[imported as usize..]) {
            let Some(observation) = &self.inner.hooks.observation else { return };
            let fits = |hook: &Attached| wanted(hook) && hook.filter.has_func(index, names.iter());
            let hooks: Vec<(usize, Events)> = observation
                .hooks
                .iter()
                .enumerate()
                .filter(|(_, hook)| fits(hook))
                .map(|(position, hook)| (position, hook.events))
                .collect();
            self.plan(instance, &module, FuncIdx(index), hooks);
        }
    }

    /// Gives one function the code that delivers what these hooks want.
    fn plan(
        &mut self,
        instance: InstanceAddr,
        module: &Module,
        func: FuncIdx,
        hooks: Vec<(usize, Events)>,
    ) {
        let id = self.id();
        let vm = &self.inner.opaque.vm;
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        let key = (instance, func);
        let number = match observation.plan_of.get(&key) {
            Some(number) => *number,
            None if hooks.is_empty() && observation.breakpoints.is_none() => return,
            None => observation.add_plan(instance, module, func),
        };
        let body = module.body(func);
        let mut wanted = Observe::default();
        for (hook, events) in &hooks {
            let Attached { filter, counts, .. } = &observation.hooks[*hook];
            let kinds = if counts.is_some() { &mut wanted.counted } else { &mut wanted.delivered };
            if let Some(points) = &filter.breakpoints {
                if points.steps_in(module, func.0) {
                    kinds.add(Events::INSTRUCTIONS, None);
                } else {
                    let own = points.in_module(module).filter(|offset| body.contains(offset));
                    own.for_each(|offset| kinds.add(Events::INSTRUCTIONS, Some(offset)));
                }
                wanted.delimiters |= wanted.delivered.has(Events::INSTRUCTIONS);
                continue;
            }
            if filter.offsets.is_empty() {
                kinds.add(*events, None);
            } else {
                kinds.add(events.intersection(Events::FUNCS), None);
            }
            for offset in filter.offsets.range(body.clone()) {
                kinds.add(*events, Some(*offset));
            }
        }
        if wanted.delivered.kinds().intersects(Events::MEMORY) {
            let memories: Vec<Memory> = (0..module.def().memories.len())
                .map(|index| vm.instance_memory(instance, MemoryIdx(index as u32)))
                .map(|addr| Memory::from_addr(id, addr))
                .collect();
            wanted.accesses = observation.accesses(&hooks, &memories);
        }
        wanted.known = known(&wanted, observation.breakpoints.is_some());
        if wanted.accesses.are_watched() {
            self.inner.opaque.vm.keep_registers();
        }
        let plan = &mut observation.plans[number as usize];
        plan.hooks = hooks;
        if plan.wanted == wanted {
            return;
        }
        plan.wanted = wanted;
        self.inner.use_code(number, module);
    }
}

/// Returns the places at which the values of a frame have to be known for hooks, of which one may
/// be a debugger's.
fn known(wanted: &Observe, debugged: bool) -> Known {
    let kinds = wanted.delivered.kinds();
    let is_ordinary = match wanted.accesses.are_watched() {
        true => Events::MEMORY.contains(kinds),
        false => debugged && kinds.is_empty(),
    };
    match (is_ordinary, debugged) {
        (true, _) => Known::AtStops,
        (false, true) => Known::AtOperators,
        (false, false) => Known::AtSites,
    }
}

impl<T: 'static> Observation<T> {
    /// Returns the accesses that these hooks want, in an instance with these memories.
    fn accesses(&self, hooks: &[(usize, Events)], memories: &[Memory]) -> Accesses {
        let wants = |own: &&(usize, Events)| own.1.intersects(Events::MEMORY);
        let hooks = hooks.iter().filter(wants).map(|(hook, _)| &self.hooks[*hook]);
        let filters = hooks.filter(|hook| hook.counts.is_none()).map(|hook| &hook.filter);
        let none = Accesses::Watched(BTreeSet::new());
        filters.map(|filter| filter.accesses(memories)).fold(none, |all, own| match (all, own) {
            (Accesses::All, _) | (_, Accesses::All) => Accesses::All,
            (Accesses::Watched(a), Accesses::Watched(b)) => Accesses::Watched(&a | &b),
        })
    }

    /// Returns the ranges of addresses at which all accesses begin that hooks want.
    fn watched(&self, store: StoreId) -> Vec<WatchedRange> {
        let wanted =
            |hook: &&Attached| hook.counts.is_none() && hook.events.intersects(Events::MEMORY);
        self.hooks.iter().filter(wanted).flat_map(|hook| hook.filter.watched(store)).collect()
    }

    /// Adds a plan without hooks. Returns its number.
    fn add_plan(&mut self, instance: InstanceAddr, module: &Module, func: FuncIdx) -> u32 {
        let number = self.plans.len() as u32;
        self.plans.push(Plan {
            instance,
            func,
            module: module.clone(),
            ty: Arc::new(module.def().func_type(func).clone()),
            hooks: Vec::new(),
            wanted: Observe::default(),
            versions: HashMap::new(),
        });
        self.plan_of.insert((instance, func), number);
        number
    }

    /// Returns the number of a function's plan.
    pub(super) fn plan_for(&self, instance: InstanceAddr, func: FuncIdx) -> Option<u32> {
        self.plan_of.get(&(instance, func)).copied()
    }
}

/// Observes a new instance like those before it.
fn instantiated<T: 'static>(store: &mut StoreContextMut<'_, T>, instance: InstanceAddr) {
    store.observe_instance(instance);
    store.inner.find_listeners();
}
