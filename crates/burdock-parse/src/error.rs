//! `ParseError`: why bytes are not a valid module.

use alloc::string::{String, ToString};
use burdock_types::Escaped;

/// Why bytes are not a valid module: what was found or expected, and where.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} (at offset {offset:#x})", Escaped(.message))]
pub struct ParseError {
    message: String,
    offset: u64,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, offset: u64) -> Self {
        Self { message: message.into(), offset }
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
        Self { message: error.message().to_string(), offset: error.offset() }
    }
}
