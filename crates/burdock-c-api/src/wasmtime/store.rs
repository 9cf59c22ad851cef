//! Stores and contexts.

use std::ffi::c_void;
use std::sync::Arc;

use burdock::{StoreLimitsBuilder, UpdateDeadline, bail};

use crate::abi::{Finalizer, Given, Out, Payload, fill};
use crate::cell::StoreCell;
use crate::wasm::engine::wasm_engine_t;
use crate::wasmtime::error::{Outcome, finish, wasmtime_error_t};

/// A store, which belongs to whoever made it.
pub(crate) struct wasmtime_store_t {
    pub(crate) cell: Arc<StoreCell>,
}

/// What functions use a store through: the store itself, inside and outside of callbacks.
pub(crate) type wasmtime_context_t = StoreCell;

/// The callback for a deadline of the epoch.
pub(crate) type DeadlineCallback = Option<
    extern "C-unwind" fn(
        &wasmtime_context_t,
        *mut c_void,
        &mut u64,
        &mut u8,
    ) -> Option<Box<wasmtime_error_t>>,
>;

/// `WASMTIME_UPDATE_DEADLINE_CONTINUE`.
const CONTINUE: u8 = 0;
/// `WASMTIME_UPDATE_DEADLINE_YIELD`.
const YIELD: u8 = 1;

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_store_new(
    engine: Option<&wasm_engine_t>,
    data: *mut c_void,
    finalizer: Finalizer,
) -> Box<wasmtime_store_t> {
    let engine = engine.given("wasmtime_store_new: engine");
    let cell = StoreCell::new(&engine.engine, Payload::new(data, finalizer), false);
    Box::new(wasmtime_store_t { cell })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_store_delete(store: Option<Box<wasmtime_store_t>>) {
    if let Some(store) = store {
        store.cell.assert_idle("wasmtime_store_delete");
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_store_context(
    store: Option<&wasmtime_store_t>,
) -> &wasmtime_context_t {
    &store.given("wasmtime_store_context: store").cell
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_store_limiter(
    store: Option<&wasmtime_store_t>,
    memory_size: i64,
    table_elements: i64,
    instances: i64,
    tables: i64,
    memories: i64,
) {
    let mut limits = StoreLimitsBuilder::new();
    let limit = |value: i64| usize::try_from(value).ok();
    if let Some(value) = limit(memory_size) {
        limits = limits.memory_size(value);
    }
    if let Some(value) = limit(table_elements) {
        limits = limits.table_elements(value);
    }
    if let Some(value) = limit(instances) {
        limits = limits.instances(value);
    }
    if let Some(value) = limit(tables) {
        limits = limits.tables(value);
    }
    if let Some(value) = limit(memories) {
        limits = limits.memories(value);
    }
    let cell = &store.given("wasmtime_store_limiter: store").cell;
    cell.with_store("wasmtime_store_limiter", |store| {
        store.data_mut().limits = limits.build();
        // The store reads the counts when it gets a limiter.
        store.limiter(|data| &mut data.limits);
    });
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_store_epoch_deadline_callback(
    store: Option<&wasmtime_store_t>,
    callback: DeadlineCallback,
    data: *mut c_void,
    finalizer: Finalizer,
) {
    let cell = &store.given("wasmtime_store_epoch_deadline_callback: store").cell;
    let callback = callback.given("wasmtime_store_epoch_deadline_callback: callback");
    let payload = Payload::new(data, finalizer);
    let weak = Arc::downgrade(cell);
    cell.with_store("wasmtime_store_epoch_deadline_callback", |store| {
        store.epoch_deadline_callback(move |context| {
            let cell = weak.upgrade().expect("the store is in the cell");
            let (mut delta, mut kind) = (0, CONTINUE);
            let failed = cell
                .lend_context(context, || callback(&cell, payload.data(), &mut delta, &mut kind));
            match (failed, kind) {
                (Some(error), _) => Err(error.0),
                (None, CONTINUE) => Ok(UpdateDeadline::Continue(delta)),
                (None, YIELD) => Ok(UpdateDeadline::Yield(delta)),
                (None, kind) => bail!("an epoch callback has set the unknown kind {kind}"),
            }
        });
    });
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_get_data(
    context: Option<&wasmtime_context_t>,
) -> *mut c_void {
    context.given("wasmtime_context_get_data: context").with(|store| store.data().payload.data())
}

/// The finalizer of the store stays the same, and gets the new data.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_set_data(
    context: Option<&wasmtime_context_t>,
    data: *mut c_void,
) {
    let context = context.given("wasmtime_context_set_data: context");
    context.with(|mut store| store.data_mut().payload.set_data(data));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_gc(context: Option<&wasmtime_context_t>) -> Outcome {
    let context = context.given("wasmtime_context_gc: context");
    finish(context.with(|mut store| store.gc(None)), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_set_fuel(
    context: Option<&wasmtime_context_t>,
    fuel: u64,
) -> Outcome {
    let context = context.given("wasmtime_context_set_fuel: context");
    finish(context.with(|mut store| store.set_fuel(fuel)), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_get_fuel(
    context: Option<&wasmtime_context_t>,
    fuel: Out<'_, u64>,
) -> Outcome {
    let context = context.given("wasmtime_context_get_fuel: context");
    finish(context.with(|store| store.get_fuel()), |value| fill(fuel, value))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_set_epoch_deadline(
    context: Option<&wasmtime_context_t>,
    ticks_beyond_current: u64,
) {
    let context = context.given("wasmtime_context_set_epoch_deadline: context");
    context.with(|mut store| store.set_epoch_deadline(ticks_beyond_current));
}
