//! Functions.

use std::ffi::c_void;
use std::sync::Arc;

use burdock::{AsContextMut, Caller, Error, Func, FuncType, Result, RootScope, Val};

use crate::abi::{Finalizer, Given, Payload, wrong_kind};
use crate::cell::{Data, StoreCell};
use crate::vecs::CVec;
use crate::wasm::engine::wasm_store_t;
use crate::wasm::entity_types::wasm_functype_t;
use crate::wasm::object::{Object, wasm_func_t, wasm_ref_t, wasm_trap_t};
use crate::wasm::val::{to_vals, wasm_val_t, wasm_val_vec_t, write_all};

/// A host function of `wasm.h`.
pub(crate) type wasm_func_callback_t =
    Option<extern "C-unwind" fn(&wasm_val_vec_t, &mut wasm_val_vec_t) -> Option<Box<wasm_trap_t>>>;

/// A host function of `wasm.h` with data of its own.
pub(crate) type wasm_func_callback_with_env_t = Option<
    extern "C-unwind" fn(
        *mut c_void,
        &wasm_val_vec_t,
        &mut wasm_val_vec_t,
    ) -> Option<Box<wasm_trap_t>>,
>;

impl wasm_func_t {
    pub(crate) fn new(cell: &Arc<StoreCell>, func: Func) -> Box<Self> {
        Box::new(Self(wasm_ref_t(Object::Extern(cell.clone(), func.into()))))
    }

    fn parts(&self) -> (&Arc<StoreCell>, Func) {
        match self.0.0.func() {
            Some(parts) => parts,
            None => wrong_kind(),
        }
    }

    fn ty(&self) -> FuncType {
        let (cell, func) = self.parts();
        cell.with(|store| func.ty(&store))
    }
}

/// Calls a function of C with values as `wasm.h` has them.
fn call_host(
    mut caller: Caller<'_, Data>,
    (params, results): (&[Val], &mut [Val]),
    ty: &FuncType,
    call: impl FnOnce(&wasm_val_vec_t, &mut wasm_val_vec_t) -> Option<Box<wasm_trap_t>>,
) -> Result<()> {
    let cell = caller.data().cell();
    let mut args: Vec<wasm_val_t> = Vec::with_capacity(params.len());
    for param in params {
        args.push(wasm_val_t::new(&cell, caller.as_context_mut(), *param));
    }
    let mut answers: Vec<wasm_val_t> = Vec::with_capacity(results.len());
    for ty in ty.results() {
        // References that are never null begin as null, too: the function has to write them.
        let value = Val::default_for_ty(&ty).unwrap_or(Val::FuncRef(None));
        answers.push(wasm_val_t::new(&cell, caller.as_context_mut(), value));
    }
    let args: wasm_val_vec_t = args.into();
    let mut answers: wasm_val_vec_t = answers.into();
    if let Some(trap) = cell.lend_caller(&mut caller, |_| call(&args, &mut answers)) {
        return Err(trap.into_error());
    }
    let values = to_vals(answers.as_slice(), &cell, caller.as_context_mut(), ty.results())?;
    results.copy_from_slice(&values);
    Ok(())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_new(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_functype_t>,
    callback: wasm_func_callback_t,
) -> Box<wasm_func_t> {
    let cell = &store.given("wasm_func_new: store").cell;
    let ty = ty.given("wasm_func_new: type");
    let callback = callback.given("wasm_func_new: callback");
    let func = cell.with(|store| {
        let ty = ty.ty(store.engine());
        Func::new(store, ty.clone(), move |caller, params, results| {
            call_host(caller, (params, results), &ty, |args, answers| callback(args, answers))
        })
    });
    wasm_func_t::new(cell, func)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_new_with_env(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_functype_t>,
    callback: wasm_func_callback_with_env_t,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Box<wasm_func_t> {
    let cell = &store.given("wasm_func_new_with_env: store").cell;
    let ty = ty.given("wasm_func_new_with_env: type");
    let callback = callback.given("wasm_func_new_with_env: callback");
    let env = Payload::new(env, finalizer);
    let func = cell.with(|store| {
        let ty = ty.ty(store.engine());
        Func::new(store, ty.clone(), move |caller, params, results| {
            call_host(caller, (params, results), &ty, |args, answers| {
                callback(env.data(), args, answers)
            })
        })
    });
    wasm_func_t::new(cell, func)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_type(func: Option<&wasm_func_t>) -> Box<wasm_functype_t> {
    Box::new(wasm_functype_t::new(&func.given("wasm_func_type: func").ty()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_param_arity(func: Option<&wasm_func_t>) -> usize {
    func.given("wasm_func_param_arity: func").ty().params().len()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_result_arity(func: Option<&wasm_func_t>) -> usize {
    func.given("wasm_func_result_arity: func").ty().results().len()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_func_call(
    func: Option<&wasm_func_t>,
    args: Option<&wasm_val_vec_t>,
    results: Option<&mut wasm_val_vec_t>,
) -> Option<Box<wasm_trap_t>> {
    let func = func.given("wasm_func_call: func");
    let args = args.map_or(&[][..], CVec::as_slice);
    let places = results.map_or(&mut [][..], CVec::as_uninit_mut);
    let (cell, func) = func.parts();
    // The function's object may be deleted before the call is over.
    let cell = cell.clone();
    let called = cell.with(|store| -> Result<(), Error> {
        let mut store = RootScope::new(store);
        let ty = func.ty(&store);
        let params = to_vals(args, &cell, store.as_context_mut(), ty.params())?;
        let mut results = vec![Val::I32(0); ty.results().len()];
        func.call(&mut store, &params, &mut results)?;
        write_all(places, &cell, store.as_context_mut(), &results);
        Ok(())
    });
    called.err().map(wasm_trap_t::new)
}
