//! Exceptions: `throw`, `throw_ref`, `try_table`. The legacy operators are in `legacy.rs`.
//!
//! A `try_table` is no instruction. Its body is a region of code, with clauses that say where an
//! exception continues ([`Handlers`](burdock_ir::Handlers)). An exception is thrown by an
//! instruction or a call, before which pinned locals are in their slots. A clause leads to its
//! label as a jump does, and the machine writes the exception's values to where the label expects
//! them. If more is to be done on the way, the clause leads to a *pad*, code behind the function's
//! end.

mod legacy;

pub(crate) use legacy::Catching;

use crate::func::{Func, Scratch};
use crate::labels::Waiting;
use crate::observe::{Caught, Point};
use crate::stack::NONE;
use alloc::vec::Vec;
use burdock_ir::control::{Br, Throw, ThrowRef};
use burdock_ir::{Clause, NO_INDEX, Region};
use burdock_parse::ModuleDef;
use burdock_types::FuncType;
use wasmparser::Catch;

/// The regions of a function and their clauses.
#[derive(Default)]
pub(crate) struct Tries {
    /// In the order in which they begin.
    pub(crate) regions: Vec<Region>,
    /// The regions that have begun and not ended, the outermost first, each with the number of its
    /// block among the open blocks.
    pub(crate) open: Vec<(u32, u32)>,
    /// Each clause with the number of its region.
    pub(crate) clauses: Vec<(u32, Clause)>,
    pub(crate) pads: Vec<Pad>,
    /// The legacy `catch`es and `catch_all`s in which the translation is.
    pub(crate) catching: Vec<Catching>,
}

impl Tries {
    /// Forgets the last function; keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.regions.clear();
        self.open.clear();
        self.clauses.clear();
        self.pads.clear();
        self.catching.clear();
    }
}

/// The way from a clause to its label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pad {
    /// The number of the clause.
    clause: u32,
    /// The position of the label, once placed; `NONE` if a branch to the label is a return.
    pub(crate) label: u32,
    /// The set of pinned locals that holds at the label.
    pins: u32,
    /// Byte offset of the `try_table`.
    offset: u32,
    /// The event at the clause, if exceptions are observed.
    caught: Option<Caught>,
}

/// Returns the type of a tag, whose parameters are the types of an exception's values.
pub(crate) fn tag_type(module: &ModuleDef, tag: u32) -> &FuncType {
    module.func_type_at(module.tags[tag as usize])
}

