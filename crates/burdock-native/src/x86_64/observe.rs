//! Observation: counts, and sites at which the host is called.

use super::{X86_64, asm};
use crate::isa::{Isa, Observe};
use crate::part::Part;
use burdock_ir::control::{self, BrIfWatched, CountIf};
use burdock_ir::{Kind, Meaning};
use std::fmt::Write;

impl Observe for X86_64 {
    fn count(&mut self, part: &Part) {
        asm!(self, "mov r10, [r8+{{cells}}]");
        asm!(self, "mov eax, {}", Self::field(part, CountIf::cell()));
        if part.meaning == Meaning::Count {
            asm!(self, "inc qword ptr [r10+rax*8]");
            return;
        }
        let condition = self.slot(part, CountIf::condition(), "r11", 32);
        asm!(self, "cmp {condition}, 1\nsbb qword ptr [r10+rax*8], -1");
    }

    fn anchor(&mut self, part: &Part) {
        let slow = self.label();
        asm!(self, "test byte ptr [r8+{{detours}}], {{newer}}\njnz .L{slow}");
        self.leave_at(slow, part, "{anchor}");
    }

    fn br_if_watched(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::BrIfWatchedR { Kind::Reg } else { Kind::Slot };
        let address = self.int_operand(part, kind, BrIfWatched::address(), 64, "rax");
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::field(part, BrIfWatched::offset()));
        asm!(self, "sub rax, [r8+{{watched_start}}]\ncmp rax, [r8+{{watched_len}}]");
        self.jump_if(part, &["b"]);
    }

    /// Parks the guest and calls the host at a site, as the Rust handler does. All values are in
    /// slots, so callee-saved registers are free. The slow path continues if the host fails or
    /// requests something.
    fn observe(&mut self, part: &Part) {
        let (slow, position) = (self.label(), part.position * 8);
        // One load reads both halves of the frame's size.
        let (frame, site) = (control::Observe::frame_low().byte(), control::Observe::site().byte());
        asm!(self, "mov rbx, r8\nlea rbp, [rdi+{position}]\nmov r12, rsi");
        asm!(self, "sub r12, [r8+{{stack_base}}]\nmov rax, r12\nshr rax, 3");
        asm!(self, "mov rcx, [r8+{{instance}}]\nmov [r8+{{parked_ip}}], rbp");
        asm!(self, "mov [r8+{{parked_sp}}], rax\nmov [r8+{{parked_instance}}], rcx");
        asm!(self, "mov ecx, dword ptr [rbp+{frame}]\nadd rax, rcx\nmov [r8+{{top}}], rax");
        asm!(self, "mov esi, dword ptr [rbp+{site}]");
        asm!(self, "mov rdi, [r8+{{host_data}}]\nmov rax, [r8+{{host_vtable}}]");
        // A hook may panic, so an unwinder needs this frame's layout.
        asm!(self, ".cfi_startproc\nsub rsp, 8\n.cfi_adjust_cfa_offset 8");
        asm!(self, "call qword ptr [rax+{{observe}}]");
        asm!(self, "add rsp, 8\n.cfi_adjust_cfa_offset -8\n.cfi_endproc");
        asm!(self, "mov rsi, [rbx+{{stack_base}}]\nadd rsi, r12\nmov r10, [rbx+{{memory}}]");
        asm!(self, "mov rdx, [r10+{{memory_data}}]\nmov rcx, [r10+{{memory_len}}]");
        asm!(self, "mov r8, rbx\nlea rdi, [rbp-{position}]");
        asm!(self, "mov r11d, eax\nor r11b, [rbx+{{detours}}]\njnz .L{slow}");
        let _ =
            write!(self.written.tail, ".L{slow}:\nmov rdi, rbp\nmov [rbx+{{host_failed}}], al\n");
        self.written.tail.push_str("jmp {observed}\n");
    }
}
