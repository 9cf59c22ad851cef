//! `HeapType` in Wasmtime's shape: a concrete type is a type of an engine.

use super::composite::Concrete;
use super::raw;
use super::value::questions;
use crate::store::StoreOpaque;
use crate::{ArrayType, Engine, ExnType, FuncType, Result, StructType, ensure};
use core::fmt;

/// The type of a reference's referent.
///
/// # Example
///
/// ```
/// use burdock::{HeapBottomType, HeapTopType, HeapType};
/// assert!(HeapType::I31.matches(&HeapType::Eq));
/// assert_eq!(HeapType::Struct.top(), HeapTopType::Any);
/// assert_eq!(HeapType::Struct.bottom(), HeapBottomType::None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeapType {
    /// A host value, or an internal value that the host passed on.
    Extern,
    /// No external value: null is the only reference to it.
    NoExtern,
    /// Any function.
    Func,
    /// A function of a certain type.
    ConcreteFunc(FuncType),
    /// A function of a certain type and of no subtype of it
    /// ([`Config::wasm_custom_descriptors`](crate::Config::wasm_custom_descriptors)).
    ExactFunc(FuncType),
    /// No function: null is the only reference to it.
    NoFunc,
    /// Any internal value.
    Any,
    /// An internal value that can be compared: an `i31`, a structure or an array.
    Eq,
    /// An integer of 31 bits in place of a reference.
    I31,
    /// Any array.
    Array,
    /// An array of a certain type.
    ConcreteArray(ArrayType),
    /// An array of a certain type and of no subtype of it.
    ExactArray(ArrayType),
    /// Any structure.
    Struct,
    /// A structure of a certain type.
    ConcreteStruct(StructType),
    /// A structure of a certain type and of no subtype of it.
    ExactStruct(StructType),
    /// No internal value: null is the only reference to it.
    None,
    /// An exception.
    Exn,
    /// An exception of a certain type. No module can name such a type.
    ConcreteExn(ExnType),
    /// No exception: null is the only reference to it.
    NoExn,
}

impl HeapType {
    questions! {
        /// Returns `true` if this is `extern`.
        is_extern => Self::Extern,
        /// Returns `true` if this is `noextern`.
        is_no_extern => Self::NoExtern,
        /// Returns `true` if this is `func`.
        is_func => Self::Func,
        /// Returns `true` if this is a certain function type.
        is_concrete_func => Self::ConcreteFunc(_) | Self::ExactFunc(_),
        /// Returns `true` if this is `nofunc`.
        is_no_func => Self::NoFunc,
        /// Returns `true` if this is `any`.
        is_any => Self::Any,
        /// Returns `true` if this is `eq`.
        is_eq => Self::Eq,
        /// Returns `true` if this is `i31`.
        is_i31 => Self::I31,
        /// Returns `true` if this is `array`.
        is_array => Self::Array,
        /// Returns `true` if this is a certain array type.
        is_concrete_array => Self::ConcreteArray(_) | Self::ExactArray(_),
        /// Returns `true` if this is `struct`.
        is_struct => Self::Struct,
        /// Returns `true` if this is a certain structure type.
        is_concrete_struct => Self::ConcreteStruct(_) | Self::ExactStruct(_),
        /// Returns `true` if this is a certain type without its subtypes.
        is_exact => Self::ExactFunc(_) | Self::ExactArray(_) | Self::ExactStruct(_),
        /// Returns `true` if this is `none`.
        is_none => Self::None,
        /// Returns `true` if this is `exn`.
        is_exn => Self::Exn,
        /// Returns `true` if this is a certain type of exceptions.
        is_concrete_exn => Self::ConcreteExn(_),
        /// Returns `true` if this is `noexn`.
        is_no_exn => Self::NoExn,
        /// Returns `true` if this is the most general type of a hierarchy.
        is_top => Self::Func | Self::Extern | Self::Any | Self::Exn,
        /// Returns `true` if this is the most special type of a hierarchy.
        is_bottom => Self::NoFunc | Self::NoExtern | Self::None | Self::NoExn,
    }

    /// Returns `true` if this is a certain function, structure, array or exception type, exact or
    /// not.
    pub const fn is_concrete(&self) -> bool {
        self.is_concrete_func()
            || self.is_concrete_struct()
            || self.is_concrete_array()
            || self.is_concrete_exn()
    }

    /// Returns `true` if this is no certain type.
    pub const fn is_abstract(&self) -> bool {
        !self.is_concrete()
    }

