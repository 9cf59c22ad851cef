//! Asynchronous host functions, and calls that wait for them.
//!
//! A guest's frames are data: a host function that has to wait leaves the machine like an error,
//! but the call keeps its place among the store's runs, with its frames. The call waits for the
//! function's future, which has access to the store meanwhile as any host function has; then the
//! guest goes on. The call needs no thread, no native stack and no executor of its own.

use super::call::{lower_all, stage};
use super::host::{self, HostFunction};
use super::list::{ListExt, WasmList, func_type};
use super::{Caller, Func, TypedFunc, WasmParams, WasmResults, WasmRet, resumable};
use crate::error::Context as _;
use crate::store::{StoreOpaque, StoreVTable, Yielding, Yields};
use crate::values::Rooting;
use crate::{AsContextMut, Engine, Error, FuncType, Result, RootScope, StoreContextMut, Val};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, InstanceAddr, SlotSpan, Stopped, Suspended};
use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The body of an asynchronous host function, from its parameters to its results; both are slots.
type Body<T> = dyn for<'a> Fn(Caller<'a, T>, Vec<u64>) -> Waiting<'a> + Send + Sync;
type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Results>> + Send + 'a>>;

/// The results of a host function that has ended, which become slots with the store at hand.
type Results = Box<dyn FnOnce(&StoreOpaque) -> Result<Vec<u64>> + Send>;

/// The error with which an asynchronous host function stops its guest; holds the work to do.
#[derive(thiserror::Error)]
#[error("an asynchronous host function was called by a call that can't wait for it")]
struct Pending<T: 'static> {
    params: Vec<u64>,
    /// The number of runs when the host function was called: only the run that has called it can
    /// wait for it.
    depth: usize,
    body: Arc<Body<T>>,
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

/// Becomes ready when it is polled for the second time.
#[derive(Default)]
struct OthersFirst(bool);

impl Future for OthersFirst {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A call that waits, in its place among the store's runs. Dropping the value abandons the call,
/// unless the call has gone on.
struct WaitingCall<'s, T: 'static> {
    store: StoreContextMut<'s, T>,
    call: Suspended,
}

impl<T: 'static> Drop for WaitingCall<'_, T> {
    fn drop(&mut self) {
        self.store.opaque().vm.abandon(&self.call);
    }
}

/// Calls a function, and waits for the asynchronous host functions that it calls, and for others
/// where the guest yields. If the function is a start function, the caller is its instance.
pub(crate) async fn call<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    (params, caller): (&[u64], Option<InstanceAddr>),
    results: &mut [u64],
) -> Result<()> {
    let StoreVTable { call_suspendable, .. } = store.inner.vtable;
    let mut ended = call_suspendable(store.reborrow(), func, (params, caller), results);
    while let Err(Stopped::Waits { error, call }) = ended {
        let mut waiting = WaitingCall { store: store.reborrow(), call };
        let (outcome, yields) = wait_for(waiting.store.reborrow(), error).await;
        let StoreVTable { go_on, .. } = waiting.store.inner.vtable;
        ended = go_on(waiting.store.reborrow(), &waiting.call, outcome, results, yields);
    }
    ended.map_err(resumable::into_error)
}

/// Waits until a stopped call can continue: until its asynchronous host function has ended, whose
/// results are returned, or until other futures have been polled.
async fn wait_for<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    error: Error,
) -> (Result<Vec<u64>>, Yields) {
    let error = match error.downcast() {
        Ok(Pending { params, body, .. }) => {
            let body: Arc<Body<T>> = body;
            return (results_of(store, &*body, params).await, Yields::Stop);
        }
        Err(error) => error,
    };
    let yielding = match error.downcast() {
        Ok(yielding) => yielding,
        Err(error) => return (Err(error), Yields::Stop),
    };
    let ticks = match yielding {
        Yielding::Fuel => {
            OthersFirst::default().await;
            return (Ok(Vec::new()), Yields::Stop);
        }
        Yielding::Limiter(question) => {
            store.inner.forget_answers();
            let answered = store.inner.answer(question).await;
            return (answered.map(|()| Vec::new()), Yields::Stop);
        }
        Yielding::Epoch(ticks) => {
            OthersFirst::default().await;
            ticks
        }
    };
    store.set_epoch_deadline(ticks);
    // A guest whose time is over again immediately makes progress all the same.
    let yields = if ticks == 0 { Yields::StopLater } else { Yields::Stop };
    (Ok(Vec::new()), yields)
}

/// Runs the body of an asynchronous host function, in a scope of references.
async fn results_of<T: 'static>(
    store: StoreContextMut<'_, T>,
    body: &Body<T>,
    params: Vec<u64>,
) -> Result<Vec<u64>> {
    let mut scope = RootScope::new(store);
    let results = body(Caller { store: scope.as_context_mut() }, params).await?;
    results(scope.as_context_mut().opaque())
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
