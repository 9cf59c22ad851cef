//! Single lanes of vectors: splat, extract, replace, shuffle; their loads and stores.

use super::vector::Name;
use super::{X86_64, asm, pointer};
use crate::isa::Lanes;
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

impl Lanes for X86_64 {
    /// The lane is read from the slots: its number is not known before.
    fn extract_lane(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let name = Name::of(&text)?;
        let place = self.lane(part, 1, 2, name.bits);
        match (name.bits, name.which.ends_with('S')) {
            (64, _) => asm!(self, "mov rax, {place}"),
            (32, _) => asm!(self, "mov eax, {place}"),
            (_, true) => asm!(self, "movsx eax, {place}"),
            _ => asm!(self, "movzx eax, {place}"),
        }
        let slot = self.slot(part, 0, "r11", 64);
        asm!(self, "mov {slot}, rax");
        Some(())
    }

    fn replace_lane(&mut self, part: &Part) -> Option<()> {
        let text = format!("{:?}", part.meaning);
        let bits = Name::of(&text)?.bits;
        let scalar = self.slot(part, 2, "rax", bits);
        self.splat("xmm14", bits, &scalar);
        self.blend_lane(part, 1, bits);
        Some(())
    }

    fn load_lane(&mut self, part: &Part) -> Option<()> {
        let bits = lane_bits(part.meaning)?;
        self.lane_address(part, 1, bits)?;
        self.splat("xmm14", bits, &format!("{} [rdx+rax]", pointer(bits)));
        self.blend_lane(part, 2, bits);
        Some(())
    }

    fn store_lane(&mut self, part: &Part) -> Option<()> {
        let bits = lane_bits(part.meaning)?;
        self.lane_address(part, 0, bits)?;
        let place = self.lane(part, 1, 3, bits);
        let value = super::name("r10", bits);
        match bits {
            8 | 16 => asm!(self, "movzx r10d, {place}"),
            _ => asm!(self, "mov {value}, {place}"),
        }
        asm!(self, "mov {} [rdx+rax], {value}", pointer(bits));
        Some(())
    }

    /// The lanes' numbers select in both vectors by their lower four bits; the next one says which
    /// of the two it is. (Shifted to the upper bit of its byte; what comes from the byte below does
    /// not get there.)
    fn shuffle(&mut self, part: &Part) {
        asm!(self, "vmovdqu xmm13, xmmword {}", &Self::word(part, 2)["qword ".len()..]);
        self.read_vector(part, 1, "xmm15");
        self.read_vector(part, 2, "xmm14");
        asm!(self, "vpshufb xmm15, xmm15, xmm13\nvpshufb xmm14, xmm14, xmm13");
        asm!(self, "vpsllw xmm13, xmm13, 3\nvpblendvb xmm15, xmm15, xmm14, xmm13");
        self.set_vector(part);
    }
}

impl X86_64 {
    /// Brings a lane in memory to all lanes of `xmm`; `r10` and `xmm13` are used.
    pub(super) fn splat(&mut self, xmm: &str, bits: u32, place: &str) {
        match bits {
            8 => {
                asm!(self, "movzx r10d, {place}\nvmovd {xmm}, r10d");
                asm!(self, "vpxor xmm13, xmm13, xmm13\nvpshufb {xmm}, {xmm}, xmm13");
            }
            16 => {
                asm!(self, "movzx r10d, {place}\nvmovd {xmm}, r10d");
                asm!(self, "vpshuflw {xmm}, {xmm}, 0\nvpunpcklqdq {xmm}, {xmm}, {xmm}");
            }
            32 => asm!(self, "vbroadcastss {xmm}, {place}"),
            _ => asm!(self, "vmovddup {xmm}, {place}"),
        }
    }

    /// Brings the place of a lane in memory, whose vector and number are in fields, to `r10`, in so
    /// many bits.
    fn lane(&mut self, part: &Part, vector: usize, lane: usize, bits: u32) -> String {
        asm!(self, "movzx r10d, {}\nlea r10, [rsi+r10*8]", Self::field(part, vector));
        asm!(self, "movzx r11d, {}", Self::field(part, lane));
        format!("{} [r10+r11*{}]", pointer(bits), bits / 8)
    }

    /// Writes the vector in a field's slots to the result's, but for the lane whose number is in
    /// field 3: that one is taken from `xmm14`. (Were the lane written to the slots by itself, who
    /// reads the vector would have to wait until both are in the cache.)
    fn blend_lane(&mut self, part: &Part, vector: usize, bits: u32) {
        self.read_vector(part, vector, "xmm15");
        asm!(self, "movzx eax, {}\nneg rax\nlea r10, [rip+lane{bits}]", Self::field(part, 3));
        // Lanes of 8 bytes at most, by which an address can be scaled.
        asm!(self, "vmovdqu xmm13, xmmword ptr [r10+rax*{}]", bits / 8);
        asm!(self, "vpblendvb xmm15, xmm15, xmm14, xmm13");
        self.set_vector(part);
    }

    /// Brings the address of an access to a lane, whose offset is a word of its own, to `rax`, and
    /// traps if it is not within the memory.
    fn lane_address(&mut self, part: &Part, field: usize, bits: u32) -> Option<()> {
        if part.kinds.a == Kind::Far {
            return None;
        }
        let address = self.slot(part, field, "rax", 64);
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::word(part, 2));
        asm!(self, "lea r10, [rax+{}]\ncmp r10, rcx", bits / 8);
        self.trap_if(part, "a", "oob");
        Some(())
    }
}

/// The width of the lane that an access reads or writes.
fn lane_bits(meaning: Meaning) -> Option<u32> {
    use Meaning as M;
    Some(match meaning {
        M::V128Load8Lane | M::V128Store8Lane => 8,
        M::V128Load16Lane | M::V128Store16Lane => 16,
        M::V128Load32Lane | M::V128Store32Lane => 32,
        M::V128Load64Lane | M::V128Store64Lane => 64,
        _ => return None,
    })
}
