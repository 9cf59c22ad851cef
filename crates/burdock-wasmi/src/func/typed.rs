//! `TypedFunc`: functions whose types have been checked.

use super::{Func, TypedResumableCall, WasmParams, WasmResults, WasmTyList};
use crate::{AsContext, AsContextMut, Error, StoreContext, Val};
use alloc::vec::Vec;
use core::fmt;

/// A function whose types have been checked, so that calls need not check them.
pub struct TypedFunc<Params: WasmTyList, Results: WasmTyList> {
    typed: burdock::TypedFunc<Params::Lower, Results::Lift>,
    func: Func,
}

impl<Params: WasmTyList, Results: WasmTyList> Copy for TypedFunc<Params, Results> {}

impl<Params: WasmTyList, Results: WasmTyList> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params: WasmTyList, Results: WasmTyList> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    pub(super) fn new<T: 'static>(ctx: StoreContext<'_, T>, func: Func) -> Result<Self, Error> {
        let ty = func.ty(ctx);
        ty.check_params(Params::types().into_iter())?;
        ty.check_results(Results::types().into_iter())?;
        let typed = func.as_burdock().typed(ctx.store).map_err(Error::from_burdock)?;
        Ok(Self { typed, func })
    }

    /// Returns the function without its types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// Fails if the function fails.
    #[inline]
    pub fn call(&self, mut ctx: impl AsContextMut, params: Params) -> Result<Results, Error> {
        let mut ctx = ctx.as_context_mut();
        match self.typed.call(ctx.as_burdock_mut(), params.lower_list()) {
            Ok(results) => Ok(Results::lift_list(results, ctx.as_context())),
            Err(error) => Err(Error::from_burdock(error)),
        }
    }

    /// Calls the function. If a host function fails, or fuel is missing, the call can be resumed.
    ///
    /// # Errors
    ///
    /// Fails if a guest traps, and if the function itself is one of the host and fails.
    pub fn call_resumable(
        &self,
        ctx: impl AsContextMut,
        params: Params,
    ) -> Result<TypedResumableCall<Results>, Error> {
        let mut results = outputs::<Results>();
        let call = self.func.call_resumable(ctx, &params.into_vals(), &mut results)?;
        Ok(TypedResumableCall::of(call, &results))
    }
}

/// Returns room for results.
pub(super) fn outputs<Results: WasmResults>() -> Vec<Val> {
    Results::types().into_iter().map(Val::default_for_ty).collect()
}
