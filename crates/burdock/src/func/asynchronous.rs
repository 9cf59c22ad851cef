//! Asynchronous host functions, and calls that wait for them.
//!
//! A guest's frames are data: a host function that has to wait leaves the machine like an error,
//! but the call keeps its place among the store's runs, with its frames. The call waits for the
//! function's future, which has access to the store meanwhile as any host function has; then the
//! guest goes on. The call needs no thread, no native stack and no executor of its own.

use super::call::{lower_all, stage};
use super::host::{self, HostFunction};
use super::list::{ListExt, WasmList, func_type};
use super::waiting::call;
use super::{Caller, Func, TypedFunc, WasmParams, WasmResults, WasmRet};
use crate::error::Context as _;
use crate::store::StoreOpaque;
use crate::values::Rooting;
use crate::{AsContextMut, Engine, Error, FuncType, Result, StoreContextMut, Val};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use burdock_core::SlotSpan;
use core::fmt;
use core::future::Future;
use core::pin::Pin;

/// The body of an asynchronous host function, from its parameters to its results; both are slots.
pub(super) type Body<T> = dyn for<'a> Fn(Caller<'a, T>, Vec<u64>) -> Waiting<'a> + Send + Sync;
pub(super) type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Results>> + Send + 'a>>;

/// The results of a host function that has ended, which become slots with the store at hand.
pub(super) type Results = Box<dyn FnOnce(&StoreOpaque) -> Result<Vec<u64>> + Send>;

/// The error with which an asynchronous host function stops its guest; holds the work to do.
#[derive(thiserror::Error)]
#[error("an asynchronous host function was called by a call that can't wait for it")]
pub(super) struct Pending<T: 'static> {
    pub(super) params: Vec<u64>,
    /// The number of runs when the host function was called: only the run that has called it can
    /// wait for it.
    depth: usize,
    pub(super) body: Arc<Body<T>>,
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// Returns `true` if the error is that of an asynchronous host function that was called by a run at
/// this depth.
pub(crate) fn waits_for<T: 'static>(error: &Error, depth: usize) -> bool {
    error.downcast_ref::<Pending<T>>().is_some_and(|pending| pending.depth == depth)
}

/// Creates a host function that stops its guest until `body` is done.
fn stopping<T, F>(ty: FuncType, body: F) -> Arc<HostFunction<T>>
where
    T: 'static,
    F: for<'a> Fn(Caller<'a, T>, Vec<u64>) -> Waiting<'a> + Send + Sync + 'static,
{
    let body: Arc<Body<T>> = Arc::new(body);
    let stop = move |store: StoreContextMut<'_, T>, span: SlotSpan| -> Result<()> {
        let params = store.inner.opaque.vm.slots(span).to_vec();
        let depth = store.inner.opaque.vm.depth();
        Err(Error::new(Pending { params, depth, body: Arc::clone(&body) }))
    };
    Arc::new(HostFunction { ty, body: Box::new(stop) })
}

/// Creates an asynchronous host function with static types.
pub(crate) fn typed_async<T, P, R, F>(engine: &Engine, func: F) -> Arc<HostFunction<T>>
where
    T: 'static,
    P: WasmList,
    R: WasmRet + 'static,
    F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    let ty = func_type::<P, R::Ok>(engine);
    stopping(ty, move |caller, params| {
        let params = P::load_list(&params, &caller.store.inner.opaque);
        let future = func(caller, params);
        Box::pin(async move {
            let results = Box::into_pin(future).await.into_fallible()?;
            Ok(Box::new(move |store: &StoreOpaque| results.into_slots(store)) as Results)
        })
    })
}

/// Creates an asynchronous host function on `Val`s, which are checked at each call.
///
/// # Panics
///
/// Panics if the type is of another engine.
pub(crate) fn untyped_async<T, F>(engine: &Engine, ty: FuncType, func: F) -> Arc<HostFunction<T>>
where
    T: Send + 'static,
    F: for<'a> Fn(
            Caller<'a, T>,
            &'a [Val],
            &'a mut [Val],
        ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    assert!(Engine::same(engine, ty.engine()), "type used with wrong engine");
    let (func, own) = (Arc::new(func), ty.clone());
    stopping(ty, move |mut caller, slots| {
        let (func, own) = (Arc::clone(&func), own.clone());
        Box::pin(async move {
            let types = own.raw();
            let mut params = Vec::with_capacity(types.params().len());
            let mut rest = &slots[..];
            for ty in types.params() {
                let rooting = Rooting::Scoped(&caller.store.inner.opaque);
                let (val, behind) = Val::load(*ty, rest, rooting);
                params.push(val);
                rest = behind;
            }
            let mut results = vec![Val::FuncRef(None); types.results().len()];
            let inner = Caller { store: caller.store.reborrow() };
            Box::into_pin(func(inner, &params, &mut results)).await?;
            let own = own.clone();
            Ok(Box::new(move |store: &StoreOpaque| {
                lower_all(store, &results, own.raw().results())
                    .context("function attempted to return an incompatible value")
            }) as Results)
        })
    })
}

impl Func {
    /// Creates an asynchronous host function of a type that is only known at run time; see
    /// [`Linker::func_new_async`](crate::Linker::func_new_async).
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub fn new_async<T, F>(mut store: impl AsContextMut<Data = T>, ty: FuncType, func: F) -> Self
    where
        T: Send + 'static,
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        let store = store.as_context_mut();
        let func = untyped_async(store.engine(), ty, func);
        host::add(store, func)
    }

    /// Creates an asynchronous host function from a Rust function; see
    /// [`Linker::func_wrap_async`](crate::Linker::func_wrap_async).
    pub fn wrap_async<T, F, P, R>(mut store: impl AsContextMut<Data = T>, func: F) -> Self
    where
        T: 'static,
        F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a>
            + Send
            + Sync
            + 'static,
        P: WasmParams,
        R: WasmRet + 'static,
    {
        let store = store.as_context_mut();
        let func = typed_async(store.engine(), func);
        host::add(store, func)
    }

    /// Calls the function, waiting for the asynchronous host functions that it calls.
    ///
    /// The call also yields to other tasks when fuel or the epoch require it
    /// ([`Store::fuel_async_yield_interval`](crate::Store::fuel_async_yield_interval),
    /// [`Store::epoch_deadline_async_yield_and_update`](crate::Store::epoch_deadline_async_yield_and_update)).
    /// While the call waits, the host function's future has access to the store, and to the guest's
    /// frames as in any host function. Dropping the future of this call abandons the call. A call
    /// from a host function into a guest can wait only if that host function is asynchronous
    /// itself.
    ///
    /// # Errors
    ///
    /// Fails as [`Func::call`] does.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let (addr, ty) = self.checked(store.opaque(), params.len(), results.len())?;
        let (slots, mut raw_results) = stage(store.opaque(), &ty, params)?;
        call(store.reborrow(), addr, (&slots, None), &mut raw_results).await?;
        Val::load_all(results, &ty, &raw_results, store.opaque());
        Ok(())
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// Calls the function, waiting for the asynchronous host functions that it calls; see
    /// [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Fails as [`TypedFunc::call`] does.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut,
        params: Params,
    ) -> Result<Results> {
        let mut store = store.as_context_mut();
        let addr = self.func().addr(store.id());
        let slots = Params::slots_of(&self.lower(store.opaque(), params)?);
        let mut results = vec![0; Results::SLOTS];
        call(store.reborrow(), addr, (&slots, None), &mut results).await?;
        Ok(Results::load_list(&results, store.opaque()))
    }
}
