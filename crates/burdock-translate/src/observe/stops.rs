//! Code whose values are known where a guest can stop by itself: ordinary code, with a record of
//! where the values are. At a call and at a check of the epoch, everything is in slots. At a trap,
//! values may also be in registers, which the machine keeps (`Target::keeps_registers`).

use super::operators::{Effect, effect};
use super::sites::{Before, Operand};
use super::{Check, Known, Observing, Point};
use crate::emit::Taken;
use crate::entry::{Entry, Place};
use crate::func::Func;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use burdock_ir::operands::{FIRST, SECOND};
use burdock_ir::{Bank, Kind, Meaning};

/// The place of a value when an operator traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In its home slot.
    Home,
    /// In this slot.
    Slot(u16),
    /// In this register.
    Register(Register),
    /// In this local.
    Local(u32),
    /// Nowhere: it is a constant, as it would lie in a slot.
    Const(u64),
    /// Nowhere: it is the sum, in 32 bits, of two numbers.
    Sum(Addend, Addend),
}

/// A number of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addend {
    /// In this slot.
    Slot(u16),
    /// In this register for integers.
    Register(u8),
}

/// A register of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// The bank.
    pub bank: Bank,
    /// The number among the bank's registers.
    pub number: u8,
}

/// A check of the epoch, with the position of the topmost operand's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CheckedSite {
    check: Check,
    top: u32,
}

/// The state of a translation whose values are known at stops.
#[derive(Default)]
pub(super) struct Stops {
    /// The positions of instructions whose results are recorded as being in registers, each with
    /// the positions of these records.
    definitions: BTreeSet<(u32, u32)>,
    /// `true` if hooks may have changed locals at the last operator.
    reloads: bool,
    /// The height of the operand stack before the present operator, if the operator may trap and
    /// no handler in Rust is known to execute it.
    traps: Option<usize>,
}

impl Source {
    /// Returns where the value of an entry is.
    pub(super) fn of(entry: &Entry) -> Self {
        match entry.place() {
            Place::Home => Self::Home,
            Place::Slot(slot) => Self::Slot(slot),
            Place::Const(bits) => Self::Const(bits),
            Place::Local(local) | Place::Mirrored { local, .. } => Self::Local(local),
            Place::Reg(number) => match Bank::ALL.get(usize::from(entry.bank())) {
                Some(&bank) => Self::Register(Register { bank, number }),
                None => Self::Home,
            },
        }
    }
}

impl Observing<'_> {
    /// Notes the instruction that computes the value of an entry that is about to be recorded, if
    /// the instruction's result may still be sent elsewhere.
    pub(super) fn note_definition(&mut self, entry: &Entry) {
        if let Some(position) = entry.definition_position() {
            self.stops.definitions.insert((position, self.sites.stacks.len() as u32));
        }
    }

    /// Records anew where the result of the instruction at a position is.
    fn move_result(&mut self, position: u32, to: Source) {
        for (_, record) in self.stops.definitions.range((position, 0)..=(position, u32::MAX)) {
            if let Some(operand) = self.sites.stacks.get_mut(*record as usize) {
                operand.at = if to == Source::Slot(operand.slot) { Source::Home } else { to };
            }
        }
    }
}

