//! Lists of values with static types: the parameters and results of typed functions.

use super::wasm_ty::{Id, WasmTy};
use crate::error::Context;
use crate::store::StoreId;
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

    /// Returns `true` if a store can hold the values.
    fn belong_to(&self, store: Id) -> bool;

    /// Reads the values; `slots` has at least `SLOTS`.
    fn load_from(slots: &[u64], store: Id) -> Self;

    /// Writes the values; `slots` has at least `SLOTS`.
    fn store_to(self, slots: &mut [u64]);

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
    fn load_list(slots: &[u64], store: StoreId) -> Self {
        Self::load_from(&slots[..Self::SLOTS], Id(store))
    }

    #[inline]
    fn store_list(self, slots: &mut [u64]) {
        self.store_to(&mut slots[..Self::SLOTS]);
    }

    /// Fails unless a store can hold the values.
    #[inline]
    fn ensure_belongs_to(&self, store: StoreId) -> Result<()> {
        match self.belong_to(Id(store)) {
            true => Ok(()),
            false => cross_store(),
        }
    }
}

impl<L: WasmList> ListExt for L {}

#[cold]
fn cross_store() -> Result<()> {
    bail!("attempt to pass cross-`Store` value to Wasm as function argument")
}

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

    #[inline]
    fn each_valtype(mut show: impl FnMut(ValType)) {
        show(V::valtype());
    }

    #[inline]
    fn push_raw(types: &mut RawTypes) {
        types.push(V::valtype().raw());
    }

    #[inline]
    fn belong_to(&self, store: Id) -> bool {
        self.belongs_to(store)
    }

    #[inline]
    fn load_from(slots: &[u64], store: Id) -> Self {
        V::load(slots, store)
    }

    #[inline]
    fn store_to(self, slots: &mut [u64]) {
        WasmTy::store(self, slots);
    }
}

macro_rules! list_of_tuple {
    ($($v:ident)*) => {
        #[allow(non_snake_case, unused, clippy::unused_unit, reason = "the empty list is one of them")]
        impl<$($v: WasmTy),*> WasmList for ($($v,)*) {
            const SLOTS: usize = 0 $(+ $v::SLOTS)*;

            fn each_valtype(mut show: impl FnMut(ValType)) {
                $(show($v::valtype());)*
            }
            #[inline]
            fn push_raw(types: &mut RawTypes) {
                $(types.push($v::valtype().raw());)*
            }
            #[inline]
            fn belong_to(&self, store: Id) -> bool {
                let ($($v,)*) = self;
                true $(&& $v.belongs_to(store))*
            }
            #[inline]
            fn load_from(slots: &[u64], store: Id) -> Self {
                $(let ($v, slots) = ($v::load(slots, store), &slots[$v::SLOTS..]);)*
                ($($v,)*)
            }
            #[inline]
            fn store_to(self, slots: &mut [u64]) {
                let ($($v,)*) = self;
                $(WasmTy::store($v, slots); let slots = &mut slots[$v::SLOTS..];)*
            }
        }
    };
}

super::into_func::for_each_arity!(list_of_tuple);
