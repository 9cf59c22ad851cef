//! Sizes of memories and tables, elements of tables, limits of a run.

use super::{AArch64, asm};
use crate::isa::Part;
use burdock_ir::Meaning;

impl AArch64 {
    pub(super) fn entity(&mut self, part: &Part) -> Option<()> {
        match part.meaning {
            Meaning::MemorySize => self.memory_size(part),
            Meaning::TableGet | Meaning::TableSet => self.element(part),
            Meaning::TableSize => {
                self.table(part);
                asm!(self, "ldr x8, [x10, #{{table_len}}]");
                self.write_slot(part, 0, "x8");
            }
            Meaning::EnterDepth => {
                asm!(self, "ldr x8, [x4, #{{frames}}]\nldr x9, [x4, #{{max_frames}}]\ncmp x8, x9");
                self.seldom("b.hs", |isa| isa.leave(part, "{enter_depth}"));
                asm!(self, "add x8, x8, #1\nstr x8, [x4, #{{frames}}]");
            }
            Meaning::LeaveDepth => {
                asm!(self, "ldr x8, [x4, #{{frames}}]\nsub x8, x8, #1\nstr x8, [x4, #{{frames}}]");
            }
            Meaning::CheckEpoch => {
                self.compare_epoch();
                self.seldom("b.hs", |isa| isa.leave(part, "{check_epoch}"));
            }
            Meaning::BrBeforeDeadline => {
                self.compare_epoch();
                self.jump_if(part, "lo");
            }
            _ => return None,
        }
        Some(())
    }

    fn compare_epoch(&mut self) {
        asm!(self, "ldr x8, [x4, #{{epoch_at}}]\nldr x9, [x4, #{{epoch_deadline}}]");
        asm!(self, "ldr x8, [x8]\ncmp x8, x9");
    }

    /// The memory that the immediate names, in `x9`.
    pub(super) fn memory(&mut self, part: &Part) {
        asm!(self, "ldr w8, {}\nldr x9, [x4, #{{memories}}]", Self::imm(part));
        asm!(self, "add x8, x9, x8, lsl #{{memory_shift}}\nldr x9, [x8, #{{memory_place}}]");
    }

    fn memory_size(&mut self, part: &Part) {
        self.memory(part);
        asm!(self, "ldr x8, [x9, #{{memory_len}}]\nldrb w9, [x9, #{{page_size}}]\nlsr x8, x8, x9");
        self.write_slot(part, 0, "x8");
    }

    /// The table, in `x10`.
    fn table(&mut self, part: &Part) {
        asm!(self, "ldr w9, {}\nldr x10, [x4, #{{tables}}]", Self::imm(part));
        asm!(self, "ldr x10, [x10, x9, lsl #3]");
    }

    /// `table.get` and `table.set`.
    fn element(&mut self, part: &Part) {
        let gets = part.meaning == Meaning::TableGet;
        self.read_slot(part, usize::from(gets), 8);
        self.table(part);
        asm!(self, "ldr x9, [x10, #{{table_len}}]\nldr x10, [x10, #{{elements}}]\ncmp x8, x9");
        self.trap_if(part, "b.hs", "table");
        if gets {
            asm!(self, "ldr x8, [x10, x8, lsl #3]");
            return self.write_slot(part, 0, "x8");
        }
        self.read_slot(part, 1, 9);
        asm!(self, "str x9, [x10, x8, lsl #3]");
    }
}
