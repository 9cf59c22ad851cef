//! Fuel, epochs, recursion depth: instructions that translation adds where they are asked for.

use crate::VariableOperatorCost;
use crate::cost::Costs;
use crate::func::Func;
use crate::observe::{Check, CheckedSite, WatchedSite};
use burdock_ir::control::{
    Br, BrAtDeadline, CheckEpoch, CheckFuel, CheckFuelOrBr, ConsumeFuel, EnterDepth, LeaveDepth,
};
use burdock_ir::{Bulk, Operands};

/// The fuel that the code of a function takes.
pub(crate) struct Fuel<'a> {
    /// The segment of code whose fuel is being added up.
    pub(crate) segment: Option<Segment>,
    /// The costs of operators if not all are 1.
    pub(crate) costs: Option<Costs<'a>>,
}

/// A segment of code that runs from its first instruction to its last, with what it costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// The position of the instruction that takes the fuel.
    position: usize,
    cost: u32,
    takes: Takes,
}

/// The condition under which a segment's fuel is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Always, without a check of the fuel that is left.
    Always,
    /// Taken if more than an amount is left, which the instruction names.
    Above,
    /// Taken if any fuel is left; otherwise the run continues behind the function's end.
    Pinned,
}

/// A place where a run may stop, or a hook is called, while locals are pinned. A run that stops
/// there and is resumed no longer has its registers: it stops behind the function's end instead,
/// where pinned locals are written to their slots and read again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortage {
    /// The reason of the stop.
    lack: Lack,
    /// The position of the instruction that leads behind the function's end; of a check that no
    /// instruction makes, the position of the instruction behind it.
    position: usize,
    /// Byte offset of its operator.
    offset: u32,
    /// The set of pinned locals.
    pins: u32,
}

/// The reason for which a run stops where locals are pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// There is no fuel.
    Fuel,
    /// The epoch has reached its deadline. The site at which guests can switch to other code of the
    /// function, if there is one.
    Time(Option<CheckedSite>),
    /// Nothing: guests only arrive here from other code of the function.
    Nothing(CheckedSite),
    /// Nothing: a hook is told of an access to memory.
    Access(WatchedSite),
}

