//! Host functions and calls with values that have no types. What Wasmtime declares unsafe is safe
//! here: the types are known, numbers of any type are bits, and references are looked up. What is
//! left unchecked is whether embedder and type agree on what the bits mean.

use super::{Caller, Func, HostFunction, host};
use crate::error::Context;
use crate::types::raw;
use crate::{AsContextMut, Engine, FuncType, Linker, Result, StoreContextMut, ValRaw, ensure};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use burdock_core::SlotSpan;

impl Func {
    /// Creates a host function on a slice of values without types, which holds the parameters and
    /// takes the results. The length of the slice is the larger of the numbers of both.
    ///
    /// Wasmtime's is `unsafe`, and its slice's elements are `MaybeUninit`.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let ty = FuncType::new(&engine, [ValType::I32, ValType::I32], [ValType::I64]);
    /// let add = Func::new_unchecked(&mut store, ty, |_, values| {
    ///     let sum = i64::from(values[0].get_i32()) + i64::from(values[1].get_i32());
    ///     values[0] = ValRaw::i64(sum);
    ///     Ok(())
    /// });
    /// let mut values = [ValRaw::i32(1), ValRaw::i32(2)];
    /// add.call_unchecked(&mut store, &mut values)?;
    /// assert_eq!(values[0].get_i64(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new_unchecked<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let store = store.as_context_mut();
        let func = unchecked(store.engine(), ty, func);
        host::add(store, func)
    }

    /// Calls the function with parameters from a slice of values without types, where it leaves
    /// its results. Wasmtime's is `unsafe` and takes a pointer.
    ///
    /// # Errors
    ///
    /// Fails if the slice is too short for parameters or results; if a reference is none of the
    /// store; or if the call failed, as for [`Func::call`].
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn call_unchecked(
        &self,
        mut store: impl AsContextMut,
        params_and_returns: &mut [ValRaw],
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let addr = self.addr(store.id());
        let ty = self.load_ty(store.opaque());
        let ty = ty.raw();
        let needed = ty.params().len().max(ty.results().len());
        let given = params_and_returns.len();
        ensure!(given >= needed, "expected room for {needed} values, got {given}");
        let mut slots = vec![0; ty.param_slots().max(ty.result_slots()) as usize];
        store_raw(&store, ty.params(), params_and_returns, &mut slots)?;
        store.opaque().vm.args_mut(slots.len())?.copy_from_slice(&slots);
        let call = store.inner.vtable.call;
        call(store.reborrow(), addr)?;
        let slots = store.opaque().vm.results(ty.result_slots() as usize);
        load_raw(ty.results(), slots, params_and_returns);
        Ok(())
    }
}

impl<T: 'static> Linker<T> {
    /// Defines a host function that gets and gives values without types, see
    /// [`Func::new_unchecked`].
    ///
    /// # Errors
    ///
    /// Fails if the name is defined already.
    pub fn func_new_unchecked(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self> {
        let func = unchecked(self.engine(), ty, func);
        self.define_host(module, name, func)
    }
}

/// # Panics
///
/// Panics if the type is of another engine.
fn unchecked<T: 'static>(
    engine: &Engine,
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
) -> Arc<HostFunction<T>> {
    assert!(Engine::same(engine, ty.engine()), "type used with wrong engine");
    let own = ty.clone();
    let body = move |mut store: StoreContextMut<'_, T>, span: SlotSpan| -> Result<()> {
        let types = own.raw();
        let count = types.params().len().max(types.results().len());
        let mut values = vec![ValRaw::i64(0); count];
        load_raw(types.params(), store.inner.opaque.vm.slots(span), &mut values);
        store.in_scope(|store| store.lend(|store| func(Caller { store }, &mut values)))?;
        let mut slots = vec![0; types.result_slots() as usize];
        store_raw(&store, types.results(), &values, &mut slots)
            .context("function attempted to return an incompatible value")?;
        store.inner.opaque.vm.slots_mut(span)[..slots.len()].copy_from_slice(&slots);
        Ok(())
    };
    Arc::new(HostFunction { ty, body: Box::new(body) })
}

/// Reads values of these types.
fn load_raw(types: &[raw::ValType], mut slots: &[u64], values: &mut [ValRaw]) {
    for (ty, value) in types.iter().zip(values) {
        let (own, rest) = slots.split_at(ty.slots() as usize);
        *value = ValRaw::from_halves([own[0], own.get(1).copied().unwrap_or(0)]);
        slots = rest;
    }
}

/// Writes values of these types.
fn store_raw<T: 'static>(
    store: &StoreContextMut<'_, T>,
    types: &[raw::ValType],
    values: &[ValRaw],
    mut slots: &mut [u64],
) -> Result<()> {
    for (ty, value) in types.iter().zip(values) {
        let halves = value.to_halves(ty, &store.inner.opaque)?;
        let (own, rest) = slots.split_at_mut(ty.slots() as usize);
        own.copy_from_slice(&halves[..own.len()]);
        slots = rest;
    }
    Ok(())
}
