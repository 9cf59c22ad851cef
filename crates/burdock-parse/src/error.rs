//! `ParseError`: why bytes are not a valid module.

use alloc::string::{String, ToString};
use burdock_types::Escaped;
use core::fmt;

/// Why bytes are not a valid module: what was found or expected, and where.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} (at offset {offset:#x})", Escaped(.message))]
pub struct ParseError {
    message: String,
    offset: u64,
    exceeded: Option<ExceededLimit>,
}

/// A limit of [`EnforcedLimits`](crate::EnforcedLimits) that a module exceeds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ExceededLimit {
    /// The quantity that the limit bounds.
    pub of: Bounded,
    /// The limit.
    pub limit: u64,
    /// The value in the module.
    pub found: u64,
}

/// A quantity that a limit of [`EnforcedLimits`](crate::EnforcedLimits) bounds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the limits")]
pub enum Bounded {
    Globals,
    Functions,
    Tables,
    ElementSegments,
    Memories,
    DataSegments,
    Parameters,
    Results,
    AvgBytesPerFunction,
}

impl fmt::Display for ExceededLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, limit, found } = self;
        let what = match of {
            Bounded::Globals => "globals",
            Bounded::Functions => "functions",
            Bounded::Tables => "tables",
            Bounded::ElementSegments => "element segments",
            Bounded::Memories => "memories",
            Bounded::DataSegments => "data segments",
            Bounded::Parameters => "parameters",
            Bounded::Results => "results",
            Bounded::AvgBytesPerFunction => {
                return write!(
                    f,
                    "function bodies have {found} bytes on average, under the enforced limit of \
                     {limit}"
                );
            }
        };
        write!(f, "{found} {what} exceed the enforced limit of {limit}")
    }
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, offset: u64) -> Self {
        Self { message: message.into(), offset, exceeded: None }
    }

    pub(crate) fn exceeded(limit: ExceededLimit, offset: u64) -> Self {
        Self { exceeded: Some(limit), ..Self::new(limit.to_string(), offset) }
    }

    /// Returns the limit that the module exceeds, if that is the error.
    pub fn exceeded_limit(&self) -> Option<ExceededLimit> {
        self.exceeded
    }

    /// Returns the description of the error.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the byte offset of the error in the module's binary.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl From<wasmparser::BinaryReaderError> for ParseError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        let message = error.message();
        // The proposal is off by default, so the message says what switches it on.
        let switch = match message.starts_with("custom descriptors") {
            true => "; see `Config::wasm_custom_descriptors`",
            false => "",
        };
        Self::new([message, switch].concat(), error.offset())
    }
}
