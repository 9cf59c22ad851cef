//! `TranslateError`: why a body could not be translated.

use alloc::{
    format,
    string::{String, ToString},
};
use burdock_parse::ParseError;
use burdock_types::Escaped;
use core::fmt;

/// Why a function body could not be translated.
#[derive(Debug, Clone)]
pub struct TranslateError {
    message: String,
    offset: u64,
}

impl TranslateError {
    /// An operator of a proposal that Burdock does not support.
    pub(crate) fn unsupported(proposal: &str, offset: u32) -> Self {
        let message = format!("the {} proposal is not supported", proposal.replace('_', "-"));
        Self { message, offset: offset.into() }
    }

    /// A frame that is too large for 16-bit slot numbers.
    pub(crate) fn frame_too_large(offset: u32) -> Self {
        let message = format!("function needs more than {} frame slots", u16::MAX);
        Self { message, offset: offset.into() }
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

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {:#x})", Escaped(&self.message), self.offset)
    }
}

impl core::error::Error for TranslateError {}

impl From<ParseError> for TranslateError {
    fn from(error: ParseError) -> Self {
        Self { message: error.message().to_string(), offset: error.offset() }
    }
}