impl Func<'_> {
    /// Adds the operator that comes next to the cost of the present segment.
    pub(crate) fn spend_operator(&mut self) {
        if let Some(segment) = &mut self.fuel.segment
            && self.reachable
        {
            let cost = self.fuel.costs.map_or(1, |costs| costs.at(self.offset));
            segment.cost = segment.cost.saturating_add(cost);
        }
    }

    /// Makes the operator that is being translated free, unless the embedder set its cost.
    #[inline]
    pub(crate) fn refund(&mut self) {
        if let Some(segment) = &mut self.fuel.segment
            && self.reachable
            && self.fuel.costs.is_none()
        {
            segment.cost = segment.cost.saturating_sub(1);
        }
    }

    /// Returns the fuel that an operator takes for each byte, page or element.
    pub(crate) fn unit_cost(&self, bulk: Bulk) -> u32 {
        self.fuel
            .costs
            .map_or_else(|| VariableOperatorCost::new().of_unit(bulk), |c| c.of_unit(bulk))
    }

    /// Begins a segment: what follows may run another number of times than what went before.
    #[inline]
    pub(crate) fn begin_segment(&mut self, cost: u32) {
        if self.settings.consume_fuel {
            self.end_segment();
            let position = self.code.position();
            self.emit_op(ConsumeFuel { cost: 0 });
            self.fuel.segment = Some(Segment { position, cost, takes: Takes::Always });
        }
    }

    /// Begins the segment at a function's entry, which costs `cost` by itself. The code checks that
    /// more than `cost` is left.
    pub(crate) fn begin_entry_segment(&mut self, cost: u16) {
        if self.settings.consume_fuel {
            self.begin_checked_segment(cost);
        }
    }

    /// Begins the segment at the head of a loop. The code checks that fuel is left.
    #[inline]
    pub(crate) fn begin_loop_segment(&mut self) {
        if self.settings.consume_fuel {
            self.begin_checked_segment(0);
        }
    }

    fn begin_checked_segment(&mut self, cost: u16) {
        self.end_segment();
        // A run that stops here and is resumed does not have its registers any more.
        self.flush_registers();
        self.forget_mirrors();
        let position = self.code.position();
        let takes = if self.loops.pins != 0 { Takes::Pinned } else { Takes::Above };
        match takes {
            Takes::Pinned => {
                self.emit_op(CheckFuelOrBr { to: 0, cost: 0 });
                self.note_shortage(Lack::Fuel, position);
            }
            _ => {
                self.map_offset();
                self.emit_op(CheckFuel { least: cost, cost: 0 });
            }
        }
        self.fuel.segment = Some(Segment { position, cost: cost.into(), takes });
    }

    /// Returns the position of the present segment's instruction if it is the last one so far, and
    /// may be taken back.
    pub(crate) fn position_of_empty_segment(&self) -> Option<usize> {
        let segment = self.fuel.segment.filter(|segment| segment.takes == Takes::Always)?;
        let ends = segment.position + ConsumeFuel::LENGTH;
        (self.code.position() == ends).then_some(segment.position)
    }

    /// Ends the present segment: its cost is known.
    #[inline]
    pub(crate) fn end_segment(&mut self) {
        if let Some(segment) = self.fuel.segment.take() {
            self.write_cost(segment);
        }
    }

    fn write_cost(&mut self, Segment { position, cost, takes }: Segment) {
        match takes {
            // A segment that costs nothing needs no instruction.
            Takes::Always
                if cost == 0 && self.code.position() == position + ConsumeFuel::LENGTH =>
            {
                self.code.truncate(position);
                self.pull_places(position);
            }
            Takes::Always => self.code.set(position, ConsumeFuel::cost(), cost.into()),
            Takes::Above => self.code.set(position, CheckFuel::cost(), cost.into()),
            Takes::Pinned => self.code.set(position, CheckFuelOrBr::cost(), cost.into()),
        }
    }

    /// Notes that the comparison of addresses at a position leads to the site of an access.
    pub(crate) fn note_watched(&mut self, site: WatchedSite, position: usize) {
        self.note_shortage(Lack::Access(site), position);
    }

    fn note_shortage(&mut self, lack: Lack, position: usize) {
        let (offset, pins) = (self.offset, self.loops.pins);
        self.s.shortages.push(Shortage { lack, position, offset, pins });
    }

    /// Emits, behind the function's end, the ways that are gone for want of fuel or time.
    pub(crate) fn emit_shortages(&mut self) {
        for n in 0..self.s.shortages.len() {
            let Shortage { lack, position, offset, pins } = self.s.shortages[n];
            let distance = (self.code.position() - position) as u64;
            self.barrier();
            let behind = match lack {
                Lack::Fuel => {
                    let cost = self.code.get(position, CheckFuelOrBr::cost()) as u32;
                    self.code.set(position, CheckFuelOrBr::to(), distance);
                    self.store_pins_of(pins);
                    self.code.map_offset(offset);
                    self.emit_op(CheckFuel { least: 0, cost });
                    position + CheckFuelOrBr::LENGTH
                }
                Lack::Time(site) => {
                    self.code.set(position, BrAtDeadline::to(), distance);
                    self.store_pins_of(pins);
                    self.code.map_offset(offset);
                    self.emit_op(CheckEpoch {});
                    self.observe_checked(offset, site);
                    position + BrAtDeadline::LENGTH
                }
                Lack::Nothing(site) => {
                    self.observe_checked(offset, Some(site));
                    position
                }
                Lack::Access(site) => {
                    let (to, length) = site.comparison();
                    self.code.set(position, to, distance);
                    self.store_pins_of(pins);
                    self.observe_watched(offset, site);
                    position + length
                }
            };
            self.load_pins_of(pins);
            let to = behind.wrapping_sub(self.code.position()) as i32;
            self.emit_op(Br { to });
        }
    }

    /// Emits a check of the epoch, at function entries and loop heads, where no temporary is wanted
    /// any more.
    pub(crate) fn check_epoch(&mut self, check: Check) {
        let site = self.checked_site(check);
        let position = self.code.position();
        if !self.settings.epoch_interruption {
            if let Some(site) = site {
                match self.knows_at_stops() {
                    true => self.note_shortage(Lack::Nothing(site), position),
                    false => self.observe_checked(self.offset, Some(site)),
                }
            }
            return;
        }
        // Guests may arrive here from other code of the function: every value is at home.
        if self.knows_at_operators() {
            self.forget_mirrors();
            self.map_offset();
            self.emit_op(CheckEpoch {});
            return self.observe_checked(self.offset, site);
        }
        // A run that stops here and is resumed does not have its registers any more: pinned locals
        // are written to their slots, but only if there is something to stop for.
        self.emit_op(BrAtDeadline { to: 0 });
        self.note_shortage(Lack::Time(site), position);
    }

    /// Returns the length of the check with which the loop that begins now begins, if nothing else
    /// is there: a branch back may make the check itself.
    pub(crate) fn check_loop(&mut self) -> u32 {
        let before = self.code.position();
        self.check_epoch(Check::Loop);
        let only = self.loops.head as usize == before && !self.knows_at_operators();
        if only { (self.code.position() - before) as u32 } else { 0 }
    }

    /// Emits the check of a loop once more: leads to the loop's own check if there is something to
    /// stop for.
    pub(crate) fn repeat_check(&mut self, label: usize) {
        let to = label.wrapping_sub(self.code.position()) as i32;
        self.emit_op(BrAtDeadline { to });
    }

    /// Counts the function's frame; directly behind `enter`, which the machine relies on.
    pub(crate) fn enter_depth(&mut self) {
        if self.settings.count_frames {
            self.map_offset();
            self.emit_op(EnterDepth {});
        }
    }

    /// Counts the function's frame no more: before each return and tail call.
    pub(crate) fn leave_depth(&mut self) {
        if self.settings.count_frames {
            self.emit_op(LeaveDepth {});
        }
    }
}
