//! `Hook`: a trait for the handlers of guest events. Code that installs no hook pays nothing.

use crate::{Event, Result, StoreContextMut};
pub use burdock_core::Events;

/// A transition between host and guest.
///
/// Source: Wasmtime's `CallHook`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), Vec::new());
/// store.call_hook(|mut store, transition| {
///     store.data_mut().push(transition);
///     Ok(())
/// });
/// let module = Module::new(store.engine(), r#"(module (func (export "f")))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), [CallHook::CallingWasm, CallHook::ReturningFromWasm]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallHook {
    /// The host calls a function of a guest (or a host function, as if a guest was there).
    CallingWasm,
    /// The call into the guest returns or fails.
    ReturningFromWasm,
    /// A guest calls a host function.
    CallingHost,
    /// The call of the host returns or fails.
    ReturningFromHost,
}

impl CallHook {
    /// Returns `true` if control passes into host code.
    pub fn entering_host(&self) -> bool {
        matches!(self, Self::ReturningFromWasm | Self::CallingHost)
    }

    /// Returns `true` if control passes out of host code.
    pub fn exiting_host(&self) -> bool {
        matches!(self, Self::ReturningFromHost | Self::CallingWasm)
    }
}

/// A hook: a type whose `event` is called for the events that it names.
///
/// There are two ways to use one. [`Store::set_hook`](crate::Store::set_hook) installs one hook for
/// [`Events::CALLS`]: what runs guests is compiled for its type. [`Store::attach`] adds one of any
/// number for all events, with a [`Filter`](crate::Filter): what is observed is written into
/// the code of the functions that the filter matches. Either way, what no hook asks for leaves no
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

    /// Handles an event.
    ///
    /// # Errors
    ///
    /// Returns an error to raise it in the guest or to replace the result; see
    /// [`Store::call_hook`](crate::Store::call_hook).
    fn event(&mut self, store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()>;
}

/// The hook type of a store without a hook.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// store.call_hook(|_, transition| bail!("no calls today: {transition:?}"));
/// let func = Func::wrap(&mut store, || {});
/// assert!(func.call(&mut store, &[], &mut []).is_err());
/// store.set_hook(NoHook);
/// assert!(func.call(&mut store, &[], &mut []).is_ok());
/// ```
#[derive(Copy, Clone, Debug, Default)]
pub struct NoHook;

impl<T: 'static> Hook<T> for NoHook {
    const EVENTS: Events = Events::NONE;

    fn event(&mut self, _: StoreContextMut<'_, T>, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}
