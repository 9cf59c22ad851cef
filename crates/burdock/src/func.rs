//! `Func`: a function in a store, a guest's or the host's.

mod asynchronous;
mod call;
mod caller;
mod host;
mod into_func;
mod list;
mod raw;
mod resumable;
mod typed;
mod waiting;
mod wasm_ty;

pub(crate) use asynchronous::{typed_async, untyped_async, waits_for};
pub(crate) use call::lower_all;
pub use caller::Caller;
pub(crate) use host::{HostFunction, Hosts, untyped};
pub use into_func::{IntoFunc, WasmRet};
pub use list::{WasmParams, WasmResults};
pub use resumable::{
    ResumableCall, ResumableCallHookError, ResumableCallHostTrap, ResumableCallOutOfFuel,
    TypedResumableCall, TypedResumableCallHookError, TypedResumableCallHostTrap,
    TypedResumableCallOutOfFuel,
};
pub(crate) use resumable::{check_outputs, resume_snapshot};
pub use typed::TypedFunc;
pub(crate) use waiting::call as call_async;
pub use wasm_ty::WasmTy;

use crate::store::{StoreId, StoreOpaque};
use crate::{AsContext, AsContextMut, FuncType, Result, Val};
use burdock_core::FuncAddr;

/// A function in a store. The type is a `Copy` handle that is valid only with its store.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let add = Func::wrap(&mut store, |a: i32, b: i32| a + b);
/// let add = add.typed::<(i32, i32), i32>(&store)?;
/// assert_eq!(add.call(&mut store, (1, 2))?, 3);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Func {
    store: StoreId,
    addr: FuncAddr,
}

impl Func {
    pub(crate) fn from_addr(store: StoreId, addr: FuncAddr) -> Self {
        Self { store, addr }
    }

    #[inline]
    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns the function's address.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    #[inline]
    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> FuncAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Returns the function's address without comparing the store, which the caller has done.
    #[inline]
    pub(crate) fn raw_addr(&self) -> FuncAddr {
        self.addr
    }

    /// Creates a host function of a type that is only known at run time. The function gets its
    /// parameters and writes its results as [`Val`]s.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let store = store.as_context_mut();
        let func = host::untyped(store.engine(), ty, func);
        host::add(store, func)
    }

    /// Creates a host function as [`Func::new`] does.
    ///
    /// # Errors
    ///
    /// Never fails: Rust's allocator ends the process if no memory is left.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    ///
    /// Source: Wasmtime's `Func::try_new`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let ty = FuncType::try_new(&engine, [], [ValType::I32])?;
    /// let answer = Func::try_new(&mut store, ty, |_, _, results| {
    ///     results[0] = Val::I32(42);
    ///     Ok(())
    /// })?;
    /// assert_eq!(answer.typed::<(), i32>(&store)?.call(&mut store, ())?, 42);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new<T: 'static>(
        store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        Ok(Self::new(store, ty, func))
    }

    /// Creates a host function from a Rust function. The Rust function has up to 16 parameters, the
    /// first of which may be a [`Caller`], and returns a value, a tuple of values, or a `Result` of
    /// either.
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Self {
        let store = store.as_context_mut();
        let func = func.into_func(store.engine());
        host::add(store, func.0)
    }

    /// Creates a host function from a Rust function as [`Func::wrap`] does.
    ///
    /// # Errors
    ///
    /// Never fails: Rust's allocator ends the process if no memory is left.
    ///
    /// Source: Wasmtime's `Func::try_wrap`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let double = Func::try_wrap(&mut store, |x: i32| 2 * x)?;
    /// assert_eq!(double.typed::<i32, i32>(&store)?.call(&mut store, 21)?, 42);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_wrap<T: 'static, Params, Results>(
        store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<Self> {
        Ok(Self::wrap(store, func))
    }

    /// Returns the function's type.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        self.load_ty(store.as_context().opaque())
    }

    pub(crate) fn load_ty(&self, store: &StoreOpaque) -> FuncType {
        let func = store.vm.func(self.addr(store.id()));
        FuncType::from_id(store.engine(), func.ty)
    }

    /// Returns `true` if the function can be used as one of type `ty`.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &FuncType) -> bool {
        self.ty(store).matches(ty)
    }

    /// Returns the same function with static types, which are checked once, here, and not at each
    /// call.
    ///
    /// # Errors
    ///
    /// Fails if the types are not those of the function.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn typed<Params, Results>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        TypedFunc::checked(store.as_context().opaque(), *self)
    }
}
