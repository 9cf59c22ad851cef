//! The trait `Context` and the macros `bail!`, `ensure!` and `format_err!`: shorter ways to make
//! an [`Error`].

use super::{Error, Result};
use core::convert::Infallible;
use core::fmt::Display;

mod sealed {
    pub trait Sealed {}
    impl<T, E> Sealed for core::result::Result<T, E> {}
    impl<T> Sealed for Option<T> {}
}

/// Adds a context to the error of a result, or makes an error of `None`.
///
/// # Example
///
/// ```
/// use burdock::{Result, error::Context};
/// fn parse(text: &str) -> Result<u32> {
///     text.parse::<u32>().with_context(|| format!("`{text}` is not a number"))
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "`x` is not a number");
/// ```
pub trait Context<T, E>: sealed::Sealed {
    /// Adds a context to an error.
    ///
    /// # Errors
    ///
    /// Fails if there was an error, which is returned with the context on top.
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T>;

    /// Adds the context that a function returns to an error. The function is called only if there
    /// is an error.
    ///
    /// # Errors
    ///
    /// Fails if there was an error, which is returned with the context on top.
    fn with_context<C, F>(self, context: F) -> Result<T>
    where
        C: Display + Send + Sync + 'static,
        F: FnOnce() -> C;
}

impl<T, E: Into<Error>> Context<T, E> for core::result::Result<T, E> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C, F>(self, context: F) -> Result<T>
    where
        C: Display + Send + Sync + 'static,
        F: FnOnce() -> C,
    {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T, Infallible> for Option<T> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::of_context(context))
    }

    fn with_context<C, F>(self, context: F) -> Result<T>
    where
        C: Display + Send + Sync + 'static,
        F: FnOnce() -> C,
    {
        self.ok_or_else(|| Error::of_context(context()))
    }
}

/// Makes an [`Error`] from a format string, or from an error or any other value that can be shown.
///
/// A value that is an error keeps its type and its causes ([`Error::new`]), an `anyhow::Error` its
/// chain ([`Error::from_anyhow`], with the feature `anyhow`). Any other value becomes the message
/// of the error ([`Error::msg`]).
///
/// Source: Wasmtime's `format_err!`.
///
/// # Example
///
/// ```
/// use burdock::{Trap, format_err};
/// let page = 7;
/// assert_eq!(format_err!("page {page} is missing").to_string(), "page 7 is missing");
/// assert!(format_err!(Trap::Interrupt).is::<Trap>());
/// assert_eq!(format_err!(String::from("text")).to_string(), "text");
/// ```
#[macro_export]
macro_rules! format_err {
    ($format:literal $(,)?) => {
        $crate::__private::expand::message($crate::__private::format_args!($format))
    };
    ($format:literal, $($arg:tt)*) => {
        $crate::__private::expand::message($crate::__private::format_args!($format, $($arg)*))
    };
    ($value:expr $(,)?) => {{
        use $crate::__private::expand::*;
        let value = $value;
        (&&&value).burdock_error_kind().error(value)
    }};
}

/// Returns early with an [`Error`] that is made as [`format_err!`](crate::format_err) makes it.
///
/// Source: Wasmtime's `bail!`.
#[macro_export]
macro_rules! bail {
    ($($arg:tt)*) => {
        return $crate::__private::Err($crate::format_err!($($arg)*))
    };
}

/// Returns early with an [`Error`], made as [`format_err!`](crate::format_err) makes it, unless a
/// condition holds. Without a message, the error names the condition.
///
/// Source: Wasmtime's `ensure!`.
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        $crate::ensure!(
            $condition,
            $crate::__private::concat!(
                "Condition failed: `",
                $crate::__private::stringify!($condition),
                "`"
            )
        )
    };
    ($condition:expr, $($arg:tt)*) => {
        if !$crate::__private::expand::Condition::holds($condition) {
            $crate::bail!($($arg)*);
        }
    };
}
