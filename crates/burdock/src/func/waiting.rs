//! Calls that wait: for asynchronous host functions, limiters and hooks, and for other tasks where
//! the guest yields.

use super::asynchronous::{Body, Pending, waits_for};
use super::{Caller, resumable};
use crate::observe::{behind_hook, transition};
use crate::store::{CallSuspendable, StoreVTable, Yielding, Yields};
use crate::{AsContextMut, Error, Result, RootScope, StoreContextMut};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, HostFunc, InstanceAddr, SlotSpan, Stopped, Suspended, Transition};
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

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

/// The arguments of a call. If the function is a start function, the caller is its instance.
type Arguments<'a> = (&'a [u64], Option<InstanceAddr>);

/// Calls a function, and waits for everything that its call may have to wait for.
pub(crate) async fn call<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    args: Arguments<'_>,
    results: &mut [u64],
) -> Result<()> {
    let StoreVTable { call_suspendable, .. } = store.inner.vtable;
    match call_by(call_suspendable, store.reborrow(), func, args, results).await {
        Err(error) if matches!(error.downcast_ref(), Some(Yielding::Hook)) => {
            Box::pin(call_with_hook(store, func, args, results)).await
        }
        ended => ended,
    }
}

/// Calls a function in a store whose hook is asynchronous.
async fn call_with_hook<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    args: Arguments<'_>,
    results: &mut [u64],
) -> Result<()> {
    let Some(call) = behind_hook(&store) else { return Err(Error::new(Yielding::Hook)) };
    transition(&mut store, Transition::CallingWasm, args.0).await?;
    let ended = call_by(call, store.reborrow(), func, args, results).await;
    transition(&mut store, Transition::ReturningFromWasm, results).await?;
    ended
}

/// Calls a function by one of the store's functions for that.
async fn call_by<T: 'static>(
    call: CallSuspendable<T>,
    mut store: StoreContextMut<'_, T>,
    func: FuncAddr,
    args: Arguments<'_>,
    results: &mut [u64],
) -> Result<()> {
    let mut ended = call(store.reborrow(), func, args, results);
    while let Err(Stopped::Waits { error, call }) = ended {
        let mut waiting = WaitingCall { store: store.reborrow(), call };
        let (outcome, yields) = wait_for(waiting.store.reborrow(), error).await;
        let StoreVTable { go_on, .. } = waiting.store.inner.vtable;
        ended = go_on(waiting.store.reborrow(), &waiting.call, outcome, results, yields);
    }
    ended.map_err(resumable::into_error)
}

/// Waits until a stopped call can continue. If it continues behind a call of a host function,
/// returns the function's results, unless they are in their slots.
async fn wait_for<T: 'static>(
    store: StoreContextMut<'_, T>,
    error: Error,
) -> (Result<Vec<u64>>, Yields) {
    let error = match error.downcast() {
        Ok(Pending { params, body, .. }) => {
            let body: Arc<Body<T>> = body;
            return (results_of(store, &*body, params).await, Yields::Stop);
        }
        Err(error) => error,
    };
    let outcome = match error.downcast() {
        Ok(Yielding::HostCall(func, slots)) => call_host(store, func, slots).await,
        Ok(Yielding::Limiter(question)) => {
            store.inner.forget_answers();
            store.inner.answer(question).await
        }
        Ok(yielding) => {
            let ended = yield_to_others(store, yielding).await;
            let yields = ended.as_ref().map_or(Yields::Stop, |yields| *yields);
            return (ended.map(|_| Vec::new()), yields);
        }
        Err(error) => Err(error),
    };
    (outcome.map(|()| Vec::new()), Yields::Stop)
}

/// Lets other tasks be polled, as a yield asks for.
async fn yield_to_others<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    yielding: Yielding,
) -> Result<Yields> {
    transition(&mut store, Transition::CallingHost, &[]).await?;
    let ticks = match yielding {
        Yielding::Custom(ticks, future) => {
            future.into_inner().await;
            Some(ticks)
        }
        yielding => {
            OthersFirst::default().await;
            yielding.ticks()
        }
    };
    if let Some(ticks) = ticks {
        store.set_epoch_deadline(ticks);
    }
    transition(&mut store, Transition::ReturningFromHost, &[]).await?;
    // A guest whose time is over again immediately makes progress all the same.
    Ok(if ticks == Some(0) { Yields::StopLater } else { Yields::Stop })
}

/// Calls a host function for a guest that waits, in a store whose hook is asynchronous. Parameters
/// and results are in slots.
async fn call_host<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    func: HostFunc,
    slots: SlotSpan,
) -> Result<()> {
    store.opaque().vm.keep_slots(slots);
    transition(&mut store, Transition::CallingHost, &[]).await?;
    let hosts = store.hosts;
    let called = match store.lend(|store| (hosts.get(func).body)(store, slots)) {
        Err(error) => wait_for_host(store.reborrow(), error, slots).await,
        Ok(()) => Ok(()),
    };
    transition(&mut store, Transition::ReturningFromHost, &[]).await?;
    called
}

/// Waits for a host function that is asynchronous, and writes its results to the slots.
async fn wait_for_host<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    error: Error,
    slots: SlotSpan,
) -> Result<()> {
    let depth = store.opaque().vm.depth();
    if !waits_for::<T>(&error, depth) {
        return Err(error);
    }
    let Pending { params, body, .. } = error.downcast()?;
    let body: Arc<Body<T>> = body;
    let results = results_of(store.reborrow(), &*body, params).await?;
    let vm = &mut store.opaque().vm;
    // The slots are in the innermost run, which must not be one that the function has leaked.
    vm.settle(depth);
    vm.slots_mut(slots)[..results.len()].copy_from_slice(&results);
    Ok(())
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
