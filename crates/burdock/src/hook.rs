//! `Hook`: a trait for the handlers of guest events. Code that installs no hook pays nothing.

use crate::{Event, Result, StoreContextMut, StoreHookState};
use alloc::boxed::Box;
pub use burdock_core::Events;
use core::future::Future;
use core::pin::Pin;

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

/// A hook on the transitions between host and guest whose answers are futures; see
/// [`Store::call_hook_async`](crate::Store::call_hook_async). While a future waits, so does the
/// call of the guest.
///
/// The attribute `async_trait` of the crate of this name lets an implementation contain an
/// `async fn`.
///
/// Source: Wasmtime's `CallHookHandler`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use std::pin::{Pin, pin};
/// use std::task::{Context, Poll, Waker};
///
/// /// Counts the calls of guests, when another task could have noticed them.
/// struct Count;
///
/// impl CallHookHandler<u32> for Count {
///     fn handle_call_event<'life0, 'life1, 'async_trait>(
///         &'life0 self,
///         mut store: StoreHookState<'life1, u32>,
///         event: CallHook,
///     ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'async_trait>>
///     where
///         'life0: 'async_trait,
///         'life1: 'async_trait,
///         Self: 'async_trait,
///     {
///         Box::pin(async move {
///             *store.data_mut() += u32::from(event == CallHook::CallingWasm);
///             Ok(())
///         })
///     }
/// }
///
/// let mut store = Store::new(&Engine::default(), 0);
/// store.call_hook_async(Count);
/// let func = Func::wrap(&mut store, || {});
/// {
///     let mut call = pin!(func.call_async(&mut store, &[], &mut []));
///     let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
///     assert!(matches!(polled, Poll::Ready(Ok(()))));
/// }
/// assert!(func.call(&mut store, &[], &mut []).is_err());
/// assert_eq!(*store.data(), 1);
/// ```
pub trait CallHookHandler<T: 'static>: Send {
    /// Returns a future that handles a transition.
    ///
    /// # Errors
    ///
    /// The future returns an error to raise it in the guest or to replace the result; see
    /// [`Store::call_hook`](crate::Store::call_hook).
    fn handle_call_event<'life0, 'life1, 'async_trait>(
        &'life0 self,
        store: StoreHookState<'life1, T>,
        event: CallHook,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait;
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
