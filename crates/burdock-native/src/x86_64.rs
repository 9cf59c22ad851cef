//! Handlers for x86-64 with AVX, BMI1, BMI2, LZCNT and POPCNT, in the System V calling convention.
//!
//! The registers are those of the Rust handlers' arguments, so that both kinds of handlers jump to
//! each other:
//!
//! ```text
//!   rdi  the instruction          r9, r14, r15        integers: temporaries
//!   rsi  the frame                rbx, rbp, r12       integers: pinned locals
//!   rdx  memory 0                 xmm0, xmm2  xmm3, xmm4            f32
//!   rcx  its length               xmm1, xmm5, xmm6  xmm7 to xmm10   f64
//!   r8   the Vm                   rax, r10, r11, xmm11 to xmm15     scratch
//! ```
//!
//! A Rust handler gets and passes on r9, xmm0 and xmm1, keeps rbx, rbp, r12 to r15, and may change
//! the others. Handlers leave r13 as it is. Integers of 32 bits are zero-extended. A handler that
//! computes a vector leaves it in xmm15 as well as in its slots, for the instruction behind.

use crate::isa::{Isa, Written, asm};
use crate::part::Part;
use burdock_ir::control::Br;
use burdock_ir::{Bank, BitField, Kind};
use std::fmt::Write;

mod call;
mod control;
mod entity;
mod float;
mod integer;
mod lanes;
mod layout;
mod length;
mod limits;
mod memory;
mod moves;
mod object;
mod observe;
mod span;
mod vector;
mod vector_operands;

const INT: [&str; 6] = ["r9", "r14", "r15", "rbx", "rbp", "r12"];
const F32: [u8; 4] = [0, 2, 3, 4];
const F64: [u8; 7] = [1, 5, 6, 7, 8, 9, 10];

/// The handler that is being written.
#[derive(Default)]
pub(crate) struct X86_64 {
    written: Written,
}

/// Returns the name of a part of a register, or the width of a place in memory.
fn name(register: &str, bits: u32) -> String {
    let legacy = match register {
        "rax" | "rbx" | "rcx" | "rdx" | "rbp" => &register[1..],
        _ => "",
    };
    match (bits, legacy) {
        (64, _) => register.into(),
        (32, "") => format!("{register}d"),
        (16, "") => format!("{register}w"),
        (_, "") => format!("{register}b"),
        (32, _) => format!("e{legacy}"),
        (16, _) => legacy.into(),
        (_, "bp") => "bpl".into(),
        _ => format!("{}l", &legacy[..1]),
    }
}

fn pointer(bits: u32) -> &'static str {
    match bits {
        128 => "xmmword ptr",
        64 => "qword ptr",
        32 => "dword ptr",
        16 => "word ptr",
        _ => "byte ptr",
    }
}

impl Isa for X86_64 {
    const JUMP_GUESSES: usize = 256;
    const TEMPORARIES: [u8; Bank::COUNT] = [3, 2, 3];
    const PINNED: [u8; Bank::COUNT] = [3, 2, 4];

