//! `ValType` and `RefType` in Wasmtime's shape.

use super::composite::Concrete;
use super::raw;
use crate::store::StoreOpaque;
use crate::{ArrayType, Engine, ExnType, FuncType, HeapType, Result, StructType};
use burdock_core::TypeId;
use core::fmt;

/// Defines methods that answer whether a value matches a pattern.
macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident => $pattern:pat,)*) => {
        $($(#[$doc])*
        #[inline]
        pub const fn $name(&self) -> bool {
            matches!(self, $pattern)
        })*
    };
}
pub(super) use questions;

/// The type of a value.
///
/// # Example
///
/// ```
/// use burdock::{HeapType, RefType, ValType};
/// assert!(ValType::FUNCREF.is_ref() && ValType::I32.is_num());
/// let func = ValType::Ref(RefType::new(false, HeapType::Func));
/// assert!(func.matches(&ValType::FUNCREF) && !ValType::FUNCREF.matches(&func));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// A reference.
    Ref(RefType),
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        Self::Ref(ty)
    }
}

/// The type of a reference: nullable or not, and what it refers to.
///
/// # Example
///
/// ```
/// use burdock::{Engine, FuncType, HeapType, RefType};
/// let engine = Engine::default();
/// let unary = FuncType::new(&engine, [burdock::ValType::I32], []);
/// let reference = RefType::new(false, HeapType::ConcreteFunc(unary));
/// assert!(reference.matches(&RefType::FUNCREF));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefType {
    is_nullable: bool,
    heap_type: HeapType,
}

