//! Values in consecutive slots.

use super::{AArch64, asm};
use crate::isa::{Isa, Spans};
use crate::part::Part;
use burdock_ir::Meaning;
use burdock_ir::control::{CopySpan, I64Add128};

impl Spans for AArch64 {
    fn copy_span(&mut self, part: &Part) {
        let [to, from, count] = [CopySpan::to(), CopySpan::from(), CopySpan::len()]
            .map(|field| Self::field(part, field));
        asm!(self, "ldrh w8, {to}\nldrh w9, {from}\nldrh w10, {count}");
        asm!(self, "add x8, x1, x8, lsl #3\nadd x9, x1, x9, lsl #3");
        self.copy_words();
    }

    fn add_128(&mut self, part: &Part) {
        let (low, high) = match part.meaning {
            Meaning::I64Add128 => ("adds", "adc"),
            _ => ("subs", "sbc"),
        };
        self.first_two(part);
        asm!(self, "ldr x11, [x8, #16]\n{low} x9, x9, x11");
        asm!(self, "ldr x11, [x8, #24]\n{high} x10, x10, x11\nstp x9, x10, [x8]");
    }

    fn mul_wide(&mut self, part: &Part) {
        let high = if part.meaning == Meaning::I64MulWideS { "smulh" } else { "umulh" };
        self.first_two(part);
        asm!(self, "mul x11, x9, x10\n{high} x9, x9, x10\nstp x11, x9, [x8]");
    }
}

impl AArch64 {
    /// Loads the address of the first slot into `x8`, and that slot and the next into `x9` and
    /// `x10`.
    fn first_two(&mut self, part: &Part) {
        asm!(
            self,
            "ldrh w8, {}\nadd x8, x1, x8, lsl #3\nldp x9, x10, [x8]",
            Self::field(part, I64Add128::first())
        );
    }

    /// Copies `w10` words from `x9` on to `x8` on, which is not above.
    pub(super) fn copy_words(&mut self) {
        let (word, done) = (self.label(), self.label());
        asm!(self, "cbz w10, .L{done}\n.L{word}:\nldr x11, [x9], #8\nstr x11, [x8], #8");
        asm!(self, "subs w10, w10, #1\nb.ne .L{word}\n.L{done}:");
    }
}
