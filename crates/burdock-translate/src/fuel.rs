//! Fuel, epochs, recursion depth: instructions that translation adds where they are asked for.

use crate::func::Func;
use burdock_ir::{Meaning, fields_imm};

/// A stretch of code that runs from its first instruction to its last, with what it costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Where the instruction lies that takes its fuel.
    position: usize,
    cost: u32,
    /// Whether there are pinned locals.
    pinned: bool,
}

/// Where fuel is taken while locals are pinned. A run that stops there and is resumed does not have
/// its registers any more: for want of fuel it goes on behind the function's end, where pinned
/// locals are written to their slots and read anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortage {
    /// Where the instruction lies.
    position: usize,
    /// Byte offset of its operator.
    offset: u32,
    /// The set of pinned locals.
    pins: u32,
}

impl Func<'_> {
    /// Adds the operator that comes next to the cost of the present segment.
    pub(crate) fn spend_operator(&mut self) {
        if let Some(segment) = &mut self.segment
            && self.reachable
        {
            let cost = self.costs.map_or(1, |costs| costs.at(self.offset));
            segment.cost = segment.cost.saturating_add(cost);
        }
    }

    /// The operator that is being translated costs nothing, unless the embedder says otherwise.
    #[inline]
    pub(crate) fn refund(&mut self) {
        if let Some(segment) = &mut self.segment
            && self.reachable
            && self.costs.is_none()
        {
            segment.cost = segment.cost.saturating_sub(1);
        }
    }

    /// Takes fuel for the amount, in a slot, that the operator which comes next works on.
    pub(crate) fn spend_by(&mut self, meaning: Meaning, amount: u16) {
        let cost = self.costs.map_or(0, |costs| costs.of_unit(meaning));
        if !self.settings.consume_fuel || cost == 0 {
            return;
        }
        // A run that stops here and is resumed does not have its registers any more.
        self.flush_registers();
        self.forget_mirrors();
        self.store_pins();
        self.map_offset();
        self.emit_only(Meaning::ConsumeFuelBy, &[fields_imm(amount, 0, cost)]);
        self.load_pins();
    }

    /// Begins a segment: what follows may run another number of times than what went before.
    #[inline]
    pub(crate) fn begin_segment(&mut self, cost: u32) {
        if self.settings.consume_fuel {
            self.emit_segment(cost);
        }
    }

    fn emit_segment(&mut self, cost: u32) {
        self.end_segment();
        // A run that stops here and is resumed does not have its registers any more.
        self.flush_registers();
        self.forget_mirrors();
        let position = self.code.position();
        let pinned = self.pins != 0;
        match pinned {
            true => {
                self.emit_only(Meaning::ConsumeFuelOrBr, &[0, 0]);
                let shortage = Shortage { position, offset: self.offset, pins: self.pins };
                self.s.shortages.push(shortage);
            }
            false => {
                self.map_offset();
                self.emit_only(Meaning::ConsumeFuel, &[0]);
            }
        }
        self.segment = Some(Segment { position, cost, pinned });
    }

    /// Ends the present segment: its cost is known.
    #[inline]
    pub(crate) fn end_segment(&mut self) {
        if let Some(segment) = self.segment.take() {
            self.write_cost(segment);
        }
    }

    fn write_cost(&mut self, Segment { position, cost, pinned }: Segment) {
        let length = if pinned { 3 } else { 2 };
        // Nothing is taken for nothing.
        if cost == 0 && self.code.position() == position + length {
            self.code.truncate(position);
            if pinned {
                self.s.shortages.pop();
            }
        } else if pinned {
            self.code.set_word(position + 2, cost.into());
        } else {
            self.code.set_word(position + 1, fields_imm(0, 0, cost));
        }
    }

    /// Emits, behind the function's end, the ways that are gone for want of fuel.
    pub(crate) fn emit_shortages(&mut self) {
        for n in 0..self.s.shortages.len() {
            let Shortage { position, offset, pins } = self.s.shortages[n];
            let distance = (self.code.position() - position) as u32;
            let cost = self.code.word(position + 2) as u32;
            self.code.set_word(position + 1, fields_imm(0, 0, distance));
            self.store_pins_of(pins);
            self.code.map_offset(offset);
            self.emit_only(Meaning::ConsumeFuel, &[fields_imm(0, 0, cost)]);
            self.load_pins_of(pins);
            let back = (position + 3).wrapping_sub(self.code.position()) as u32;
            self.emit_only(Meaning::Br, &[fields_imm(0, 0, back)]);
        }
    }

    /// Emits a check of the epoch, at function entries and loop heads, where no temporary is wanted
    /// any more.
    pub(crate) fn check_epoch(&mut self) {
        if !self.settings.epoch_interruption {
            return;
        }
        // A run that stops here and is resumed does not have its registers any more: pinned locals
        // are written to their slots, but only if there is something to stop for.
        let pinned = self.pins != 0;
        let jump = self.code.position();
        if pinned {
            self.emit_only(Meaning::BrBeforeDeadline, &[fields_imm(0, 0, 0)]);
            self.store_pins();
        }
        self.forget_mirrors();
        self.map_offset();
        self.emit_only(Meaning::CheckEpoch, &[]);
        if pinned {
            self.load_pins();
            let distance = (self.code.position() - jump) as u32;
            self.code.set_word(jump + 1, fields_imm(0, 0, distance));
        }
    }

    /// Counts the function's frame; directly behind `enter`, which the machine relies on.
    pub(crate) fn enter_depth(&mut self) {
        if self.settings.count_frames {
            self.map_offset();
            self.emit_only(Meaning::EnterDepth, &[]);
        }
    }

    /// Counts the function's frame no more: before each return and tail call.
    pub(crate) fn leave_depth(&mut self) {
        if self.settings.count_frames {
            self.emit_only(Meaning::LeaveDepth, &[]);
        }
    }
}
