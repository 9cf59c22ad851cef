//! Resumable calls whose result types are known.

use super::{
    Func, ResumableCallHookError, ResumableCallHostTrap, ResumableCallOutOfFuel, Stop, Why, stopped,
};
use crate::func::WasmResults;
use crate::func::list::ListExt;
use crate::store::StoreOpaque;
use crate::{AsContextMut, Error, Result, StoreContextMut, Val};
use alloc::vec;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

/// The outcome of a resumable call whose result types are known; see
/// [`ResumableCall`](super::ResumableCall).
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ask = Func::wrap(&mut store, || -> Result<i32> { bail!("not now") });
/// let module = Module::new(store.engine(), r#"
///     (module
///         (import "" "ask" (func $ask (result i32)))
///         (func (export "run") (result i32) (i32.add (call $ask) (i32.const 1))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[ask.into()])?;
/// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
/// let mut call = run.call_resumable(&mut store, ())?;
/// if let TypedResumableCall::HostTrap(stopped) = call {
///     assert_eq!(stopped.host_error().root_cause().to_string(), "not now");
///     call = stopped.resume(&mut store, &[Val::I32(6)])?;
/// }
/// assert!(matches!(call, TypedResumableCall::Finished(7)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub enum TypedResumableCall<Results> {
    /// The call ended with these results.
    Finished(Results),
    /// The call stopped at the error of a host function.
    HostTrap(TypedResumableCallHostTrap<Results>),
    /// The call stopped at the error of an attached hook, at an event of the guest.
    HookError(TypedResumableCallHookError<Results>),
    /// The call stopped for lack of fuel.
    OutOfFuel(TypedResumableCallOutOfFuel<Results>),
}

/// A call that stopped at the error of a host function, with the types of its results known.
///
/// See [`TypedResumableCall`] for an example.
pub struct TypedResumableCallHostTrap<Results> {
    call: ResumableCallHostTrap,
    results: PhantomData<fn() -> Results>,
}

/// A call that stopped at the error of an attached hook, with the types of its results known.
///
/// See [`ResumableCallHookError`] for an example.
pub struct TypedResumableCallHookError<Results> {
    call: ResumableCallHookError,
    results: PhantomData<fn() -> Results>,
}

/// A call that stopped for lack of fuel, with the types of its results known.
///
/// See [`TypedResumableCall`] for an example.
pub struct TypedResumableCallOutOfFuel<Results> {
    call: ResumableCallOutOfFuel,
    results: PhantomData<fn() -> Results>,
}

impl<Results: WasmResults> TypedResumableCallHostTrap<Results> {
    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Fails if the values are not results of the host function, or the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(
        self,
        mut store: impl AsContextMut,
        inputs: &[Val],
    ) -> Result<TypedResumableCall<Results>> {
        let mut store = store.as_context_mut();
        let inputs = self.call.inputs(&mut store, inputs)?;
        self.call.stop.resume_typed(store, &inputs)
    }
}

impl<Results> TypedResumableCallHostTrap<Results> {
    /// Returns the host function's error and abandons the call.
    pub fn into_host_error(self) -> Error {
        self.call.host_error
    }
}

impl<Results: WasmResults> TypedResumableCallHookError<Results> {
    /// Resumes the call; see [`ResumableCallHookError::resume`].
    ///
    /// # Errors
    ///
    /// Fails if the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<Results>> {
        self.call.stop.resume_typed(store.as_context_mut(), &[])
    }
}

impl<Results> TypedResumableCallHookError<Results> {
    /// Returns the hook's error and abandons the call.
    pub fn into_hook_error(self) -> Error {
        self.call.hook_error
    }
}

impl<Results: WasmResults> TypedResumableCallOutOfFuel<Results> {
    /// Resumes the call with the store's current fuel.
    ///
    /// # Errors
    ///
    /// Fails if the call fails.
    ///
    /// # Panics
    ///
    /// Panics if the call is of another store.
    pub fn resume(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<Results>> {
        self.call.stop.resume_typed(store.as_context_mut(), &[])
    }
}

impl<Results> Deref for TypedResumableCallHostTrap<Results> {
    type Target = ResumableCallHostTrap;

    fn deref(&self) -> &ResumableCallHostTrap {
        &self.call
    }
}

impl<Results> Deref for TypedResumableCallHookError<Results> {
    type Target = ResumableCallHookError;

    fn deref(&self) -> &ResumableCallHookError {
        &self.call
    }
}

impl<Results> Deref for TypedResumableCallOutOfFuel<Results> {
    type Target = ResumableCallOutOfFuel;

    fn deref(&self) -> &ResumableCallOutOfFuel {
        &self.call
    }
}

impl<Results> fmt::Debug for TypedResumableCallHookError<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl<Results> fmt::Debug for TypedResumableCallHostTrap<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl<Results> fmt::Debug for TypedResumableCallOutOfFuel<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl Stop {
    fn resume_typed<T, R: WasmResults>(
        self,
        mut store: StoreContextMut<'_, T>,
        host_results: &[u64],
    ) -> Result<TypedResumableCall<R>> {
        let func = self.func;
        let mut results = vec![0; R::SLOTS];
        let ended = self.resume(store.reborrow(), host_results, &mut results);
        finish_typed(store.opaque(), func, ended, &results)
    }
}

/// Returns the outcome of a resumable call whose result types are known.
pub(in crate::func) fn finish_typed<R: WasmResults>(
    store: &StoreOpaque,
    func: Func,
    ended: crate::store::Ended,
    results: &[u64],
) -> Result<TypedResumableCall<R>> {
    match stopped(store.id(), func, ended)? {
        None => Ok(TypedResumableCall::Finished(R::load_list(results, store))),
        Some(Why::Host(call)) => Ok(TypedResumableCall::HostTrap(TypedResumableCallHostTrap {
            call,
            results: PhantomData,
        })),
        Some(Why::Hook(call)) => Ok(TypedResumableCall::HookError(TypedResumableCallHookError {
            call,
            results: PhantomData,
        })),
        Some(Why::Fuel(call)) => Ok(TypedResumableCall::OutOfFuel(TypedResumableCallOutOfFuel {
            call,
            results: PhantomData,
        })),
    }
}
