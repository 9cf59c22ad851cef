//! Where an instruction's operands and its result go.

use crate::func::Func;
use crate::stack::{Entry, NONE, Place};
use burdock_ir::{Bank, Kind, Meaning, Op};
use burdock_types::ValType;

impl Place {
    /// The kind of destination that a result's place makes.
    pub(crate) fn kind(self) -> Kind {
        if matches!(self, Self::Reg(_)) { Kind::Reg } else { Kind::Slot }
    }
}

impl Func<'_> {
    /// The kind of operand that an entry makes as it is.
    pub(crate) fn kind(&self, entry: Entry) -> Kind {
        match entry.place {
            Place::Reg(_) | Place::Mirrored { .. } => Kind::Reg,
            Place::Local { local, .. } if self.pin(local).is_some() => Kind::Reg,
            Place::Home | Place::Slot(_) | Place::Local { .. } => Kind::Slot,
            Place::Const(_) => Kind::Imm,
        }
    }

    /// The register that a local is pinned to.
    pub(crate) fn pin(&self, local: u32) -> Option<u8> {
        self.s.locals[local as usize].pin
    }

    /// Whether a meaning's ops can have any register, or only the first of a bank.
    pub(crate) fn knows_registers(&self, meaning: Meaning) -> bool {
        self.target.knows_registers(meaning.only_op())
    }

    /// A popped entry as an operand of this meaning: in a register only if there is an op for it.
    pub(crate) fn operand(&mut self, meaning: Meaning, entry: Entry) -> Entry {
        match self.kind(entry) {
            Kind::Reg if self.operand_field(entry) > 0 && !self.knows_registers(meaning) => {
                self.in_slot(entry)
            }
            _ => entry,
        }
    }

    /// The slot where a popped entry's value is, brought into one if it is in none.
    pub(crate) fn slot(&mut self, entry: Entry) -> u16 {
        let entry = self.in_slot(entry);
        self.operand_field(entry)
    }

    /// Brings a popped entry into a slot, for an op that has no other operand kind.
    pub(crate) fn in_slot(&mut self, entry: Entry) -> Entry {
        let place = match entry.place {
            Place::Home | Place::Slot(_) => entry.place,
            Place::Local { local, .. } | Place::Mirrored { local, .. } => {
                let info = self.s.locals[local as usize];
                if let Some(reg) = info.pin {
                    self.emit_register_to_slot(info.ty, info.slot, reg);
                }
                Place::Slot(info.slot)
            }
            Place::Reg(_) | Place::Const(_) => {
                // The home lies above the stack now, but within the frame.
                self.move_to_slot(entry, entry.home);
                Place::Home
            }
        };
        Entry { place, ..entry }
    }

    /// Brings a popped constant into a temporary that none of the `others`, operands of the same
    /// instruction, is in; into a slot, if the meaning's ops do not know registers.
    pub(crate) fn constant_operand(
        &mut self,
        meaning: Meaning,
        entry: Entry,
        others: &[Entry],
    ) -> Entry {
        let Place::Const(bits) = entry.place else { return entry };
        let Some(bank) = Bank::of(entry.ty).filter(|_| self.knows_registers(meaning)) else {
            return self.in_slot(entry);
        };
        let taken = |reg: u8| {
            self.regs[bank as usize][usize::from(reg)] != NONE
                || others.iter().any(|other| {
                    Bank::of(other.ty) == Some(bank)
                        && matches!(other.place, Place::Reg(at) | Place::Mirrored { reg: at, .. } if at == reg)
                })
        };
        let Some(reg) = (1..self.target.temporaries(bank)).rev().find(|&reg| !taken(reg)) else {
            return self.in_slot(entry);
        };
        self.mirrors[bank as usize][usize::from(reg)] = NONE;
        self.definitions[bank as usize][usize::from(reg)] = None;
        self.emit_register_constant(entry.ty, reg, bits);
        Entry { place: Place::Reg(reg), ..entry }
    }

    /// The field of an operand: the number of its slot or register, 0 for a constant.
    pub(crate) fn operand_field(&self, entry: Entry) -> u16 {
        match entry.place {
            Place::Home => entry.home,
            Place::Slot(slot) => slot,
            Place::Reg(reg) | Place::Mirrored { reg, .. } => reg.into(),
            Place::Local { local, .. } => match self.s.locals[local as usize] {
                crate::func::Local { pin: Some(reg), .. } => reg.into(),
                info => info.slot,
            },
            Place::Const(_) => 0,
        }
    }

    /// Where the result of an op with this meaning goes: a temporary, if one is or can be made
    /// free, else its home. The youngest value is the one that is wanted first.
    pub(crate) fn result_place(&mut self, meaning: Meaning, ty: ValType) -> Place {
        let Some(bank) = Bank::of(ty) else { return Place::Home };
        let count = if self.knows_registers(meaning) { self.target.temporaries(bank) } else { 1 };
        self.free_register(bank, count.into()).map_or(Place::Home, |reg| Place::Reg(reg as u8))
    }

    /// The field of a result that goes to this place.
    pub(crate) fn result_field(&mut self, place: Place) -> u16 {
        match place {
            Place::Reg(reg) => reg.into(),
            _ => self.next_slot(),
        }
    }

    /// One of the first `count` temporaries of a bank, free of entries, and of locals' values if
    /// there is such a one.
    fn free_register(&mut self, bank: Bank, count: usize) -> Option<usize> {
        let (regs, mirrors) = (&self.regs[bank as usize], &self.mirrors[bank as usize]);
        let free = |reg: &usize| regs[*reg] == NONE;
        let unused = (0..count).find(|reg| free(reg) && mirrors[*reg] == NONE);
        if let Some(reg) = unused.or_else(|| (0..count).find(free)) {
            return Some(reg);
        }
        let oldest = (0..count).min_by_key(|reg| regs[*reg])?;
        if self.send_home(bank, oldest) {
            return Some(oldest);
        }
        (0..count).find(|&reg| self.send_home(bank, reg))
    }

    /// Frees a temporary: the instruction that has put an entry there is made to put it into the
    /// entry's home instead. Nothing has read it since, or the entry would be gone.
    fn send_home(&mut self, bank: Bank, reg: usize) -> bool {
        let index = self.regs[bank as usize][reg];
        let home = self.s.stack[index as usize].home;
        let Some(definition) = self.definitions[bank as usize][reg] else { return false };
        if !self.redirect(definition, home) {
            return false;
        }
        self.regs[bank as usize][reg] = NONE;
        self.s.stack[index as usize].place = Place::Home;
        true
    }

    /// The home of the next entry.
    pub(crate) fn next_slot(&mut self) -> u16 {
        self.slot_number(self.next_home)
    }

    /// The op that brings a scalar of a type from a place of one kind to one of another.
    pub(crate) fn copy_op(ty: ValType) -> Meaning {
        match ty {
            ValType::I32 => Meaning::I32Copy,
            ValType::F32 => Meaning::F32Copy,
            ValType::F64 => Meaning::F64Copy,
            _ => Meaning::I64Copy,
        }
    }

    /// Whether an op is kept from touching registers that it does not know.
    pub(crate) fn is_foreign(&self, op: Op) -> bool {
        self.target.pinned(Bank::Int) > 0 && !self.target.knows_registers(op)
    }
}
