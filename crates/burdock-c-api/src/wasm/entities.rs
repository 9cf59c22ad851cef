//! Globals, tables and memories.

use std::sync::Arc;

use burdock::{Extern, Global, Memory, RefType, RootScope, Table};

use crate::abi::{Given, Out, fill, wrong_kind};
use crate::cell::StoreCell;
use crate::wasm::engine::wasm_store_t;
use crate::wasm::entity_types::{wasm_globaltype_t, wasm_memorytype_t, wasm_tabletype_t};
use crate::wasm::object::{Object, wasm_global_t, wasm_memory_t, wasm_ref_t, wasm_table_t};
use crate::wasm::val::{to_ref, wasm_val_t};
use burdock::AsContextMut;

/// Gives the object types their constructors and access to the handle.
macro_rules! handles {
    ($($ty:ident $kind:ident $handle:ty;)*) => {$(
        impl $ty {
            fn new(cell: &Arc<StoreCell>, handle: $handle) -> Box<Self> {
                Box::new(Self(wasm_ref_t(Object::Extern(cell.clone(), handle.into()))))
            }

            fn parts(&self) -> (&Arc<StoreCell>, $handle) {
                match &self.0.0 {
                    Object::Extern(cell, Extern::$kind(handle)) => (cell, *handle),
                    _ => wrong_kind(),
                }
            }
        }
    )*};
}

handles! {
    wasm_global_t Global Global;
    wasm_table_t Table Table;
    wasm_memory_t Memory Memory;
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_global_new(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_globaltype_t>,
    value: Option<&wasm_val_t>,
) -> Option<Box<wasm_global_t>> {
    let cell = &store.given("wasm_global_new: store").cell;
    let ty = ty.given("wasm_global_new: type").ty();
    let value = value.given("wasm_global_new: value");
    let global = cell.with(|store| {
        let mut store = RootScope::new(store);
        let value = value.to_val(cell, store.as_context_mut(), ty.content())?;
        Global::new(&mut store, ty, value)
    });
    Some(wasm_global_t::new(cell, global.ok()?))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_global_type(
    global: Option<&wasm_global_t>,
) -> Box<wasm_globaltype_t> {
    let (cell, global) = global.given("wasm_global_type: global").parts();
    Box::new(wasm_globaltype_t::new(&cell.with(|store| global.ty(&store))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_global_get(global: Option<&wasm_global_t>, out: Out<'_, wasm_val_t>) {
    let (cell, global) = global.given("wasm_global_get: global").parts();
    let value = cell.with(|store| {
        let mut store = RootScope::new(store);
        let value = global.get(&mut store);
        wasm_val_t::new(cell, store.as_context_mut(), value)
    });
    fill(out, value);
}

/// Values that do not fit are ignored, as the header has no way to report them.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_global_set(
    global: Option<&mut wasm_global_t>,
    value: Option<&wasm_val_t>,
) {
    let (cell, global) = global.given("wasm_global_set: global").parts();
    let value = value.given("wasm_global_set: value");
    let _ = cell.with(|store| {
        let mut store = RootScope::new(store);
        let ty = global.ty(&store);
        let value = value.to_val(cell, store.as_context_mut(), ty.content())?;
        global.set(&mut store, value)
    });
}

/// Returns the reference that an argument stands for.
fn reference(
    cell: &Arc<StoreCell>,
    store: impl AsContextMut<Data = crate::cell::Data>,
    object: Option<&wasm_ref_t>,
    ty: &RefType,
) -> burdock::Result<burdock::Ref> {
    let mut store = store;
    to_ref(object.map(|object| &object.0), cell, store.as_context_mut(), ty.heap_type())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_new(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_tabletype_t>,
    init: Option<&mut wasm_ref_t>,
) -> Option<Box<wasm_table_t>> {
    let cell = &store.given("wasm_table_new: store").cell;
    let ty = ty.given("wasm_table_new: type").ty();
    let table = cell.with(|store| {
        let mut store = RootScope::new(store);
        let init = reference(cell, &mut store, init.as_deref(), ty.element())?;
        Table::new(&mut store, ty.clone(), init)
    });
    Some(wasm_table_t::new(cell, table.ok()?))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_type(table: Option<&wasm_table_t>) -> Box<wasm_tabletype_t> {
    let (cell, table) = table.given("wasm_table_type: table").parts();
    Box::new(wasm_tabletype_t::new(&cell.with(|store| table.ty(&store))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_get(
    table: Option<&wasm_table_t>,
    index: u32,
) -> Option<Box<wasm_ref_t>> {
    let (cell, table) = table.given("wasm_table_get: table").parts();
    cell.with(|store| {
        let mut store = RootScope::new(store);
        let value = table.get(&mut store, index.into())?;
        wasm_val_t::new(cell, store.as_context_mut(), value.into()).into_reference()
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_set(
    table: Option<&mut wasm_table_t>,
    index: u32,
    value: Option<&mut wasm_ref_t>,
) -> bool {
    let (cell, table) = table.given("wasm_table_set: table").parts();
    let set = cell.with(|store| {
        let mut store = RootScope::new(store);
        let ty = table.ty(&store);
        let value = reference(cell, &mut store, value.as_deref(), ty.element())?;
        table.set(&mut store, index.into(), value)
    });
    set.is_ok()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_size(table: Option<&wasm_table_t>) -> u32 {
    let (cell, table) = table.given("wasm_table_size: table").parts();
    u32::try_from(cell.with(|store| table.size(&store))).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_table_grow(
    table: Option<&mut wasm_table_t>,
    delta: u32,
    init: Option<&mut wasm_ref_t>,
) -> bool {
    let (cell, table) = table.given("wasm_table_grow: table").parts();
    let grown = cell.with(|store| {
        let mut store = RootScope::new(store);
        let ty = table.ty(&store);
        let init = reference(cell, &mut store, init.as_deref(), ty.element())?;
        table.grow(&mut store, delta.into(), init)
    });
    grown.is_ok()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_new(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_memorytype_t>,
) -> Option<Box<wasm_memory_t>> {
    let cell = &store.given("wasm_memory_new: store").cell;
    let ty = ty.given("wasm_memory_new: type").ty();
    let memory = cell.with(|store| Memory::new(store, ty.clone()));
    Some(wasm_memory_t::new(cell, memory.ok()?))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_type(
    memory: Option<&wasm_memory_t>,
) -> Box<wasm_memorytype_t> {
    let (cell, memory) = memory.given("wasm_memory_type: memory").parts();
    Box::new(wasm_memorytype_t::new(&cell.with(|store| memory.ty(&store))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_data(memory: Option<&mut wasm_memory_t>) -> *mut u8 {
    let (cell, memory) = memory.given("wasm_memory_data: memory").parts();
    cell.with(|store| memory.data_ptr(&store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_data_size(memory: Option<&wasm_memory_t>) -> usize {
    let (cell, memory) = memory.given("wasm_memory_data_size: memory").parts();
    cell.with(|store| memory.data_size(&store))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_size(memory: Option<&wasm_memory_t>) -> u32 {
    let (cell, memory) = memory.given("wasm_memory_size: memory").parts();
    u32::try_from(cell.with(|store| memory.size(&store))).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memory_grow(memory: Option<&mut wasm_memory_t>, delta: u32) -> bool {
    let (cell, memory) = memory.given("wasm_memory_grow: memory").parts();
    cell.with(|store| memory.grow(store, delta.into())).is_ok()
}
