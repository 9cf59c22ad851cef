//! `Concrete`, a type that is registered with its engine, and `StructType` and `ArrayType`, which
//! are such types.

use super::raw;
use crate::engine::EngineType;
use crate::{Engine, FieldType, Mutability, Result, StorageType, bail, ensure};
use alloc::vec::Vec;
use burdock_core::TypeId;
use burdock_types::{CompositeType, SubType};
use core::fmt;

/// A type that is registered with its engine. It is equal to another one if they are the same type
/// of the same engine.
#[derive(Clone)]
pub(crate) struct Concrete {
    engine: Engine,
    ty: EngineType,
}

impl Concrete {
    pub(crate) fn new(engine: &Engine, ty: EngineType) -> Self {
        Self { engine: engine.clone(), ty }
    }

    /// Registers a type that is a recursion group of its own.
    ///
    /// # Errors
    ///
    /// Fails if the supertype is final, or if the type does not match it.
    pub(super) fn register(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&Concrete>,
        composite: CompositeType<TypeId>,
    ) -> Result<Self> {
        if let Some(supertype) = supertype {
            assert!(Engine::same(engine, &supertype.engine), "type used with wrong engine");
            ensure!(!supertype.ty.ty().is_final, "cannot create a subtype of a final supertype");
            let declared = |a, b| engine.types().is_subtype(a, b);
            ensure!(
                is_structural_subtype(&composite, &supertype.ty.ty().composite, &declared),
                "the type does not match its supertype"
            );
        }
        let supertype = supertype.map(Concrete::id);
        let ty = SubType { is_final: finality.is_final(), supertype, composite };
        Ok(Self::new(engine, engine.types().register(ty)))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn id(&self) -> TypeId {
        self.ty.id()
    }

    pub(crate) fn registered(&self) -> &EngineType {
        &self.ty
    }

    pub(super) fn finality(&self) -> Finality {
        match self.ty.ty().is_final {
            true => Finality::Final,
            false => Finality::NonFinal,
        }
    }

    pub(super) fn supertype(&self) -> Option<Self> {
        let ty = self.engine.types().get(self.ty.ty().supertype?);
        Some(Self::new(&self.engine, ty.expect("a type holds its supertype")))
    }

    /// Returns a type that is defined together with this one.
    fn of_same_group(&self, id: TypeId) -> Self {
        let ty = self.engine.types().get(id);
        Self::new(&self.engine, ty.expect("a type holds its recursion group"))
    }

    /// Returns `true` if the type is the other, or declared to be a subtype of it.
    pub(super) fn matches(&self, other: &Self) -> bool {
        Engine::same(&self.engine, &other.engine) && self.ty.is_subtype(other.id())
    }
}

impl PartialEq for Concrete {
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty
    }
}

impl Eq for Concrete {}

impl core::hash::Hash for Concrete {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.ty.hash(state);
    }
}

/// Returns `true` if a type has the form that its declared supertype asks for (specification,
/// section 3.3.7).
fn is_structural_subtype(
    this: &CompositeType<TypeId>,
    other: &CompositeType<TypeId>,
    declared: &impl Fn(TypeId, TypeId) -> bool,
) -> bool {
    match (this, other) {
        (CompositeType::Func(this), CompositeType::Func(other)) => {
            func_matches(this, other, declared)
        }
        // A type that the host defines has no descriptor and describes nothing.
        (CompositeType::Struct(this), CompositeType::Struct(other)) => {
            let fields = this.fields.iter().zip(&other.fields);
            this.fields.len() >= other.fields.len()
                && (other.descriptor, other.describes) == (None, None)
                && fields.into_iter().all(|(this, other)| field_matches(this, other, declared))
        }
        (CompositeType::Array(this), CompositeType::Array(other)) => {
            field_matches(this, other, declared)
        }
        _ => false,
    }
}

