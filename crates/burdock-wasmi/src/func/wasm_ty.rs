//! `WasmTy`: types of Rust that are types of values.

use crate::reftype::{extern_to_burdock, func_to_burdock, nullable};
use crate::{AsContext, ExternRef, F32, F64, Func, Nullable, V128, Val, ValType};
use burdock::{OwnedRooted, Rooted};

/// A type of Rust that is the type of a value.
pub trait WasmTy: Send + Sized + 'static {
    /// The type in which Burdock takes the value.
    #[doc(hidden)]
    type Lower: burdock::WasmTy;

    /// The type in which Burdock gives the value.
    #[doc(hidden)]
    type Lift: burdock::WasmTy;

    #[doc(hidden)]
    fn ty() -> ValType;

    #[doc(hidden)]
    fn lower(self) -> Self::Lower;

    #[doc(hidden)]
    fn lift(value: Self::Lift, store: impl AsContext) -> Self;

    #[doc(hidden)]
    fn into_val(self) -> Val;

    #[doc(hidden)]
    fn from_val(val: &Val) -> Option<Self>;
}

macro_rules! wasm_types {
    ($($ty:ty = $valtype:ident: $burdock:ty, |$lower:ident| $lowered:expr, |$lift:ident| $lifted:expr;)*) => {$(
        impl WasmTy for $ty {
            type Lower = $burdock;
            type Lift = $burdock;

            #[inline]
            fn ty() -> ValType {
                ValType::$valtype
            }

            #[inline]
            fn lower(self) -> $burdock {
                let $lower = self;
                $lowered
            }

            #[inline]
            fn lift($lift: $burdock, _: impl AsContext) -> Self {
                $lifted
            }

            fn into_val(self) -> Val {
                Val::$valtype(self.into_content())
            }

            fn from_val(val: &Val) -> Option<Self> {
                match val {
                    Val::$valtype(value) => Some(Self::from_content(*value)),
                    _ => None,
                }
            }
        }
    )*};
}

/// Conversion of a type to what the variants of `Val` have.
trait Content<C> {
    fn into_content(self) -> C;
    fn from_content(content: C) -> Self;
}

impl<C> Content<C> for C {
    fn into_content(self) -> C {
        self
    }

    fn from_content(content: C) -> Self {
        content
    }
}

macro_rules! contents {
    ($($ty:ty, $content:ty: |$into:ident| $to:expr, |$from:ident| $of:expr;)*) => {$(
        impl Content<$content> for $ty {
            fn into_content(self) -> $content {
                let $into = self;
                $to
            }

            fn from_content($from: $content) -> Self {
                $of
            }
        }
    )*};
}

contents! {
    u32, i32: |value| value as i32, |value| value as u32;
    u64, i64: |value| value as i64, |value| value as u64;
    f32, F32: |value| value.into(), |value| value.into();
    f64, F64: |value| value.into(), |value| value.into();
}

wasm_types! {
    i32 = I32: i32, |value| value, |value| value;
    u32 = I32: u32, |value| value, |value| value;
    i64 = I64: i64, |value| value, |value| value;
    u64 = I64: u64, |value| value, |value| value;
    f32 = F32: f32, |value| value, |value| value;
    f64 = F64: f64, |value| value, |value| value;
    // As integers, the bits could not be passed: a function takes floats. Burdock moves them
    // without arithmetic, which keeps them.
    F32 = F32: f32, |value| value.to_float(), |value| F32::from_float(value);
    F64 = F64: f64, |value| value.to_float(), |value| F64::from_float(value);
    V128 = V128: V128, |value| value, |value| value;
    Nullable<Func> = FuncRef: Option<burdock::Func>, |func| func_to_burdock(func), |func| nullable(func.map(Func::from_burdock));
}

impl WasmTy for Nullable<ExternRef> {
    type Lower = Option<Rooted<burdock::ExternRef>>;
    // Results of a call from the host have no scope of Burdock that would release them.
    type Lift = Option<OwnedRooted<burdock::ExternRef>>;

    fn ty() -> ValType {
        ValType::ExternRef
    }

    fn lower(self) -> Self::Lower {
        extern_to_burdock(self)
    }

    fn lift(value: Self::Lift, store: impl AsContext) -> Self {
        nullable(value.map(|value| ExternRef::from_owned(&value, store)))
    }

    fn into_val(self) -> Val {
        Val::ExternRef(self)
    }

    fn from_val(val: &Val) -> Option<Self> {
        match val {
            Val::ExternRef(value) => Some(*value),
            _ => None,
        }
    }
}
