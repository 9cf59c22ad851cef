//! References to objects that a store's collector manages, as structures.

use std::ffi::c_void;

use burdock::{
    AnyRef, AsContextMut, ExnRef, ExternRef, GcRef, I31, OwnedRooted, Result, RootScope, Rooted,
    StoreContextMut,
};

use crate::abi::{Finalizer, Given, Out, Payload, fail, fill};
use crate::cell::{Data, StoreCell};
use crate::wasmtime::store::wasmtime_context_t;

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
/// A reference to an exception.
pub(crate) type wasmtime_exnref_t = Reference<ExnRef>;

impl<R: GcRef> Copy for Reference<R> {}

impl<R: GcRef> Clone for Reference<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: GcRef> Reference<R> {
    const NULL: Self = Self { store_id: 0, unused: [0; 2], root: std::ptr::null_mut() };

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
type Scope<'a> = RootScope<StoreContextMut<'a, Data>>;

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

/// Returns the number of a reference; 0 for null.
fn to_raw<R: GcRef>(
    context: &wasmtime_context_t,
    value: Option<&Reference<R>>,
    what: &str,
    to_raw: impl FnOnce(Rooted<R>, &mut Scope<'_>) -> Result<u32>,
) -> u32 {
    let Some(value) = value else { return 0 };
    context.with(|store| {
        let mut store = RootScope::new(store);
        let value = value.get(context, &mut store.as_context_mut(), what);
        value.and_then(|value| to_raw(value, &mut store).ok()).unwrap_or(0)
    })
}

/// Defines the functions that references of every kind have.
macro_rules! references {
    ($($ty:ident $kind:ident: $clone:ident $unroot:ident $from_raw:ident $to_raw:ident;)*) => {$(
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
            let context = context.given(stringify!($to_raw));
            to_raw(context, value, stringify!($to_raw), |value, store| value.to_raw(store))
        }
    )*};
}

references! {
    wasmtime_externref_t ExternRef: wasmtime_externref_clone
        wasmtime_externref_unroot wasmtime_externref_from_raw wasmtime_externref_to_raw;
    wasmtime_anyref_t AnyRef: wasmtime_anyref_clone wasmtime_anyref_unroot
        wasmtime_anyref_from_raw wasmtime_anyref_to_raw;
    wasmtime_exnref_t ExnRef: wasmtime_exnref_clone wasmtime_exnref_unroot
        wasmtime_exnref_from_raw wasmtime_exnref_to_raw;
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
    let context = context.given("wasmtime_externref_data: context");
    let Some(value) = value else { return std::ptr::null_mut() };
    let data = context.with(|store| {
        let mut store = RootScope::new(store);
        let what = "wasmtime_externref_data: data";
        let value = value.get(context, &mut store.as_context_mut(), what)?;
        let context = store.as_context_mut();
        let data = value.data(&context).ok().flatten()?;
        Some(data.downcast_ref::<Payload>()?.data())
    });
    data.unwrap_or(std::ptr::null_mut())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_anyref_from_i31(
    context: Option<&wasmtime_context_t>,
    value: u32,
    out: Out<'_, wasmtime_anyref_t>,
) {
    let context = context.given("wasmtime_anyref_from_i31: context");
    let value = make(context, |store| Some(AnyRef::from_i31(store, I31::wrapping_u32(value))));
    fill(out, value);
}

/// Returns the integer of a reference to one.
fn i31(
    context: Option<&wasmtime_context_t>,
    value: Option<&wasmtime_anyref_t>,
    what: &str,
) -> Option<I31> {
    let context = context.given(what);
    let value = value?;
    context.with(|store| {
        let mut store = RootScope::new(store);
        let value = value.get(context, &mut store.as_context_mut(), what)?;
        value.as_i31(&store).ok().flatten()
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_anyref_is_i31(
    context: Option<&wasmtime_context_t>,
    value: Option<&wasmtime_anyref_t>,
) -> bool {
    i31(context, value, "wasmtime_anyref_is_i31").is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_anyref_i31_get_u(
    context: Option<&wasmtime_context_t>,
    value: Option<&wasmtime_anyref_t>,
    out: Out<'_, u32>,
) -> bool {
    let value = i31(context, value, "wasmtime_anyref_i31_get_u");
    value.map(|value| fill(out, value.get_u32())).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_anyref_i31_get_s(
    context: Option<&wasmtime_context_t>,
    value: Option<&wasmtime_anyref_t>,
    out: Out<'_, i32>,
) -> bool {
    let value = i31(context, value, "wasmtime_anyref_i31_get_s");
    value.map(|value| fill(out, value.get_i32())).is_some()
}
