//! Lists of values with static types: the parameters and results of typed functions.

use super::wasm_ty::{InStore, WasmTy};
use crate::error::Context;
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{Engine, FuncType, Result, ValType, bail, format_err};
use alloc::vec::Vec;
use burdock_core::FuncAddr;
use smallvec::SmallVec;

/// The types of parameters and results, in the form in which they are registered.
pub(super) type RawTypes = SmallVec<[raw::ValType; 6]>;

/// A list of values: a tuple of up to 17, or a single value.
#[doc(hidden)]
pub trait WasmList: Send + Sized + 'static {
    /// The number of slots that the values take.
    const SLOTS: usize;

    /// `true` if one of the values is a reference.
    const HAS_REFS: bool;

    /// Shows the value types in order.
    fn each_valtype(show: impl FnMut(ValType));

    /// Appends the value types in the form in which they are registered.
    fn push_raw(types: &mut RawTypes);

    /// The values as they lie in slots.
    type Lowered;

    /// Reads the values; `slots` has at least `SLOTS`.
    fn load_from(slots: &[u64], store: InStore<'_>) -> Self;

    /// Returns the values as they lie in slots.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot hold one of them.
    fn lower(self, store: InStore<'_>) -> Result<Self::Lowered>;

    /// Writes the values; `slots` has at least `SLOTS`.
    fn write(lowered: &Self::Lowered, slots: &mut [u64]);

    /// Returns the value types.
    fn valtypes() -> Vec<ValType> {
        let mut types = Vec::new();
        Self::each_valtype(|ty| types.push(ty));
        types
    }
}

/// Operations on typed lists within this crate.
pub(crate) trait ListExt: WasmList {
    #[inline]
    fn load_list(slots: &[u64], store: &StoreOpaque) -> Self {
        Self::load_from(&slots[..Self::SLOTS], InStore(store))
    }

    #[inline]
    fn lower_list(self, store: &StoreOpaque) -> Result<Self::Lowered> {
        self.lower(InStore(store))
    }

    #[inline]
    fn write_list(lowered: &Self::Lowered, slots: &mut [u64]) {
        Self::write(lowered, &mut slots[..Self::SLOTS]);
    }

    /// Returns the values' slots, in memory of their own.
    fn into_slots(self, store: &StoreOpaque) -> Result<Vec<u64>> {
        Ok(Self::slots_of(&self.lower_list(store)?))
    }

    /// Returns the values' slots, in memory of their own.
    fn slots_of(lowered: &Self::Lowered) -> Vec<u64> {
        let mut slots = alloc::vec![0; Self::SLOTS];
        Self::write_list(lowered, &mut slots);
        slots
    }
}

impl<L: WasmList> ListExt for L {}

/// Returns the type of functions that take and return these lists.
//
// Linking makes such a type for each host function. `FuncType::new` on `valtypes` would allocate
// two lists and take 300 instructions more.
pub(super) fn func_type<P: WasmList, R: WasmList>(engine: &Engine) -> FuncType {
    let mut types = RawTypes::new();
    P::push_raw(&mut types);
    let params = types.len();
    R::push_raw(&mut types);
    FuncType::register(engine, raw::FuncType::from_types(&types, params))
}

/// The parameters of a [`TypedFunc`](crate::TypedFunc): a tuple of [`WasmTy`], or one of them.
///
/// # Example
///
/// ```
/// use burdock::*;
/// fn call<P: WasmParams, R: WasmResults>(
///     store: &mut Store<()>,
///     instance: Instance,
///     name: &str,
///     params: P,
/// ) -> Result<R> {
///     instance.get_typed_func::<P, R>(&mut *store, name)?.call(store, params)
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"
///     (module (func (export "swap") (param i32 f64) (result f64 i32) local.get 1 local.get 0))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// assert_eq!(call::<_, (f64, i32)>(&mut store, instance, "swap", (1, 2.5))?, (2.5, 1));
/// # Ok::<(), Error>(())
/// ```
pub trait WasmParams: WasmList {}

impl<L: WasmList> WasmParams for L {}

/// The results of a [`TypedFunc`](crate::TypedFunc): a tuple of [`WasmTy`], or one of them.
///
/// See [`WasmParams`] for an example.
pub trait WasmResults: WasmList {}

impl<L: WasmList> WasmResults for L {}

/// Checks that a function of type `ty` takes and returns these lists.
pub(super) fn check_types<P: WasmList, R: WasmList>(ty: &FuncType) -> Result<()> {
    let params: Vec<_> = ty.params().collect();
    check(&params, &P::valtypes(), is_argument).context("type mismatch with parameters")?;
    let results: Vec<_> = ty.results().collect();
    check(&results, &R::valtypes(), |actual, given| actual.matches(given))
        .context("type mismatch with results")
}

/// Returns `true` if a value of the type `given` may be an argument for a parameter of type
/// `actual`. No Rust type stands for a type that a module defines: for such a parameter the
/// hierarchy has to be the same, and each call checks its arguments ([`check_concrete`]).
fn is_argument(actual: &ValType, given: &ValType) -> bool {
    match (actual, given) {
        (ValType::Ref(actual), ValType::Ref(given)) if actual.heap_type().is_concrete() => {
            actual.heap_type().top() == given.heap_type().top()
        }
        _ => given.matches(actual),
    }
}

/// Returns `true` if a function has parameters whose types a module defines.
pub(super) fn has_concrete_params(ty: &FuncType) -> bool {
    ty.raw().params().iter().any(is_concrete)
}

/// Checks that arguments are of the types that modules define for the parameters.
#[cold]
pub(super) fn check_concrete(store: &StoreOpaque, ty: &FuncType, slots: &[u64]) -> Result<()> {
    let mut slots = slots;
    for ty in ty.raw().params() {
        let (own, rest) = slots.split_at(ty.slots() as usize);
        slots = rest;
        match ty {
            raw::ValType::Ref(ty) if ty.heap.concrete().is_some() => {
                check_reference(store, ty, own[0])?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_reference(store: &StoreOpaque, ty: &raw::RefType, slot: u64) -> Result<()> {
    if store.is_ref_of_type(slot, ty) {
        return Ok(());
    }
    if slot == 0 {
        bail!("argument type mismatch: expected non-nullable {ty}, found null reference");
    }
    let mismatch = match (ty.heap, FuncAddr::from_raw(slot)) {
        (
            raw::HeapType::ConcreteFunc(expected) | raw::HeapType::ExactFunc(expected),
            Some(found),
        ) => {
            let expected = FuncType::from_id(store.engine(), expected);
            let found = FuncType::from_id(store.engine(), store.vm.func(found).ty);
            format_err!("type mismatch: expected {expected}, found {found}")
        }
        _ => format_err!("type mismatch: expected {ty}, found a reference of another type"),
    };
    Err(mismatch).context("argument type mismatch for reference to concrete type")
}

fn is_concrete(ty: &raw::ValType) -> bool {
    matches!(ty, raw::ValType::Ref(ty) if ty.heap.concrete().is_some())
}

fn check(
    actual: &[ValType],
    given: &[ValType],
    fits: impl Fn(&ValType, &ValType) -> bool,
) -> Result<()> {
    if actual.len() != given.len() {
        bail!("expected {} types, found {}", given.len(), actual.len());
    }
    for (actual, given) in actual.iter().zip(given) {
        if !fits(actual, given) {
            bail!("type mismatch: expected {given}, found {actual}");
        }
    }
    Ok(())
}

impl<V: WasmTy> WasmList for V {
    const SLOTS: usize = V::SLOTS;

    const HAS_REFS: bool = V::IS_REF;

    type Lowered = V::Lowered;

    #[inline]
    fn each_valtype(mut show: impl FnMut(ValType)) {
        show(V::valtype());
    }

    #[inline]
    fn push_raw(types: &mut RawTypes) {
        types.push(V::valtype().raw());
    }

    #[inline]
    fn load_from(slots: &[u64], store: InStore<'_>) -> Self {
        V::load(slots, store)
    }

    #[inline]
    fn lower(self, store: InStore<'_>) -> Result<Self::Lowered> {
        WasmTy::lower(self, store)
    }

    #[inline]
    fn write(lowered: &Self::Lowered, slots: &mut [u64]) {
        slots[..V::SLOTS].copy_from_slice(lowered.as_ref());
    }
}

macro_rules! list_of_tuple {
    ($($v:ident)*) => {
        #[allow(non_snake_case, unused, clippy::unused_unit, reason = "the empty list is one of them")]
        impl<$($v: WasmTy),*> WasmList for ($($v,)*) {
            const SLOTS: usize = 0 $(+ $v::SLOTS)*;

            const HAS_REFS: bool = false $(|| $v::IS_REF)*;

            type Lowered = ($($v::Lowered,)*);

            fn each_valtype(mut show: impl FnMut(ValType)) {
                $(show($v::valtype());)*
            }

            #[inline]
            fn push_raw(types: &mut RawTypes) {
                $(types.push($v::valtype().raw());)*
            }

            #[inline]
            fn load_from(slots: &[u64], store: InStore<'_>) -> Self {
                $(let ($v, slots) = ($v::load(slots, store), &slots[$v::SLOTS..]);)*
                ($($v,)*)
            }

            #[inline]
            fn lower(self, store: InStore<'_>) -> Result<Self::Lowered> {
                let ($($v,)*) = self;
                Ok(($(WasmTy::lower($v, store)?,)*))
            }

            #[inline]
            fn write(lowered: &Self::Lowered, slots: &mut [u64]) {
                let ($($v,)*) = lowered;
                $(
                    let (own, slots) = slots.split_at_mut(<$v as WasmTy>::SLOTS);
                    own.copy_from_slice($v.as_ref());
                )*
            }
        }
    };
}

super::into_func::for_each_arity!(list_of_tuple);
