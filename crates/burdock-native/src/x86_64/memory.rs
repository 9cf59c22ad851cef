//! Loads and stores: to memory 0 with addresses of 32 bits, and far ones, to any memory.

use super::{X86_64, asm, name, pointer};
use crate::isa::Memory;
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

impl Memory for X86_64 {
    fn load(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let (mnemonic, from, to) = match part.meaning {
            M::I32Load => ("mov", 32, 32),
            M::I64Load => ("mov", 64, 64),
            M::F32Load => ("", 32, 32),
            M::F64Load => ("", 64, 64),
            M::I32Load8S => ("movsx", 8, 32),
            M::I32Load8U | M::I64Load8U => ("movzx", 8, 32),
            M::I32Load16S => ("movsx", 16, 32),
            M::I32Load16U | M::I64Load16U => ("movzx", 16, 32),
            M::I64Load8S => ("movsx", 8, 64),
            M::I64Load16S => ("movsx", 16, 64),
            M::I64Load32S => ("movsxd", 32, 64),
            M::I64Load32U => ("mov", 32, 32),
            _ => return None,
        };
        self.address(part, 1, from as usize / 8);
        if mnemonic.is_empty() {
            self.load_float(part, from);
            return Some(());
        }
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {} [rdx+rax]", name(result, to), pointer(from));
        self.set_int(part, result);
        Some(())
    }

    fn store(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let bits = match part.meaning {
            M::I32Store | M::I64Store32 | M::F32Store => 32,
            M::I64Store | M::F64Store => 64,
            M::I32Store8 | M::I64Store8 => 8,
            M::I32Store16 | M::I64Store16 => 16,
            _ => return None,
        };
        self.address(part, 0, bits as usize / 8);
        let place = format!("{} [rdx+rax]", pointer(bits));
        if let M::F32Store | M::F64Store = part.meaning {
            let value = self.stored_float(part, bits);
            let suffix = if bits == 64 { 'd' } else { 's' };
            asm!(self, "vmovs{suffix} {place}, {value}");
            return Some(());
        }
        let value = match part.kinds.b {
            Kind::Reg => Self::int(part, 1),
            Kind::Imm => {
                asm!(self, "movsx r11, {}", Self::field(part, 1));
                "r11"
            }
            _ => {
                let slot = self.slot(part, 1, "r11", 64);
                asm!(self, "mov r11, {slot}");
                "r11"
            }
        };
        asm!(self, "mov {place}, {}", name(value, bits));
        Some(())
    }

    fn vector_load(&mut self, part: &Part) -> Option<()> {
        use Meaning as M;
        let (mnemonic, bits) = match part.meaning {
            M::V128Load => ("vmovdqu", 128),
            M::V128Load8x8S => ("vpmovsxbw", 64),
            M::V128Load8x8U => ("vpmovzxbw", 64),
            M::V128Load16x4S => ("vpmovsxwd", 64),
            M::V128Load16x4U => ("vpmovzxwd", 64),
            M::V128Load32x2S => ("vpmovsxdq", 64),
            M::V128Load32x2U => ("vpmovzxdq", 64),
            M::V128Load8Splat => ("", 8),
            M::V128Load16Splat => ("", 16),
            M::V128Load32Splat => ("", 32),
            M::V128Load64Splat => ("", 64),
            M::V128Load32Zero => ("vmovss", 32),
            M::V128Load64Zero => ("vmovsd", 64),
            _ => return None,
        };
        self.address(part, 1, bits as usize / 8);
        let place = format!("{} [rdx+rax]", pointer(bits));
        match mnemonic {
            "" => self.splat("xmm15", bits, &place),
            _ => asm!(self, "{mnemonic} xmm15, {place}"),
        }
        self.set_vector(part);
        Some(())
    }

    fn vector_store(&mut self, part: &Part) -> Option<()> {
        if part.meaning != Meaning::V128Store {
            return None;
        }
        self.address(part, 0, 16);
        let slot = self.slot(part, 1, "r11", 128);
        asm!(self, "vmovdqu xmm15, {slot}\nvmovdqu xmmword ptr [rdx+rax], xmm15");
        Some(())
    }
}

impl X86_64 {
    /// Brings the address of an access, offset included, to `rax`, and traps if it is not within
    /// the memory. `field` is that of the address.
    fn address(&mut self, part: &Part, field: usize, bytes: usize) {
        if part.kinds.a == Kind::Far {
            return self.far_address(part, field, bytes);
        }
        if part.kinds.b != Kind::None && part.kinds.dst != Kind::None {
            // A sum of two; only of a load.
            let a = self.int_operand(part, part.kinds.a, 1, 32, "rax");
            let b = self.int_operand(part, part.kinds.b, 2, 32, "r10");
            asm!(self, "mov eax, {a}\nadd eax, {b}\nmovzx r10d, {}", Self::field(part, 3));
            asm!(self, "add rax, r10");
        } else {
            match part.kinds.a {
                Kind::Imm => asm!(self, "mov eax, {}", Self::imm(part)),
                kind => {
                    let a = self.int_operand(part, kind, field, 64, "r10");
                    asm!(self, "mov eax, {}\nadd rax, {a}", Self::imm(part));
                }
            }
        }
        asm!(self, "lea r10, [rax+{bytes}]\ncmp r10, rcx");
        self.trap_if(part, "a", "oob");
    }

    /// The same in any memory, with an address and an offset of 64 bits; counted from where memory 0
    /// begins, as that of other accesses.
    fn far_address(&mut self, part: &Part, field: usize, bytes: usize) {
        self.memory(part);
        let address = self.slot(part, field, "rax", 64);
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::word(part, 2));
        self.trap_if(part, "c", "oob");
        asm!(self, "mov r11, rax\nadd r11, {bytes}");
        self.trap_if(part, "c", "oob");
        asm!(self, "cmp r11, [r10+{{memory_len}}]");
        self.trap_if(part, "a", "oob");
        asm!(self, "add rax, [r10+{{memory_data}}]\nsub rax, rdx");
    }
}
