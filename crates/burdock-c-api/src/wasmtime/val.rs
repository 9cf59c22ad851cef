//! `wasmtime_val_t`: values with their kinds, and values without.

use std::mem::MaybeUninit;

use burdock::{AsContextMut, HeapType, Ref, Result, StoreContextMut, V128, Val, bail};

use crate::abi::{Given, Out, fill};
use crate::cell::{Data, StoreCell};
use crate::wasmtime::external::wasmtime_func_t;
use crate::wasmtime::reference::{wasmtime_anyref_t, wasmtime_exnref_t, wasmtime_externref_t};

/// A value. Its references are owned.
#[repr(C)]
pub(crate) struct wasmtime_val_t {
    kind: u8,
    of: Union,
}

/// The value, depending on the kind.
#[repr(C)]
#[derive(Copy, Clone)]
union Union {
    i32: i32,
    i64: i64,
    v128: [u8; 16],
    func: wasmtime_func_t,
    externref: wasmtime_externref_t,
    anyref: wasmtime_anyref_t,
    exnref: wasmtime_exnref_t,
}

/// A value without its kind.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasmtime_val_raw_t([u64; 2]);

const I32: u8 = 0;
const I64: u8 = 1;
const F32: u8 = 2;
const F64: u8 = 3;
const VECTOR: u8 = 4;
const FUNCREF: u8 = 5;
const EXTERNREF: u8 = 6;
const ANYREF: u8 = 7;
const EXNREF: u8 = 8;

impl wasmtime_val_t {
    const ZERO: Self = Self { kind: I32, of: Union { i64: 0 } };

    /// Makes a value of the engine's.
    pub(crate) fn new(cell: &StoreCell, store: &mut StoreContextMut<'_, Data>, value: Val) -> Self {
        let (kind, of) = match value {
            Val::I32(value) => (I32, Union { i32: value }),
            Val::I64(value) => (I64, Union { i64: value }),
            Val::F32(bits) => (F32, Union { i32: bits.cast_signed() }),
            Val::F64(bits) => (F64, Union { i64: bits.cast_signed() }),
            Val::V128(value) => (VECTOR, Union { v128: value.to_le_bytes() }),
            Val::FuncRef(func) => {
                let func =
                    func.map_or(wasmtime_func_t::NULL, |f| wasmtime_func_t::new(cell, store, f));
                (FUNCREF, Union { func })
            }
            Val::ExternRef(value) => {
                (EXTERNREF, Union { externref: wasmtime_externref_t::new(cell, store, value) })
            }
            Val::AnyRef(value) => {
                (ANYREF, Union { anyref: wasmtime_anyref_t::new(cell, store, value) })
            }
            Val::ExnRef(value) => {
                (EXNREF, Union { exnref: wasmtime_exnref_t::new(cell, store, value) })
            }
        };
        Self { kind, of }
    }

    fn i32(&self) -> i32 {
        // SAFETY: [HEADER] values of these kinds have 32 bits.
        unsafe { self.of.i32 }
    }

    fn i64(&self) -> i64 {
        // SAFETY: [HEADER] values of these kinds have 64 bits.
        unsafe { self.of.i64 }
    }

