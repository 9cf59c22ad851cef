//! Pinned locals: within a loop, the locals that it uses most are in registers in place of their
//! slots. Each loop has a set of its own; moves on the ways between loops lead from one set to the
//! other. A call writes what was assigned to the slots, and reads all of them again behind it.

use crate::entry::BANKS;
use crate::func::Func;
use crate::observe::Register;
use crate::scan::{COUNTED, scan_loop};
use crate::stack::{NONE, is_object_reference};
use alloc::vec::Vec;
use burdock_ir::control::{LoadPins2, LoadPins3, StorePins2, StorePins3};
use burdock_ir::operands::{NO_SLOT, pins_word, with_result};
use burdock_ir::{Bank, Kind, Kinds, Meaning, Registers, Target};

/// The most registers of a bank that hold locals.
const MAX_PINNED: usize = Registers::MAX_PINNED[Bank::F64 as usize] as usize;
/// The most registers for integers that hold locals.
const MAX_INTEGERS: usize = Registers::MAX_PINNED[Bank::Int as usize] as usize;
/// Those of all banks, one bank behind the other.
const REGISTERS: usize = Bank::COUNT * MAX_PINNED;
/// The weight from which a local that an inner loop uses is worth the moves around the loop that it
/// takes to free a register of the outer loop.
const EVICTING: u16 = 3;
/// The registers of the first bank, as a set.
const INTEGERS: u16 = (1 << MAX_PINNED) - 1;

/// In place of a pinned local: none.
const NO_LOCAL: u8 = u8::MAX;
const _: () = assert!(COUNTED <= NO_LOCAL as usize);

/// A set of pinned locals. It is copied and compared at each change, and therefore small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pins {
    /// For each register, its local, which is one of those that are counted, or `NO_LOCAL`.
    locals: [u8; REGISTERS],
    /// The registers that have a local.
    taken: u16,
    /// Those whose local may have another value than its slot.
    assigned: u16,
}

impl Pins {
    /// No local.
    pub(crate) const NONE: Self = Self { locals: [NO_LOCAL; REGISTERS], taken: 0, assigned: 0 };

    /// Returns the register that a local is in.
    fn register(&self, local: u8) -> Option<usize> {
        self.locals.iter().position(|&pinned| pinned == local)
    }

    fn pin(&mut self, register: usize, local: u8) {
        self.locals[register] = local;
        self.taken |= 1 << register;
    }

    /// Returns the registers that hold another local in the other set.
    fn differing(&self, other: &Self) -> u16 {
        // Few registers are taken: a comparison of all of them takes longer.
        let differs = |register: &usize| self.locals[*register] != other.locals[*register];
        members(self.taken | other.taken)
            .filter(differs)
            .fold(0, |set, register| set | 1 << register)
    }
}

/// The loops of a function, and which locals are pinned.
pub(crate) struct Loops<'a> {
    /// The body's bytes, for a scan of its loops; empty if no local is to be pinned.
    body: &'a [u8],
    /// The byte offset of the body in the module.
    body_offset: u32,
    /// For each bank, the registers that the machine has for locals, in one set for all banks.
    registers: [u16; Bank::COUNT],
    /// For each bank, their number.
    counts: [u8; Bank::COUNT],
    /// The current set of pinned locals, by its number in the scratch.
    pub(crate) pins: u32,
    /// The number of loops that have begun.
    pub(crate) begun: usize,
    /// The position at which the last loop begins.
    pub(crate) head: u32,
    /// The length of the check of the epoch at that position.
    pub(crate) check: u32,
}

impl<'a> Loops<'a> {
    /// Creates the loops of a function of which none has begun. `body` is empty if no local is to
    /// be pinned.
    pub(crate) fn of(target: &Target, body_offset: u32, body: &'a [u8]) -> Self {
        let counts = Bank::ALL.map(|bank| target.pinned(bank));
        let registers =
            Bank::ALL.map(|bank| ((1 << target.pinned(bank)) - 1) << (bank as usize * MAX_PINNED));
        Self { body, body_offset, registers, counts, pins: 0, begun: 0, head: NONE, check: 0 }
    }
}