    // Handlers find the stack as after `enter`'s call.
    const ENTER: &str = "\
         push rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx, 0\n\
         push rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp, 0\n\
         push r12\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r12, 0\n\
         push r14\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r14, 0\n\
         push r15\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r15, 0\n\
         call qword ptr [rdi]\n\
         pop r15\n.cfi_adjust_cfa_offset -8\n.cfi_restore r15\n\
         pop r14\n.cfi_adjust_cfa_offset -8\n.cfi_restore r14\n\
         pop r12\n.cfi_adjust_cfa_offset -8\n.cfi_restore r12\n\
         pop rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\n\
         pop rbx\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbx\n\
         ret\n";
    const LEAVE: &str = "\
         trap_oob:\nmov ecx, {oob}\njmp trap\n\
         trap_zero:\nmov ecx, {zero}\njmp trap\n\
         trap_overflow:\nmov ecx, {overflow}\njmp trap\n\
         trap_nan:\nmov ecx, {nan}\njmp trap\n\
         trap_null:\nmov ecx, {null}\njmp trap\n\
         trap_array:\nmov ecx, {array_oob}\njmp trap\n\
         trap_cast:\nmov ecx, {cast}\njmp trap\n\
         trap_table:\nmov ecx, {table_oob}\njmp trap\n\
         trap_unreachable:\nmov ecx, {unreachable}\n\
         trap:\nmov rdx, r8\njmp qword ptr [r8+{at_trap}]\n\
         burdock_native_keep:\n\
         mov [r8+{kept}], rdi\nmov [r8+{kept}+8], r9\nmov [r8+{kept}+16], r14\n\
         mov [r8+{kept}+24], r15\nmov [r8+{kept}+32], rbx\nmov [r8+{kept}+40], rbp\n\
         mov [r8+{kept}+48], r12\nvmovq [r8+{kept}+56], xmm0\n\
         vmovq [r8+{kept}+64], xmm2\nvmovq [r8+{kept}+72], xmm3\n\
         vmovq [r8+{kept}+80], xmm4\nvmovq [r8+{kept}+88], xmm1\n\
         vmovq [r8+{kept}+96], xmm5\nvmovq [r8+{kept}+104], xmm6\n\
         vmovq [r8+{kept}+112], xmm7\nvmovq [r8+{kept}+120], xmm8\n\
         vmovq [r8+{kept}+128], xmm9\nvmovq [r8+{kept}+136], xmm10\n\
         jmp {park}\n\
         .macro keep_pin at, register\n\
         movzx eax, word ptr [rdi+\\at]\ncmp eax, {no_slot}\nje 2f\n\
         mov [rsi+rax*8], \\register\n2:\n.endm\n\
         .macro keep_pins at\n\
         keep_pin \\at, rbx\nkeep_pin \\at+2, rbp\nkeep_pin \\at+4, r12\n.endm\n\
         slow_struct_new:\nkeep_pins {struct_pins}\njmp {struct_new}\n\
         slow_array_new:\nkeep_pins {array_pins}\njmp {array_new}\n\
         slow_array_new_constant:\nkeep_pins {array_pins}\njmp {array_new_constant}\n\
         return_by:\n\
         .irp slot, 1, 2, 3, 5, 6\ncmp eax, \\slot\nje return_\\slot\n.endr\n\
         mov rdi, [rsi+rax*8]\nmov r10, [rsi+rax*8+8]\n\
         neg r10\nlea rsi, [rsi+r10*8]\njmp qword ptr [rdi]\n\
         .irp slot, 1, 2, 3, 5, 6\n\
         return_\\slot:\nmov rdi, [rsi+\\slot*8]\nmov r10, [rsi+\\slot*8+8]\n\
         neg r10\nlea rsi, [rsi+r10*8]\njmp qword ptr [rdi]\n.endr\n";
    const WAIT: &str = "\
         burdock_native_wait:\nmov rdi, [r8+{kept}]\nmov rdx, r8\nmov ecx, {host_error}\n\
         jmp burdock_native_keep\n\
         burdock_native_go_on:\nmov rdi, [r8+{kept}]\nmov qword ptr [r8+{kept}], 0\n\
         mov r9, [r8+{kept}+8]\nmov r14, [r8+{kept}+16]\nmov r15, [r8+{kept}+24]\n\
         mov rbx, [r8+{kept}+32]\nmov rbp, [r8+{kept}+40]\nmov r12, [r8+{kept}+48]\n\
         vmovq xmm0, [r8+{kept}+56]\nvmovq xmm2, [r8+{kept}+64]\n\
         vmovq xmm3, [r8+{kept}+72]\nvmovq xmm4, [r8+{kept}+80]\nvmovq xmm1, [r8+{kept}+88]\n\
         vmovq xmm5, [r8+{kept}+96]\nvmovq xmm6, [r8+{kept}+104]\nvmovq xmm7, [r8+{kept}+112]\n\
         vmovq xmm8, [r8+{kept}+120]\nvmovq xmm9, [r8+{kept}+128]\n\
         vmovq xmm10, [r8+{kept}+136]\njmp qword ptr [rdi]\n";
    const CONSTANTS: &str = "\
         sign32: .long 0x80000000, 0, 0, 0\nabs32: .long 0x7fffffff, 0, 0, 0\n\
         nan32: .long 0x7fc00000, 0, 0, 0\nnan64: .quad 0x7ff8000000000000, 0\n\
         sign64: .quad 0x8000000000000000, 0\nabs64: .quad 0x7fffffffffffffff, 0\n\
         low4: .fill 16, 1, 15\ncounts4: .byte 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4\n\
         ones8: .fill 16, 1, 1\nones16: .fill 8, 2, 1\nbeyond16: .fill 16, 1, 0x70\n\
         two31: .fill 4, 4, 0x4f000000\nabove52: .fill 4, 4, 0x43300000\n\
         two52: .quad 0x4330000000000000, 0x4330000000000000\n\
         greatest31: .quad 0x41dfffffffc00000, 0x41dfffffffc00000\n\
         greatest32: .quad 0x41efffffffe00000, 0x41efffffffe00000\n\
         .fill 16, 1, 0\nlane8: .fill 1, 1, -1\n.fill 16, 1, 0\nlane16: .fill 2, 1, -1\n\
         .fill 16, 1, 0\nlane32: .fill 4, 1, -1\n.fill 16, 1, 0\nlane64: .fill 8, 1, -1\n\
         .fill 16, 1, 0\n";

    fn written(&mut self) -> &mut Written {
        &mut self.written
    }

    fn go_on(&mut self, words: usize) {
        asm!(self, "add rdi, {}\njmp qword ptr [rdi]", words * 8);
    }

    fn layout(&self, handlers: Vec<String>) -> String {
        layout::layout(&handlers)
    }

    fn count_and_go_on(&mut self, region: usize) -> String {
        let (counts, heads) = (region * 8, region * 16);
        format!("inc qword ptr [rdi+{counts}]\njmp qword ptr [rdi+{heads}]\n")
    }
}

