//! Instances.

use burdock::{Instance, InstancePre, RootScope};

use crate::abi::{Given, Out, fill, slice, text};
use crate::cell::Data;
use crate::vecs::delete_function;
use crate::wasm::object::wasm_trap_t;
use crate::wasmtime::error::{Outcome, finish_call};
use crate::wasmtime::external::{wasmtime_extern_t, wasmtime_instance_t};
use crate::wasmtime::module::wasmtime_module_t;
use crate::wasmtime::store::wasmtime_context_t;
use burdock::AsContextMut;

/// A module whose imports are found.
pub(crate) struct wasmtime_instance_pre_t(pub(crate) InstancePre<Data>);

delete_function! { wasmtime_instance_pre_t: wasmtime_instance_pre_delete }

/// Where functions write a trap.
pub(crate) type OutTrap<'a> = Out<'a, Option<Box<wasm_trap_t>>>;

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_new(
    context: Option<&wasmtime_context_t>,
    module: Option<&wasmtime_module_t>,
    imports: *const wasmtime_extern_t,
    nimports: usize,
    out: Out<'_, wasmtime_instance_t>,
    trap: OutTrap<'_>,
) -> Outcome {
    let context = context.given("wasmtime_instance_new: store");
    let module = &module.given("wasmtime_instance_new: module").module;
    // SAFETY: [HEADER] there are `nimports` imports.
    let imports = unsafe { slice(imports, nimports, "wasmtime_instance_new: imports") };
    let made = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut items = Vec::with_capacity(imports.len());
        for item in imports {
            let what = "wasmtime_instance_new: an import";
            items.push(item.get(context, &mut store.as_context_mut(), what));
        }
        let instance = Instance::new(&mut store, module, &items)?;
        burdock::error::Ok(wasmtime_instance_t::new(context, &store.as_context_mut(), instance))
    });
    finish_call(made, trap, |instance| fill(out, instance))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_export_get(
    context: Option<&wasmtime_context_t>,
    instance: Option<&wasmtime_instance_t>,
    name: *const u8,
    name_len: usize,
    out: Out<'_, wasmtime_extern_t>,
) -> bool {
    let context = context.given("wasmtime_instance_export_get: store");
    let what = "wasmtime_instance_export_get: instance";
    let instance = instance.given(what);
    // SAFETY: [HEADER] the name has `name_len` bytes.
    let name = unsafe { text(name, name_len, "wasmtime_instance_export_get: name") };
    let Some(name) = name else { return false };
    let item = context.with(|mut store| {
        let item = instance.get(context, &store, what).get_export(&mut store, name)?;
        Some(wasmtime_extern_t::new(context, &mut store, item))
    });
    item.map(|item| fill(out, item)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_export_nth(
    context: Option<&wasmtime_context_t>,
    instance: Option<&wasmtime_instance_t>,
    index: usize,
    name: Out<'_, *const u8>,
    name_len: Out<'_, usize>,
    out: Out<'_, wasmtime_extern_t>,
) -> bool {
    let context = context.given("wasmtime_instance_export_nth: store");
    let what = "wasmtime_instance_export_nth: instance";
    let instance = instance.given(what);
    context.with(|mut store| {
        let instance = instance.get(context, &store, what);
        let Some((text, item)) = instance
            .exports(&store)
            .nth(index)
            .map(|export| ((export.name().as_ptr(), export.name().len()), export.into_extern()))
        else {
            return false;
        };
        fill(name, text.0);
        fill(name_len, text.1);
        fill(out, wasmtime_extern_t::new(context, &mut store, item));
        true
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_pre_instantiate(
    pre: Option<&wasmtime_instance_pre_t>,
    context: Option<&wasmtime_context_t>,
    out: Out<'_, wasmtime_instance_t>,
    trap: OutTrap<'_>,
) -> Outcome {
    let pre = &pre.given("wasmtime_instance_pre_instantiate: instance_pre").0;
    let context = context.given("wasmtime_instance_pre_instantiate: store");
    let made = context.with(|store| {
        let mut store = RootScope::new(store);
        let instance = pre.instantiate(&mut store)?;
        burdock::error::Ok(wasmtime_instance_t::new(context, &store.as_context_mut(), instance))
    });
    finish_call(made, trap, |instance| fill(out, instance))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_instance_pre_module(
    pre: Option<&wasmtime_instance_pre_t>,
) -> Box<wasmtime_module_t> {
    let pre = &pre.given("wasmtime_instance_pre_module: instance_pre").0;
    Box::new(wasmtime_module_t { module: pre.module().clone() })
}
