//! Types of structures, arrays and exceptions, with descriptions of their fields.

use burdock::{ArrayType, ExnType, FieldType, Mutability, StorageType, StructType};

use crate::abi::{Given, Out, fail, fill, slice};
use crate::vecs::{copy_function, delete_function};
use crate::wasm::engine::wasm_engine_t;
use crate::wasm::entity_types::wasm_tagtype_t;
use crate::wasm::valtype::{types_of, wasm_valtype_t, wasm_valtype_vec_t};
use crate::wasmtime::error::{Outcome, finish};

/// The type of what a field stores. The value type is owned.
#[repr(C)]
pub(crate) struct wasmtime_storage_type_t {
    kind: u8,
    valtype: *mut wasm_valtype_t,
}

/// The type of a field, or of an array's elements.
#[repr(C)]
pub(crate) struct wasmtime_field_type_t {
    mutable: bool,
    storage: wasmtime_storage_type_t,
}

/// A type of structures.
#[derive(Clone)]
pub(crate) struct wasmtime_struct_type_t(pub(crate) StructType);

/// A type of arrays.
#[derive(Clone)]
pub(crate) struct wasmtime_array_type_t(pub(crate) ArrayType);

/// A type of exceptions.
#[derive(Clone)]
pub(crate) struct wasmtime_exn_type_t(pub(crate) ExnType);

delete_function! { wasmtime_struct_type_t: wasmtime_struct_type_delete }
copy_function! { wasmtime_struct_type_t: wasmtime_struct_type_copy }
delete_function! { wasmtime_array_type_t: wasmtime_array_type_delete }
copy_function! { wasmtime_array_type_t: wasmtime_array_type_copy }
delete_function! { wasmtime_exn_type_t: wasmtime_exn_type_delete }
copy_function! { wasmtime_exn_type_t: wasmtime_exn_type_copy }

const I8: u8 = 0;
const I16: u8 = 1;
const VALUE: u8 = 2;

impl wasmtime_storage_type_t {
    fn new(ty: &StorageType) -> Self {
        let (kind, valtype) = match ty {
            StorageType::I8 => (I8, std::ptr::null_mut()),
            StorageType::I16 => (I16, std::ptr::null_mut()),
            StorageType::ValType(ty) => {
                (VALUE, Box::into_raw(Box::new(wasm_valtype_t(ty.clone()))))
            }
        };
        Self { kind, valtype }
    }

    /// Returns the type for the engine. Ends the process if there is no such type.
    fn get(&self, what: &str) -> StorageType {
        match self.kind {
            I8 => StorageType::I8,
            I16 => StorageType::I16,
            VALUE => {
                // SAFETY: [HEADER] storage of this kind has a type, or null.
                let ty: Option<&wasm_valtype_t> = unsafe { self.valtype.as_ref() };
                StorageType::ValType(ty.given(what).0.clone())
            }
            kind => fail(&format!("{what}: there is no storage of kind {kind}")),
        }
    }

    /// Deletes the value type, and leaves a type without one.
    fn delete(&mut self) {
        let Self { kind, valtype } = std::mem::replace(self, Self::new(&StorageType::I8));
        if kind == VALUE && !valtype.is_null() {
            // SAFETY: [HEADER] the storage type owned the value type.
            drop(unsafe { Box::from_raw(valtype) });
        }
    }
}

impl wasmtime_field_type_t {
    fn new(ty: &FieldType) -> Self {
        let storage = wasmtime_storage_type_t::new(ty.element_type());
        Self { mutable: ty.mutability() == Mutability::Var, storage }
    }

    fn get(&self, what: &str) -> FieldType {
        let mutability = if self.mutable { Mutability::Var } else { Mutability::Const };
        FieldType::new(mutability, self.storage.get(what))
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_storage_type_clone(
    ty: Option<&wasmtime_storage_type_t>,
    out: Out<'_, wasmtime_storage_type_t>,
) {
    let ty = ty.given("wasmtime_storage_type_clone: storage");
    fill(out, wasmtime_storage_type_t::new(&ty.get("wasmtime_storage_type_clone: valtype")));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_storage_type_delete(ty: Option<&mut wasmtime_storage_type_t>) {
    if let Some(ty) = ty {
        ty.delete();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_field_type_clone(
    ty: Option<&wasmtime_field_type_t>,
    out: Out<'_, wasmtime_field_type_t>,
) {
    let ty = ty.given("wasmtime_field_type_clone: field");
    fill(out, wasmtime_field_type_t::new(&ty.get("wasmtime_field_type_clone: valtype")));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_field_type_delete(ty: Option<&mut wasmtime_field_type_t>) {
    if let Some(ty) = ty {
        ty.storage.delete();
    }
}

/// Returns null if the engine refuses the type.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_struct_type_new(
    engine: Option<&wasm_engine_t>,
    fields: *const wasmtime_field_type_t,
    nfields: usize,
) -> Option<Box<wasmtime_struct_type_t>> {
    let engine = &engine.given("wasmtime_struct_type_new: engine").engine;
    // SAFETY: [HEADER] the array has `nfields` elements.
    let fields = unsafe { slice(fields, nfields, "wasmtime_struct_type_new: fields") };
    let fields = fields.iter().map(|field| field.get("wasmtime_struct_type_new: valtype"));
    Some(Box::new(wasmtime_struct_type_t(StructType::new(engine, fields).ok()?)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_struct_type_num_fields(
    ty: Option<&wasmtime_struct_type_t>,
) -> usize {
    ty.given("wasmtime_struct_type_num_fields: type").0.fields().len()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_struct_type_field(
    ty: Option<&wasmtime_struct_type_t>,
    index: usize,
    out: Out<'_, wasmtime_field_type_t>,
) -> bool {
    let field = ty.given("wasmtime_struct_type_field: type").0.field(index);
    field.map(|field| fill(out, wasmtime_field_type_t::new(&field))).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_array_type_new(
    engine: Option<&wasm_engine_t>,
    element: Option<&wasmtime_field_type_t>,
) -> Box<wasmtime_array_type_t> {
    let engine = &engine.given("wasmtime_array_type_new: engine").engine;
    let element = element.given("wasmtime_array_type_new: field");
    let element = element.get("wasmtime_array_type_new: valtype");
    Box::new(wasmtime_array_type_t(ArrayType::new(engine, element)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_array_type_element(
    ty: Option<&wasmtime_array_type_t>,
    out: Out<'_, wasmtime_field_type_t>,
) {
    let ty = ty.given("wasmtime_array_type_element: type");
    fill(out, wasmtime_field_type_t::new(&ty.0.field_type()));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exn_type_new(
    engine: Option<&wasm_engine_t>,
    params: Option<&wasm_valtype_vec_t>,
    out: Out<'_, Box<wasmtime_exn_type_t>>,
) -> Outcome {
    let engine = &engine.given("wasmtime_exn_type_new: engine").engine;
    let params = params.given("wasmtime_exn_type_new: params");
    let ty = ExnType::new(engine, types_of(params, "wasmtime_exn_type_new: a parameter's type"));
    finish(ty, |ty| fill(out, Box::new(wasmtime_exn_type_t(ty))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exn_type_tag_type(
    ty: Option<&wasmtime_exn_type_t>,
) -> Box<wasm_tagtype_t> {
    let ty = ty.given("wasmtime_exn_type_tag_type: type");
    Box::new(wasm_tagtype_t::new(&ty.0.tag_type()))
}
