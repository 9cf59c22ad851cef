//! Functions of Wasmtime's API that need what Burdock lacks: components, shared memories, the
//! pooling allocator, the guest profiler, memories and stacks of the host, and WASI for HTTP.
//!
//! Bindings of other languages look up all of Wasmtime's names when they load the library, so the
//! names are here. No header declares them. A function that can fail does, and another one ends the
//! process after a message. Functions that delete an object accept null, the only object there is.

use std::ffi::c_void;

use burdock::format_err;

use crate::abi::fail;
use crate::wasmtime::error::{Outcome, error};

fn message(name: &str) -> String {
    let group = match name {
        name if name.contains("component") || name.contains("module_type") => "components",
        name if name.contains("sharedmemory") => "shared memories",
        name if name.contains("pooling") => "the pooling allocator",
        name if name.contains("guestprofiler") => {
            return format!("{name}: burdock_store_profile takes the guest profiler's place");
        }
        name if name.contains("http") => "WASI for HTTP",
        _ => "memories and stacks that the host makes",
    };
    format!("{name}: Burdock does not support {group}")
}

/// Returns the error of a function.
fn failure(name: &str) -> Outcome {
    error(format_err!("{}", message(name)))
}

/// Deletes nothing.
fn delete(object: *const c_void, name: &str) {
    if !object.is_null() {
        fail(&message(name));
    }
}

/// Defines the functions. They have no parameters here: on all targets the caller removes its
/// arguments.
macro_rules! unsupported {
    (fails { $($fails:ident)* } ends { $($ends:ident)* } deletes { $($deletes:ident)* }) => {
        $(#[unsafe(no_mangle)]
        extern "C" fn $fails() -> Outcome {
            failure(stringify!($fails))
        })*
        $(#[unsafe(no_mangle)]
        extern "C" fn $ends() {
            fail(&message(stringify!($ends)));
        })*
        $(#[unsafe(no_mangle)]
        extern "C" fn $deletes(object: *const c_void) {
            delete(object, stringify!($deletes));
        })*
    };
}

include!("unsupported.in");
