//! Loads and stores: to memory 0 with addresses of 32 bits, and far ones, to any memory.

use super::{X86_64, asm, name, pointer};
use crate::isa::Memory;
use crate::part::{Part, is_float};
use burdock_ir::Kind;
use burdock_ir::operation::{Load, Sign, Store, VectorLoad};

impl Memory for X86_64 {
    fn load(&mut self, part: &Part, which: Load) {
        let address = self.address(part);
        self.load_from(part, which, &address);
    }

    fn store(&mut self, part: &Part, _: Store) {
        let bits = u32::from(part.bytes()) * 8;
        let place = format!("{} [{}]", pointer(bits), self.address(part));
        if is_float(part.meaning.row().operand) {
            return self.store_float(part, bits, &place);
        }
        let value = self.stored_int(part);
        asm!(self, "mov {place}, {}", name(value, bits));
    }

    fn vector_load(&mut self, part: &Part, which: VectorLoad) {
        use Sign::{Signed, Unsigned};
        let mnemonic = match which {
            VectorLoad::Whole => "vmovdqu",
            VectorLoad::Extend8(Signed) => "vpmovsxbw",
            VectorLoad::Extend8(Unsigned) => "vpmovzxbw",
            VectorLoad::Extend16(Signed) => "vpmovsxwd",
            VectorLoad::Extend16(Unsigned) => "vpmovzxwd",
            VectorLoad::Extend32(Signed) => "vpmovsxdq",
            VectorLoad::Extend32(Unsigned) => "vpmovzxdq",
            VectorLoad::Zero32 => "vmovss",
            VectorLoad::Zero64 => "vmovsd",
            VectorLoad::Splat8
            | VectorLoad::Splat16
            | VectorLoad::Splat32
            | VectorLoad::Splat64 => "",
        };
        let bits = u32::from(part.bytes()) * 8;
        let place = format!("{} [{}]", pointer(bits), self.address(part));
        match mnemonic {
            "" => self.broadcast("xmm15", bits, &place),
            _ => asm!(self, "{mnemonic} xmm15, {place}"),
        }
        self.set_vector(part);
    }

    fn vector_store(&mut self, part: &Part) {
        let address = self.address(part);
        if part.kinds.b != Kind::Reg {
            let slot = self.slot(part, part.b(), "r11", 128);
            asm!(self, "vmovdqu xmm15, {slot}");
        }
        asm!(self, "vmovdqu xmmword ptr [{address}], xmm15");
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

    /// Returns the address of an access as a sum of registers, and traps if the access is not
    /// within the memory. Of an access to memory 0, `rax` is the end: that is what the length is
    /// compared with, and the instruction that accesses subtracts the bytes at no cost.
    fn address(&mut self, part: &Part) -> String {
        if part.kinds.a == Kind::Far {
            self.far_address(part);
            return "rdx+rax".into();
        }
        if part.kinds.b != Kind::None && part.kinds.dst != Kind::None {
            // A sum of two; only of a load.
            let a = self.int_operand(part, part.kinds.a, part.a(), 32, "rax");
            let b = self.int_operand(part, part.kinds.b, part.b(), 32, "r10");
            asm!(self, "mov eax, {a}\nadd eax, {b}\nmovzx r10d, {}", Self::field(part, part.end()));
            asm!(self, "add rax, r10");
        } else {
            match part.kinds.a {
                Kind::Imm => asm!(self, "mov eax, {}", Self::field(part, part.end())),
                kind => {
                    let a = self.int_operand(part, kind, part.a(), 64, "r10");
                    asm!(self, "mov eax, {}\nadd rax, {a}", Self::field(part, part.end()));
                }
            }
        }
        asm!(self, "cmp rax, rcx");
        self.trap_if(part, "a", "oob");
        format!("rdx+rax-{}", part.bytes())
    }

    /// Brings an address in any memory, with an address and an offset of 64 bits, relative to the
    /// start of memory 0, to `rax`.
    fn far_address(&mut self, part: &Part) {
        self.memory(part);
        let address = self.slot(part, part.a(), "rax", 64);
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::field(part, part.offset()));
        self.trap_if(part, "c", "oob");
        asm!(self, "mov r11, rax\nadd r11, {}", part.bytes());
        self.trap_if(part, "c", "oob");
        asm!(self, "cmp r11, [r10+{{memory_len}}]");
        self.trap_if(part, "a", "oob");
        asm!(self, "add rax, [r10+{{memory_data}}]\nsub rax, rdx");
    }
}
