//! Sites of accesses to memory in code that hooks observe only for the sake of watched addresses.
//! An instruction compares the address, or the span of `memory.fill` and its kin, and goes on. The
//! site lies behind the function's end, with what brings everything to its slot before, and pinned
//! locals back behind. The comparison is with one range around all watched addresses; of loads and
//! stores in there, most may be of others, so a second comparison before the call of the host is
//! exact.
//!
//! Operands that are constants or locals are copied to their slots there and nowhere else, so what
//! a hook writes to the frame is lost on the way back. The host leads a guest whose frame was
//! written to code that has all values in their slots.

use super::{Known, Point};
use crate::entry::{Entry, Place};
use crate::func::Func;
use burdock_ir::control::{BrIfSpanWatched, BrIfWatched, BrUnlessWatched};
use burdock_ir::{BitField, Kind, Meaning, Operands};
use wasmparser::Operator;

/// The most operands that a site copies, so that the code's length is proportional to the body's:
/// if there are more, all are in their slots before the access.
const MOST_COPIES: usize = 8;

/// The site of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WatchedSite {
    point: Point,
    /// The slot with the address, once all operands are in their slots.
    address: u16,
    /// The position of the topmost operand's type.
    top: u32,
    /// The operands that are copied to their slots: the first among those of the function, and
    /// their number.
    copies: (u32, u32),
}

impl WatchedSite {
    /// Returns the place of the distance in the comparison that leads to the site, and the
    /// comparison's length.
    pub(crate) fn comparison(&self) -> (BitField, usize) {
        match address_of_span(self.point) {
            Some(_) => (BrIfSpanWatched::to(), BrIfSpanWatched::LENGTH),
            None => (BrIfWatched::to(), BrIfWatched::LENGTH),
        }
    }
}

/// Returns the number of operands above the first address, if the point is one of an operator that
/// accesses a span of memory, whose length is on top.
fn address_of_span(point: Point) -> Option<usize> {
    match point {
        Point::Copy { writes: false, .. } => Some(1),
        Point::Fill { .. } | Point::Copy { .. } | Point::Init { .. } => Some(2),
        _ => None,
    }
}

impl Func<'_> {
    /// Returns `true` if hooks are told of an access that an operator makes, in code whose values
    /// are known at stops.
    pub(super) fn delivers_at(&self, operator: Option<&Operator<'_>>) -> bool {
        let Some((observing, operator)) = self.observing.as_ref().zip(operator) else {
            return false;
        };
        let wanted = observing.wanted;
        let delivers = |point: &Point| wanted.delivers(*point, self.offset);
        !wanted.delivered.is_empty() && self.points_at(operator).iter().flatten().any(delivers)
    }

    /// Emits the site of an access behind a comparison of the address, if the function is observed
    /// in this way. Returns `false` otherwise.
    pub(super) fn emit_watched_site(&mut self, point: Point) -> bool {
        let Some(observing) = &self.observing else { return false };
        if !observing.wanted.accesses.are_watched() {
            return false;
        }
        let (Point::Load(access) | Point::Store(access)) = point else {
            return self.emit_watched_span(point);
        };
        if observing.wanted.known != Known::AtStops || self.waiting().count() > MOST_COPIES {
            self.flush();
        }
        self.flush_registers();
        let below = usize::from(access.lane.is_some() || matches!(point, Point::Store(_)));
        // Validation has made sure that there is an address.
        let Some(index) = self.s.stack.len().checked_sub(1 + below) else { return false };
        let address = self.s.stack[index];
        if address.bits().is_some()
            || address.is_far() && !self.knows_registers(Meaning::BrIfWatchedR)
        {
            self.settle(index);
        }
        let address = self.s.stack[index];
        let home = address.home();
        let top = self.stack_types();
        let copies = self.note_copies();
        let meaning = match address.kind() {
            Kind::Reg => Meaning::BrIfWatchedR,
            _ => Meaning::BrIfWatched,
        };
        let position = self.code.position();
        let address = address.field();
        self.emit_as(meaning, BrIfWatched { address, to: 0, offset: access.offset });
        self.barrier();
        self.note_watched(WatchedSite { point, address: home, top, copies }, position);
        true
    }

    /// Emits the site of an operator on a span of memory behind a comparison of its addresses.
    /// Returns `false` if the point is none of such an operator.
    fn emit_watched_span(&mut self, point: Point) -> bool {
        let Some(below) = address_of_span(point) else { return false };
        // The operator takes its operands from their slots.
        self.flush();
        // Validation has made sure that there are three operands.
        let Some(top) = self.s.stack.len().checked_sub(1) else { return false };
        let Some(index) = top.checked_sub(below) else { return false };
        let (address, len) = (self.s.stack[index].home(), self.s.stack[top].home());
        let top = self.stack_types();
        let copies = self.note_copies();
        let position = self.code.position();
        self.emit_op(BrIfSpanWatched { address, len, to: 0 });
        self.barrier();
        self.note_watched(WatchedSite { point, address, top, copies }, position);
        true
    }

    /// Notes the operands that are in no slot of their own.
    fn note_copies(&mut self) -> (u32, u32) {
        let Some(mut observing) = self.observing.take() else { return (0, 0) };
        let first = observing.copies.len() as u32;
        observing.copies.extend(self.waiting().filter(|entry| !entry.is_home()));
        let count = observing.copies.len() as u32 - first;
        self.observing = Some(observing);
        (first, count)
    }

    /// Emits the site of an access, at the operator with this byte offset. Pinned locals are in
    /// their slots.
    pub(crate) fn observe_watched(&mut self, offset: u32, site: WatchedSite) {
        let WatchedSite { point, address, top, copies: (first, count) } = site;
        for index in first..first + count {
            let copied = self.observing.as_ref().map(|own| own.copies[index as usize]);
            self.copy_home(copied);
        }
        self.barrier();
        let comparison = self.emit_exact_comparison(point, address);
        let present = core::mem::replace(&mut self.offset, offset);
        self.map_offset();
        let position = self.code.position();
        if let Some(observing) = &mut self.observing {
            observing.positions.push(position);
        }
        let next = self.add_site(point, Meaning::Observe, top);
        // Guests that come from other code have other values in the slots of what was copied.
        if let Some(observing) = self.observing.as_mut().filter(|_| count == 0) {
            observing.note_place(offset, point, next as usize);
        }
        self.offset = present;
        if let Some(comparison) = comparison {
            let distance = (self.code.position() - comparison) as u64;
            self.code.set(comparison, BrUnlessWatched::to(), distance);
            self.barrier();
        }
    }

    /// Emits a comparison of the address, which is in a slot, with all watched addresses of the
    /// memory. Returns its position, at which the distance to the end of the site is missing.
    /// Operators on a span of memory have none: what they do takes long enough without.
    fn emit_exact_comparison(&mut self, point: Point, address: u16) -> Option<usize> {
        let (Point::Load(access) | Point::Store(access)) = point else { return None };
        let position = self.code.position();
        let (offset, memory) = (access.offset, access.memory);
        self.emit_op(BrUnlessWatched { address, to: 0, offset, memory });
        Some(position)
    }

    /// Copies an operand that is a constant, or a local in its slot, to the operand's slot.
    fn copy_home(&mut self, entry: Option<Entry>) {
        match entry.map(|entry| (entry, entry.place())) {
            Some((entry, Place::Const(bits))) => self.emit_const(entry.home(), bits),
            Some((entry, Place::Local(local))) => {
                let slot = self.s.locals[local as usize].slot;
                self.emit_copy(entry.ty(), entry.home(), slot);
            }
            _ => {}
        }
    }
}
