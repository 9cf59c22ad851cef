//! Linkers.

use std::ffi::c_void;

use burdock::{AsContextMut, Caller, Linker, RootScope, Val, ValRaw};

use crate::abi::{Finalizer, Given, Out, fill, text};
use crate::cell::Data;
use crate::vecs::{copy_function, delete_function};
use crate::wasm::engine::wasm_engine_t;
use crate::wasm::entity_types::wasm_functype_t;
use crate::wasmtime::error::{Outcome, bad_utf8, finish, finish_call};
use crate::wasmtime::external::{wasmtime_extern_t, wasmtime_func_t, wasmtime_instance_t};
use crate::wasmtime::func::{Host, wasmtime_func_callback_t, wasmtime_func_unchecked_callback_t};
use crate::wasmtime::instance::{OutTrap, wasmtime_instance_pre_t};
use crate::wasmtime::module::wasmtime_module_t;
use crate::wasmtime::store::wasmtime_context_t;

/// A linker.
#[derive(Clone)]
pub(crate) struct wasmtime_linker_t(pub(crate) Linker<Data>);

delete_function! { wasmtime_linker_t: wasmtime_linker_delete }
copy_function! { wasmtime_linker_t: wasmtime_linker_clone }

/// Returns the name that two arguments stand for, or returns the error from the function.
macro_rules! name {
    ($data:ident, $len:ident) => {{
        // SAFETY: [HEADER] the name has as many bytes.
        match unsafe { text($data, $len, "a name for a linker") } {
            Some(name) => name,
            None => return bad_utf8(),
        }
    }};
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_new(
    engine: Option<&wasm_engine_t>,
) -> Box<wasmtime_linker_t> {
    let engine = &engine.given("wasmtime_linker_new: engine").engine;
    Box::new(wasmtime_linker_t(Linker::new(engine)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_allow_shadowing(
    linker: Option<&mut wasmtime_linker_t>,
    allow: bool,
) {
    linker.given("wasmtime_linker_allow_shadowing: linker").0.allow_shadowing(allow);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_unknown_imports_as_traps(
    linker: Option<&mut wasmtime_linker_t>,
    module: Option<&wasmtime_module_t>,
) -> Outcome {
    let linker = linker.given("wasmtime_linker_define_unknown_imports_as_traps: linker");
    let module = module.given("wasmtime_linker_define_unknown_imports_as_traps: module");
    finish(linker.0.define_unknown_imports_as_traps(&module.module), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_unknown_imports_as_default_values(
    linker: Option<&mut wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    module: Option<&wasmtime_module_t>,
) -> Outcome {
    let linker = linker.given("wasmtime_linker_define_unknown_imports_as_default_values: linker");
    let context = context.given("wasmtime_linker_define_unknown_imports_as_default_values: store");
    let module = module.given("wasmtime_linker_define_unknown_imports_as_default_values: module");
    let defined = context
        .with(|store| linker.0.define_unknown_imports_as_default_values(store, &module.module));
    finish(defined, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define(
    linker: Option<&mut wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    item: Option<&wasmtime_extern_t>,
) -> Outcome {
    let linker = linker.given("wasmtime_linker_define: linker");
    let context = context.given("wasmtime_linker_define: store");
    let item = item.given("wasmtime_linker_define: item");
    let (module, name) = (name!(module, module_len), name!(name, name_len));
    let defined = context.with(|mut store| {
        let item = item.get(context, &mut store, "wasmtime_linker_define: item");
        linker.0.define(store, module, name, item).map(|_| ())
    });
    finish(defined, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_func(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_callback_t,
    data: *mut c_void,
    finalizer: Finalizer,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_define_func: linker").0;
    let host = Host::given(callback, data, finalizer, "wasmtime_linker_define_func: cb");
    let (module, name) = (name!(module, module_len), name!(name, name_len));
    let ty = ty.given("wasmtime_linker_define_func: type").ty(linker.engine());
    let call = move |caller: Caller<'_, Data>, params: &[Val], results: &mut [Val]| {
        host.call(caller, params, results)
    };
    finish(linker.func_new(module, name, ty, call), |_| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_func_unchecked(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_unchecked_callback_t,
    data: *mut c_void,
    finalizer: Finalizer,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_define_func_unchecked: linker").0;
    let host = Host::given(callback, data, finalizer, "wasmtime_linker_define_func_unchecked: cb");
    let (module, name) = (name!(module, module_len), name!(name, name_len));
    let ty = ty.given("wasmtime_linker_define_func_unchecked: type").ty(linker.engine());
    let call = move |caller: Caller<'_, Data>, values: &mut [ValRaw]| host.call(caller, values);
    finish(linker.func_new_unchecked(module, name, ty, call), |_| {})
}

#[cfg(feature = "wasi")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_wasi(
    linker: Option<&mut wasmtime_linker_t>,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_define_wasi: linker").0;
    finish(burdock_wasi::preview1::add_to_linker_sync(linker, Data::wasi), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_define_instance(
    linker: Option<&mut wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    name: *const u8,
    name_len: usize,
    instance: Option<&wasmtime_instance_t>,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_define_instance: linker").0;
    let context = context.given("wasmtime_linker_define_instance: store");
    let instance = instance.given("wasmtime_linker_define_instance: instance");
    let name = name!(name, name_len);
    let defined = context.with(|store| {
        let what = "wasmtime_linker_define_instance: instance";
        let instance = instance.get(context, &store, what);
        linker.instance(store, name, instance).map(|_| ())
    });
    finish(defined, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_instantiate(
    linker: Option<&wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    module: Option<&wasmtime_module_t>,
    out: Out<'_, wasmtime_instance_t>,
    trap: OutTrap<'_>,
) -> Outcome {
    let linker = &linker.given("wasmtime_linker_instantiate: linker").0;
    let context = context.given("wasmtime_linker_instantiate: store");
    let module = &module.given("wasmtime_linker_instantiate: module").module;
    let made = context.with(|store| {
        let mut store = RootScope::new(store);
        let instance = linker.instantiate(&mut store, module)?;
        burdock::error::Ok(wasmtime_instance_t::new(context, &store.as_context_mut(), instance))
    });
    finish_call(made, trap, |instance| fill(out, instance))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_instantiate_pre(
    linker: Option<&wasmtime_linker_t>,
    module: Option<&wasmtime_module_t>,
    out: Out<'_, Option<Box<wasmtime_instance_pre_t>>>,
) -> Outcome {
    let linker = &linker.given("wasmtime_linker_instantiate_pre: linker").0;
    let module = &module.given("wasmtime_linker_instantiate_pre: module").module;
    finish(linker.instantiate_pre(module), |pre| {
        fill(out, Some(Box::new(wasmtime_instance_pre_t(pre))));
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_module(
    linker: Option<&mut wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    name: *const u8,
    name_len: usize,
    module: Option<&wasmtime_module_t>,
) -> Outcome {
    let linker = &mut linker.given("wasmtime_linker_module: linker").0;
    let context = context.given("wasmtime_linker_module: store");
    let module = &module.given("wasmtime_linker_module: module").module;
    let name = name!(name, name_len);
    finish(context.with(|store| linker.module(store, name, module).map(|_| ())), |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_get_default(
    linker: Option<&wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    name: *const u8,
    name_len: usize,
    out: Out<'_, wasmtime_func_t>,
) -> Outcome {
    let linker = &linker.given("wasmtime_linker_get_default: linker").0;
    let context = context.given("wasmtime_linker_get_default: store");
    let name = name!(name, name_len);
    let func = context.with(|mut store| {
        let func = linker.get_default(&mut store, name)?;
        burdock::error::Ok(wasmtime_func_t::new(context, &mut store, func))
    });
    finish(func, |func| fill(out, func))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_linker_get(
    linker: Option<&wasmtime_linker_t>,
    context: Option<&wasmtime_context_t>,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    out: Out<'_, wasmtime_extern_t>,
) -> bool {
    let linker = &linker.given("wasmtime_linker_get: linker").0;
    let context = context.given("wasmtime_linker_get: store");
    // SAFETY: [HEADER] the module's name has `module_len` bytes.
    let module = unsafe { text(module, module_len, "wasmtime_linker_get: module") };
    // SAFETY: [HEADER] the name has `name_len` bytes.
    let name = unsafe { text(name, name_len, "wasmtime_linker_get: name") };
    let (Some(module), Some(name)) = (module, name) else { return false };
    let item = context.with(|mut store| {
        let item = linker.get(&mut store, module, name).ok()?;
        Some(wasmtime_extern_t::new(context, &mut store, item))
    });
    item.map(|item| fill(out, item)).is_some()
}
