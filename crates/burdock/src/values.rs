//! `Val` and `Ref`: values whose types are only known at run time.

mod anyref;
mod arrayref;
mod exnref;
mod externref;
mod gc;
mod host_values;
mod i31;
mod object;
mod reference;
mod root_scope;
mod rooted;
mod slots;
mod structref;
mod uninhabited;
mod val_raw;

pub use anyref::{AnyRef, EqRef};
pub use arrayref::{ArrayRef, ArrayRefPre};
pub use exnref::{ExnRef, ExnRefPre};
pub use externref::ExternRef;
pub use gc::GcHeapOutOfMemory;
pub(crate) use host_values::HostValues;
pub use i31::I31;
pub use reference::Ref;
pub use root_scope::RootScope;
pub use rooted::{GcRef, OwnedRooted, Rooted, RootedGcRef};
pub(crate) use rooted::{Passing, Rooting};
pub use structref::{StructRef, StructRefPre};
pub use uninhabited::{NoExtern, NoFunc, NoneRef};
pub use val_raw::ValRaw;

use crate::{AsContext, Func, HeapType, RefType, Result, V128, ValType};

/// A value.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let half = Func::wrap(&mut store, |value: f64| value / 2.0);
/// let mut results = [Val::I32(0)];
/// half.call(&mut store, &[Val::from(3.0_f64)], &mut results)?;
/// assert_eq!(results[0].unwrap_f64(), 1.5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Copy, Clone)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A 128-bit vector.
    V128(V128),
    /// A function, or null.
    FuncRef(Option<Func>),
    /// A host value, or null.
    ExternRef(Option<Rooted<ExternRef>>),
    /// A value of type `any`, or null.
    AnyRef(Option<Rooted<AnyRef>>),
    /// An exception, or null.
    ExnRef(Option<Rooted<ExnRef>>),
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $get:ident $unwrap:ident $ty:ty, $pattern:pat => $value:expr;)*) => {
        impl Val {
            $($(#[$doc])*
            #[inline]
            pub fn $get(&self) -> Option<$ty> {
                match *self {
                    $pattern => Some($value),
                    _ => None,
                }
            }

            #[doc = concat!("Returns the value; see `", stringify!($get), "`.\n\n# Panics\n\nPanics if the value is of another type.")]
            #[inline]
            pub fn $unwrap(&self) -> $ty {
                self.$get().expect(concat!("expected ", stringify!($ty)))
            })*
        }
    };
}

accessors! {
    /// Returns the value if it is an `i32`.
    i32 unwrap_i32 i32, Val::I32(value) => value;
    /// Returns the value if it is an `i64`.
    i64 unwrap_i64 i64, Val::I64(value) => value;
    /// Returns the value if it is an `f32`.
    f32 unwrap_f32 f32, Val::F32(bits) => f32::from_bits(bits);
    /// Returns the value if it is an `f64`.
    f64 unwrap_f64 f64, Val::F64(bits) => f64::from_bits(bits);
    /// Returns the value if it is a `v128`.
    v128 unwrap_v128 V128, Val::V128(value) => value;
}

impl Val {
    /// Returns the value if it is a reference.
    pub fn ref_(&self) -> Option<Ref> {
        match *self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(value) => Some(Ref::Extern(value)),
            Val::AnyRef(value) => Some(Ref::Any(value)),
            Val::ExnRef(value) => Some(Ref::Exn(value)),
            _ => None,
        }
    }

    /// Returns the value as a reference; see [`Val::ref_`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_ref(&self) -> Ref {
        self.ref_().expect("expected reference")
    }

    /// Returns the null reference of this kind.
    pub fn null_ref(heap_type: &HeapType) -> Val {
        Ref::null(heap_type).into()
    }

    /// Returns the null function reference.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// Returns the null reference of type `any`.
    pub const fn null_any_ref() -> Val {
        Val::AnyRef(None)
    }

    /// Returns the null exception reference.
    pub const fn null_exn_ref() -> Val {
        Val::ExnRef(None)
    }

    /// Returns the null external reference.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// Returns the default of a type: zero or null; `None` for references that are never null.
    pub fn default_for_ty(ty: &ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::from(0)),
            ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
            ValType::Ref(_) => return None,
        })
    }

    /// Returns the narrowest type of the value.
    ///
    /// # Errors
    ///
    /// Fails if the value is a reference whose object nothing holds any more.
    ///
    /// # Panics
    ///
    /// Panics if the value belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType> {
        let non_null = |heap| ValType::Ref(RefType::new(false, heap));
        Ok(match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(None) => ValType::NULLFUNCREF,
            Val::FuncRef(Some(func)) => non_null(HeapType::ConcreteFunc(func.ty(store))),
            Val::ExternRef(None) => ValType::NULLEXTERNREF,
            Val::ExternRef(Some(_)) => non_null(HeapType::Extern),
            Val::AnyRef(None) => ValType::NULLREF,
            Val::AnyRef(Some(value)) => non_null(value.ty(store)?),
            Val::ExnRef(None) => ValType::NULLEXNREF,
            Val::ExnRef(Some(exception)) => non_null(exception.ty(store)?.into()),
        })
    }

    /// Returns `true` if the value is of type `ty`.
    ///
    /// # Errors
    ///
    /// Fails if the value is a reference whose object nothing holds any more, or that belongs to
    /// another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool> {
        let store = store.as_context().opaque();
        let [slot, _] = self.lower(store)?;
        Ok(self.fits(store, slot, &ty.raw()))
    }
}

