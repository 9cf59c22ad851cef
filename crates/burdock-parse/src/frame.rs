//! The limit on the slots of a function's frame. A function with more is refused when it is
//! validated, not when it is first called.

use crate::ParseError;
use alloc::format;
use burdock_types::{FuncType, ValType};

/// The maximum number of slots that the parameters (or results, if those take more), the other
/// locals and the operands of a function may take together. A `v128` takes two slots, every other
/// value one.
///
/// Instructions name slots by 16 bits; the slots above this maximum are for the needs of a call.
pub const MAX_FRAME_SLOTS: u32 = 65_000;

/// The maximum number of operands of a function, as far as it is known.
pub(crate) struct FrameLimit {
    /// The slots of everything but operands.
    locals: u64,
    /// The maximum number of operands.
    pub(crate) operands: u32,
    /// `true` if an operand may be a vector.
    vectors: bool,
}

impl FrameLimit {
    /// Returns the limit of a function of this type that has no other locals yet. `vectors` is
    /// `true` if the function may use vectors.
    pub(crate) fn new(ty: &FuncType, vectors: bool) -> Self {
        let locals = ty.param_slots().max(ty.result_slots()).into();
        Self { locals, operands: u32::MAX, vectors }
    }

    /// Records more locals.
    pub(crate) fn add_locals(&mut self, count: u32, ty: ValType) {
        self.locals += u64::from(count) * u64::from(ty.slots());
        self.vectors |= ty == ValType::V128;
    }

    /// Determines the maximum number of operands, once all locals are known.
    ///
    /// # Errors
    ///
    /// The function has too many locals.
    pub(crate) fn begin(&mut self, offset: u64) -> Result<(), ParseError> {
        let left = u64::from(MAX_FRAME_SLOTS).checked_sub(self.locals);
        let left = left.ok_or_else(|| Self::exceeded(offset))?;
        self.operands = left as u32 / if self.vectors { 2 } else { 1 };
        Ok(())
    }

    /// Records that the function may use vectors from this operator on.
    pub(crate) fn note_vectors(&mut self) {
        if !self.vectors {
            self.vectors = true;
            self.operands /= 2;
        }
    }

    /// Returns the error of a function that exceeds the limit.
    #[cold]
    pub(crate) fn exceeded(offset: u64) -> ParseError {
        let message = format!(
            "function needs more than {MAX_FRAME_SLOTS} slots for its locals and operands, \
             which is more than Burdock supports"
        );
        ParseError::new(message, offset)
    }
}
