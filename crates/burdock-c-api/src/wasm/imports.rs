//! Types of imports and exports, with their names.

use crate::abi::{Given, Out};
use crate::vecs::{copy_function, delete_function, vec_functions, wasm_byte_vec_t};
use crate::wasm::entity_types::{type_functions, wasm_externtype_t};

/// An import of a module.
#[derive(Clone)]
pub(crate) struct wasm_importtype_t {
    pub(crate) module: wasm_byte_vec_t,
    pub(crate) name: wasm_byte_vec_t,
    pub(crate) ty: Box<wasm_externtype_t>,
}

/// An export of a module.
#[derive(Clone)]
pub(crate) struct wasm_exporttype_t {
    pub(crate) name: wasm_byte_vec_t,
    pub(crate) ty: Box<wasm_externtype_t>,
}

type_functions! {
    wasm_importtype_t wasm_importtype_vec_t: wasm_importtype_delete wasm_importtype_copy
        wasm_importtype_vec_new_empty wasm_importtype_vec_new_uninitialized wasm_importtype_vec_new
        wasm_importtype_vec_copy wasm_importtype_vec_delete;
    wasm_exporttype_t wasm_exporttype_vec_t: wasm_exporttype_delete wasm_exporttype_copy
        wasm_exporttype_vec_new_empty wasm_exporttype_vec_new_uninitialized wasm_exporttype_vec_new
        wasm_exporttype_vec_copy wasm_exporttype_vec_delete;
}

/// Takes a name from the caller.
fn take(name: Option<&mut wasm_byte_vec_t>, what: &str) -> wasm_byte_vec_t {
    name.given(what).take().into_vec().into()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_importtype_new(
    module: Option<&mut wasm_byte_vec_t>,
    name: Option<&mut wasm_byte_vec_t>,
    ty: Option<Box<wasm_externtype_t>>,
) -> Box<wasm_importtype_t> {
    Box::new(wasm_importtype_t {
        module: take(module, "wasm_importtype_new: module"),
        name: take(name, "wasm_importtype_new: name"),
        ty: ty.given("wasm_importtype_new: type"),
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_importtype_module(
    import: Option<&wasm_importtype_t>,
) -> &wasm_byte_vec_t {
    &import.given("wasm_importtype_module: import").module
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_importtype_name(
    import: Option<&wasm_importtype_t>,
) -> &wasm_byte_vec_t {
    &import.given("wasm_importtype_name: import").name
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_importtype_type(
    import: Option<&wasm_importtype_t>,
) -> &wasm_externtype_t {
    &import.given("wasm_importtype_type: import").ty
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_exporttype_new(
    name: Option<&mut wasm_byte_vec_t>,
    ty: Option<Box<wasm_externtype_t>>,
) -> Box<wasm_exporttype_t> {
    Box::new(wasm_exporttype_t {
        name: take(name, "wasm_exporttype_new: name"),
        ty: ty.given("wasm_exporttype_new: type"),
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_exporttype_name(
    export: Option<&wasm_exporttype_t>,
) -> &wasm_byte_vec_t {
    &export.given("wasm_exporttype_name: export").name
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_exporttype_type(
    export: Option<&wasm_exporttype_t>,
) -> &wasm_externtype_t {
    &export.given("wasm_exporttype_type: export").ty
}
