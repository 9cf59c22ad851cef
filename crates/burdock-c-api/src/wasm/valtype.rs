//! Types of values.

use burdock::{HeapTopType, ValType};

use crate::abi::{Given, Out, fail};
use crate::vecs::{CVec, copy_function, delete_function, vec_functions};

/// A type of values.
#[derive(Clone)]
pub(crate) struct wasm_valtype_t(pub(crate) ValType);

/// A kind of types of values.
pub(crate) type wasm_valkind_t = u8;

pub(crate) const WASM_I32: wasm_valkind_t = 0;
pub(crate) const WASM_I64: wasm_valkind_t = 1;
pub(crate) const WASM_F32: wasm_valkind_t = 2;
pub(crate) const WASM_F64: wasm_valkind_t = 3;
pub(crate) const WASM_V128: wasm_valkind_t = 4;
pub(crate) const WASM_ANYREF: wasm_valkind_t = 130;
pub(crate) const WASM_EXTERNREF: wasm_valkind_t = 128;
pub(crate) const WASM_FUNCREF: wasm_valkind_t = 129;
pub(crate) const WASM_EXNREF: wasm_valkind_t = 131;

/// A vector of types.
pub(crate) type wasm_valtype_vec_t = CVec<Option<Box<wasm_valtype_t>>>;

delete_function! { wasm_valtype_t: wasm_valtype_delete }
copy_function! { wasm_valtype_t: wasm_valtype_copy }
vec_functions! { wasm_valtype_vec_t, Option<Box<wasm_valtype_t>>:
    wasm_valtype_vec_new_empty wasm_valtype_vec_new_uninitialized wasm_valtype_vec_new
    wasm_valtype_vec_copy wasm_valtype_vec_delete
}

impl wasm_valtype_t {
    /// Returns the kind. References of all types have the kind of their hierarchy.
    pub(crate) fn kind(&self) -> wasm_valkind_t {
        match &self.0 {
            ValType::I32 => WASM_I32,
            ValType::I64 => WASM_I64,
            ValType::F32 => WASM_F32,
            ValType::F64 => WASM_F64,
            ValType::V128 => WASM_V128,
            ValType::Ref(ty) => match ty.heap_type().top() {
                HeapTopType::Extern => WASM_EXTERNREF,
                HeapTopType::Exn => WASM_EXNREF,
                HeapTopType::Any => WASM_ANYREF,
                HeapTopType::Func => WASM_FUNCREF,
            },
        }
    }
}

/// Makes a vector of types.
pub(crate) fn types(types: impl Iterator<Item = ValType>) -> wasm_valtype_vec_t {
    let boxed = types.map(|ty| Some(Box::new(wasm_valtype_t(ty))));
    boxed.collect::<Vec<_>>().into()
}

/// Returns the types of a vector. Ends the process if there is a null among them.
pub(crate) fn types_of(vector: &wasm_valtype_vec_t, what: &str) -> Vec<ValType> {
    let types = vector.as_slice().iter();
    types.map(|ty| ty.as_deref().given(what).0.clone()).collect()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_valtype_new(kind: wasm_valkind_t) -> Box<wasm_valtype_t> {
    Box::new(wasm_valtype_t(match kind {
        WASM_I32 => ValType::I32,
        WASM_I64 => ValType::I64,
        WASM_F32 => ValType::F32,
        WASM_F64 => ValType::F64,
        WASM_V128 => ValType::V128,
        WASM_EXTERNREF => ValType::EXTERNREF,
        WASM_FUNCREF => ValType::FUNCREF,
        WASM_ANYREF => ValType::ANYREF,
        WASM_EXNREF => ValType::EXNREF,
        _ => fail(&format!("wasm_valtype_new: there is no kind {kind}")),
    }))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_valtype_kind(ty: Option<&wasm_valtype_t>) -> wasm_valkind_t {
    ty.given("wasm_valtype_kind: type").kind()
}
