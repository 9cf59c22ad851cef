//! References to objects that a store's collector manages, as structures.

use std::ffi::c_void;

use burdock::{
    AnyRef, ArrayRef, AsContextMut, EqRef, ExnRef, ExternRef, GcRef, I31, OwnedRooted, Result,
    RootScope, Rooted, StoreContextMut, StructRef,
};

use crate::abi::{Finalizer, Given, Out, Payload, fail, fill};
use crate::cell::{Data, StoreCell};
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::valtype::wasmtime_heaptype_t;

/// A reference, which holds its object until it is unrooted; null if `store_id` is 0.
#[repr(C)]
pub(crate) struct Reference<R: GcRef> {
    store_id: u64,
    unused: [u32; 2],
    root: *mut OwnedRooted<R>,
}

/// A reference to a host value.
pub(crate) type wasmtime_externref_t = Reference<ExternRef>;
/// A reference to a value of type any.
pub(crate) type wasmtime_anyref_t = Reference<AnyRef>;
/// A reference to a value that can be compared.
pub(crate) type wasmtime_eqref_t = Reference<EqRef>;
/// A reference to a structure.
pub(crate) type wasmtime_structref_t = Reference<StructRef>;
/// A reference to an array.
pub(crate) type wasmtime_arrayref_t = Reference<ArrayRef>;
/// A reference to an exception.
pub(crate) type wasmtime_exnref_t = Reference<ExnRef>;

impl<R: GcRef> Copy for Reference<R> {}

impl<R: GcRef> Clone for Reference<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: GcRef> Reference<R> {
    pub(crate) const NULL: Self = Self { store_id: 0, unused: [0; 2], root: std::ptr::null_mut() };

    fn owning(store_id: u64, root: OwnedRooted<R>) -> Self {
        Self { store_id, unused: [0; 2], root: Box::into_raw(Box::new(root)) }
    }

    /// Makes a structure that holds the object.
    pub(crate) fn new(
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        value: Option<Rooted<R>>,
    ) -> Self {
        let Some(value) = value else { return Self::NULL };
        let owned = value.to_owned_rooted(store).expect("the value was rooted just now");
        Self::owning(cell.id(), owned)
    }

    fn owned(&self) -> Option<&OwnedRooted<R>> {
        // SAFETY: [HEADER] a reference that is not null has a root.
        (self.store_id != 0).then(|| unsafe { &*self.root })
    }

    /// Returns the reference. Ends the process if it is of another store.
    pub(crate) fn get(
        &self,
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        what: &str,
    ) -> Option<Rooted<R>> {
        if self.store_id != 0 && self.store_id != cell.id() {
            fail(&format!("{what} belongs to another store"));
        }
        Some(self.owned()?.to_rooted(store))
    }

    /// Returns another reference to the same object.
    pub(crate) fn copied(&self) -> Self {
        self.owned().map_or(Self::NULL, |root| Self::owning(self.store_id, root.clone()))
    }

    /// Returns another reference to the same object, of a more general type.
    fn upcast<S: GcRef>(&self) -> Reference<S>
    where
        OwnedRooted<S>: From<OwnedRooted<R>>,
    {
        self.owned()
            .map_or(Reference::NULL, |root| Reference::owning(self.store_id, root.clone().into()))
    }

    /// Releases the object, and leaves null.
    pub(crate) fn unroot(&mut self) {
        let Self { store_id, root, .. } = std::mem::replace(self, Self::NULL);
        if store_id != 0 {
            // SAFETY: [HEADER] the reference owned the root.
            drop(unsafe { Box::from_raw(root) });
        }
    }
}

/// The scope of a function that uses references.
pub(crate) type Scope<'a> = RootScope<StoreContextMut<'a, Data>>;

