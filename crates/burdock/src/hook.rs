//! Hooks: what a program can ask to be told of its guests, at no cost for those who do not ask.

use crate::{Event, Result, StoreContextMut};
#[cfg(not(burdock_hookless))]
use alloc::boxed::Box;
#[cfg(not(burdock_hookless))]
use burdock_core::Event as Crossing;
pub use burdock_core::Events;

/// A transition between host and guest.
///
/// Source: Wasmtime's `CallHook`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallHook {
    /// The host calls a function of a guest (or a host function, as if a guest was there).
    CallingWasm,
    /// That call returns, or fails.
    ReturningFromWasm,
    /// A guest calls a host function.
    CallingHost,
    /// That call returns, or fails.
    ReturningFromHost,
}

impl CallHook {
    /// Whether control passes into host code.
    pub fn entering_host(&self) -> bool {
        matches!(self, Self::ReturningFromWasm | Self::CallingHost)
    }

    /// Whether control passes out of host code.
    pub fn exiting_host(&self) -> bool {
        matches!(self, Self::ReturningFromHost | Self::CallingWasm)
    }
}

/// A hook: a type whose `event` is called for the events that it names.
///
/// There are two ways to use one. [`Store::set_hook`](crate::Store::set_hook) installs one hook for
/// [`Events::CALLS`]: what runs guests is compiled for its type. [`Store::attach`] adds one of any
/// number for all events, with a [`Filter`](crate::Filter): what is observed is written into
/// the code of the functions that the filter matches. Either way, what nobody asks for leaves no
/// code behind.
///
/// [`Store::attach`]: crate::Store::attach
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Count;
/// impl Hook<u64> for Count {
///     const EVENTS: Events = Events::CALLS;
///     fn event(&mut self, mut store: StoreContextMut<'_, u64>, _: Event) -> Result<()> {
///         *store.data_mut() += 1;
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), 0);
/// store.set_hook(Count);
/// Func::wrap(&mut store, || {}).call(&mut store, &[], &mut [])?;
/// assert_eq!(*store.data(), 4);
/// # Ok::<(), Error>(())
/// ```
pub trait Hook<T: 'static>: Send + Sync + 'static {
    /// The events for which `event` is called.
    const EVENTS: Events;

    /// Something happens.
    ///
    /// # Errors
    ///
    /// An error is raised in the guest, or replaces its result: see
    /// [`Store::call_hook`](crate::Store::call_hook).
    fn event(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()>;
}

/// The hook of a store without a hook.
#[derive(Copy, Clone, Debug, Default)]
pub struct NoHook;

impl<T: 'static> Hook<T> for NoHook {
    const EVENTS: Events = Events::NONE;

    fn event(&mut self, _: StoreContextMut<'_, T>, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}

/// A store's hook, where the doors for its type find it. It is called through this trait, which
/// costs less than to ask for its type.
#[cfg(not(burdock_hookless))]
pub(crate) type StoredHook<T> = Option<Box<dyn ToldOfCalls<T>>>;

/// No hook can be stored: what `cargo xtask hookfree` compares a program without a hook with.
#[cfg(burdock_hookless)]
pub(crate) type StoredHook<T> = Option<(core::convert::Infallible, core::marker::PhantomData<T>)>;

/// A [`Hook`] without its type.
#[cfg(not(burdock_hookless))]
pub(crate) trait ToldOfCalls<T: 'static>: Send + Sync {
    /// Tells it, and puts it back to its place in the store.
    fn tell(self: Box<Self>, store: StoreContextMut<'_, T>, event: Crossing) -> Result<()>;
}

#[cfg(not(burdock_hookless))]
impl<T: 'static, H: Hook<T>> ToldOfCalls<T> for H {
    fn tell(mut self: Box<Self>, mut store: StoreContextMut<'_, T>, event: Crossing) -> Result<()> {
        let result = self.event(store.reborrow(), event.into());
        // Nobody can have put another one there, and what to do with it would cost as much again.
        core::mem::forget(store.inner.hook.replace(self));
        result
    }
}

/// The hook of `Store::call_hook`.
#[cfg(not(burdock_hookless))]
pub(crate) struct OnCall<F>(pub(crate) F);

#[cfg(not(burdock_hookless))]
impl<T, F> Hook<T> for OnCall<F>
where
    T: 'static,
    F: FnMut(StoreContextMut<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
{
    const EVENTS: Events = Events::CALLS;

    fn event(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let event = match event {
            Event::CallingWasm => CallHook::CallingWasm,
            Event::ReturningFromWasm => CallHook::ReturningFromWasm,
            Event::CallingHost => CallHook::CallingHost,
            Event::ReturningFromHost => CallHook::ReturningFromHost,
            _ => return Ok(()),
        };
        (self.0)(store, event)
    }
}
