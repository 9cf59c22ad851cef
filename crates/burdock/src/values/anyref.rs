//! `AnyRef` and `EqRef`: references to any object of guests, and to those that can be compared.

use super::rooted::sealed::Sealed as _;
use super::rooted::{GcRef, Root};
use super::{ArrayRef, ExternRef, I31, OwnedRooted, Rooted, StructRef};
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{AsContext, AsContextMut, HeapType, RefType, Result};
use burdock_core::heap::Reference;

/// A value of type `any`: an `i31`, a structure, an array, or a host value that was converted.
/// Always used behind [`Rooted`] or [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `AnyRef`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let seven = AnyRef::from_i31(&mut store, I31::wrapping_u32(7));
/// assert!(seven.is_eqref(&store)? && !seven.is_struct(&store)?);
/// assert_eq!(seven.as_i31(&store)?.unwrap().get_u32(), 7);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct AnyRef(pub(super) Root);

/// A value of type `eq`: an `i31`, a structure or an array. Always used behind [`Rooted`] or
/// [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `EqRef`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let seven = EqRef::from_i31(&mut store, I31::wrapping_u32(7));
/// assert!(seven.ty(&store)?.is_i31());
/// assert!(seven.to_anyref().matches_ty(&store, &HeapType::Eq)?);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct EqRef(pub(super) Root);

impl StoreOpaque {
    /// Returns `true` if a reference that is not null is of a type of the same hierarchy.
    pub(crate) fn is_of_type(&self, reference: Reference, ty: raw::HeapType) -> bool {
        if let raw::HeapType::ConcreteExn(expected) = ty {
            return self.vm.exception_type(reference) == Some(expected);
        }
        let heap = self.vm.heap();
        // A type that the store has not is the type of none of its objects.
        if let Some(id) = ty.concrete()
            && heap.types().get(id).is_none()
        {
            return false;
        }
        let known = |id| heap.types().get(id).expect("checked above");
        heap.is_of_type(reference, ty.map(known))
    }

    /// Returns the narrowest type that a reference of type `any` has.
    pub(super) fn any_type_of(&self, reference: Reference) -> HeapType {
        use burdock_core::heap::Kind;
        let Some(object) = reference.object() else { return HeapType::I31 };
        let heap = self.vm.heap();
        let heap_type = match (heap.kind_of(object), heap.types().id(heap.type_of(object))) {
            (Kind::Struct, Some(id)) => raw::HeapType::ConcreteStruct(id),
            (Kind::Array, Some(id)) => raw::HeapType::ConcreteArray(id),
            _ => raw::HeapType::Any,
        };
        let ty = RefType::from_raw(self.engine(), raw::RefType::new(false, heap_type));
        ty.heap_type().clone()
    }
}

/// Returns the handle as one to another kind of object if the object is of that kind.
fn downcast<S: GcRef>(root: Root, store: impl AsContext) -> Result<Option<Rooted<S>>> {
    let store = store.as_context().opaque();
    let reference = root.resolve(store)?;
    Ok(store.is_of_type(reference, S::HEAP_TYPE).then(|| store.root(reference)))
}

/// Methods that tell the kinds of objects apart.
macro_rules! kinds {
    ($of:ident: $($is:ident $as:ident $unwrap:ident $ty:ident, $what:literal;)*) => {
        impl $of {
            /// Returns the narrowest type of the value.
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn ty(&self, store: impl AsContext) -> Result<HeapType> {
                let store = store.as_context().opaque();
                Ok(store.any_type_of(self.0.resolve(store)?))
            }

            /// Returns `true` if the value is of a type.
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store, or the type to another engine.
            pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
                let store = store.as_context().opaque();
                assert!(ty.comes_from(store.engine()), "type used with wrong engine");
                let reference = self.0.resolve(store)?;
                let ty = ty.raw();
                Ok(ty.top() == raw::HeapType::Any && store.is_of_type(reference, ty))
            }

            /// Returns `true` if the value is an `i31`.
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn is_i31(&self, store: impl AsContext) -> Result<bool> {
                Ok(self.as_i31(store)?.is_some())
            }

            /// Returns the integer if the value is an `i31`.
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>> {
                let reference = self.0.resolve(store.as_context().opaque())?;
                Ok(reference.i31().map(I31::wrapping_i32))
            }

            /// Returns the integer.
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the value is no `i31`, or if the reference belongs to another store.
            pub fn unwrap_i31(&self, store: impl AsContext) -> Result<I31> {
                Ok(self.as_i31(store)?.expect("expected an i31"))
            }

            $(#[doc = concat!("Returns `true` if the value is ", $what, ".")]
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn $is(&self, store: impl AsContext) -> Result<bool> {
                let store = store.as_context().opaque();
                let reference = self.0.resolve(store)?;
                Ok(store.is_of_type(reference, $ty::HEAP_TYPE))
            }

            #[doc = concat!("Returns the value as a reference to ", $what, ", if it is one.")]
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn $as(&self, store: impl AsContext) -> Result<Option<Rooted<$ty>>> {
                downcast(self.0, store)
            }

            #[doc = concat!("Returns the value as a reference to ", $what, ".")]
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the value is of another kind, or if the reference belongs to another
            /// store.
            pub fn $unwrap(&self, store: impl AsContext) -> Result<Rooted<$ty>> {
                Ok(self.$as(store)?.expect(concat!("expected ", $what)))
            })*
        }
    };
}

kinds! { AnyRef:
    is_eqref as_eqref unwrap_eqref EqRef, "a value that can be compared";
    is_struct as_struct unwrap_struct StructRef, "a structure";
    is_array as_array unwrap_array ArrayRef, "an array";
}

kinds! { EqRef:
    is_struct as_struct unwrap_struct StructRef, "a structure";
    is_array as_array unwrap_array ArrayRef, "an array";
}

impl AnyRef {
    /// Creates a reference to an `i31`.
    pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<Self> {
        store.as_context_mut().inner.opaque.root(Reference::from_i31(value.get_u32()))
    }

    /// Converts a reference of type `extern` to type `any`, as `any.convert_extern` does.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn convert_extern(
        store: impl AsContext,
        externref: Rooted<ExternRef>,
    ) -> Result<Rooted<Self>> {
        externref.root().resolve(store.as_context().opaque())?;
        Ok(externref.cast())
    }
}

impl EqRef {
    /// Creates a reference to an `i31`.
    pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<Self> {
        store.as_context_mut().inner.opaque.root(Reference::from_i31(value.get_u32()))
    }
}

/// Conversions to more general kinds.
macro_rules! upcasts {
    (in $handle:ident $from:ident $method:ident $to:ident, $what:literal) => {
        impl $handle<$from> {
            #[doc = concat!("Returns the reference as one to ", $what, ".")]
            pub fn $method(self) -> $handle<$to> {
                self.cast()
            }
        }

        impl From<$handle<$from>> for $handle<$to> {
            fn from(reference: $handle<$from>) -> Self {
                reference.cast()
            }
        }
    };
    ($($from:ident $method:ident $to:ident, $what:literal;)*) => {$(
        upcasts! { in Rooted $from $method $to, $what }
        upcasts! { in OwnedRooted $from $method $to, $what }
    )*};
}

upcasts! {
    EqRef to_anyref AnyRef, "any value";
    StructRef to_anyref AnyRef, "any value";
    StructRef to_eqref EqRef, "any value that can be compared";
    ArrayRef to_anyref AnyRef, "any value";
    ArrayRef to_eqref EqRef, "any value that can be compared";
}
