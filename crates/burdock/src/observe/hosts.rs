//! Calls of imported host functions: what is called in the place of one that is observed.

use super::deliver::Delivery;
use super::frame::results_of;
use super::site_event::Found;
use crate::event::{HostAnswer, HostCall, Values};
use crate::func::HostFunction;
use crate::{Event, Events, Func, FuncType, Instance, Module, Result, StoreContextMut};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, FuncKind, HostFunc, InstanceAddr, SlotSpan};
use burdock_parse::ImportType;

/// A host function that is, or was, observed.
pub(super) struct HostPlan {
    func: FuncAddr,
    /// The host function itself.
    own: HostFunc,
    /// The host function that is called in its place.
    observed: HostFunc,
    imports: Vec<Import>,
}

/// A host function as an instance imports it.
struct Import {
    instance: InstanceAddr,
    /// A call keeps them until it is over, whatever is attached meanwhile.
    hooks: Arc<ImportHooks>,
}

/// The names of an import (module, item), and the hooks that observe its calls, as positions in the
/// observation's hooks, in order.
struct ImportHooks {
    names: [Box<str>; 2],
    hooks: Vec<usize>,
}

impl HostPlan {
    /// Forgets the hooks.
    pub(super) fn forget(&mut self) {
        self.imports.clear();
    }
}

/// Replaces the host functions that an instance imports and that a hook observes.
pub(super) fn observe_imports<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    instance: InstanceAddr,
    module: &Module,
) {
    let imports = module.def().imports.iter();
    let imports = imports
        .filter(|import| matches!(import.ty, ImportType::Func(_) | ImportType::ExactFunc(_)));
    let handle = Instance::from_addr(store.id(), instance);
    for (index, import) in imports.enumerate() {
        let addr = store.opaque().vm.imported_funcs(instance)[index];
        let FuncKind::Host(_) = store.opaque().vm.func(addr).kind else { continue };
        let Some(observation) = &store.inner.hooks.observation else { return };
        let hooks: Vec<usize> = observation
            .hooks
            .iter()
            .enumerate()
            .filter(|(_, hook)| {
                hook.events.contains(Events::HOST_CALLS)
                    && hook.filter.has_instance(&handle)
                    && hook.filter.has_import(import.module(), import.name())
            })
            .map(|(position, _)| position)
            .collect();
        if hooks.is_empty() {
            continue;
        }
        let names = [import.module(), import.name()].map(Box::from);
        observe_host(
            store,
            addr,
            Import { instance, hooks: Arc::new(ImportHooks { names, hooks }) },
        );
    }
}

fn observe_host<T: 'static>(store: &mut StoreContextMut<'_, T>, addr: FuncAddr, import: Import) {
    let Some(observation) = &mut store.inner.hooks.observation else { return };
    let number = observation.hosts.len();
    if let Some(known) = observation.host_of.get(&addr) {
        let plan = &mut observation.hosts[*known];
        plan.imports.push(import);
        let observed = plan.observed;
        return store.opaque().vm.replace_host_func(addr, observed);
    }
    let FuncKind::Host(own) = store.opaque().vm.func(addr).kind else { return };
    let ty = Func::from_addr(store.id(), addr).load_ty(store.opaque());
    let body = wrapper(addr, number, own, ty.clone());
    let observed = store.hosts.push(Arc::new(HostFunction { ty, body: Box::new(body) }));
    store.opaque().vm.replace_host_func(addr, observed);
    let plan = HostPlan { func: addr, own, observed, imports: alloc::vec![import] };
    if let Some(observation) = &mut store.inner.hooks.observation {
        observation.hosts.push(plan);
        observation.host_of.insert(addr, number);
    }
}

/// Undoes the replacement of host functions that no hook observes any more.
pub(super) fn put_back<T: 'static>(store: &mut StoreContextMut<'_, T>) {
    let inner = &mut *store.inner;
    let Some(observation) = &inner.hooks.observation else { return };
    for plan in observation.hosts.iter().filter(|plan| plan.imports.is_empty()) {
        inner.opaque.vm.replace_host_func(plan.func, plan.own);
    }
}

/// Returns the function that is called in the place of a host function, whose plan has this number.
fn wrapper<T: 'static>(
    addr: FuncAddr,
    number: usize,
    own: HostFunc,
    ty: FuncType,
) -> impl Fn(StoreContextMut<'_, T>, SlotSpan) -> Result<()> + Send + Sync {
    let shown = ty.raw().erased();
    move |mut store, span| {
        let id = store.id();
        let hosts = store.hosts;
        let Some(observing) = import_hooks(&store, number) else {
            return (hosts.get(own).body)(store, span);
        };
        let [module, name] = &observing.names;
        let mut found = Found::default();
        let slots = store.inner.opaque.vm.slots(span);
        found.set(shown.params(), &slots[..shown.param_slots() as usize]);
        let func = Func::from_addr(id, addr);
        let passing = store.inner.opaque.passing();
        let call = HostCall { module, name, func, args: found.values(passing) };
        let result = match announce(store.reborrow(), &observing.hooks, &call)? {
            None => store.lend(|store| (hosts.get(own).body)(store, span)),
            Some(answer) => {
                let slots = results_of(&store.inner.opaque, &ty, &answer.values);
                slots.map(|slots| {
                    store.inner.opaque.vm.slots_mut(span)[..slots.len()].copy_from_slice(&slots);
                })
            }
        };
        let mut left = Found::default();
        let slots = store.inner.opaque.vm.slots(span);
        left.set(shown.results(), &slots[..shown.result_slots() as usize]);
        let shown: Result<Values<'_>, _> = match &result {
            Ok(()) => Ok(left.values(store.inner.opaque.passing())),
            Err(error) => Err(error),
        };
        deliver(store, &observing.hooks, Event::HostLeave(&call, shown))?;
        result
    }
}

/// Calls the hooks for a call that begins. Returns the first answer that a hook gives.
fn announce<T: 'static>(
    store: StoreContextMut<'_, T>,
    hooks: &[usize],
    call: &HostCall<'_>,
) -> Result<Option<HostAnswer>> {
    let mut delivery = Delivery::new(store);
    let mut answer = None;
    for hook in hooks {
        if let Err(error) = delivery.deliver(*hook, &Event::HostEnter(call)) {
            let own = error.downcast::<HostAnswer>()?;
            answer.get_or_insert(own);
        }
    }
    Ok(answer)
}

fn deliver<T: 'static>(
    store: StoreContextMut<'_, T>,
    hooks: &[usize],
    event: Event<'_>,
) -> Result<()> {
    let mut delivery = Delivery::new(store);
    hooks.iter().try_for_each(|hook| delivery.deliver(*hook, &event))
}

/// Returns the names under which the calling instance imports a host function, and its hooks.
fn import_hooks<T: 'static>(
    store: &StoreContextMut<'_, T>,
    number: usize,
) -> Option<Arc<ImportHooks>> {
    let caller = store.inner.opaque.vm.caller_instance();
    let imports = &store.inner.hooks.observation.as_ref()?.hosts.get(number)?.imports;
    let import = match caller {
        Some(instance) => imports.iter().find(|import| import.instance == instance),
        None => imports.first(),
    };
    import.or(imports.first()).map(|import| Arc::clone(&import.hooks))
}
