//! Calls that can wait, as futures that C polls.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use burdock::{AsContextMut, Caller, Instance, Result, RootScope, Store, Val};

use crate::abi::{Finalizer, Given, Out, Payload, fill, guarded, slice, text};
use crate::cell::{Data, Held};
use crate::vecs::delete_function;
use crate::wasm::entity_types::wasm_functype_t;
use crate::wasm::object::wasm_trap_t;
use crate::wasmtime::error::{Outcome, bad_utf8, finish, finish_call, wasmtime_error_t};
use crate::wasmtime::external::{wasmtime_func_t, wasmtime_instance_t};
use crate::wasmtime::func::wasmtime_caller_t;
use crate::wasmtime::instance::{OutTrap, wasmtime_instance_pre_t};
use crate::wasmtime::linker::wasmtime_linker_t;
use crate::wasmtime::module::wasmtime_module_t;
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::val::{OwnedValues, get_all, wasmtime_val_t, write_all};

/// A call in progress, which has the store until it is done.
pub(crate) struct wasmtime_call_future_t {
    /// `None` once the call is done.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

delete_function! { wasmtime_call_future_t: wasmtime_call_future_delete }

/// Asks whether a host function is done.
type ContinuationCallback = Option<extern "C-unwind" fn(*mut c_void) -> bool>;

/// What a host function waits for.
#[repr(C)]
pub(crate) struct wasmtime_async_continuation_t {
    callback: ContinuationCallback,
    env: *mut c_void,
    finalizer: Finalizer,
}

/// A host function that can wait.
type AsyncCallback = extern "C-unwind" fn(
    *mut c_void,
    &wasmtime_caller_t<'_>,
    *const wasmtime_val_t,
    usize,
    *mut wasmtime_val_t,
    usize,
    &mut Option<Box<wasm_trap_t>>,
    &mut wasmtime_async_continuation_t,
);

/// A host function that can wait, or null.
pub(crate) type wasmtime_func_async_callback_t = Option<AsyncCallback>;

/// Where a call writes an error.
type OutError<'a> = Out<'a, Option<Box<wasmtime_error_t>>>;

impl wasmtime_call_future_t {
    fn new(future: impl Future<Output = ()> + 'static) -> Box<Self> {
        Box::new(Self { future: Some(Box::pin(future)) })
    }
}

/// Returns `true` if the call is done.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_call_future_poll(
    future: Option<&mut wasmtime_call_future_t>,
) -> bool {
    let future = &mut future.given("wasmtime_call_future_poll: future").future;
    let Some(running) = future else { return true };
    let done = running.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    if done {
        *future = None;
    }
    done
}

