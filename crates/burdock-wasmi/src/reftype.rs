//! References: `Ref`, `Nullable` and `ExternRef`.

use crate::{AsContext, AsContextMut, Func, RefType, StoreContext};
use alloc::boxed::Box;
use burdock::{RootScope, Rooted};
use core::any::Any;

/// A reference that may be null.
#[derive(Copy, Clone, Debug, Default)]
pub enum Nullable<T> {
    /// The null reference.
    #[default]
    Null,
    /// A reference.
    Val(T),
}

impl<T> Nullable<T> {
    /// Returns `true` for the null reference.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns what is referred to.
    pub fn val(&self) -> Option<&T> {
        match self {
            Self::Val(val) => Some(val),
            Self::Null => None,
        }
    }

    /// Returns the reference with a reference to its value.
    pub fn as_ref(&self) -> Nullable<&T> {
        self.val().map_or(Nullable::Null, Nullable::Val)
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(val: T) -> Self {
        Self::Val(val)
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(nullable: Nullable<T>) -> Self {
        match nullable {
            Nullable::Val(val) => Some(val),
            Nullable::Null => None,
        }
    }
}

/// Returns an optional reference of Burdock.
pub(crate) fn nullable<T>(reference: Option<T>) -> Nullable<T> {
    reference.map_or(Nullable::Null, Nullable::Val)
}

/// A reference of any type.
#[derive(Copy, Clone, Debug)]
pub enum Ref {
    /// A reference to a function.
    Func(Nullable<Func>),
    /// A reference to a value of the host.
    Extern(Nullable<ExternRef>),
}

impl From<Nullable<Func>> for Ref {
    fn from(reference: Nullable<Func>) -> Self {
        Self::Func(reference)
    }
}

impl From<Nullable<ExternRef>> for Ref {
    fn from(reference: Nullable<ExternRef>) -> Self {
        Self::Extern(reference)
    }
}

impl Ref {
    /// Returns the null reference of a type.
    pub fn null(ty: RefType) -> Self {
        match ty {
            RefType::Func => Self::Func(Nullable::Null),
            RefType::Extern => Self::Extern(Nullable::Null),
        }
    }

    /// Returns the default value of a type, which is null.
    pub fn default_for_ty(ty: RefType) -> Self {
        Self::null(ty)
    }

    /// Returns `true` for null references.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Func(reference) => reference.is_null(),
            Self::Extern(reference) => reference.is_null(),
        }
    }

    /// Returns `true` for references that are not null.
    pub fn is_non_null(&self) -> bool {
        !self.is_null()
    }

    /// Returns the type.
    pub fn ty(&self) -> RefType {
        match self {
            Self::Func(_) => RefType::Func,
            Self::Extern(_) => RefType::Extern,
        }
    }

    /// Returns `true` for references to functions.
    pub fn is_func(&self) -> bool {
        matches!(self, Self::Func(_))
    }

    /// Returns `true` for references to values of the host.
    pub fn is_extern(&self) -> bool {
        matches!(self, Self::Extern(_))
    }

    /// Returns the reference if it is one to a function.
    pub fn as_func(&self) -> Option<Nullable<&Func>> {
        match self {
            Self::Func(reference) => Some(reference.as_ref()),
            Self::Extern(_) => None,
        }
    }

    /// Returns the reference if it is one to a value of the host.
    pub fn as_extern(&self) -> Option<Nullable<&ExternRef>> {
        match self {
            Self::Extern(reference) => Some(reference.as_ref()),
            Self::Func(_) => None,
        }
    }

    /// Returns the reference to a function.
    ///
    /// # Panics
    ///
    /// Panics if the reference is one to a value of the host.
    pub fn unwrap_func(&self) -> Nullable<&Func> {
        self.as_func().expect("a reference to a function")
    }

    pub(crate) fn to_burdock(self) -> burdock::Ref {
        match self {
            Self::Func(func) => burdock::Ref::Func(func_to_burdock(func)),
            Self::Extern(value) => burdock::Ref::Extern(extern_to_burdock(value)),
        }
    }

