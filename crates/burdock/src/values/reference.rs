//! `Ref`: a value of a reference type.

use super::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Rooted, Rooting, StructRef};
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{AsContext, Func, HeapType, RefType, Result, Val};

/// A reference to a function, a host value, an object of guests or an exception, or null.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let func = Func::wrap(&mut store, || ());
/// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), func.into())?;
/// let element = table.get(&mut store, 1).unwrap();
/// assert!(element.is_func() && !element.is_null());
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Copy, Clone)]
pub enum Ref {
    /// A function, or null.
    Func(Option<Func>),
    /// A host value, or null.
    Extern(Option<Rooted<ExternRef>>),
    /// A value of type `any`, or null.
    Any(Option<Rooted<AnyRef>>),
    /// An exception, or null.
    Exn(Option<Rooted<ExnRef>>),
}

impl Ref {
    /// Returns the null reference of this kind.
    pub fn null(heap_type: &HeapType) -> Self {
        match heap_type {
            HeapType::Func
            | HeapType::ConcreteFunc(_)
            | HeapType::ExactFunc(_)
            | HeapType::NoFunc => Ref::Func(None),
            HeapType::Extern | HeapType::NoExtern => Ref::Extern(None),
            HeapType::Exn | HeapType::ConcreteExn(_) | HeapType::NoExn => Ref::Exn(None),
            _ => Ref::Any(None),
        }
    }

    /// Returns `true` if the reference is null.
    pub fn is_null(&self) -> bool {
        match self {
            Ref::Func(func) => func.is_none(),
            Ref::Extern(value) => value.is_none(),
            Ref::Any(value) => value.is_none(),
            Ref::Exn(value) => value.is_none(),
        }
    }

    /// Returns `true` if the reference is not null.
    pub fn is_non_null(&self) -> bool {
        !self.is_null()
    }

    /// Returns `true` if this is a function reference.
    pub fn is_func(&self) -> bool {
        matches!(self, Ref::Func(_))
    }

    /// Returns `true` if this is an external reference.
    pub fn is_extern(&self) -> bool {
        matches!(self, Ref::Extern(_))
    }

    /// Returns the function if this is a function reference; the inner `None` is null.
    pub fn as_func(&self) -> Option<Option<&Func>> {
        match self {
            Ref::Func(func) => Some(func.as_ref()),
            _ => None,
        }
    }

    /// Returns the function; see [`Ref::as_func`].
    ///
    /// # Panics
    ///
    /// Panics if the reference is of another type.
    pub fn unwrap_func(&self) -> Option<&Func> {
        self.as_func().expect("expected a function reference")
    }

    /// Returns the host value if this is an external reference; the inner `None` is null.
    pub fn as_extern(&self) -> Option<Option<&Rooted<ExternRef>>> {
        match self {
            Ref::Extern(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the host value; see [`Ref::as_extern`].
    ///
    /// # Panics
    ///
    /// Panics if the reference is of another type.
    pub fn unwrap_extern(&self) -> Option<&Rooted<ExternRef>> {
        self.as_extern().expect("expected an external reference")
    }

    /// Returns `true` if this is a reference of type `any`.
    pub fn is_any(&self) -> bool {
        matches!(self, Ref::Any(_))
    }

    /// Returns the value if this is a reference of type `any`; the inner `None` is null.
    pub fn as_any(&self) -> Option<Option<&Rooted<AnyRef>>> {
        match self {
            Ref::Any(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the value; see [`Ref::as_any`].
    ///
    /// # Panics
    ///
    /// Panics if the reference is of another type.
    pub fn unwrap_any(&self) -> Option<&Rooted<AnyRef>> {
        self.as_any().expect("expected a reference of type any")
    }

    /// Returns `true` if this is an exception reference.
    pub fn is_exn(&self) -> bool {
        matches!(self, Ref::Exn(_))
    }

    /// Returns the exception if this is an exception reference; the inner `None` is null.
    pub fn as_exn(&self) -> Option<Option<&Rooted<ExnRef>>> {
        match self {
            Ref::Exn(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the exception; see [`Ref::as_exn`].
    ///
    /// # Panics
    ///
    /// Panics if the reference is of another type.
    pub fn unwrap_exn(&self) -> Option<&Rooted<ExnRef>> {
        self.as_exn().expect("expected an exception reference")
    }

    /// Returns the narrowest type of the reference.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<RefType> {
        let ty = Val::from(*self).ty(store)?;
        Ok(ty.unwrap_ref().clone())
    }

    /// Returns `true` if the reference is of type `ty`.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> Result<bool> {
        match (self, ty.heap_type()) {
            (Ref::Func(Some(func)), HeapType::ConcreteFunc(ty)) => Ok(func.matches_ty(store, ty)),
            _ => Ok(self.ty(store)?.matches(ty)),
        }
    }

    /// Returns the raw form if the reference fits an element type and a store.
    pub(crate) fn checked_raw(&self, store: &StoreOpaque, ty: &raw::RefType) -> Result<u64> {
        Ok(Val::from(*self).lower_as(store, &raw::ValType::Ref(*ty))?[0])
    }

    pub(crate) fn from_raw(ty: &raw::RefType, raw: u64, store: &StoreOpaque) -> Self {
        let val = Val::from_halves(raw::ValType::Ref(*ty), [raw, 0], Rooting::Scoped(store));
        val.ref_().expect("a reference type has reference values")
    }
}

impl From<Func> for Ref {
    fn from(func: Func) -> Self {
        Ref::Func(Some(func))
    }
}

impl From<Option<Func>> for Ref {
    fn from(func: Option<Func>) -> Self {
        Ref::Func(func)
    }
}

impl From<Rooted<ExternRef>> for Ref {
    fn from(value: Rooted<ExternRef>) -> Self {
        Ref::Extern(Some(value))
    }
}

impl From<Option<Rooted<ExternRef>>> for Ref {
    fn from(value: Option<Rooted<ExternRef>>) -> Self {
        Ref::Extern(value)
    }
}

impl From<Rooted<ExnRef>> for Ref {
    fn from(value: Rooted<ExnRef>) -> Self {
        Ref::Exn(Some(value))
    }
}

impl From<Option<Rooted<ExnRef>>> for Ref {
    fn from(value: Option<Rooted<ExnRef>>) -> Self {
        Ref::Exn(value)
    }
}

macro_rules! any {
    ($($ty:ident)*) => {$(
        impl From<Rooted<$ty>> for Ref {
            fn from(value: Rooted<$ty>) -> Self {
                Ref::Any(Some(value.cast()))
            }
        }

        impl From<Option<Rooted<$ty>>> for Ref {
            fn from(value: Option<Rooted<$ty>>) -> Self {
                Ref::Any(value.map(Rooted::cast))
            }
        }
    )*};
}

any! { AnyRef EqRef StructRef ArrayRef }
