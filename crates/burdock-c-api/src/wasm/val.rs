//! `wasm_val_t`: values with their kinds.

use std::mem::MaybeUninit;
use std::sync::Arc;

use burdock::{
    Error, ExternRef, HeapTopType, HeapType, Ref, Result, StoreContextMut, Val, ValType, bail,
};

use crate::abi::{Given, Out, fill};
use crate::cell::{Data, StoreCell};
use crate::vecs::{CVec, vec_functions};
use crate::wasm::object::{Object, wasm_ref_t};
use crate::wasm::valtype::{
    WASM_ANYREF, WASM_EXNREF, WASM_EXTERNREF, WASM_F32, WASM_F64, WASM_FUNCREF, WASM_I32, WASM_I64,
    wasm_valkind_t,
};

/// A value.
#[repr(C)]
pub(crate) struct wasm_val_t {
    kind: wasm_valkind_t,
    of: Bits,
}

/// The bits of a value. References are owned; all other values are read as the integers of their
/// size.
#[repr(C)]
#[derive(Copy, Clone)]
union Bits {
    i32: i32,
    i64: i64,
    reference: *mut wasm_ref_t,
}

// SAFETY: [HEADER] a value owns its reference.
unsafe impl Send for wasm_val_t {}
// SAFETY: [HEADER] as for `Send`.
unsafe impl Sync for wasm_val_t {}

/// A vector of values.
pub(crate) type wasm_val_vec_t = CVec<wasm_val_t>;

vec_functions! { wasm_val_vec_t, wasm_val_t:
    wasm_val_vec_new_empty wasm_val_vec_new_uninitialized wasm_val_vec_new wasm_val_vec_copy
    wasm_val_vec_delete
}

impl wasm_val_t {
    fn of_i32(kind: wasm_valkind_t, value: i32) -> Self {
        let mut of = Bits { i64: 0 };
        of.i32 = value;
        Self { kind, of }
    }

    fn of_i64(kind: wasm_valkind_t, value: i64) -> Self {
        Self { kind, of: Bits { i64: value } }
    }

    fn of_ref(kind: wasm_valkind_t, object: Option<Object>) -> Self {
        let reference = object.map(|object| Box::into_raw(Box::new(wasm_ref_t(object))));
        Self { kind, of: Bits { reference: reference.unwrap_or(std::ptr::null_mut()) } }
    }

    /// Returns the reference if the value is one that is not null.
    fn reference(&self) -> Option<*mut wasm_ref_t> {
        if self.kind < WASM_EXTERNREF {
            return None;
        }
        // SAFETY: [HEADER] values of these kinds have a reference.
        let reference = unsafe { self.of.reference };
        (!reference.is_null()).then_some(reference)
    }

    fn object(&self) -> Option<&Object> {
        // SAFETY: [HEADER] the value owns the object.
        self.reference().map(|reference| unsafe { &(*reference).0 })
    }

    fn i32(&self) -> i32 {
        // SAFETY: [HEADER] the bits of values of this kind are initialized.
        unsafe { self.of.i32 }
    }

    fn i64(&self) -> i64 {
        // SAFETY: [HEADER] the bits of values of this kind are initialized.
        unsafe { self.of.i64 }
    }

    /// Frees the value's reference, and leaves null.
    fn release(&mut self) {
        if let Some(reference) = self.reference() {
            self.of.reference = std::ptr::null_mut();
            // SAFETY: [HEADER] the value owned the object, which this library has boxed.
            drop(unsafe { Box::from_raw(reference) });
        }
    }

    /// Returns the value's reference, which is taken from the value.
    pub(crate) fn into_reference(mut self) -> Option<Box<wasm_ref_t>> {
        let reference = self.reference()?;
        self.of.reference = std::ptr::null_mut();
        // SAFETY: [HEADER] the value owned the object, which this library has boxed.
        Some(unsafe { Box::from_raw(reference) })
    }

    /// Makes a value of the engine's.
    pub(crate) fn new(
        cell: &Arc<StoreCell>,
        mut store: StoreContextMut<'_, Data>,
        value: Val,
    ) -> Self {
        match value {
            Val::I32(value) => Self::of_i32(WASM_I32, value),
            Val::I64(value) => Self::of_i64(WASM_I64, value),
            Val::F32(bits) => Self::of_i32(WASM_F32, bits.cast_signed()),
            Val::F64(bits) => Self::of_i64(WASM_F64, bits.cast_signed()),
            // No kind of the standard header has 128 bits.
            Val::V128(value) => Self::of_i64(WASM_I64, value.as_u128() as i64),
            Val::FuncRef(func) => {
                let object = func.map(|func| Object::Extern(cell.clone(), func.into()));
                Self::of_ref(WASM_FUNCREF, object)
            }
            Val::ExternRef(value) => {
                let object = value.map(|value| Object::of_value(cell.clone(), store, value));
                Self::of_ref(WASM_EXTERNREF, object)
            }
            // Passed on as what `extern.convert_any` makes of it.
            Val::AnyRef(value) => {
                let value = value.and_then(|value| ExternRef::convert_any(&store, value).ok());
                let object = value.map(|value| Object::of_value(cell.clone(), store, value));
                Self::of_ref(WASM_ANYREF, object)
            }
            Val::ExnRef(value) => {
                let owned = value.and_then(|value| value.to_owned_rooted(&mut store).ok());
                Self::of_ref(WASM_EXNREF, owned.map(|value| Object::Exception(cell.clone(), value)))
            }
        }
    }

