//! `TranslateError`: why a body could not be translated.

use burdock_parse::ParseError;

/// The reason why a function body could not be translated.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// The body is invalid.
    #[error(transparent)]
    Invalid(#[from] ParseError),
    /// An operator belongs to a proposal that Burdock does not support.
    #[error("the {} proposal is not supported (at offset {offset:#x})", .proposal.replace('_', "-"))]
    Unsupported {
        /// The name of the proposal, as in wasmparser's features.
        proposal: &'static str,
        /// The byte offset of the operator in the module's binary.
        offset: u64,
    },
    /// The frame is too large for 16-bit slot numbers.
    #[error("function needs more than {} frame slots (at offset {offset:#x})", u16::MAX)]
    FrameTooLarge {
        /// The byte offset in the module's binary of the operator that needs one slot too many.
        offset: u64,
    },
}

impl TranslateError {
    /// Returns the byte offset in the module's binary at which translation failed.
    pub fn offset(&self) -> u64 {
        match self {
            Self::Invalid(error) => error.offset(),
            Self::Unsupported { offset, .. } | Self::FrameTooLarge { offset } => *offset,
        }
    }
}
