//! Values in consecutive slots.

use super::{X86_64, asm};
use crate::isa::{Isa, Spans};
use crate::part::Part;
use burdock_ir::Meaning;
use burdock_ir::control::{CopySpan, I64Add128};

impl Spans for X86_64 {
    fn copy_span(&mut self, part: &Part) {
        let [to, from, count] = [CopySpan::to(), CopySpan::from(), CopySpan::len()]
            .map(|field| Self::field(part, field));
        asm!(self, "movzx r11d, {to}\nmovzx eax, {from}\nmovzx r10d, {count}");
        asm!(self, "lea r11, [rsi+r11*8]\nlea rax, [rsi+rax*8]");
        self.copy_words();
    }

    fn add_128(&mut self, part: &Part) {
        let (low, high) = match part.meaning {
            Meaning::I64Add128 => ("add", "adc"),
            _ => ("sub", "sbb"),
        };
        self.first(part);
        asm!(self, "mov rax, [r11+16]\nmov r10, [r11+24]");
        asm!(self, "{low} [r11], rax\n{high} [r11+8], r10");
    }

    fn mul_wide(&mut self, part: &Part) {
        let mul = if part.meaning == Meaning::I64MulWideS { "imul" } else { "mul" };
        self.first(part);
        asm!(self, "mov r10, rdx\nmov rax, [r11+8]\n{mul} qword ptr [r11]");
        asm!(self, "mov [r11], rax\nmov [r11+8], rdx\nmov rdx, r10");
    }
}

impl X86_64 {
    /// Loads the address of the first slot into `r11`.
    fn first(&mut self, part: &Part) {
        asm!(self, "movzx r11d, {}\nlea r11, [rsi+r11*8]", Self::field(part, I64Add128::first()));
    }

    /// Copies `r10` words from `rax` on to `r11` on, which is not above. They are few, and most of
    /// them were written one by one just now: words are what can be forwarded from such stores.
    pub(super) fn copy_words(&mut self) {
        let (word, done) = (self.label(), self.label());
        asm!(self, "lea rax, [rax+r10*8]\nlea r11, [r11+r10*8]\nneg r10\njz .L{done}");
        asm!(self, ".L{word}:\nvmovq xmm15, qword ptr [rax+r10*8]");
        asm!(self, "vmovq qword ptr [r11+r10*8], xmm15\ninc r10\njnz .L{word}\n.L{done}:");
    }
}
