//! Attaching and detaching hooks, and the code that follows from what is attached.

use super::Filter;
use super::code::translate;
use super::deliver::{self, Stopped, Told};
use super::filter::names_of;
use super::hosts::{self, HostPlan};
use crate::debug::Breakpoints;
use crate::store::StoreInner;
use crate::{Events, Hook, Instance, Module, Result, Store, StoreContext, StoreContextMut};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{Cursor, FuncAddr, InstanceAddr, Place};
use burdock_translate::{Observe, Point, Site, Sites};
use burdock_types::{FuncIdx, FuncType, ValType};
use core::any::Any;
use core::marker::PhantomData;
use hashbrown::HashMap;

/// An attached hook of type `H`, in the store to which it was attached.
pub struct HookId<H> {
    pub(super) id: u64,
    hook: PhantomData<fn() -> H>,
}

impl<H> HookId<H> {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl<H> Copy for HookId<H> {}

impl<H> Clone for HookId<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H> core::fmt::Debug for HookId<H> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("HookId").field(&self.id).finish()
    }
}

/// A hook that is attached.
pub(super) struct Attached {
    pub(super) id: u64,
    pub(super) events: Events,
    pub(super) filter: Filter,
    /// Of a counter, what the cells held when it was attached.
    pub(super) counts: Option<Box<[u64]>>,
}

/// Everything that is observed in a store.
pub(crate) struct Observation<T: 'static> {
    /// In the order in which they were attached, which is the order in which they are told.
    pub(super) hooks: Vec<Attached>,
    next: u64,
    /// How many events are being delivered that are none of sites, each within the one before.
    pub(super) delivering: u32,
    /// Changes that wait for that to be over.
    later: Vec<Change<T>>,
    /// Functions, each with who is told of what.
    pub(super) plans: Vec<Plan>,
    plan_of: HashMap<(InstanceAddr, FuncIdx), u32>,
    /// By the number that the machine gave the code.
    pub(super) versions: Vec<Version>,
    /// By their numbers.
    pub(super) sites: Vec<SiteAt>,
    /// Lists of who is told of sites: positions in `hooks`, in order, with `END` at the end.
    pub(super) told: Vec<u32>,
    /// Host functions that are, or were, observed.
    pub(super) hosts: Vec<HostPlan>,
    pub(super) host_of: HashMap<FuncAddr, usize>,
    /// Where guests stop for a debugger. Once there is one, the values of all functions are known
    /// at all times.
    breakpoints: Option<Breakpoints>,
    /// The debugger's hook.
    debugger: Option<u64>,
    /// Guests that are being stopped or interrupted while their hooks run, the outermost first.
    pub(super) stopped: Vec<Stopped>,
    /// Hooks that have panicked, by their ids. They are told of nothing more, but what they have
    /// seen can still be had.
    pub(super) panicked: Vec<(u64, Box<dyn Told<T>>)>,
}

enum Change<T: 'static> {
    /// No hook: a counter.
    Attach(Attached, Option<Box<dyn Told<T>>>),
    Detach(u64),
    /// Of this hook, if it is still there.
    Breakpoints(u64, Breakpoints),
}

/// What is observed in one function of one instance.
pub(super) struct Plan {
    pub(super) instance: InstanceAddr,
    pub(super) func: FuncIdx,
    pub(super) module: Module,
    pub(super) ty: Arc<FuncType>,
    /// Who is told: positions in `hooks`, in order.
    pub(super) told: Vec<(usize, Events)>,
    wanted: Observe,
    /// Code that has been made for it.
    versions: HashMap<Observe, u32>,
}

/// What an event of a site needs at once, as close as it can be: nothing else is looked at for one
/// hook and few values.
pub(crate) struct Listeners<T: 'static> {
    /// Of each site, the one hook that is told, if few values are shown; or `NOBODY` or `SEVERAL`.
    pub(super) sites: Vec<u32>,
    /// In the order of the observation's hooks; `None` while one runs, after it has panicked, and
    /// for a counter.
    pub(super) hooks: Vec<Option<Box<dyn Told<T>>>>,
}

