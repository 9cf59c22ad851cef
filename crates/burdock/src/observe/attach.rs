//! Attaching hooks to a store, detaching them, and access to those that are attached.

use super::deliver::ErasedHook;
use super::filter::Filter;
use crate::debug::{Breakpoints, OnException};
use crate::store::StoreInner;
use crate::{Events, Hook, Store, StoreContext, StoreContextMut};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::marker::PhantomData;

/// An attached hook of type `H`, in the store to which it was attached.
///
/// # Example
///
/// ```
/// use burdock::*;
/// #[derive(Default)]
/// struct Calls(u32);
/// impl<T: 'static> Hook<T> for Calls {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(&mut self, _: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
///         self.0 += u32::from(matches!(event, Event::FuncEnter(_)));
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let id: HookId<Calls> = store.attach(Filter::new(), Calls::default());
/// let module = Module::new(store.engine(), r#"(module (func (export "f")))"#)?;
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
/// f.call(&mut store, ())?;
/// assert_eq!(store.hook(id).unwrap().0, 1);
/// assert_eq!(store.detach(id).unwrap().0, 1);
/// assert!(store.hook(id).is_none());
/// # Ok::<(), Error>(())
/// ```
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
    /// The values of the cells when a counter was attached; `None` for a hook.
    pub(super) counts: Option<Box<[u64]>>,
}

pub(super) enum Change<T: 'static> {
    /// Attaches a hook, or a counter if there is no hook.
    Attach(Attached, Option<Box<dyn ErasedHook<T>>>),
    Detach(u64),
    /// Sets the breakpoints of a hook, if it is still attached.
    Breakpoints(u64, Breakpoints),
}

