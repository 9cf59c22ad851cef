//! Tests that headers and functions are the same: every prototype in `include` is compared with the
//! type of the Rust function, every structure with its size, and all names with the list in
//! `signatures/symbols.in`. `const` is not compared.

mod header;
mod rust;

use std::collections::BTreeMap;

use rust::signature;

use crate::burdock::{
    config::*, counter::*, debugger::*, event::*, filter::*, frame::*, hook::*, tools::*,
};
use crate::vecs::*;
use crate::wasm::engine::*;
use crate::wasm::entities::*;
use crate::wasm::entity_types::*;
use crate::wasm::external::*;
use crate::wasm::func::*;
use crate::wasm::imports::*;
use crate::wasm::instance::*;
use crate::wasm::module::*;
use crate::wasm::object::*;
use crate::wasm::trap::*;
use crate::wasm::val::*;
use crate::wasm::valtype::*;
use crate::wasmtime::asynchronous::*;
use crate::wasmtime::composite::*;
use crate::wasmtime::config::*;
use crate::wasmtime::entities::*;
use crate::wasmtime::error::*;
use crate::wasmtime::external::*;
use crate::wasmtime::func::*;
use crate::wasmtime::instance::*;
use crate::wasmtime::linker::*;
use crate::wasmtime::module::*;
use crate::wasmtime::object::*;
use crate::wasmtime::reference::*;
use crate::wasmtime::store::*;
use crate::wasmtime::types::*;
use crate::wasmtime::val::*;
use crate::wasmtime::valtype::*;
use crate::wasmtime::wasi::*;

/// Makes a list of names and signatures.
macro_rules! symbols {
    ($($count:tt { $($name:ident)* })*) => {
        vec![$($((stringify!($name), signature!($count $name))),*),*]
    };
}

/// Returns the functions with their signatures in C.
fn functions() -> Vec<(&'static str, String)> {
    include!("signatures/symbols.in")
}

#[test]
fn headers_and_functions_are_the_same() {
    let Some(header) = header::prototypes() else { return };
    let functions = functions();
    let functions: BTreeMap<_, _> = functions.into_iter().collect();
    let mut complaints = Vec::new();
    for (name, signature) in &header {
        match functions.get(name.as_str()) {
            None => complaints.push(format!("{name} is not in signatures/symbols.in")),
            Some(own) if own != signature => {
                complaints.push(format!("{name}:\n  header {signature}\n  Rust   {own}"));
            }
            Some(_) => {}
        }
    }
    let missing = functions.keys().filter(|name| !header.contains_key(**name));
    complaints.extend(missing.map(|name| format!("{name} is in no header")));
    let unsupported = include_str!("wasmtime/unsupported.in").split_whitespace();
    let declared = unsupported.filter(|name| header.contains_key(*name));
    complaints.extend(declared.map(|name| format!("{name} is declared but not supported")));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn structures_have_the_same_layout() {
    macro_rules! sizes {
        ($($ty:ident)*) => {
            [$((stringify!($ty), size_of::<$ty>(), align_of::<$ty>())),*]
        };
    }
    let sizes = sizes! {
        wasm_byte_vec_t wasm_extern_vec_t wasm_limits_t wasm_val_t wasm_val_vec_t
        wasmtime_anyref_t wasmtime_arrayref_t wasmtime_async_continuation_t wasmtime_eqref_t
        wasmtime_exnref_t wasmtime_externref_t wasmtime_extern_t wasmtime_field_type_t
        wasmtime_func_t wasmtime_heaptype_t wasmtime_reftype_t wasmtime_storage_type_t
        wasmtime_structref_t wasmtime_valtype_t
        wasmtime_global_t wasmtime_instance_t wasmtime_memory_t wasmtime_table_t wasmtime_tag_t
        wasmtime_val_raw_t wasmtime_val_t burdock_event_t burdock_count_t
        burdock_count_vec_t
    };
    let asserts = sizes.map(|(name, size, align)| {
        format!(
            "_Static_assert(sizeof({name}) == {size} && _Alignof({name}) == {align}, \"{name}\");\n"
        )
    });
    header::compile(&asserts.concat());
}

#[test]
fn a_difference_is_found() {
    assert_eq!(signature!(0 wasm_engine_new), "wasm_engine_t*()");
    let expected = "wasm_trap_t*(wasm_func_t*,wasm_val_vec_t*,wasm_val_vec_t*)";
    assert_eq!(signature!(3 wasm_func_call), expected);
    let callback = "wasm_trap_t*(*)(wasm_val_vec_t*,wasm_val_vec_t*)";
    let expected = format!("wasm_func_t*(wasm_store_t*,wasm_functype_t*,{callback})");
    assert_eq!(signature!(3 wasm_func_new), expected);
    assert_eq!(signature!(3 wasm_byte_vec_new), "void(wasm_byte_vec_t*,size_t,uint8_t*)");
}
