//! `TagType` and `ExnType`: the types of tags and of the exceptions that are thrown with them.

use crate::{Engine, FieldType, FuncType, Mutability, Result, StorageType, ValType, ensure};

/// The type of a tag: the parameters are the types of an exception's values.
///
/// Source: Wasmtime's `TagType`.
///
/// # Example
///
/// ```
/// use burdock::{Engine, FuncType, TagType, ValType};
/// let ty = TagType::new(FuncType::new(&Engine::default(), [ValType::I32], []));
/// assert_eq!(ty.ty().param(0), Some(ValType::I32));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// Creates the type of tags whose exceptions have values of the parameters' types.
    pub fn new(ty: FuncType) -> Self {
        Self { ty }
    }

    /// Returns the function type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }
}

/// The type of the exceptions of a tag.
///
/// Source: Wasmtime's `ExnType`.
///
/// # Example
///
/// ```
/// use burdock::{Engine, ExnType, ValType};
/// let ty = ExnType::new(&Engine::default(), [ValType::I32, ValType::I64])?;
/// assert!(ty.field(1).unwrap().element_type().unwrap_val_type().is_i64());
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExnType {
    tag: TagType,
}

impl ExnType {
    /// Creates the type of exceptions with values of these types.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = ValType>) -> Result<Self> {
        Ok(Self { tag: TagType::new(FuncType::new(engine, fields, [])) })
    }

    /// Creates the type of the exceptions of tags of a type.
    ///
    /// # Errors
    ///
    /// Fails if the tag's type has results.
    pub fn from_tag_type(tag: &TagType) -> Result<Self> {
        ensure!(tag.ty().results().len() == 0, "the type of a tag has no results");
        Ok(Self { tag: tag.clone() })
    }

    /// Returns the type of the exceptions of tags of a function type.
    pub(crate) fn of_tags(ty: FuncType) -> Self {
        Self { tag: TagType::new(ty) }
    }

    /// Returns the function type of the tags.
    pub(crate) fn func_type(&self) -> &FuncType {
        self.tag.ty()
    }

    /// Returns the type of tags with which such exceptions are thrown.
    pub fn tag_type(&self) -> TagType {
        self.tag.clone()
    }

    /// Returns the type's engine.
    pub fn engine(&self) -> &Engine {
        self.tag.ty().engine()
    }

    /// Returns the type of one of the values.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        self.fields().nth(i)
    }

    /// Returns the types of the values, which never change.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        let values = self.tag.ty().params();
        values.map(|ty| FieldType::new(Mutability::Const, StorageType::ValType(ty)))
    }

    /// Returns `true` if exceptions of this type are exceptions of the other.
    pub fn matches(&self, other: &ExnType) -> bool {
        self == other
    }

    /// Returns `true` if two types are equal and belong to one engine.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &ExnType, b: &ExnType) -> bool {
        a == b
    }
}
