//! Calls with `Val`s: checked one by one, written to the machine's slots and read from them.

use super::{Func, ResumableCall, resumable};
use crate::error::Context;
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
        let id = store.id();
        let (addr, ty) = self.checked(store.opaque(), params, results.len())?;
        let needed = ty.raw().param_slots().max(ty.raw().result_slots()) as usize;
        let mut slots = store.opaque().vm.args_mut(needed)?;
        for param in params {
            slots = param.store(slots);
        }
        let call = store.inner.vtable.call;
        call(store.reborrow(), addr)?;
        let result_slots = ty.raw().result_slots() as usize;
        Val::load_all(results, &ty, store.opaque().vm.results(result_slots), id);
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
        let id = store.id();
        let (addr, ty) = self.checked(store.opaque(), params, results.len())?;
        let (slots, mut raw_results) = stage(&ty, params);
        let call = store.inner.vtable.call_resumable;
        let ended = call(store.reborrow(), addr, &slots, &mut raw_results);
        resumable::finish(id, *self, &ty, ended, &raw_results, results)
    }
}

impl Func {
    /// Returns the function's address and type, after checking that it belongs to a store and can
    /// be called with these values and this number of results.
    #[inline]
    pub(super) fn checked(
        self,
        store: &mut StoreOpaque,
        params: &[Val],
        results: usize,
    ) -> Result<(FuncAddr, FuncType)> {
        let addr = self.addr(store.id());
        let ty = self.load_ty(store);
        check_args(store, &ty, params, results)?;
        Ok((addr, ty))
    }
}

/// Returns the slots of checked arguments, and room for those of the results.
pub(super) fn stage(ty: &FuncType, params: &[Val]) -> (Vec<u64>, Vec<u64>) {
    let mut slots = vec![0; ty.raw().param_slots() as usize];
    let mut rest = &mut slots[..];
    for param in params {
        rest = param.store(rest);
    }
    (slots, vec![0; ty.raw().result_slots() as usize])
}

/// Checks that values can be passed to a function of this type.
fn check_args(store: &StoreOpaque, ty: &FuncType, params: &[Val], results: usize) -> Result<()> {
    let expected = ty.params().len();
    if expected != params.len() {
        bail!("expected {expected} arguments, got {}", params.len());
    }
    let expected = ty.results().len();
    if expected != results {
        bail!("expected {expected} results, got {results}");
    }
    let is_object = |ty: &raw::ValType| match ty {
        raw::ValType::Ref(ty) => ty.heap.top() == raw::HeapType::Any,
        _ => false,
    };
    if let Some(object) = ty.raw().all().iter().find(|ty| is_object(ty)) {
        bail!("values of type `{object}` cannot pass between guest and host yet");
    }
    for (ty, param) in ty.raw().params().iter().zip(params) {
        if !param.comes_from(store.id()) {
            bail!("cross-`Store` values are not currently supported");
        }
        param.ensure_matches(store, ty).context("argument type mismatch")?;
    }
    Ok(())
}
