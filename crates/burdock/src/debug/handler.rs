//! `DebugHandler`: what is called when a guest that is debugged stops.

use crate::{
    Error, Event, Events, ExnRef, Filter, Hook, OwnedRooted, Result, Store, StoreContextMut,
    ThrownException, Trap,
};
use alloc::sync::Arc;
use core::marker::PhantomData;

/// The reason for which a guest stops.
///
/// Source: Wasmtime's `DebugEvent`.
///
/// See [`DebugHandler`] for an example.
#[derive(Debug)]
#[non_exhaustive]
pub enum DebugEvent<'a> {
    /// A host function has erred.
    HostcallError(&'a Error),
    /// An exception is thrown, by a guest or by a host function that the guest has called. No
    /// handler has been searched yet: the exception is the store's pending one
    /// ([`Store::take_pending_exception`]), and another one that is pending when the debugger's
    /// handler returns is thrown instead.
    Exception(OwnedRooted<ExnRef>),
    /// No guest of the call catches the exception that was thrown, which ends the call. The error
    /// is a [`ThrownException`]. (Wasmtime has no such event.)
    UncaughtException(&'a Error),
    /// The guest traps.
    Trap(Trap),
    /// The guest is at a breakpoint.
    Breakpoint,
    /// The guest is being stepped through, and is at no breakpoint. (Wasmtime calls this
    /// `Breakpoint`, too.)
    Step,
    /// Another thread has interrupted the guest
    /// ([`InterruptHandle::interrupt`](crate::InterruptHandle::interrupt)).
    Interrupt,
    /// The epoch has reached its deadline.
    EpochYield,
}

/// A callback for the stops of a guest that is being debugged; the guest continues when it returns.
///
/// Source: Wasmtime's `DebugHandler`, whose `handle` is a future; here it is an ordinary method.
///
/// # Example
///
/// ```
/// use burdock::*;
/// #[derive(Clone)]
/// struct Show;
/// impl DebugHandler for Show {
///     type Data = Vec<String>;
///     fn handle(&self, mut store: StoreContextMut<'_, Self::Data>, event: DebugEvent<'_>) {
///         let frame = store.debug_exit_frames().next().unwrap();
///         let (func, pc) = frame.wasm_function_index_and_pc(&mut store).unwrap().unwrap();
///         let line = format!("function {}, offset {}: {event:?}", func.as_u32(), pc.raw());
///         store.data_mut().push(line);
///     }
/// }
/// let mut config = Config::new();
/// config.guest_debug(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module (func (export "f") unreachable))"#)?;
/// let mut store = Store::new(&engine, Vec::new());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
/// store.set_debug_handler(Show);
/// assert!(f.call(&mut store, ()).is_err());
/// assert_eq!(*store.data(), ["function 0, offset 30: Trap(UnreachableCodeReached)"]);
/// # Ok::<(), Error>(())
/// ```
pub trait DebugHandler: Clone + Send + Sync + 'static {
    /// The store's data.
    type Data: 'static;

    /// Handles a stop of the guest; [`StoreContextMut::debug_exit_frames`] gives its frames.
    fn handle(&self, store: StoreContextMut<'_, Self::Data>, event: DebugEvent<'_>);

    /// Handles a stop of the guest as [`handle`](Self::handle) does, and may end the guest.
    ///
    /// # Errors
    ///
    /// An error ends the guest, of which the handler is told
    /// ([`HostcallError`](DebugEvent::HostcallError)). After a trap or an error of the host, which
    /// end the guest anyway, it replaces their error. After an
    /// [`Exception`](DebugEvent::Exception), nothing is thrown.
    fn try_handle(
        &self,
        store: StoreContextMut<'_, Self::Data>,
        event: DebugEvent<'_>,
    ) -> Result<()> {
        self.handle(store, event);
        Ok(())
    }
}

