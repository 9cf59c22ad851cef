//! The symbolic operand stack: how entries come and go.

use crate::entry::{Entry, Place};
use crate::func::Func;
use burdock_ir::Bank;
use burdock_types::ValType;

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

/// The most registers of a bank that hold temporaries.
pub(crate) const MAX_TEMPORARIES: usize = 4;

/// The most entries that are looked at one by one for a local: if there are more, all are brought
/// home, so that translation takes linear time.
const MAX_WAITING: usize = 64;

impl Func<'_> {
    /// Pushes a value that is at home or in a register; its home is the next free slot.
    #[inline]
    pub(crate) fn push(&mut self, ty: ValType, place: Place) {
        let mut entry = Entry::at_home(ty, self.next_slot());
        if let Place::Reg(reg) = place {
            entry = entry.to_register(reg);
            self.occupied[usize::from(entry.bank())] |= entry.temporary();
            self.regs[usize::from(entry.bank())][usize::from(reg)] = self.s.stack.len() as u32;
        }
        self.push_entry(entry);
    }

    /// Pushes a constant.
    pub(crate) fn push_constant(&mut self, ty: ValType, bits: u64) {
        let entry = Entry::constant(ty, bits, self.next_slot());
        self.push_entry(entry);
    }

    /// Pushes what a local holds.
    pub(crate) fn push_local(&mut self, local: u32) {
        let home = self.next_slot();
        let entry = Entry::of_local(local, &self.s.locals[local as usize], home);
        self.push_entry(entry);
    }

    #[inline]
    fn push_entry(&mut self, entry: Entry) {
        self.next_home += entry.slots();
        self.need_frame(self.next_home);
        self.s.stack.push(entry);
    }

    /// Pops a value. Its home stays usable as scratch until the next push.
    pub(crate) fn pop(&mut self) -> Entry {
        // Validation has made sure that there is one; unvalidated code gets a constant.
        let Some(entry) = self.s.stack.pop() else {
            return Entry::constant(ValType::I32, 0, self.next_slot());
        };
        let bank = usize::from(entry.bank());
        self.next_home = entry.home().into();
        self.flushed = self.flushed.min(self.s.stack.len());
        self.unchanged = self.unchanged.min(self.s.stack.len());
        self.occupied[bank] &= !entry.temporary();
        if self.mirrored[bank] != 0
            && let Some(local) = entry.local()
        {
            return self.mirror(local, entry);
        }
        entry
    }

    /// An entry that stood for a local, as in the temporary that holds its value as well.
    fn mirror(&self, local: u32, entry: Entry) -> Entry {
        let info = &self.s.locals[local as usize];
        if info.bank != entry.bank() || info.pin.is_some() {
            return entry;
        }
        match self.mirrors_of(usize::from(entry.bank()), local) {
            0 => entry,
            found => entry.to_mirror(found.trailing_zeros() as u8),
        }
    }

    /// The temporaries of a bank that hold a local's value as well, as a set.
    pub(crate) fn mirrors_of(&self, bank: usize, local: u32) -> u8 {
        let mut found = 0;
        for (reg, &mirrored) in self.mirrors[bank].iter().enumerate() {
            found |= u8::from(mirrored == local) << reg;
        }
        found & self.mirrored[bank]
    }

    /// Drops entries until the stack has this height.
    pub(crate) fn truncate(&mut self, height: usize) {
        while self.s.stack.len() > height {
            self.pop();
        }
    }

    /// Pushes values that lie in their homes.
    pub(crate) fn push_homes(&mut self, types: &[ValType]) {
        for &ty in types {
            self.push(ty, Place::Home);
        }
    }

    /// Brings one entry home, wherever it is.
    pub(crate) fn settle(&mut self, index: usize) {
        let entry = self.s.stack[index];
        if entry.is_home() {
            return;
        }
        // An instruction costs more than a slot: what is wanted there is computed there.
        if let Place::Reg(reg) = entry.place()
            && self.send_home(usize::from(entry.bank()), reg)
        {
            return;
        }
        self.move_to_slot(entry, entry.home());
        self.occupied[usize::from(entry.bank())] &= !entry.temporary();
        self.s.stack[index] = entry.to_home();
    }

    /// Brings the topmost `count` entries home.
    pub(crate) fn settle_top(&mut self, count: usize) {
        let height = self.s.stack.len();
        // From the top down: the topmost value may be what the last instruction computes.
        for index in (height.saturating_sub(count)..height).rev() {
            self.settle(index);
        }
    }

    /// Brings everything home but constants (in observed code those too): what follows may be
    /// reached from elsewhere, or may not be run at all.
    pub(crate) fn flush(&mut self) {
        let height = self.s.stack.len();
        for index in (self.flushed..height).rev() {
            let constant = self.s.stack[index].bits().is_some();
            if !constant || self.observing.is_some() {
                self.settle(index);
            }
        }
        self.flushed = height;
    }

    /// Brings home what is in temporaries: the next instruction does not keep them.
    pub(crate) fn flush_registers(&mut self) {
        for bank in 0..Bank::COUNT {
            self.flush_bank(bank, !0);
        }
    }

    /// Brings home what is in these temporaries of a bank.
    pub(crate) fn flush_bank(&mut self, bank: usize, set: u8) {
        while self.occupied[bank] & set != 0 {
            let reg = (self.occupied[bank] & set).trailing_zeros();
            self.settle(self.regs[bank][reg as usize] as usize);
        }
    }

    /// Whether the present value of a local may be wanted by an entry.
    pub(crate) fn is_wanted(&self, local: u32) -> bool {
        let waiting = &self.s.stack[self.flushed..];
        waiting.len() > MAX_WAITING || waiting.iter().any(|entry| entry.local() == Some(local))
    }

    /// Brings home every entry that stands for a local which is about to change.
    pub(crate) fn preserve(&mut self, local: u32) {
        let height = self.s.stack.len();
        if height - self.flushed > MAX_WAITING {
            return self.flush();
        }
        for index in (self.flushed..height).rev() {
            if self.s.stack[index].local() == Some(local) {
                self.settle(index);
            }
        }
    }
}
