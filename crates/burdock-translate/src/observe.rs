//! Observation: the instructions that are added to the code of an observed function.
//!
//! At a *site* every value that is needed later, constants included, is moved to its home slot, so
//! that the slots of locals and operands are known from the function's types alone. The
//! instruction `observe` follows, with the site's number. A point that is only counted gets the
//! instruction `count`, which moves no values. Operators that are always executed one after the
//! other share one `count`, because the times between them cannot be observed. The code of an
//! unobserved function has neither instruction. `stops.rs` is about code for debuggers.

mod arguments;
mod catch;
mod events;
mod operators;
mod point;
mod sites;
mod stops;
mod watched;

use crate::entry::Entry;
use crate::func::Func;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use arguments::Arguments;
use burdock_ir::{Meaning, control};
use burdock_types::Events;
use operators::{Effect, effect};
use sites::{BOTTOM, Before, Operand, Waiting};
use wasmparser::Operator;

pub(crate) use arguments::Callee;
pub(crate) use catch::Caught;
pub use events::EventSites;
pub use point::{Access, Check, Length, Point};
pub use sites::Sites;
pub(crate) use stops::CheckedSite;
pub use stops::{Addend, Register, Source};
pub(crate) use watched::WatchedSite;

/// The sites and counts that a function is translated with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Observe {
    /// The events for which the host is called; only those of [`Events::IN_CODE`] have sites.
    pub delivered: EventSites,
    /// The events that are counted in cells.
    pub counted: EventSites,
    /// The places beside sites at which the values of the function's frame are known.
    pub known: Known,
    /// The accesses to memory that are delivered.
    pub accesses: Accesses,
    /// Delivers events at `else` and `end`, too, if the host gets instructions.
    pub delimiters: bool,
}

/// The accesses to memory that are delivered, of those that [`Observe::delivered`] has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Accesses {
    /// All of them.
    #[default]
    All,
    /// Those to watched addresses, with which the code compares, of the memories with these
    /// indices.
    Watched(BTreeSet<u32>),
}

impl Accesses {
    /// Returns `true` if the code compares addresses.
    pub fn are_watched(&self) -> bool {
        *self != Self::All
    }

    /// Returns `true` unless the point is an access to a memory without watched addresses.
    fn may_have(&self, point: Point) -> bool {
        match (self, point.memory()) {
            (Self::Watched(memories), Some(memory)) => memories.contains(&memory),
            _ => true,
        }
    }
}

/// The places at which the values of a function's frame are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Known {
    /// At sites only.
    #[default]
    AtSites,
    /// Wherever a guest can stop by itself: at calls, checks of the epoch, traps. The code is the
    /// ordinary one otherwise. Accesses to memory are the only events that can be delivered.
    AtStops,
    /// Before each operator, too.
    AtOperators,
}

/// A place in the code of a function where the host is called with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The byte offset of the operator in the module.
    pub offset: u32,
    /// The event of the site.
    pub point: Point,
    /// The position of the topmost operand's type in [`Sites::operands`].
    top: u32,
    /// The position of the instruction behind the site, in words from the function's first.
    pub next: u32,
}

/// A place that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The byte offset of the operator in the module.
    pub offset: u32,
    /// The event that is counted.
    pub point: Point,
    /// The index of the cell. Places that are always passed one after the other share a cell.
    pub cell: u32,
    /// For a branch, the cell from which follows how often it was taken.
    pub taken: Option<Taken>,
}

/// The cell of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The cell counts how often the branch was taken.
    If(u32),
    /// The cell counts how often the branch was not taken.
    Unless(u32),
}

impl Taken {
    fn cell(self) -> u32 {
        match self {
            Self::If(cell) | Self::Unless(cell) => cell,
        }
    }
}

