//! Conversions from and to the error type of the crate anyhow.

use super::payload::Payload;
use super::{Error, Node};
use alloc::boxed::Box;
use core::error::Error as StdError;

/// An error of the crate anyhow.
struct Anyhow(anyhow::Error);

impl Node for Anyhow {
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.0.as_ref()
    }
    fn payload(&self) -> &Payload {
        &self.0
    }
    fn payload_mut(&mut self) -> &mut Payload {
        &mut self.0
    }
    fn into_payload(self: Box<Self>) -> Box<Payload> {
        Box::new(self.0)
    }
    fn into_anyhow(self: Box<Self>) -> anyhow::Error {
        self.0
    }
}

impl Error {
    /// Returns an error with the chain of an `anyhow::Error`.
    ///
    /// [`Error::downcast_ref`] finds the `anyhow::Error`, and every type that the `anyhow::Error`
    /// itself can be downcast to. Needs the feature `anyhow`.
    ///
    /// Source: Wasmtime's `Error::from_anyhow`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::{Error, Trap};
    /// let error = Error::from_anyhow(anyhow::Error::new(Trap::Interrupt).context("outside"));
    /// assert_eq!(format!("{error:#}"), "outside: wasm trap: interrupt");
    /// assert!(error.is::<anyhow::Error>() && error.is::<Trap>());
    /// ```
    pub fn from_anyhow(error: anyhow::Error) -> Self {
        Self::of(Anyhow(error))
    }
}

/// Keeps the chain, and the types to which its links can be downcast.
impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        error.node.into_anyhow()
    }
}
