//! Loads and stores: to memory 0 with addresses of 32 bits, and far ones, to any memory.

use super::{AArch64, asm};
use crate::isa::Memory;
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

impl Memory for AArch64 {
    fn load(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let (mnemonic, to, bytes) = match part.meaning {
            M::I32Load | M::I64Load32U => ("ldr", 'w', 4),
            M::I64Load => ("ldr", 'x', 8),
            M::F32Load => ("ldr", 's', 4),
            M::F64Load => ("ldr", 'd', 8),
            M::I32Load8S => ("ldrsb", 'w', 1),
            M::I32Load8U | M::I64Load8U => ("ldrb", 'w', 1),
            M::I32Load16S => ("ldrsh", 'w', 2),
            M::I32Load16U | M::I64Load16U => ("ldrh", 'w', 2),
            M::I64Load8S => ("ldrsb", 'x', 1),
            M::I64Load16S => ("ldrsh", 'x', 2),
            M::I64Load32S => ("ldrsw", 'x', 4),
            _ => return None,
        };
        self.address(part, 1, bytes);
        if let M::F32Load | M::F64Load = part.meaning {
            let bits = bytes as u32 * 8;
            let result = Self::float_result(part, bits);
            asm!(self, "ldr {to}{result}, [x2, x8]");
            self.set_float(part, bits);
        } else {
            asm!(self, "{mnemonic} {to}{}, [x2, x8]", Self::int_result(part));
            self.set_int(part);
        }
        Some(())
    }

    fn store(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let (mnemonic, bits) = match part.meaning {
            M::I32Store | M::I64Store32 | M::F32Store => ("str", 32),
            M::I64Store | M::F64Store => ("str", 64),
            M::I32Store8 | M::I64Store8 => ("strb", 8),
            M::I32Store16 | M::I64Store16 => ("strh", 16),
            _ => return None,
        };
        self.address(part, 0, bits as usize / 8);
        let value = match (part.meaning, part.kinds.b) {
            (M::F32Store | M::F64Store, Kind::Reg) => Self::float(part, 1, bits),
            (_, Kind::Imm) => {
                asm!(self, "ldrsh x10, {}", Self::field(part, 1));
                super::int(10, bits)
            }
            // From a slot, a float is bits as others are.
            (_, kind) => self.int_operand(part, kind, 1, bits, 10),
        };
        asm!(self, "{mnemonic} {value}, [x2, x8]");
        Some(())
    }

    fn vector_load(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let (register, bytes, then) = match part.meaning {
            M::V128Load => ('q', 16, ""),
            M::V128Load8x8S => ('d', 8, "sxtl v31.8h, v31.8b"),
            M::V128Load8x8U => ('d', 8, "uxtl v31.8h, v31.8b"),
            M::V128Load16x4S => ('d', 8, "sxtl v31.4s, v31.4h"),
            M::V128Load16x4U => ('d', 8, "uxtl v31.4s, v31.4h"),
            M::V128Load32x2S => ('d', 8, "sxtl v31.2d, v31.2s"),
            M::V128Load32x2U => ('d', 8, "uxtl v31.2d, v31.2s"),
            M::V128Load8Splat => ('b', 1, "dup v31.16b, v31.b[0]"),
            M::V128Load16Splat => ('h', 2, "dup v31.8h, v31.h[0]"),
            M::V128Load32Splat => ('s', 4, "dup v31.4s, v31.s[0]"),
            M::V128Load64Splat => ('d', 8, "dup v31.2d, v31.d[0]"),
            M::V128Load32Zero => ('s', 4, ""),
            M::V128Load64Zero => ('d', 8, ""),
            _ => return None,
        };
        self.address(part, 1, bytes);
        asm!(self, "ldr {register}31, [x2, x8]\n{then}");
        self.set_vector(part);
        Some(())
    }

    fn vector_store(&mut self, part: &Part) -> Option<()> {
        if part.meaning != Meaning::V128Store {
            return None;
        }
        self.address(part, 0, 16);
        self.read_vector(part, 1, 31);
        asm!(self, "str q31, [x2, x8]");
        Some(())
    }
}

impl AArch64 {
    /// Brings the address of an access, offset included, to `x8`, and traps if it is not within
    /// the memory. `field` is that of the address.
    fn address(&mut self, part: &Part, field: usize, bytes: usize) {
        if part.kinds.a == Kind::Far {
            return self.far_address(part, field, bytes);
        }
        if part.kinds.b != Kind::None && part.kinds.dst != Kind::None {
            // A sum of two; only of a load.
            let a = self.int_operand(part, part.kinds.a, 1, 32, 8);
            let b = self.int_operand(part, part.kinds.b, 2, 32, 9);
            asm!(self, "add w8, {a}, {b}\nldrh w9, {}\nadd x8, x8, x9", Self::field(part, 3));
        } else {
            asm!(self, "ldr w8, {}", Self::imm(part));
            if part.kinds.a != Kind::Imm {
                let a = self.int_operand(part, part.kinds.a, field, 64, 9);
                asm!(self, "add x8, x8, {a}");
            }
        }
        asm!(self, "add x9, x8, #{bytes}\ncmp x9, x3");
        self.trap_if(part, "b.hi", "oob");
    }

    /// The same in any memory, with an address and an offset of 64 bits; counted from where memory 0
    /// begins, as that of other accesses.
    fn far_address(&mut self, part: &Part, field: usize, bytes: usize) {
        self.memory(part);
        self.read_slot(part, field, 8);
        asm!(self, "ldr x10, {}\nadds x8, x8, x10", Self::word(part, 2));
        self.trap_if(part, "b.cs", "oob");
        asm!(self, "adds x10, x8, #{bytes}");
        self.trap_if(part, "b.cs", "oob");
        asm!(self, "ldr x11, [x9, #{{memory_len}}]\ncmp x10, x11");
        self.trap_if(part, "b.hi", "oob");
        asm!(self, "ldr x9, [x9, #{{memory_data}}]\nadd x8, x8, x9\nsub x8, x8, x2");
    }
}
