//! Modules.

use burdock::{Error, Module, Result};

use crate::abi::{Given, Out, fill};
use crate::vecs::{delete_function, wasm_byte_vec_t};
use crate::wasm::engine::wasm_store_t;
use crate::wasm::entity_types::wasm_externtype_t;
use crate::wasm::imports::{
    wasm_exporttype_t, wasm_exporttype_vec_t, wasm_importtype_t, wasm_importtype_vec_t,
};
use crate::wasm::object::{ModuleObject, Object, wasm_module_t, wasm_ref_t};

/// A module that other threads may have.
pub(crate) struct wasm_shared_module_t(Module);

delete_function! { wasm_shared_module_t: wasm_shared_module_delete }

impl wasm_module_t {
    fn new(module: Module) -> Box<Self> {
        Box::new(Self(wasm_ref_t(Object::Module(ModuleObject::new(module)))))
    }

    pub(crate) fn module(&self) -> &Module {
        match &self.0.0 {
            Object::Module(module) => &module.module,
            _ => crate::abi::wrong_kind(),
        }
    }
}

/// Returns the imports of a module.
pub(crate) fn imports(module: &Module) -> wasm_importtype_vec_t {
    let imports = module.imports().map(|import| {
        Some(Box::new(wasm_importtype_t {
            module: import.module().as_bytes().to_vec().into(),
            name: import.name().as_bytes().to_vec().into(),
            ty: Box::new(wasm_externtype_t::new(&import.ty())),
        }))
    });
    imports.collect::<Vec<_>>().into()
}

/// Returns the exports of a module.
pub(crate) fn exports(module: &Module) -> wasm_exporttype_vec_t {
    let exports = module.exports().map(|export| {
        Some(Box::new(wasm_exporttype_t {
            name: export.name().as_bytes().to_vec().into(),
            ty: Box::new(wasm_externtype_t::new(&export.ty())),
        }))
    });
    exports.collect::<Vec<_>>().into()
}

/// Makes a module in the engine of a store.
fn make(
    store: Option<&wasm_store_t>,
    bytes: Option<&wasm_byte_vec_t>,
    function: &str,
    make: impl FnOnce(&burdock::Engine, &[u8]) -> Result<Module, Error>,
) -> Option<Box<wasm_module_t>> {
    let cell = &store.given(&format!("{function}: store")).cell;
    let bytes = bytes.given(&format!("{function}: binary")).as_slice();
    let engine = cell.with(|store| store.engine().clone());
    Some(wasm_module_t::new(make(&engine, bytes).ok()?))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_new(
    store: Option<&wasm_store_t>,
    binary: Option<&wasm_byte_vec_t>,
) -> Option<Box<wasm_module_t>> {
    make(store, binary, "wasm_module_new", Module::from_binary)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_validate(
    store: Option<&wasm_store_t>,
    binary: Option<&wasm_byte_vec_t>,
) -> bool {
    let cell = &store.given("wasm_module_validate: store").cell;
    let binary = binary.given("wasm_module_validate: binary").as_slice();
    let engine = cell.with(|store| store.engine().clone());
    Module::validate(&engine, binary).is_ok()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_imports(
    module: Option<&wasm_module_t>,
    out: Out<'_, wasm_importtype_vec_t>,
) {
    fill(out, imports(module.given("wasm_module_imports: module").module()));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_exports(
    module: Option<&wasm_module_t>,
    out: Out<'_, wasm_exporttype_vec_t>,
) {
    fill(out, exports(module.given("wasm_module_exports: module").module()));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_serialize(
    module: Option<&wasm_module_t>,
    out: Out<'_, wasm_byte_vec_t>,
) {
    let bytes = module.given("wasm_module_serialize: module").module().serialize();
    fill(out, bytes.unwrap_or_default().into());
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_deserialize(
    store: Option<&wasm_store_t>,
    bytes: Option<&wasm_byte_vec_t>,
) -> Option<Box<wasm_module_t>> {
    make(store, bytes, "wasm_module_deserialize", |engine, bytes| {
        Module::deserialize(engine, bytes)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_share(
    module: Option<&wasm_module_t>,
) -> Box<wasm_shared_module_t> {
    let module = module.given("wasm_module_share: module").module();
    Box::new(wasm_shared_module_t(module.clone()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_module_obtain(
    store: Option<&wasm_store_t>,
    shared: Option<&wasm_shared_module_t>,
) -> Option<Box<wasm_module_t>> {
    let cell = &store.given("wasm_module_obtain: store").cell;
    let module = &shared.given("wasm_module_obtain: module").0;
    let same = cell.with(|store| burdock::Engine::same(store.engine(), module.engine()));
    same.then(|| wasm_module_t::new(module.clone()))
}
