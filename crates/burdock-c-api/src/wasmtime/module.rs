//! Modules, and the text format.

use std::ffi::c_void;

use burdock::{Engine, Error, Module, Result};

use crate::abi::{Given, Out, c_text, fill, slice};
use crate::vecs::{copy_function, delete_function, wasm_byte_vec_t};
use crate::wasm::engine::wasm_engine_t;
use crate::wasm::imports::{wasm_exporttype_vec_t, wasm_importtype_vec_t};
use crate::wasm::module::{exports, imports};
use crate::wasmtime::error::{Outcome, bad_utf8, finish};

/// A module.
#[derive(Clone)]
pub(crate) struct wasmtime_module_t {
    pub(crate) module: Module,
}

delete_function! { wasmtime_module_t: wasmtime_module_delete }
copy_function! { wasmtime_module_t: wasmtime_module_clone }

/// Where functions write the module that they make.
type OutModule<'a> = Out<'a, Option<Box<wasmtime_module_t>>>;

fn give(result: Result<Module, Error>, out: OutModule<'_>) -> Outcome {
    finish(result, |module| fill(out, Some(Box::new(wasmtime_module_t { module }))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_new(
    engine: Option<&wasm_engine_t>,
    wasm: *const u8,
    wasm_len: usize,
    out: OutModule<'_>,
) -> Outcome {
    let engine = &engine.given("wasmtime_module_new: engine").engine;
    // SAFETY: [HEADER] the binary has `wasm_len` bytes.
    let wasm = unsafe { slice(wasm, wasm_len, "wasmtime_module_new: wasm") };
    give(Module::from_binary(engine, wasm), out)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_validate(
    engine: Option<&wasm_engine_t>,
    wasm: *const u8,
    wasm_len: usize,
) -> Outcome {
    let engine = &engine.given("wasmtime_module_validate: engine").engine;
    // SAFETY: [HEADER] the binary has `wasm_len` bytes.
    let wasm = unsafe { slice(wasm, wasm_len, "wasmtime_module_validate: wasm") };
    finish(Module::validate(engine, wasm), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_imports(
    module: Option<&wasmtime_module_t>,
    out: Out<'_, wasm_importtype_vec_t>,
) {
    fill(out, imports(&module.given("wasmtime_module_imports: module").module));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_exports(
    module: Option<&wasmtime_module_t>,
    out: Out<'_, wasm_exporttype_vec_t>,
) {
    fill(out, exports(&module.given("wasmtime_module_exports: module").module));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_serialize(
    module: Option<&wasmtime_module_t>,
    out: Out<'_, wasm_byte_vec_t>,
) -> Outcome {
    let module = &module.given("wasmtime_module_serialize: module").module;
    finish(module.serialize(), |bytes| fill(out, bytes.into()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_deserialize(
    engine: Option<&wasm_engine_t>,
    bytes: *const u8,
    bytes_len: usize,
    out: OutModule<'_>,
) -> Outcome {
    let engine = &engine.given("wasmtime_module_deserialize: engine").engine;
    // SAFETY: [HEADER] there are `bytes_len` bytes.
    let bytes = unsafe { slice(bytes, bytes_len, "wasmtime_module_deserialize: bytes") };
    give(Module::deserialize(engine, bytes), out)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_deserialize_file(
    engine: Option<&wasm_engine_t>,
    path: *const u8,
    out: OutModule<'_>,
) -> Outcome {
    let engine: &Engine = &engine.given("wasmtime_module_deserialize_file: engine").engine;
    // SAFETY: [HEADER] the path ends with a zero byte.
    let path = unsafe { c_text(path, "wasmtime_module_deserialize_file: path") };
    let Some(path) = path else { return bad_utf8() };
    give(Module::deserialize_file(engine, path), out)
}

#[cfg(feature = "wat")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_wat2wasm(
    text: *const u8,
    text_len: usize,
    out: Out<'_, wasm_byte_vec_t>,
) -> Outcome {
    // SAFETY: [HEADER] the text has `text_len` bytes.
    let text = unsafe { crate::abi::text(text, text_len, "wasmtime_wat2wasm: wat") };
    let Some(text) = text else { return bad_utf8() };
    finish(wat::parse_str(text).map_err(Error::new), |binary| fill(out, binary.into()))
}

/// Returns an empty range: a module has no machine code of its own.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_module_image_range(
    module: Option<&wasmtime_module_t>,
    start: Out<'_, *const c_void>,
    end: Out<'_, *const c_void>,
) {
    module.given("wasmtime_module_image_range: module");
    fill(start, std::ptr::null());
    fill(end, std::ptr::null());
}