impl Func<'_> {
    /// Translates `throw`.
    pub(crate) fn throw(&mut self, tag: u32) {
        if !self.reachable {
            return;
        }
        let params = tag_type(self.module, tag).params().len();
        self.settle_top(params);
        self.truncate(self.s.stack.len().saturating_sub(params));
        self.prepare_throw();
        let args = self.next_slot();
        self.emit_op(Throw { args, tag });
        self.reachable = false;
    }

    /// Translates `throw_ref`.
    pub(crate) fn throw_ref(&mut self) {
        if !self.reachable {
            return;
        }
        let exception = self.pop();
        let exception = self.slot(exception);
        self.prepare_throw();
        self.emit_op(ThrowRef { exception });
        self.reachable = false;
    }

    /// Does what precedes the instruction that throws.
    pub(crate) fn prepare_throw(&mut self) {
        self.observe_call(None);
        self.store_pins();
        self.end_segment();
        self.map_offset();
    }

    /// Returns the number of slots that the values of a tag's exceptions take.
    pub(crate) fn tag_slots(&self, tag: u32) -> u32 {
        tag_type(self.module, tag).param_slots()
    }

    /// Begins the region of a `try_table` whose block has been entered. `catches` are its clauses,
    /// whose labels count from the block around it.
    pub(crate) fn begin_try_table(&mut self, catches: &[Catch]) {
        if !self.reachable {
            return;
        }
        let region = self.begin_try();
        for (index, catch) in (0..).zip(catches) {
            let (tag, label, reference) = match *catch {
                Catch::One { tag, label } => (Some(tag), label, false),
                Catch::OneRef { tag, label } => (Some(tag), label, true),
                Catch::All { label } => (None, label, false),
                Catch::AllRef { label } => (None, label, true),
            };
            self.add_clause(region, Point::Catch { clause: index, tag, reference }, label + 1);
        }
    }

    /// Begins the region of the innermost block. Returns its number.
    pub(crate) fn begin_try(&mut self) -> u32 {
        let start = self.boundary();
        let around = self.s.tries.open.last().map_or(NO_INDEX, |(region, _)| *region);
        let number = self.s.tries.regions.len() as u32;
        let region = Region { start, end: start, around, next: around, clauses: 0, count: 0 };
        self.s.tries.regions.push(region);
        self.s.tries.open.push((number, self.s.controls.len() as u32 - 1));
        number
    }

    /// Ends the innermost region. Returns its number.
    pub(crate) fn end_try(&mut self) -> u32 {
        let end = self.boundary();
        let Some((number, _)) = self.s.tries.open.pop() else { return NO_INDEX };
        self.s.tries.regions[number as usize].end = end;
        number
    }

    /// Returns the position at which code begins that has other handlers than the code before. No
    /// instruction moves from one side to the other later.
    fn boundary(&mut self) -> u32 {
        self.last = None;
        // An instruction that only takes fuel may be taken back, and throws nothing.
        self.position_of_empty_segment().unwrap_or(self.code.position()) as u32
    }

    /// Adds a clause, whose event is a [`Point::Catch`], that leads to the label at a relative
    /// depth.
    fn add_clause(&mut self, region: u32, point: Point, depth: u32) {
        let Point::Catch { tag, reference, .. } = point else { return };
        let number = self.s.tries.clauses.len() as u32;
        let control = self.control_at(depth);
        let label = self.s.controls[control];
        let values = tag.map_or(0, |tag| self.tag_slots(tag));
        // The values take slots above those that the code before may have used.
        self.need_frame(label.base + values + u32::from(reference));
        let reference = reference.then(|| self.slot_number(label.base + values));
        let tag = tag.unwrap_or(NO_INDEX);
        let clause = Clause { tag, to: NONE, slot: self.slot_number(label.base), reference };
        self.s.tries.clauses.push((region, clause));
        let caught = self.caught(point, label.height, label.base);
        let is_observed = caught.is_some() || self.has_sites();
        let direct = !label.is_function() && label.pins == 0 && !is_observed;
        if direct {
            return self.wait_for(Waiting::Clause(number), control);
        }
        let pad = self.s.tries.pads.len() as u32;
        let (pins, offset) = (label.pins, self.offset);
        self.s.tries.pads.push(Pad { clause: number, label: NONE, pins, offset, caught });
        if !label.is_function() {
            self.wait_for(Waiting::Pad(pad), control);
        }
    }

    /// Emits the pads, behind the function's end.
    pub(crate) fn emit_pads(&mut self) {
        for number in 0..self.s.tries.pads.len() {
            let Pad { clause, label, pins, offset, caught } = self.s.tries.pads[number];
            self.barrier();
            self.s.tries.clauses[clause as usize].1.to = self.code.position() as u32;
            let end = core::mem::replace(&mut self.offset, offset);
            if self.has_sites() {
                self.observe_caught(number as u32);
            }
            if let Some(caught) = caught {
                self.observe_clause(caught);
            }
            if label == NONE {
                self.emit_return_from_pad();
            } else {
                self.load_pins_of(pins);
                let to = label.wrapping_sub(self.code.position() as u32) as i32;
                self.emit_op(Br { to });
            }
            self.offset = end;
        }
    }

    /// Returns what an exception has brought to the function's label.
    fn emit_return_from_pad(&mut self) {
        self.truncate(0);
        self.push_homes(self.ty.results());
        self.prepare_return();
        self.emit_return();
        self.truncate(0);
    }

    /// Hands the handlers over to the code, now that all positions are known.
    pub(crate) fn finish_tries(&mut self) {
        let Scratch { tries, .. } = &mut *self.s;
        if tries.regions.is_empty() {
            return;
        }
        // In the order of their regions, each in the order of the text.
        tries.clauses.sort_by_key(|(region, _)| *region);
        let mut first = 0;
        for (number, region) in (0..).zip(&mut tries.regions) {
            let own = tries.clauses[first..].iter().take_while(|(of, _)| *of == number).count();
            (region.clauses, region.count) = (first as u32, own as u32);
            first += own;
        }
        let clauses: Vec<_> = tries.clauses.iter().map(|(_, clause)| *clause).collect();
        self.code.handle(&tries.regions, &clauses);
    }
}
