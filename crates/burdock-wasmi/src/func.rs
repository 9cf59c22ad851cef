//! `Func`: functions of guests and of the host.

mod caller;
mod into_func;
mod list;
mod resumable;
mod typed;
mod wasm_ty;

pub use caller::Caller;
pub use into_func::{IntoFunc, WasmRet};
pub use list::{WasmParams, WasmResults, WasmTyList};
pub use resumable::{
    ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, TypedResumableCall,
    TypedResumableCallHostTrap, TypedResumableCallOutOfFuel,
};
pub use typed::TypedFunc;
pub use wasm_ty::WasmTy;

use crate::{AsContext, AsContextMut, Engine, Error, FuncType, Val};
use alloc::vec;
use burdock::RootScope;
use smallvec::SmallVec;

/// Values of a call.
pub(crate) type Vals<V> = SmallVec<[V; 4]>;

/// A function of a guest or of the host.
#[derive(Copy, Clone, Debug)]
pub struct Func(burdock::Func);

impl Func {
    /// Creates a function of the host whose type is known at run time.
    ///
    /// The function gets its arguments and the results to fill in, which are zero or null.
    pub fn new<T: 'static>(
        mut ctx: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        let mut ctx = ctx.as_context_mut();
        let (burdock_ty, engine) = (ty.to_burdock(ctx.engine), ctx.engine.clone());
        Self(burdock::Func::new(ctx.as_burdock_mut(), burdock_ty, untyped(engine, ty, func)))
    }

    /// Creates a function of the host from a closure.
    pub fn wrap<T: 'static, Params, Results>(
        mut ctx: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Self {
        let mut ctx = ctx.as_context_mut();
        let func = func.into_burdock(ctx.engine.clone());
        Self(burdock::Func::wrap(ctx.as_burdock_mut(), func))
    }

    /// Returns the function's type.
    ///
    /// # Panics
    ///
    /// Panics if the function is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> FuncType {
        FuncType::from_burdock(&self.0.ty(ctx.as_context().store))
    }

    /// Calls the function, and writes its results to `outputs`, whose values do not matter.
    ///
    /// # Errors
    ///
    /// Fails if the values do not match the function's type, and if the function fails.
    pub fn call<T: 'static>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        let mut ctx = ctx.as_context_mut();
        let called = with_room(inputs.len() + outputs.len(), |values| {
            let (params, results) = values.split_at_mut(inputs.len());
            store_all(params, inputs);
            let mut scope = RootScope::new(ctx.as_burdock_mut());
            self.0.call(&mut scope, params, results)?;
            load_all(outputs, results, burdock::AsContext::as_context(&scope));
            Ok(())
        });
        called.map_err(|error| self.explain(&ctx, inputs, outputs.len(), error))
    }

    /// Calls the function. If a host function fails, or fuel is missing, the call can be resumed.
    ///
    /// # Errors
    ///
    /// Fails if the values do not match the function's type, if a guest traps, and if the function
    /// itself is one of the host and fails.
    pub fn call_resumable<T: 'static>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let mut ctx = ctx.as_context_mut();
        let mut scope = RootScope::new(ctx.as_burdock_mut());
        let params: Vals<_> = inputs.iter().map(Val::to_burdock).collect();
        let mut results: Vals<_> = outputs.iter().map(|_| burdock::Val::I32(0)).collect();
        match self.0.call_resumable(&mut scope, &params, &mut results) {
            Ok(call) => {
                let store = burdock::AsContext::as_context(&scope);
                ResumableCall::of(call, outputs, &results, store)
            }
            Err(error) => {
                drop(scope);
                Err(self.explain(&ctx, inputs, outputs.len(), error))
            }
        }
    }

    /// Returns the function with types that are checked once.
    ///
    /// # Errors
    ///
    /// Fails if the function is of another type.
    pub fn typed<Params, Results>(
        &self,
        ctx: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>, Error>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        TypedFunc::new(ctx.as_context(), *self)
    }

    /// Returns Burdock's function.
    pub fn as_burdock(&self) -> burdock::Func {
        self.0
    }

    /// Returns a function of Burdock as one of this crate.
    pub fn from_burdock(func: burdock::Func) -> Self {
        Self(func)
    }

    /// Returns why a call has failed. Values that do not match the function's type are found before
    /// the function is called.
    #[cold]
    fn explain(
        &self,
        ctx: impl AsContext,
        inputs: &[Val],
        outputs: usize,
        error: burdock::Error,
    ) -> Error {
        let ty = self.ty(ctx);
        let checked = ty
            .check_params(inputs.iter().map(Val::ty))
            .and_then(|()| ty.check_results_len(outputs));
        match checked {
            Ok(()) => Error::from_burdock(error),
            Err(error) => error.into(),
        }
    }
}

/// The number of values that calls and results have room for without an allocation.
const ROOM: usize = 8;

/// Lends values of Burdock. An array costs a third of a `SmallVec`.
fn with_room<R>(count: usize, body: impl FnOnce(&mut [burdock::Val]) -> R) -> R {
    const VALUE: burdock::Val = burdock::Val::I32(0);
    match [VALUE; ROOM].get_mut(..count) {
        Some(values) => body(values),
        None => body(&mut vec![VALUE; count]),
    }
}

/// Writes values of this crate to values of Burdock.
fn store_all(params: &mut [burdock::Val], inputs: &[Val]) {
    for (param, input) in params.iter_mut().zip(inputs) {
        *param = input.to_burdock();
    }
}

/// Writes values of Burdock to values of this crate.
pub(crate) fn load_all<T: 'static>(
    outputs: &mut [Val],
    results: &[burdock::Val],
    store: burdock::StoreContext<'_, T>,
) {
    for (output, result) in outputs.iter_mut().zip(results) {
        *output = Val::from_burdock(*result, store);
    }
}

/// Returns a closure for Burdock from one of wasmi.
pub(crate) fn untyped<T: 'static>(
    engine: Engine,
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
) -> impl Fn(burdock::Caller<'_, T>, &[burdock::Val], &mut [burdock::Val]) -> burdock::Result<()>
+ Send
+ Sync
+ 'static {
    move |caller, params, results| {
        let store = burdock::AsContext::as_context(&caller);
        let load = |param: &burdock::Val| Val::from_burdock(*param, store);
        let params: Vals<_> = params.iter().map(load).collect();
        let mut outputs: Vals<_> = ty.results().iter().copied().map(Val::default_for_ty).collect();
        func(Caller::new(caller, &engine), &params, &mut outputs).map_err(Error::into_burdock)?;
        for (result, output) in results.iter_mut().zip(&outputs) {
            *result = output.to_burdock();
        }
        Ok(())
    }
}