/// Makes a reference in a scope of its own.
fn make<R: GcRef>(
    context: &wasmtime_context_t,
    make: impl FnOnce(&mut Scope<'_>) -> Option<Rooted<R>>,
) -> Reference<R> {
    context.with(|store| {
        let mut store = RootScope::new(store);
        let value = make(&mut store);
        Reference::new(context, &mut store.as_context_mut(), value)
    })
}

/// Uses the referent in a scope of its own. Returns `None` for null, and if `ask` fails.
pub(crate) fn ask<R: GcRef, A>(
    context: Option<&wasmtime_context_t>,
    value: Option<&Reference<R>>,
    what: &str,
    ask: impl FnOnce(Rooted<R>, &mut Scope<'_>) -> Result<A>,
) -> Option<A> {
    let context = context.given(what);
    let value = value?;
    context.with(|store| {
        let mut store = RootScope::new(store);
        let value = value.get(context, &mut store.as_context_mut(), what)?;
        ask(value, &mut store).ok()
    })
}

/// Returns the referent as a reference of another type, if `downcast` finds that it is of the type;
/// null otherwise.
fn downcast<R: GcRef, S: GcRef>(
    context: Option<&wasmtime_context_t>,
    value: Option<&Reference<R>>,
    what: &str,
    downcast: impl FnOnce(Rooted<R>, &mut Scope<'_>) -> Result<Option<Rooted<S>>>,
) -> Reference<S> {
    let cell = context.given(what);
    let found = ask(context, value, what, |value, store| {
        let found = downcast(value, store)?;
        Ok(Reference::new(cell, &mut store.as_context_mut(), found))
    });
    found.unwrap_or(Reference::NULL)
}

/// Defines the functions that references of every kind have.
macro_rules! references {
    ($($ty:ident: $clone:ident $unroot:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $clone(value: Option<&$ty>, out: Out<'_, $ty>) {
            fill(out, value.map_or($ty::NULL, $ty::copied));
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $unroot(value: Option<&mut $ty>) {
            if let Some(value) = value {
                value.unroot();
            }
        }
    )*};
}

references! {
    wasmtime_externref_t: wasmtime_externref_clone wasmtime_externref_unroot;
    wasmtime_anyref_t: wasmtime_anyref_clone wasmtime_anyref_unroot;
    wasmtime_eqref_t: wasmtime_eqref_clone wasmtime_eqref_unroot;
    wasmtime_structref_t: wasmtime_structref_clone wasmtime_structref_unroot;
    wasmtime_arrayref_t: wasmtime_arrayref_clone wasmtime_arrayref_unroot;
    wasmtime_exnref_t: wasmtime_exnref_clone wasmtime_exnref_unroot;
}

/// Defines conversions from and to the numbers in values without a kind.
macro_rules! numbers {
    ($($ty:ident $kind:ident: $from_raw:ident $to_raw:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $from_raw(
            context: Option<&wasmtime_context_t>, raw: u32, out: Out<'_, $ty>,
        ) {
            let context = context.given(stringify!($from_raw));
            fill(out, make(context, |store| $kind::from_raw(store, raw)));
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $to_raw(
            context: Option<&wasmtime_context_t>, value: Option<&$ty>,
        ) -> u32 {
            let raw = |value: Rooted<$kind>, store: &mut Scope<'_>| value.to_raw(store);
            ask(context, value, stringify!($to_raw), raw).unwrap_or(0)
        }
    )*};
}

numbers! {
    wasmtime_externref_t ExternRef: wasmtime_externref_from_raw wasmtime_externref_to_raw;
    wasmtime_anyref_t AnyRef: wasmtime_anyref_from_raw wasmtime_anyref_to_raw;
    wasmtime_exnref_t ExnRef: wasmtime_exnref_from_raw wasmtime_exnref_to_raw;
}

/// Defines conversions to more general references.
macro_rules! upcasts {
    ($($name:ident $from:ident $to:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name(value: Option<&$from>, out: Out<'_, $to>) {
            fill(out, value.map_or($to::NULL, $from::upcast));
        }
    )*};
}

upcasts! {
    wasmtime_eqref_to_anyref wasmtime_eqref_t wasmtime_anyref_t;
    wasmtime_structref_to_anyref wasmtime_structref_t wasmtime_anyref_t;
    wasmtime_structref_to_eqref wasmtime_structref_t wasmtime_eqref_t;
    wasmtime_arrayref_to_anyref wasmtime_arrayref_t wasmtime_anyref_t;
    wasmtime_arrayref_to_eqref wasmtime_arrayref_t wasmtime_eqref_t;
}

/// Defines questions whether a referent is of a more special kind, and conversions to that kind.
macro_rules! downcasts {
    ($($from:ident: $is:ident $as:ident $to:ident, $method:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $is(
            context: Option<&wasmtime_context_t>, value: Option<&$from>,
        ) -> bool {
            ask(context, value, stringify!($is), |value, store| value.$method(store))
                .flatten()
                .is_some()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as(
            context: Option<&wasmtime_context_t>, value: Option<&$from>, out: Out<'_, $to>,
        ) -> bool {
            let found = downcast(context, value, stringify!($as), |value, store| {
                value.$method(store)
            });
            let is_found = found.store_id != 0;
            fill(out, found);
            is_found
        }
    )*};
}

downcasts! {
    wasmtime_anyref_t: wasmtime_anyref_is_eqref wasmtime_anyref_as_eqref
        wasmtime_eqref_t, as_eqref;
    wasmtime_anyref_t: wasmtime_anyref_is_struct wasmtime_anyref_as_struct
        wasmtime_structref_t, as_struct;
    wasmtime_anyref_t: wasmtime_anyref_is_array wasmtime_anyref_as_array
        wasmtime_arrayref_t, as_array;
    wasmtime_eqref_t: wasmtime_eqref_is_struct wasmtime_eqref_as_struct
        wasmtime_structref_t, as_struct;
    wasmtime_eqref_t: wasmtime_eqref_is_array wasmtime_eqref_as_array
        wasmtime_arrayref_t, as_array;
}

/// Defines what references have that may be integers.
macro_rules! integers {
    ($($ty:ident $kind:ident: $from:ident $is:ident $get_u:ident $get_s:ident $type:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $from(
            context: Option<&wasmtime_context_t>, value: u32, out: Out<'_, $ty>,
        ) {
            let context = context.given(stringify!($from));
            fill(out, make(context, |store| Some($kind::from_i31(store, I31::wrapping_u32(value)))));
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $is(
            context: Option<&wasmtime_context_t>, value: Option<&$ty>,
        ) -> bool {
            ask(context, value, stringify!($is), |value, store| value.as_i31(store))
                .flatten()
                .is_some()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $get_u(
            context: Option<&wasmtime_context_t>, value: Option<&$ty>, out: Out<'_, u32>,
        ) -> bool {
            let found = ask(context, value, stringify!($get_u), |value, store| value.as_i31(store));
            found.flatten().map(|value| fill(out, value.get_u32())).is_some()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $get_s(
            context: Option<&wasmtime_context_t>, value: Option<&$ty>, out: Out<'_, i32>,
        ) -> bool {
            let found = ask(context, value, stringify!($get_s), |value, store| value.as_i31(store));
            found.flatten().map(|value| fill(out, value.get_i32())).is_some()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $type(
            context: Option<&wasmtime_context_t>,
            value: Option<&$ty>,
            out: Out<'_, wasmtime_heaptype_t>,
        ) -> bool {
            let ty = ask(context, value, stringify!($type), |value, store| value.ty(store));
            ty.map(|ty| fill(out, wasmtime_heaptype_t::new(&ty))).is_some()
        }
    )*};
}

integers! {
    wasmtime_anyref_t AnyRef: wasmtime_anyref_from_i31 wasmtime_anyref_is_i31
        wasmtime_anyref_i31_get_u wasmtime_anyref_i31_get_s wasmtime_anyref_type;
    wasmtime_eqref_t EqRef: wasmtime_eqref_from_i31 wasmtime_eqref_is_i31
        wasmtime_eqref_i31_get_u wasmtime_eqref_i31_get_s wasmtime_eqref_type;
}

/// Returns false if there is no room for the value; the data's finalizer has run then.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_externref_new(
    context: Option<&wasmtime_context_t>,
    data: *mut c_void,
    finalizer: Finalizer,
    out: Out<'_, wasmtime_externref_t>,
) -> bool {
    let context = context.given("wasmtime_externref_new: context");
    let payload = Payload::new(data, finalizer);
    let value = context.with(|store| {
        let mut store = RootScope::new(store);
        let value = ExternRef::new(&mut store, payload)?;
        burdock::error::Ok(wasmtime_externref_t::new(
            context,
            &mut store.as_context_mut(),
            Some(value),
        ))
    });
    let made = value.is_ok();
    fill(out, value.unwrap_or(wasmtime_externref_t::NULL));
    made
}

/// Returns null for null, and for values that are not from `wasmtime_externref_new`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_externref_data(
    context: Option<&wasmtime_context_t>,
    value: Option<&wasmtime_externref_t>,
) -> *mut c_void {
    let data = ask(context, value, "wasmtime_externref_data", |value, store| {
        let data = value.data(&*store)?;
        Ok(data.and_then(|data| Some(data.downcast_ref::<Payload>()?.data())))
    });
    data.flatten().unwrap_or(std::ptr::null_mut())
}
