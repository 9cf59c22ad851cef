//! Calls and returns. No value stays in a register across a call.

use super::{F32, F64, INT, X86_64, asm};
use crate::isa::{Calls, Isa};
use crate::part::Part;
use burdock_ir::control::{
    Call, CallIndirect, CallRef, Enter, ReturnCall, ReturnCallIndirect, ReturnCallRef, ReturnImm,
    ReturnSlot,
};
use burdock_ir::{BitField, Kind, Meaning, USUAL_RECORD, ZEROED_GROUP};
use std::fmt::Write;

impl Calls for X86_64 {
    fn enter(&mut self, part: &Part) {
        let (slow, zero, done) = (self.label(), self.label(), self.label());
        asm!(
            self,
            "mov eax, {}\nlea r10, [rsi+rax*8]\ncmp r10, [r8+{{stack_end}}]",
            Self::field(part, Enter::frame())
        );
        asm!(
            self,
            "ja .L{slow}\nmovzx r10d, {}\ntest r10d, r10d",
            Self::field(part, Enter::locals())
        );
        asm!(
            self,
            "jz .L{done}\nmovzx eax, {}\nlea rax, [rsi+rax*8]\nvpxor xmm15, xmm15, xmm15",
            Self::field(part, Enter::first_local())
        );
        // A group at a time: a loop over single slots is left at another moment by each function,
        // which the processor does not predict.
        asm!(self, ".L{zero}:");
        for slots in (0..ZEROED_GROUP).step_by(4) {
            asm!(self, "vmovdqu ymmword ptr [rax+{}], ymm15", slots * 8);
        }
        let (slots, bytes) = (ZEROED_GROUP, ZEROED_GROUP * 8);
        asm!(self, "add rax, {bytes}\nsub r10d, {slots}\njnz .L{zero}\n.L{done}:");
        self.leave_at(slow, part, "{enter}");
    }

    fn call(&mut self, part: &Part) {
        let (args, record) = (Self::field(part, Call::args()), Self::field(part, Call::record()));
        asm!(
            self,
            "movzx eax, {args}\nmovzx r10d, {record}\nmov r11d, {}",
            Self::field(part, Call::func())
        );
        asm!(self, "lea rsi, [rsi+rax*8]\nlea r9, [rdi+{}]", (part.position + part.words) * 8);
        asm!(self, "mov [rsi+r10*8], r9\nmov [rsi+r10*8+8], rax\nmov rax, [r8+{{entries}}]");
        // The entry of the last call, which the comparison with the table's is predicted to
        // confirm: the callee does not wait for the table.
        let (guess, other) = (part.byte(Call::guess()), self.label());
        asm!(self, "mov rdi, [rdi+{guess}]\ncmp rdi, [rax+r11*8]\njne .L{other}");
        asm!(self, "jmp qword ptr [rdi]");
        let distance = (part.position + part.words) * 8 - guess;
        let _ = writeln!(
            self.written.tail,
            ".L{other}:\nmov rdi, [rax+r11*8]\nmov [r9-{distance}], rdi\njmp qword ptr [rdi]"
        );
    }

    /// Calls a function of this instance through a table, after comparing the function's type.
    /// Traps, and functions of other instances, are left to the Rust handler.
    fn call_indirect(&mut self, part: &Part) {
        let (kind, handler) = match part.meaning {
            Meaning::CallIndirectR => (Kind::Reg, "call_indirect_r"),
            _ => (Kind::Slot, "call_indirect"),
        };
        let slow = self.label();
        let index = self.callee(part, kind, slow);
        self.enter_callee(part, [CallIndirect::args(), CallIndirect::record()]);
        self.leave_call_at(slow, part, (kind, &index), handler);
    }

    /// Calls a function of this instance by its reference. Null and functions of other instances
    /// are left to the handler in Rust.
    fn call_ref(&mut self, part: &Part) {
        let (kind, handler) = match part.meaning {
            Meaning::CallRefR => (Kind::Reg, "call_ref_r"),
            _ => (Kind::Slot, "call_ref"),
        };
        let slow = self.label();
        let func = self.referent(part, kind, CallRef::func(), slow);
        self.enter_callee(part, [CallRef::args(), CallRef::record()]);
        self.leave_call_at(slow, part, (kind, &func), handler);
    }

    /// Tail-calls a function of the same instance.
    fn return_call(&mut self, part: &Part) {
        let callee = part.byte(ReturnCall::func());
        asm!(self, "mov eax, [rdi+{callee}]\nmov r10, [r8+{{entries}}]\nmov r9, [r10+rax*8]");
        asm!(self, "movzx r10d, {}", Self::field(part, ReturnCall::own_record()));
        self.replace_frame(part);
    }

    /// Tail-calls a function through a table, as `call_indirect`.
    fn return_call_indirect(&mut self, part: &Part) {
        let slow = self.label();
        self.callee(part, Kind::Slot, slow);
        let own = part.byte(ReturnCallIndirect::own_record());
        asm!(self, "mov r9, [r10+{{func_entry}}]\nmovzx r10d, word ptr [rdi+{own}]");
        self.replace_frame(part);
        self.leave_at(slow, part, "{return_call_indirect}");
    }

    /// Tail-calls the function of a reference, as `call_ref`.
    fn return_call_ref(&mut self, part: &Part) {
        let slow = self.label();
        self.referent(part, Kind::Slot, ReturnCallRef::func(), slow);
        asm!(self, "mov r9, [r10+{{func_entry}}]");
        asm!(self, "movzx r10d, {}", Self::field(part, ReturnCallRef::own_record()));
        self.replace_frame(part);
        self.leave_at(slow, part, "{return_call_ref}");
    }

