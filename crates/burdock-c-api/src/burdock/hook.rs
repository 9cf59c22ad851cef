//! The hook of a store's own, and attached hooks.

use std::ffi::c_void;
use std::sync::{Arc, Weak};

use burdock::{CallHook, Event, Events, Hook, HookId, Result, StoreContextMut};

use crate::abi::{Finalizer, Given, Payload};
use crate::burdock::event::{
    CALLING_HOST, CALLING_WASM, Owned, RETURNING_FROM_HOST, RETURNING_FROM_WASM, burdock_event_t,
};
use crate::burdock::filter::burdock_filter_t;
use crate::cell::{Data, StoreCell};
use crate::vecs::delete_function;
use crate::wasmtime::error::wasmtime_error_t;
use crate::wasmtime::store::{wasmtime_context_t, wasmtime_store_t};

/// A call hook.
type burdock_call_hook_t = Option<
    extern "C-unwind" fn(*mut c_void, &wasmtime_context_t, u8) -> Option<Box<wasmtime_error_t>>,
>;

/// A hook that is attached.
type Callback = extern "C-unwind" fn(
    *mut c_void,
    &wasmtime_context_t,
    &burdock_event_t,
) -> Option<Box<wasmtime_error_t>>;

/// A hook that is attached, or null.
type burdock_hook_t = Option<Callback>;

/// A hook of C as the engine sees it.
struct Attached {
    call: Callback,
    env: Payload,
    cell: Weak<StoreCell>,
}

/// The name of an attached hook.
pub(crate) struct burdock_attached_t(HookId<Attached>);

delete_function! { burdock_attached_t: burdock_attached_delete }

/// Returns the error of a hook to the engine.
fn outcome(failed: Option<Box<wasmtime_error_t>>) -> Result<()> {
    failed.map_or(Ok(()), |error| Err(error.0))
}

impl Hook<Data> for Attached {
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        let cell = self.cell.upgrade().expect("the store is in the cell");
        let mut owned = Owned::new(&cell, &mut store, &event);
        let event = owned.event();
        outcome(cell.lend_context(store, || (self.call)(self.env.data(), &cell, event)))
    }
}

/// Replaces the previous hook. Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_store_call_hook(
    store: Option<&wasmtime_store_t>,
    hook: burdock_call_hook_t,
    env: *mut c_void,
    finalizer: Finalizer,
) {
    let cell = &store.given("burdock_store_call_hook: store").cell;
    let env = Payload::new(env, finalizer);
    let weak = Arc::downgrade(cell);
    cell.with_store("burdock_store_call_hook", |store| {
        let Some(hook) = hook else {
            store.set_hook(burdock::NoHook);
            return;
        };
        store.call_hook(move |context, transition| {
            let kind = match transition {
                CallHook::CallingWasm => CALLING_WASM,
                CallHook::ReturningFromWasm => RETURNING_FROM_WASM,
                CallHook::CallingHost => CALLING_HOST,
                CallHook::ReturningFromHost => RETURNING_FROM_HOST,
            };
            let cell = weak.upgrade().expect("the store is in the cell");
            outcome(cell.lend_context(context, || hook(env.data(), &cell, kind)))
        });
    });
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_context_attach(
    context: Option<&wasmtime_context_t>,
    filter: Option<&burdock_filter_t>,
    hook: burdock_hook_t,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Box<burdock_attached_t> {
    let context = context.given("burdock_context_attach: store");
    let filter = filter.given("burdock_context_attach: filter").0.clone();
    let call = hook.given("burdock_context_attach: hook");
    let env = Payload::new(env, finalizer);
    let id = context.with(|mut store| {
        let cell = Arc::downgrade(&store.data().cell());
        store.attach(filter, Attached { call, env, cell })
    });
    Box::new(burdock_attached_t(id))
}

/// Detaches a hook; in a callback, when the event is over. The hook's finalizer runs then.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_context_detach(
    context: Option<&wasmtime_context_t>,
    attached: Option<Box<burdock_attached_t>>,
) {
    let context = context.given("burdock_context_detach: store");
    let attached = attached.given("burdock_context_detach: attached");
    context.with(|mut store| store.detach(attached.0));
}
