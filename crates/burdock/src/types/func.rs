//! `FuncType`: the type of a function, registered with its engine.

use crate::{Engine, ValType};
use alloc::sync::Arc;
use burdock_core::TypeId;
use core::fmt;

/// The type of a function.
///
/// # Example
///
/// ```
/// use burdock::{Engine, FuncType, ValType};
/// let engine = Engine::default();
/// let ty = FuncType::new(&engine, [ValType::I32], [ValType::I64]);
/// assert_eq!(ty.to_string(), "(type (func (param i32) (result i64)))");
/// ```
#[derive(Clone)]
pub struct FuncType {
    engine: Engine,
    id: TypeId,
    ty: Arc<burdock_types::FuncType>,
}

impl FuncType {
    /// Creates a function type from its parameter and result types.
    #[inline]
    pub fn new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        Self::registered(engine, &burdock_types::FuncType::new(params, results))
    }

    pub(crate) fn registered(engine: &Engine, ty: &burdock_types::FuncType) -> Self {
        let (id, ty) = engine.types().register(ty);
        let engine = engine.clone();
        Self { engine, id, ty }
    }

    pub(crate) fn from_id(engine: &Engine, id: TypeId) -> Self {
        let ty = engine.types().get(id).expect("who has a number has its type");
        let engine = engine.clone();
        Self { engine, id, ty }
    }

    /// Returns the type's engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the parameter types.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.ty.params().iter().copied()
    }

    /// Returns the type of a parameter.
    pub fn param(&self, i: usize) -> Option<ValType> {
        self.ty.params().get(i).copied()
    }

    /// Returns the result types.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.ty.results().iter().copied()
    }

    /// Returns the type of a result.
    pub fn result(&self, i: usize) -> Option<ValType> {
        self.ty.results().get(i).copied()
    }

    /// Returns `true` if a function of this type can be used as one of the other. Types of
    /// different engines never match.
    pub fn matches(&self, other: &FuncType) -> bool {
        Engine::same(&self.engine, &other.engine) && self.id == other.id
    }

    /// Returns `true` if two types are equal and belong to one engine.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &FuncType, b: &FuncType) -> bool {
        a.matches(b)
    }

    pub(crate) fn id(&self) -> TypeId {
        self.id
    }

    pub(crate) fn raw(&self) -> &Arc<burdock_types::FuncType> {
        &self.ty
    }
}

impl PartialEq for FuncType {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for FuncType {}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(type {})", Text(&self.ty))
    }
}

/// A function type in the text format.
pub(crate) struct Text<'t>(pub(crate) &'t burdock_types::FuncType);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(func")?;
        let lists = [("param", self.0.params()), ("result", self.0.results())];
        for (word, types) in lists.iter().filter(|(_, types)| !types.is_empty()) {
            write!(f, " ({word}")?;
            for ty in *types {
                write!(f, " {ty}")?;
            }
            f.write_str(")")?;
        }
        f.write_str(")")
    }
}