    fn return_(&mut self, part: &Part) {
        let value = ReturnSlot::value();
        let number = usize::from(part.register(value));
        match part.meaning {
            Meaning::ReturnI => asm!(self, "mov [rsi], {}", INT[number]),
            Meaning::ReturnF32 => asm!(self, "vmovd eax, xmm{}\nmov [rsi], rax", F32[number]),
            Meaning::ReturnF64 => asm!(self, "vmovsd qword ptr [rsi], xmm{}", F64[number]),
            Meaning::ReturnImm => {
                asm!(self, "mov eax, {}\nmov [rsi], rax", Self::field(part, ReturnImm::value()))
            }
            Meaning::ReturnSlot => {
                let slot = self.slot(part, value, "rax", 64);
                asm!(self, "mov rax, {slot}\nmov [rsi], rax");
            }
            _ => {}
        }
        let record = Self::field(part, ReturnSlot::record());
        let (back, distance) = (USUAL_RECORD * 8, USUAL_RECORD * 8 + 8);
        let other = self.label();
        // The comparison is predicted: nothing waits for the operand. Other slots are compared
        // behind all handlers (`return_by`).
        asm!(self, "cmp {record}, {USUAL_RECORD}\njne .L{other}");
        asm!(self, "mov rdi, [rsi+{back}]\nmov r10, [rsi+{distance}]");
        asm!(self, "neg r10\nlea rsi, [rsi+r10*8]\njmp qword ptr [rdi]");
        let _ = writeln!(self.written.tail, ".L{other}:\nmovzx eax, {record}\njmp return_by");
    }
}

impl X86_64 {
    /// Loads the function that an indirect call calls into `r10`, or takes the slow path. Returns
    /// the place of the index.
    fn callee(&mut self, part: &Part, kind: Kind, slow: usize) -> String {
        let (ty, table) = (part.byte(CallIndirect::ty()), part.byte(CallIndirect::table()));
        asm!(self, "mov r10d, [rdi+{table}]\nmov r11, [r8+{{tables}}]\nmov r11, [r11+r10*8]");
        let index = self.int_in_register(part, kind, CallIndirect::index(), 64, "rax");
        asm!(self, "cmp {index}, [r11+{{table_len}}]\njae .L{slow}\nmov r10, [r11+{{elements}}]");
        asm!(self, "mov r10, [r10+{index}*8]\ndec r10\njs .L{slow}");
        asm!(self, "shl r10, {{func_shift}}\nadd r10, [r8+{{funcs}}]");
        asm!(self, "mov r11d, [rdi+{ty}]\nshl r11, {{type_shift}}\nadd r11, [r8+{{types}}]");
        asm!(self, "mov r11d, [r11+{{type_id}}]\ncmp r11d, [r10+{{func_type}}]\njne .L{slow}");
        asm!(self, "mov r11, [r10+{{func_instance}}]\ncmp r11, [r8+{{instance}}]\njne .L{slow}");
        index
    }

    /// Finds the function that a reference refers to, `r10`, or goes the slow way; says where the
    /// reference is.
    fn referent(&mut self, part: &Part, kind: Kind, field: BitField, slow: usize) -> String {
        let func = self.int_in_register(part, kind, field, 64, "rax");
        asm!(self, "mov r10, {func}\ndec r10\njs .L{slow}");
        asm!(self, "shl r10, {{func_shift}}\nadd r10, [r8+{{funcs}}]");
        asm!(self, "mov r11, [r10+{{func_instance}}]\ncmp r11, [r8+{{instance}}]\njne .L{slow}");
        func
    }

    /// Pushes a frame for the function `r10` and goes on at its entry. `fields` are the arguments'
    /// first slot and the slot of the record.
    fn enter_callee(&mut self, part: &Part, fields: [BitField; 2]) {
        let [args, record] = fields.map(|field| Self::field(part, field));
        asm!(self, "movzx eax, {args}\nmovzx r11d, {record}\nlea rsi, [rsi+rax*8]");
        asm!(self, "lea r9, [rdi+{}]", (part.position + part.words) * 8);
        asm!(self, "mov [rsi+r11*8], r9\nmov [rsi+r11*8+8], rax");
        asm!(self, "mov rdi, [r10+{{func_entry}}]\njmp qword ptr [rdi]");
    }

    /// Writes the slow way of a call, whose callee is named by a value in this place: a handler in
    /// Rust makes the call.
    fn leave_call_at(&mut self, slow: usize, part: &Part, value: (Kind, &str), handler: &str) {
        let _ = writeln!(self.written.tail, ".L{slow}:");
        if value.0 == Kind::Reg && value.1 != INT[0] {
            let _ = writeln!(self.written.tail, "mov {}, {}", INT[0], value.1);
        }
        let _ = writeln!(self.written.tail, "add rdi, {}\njmp {{{handler}}}", part.position * 8);
    }

    /// Replaces the frame with the record at slot `r10` by that of the function with entry `r9`,
    /// and jumps there. Moves the arguments to the frame's beginning, and writes the record behind
    /// them.
    fn replace_frame(&mut self, part: &Part) {
        // These operands have the same place in all kinds of tail calls.
        let [args, record, params] =
            [ReturnCall::args(), ReturnCall::record(), ReturnCall::params()]
                .map(|field| Self::field(part, field));
        asm!(self, "mov rbx, [rsi+r10*8]\nmov rbp, [rsi+r10*8+8]");
        asm!(self, "movzx eax, {args}\nmovzx r10d, {params}\nmovzx r12d, {record}");
        asm!(self, "lea rax, [rsi+rax*8]\nmov r11, rsi");
        self.copy_words();
        asm!(self, "mov [rsi+r12*8], rbx\nmov [rsi+r12*8+8], rbp");
        asm!(self, "mov rdi, r9\njmp qword ptr [rdi]");
    }
}