impl X86_64 {
    /// Returns the place of an operand in the instruction.
    fn field(part: &Part, field: BitField) -> String {
        format!("{} [rdi+{}]", pointer(field.width.into()), part.byte(field))
    }

    /// Jumps on a condition to where the part traps.
    fn trap_if(&mut self, part: &Part, condition: &str, trap: &str) {
        if part.position == 0 {
            asm!(self, "j{condition} trap_{trap}");
            return;
        }
        let label = self.label();
        asm!(self, "j{condition} .L{label}");
        let _ = write!(
            self.written.tail,
            ".L{label}:\nadd rdi, {}\njmp trap_{trap}\n",
            part.position * 8
        );
    }

    /// Writes the slow way of a part, which begins at a label: a handler in Rust does its
    /// instruction.
    fn leave_at(&mut self, label: usize, part: &Part, to: &str) {
        let back = part.position * 8;
        let _ = writeln!(self.written.tail, ".L{label}:\nadd rdi, {back}\njmp {to}");
    }

    /// Returns the place of a slot whose number is in a field; the number is loaded into `scratch`.
    fn slot(&mut self, part: &Part, field: BitField, scratch: &str, bits: u32) -> String {
        asm!(self, "movzx {}, {}", name(scratch, 32), Self::field(part, field));
        format!("{} [rsi+{scratch}*8]", pointer(bits))
    }

    /// Returns the integer register that a field names.
    fn int(part: &Part, field: BitField) -> &'static str {
        INT[usize::from(part.register(field))]
    }

    /// Returns an integer operand: a register, or a place in memory for which `scratch` is used.
    fn int_operand(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        scratch: &str,
    ) -> String {
        match kind {
            Kind::Reg => name(Self::int(part, field), bits),
            Kind::Imm if bits == 64 => {
                asm!(self, "movsxd {scratch}, {}", Self::field(part, field));
                scratch.into()
            }
            Kind::Imm => Self::field(part, field),
            _ => self.slot(part, field, scratch, bits),
        }
    }

    /// Returns an integer operand in a register: its own, or `scratch`.
    fn int_in_register(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        scratch: &str,
    ) -> String {
        let operand = self.int_operand(part, kind, field, bits, scratch);
        let scratch = name(scratch, bits);
        if operand.contains('[') {
            asm!(self, "mov {scratch}, {operand}");
            return scratch;
        }
        operand
    }

    /// Returns the register in which an integer result is computed: its own, or `rax`.
    fn int_result(part: &Part) -> &'static str {
        match part.kinds.dst {
            Kind::Reg => Self::int(part, part.dst()),
            Kind::Both => INT[0],
            _ => "rax",
        }
    }

    /// Writes an integer result that was computed in `register`.
    fn set_int(&mut self, part: &Part, register: &str) {
        let result = Self::int_result(part);
        if part.kinds.dst != Kind::Slot && result != register {
            asm!(self, "mov {result}, {register}");
        }
        if part.kinds.dst != Kind::Reg {
            let slot = self.slot(part, part.dst(), "r11", 64);
            asm!(self, "mov {slot}, {register}");
        }
    }

    /// Jumps, on one of these conditions, as far as the instruction says.
    fn jump_if(&mut self, part: &Part, conditions: &[&str]) {
        let label = self.label();
        for condition in conditions {
            asm!(self, "j{condition} .L{label}");
        }
        let jump = self.jump(part);
        let _ = write!(self.written.tail, ".L{label}:\n{jump}");
    }

    /// Jumps as far as the instruction says; all jumps have their distance in one place.
    ///
    /// The next instruction's address depends on a load that depends on this one's address: from
    /// jump to jump, that is the longest chain of all. It is broken by a guess: the handler reads
    /// from the `Vm` how far the last jump went that has the same place for its guess, and goes on
    /// with that if it is as far as the instruction says. The processor predicts the comparison and
    /// waits for nothing (value speculation: Lipasti, Wilkerson and Shen, "Value Locality and Load
    /// Value Prediction", ASPLOS 1996).
    fn jump(&mut self, part: &Part) -> String {
        let other = self.label();
        let guess = format!("dword ptr [r8+{{jumps}}+{}]", Self::place_of_guess(other));
        let (to, at) = (Self::field(part, Br::to()), part.position * 8);
        format!(
            "movsxd rax, {guess}\ncmp eax, {to}\njne .L{other}\n\
             lea rdi, [rdi+rax*8+{at}]\njmp qword ptr [rdi]\n\
             .L{other}:\nmovsxd rax, {to}\nmov {guess}, eax\n\
             lea rdi, [rdi+rax*8+{at}]\njmp qword ptr [rdi]\n",
        )
    }

    /// Returns where the guess of a handler's jump is: in bytes from the first. Handlers share
    /// places, which the label's number spreads (Knuth, "The Art of Computer Programming", 6.4:
    /// multiplication by the golden ratio).
    fn place_of_guess(label: usize) -> u32 {
        const BITS: u32 = X86_64::JUMP_GUESSES.ilog2();
        ((label as u32).wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) * 4
    }
}
