//! `FuncType`: the type of a function, registered with its engine.

use super::composite::{Concrete, Finality, func_matches};
use super::raw;
use crate::{Engine, Result, ValType};
use burdock_core::{OutOfMemory, TypeId};
use burdock_types::{CompositeType, SubType};
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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FuncType(Concrete);

impl FuncType {
    /// Creates a function type from its parameter and result types.
    ///
    /// # Panics
    ///
    /// Panics if one of the types belongs to another engine.
    #[inline]
    pub fn new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        Self::register(engine, raw_func(engine, params, results))
    }

    /// Creates a function type from its parameter and result types, as [`FuncType::new`] does.
    ///
    /// # Errors
    ///
    /// Never fails: Rust's allocator ends the process if no memory is left.
    ///
    /// # Panics
    ///
    /// Panics if one of the types belongs to another engine.
    ///
    /// Source: Wasmtime's `FuncType::try_new`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::{Engine, FuncType, ValType};
    /// let ty = FuncType::try_new(&Engine::default(), [ValType::I32], [])?;
    /// assert_eq!(ty.params().len(), 1);
    /// # Ok::<(), burdock::OutOfMemory>(())
    /// ```
    pub fn try_new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Result<Self, OutOfMemory> {
        Ok(Self::new(engine, params, results))
    }

    /// Creates a function type that declares a supertype or may have subtypes.
    ///
    /// # Errors
    ///
    /// Fails if the supertype is final, or if the type does not match it: its parameters have to be
    /// as general as those of the supertype, and its results as special.
    ///
    /// # Panics
    ///
    /// Panics if the supertype or one of the types belongs to another engine.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&FuncType>,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Result<Self> {
        let composite = CompositeType::Func(raw_func(engine, params, results));
        let supertype = supertype.map(|ty| &ty.0);
        Concrete::register(engine, finality, supertype, composite).map(Self)
    }

    /// Registers a type that declares nothing.
    pub(crate) fn register(engine: &Engine, ty: raw::FuncType) -> Self {
        Self(Concrete::new(engine, engine.types().register(SubType::func(ty))))
    }

    pub(crate) fn from_id(engine: &Engine, id: TypeId) -> Self {
        let ty = engine.types().get(id).expect("who has a number has its type");
        Self(Concrete::new(engine, ty))
    }

    pub(crate) fn from_concrete(ty: Concrete) -> Self {
        Self(ty)
    }

    pub(crate) fn concrete(&self) -> &Concrete {
        &self.0
    }

    /// Returns the type's engine.
    pub fn engine(&self) -> &Engine {
        self.0.engine()
    }

    /// Returns whether the type can have subtypes.
    pub fn finality(&self) -> Finality {
        self.0.finality()
    }

    /// Returns the declared supertype.
    pub fn supertype(&self) -> Option<FuncType> {
        self.0.supertype().map(Self)
    }

    /// Returns the parameter types.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.raw().params().iter().map(|ty| ValType::from_raw(self.engine(), *ty))
    }

    /// Returns the type of a parameter.
    pub fn param(&self, i: usize) -> Option<ValType> {
        self.params().nth(i)
    }

    /// Returns the result types.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.raw().results().iter().map(|ty| ValType::from_raw(self.engine(), *ty))
    }

    /// Returns the type of a result.
    pub fn result(&self, i: usize) -> Option<ValType> {
        self.results().nth(i)
    }

    /// Returns `true` if the host may pass a function of this type as one of the other. Types of
    /// different engines never match.
    ///
    /// As in Wasmtime, this type need not be declared as a subtype of the other. Its parameters
    /// have to be as general, and its results as special. Imports and [`HeapType::matches`], in
    /// contrast, ask for the declaration.
    ///
    /// Source: Wasmtime's `FuncType::matches`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::{Engine, FuncType, HeapType, ValType};
    /// let engine = Engine::default();
    /// let wide = FuncType::new(&engine, [ValType::I31REF], [ValType::ANYREF]);
    /// let narrow = FuncType::new(&engine, [ValType::EQREF], [ValType::I31REF]);
    /// assert!(narrow.matches(&wide) && !wide.matches(&narrow));
    /// assert!(!HeapType::from(narrow).matches(&HeapType::from(wide)));
    /// ```
    ///
    /// [`HeapType::matches`]: crate::HeapType::matches
    pub fn matches(&self, other: &FuncType) -> bool {
        let declared = |a, b| self.engine().types().is_subtype(a, b);
        Engine::same(self.engine(), other.engine())
            && (self.0.matches(&other.0) || func_matches(self.raw(), other.raw(), &declared))
    }

    /// Returns `true` if two types are equal and belong to one engine.
    #[allow(clippy::should_implement_trait, reason = "Wasmtime has this name")]
    pub fn eq(a: &FuncType, b: &FuncType) -> bool {
        a == b
    }

    pub(crate) fn id(&self) -> TypeId {
        self.0.id()
    }

    #[inline]
    pub(crate) fn raw(&self) -> &raw::FuncType {
        self.0.registered().func()
    }
}

#[inline(always)]
fn raw_func(
    engine: &Engine,
    params: impl IntoIterator<Item = ValType>,
    results: impl IntoIterator<Item = ValType>,
) -> raw::FuncType {
    let raw = |ty: ValType| {
        assert!(ty.comes_from(engine), "type used with wrong engine");
        ty.raw()
    };
    raw::FuncType::new(params.into_iter().map(raw), results.into_iter().map(raw))
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(type {})", Text(self.raw()))
    }
}

/// A function type in the text format.
pub(crate) struct Text<'t>(pub(crate) &'t raw::FuncType);

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