    /// Returns the function type if this is one.
    pub fn as_concrete_func(&self) -> Option<&FuncType> {
        match self {
            Self::ConcreteFunc(ty) | Self::ExactFunc(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns the function type.
    ///
    /// # Panics
    ///
    /// Panics if the type is another one.
    pub fn unwrap_concrete_func(&self) -> &FuncType {
        self.as_concrete_func().expect("expected a concrete function type")
    }

    /// Returns the structure type if this is one.
    pub fn as_concrete_struct(&self) -> Option<&StructType> {
        match self {
            Self::ConcreteStruct(ty) | Self::ExactStruct(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns the structure type.
    ///
    /// # Panics
    ///
    /// Panics if the type is another one.
    pub fn unwrap_concrete_struct(&self) -> &StructType {
        self.as_concrete_struct().expect("expected a concrete structure type")
    }

    /// Returns the array type if this is one.
    pub fn as_concrete_array(&self) -> Option<&ArrayType> {
        match self {
            Self::ConcreteArray(ty) | Self::ExactArray(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns the array type.
    ///
    /// # Panics
    ///
    /// Panics if the type is another one.
    pub fn unwrap_concrete_array(&self) -> &ArrayType {
        self.as_concrete_array().expect("expected a concrete array type")
    }

    /// Returns the exception type if this is one.
    pub fn as_concrete_exn(&self) -> Option<&ExnType> {
        match self {
            Self::ConcreteExn(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns a type that names no type of an engine.
    ///
    /// # Panics
    ///
    /// Panics if the type does.
    pub(super) fn of_abstract(ty: raw::HeapType) -> Self {
        match ty {
            raw::HeapType::Func => Self::Func,
            raw::HeapType::NoFunc => Self::NoFunc,
            raw::HeapType::Extern => Self::Extern,
            raw::HeapType::NoExtern => Self::NoExtern,
            raw::HeapType::Any => Self::Any,
            raw::HeapType::Eq => Self::Eq,
            raw::HeapType::I31 => Self::I31,
            raw::HeapType::Struct => Self::Struct,
            raw::HeapType::Array => Self::Array,
            raw::HeapType::None => Self::None,
            raw::HeapType::Exn => Self::Exn,
            raw::HeapType::NoExn => Self::NoExn,
            raw::HeapType::ConcreteFunc(_)
            | raw::HeapType::ExactFunc(_)
            | raw::HeapType::ConcreteStruct(_)
            | raw::HeapType::ExactStruct(_)
            | raw::HeapType::ConcreteArray(_)
            | raw::HeapType::ExactArray(_)
            | raw::HeapType::ConcreteExn(_) => unreachable!("an abstract type"),
        }
    }

    /// Returns `true` if every value of this type belongs to `other` (specification, section
    /// 3.3.3). Types of different engines never match.
    pub fn matches(&self, other: &HeapType) -> bool {
        match (self, other) {
            (Self::ConcreteFunc(this) | Self::ExactFunc(this), Self::ConcreteFunc(other)) => {
                this.concrete().matches(other.concrete())
            }
            (Self::ConcreteStruct(this) | Self::ExactStruct(this), Self::ConcreteStruct(other)) => {
                this.matches(other)
            }
            (Self::ConcreteArray(this) | Self::ExactArray(this), Self::ConcreteArray(other)) => {
                this.matches(other)
            }
            (Self::ConcreteExn(this), Self::ConcreteExn(other)) => this.matches(other),
            (this, other) if other.is_exact() && this.is_exact() => this == other,
            _ => self.raw().matches(other.raw(), |_, _| false),
        }
    }

    /// Returns `true` if two types are equal.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &HeapType, b: &HeapType) -> bool {
        a == b
    }

    #[inline]
    pub(crate) fn raw(&self) -> raw::HeapType {
        match self {
            Self::Extern => raw::HeapType::Extern,
            Self::NoExtern => raw::HeapType::NoExtern,
            Self::Func => raw::HeapType::Func,
            Self::ConcreteFunc(ty) => raw::HeapType::ConcreteFunc(ty.id()),
            Self::ExactFunc(ty) => raw::HeapType::ExactFunc(ty.id()),
            Self::NoFunc => raw::HeapType::NoFunc,
            Self::Any => raw::HeapType::Any,
            Self::Eq => raw::HeapType::Eq,
            Self::I31 => raw::HeapType::I31,
            Self::Array => raw::HeapType::Array,
            Self::ConcreteArray(ty) => raw::HeapType::ConcreteArray(ty.0.id()),
            Self::ExactArray(ty) => raw::HeapType::ExactArray(ty.0.id()),
            Self::Struct => raw::HeapType::Struct,
            Self::ConcreteStruct(ty) => raw::HeapType::ConcreteStruct(ty.0.id()),
            Self::ExactStruct(ty) => raw::HeapType::ExactStruct(ty.0.id()),
            Self::None => raw::HeapType::None,
            Self::Exn => raw::HeapType::Exn,
            Self::ConcreteExn(ty) => raw::HeapType::ConcreteExn(ty.func_type().id()),
            Self::NoExn => raw::HeapType::NoExn,
        }
    }

    /// Returns the registered type if this is a certain one.
    fn concrete(&self) -> Option<&Concrete> {
        match self {
            Self::ConcreteFunc(ty) | Self::ExactFunc(ty) => Some(ty.concrete()),
            Self::ConcreteStruct(ty) | Self::ExactStruct(ty) => Some(&ty.0),
            Self::ConcreteArray(ty) | Self::ExactArray(ty) => Some(&ty.0),
            Self::ConcreteExn(ty) => Some(ty.func_type().concrete()),
            _ => None,
        }
    }

    /// Has the store hold the type, if it is a certain one.
    ///
    /// # Errors
    ///
    /// Fails if the type belongs to another engine.
    pub(crate) fn hold_in(&self, store: &mut StoreOpaque) -> Result<()> {
        ensure!(self.comes_from(store.engine()), "type used with wrong engine");
        if let Some(ty) = self.concrete() {
            store.hold_type(ty.registered());
        }
        Ok(())
    }

    pub(crate) fn comes_from(&self, engine: &Engine) -> bool {
        self.concrete().is_none_or(|ty| Engine::same(ty.engine(), engine))
    }
}

impl From<FuncType> for HeapType {
    fn from(ty: FuncType) -> Self {
        Self::ConcreteFunc(ty)
    }
}

impl From<StructType> for HeapType {
    fn from(ty: StructType) -> Self {
        Self::ConcreteStruct(ty)
    }
}

impl From<ExnType> for HeapType {
    fn from(ty: ExnType) -> Self {
        Self::ConcreteExn(ty)
    }
}

impl From<ArrayType> for HeapType {
    fn from(ty: ArrayType) -> Self {
        Self::ConcreteArray(ty)
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.raw(), f)
    }
}
