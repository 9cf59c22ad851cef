//! Traces and profiles.

use std::ffi::c_void;
use std::io::{self, Write};

use burdock::Error;
use burdock_tools::Symbols;
use burdock_tools::profile::{Profiler, Sort};
use burdock_tools::trace::{Format, Options, Tracer};

use crate::abi::{Finalizer, Given, Out, Payload, fail, fill, guarded};
use crate::vecs::{delete_function, wasm_byte_vec_t};
use crate::wasmtime::error::{Outcome, finish};
use crate::wasmtime::store::wasmtime_store_t;

/// Takes the text of a trace. Returns `false` to stop the guest.
type burdock_write_t = Option<extern "C-unwind" fn(*mut c_void, *const u8, usize) -> bool>;

/// A trace that is being written.
pub(crate) struct burdock_trace_t(Tracer<Custom>);

/// A profile that is being made.
pub(crate) struct burdock_profiler_t(Profiler);

delete_function! { burdock_trace_t: burdock_trace_delete }
delete_function! { burdock_profiler_t: burdock_profiler_delete }

/// The function that takes text.
struct Custom {
    write: extern "C-unwind" fn(*mut c_void, *const u8, usize) -> bool,
    env: Payload,
}

impl Write for Custom {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if guarded(|| (self.write)(self.env.data(), bytes.as_ptr(), bytes.len())) {
            Ok(bytes.len())
        } else {
            Err(io::Error::other("the trace's function has refused the text"))
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the options that bits stand for.
fn options(bits: u32) -> Options {
    let has = |bit: u32| bits & (1 << bit) != 0;
    Options {
        host: has(0),
        calls: has(1),
        instructions: has(2),
        memory: has(3),
        objects: has(4),
        times: has(5),
        summary: has(6),
        format: if has(7) { Format::Json } else { Format::Text },
        ..Options::default()
    }
}

/// Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_store_trace(
    store: Option<&wasmtime_store_t>,
    what: u32,
    write: burdock_write_t,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Box<burdock_trace_t> {
    let cell = &store.given("burdock_store_trace: store").cell;
    let write = write.given("burdock_store_trace: write");
    let out = Custom { write, env: Payload::new(env, finalizer) };
    let tracer = cell.with_store("burdock_store_trace", |store| {
        Tracer::attach(store, options(what), Symbols::default(), out)
    });
    Box::new(burdock_trace_t(tracer))
}

/// Ends a trace: writes what is left of it, and deletes it.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_trace_finish(trace: Option<Box<burdock_trace_t>>) -> Outcome {
    let trace = trace.given("burdock_trace_finish: trace");
    finish(trace.0.finish().map_err(Error::new), drop)
}

/// Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_store_profile(
    store: Option<&wasmtime_store_t>,
) -> Box<burdock_profiler_t> {
    let cell = &store.given("burdock_store_profile: store").cell;
    let profiler = cell
        .with_store("burdock_store_profile", |store| Profiler::attach(store, Symbols::default()));
    Box::new(burdock_profiler_t(profiler))
}

/// Ends a profile and deletes it. Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_profiler_finish(
    store: Option<&wasmtime_store_t>,
    profiler: Option<Box<burdock_profiler_t>>,
    format: u8,
    out: Out<'_, wasm_byte_vec_t>,
) -> Outcome {
    let cell = &store.given("burdock_profiler_finish: store").cell;
    let profiler = profiler.given("burdock_profiler_finish: profiler");
    let profile = cell.with_store("burdock_profiler_finish", |store| profiler.0.finish(store));
    let mut bytes = Vec::new();
    let written = match format {
        0 => bytes.write_all(profile.table(usize::MAX, Sort::default()).as_bytes()),
        1 => bytes.write_all(profile.folded().as_bytes()),
        2 => bytes.write_all(profile.json().to_string().as_bytes()),
        3 => profile.pprof("guest", &mut bytes),
        4 => profile.flamegraph("guest", &mut bytes),
        format => fail(&format!("burdock_profiler_finish: there is no format {format}")),
    };
    finish(written.map_err(Error::new), |()| fill(out, bytes.into()))
}
