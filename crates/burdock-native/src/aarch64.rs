//! Handlers for AArch64, little-endian, in the calling convention of its procedure call standard
//! (AAPCS64).
//!
//! The registers are those of the Rust handlers' arguments, so that both kinds of handlers jump to
//! each other:
//!
//! ```text
//!   x0  the instruction           x5, x19, x20        integers: temporaries
//!   x1  the frame                 x21 to x23          integers: pinned locals
//!   x2  memory 0                  v0, v2  v3, v4              f32
//!   x3  its length                v1, v5, v6  v7, v16 to v18  f64
//!   x4  the Vm                    x8 to x11, v28 to v31       scratch
//! ```
//!
//! A Rust handler gets and passes on x5, v0 and v1, keeps x19 to x28, and may change the others.
//! Integers of 32 bits are zero-extended. A handler that computes a vector leaves it in v31 as well
//! as in its slots, for the instruction behind. Conditional branches reach a megabyte, less than
//! there is of handlers: they lead to a place behind their own handler.

use crate::isa::{Isa, Written, asm};
use crate::part::Part;
use burdock_ir::control::Br;
use burdock_ir::operation::VectorTest;
use burdock_ir::{Bank, BitField, Kind, Operation};

mod call;
mod control;
mod entity;
mod float;
mod integer;
mod lanes;
mod limits;
mod memory;
mod moves;
mod object;
mod observe;
mod span;
mod vector;
mod vector_operands;

const INT: [u8; 6] = [5, 19, 20, 21, 22, 23];
const F32: [u8; 4] = [0, 2, 3, 4];
const F64: [u8; 7] = [1, 5, 6, 7, 16, 17, 18];

/// The handler that is being written.
#[derive(Default)]
pub(crate) struct AArch64 {
    written: Written,
}

/// Returns the name of a general register or of its lower half.
fn int(number: u8, bits: u32) -> String {
    format!("{}{number}", if bits == 64 { 'x' } else { 'w' })
}

impl Isa for AArch64 {
    const JUMP_GUESSES: usize = 0;
    const TEMPORARIES: [u8; Bank::COUNT] = [3, 2, 3];
    const PINNED: [u8; Bank::COUNT] = [3, 2, 4];

    // Handlers find the link register and the stack as after `enter`'s call.
    const ENTER: &str = "\
         stp x29, x30, [sp, #-64]!\n.cfi_def_cfa_offset 64\n\
         .cfi_offset x29, -64\n.cfi_offset x30, -56\nmov x29, sp\n\
         stp x19, x20, [sp, #16]\n.cfi_offset x19, -48\n.cfi_offset x20, -40\n\
         stp x21, x22, [sp, #32]\n.cfi_offset x21, -32\n.cfi_offset x22, -24\n\
         str x23, [sp, #48]\n.cfi_offset x23, -16\n\
         ldr x8, [x0]\nblr x8\n\
         ldr x23, [sp, #48]\n.cfi_restore x23\n\
         ldp x21, x22, [sp, #32]\n.cfi_restore x21\n.cfi_restore x22\n\
         ldp x19, x20, [sp, #16]\n.cfi_restore x19\n.cfi_restore x20\n\
         ldp x29, x30, [sp], #64\n.cfi_def_cfa_offset 0\n\
         .cfi_restore x29\n.cfi_restore x30\n\
         ret\n";
    const LEAVE: &str = "\
         trap_oob:\nmov w3, #{oob}\nb trap\n\
         trap_zero:\nmov w3, #{zero}\nb trap\n\
         trap_overflow:\nmov w3, #{overflow}\nb trap\n\
         trap_nan:\nmov w3, #{nan}\nb trap\n\
         trap_null:\nmov w3, #{null}\nb trap\n\
         trap_array:\nmov w3, #{array_oob}\nb trap\n\
         trap_cast:\nmov w3, #{cast}\nb trap\n\
         trap_table:\nmov w3, #{table_oob}\nb trap\n\
         trap_unreachable:\nmov w3, #{unreachable}\n\
         trap:\nmov x2, x4\nldr x8, [x4, #{at_trap}]\nbr x8\n\
         burdock_native_keep:\n\
         str x0, [x4, #{kept}]\nstr x5, [x4, #{kept}+8]\nstr x19, [x4, #{kept}+16]\n\
         str x20, [x4, #{kept}+24]\nstr x21, [x4, #{kept}+32]\n\
         str x22, [x4, #{kept}+40]\nstr x23, [x4, #{kept}+48]\n\
         str d0, [x4, #{kept}+56]\nstr d2, [x4, #{kept}+64]\n\
         str d3, [x4, #{kept}+72]\nstr d4, [x4, #{kept}+80]\nstr d1, [x4, #{kept}+88]\n\
         str d5, [x4, #{kept}+96]\nstr d6, [x4, #{kept}+104]\n\
         str d7, [x4, #{kept}+112]\nstr d16, [x4, #{kept}+120]\n\
         str d17, [x4, #{kept}+128]\nstr d18, [x4, #{kept}+136]\n\
         b {park}\n\
         .macro keep_pin at, register\n\
         ldrh w8, [x0, #\\at]\nmov w9, #{no_slot}\ncmp w8, w9\nb.eq 2f\n\
         str \\register, [x1, x8, lsl #3]\n2:\n.endm\n\
         .macro keep_pins at\n\
         keep_pin \\at, x21\nkeep_pin \\at+2, x22\nkeep_pin \\at+4, x23\n.endm\n\
         slow_struct_new:\nkeep_pins {struct_pins}\nb {struct_new}\n\
         slow_array_new:\nkeep_pins {array_pins}\nb {array_new}\n\
         slow_array_new_constant:\nkeep_pins {array_pins}\nb {array_new_constant}\n";
    const WAIT: &str = "\
         burdock_native_wait:\nldr x0, [x4, #{kept}]\nmov x2, x4\nmov w3, #{host_error}\n\
         b burdock_native_keep\n\
         burdock_native_go_on:\nldr x0, [x4, #{kept}]\nstr xzr, [x4, #{kept}]\n\
         ldr x5, [x4, #{kept}+8]\nldr x19, [x4, #{kept}+16]\nldr x20, [x4, #{kept}+24]\n\
         ldr x21, [x4, #{kept}+32]\nldr x22, [x4, #{kept}+40]\nldr x23, [x4, #{kept}+48]\n\
         ldr d0, [x4, #{kept}+56]\nldr d2, [x4, #{kept}+64]\n\
         ldr d3, [x4, #{kept}+72]\nldr d4, [x4, #{kept}+80]\nldr d1, [x4, #{kept}+88]\n\
         ldr d5, [x4, #{kept}+96]\nldr d6, [x4, #{kept}+104]\nldr d7, [x4, #{kept}+112]\n\
         ldr d16, [x4, #{kept}+120]\nldr d17, [x4, #{kept}+128]\nldr d18, [x4, #{kept}+136]\n\
         ldr x8, [x0]\nbr x8\n";
    const CONSTANTS: &str = "";

