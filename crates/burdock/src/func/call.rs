//! Calls with `Val`s: checked one by one, written to the machine's slots and read from them.

use super::{Func, ResumableCall, resumable};
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{AsContextMut, FuncType, Result, Val, bail};
use alloc::vec;
use alloc::vec::Vec;
use burdock_core::FuncAddr;

impl Func {
    /// Calls the function.
    ///
    /// # Errors
    ///
    /// Fails if the arguments or the number of results do not fit the type; or if the call fails
    /// with a [`Trap`](crate::Trap), or with what a host function or a hook returned.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let double = Func::wrap(&mut store, |a: i32| 2 * a);
    /// let mut results = [Val::I32(0)];
    /// double.call(&mut store, &[Val::I32(21)], &mut results)?;
    /// assert_eq!(results[0].unwrap_i32(), 42);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let (addr, ty) = self.checked(store.opaque(), params.len(), results.len())?;
        let needed = ty.raw().param_slots().max(ty.raw().result_slots()) as usize;
        store.opaque().vm.args_mut(needed)?;
        let mut at = 0;
        for (param, ty) in params.iter().zip(ty.raw().params()) {
            let halves = param.lower_argument(store.opaque(), ty)?;
            let len = ty.slots() as usize;
            let slots = store.opaque().vm.args_mut(needed)?;
            slots[at..at + len].copy_from_slice(&halves[..len]);
            at += len;
        }
        let call = store.inner.vtable.call;
        call(store.reborrow(), addr)?;
        let result_slots = ty.raw().result_slots() as usize;
        let store = store.opaque();
        Val::load_all(results, &ty, store.vm.results(result_slots), store);
        Ok(())
    }

    /// Calls the function so that it can be resumed when a host function fails or fuel runs out.
    ///
    /// # Errors
    ///
    /// Fails as [`Func::call`] does, except for errors of host functions and lack of fuel.
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    ///
    /// Source: wasmi's `Func::call_resumable`.
    ///
    /// # Example
    ///
    /// Answers in place of a host function that fails:
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, ());
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "ask", || -> Result<i32> { bail!("no answer yet") })?;
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///         (import "host" "ask" (func $ask (result i32)))
    ///         (func (export "run") (result i32) (i32.add (call $ask) (i32.const 1))))
    /// "#)?;
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// let run = instance.get_func(&mut store, "run").unwrap();
    /// let mut results = [Val::I32(0)];
    /// match run.call_resumable(&mut store, &[], &mut results)? {
    ///     ResumableCall::HostTrap(stopped) => {
    ///         assert_eq!(stopped.host_error().to_string(), "no answer yet");
    ///         stopped.resume(&mut store, &[Val::I32(41)], &mut results)?;
    ///     }
    ///     other => panic!("not stopped: {other:?}"),
    /// }
    /// assert_eq!(results[0].unwrap_i32(), 42);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Refills the fuel until the call ends:
    ///
    /// ```
    /// use burdock::*;
    /// let mut config = Config::new();
    /// config.consume_fuel(true);
    /// let engine = Engine::new(&config)?;
    /// let module = Module::new(&engine, r#"
    ///     (module (func (export "count") (param $n i32) (result i32)
    ///         (loop $next
    ///             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    ///             (br_if $next (local.get $n)))
    ///         (local.get $n)))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(100)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let count = instance.get_func(&mut store, "count").unwrap();
    /// let (mut results, mut refills) = ([Val::I32(1)], 0);
    /// let mut call = count.call_resumable(&mut store, &[Val::I32(100)], &mut results)?;
    /// while let ResumableCall::OutOfFuel(stopped) = call {
    ///     refills += 1;
    ///     store.set_fuel(stopped.required_fuel() + 100)?;
    ///     call = stopped.resume(&mut store, &mut results)?;
    /// }
    /// assert!(refills > 0 && results[0].unwrap_i32() == 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        let (addr, ty) = self.checked(store.opaque(), params.len(), results.len())?;
        let (slots, mut raw_results) = stage(store.opaque(), &ty, params)?;
        let call = store.inner.vtable.call_resumable;
        let ended = call(store.reborrow(), addr, &slots, &mut raw_results);
        resumable::finish(store.opaque(), *self, &ty, ended, &raw_results, results)
    }
}

impl Func {
    /// Returns the function's address and type, after checking that it belongs to a store and can
    /// be called with so many values and results.
    #[inline]
    pub(super) fn checked(
        self,
        store: &mut StoreOpaque,
        params: usize,
        results: usize,
    ) -> Result<(FuncAddr, FuncType)> {
        let addr = self.addr(store.id());
        let ty = self.load_ty(store);
        let expected = ty.params().len();
        if expected != params {
            bail!("expected {expected} arguments, got {params}");
        }
        let expected = ty.results().len();
        if expected != results {
            bail!("expected {expected} results, got {results}");
        }
        Ok((addr, ty))
    }
}

/// Returns the slots of arguments, which are checked, and room for those of the results.
pub(super) fn stage(
    store: &StoreOpaque,
    ty: &FuncType,
    params: &[Val],
) -> Result<(Vec<u64>, Vec<u64>)> {
    let mut slots = Vec::with_capacity(params.len());
    for (param, ty) in params.iter().zip(ty.raw().params()) {
        let halves = param.lower_argument(store, ty)?;
        slots.extend_from_slice(&halves[..ty.slots() as usize]);
    }
    Ok((slots, vec![0; ty.raw().result_slots() as usize]))
}

/// Returns the slots of values, each of which has to be of its type.
pub(crate) fn lower_all(
    store: &StoreOpaque,
    values: &[Val],
    types: &[raw::ValType],
) -> Result<Vec<u64>> {
    let mut slots = Vec::with_capacity(values.len());
    for (value, ty) in values.iter().zip(types) {
        let halves = value.lower_as(store, ty)?;
        slots.extend_from_slice(&halves[..ty.slots() as usize]);
    }
    Ok(slots)
}