    pub(crate) fn from_burdock<T: 'static>(
        reference: burdock::Ref,
        store: burdock::StoreContext<'_, T>,
    ) -> Self {
        match reference {
            burdock::Ref::Func(func) => Self::Func(nullable(func.map(Func::from_burdock))),
            burdock::Ref::Extern(value) => Self::Extern(extern_from_burdock(value, store)),
            // A reference that wasmi does not have.
            _ => Self::Extern(Nullable::Null),
        }
    }
}

pub(crate) fn func_to_burdock(func: Nullable<Func>) -> Option<burdock::Func> {
    Option::from(func).map(|func: Func| func.as_burdock())
}

pub(crate) fn extern_to_burdock(value: Nullable<ExternRef>) -> Option<Rooted<burdock::ExternRef>> {
    Option::from(value).map(|value: ExternRef| value.0)
}

pub(crate) fn extern_from_burdock<T: 'static>(
    value: Option<Rooted<burdock::ExternRef>>,
    store: burdock::StoreContext<'_, T>,
) -> Nullable<ExternRef> {
    nullable(value.map(|value| ExternRef::from_rooted(value, store)))
}

/// A reference to a value of the host. The store owns the value, and keeps it as long as the store
/// exists.
#[derive(Copy, Clone, Debug)]
pub struct ExternRef(Rooted<burdock::ExternRef>);

/// A value of the host, as the store has it.
struct Object {
    value: Box<dyn Any + Send + Sync>,
    /// The reference that no scope of Burdock ends.
    kept: Option<ExternRef>,
}

impl ExternRef {
    /// Puts a value into a store, and returns a reference to it.
    ///
    /// # Panics
    ///
    /// Panics if the store's heap has no room, which only a limiter or the system decides.
    // The name is wasmi's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new<T: Any + Send + Sync + 'static>(mut ctx: impl AsContextMut, object: T) -> Self {
        let mut ctx = ctx.as_context_mut();
        let mut scope = RootScope::new(ctx.as_burdock_mut());
        let object = Object { value: Box::new(object), kept: None };
        let rooted = burdock::ExternRef::new(&mut scope, object)
            .and_then(|rooted| rooted.to_owned_rooted(&mut scope));
        let kept = match rooted {
            Ok(rooted) => Self(rooted.leak()),
            Err(error) => panic!("no room for a value of the host: {error:#}"),
        };
        if let Ok(Some(object)) = kept.0.data_mut(&mut scope)
            && let Some(object) = object.downcast_mut::<Object>()
        {
            object.kept = Some(kept);
        }
        kept
    }

    /// Returns the value.
    ///
    /// # Panics
    ///
    /// Panics if the reference is one of another store.
    pub fn data<'a, T: 'static>(&self, ctx: impl Into<StoreContext<'a, T>>) -> &'a dyn Any {
        let data = self.0.data(ctx.into().store).expect("a reference that no scope ends");
        match data.map(|data| data as &dyn Any) {
            Some(data) => data.downcast_ref::<Object>().map_or(data, |object| &*object.value),
            // An object of the guest's, which only Burdock's configuration lets it have.
            None => &(),
        }
    }

    /// Returns the reference to a value that a guest has passed: the same reference each time.
    pub(crate) fn from_rooted<T: 'static>(
        rooted: Rooted<burdock::ExternRef>,
        store: burdock::StoreContext<'_, T>,
    ) -> Self {
        let data = rooted.data(store).ok().flatten();
        let object = data.and_then(|data| data.downcast_ref::<Object>());
        object.and_then(|object| object.kept).unwrap_or(Self(rooted))
    }

    /// Returns the reference to a value that a guest has returned.
    pub(crate) fn from_owned(
        owned: &burdock::OwnedRooted<burdock::ExternRef>,
        store: impl AsContext,
    ) -> Self {
        let data = owned.data(store.as_context().store).ok().flatten();
        let object = data.and_then(|data| data.downcast_ref::<Object>());
        let kept = object.and_then(|object| object.kept);
        kept.unwrap_or_else(|| Self(owned.clone().leak()))
    }
}
