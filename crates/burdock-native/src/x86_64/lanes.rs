//! Single lanes of vectors: splat, extract, replace, shuffle; their loads and stores.

use super::{X86_64, asm, pointer};
use crate::isa::SingleLanes;
use crate::part::Part;
use burdock_ir::control::Shuffle;
use burdock_ir::operation::{Lanes, Sign};
use burdock_ir::{BitField, Meaning};

impl SingleLanes for X86_64 {
    fn splat(&mut self, part: &Part, lanes: Lanes) {
        let slot = self.slot(part, part.a(), "rax", lanes.bits());
        self.broadcast("xmm15", lanes.bits(), &slot);
        self.set_vector(part);
    }

    /// Reads the lane from the slots, as its number is not known in advance.
    fn extract_lane(&mut self, part: &Part, sign: Sign, lanes: Lanes) {
        let place = self.lane(part, part.a(), lanes.bits());
        match (lanes.bits(), sign) {
            (64, _) => asm!(self, "mov rax, {place}"),
            (32, _) => asm!(self, "mov eax, {place}"),
            (_, Sign::Signed) => asm!(self, "movsx eax, {place}"),
            (_, Sign::Unsigned) => asm!(self, "movzx eax, {place}"),
        }
        let slot = self.slot(part, part.dst(), "r11", 64);
        asm!(self, "mov {slot}, rax");
    }

    fn replace_lane(&mut self, part: &Part, lanes: Lanes) {
        let scalar = self.slot(part, part.b(), "rax", lanes.bits());
        self.broadcast("xmm14", lanes.bits(), &scalar);
        self.first_vector(part);
        self.blend_lane(part, lanes.bits());
    }

    fn load_lane(&mut self, part: &Part, lanes: Lanes) {
        let bits = lanes.bits();
        self.lane_address(part, bits);
        self.broadcast("xmm14", bits, &format!("{} [rdx+rax]", pointer(bits)));
        self.read_vector(part, part.b(), "xmm15");
        self.blend_lane(part, bits);
    }

    fn store_lane(&mut self, part: &Part, lanes: Lanes) {
        let bits = lanes.bits();
        self.lane_address(part, bits);
        let place = self.lane(part, part.b(), bits);
        let value = super::name("r10", bits);
        match bits {
            8 | 16 => asm!(self, "movzx r10d, {place}"),
            _ => asm!(self, "mov {value}, {place}"),
        }
        asm!(self, "mov {} [rdx+rax], {value}", pointer(bits));
    }

    /// Shuffles two vectors. The lower four bits of each lane number select a byte in both vectors;
    /// the next bit selects the vector. (It is shifted to the upper bit of its byte; bits from the
    /// byte below do not get there.)
    fn shuffle(&mut self, part: &Part) {
        asm!(
            self,
            "vmovdqu xmm13, xmmword {}",
            &Self::field(part, Shuffle::low())["qword ".len()..]
        );
        if part.meaning == Meaning::Shuffle {
            self.read_vector(part, Shuffle::a(), "xmm15");
        }
        self.read_vector(part, Shuffle::b(), "xmm14");
        asm!(self, "vpshufb xmm15, xmm15, xmm13\nvpshufb xmm14, xmm14, xmm13");
        asm!(self, "vpsllw xmm13, xmm13, 3\nvpblendvb xmm15, xmm15, xmm14, xmm13");
        self.set_vector(part);
    }
}

impl X86_64 {
    /// Brings a lane in memory to all lanes of `xmm`; `r10` and `xmm13` are used.
    pub(super) fn broadcast(&mut self, xmm: &str, bits: u32, place: &str) {
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

    /// Returns the place of a lane in memory, in so many bits; `r10` and `r11` are used.
    fn lane(&mut self, part: &Part, vector: BitField, bits: u32) -> String {
        asm!(self, "movzx r10d, {}\nlea r10, [rsi+r10*8]", Self::field(part, vector));
        asm!(self, "movzx r11d, {}", Self::field(part, part.lane()));
        format!("{} [r10+r11*{}]", pointer(bits), bits / 8)
    }

    /// Writes the vector in `xmm15` to the result's slots, but for one lane: that one is taken
    /// from `xmm14`. (Were the lane written to the slots by itself, who reads the vector would have
    /// to wait until both are in the cache.)
    fn blend_lane(&mut self, part: &Part, bits: u32) {
        asm!(
            self,
            "movzx eax, {}\nneg rax\nlea r10, [rip+lane{bits}]",
            Self::field(part, part.lane())
        );
        // Lanes of 8 bytes at most, by which an address can be scaled.
        asm!(self, "vmovdqu xmm13, xmmword ptr [r10+rax*{}]", bits / 8);
        asm!(self, "vpblendvb xmm15, xmm15, xmm14, xmm13");
        self.set_vector(part);
    }

    /// Brings the address of an access to a lane, whose offset is a word of its own, to `rax`, and
    /// traps if it is not within the memory.
    fn lane_address(&mut self, part: &Part, bits: u32) {
        let address = self.slot(part, part.a(), "rax", 64);
        asm!(self, "mov rax, {address}\nadd rax, {}", Self::field(part, part.offset()));
        asm!(self, "lea r10, [rax+{}]\ncmp r10, rcx", bits / 8);
        self.trap_if(part, "a", "oob");
    }
}
