//! How many slots a function's frame may have: more are refused when the function is validated, not
//! when it is first called.

use crate::ParseError;
use alloc::format;
use burdock_types::{FuncType, ValType};

/// The most slots that the parameters (or results, if those take more), the other locals and the
/// operands of a function may take together. A `v128` takes two slots, every other value one.
///
/// Instructions name slots by 16 bits; what is left of those numbers is for what a call needs.
pub const MAX_FRAME_SLOTS: u32 = 65_000;

/// How many operands a function may have, as far as it is known.
pub(crate) struct FrameLimit {
    /// The slots of what is no operand.
    locals: u64,
    /// The most operands.
    pub(crate) operands: u32,
    /// Whether an operand may be a vector.
    vectors: bool,
}

impl FrameLimit {
    /// The limit of a function of this type that has no other locals yet; `vectors` says whether
    /// there may be vectors in it.
    pub(crate) fn new(ty: &FuncType, vectors: bool) -> Self {
        let locals = ty.param_slots().max(ty.result_slots()).into();
        Self { locals, operands: u32::MAX, vectors }
    }

    /// Notes more locals.
    pub(crate) fn add_locals(&mut self, count: u32, ty: ValType) {
        self.locals += u64::from(count) * u64::from(ty.slots());
        self.vectors |= ty == ValType::V128;
    }

    /// All locals are known: determines how many operands there may be.
    ///
    /// # Errors
    ///
    /// There are too many locals.
    pub(crate) fn begin(&mut self, offset: u64) -> Result<(), ParseError> {
        let left = u64::from(MAX_FRAME_SLOTS).checked_sub(self.locals);
        let left = left.ok_or_else(|| Self::exceeded(offset))?;
        self.operands = left as u32 / if self.vectors { 2 } else { 1 };
        Ok(())
    }

    /// Notes that there may be vectors from here on.
    pub(crate) fn note_vectors(&mut self) {
        if !self.vectors {
            self.vectors = true;
            self.operands /= 2;
        }
    }

    /// The error of a function that exceeds the limit.
    #[cold]
    pub(crate) fn exceeded(offset: u64) -> ParseError {
        let message = format!(
            "function needs more than {MAX_FRAME_SLOTS} slots for its locals and operands, \
             which is more than Burdock supports"
        );
        ParseError::new(message, offset)
    }
}
