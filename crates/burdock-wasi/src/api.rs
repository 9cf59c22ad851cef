//! The few items of the `burdock` API that this crate is built on, in one place.

use crate::I32Exit;
pub(crate) use burdock::{Caller, Error, Extern, Linker};

/// The result of host functions.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Returns the error that ends a guest after `proc_exit`.
pub(crate) fn exit_error(exit: I32Exit) -> Error {
    Error::new(exit)
}

/// Returns an error with a constant message.
pub(crate) fn message_error(message: &'static str) -> Error {
    Error::msg(message)
}
