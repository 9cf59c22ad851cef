//! Types of functions, globals, tables, memories and tags, and the type that can be any of these.

use burdock::{
    Engine, ExternType, FuncType, GlobalType, MemoryType, Mutability, TableType, TagType,
};

use crate::abi::{Given, Out, wrong_kind};
use crate::vecs::{copy_function, delete_function, vec_functions};
use crate::wasm::valtype::{types, types_of, wasm_valtype_t, wasm_valtype_vec_t};

/// The type of an import or export.
#[derive(Clone)]
pub(crate) struct wasm_externtype_t(pub(crate) Entity);

/// What an import or export is.
#[derive(Clone)]
pub(crate) enum Entity {
    Func(Func),
    Global { content: wasm_valtype_t, mutability: Mutability },
    Table { element: wasm_valtype_t, limits: wasm_limits_t, ty: TableType },
    Memory { limits: wasm_limits_t, ty: MemoryType },
    Tag(Box<wasm_functype_t>),
}

/// A function type. It belongs to no engine, unless it comes from a module.
#[derive(Clone)]
pub(crate) struct Func {
    params: wasm_valtype_vec_t,
    results: wasm_valtype_vec_t,
    known: Option<FuncType>,
}

/// The limits of a memory or table.
#[repr(C)]
#[derive(Copy, Clone)]
pub(crate) struct wasm_limits_t {
    min: u32,
    max: u32,
}

/// The maximum that stands for none.
const NO_MAXIMUM: u32 = u32::MAX;

impl wasm_limits_t {
    /// Returns limits, of which those that need more than 32 bits are cut off.
    fn new(minimum: u64, maximum: Option<u64>) -> Self {
        let clamp = |value| u32::try_from(value).unwrap_or(NO_MAXIMUM);
        Self { min: clamp(minimum), max: maximum.map_or(NO_MAXIMUM, clamp) }
    }

    fn maximum(self) -> Option<u32> {
        (self.max != NO_MAXIMUM).then_some(self.max)
    }
}

