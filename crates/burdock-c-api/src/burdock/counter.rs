//! Counters.

use burdock::{Counter, StoreContextMut};

use crate::abi::{Given, Out, fill};
use crate::burdock::filter::{bit_of, burdock_filter_t};
use crate::cell::{Data, StoreCell};
use crate::vecs::{CVec, delete_function};
use crate::wasmtime::external::wasmtime_instance_t;
use crate::wasmtime::store::{wasmtime_context_t, wasmtime_store_t};

/// A counter of events, which counts as long as the store lives or until it is stopped.
pub(crate) struct burdock_counter_t(Counter);

delete_function! { burdock_counter_t: burdock_counter_delete }

/// The number of times that an event has happened at one place.
#[repr(C)]
#[derive(Clone)]
pub(crate) struct burdock_count_t {
    instance: wasmtime_instance_t,
    func_index: u32,
    offset: u32,
    event: u32,
    has_taken: bool,
    count: u64,
    taken: u64,
}

/// A vector of counts.
pub(crate) type burdock_count_vec_t = CVec<burdock_count_t>;

/// Returns counts as structures.
fn structures(
    cell: &StoreCell,
    store: &StoreContextMut<'_, Data>,
    counts: &[burdock::Count],
) -> burdock_count_vec_t {
    let counts = counts.iter().map(|count| burdock_count_t {
        instance: wasmtime_instance_t::new(cell, store, count.instance),
        func_index: count.func_index,
        offset: count.offset,
        event: bit_of(count.event),
        has_taken: count.taken.is_some(),
        count: count.count,
        taken: count.taken.unwrap_or(0),
    });
    counts.collect::<Vec<_>>().into()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_context_count(
    context: Option<&wasmtime_context_t>,
    filter: Option<&burdock_filter_t>,
) -> Box<burdock_counter_t> {
    let context = context.given("burdock_context_count: store");
    let filter = filter.given("burdock_context_count: filter").0.clone();
    Box::new(burdock_counter_t(context.with(|mut store| store.count(filter))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_counter_total(
    context: Option<&wasmtime_context_t>,
    counter: Option<&burdock_counter_t>,
) -> u64 {
    let context = context.given("burdock_counter_total: store");
    let counter = &counter.given("burdock_counter_total: counter").0;
    context.with(|store| counter.total(&store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_counter_counts(
    context: Option<&wasmtime_context_t>,
    counter: Option<&burdock_counter_t>,
    out: Out<'_, burdock_count_vec_t>,
) {
    let context = context.given("burdock_counter_counts: store");
    let counter = &counter.given("burdock_counter_counts: counter").0;
    fill(out, context.with(|store| structures(context, &store, &counter.counts(&store))));
}

/// Ends counting, deletes the counter and returns the counts. Not allowed in callbacks.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_counter_stop(
    store: Option<&wasmtime_store_t>,
    counter: Option<Box<burdock_counter_t>>,
    out: Out<'_, burdock_count_vec_t>,
) {
    let cell = &store.given("burdock_counter_stop: store").cell;
    let counter = counter.given("burdock_counter_stop: counter");
    let counts = cell.with_store("burdock_counter_stop", |store| store.stop_counting(counter.0));
    fill(out, cell.with(|store| structures(cell, &store, &counts)));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_count_vec_delete(counts: Option<&mut burdock_count_vec_t>) {
    crate::vecs::delete(counts);
}