/// A handler of thrown exceptions: not an event of hooks, because those would want it in all code
/// and for each exception.
pub(crate) type OnException<T> =
    Arc<dyn Fn(StoreContextMut<'_, T>, OwnedRooted<ExnRef>) -> Result<()> + Send + Sync>;

/// A handler as a hook.
struct Handle<D, T>(D, PhantomData<fn() -> T>);

impl<T: 'static, D: DebugHandler<Data = T>> Hook<T> for Handle<D, T> {
    const EVENTS: Events = Events::INSTRUCTIONS.union(Events::TRAPS).union(Events::INTERRUPTS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let event = match event {
            Event::Instruction if is_at_breakpoint(&mut store) => DebugEvent::Breakpoint,
            Event::Instruction => DebugEvent::Step,
            Event::Interrupt => DebugEvent::Interrupt,
            Event::Trap(trap) => DebugEvent::Trap(trap),
            Event::HostError(error)
                if error.is::<ThrownException>() && store.has_pending_exception() =>
            {
                DebugEvent::UncaughtException(error)
            }
            Event::HostError(error) => DebugEvent::HostcallError(error),
            Event::EpochDeadline => DebugEvent::EpochYield,
            _ => return Ok(()),
        };
        self.0.try_handle(store, event)
    }
}

/// Returns `true` if the innermost frame is at a breakpoint.
fn is_at_breakpoint<T: 'static>(store: &mut StoreContextMut<'_, T>) -> bool {
    let Some(frame) = store.frame() else { return false };
    let module = frame.module(&*store);
    let points = store.inner.breakpoints();
    points.is_some_and(|points| points.in_module(module).any(|at| at == frame.offset()))
}

impl<T: 'static> Store<T> {
    /// Sets the handler that is called when a guest traps, reaches a breakpoint or is stepped
    /// through. Replaces any previous handler.
    ///
    /// # Panics
    ///
    /// Panics if [`Config::guest_debug`](crate::Config::guest_debug) is off.
    ///
    /// Source: Wasmtime's `Store::set_debug_handler`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// #[derive(Clone)]
    /// struct Show;
    /// impl DebugHandler for Show {
    ///     type Data = Vec<(u32, i32)>;
    ///     fn handle(&self, mut store: StoreContextMut<'_, Self::Data>, _: DebugEvent<'_>) {
    ///         let frame = store.debug_exit_frames().next().unwrap();
    ///         let (_, pc) = frame.wasm_function_index_and_pc(&mut store).unwrap().unwrap();
    ///         let local = frame.local(&mut store, 0).unwrap().unwrap_i32();
    ///         store.data_mut().push((pc.raw(), local));
    ///     }
    /// }
    /// let mut config = Config::new();
    /// config.guest_debug(true);
    /// let engine = Engine::new(&config)?;
    /// let module = Module::new(&engine, r#"(module
    ///     (func (export "f") (param i32) (result i32) local.get 0 i32.const 1 i32.add))"#)?;
    /// let mut store = Store::new(&engine, Vec::new());
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, i32>(&mut store, "f")?;
    /// store.set_debug_handler(Show);
    /// store.edit_breakpoints().unwrap().single_step(true)?;
    /// f.call(&mut store, 7)?;
    /// assert_eq!(*store.data(), [(32, 7), (34, 7), (36, 7), (37, 7)]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn set_debug_handler(&mut self, handler: impl DebugHandler<Data = T>) {
        assert!(
            self.engine().config().guest_debug,
            "guest debugging is off: see `Config::guest_debug`"
        );
        self.clear_debug_handler();
        let mut store = crate::AsContextMut::as_context_mut(self);
        let breakpoints = store.debugging();
        let mut filter = Filter::new();
        filter.breakpoints = Some(breakpoints.clone());
        let also = handler.clone();
        let on_exception: OnException<T> = Arc::new(move |store, exception| {
            also.try_handle(store, DebugEvent::Exception(exception))
        });
        let hook = store.attach(filter, Handle(handler, PhantomData));
        store.set_debug_hook(Some((hook.id(), on_exception)));
    }

    /// Takes the handler away. Breakpoints stay.
    pub fn clear_debug_handler(&mut self) {
        let mut store = crate::AsContextMut::as_context_mut(self);
        if let Some(id) = store.set_debug_hook(None) {
            store.detach_id(id);
        }
    }
}