impl<T: 'static> Store<T> {
    /// Attaches a hook. The hook gets its type's events where the filter selects them, after the
    /// hooks that were attached before it.
    ///
    /// Observed functions get code of their own, which later calls run; a call in progress
    /// continues in its own code. Later instances are observed as well.
    ///
    /// [`Events::CALLS`] are delivered for the whole store, whatever functions the filter names,
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

    /// Detaches a hook and returns it; `None` if the hook is no longer attached.
    pub fn detach<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<H> {
        let observation = self.parts.inner.hooks.observation.as_mut()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        observation.hooks.remove(position);
        let hook = self.parts.inner.hooks.listeners.hooks.remove(position);
        let hook = hook.or_else(|| observation.take_panicked(id.id));
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }
            .update_observation();
        let hook: Box<dyn Any> = hook?.into_any();
        hook.downcast().ok().map(|hook| *hook)
    }

    /// Returns an attached hook.
    pub fn hook<H: Hook<T>>(&self, id: HookId<H>) -> Option<&H> {
        StoreContext(&self.parts.inner).hook(id)
    }

    /// Returns an attached hook, to be changed.
    pub fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        self.parts.inner.hook_mut(id)
    }
}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// Returns an attached hook; `None` also for one that is handling an event.
    pub fn hook<H: Hook<T>>(&self, id: HookId<H>) -> Option<&'a H> {
        let observation = self.0.hooks.observation.as_ref()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        let panicked = observation.panicked.iter().find(|(hook, _)| *hook == id.id);
        let hook =
            self.0.hooks.listeners.hooks[position].as_ref().or(panicked.map(|(_, hook)| hook));
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

    /// Attaches a hook or counter that is made from its id. Returns the id.
    pub(super) fn attach_new(
        &mut self,
        attach: impl FnOnce(u64) -> Attached,
        hook: Option<Box<dyn ErasedHook<T>>>,
    ) -> u64 {
        let observation = self.inner.hooks.observation.get_or_insert_default();
        let id = observation.next;
        observation.next += 1;
        self.change(Change::Attach(attach(id), hook));
        id
    }

    /// Detaches a hook and drops it. While an event is being delivered, the hook is detached once
    /// that is over.
    pub fn detach<H: Hook<T>>(&mut self, id: HookId<H>) {
        self.detach_id(id.id);
    }

    pub(crate) fn detach_id(&mut self, id: u64) {
        self.change(Change::Detach(id));
    }

    /// Returns an attached hook, to be changed; `None` while the hook runs.
    pub fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        self.inner.hook_mut(id)
    }

    fn change(&mut self, change: Change<T>) {
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        observation.later.push(change);
        if self.inner.is_delivering() {
            self.inner.opaque.vm.ask_to_follow();
        } else {
            self.apply_changes();
        }
    }

    /// Makes the changes that were deferred until an event was over.
    pub(super) fn apply_changes(&mut self) {
        let Some(observation) = &mut self.inner.hooks.observation else { return };
        if observation.later.is_empty() {
            return;
        }
        // The functions whose breakpoints change, if nothing else does.
        let mut changed: Option<Vec<(crate::Module, u32)>> = Some(Vec::new());
        for change in core::mem::take(&mut observation.later) {
            if !matches!(change, Change::Breakpoints(..)) {
                changed = None;
            }
            match change {
                Change::Attach(attached, hook) => {
                    observation.hooks.push(attached);
                    self.inner.hooks.listeners.hooks.push(hook);
                }
                Change::Detach(id) => {
                    if let Some(at) = observation.hooks.iter().position(|hook| hook.id == id) {
                        observation.hooks.remove(at);
                        self.inner.hooks.listeners.hooks.remove(at);
                        drop(observation.take_panicked(id));
                    }
                }
                Change::Breakpoints(id, points) => {
                    let hook = observation.hooks.iter_mut().find(|hook| hook.id == id);
                    if let Some(hook) = hook {
                        let before = hook.filter.breakpoints.take().unwrap_or_default();
                        match (points.changed_funcs(&before), &mut changed) {
                            (Some(funcs), Some(changed)) => changed.extend(funcs),
                            _ => changed = None,
                        }
                        hook.filter.breakpoints = Some(points);
                    }
                }
            }
        }
        match changed {
            Some(changed) => self.update_breakpoints(&changed),
            None => self.update_observation(),
        }
    }

    /// Returns the breakpoints of the store, which is debugged from now on.
    pub(crate) fn debugging(&mut self) -> &Breakpoints {
        let delivering = self.inner.is_delivering();
        let observation = self.inner.hooks.observation.get_or_insert_default();
        if observation.breakpoints.is_none() {
            observation.breakpoints = Some(Breakpoints::default());
            self.inner.opaque.vm.keep_registers();
            if !delivering {
                self.update_observation();
            }
        }
        let observation = self.inner.hooks.observation.get_or_insert_default();
        observation.breakpoints.get_or_insert_default()
    }

    pub(crate) fn set_breakpoints(&mut self, breakpoints: Breakpoints) {
        let observation = self.inner.hooks.observation.get_or_insert_default();
        observation.breakpoints = Some(breakpoints.clone());
        if let Some(id) = observation.debugger {
            self.change(Change::Breakpoints(id, breakpoints));
        }
    }

    /// Sets the debugger's hook and its handler of exceptions. Returns the previous hook.
    pub(crate) fn set_debug_hook(&mut self, hook: Option<(u64, OnException<T>)>) -> Option<u64> {
        let observation = self.inner.hooks.observation.as_mut()?;
        let (hook, on_exception) = hook.unzip();
        self.inner.opaque.vm.watch_exceptions(hook.is_some());
        observation.on_exception = on_exception;
        core::mem::replace(&mut observation.debugger, hook)
    }
}

impl<T: 'static> StoreInner<T> {
    fn hook_mut<H: Hook<T>>(&mut self, id: HookId<H>) -> Option<&mut H> {
        let observation = self.hooks.observation.as_mut()?;
        let position = observation.hooks.iter().position(|hook| hook.id == id.id)?;
        let panicked = observation.panicked.iter_mut().find(|(hook, _)| *hook == id.id);
        let hook = self.hooks.listeners.hooks[position].as_mut().or(panicked.map(|(_, hook)| hook));
        hook?.as_any_mut().downcast_mut()
    }

    pub(crate) fn breakpoints(&self) -> Option<&Breakpoints> {
        self.hooks.observation.as_ref()?.breakpoints.as_ref()
    }

    /// Returns `true` if an event is being delivered; that of a site is as long as a guest is
    /// parked at the site.
    pub(super) fn is_delivering(&self) -> bool {
        self.hooks.observation.as_ref().is_some_and(|observation| observation.delivering > 0)
            || self.opaque.vm.runs_at_sites() > 0
    }
}
