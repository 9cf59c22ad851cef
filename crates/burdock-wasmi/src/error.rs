//! `Error` and `ErrorKind`, and the errors of Burdock as those of wasmi.

use crate::TrapCode;
use crate::errors::{
    EnforcedLimitsError, FuelError, FuncError, GlobalError, HostError, InstantiationError, IrError,
    LinkerError, MemoryError, ReadError, TableError, TranslationError,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use burdock::{
    ParseError, ResourceLimitError, StartFunctionError, TranslateError, Trap, WasmBacktrace,
};
use core::fmt;
use core::mem;

/// The error of any operation.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    /// The error of Burdock that led to this one.
    origin: Option<burdock::Error>,
}

/// The kind of an [`Error`], with what is known of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A guest has trapped.
    #[error("{0}")]
    TrapCode(TrapCode),
    /// An error that is described by a message.
    #[error("{0}")]
    Message(Box<str>),
    /// A guest has ended itself with an exit status.
    #[error("Exited with i32 exit status {0}")]
    I32ExitStatus(i32),
    /// An error of the embedder.
    #[error("{0}")]
    Host(Box<dyn HostError>),
    /// The error of a global.
    #[error("{0}")]
    Global(GlobalError),
    /// The error of a memory.
    #[error("{0}")]
    Memory(MemoryError),
    /// The error of a table.
    #[error("{0}")]
    Table(TableError),
    /// The error of a linker.
    #[error("{0}")]
    Linker(LinkerError),
    /// The error of an instantiation.
    #[error("{0}")]
    Instantiation(InstantiationError),
    /// The error of a use of fuel.
    #[error("{0}")]
    Fuel(FuelError),
    /// The error of a function's type.
    #[error("{0}")]
    Func(FuncError),
    /// The error of a stream.
    #[error("{0}")]
    Read(ReadError),
    /// The error of a binary that is malformed or invalid.
    #[error("{0}")]
    Wasm(ParseError),
    /// The error of a function that cannot be translated.
    #[error("{0}")]
    Translation(TranslationError),
    /// The error of a module that exceeds the configuration's limits.
    #[error("{0}")]
    UserLimits(EnforcedLimitsError),
    /// The error of a function that is too large for the engine.
    #[error("{0}")]
    Ir(IrError),
    /// The error of text that is no module.
    #[cfg(feature = "wat")]
    #[error("{0}")]
    Wat(wat::Error),
}

impl ErrorKind {
    /// Returns the code of the trap that the error is, or stands for.
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        Some(match self {
            Self::TrapCode(code) => *code,
            Self::Fuel(FuelError::OutOfFuel { .. })
            | Self::Memory(MemoryError::OutOfFuel { .. })
            | Self::Table(TableError::OutOfFuel { .. }) => TrapCode::OutOfFuel,
            Self::Memory(MemoryError::OutOfBoundsAccess | MemoryError::OutOfBoundsGrowth) => {
                TrapCode::MemoryOutOfBounds
            }
            Self::Table(TableError::ElementTypeMismatch) => TrapCode::BadSignature,
            Self::Table(
                TableError::SetOutOfBounds
                | TableError::FillOutOfBounds
                | TableError::GrowOutOfBounds
                | TableError::InitOutOfBounds,
            ) => TrapCode::TableOutOfBounds,
            _ => return None,
        })
    }

    /// Returns the exit status with which a guest has ended itself.
    pub fn as_i32_exit_status(&self) -> Option<i32> {
        match self {
            Self::I32ExitStatus(status) => Some(*status),
            _ => None,
        }
    }

    /// Returns the embedder's error.
    pub fn as_host(&self) -> Option<&dyn HostError> {
        match self {
            Self::Host(error) => Some(&**error),
            _ => None,
        }
    }

    /// Returns a mutable reference to the embedder's error.
    pub fn as_host_mut(&mut self) -> Option<&mut dyn HostError> {
        match self {
            Self::Host(error) => Some(&mut **error),
            _ => None,
        }
    }

    /// Returns the embedder's error.
    pub fn into_host(self) -> Option<Box<dyn HostError>> {
        match self {
            Self::Host(error) => Some(error),
            _ => None,
        }
    }
}

impl Error {
    fn of(kind: ErrorKind) -> Self {
        Self { inner: Box::new(Inner { kind, origin: None }) }
    }

    /// Creates an error with a message.
    #[cold]
    pub fn new<T: Into<String>>(message: T) -> Self {
        Self::of(ErrorKind::Message(message.into().into()))
    }

    /// Creates an error of an embedder's type.
    #[cold]
    pub fn host<E: HostError>(error: E) -> Self {
        Self::of(ErrorKind::Host(Box::new(error)))
    }

    /// Creates the error with which a guest ends itself, with an exit status.
    #[cold]
    pub fn i32_exit(status: i32) -> Self {
        Self::of(ErrorKind::I32ExitStatus(status))
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// Returns the code of the trap that the error is, or stands for.
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        self.kind().as_trap_code()
    }

    /// Returns the exit status with which a guest has ended itself.
    pub fn i32_exit_status(&self) -> Option<i32> {
        self.kind().as_i32_exit_status()
    }

    /// Returns the embedder's error, if it is of the type.
    pub fn downcast_ref<E: HostError>(&self) -> Option<&E> {
        self.inner.kind.as_host()?.downcast_ref()
    }

