//! Instances.

use std::sync::Arc;

use burdock::{Error, Instance, RootScope, bail};

use crate::abi::{Given, Out, fill, wrong_kind};
use crate::wasm::engine::wasm_store_t;
use crate::wasm::external::wasm_extern_vec_t;
use crate::wasm::object::{
    Object, wasm_extern_t, wasm_instance_t, wasm_module_t, wasm_ref_t, wasm_trap_t,
};

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_instance_new(
    store: Option<&wasm_store_t>,
    module: Option<&wasm_module_t>,
    imports: Option<&wasm_extern_vec_t>,
    trap: Out<'_, Option<Box<wasm_trap_t>>>,
) -> Option<Box<wasm_instance_t>> {
    let cell = &store.given("wasm_instance_new: store").cell;
    let module = module.given("wasm_instance_new: module").module().clone();
    let imports = imports.map_or(&[][..], |imports| imports.as_slice());
    let made = cell.with(|store| -> Result<Instance, Error> {
        let mut store = RootScope::new(store);
        // More imports than needed are allowed, as other libraries do.
        let count = module.imports().len().min(imports.len());
        let mut items = Vec::with_capacity(count);
        for item in &imports[..count] {
            let (owner, item) = item.as_deref().given("wasm_instance_new: an import").parts();
            if !Arc::ptr_eq(owner, cell) {
                bail!("an import belongs to another store");
            }
            items.push(*item);
        }
        Instance::new(&mut store, &module, &items)
    });
    match made {
        Ok(instance) => {
            fill(trap, None);
            let object = Object::Instance(cell.clone(), instance);
            Some(Box::new(wasm_instance_t(wasm_ref_t(object))))
        }
        Err(error) => {
            fill(trap, Some(wasm_trap_t::new(error)));
            None
        }
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_instance_exports(
    instance: Option<&wasm_instance_t>,
    out: Out<'_, wasm_extern_vec_t>,
) {
    let Object::Instance(cell, instance) = &instance.given("wasm_instance_exports: instance").0.0
    else {
        wrong_kind();
    };
    let items: Vec<_> = cell.with(|store| {
        let exports = instance.exports(&store);
        let items =
            exports.map(|export| Some(Box::new(wasm_extern_t::new(cell, export.into_extern()))));
        items.collect()
    });
    fill(out, items.into());
}
