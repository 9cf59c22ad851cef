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

    /// Where the next result goes: the register of its bank, if that is or can be made free, else
    /// its home. The youngest value is the one that is wanted first.
    pub(crate) fn result_kind(&mut self, ty: ValType) -> Kind {
        match Bank::of(ty) {
            Some(bank) if self.free_register(bank) => Kind::Reg,
            _ => Kind::Slot,
        }
    }

    /// Frees a register: the instruction that has put an entry there is made to put it into the
    /// entry's home instead. Nothing has read the register since, or the entry would be gone.
    fn free_register(&mut self, bank: Bank) -> bool {
        let index = self.regs[bank as usize];
        if index == NONE {
            return true;
        }
        let home = self.s.stack[index as usize].home;
        let Some(definition) = self.definitions[bank as usize] else { return false };
        if !self.redirect(definition, home) {
            return false;
        }
        self.regs[bank as usize] = NONE;
        self.s.stack[index as usize].place = Place::Home;
        true
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
