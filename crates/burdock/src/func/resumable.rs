//! Resumable calls, as in wasmi: calls that stop at the error of a host function, at the error of a
//! hook or for lack of fuel, and that the embedder can continue.

mod typed;

pub(super) use typed::finish_typed;
pub use typed::{
    TypedResumableCall, TypedResumableCallHookError, TypedResumableCallHostTrap,
    TypedResumableCallOutOfFuel,
};

use super::Func;
use super::call::lower_all;
use crate::store::{StoreId, StoreOpaque, StoreVTable};
use crate::{AsContextMut, Error, FuncType, Result, StoreContextMut, Trap, Val, bail};
use alloc::vec;
use alloc::vec::Vec;
use burdock_core::{Paused, Stopped};
use core::fmt;

/// The outcome of a resumable call: ended or stopped; see [`Func::call_resumable`] for examples.
#[derive(Debug)]
pub enum ResumableCall {
    /// The call ended; its results are in the slice that was passed.
    Finished,
    /// The call stopped at the error of a host function.
    HostTrap(ResumableCallHostTrap),
    /// The call stopped at the error of an attached hook, at an event of the guest.
    HookError(ResumableCallHookError),
    /// The call stopped for lack of fuel.
    OutOfFuel(ResumableCallOutOfFuel),
}

/// A stopped call.
struct Stop {
    store: StoreId,
    func: Func,
    paused: Paused,
}

/// A call that stopped at the error of a host function.
///
/// See [`Func::call_resumable`] for an example.
pub struct ResumableCallHostTrap {
    stop: Stop,
    host_func: Func,
    host_error: Error,
}

/// A call that stopped at the error of an attached hook ([`Store::attach`](crate::Store::attach)),
/// before the guest executes the operator of the event.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Pause;
/// impl Hook<()> for Pause {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
///         match event {
///             Event::FuncEnter(args) => bail!("called with {args:?}"),
///             _ => Ok(()),
///         }
///     }
/// }
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, i32>(&mut store, "f")?;
/// store.attach(Filter::new(), Pause);
/// let TypedResumableCall::HookError(stop) = f.call_resumable(&mut store, 2)? else { panic!() };
/// assert_eq!(stop.hook_error().root_cause().to_string(), "called with [I32(2)]");
/// let TypedResumableCall::Finished(3) = stop.resume(&mut store)? else { panic!() };
/// # Ok::<(), Error>(())
/// ```
pub struct ResumableCallHookError {
    stop: Stop,
    hook_error: Error,
}

/// A call that stopped for lack of fuel.
///
/// See [`Func::call_resumable`] for an example.
pub struct ResumableCallOutOfFuel {
    stop: Stop,
    required_fuel: u64,
}

impl Stop {
    /// Resumes the call with results of the host function that stopped it, if one did.
    fn resume<T>(
        self,
        mut store: StoreContextMut<'_, T>,
        host_results: &[u64],
        results: &mut [u64],
    ) -> crate::store::Ended {
        self.store.assert_same(store.id());
        let StoreVTable { resume, .. } = store.inner.vtable;
        resume(store.reborrow(), self.paused, host_results, results)
    }

    fn resume_untyped<T>(
        self,
        mut store: StoreContextMut<'_, T>,
        host_results: &[u64],
        outputs: &mut [Val],
    ) -> Result<ResumableCall> {
        let func = self.func;
        let ty = func.load_ty(store.opaque());
        check_outputs(&ty, outputs)?;
        let mut results = vec![0; ty.raw().result_slots() as usize];
        let ended = self.resume(store.reborrow(), host_results, &mut results);
        finish(store.opaque(), func, &ty, ended, &results, outputs)
    }
}

/// Resumes a guest of which a snapshot was taken.
pub(crate) fn resume_snapshot<T>(
    store: StoreContextMut<'_, T>,
    func: Func,
    paused: Paused,
    outputs: &mut [Val],
) -> Result<ResumableCall> {
    Stop { store: store.id(), func, paused }.resume_untyped(store, &[], outputs)
}

pub(crate) fn check_outputs(ty: &FuncType, outputs: &[Val]) -> Result<()> {
    let expected = ty.results().len();
    if expected != outputs.len() {
        bail!("expected {expected} results, got {}", outputs.len());
    }
    Ok(())
}

/// Returns the outcome of a resumable call.
pub(super) fn finish(
    store: &StoreOpaque,
    func: Func,
    ty: &FuncType,
    ended: crate::store::Ended,
    results: &[u64],
    outputs: &mut [Val],
) -> Result<ResumableCall> {
    match stopped(store.id(), func, ended)? {
        None => {
            Val::load_all(outputs, ty, results, store);
            Ok(ResumableCall::Finished)
        }
        Some(Why::Host(stop)) => Ok(ResumableCall::HostTrap(stop)),
        Some(Why::Hook(stop)) => Ok(ResumableCall::HookError(stop)),
        Some(Why::Fuel(stop)) => Ok(ResumableCall::OutOfFuel(stop)),
    }
}

