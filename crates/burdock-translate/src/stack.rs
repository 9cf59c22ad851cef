//! The symbolic operand stack: how entries come and go.

use crate::entry::{BANKS, Entry, Type};
use crate::func::Func;
use burdock_ir::{Bank, Target};
use burdock_types::{HeapType, ValType};

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

/// The most registers of a bank that hold temporaries.
pub(crate) const MAX_TEMPORARIES: usize = 4;

/// The most entries that are looked at one by one for a local: if there are more, all are brought
/// home, so that translation takes linear time.
const MAX_WAITING: usize = 64;

/// Returns `true` for a type whose values may be references to objects, which the collector looks
/// for in slots.
pub(crate) fn is_object_reference(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(ty) if ty.heap.top() != HeapType::Func)
}

/// The registers that hold temporaries, and what is in each. For each bank, a set of registers has
/// a bit for each register's number.
pub(crate) struct Temporaries {
    /// The registers that the machine has.
    pub(crate) all: [u8; BANKS],
    /// Those of them that hold an entry.
    pub(crate) occupied: [u8; BANKS],
    /// The entry of each occupied register.
    pub(crate) entries: [[u32; MAX_TEMPORARIES]; BANKS],
    /// The registers that hold the value of a local as well; only those that hold no entry.
    pub(crate) mirrored: [u8; BANKS],
    /// The local of each of these registers.
    pub(crate) mirrors: [[u32; MAX_TEMPORARIES]; BANKS],
}

impl Temporaries {
    /// Creates the temporaries of a machine, all of them free.
    pub(crate) fn of(target: &Target) -> Self {
        let mut all = [0; BANKS];
        for bank in Bank::ALL {
            all[bank as usize] = (1 << target.temporaries(bank)) - 1;
        }
        let none = [[NONE; MAX_TEMPORARIES]; BANKS];
        Self { all, occupied: [0; BANKS], entries: none, mirrored: [0; BANKS], mirrors: none }
    }
}

