//! `Error`: a chain of causes that can be downcast to their types. The design follows anyhow's and
//! Wasmtime's, without `unsafe` and without `std`.

#[cfg(feature = "anyhow")]
mod anyhow;
mod context;
#[doc(hidden)]
pub mod expand;
mod payload;
mod to_wasmtime_result;

pub use crate::{bail, ensure, format_err};
pub use context::Context;
pub use to_wasmtime_result::ToWasmtimeResult;

use alloc::boxed::Box;
use core::error::Error as StdError;
use core::fmt::{self, Debug, Display};
use payload::Payload;

/// A result whose error is [`Error`] by default.
///
/// # Example
///
/// ```
/// fn port(text: &str) -> burdock::Result<u16> {
///     Ok(text.parse()?)
/// }
/// assert_eq!(port("8080").unwrap(), 8080);
/// assert!(port("80800").is_err());
/// ```
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Returns `Ok` with this crate's [`Error`], for places where inference needs help.
#[allow(non_snake_case)]
pub fn Ok<T>(value: T) -> Result<T> {
    Result::Ok(value)
}

/// An error of any kind, with the contexts that were added on its way up.
///
/// [`Error::downcast_ref`] finds the parts of an error from a guest by type: a
/// [`Trap`](crate::Trap), the [`WasmBacktrace`](crate::WasmBacktrace) that was attached to it, or
/// the error of a host function.
///
/// Source: the `Error` of Wasmtime, which is that of the crate anyhow.
///
/// # Example
///
/// ```
/// use burdock::{Error, Trap};
/// let error = Error::from(Trap::IntegerOverflow).context("while adding");
/// assert_eq!(error.to_string(), "while adding");
/// assert_eq!(error.downcast_ref(), Some(&Trap::IntegerOverflow));
/// assert_eq!(format!("{error:#}"), "while adding: wasm trap: integer overflow");
/// ```
pub struct Error {
    node: Box<dyn Node>,
}

/// One link of the chain.
trait Node: Send + Sync {
    /// Returns the link as a standard error, whose sources are the links below.
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static);
    /// Returns what the user gave: an error, a message or a context.
    fn payload(&self) -> &Payload;
    fn payload_mut(&mut self) -> &mut Payload;
    fn into_payload(self: Box<Self>) -> Box<Payload>;
    /// Returns the error to which this link is a context.
    fn below(&self) -> Option<&Error> {
        None
    }
    fn below_mut(&mut self) -> Option<&mut Error> {
        None
    }
    fn into_below(self: Box<Self>) -> Option<Error> {
        None
    }
    /// Returns the link and all links below it as the error type of the crate anyhow.
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>) -> ::anyhow::Error;
}

/// A standard error.
struct Plain<E>(E);

impl<E: StdError + Send + Sync + 'static> Node for Plain<E> {
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &self.0
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
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>) -> ::anyhow::Error {
        ::anyhow::Error::new(self.0)
    }
}

/// A boxed standard error, whose type is not known here.
struct Boxed(Box<dyn StdError + Send + Sync>);

impl Node for Boxed {
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
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
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>) -> ::anyhow::Error {
        ::anyhow::Error::from_boxed(self.0)
    }
}

/// A message: a value to display that is no error by itself.
#[derive(thiserror::Error)]
struct Message<M>(M);

// Written by hand, unlike the `Error` impl: a derived `Display` drops the flags of the formatter,
// and the payload may be an error whose `{:#}` is its whole chain.
impl<M: Display> Display for Message<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M: Debug> Debug for Message<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M: Display + Debug + Send + Sync + 'static> Node for Message<M> {
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
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
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>) -> ::anyhow::Error {
        ::anyhow::Error::msg(self.0)
    }
}

/// A context on top of an error, or without an error.
#[derive(thiserror::Error)]
struct Contextual<C> {
    context: C,
    #[source]
    below: Option<Error>,
}

// Written by hand for the same reason as `Message`'s.
impl<C: Display> Display for Contextual<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

impl<C: Display> Debug for Contextual<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

impl<C: Display + Send + Sync + 'static> Node for Contextual<C> {
    fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }
    fn payload(&self) -> &Payload {
        &self.context
    }
    fn payload_mut(&mut self) -> &mut Payload {
        &mut self.context
    }
    fn into_payload(self: Box<Self>) -> Box<Payload> {
        Box::new(self.context)
    }
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>) -> ::anyhow::Error {
        match self.below {
            Some(below) => ::anyhow::Error::from(below).context(self.context),
            None => ::anyhow::Error::msg(self),
        }
    }
    fn below(&self) -> Option<&Error> {
        self.below.as_ref()
    }
    fn below_mut(&mut self) -> Option<&mut Error> {
        self.below.as_mut()
    }
    fn into_below(self: Box<Self>) -> Option<Error> {
        self.below
    }
}

impl Error {
    /// Creates an error from a standard error.
    pub fn new(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::of(Plain(error))
    }

    /// Creates an error from a printable message.
    pub fn msg(message: impl Display + Debug + Send + Sync + 'static) -> Self {
        Self::of(Message(message))
    }

    /// Creates an error from a boxed standard error.
    pub fn from_boxed(error: Box<dyn StdError + Send + Sync + 'static>) -> Self {
        Self::of(Boxed(error))
    }

    fn of(node: impl Node + 'static) -> Self {
        Self { node: Box::new(node) }
    }

    /// Adds a context to the error. The context is shown first and can be downcast to.
    #[must_use]
    pub fn context(self, context: impl Display + Send + Sync + 'static) -> Self {
        Self::of(Contextual { context, below: Some(self) })
    }

