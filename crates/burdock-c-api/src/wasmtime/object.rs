//! Structures, arrays and exceptions: making them, and their fields.

use burdock::{
    ArrayRef, ArrayRefPre, AsContextMut, ExnRef, ExnRefPre, ExnType, GcRef, Result, RootScope,
    Rooted, StructRef, StructRefPre, Val, format_err,
};

use crate::abi::{Given, Out, fill, slice};
use crate::vecs::delete_function;
use crate::wasm::object::wasm_trap_t;
use crate::wasmtime::composite::{
    wasmtime_array_type_t, wasmtime_exn_type_t, wasmtime_struct_type_t,
};
use crate::wasmtime::error::{Outcome, finish};
use crate::wasmtime::external::wasmtime_tag_t;
use crate::wasmtime::reference::{
    Reference, Scope, ask, wasmtime_arrayref_t, wasmtime_exnref_t, wasmtime_structref_t,
};
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::val::{get_all, wasmtime_val_t};

/// A type of structures, prepared for a store.
pub(crate) struct wasmtime_struct_ref_pre_t {
    store_id: u64,
    pre: StructRefPre,
}

/// A type of arrays, prepared for a store.
pub(crate) struct wasmtime_array_ref_pre_t {
    store_id: u64,
    pre: ArrayRefPre,
}

delete_function! { wasmtime_struct_ref_pre_t: wasmtime_struct_ref_pre_delete }
delete_function! { wasmtime_array_ref_pre_t: wasmtime_array_ref_pre_delete }

type Context<'a> = Option<&'a wasmtime_context_t>;

