//! Sizes of memories and tables, elements of tables.

use super::{AArch64, asm};
use crate::isa::Entities;
use crate::part::Part;
use burdock_ir::Meaning;
use burdock_ir::control::{MemorySize, TableGet, TableSet};

impl Entities for AArch64 {
    fn memory_size(&mut self, part: &Part) {
        self.memory(part);
        asm!(self, "ldr x8, [x9, #{{memory_len}}]\nldrb w9, [x9, #{{page_size}}]\nlsr x8, x8, x9");
        self.write_slot(part, part.dst(), "x8");
    }

    fn element(&mut self, part: &Part) {
        let gets = part.meaning == Meaning::TableGet;
        let index = if gets { TableGet::index() } else { TableSet::index() };
        self.read_slot(part, index, 8);
        self.table(part);
        asm!(self, "ldr x9, [x10, #{{table_len}}]\nldr x10, [x10, #{{elements}}]\ncmp x8, x9");
        self.trap_if(part, "b.hs", "table");
        if gets {
            asm!(self, "ldr x8, [x10, x8, lsl #3]");
            return self.write_slot(part, part.dst(), "x8");
        }
        self.read_slot(part, TableSet::value(), 9);
        asm!(self, "str x9, [x10, x8, lsl #3]");
    }

    fn table_size(&mut self, part: &Part) {
        self.table(part);
        asm!(self, "ldr x8, [x10, #{{table_len}}]");
        self.write_slot(part, part.dst(), "x8");
    }
}

impl AArch64 {
    /// Loads the memory that the instruction names into `x9`.
    pub(super) fn memory(&mut self, part: &Part) {
        asm!(
            self,
            "ldr w8, {}\nldr x9, [x4, #{{memories}}]",
            Self::field(part, MemorySize::memory())
        );
        asm!(self, "add x8, x9, x8, lsl #{{memory_shift}}\nldr x9, [x8, #{{memory_place}}]");
    }

    /// Loads the table into `x10`.
    fn table(&mut self, part: &Part) {
        asm!(self, "ldr w9, {}\nldr x10, [x4, #{{tables}}]", Self::field(part, TableGet::table()));
        asm!(self, "ldr x10, [x10, x9, lsl #3]");
    }
}