    fn written(&mut self) -> &mut Written {
        &mut self.written
    }

    /// Returns `true` for the bitmask of a vector, for which there is no instruction.
    fn left_to_rust(part: &Part) -> bool {
        matches!(part.meaning.operation(), Operation::VectorTest(VectorTest::Bitmask, _))
    }

    fn go_on(&mut self, words: usize) {
        match words * 8 {
            near @ ..256 => asm!(self, "ldr x8, [x0, #{near}]!\nbr x8"),
            far => asm!(self, "add x0, x0, #{far}\nldr x8, [x0]\nbr x8"),
        }
    }

    fn count_and_go_on(&mut self, region: usize) -> String {
        let (counts, heads) = (region * 8, region * 16);
        format!(
            "mov x8, #{counts}\nldr x9, [x0, x8]\nadd x9, x9, #1\nstr x9, [x0, x8]\n\
             mov x8, #{heads}\nldr x8, [x0, x8]\nbr x8\n"
        )
    }
}

impl AArch64 {
    /// Jumps as far as the instruction says; all jumps have their distance in one place.
    fn jump(&mut self, part: &Part) {
        asm!(self, "ldrsw x8, {}\nadd x0, x0, x8, lsl #3", Self::field(part, Br::to()));
        self.go_on(part.position);
    }

    /// Returns the place of an operand in the instruction.
    fn field(part: &Part, field: BitField) -> String {
        format!("[x0, #{}]", part.byte(field))
    }

    /// Writes, behind the handler, what a branch on a condition leads to: `b.hi`, `cbz w8,`.
    fn seldom(&mut self, branch: &str, write: impl FnOnce(&mut Self)) {
        let label = self.label();
        asm!(self, "{branch} .L{label}");
        self.behind(label, write);
    }

    /// Leaves the handler as if the part's instruction were just begun.
    fn leave(&mut self, part: &Part, to: &str) {
        if part.position > 0 {
            asm!(self, "add x0, x0, #{}", part.position * 8);
        }
        asm!(self, "b {to}");
    }

    /// Branches on a condition to where the part traps.
    fn trap_if(&mut self, part: &Part, branch: &str, trap: &str) {
        self.seldom(branch, |isa| isa.leave(part, &format!("trap_{trap}")));
    }

    /// Reads the slot whose number is in a field.
    fn read_slot(&mut self, part: &Part, field: BitField, register: u8) {
        asm!(self, "ldrh w{register}, {}", Self::field(part, field));
        asm!(self, "ldr x{register}, [x1, x{register}, lsl #3]");
    }

    /// Writes the slot whose number is in a field; `x11` is used.
    fn write_slot(&mut self, part: &Part, field: BitField, register: &str) {
        asm!(self, "ldrh w11, {}\nstr {register}, [x1, x11, lsl #3]", Self::field(part, field));
    }

    /// Returns the integer register that a field names.
    fn int(part: &Part, field: BitField) -> u8 {
        INT[usize::from(part.register(field))]
    }

    /// Returns the register of an integer operand: its own, or `scratch`.
    fn int_operand(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        scratch: u8,
    ) -> String {
        let register = match kind {
            Kind::Reg => Self::int(part, field),
            _ => scratch,
        };
        match kind {
            Kind::Reg => {}
            Kind::Imm if bits == 64 => asm!(self, "ldrsw x{scratch}, {}", Self::field(part, field)),
            Kind::Imm => asm!(self, "ldr w{scratch}, {}", Self::field(part, field)),
            _ => self.read_slot(part, field, scratch),
        }
        int(register, bits)
    }

    /// Returns the register in which an integer result is computed: its own, or `x8`.
    fn int_result(part: &Part) -> u8 {
        match part.kinds.dst {
            Kind::Reg => Self::int(part, part.dst()),
            Kind::Both => INT[0],
            _ => 8,
        }
    }

    /// Writes an integer result to its slot, if it has one.
    fn set_int(&mut self, part: &Part) {
        if part.kinds.dst != Kind::Reg {
            self.write_slot(part, part.dst(), &int(Self::int_result(part), 64));
        }
    }

    /// Jumps, on a condition, as far as the instruction says.
    fn jump_if(&mut self, part: &Part, condition: &str) {
        self.seldom(&format!("b.{condition}"), |isa| isa.jump(part));
    }
}
