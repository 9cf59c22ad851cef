//! The symbolic operand stack: where each value is, and how entries come and go.

use crate::func::Func;
use burdock_ir::Bank;
use burdock_types::ValType;

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

/// The most registers of a bank that hold temporaries.
pub(crate) const MAX_TEMPORARIES: usize = 4;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the entry's home slot.
    Home,
    /// In the temporary of its bank that has this number.
    Reg(u8),
    /// In a local that has not been assigned since: in its slot, or the register it is pinned to.
    Local {
        local: u32,
        /// The next lower entry that stands for the same local.
        below: u32,
    },
    /// Of a popped entry: in a local's slot, and in a temporary of its bank as well.
    Mirrored { local: u32, reg: u8 },
    /// Of a popped entry: in a slot that is not its home.
    Slot(u16),
    /// Nowhere yet: a constant, as it would lie in a slot.
    Const(u64),
}

/// A value on the operand stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) ty: ValType,
    pub(crate) place: Place,
    /// The slot that belongs to this position of the stack.
    pub(crate) home: u16,
}

impl Func<'_> {
    /// Pushes a value; its home is the next free slot.
    pub(crate) fn push(&mut self, ty: ValType, place: Place) {
        let home = self.slot_number(self.next_home);
        self.next_home += u32::from(ty.slots());
        self.need_frame(self.next_home);
        if let (Place::Reg(reg), Some(bank)) = (place, Bank::of(ty)) {
            self.regs[bank as usize][usize::from(reg)] = self.s.stack.len() as u32;
        }
        self.s.stack.push(Entry { ty, place, home });
    }

    /// Pushes what a local holds.
    pub(crate) fn push_local(&mut self, local: u32) {
        let info = &mut self.s.locals[local as usize];
        let place = Place::Local { local, below: info.top_ref };
        info.top_ref = self.s.stack.len() as u32;
        let ty = info.ty;
        self.push(ty, place);
    }

    /// Pops a value. Its home stays usable as scratch until the next push.
    pub(crate) fn pop(&mut self) -> Entry {
        // Validation has made sure that there is one; unvalidated code gets a constant.
        let Some(entry) = self.s.stack.pop() else {
            let home = self.slot_number(self.next_home);
            return Entry { ty: ValType::I32, place: Place::Const(0), home };
        };
        self.next_home = entry.home.into();
        self.flushed = self.flushed.min(self.s.stack.len());
        self.unchanged = self.unchanged.min(self.s.stack.len());
        match entry.place {
            Place::Local { local, below } => {
                self.s.locals[local as usize].top_ref = below;
                if let Some(reg) = self.mirror(local, entry.ty) {
                    return Entry { place: Place::Mirrored { local, reg }, ..entry };
                }
            }
            Place::Reg(reg) => self.release(entry.ty, reg),
            Place::Home | Place::Slot(_) | Place::Const(_) | Place::Mirrored { .. } => {}
        }
        entry
    }

    /// The temporary that holds a local's value as well, for an entry of this type.
    fn mirror(&self, local: u32, ty: ValType) -> Option<u8> {
        let bank = Bank::of(ty).filter(|_| {
            let local = &self.s.locals[local as usize];
            Bank::of(ty) == Bank::of(local.ty) && local.pin.is_none()
        })?;
        let mirrors = &self.mirrors[bank as usize];
        mirrors.iter().position(|&mirrored| mirrored == local).map(|reg| reg as u8)
    }

    /// A temporary of the type's bank holds no entry any more.
    fn release(&mut self, ty: ValType, reg: u8) {
        if let Some(bank) = Bank::of(ty) {
            self.regs[bank as usize][usize::from(reg)] = NONE;
        }
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
        if entry.place == Place::Home {
            return;
        }
        self.move_to_slot(entry, entry.home);
        self.forget_place(index, entry);
        self.s.stack[index].place = Place::Home;
    }

    /// Takes an entry that stays on the stack out of what is known of registers and locals.
    fn forget_place(&mut self, index: usize, entry: Entry) {
        match entry.place {
            Place::Reg(reg) => self.release(entry.ty, reg),
            Place::Local { local, below } => self.unlink(index as u32, local, below),
            Place::Home | Place::Slot(_) | Place::Const(_) | Place::Mirrored { .. } => {}
        }
    }

    /// Takes one entry out of the list of those that stand for a local.
    fn unlink(&mut self, index: u32, local: u32, below: u32) {
        let top = self.s.locals[local as usize].top_ref;
        if top == index {
            self.s.locals[local as usize].top_ref = below;
            return;
        }
        // All who settle many entries go from the top down; the list is walked only for the few
        // that leave from its middle (registers are three).
        let mut at = top;
        while at != NONE {
            let Place::Local { below: next, .. } = &mut self.s.stack[at as usize].place else {
                return;
            };
            if *next == index {
                *next = below;
                return;
            }
            at = *next;
        }
    }

    /// Brings the topmost `count` entries home.
    pub(crate) fn settle_top(&mut self, count: usize) {
        let height = self.s.stack.len();
        // From the top down: the topmost value may be what the last instruction computes, and each
        // local's topmost entry is found at once.
        for index in (height.saturating_sub(count)..height).rev() {
            self.settle(index);
        }
    }

    /// Brings everything home but constants (in observed code those too): what follows may be
    /// reached from elsewhere, or may not be run at all.
    pub(crate) fn flush(&mut self) {
        let height = self.s.stack.len();
        // From the top down, so that lists of locals lose their topmost entry each time.
        for index in (self.flushed..height).rev() {
            let constant = matches!(self.s.stack[index].place, Place::Const(_));
            if !constant || self.observing.is_some() {
                self.settle(index);
            }
        }
        self.flushed = height;
    }

    /// Brings home what is in temporaries: the next instruction does not keep them.
    pub(crate) fn flush_registers(&mut self) {
        for bank in 0..Bank::COUNT {
            self.flush_bank(bank, 0);
        }
    }

    /// Brings home what is in a bank's temporaries from a number on.
    pub(crate) fn flush_bank(&mut self, bank: usize, first: usize) {
        for reg in first..MAX_TEMPORARIES {
            if self.regs[bank][reg] != NONE {
                self.settle(self.regs[bank][reg] as usize);
            }
        }
    }

    /// Brings home every entry that stands for a local which is about to change.
    pub(crate) fn preserve(&mut self, local: u32) {
        loop {
            match self.s.locals[local as usize].top_ref {
                NONE => break,
                index => self.settle(index as usize),
            }
        }
    }
}
