//! Loads and stores: to memory 0 with addresses of 32 bits, and far ones, to any memory.

use super::float::float;
use super::{AArch64, asm, int};
use crate::isa::Memory;
use crate::part::{Part, is_float};
use burdock_ir::Kind;
use burdock_ir::operation::{Load, Sign, Store, VectorLoad};

impl Memory for AArch64 {
    fn load(&mut self, part: &Part, which: Load) {
        self.address(part);
        self.load_from(part, which, "x2");
    }

    fn store(&mut self, part: &Part, which: Store) {
        let (mnemonic, bits) = match which {
            Store::Whole => ("str", part.operand_bits()),
            Store::Low8 => ("strb", 8),
            Store::Low16 => ("strh", 16),
            Store::Low32 => ("str", 32),
        };
        self.address(part);
        let value = self.stored(part, bits);
        asm!(self, "{mnemonic} {value}, [x2, x8]");
    }

    fn vector_load(&mut self, part: &Part, which: VectorLoad) {
        use Sign::{Signed, Unsigned};
        let (register, then) = match which {
            VectorLoad::Whole => ('q', ""),
            VectorLoad::Extend8(Signed) => ('d', "sxtl v31.8h, v31.8b"),
            VectorLoad::Extend8(Unsigned) => ('d', "uxtl v31.8h, v31.8b"),
            VectorLoad::Extend16(Signed) => ('d', "sxtl v31.4s, v31.4h"),
            VectorLoad::Extend16(Unsigned) => ('d', "uxtl v31.4s, v31.4h"),
            VectorLoad::Extend32(Signed) => ('d', "sxtl v31.2d, v31.2s"),
            VectorLoad::Extend32(Unsigned) => ('d', "uxtl v31.2d, v31.2s"),
            VectorLoad::Splat8 => ('b', "dup v31.16b, v31.b[0]"),
            VectorLoad::Splat16 => ('h', "dup v31.8h, v31.h[0]"),
            VectorLoad::Splat32 => ('s', "dup v31.4s, v31.s[0]"),
            VectorLoad::Splat64 => ('d', "dup v31.2d, v31.d[0]"),
            VectorLoad::Zero32 => ('s', ""),
            VectorLoad::Zero64 => ('d', ""),
        };
        self.address(part);
        asm!(self, "ldr {register}31, [x2, x8]\n{then}");
        self.set_vector(part);
    }

    fn vector_store(&mut self, part: &Part) {
        self.address(part);
        if part.kinds.b != Kind::Reg {
            self.read_vector(part, part.b(), 31);
        }
        asm!(self, "str q31, [x2, x8]");
    }
}

impl AArch64 {
    /// Loads a scalar from `x8` bytes behind a register.
    pub(super) fn load_from(&mut self, part: &Part, which: Load, base: &str) {
        use Sign::{Signed, Unsigned};
        let bits = part.result_bits();
        let (mnemonic, width) = match which {
            Load::Whole => ("ldr", bits),
            Load::Low8(Signed) => ("ldrsb", bits),
            Load::Low8(Unsigned) => ("ldrb", 32),
            Load::Low16(Signed) => ("ldrsh", bits),
            Load::Low16(Unsigned) => ("ldrh", 32),
            Load::Low32(Signed) => ("ldrsw", bits),
            Load::Low32(Unsigned) => ("ldr", 32),
        };
        if is_float(part.meaning.row().out) {
            let result = float(Self::float_result(part, bits), bits);
            asm!(self, "ldr {result}, [{base}, x8]");
            return self.set_float(part, bits);
        }
        asm!(self, "{mnemonic} {}, [{base}, x8]", int(Self::int_result(part), width));
        self.set_int(part);
    }

    /// Returns the register of a value to be stored: its own, or `x10`.
    pub(super) fn stored(&mut self, part: &Part, bits: u32) -> String {
        match part.kinds.b {
            Kind::Reg if is_float(part.meaning.row().operand) => Self::float(part, part.b(), bits),
            Kind::Imm => {
                asm!(self, "ldrsh x10, {}", Self::field(part, part.b()));
                int(10, bits)
            }
            // From a slot, a float is bits as others are.
            kind => self.int_operand(part, kind, part.b(), bits, 10),
        }
    }

    /// Brings the address of an access, offset included, to `x8`, and traps if it is not within
    /// the memory.
    fn address(&mut self, part: &Part) {
        if part.kinds.a == Kind::Far {
            return self.far_address(part);
        }
        if part.kinds.b != Kind::None && part.kinds.dst != Kind::None {
            // A sum of two; only of a load.
            let a = self.int_operand(part, part.kinds.a, part.a(), 32, 8);
            let b = self.int_operand(part, part.kinds.b, part.b(), 32, 9);
            asm!(
                self,
                "add w8, {a}, {b}\nldrh w9, {}\nadd x8, x8, x9",
                Self::field(part, part.end())
            );
        } else {
            asm!(self, "ldr w8, {}", Self::field(part, part.end()));
            if part.kinds.a != Kind::Imm {
                let a = self.int_operand(part, part.kinds.a, part.a(), 64, 9);
                asm!(self, "add x8, x8, {a}");
            }
        }
        asm!(self, "cmp x8, x3");
        self.trap_if(part, "b.hi", "oob");
        asm!(self, "sub x8, x8, #{}", part.bytes());
    }

    /// Computes an address in any memory, with an address and an offset of 64 bits, relative to the
    /// start of memory 0, as for other accesses.
    fn far_address(&mut self, part: &Part) {
        self.memory(part);
        self.read_slot(part, part.a(), 8);
        asm!(self, "ldr x10, {}\nadds x8, x8, x10", Self::field(part, part.offset()));
        self.trap_if(part, "b.cs", "oob");
        asm!(self, "adds x10, x8, #{}", part.bytes());
        self.trap_if(part, "b.cs", "oob");
        asm!(self, "ldr x11, [x9, #{{memory_len}}]\ncmp x10, x11");
        self.trap_if(part, "b.hi", "oob");
        asm!(self, "ldr x9, [x9, #{{memory_data}}]\nadd x8, x8, x9\nsub x8, x8, x2");
    }
}
