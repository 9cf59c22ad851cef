//! `wasi.h`: the configuration of WASI.

use std::ffi::c_void;
use std::fs::File;
use std::io;

use burdock_wasi::pipe::{MemoryInputPipe, ReadPipe, WritePipe};
use burdock_wasi::{FsPerms, StdoutStream, WasiCtxBuilder};

use crate::abi::{Finalizer, Given, Payload, c_text, guarded, slice};
use crate::vecs::{delete_function, wasm_byte_vec_t};
use crate::wasmtime::error::Outcome;
use crate::wasmtime::store::wasmtime_context_t;

/// A configuration of WASI.
pub(crate) struct wasi_config_t {
    builder: WasiCtxBuilder,
}

delete_function! { wasi_config_t: wasi_config_delete }

/// Takes the bytes that a guest writes. Returns how many it has taken, or an error of the system,
/// negated.
type WriteCallback = Option<extern "C-unwind" fn(*mut c_void, *const u8, usize) -> isize>;

/// A stream whose bytes a callback takes.
struct Custom {
    write: extern "C-unwind" fn(*mut c_void, *const u8, usize) -> isize,
    data: Payload,
}

impl StdoutStream for Custom {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = guarded(|| (self.write)(self.data.data(), bytes.as_ptr(), bytes.len()));
        match usize::try_from(written) {
            Ok(count) => Ok(count.min(bytes.len())),
            Err(_) => {
                let code = i32::try_from(written.unsigned_abs()).unwrap_or(i32::MAX);
                Err(io::Error::from_raw_os_error(code))
            }
        }
    }
}

/// Defines functions that inherit something from this process.
macro_rules! inherited {
    ($($name:ident $method:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name(config: Option<&mut wasi_config_t>) {
            config.given(stringify!($name)).builder.$method();
        }
    )*};
}

inherited! {
    wasi_config_inherit_argv inherit_args;
    wasi_config_inherit_env inherit_env;
    wasi_config_inherit_stdin inherit_stdin;
    wasi_config_inherit_stdout inherit_stdout;
    wasi_config_inherit_stderr inherit_stderr;
}

/// Defines functions for an output stream: to a file, and to a callback.
macro_rules! outputs {
    ($($file:ident $custom:ident $method:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $file(
            config: Option<&mut wasi_config_t>, path: *const u8,
        ) -> bool {
            let builder = &mut config.given(stringify!($file)).builder;
            // SAFETY: [HEADER] the path ends with a zero byte.
            let path = unsafe { c_text(path, stringify!($file)) };
            let file = path.and_then(|path| File::create(path).ok());
            file.map(|file| builder.$method(WritePipe::new(file))).is_some()
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $custom(
            config: Option<&mut wasi_config_t>,
            callback: WriteCallback,
            data: *mut c_void,
            finalizer: Finalizer,
        ) {
            let builder = &mut config.given(stringify!($custom)).builder;
            let data = Payload::new(data, finalizer);
            builder.$method(Custom { write: callback.given(stringify!($custom)), data });
        }
    )*};
}

outputs! {
    wasi_config_set_stdout_file wasi_config_set_stdout_custom stdout;
    wasi_config_set_stderr_file wasi_config_set_stderr_custom stderr;
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_new() -> Box<wasi_config_t> {
    Box::new(wasi_config_t { builder: WasiCtxBuilder::new() })
}

/// Returns the texts of an array of pointers; `None` if one is no UTF-8.
fn texts<'a>(data: *const *const u8, len: usize, what: &str) -> Option<Vec<&'a str>> {
    // SAFETY: [HEADER] the array has `len` pointers.
    let pointers = unsafe { slice(data, len, what) };
    // SAFETY: [HEADER] each pointer leads to text with a zero byte at its end.
    pointers.iter().map(|pointer| unsafe { c_text(*pointer, what) }).collect()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_set_argv(
    config: Option<&mut wasi_config_t>,
    argc: usize,
    argv: *const *const u8,
) -> bool {
    let config = config.given("wasi_config_set_argv: config");
    let args = texts(argv, argc, "wasi_config_set_argv: argv");
    args.map(|args| config.builder.args(&args)).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_set_env(
    config: Option<&mut wasi_config_t>,
    envc: usize,
    names: *const *const u8,
    values: *const *const u8,
) -> bool {
    let config = config.given("wasi_config_set_env: config");
    let names = texts(names, envc, "wasi_config_set_env: names");
    let values = texts(values, envc, "wasi_config_set_env: values");
    let (Some(names), Some(values)) = (names, values) else { return false };
    for (name, value) in names.iter().zip(values) {
        config.builder.env(name, value);
    }
    true
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_set_stdin_file(
    config: Option<&mut wasi_config_t>,
    path: *const u8,
) -> bool {
    let config = config.given("wasi_config_set_stdin_file: config");
    // SAFETY: [HEADER] the path ends with a zero byte.
    let path = unsafe { c_text(path, "wasi_config_set_stdin_file: path") };
    let file = path.and_then(|path| File::open(path).ok());
    file.map(|file| config.builder.stdin(ReadPipe::new(file))).is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_set_stdin_bytes(
    config: Option<&mut wasi_config_t>,
    bytes: Option<&mut wasm_byte_vec_t>,
) {
    let config = config.given("wasi_config_set_stdin_bytes: config");
    let bytes = bytes.given("wasi_config_set_stdin_bytes: binary").take();
    config.builder.stdin(MemoryInputPipe::new(bytes.into_vec()));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_preopen_dir(
    config: Option<&mut wasi_config_t>,
    host_path: *const u8,
    guest_path: *const u8,
    mutable: bool,
) -> bool {
    let config = config.given("wasi_config_preopen_dir: config");
    // SAFETY: [HEADER] the path ends with a zero byte.
    let host_path = unsafe { c_text(host_path, "wasi_config_preopen_dir: host_path") };
    // SAFETY: [HEADER] the path ends with a zero byte.
    let guest_path = unsafe { c_text(guest_path, "wasi_config_preopen_dir: guest_path") };
    let (Some(host_path), Some(guest_path)) = (host_path, guest_path) else { return false };
    let perms = if mutable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
    config.builder.preopened_dir(host_path, guest_path, perms).is_ok()
}

/// Allows nothing new: preview 1 has no function that opens a connection.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_inherit_network(config: Option<&mut wasi_config_t>) {
    config.given("wasi_config_inherit_network: config");
}

/// Allows nothing new: preview 1 has no function that looks up a name.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasi_config_allow_ip_name_lookup(
    config: Option<&mut wasi_config_t>,
    _: bool,
) {
    config.given("wasi_config_allow_ip_name_lookup: config");
}

/// Gives a store its WASI.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_context_set_wasi(
    context: Option<&wasmtime_context_t>,
    wasi: Option<Box<wasi_config_t>>,
) -> Outcome {
    let context = context.given("wasmtime_context_set_wasi: context");
    let mut wasi = wasi.given("wasmtime_context_set_wasi: wasi");
    context.with(|mut store| store.data_mut().wasi = Some(wasi.builder.build()));
    None
}
