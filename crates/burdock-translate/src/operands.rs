//! Where an instruction's operands and its result go.

use crate::func::Func;
use crate::stack::{Bank, Entry, NONE, Place};
use burdock_ir::Kind;
use burdock_types::ValType;

impl Func<'_> {
    /// The kind of operand that an entry makes as it is.
    pub(crate) fn kind(&self, entry: Entry) -> Kind {
        match entry.place {
            Place::Reg | Place::Mirrored { .. } => Kind::Reg,
            Place::Home | Place::Local { .. } => Kind::Slot,
            Place::Const(_) => Kind::Imm,
        }
    }

    /// The slot where a popped entry's value is, brought home if it is in none.
    pub(crate) fn slot(&mut self, entry: Entry) -> u16 {
        match entry.place {
            Place::Home => entry.home,
            Place::Local { local, .. } | Place::Mirrored { local } => {
                self.s.locals[local as usize].slot
            }
            Place::Reg | Place::Const(_) => {
                // The home lies above the stack now, but within the frame.
                self.move_to_slot(entry, entry.home);
                entry.home
            }
        }
    }

    /// Brings a popped entry into a slot, for an op that has no other operand kind.
    pub(crate) fn in_slot(&mut self, entry: Entry) -> Entry {
        match entry.place {
            Place::Home | Place::Local { .. } => entry,
            Place::Mirrored { local } => {
                Entry { place: Place::Local { local, below: NONE }, ..entry }
            }
            Place::Reg | Place::Const(_) => {
                self.slot(entry);
                Entry { place: Place::Home, ..entry }
            }
        }
    }

    /// The slot field of an operand: 0 where it is in no slot.
    pub(crate) fn slot_field(&self, entry: Entry) -> u16 {
        match entry.place {
            Place::Home => entry.home,
            Place::Local { local, .. } | Place::Mirrored { local } => {
                self.s.locals[local as usize].slot
            }
            Place::Reg | Place::Const(_) => 0,
        }
    }

    /// Where the next result goes: the register of its bank if no entry is in it, else its home.
    pub(crate) fn result_kind(&self, ty: ValType) -> Kind {
        match Bank::of(ty) {
            Some(bank) if self.regs[bank as usize] == NONE => Kind::Reg,
            _ => Kind::Slot,
        }
    }

    /// The home of the next entry.
    pub(crate) fn next_slot(&mut self) -> u16 {
        self.slot_number(self.next_home)
    }

    /// Pushes the result of an instruction whose destination is of this kind.
    pub(crate) fn push_result(&mut self, ty: ValType, kind: Kind) {
        let place = if kind == Kind::Reg { Place::Reg } else { Place::Home };
        self.push(ty, place);
    }
}