impl Func<'_> {
    /// Pushes a value that is at home; its home is the next free slot.
    pub(crate) fn push_home(&mut self, ty: Type) {
        self.push(Entry::at_home(ty, self.next_slot()));
    }

    /// Pushes a constant.
    #[inline]
    pub(crate) fn push_constant(&mut self, ty: Type, bits: u64) {
        self.push(Entry::constant(ty, bits, self.next_slot()));
    }

    /// Pushes what a local holds.
    #[inline]
    pub(crate) fn push_local(&mut self, local: u32) {
        let home = self.next_slot();
        self.push(self.s.locals[local as usize].entry(home));
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, entry: Entry) {
        let next_home = self.next_home + entry.slots();
        if next_home > self.frame || self.s.stack.len() == self.s.stack.capacity() {
            return self.push_higher(entry);
        }
        self.next_home = next_home;
        self.s.stack.push(entry);
    }

    /// Pushes an entry where the stack may not have been so high before.
    #[cold]
    fn push_higher(&mut self, entry: Entry) {
        self.next_home += entry.slots();
        // Notes the error if there is no such slot.
        self.slot_number(self.next_home - 1);
        self.need_frame(self.next_home);
        self.s.stack.push(entry);
    }

    /// Pops a value, whose home stays usable as scratch until the next push.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Entry {
        // Validation has made sure that there is one; unvalidated code gets a constant.
        let Some(entry) = self.s.stack.pop() else {
            return Entry::constant(Type::I32, 0, self.next_slot());
        };
        self.next_home = entry.home().into();
        self.popped(entry)
    }

    /// Pops two values, the first of which was pushed before the second.
    #[inline(always)]
    pub(crate) fn pop_two(&mut self) -> (Entry, Entry) {
        let stack = &mut self.s.stack;
        let &[.., a, b] = &stack[..] else {
            let b = self.pop();
            return (self.pop(), b);
        };
        stack.truncate(stack.len() - 2);
        self.next_home = a.home().into();
        (self.popped(a), self.popped(b))
    }

    /// Returns an entry that was on the stack, as an operand.
    #[inline(always)]
    fn popped(&mut self, entry: Entry) -> Entry {
        let bank = usize::from(entry.bank());
        self.temporaries.occupied[bank] &= !entry.temporary();
        match entry.local() {
            Some(local) if self.temporaries.mirrored[bank] != 0 => self.mirror(local, entry),
            _ => entry,
        }
    }

    /// Returns a popped entry of a local as one in the temporary that holds its value as well.
    #[inline(never)]
    fn mirror(&self, local: u32, entry: Entry) -> Entry {
        let info = &self.s.locals[local as usize];
        if info.bank() != entry.bank() || info.pin.is_some() {
            return entry;
        }
        match self.mirrors_of(usize::from(entry.bank()), local) {
            0 => entry,
            found => entry.to_mirror(found.trailing_zeros() as u8),
        }
    }

    /// Returns the set of temporaries of a bank that hold a local's value as well.
    pub(crate) fn mirrors_of(&self, bank: usize, local: u32) -> u8 {
        let mut found = 0;
        for (reg, &mirrored) in self.temporaries.mirrors[bank].iter().enumerate() {
            found |= u8::from(mirrored == local) << reg;
        }
        found & self.temporaries.mirrored[bank]
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
            self.push_home(Type::of(ty));
        }
    }

    /// Brings one entry home, wherever it is.
    pub(crate) fn settle(&mut self, index: usize) {
        let entry = self.s.stack[index];
        if entry.is_home() {
            return;
        }
        // An instruction costs more than a slot: what is wanted there is computed there.
        if let Some(reg) = entry.register()
            && self.send_home(usize::from(entry.bank()), reg)
        {
            return;
        }
        self.move_to_slot(entry, entry.home());
        self.temporaries.occupied[usize::from(entry.bank())] &= !entry.temporary();
        self.s.stack[index] = entry.to_home();
        if self.observing.is_some() {
            self.note_brought_home(index);
        }
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
        for index in (0..self.s.stack.len()).rev() {
            let entry = self.s.stack[index];
            if entry.is_flushed() {
                break;
            }
            if entry.bits().is_none() || self.observing.is_some() {
                self.settle(index);
            }
            self.s.stack[index].set_flushed();
        }
    }

    /// Brings home what is in temporaries: the next instruction does not keep them.
    pub(crate) fn flush_registers(&mut self) {
        for bank in 0..Bank::COUNT {
            self.flush_bank(bank, !0);
        }
    }

    /// Brings home the references to objects that are in temporaries.
    pub(crate) fn flush_references(&mut self) {
        let bank = Bank::Int as usize;
        for (reg, index) in self.temporaries.entries[bank].into_iter().enumerate() {
            let occupied = self.temporaries.occupied[bank] >> reg & 1 != 0;
            if occupied && is_object_reference(self.s.stack[index as usize].ty()) {
                self.settle(index as usize);
            }
        }
    }

    /// Pushes a value that is in a temporary, where it was read.
    pub(crate) fn push_in_register(&mut self, ty: Type, reg: u8) {
        let entry = Entry::in_temporary(ty, self.next_slot(), reg);
        let (bank, reg) = (usize::from(entry.bank()), usize::from(reg) % MAX_TEMPORARIES);
        self.temporaries.occupied[bank] |= entry.temporary();
        self.temporaries.mirrored[bank] &= !entry.temporary();
        self.temporaries.entries[bank][reg] = self.s.stack.len() as u32;
        self.push(entry);
    }

    /// Brings home what is in these temporaries of a bank.
    pub(crate) fn flush_bank(&mut self, bank: usize, set: u8) {
        while self.temporaries.occupied[bank] & set != 0 {
            let reg = (self.temporaries.occupied[bank] & set).trailing_zeros();
            self.settle(self.temporaries.entries[bank][reg as usize] as usize);
        }
    }

    /// Returns the topmost entries that may be neither in their homes nor constant; at most one
    /// more than are examined one by one.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.s.stack.iter().rev().take(MAX_WAITING + 1).take_while(|entry| !entry.is_flushed())
    }

    /// Returns `true` if an entry may still need the current value of a local.
    #[inline]
    pub(crate) fn is_wanted(&self, local: u32) -> bool {
        let mut count = 0;
        for entry in self.waiting() {
            if entry.local() == Some(local) {
                return true;
            }
            count += 1;
        }
        count > MAX_WAITING
    }

    /// Brings home every entry that stands for a local which is about to change.
    pub(crate) fn preserve(&mut self, local: u32) {
        let (height, waiting) = (self.s.stack.len(), self.waiting().count());
        if waiting > MAX_WAITING {
            return self.flush();
        }
        for index in (height - waiting..height).rev() {
            if self.s.stack[index].local() == Some(local) {
                self.settle(index);
            }
        }
    }
}