impl<T> Listeners<T> {
    pub(crate) const NONE: Self = Self { sites: Vec::new(), hooks: Vec::new() };
    pub(super) const NOBODY: u32 = u32::MAX;
    pub(super) const SEVERAL: u32 = u32::MAX - 1;
}

impl<T> Observation<T> {
    /// Takes a hook that has panicked out of the store.
    fn take_panicked(&mut self, id: u64) -> Option<Box<dyn Told<T>>> {
        let at = self.panicked.iter().position(|(hook, _)| *hook == id)?;
        Some(self.panicked.swap_remove(at).1)
    }
}

/// A site of the store.
#[derive(Clone, Copy)]
pub(super) struct SiteAt {
    /// Where the list of those who are told begins.
    pub(super) told: u32,
    /// The slots of the frame that its event shows, and how many there are.
    pub(super) first: u32,
    pub(super) count: u32,
    /// Of few values, their types and how many they are; else `MANY`.
    pub(super) few: [ValType; FEW],
    pub(super) len: u32,
    pub(super) plan: u32,
    version: u32,
    /// Its place among the version's sites.
    index: u32,
    pub(super) offset: u32,
    pub(super) kind: Events,
    pub(super) point: Point,
}

impl SiteAt {
    /// The end of a list of those who are told.
    pub(super) const END: u32 = u32::MAX;
    /// No site.
    pub(super) const NONE: Self = Self {
        told: 0,
        first: 0,
        count: 0,
        few: [ValType::I32; FEW],
        len: 0,
        plan: 0,
        version: 0,
        index: 0,
        offset: 0,
        kind: Events::NONE,
        point: Point::Returned,
    };

    /// Whether its event shows only so many values that a look at the site is enough.
    pub(super) fn shows_few(&self) -> bool {
        self.len != Self::MANY
    }

    /// In the place of the number of values.
    const MANY: u32 = u32::MAX;
}

/// So many values are shown without a look at the function's type.
pub(super) const FEW: usize = 4;

/// The types of the values of an event that shows only a few, and how many they are; `None` for
/// other events.
fn few(point: Point, ty: &FuncType) -> Option<([ValType; FEW], u32)> {
    let types = match point {
        Point::Enter => ty.params(),
        Point::Return => ty.results(),
        Point::TailCall | Point::Instruction | Point::Delimiter | Point::Loop => &[],
        _ => return None,
    };
    let slots: u32 = types.iter().map(|ty| u32::from(ty.slots())).sum();
    let mut few = [ValType::I32; FEW];
    few.get_mut(..types.len()).filter(|_| slots <= FEW as u32)?.copy_from_slice(types);
    Some((few, types.len() as u32))
}

/// The first of the slots that a site's event shows, and how many there are.
fn values(site: &Site, sites: &Sites, ty: &FuncType) -> (u32, u32) {
    let count = match site.point {
        Point::Enter => return (0, ty.param_slots()),
        Point::TailCall | Point::Instruction | Point::Delimiter | Point::Loop => 0,
        Point::Returned | Point::Checked => 0,
        Point::Return => ty.result_slots(),
        Point::Branch | Point::BranchTable { .. } | Point::Load(_) => 1,
        Point::MemoryGrown { .. } | Point::TableGrown { .. } => 1,
        Point::GlobalSet { .. } => sites.top(site).map_or(0, |ty| ty.slots().into()),
        Point::Store(_) => sites.top(site).map_or(0, |ty| 1 + u32::from(ty.slots())),
        Point::Fill { .. } | Point::Copy { .. } | Point::Init { .. } => 3,
    };
    (sites.end(site).saturating_sub(count), count)
}

/// Code of a function that is observed.
pub(super) struct Version {
    pub(super) plan: u32,
    pub(super) told: Observe,
    pub(super) sites: Sites,
    /// The number of its first site.
    first: u32,
    /// Where it calls other functions in its place.
    tail_calls: Vec<u32>,
}

impl Version {
    /// Whether hooks have been told already that the function is left: it is about to return, or
    /// to call another in its place.
    pub(super) fn has_been_left(&self, cursor: &Cursor) -> bool {
        let Place { offset, site, .. } = cursor.place;
        let returns = site
            .and_then(|site| self.sites.sites.get((site - self.first) as usize))
            .is_some_and(|site| site.point == Point::Return);
        returns || self.tail_calls.binary_search(&offset).is_ok()
    }
}

