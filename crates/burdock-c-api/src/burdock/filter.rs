//! Filters of events.

use burdock::{Events, Filter};

use crate::abi::{Given, text};
use crate::vecs::{copy_function, delete_function};
use crate::wasmtime::external::{wasmtime_instance_t, wasmtime_memory_t};
use crate::wasmtime::store::wasmtime_context_t;

/// A choice of events and places.
#[derive(Clone)]
pub(crate) struct burdock_filter_t(pub(crate) Filter);

delete_function! { burdock_filter_t: burdock_filter_delete }
copy_function! { burdock_filter_t: burdock_filter_clone }

/// The kinds of events, whose bits are their places in this list.
const KINDS: [Events; 15] = [
    Events::CALLS,
    Events::HOST_CALLS,
    Events::FUNCS,
    Events::INSTRUCTIONS,
    Events::BRANCHES,
    Events::LOOPS,
    Events::MEMORY_READS,
    Events::MEMORY_WRITES,
    Events::GROWTH,
    Events::GLOBALS,
    Events::TRAPS,
    Events::INTERRUPTS,
    Events::ALLOCATIONS,
    Events::EXCEPTIONS,
    Events::COLLECTIONS,
];

/// Returns the events that bits stand for. Bits without a meaning are ignored.
fn events_of(bits: u32) -> Events {
    let kinds = KINDS.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
    kinds.fold(Events::NONE, |all, (_, kind)| all.union(*kind))
}

/// Returns the bit of a kind of events.
pub(crate) fn bit_of(kind: Events) -> u32 {
    KINDS.iter().position(|known| *known == kind).map_or(0, |bit| 1 << bit)
}

/// Changes a filter.
fn change(filter: Option<&mut burdock_filter_t>, what: &str, to: impl FnOnce(Filter) -> Filter) {
    let filter = filter.given(what);
    filter.0 = to(std::mem::take(&mut filter.0));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_new(events: u32) -> Box<burdock_filter_t> {
    Box::new(burdock_filter_t(Filter::new().events(events_of(events))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_func_index(
    filter: Option<&mut burdock_filter_t>,
    index: u32,
) {
    change(filter, "burdock_filter_func_index: filter", |filter| filter.func_index(index));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_func(
    filter: Option<&mut burdock_filter_t>,
    pattern: *const u8,
    pattern_len: usize,
) -> bool {
    // SAFETY: [HEADER] the pattern has `pattern_len` bytes.
    let pattern = unsafe { text(pattern, pattern_len, "burdock_filter_func: pattern") };
    let Some(pattern) = pattern else { return false };
    change(filter, "burdock_filter_func: filter", |filter| filter.func(pattern));
    true
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_import(
    filter: Option<&mut burdock_filter_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
) -> bool {
    // SAFETY: [HEADER] the pattern has `module_len` bytes.
    let module = unsafe { text(module, module_len, "burdock_filter_import: module") };
    // SAFETY: [HEADER] the pattern has `name_len` bytes.
    let name = unsafe { text(name, name_len, "burdock_filter_import: name") };
    let (Some(module), Some(name)) = (module, name) else { return false };
    change(filter, "burdock_filter_import: filter", |filter| filter.import(module, name));
    true
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_instance(
    filter: Option<&mut burdock_filter_t>,
    context: Option<&wasmtime_context_t>,
    instance: Option<&wasmtime_instance_t>,
) {
    let context = context.given("burdock_filter_instance: store");
    let what = "burdock_filter_instance: instance";
    let instance = instance.given(what);
    let instance = context.with(|store| instance.get(context, &store, what));
    change(filter, "burdock_filter_instance: filter", |filter| filter.instance(instance));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_offset(filter: Option<&mut burdock_filter_t>, offset: u32) {
    change(filter, "burdock_filter_offset: filter", |filter| filter.offset(offset));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_memory(
    filter: Option<&mut burdock_filter_t>,
    begin: u64,
    end: u64,
) {
    change(filter, "burdock_filter_memory: filter", |filter| filter.memory(begin..end));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_filter_memory_in(
    filter: Option<&mut burdock_filter_t>,
    context: Option<&wasmtime_context_t>,
    memory: Option<&wasmtime_memory_t>,
    begin: u64,
    end: u64,
) {
    let context = context.given("burdock_filter_memory_in: store");
    let what = "burdock_filter_memory_in: memory";
    let memory = memory.given(what);
    let memory = context.with(|store| memory.get(context, &store, what));
    let select = |filter: Filter| filter.memory_in(memory, begin..end);
    change(filter, "burdock_filter_memory_in: filter", select);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_kinds() {
        assert_eq!(events_of(0), Events::NONE);
        assert_eq!(events_of(u32::MAX), Events::ALL);
        assert_eq!(events_of(1 << 4 | 1 << 10), Events::BRANCHES | Events::TRAPS);
        for (bit, kind) in KINDS.iter().enumerate() {
            assert_eq!((events_of(1 << bit), bit_of(*kind)), (*kind, 1 << bit));
        }
    }
}
