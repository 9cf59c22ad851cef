//! `HostError`: errors of the embedder's own types.

use alloc::boxed::Box;
use core::any::Any;
use core::fmt::{Debug, Display};

/// An error of the embedder's. Host functions return it with
/// [`Error::host`](crate::Error::host).
///
/// # Example
///
/// ```
/// use burdock_wasmi::{Error, errors::HostError};
///
/// #[derive(Debug, PartialEq)]
/// struct OutOfCoffee;
///
/// impl core::fmt::Display for OutOfCoffee {
///     fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
///         f.write_str("out of coffee")
///     }
/// }
///
/// impl HostError for OutOfCoffee {}
///
/// let error = Error::host(OutOfCoffee);
/// assert_eq!(error.downcast_ref(), Some(&OutOfCoffee));
/// ```
pub trait HostError: Any + Debug + Display + Send + Sync + 'static {}

impl dyn HostError {
    /// Returns `true` if the error is of the type.
    pub fn is<E: HostError>(&self) -> bool {
        (self as &dyn Any).is::<E>()
    }

    /// Returns the error if it is of the type.
    pub fn downcast_ref<E: HostError>(&self) -> Option<&E> {
        (self as &dyn Any).downcast_ref()
    }

    /// Returns a mutable reference to the error if it is of the type.
    pub fn downcast_mut<E: HostError>(&mut self) -> Option<&mut E> {
        (self as &mut dyn Any).downcast_mut()
    }

    /// Returns the error if it is of the type.
    ///
    /// # Errors
    ///
    /// Returns the error as it is if it is of another type.
    pub fn downcast<E: HostError>(self: Box<Self>) -> Result<Box<E>, Box<Self>> {
        if !self.is::<E>() {
            return Err(self);
        }
        let any: Box<dyn Any> = self;
        Ok(any.downcast().expect("the type was asked just now"))
    }
}