/// Returns `true` if a function type has parameters as general as those of another, and results as
/// special.
pub(super) fn func_matches(
    this: &raw::FuncType,
    other: &raw::FuncType,
    declared: &impl Fn(TypeId, TypeId) -> bool,
) -> bool {
    let all = |these: &[raw::ValType], others: &[raw::ValType]| {
        these.len() == others.len()
            && these.iter().zip(others).all(|(this, other)| this.matches(*other, declared))
    };
    all(other.params(), this.params()) && all(this.results(), other.results())
}

/// Returns `true` if a field can stand for another: one that is written has the same type, one that
/// is only read a subtype.
fn field_matches(
    this: &raw::FieldType,
    other: &raw::FieldType,
    declared: &impl Fn(TypeId, TypeId) -> bool,
) -> bool {
    if this.mutable || other.mutable || this.storage == other.storage {
        return this == other;
    }
    match (this.storage, other.storage) {
        (raw::StorageType::Val(this), raw::StorageType::Val(other)) => {
            this.matches(other, declared)
        }
        _ => false,
    }
}

/// The finality of a type: it can be declared as the supertype of another, or not.
///
/// # Example
///
/// ```
/// use burdock::{Engine, Finality, FuncType};
/// let ty = FuncType::new(&Engine::default(), [], []);
/// assert!(ty.finality().is_final());
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finality {
    /// The type has no subtypes.
    Final,
    /// The type may have subtypes.
    NonFinal,
}

impl Finality {
    /// Returns `true` for `Final`.
    pub fn is_final(&self) -> bool {
        *self == Self::Final
    }

    /// Returns `true` for `NonFinal`.
    pub fn is_non_final(&self) -> bool {
        *self == Self::NonFinal
    }
}

