//! Sites of accesses to memory in code that hooks observe only for the sake of watched addresses.
//! An instruction compares the address and goes on; the site, and what brings pinned locals to
//! their slots and back, lie behind the function's end.

use super::Point;
use crate::func::Func;
use burdock_ir::Meaning;
use burdock_ir::control::BrIfWatched;
use wasmparser::Operator;

/// The site of an access, with the position of the topmost operand's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WatchedSite {
    point: Point,
    top: u32,
}

impl Func<'_> {
    /// Returns `true` if hooks are told of an access that an operator makes, in code whose values
    /// are known at stops.
    pub(super) fn delivers_at(&self, operator: Option<&Operator<'_>>) -> bool {
        let Some((observing, operator)) = self.observing.as_ref().zip(operator) else {
            return false;
        };
        let delivered = &observing.wanted.delivered;
        let wanted = |point: &Point| delivered.contains(point.kind(), self.offset);
        !delivered.is_empty() && self.points_at(operator).iter().flatten().any(wanted)
    }

    /// Emits the site of an access behind a comparison of the address, if the function is observed
    /// in this way and the access is one of a load or store. Returns `false` otherwise.
    pub(super) fn emit_watched_site(&mut self, point: Point) -> bool {
        let Some(observing) = &self.observing else { return false };
        let (Point::Load(access) | Point::Store(access), true) = (point, observing.wanted.watched)
        else {
            return false;
        };
        self.flush();
        let below = usize::from(access.lane.is_some() || matches!(point, Point::Store(_)));
        let stack = &self.s.stack;
        let address = stack.len().checked_sub(1 + below).and_then(|index| stack.get(index));
        // Validation has made sure that there is one.
        let address = address.map_or(0, |entry| entry.home());
        let top = self.stack_types();
        let position = self.code.position();
        self.emit_op(BrIfWatched { address, to: 0, offset: access.offset });
        self.barrier();
        self.note_watched(WatchedSite { point, top }, position);
        true
    }

    /// Emits the site of an access, at the operator with this byte offset.
    pub(crate) fn observe_watched(&mut self, offset: u32, WatchedSite { point, top }: WatchedSite) {
        let present = core::mem::replace(&mut self.offset, offset);
        self.map_offset();
        let position = self.code.position();
        if let Some(observing) = &mut self.observing {
            observing.positions.push(position);
        }
        self.site_above(point, Meaning::Observe, top);
        self.offset = present;
    }
}