macro_rules! references {
    ($($(#[$doc:meta])* $name:ident $heap:ident;)*) => {
        impl RefType {
            $($(#[$doc])*
            pub const $name: Self = Self { is_nullable: true, heap_type: HeapType::$heap };)*
        }

        impl ValType {
            $($(#[$doc])*
            pub const $name: Self = Self::Ref(RefType::$name);)*
        }
    };
}

references! {
    /// `(ref null extern)`.
    EXTERNREF Extern;
    /// `(ref null noextern)`.
    NULLEXTERNREF NoExtern;
    /// `(ref null func)`.
    FUNCREF Func;
    /// `(ref null nofunc)`.
    NULLFUNCREF NoFunc;
    /// `(ref null any)`.
    ANYREF Any;
    /// `(ref null eq)`.
    EQREF Eq;
    /// `(ref null i31)`.
    I31REF I31;
    /// `(ref null array)`.
    ARRAYREF Array;
    /// `(ref null struct)`.
    STRUCTREF Struct;
    /// `(ref null none)`.
    NULLREF None;
    /// `(ref null exn)`.
    EXNREF Exn;
    /// `(ref null noexn)`.
    NULLEXNREF NoExn;
}

impl ValType {
    questions! {
        /// Returns `true` if this is a number type: `i32`, `i64`, `f32` or `f64`.
        is_num => Self::I32 | Self::I64 | Self::F32 | Self::F64,
        /// Returns `true` if this is `i32`.
        is_i32 => Self::I32,
        /// Returns `true` if this is `i64`.
        is_i64 => Self::I64,
        /// Returns `true` if this is `f32`.
        is_f32 => Self::F32,
        /// Returns `true` if this is `f64`.
        is_f64 => Self::F64,
        /// Returns `true` if this is `v128`.
        is_v128 => Self::V128,
        /// Returns `true` if this is a reference type.
        is_ref => Self::Ref(_),
        /// Returns `true` if this is `funcref`.
        is_funcref => Self::Ref(RefType { is_nullable: true, heap_type: HeapType::Func }),
        /// Returns `true` if this is `externref`.
        is_externref => Self::Ref(RefType { is_nullable: true, heap_type: HeapType::Extern }),
        /// Returns `true` if this is `anyref`.
        is_anyref => Self::Ref(RefType { is_nullable: true, heap_type: HeapType::Any }),
        /// Returns `true` if this is `exnref`.
        is_exnref => Self::Ref(RefType { is_nullable: true, heap_type: HeapType::Exn }),
    }

    /// Returns the reference type if this is one.
    pub const fn as_ref(&self) -> Option<&RefType> {
        match self {
            Self::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns the reference type.
    ///
    /// # Panics
    ///
    /// Panics if the type is another one.
    pub fn unwrap_ref(&self) -> &RefType {
        self.as_ref().expect("expected a reference type")
    }

    /// Returns `true` if every value of this type belongs to `other` (specification, section
    /// 3.3.5).
    pub fn matches(&self, other: &ValType) -> bool {
        match (self, other) {
            (Self::Ref(this), Self::Ref(other)) => this.matches(other),
            _ => self == other,
        }
    }

    /// Returns `true` if two types are equal.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &ValType, b: &ValType) -> bool {
        a == b
    }

    /// Returns the value that locals of the type begin with; `None` for references that are never
    /// null.
    pub fn default_value(&self) -> Option<crate::Val> {
        crate::Val::default_for_ty(self)
    }

    /// Returns the type without what only its module knows: of a reference, the most general type
    /// of its hierarchy.
    pub(crate) fn erased(ty: burdock_types::ValType) -> Self {
        match ty.erased::<TypeId>() {
            raw::ValType::I32 => Self::I32,
            raw::ValType::I64 => Self::I64,
            raw::ValType::F32 => Self::F32,
            raw::ValType::F64 => Self::F64,
            raw::ValType::V128 => Self::V128,
            raw::ValType::Ref(ty) => {
                Self::Ref(RefType::new(ty.nullable, HeapType::of_abstract(ty.heap)))
            }
        }
    }

    #[inline]
    pub(crate) fn raw(&self) -> raw::ValType {
        match self {
            Self::I32 => raw::ValType::I32,
            Self::I64 => raw::ValType::I64,
            Self::F32 => raw::ValType::F32,
            Self::F64 => raw::ValType::F64,
            Self::V128 => raw::ValType::V128,
            Self::Ref(ty) => raw::ValType::Ref(ty.raw()),
        }
    }

    pub(crate) fn from_raw(engine: &Engine, ty: raw::ValType) -> Self {
        match ty {
            raw::ValType::I32 => Self::I32,
            raw::ValType::I64 => Self::I64,
            raw::ValType::F32 => Self::F32,
            raw::ValType::F64 => Self::F64,
            raw::ValType::V128 => Self::V128,
            raw::ValType::Ref(ty) => Self::Ref(RefType::from_raw(engine, ty)),
        }
    }

    /// Has the store hold the type, if it is a certain one; see [`HeapType::hold_in`].
    pub(crate) fn hold_in(&self, store: &mut StoreOpaque) -> Result<()> {
        match self {
            Self::Ref(ty) => ty.heap_type.hold_in(store),
            _ => Ok(()),
        }
    }

    /// Returns `false` if the type is concrete and of another engine than `engine`.
    pub(crate) fn comes_from(&self, engine: &Engine) -> bool {
        match self {
            Self::Ref(ty) => ty.heap_type.comes_from(engine),
            _ => true,
        }
    }
}

impl RefType {
    /// Creates a reference type.
    pub const fn new(is_nullable: bool, heap_type: HeapType) -> Self {
        Self { is_nullable, heap_type }
    }

    /// Returns `true` if null belongs to the type.
    pub const fn is_nullable(&self) -> bool {
        self.is_nullable
    }

    /// Returns the type of the referent.
    pub const fn heap_type(&self) -> &HeapType {
        &self.heap_type
    }

    /// Returns `true` if every reference of this type belongs to `other` (specification, section
    /// 3.3.4).
    pub fn matches(&self, other: &RefType) -> bool {
        (other.is_nullable || !self.is_nullable) && self.heap_type.matches(&other.heap_type)
    }

    /// Returns `true` if two types are equal.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &RefType, b: &RefType) -> bool {
        a == b
    }

    #[inline]
    pub(crate) fn raw(&self) -> raw::RefType {
        raw::RefType { nullable: self.is_nullable, heap: self.heap_type.raw() }
    }

    pub(crate) fn from_raw(engine: &Engine, ty: raw::RefType) -> Self {
        let concrete = |id| {
            let ty = engine.types().get(id).expect("who has a number has its type");
            Concrete::new(engine, ty)
        };
        let heap_type = match ty.heap {
            raw::HeapType::ConcreteFunc(id) => {
                HeapType::ConcreteFunc(FuncType::from_concrete(concrete(id)))
            }
            raw::HeapType::ExactFunc(id) => {
                HeapType::ExactFunc(FuncType::from_concrete(concrete(id)))
            }
            raw::HeapType::ConcreteStruct(id) => HeapType::ConcreteStruct(StructType(concrete(id))),
            raw::HeapType::ExactStruct(id) => HeapType::ExactStruct(StructType(concrete(id))),
            raw::HeapType::ConcreteArray(id) => HeapType::ConcreteArray(ArrayType(concrete(id))),
            raw::HeapType::ExactArray(id) => HeapType::ExactArray(ArrayType(concrete(id))),
            raw::HeapType::ConcreteExn(id) => {
                HeapType::ConcreteExn(ExnType::of_tags(FuncType::from_concrete(concrete(id))))
            }
            heap => HeapType::of_abstract(heap),
        };
        Self { is_nullable: ty.nullable, heap_type }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.raw(), f)
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.raw(), f)
    }
}