/// Places of the caller's that the future fills when it is done.
struct Places {
    results: &'static mut [MaybeUninit<wasmtime_val_t>],
    trap: OutTrap<'static>,
    error: OutError<'static>,
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_call_async(
    context: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
    args: *const wasmtime_val_t,
    nargs: usize,
    results: *mut MaybeUninit<wasmtime_val_t>,
    nresults: usize,
    trap: OutTrap<'static>,
    error: OutError<'static>,
) -> Box<wasmtime_call_future_t> {
    let context = context.given("wasmtime_func_call_async: context");
    let func = *func.given("wasmtime_func_call_async: func");
    // SAFETY: [HEADER] there are `nargs` arguments.
    let args = OwnedValues::copied(unsafe { slice(args, nargs, "wasmtime_func_call_async: args") });
    let what = "wasmtime_func_call_async: results";
    // SAFETY: [HEADER] there is room for `nresults` results until the future is done.
    let results = unsafe { crate::abi::slice_mut(results, nresults, what) };
    let held = context.hold("wasmtime_func_call_async");
    wasmtime_call_future_t::new(call(held, func, args, Places { results, trap, error }))
}

async fn call(mut held: Held, func: wasmtime_func_t, args: OwnedValues, places: Places) {
    let Places { results, trap, error } = places;
    let cell = held.cell().clone();
    let mut store = RootScope::new(held.store());
    let outcome: Result<()> = async {
        let what = "wasmtime_func_call_async: func";
        let func = func.get(&cell, &mut store.as_context_mut(), what).given(what);
        let args = get_all(args.as_slice(), &cell, &mut store, "an argument of a call")?;
        let mut values = vec![Val::I32(0); results.len()];
        func.call_async(&mut store, &args, &mut values).await?;
        write_all(results, &cell, &mut store, &values);
        Ok(())
    }
    .await;
    fill(error, finish_call(outcome, trap, |()| {}));
}

/// Instantiates in a future.
fn instantiate<F>(
    context: &wasmtime_context_t,
    function: &str,
    out: Out<'static, wasmtime_instance_t>,
    (trap, error): (OutTrap<'static>, OutError<'static>),
    make: F,
) -> Box<wasmtime_call_future_t>
where
    F: AsyncFnOnce(&mut Store<Data>) -> Result<Instance> + 'static,
{
    let mut held = context.hold(function);
    wasmtime_call_future_t::new(async move {
        let made = make(held.store()).await;
        let cell = held.cell().clone();
        let store = held.store().as_context_mut();
        let made = made.map(|instance| wasmtime_instance_t::new(&cell, &store, instance));
        fill(error, finish_call(made, trap, |instance| fill(out, instance)));
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_instantiate_async(
    linker: Option<&wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    module: Option<&wasmtime_module_t>,
    out: Out<'static, wasmtime_instance_t>,
    trap: OutTrap<'static>,
    error: OutError<'static>,
) -> Box<wasmtime_call_future_t> {
    let linker = linker.given("wasmtime_linker_instantiate_async: linker").0.clone();
    let context = context.given("wasmtime_linker_instantiate_async: store");
    let module = module.given("wasmtime_linker_instantiate_async: module").module.clone();
    let make = async move |store: &mut Store<Data>| linker.instantiate_async(store, &module).await;
    instantiate(context, "wasmtime_linker_instantiate_async", out, (trap, error), make)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_pre_instantiate_async(
    pre: Option<&wasmtime_instance_pre_t>,
    context: Option<&wasmtime_context_t>,
    out: Out<'static, wasmtime_instance_t>,
    trap: OutTrap<'static>,
    error: OutError<'static>,
) -> Box<wasmtime_call_future_t> {
    let pre = pre.given("wasmtime_instance_pre_instantiate_async: instance_pre").0.clone();
    let context = context.given("wasmtime_instance_pre_instantiate_async: store");
    let make = async move |store: &mut Store<Data>| pre.instantiate_async(store).await;
    instantiate(context, "wasmtime_instance_pre_instantiate_async", out, (trap, error), make)
}

/// Lets other tasks run once.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What a host function waits for, with the data that it needs.
struct Continuation {
    callback: ContinuationCallback,
    env: Payload,
}

impl Continuation {
    async fn done(&self) {
        let Some(callback) = self.callback else { return };
        while !guarded(|| callback(self.env.data())) {
            yield_now().await;
        }
    }
}

/// Calls a host function that can wait, and waits for it.
async fn call_host(
    callback: AsyncCallback,
    env: &Payload,
    mut caller: Caller<'_, Data>,
    params: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let cell = caller.data().cell();
    let mut args = OwnedValues::new(&cell, caller.as_context_mut(), params);
    let mut answers = OwnedValues::zeros(results.len());
    let mut trap: Box<Option<Box<wasm_trap_t>>> = Box::new(None);
    let continuation = cell.lend_caller(&mut caller, |current| {
        let caller = wasmtime_caller_t::new(&cell, current);
        let null = std::ptr::null_mut();
        let mut next = wasmtime_async_continuation_t { callback: None, env: null, finalizer: None };
        let (args, nargs) = args.parts();
        let (answers, nanswers) = answers.parts();
        callback(env.data(), &caller, args, nargs, answers, nanswers, &mut trap, &mut next);
        Continuation { callback: next.callback, env: Payload::new(next.env, next.finalizer) }
    });
    continuation.done().await;
    drop(continuation);
    if let Some(trap) = trap.take() {
        return Err(trap.into_error());
    }
    let values = get_all(answers.as_slice(), &cell, &mut caller, "a result of a host function")?;
    results.copy_from_slice(&values);
    Ok(())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_async_func(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_async_callback_t,
    data: *mut c_void,
    finalizer: Finalizer,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_define_async_func: linker").0;
    let callback = callback.given("wasmtime_linker_define_async_func: cb");
    let env = std::sync::Arc::new(Payload::new(data, finalizer));
    // SAFETY: [HEADER] the module's name has `module_len` bytes.
    let module = unsafe { text(module, module_len, "wasmtime_linker_define_async_func: module") };
    // SAFETY: [HEADER] the name has `name_len` bytes.
    let name = unsafe { text(name, name_len, "wasmtime_linker_define_async_func: name") };
    let (Some(module), Some(name)) = (module, name) else { return bad_utf8() };
    let ty = ty.given("wasmtime_linker_define_async_func: type").ty(linker.engine());
    let defined = linker.func_new_async(module, name, ty, move |caller, params, results| {
        let env = env.clone();
        Box::new(async move { call_host(callback, &env, caller, params, results).await })
    });
    finish(defined, |_| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_fuel_async_yield_interval(
    context: Option<&wasmtime_context_t>,
    interval: u64,
) -> Outcome {
    let context = context.given("wasmtime_context_fuel_async_yield_interval: context");
    let interval = (interval > 0).then_some(interval);
    finish(context.with(|mut store| store.fuel_async_yield_interval(interval)), |()| {})
}

/// Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_epoch_deadline_async_yield_and_update(
    context: Option<&wasmtime_context_t>,
    delta: u64,
) -> Outcome {
    let what = "wasmtime_context_epoch_deadline_async_yield_and_update";
    let context = context.given(what);
    context.with_store(what, |store| store.epoch_deadline_async_yield_and_update(delta));
    None
}
