//! Loads and stores: to memory 0 with addresses of 32 bits, and far ones, to any memory.

use super::{X86_64, asm, name, pointer};
use crate::isa::Memory;
use crate::part::{Part, is_float};
use burdock_ir::Kind;
use burdock_ir::operation::{Load, Sign, Store, VectorLoad};

impl Memory for X86_64 {
    fn load(&mut self, part: &Part, which: Load) {
        self.address(part, which.bytes(part.result_bits()) as usize);
        self.load_from(part, which, "rdx+rax");
    }

    fn store(&mut self, part: &Part, which: Store) {
        let bits = match which {
            Store::Whole => part.operand_bits(),
            Store::Low8 => 8,
            Store::Low16 => 16,
            Store::Low32 => 32,
        };
        self.address(part, bits as usize / 8);
        let place = format!("{} [rdx+rax]", pointer(bits));
        if is_float(part.meaning.row().operand) {
            return self.store_float(part, bits, &place);
        }
        let value = self.stored_int(part);
        asm!(self, "mov {place}, {}", name(value, bits));
    }

    fn vector_load(&mut self, part: &Part, which: VectorLoad) {
        use Sign::{Signed, Unsigned};
        let (mnemonic, bits) = match which {
            VectorLoad::Whole => ("vmovdqu", 128),
            VectorLoad::Extend8(Signed) => ("vpmovsxbw", 64),
            VectorLoad::Extend8(Unsigned) => ("vpmovzxbw", 64),
            VectorLoad::Extend16(Signed) => ("vpmovsxwd", 64),
            VectorLoad::Extend16(Unsigned) => ("vpmovzxwd", 64),
            VectorLoad::Extend32(Signed) => ("vpmovsxdq", 64),
            VectorLoad::Extend32(Unsigned) => ("vpmovzxdq", 64),
            VectorLoad::Splat8 => ("", 8),
            VectorLoad::Splat16 => ("", 16),
            VectorLoad::Splat32 => ("", 32),
            VectorLoad::Splat64 => ("", 64),
            VectorLoad::Zero32 => ("vmovss", 32),
            VectorLoad::Zero64 => ("vmovsd", 64),
        };
        self.address(part, bits as usize / 8);
        let place = format!("{} [rdx+rax]", pointer(bits));
        match mnemonic {
            "" => self.broadcast("xmm15", bits, &place),
            _ => asm!(self, "{mnemonic} xmm15, {place}"),
        }
        self.set_vector(part);
    }

    fn vector_store(&mut self, part: &Part) {
        self.address(part, 16);
        if part.kinds.b != Kind::Reg {
            let slot = self.slot(part, part.b(), "r11", 128);
            asm!(self, "vmovdqu xmm15, {slot}");
        }
        asm!(self, "vmovdqu xmmword ptr [rdx+rax], xmm15");
    }
}

impl X86_64 {
    /// Loads a scalar from an address, the sum of registers.
    pub(super) fn load_from(&mut self, part: &Part, which: Load, address: &str) {
        use Sign::{Signed, Unsigned};
        let bits = part.result_bits();
        let (mnemonic, to) = match which {
            Load::Whole => ("mov", bits),
            Load::Low8(Signed) | Load::Low16(Signed) => ("movsx", bits),
            Load::Low8(Unsigned) | Load::Low16(Unsigned) => ("movzx", 32),
            Load::Low32(Signed) => ("movsxd", bits),
            Load::Low32(Unsigned) => ("mov", 32),
        };
        let place = format!("{} [{address}]", pointer(which.bytes(bits) * 8));
        if is_float(part.meaning.row().out) {
            return self.load_float(part, bits, &place);
        }
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {place}", name(result, to));
        self.set_int(part, result);
    }

    /// Returns the register of an integer to be stored: its own, or `r11`.
    pub(super) fn stored_int(&mut self, part: &Part) -> &'static str {
        match part.kinds.b {
            Kind::Reg => return Self::int(part, part.b()),
            Kind::Imm => asm!(self, "movsx r11, {}", Self::field(part, part.b())),
            _ => {
                let slot = self.slot(part, part.b(), "r11", 64);
                asm!(self, "mov r11, {slot}");
            }
        }
        "r11"
    }

    /// Brings the address of an access, offset included, to `rax`, and traps if it is not within
    /// the memory.
    fn address(&mut self, part: &Part, bytes: usize) {
        if part.kinds.a == Kind::Far {
            return self.far_address(part, bytes);
        }
        if part.kinds.b != Kind::None && part.kinds.dst != Kind::None {
            // A sum of two; only of a load.
            let a = self.int_operand(part, part.kinds.a, part.a(), 32, "rax");
            let b = self.int_operand(part, part.kinds.b, part.b(), 32, "r10");
            asm!(
                self,
                "mov eax, {a}\nadd eax, {b}\nmovzx r10d, {}",
                Self::field(part, part.offset())
            );
            asm!(self, "add rax, r10");
        } else {
            match part.kinds.a {
                Kind::Imm => asm!(self, "mov eax, {}", Self::field(part, part.offset())),
                kind => {
                    let a = self.int_operand(part, kind, part.a(), 64, "r10");
                    asm!(self, "mov eax, {}\nadd rax, {a}", Self::field(part, part.offset()));
                }
            }
        }
        asm!(self, "lea r10, [rax+{bytes}]\ncmp r10, rcx");
        self.trap_if(part, "a", "oob");
    }

    /// Computes an address in any memory, with an address and an offset of 64 bits, relative to the
    /// start of memory 0, as for other accesses.
    fn far_address(&mut self, part: &Part, bytes: usize) {
        self.memory(part);
        let address = self.slot(part, part.a(), "rax", 64);
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::field(part, part.offset()));
        self.trap_if(part, "c", "oob");
        asm!(self, "mov r11, rax\nadd r11, {bytes}");
        self.trap_if(part, "c", "oob");
        asm!(self, "cmp r11, [r10+{{memory_len}}]");
        self.trap_if(part, "a", "oob");
        asm!(self, "add rax, [r10+{{memory_data}}]\nsub rax, rdx");
    }
}
