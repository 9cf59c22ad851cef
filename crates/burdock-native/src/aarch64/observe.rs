//! Observation: counts, and sites at which the host is called.

use super::{AArch64, asm};
use crate::isa::Observe;
use crate::part::Part;
use burdock_ir::control::{self, BrIfWatched, CountIf};
use burdock_ir::{Kind, Meaning};

impl Observe for AArch64 {
    fn count(&mut self, part: &Part) {
        if part.meaning == Meaning::CountIf {
            self.read_slot(part, CountIf::condition(), 11);
        }
        asm!(self, "ldr x8, [x4, #{{cells}}]\nldr w9, {}", Self::field(part, CountIf::cell()));
        asm!(self, "add x8, x8, x9, lsl #3\nldr x9, [x8]");
        match part.meaning {
            Meaning::CountIf => asm!(self, "cmp w11, #0\ncinc x9, x9, ne"),
            _ => asm!(self, "add x9, x9, #1"),
        }
        asm!(self, "str x9, [x8]");
    }

    fn anchor(&mut self, part: &Part) {
        asm!(self, "ldrb w8, [x4, #{{detours}}]\ntst w8, #{{newer}}");
        self.seldom("b.ne", |isa| isa.leave(part, "{anchor}"));
    }

    fn br_if_watched(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrIfWatchedR { Kind::Reg } else { Kind::Slot };
        let address = self.int_operand(part, kind, BrIfWatched::address(), 64, 8);
        asm!(self, "ldr x9, {}\nadd x8, {address}, x9", Self::field(part, BrIfWatched::offset()));
        asm!(self, "ldr x9, [x4, #{{watched_start}}]\nldr x10, [x4, #{{watched_len}}]");
        asm!(self, "sub x8, x8, x9\ncmp x8, x10");
        self.jump_if(part, "lo");
    }

    /// Parks the guest and calls the host at a site, as the Rust handler does. All values are in
    /// slots, so callee-saved registers are free. The slow path continues if the host fails or
    /// requests something.
    fn observe(&mut self, part: &Part) {
        let position = part.position * 8;
        // One load reads both halves of the frame's size.
        let (frame, site) = (control::Observe::frame_low().byte(), control::Observe::site().byte());
        asm!(self, "mov x19, x4\nadd x20, x0, #{position}\nldr x8, [x4, #{{stack_base}}]");
        asm!(self, "sub x21, x1, x8\nlsr x9, x21, #3\nldr x10, [x4, #{{instance}}]");
        asm!(self, "str x20, [x4, #{{parked_ip}}]\nstr x9, [x4, #{{parked_sp}}]");
        asm!(self, "str x10, [x4, #{{parked_instance}}]\nldr w10, [x20, #{frame}]");
        asm!(self, "add x9, x9, x10\nstr x9, [x4, #{{top}}]\nldr w1, [x20, #{site}]");
        asm!(self, "ldr x0, [x4, #{{host_data}}]\nldr x8, [x4, #{{host_vtable}}]");
        asm!(self, "ldr x8, [x8, #{{observe}}]");
        // A hook may panic, so an unwinder needs this frame's layout.
        asm!(self, ".cfi_startproc\nstp x29, x30, [sp, #-16]!\n.cfi_def_cfa_offset 16");
        asm!(self, ".cfi_offset x29, -16\n.cfi_offset x30, -8");
        asm!(self, "blr x8\nldp x29, x30, [sp], #16\n.cfi_def_cfa_offset 0");
        asm!(self, ".cfi_restore x29\n.cfi_restore x30\n.cfi_endproc");
        asm!(self, "and w9, w0, #0xff\nldr x1, [x19, #{{stack_base}}]\nadd x1, x1, x21");
        asm!(self, "ldr x8, [x19, #{{memory}}]\nldr x2, [x8, #{{memory_data}}]");
        asm!(self, "ldr x3, [x8, #{{memory_len}}]\nmov x4, x19\nsub x0, x20, #{position}");
        asm!(self, "ldrb w8, [x19, #{{detours}}]\norr w8, w8, w9");
        self.seldom("cbnz w8,", |isa| {
            asm!(isa, "mov x0, x20\nstrb w9, [x19, #{{host_failed}}]\nb {{observed}}");
        });
    }
}
