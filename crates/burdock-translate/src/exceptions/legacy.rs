//! Legacy exceptions: `try`, `catch`, `catch_all`, `delegate`, `rethrow`.
//!
//! A `try` is a region like that of a `try_table`, whose clauses lead to the `catch`es behind it.
//! The slot of the first operand of a `catch` is kept for a reference to the exception, which is
//! made only if there is a `rethrow`.

use super::tag_type;
use crate::control::BlockSig;
use crate::entry::Type;
use crate::func::Func;
use crate::observe::Point;
use crate::stack::NONE;
use burdock_ir::control::ThrowRef;
use burdock_ir::{Clause, NO_INDEX};

/// A `catch` or `catch_all` in which the translation is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Catching {
    /// The number of its block among the open blocks.
    control: u32,
    /// The number of the block's region.
    region: u32,
    /// The number of the clause.
    clause: u32,
}

impl Func<'_> {
    /// Translates `try`.
    pub(crate) fn legacy_try(&mut self, sig: BlockSig) {
        self.enter_legacy_try(sig);
        if self.reachable {
            self.begin_try();
        }
    }

    /// Translates `catch`, or `catch_all` if `tag` is [`NO_INDEX`].
    pub(crate) fn legacy_catch(&mut self, tag: u32) {
        let Some(arm) = self.leave_arm_of_try() else { return };
        let control = self.s.controls.len() as u32 - 1;
        if arm.is_first {
            let region = self.end_try();
            self.s.tries.catching.push(Catching { control, region, clause: NONE });
        }
        if !self.reachable {
            return;
        }
        self.barrier();
        let clause = self.s.tries.clauses.len() as u32;
        let Some(catching) = self.s.tries.catching.last_mut() else { return };
        catching.clause = clause;
        let region = catching.region;
        let (to, slot) = (self.code.position() as u32, self.slot_number(arm.base + 1));
        self.s.tries.clauses.push((region, Clause { tag, to, slot, reference: None }));
        if self.has_sites() {
            self.observe_caught(clause);
        }
        self.load_pins_of(arm.pins);
        self.push_home(Type::EXN);
        if tag != NO_INDEX {
            self.push_homes(tag_type(self.module, tag).params());
        }
        let tag = Some(tag).filter(|tag| *tag != NO_INDEX);
        self.observe(Point::Catch { clause: 0, tag, reference: false });
        self.begin_segment(0);
    }

    /// Translates `delegate`.
    pub(crate) fn legacy_delegate(&mut self, depth: u32) {
        let target = self.control_at(depth + 1) as u32;
        let Some(own) = self.s.controls.len().checked_sub(1) else { return };
        if let Some(&(region, _)) =
            self.s.tries.open.last().filter(|(_, control)| *control == own as u32)
        {
            // The innermost region that is around the label's block, or is that block.
            let inner = self.s.tries.open.partition_point(|(_, control)| *control <= target);
            let next = inner.checked_sub(1).map_or(NO_INDEX, |at| self.s.tries.open[at].0);
            self.s.tries.regions[region as usize].next = next;
        }
        self.end();
    }

    /// Translates `rethrow`.
    pub(crate) fn legacy_rethrow(&mut self, depth: u32) {
        if !self.reachable {
            return;
        }
        let control = self.control_at(depth);
        let catching = &self.s.tries.catching;
        let found = catching.binary_search_by_key(&(control as u32), |catching| catching.control);
        let Some(catching) = found.ok().and_then(|found| catching.get(found)) else { return };
        let clause = catching.clause as usize;
        let exception = self.slot_number(self.s.controls[control].base);
        self.s.tries.clauses[clause].1.reference = Some(exception);
        self.prepare_throw();
        self.emit_op(ThrowRef { exception });
        self.reachable = false;
    }

    /// Forgets the innermost `catch`, whose block has ended.
    pub(crate) fn end_catching(&mut self) {
        self.s.tries.catching.pop();
    }
}