/// The state of a translation that observes.
pub(crate) struct Observing<'o> {
    wanted: &'o Observe,
    bytes: &'o [u8],
    first_site: u32,
    first_cell: u32,
    /// The slots for arguments of calls, if they are kept.
    arguments: Option<Arguments>,
    /// The types of the current operand stack, as positions in `sites.stacks`.
    types: Vec<u32>,
    /// The positions of the instructions `observe`.
    positions: Vec<usize>,
    /// The operands that sites of watched accesses copy to their slots.
    copies: Vec<Entry>,
    /// The site to emit after the current operator.
    after: Option<(u32, Point)>,
    /// The cell of the last count, if every path to this position passes that count.
    passed: Option<u32>,
    /// The cell that counts how often the next cast finds the type.
    cast: Option<u32>,
    /// The state of code whose values are known at stops.
    stops: stops::Stops,
    pub(crate) sites: Sites,
}

impl Observe {
    /// Returns `true` if the event of a point at an operator may be delivered.
    fn delivers(&self, point: Point, offset: u32) -> bool {
        self.delivered.contains(point.kind(), offset) && self.accesses.may_have(point)
    }
}

impl<'o> Observing<'o> {
    pub(crate) fn new(
        wanted: &'o Observe,
        bytes: &'o [u8],
        [first_site, first_cell]: [u32; 2],
    ) -> Self {
        Self {
            wanted,
            bytes,
            first_site,
            first_cell,
            arguments: None,
            types: Vec::new(),
            positions: Vec::new(),
            copies: Vec::new(),
            after: None,
            passed: None,
            cast: None,
            stops: stops::Stops::default(),
            sites: Sites::default(),
        }
    }

    /// Adds a cell and returns its index.
    fn add_cell(&mut self) -> u32 {
        self.sites.cells += 1;
        self.first_cell + self.sites.cells - 1
    }

    /// Records a position to which guests can switch from other code of the function.
    fn note_place(&mut self, offset: u32, point: Point, position: usize) {
        self.sites.places.push((offset, point, position as u32));
    }

    /// Returns `true` if events are delivered, or values inspected.
    pub(crate) fn has_sites(&self) -> bool {
        self.is_debugged() || !self.wanted.delivered.is_empty()
    }

    /// Returns `true` if a debugger may look at the function's frame.
    pub(crate) fn is_debugged(&self) -> bool {
        self.wanted.known != Known::AtSites
    }

    /// Returns `true` if locals may be in registers, in code that brings them to their slots before
    /// a hook sees them.
    pub(crate) fn allows_pins(&self) -> bool {
        match self.wanted.known {
            Known::AtSites => self.wanted.delivered.is_empty(),
            Known::AtStops => true,
            Known::AtOperators => false,
        }
    }
}