    /// Returns the value as one of type `ty`.
    ///
    /// # Errors
    ///
    /// Fails if the value is of another kind, or of another store.
    pub(crate) fn to_val(
        &self,
        cell: &Arc<StoreCell>,
        store: StoreContextMut<'_, Data>,
        ty: &ValType,
    ) -> Result<Val> {
        Ok(match (ty, self.kind) {
            (ValType::I32, WASM_I32) => Val::I32(self.i32()),
            (ValType::I64, WASM_I64) => Val::I64(self.i64()),
            (ValType::F32, WASM_F32) => Val::F32(self.i32().cast_unsigned()),
            (ValType::F64, WASM_F64) => Val::F64(self.i64().cast_unsigned()),
            (ValType::Ref(ty), WASM_EXTERNREF..) => {
                to_ref(self.object(), cell, store, ty.heap_type())?.into()
            }
            (_, kind) => bail!("expected a value of type {ty}, got one of kind {kind}"),
        })
    }
}

/// Returns a reference as one of the hierarchy of `ty`.
///
/// # Errors
///
/// Fails if the reference is of another hierarchy or of another store.
pub(crate) fn to_ref(
    object: Option<&Object>,
    cell: &Arc<StoreCell>,
    mut store: StoreContextMut<'_, Data>,
    ty: &HeapType,
) -> Result<Ref> {
    let Some(object) = object else { return Ok(Ref::null(ty)) };
    let owner = match object {
        Object::Extern(owner, _) | Object::Instance(owner, _) => Some(owner),
        Object::Value(owner, _) | Object::Exception(owner, _) => Some(owner),
        Object::Module(_) | Object::Trap(_) => None,
    };
    if owner.is_some_and(|owner| !Arc::ptr_eq(owner, cell)) {
        bail!("the reference belongs to another store");
    }
    Ok(match (ty.top(), object) {
        (HeapTopType::Func, object) => match object.func() {
            Some((_, func)) => Ref::Func(Some(func)),
            None => bail!("the reference is to no function"),
        },
        (HeapTopType::Extern, Object::Value(_, value)) => {
            Ref::Extern(Some(value.to_rooted(&mut store)))
        }
        (HeapTopType::Extern, object) if let Some(wrapped) = object.wrapped() => {
            Ref::Extern(Some(ExternRef::new(&mut store, wrapped)?))
        }
        (HeapTopType::Any, Object::Value(_, value)) => {
            let value = value.to_rooted(&mut store);
            Ref::Any(Some(burdock::AnyRef::convert_extern(&store, value)?))
        }
        (HeapTopType::Exn, Object::Exception(_, value)) => {
            Ref::Exn(Some(value.to_rooted(&mut store)))
        }
        _ => bail!("the reference is of another type than {ty}"),
    })
}

/// Returns the values of a vector as values of types.
///
/// # Errors
///
/// Fails if there are too few or too many values, or if one is of the wrong kind or store.
pub(crate) fn to_vals(
    values: &[wasm_val_t],
    cell: &Arc<StoreCell>,
    mut store: StoreContextMut<'_, Data>,
    types: impl ExactSizeIterator<Item = ValType>,
) -> Result<Vec<Val>, Error> {
    if values.len() != types.len() {
        bail!("expected {} values, got {}", types.len(), values.len());
    }
    let pairs = values.iter().zip(types);
    pairs.map(|(value, ty)| value.to_val(cell, reborrow(&mut store), &ty)).collect()
}

/// Writes values to a place of the caller's, whose old contents are not freed.
pub(crate) fn write_all(
    places: &mut [MaybeUninit<wasm_val_t>],
    cell: &Arc<StoreCell>,
    mut store: StoreContextMut<'_, Data>,
    values: &[Val],
) {
    for (place, value) in places.iter_mut().zip(values) {
        place.write(wasm_val_t::new(cell, reborrow(&mut store), *value));
    }
}

pub(crate) fn reborrow<'s>(store: &'s mut StoreContextMut<'_, Data>) -> StoreContextMut<'s, Data> {
    burdock::AsContextMut::as_context_mut(store)
}

impl Clone for wasm_val_t {
    fn clone(&self) -> Self {
        match self.object() {
            Some(object) => Self::of_ref(self.kind, Some(object.clone())),
            None => Self { kind: self.kind, of: self.of },
        }
    }
}

impl Drop for wasm_val_t {
    fn drop(&mut self) {
        self.release();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_val_delete(value: Option<&mut wasm_val_t>) {
    if let Some(value) = value {
        value.release();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_val_copy(out: Out<'_, wasm_val_t>, value: Option<&wasm_val_t>) {
    fill(out, value.given("wasm_val_copy: value").clone());
}
