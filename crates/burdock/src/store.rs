//! `Store`: where instances, functions, memories, tables and globals live, with the embedder's
//! data. Nothing leaves its store; handles know theirs.

mod bridge;
mod context;
mod doors;
mod grow;
mod interrupt;
mod opaque;

#[cfg(not(burdock_hookless))]
pub(crate) use bridge::Crossings;
pub(crate) use bridge::Own;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreHookState};
pub(crate) use doors::{Doors, Ended, Notice, Yields};
pub use interrupt::UpdateDeadline;
pub(crate) use interrupt::Yielding;
pub(crate) use opaque::{InstanceData, StoreId, StoreOpaque};

use crate::func::Hosts;
#[cfg(not(burdock_hookless))]
use crate::hook::OnCall;
use crate::hook::StoredHook;
#[cfg(not(burdock_hookless))]
use crate::{CallHook, Hook};
use crate::{Engine, NoHook, ResourceLimiter, Result};
use alloc::boxed::Box;
use core::fmt;
use interrupt::EpochBehavior;

/// Where everything of a running program lives, with the embedder's data of type `T`.
///
/// What is made in a store stays until the store is dropped.
///
/// # Example
///
/// ```
/// use burdock::{Engine, Store};
/// let mut store = Store::new(&Engine::default(), 1);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 2);
/// ```
pub struct Store<T: 'static> {
    pub(crate) parts: Box<Parts<T>>,
}

/// Host functions stand beside the rest, so that one can be called while it has `&mut` of the
/// rest.
#[repr(C)] // See `StoreInner`.
pub(crate) struct Parts<T: 'static> {
    pub(crate) hosts: Hosts<T>,
    pub(crate) inner: StoreInner<T>,
}

/// Everything of a store but its host functions.
//
// What only hooks need comes last, so that all else lies at the same place in a build without
// hooks. `cargo xtask hookfree` compares such a build with this one: where fields lie decides which
// addresses a function keeps in registers, which was up to four instructions in 1,400.
#[repr(C)]
pub(crate) struct StoreInner<T: 'static> {
    pub(crate) opaque: StoreOpaque,
    pub(crate) limiter: Option<Limiter<T>>,
    pub(crate) epoch: EpochBehavior<T>,
    pub(crate) data: T,
    pub(crate) doors: Doors<T>,
    /// The hook for which the doors were made; `None` while it runs, and without one.
    pub(crate) hook: StoredHook<T>,
    /// What is attached, once something was.
    #[cfg(not(burdock_hookless))]
    pub(crate) observation: Option<Box<crate::observe::Observation<T>>>,
    /// Who is told of what, of that.
    #[cfg(not(burdock_hookless))]
    pub(crate) listeners: crate::observe::Listeners<T>,
}

/// Finds the limiter in the embedder's data.
pub(crate) type Limiter<T> =
    Box<dyn FnMut(&mut T) -> &mut (dyn ResourceLimiter) + Send + Sync + 'static>;

impl<T: 'static> Store<T> {
    /// An empty store.
    pub fn new(engine: &Engine, data: T) -> Self {
        let inner = StoreInner {
            opaque: StoreOpaque::new(engine),
            doors: Doors::of::<Own<NoHook>>(),
            hook: None,
            #[cfg(not(burdock_hookless))]
            observation: None,
            #[cfg(not(burdock_hookless))]
            listeners: crate::observe::Listeners::NONE,
            limiter: None,
            epoch: EpochBehavior::Trap,
            data,
        };
        Self { parts: Box::new(Parts { inner, hosts: Hosts::new() }) }
    }

    /// An empty store; never an error here.
    ///
    /// # Errors
    ///
    /// None.
    pub fn try_new(engine: &Engine, data: T) -> Result<Self> {
        Ok(Self::new(engine, data))
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.parts.inner.opaque.engine()
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.parts.inner.data
    }

    /// The embedder's data, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.parts.inner.data
    }

    /// Drops the store and keeps the data.
    pub fn into_data(self) -> T {
        self.parts.inner.data
    }

    /// Asks a limiter, found in the data, before anything that a guest can grow grows: memories,
    /// tables, and the number of instances, tables and memories.
    pub fn limiter(
        &mut self,
        mut limiter: impl (FnMut(&mut T) -> &mut (dyn ResourceLimiter)) + Send + Sync + 'static,
    ) {
        let found = limiter(&mut self.parts.inner.data);
        let counts = (found.instances(), found.tables(), found.memories());
        self.parts.inner.opaque.set_count_limits(counts);
        self.parts.inner.limiter = Some(Box::new(limiter));
    }

    /// Calls `hook` whenever control passes from the host into a guest and back, or from a guest
    /// into a host function and back. A second call replaces the first hook.
    ///
    /// An error at `CallingWasm` or `CallingHost` is raised instead of the call, which does not
    /// take place (nor does its return event); one at `ReturningFromWasm` or `ReturningFromHost`
    /// replaces the result, be it values or an error. The hook is not called for what it does
    /// itself. A store without a hook pays nothing.
    ///
    /// Source: Wasmtime's `Store::call_hook`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func (export "f")))"#)?;
    /// let mut store = Store::new(&engine, 0);
    /// store.call_hook(|mut store, event| {
    ///     *store.data_mut() += i32::from(event.exiting_host());
    ///     Ok(())
    /// });
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
    /// f.call(&mut store, ())?;
    /// assert_eq!(*store.data(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    #[cfg(not(burdock_hookless))]
    pub fn call_hook(
        &mut self,
        hook: impl FnMut(StoreHookState<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
    ) {
        self.set_hook(OnCall(hook));
    }

    /// Installs a hook of a type of its own; what runs guests is compiled for it. Replaces the
    /// hook that was there.
    ///
    /// Of its [`Hook::EVENTS`] it is told of [`Events::CALLS`](crate::Events::CALLS) only: what happens
    /// in guests is told to hooks that are [attached](Self::attach).
    #[cfg(not(burdock_hookless))]
    pub fn set_hook<H: Hook<T>>(&mut self, hook: H) {
        let doors = &self.parts.inner.doors;
        self.parts.inner.doors = crate::observe::doors::<T, H>(doors, doors.audience);
        self.parts.inner.hook = Some(Box::new(hook));
    }
}

impl<T: Default + 'static> Default for Store<T> {
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", &self.parts.inner.data).finish_non_exhaustive()
    }
}