    /// Returns a mutable reference to the embedder's error, if it is of the type.
    pub fn downcast_mut<E: HostError>(&mut self) -> Option<&mut E> {
        self.inner.kind.as_host_mut()?.downcast_mut()
    }

    /// Returns the embedder's error, if it is of the type.
    pub fn downcast<E: HostError>(self) -> Option<E> {
        let error = self.inner.kind.into_host()?.downcast().ok()?;
        Some(*error)
    }

    /// Returns the frames of the guest in which the error occurred. wasmi has no such method.
    pub fn backtrace(&self) -> Option<&WasmBacktrace> {
        self.inner.origin.as_ref()?.downcast_ref()
    }

    /// Returns the error as an error of Burdock, of which it is the cause.
    #[cold]
    pub fn into_burdock(self) -> burdock::Error {
        burdock::Error::new(self)
    }

    /// Returns an error of Burdock as an error of wasmi. An error that came from a host function is
    /// the error that the function returned.
    #[cold]
    pub fn from_burdock(mut origin: burdock::Error) -> Self {
        if let Some(own) = origin.downcast_mut::<Self>() {
            let mut own = mem::replace(own, Self::new(""));
            own.inner.origin = Some(origin);
            return own;
        }
        #[cfg(feature = "wat")]
        if origin.is::<wat::Error>() {
            return match origin.downcast::<wat::Error>() {
                Ok(error) => Self::of(ErrorKind::Wat(error)),
                Err(error) => Self::of(ErrorKind::Message(format!("{error:#}").into())),
            };
        }
        let kind = kind_of(&origin);
        Self { inner: Box::new(Inner { kind, origin: Some(origin) }) }
    }

    /// Returns a copy of an error of Burdock that stays where it is.
    pub(crate) fn copy_of(error: &burdock::Error) -> Self {
        Self::of(kind_of(error))
    }
}

/// Returns the kind that wasmi would say an error of Burdock is of.
fn kind_of(error: &burdock::Error) -> ErrorKind {
    if let Some(code) = error.downcast_ref().copied().and_then(TrapCode::from_burdock) {
        return ErrorKind::TrapCode(code);
    }
    if let Some(error) = error.downcast_ref::<ParseError>() {
        return of_parsing(error);
    }
    // The error of a translation at the first call is boxed, so that only the chain has its type.
    let translation = error.chain().find_map(|cause| cause.downcast_ref::<TranslateError>());
    if let Some(error) = error.downcast_ref::<TranslateError>().or(translation) {
        return match error {
            TranslateError::Invalid(error) => of_parsing(error),
            TranslateError::FrameTooLarge { .. } => ErrorKind::Ir(IrError::StackSlotOutOfBounds),
            error => ErrorKind::Translation(TranslationError::Function(error.clone())),
        };
    }
    if error.is::<StartFunctionError>() {
        return ErrorKind::Translation(TranslationError::DisallowedStartFn);
    }
    if let Some(error) = error.downcast_ref::<ResourceLimitError>() {
        return of_limits(error);
    }
    // Without the backtrace, which `Error::backtrace` returns.
    let causes = error.chain().filter(|cause| !cause.is::<Trap>());
    let text = match error.is::<WasmBacktrace>() {
        true => causes.last().map(ToString::to_string),
        false => None,
    };
    ErrorKind::Message(text.unwrap_or_else(|| format!("{error:#}")).into())
}

fn of_parsing(error: &ParseError) -> ErrorKind {
    match error.exceeded_limit() {
        Some(limit) => EnforcedLimitsError::from_burdock(limit).into(),
        None => ErrorKind::Wasm(error.clone()),
    }
}

fn of_limits(error: &ResourceLimitError) -> ErrorKind {
    match error {
        ResourceLimitError::Instances(_) => InstantiationError::TooManyInstances.into(),
        ResourceLimitError::Tables(_) => InstantiationError::TooManyTables.into(),
        ResourceLimitError::Memories(_) => InstantiationError::TooManyMemories.into(),
        ResourceLimitError::MemorySize(_) => MemoryError::ResourceLimiterDeniedAllocation.into(),
        ResourceLimitError::TableSize(_) => TableError::ResourceLimiterDeniedAllocation.into(),
        error => ErrorKind::Message(error.to_string().into()),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.kind(), f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Error");
        text.field("kind", self.kind());
        if let Some(backtrace) = self.backtrace() {
            text.field("backtrace", &format_args!("{backtrace}"));
        }
        text.finish()
    }
}

impl core::error::Error for Error {}

macro_rules! kinds {
    ($($(#[$cfg:meta])* $kind:ident($error:ty);)*) => {$(
        $(#[$cfg])*
        impl From<$error> for ErrorKind {
            fn from(error: $error) -> Self {
                Self::$kind(error)
            }
        }

        $(#[$cfg])*
        impl From<$error> for Error {
            #[cold]
            fn from(error: $error) -> Self {
                Self::of(ErrorKind::$kind(error))
            }
        }
    )*};
}

kinds! {
    TrapCode(TrapCode);
    Global(GlobalError);
    Memory(MemoryError);
    Table(TableError);
    Linker(LinkerError);
    Instantiation(InstantiationError);
    Fuel(FuelError);
    Func(FuncError);
    Read(ReadError);
    Wasm(ParseError);
    Translation(TranslationError);
    UserLimits(EnforcedLimitsError);
    Ir(IrError);
    #[cfg(feature = "wat")]
    Wat(wat::Error);
}
