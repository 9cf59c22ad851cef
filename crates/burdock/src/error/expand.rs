//! Expansions of the macros `format_err!` and `ensure!`. `format_err!` chooses a constructor by the
//! type of a value.
//!
//! Rust has no specialization, but method lookup prefers the receiver that needs fewer references:
//! of `IsAnyhow`, `IsError` and `IsMessage`, each implemented for one more reference than the last,
//! the first that fits the value gives its constructor.

use crate::Error;
use core::error::Error as StdError;
use core::fmt::{Arguments, Debug, Display};

/// Returns an error with a message; a message that needs no formatting is kept as `&str`.
pub fn message(args: Arguments<'_>) -> Error {
    match args.as_str() {
        Some(text) => Error::msg(text),
        None => Error::msg(alloc::fmt::format(args)),
    }
}

/// A condition of [`ensure!`](crate::ensure): a `bool` or a reference to one.
pub trait Condition {
    /// Returns the condition's value.
    fn holds(self) -> bool;
}

impl Condition for bool {
    #[inline]
    fn holds(self) -> bool {
        self
    }
}

impl Condition for &bool {
    #[inline]
    fn holds(self) -> bool {
        *self
    }
}

/// Values that are `anyhow::Error`.
#[cfg(feature = "anyhow")]
pub trait IsAnyhow {
    /// Returns the constructor.
    #[inline]
    fn burdock_error_kind(&self) -> Anyhow {
        Anyhow
    }
}
#[cfg(feature = "anyhow")]
impl IsAnyhow for &anyhow::Error {}

/// Values that are errors.
pub trait IsError {
    /// Returns the constructor.
    #[inline]
    fn burdock_error_kind(&self) -> Standard {
        Standard
    }
}
impl<E: StdError + Send + Sync + 'static> IsError for &&E {}

/// Values that can only be displayed.
pub trait IsMessage {
    /// Returns the constructor.
    #[inline]
    fn burdock_error_kind(&self) -> Message {
        Message
    }
}
impl<M: Display + Debug + Send + Sync + 'static> IsMessage for &&&M {}

/// The constructor [`Error::from_anyhow`].
#[cfg(feature = "anyhow")]
pub struct Anyhow;
#[cfg(feature = "anyhow")]
impl Anyhow {
    /// Returns the error.
    pub fn error(&self, error: anyhow::Error) -> Error {
        Error::from_anyhow(error)
    }
}

/// The constructor [`Error::new`].
pub struct Standard;
impl Standard {
    /// Returns the error.
    pub fn error<E: StdError + Send + Sync + 'static>(&self, error: E) -> Error {
        Error::new(error)
    }
}

/// The constructor [`Error::msg`].
pub struct Message;
impl Message {
    /// Returns the error.
    pub fn error<M: Display + Debug + Send + Sync + 'static>(&self, message: M) -> Error {
        Error::msg(message)
    }
}
