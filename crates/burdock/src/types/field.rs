//! `FieldType` and `StorageType`: what structures and arrays hold.

use super::raw;
use crate::{Engine, Mutability, RefType, ValType};
use core::fmt;

/// The type of what a field of a structure or an element of an array holds.
///
/// # Example
///
/// ```
/// use burdock::{StorageType, ValType};
/// assert_eq!(StorageType::I8.unpack(), &ValType::I32);
/// assert_eq!(StorageType::from(ValType::F64).unpack(), &ValType::F64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StorageType {
    /// The lower 8 bits of an `i32`.
    I8,
    /// The lower 16 bits of an `i32`.
    I16,
    /// A value.
    ValType(ValType),
}

impl From<RefType> for StorageType {
    fn from(ty: RefType) -> Self {
        StorageType::ValType(ty.into())
    }
}

impl From<ValType> for StorageType {
    fn from(ty: ValType) -> Self {
        Self::ValType(ty)
    }
}

impl StorageType {
    /// Returns `true` if this is `i8`.
    pub fn is_i8(&self) -> bool {
        matches!(self, Self::I8)
    }

    /// Returns `true` if this is `i16`.
    pub fn is_i16(&self) -> bool {
        matches!(self, Self::I16)
    }

    /// Returns `true` if this is a value type.
    pub fn is_val_type(&self) -> bool {
        matches!(self, Self::ValType(_))
    }

    /// Returns the value type if this is one.
    pub fn as_val_type(&self) -> Option<&ValType> {
        match self {
            Self::ValType(ty) => Some(ty),
            Self::I8 | Self::I16 => None,
        }
    }

    /// Returns the value type.
    ///
    /// # Panics
    ///
    /// Panics if this is `i8` or `i16`.
    pub fn unwrap_val_type(&self) -> &ValType {
        self.as_val_type().expect("expected a value type")
    }

    /// Returns the type of the value that an access reads or writes: `i32` for `i8` and `i16`.
    pub fn unpack(&self) -> &ValType {
        match self {
            Self::I8 | Self::I16 => &ValType::I32,
            Self::ValType(ty) => ty,
        }
    }

    /// Returns `true` if a field that is only read may have this type in place of the other.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ValType(this), Self::ValType(other)) => this.matches(other),
            _ => self == other,
        }
    }

    /// Returns `true` if two types are equal.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a == b
    }

    fn raw(&self) -> raw::StorageType {
        match self {
            Self::I8 => raw::StorageType::I8,
            Self::I16 => raw::StorageType::I16,
            Self::ValType(ty) => raw::StorageType::Val(ty.raw()),
        }
    }

    pub(super) fn from_raw(engine: &Engine, ty: raw::StorageType) -> Self {
        match ty {
            raw::StorageType::I8 => Self::I8,
            raw::StorageType::I16 => Self::I16,
            raw::StorageType::Val(ty) => Self::ValType(ValType::from_raw(engine, ty)),
        }
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.raw(), f)
    }
}

/// The type of a field of a structure, or of the elements of an array.
///
/// # Example
///
/// ```
/// use burdock::{FieldType, Mutability, StorageType};
/// let field = FieldType::new(Mutability::Var, StorageType::I16);
/// assert!(field.mutability().is_var() && field.element_type().is_i16());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldType {
    mutability: Mutability,
    element_type: StorageType,
}

impl FieldType {
    /// Creates a field type from what it holds and whether it can be written.
    pub fn new(mutability: Mutability, element_type: StorageType) -> Self {
        Self { mutability, element_type }
    }

    /// Returns the mutability.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// Returns the type of what the field holds.
    pub fn element_type(&self) -> &StorageType {
        &self.element_type
    }

    /// Returns `true` if the field can stand for the other: one that can be written has the same
    /// type, one that cannot may have a subtype.
    pub fn matches(&self, other: &Self) -> bool {
        match self.mutability.is_var() || other.mutability.is_var() {
            true => self == other,
            false => self.element_type.matches(&other.element_type),
        }
    }

    /// Returns `true` if two types are equal.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &Self, b: &Self) -> bool {
        a == b
    }

    pub(super) fn raw(&self) -> raw::FieldType {
        raw::FieldType { storage: self.element_type.raw(), mutable: self.mutability.is_var() }
    }

    pub(super) fn from_raw(engine: &Engine, ty: raw::FieldType) -> Self {
        let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
        Self { mutability, element_type: StorageType::from_raw(engine, ty.storage) }
    }

    pub(super) fn comes_from(&self, engine: &Engine) -> bool {
        self.element_type.unpack().comes_from(engine)
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.raw(), f)
    }
}
