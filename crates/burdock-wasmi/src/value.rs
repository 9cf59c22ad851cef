//! `Val`: a value of any type.

use crate::reftype::{extern_from_burdock, extern_to_burdock, func_to_burdock, nullable};
use crate::{ExternRef, F32, F64, Func, Nullable, Ref, V128, ValType};

/// A value of any type.
#[derive(Clone, Debug)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float.
    F32(F32),
    /// A 64-bit float.
    F64(F64),
    /// A 128-bit vector.
    V128(V128),
    /// A reference to a function, or null.
    FuncRef(Nullable<Func>),
    /// A reference to a value of the host, or null.
    ExternRef(Nullable<ExternRef>),
}

impl Val {
    /// Returns zero, or null.
    #[deprecated(note = "use `Val::default_for_ty`")]
    // The name is wasmi's.
    #[allow(clippy::should_implement_trait)]
    pub fn default(ty: ValType) -> Self {
        Self::default_for_ty(ty)
    }

    /// Returns zero, or null.
    pub fn default_for_ty(ty: ValType) -> Self {
        match ty {
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(F32::from_bits(0)),
            ValType::F64 => Self::F64(F64::from_bits(0)),
            ValType::V128 => Self::V128(V128::from(0)),
            ValType::FuncRef => Self::FuncRef(Nullable::Null),
            ValType::ExternRef => Self::ExternRef(Nullable::Null),
        }
    }

    /// Returns the type.
    pub fn ty(&self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
            Self::FuncRef(_) => ValType::FuncRef,
            Self::ExternRef(_) => ValType::ExternRef,
        }
    }

    /// Returns the integer if the value is one of 32 bits.
    pub fn i32(&self) -> Option<i32> {
        match self {
            Self::I32(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the integer if the value is one of 64 bits.
    pub fn i64(&self) -> Option<i64> {
        match self {
            Self::I64(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the float if the value is one of 32 bits.
    pub fn f32(&self) -> Option<F32> {
        match self {
            Self::F32(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the float if the value is one of 64 bits.
    pub fn f64(&self) -> Option<F64> {
        match self {
            Self::F64(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the reference if the value is one to a function.
    pub fn funcref(&self) -> Option<Nullable<&Func>> {
        match self {
            Self::FuncRef(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the reference if the value is one to a value of the host.
    pub fn externref(&self) -> Option<Nullable<&ExternRef>> {
        match self {
            Self::ExternRef(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the value as one of Burdock.
    #[inline]
    pub fn to_burdock(&self) -> burdock::Val {
        match *self {
            Self::I32(value) => burdock::Val::I32(value),
            Self::I64(value) => burdock::Val::I64(value),
            Self::F32(value) => burdock::Val::F32(value.to_bits()),
            Self::F64(value) => burdock::Val::F64(value.to_bits()),
            Self::V128(value) => burdock::Val::V128(value),
            Self::FuncRef(value) => burdock::Val::FuncRef(func_to_burdock(value)),
            Self::ExternRef(value) => burdock::Val::ExternRef(extern_to_burdock(value)),
        }
    }

    #[inline]
    pub(crate) fn from_burdock<T: 'static>(
        value: burdock::Val,
        store: burdock::StoreContext<'_, T>,
    ) -> Self {
        match value {
            burdock::Val::I32(value) => Self::I32(value),
            burdock::Val::I64(value) => Self::I64(value),
            burdock::Val::F32(bits) => Self::F32(F32::from_bits(bits)),
            burdock::Val::F64(bits) => Self::F64(F64::from_bits(bits)),
            burdock::Val::V128(value) => Self::V128(value),
            burdock::Val::FuncRef(func) => Self::FuncRef(nullable(func.map(Func::from_burdock))),
            burdock::Val::ExternRef(value) => Self::ExternRef(extern_from_burdock(value, store)),
            // A reference that wasmi does not have.
            _ => Self::ExternRef(Nullable::Null),
        }
    }
}

macro_rules! conversions {
    ($($from:ty, $value:ident => $val:expr;)*) => {
        $(impl From<$from> for Val {
            #[inline]
            fn from($value: $from) -> Self {
                $val
            }
        })*
    };
}

conversions! {
    i32, value => Self::I32(value);
    i64, value => Self::I64(value);
    f32, value => Self::F32(value.into());
    f64, value => Self::F64(value.into());
    F32, value => Self::F32(value);
    F64, value => Self::F64(value);
    V128, value => Self::V128(value);
    Func, value => Self::FuncRef(Nullable::Val(value));
    ExternRef, value => Self::ExternRef(Nullable::Val(value));
    Nullable<Func>, value => Self::FuncRef(value);
    Nullable<ExternRef>, value => Self::ExternRef(value);
    Ref, value => match value {
        Ref::Func(value) => Self::FuncRef(value),
        Ref::Extern(value) => Self::ExternRef(value),
    };
}