/// The accessors of references, under the names of Wasmtime and of wasmi.
macro_rules! references {
    ($($what:literal $variant:ident $get:ident $or_get:ident $unwrap:ident $or_unwrap:ident $ty:ty;)*) => {
        impl Val {
            $(#[doc = concat!("Returns the reference if the value is ", $what, "; the inner `None` is null.")]
            pub fn $get(&self) -> Option<Option<&$ty>> {
                match self {
                    Val::$variant(value) => Some(value.as_ref()),
                    _ => None,
                }
            }

            #[doc = concat!("Returns the reference; see [`Val::", stringify!($get), "`].")]
            pub fn $or_get(&self) -> Option<Option<&$ty>> {
                self.$get()
            }

            #[doc = concat!("Returns the reference; see [`Val::", stringify!($get), "`].\n\n# Panics\n\nPanics if the value is of another type.")]
            #[track_caller]
            pub fn $unwrap(&self) -> Option<&$ty> {
                self.$get().expect(concat!("expected ", stringify!($get)))
            }

            #[doc = concat!("Returns the reference; see [`Val::", stringify!($unwrap), "`].\n\n# Panics\n\nPanics if the value is of another type.")]
            #[track_caller]
            pub fn $or_unwrap(&self) -> Option<&$ty> {
                self.$unwrap()
            })*
        }
    };
}

references! {
    "a function reference" FuncRef funcref func_ref unwrap_funcref unwrap_func_ref Func;
    "an external reference" ExternRef externref extern_ref unwrap_externref unwrap_extern_ref Rooted<ExternRef>;
    "of type `any`" AnyRef anyref any_ref unwrap_anyref unwrap_any_ref Rooted<AnyRef>;
    "an exception reference" ExnRef exnref exn_ref unwrap_exnref unwrap_exn_ref Rooted<ExnRef>;
}

macro_rules! conversions {
    ($($from:ty, $value:ident => $val:expr;)*) => {
        $(impl From<$from> for Val {
            #[inline]
            fn from($value: $from) -> Val {
                $val
            }
        })*
    };
}

conversions! {
    i32, value => Val::I32(value);
    u32, value => Val::I32(value as i32);
    i64, value => Val::I64(value);
    u64, value => Val::I64(value as i64);
    f32, value => Val::F32(value.to_bits());
    f64, value => Val::F64(value.to_bits());
    V128, value => Val::V128(value);
    u128, value => Val::V128(value.into());
    Func, value => Val::FuncRef(Some(value));
    Option<Func>, value => Val::FuncRef(value);
    Rooted<ExternRef>, value => Val::ExternRef(Some(value));
    Option<Rooted<ExternRef>>, value => Val::ExternRef(value);
    Rooted<AnyRef>, value => Val::AnyRef(Some(value));
    Option<Rooted<AnyRef>>, value => Val::AnyRef(value);
    Rooted<EqRef>, value => Val::AnyRef(Some(value.to_anyref()));
    Option<Rooted<EqRef>>, value => Val::AnyRef(value.map(Rooted::<EqRef>::to_anyref));
    Rooted<StructRef>, value => Val::AnyRef(Some(value.to_anyref()));
    Option<Rooted<StructRef>>, value => Val::AnyRef(value.map(Rooted::<StructRef>::to_anyref));
    Rooted<ArrayRef>, value => Val::AnyRef(Some(value.to_anyref()));
    Option<Rooted<ArrayRef>>, value => Val::AnyRef(value.map(Rooted::<ArrayRef>::to_anyref));
    Rooted<ExnRef>, value => Val::ExnRef(Some(value));
    Option<Rooted<ExnRef>>, value => Val::ExnRef(value);
    Ref, value => match value {
        Ref::Func(func) => Val::FuncRef(func),
        Ref::Extern(value) => Val::ExternRef(value),
        Ref::Any(value) => Val::AnyRef(value),
        Ref::Exn(value) => Val::ExnRef(value),
    };
}
