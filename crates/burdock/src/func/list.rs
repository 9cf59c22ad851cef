//! Lists of values with static types: the parameters and results of typed functions.

use super::wasm_ty::{InStore, WasmTy};
use crate::error::Context;
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{Engine, FuncType, Result, ValType, bail};
use alloc::vec::Vec;
use smallvec::SmallVec;

/// The types of parameters and results, in the form in which they are registered.
pub(super) type RawTypes = SmallVec<[raw::ValType; 6]>;

/// A list of values: a tuple of up to 17, or a single value.
#[doc(hidden)]
pub trait WasmList: Send + Sized + 'static {
    /// The number of slots that the values take.
    const SLOTS: usize;

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
        let lowered = self.lower_list(store)?;
        let mut slots = alloc::vec![0; Self::SLOTS];
        Self::write_list(&lowered, &mut slots);
        Ok(slots)
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
    check(&params, &P::valtypes(), |actual, given| given.matches(actual))
        .context("type mismatch with parameters")?;
    let results: Vec<_> = ty.results().collect();
    check(&results, &R::valtypes(), |actual, given| actual.matches(given))
        .context("type mismatch with results")
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
