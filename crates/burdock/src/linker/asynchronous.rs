//! Asynchronous host functions in a linker, and instantiation that waits for them.

use super::Linker;
use crate::func::{typed_async, untyped_async};
use crate::instance::instantiate_async;
use crate::{AsContextMut, Caller, FuncType, Instance, Module, Result, Val, WasmParams, WasmRet};
use alloc::boxed::Box;
use core::future::Future;

impl<T: 'static> Linker<T> {
    /// Defines an asynchronous host function from a Rust function that returns futures and takes
    /// the [`Caller`] and a tuple of parameters. Guests have to be called with
    /// [`Func::call_async`](crate::Func::call_async) or a similar method; in other calls the
    /// function fails.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     loop {
    /// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
    /// #             return output;
    /// #         }
    /// #     }
    /// # }
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module
    ///     (import "host" "fetch" (func $fetch (param i32) (result i32)))
    ///     (func (export "run") (result i32) (call $fetch (i32.const 41))))"#)?;
    /// let mut linker = Linker::<u32>::new(&engine);
    /// linker.func_wrap_async("host", "fetch", |mut caller, (page,): (i32,)| {
    ///     Box::new(async move {
    ///         std::future::ready(()).await;
    ///         *caller.data_mut() += 1;
    ///         page + 1
    ///     })
    /// })?;
    /// let mut store = Store::new(&engine, 0);
    /// let answer = block_on(async {
    ///     let instance = linker.instantiate_async(&mut store, &module).await?;
    ///     let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    ///     run.call_async(&mut store, ()).await
    /// })?;
    /// assert_eq!((answer, *store.data()), (42, 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn func_wrap_async<F, Params: WasmParams, Results: WasmRet + 'static>(
        &mut self,
        module: &str,
        name: &str,
        func: F,
    ) -> Result<&mut Self>
    where
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Results> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        let func = typed_async(&self.engine, func);
        self.define_host(module, name, func)
    }

    /// Defines an asynchronous host function of a type that is only known at run time.
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub fn func_new_async<F>(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: F,
    ) -> Result<&mut Self>
    where
        T: Send,
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        let func = untyped_async(&self.engine, ty, func);
        self.define_host(module, name, func)
    }

    /// Instantiates a module, waiting for the asynchronous host functions that its start function
    /// calls.
    ///
    /// # Errors
    ///
    /// Fails as [`Linker::instantiate`] does.
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        let mut store = store.as_context_mut();
        let imports = self.imports_in(&mut store, module)?;
        instantiate_async(&mut store, module, &imports).await
    }
}
