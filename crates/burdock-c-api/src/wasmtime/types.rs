//! Types that `wasm.h` cannot express.

use burdock::{MemoryType, ValType};

use crate::abi::{Given, Out, fill};
use crate::wasm::entity_types::wasm_memorytype_t;
use crate::wasm::valtype::wasm_valtype_t;
use crate::wasmtime::error::{Outcome, finish};

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_new(
    minimum: u64,
    maximum_present: bool,
    maximum: u64,
    is_64: bool,
    shared: bool,
    page_size_log2: u8,
    out: Out<'_, Option<Box<wasm_memorytype_t>>>,
) -> Outcome {
    let mut builder = MemoryType::builder();
    builder.min(minimum).max(maximum_present.then_some(maximum)).memory64(is_64);
    builder.shared(shared).page_size_log2(page_size_log2);
    finish(builder.build(), |ty| fill(out, Some(Box::new(wasm_memorytype_t::new(&ty)))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_minimum(ty: Option<&wasm_memorytype_t>) -> u64 {
    ty.given("wasmtime_memorytype_minimum: type").ty().minimum()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_maximum(
    ty: Option<&wasm_memorytype_t>,
    out: Out<'_, u64>,
) -> bool {
    let maximum = ty.given("wasmtime_memorytype_maximum: type").ty().maximum();
    maximum.map(|maximum| fill(out, maximum)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_is64(ty: Option<&wasm_memorytype_t>) -> bool {
    ty.given("wasmtime_memorytype_is64: type").ty().is_64()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_isshared(ty: Option<&wasm_memorytype_t>) -> bool {
    ty.given("wasmtime_memorytype_isshared: type").ty().is_shared()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_page_size(ty: Option<&wasm_memorytype_t>) -> u64 {
    ty.given("wasmtime_memorytype_page_size: type").ty().page_size()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_memorytype_page_size_log2(ty: Option<&wasm_memorytype_t>) -> u8 {
    ty.given("wasmtime_memorytype_page_size_log2: type").ty().page_size_log2()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_wasm_valtype_v128() -> Box<wasm_valtype_t> {
    Box::new(wasm_valtype_t(ValType::V128))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_wasm_valtype_equal(
    a: Option<&wasm_valtype_t>,
    b: Option<&wasm_valtype_t>,
) -> bool {
    let (a, b) =
        (a.given("wasmtime_wasm_valtype_equal: a"), b.given("wasmtime_wasm_valtype_equal: b"));
    ValType::eq(&a.0, &b.0)
}
