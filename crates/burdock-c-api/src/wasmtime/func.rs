//! Functions, and the callers of host functions.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use burdock::{AsContextMut, Caller, Func, Result, RootScope, Val, ValRaw};

use crate::abi::{Finalizer, Given, Out, Payload, fill, slice, slice_mut, text};
use crate::cell::{Current, Data, StoreCell};
use crate::wasm::entity_types::wasm_functype_t;
use crate::wasm::object::wasm_trap_t;
use crate::wasmtime::error::{Outcome, finish_call};
use crate::wasmtime::external::{wasmtime_extern_t, wasmtime_func_t};
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::val::{OwnedValues, get_all, wasmtime_val_raw_t, wasmtime_val_t, write_all};

/// The caller of a host function, during the call.
pub(crate) struct wasmtime_caller_t<'c> {
    cell: &'c StoreCell,
    current: Current,
}

impl<'c> wasmtime_caller_t<'c> {
    pub(crate) fn new(cell: &'c StoreCell, current: Current) -> Self {
        Self { cell, current }
    }
}

/// A host function.
type Checked = extern "C-unwind" fn(
    *mut c_void,
    &wasmtime_caller_t<'_>,
    *const wasmtime_val_t,
    usize,
    *mut wasmtime_val_t,
    usize,
) -> Option<Box<wasm_trap_t>>;

/// A host function, or null.
pub(crate) type wasmtime_func_callback_t = Option<Checked>;

/// A host function on values without types.
type Unchecked = extern "C-unwind" fn(
    *mut c_void,
    &wasmtime_caller_t<'_>,
    *mut wasmtime_val_raw_t,
    usize,
) -> Option<Box<wasm_trap_t>>;

/// A host function on values without types, or null.
pub(crate) type wasmtime_func_unchecked_callback_t = Option<Unchecked>;

/// A host function that is there, with its data.
pub(crate) struct Host<F> {
    callback: F,
    env: Payload,
}

impl<F> Host<F> {
    /// Puts a host function together. `what` names the function that got the callback.
    pub(crate) fn given(
        callback: Option<F>,
        env: *mut c_void,
        finalizer: Finalizer,
        what: &str,
    ) -> Self {
        let env = Payload::new(env, finalizer);
        Self { callback: callback.given(what), env }
    }
}

impl Host<Checked> {
    /// Calls the function.
    pub(crate) fn call(
        &self,
        mut caller: Caller<'_, Data>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let cell = caller.data().cell();
        let mut args = OwnedValues::new(&cell, caller.as_context_mut(), params);
        let mut answers = OwnedValues::zeros(results.len());
        let trap = cell.lend_caller(&mut caller, |current| {
            let caller = wasmtime_caller_t::new(&cell, current);
            let (args, nargs) = args.parts();
            let (answers, nanswers) = answers.parts();
            (self.callback)(self.env.data(), &caller, args, nargs, answers, nanswers)
        });
        if let Some(trap) = trap {
            return Err(trap.into_error());
        }
        let what = "a result of a host function";
        results.copy_from_slice(&get_all(answers.as_slice(), &cell, &mut caller, what)?);
        Ok(())
    }
}