    /// Returns an error that consists of a context alone.
    fn of_context(context: impl Display + Send + Sync + 'static) -> Self {
        Self::of(Contextual { context, below: None })
    }

    /// Returns `true` if a link of the chain (an error, message or context given to this type) is
    /// an `E`, or is an `anyhow::Error` whose chain contains an `E`.
    pub fn is<E: Display + Debug + Send + Sync + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// Returns the topmost link of type `E`.
    pub fn downcast_ref<E: Display + Debug + Send + Sync + 'static>(&self) -> Option<&E> {
        let mut error = self;
        loop {
            match payload::get(error.node.payload()) {
                Some(found) => return Some(found),
                None => error = error.node.below()?,
            }
        }
    }

    /// Returns a mutable reference to the topmost link of type `E`.
    pub fn downcast_mut<E: Display + Debug + Send + Sync + 'static>(&mut self) -> Option<&mut E> {
        if payload::get::<E>(self.node.payload()).is_some() {
            return payload::get_mut(self.node.payload_mut());
        }
        self.node.below_mut()?.downcast_mut()
    }

    /// Returns the topmost link of type `E` by value; contexts above and causes below it are lost.
    ///
    /// # Errors
    ///
    /// Fails if there is no such link; the error is returned unchanged.
    pub fn downcast<E: Display + Debug + Send + Sync + 'static>(self) -> Result<E, Self> {
        if !self.is::<E>() {
            return Err(self);
        }
        let mut error = self;
        while payload::get::<E>(error.node.payload()).is_none() {
            let below = error.node.into_below();
            error = below.expect("`is` found the type in the chain");
        }
        let found = payload::take(error.node.into_payload());
        Result::Ok(found.expect("the link was asked just now"))
    }

    /// Returns the errors of the chain, from the topmost context to the root cause.
    pub fn chain(&self) -> Chain<'_> {
        Chain { next: Some(self.node.as_std()) }
    }

    /// Returns the last error of the chain.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        let last = self.chain().last();
        last.expect("a chain has at least one link")
    }
}

/// The errors of a chain, from the topmost context to the root cause.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let error = Error::msg("disk full").context("cannot write the report");
/// let messages: Vec<_> = error.chain().map(ToString::to_string).collect();
/// assert_eq!(messages, ["cannot write the report", "disk full"]);
/// ```
#[derive(Clone)]
pub struct Chain<'e> {
    next: Option<&'e (dyn StdError + 'static)>,
}

impl<'e> Iterator for Chain<'e> {
    type Item = &'e (dyn StdError + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        let this = self.next?;
        self.next = this.source();
        Some(this)
    }
}

impl Display for Error {
    /// Writes the topmost link; with `{:#}` the whole chain, separated by `": "`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self.node.as_std(), f)?;
        if f.alternate() {
            for cause in self.chain().skip(1) {
                write!(f, ": {cause}")?;
            }
        }
        fmt::Result::Ok(())
    }
}

impl Debug for Error {
    /// Writes the chain as the `Caused by:` list that programs print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return Debug::fmt(self.node.as_std(), f);
        }
        Display::fmt(self.node.as_std(), f)?;
        let causes = self.chain().skip(1).count();
        if causes == 0 {
            return fmt::Result::Ok(());
        }
        f.write_str("\n\nCaused by:")?;
        for (i, cause) in self.chain().skip(1).enumerate() {
            f.write_str("\n")?;
            let number = (causes > 1).then_some(i);
            let mut indented = Indented { out: f, number, started: false };
            fmt::write(&mut indented, format_args!("{cause}"))?;
        }
        fmt::Result::Ok(())
    }
}

/// Writes a cause with its number in front and its further lines indented below it.
struct Indented<'f, 'o> {
    out: &'f mut fmt::Formatter<'o>,
    number: Option<usize>,
    started: bool,
}

impl fmt::Write for Indented<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (i, line) in text.split('\n').enumerate() {
            if !self.started {
                self.started = true;
                match self.number {
                    Some(number) => write!(self.out, "{number:>5}: ")?,
                    None => self.out.write_str("    ")?,
                }
            } else if i > 0 {
                self.out.write_str("\n")?;
                let indent = if self.number.is_some() { 7 } else { 4 };
                write!(self.out, "{:indent$}", "")?;
            }
            self.out.write_str(line)?;
        }
        fmt::Result::Ok(())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync + 'static> {
    fn from(error: Error) -> Self {
        Box::new(Whole(error))
    }
}

impl From<Error> for Box<dyn StdError + Send + 'static> {
    fn from(error: Error) -> Self {
        Box::new(Whole(error))
    }
}

impl From<Error> for Box<dyn StdError + 'static> {
    fn from(error: Error) -> Self {
        Box::new(Whole(error))
    }
}

impl AsRef<dyn StdError + 'static> for Error {
    fn as_ref(&self) -> &(dyn StdError + 'static) {
        self.node.as_std()
    }
}

impl AsRef<dyn StdError + Send + Sync + 'static> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.node.as_std()
    }
}

impl core::ops::Deref for Error {
    type Target = dyn StdError + Send + Sync + 'static;

    fn deref(&self) -> &Self::Target {
        self.node.as_std()
    }
}

/// An `Error` as a standard error. Nothing of it is derived: `#[error(transparent)]` would show the
/// chain for `{:#}`, although those who print an error's sources themselves ask for the first link.
struct Whole(Error);

impl Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self.0.node.as_std(), f)
    }
}

impl Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.0, f)
    }
}

impl StdError for Whole {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.node.as_std().source()
    }
}
