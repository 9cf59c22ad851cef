//! `Func`: functions of guests and of the host.

mod caller;
mod into_func;
mod list;
mod resumable;
mod typed;
mod values;
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
use burdock::RootScope;
use values::{load_all, store_all, with_room};

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
        let called = with_room(burdock::Val::I32(0), inputs.len() + outputs.len(), |values| {
            let (params, results) = values.split_at_mut(inputs.len());
            store_all(params, inputs);
            let mut scope = RootScope::new(ctx.as_burdock_mut());
            self.0.call(&mut scope, params, results)?;
            load_all(outputs, results, burdock::AsContext::as_context(&scope));
            Ok(())
        });
        called.map_err(|error| self.explain(&ctx, inputs, outputs, error))
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
        let called = with_room(burdock::Val::I32(0), inputs.len() + outputs.len(), |values| {
            let (params, results) = values.split_at_mut(inputs.len());
            store_all(params, inputs);
            let mut scope = RootScope::new(ctx.as_burdock_mut());
            let call = self.0.call_resumable(&mut scope, params, results)?;
            let store = burdock::AsContext::as_context(&scope);
            let ty = || FuncType::from_burdock(&self.0.ty(store));
            Ok(ResumableCall::of(call, ty, outputs, results, store))
        });
        match called {
            Ok(call) => call,
            Err(error) => Err(self.explain(&ctx, inputs, outputs, error)),
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
        outputs: &mut [Val],
        error: burdock::Error,
    ) -> Error {
        let ty = self.ty(ctx);
        let checked =
            ty.check_params(inputs.iter().map(Val::ty)).and_then(|()| ty.prepare(outputs));
        match checked {
            Ok(()) => Error::from_burdock(error),
            Err(error) => error.into(),
        }
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
        with_room(Val::I32(0), params.len() + results.len(), |values| {
            let (inputs, outputs) = values.split_at_mut(params.len());
            load_all(inputs, params, burdock::AsContext::as_context(&caller));
            for (output, ty) in outputs.iter_mut().zip(ty.results()) {
                *output = Val::default_for_ty(*ty);
            }
            let called = func(Caller::new(caller, &engine), inputs, outputs);
            called.map_err(Error::into_burdock)?;
            store_all(results, outputs);
            Ok(())
        })
    }
}
