//! Sites and counts where exceptions are caught.

use super::sites::{BOTTOM, Operand};
use super::{Known, Point, Source, Taken};
use crate::entry::Type;
use crate::exceptions::tag_type;
use crate::func::Func;
use burdock_ir::{Meaning, control};
use burdock_types::Events;

/// The event at a clause of a `try_table`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caught {
    point: Point,
    /// The position of the topmost operand's type, once the clause is taken.
    top: u32,
}

impl Func<'_> {
    /// Returns `true` if exceptions that are caught here are counted or have an event.
    pub(crate) fn observes_catch(&self) -> bool {
        self.observing.as_ref().is_some_and(|observing| {
            let wanted = observing.wanted;
            let is_wanted =
                |sites: &super::EventSites| sites.contains(Events::EXCEPTIONS, self.offset);
            is_wanted(&wanted.delivered)
                || is_wanted(&wanted.counted)
                || wanted.known != Known::AtSites
        })
    }

    /// Returns the event at a clause that leads to a label of which the operand stack below is
    /// known: its height and the slot of the first value.
    pub(crate) fn caught(&mut self, point: Point, height: u32, base: u32) -> Option<Caught> {
        let Point::Catch { tag, reference, .. } = point else { return None };
        if !self.observes_catch() {
            return None;
        }
        self.stack_types();
        let values = tag.map_or(&[][..], |tag| tag_type(self.module, tag).params());
        let types = values.iter().map(|ty| Type::of(*ty)).chain(reference.then_some(Type::EXN));
        let observing = self.observing.as_mut()?;
        let below = height.checked_sub(1).and_then(|below| observing.types.get(below as usize));
        let mut top = below.copied().unwrap_or(BOTTOM);
        let mut slot = base;
        for ty in types.flat_map(Type::list) {
            let operand = Operand { ty: *ty, slot: slot as u16, below: top, at: Source::Home };
            top = observing.sites.stacks.len() as u32;
            observing.sites.stacks.push(operand);
            slot += u32::from(ty.slots());
        }
        Some(Caught { point, top })
    }

    /// Emits the count and the site of a clause, at the beginning of its pad.
    pub(crate) fn observe_clause(&mut self, Caught { point, top }: Caught) {
        self.part();
        let Some(observing) = &self.observing else { return };
        let (wanted, offset) = (observing.wanted, self.offset);
        if wanted.counted.contains(Events::EXCEPTIONS, offset) {
            self.count(point);
        }
        let position = self.code.position();
        if wanted.delivered.contains(Events::EXCEPTIONS, offset) {
            self.map_offset();
            if let Some(observing) = &mut self.observing {
                observing.positions.push(position);
            }
            self.site_above(point, Meaning::Observe, top);
        } else if wanted.known == Known::AtOperators
            && let Some(observing) = &mut self.observing
        {
            observing.note_place(offset, point, position);
        }
        self.part();
    }

    /// Counts how often the reference of a branch on a cast is of the type, which has been found
    /// out and is on top of the stack.
    pub(crate) fn count_cast(&mut self) {
        let cell = self.observing.as_mut().and_then(|observing| observing.cast.take());
        if let Some(cell) = cell {
            self.count_if_top(cell);
        }
    }

    /// Emits the count of those times at which the topmost value is not 0.
    pub(super) fn count_if_top(&mut self, cell: u32) {
        if let Some(top) = self.s.stack.len().checked_sub(1) {
            self.settle(top);
            let condition = self.s.stack[top].home();
            self.emit_op(control::CountIf { condition, cell });
        }
    }

    /// Adds the cell that counts how often the branch of a point is taken, if it is a branch.
    pub(super) fn add_taken(&mut self, point: Point) -> Option<Taken> {
        let of_condition: fn(u32) -> Taken = match point {
            Point::Branch
            | Point::BranchOnNull { if_null: false }
            | Point::BranchOnCast { if_it_is: true, .. }
            | Point::BranchOnCastDesc { if_it_is: true, .. } => Taken::If,
            Point::BranchOnNull { .. }
            | Point::BranchOnCast { .. }
            | Point::BranchOnCastDesc { .. } => Taken::Unless,
            _ => return None,
        };
        Some(of_condition(self.observing.as_mut()?.add_cell()))
    }
}