impl Func<'_> {
    /// Emits the site or count of the function's entry.
    pub(crate) fn observe_entry(&mut self) {
        if let Some(observing) = &mut self.observing {
            observing.sites.base = self.next_home;
            observing.sites.record = self.record;
            self.observe(Point::Enter);
            self.part();
        }
    }

    /// Notes that not every path to this position passes the last count, so the next count gets a
    /// cell of its own.
    fn part(&mut self) {
        if let Some(observing) = &mut self.observing {
            observing.passed = None;
        }
    }

    /// Emits the sites and counts of the next operator.
    pub(crate) fn observe_operator(&mut self) {
        let Some(observing) = &mut self.observing else { return };
        let (bytes, known) = (observing.bytes, observing.wanted.known);
        if let Some((offset, point)) = observing.after.take()
            && self.reachable
        {
            let present = core::mem::replace(&mut self.offset, offset);
            self.observe(point);
            self.offset = present;
        }
        if !self.reachable {
            return self.part();
        }
        let operator = burdock_parse::operator_at(self.module, bytes, self.offset);
        match known {
            Known::AtSites => {}
            Known::AtStops => self.prepare_stop(self.delivers_at(operator.as_ref())),
            Known::AtOperators => {
                self.flush();
                let top = self.stack_types();
                self.note_operator(Before { offset: self.offset, top, pins: 0 });
            }
        }
        let Some(operator) = operator else {
            self.observe(Point::Delimiter);
            return self.part();
        };
        self.observe(Point::Instruction);
        for point in self.points_at(&operator).into_iter().flatten() {
            self.observe(point);
        }
        if effect(bytes.get(self.offset as usize..).unwrap_or_default()) != Effect::Continues {
            self.part();
        }
        let after = match operator {
            Operator::MemoryGrow { mem } => Some(Point::MemoryGrown { memory: mem }),
            Operator::TableGrow { table } => Some(Point::TableGrown { table }),
            _ => None,
        };
        let offset = self.offset;
        if let Some(observing) = &mut self.observing {
            observing.after = after.map(|point| (offset, point));
        }
    }

    /// Records what lies on the stack before an operator.
    fn note_operator(&mut self, before: Before) {
        if let Some(observing) = &mut self.observing {
            observing.sites.operators.push(before);
        }
    }

    /// Moves the values on the stack to their home slots before a call with so many arguments, or
    /// before a throw. The arguments have been popped. The frame can be inspected meanwhile.
    pub(crate) fn observe_call(&mut self, args: Option<usize>) {
        if self.has_sites() {
            self.flush();
            let (top, args) = (self.stack_types(), args.map(|args| args as u32));
            if let Some(observing) = &mut self.observing {
                observing.sites.calls.push(Waiting {
                    offset: self.offset,
                    top,
                    args,
                    copied: false,
                });
            }
        }
    }

    /// Moves to their home slots, before the function may return, the values that the instructions
    /// added to a return overwrite.
    pub(crate) fn prepare_observed_return(&mut self) {
        if self.settings.count_frames {
            self.flush_unkept();
        }
        if let Some(observing) = &self.observing
            && observing.wanted.delivered.contains(Events::FUNCS, self.offset)
        {
            self.flush();
        }
    }

    /// Emits the count, the site, both or nothing, as `wanted` says.
    pub(crate) fn observe(&mut self, point: Point) {
        let Some(observing) = &mut self.observing else { return };
        let (kind, offset) = (point.kind(), self.offset);
        let (wanted, delimits) = (observing.wanted, point == Point::Delimiter);
        let is_counted = wanted.counted.contains(kind, offset) && !delimits;
        // A cast decides behind the site, where the guest may be stopped.
        let is_cast = point.is_cast();
        if is_counted && !is_cast {
            self.count(point);
        }
        if wanted.delivers(point, offset) && (wanted.delimiters || !delimits) {
            if !self.emit_watched_site(point) {
                self.emit_site(point);
            }
        } else if wanted.known == Known::AtOperators {
            // Guests may arrive from other code that has a site at this place.
            self.flush();
            self.barrier();
            let position = self.code.position();
            if let Some(observing) = &mut self.observing {
                observing.note_place(offset, point, position);
            }
        }
        if is_counted && is_cast {
            self.part();
            self.count(point);
        }
    }

    /// Emits a site.
    fn emit_site(&mut self, point: Point) {
        self.flush();
        self.forget_mirrors();
        self.store_pins();
        self.map_offset();
        let position = self.code.position();
        if let Some(observing) = &mut self.observing {
            observing.positions.push(position);
        }
        self.site(point, Meaning::Observe);
        self.load_pins();
        self.part();
    }

    /// Emits the site behind a call. The results are on the stack, and all values are in their
    /// home slots. Ordinary code has no instruction there: guests are led away by another head of
    /// the instruction behind the call, once there is newer code.
    pub(crate) fn observe_returned(&mut self) {
        if self.knows_at_stops() {
            self.note_return();
        } else if self.has_sites() {
            self.site(Point::Returned, Meaning::Anchor);
        }
    }

    /// Returns `true` if events are delivered in the function, or values inspected.
    pub(crate) fn has_sites(&self) -> bool {
        self.observing.as_ref().is_some_and(Observing::has_sites)
    }

    /// Emits the site on the way from an exception to its label, where everything is at home.
    pub(crate) fn observe_caught(&mut self, pad: u32) {
        self.site(Point::Caught { pad }, Meaning::Anchor);
    }

    /// Moves places behind `position` to `position`, because the instructions from there on have
    /// been removed.
    pub(crate) fn pull_places(&mut self, position: usize) {
        let Some(observing) = &mut self.observing else { return };
        for (_, _, behind) in observing.sites.places.iter_mut().rev() {
            if *behind as usize <= position {
                break;
            }
            *behind = position as u32;
        }
    }

    /// Emits the instruction of a site.
    fn site(&mut self, point: Point, meaning: Meaning) {
        let top = self.stack_types();
        self.site_above(point, meaning, top);
    }

    /// Emits the instruction of a site at which the type of the topmost operand has this position.
    fn site_above(&mut self, point: Point, meaning: Meaning, top: u32) {
        let next = self.add_site(point, meaning, top);
        let offset = self.offset;
        if let Some(observing) = &mut self.observing {
            observing.note_place(offset, point, next as usize);
        }
    }

    /// Emits the instruction of a site, to which no guest comes from other code of the function.
    /// Returns the position behind it.
    fn add_site(&mut self, point: Point, meaning: Meaning, top: u32) -> u32 {
        let offset = self.offset;
        let next = (self.code.position() + meaning.only_op().words()) as u32;
        let Some(observing) = &mut self.observing else { return next };
        let site = observing.first_site + observing.sites.sites.len() as u32;
        observing.sites.sites.push(Site { offset, point, top, next });
        self.emit_as(meaning, control::Observe { frame_low: 0, frame_high: 0, site });
        next
    }

    /// Emits the count of a place. A function is counted at its entry.
    fn count(&mut self, point: Point) {
        let Some(observing) = &mut self.observing else { return };
        if matches!(point, Point::Return | Point::TailCall) {
            return;
        }
        let passed = observing.passed;
        let cell = passed.unwrap_or_else(|| observing.add_cell());
        observing.passed = Some(cell);
        let taken = self.add_taken(point);
        let offset = self.offset;
        let Some(observing) = &mut self.observing else { return };
        observing.sites.counted.push(Counted { offset, point, cell, taken });
        let is_cast = point.is_cast();
        observing.cast = taken.filter(|_| is_cast).map(Taken::cell);
        if passed.is_none() {
            self.emit_op(control::Count { cell });
        }
        if let Some(taken) = taken.filter(|_| !is_cast) {
            self.count_if_top(taken.cell());
        }
    }

    /// Returns the position of the topmost operand's type.
    fn stack_types(&mut self) -> u32 {
        let Some(observing) = &mut self.observing else { return BOTTOM };
        let stack = &mut self.s.stack;
        let unchanged = stack.iter().rposition(Entry::is_unchanged).map_or(0, |top| top + 1);
        // Entries that were brought home since are described anew.
        observing.types.truncate(unchanged);
        let unchanged = observing.types.len();
        for entry in &mut stack[unchanged..] {
            entry.set_unchanged(true);
            let below = observing.types.last().copied().unwrap_or(BOTTOM);
            observing.types.push(observing.sites.stacks.len() as u32);
            let operand =
                Operand { ty: entry.ty(), slot: entry.home(), below, at: Source::of(entry) };
            observing.note_definition(entry);
            observing.sites.stacks.push(operand);
        }
        observing.types.last().copied().unwrap_or(BOTTOM)
    }

    /// Writes the frame's final size into the instructions that need it.
    pub(crate) fn finish_observing(&mut self) -> Sites {
        let Some(observing) = self.observing.take() else { return Sites::default() };
        for position in observing.positions {
            let [low, high] = [self.frame & 0xffff, self.frame >> 16];
            self.code.set(position, control::Observe::frame_low(), low.into());
            self.code.set(position, control::Observe::frame_high(), high.into());
        }
        let mut sites = observing.sites;
        sites.frame = self.frame;
        sites.places.sort_unstable();
        sites.pins = self.pinned_locals();
        sites
    }
}
