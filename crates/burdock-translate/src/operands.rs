//! Where an instruction's operands and its result go.

use crate::entry::{Entry, NO_BANK, Place, Type};
use crate::func::Func;
use crate::stack::MAX_TEMPORARIES;
use burdock_ir::{Meaning, Op};
use burdock_types::ValType;

impl Func<'_> {
    /// Returns `true` if a meaning's ops can have any register, and not only the first of a bank.
    #[inline]
    pub(crate) fn knows_registers(&self, meaning: Meaning) -> bool {
        self.knows(meaning.only_op())
    }

    /// Returns `true` if an op can have any register, and not only the first of a bank.
    #[inline]
    pub(crate) fn knows(&self, op: Op) -> bool {
        self.known.get(op.number()).copied().unwrap_or(false)
    }

    /// Returns a popped entry as an operand of this meaning: in a register only if there is an op
    /// for it.
    #[inline]
    pub(crate) fn operand(&mut self, meaning: Meaning, entry: Entry) -> Entry {
        match entry.is_far() && !self.knows_registers(meaning) {
            true => self.in_slot(entry),
            false => entry,
        }
    }

    /// Returns the slot of a popped entry's value, after moving the value to a slot if it is in
    /// none.
    pub(crate) fn slot(&mut self, entry: Entry) -> u16 {
        let entry = self.in_slot(entry);
        entry.field()
    }

    /// Brings a popped entry into a slot, for an op that has no other operand kind.
    #[inline(never)]
    pub(crate) fn in_slot(&mut self, entry: Entry) -> Entry {
        match entry.place() {
            Place::Home | Place::Slot(_) => entry,
            Place::Local(local) | Place::Mirrored { local, .. } => {
                let info = self.s.locals[local as usize];
                if let Some(reg) = info.pin {
                    self.emit_register_to_slot(info.bank(), info.slot, reg);
                }
                entry.to_slot(info.slot)
            }
            Place::Reg(_) | Place::Const(_) => {
                // The home lies above the stack now, but within the frame.
                self.move_to_slot(entry, entry.home());
                entry.to_home()
            }
        }
    }

    /// Brings a popped constant into a temporary that none of the `others`, operands of the same
    /// instruction, is in; into a slot, if the meaning's ops do not know registers.
    pub(crate) fn constant_operand(
        &mut self,
        meaning: Meaning,
        entry: Entry,
        others: &[Entry],
    ) -> Entry {
        let Some(bits) = entry.bits() else { return entry };
        if entry.bank() == NO_BANK || !self.knows_registers(meaning) {
            return self.in_slot(entry);
        }
        let bank = usize::from(entry.bank());
        let mut taken = self.temporaries.occupied[bank] | 1;
        for other in others.iter().filter(|other| other.bank() == entry.bank()) {
            if let Place::Reg(reg) | Place::Mirrored { reg, .. } = other.place() {
                taken |= 1 << reg;
            }
        }
        let free = self.temporaries.all[bank] & !taken;
        if free == 0 {
            return self.in_slot(entry);
        }
        let reg = free.ilog2() as u8;
        self.temporaries.mirrored[bank] &= !(1 << reg);
        self.emit_register_constant(entry.ty(), reg, bits);
        entry.to_register(reg)
    }

    /// Returns the entry of the result of an op with this meaning: in a temporary, if one is free
    /// or can be freed, otherwise in its home. The youngest value is usually the next to be used.
    #[inline]
    pub(crate) fn result(&mut self, meaning: Meaning) -> Entry {
        self.result_of(meaning, Type::of_result(meaning))
    }

    /// Returns the entry of the result of a meaning whose results are of any type.
    #[inline(always)]
    pub(crate) fn result_of(&mut self, meaning: Meaning, ty: Type) -> Entry {
        // Of those that do not know registers, the first.
        let known = if self.knows_registers(meaning) { !0 } else { 1 };
        let bank = usize::from(ty.bank());
        match self.free_register(bank, self.temporaries.all[bank] & known) {
            Some(reg) => Entry::in_temporary(ty, self.next_slot(), reg),
            None => Entry::at_home(ty, self.next_slot()),
        }
    }

    /// Returns one of these temporaries of a bank that has no entry, preferably one without a
    /// local's value.
    #[inline(always)]
    fn free_register(&mut self, bank: usize, among: u8) -> Option<u8> {
        let free = among & !self.temporaries.occupied[bank];
        let unused = free & !self.temporaries.mirrored[bank];
        match if unused != 0 { unused } else { free } {
            0 => self.free_occupied(bank, among),
            best => Some(best.trailing_zeros() as u8),
        }
    }

    /// Evicts one of these temporaries, all of which have entries; the oldest if possible.
    #[inline(never)]
    fn free_occupied(&mut self, bank: usize, among: u8) -> Option<u8> {
        let all = || (0..MAX_TEMPORARIES as u8).filter(|reg| among >> reg & 1 != 0);
        let oldest = all().min_by_key(|&reg| self.temporaries.entries[bank][usize::from(reg)])?;
        if self.send_home(bank, oldest) {
            return Some(oldest);
        }
        all().find(|&reg| self.send_home(bank, reg))
    }

    /// Frees a temporary: the instruction that has put an entry there is made to put it into the
    /// entry's home instead. Nothing has read it since, or the entry would be gone.
    pub(crate) fn send_home(&mut self, bank: usize, reg: u8) -> bool {
        let index = self.temporaries.entries[bank][usize::from(reg)] as usize;
        let entry = self.s.stack[index];
        let Some(definition) = entry.definition() else { return false };
        if !self.redirect(definition, entry.home()) {
            return false;
        }
        self.temporaries.occupied[bank] &= !(1 << reg);
        self.s.stack[index] = entry.to_home();
        true
    }

    /// Settles the instructions that computed entries in temporaries, whose results were read in
    /// place.
    pub(crate) fn settle_definitions(&mut self) {
        for (occupied, regs) in self.temporaries.occupied.iter().zip(self.temporaries.entries) {
            for (reg, index) in regs.into_iter().enumerate() {
                if occupied >> reg & 1 != 0 {
                    self.s.stack[index as usize].settle_definition();
                }
            }
        }
    }

    /// Returns the home of the next entry.
    #[inline]
    pub(crate) fn next_slot(&self) -> u16 {
        self.next_home as u16
    }

    /// Returns the op that copies a scalar of a type between places of any kinds.
    pub(crate) fn copy_op(ty: ValType) -> Meaning {
        match ty {
            ValType::F32 => Meaning::F32Copy,
            ValType::F64 => Meaning::F64Copy,
            _ => Meaning::I64Copy,
        }
    }

    /// Returns `true` if an op must not touch registers that it does not know.
    #[inline]
    pub(crate) fn is_foreign(&self, op: Op) -> bool {
        !self.knows(op) && !self.known.is_empty()
    }
}