    /// Returns the value for the engine.
    ///
    /// # Errors
    ///
    /// Fails if there is no such kind.
    pub(crate) fn get(
        &self,
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        what: &str,
    ) -> Result<Val> {
        Ok(match self.kind {
            I32 => Val::I32(self.i32()),
            I64 => Val::I64(self.i64()),
            F32 => Val::F32(self.i32().cast_unsigned()),
            F64 => Val::F64(self.i64().cast_unsigned()),
            VECTOR => {
                // SAFETY: [HEADER] values of this kind have a vector.
                let bytes = unsafe { self.of.v128 };
                Val::V128(V128::from_le_bytes(bytes))
            }
            FUNCREF => {
                // SAFETY: [HEADER] values of this kind have a function.
                let func = unsafe { self.of.func };
                Val::FuncRef(func.get(cell, store, what))
            }
            EXTERNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                let value = unsafe { &self.of.externref };
                Val::ExternRef(value.get(cell, store, what))
            }
            ANYREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                let value = unsafe { &self.of.anyref };
                Val::AnyRef(value.get(cell, store, what))
            }
            EXNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                let value = unsafe { &self.of.exnref };
                Val::ExnRef(value.get(cell, store, what))
            }
            kind => bail!("{what} is of the unknown kind {kind}"),
        })
    }

    /// Returns the value as a reference of the hierarchy of `ty`. Null of any kind is null.
    ///
    /// # Errors
    ///
    /// Fails if the value is no reference of this hierarchy.
    pub(crate) fn get_ref(
        &self,
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        ty: &HeapType,
        what: &str,
    ) -> Result<Ref> {
        let value = self.get(cell, store, what)?;
        match value.ref_() {
            Some(reference) if reference.is_null() => Ok(Ref::null(ty)),
            Some(reference) => Ok(reference),
            None => bail!("{what} is no reference"),
        }
    }

    /// Releases the value's reference, and leaves null.
    pub(crate) fn unroot(&mut self) {
        match self.kind {
            EXTERNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                unsafe { &mut self.of.externref }.unroot();
            }
            ANYREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                unsafe { &mut self.of.anyref }.unroot();
            }
            EXNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                unsafe { &mut self.of.exnref }.unroot();
            }
            _ => {}
        }
    }

    fn copied(&self) -> Self {
        let of = match self.kind {
            EXTERNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                Union { externref: unsafe { &self.of.externref }.copied() }
            }
            ANYREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                Union { anyref: unsafe { &self.of.anyref }.copied() }
            }
            EXNREF => {
                // SAFETY: [HEADER] values of this kind have such a reference.
                Union { exnref: unsafe { &self.of.exnref }.copied() }
            }
            _ => self.of,
        };
        Self { kind: self.kind, of }
    }
}

/// OwnedValues that this library owns.
pub(crate) struct OwnedValues(Vec<wasmtime_val_t>);

// SAFETY: [HEADER] the values own their references, which belong to a store that is used by one
// thread at a time.
unsafe impl Send for OwnedValues {}

impl OwnedValues {
    /// Makes values of the engine's.
    pub(crate) fn new(
        cell: &StoreCell,
        mut store: StoreContextMut<'_, Data>,
        values: &[Val],
    ) -> Self {
        Self(values.iter().map(|value| wasmtime_val_t::new(cell, &mut store, *value)).collect())
    }

    /// Copies values.
    pub(crate) fn copied(values: &[wasmtime_val_t]) -> Self {
        Self(values.iter().map(wasmtime_val_t::copied).collect())
    }

    /// Makes values that a callback has to replace.
    pub(crate) fn zeros(count: usize) -> Self {
        Self(std::iter::repeat_with(|| wasmtime_val_t::ZERO).take(count).collect())
    }

    pub(crate) fn as_slice(&self) -> &[wasmtime_val_t] {
        &self.0
    }

    /// Returns the values as C gets them.
    pub(crate) fn parts(&mut self) -> (*mut wasmtime_val_t, usize) {
        (self.0.as_mut_ptr(), self.0.len())
    }
}

impl Drop for OwnedValues {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(wasmtime_val_t::unroot);
    }
}

/// Returns values for the engine.
///
/// # Errors
///
/// Fails if a value is of no kind that there is.
pub(crate) fn get_all(
    values: &[wasmtime_val_t],
    cell: &StoreCell,
    mut store: impl AsContextMut<Data = Data>,
    what: &str,
) -> Result<Vec<Val>> {
    let mut store = store.as_context_mut();
    values.iter().map(|value| value.get(cell, &mut store, what)).collect()
}

/// Writes values to places of the caller's, whose old contents are not released.
pub(crate) fn write_all(
    places: &mut [MaybeUninit<wasmtime_val_t>],
    cell: &StoreCell,
    mut store: impl AsContextMut<Data = Data>,
    values: &[Val],
) {
    let mut store = store.as_context_mut();
    for (place, value) in places.iter_mut().zip(values) {
        place.write(wasmtime_val_t::new(cell, &mut store, *value));
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_val_unroot(value: Option<&mut wasmtime_val_t>) {
    if let Some(value) = value {
        value.unroot();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_val_clone(
    value: Option<&wasmtime_val_t>,
    out: Out<'_, wasmtime_val_t>,
) {
    fill(out, value.given("wasmtime_val_clone: src").copied());
}
