//! `ParseError`: why bytes are not a valid module.

use alloc::string::{String, ToString};
use burdock_types::Escaped;
use core::fmt;

/// Why bytes are not a valid module: what was found or expected, and where.
#[derive(Debug, Clone)]
pub struct ParseError {
    message: String,
    offset: u64,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, offset: u64) -> Self {
        Self { message: message.into(), offset }
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The byte offset into the module's binary at which it is wrong.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {:#x})", Escaped(&self.message), self.offset)
    }
}

impl core::error::Error for ParseError {}

impl From<wasmparser::BinaryReaderError> for ParseError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self { message: error.message().to_string(), offset: error.offset() }
    }
}