/// Defines a type that is an `Entity` of one kind, and its place in [`wasm_externtype_t`].
macro_rules! entity_types {
    ($($ty:ident $kind:pat, $what:literal:
        $as_extern:ident $of_extern:ident $as_extern_const:ident $of_extern_const:ident;)*) => {$(
        #[doc = concat!("The type of a ", $what, ".")]
        #[repr(transparent)]
        #[derive(Clone)]
        pub(crate) struct $ty(pub(crate) wasm_externtype_t);

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_extern(ty: Option<&mut $ty>) -> Option<&mut wasm_externtype_t> {
            Some(&mut ty?.0)
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $as_extern_const(ty: Option<&$ty>) -> Option<&wasm_externtype_t> {
            Some(&ty?.0)
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_extern(ty: Option<&mut wasm_externtype_t>) -> Option<&mut $ty> {
            let ty = ty.filter(|ty| matches!(ty.0, $kind))?;
            // SAFETY: [HEADER] the type consists of what it is made from.
            Some(unsafe { &mut *std::ptr::from_mut(ty).cast() })
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $of_extern_const(ty: Option<&wasm_externtype_t>) -> Option<&$ty> {
            let ty = ty.filter(|ty| matches!(ty.0, $kind))?;
            // SAFETY: [HEADER] the type consists of what it is made from.
            Some(unsafe { &*std::ptr::from_ref(ty).cast() })
        }
    )*};
}

entity_types! {
    wasm_functype_t Entity::Func(_), "function":
        wasm_functype_as_externtype wasm_externtype_as_functype
        wasm_functype_as_externtype_const wasm_externtype_as_functype_const;
    wasm_globaltype_t Entity::Global { .. }, "global":
        wasm_globaltype_as_externtype wasm_externtype_as_globaltype
        wasm_globaltype_as_externtype_const wasm_externtype_as_globaltype_const;
    wasm_tabletype_t Entity::Table { .. }, "table":
        wasm_tabletype_as_externtype wasm_externtype_as_tabletype
        wasm_tabletype_as_externtype_const wasm_externtype_as_tabletype_const;
    wasm_memorytype_t Entity::Memory { .. }, "memory":
        wasm_memorytype_as_externtype wasm_externtype_as_memorytype
        wasm_memorytype_as_externtype_const wasm_externtype_as_memorytype_const;
    wasm_tagtype_t Entity::Tag(_), "tag":
        wasm_tagtype_as_externtype wasm_externtype_as_tagtype
        wasm_tagtype_as_externtype_const wasm_externtype_as_tagtype_const;
}

/// Defines what every type of types has: vectors, `copy` and `delete`.
macro_rules! type_functions {
    ($($ty:ident $vec:ident: $delete:ident $copy:ident
        $empty:ident $uninit:ident $new:ident $vec_copy:ident $vec_delete:ident;)*) => {$(
        #[doc = concat!("A vector of `", stringify!($ty), "`.")]
        pub(crate) type $vec = $crate::vecs::CVec<Option<Box<$ty>>>;
        delete_function! { $ty: $delete }
        copy_function! { $ty: $copy }
        vec_functions! { $vec, Option<Box<$ty>>: $empty $uninit $new $vec_copy $vec_delete }
    )*};
}
pub(crate) use type_functions;

type_functions! {
    wasm_functype_t wasm_functype_vec_t: wasm_functype_delete wasm_functype_copy
        wasm_functype_vec_new_empty wasm_functype_vec_new_uninitialized wasm_functype_vec_new
        wasm_functype_vec_copy wasm_functype_vec_delete;
    wasm_globaltype_t wasm_globaltype_vec_t: wasm_globaltype_delete wasm_globaltype_copy
        wasm_globaltype_vec_new_empty wasm_globaltype_vec_new_uninitialized wasm_globaltype_vec_new
        wasm_globaltype_vec_copy wasm_globaltype_vec_delete;
    wasm_tabletype_t wasm_tabletype_vec_t: wasm_tabletype_delete wasm_tabletype_copy
        wasm_tabletype_vec_new_empty wasm_tabletype_vec_new_uninitialized wasm_tabletype_vec_new
        wasm_tabletype_vec_copy wasm_tabletype_vec_delete;
    wasm_memorytype_t wasm_memorytype_vec_t: wasm_memorytype_delete wasm_memorytype_copy
        wasm_memorytype_vec_new_empty wasm_memorytype_vec_new_uninitialized wasm_memorytype_vec_new
        wasm_memorytype_vec_copy wasm_memorytype_vec_delete;
    wasm_tagtype_t wasm_tagtype_vec_t: wasm_tagtype_delete wasm_tagtype_copy
        wasm_tagtype_vec_new_empty wasm_tagtype_vec_new_uninitialized wasm_tagtype_vec_new
        wasm_tagtype_vec_copy wasm_tagtype_vec_delete;
    wasm_externtype_t wasm_externtype_vec_t: wasm_externtype_delete wasm_externtype_copy
        wasm_externtype_vec_new_empty wasm_externtype_vec_new_uninitialized wasm_externtype_vec_new
        wasm_externtype_vec_copy wasm_externtype_vec_delete;
}

impl wasm_externtype_t {
    /// Describes a type of the engine.
    pub(crate) fn new(ty: &ExternType) -> Self {
        match ty {
            ExternType::Func(ty) => wasm_functype_t::new(ty).0,
            ExternType::Global(ty) => wasm_globaltype_t::new(ty).0,
            ExternType::Table(ty) => wasm_tabletype_t::new(ty).0,
            ExternType::Memory(ty) => wasm_memorytype_t::new(ty).0,
            ExternType::Tag(ty) => wasm_tagtype_t::new(ty).0,
        }
    }
}

impl wasm_functype_t {
    pub(crate) fn new(ty: &FuncType) -> Self {
        let (params, results) = (types(ty.params()), types(ty.results()));
        Self(wasm_externtype_t(Entity::Func(Func { params, results, known: Some(ty.clone()) })))
    }

    fn func(&self) -> &Func {
        match &self.0.0 {
            Entity::Func(func) => func,
            _ => wrong_kind(),
        }
    }

    /// Returns the type as one of the engine.
    pub(crate) fn ty(&self, engine: &Engine) -> FuncType {
        let func = self.func();
        if let Some(known) = func.known.as_ref().filter(|ty| Engine::same(ty.engine(), engine)) {
            return known.clone();
        }
        let params = types_of(&func.params, "a parameter's type");
        FuncType::new(engine, params, types_of(&func.results, "a result's type"))
    }
}

impl wasm_globaltype_t {
    pub(crate) fn new(ty: &GlobalType) -> Self {
        let content = wasm_valtype_t(ty.content().clone());
        Self(wasm_externtype_t(Entity::Global { content, mutability: ty.mutability() }))
    }

    fn parts(&self) -> (&wasm_valtype_t, Mutability) {
        match &self.0.0 {
            Entity::Global { content, mutability } => (content, *mutability),
            _ => wrong_kind(),
        }
    }

    pub(crate) fn ty(&self) -> GlobalType {
        let (content, mutability) = self.parts();
        GlobalType::new(content.0.clone(), mutability)
    }
}

impl wasm_tabletype_t {
    pub(crate) fn new(ty: &TableType) -> Self {
        let limits = wasm_limits_t::new(ty.minimum(), ty.maximum());
        let element = wasm_valtype_t(burdock::ValType::Ref(ty.element().clone()));
        Self(wasm_externtype_t(Entity::Table { element, limits, ty: ty.clone() }))
    }

    fn parts(&self) -> (&wasm_valtype_t, &wasm_limits_t, &TableType) {
        match &self.0.0 {
            Entity::Table { element, limits, ty } => (element, limits, ty),
            _ => wrong_kind(),
        }
    }

    pub(crate) fn ty(&self) -> &TableType {
        self.parts().2
    }
}

impl wasm_memorytype_t {
    pub(crate) fn new(ty: &MemoryType) -> Self {
        let limits = wasm_limits_t::new(ty.minimum(), ty.maximum());
        Self(wasm_externtype_t(Entity::Memory { limits, ty: ty.clone() }))
    }

    fn parts(&self) -> (&wasm_limits_t, &MemoryType) {
        match &self.0.0 {
            Entity::Memory { limits, ty } => (limits, ty),
            _ => wrong_kind(),
        }
    }

    pub(crate) fn ty(&self) -> &MemoryType {
        self.parts().1
    }
}

impl wasm_tagtype_t {
    pub(crate) fn new(ty: &TagType) -> Self {
        Self(wasm_externtype_t(Entity::Tag(Box::new(wasm_functype_t::new(ty.ty())))))
    }

    fn func(&self) -> &wasm_functype_t {
        match &self.0.0 {
            Entity::Tag(func) => func,
            _ => wrong_kind(),
        }
    }

    pub(crate) fn ty(&self, engine: &Engine) -> TagType {
        TagType::new(self.func().ty(engine))
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_externtype_kind(ty: Option<&wasm_externtype_t>) -> u8 {
    match ty.given("wasm_externtype_kind: type").0 {
        Entity::Func(_) => 0,
        Entity::Global { .. } => 1,
        Entity::Table { .. } => 2,
        Entity::Memory { .. } => 3,
        Entity::Tag(_) => 4,
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_functype_new(
    params: Option<&mut wasm_valtype_vec_t>,
    results: Option<&mut wasm_valtype_vec_t>,
) -> Box<wasm_functype_t> {
    let take = |types: Option<&mut wasm_valtype_vec_t>| {
        types.map_or(wasm_valtype_vec_t::EMPTY, |types| types.take().into_vec().into())
    };
    let (params, results) = (take(params), take(results));
    types_of(&params, "wasm_functype_new: a parameter's type");
    types_of(&results, "wasm_functype_new: a result's type");
    let func = Func { params, results, known: None };
    Box::new(wasm_functype_t(wasm_externtype_t(Entity::Func(func))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_functype_params(ty: Option<&wasm_functype_t>) -> &wasm_valtype_vec_t {
    &ty.given("wasm_functype_params: type").func().params
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_functype_results(
    ty: Option<&wasm_functype_t>,
) -> &wasm_valtype_vec_t {
    &ty.given("wasm_functype_results: type").func().results
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_globaltype_new(
    content: Option<Box<wasm_valtype_t>>,
    mutability: u8,
) -> Box<wasm_globaltype_t> {
    let content = *content.given("wasm_globaltype_new: content");
    let mutability = if mutability == 0 { Mutability::Const } else { Mutability::Var };
    Box::new(wasm_globaltype_t(wasm_externtype_t(Entity::Global { content, mutability })))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_globaltype_content(
    ty: Option<&wasm_globaltype_t>,
) -> &wasm_valtype_t {
    ty.given("wasm_globaltype_content: type").parts().0
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_globaltype_mutability(ty: Option<&wasm_globaltype_t>) -> u8 {
    u8::from(ty.given("wasm_globaltype_mutability: type").parts().1.is_var())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_tabletype_new(
    element: Option<Box<wasm_valtype_t>>,
    limits: Option<&wasm_limits_t>,
) -> Option<Box<wasm_tabletype_t>> {
    let element = element.given("wasm_tabletype_new: element");
    let limits = *limits.given("wasm_tabletype_new: limits");
    let element = element.0.as_ref()?.clone();
    let ty = TableType::new(element, limits.min, limits.maximum());
    Some(Box::new(wasm_tabletype_t::new(&ty)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_tabletype_element(ty: Option<&wasm_tabletype_t>) -> &wasm_valtype_t {
    ty.given("wasm_tabletype_element: type").parts().0
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_tabletype_limits(ty: Option<&wasm_tabletype_t>) -> &wasm_limits_t {
    ty.given("wasm_tabletype_limits: type").parts().1
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memorytype_new(
    limits: Option<&wasm_limits_t>,
) -> Option<Box<wasm_memorytype_t>> {
    let limits = *limits.given("wasm_memorytype_new: limits");
    let mut builder = MemoryType::builder();
    builder.min(limits.min.into()).max(limits.maximum().map(u64::from));
    Some(Box::new(wasm_memorytype_t::new(&builder.build().ok()?)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_memorytype_limits(ty: Option<&wasm_memorytype_t>) -> &wasm_limits_t {
    ty.given("wasm_memorytype_limits: type").parts().0
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_tagtype_new(ty: Option<Box<wasm_functype_t>>) -> Box<wasm_tagtype_t> {
    let func = ty.given("wasm_tagtype_new: type");
    Box::new(wasm_tagtype_t(wasm_externtype_t(Entity::Tag(func))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_tagtype_functype(ty: Option<&wasm_tagtype_t>) -> &wasm_functype_t {
    ty.given("wasm_tagtype_functype: type").func()
}