impl Func<'_> {
    /// Returns `true` if values are known at stops, and not before each operator.
    pub(crate) fn knows_at_stops(&self) -> bool {
        self.observing.as_ref().is_some_and(|own| own.wanted.known == Known::AtStops)
    }

    /// Returns `true` if values are known before each operator.
    pub(crate) fn knows_at_operators(&self) -> bool {
        self.observing.as_ref().is_some_and(|own| own.wanted.known == Known::AtOperators)
    }

    /// Brings values to where they have to be if the next operator stops the guest, or a hook is
    /// told of its access to memory, and records where all values are.
    pub(super) fn prepare_stop(&mut self, delivers: bool) {
        let Some(observing) = &mut self.observing else { return };
        let bytes = observing.bytes.get(self.offset as usize..).unwrap_or_default();
        if core::mem::take(&mut observing.stops.reloads) {
            self.barrier();
            self.load_pins();
        }
        let effect = effect(bytes);
        let mut pins = self.loops.pins;
        match effect {
            Effect::Continues | Effect::GoesOn => {}
            Effect::Traps if delivers => self.flush_registers(),
            Effect::Traps if !self.known.is_empty() => {}
            Effect::Traps => self.flush(),
            Effect::Calls => {
                self.flush();
                pins = 0;
            }
            Effect::Stops | Effect::Allocates => {
                self.flush();
                self.store_pins();
                pins = 0;
            }
        }
        let top = self.stack_types();
        let (height, pinned) = (self.s.stack.len(), self.loops.pins != 0);
        self.note_operator(Before { offset: self.offset, top, pins });
        if let Some(observing) = &mut self.observing {
            observing.stops.reloads = effect == Effect::Allocates && pinned;
            observing.stops.traps = (effect == Effect::Traps).then_some(height);
        }
    }

    /// Brings home what the present operator finds in registers, before a handler in Rust executes
    /// it: such a handler keeps no registers at a trap. The operands have been popped.
    pub(crate) fn bring_trapping_home(&mut self) {
        let Some(observing) = &mut self.observing else { return };
        let Some(height) = observing.stops.traps.take() else { return };
        let Some(Before { offset, top, .. }) = observing.sites.operators.pop() else { return };
        self.flush_registers();
        self.store_pins();
        let popped = height.saturating_sub(self.s.stack.len());
        let mut below = self.stack_types();
        let Some(observing) = &mut self.observing else { return };
        let mut operands = Vec::new();
        let mut at = top;
        while let Some(operand) = observing.sites.stacks.get(at as usize)
            && operands.len() < popped
        {
            operands.push(*operand);
            at = operand.below;
        }
        for operand in operands.into_iter().rev() {
            let mut own = Operand { below, ..operand };
            if let Source::Register(Register { bank, number }) = operand.at {
                self.emit_register_to_slot(bank as u8, operand.slot, number);
                own.at = Source::Home;
            }
            let Some(observing) = &mut self.observing else { return };
            below = observing.sites.stacks.len() as u32;
            observing.sites.stacks.push(own);
        }
        self.note_operator(Before { offset, top: below, pins: 0 });
    }

    /// Notes that the entry at an index is no longer where it was recorded to be.
    pub(crate) fn note_brought_home(&mut self, index: usize) {
        if let Some(observing) = &mut self.observing {
            observing.types.truncate(index);
        }
    }

    /// Notes that the result of the instruction at a position goes elsewhere.
    pub(crate) fn note_moved(&mut self, position: u32, dst: Kind, field: u16, bank: u8) {
        let Some(observing) = &mut self.observing else { return };
        let to = match (dst, Bank::ALL.get(usize::from(bank))) {
            (Kind::Reg, Some(&bank)) => Source::Register(Register { bank, number: field as u8 }),
            _ => Source::Slot(field),
        };
        observing.move_result(position, to);
    }

    /// Notes that an addition has become part of the load of whose address it is the sum.
    pub(crate) fn note_sum(&mut self, position: u32, taken: &Taken) {
        let Some(observing) = &mut self.observing else { return };
        let (meaning, kinds) = taken.parts();
        debug_assert_eq!(meaning, Meaning::I32Add);
        let addend = |kind: Kind, number: u64| match kind {
            Kind::Reg => Addend::Register(number as u8),
            _ => Addend::Slot(number as u16),
        };
        let [a, b] = [FIRST, SECOND].map(|field| field.get(taken.operands()));
        observing.move_result(position, Source::Sum(addend(kinds.a, a), addend(kinds.b, b)));
        // Another instruction comes to this position.
        let known = &mut observing.stops.definitions;
        while let Some(&own) = known.range((position, 0)..=(position, u32::MAX)).next() {
            known.remove(&own);
        }
    }

    /// Notes the place behind a call, where there is no instruction of a site.
    pub(super) fn note_return(&mut self) {
        self.barrier();
        let (offset, position) = (self.offset, self.code.position());
        if let Some(observing) = &mut self.observing {
            observing.note_place(offset, Point::Returned, position);
            observing.sites.returns.push((offset, position as u32));
        }
    }

    /// Returns the site of a check of the epoch, if a debugger may stop guests there.
    pub(crate) fn checked_site(&mut self, check: Check) -> Option<CheckedSite> {
        if !self.observing.as_ref().is_some_and(Observing::is_debugged) {
            return None;
        }
        let top = self.stack_types();
        Some(CheckedSite { check, top })
    }

    /// Emits the site behind a check of the epoch, at the operator with this byte offset.
    pub(crate) fn observe_checked(&mut self, offset: u32, site: Option<CheckedSite>) {
        let Some(CheckedSite { check, top }) = site else { return };
        self.barrier();
        let present = core::mem::replace(&mut self.offset, offset);
        self.site_above(Point::Checked(check), Meaning::Anchor, top);
        self.offset = present;
    }
}
