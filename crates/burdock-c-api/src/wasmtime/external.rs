//! Handles to what is in a store, as structures that are copied.

use std::ffi::c_void;

use burdock::{Extern, Func, Global, Instance, Memory, StoreContextMut, Table, Tag};

use crate::abi::{Given, fail, wrong_kind};
use crate::cell::{Data, StoreCell};
use crate::wasm::entity_types::wasm_externtype_t;
use crate::wasmtime::store::wasmtime_context_t;

/// A function; null if `store_id` is 0.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasmtime_func_t {
    pub(crate) store_id: u64,
    raw: *mut c_void,
}

/// An instance.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasmtime_instance_t {
    store_id: u64,
    number: usize,
}

/// The first part of handles whose structure has a structure inside.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct Inner {
    store_id: u64,
    number: u32,
}

/// A global.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasmtime_global_t {
    store_id: u64,
    number: u32,
    unused: [u32; 2],
}

/// Defines a handle that has a structure inside.
macro_rules! nested {
    ($($ty:ident $what:literal;)*) => {$(
        #[doc = concat!("A ", $what, ".")]
        #[repr(C)]
        #[derive(Copy, Clone)]
        pub(crate) struct $ty {
            inner: Inner,
            unused: u32,
        }

        impl $ty {
            fn make(store_id: u64, number: u32) -> Self {
                Self { inner: Inner { store_id, number }, unused: 0 }
            }

            fn parts(&self) -> (u64, u32) {
                (self.inner.store_id, self.inner.number)
            }
        }
    )*};
}

nested! {
    wasmtime_table_t "table";
    wasmtime_memory_t "memory";
    wasmtime_tag_t "tag";
}

impl wasmtime_global_t {
    fn make(store_id: u64, number: u32) -> Self {
        Self { store_id, number, unused: [0; 2] }
    }

    fn parts(&self) -> (u64, u32) {
        (self.store_id, self.number)
    }
}

impl wasmtime_instance_t {
    fn make(store_id: u64, number: u32) -> Self {
        Self { store_id, number: number as usize }
    }

    fn parts(&self) -> (u64, u32) {
        (self.store_id, u32::try_from(self.number).unwrap_or(u32::MAX))
    }
}

/// Ends the process because a handle is used with another store than its own.
#[cold]
fn wrong_store(what: &str) -> ! {
    fail(&format!("{what} belongs to another store"))
}

/// Gives structures their conversions from and to handles.
macro_rules! conversions {
    ($($ty:ident $handle:ident;)*) => {$(
        impl $ty {
            /// Makes a structure of a handle.
            pub(crate) fn new(
                cell: &StoreCell, store: &StoreContextMut<'_, Data>, handle: $handle,
            ) -> Self {
                Self::make(cell.id(), handle.to_number(store))
            }

            /// Returns the handle. Ends the process if the structure is of another store; `what`
            /// names the argument.
            pub(crate) fn get(
                &self, cell: &StoreCell, store: &StoreContextMut<'_, Data>, what: &str,
            ) -> $handle {
                let (store_id, number) = self.parts();
                if store_id != cell.id() {
                    wrong_store(what);
                }
                $handle::from_number(store, number).given(what)
            }
        }
    )*};
}

conversions! {
    wasmtime_global_t Global;
    wasmtime_table_t Table;
    wasmtime_memory_t Memory;
    wasmtime_tag_t Tag;
    wasmtime_instance_t Instance;
}

impl wasmtime_func_t {
    pub(crate) const NULL: Self = Self { store_id: 0, raw: std::ptr::null_mut() };

    /// Makes a structure of a handle.
    pub(crate) fn new(cell: &StoreCell, store: &mut StoreContextMut<'_, Data>, func: Func) -> Self {
        Self { store_id: cell.id(), raw: func.to_raw(store) }
    }

    /// Returns the handle; `None` if the structure is null. Ends the process if it is of another
    /// store.
    pub(crate) fn get(
        &self,
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        what: &str,
    ) -> Option<Func> {
        if self.store_id == 0 {
            return None;
        }
        if self.store_id != cell.id() {
            wrong_store(what);
        }
        Some(Func::from_raw(store, self.raw).given(what))
    }
}

/// Something that is imported or exported.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasmtime_extern_t {
    kind: u8,
    of: Item,
}

/// What is imported or exported, depending on the kind.
#[repr(C)]
#[derive(Copy, Clone)]
union Item {
    func: wasmtime_func_t,
    global: wasmtime_global_t,
    table: wasmtime_table_t,
    memory: wasmtime_memory_t,
    tag: wasmtime_tag_t,
}

const FUNC: u8 = 0;
const GLOBAL: u8 = 1;
const TABLE: u8 = 2;
const MEMORY: u8 = 3;
const TAG: u8 = 5;

impl wasmtime_extern_t {
    /// Makes a structure of an item of a store.
    pub(crate) fn new(
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        item: Extern,
    ) -> Self {
        let (kind, of) = match item {
            Extern::Func(func) => (FUNC, Item { func: wasmtime_func_t::new(cell, store, func) }),
            Extern::Global(global) => {
                (GLOBAL, Item { global: wasmtime_global_t::new(cell, store, global) })
            }
            Extern::Table(table) => {
                (TABLE, Item { table: wasmtime_table_t::new(cell, store, table) })
            }
            Extern::Memory(memory) => {
                (MEMORY, Item { memory: wasmtime_memory_t::new(cell, store, memory) })
            }
            Extern::Tag(tag) => (TAG, Item { tag: wasmtime_tag_t::new(cell, store, tag) }),
            _ => wrong_kind(),
        };
        Self { kind, of }
    }

    /// Returns the item. Ends the process if it is of another store or of no known kind.
    pub(crate) fn get(
        &self,
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        what: &str,
    ) -> Extern {
        match self.kind {
            FUNC => {
                // SAFETY: [HEADER] the kind says which item it is.
                let func = unsafe { self.of.func };
                func.get(cell, store, what).given(what).into()
            }
            GLOBAL => {
                // SAFETY: [HEADER] the kind says which item it is.
                let global = unsafe { self.of.global };
                global.get(cell, store, what).into()
            }
            TABLE => {
                // SAFETY: [HEADER] the kind says which item it is.
                let table = unsafe { self.of.table };
                table.get(cell, store, what).into()
            }
            MEMORY => {
                // SAFETY: [HEADER] the kind says which item it is.
                let memory = unsafe { self.of.memory };
                memory.get(cell, store, what).into()
            }
            TAG => {
                // SAFETY: [HEADER] the kind says which item it is.
                let tag = unsafe { self.of.tag };
                tag.get(cell, store, what).into()
            }
            kind => fail(&format!("{what} is of kind {kind}, which Burdock does not have")),
        }
    }
}

/// Does nothing: items that are structures own nothing.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_extern_delete(item: Option<&mut wasmtime_extern_t>) {
    let _ = item;
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_extern_type(
    context: Option<&wasmtime_context_t>,
    item: Option<&wasmtime_extern_t>,
) -> Box<wasm_externtype_t> {
    let context = context.given("wasmtime_extern_type: context");
    let item = item.given("wasmtime_extern_type: item");
    context.with(|mut store| {
        let item = item.get(context, &mut store, "wasmtime_extern_type: item");
        Box::new(wasm_externtype_t::new(&item.ty(&store)))
    })
}
