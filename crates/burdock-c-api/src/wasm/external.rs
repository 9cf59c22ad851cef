//! `wasm_extern_t`: what is imported and exported.

use std::sync::Arc;

use burdock::Extern;

use crate::abi::{Given, Out, wrong_kind};
use crate::cell::StoreCell;
use crate::vecs::{CVec, vec_functions};
use crate::wasm::entity_types::wasm_externtype_t;
use crate::wasm::object::{
    Object, wasm_extern_t, wasm_func_t, wasm_global_t, wasm_memory_t, wasm_ref_t, wasm_table_t,
};

/// A vector of imports or exports.
pub(crate) type wasm_extern_vec_t = CVec<Option<Box<wasm_extern_t>>>;

vec_functions! { wasm_extern_vec_t, Option<Box<wasm_extern_t>>:
    wasm_extern_vec_new_empty wasm_extern_vec_new_uninitialized wasm_extern_vec_new
    wasm_extern_vec_copy wasm_extern_vec_delete
}

impl wasm_extern_t {
    pub(crate) fn new(cell: &Arc<StoreCell>, item: Extern) -> Self {
        Self(wasm_ref_t(Object::Extern(cell.clone(), item)))
    }

    /// Returns the item and its store.
    pub(crate) fn parts(&self) -> (&Arc<StoreCell>, &Extern) {
        match &self.0.0 {
            Object::Extern(cell, item) => (cell, item),
            _ => wrong_kind(),
        }
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_extern_kind(item: Option<&wasm_extern_t>) -> u8 {
    match item.given("wasm_extern_kind: extern").parts().1 {
        Extern::Func(_) => 0,
        Extern::Global(_) => 1,
        Extern::Table(_) => 2,
        Extern::Memory(_) => 3,
        Extern::Tag(_) => 4,
        _ => wrong_kind(),
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_extern_type(item: Option<&wasm_extern_t>) -> Box<wasm_externtype_t> {
    let (cell, item) = item.given("wasm_extern_type: extern").parts();
    Box::new(wasm_externtype_t::new(&cell.with(|store| item.ty(&store))))
}

/// Defines the conversions between an item and what it is, both of which are references.
macro_rules! conversions {
    ($($ty:ident $kind:pat => $as_extern:ident $of_extern:ident
        $as_extern_const:ident $of_extern_const:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_extern(item: Option<&mut $ty>) -> Option<&mut wasm_extern_t> {
            // SAFETY: [HEADER] both types consist of the same.
            Some(unsafe { &mut *std::ptr::from_mut(item?).cast() })
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_extern_const(item: Option<&$ty>) -> Option<&wasm_extern_t> {
            // SAFETY: [HEADER] both types consist of the same.
            Some(unsafe { &*std::ptr::from_ref(item?).cast() })
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_extern(item: Option<&mut wasm_extern_t>) -> Option<&mut $ty> {
            let item = item.filter(|item| matches!(item.parts().1, $kind))?;
            // SAFETY: [HEADER] both types consist of the same.
            Some(unsafe { &mut *std::ptr::from_mut(item).cast() })
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_extern_const(item: Option<&wasm_extern_t>) -> Option<&$ty> {
            let item = item.filter(|item| matches!(item.parts().1, $kind))?;
            // SAFETY: [HEADER] both types consist of the same.
            Some(unsafe { &*std::ptr::from_ref(item).cast() })
        }
    )*};
}

conversions! {
    wasm_func_t Extern::Func(_) => wasm_func_as_extern wasm_extern_as_func
        wasm_func_as_extern_const wasm_extern_as_func_const;
    wasm_global_t Extern::Global(_) => wasm_global_as_extern wasm_extern_as_global
        wasm_global_as_extern_const wasm_extern_as_global_const;
    wasm_table_t Extern::Table(_) => wasm_table_as_extern wasm_extern_as_table
        wasm_table_as_extern_const wasm_extern_as_table_const;
    wasm_memory_t Extern::Memory(_) => wasm_memory_as_extern wasm_extern_as_memory
        wasm_memory_as_extern_const wasm_extern_as_memory_const;
}