macro_rules! composites {
    ($($name:ident, $word:literal;)*) => {$(
        impl $name {
            /// Returns the type's engine.
            pub fn engine(&self) -> &Engine {
                self.0.engine()
            }

            /// Returns whether the type can have subtypes.
            pub fn finality(&self) -> Finality {
                self.0.finality()
            }

            /// Returns the declared supertype.
            pub fn supertype(&self) -> Option<Self> {
                self.0.supertype().map(Self)
            }

            #[doc = concat!("Returns `true` if ", $word, " of this type can be used as one of the other. Types of different engines never match.")]
            pub fn matches(&self, other: &Self) -> bool {
                self.0.matches(&other.0)
            }

            /// Returns `true` if two types are equal and belong to one engine.
            #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
            pub fn eq(a: &Self, b: &Self) -> bool {
                a == b
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

composites! {
    StructType, "a structure";
    ArrayType, "an array";
}

/// The type of a structure.
///
/// # Example
///
/// ```
/// use burdock::{Engine, FieldType, Mutability, StorageType, StructType, ValType};
/// let engine = Engine::default();
/// let field = FieldType::new(Mutability::Const, ValType::I32.into());
/// let ty = StructType::new(&engine, [field])?;
/// assert_eq!(ty.fields().len(), 1);
/// assert_eq!(ty.to_string(), "(type (struct (field i32)))");
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StructType(pub(crate) Concrete);

impl StructType {
    /// Creates a final structure type from its fields.
    ///
    /// # Errors
    ///
    /// Fails if there are more than 10,000 fields.
    ///
    /// # Panics
    ///
    /// Panics if a field's type belongs to another engine.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = FieldType>) -> Result<Self> {
        Self::with_finality_and_supertype(engine, Finality::Final, None, fields)
    }

    /// Creates a structure type that declares a supertype or may have subtypes.
    ///
    /// # Errors
    ///
    /// Fails if there are more than 10,000 fields, if the supertype is final, or if the fields do
    /// not match its fields.
    ///
    /// # Panics
    ///
    /// Panics if the supertype or a field's type belongs to another engine.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&Self>,
        fields: impl IntoIterator<Item = FieldType>,
    ) -> Result<Self> {
        /// Source: the limits of the JavaScript embedding, which validation enforces.
        const MAX_FIELDS: usize = 10_000;
        let fields: Vec<_> = fields.into_iter().collect();
        if fields.len() > MAX_FIELDS {
            bail!(
                "attempted to define a structure type with {} fields, more than {MAX_FIELDS}",
                fields.len()
            );
        }
        assert!(fields.iter().all(|field| field.comes_from(engine)), "type used with wrong engine");
        let ty = raw::StructType::new(fields.iter().map(FieldType::raw));
        let composite = CompositeType::Struct(ty);
        let supertype = supertype.map(|ty| &ty.0);
        Concrete::register(engine, finality, supertype, composite).map(Self)
    }

    fn raw(&self) -> &raw::StructType {
        match &self.0.registered().ty().composite {
            CompositeType::Struct(ty) => ty,
            _ => unreachable!("a structure type is one"),
        }
    }

    fn raw_fields(&self) -> &[raw::FieldType] {
        &self.raw().fields
    }

    /// Returns the type of the descriptors that structures of this type have. Only modules can
    /// define types with descriptors
    /// ([`Config::wasm_custom_descriptors`](crate::Config::wasm_custom_descriptors)).
    pub fn descriptor(&self) -> Option<StructType> {
        self.raw().descriptor.map(|id| Self(self.0.of_same_group(id)))
    }

    /// Returns the type of the structures that structures of this type describe.
    pub fn describes(&self) -> Option<StructType> {
        self.raw().describes.map(|id| Self(self.0.of_same_group(id)))
    }

    /// Returns the type of a field.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        Some(FieldType::from_raw(self.engine(), *self.raw_fields().get(i)?))
    }

    /// Returns the types of the fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        self.raw_fields().iter().map(|field| FieldType::from_raw(self.engine(), *field))
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw::StructType { fields, descriptor, describes } = self.raw();
        f.write_str("(type ")?;
        if let Some(id) = describes {
            write!(f, "(describes {id}) ")?;
        }
        if let Some(id) = descriptor {
            write!(f, "(descriptor {id}) ")?;
        }
        f.write_str("(struct")?;
        for field in fields {
            write!(f, " (field {field})")?;
        }
        f.write_str("))")
    }
}

/// The type of an array.
///
/// # Example
///
/// ```
/// use burdock::{ArrayType, Engine, FieldType, Mutability, StorageType};
/// let element = FieldType::new(Mutability::Var, StorageType::I8);
/// let ty = ArrayType::new(&Engine::default(), element);
/// assert_eq!(ty.to_string(), "(type (array (mut i8)))");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ArrayType(pub(crate) Concrete);

impl ArrayType {
    /// Creates a final array type from the type of its elements.
    ///
    /// # Panics
    ///
    /// Panics if the elements' type belongs to another engine.
    pub fn new(engine: &Engine, field_type: FieldType) -> Self {
        let ty = Self::with_finality_and_supertype(engine, Finality::Final, None, field_type);
        ty.expect("only supertypes can be wrong")
    }

    /// Creates an array type that declares a supertype or may have subtypes.
    ///
    /// # Errors
    ///
    /// Fails if the supertype is final, or if the elements do not match its elements.
    ///
    /// # Panics
    ///
    /// Panics if the supertype or the elements' type belongs to another engine.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&Self>,
        field_type: FieldType,
    ) -> Result<Self> {
        assert!(field_type.comes_from(engine), "type used with wrong engine");
        let composite = CompositeType::Array(field_type.raw());
        let supertype = supertype.map(|ty| &ty.0);
        Concrete::register(engine, finality, supertype, composite).map(Self)
    }

    fn raw_element(&self) -> raw::FieldType {
        match &self.0.registered().ty().composite {
            CompositeType::Array(element) => *element,
            _ => unreachable!("an array type is one"),
        }
    }

    /// Returns the type of the elements with their mutability.
    pub fn field_type(&self) -> FieldType {
        FieldType::from_raw(self.engine(), self.raw_element())
    }

    /// Returns the type of what an element holds.
    pub fn element_type(&self) -> StorageType {
        StorageType::from_raw(self.engine(), self.raw_element().storage)
    }

    /// Returns the mutability of the elements.
    pub fn mutability(&self) -> Mutability {
        self.field_type().mutability()
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(type (array {}))", self.raw_element())
    }
}
