//! Traps and frames.

use std::sync::Arc;

use burdock::{Error, FrameInfo, ThrownException, Trap, WasmBacktrace};

use crate::abi::{Given, Out, fill};
use crate::vecs::{copy_function, delete_function, vec_functions, wasm_byte_vec_t};
use crate::wasm::engine::wasm_store_t;
use crate::wasm::entity_types::type_functions;
use crate::wasm::object::{HostInfo, Object, wasm_instance_t, wasm_ref_t, wasm_trap_t};
use crate::wasmtime::error::report;

/// The error behind a trap, which the trap's copies share.
pub(crate) struct TrapObject {
    pub(crate) error: Error,
    /// Set if the message begins with the backtrace, as that of an error does.
    traced: bool,
    pub(crate) info: HostInfo,
}

/// A frame of a backtrace.
#[derive(Clone)]
pub(crate) struct wasm_frame_t {
    func_index: u32,
    func_offset: usize,
    module_offset: usize,
    pub(crate) func_name: Option<wasm_byte_vec_t>,
    pub(crate) module_name: Option<wasm_byte_vec_t>,
}

type_functions! {
    wasm_frame_t wasm_frame_vec_t: wasm_frame_delete wasm_frame_copy
        wasm_frame_vec_new_empty wasm_frame_vec_new_uninitialized wasm_frame_vec_new
        wasm_frame_vec_copy wasm_frame_vec_delete;
}

/// The error of a trap that goes through the engine from one C function to another.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct CTrap {
    message: String,
    trap: SharedTrap,
}

/// A trap that an error contains.
#[derive(Clone)]
struct SharedTrap(Arc<TrapObject>);

impl std::fmt::Debug for SharedTrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.error.fmt(f)
    }
}

impl wasm_trap_t {
    /// Makes a trap of an error.
    pub(crate) fn new(error: Error) -> Box<Self> {
        Self::of(TrapObject { error, traced: false, info: HostInfo::default() })
    }

    /// Makes a trap whose message contains the backtrace.
    pub(crate) fn traced(error: Error) -> Box<Self> {
        Self::of(TrapObject { error, traced: true, info: HostInfo::default() })
    }

    fn of(trap: TrapObject) -> Box<Self> {
        Box::new(Self(wasm_ref_t(Object::Trap(Arc::new(trap)))))
    }

    fn shared(&self) -> &Arc<TrapObject> {
        match &self.0.0 {
            Object::Trap(trap) => trap,
            _ => crate::abi::wrong_kind(),
        }
    }

    /// Returns the trap's error.
    pub(crate) fn error(&self) -> &Error {
        &self.shared().error
    }

    /// Returns the error with which a host function fails that returns this trap. Where the error
    /// has an owner only, it stays what it is, so that its kind can be told.
    pub(crate) fn into_error(self) -> Error {
        let trap = self.shared().clone();
        drop(self);
        match Arc::try_unwrap(trap) {
            Ok(trap) => trap.error,
            Err(trap) => match trap.error.downcast_ref::<Trap>() {
                Some(code) => (*code).into(),
                None if trap.error.is::<ThrownException>() => ThrownException.into(),
                None => Error::new(CTrap { message: message(&trap.error), trap: SharedTrap(trap) }),
            },
        }
    }
}

/// Returns the chain of an error's messages, without the backtrace.
pub(crate) fn message(error: &Error) -> String {
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string);
    let links = error.chain().map(ToString::to_string);
    let links: Vec<String> = links.filter(|link| Some(link) != backtrace.as_ref()).collect();
    links.join(": ")
}

/// Returns the frames of an error, the innermost first.
pub(crate) fn frames(error: &Error) -> Vec<Option<Box<wasm_frame_t>>> {
    if let Some(inner) = error.downcast_ref::<CTrap>()
        && error.downcast_ref::<WasmBacktrace>().is_none()
    {
        return frames(&inner.trap.0.error);
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let frames = backtrace.map_or(&[][..], WasmBacktrace::frames);
    frames.iter().map(|frame| Some(Box::new(wasm_frame_t::new(frame)))).collect()
}

impl wasm_frame_t {
    fn new(frame: &FrameInfo) -> Self {
        let name = |name: Option<&str>| name.map(|name| name.as_bytes().to_vec().into());
        Self {
            func_index: frame.func_index(),
            func_offset: frame.func_offset().unwrap_or(usize::MAX),
            module_offset: frame.module_offset().unwrap_or(usize::MAX),
            func_name: name(frame.func_name()),
            module_name: name(frame.module().name()),
        }
    }
}

/// Returns text as a message of C, with a zero byte at the end.
pub(crate) fn with_nul(text: String) -> wasm_byte_vec_t {
    let mut bytes = text.into_bytes();
    bytes.push(0);
    bytes.into()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_trap_new(
    store: Option<&wasm_store_t>,
    message: Option<&wasm_byte_vec_t>,
) -> Box<wasm_trap_t> {
    store.given("wasm_trap_new: store");
    let bytes = message.given("wasm_trap_new: message").as_slice();
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    wasm_trap_t::new(Error::msg(String::from_utf8_lossy(bytes).into_owned()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_trap_message(
    trap: Option<&wasm_trap_t>,
    out: Out<'_, wasm_byte_vec_t>,
) {
    let trap = trap.given("wasm_trap_message: trap").shared();
    let text = if trap.traced { report(&trap.error) } else { message(&trap.error) };
    fill(out, with_nul(text));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_trap_origin(trap: Option<&wasm_trap_t>) -> Option<Box<wasm_frame_t>> {
    frames(trap.given("wasm_trap_origin: trap").error()).into_iter().next().flatten()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_trap_trace(
    trap: Option<&wasm_trap_t>,
    out: Out<'_, wasm_frame_vec_t>,
) {
    fill(out, frames(trap.given("wasm_trap_trace: trap").error()).into());
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_frame_instance(frame: Option<&wasm_frame_t>) -> *mut wasm_instance_t {
    frame.given("wasm_frame_instance: frame");
    std::ptr::null_mut()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_frame_func_index(frame: Option<&wasm_frame_t>) -> u32 {
    frame.given("wasm_frame_func_index: frame").func_index
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_frame_func_offset(frame: Option<&wasm_frame_t>) -> usize {
    frame.given("wasm_frame_func_offset: frame").func_offset
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_frame_module_offset(frame: Option<&wasm_frame_t>) -> usize {
    frame.given("wasm_frame_module_offset: frame").module_offset
}
