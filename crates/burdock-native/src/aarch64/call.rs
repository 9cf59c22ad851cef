//! Calls and returns. No value stays in a register across a call.

use super::{AArch64, INT, asm};
use crate::isa::{Calls, Isa};
use crate::part::Part;
use burdock_ir::control::{
    Call, CallIndirect, CallRef, Enter, ReturnCall, ReturnCallIndirect, ReturnCallRef, ReturnImm,
    ReturnSlot,
};
use burdock_ir::{BitField, Kind, Meaning, USUAL_RECORD, ZEROED_GROUP};

impl Calls for AArch64 {
    fn enter(&mut self, part: &Part) {
        // Another thread may have bound the function. It writes the first head last, so a thread
        // that has seen this head must read the others after it.
        asm!(
            self,
            "ldar x8, [x0]\nldr w8, {}\nldr x10, [x4, #{{stack_end}}]",
            Self::field(part, Enter::frame())
        );
        asm!(
            self,
            "ldrh w9, {}\nadd x8, x1, x8, lsl #3\ncmp x8, x10",
            Self::field(part, Enter::locals())
        );
        self.seldom("b.hi", |isa| isa.leave(part, "{enter}"));
        let (zero, done) = (self.label(), self.label());
        asm!(
            self,
            "cbz w9, .L{done}\nldrh w8, {}\nadd x8, x1, x8, lsl #3",
            Self::field(part, Enter::first_local())
        );
        asm!(self, ".L{zero}:");
        for _ in (0..ZEROED_GROUP).step_by(2) {
            asm!(self, "stp xzr, xzr, [x8], #16");
        }
        asm!(self, "subs w9, w9, #{ZEROED_GROUP}\nb.ne .L{zero}\n.L{done}:");
    }

    fn call(&mut self, part: &Part) {
        let (args, record) = (Self::field(part, Call::args()), Self::field(part, Call::record()));
        asm!(
            self,
            "ldrh w8, {args}\nldrh w9, {record}\nldr w10, {}",
            Self::field(part, Call::func())
        );
        asm!(self, "ldr x11, [x4, #{{entries}}]\nadd x1, x1, x8, lsl #3");
        asm!(self, "add x5, x0, #{}\nadd x9, x1, x9, lsl #3", (part.position + part.words) * 8);
        asm!(self, "ldr x0, [x11, x10, lsl #3]\nstp x5, x8, [x9]\nldr x8, [x0]\nbr x8");
    }

    /// Calls a function of this instance through a table, after comparing the function's type.
    /// Traps, and functions of other instances, are left to the Rust handler.
    fn call_indirect(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::CallIndirectR { Kind::Reg } else { Kind::Slot };
        let slow = self.label();
        self.callee(part, kind, slow);
        self.enter_callee(part, [CallIndirect::args(), CallIndirect::record()]);
        self.behind(slow, |isa| match kind {
            Kind::Reg => {
                asm!(isa, "mov x{}, x{}", INT[0], Self::int(part, CallIndirect::index()));
                isa.leave(part, "{call_indirect_r}");
            }
            _ => isa.leave(part, "{call_indirect}"),
        });
    }

    /// Calls a function of this instance by its reference. Null and functions of other instances
    /// are left to the handler in Rust.
    fn call_ref(&mut self, part: &Part) {
        let kind = if part.meaning == Meaning::CallRefR { Kind::Reg } else { Kind::Slot };
        let slow = self.label();
        self.referent(part, kind, CallRef::func(), slow);
        self.enter_callee(part, [CallRef::args(), CallRef::record()]);
        self.behind(slow, |isa| match kind {
            Kind::Reg => {
                asm!(isa, "mov x{}, x{}", INT[0], Self::int(part, CallRef::func()));
                isa.leave(part, "{call_ref_r}");
            }
            _ => isa.leave(part, "{call_ref}"),
        });
    }

    /// Tail-calls a function of the same instance.
    fn return_call(&mut self, part: &Part) {
        let callee = part.byte(ReturnCall::func());
        asm!(self, "ldr w8, [x0, #{callee}]\nldr x9, [x4, #{{entries}}]\nldr x5, [x9, x8, lsl #3]");
        asm!(self, "ldrh w8, {}", Self::field(part, ReturnCall::own_record()));
        self.replace_frame(part);
    }

    /// Tail-calls a function through a table, as `call_indirect`.
    fn return_call_indirect(&mut self, part: &Part) {
        let slow = self.label();
        self.callee(part, Kind::Slot, slow);
        let own = part.byte(ReturnCallIndirect::own_record());
        asm!(self, "ldr x5, [x10, #{{func_entry}}]\nldrh w8, [x0, #{own}]");
        self.replace_frame(part);
        self.behind(slow, |isa| isa.leave(part, "{return_call_indirect}"));
    }

    /// Tail-calls the function of a reference, as `call_ref`.
    fn return_call_ref(&mut self, part: &Part) {
        let slow = self.label();
        self.referent(part, Kind::Slot, ReturnCallRef::func(), slow);
        asm!(self, "ldr x5, [x10, #{{func_entry}}]");
        asm!(self, "ldrh w8, {}", Self::field(part, ReturnCallRef::own_record()));
        self.replace_frame(part);
        self.behind(slow, |isa| isa.leave(part, "{return_call_ref}"));
    }