enum Why {
    Host(ResumableCallHostTrap),
    Hook(ResumableCallHookError),
    Fuel(ResumableCallOutOfFuel),
}

fn stopped(store: StoreId, called: Func, ended: crate::store::Ended) -> Result<Option<Why>> {
    let stop = |paused| Stop { store, func: called, paused };
    match ended {
        Ok(()) => Ok(None),
        Err(Stopped::HostError { error, func, paused }) => {
            Ok(Some(Why::Host(ResumableCallHostTrap {
                stop: stop(paused),
                host_func: Func::from_addr(store, func),
                host_error: error,
            })))
        }
        Err(Stopped::Observed { error, paused }) => {
            Ok(Some(Why::Hook(ResumableCallHookError { stop: stop(paused), hook_error: error })))
        }
        Err(Stopped::OutOfFuel { required, paused }) => {
            Ok(Some(Why::Fuel(ResumableCallOutOfFuel {
                stop: stop(paused),
                required_fuel: required,
            })))
        }
        Err(stopped) => Err(into_error(stopped)),
    }
}

/// Returns the error of a call that does not continue.
pub(super) fn into_error(stopped: Stopped<Error>) -> Error {
    match stopped {
        Stopped::Failed(failure) => failure.error,
        Stopped::HostError { error, .. }
        | Stopped::Observed { error, .. }
        | Stopped::Waits { error, .. } => error,
        Stopped::OutOfFuel { .. } => Trap::OutOfFuel.into(),
    }
}

impl ResumableCallHostTrap {
    /// Returns the host function that failed.
    pub fn host_func(&self) -> Func {
        self.host_func
    }

    /// Returns the host function's error.
    pub fn host_error(&self) -> &Error {
        &self.host_error
    }

    /// Returns the host function's error and abandons the call.
    pub fn into_host_error(self) -> Error {
        self.host_error
    }

    /// Returns the values that stand for the host function's results, as slots.
    fn inputs<T>(&self, store: &mut StoreContextMut<'_, T>, inputs: &[Val]) -> Result<Vec<u64>> {
        let ty = self.host_func.load_ty(store.opaque());
        let expected = ty.results().len();
        if expected != inputs.len() {
            bail!("expected {expected} results, got {}", inputs.len());
        }
        lower_all(store.opaque(), inputs, ty.raw().results())
    }

    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Fails if the values are not results of the host function, the number of `outputs` is wrong,
    /// or the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(
        self,
        mut store: impl AsContextMut,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        let inputs = self.inputs(&mut store, inputs)?;
        self.stop.resume_untyped(store, &inputs, outputs)
    }
}

impl ResumableCallHookError {
    /// Returns the hook's error.
    pub fn hook_error(&self) -> &Error {
        &self.hook_error
    }

    /// Returns the hook's error and abandons the call.
    pub fn into_hook_error(self) -> Error {
        self.hook_error
    }

    /// Resumes the call after the event. Hooks that did not get the event before the stop do not
    /// get it. If fuel had run out, the call continues with the store's current fuel.
    ///
    /// # Errors
    ///
    /// Fails if the number of `outputs` is wrong, or the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(
        self,
        mut store: impl AsContextMut,
        outputs: &mut [Val],
    ) -> Result<ResumableCall> {
        self.stop.resume_untyped(store.as_context_mut(), &[], outputs)
    }
}

impl ResumableCallOutOfFuel {
    /// Returns the least amount of fuel that the store needs for the call to continue.
    pub fn required_fuel(&self) -> u64 {
        self.required_fuel
    }

    /// Resumes the call with the store's current fuel.
    ///
    /// # Errors
    ///
    /// Fails if the number of `outputs` is wrong, or the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(
        self,
        mut store: impl AsContextMut,
        outputs: &mut [Val],
    ) -> Result<ResumableCall> {
        self.stop.resume_untyped(store.as_context_mut(), &[], outputs)
    }
}

impl fmt::Debug for ResumableCallHostTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableCallHostTrap")
            .field("host_func", &self.host_func)
            .field("host_error", &self.host_error)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableCallHookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("ResumableCallHookError");
        text.field("hook_error", &self.hook_error).finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableCallOutOfFuel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableCallOutOfFuel")
            .field("required_fuel", &self.required_fuel)
            .finish_non_exhaustive()
    }
}
