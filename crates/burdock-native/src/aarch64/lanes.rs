//! Single lanes of vectors: extract, replace, shuffle; their loads and stores.

use super::vector::{arrangement, letter};
use super::{AArch64, asm};
use crate::isa::SingleLanes;
use crate::part::Part;
use burdock_ir::Meaning;
use burdock_ir::control::Shuffle;
use burdock_ir::operation::{Lanes, Sign};

/// The way in which a lane is read from memory and written to it.
struct Access {
    load: &'static str,
    load_signed: &'static str,
    store: &'static str,
    register: char,
    /// The shift from a lane's number to its byte offset.
    scale: u8,
}

impl Access {
    fn of(lanes: Lanes) -> Self {
        let (load, load_signed, store, register, scale) = match lanes.bits() {
            8 => ("ldrb", "ldrsb", "strb", 'w', 0),
            16 => ("ldrh", "ldrsh", "strh", 'w', 1),
            32 => ("ldr", "ldr", "str", 'w', 2),
            _ => ("ldr", "ldr", "str", 'x', 3),
        };
        Self { load, load_signed, store, register, scale }
    }
}

impl SingleLanes for AArch64 {
    fn splat(&mut self, part: &Part, lanes: Lanes) {
        let t = arrangement(lanes);
        self.read_vector(part, part.a(), 31);
        asm!(self, "dup v31.{t}, v31.{}[0]", letter(t));
        self.set_vector(part);
    }

    /// Reads the lane from the slots, as its number is not known in advance.
    fn extract_lane(&mut self, part: &Part, sign: Sign, lanes: Lanes) {
        let Access { load, load_signed, register, scale, .. } = Access::of(lanes);
        let load = if sign == Sign::Signed { load_signed } else { load };
        self.vector_slot(part, part.a());
        asm!(self, "ldrh w9, {}", Self::field(part, part.lane()));
        asm!(self, "{load} {register}8, [x11, x9, lsl #{scale}]");
        self.write_slot(part, part.dst(), "x8");
    }

    /// Writes the lane into the result's slots.
    fn replace_lane(&mut self, part: &Part, lanes: Lanes) {
        let Access { store, register, scale, .. } = Access::of(lanes);
        self.first_vector(part);
        self.read_slot(part, part.b(), 8);
        self.set_vector(part);
        asm!(self, "ldrh w9, {}", Self::field(part, part.lane()));
        asm!(self, "{store} {register}8, [x11, x9, lsl #{scale}]\nldr q31, [x11]");
    }

    /// Writes the lane into the result's slots, as `replace_lane` does.
    fn load_lane(&mut self, part: &Part, lanes: Lanes) {
        let Access { load, store, register, scale, .. } = Access::of(lanes);
        self.lane_address(part, lanes);
        asm!(self, "{load} {register}8, [x2, x8]");
        self.read_vector(part, part.b(), 31);
        self.set_vector(part);
        asm!(self, "ldrh w9, {}", Self::field(part, part.lane()));
        asm!(self, "{store} {register}8, [x11, x9, lsl #{scale}]\nldr q31, [x11]");
    }

    fn store_lane(&mut self, part: &Part, lanes: Lanes) {
        let Access { load, store, register, scale, .. } = Access::of(lanes);
        self.lane_address(part, lanes);
        self.vector_slot(part, part.b());
        asm!(self, "ldrh w9, {}", Self::field(part, part.lane()));
        asm!(self, "{load} {register}9, [x11, x9, lsl #{scale}]");
        asm!(self, "{store} {register}9, [x2, x8]");
    }

    fn shuffle(&mut self, part: &Part) {
        match part.meaning {
            Meaning::ShuffleR => asm!(self, "mov v30.16b, v31.16b"),
            _ => self.read_vector(part, Shuffle::a(), 30),
        }
        self.read_vector(part, Shuffle::b(), 31);
        // `global_asm!` makes one brace of two.
        asm!(self, "ldr q29, {}", Self::field(part, Shuffle::low()));
        asm!(self, "tbl v31.16b, {{{{v30.16b, v31.16b}}}}, v29.16b");
        self.set_vector(part);
    }
}

impl AArch64 {
    /// Brings the address of an access to a lane, whose offset is a word of its own, to `x8`, and
    /// traps if it is not within the memory.
    fn lane_address(&mut self, part: &Part, lanes: Lanes) {
        self.read_slot(part, part.a(), 8);
        asm!(self, "ldr x9, {}\nadd x8, x8, x9", Self::field(part, part.offset()));
        asm!(self, "add x9, x8, #{}\ncmp x9, x3", lanes.bits() / 8);
        self.trap_if(part, "b.hi", "oob");
    }
}
