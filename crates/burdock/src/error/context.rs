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
    /// Adds this context to an error.
    ///
    /// # Errors
    ///
    /// There was one: it comes back with the context on top.
    fn context(self, context: impl Display + Send + Sync + 'static) -> Result<T>;

    /// Adds the context that the function makes to an error.
    ///
    /// # Errors
    ///
    /// There was one: it comes back with the context on top.
    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T, E> for core::result::Result<T, E> {
    fn context(self, context: impl Display + Send + Sync + 'static) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T, Infallible> for Option<T> {
    fn context(self, context: impl Display + Send + Sync + 'static) -> Result<T> {
        self.ok_or_else(|| Error::msg(alloc::format!("{context}")))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.ok_or_else(|| Error::msg(alloc::format!("{}", context())))
    }
}

/// Makes an [`Error`] from a format string, like `anyhow!` of the crate anyhow.
#[macro_export]
macro_rules! format_err {
    ($($arg:tt)*) => {
        $crate::Error::msg($crate::__private::format!($($arg)*))
    };
}

/// Returns an [`Error`] made from a format string or from a value that converts into one.
#[macro_export]
macro_rules! bail {
    ($format:literal $($arg:tt)*) => {
        return $crate::__private::Err($crate::format_err!($format $($arg)*))
    };
    ($error:expr $(,)?) => {
        return $crate::__private::Err($crate::Error::from($error))
    };
}

/// Returns an [`Error`] unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($arg:tt)*) => {
        if !$condition {
            $crate::bail!($($arg)*);
        }
    };
}
