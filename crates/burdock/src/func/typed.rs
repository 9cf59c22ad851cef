//! `TypedFunc`: a function with static types. A call writes its arguments into the machine's
//! slots, runs, and reads its results there: no `Val`, no allocation.

use super::list::{ListExt, check_concrete, check_types, has_concrete_params};
use super::resumable::{self, TypedResumableCall};
use super::{Func, WasmParams, WasmResults};
use crate::store::StoreOpaque;
use crate::{AsContextMut, Result};
use alloc::vec;
use core::fmt;
use core::marker::PhantomData;

/// A function of a store whose parameters and results are known statically; see [`Func::typed`].
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"
///     (module (func (export "add") (param i32 i64) (result i64)
///         (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add: TypedFunc<(i32, i64), i64> = instance.get_typed_func(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (-1, 43))?, 42);
/// # Ok::<(), Error>(())
/// ```
pub struct TypedFunc<Params, Results> {
    func: Func,
    /// `true` if there are parameters whose types a module defines.
    has_concrete_params: bool,
    types: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

impl<Params, Results> TypedFunc<Params, Results>
where
    Params: WasmParams,
    Results: WasmResults,
{
    pub(super) fn checked(store: &StoreOpaque, func: Func) -> Result<Self> {
        let ty = func.load_ty(store);
        check_types::<Params, Results>(&ty)?;
        let has_concrete_params = has_concrete_params(&ty);
        Ok(Self { func, has_concrete_params, types: PhantomData })
    }

    /// Returns the arguments as they lie in slots.
    #[inline]
    pub(super) fn lower(&self, store: &StoreOpaque, params: Params) -> Result<Params::Lowered> {
        let lowered = params.lower_list(store)?;
        if Params::HAS_REFS && self.has_concrete_params {
            check_concrete(store, &self.func.load_ty(store), &Params::slots_of(&lowered))?;
        }
        Ok(lowered)
    }

    /// Returns the function without its static types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// Fails if the call fails with a [`Trap`](crate::Trap), or with what a host function or a hook
    /// returned.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        let mut store = store.as_context_mut();
        let func = self.func.addr(store.id());
        let lowered = self.lower(store.opaque(), params)?;
        let slots = const { max(Params::SLOTS, Results::SLOTS) };
        Params::write_list(&lowered, store.opaque().vm.args_mut(slots)?);
        let call = store.inner.vtable.call;
        call(store.reborrow(), func)?;
        let store = store.opaque();
        Ok(Results::load_list(store.vm.results(Results::SLOTS), store))
    }

    /// Calls the function so that it can be resumed when a host function fails or fuel runs out.
    ///
    /// # Errors
    ///
    /// Fails as [`TypedFunc::call`] does, except for errors of host functions and lack of fuel.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    ///
    /// Source: wasmi's `TypedFunc::call_resumable`.
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: Params,
    ) -> Result<TypedResumableCall<Results>> {
        let mut store = store.as_context_mut();
        let func = self.func.addr(store.id());
        let slots = Params::slots_of(&self.lower(store.opaque(), params)?);
        let mut results = vec![0; Results::SLOTS];
        let call = store.inner.vtable.call_resumable;
        let ended = call(store.reborrow(), func, &slots, &mut results);
        resumable::finish_typed(store.opaque(), self.func, ended, &results)
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
