//! Errors and traps.

use burdock::{Error, Result, ThrownException, Trap, bail};

use crate::abi::{Given, Out, c_text, fill, slice};
use crate::vecs::{delete_function, wasm_byte_vec_t};
use crate::wasm::object::wasm_trap_t;
use crate::wasm::trap::{frames, wasm_frame_t, wasm_frame_vec_t};

/// An error.
pub(crate) struct wasmtime_error_t(pub(crate) Error);

delete_function! { wasmtime_error_t: wasmtime_error_delete }

/// What functions return that may fail.
pub(crate) type Outcome = Option<Box<wasmtime_error_t>>;

/// Returns the text of an error with its causes, and a line end behind the causes, as in Wasmtime.
pub(crate) fn report(error: &Error) -> String {
    let end = if error.chain().nth(1).is_some() { "\n" } else { "" };
    format!("{error:?}{end}")
}

/// Returns an error to C.
pub(crate) fn error(error: Error) -> Outcome {
    Some(Box::new(wasmtime_error_t(error)))
}

/// Returns the error for a name that is no UTF-8.
pub(crate) fn bad_utf8() -> Outcome {
    error(Error::msg("input was not valid utf-8"))
}

/// Returns the error of a result, or does something with the value.
pub(crate) fn finish<T>(result: Result<T>, done: impl FnOnce(T)) -> Outcome {
    match result {
        Ok(value) => {
            done(value);
            None
        }
        Err(failed) => error(failed),
    }
}

/// As [`finish`], for functions that return traps separately. A caller that does not ask for traps
/// gets them as errors.
pub(crate) fn finish_call<T>(
    result: Result<T>,
    trap: Out<'_, Option<Box<wasm_trap_t>>>,
    done: impl FnOnce(T),
) -> Outcome {
    let Some(trap) = trap else { return finish(result, done) };
    match result {
        Err(failed) if failed.is::<Trap>() || failed.is::<ThrownException>() => {
            trap.write(Some(wasm_trap_t::traced(failed)));
            None
        }
        result => {
            trap.write(None);
            finish(result, done)
        }
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_error_new(message: *const u8) -> Box<wasmtime_error_t> {
    // SAFETY: [HEADER] the message ends with a zero byte.
    let message = unsafe { c_text(message, "wasmtime_error_new: message") };
    Box::new(wasmtime_error_t(Error::msg(message.unwrap_or("a message that was not valid utf-8"))))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_error_message(
    error: Option<&wasmtime_error_t>,
    message: Out<'_, wasm_byte_vec_t>,
) {
    let error = &error.given("wasmtime_error_message: error").0;
    fill(message, report(error).into_bytes().into());
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_error_exit_status(
    error: Option<&wasmtime_error_t>,
    status: Out<'_, i32>,
) -> bool {
    let error = &error.given("wasmtime_error_exit_status: error").0;
    let exit = exit_status(error);
    if let Some(exit) = exit {
        fill(status, exit);
    }
    exit.is_some()
}

/// Returns the status with which WASI's `proc_exit` ends a guest.
#[cfg(feature = "wasi")]
pub(crate) fn exit_status(error: &Error) -> Option<i32> {
    Some(error.downcast_ref::<burdock_wasi::I32Exit>()?.0)
}

#[cfg(not(feature = "wasi"))]
pub(crate) fn exit_status(_: &Error) -> Option<i32> {
    None
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_error_wasm_trace(
    error: Option<&wasmtime_error_t>,
    out: Out<'_, wasm_frame_vec_t>,
) {
    fill(out, frames(&error.given("wasmtime_error_wasm_trace: error").0).into());
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_trap_new(message: *const u8, len: usize) -> Box<wasm_trap_t> {
    // SAFETY: [HEADER] the message has `len` bytes.
    let bytes = unsafe { slice(message, len, "wasmtime_trap_new: message") };
    wasm_trap_t::new(Error::msg(String::from_utf8_lossy(bytes).into_owned()))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_trap_new_code(code: u8) -> Box<wasm_trap_t> {
    wasm_trap_t::new(trap_of(code).unwrap_or_else(|error| error))
}

fn trap_of(code: u8) -> Result<Error> {
    match Trap::ALL.iter().find(|trap| code_of(**trap) == Some(code)) {
        Some(trap) => Ok((*trap).into()),
        None => bail!("there is no trap of code {code}"),
    }
}

/// Returns the code of a trap in `wasmtime_trap_code_enum`; `None` if it is Burdock's own.
pub(crate) fn code_of(trap: Trap) -> Option<u8> {
    match trap {
        Trap::UncaughtException => Some(49),
        Trap::OutOfMemory | Trap::NullDescriptor | Trap::DescriptorCastFailure => None,
        // The first ones are in the same order.
        trap => Some(trap.code()),
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_trap_code(trap: Option<&wasm_trap_t>, code: Out<'_, u8>) -> bool {
    let error = trap.given("wasmtime_trap_code: trap").error();
    let found = error.downcast_ref::<Trap>().and_then(|trap| code_of(*trap));
    if let Some(found) = found {
        fill(code, found);
    }
    found.is_some()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_frame_func_name(
    frame: Option<&wasm_frame_t>,
) -> Option<&wasm_byte_vec_t> {
    frame.given("wasmtime_frame_func_name: frame").func_name.as_ref()
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_frame_module_name(
    frame: Option<&wasm_frame_t>,
) -> Option<&wasm_byte_vec_t> {
    frame.given("wasmtime_frame_module_name: frame").module_name.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_traps() {
        let own = [Trap::OutOfMemory, Trap::NullDescriptor, Trap::DescriptorCastFailure];
        for trap in Trap::ALL.iter().filter(|trap| !own.contains(trap)) {
            let code = code_of(*trap).unwrap();
            let error = trap_of(code).unwrap();
            assert_eq!(error.downcast_ref::<Trap>(), Some(trap));
        }
        assert_eq!(code_of(Trap::CastFailure), Some(16));
        assert!(trap_of(17).is_err());
    }
}
