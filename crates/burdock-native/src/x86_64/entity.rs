//! Sizes of memories and tables, elements of tables.

use super::{X86_64, asm};
use crate::isa::Entities;
use crate::part::Part;
use burdock_ir::Meaning;
use burdock_ir::control::{MemorySize, TableGet, TableSet};

impl Entities for X86_64 {
    fn memory_size(&mut self, part: &Part) {
        self.memory(part);
        asm!(self, "mov rax, [r10+{{memory_len}}]\nmovzx r10d, byte ptr [r10+{{page_size}}]");
        asm!(self, "shrx rax, rax, r10");
        self.set_slot(part);
    }

    fn element(&mut self, part: &Part) {
        let gets = part.meaning == Meaning::TableGet;
        let index = if gets { TableGet::index() } else { TableSet::index() };
        let index = self.slot(part, index, "r10", 64);
        asm!(self, "mov r10, {index}");
        self.table(part);
        asm!(self, "cmp r10, [r11+{{table_len}}]");
        self.trap_if(part, "ae", "table");
        asm!(self, "mov r11, [r11+{{elements}}]");
        if gets {
            asm!(self, "mov rax, [r11+r10*8]");
            return self.set_slot(part);
        }
        let value = self.slot(part, TableSet::value(), "rax", 64);
        asm!(self, "mov rax, {value}\nmov [r11+r10*8], rax");
    }

    fn table_size(&mut self, part: &Part) {
        self.table(part);
        asm!(self, "mov rax, [r11+{{table_len}}]");
        self.set_slot(part);
    }
}

impl X86_64 {
    /// Writes `rax` to the slot of the result.
    pub(super) fn set_slot(&mut self, part: &Part) {
        let slot = self.slot(part, part.dst(), "r11", 64);
        asm!(self, "mov {slot}, rax");
    }

    /// Loads the memory that the instruction names into `r10`.
    pub(super) fn memory(&mut self, part: &Part) {
        asm!(
            self,
            "mov eax, {}\nshl rax, {{memory_shift}}",
            Self::field(part, MemorySize::memory())
        );
        asm!(self, "add rax, [r8+{{memories}}]\nmov r10, [rax+{{memory_place}}]");
    }

    /// Loads the table into `r11`.
    fn table(&mut self, part: &Part) {
        asm!(
            self,
            "mov eax, {}\nmov r11, [r8+{{tables}}]\nmov r11, [r11+rax*8]",
            Self::field(part, TableGet::table())
        );
    }
}
