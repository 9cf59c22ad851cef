//! Memories, tables, globals and tags.

use burdock::{AsContextMut, Global, Memory, RootScope, Table, Tag};

use crate::abi::{Given, Out, fill};
use crate::wasm::entity_types::{
    wasm_globaltype_t, wasm_memorytype_t, wasm_tabletype_t, wasm_tagtype_t,
};
use crate::wasmtime::error::{Outcome, finish};
use crate::wasmtime::external::{
    wasmtime_global_t, wasmtime_memory_t, wasmtime_table_t, wasmtime_tag_t,
};
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::val::wasmtime_val_t;

type Context<'a> = Option<&'a wasmtime_context_t>;

/// Returns what `call` says of an entity. `what` names the function.
macro_rules! ask {
    ($what:literal, $context:ident, $entity:ident, |$store:pat_param, $handle:ident| $call:expr) => {{
        let context = $context.given(concat!($what, ": store"));
        let entity = $entity.given($what);
        context.with(|mut store| {
            let $handle = entity.get(context, &store.as_context_mut(), $what);
            let $store = &mut store;
            $call
        })
    }};
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_new(
    context: Context<'_>,
    ty: Option<&wasm_memorytype_t>,
    out: Out<'_, wasmtime_memory_t>,
) -> Outcome {
    let context = context.given("wasmtime_memory_new: store");
    let ty = ty.given("wasmtime_memory_new: type").ty();
    let memory = context.with(|mut store| {
        let memory = Memory::new(&mut store, ty.clone())?;
        burdock::error::Ok(wasmtime_memory_t::new(context, &store, memory))
    });
    finish(memory, |memory| fill(out, memory))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_type(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> Box<wasm_memorytype_t> {
    ask!("wasmtime_memory_type", context, memory, |store, memory| {
        Box::new(wasm_memorytype_t::new(&memory.ty(&*store)))
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_data(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> *mut u8 {
    ask!("wasmtime_memory_data", context, memory, |store, memory| memory.data_ptr(&*store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_data_size(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> usize {
    ask!("wasmtime_memory_data_size", context, memory, |store, memory| memory.data_size(&*store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_size(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> u64 {
    ask!("wasmtime_memory_size", context, memory, |store, memory| memory.size(&*store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_grow(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
    delta: u64,
    previous: Out<'_, u64>,
) -> Outcome {
    let grown = ask!("wasmtime_memory_grow", context, memory, |store, memory| {
        memory.grow(store, delta)
    });
    finish(grown, |size| fill(previous, size))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_page_size(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> u64 {
    ask!("wasmtime_memory_page_size", context, memory, |store, memory| memory.page_size(&*store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memory_page_size_log2(
    context: Context<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> u8 {
    ask!("wasmtime_memory_page_size_log2", context, memory, |store, memory| {
        memory.page_size_log2(&*store)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_new(
    context: Context<'_>,
    ty: Option<&wasm_tabletype_t>,
    init: Option<&wasmtime_val_t>,
    out: Out<'_, wasmtime_table_t>,
) -> Outcome {
    let context = context.given("wasmtime_table_new: store");
    let ty = ty.given("wasmtime_table_new: type").ty();
    let init = init.given("wasmtime_table_new: init");
    let table = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let what = "wasmtime_table_new: init";
        let init = init.get_ref(context, &mut store, ty.element().heap_type(), what)?;
        let table = Table::new(&mut store, ty.clone(), init)?;
        burdock::error::Ok(wasmtime_table_t::new(context, &store, table))
    });
    finish(table, |table| fill(out, table))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_type(
    context: Context<'_>,
    table: Option<&wasmtime_table_t>,
) -> Box<wasm_tabletype_t> {
    ask!("wasmtime_table_type", context, table, |store, table| {
        Box::new(wasm_tabletype_t::new(&table.ty(&*store)))
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_get(
    context: Context<'_>,
    table: Option<&wasmtime_table_t>,
    index: u64,
    out: Out<'_, wasmtime_val_t>,
) -> bool {
    let what = "wasmtime_table_get: table";
    let context = context.given("wasmtime_table_get: store");
    let table = table.given(what);
    let value = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let value = table.get(context, &store, what).get(&mut store, index)?;
        Some(wasmtime_val_t::new(context, &mut store, value.into()))
    });
    value.map(|value| fill(out, value)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_set(
    context: Context<'_>,
    table: Option<&wasmtime_table_t>,
    index: u64,
    value: Option<&wasmtime_val_t>,
) -> Outcome {
    let context = context.given("wasmtime_table_set: store");
    let table = table.given("wasmtime_table_set: table");
    let value = value.given("wasmtime_table_set: value");
    let set = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let table = table.get(context, &store, "wasmtime_table_set: table");
        let ty = table.ty(&store);
        let what = "wasmtime_table_set: value";
        let value = value.get_ref(context, &mut store, ty.element().heap_type(), what)?;
        table.set(&mut store, index, value)
    });
    finish(set, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_size(
    context: Context<'_>,
    table: Option<&wasmtime_table_t>,
) -> u64 {
    ask!("wasmtime_table_size", context, table, |store, table| table.size(&*store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_table_grow(
    context: Context<'_>,
    table: Option<&wasmtime_table_t>,
    delta: u64,
    init: Option<&wasmtime_val_t>,
    previous: Out<'_, u64>,
) -> Outcome {
    let context = context.given("wasmtime_table_grow: store");
    let table = table.given("wasmtime_table_grow: table");
    let init = init.given("wasmtime_table_grow: init");
    let grown = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let table = table.get(context, &store, "wasmtime_table_grow: table");
        let ty = table.ty(&store);
        let what = "wasmtime_table_grow: init";
        let init = init.get_ref(context, &mut store, ty.element().heap_type(), what)?;
        table.grow(&mut store, delta, init)
    });
    finish(grown, |size| fill(previous, size))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_global_new(
    context: Context<'_>,
    ty: Option<&wasm_globaltype_t>,
    value: Option<&wasmtime_val_t>,
    out: Out<'_, wasmtime_global_t>,
) -> Outcome {
    let context = context.given("wasmtime_global_new: store");
    let ty = ty.given("wasmtime_global_new: type").ty();
    let value = value.given("wasmtime_global_new: val");
    let global = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let value = value.get(context, &mut store, "wasmtime_global_new: val")?;
        let global = Global::new(&mut store, ty, value)?;
        burdock::error::Ok(wasmtime_global_t::new(context, &store, global))
    });
    finish(global, |global| fill(out, global))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_global_type(
    context: Context<'_>,
    global: Option<&wasmtime_global_t>,
) -> Box<wasm_globaltype_t> {
    ask!("wasmtime_global_type", context, global, |store, global| {
        Box::new(wasm_globaltype_t::new(&global.ty(&*store)))
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_global_get(
    context: Context<'_>,
    global: Option<&wasmtime_global_t>,
    out: Out<'_, wasmtime_val_t>,
) {
    let context = context.given("wasmtime_global_get: store");
    let global = global.given("wasmtime_global_get: global");
    let value = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let value = global.get(context, &store, "wasmtime_global_get: global").get(&mut store);
        wasmtime_val_t::new(context, &mut store, value)
    });
    fill(out, value);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_global_set(
    context: Context<'_>,
    global: Option<&wasmtime_global_t>,
    value: Option<&wasmtime_val_t>,
) -> Outcome {
    let context = context.given("wasmtime_global_set: store");
    let global = global.given("wasmtime_global_set: global");
    let value = value.given("wasmtime_global_set: val");
    let set = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let global = global.get(context, &store, "wasmtime_global_set: global");
        let value = value.get(context, &mut store, "wasmtime_global_set: val")?;
        global.set(&mut store, value)
    });
    finish(set, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_tag_new(
    context: Context<'_>,
    ty: Option<&wasm_tagtype_t>,
    out: Out<'_, wasmtime_tag_t>,
) -> Outcome {
    let context = context.given("wasmtime_tag_new: store");
    let ty = ty.given("wasmtime_tag_new: type");
    let tag = context.with(|mut store| {
        let ty = ty.ty(store.engine());
        let tag = Tag::new(&mut store, &ty)?;
        burdock::error::Ok(wasmtime_tag_t::new(context, &store, tag))
    });
    finish(tag, |tag| fill(out, tag))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_tag_type(
    context: Context<'_>,
    tag: Option<&wasmtime_tag_t>,
) -> Box<wasm_tagtype_t> {
    ask!("wasmtime_tag_type", context, tag, |store, tag| {
        Box::new(wasm_tagtype_t::new(&tag.ty(&*store)))
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_tag_eq(
    context: Context<'_>,
    a: Option<&wasmtime_tag_t>,
    b: Option<&wasmtime_tag_t>,
) -> bool {
    let context = context.given("wasmtime_tag_eq: store");
    let (a, b) = (a.given("wasmtime_tag_eq: a"), b.given("wasmtime_tag_eq: b"));
    context.with(|store| {
        let a = a.get(context, &store, "wasmtime_tag_eq: a");
        Tag::eq(&a, &b.get(context, &store, "wasmtime_tag_eq: b"), &store)
    })
}