    fn return_(&mut self, part: &Part) {
        let value = ReturnSlot::value();
        match part.meaning {
            Meaning::ReturnI => asm!(self, "str x{}, [x1]", Self::int(part, value)),
            Meaning::ReturnF32 | Meaning::ReturnF64 => {
                self.float_bits(part, value, Self::control_width(part.meaning).unwrap_or(64));
                asm!(self, "str x9, [x1]");
            }
            Meaning::ReturnImm => {
                asm!(self, "ldr w8, {}\nstr x8, [x1]", Self::field(part, ReturnImm::value()))
            }
            Meaning::ReturnSlot => {
                self.read_slot(part, value, 8);
                asm!(self, "str x8, [x1]");
            }
            _ => {}
        }
        let record = Self::field(part, ReturnSlot::record());
        // The comparison is predicted: nothing waits for the operand.
        let (usual, other, back) = (USUAL_RECORD * 8, self.label(), self.label());
        asm!(self, "ldrh w8, {record}\ncmp w8, #{USUAL_RECORD}\nb.ne .L{other}");
        asm!(self, "ldp x0, x9, [x1, #{usual}]\n.L{back}:");
        asm!(self, "sub x1, x1, x9, lsl #3\nldr x8, [x0]\nbr x8");
        self.behind(other, |isa| {
            asm!(isa, "add x8, x1, x8, lsl #3\nldp x0, x9, [x8]\nb .L{back}");
        });
    }
}

impl AArch64 {
    /// Loads the function that an indirect call calls into `x10`, or takes the slow path.
    fn callee(&mut self, part: &Part, kind: Kind, slow: usize) {
        let (ty, table) = (part.byte(CallIndirect::ty()), part.byte(CallIndirect::table()));
        asm!(self, "ldr w9, [x0, #{table}]\nldr x10, [x4, #{{tables}}]");
        asm!(self, "ldr x10, [x10, x9, lsl #3]\nldr x11, [x10, #{{table_len}}]");
        let index = self.int_operand(part, kind, CallIndirect::index(), 64, 8);
        asm!(self, "ldr x10, [x10, #{{elements}}]\ncmp {index}, x11\nb.hs .L{slow}");
        asm!(self, "ldr x10, [x10, {index}, lsl #3]\nsubs x10, x10, #1\nb.mi .L{slow}");
        asm!(self, "ldr x11, [x4, #{{funcs}}]\nadd x10, x11, x10, lsl #{{func_shift}}");
        asm!(self, "ldr w9, [x0, #{ty}]\nldr x11, [x4, #{{types}}]");
        asm!(self, "add x11, x11, x9, lsl #{{type_shift}}\nldr w11, [x11, #{{type_id}}]");
        asm!(self, "ldr w9, [x10, #{{func_type}}]\ncmp w9, w11\nb.ne .L{slow}");
        asm!(
            self,
            "ldr x9, [x10, #{{func_instance}}]\nldr x11, [x4, #{{instance}}]\ncmp x9, x11\nb.ne .L{slow}"
        );
    }

    /// Finds the function that a reference refers to, `x10`, or goes the slow way.
    fn referent(&mut self, part: &Part, kind: Kind, field: BitField, slow: usize) {
        let func = self.int_operand(part, kind, field, 64, 8);
        asm!(self, "subs x10, {func}, #1\nb.mi .L{slow}");
        asm!(self, "ldr x11, [x4, #{{funcs}}]\nadd x10, x11, x10, lsl #{{func_shift}}");
        asm!(
            self,
            "ldr x9, [x10, #{{func_instance}}]\nldr x11, [x4, #{{instance}}]\ncmp x9, x11\nb.ne .L{slow}"
        );
    }

    /// Pushes a frame for the function `x10` and goes on at its entry. `fields` are the arguments'
    /// first slot and the slot of the record.
    fn enter_callee(&mut self, part: &Part, fields: [BitField; 2]) {
        let [args, record] = fields.map(|field| Self::field(part, field));
        asm!(self, "ldrh w8, {args}\nldrh w9, {record}\nadd x1, x1, x8, lsl #3");
        asm!(self, "add x5, x0, #{}\nadd x9, x1, x9, lsl #3", (part.position + part.words) * 8);
        asm!(self, "stp x5, x8, [x9]\nldr x0, [x10, #{{func_entry}}]\nldr x8, [x0]\nbr x8");
    }

    /// Replaces the frame with the record at slot `x8` by that of the function with entry `x5`, and
    /// jumps there. Moves the arguments to the frame's beginning, and writes the record behind
    /// them.
    fn replace_frame(&mut self, part: &Part) {
        // These operands have the same place in all kinds of tail calls.
        let [args, record, params] =
            [ReturnCall::args(), ReturnCall::record(), ReturnCall::params()]
                .map(|field| Self::field(part, field));
        asm!(self, "add x8, x1, x8, lsl #3\nldp x19, x20, [x8]\nldrh w9, {args}");
        asm!(self, "ldrh w10, {params}\nldrh w21, {record}\nadd x9, x1, x9, lsl #3\nmov x8, x1");
        self.copy_words();
        asm!(self, "add x8, x1, x21, lsl #3\nstp x19, x20, [x8]");
        asm!(self, "mov x0, x5\nldr x8, [x0]\nbr x8");
    }
}