/// Makes an object. Leaves null if `make` fails.
fn make<R: GcRef>(
    context: &wasmtime_context_t,
    out: Out<'_, Reference<R>>,
    make: impl FnOnce(&mut Scope<'_>) -> Result<Rooted<R>>,
) -> Outcome {
    let made = context.with(|store| {
        let mut store = RootScope::new(store);
        let value = make(&mut store)?;
        burdock::error::Ok(Reference::new(context, &mut store.as_context_mut(), Some(value)))
    });
    match made {
        Ok(made) => finish(Ok(made), |made| fill(out, made)),
        Err(error) => {
            fill(out, Reference::NULL);
            finish(Err(error), |()| {})
        }
    }
}

/// Does something with an object.
///
/// # Errors
///
/// Fails if the reference is null, or if `call` fails.
fn with<R: GcRef, A>(
    context: Context<'_>,
    value: Option<&Reference<R>>,
    what: &str,
    call: impl FnOnce(Rooted<R>, &mut Scope<'_>) -> Result<A>,
) -> Result<A> {
    let mut result = Err(format_err!("{what}: the reference is null"));
    ask(context, value, what, |value, store| {
        result = call(value, store);
        Ok(())
    });
    result
}

/// Reads a value of an object.
fn read<R: GcRef>(
    context: Context<'_>,
    value: Option<&Reference<R>>,
    what: &str,
    out: Out<'_, wasmtime_val_t>,
    read: impl FnOnce(Rooted<R>, &mut Scope<'_>) -> Result<Val>,
) -> Outcome {
    let cell = context.given(what);
    let read = with(context, value, what, |value, store| {
        let value = read(value, store)?;
        Ok(wasmtime_val_t::new(cell, &mut store.as_context_mut(), value))
    });
    finish(read, |value| fill(out, value))
}

/// Writes a value of an object.
fn write<R: GcRef>(
    context: Context<'_>,
    value: Option<&Reference<R>>,
    what: &str,
    new: Option<&wasmtime_val_t>,
    write: impl FnOnce(Rooted<R>, &mut Scope<'_>, Val) -> Result<()>,
) -> Outcome {
    let cell = context.given(what);
    let new = new.given(what);
    let written = with(context, value, what, |value, store| {
        let new = new.get(cell, &mut store.as_context_mut(), what)?;
        write(value, store, new)
    });
    finish(written, |()| {})
}

/// Ends the process if what is prepared for a store is used with another.
fn same_store(store_id: u64, context: &wasmtime_context_t, what: &str) {
    if store_id != context.id() {
        crate::abi::fail(&format!("{what} belongs to another store"));
    }
}

/// Ends the process if a type is of another engine than the store.
fn same_engine(engine: &burdock::Engine, context: &wasmtime_context_t, what: &str) {
    if !context.with(|store| burdock::Engine::same(store.engine(), engine)) {
        crate::abi::fail(&format!("{what} belongs to another engine"));
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_struct_ref_pre_new(
    context: Context<'_>,
    ty: Option<&wasmtime_struct_type_t>,
) -> Box<wasmtime_struct_ref_pre_t> {
    let context = context.given("wasmtime_struct_ref_pre_new: context");
    let ty = &ty.given("wasmtime_struct_ref_pre_new: type").0;
    same_engine(ty.engine(), context, "wasmtime_struct_ref_pre_new: type");
    let pre = context.with(|store| StructRefPre::new(store, ty.clone()));
    Box::new(wasmtime_struct_ref_pre_t { store_id: context.id(), pre })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_structref_new(
    context: Context<'_>,
    pre: Option<&wasmtime_struct_ref_pre_t>,
    fields: *const wasmtime_val_t,
    nfields: usize,
    out: Out<'_, wasmtime_structref_t>,
) -> Outcome {
    let what = "wasmtime_structref_new: fields";
    let context = context.given("wasmtime_structref_new: context");
    let pre = pre.given("wasmtime_structref_new: pre");
    same_store(pre.store_id, context, "wasmtime_structref_new: pre");
    // SAFETY: [HEADER] the array has `nfields` elements.
    let fields = unsafe { slice(fields, nfields, what) };
    make(context, out, |store| {
        let fields = get_all(fields, context, &mut *store, what)?;
        StructRef::new(store, &pre.pre, &fields)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_structref_field(
    context: Context<'_>,
    value: Option<&wasmtime_structref_t>,
    index: usize,
    out: Out<'_, wasmtime_val_t>,
) -> Outcome {
    let what = "wasmtime_structref_field";
    read(context, value, what, out, |value, store| value.field(store, index))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_structref_set_field(
    context: Context<'_>,
    value: Option<&wasmtime_structref_t>,
    index: usize,
    new: Option<&wasmtime_val_t>,
) -> Outcome {
    let what = "wasmtime_structref_set_field";
    write(context, value, what, new, |value, store, new| value.set_field(store, index, new))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_structref_type(
    context: Context<'_>,
    value: Option<&wasmtime_structref_t>,
) -> Option<Box<wasmtime_struct_type_t>> {
    let ty = ask(context, value, "wasmtime_structref_type", |value, store| value.ty(store));
    ty.map(|ty| Box::new(wasmtime_struct_type_t(ty)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_array_ref_pre_new(
    context: Context<'_>,
    ty: Option<&wasmtime_array_type_t>,
) -> Box<wasmtime_array_ref_pre_t> {
    let context = context.given("wasmtime_array_ref_pre_new: context");
    let ty = &ty.given("wasmtime_array_ref_pre_new: type").0;
    same_engine(ty.engine(), context, "wasmtime_array_ref_pre_new: type");
    let pre = context.with(|store| ArrayRefPre::new(store, ty.clone()));
    Box::new(wasmtime_array_ref_pre_t { store_id: context.id(), pre })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_arrayref_new(
    context: Context<'_>,
    pre: Option<&wasmtime_array_ref_pre_t>,
    element: Option<&wasmtime_val_t>,
    len: u32,
    out: Out<'_, wasmtime_arrayref_t>,
) -> Outcome {
    let context = context.given("wasmtime_arrayref_new: context");
    let pre = pre.given("wasmtime_arrayref_new: pre");
    same_store(pre.store_id, context, "wasmtime_arrayref_new: pre");
    let what = "wasmtime_arrayref_new: elem";
    let element = element.given(what);
    make(context, out, |store| {
        let element = element.get(context, &mut store.as_context_mut(), what)?;
        ArrayRef::new(store, &pre.pre, &element, len)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_arrayref_len(
    context: Context<'_>,
    value: Option<&wasmtime_arrayref_t>,
    out: Out<'_, u32>,
) -> Outcome {
    let len = with(context, value, "wasmtime_arrayref_len", |value, store| value.len(store));
    finish(len, |len| fill(out, len))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_arrayref_get(
    context: Context<'_>,
    value: Option<&wasmtime_arrayref_t>,
    index: u32,
    out: Out<'_, wasmtime_val_t>,
) -> Outcome {
    let what = "wasmtime_arrayref_get";
    read(context, value, what, out, |value, store| value.get(store, index))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_arrayref_set(
    context: Context<'_>,
    value: Option<&wasmtime_arrayref_t>,
    index: u32,
    new: Option<&wasmtime_val_t>,
) -> Outcome {
    let what = "wasmtime_arrayref_set";
    write(context, value, what, new, |value, store, new| value.set(store, index, new))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_arrayref_type(
    context: Context<'_>,
    value: Option<&wasmtime_arrayref_t>,
) -> Option<Box<wasmtime_array_type_t>> {
    let ty = ask(context, value, "wasmtime_arrayref_type", |value, store| value.ty(store));
    ty.map(|ty| Box::new(wasmtime_array_type_t(ty)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exnref_new(
    context: Context<'_>,
    tag: Option<&wasmtime_tag_t>,
    fields: *const wasmtime_val_t,
    nfields: usize,
    out: Out<'_, wasmtime_exnref_t>,
) -> Outcome {
    let what = "wasmtime_exnref_new: fields";
    let context = context.given("wasmtime_exnref_new: store");
    let tag = tag.given("wasmtime_exnref_new: tag");
    // SAFETY: [HEADER] the array has `nfields` elements.
    let fields = unsafe { slice(fields, nfields, what) };
    make(context, out, |store| {
        let tag = tag.get(context, &store.as_context_mut(), "wasmtime_exnref_new: tag");
        let ty = ExnType::from_tag_type(&tag.ty(&*store))?;
        let pre = ExnRefPre::new(&mut *store, ty);
        let fields = get_all(fields, context, &mut *store, what)?;
        ExnRef::new(store, &pre, &tag, &fields)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exnref_tag(
    context: Context<'_>,
    value: Option<&wasmtime_exnref_t>,
    out: Out<'_, wasmtime_tag_t>,
) -> Outcome {
    let what = "wasmtime_exnref_tag";
    let cell = context.given(what);
    let tag = with(context, value, what, |value, store| {
        let tag = value.tag(&mut *store)?;
        Ok(wasmtime_tag_t::new(cell, &store.as_context_mut(), tag))
    });
    finish(tag, |tag| fill(out, tag))
}

/// Returns 0 for null.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exnref_field_count(
    context: Context<'_>,
    value: Option<&wasmtime_exnref_t>,
) -> usize {
    let what = "wasmtime_exnref_field_count";
    let count = ask(context, value, what, |value, store| Ok(value.ty(store)?.fields().len()));
    count.unwrap_or(0)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exnref_field(
    context: Context<'_>,
    value: Option<&wasmtime_exnref_t>,
    index: usize,
    out: Out<'_, wasmtime_val_t>,
) -> Outcome {
    let what = "wasmtime_exnref_field";
    read(context, value, what, out, |value, store| value.field(store, index))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_exnref_type(
    context: Context<'_>,
    value: Option<&wasmtime_exnref_t>,
) -> Option<Box<wasmtime_exn_type_t>> {
    let ty = ask(context, value, "wasmtime_exnref_type", |value, store| value.ty(store));
    ty.map(|ty| Box::new(wasmtime_exn_type_t(ty)))
}

/// Makes an exception the pending one. The result is the trap that a host function returns to
/// throw it.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_set_exception(
    context: Context<'_>,
    value: Option<&wasmtime_exnref_t>,
) -> Box<wasm_trap_t> {
    let what = "wasmtime_context_set_exception";
    let thrown =
        with(context, value, what, |value, store| store.as_context_mut().throw::<()>(value));
    wasm_trap_t::new(thrown.err().unwrap_or_else(|| burdock::ThrownException.into()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_take_exception(
    context: Context<'_>,
    out: Out<'_, wasmtime_exnref_t>,
) -> bool {
    let context = context.given("wasmtime_context_take_exception: store");
    let taken = context.with(|store| {
        let mut store = RootScope::new(store);
        let mut store = store.as_context_mut();
        let exception = store.take_pending_exception()?;
        Some(Reference::new(context, &mut store, Some(exception)))
    });
    taken.map(|taken| fill(out, taken)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_has_exception(context: Context<'_>) -> bool {
    let context = context.given("wasmtime_context_has_exception: store");
    context.with(|store| store.has_pending_exception())
}