impl Host<Unchecked> {
    /// Calls the function.
    pub(crate) fn call(&self, mut caller: Caller<'_, Data>, values: &mut [ValRaw]) -> Result<()> {
        let cell = caller.data().cell();
        let (data, len) = (values.as_mut_ptr().cast(), values.len());
        let trap = cell.lend_caller(&mut caller, |current| {
            let caller = wasmtime_caller_t::new(&cell, current);
            (self.callback)(self.env.data(), &caller, data, len)
        });
        trap.map_or(Ok(()), |trap| Err(trap.into_error()))
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_new(
    context: Option<&wasmtime_context_t>,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_callback_t,
    env: *mut c_void,
    finalizer: Finalizer,
    out: Out<'_, wasmtime_func_t>,
) {
    let context = context.given("wasmtime_func_new: store");
    let ty = ty.given("wasmtime_func_new: type");
    let host = Host::given(callback, env, finalizer, "wasmtime_func_new: callback");
    let func = context.with(|mut store| {
        let ty = ty.ty(store.engine());
        let call = move |caller: Caller<'_, Data>, params: &[Val], results: &mut [Val]| {
            host.call(caller, params, results)
        };
        let func = Func::new(&mut store, ty, call);
        wasmtime_func_t::new(context, &mut store, func)
    });
    fill(out, func);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_new_unchecked(
    context: Option<&wasmtime_context_t>,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_unchecked_callback_t,
    env: *mut c_void,
    finalizer: Finalizer,
    out: Out<'_, wasmtime_func_t>,
) {
    let context = context.given("wasmtime_func_new_unchecked: store");
    let ty = ty.given("wasmtime_func_new_unchecked: type");
    let host = Host::given(callback, env, finalizer, "wasmtime_func_new_unchecked: callback");
    let func = context.with(|mut store| {
        let ty = ty.ty(store.engine());
        let call = move |caller: Caller<'_, Data>, values: &mut [ValRaw]| host.call(caller, values);
        let func = Func::new_unchecked(&mut store, ty, call);
        wasmtime_func_t::new(context, &mut store, func)
    });
    fill(out, func);
}

/// Returns the function that an argument stands for.
fn get(
    func: Option<&wasmtime_func_t>,
    context: &wasmtime_context_t,
    mut store: impl AsContextMut<Data = Data>,
    what: &str,
) -> Func {
    func.given(what).get(context, &mut store.as_context_mut(), what).given(what)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_type(
    context: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
) -> Box<wasm_functype_t> {
    let context = context.given("wasmtime_func_type: store");
    context.with(|mut store| {
        let func = get(func, context, &mut store, "wasmtime_func_type: func");
        Box::new(wasm_functype_t::new(&func.ty(&store)))
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_call(
    context: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
    args: *const wasmtime_val_t,
    nargs: usize,
    results: *mut MaybeUninit<wasmtime_val_t>,
    nresults: usize,
    trap: Out<'_, Option<Box<wasm_trap_t>>>,
) -> Outcome {
    let context = context.given("wasmtime_func_call: store");
    // SAFETY: [HEADER] there are `nargs` arguments.
    let args = unsafe { slice(args, nargs, "wasmtime_func_call: args") };
    // SAFETY: [HEADER] there is room for `nresults` results.
    let places = unsafe { slice_mut(results, nresults, "wasmtime_func_call: results") };
    let called = context.with(|store| {
        let mut store = RootScope::new(store);
        let func = get(func, context, &mut store, "wasmtime_func_call: func");
        let args = get_all(args, context, &mut store, "wasmtime_func_call: an argument")?;
        let mut values = vec![Val::I32(0); places.len()];
        func.call(&mut store, &args, &mut values)?;
        write_all(places, context, &mut store, &values);
        Ok(())
    });
    finish_call(called, trap, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_call_unchecked(
    context: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
    values: *mut wasmtime_val_raw_t,
    len: usize,
    trap: Out<'_, Option<Box<wasm_trap_t>>>,
) -> Outcome {
    let context = context.given("wasmtime_func_call_unchecked: store");
    let what = "wasmtime_func_call_unchecked: args_and_results";
    // SAFETY: [HEADER] there are `len` values, whose structure is that of `ValRaw`.
    let values = unsafe { slice_mut(values.cast::<ValRaw>(), len, what) };
    let called = context.with(|mut store| {
        let func = get(func, context, &mut store, "wasmtime_func_call_unchecked: func");
        func.call_unchecked(&mut store, values)
    });
    finish_call(called, trap, |()| {})
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_caller_export_get(
    caller: Option<&wasmtime_caller_t<'_>>,
    name: *const u8,
    name_len: usize,
    out: Out<'_, wasmtime_extern_t>,
) -> bool {
    let caller = caller.given("wasmtime_caller_export_get: caller");
    // SAFETY: [HEADER] the name has `name_len` bytes.
    let name = unsafe { text(name, name_len, "wasmtime_caller_export_get: name") };
    let Some(name) = name else { return false };
    let item = caller.cell.with_caller(caller.current, |engine_caller| {
        let item = engine_caller.get_export(name)?;
        Some(wasmtime_extern_t::new(caller.cell, &mut engine_caller.as_context_mut(), item))
    });
    item.flatten().map(|item| fill(out, item)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_caller_context<'c>(
    caller: Option<&wasmtime_caller_t<'c>>,
) -> &'c wasmtime_context_t {
    caller.given("wasmtime_caller_context: caller").cell
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_from_raw(
    context: Option<&wasmtime_context_t>,
    raw: *mut c_void,
    out: Out<'_, wasmtime_func_t>,
) {
    let context = context.given("wasmtime_func_from_raw: context");
    let func = context.with(|mut store| {
        let func = Func::from_raw(&mut store, raw);
        func.map_or(wasmtime_func_t::NULL, |func| wasmtime_func_t::new(context, &mut store, func))
    });
    fill(out, func);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_func_to_raw(
    context: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
) -> *mut c_void {
    let context = context.given("wasmtime_func_to_raw: context");
    let func = func.given("wasmtime_func_to_raw: func");
    context.with(|mut store| {
        let func = func.get(context, &mut store, "wasmtime_func_to_raw: func");
        func.map_or(std::ptr::null_mut(), |func| func.to_raw(&mut store))
    })
}