impl<T> Default for Observation<T> {
    fn default() -> Self {
        Self {
            hooks: Vec::new(),
            next: 0,
            delivering: 0,
            later: Vec::new(),
            plans: Vec::new(),
            plan_of: HashMap::new(),
            versions: Vec::new(),
            sites: Vec::new(),
            told: Vec::new(),
            hosts: Vec::new(),
            host_of: HashMap::new(),
            breakpoints: None,
            debugger: None,
            stopped: Vec::new(),
            panicked: Vec::new(),
        }
    }
}

impl<T: 'static> Store<T> {
    /// Attaches a hook: it is told of its type's events where the filter says, after those that
    /// were attached before it.
    ///
    /// What is observed in functions is compiled into code of their own, which calls run from now
    /// on; a call that is on goes on in the code that it is in. The next instances are observed
    /// as well.
    ///
    /// Of [`Events::CALLS`] it is told for the whole store, whatever functions the filter names,
    /// after the hook of [`Store::set_hook`].
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// #[derive(Default)]
    /// struct Depth { now: usize, most: usize }
    /// impl Hook<()> for Depth {
    ///     const EVENTS: Events = Events::FUNCS;
    ///     fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
    ///         match event {
    ///             Event::FuncEnter(_) => self.now += 1,
    ///             Event::FuncLeave(_) => self.now -= 1,
    ///             _ => {}
    ///         }
    ///         self.most = self.most.max(self.now);
    ///         Ok(())
    ///     }
    /// }
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module
    ///     (func $f (export "f") (param i32)
    ///         (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, ()>(&mut store, "f")?;
    /// let depth = store.attach(Filter::new().func("f"), Depth::default());
    /// f.call(&mut store, 4)?;
    /// let depth = store.detach(depth).unwrap();
    /// assert_eq!((depth.now, depth.most), (0, 5));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn attach<H: Hook<T>>(&mut self, filter: Filter, hook: H) -> HookId<H> {
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }
            .attach(filter, hook)
    }

    /// Detaches a hook and gives it back; `None` if it is not attached any more.
    pub fn detach<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<H> {
        let observation = self.parts.inner.observation.as_mut()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        observation.hooks.remove(position);
        let hook = self.parts.inner.listeners.hooks.remove(position);
        let hook = hook.or_else(|| observation.take_panicked(id.id));
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }.observe_anew();
        let hook: Box<dyn Any> = hook?.into_any();
        hook.downcast().ok().map(|hook| *hook)
    }

    /// An attached hook, to be looked at.
    pub fn hook<H: Hook<T>>(&self, id: HookId<H>) -> Option<&H> {
        StoreContext(&self.parts.inner).hook(id)
    }

    /// An attached hook, to be changed.
    pub fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        self.parts.inner.hook_mut(id)
    }
}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// An attached hook, to be looked at; `None` also for one that is being told of an event.
    pub fn hook<H: Hook<T>>(&self, id: HookId<H>) -> Option<&'a H> {
        let observation = self.0.observation.as_ref()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        let panicked = observation.panicked.iter().find(|(hook, _)| *hook == id.id);
        let hook = self.0.listeners.hooks[position].as_ref().or(panicked.map(|(_, hook)| hook));
        hook?.as_any().downcast_ref()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Attaches a hook; see [`Store::attach`]. While an event is being delivered, the hook is
    /// attached once that is over.
    pub fn attach<H: Hook<T>>(&mut self, filter: Filter, hook: H) -> HookId<H> {
        let events = H::EVENTS.intersection(filter.events);
        let attach = |id| Attached { id, events, filter, counts: None };
        let id = self.attach_new(attach, Some(Box::new(hook)));
        HookId { id, hook: PhantomData }
    }

    /// Attaches what is made with its number.
    pub(super) fn attach_new(
        &mut self,
        attach: impl FnOnce(u64) -> Attached,
        hook: Option<Box<dyn Told<T>>>,
    ) -> u64 {
        let observation = self.inner.observation.get_or_insert_default();
        let id = observation.next;
        observation.next += 1;
        self.change(Change::Attach(attach(id), hook));
        id
    }

    /// Detaches a hook and drops it. While an event is being delivered, that happens once it is
    /// over.
    pub fn detach<H: Hook<T>>(&mut self, id: HookId<H>) {
        self.detach_id(id.id);
    }

    pub(crate) fn detach_id(&mut self, id: u64) {
        self.change(Change::Detach(id));
    }

    /// An attached hook, to be looked at or changed. `None` while it runs itself.
    pub fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        self.inner.hook_mut(id)
    }

    fn change(&mut self, change: Change<T>) {
        let Some(observation) = &mut self.inner.observation else { return };
        observation.later.push(change);
        if self.inner.is_delivering() {
            self.inner.opaque.vm.ask_to_follow();
        } else {
            self.apply_changes();
        }
    }

    /// Makes the changes that have waited for an event to be over.
    pub(super) fn apply_changes(&mut self) {
        let Some(observation) = &mut self.inner.observation else { return };
        if observation.later.is_empty() {
            return;
        }
        for change in core::mem::take(&mut observation.later) {
            match change {
                Change::Attach(attached, hook) => {
                    observation.hooks.push(attached);
                    self.inner.listeners.hooks.push(hook);
                }
                Change::Detach(id) => {
                    if let Some(at) = observation.hooks.iter().position(|hook| hook.id == id) {
                        observation.hooks.remove(at);
                        self.inner.listeners.hooks.remove(at);
                        drop(observation.take_panicked(id));
                    }
                }
                Change::Breakpoints(id, points) => {
                    let hook = observation.hooks.iter_mut().find(|hook| hook.id == id);
                    if let Some(hook) = hook {
                        hook.filter.breakpoints = Some(points);
                    }
                }
            }
        }
        self.observe_anew();
    }

    /// The breakpoints of a store that is, from now on, debugged.
    pub(crate) fn debugging(&mut self) -> &Breakpoints {
        let delivering = self.inner.is_delivering();
        let observation = self.inner.observation.get_or_insert_default();
        if observation.breakpoints.is_none() {
            observation.breakpoints = Some(Breakpoints::default());
            if !delivering {
                self.observe_anew();
            }
        }
        let observation = self.inner.observation.get_or_insert_default();
        observation.breakpoints.get_or_insert_default()
    }

    pub(crate) fn set_breakpoints(&mut self, breakpoints: Breakpoints) {
        let observation = self.inner.observation.get_or_insert_default();
        observation.breakpoints = Some(breakpoints.clone());
        if let Some(id) = observation.debugger {
            self.change(Change::Breakpoints(id, breakpoints));
        }
    }

    /// Notes which hook is the debugger's; gives the one before.
    pub(crate) fn set_debug_hook(&mut self, hook: Option<u64>) -> Option<u64> {
        let observation = self.inner.observation.as_mut()?;
        core::mem::replace(&mut observation.debugger, hook)
    }

    /// Finds out anew what is observed, and gives every function the code for that.
    fn observe_anew(&mut self) {
        self.inner.doors.at_site = deliver::at_site::<T>;
        self.inner.doors.notice = deliver::notice::<T>;
        self.inner.doors.instantiated = instantiated::<T>;
        self.inner.choose_doors();
        let Some(observation) = &mut self.inner.observation else { return };
        for plan in &mut observation.plans {
            plan.told.clear();
        }
        for plan in &mut observation.hosts {
            plan.forget();
        }
        let instances: Vec<InstanceAddr> = self.inner.opaque.vm.all_instances().collect();
        for instance in instances {
            self.observe_instance(instance);
        }
        hosts::put_back(self);
        self.inner.find_listeners();
    }

    /// Gives the functions of an instance the code that what is attached asks for.
    fn observe_instance(&mut self, instance: InstanceAddr) {
        let id = self.id();
        let module = self.inner.opaque.instance(instance).module.clone();
        let Some(observation) = &mut self.inner.observation else { return };
        let handle = Instance::from_addr(id, instance);
        let concerned = |hook: &&Attached| hook.filter.has_instance(&handle);
        let hooks = || observation.hooks.iter().filter(concerned);
        let in_code = Events::IN_CODE.union(Events::TRAPS).union(Events::INTERRUPTS);
        if hooks().any(|hook| hook.events.intersects(Events::HOST_CALLS)) {
            hosts::observe_imports(self, instance, &module);
        }
        let Some(observation) = &mut self.inner.observation else { return };
        let wanted =
            |hook: &Attached| hook.filter.has_instance(&handle) && hook.events.intersects(in_code);
        let debugged = observation.breakpoints.is_some();
        let nobody = !debugged && !observation.hooks.iter().any(wanted);
        if nobody && observation.plans.is_empty() {
            return;
        }
        let names = names_of(&module);
        let imported = module.def().imported_funcs;
        for (index, names) in (imported..).zip(&names[imported as usize..]) {
            let Some(observation) = &self.inner.observation else { return };
            let fits = |hook: &Attached| wanted(hook) && hook.filter.has_func(index, names.iter());
            let told: Vec<(usize, Events)> = observation
                .hooks
                .iter()
                .enumerate()
                .filter(|(_, hook)| fits(hook))
                .map(|(position, hook)| (position, hook.events))
                .collect();
            self.plan(instance, &module, FuncIdx(index), told);
        }
    }

    /// Gives one function the code for what is told of it.
    fn plan(
        &mut self,
        instance: InstanceAddr,
        module: &Module,
        func: FuncIdx,
        told: Vec<(usize, Events)>,
    ) {
        let Some(observation) = &mut self.inner.observation else { return };
        let key = (instance, func);
        let number = match observation.plan_of.get(&key) {
            Some(number) => *number,
            None if told.is_empty() && observation.breakpoints.is_none() => return,
            None => observation.add_plan(instance, module, func),
        };
        let exact = observation.breakpoints.is_some();
        let body = module.body(func);
        let mut wanted = Observe { exact, ..Observe::default() };
        for (hook, events) in &told {
            let Attached { filter, counts, .. } = &observation.hooks[*hook];
            let kinds = if counts.is_some() { &mut wanted.counted } else { &mut wanted.told };
            if let Some(points) = &filter.breakpoints {
                if points.single_step {
                    kinds.add(Events::INSTRUCTIONS, None);
                } else {
                    let own = points.in_module(module).filter(|offset| body.contains(offset));
                    own.for_each(|offset| kinds.add(Events::INSTRUCTIONS, Some(offset)));
                }
                wanted.delimiters |= wanted.told.has(Events::INSTRUCTIONS);
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
        let plan = &mut observation.plans[number as usize];
        plan.told = told;
        if plan.wanted == wanted {
            return;
        }
        plan.wanted = wanted;
        self.inner.use_code(number, module);
    }
}

impl<T: 'static> Observation<T> {
    fn add_plan(&mut self, instance: InstanceAddr, module: &Module, func: FuncIdx) -> u32 {
        let number = self.plans.len() as u32;
        self.plans.push(Plan {
            instance,
            func,
            module: module.clone(),
            ty: Arc::new(module.def().func_type(func).clone()),
            told: Vec::new(),
            wanted: Observe::default(),
            versions: HashMap::new(),
        });
        self.plan_of.insert((instance, func), number);
        number
    }

    /// Where a site is.
    fn place(&self, number: u32) -> Place {
        let SiteAt { version, plan, offset, .. } = self.sites[number as usize];
        let Plan { instance, func, .. } = self.plans[plan as usize];
        let record = self.versions[version as usize].sites.record;
        let (version, site) = (Some(version), Some(number));
        Place { instance, func, offset, version, site, calls: false, record }
    }

    /// Whether there are changes that wait.
    pub(super) fn has_changes(&self) -> bool {
        !self.later.is_empty()
    }

    /// Who is told of what happens in a function.
    pub(super) fn plan_for(&self, instance: InstanceAddr, func: FuncIdx) -> Option<u32> {
        self.plan_of.get(&(instance, func)).copied()
    }
}