/// Returns the members of a set of registers.
fn members(mut set: u16) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let first = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(first)
    })
}

/// A local that is worth a register, and how much: nothing, if there is none.
#[derive(Clone, Copy)]
struct Use {
    local: u8,
    weight: u16,
}

/// Those of each bank, the most used first.
type Wanted = [[Use; MAX_PINNED]; Bank::COUNT];

impl Func<'_> {
    /// Chooses the pinned set for the loop that begins now, in place of the current one.
    pub(crate) fn choose_pins(&mut self) -> u32 {
        // The bytes of a loop are looked at when it begins, together with those within it.
        if self.loops.begun == self.s.loops.len() && !self.loops.body.is_empty() {
            let at = (self.offset - self.loops.body_offset) as usize;
            let bytes = self.loops.body.get(at..).unwrap_or_default();
            let len = self.loops.body.len();
            if scan_loop(bytes, len, &mut self.s.loops, &mut self.s.open_blocks).is_none() {
                self.s.loops.truncate(self.loops.begun);
                self.loops.body = &[];
            }
        }
        let Some(uses) = self.s.loops.get(self.loops.begun) else { return 0 };
        let outer = self.s.pins[self.loops.pins as usize];
        let mut pins = Pins::NONE;
        let mut new = [Use { local: NO_LOCAL, weight: 0 }; REGISTERS];
        let mut count = 0;
        let wanted = self.wanted_pins();
        for used in wanted.as_flattened().iter().filter(|used| used.weight > 0) {
            // What is pinned already keeps its register.
            match outer.register(used.local) {
                Some(register) => pins.pin(register, used.local),
                None => {
                    new[count] = *used;
                    count += 1;
                }
            }
        }
        for &Use { local, weight } in &new[..count] {
            let bank = usize::from(self.s.locals[local as usize].bank());
            let free = self.loops.registers[bank] & !pins.taken;
            // What is pinned outside stays if there is room, or if what is new is hardly used.
            let room = free & !outer.taken;
            let best = if room == 0 && weight >= EVICTING { free } else { room };
            if let Some(register) = members(best).next() {
                pins.pin(register, local);
            }
        }
        if uses.calls == 0 {
            for register in members(outer.taken & !pins.taken) {
                pins.pin(register, outer.locals[register]);
            }
        }
        let kept = outer.assigned & !pins.differing(&outer);
        for register in members(pins.taken) {
            let assigned = kept >> register & 1 != 0 || uses.assigns(pins.locals[register]);
            pins.assigned |= u16::from(assigned) << register;
        }
        if pins.taken == 0 {
            return 0;
        }
        self.s.pins.push(pins);
        self.s.pins.len() as u32 - 1
    }

    /// Returns the locals that the loop that begins now wants pinned.
    fn wanted_pins(&self) -> Wanted {
        let uses = &self.s.loops[self.loops.begun];
        // A use in a register saves the machine two loads. A call costs a load behind it, and a
        // store before it if the local is assigned, each of which moves several locals at once.
        let [kept, assigned] =
            [1, 2].map(|moves| uses.calls.saturating_mul(moves).saturating_add(1));
        let mut wanted = [[Use { local: 0, weight: 0 }; MAX_PINNED]; Bank::COUNT];
        for (local, (&weight, info)) in uses.weights().iter().zip(&self.s.locals).enumerate() {
            if weight < kept || (weight < assigned && uses.assigns(local as u8)) {
                continue;
            }
            let bank = usize::from(info.bank());
            let Some(&count) = self.loops.counts.get(bank) else { continue };
            let best = &mut wanted[bank][..usize::from(count)];
            if best.last().is_none_or(|least| weight <= least.weight) {
                continue;
            }
            let mut used = Use { local: local as u8, weight };
            for other in best {
                if used.weight > other.weight {
                    core::mem::swap(&mut used, other);
                }
            }
        }
        wanted
    }

    /// Returns the number of a pinned local's register, behind the temporaries.
    fn pin_register(&self, register: usize) -> u8 {
        let bank = Bank::ALL[register / MAX_PINNED];
        self.target.temporaries(bank) + (register % MAX_PINNED) as u8
    }

    /// Makes a set the one that holds from here on.
    #[inline]
    pub(crate) fn set_pins(&mut self, pins: u32) {
        if pins != self.loops.pins {
            self.change_pins(pins);
        }
    }

    fn change_pins(&mut self, pins: u32) {
        let (old, new) = (self.s.pins[self.loops.pins as usize], self.s.pins[pins as usize]);
        for register in members(old.taken) {
            self.s.locals[old.locals[register] as usize].set_pin(None);
        }
        for register in members(new.taken) {
            let pin = self.pin_register(register);
            self.s.locals[new.locals[register] as usize].set_pin(Some(pin));
        }
        self.loops.pins = pins;
    }

    /// Returns the locals of each set and their registers.
    pub(crate) fn pinned_locals(&self) -> Vec<Vec<(u32, Register)>> {
        let of = |pins: &Pins| {
            let register = |register: usize| Register {
                bank: Bank::ALL[register / MAX_PINNED],
                number: self.pin_register(register),
            };
            members(pins.taken).map(|own| (pins.locals[own].into(), register(own))).collect()
        };
        self.s.pins.iter().map(of).collect()
    }

    /// Emits the moves on the way from where one set holds to where the other does.
    #[inline]
    pub(crate) fn emit_pin_moves(&mut self, from: u32, to: u32) {
        if from != to {
            self.emit_pin_changes(from, to);
        }
    }

    fn emit_pin_changes(&mut self, from: u32, to: u32) {
        let (from, to) = (self.s.pins[from as usize], self.s.pins[to as usize]);
        let differing = from.differing(&to);
        self.store_some(&from, from.assigned & differing);
        self.load_some(&to, to.taken & differing);
    }

    /// Writes pinned locals that may have been assigned to their slots.
    pub(crate) fn store_pins(&mut self) {
        self.store_set(!0);
    }

    /// Writes pinned references to objects that may have been assigned to their slots.
    pub(crate) fn store_reference_pins(&mut self) {
        let pins = self.s.pins[self.loops.pins as usize];
        for register in members(pins.assigned & INTEGERS) {
            if is_object_reference(self.s.locals[pins.locals[register] as usize].ty()) {
                self.store_some(&pins, 1 << register);
            }
        }
    }

    /// Returns, for each register for pinned integers, the slot of the reference to an object in
    /// it, as the word of an allocation.
    pub(crate) fn reference_pins(&self) -> u64 {
        let pins = &self.s.pins[self.loops.pins as usize];
        pins_word(core::array::from_fn(|register| {
            let is_taken = pins.taken >> register & 1 != 0;
            let local = is_taken.then(|| self.s.locals[pins.locals[register] as usize]);
            local
                .filter(|local| is_object_reference(local.ty()))
                .map_or(NO_SLOT, |local| local.slot)
        }))
    }

    /// Reads all pinned locals from their slots.
    pub(crate) fn load_pins(&mut self) {
        self.load_set(!0);
    }

    /// Writes pinned floats to their slots before an instruction that does not keep registers that
    /// it does not know. (Integers are in callee-saved registers.)
    pub(crate) fn before_foreign(&mut self) {
        self.bring_trapping_home();
        self.flush_unkept();
        for bank in [Bank::F32, Bank::F64] {
            self.temporaries.mirrored[bank as usize] &= 1;
        }
        self.store_set(!INTEGERS);
    }

    /// Brings home the entries that such an instruction does not keep: where it is executed on one
    /// of two ways only, before they part.
    pub(crate) fn flush_unkept(&mut self) {
        for bank in [Bank::F32, Bank::F64] {
            self.flush_bank(bank as usize, !1);
        }
    }

    /// Reads the pinned floats again after such an instruction.
    pub(crate) fn after_foreign(&mut self) {
        self.load_set(!INTEGERS);
    }

    /// Writes the locals of a set that may have been assigned to their slots.
    pub(crate) fn store_pins_of(&mut self, pins: u32) {
        let pins = self.s.pins[pins as usize];
        self.store_some(&pins, pins.assigned);
    }

    /// Reads all locals of a set from their slots.
    pub(crate) fn load_pins_of(&mut self, pins: u32) {
        let pins = self.s.pins[pins as usize];
        self.load_some(&pins, pins.taken);
    }

    fn store_set(&mut self, set: u16) {
        if self.loops.pins != 0 {
            let pins = self.s.pins[self.loops.pins as usize];
            self.store_some(&pins, pins.assigned & set);
        }
    }

    fn load_set(&mut self, set: u16) {
        if self.loops.pins != 0 {
            let pins = self.s.pins[self.loops.pins as usize];
            self.load_some(&pins, pins.taken & set);
        }
    }

    fn store_some(&mut self, pins: &Pins, set: u16) {
        let together = self.together(set);
        if together > 1 {
            self.emit_stores(self.pin_slots(pins, set), together);
        }
        let alone = if together > 1 { set & !INTEGERS } else { set };
        for register in members(alone) {
            let info = self.s.locals[pins.locals[register] as usize];
            self.emit_register_to_slot(info.bank(), info.slot, self.pin_register(register));
        }
    }

    fn load_some(&mut self, pins: &Pins, set: u16) {
        let together = self.together(set);
        // Unlike a slot, a register between them must not be written if it holds a local: the
        // local's slot may be older.
        let others = ((1 << together) - 1) & pins.taken & !set;
        let together = if others == 0 { together } else { 0 };
        if together > 1 {
            self.emit_loads(self.pin_slots(pins, set), together);
        }
        let alone = if together > 1 { set & !INTEGERS } else { set };
        for register in members(alone) {
            let info = self.s.locals[pins.locals[register] as usize];
            self.emit_slot_to_register(info.bank(), self.pin_register(register), info.slot);
        }
    }

    /// Returns how many of the first integer registers are moved by one instruction, if that is
    /// better than an instruction for each in a set: 0 or more than 1.
    fn together(&self, set: u16) -> u32 {
        let integers = set & INTEGERS;
        if integers.count_ones() > 1 { u16::BITS - integers.leading_zeros() } else { 0 }
    }

    /// Returns for each integer register the slot that it is moved to or from. One that has no
    /// local is moved too, together with the others: in place of its slot is that of the last one
    /// in the set, which is written after it.
    fn pin_slots(&self, pins: &Pins, set: u16) -> [u16; MAX_INTEGERS] {
        let slot = |register: usize| self.s.locals[pins.locals[register] as usize].slot;
        let last = (u16::BITS - 1 - (set & INTEGERS).leading_zeros()) as usize;
        core::array::from_fn(|register| match pins.taken >> register & 1 {
            1 => slot(register),
            _ => slot(last),
        })
    }

    fn emit_stores(&mut self, [first, second, third]: [u16; MAX_INTEGERS], count: u32) {
        match count {
            2 => self.emit_op(StorePins2 { first, second }),
            _ => self.emit_op(StorePins3 { first, second, third }),
        }
    }

    fn emit_loads(&mut self, [first, second, third]: [u16; MAX_INTEGERS], count: u32) {
        match count {
            2 => self.emit_op(LoadPins2 { first, second }),
            _ => self.emit_op(LoadPins3 { first, second, third }),
        }
    }

    /// Copies a register to a slot.
    pub(crate) fn emit_register_to_slot(&mut self, bank: u8, slot: u16, reg: u8) {
        let kinds = Kinds::new(Kind::Slot, Kind::Reg, Kind::None);
        self.emit_register_copy(bank, kinds, slot, reg.into());
    }

    /// Copies a slot to a register.
    pub(crate) fn emit_slot_to_register(&mut self, bank: u8, reg: u8, slot: u16) {
        let kinds = Kinds::new(Kind::Reg, Kind::Slot, Kind::None);
        self.emit_register_copy(bank, kinds, reg.into(), slot);
    }

    /// Copies all bits of a slot's width to or from a register.
    pub(crate) fn emit_register_copy(&mut self, bank: u8, kinds: Kinds, to: u16, from: u16) {
        /// For each bank; what is in none is in no register.
        const COPIES: [Meaning; BANKS] =
            [Meaning::I64Copy, Meaning::F32Copy, Meaning::F64Copy, Meaning::I64Copy];
        let meaning = COPIES[usize::from(bank)];
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit(op, &[with_result(to, from, 0, 0)]);
    }
}
