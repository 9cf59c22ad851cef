//! Single lanes of vectors: extract, replace, shuffle; their loads and stores.

use super::vector::split;
use super::{AArch64, asm};
use crate::isa::Lanes;
use crate::part::Part;
use burdock_ir::{Kind, Meaning};

/// How a lane is read from memory and written there, with how its number is scaled.
fn lane_access(lanes: &str) -> (&'static str, &'static str, char, u8) {
    match lanes {
        "16b" => ("ldrb", "strb", 'w', 0),
        "8h" => ("ldrh", "strh", 'w', 1),
        "4s" => ("ldr", "str", 'w', 2),
        _ => ("ldr", "str", 'x', 3),
    }
}

impl Lanes for AArch64 {
    /// The lane is read from the slots: its number is not known before.
    fn extract_lane(&mut self, part: &Part) -> Option<()> {
        let name = format!("{:?}", part.meaning);
        let (which, t) = split(&name)?;
        let (load, _, register, scale) = lane_access(t);
        let sign = if which.ends_with('S') { "ldrs" } else { "ldr" };
        self.vector_slot(part, 1);
        asm!(self, "ldrh w9, {}", Self::field(part, 2));
        let load = load.replacen("ldr", sign, 1);
        asm!(self, "{load} {register}8, [x11, x9, lsl #{scale}]");
        self.write_slot(part, 0, "x8");
        Some(())
    }

    /// The lane is written into the result's slots.
    fn replace_lane(&mut self, part: &Part) -> Option<()> {
        let name = format!("{:?}", part.meaning);
        let (_, store, register, scale) = lane_access(split(&name)?.1);
        self.read_vector(part, 1, 31);
        self.read_slot(part, 2, 8);
        self.set_vector(part);
        asm!(self, "ldrh w9, {}", Self::field(part, 3));
        asm!(self, "{store} {register}8, [x11, x9, lsl #{scale}]");
        Some(())
    }

    /// As the other one, into the result's slots.
    fn load_lane(&mut self, part: &Part) -> Option<()> {
        let (load, store, register, scale) = self.lane_address(part, 1)?;
        asm!(self, "{load} {register}8, [x2, x8]");
        self.read_vector(part, 2, 31);
        self.set_vector(part);
        asm!(self, "ldrh w9, {}", Self::field(part, 3));
        asm!(self, "{store} {register}8, [x11, x9, lsl #{scale}]");
        Some(())
    }

    fn store_lane(&mut self, part: &Part) -> Option<()> {
        let (load, store, register, scale) = self.lane_address(part, 0)?;
        self.vector_slot(part, 1);
        asm!(self, "ldrh w9, {}", Self::field(part, 3));
        asm!(self, "{load} {register}9, [x11, x9, lsl #{scale}]");
        asm!(self, "{store} {register}9, [x2, x8]");
        Some(())
    }

    fn shuffle(&mut self, part: &Part) {
        self.read_vector(part, 1, 30);
        self.read_vector(part, 2, 31);
        // `global_asm!` makes one brace of two.
        asm!(self, "ldr q29, {}", Self::word(part, 2));
        asm!(self, "tbl v31.16b, {{{{v30.16b, v31.16b}}}}, v29.16b");
        self.set_vector(part);
    }
}

impl AArch64 {
    /// Brings the address of an access to a lane, whose offset is a word of its own, to `x8`, and
    /// traps if it is not within the memory. Gives how the lane is accessed.
    fn lane_address(
        &mut self,
        part: &Part,
        field: usize,
    ) -> Option<(&'static str, &'static str, char, u8)> {
        use Meaning as M;
        let access = lane_access(match part.meaning {
            _ if part.kinds.a == Kind::Far => return None,
            M::V128Load8Lane | M::V128Store8Lane => "16b",
            M::V128Load16Lane | M::V128Store16Lane => "8h",
            M::V128Load32Lane | M::V128Store32Lane => "4s",
            _ => "2d",
        });
        self.read_slot(part, field, 8);
        asm!(self, "ldr x9, {}\nadd x8, x8, x9", Self::word(part, 2));
        asm!(self, "add x9, x8, #{}\ncmp x9, x3", 1 << access.3);
        self.trap_if(part, "b.hi", "oob");
        Some(access)
    }
}