impl<T: 'static> StoreInner<T> {
    /// Finds out of each site who is told of it.
    fn find_listeners(&mut self) {
        let Some(observation) = &mut self.observation else { return };
        let Observation { hooks, plans, sites, told, .. } = &mut **observation;
        let mut list = Vec::new();
        let mut last = 0;
        told.clear();
        self.listeners.sites.clear();
        for site in sites {
            let plan = &plans[site.plan as usize];
            let listening = plan.told.iter().filter(|(hook, events)| {
                let Attached { filter, counts, .. } = &hooks[*hook];
                events.intersects(site.kind)
                    && counts.is_none()
                    && (site.point != Point::Delimiter || filter.breakpoints.is_some())
                    && filter.has_place(site.kind, &plan.module, site.offset)
            });
            list.clear();
            list.extend(listening.map(|(hook, _)| *hook as u32));
            self.listeners.sites.push(match *list {
                [] => Listeners::<T>::NOBODY,
                [hook] if site.shows_few() => hook,
                _ => Listeners::<T>::SEVERAL,
            });
            list.push(SiteAt::END);
            if told[last..] != list {
                last = told.len();
                told.extend(&list);
            }
            site.told = last as u32;
        }
    }

    fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        let observation = self.observation.as_mut()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        let panicked = observation.panicked.iter_mut().find(|(hook, _)| *hook == id.id);
        let hook = self.listeners.hooks[position].as_mut().or(panicked.map(|(_, hook)| hook));
        hook?.as_any_mut().downcast_mut()
    }

    pub(crate) fn breakpoints(&self) -> Option<&Breakpoints> {
        self.observation.as_ref()?.breakpoints.as_ref()
    }

    /// Has the next calls of a function run the code for what its plan wants.
    fn use_code(&mut self, number: u32, module: &Module) {
        let Some(observation) = &mut self.observation else { return };
        let vm = &mut self.opaque.vm;
        let plan = &mut observation.plans[number as usize];
        if plan.wanted == Observe::default() {
            return vm.use_ordinary_code(plan.instance, plan.func);
        }
        if let Some(version) = plan.versions.get(&plan.wanted) {
            let version = *version;
            vm.use_version(version);
            return self.lead_to(number, version);
        }
        let first = [observation.sites.len() as u32, vm.counters().len() as u32];
        // An invalid function keeps its code, which fails when it is called.
        let Ok((buffer, sites)) = translate(module, plan.func, &plan.wanted, first) else {
            return;
        };
        let version = vm.observe_func(plan.instance, plan.func, buffer, sites.cells);
        plan.versions.insert(plan.wanted.clone(), version);
        let ty = &plan.ty;
        let sites_at = sites.sites.iter().zip(0..).map(|(site, index)| {
            let (first, count) = values(site, &sites, ty);
            let (offset, point) = (site.offset, site.point);
            let kind = point.kind();
            let (few, len) = few(point, ty).unwrap_or(([ValType::I32; FEW], SiteAt::MANY));
            let (told, plan) = (0, number);
            SiteAt { told, first, count, few, len, plan, version, index, offset, kind, point }
        });
        observation.sites.extend(sites_at);
        debug_assert_eq!(version as usize, observation.versions.len());
        let (told, first) = (plan.wanted.clone(), first[0]);
        let tail_calls = sites.sites.iter().filter(|site| site.point == Point::TailCall);
        let tail_calls = tail_calls.map(|site| site.offset).collect();
        observation.versions.push(Version { plan: number, told, sites, first, tail_calls });
        self.lead_to(number, version);
    }

    /// Has guests that are in other versions of a function's code go on in this one, from where
    /// both have a site.
    fn lead_to(&mut self, plan: u32, newest: u32) {
        let Some(observation) = &mut self.observation else { return };
        let newest_sites = &observation.versions[newest as usize];
        for site in 0..newest_sites.sites.sites.len() as u32 {
            self.opaque.vm.set_successor(newest_sites.first + site, None);
        }
        let others = observation.plans[plan as usize].versions.values();
        for other in others.filter(|other| **other != newest) {
            let Version { sites, first, .. } = &observation.versions[*other as usize];
            for (site, number) in sites.sites.iter().zip(*first..) {
                let place = newest_sites.sites.position_behind(site.offset, site.point);
                let place = place.map(|position| (newest, position));
                self.opaque.vm.set_successor(number, place);
            }
        }
    }

    /// The frame in which the event happens that is being delivered.
    pub(super) fn observed_here(&mut self) -> Option<Cursor> {
        let observation = self.observation.as_ref()?;
        if let Some(stopped) = self.stopped_here() {
            return stopped.leaving;
        }
        let place = observation.place(self.opaque.vm.parked_site()?);
        self.opaque.vm.frame_at_site(place)
    }

    /// Returns the innermost guest, if it is being stopped or interrupted.
    fn stopped_here(&self) -> Option<Stopped> {
        self.stopped_at(self.opaque.vm.depth())
    }

    /// Returns the guest of the run with `depth` runs outside of it, if the guest is being stopped
    /// or interrupted.
    fn stopped_at(&self, depth: usize) -> Option<Stopped> {
        let stopped = &self.observation.as_ref()?.stopped;
        stopped.iter().rfind(|stopped| stopped.depth == depth).copied()
    }

    /// Returns `true` if the function of a frame waits for a callee, which may be a guest's
    /// function or a host function.
    pub(crate) fn waits_for_call(&self, cursor: &Cursor) -> bool {
        let place = &cursor.place;
        place.calls
            || place.site.is_none()
                && self.stopped_at(cursor.run()).is_none_or(|stopped| stopped.by_host_call)
    }

    /// Whether a frame is the one in which the event happens that is being delivered.
    pub(super) fn is_at_site(&mut self, cursor: &Cursor) -> bool {
        let vm = &self.opaque.vm;
        let here = cursor.run() == vm.depth() && cursor.place.site.is_some();
        here && self.stopped_here().is_none() && vm.parked_site() == cursor.place.site
    }

    /// Whether an event is being delivered: of a site, while a guest is parked there.
    fn is_delivering(&self) -> bool {
        self.observation.as_ref().is_some_and(|observation| observation.delivering > 0)
            || self.opaque.vm.runs_at_sites() > 0
    }

    /// Type and slot of each local of a frame.
    pub(super) fn locals_of(&self, cursor: &Cursor) -> Result<&[(ValType, u16)]> {
        if cursor.is_entering() {
            // The stack had no room for the locals: the slots hold other values.
            crate::bail!("the function has no locals yet: the stack has overflowed at its entry");
        }
        let observation = self.observation.as_ref();
        let version = observation.zip(cursor.place.version);
        match version {
            Some((observation, version)) => {
                Ok(&observation.versions[version as usize].sites.locals)
            }
            None => crate::bail!("the locals of a function that is not observed are not known"),
        }
    }

    /// Returns the type and slot of each operand of a frame in the form that a debugger wants: if
    /// the function waits for a call, with the arguments of the call.
    pub(super) fn operands_with_args(&self, cursor: &Cursor) -> Result<Vec<(ValType, u32)>> {
        let Place { instance, version, site, offset, .. } = cursor.place;
        let observation = self.observation.as_ref().filter(|_| site.is_none());
        let version = observation.zip(version).map(|(o, v)| &o.versions[v as usize]);
        let known = version.and_then(|version| version.sites.operands_at(offset));
        let Some(mut operands) = known else { return self.operands_of(cursor) };
        let bytes = self.opaque.instance(instance).module.bytes();
        if self.waits_for_call(cursor) && burdock_parse::calls_indirectly(bytes, offset) {
            // The call's index operand is not an argument.
            operands.pop();
        }
        Ok(operands)
    }

    /// Type and slot of each operand of a frame.
    pub(super) fn operands_of(&self, cursor: &Cursor) -> Result<Vec<(ValType, u32)>> {
        let place = &cursor.place;
        let known = self.observation.as_ref().and_then(|observation| match place.site {
            Some(site) => {
                let SiteAt { version, index, .. } = observation.sites[site as usize];
                let sites = &observation.versions[version as usize].sites;
                Some(sites.operands(&sites.sites[index as usize]))
            }
            None => {
                let version = observation.versions.get(place.version? as usize)?;
                let sites = &version.sites;
                sites.operands_at_call(place.offset).or_else(|| sites.operands_at(place.offset))
            }
        });
        if let Some(operands) = known {
            return Ok(operands);
        }
        crate::bail!("the operands of a function that is not observed are not known")
    }
}

/// A new instance is observed like those before it.
fn instantiated<T: 'static>(store: &mut StoreContextMut<'_, T>, instance: InstanceAddr) {
    store.observe_instance(instance);
    store.inner.find_listeners();
}
