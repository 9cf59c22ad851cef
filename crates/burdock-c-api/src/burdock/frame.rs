//! Frames of guests that hooks inspect.

use burdock::{AsContextMut, Frame, Result, RootScope, StoreContextMut, Val};

use crate::abi::{Given, Out, fill, slice};
use crate::cell::Data;
use crate::vecs::{delete_function, wasm_byte_vec_t};
use crate::wasmtime::error::{Outcome, finish};
use crate::wasmtime::external::wasmtime_instance_t;
use crate::wasmtime::store::wasmtime_context_t;
use crate::wasmtime::val::{get_all, wasmtime_val_t};

/// A frame, which is valid until the guest continues.
pub(crate) struct burdock_frame_t(Frame);

delete_function! { burdock_frame_t: burdock_frame_delete }

type Context<'a> = Option<&'a wasmtime_context_t>;
type Argument<'a> = Option<&'a burdock_frame_t>;

/// Asks something of a frame of a store.
fn ask<R>(
    context: Context<'_>,
    frame: Argument<'_>,
    what: &str,
    call: impl FnOnce(&wasmtime_context_t, &Frame, &mut StoreContextMut<'_, Data>) -> Result<R>,
) -> Result<R> {
    let (context, frame) = (context.given(what), frame.given(what));
    context.with(|store| {
        let mut store = RootScope::new(store);
        call(context, &frame.0, &mut store.as_context_mut())
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_context_frame(
    context: Context<'_>,
) -> Option<Box<burdock_frame_t>> {
    let frame = context.given("burdock_context_frame: store").with(|mut store| store.frame())?;
    Some(Box::new(burdock_frame_t(frame)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_caller(
    context: Context<'_>,
    frame: Argument<'_>,
) -> Option<Box<burdock_frame_t>> {
    let caller =
        ask(context, frame, "burdock_frame_caller", |_, frame, store| frame.caller(&*store));
    Some(Box::new(burdock_frame_t(caller.ok().flatten()?)))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_func_index(frame: Argument<'_>) -> u32 {
    frame.given("burdock_frame_func_index: frame").0.func_index()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_offset(frame: Argument<'_>) -> u32 {
    frame.given("burdock_frame_offset: frame").0.offset()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_instance(
    context: Context<'_>,
    frame: Argument<'_>,
    out: Out<'_, wasmtime_instance_t>,
) {
    let instance = ask(context, frame, "burdock_frame_instance", |context, frame, store| {
        Ok(wasmtime_instance_t::new(context, store, frame.instance()))
    });
    if let Ok(instance) = instance {
        fill(out, instance);
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_func_name(
    context: Context<'_>,
    frame: Argument<'_>,
    out: Out<'_, wasm_byte_vec_t>,
) -> bool {
    let name = ask(context, frame, "burdock_frame_func_name", |_, frame, store| {
        Ok(frame.func_name(&*store).map(|name| name.as_bytes().to_vec()))
    });
    name.ok().flatten().map(|name| fill(out, name.into())).is_some()
}

/// Defines the functions for locals or operands.
macro_rules! values {
    ($($count:ident $get:ident $set:ident: $num:ident $read:ident $write:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $count(context: Context<'_>, frame: Argument<'_>) -> u32 {
            ask(context, frame, stringify!($count), |_, frame, store| frame.$num(&*store))
                .unwrap_or(0)
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $get(
            context: Context<'_>,
            frame: Argument<'_>,
            index: u32,
            out: Out<'_, wasmtime_val_t>,
        ) -> Outcome {
            let value = ask(context, frame, stringify!($get), |context, frame, store| {
                let value = frame.$read(&*store, index)?;
                Ok(wasmtime_val_t::new(context, store, value))
            });
            finish(value, |value| fill(out, value))
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $set(
            context: Context<'_>,
            frame: Argument<'_>,
            index: u32,
            value: Option<&wasmtime_val_t>,
        ) -> Outcome {
            let value = value.given(stringify!($set));
            finish(
                ask(context, frame, stringify!($set), |context, frame, store| {
                    let value = value.get(context, store, stringify!($set))?;
                    frame.$write(store, index, value)
                }),
                |()| {},
            )
        }
    )*};
}

values! {
    burdock_frame_num_locals burdock_frame_local burdock_frame_set_local:
        num_locals local set_local;
    burdock_frame_num_operands burdock_frame_operand burdock_frame_set_operand:
        num_operands operand set_operand;
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_frame_return_early(
    context: Context<'_>,
    frame: Argument<'_>,
    results: *const wasmtime_val_t,
    nresults: usize,
) -> Outcome {
    let what = "burdock_frame_return_early: results";
    // SAFETY: [HEADER] there are `nresults` results.
    let results = unsafe { slice(results, nresults, what) };
    let returned = ask(context, frame, what, |context, frame, store| {
        let results: Vec<Val> = get_all(results, context, &mut *store, what)?;
        frame.return_early(store, &results)
    });
    finish(returned, |()| {})
}
