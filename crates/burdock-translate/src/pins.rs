//! Pinned locals: within a loop, the locals that it uses most are in registers in place of their
//! slots. Each loop has a set of its own; moves on the ways between loops lead from one set to the
//! other. A call writes what was assigned to the slots, and reads all of them anew behind it.

use crate::func::Func;
use crate::scan::scan_loops;
use crate::stack::NONE;
use burdock_ir::{Bank, Kind, Kinds, fields};
use burdock_types::ValType;

/// The most registers of a bank that hold locals.
pub(crate) const MAX_PINNED: usize = 4;

/// The most locals whose uses are counted in one loop.
const MAX_COUNTED: usize = 16;

/// A set of pinned locals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pins {
    /// For each register, its local, or `NONE`.
    locals: [[u32; MAX_PINNED]; Bank::COUNT],
    /// For each register, whether its local may have another value than its slot.
    assigned: [[bool; MAX_PINNED]; Bank::COUNT],
}

impl Pins {
    /// No local.
    pub(crate) const NONE: Self = Self {
        locals: [[NONE; MAX_PINNED]; Bank::COUNT],
        assigned: [[false; MAX_PINNED]; Bank::COUNT],
    };

    /// Bank and place within the bank of each register.
    fn registers() -> impl Iterator<Item = (usize, usize)> {
        (0..Bank::COUNT).flat_map(|bank| (0..MAX_PINNED).map(move |n| (bank, n)))
    }
}

/// How a loop uses a local.
#[derive(Clone, Copy, Debug)]
struct Use {
    local: u32,
    /// How often it is read or written; more within inner loops.
    weight: u32,
    assigned: bool,
}

/// What a loop uses, inner loops included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopUses {
    uses: [Use; MAX_COUNTED],
    len: usize,
    calls: u32,
    /// Whether it uses more locals than are counted: any may be assigned.
    overflows: bool,
}

impl LoopUses {
    pub(crate) const NONE: Self = Self {
        uses: [Use { local: NONE, weight: 0, assigned: false }; MAX_COUNTED],
        len: 0,
        calls: 0,
        overflows: false,
    };

    /// Counts a use of a local.
    pub(crate) fn count(&mut self, local: u32, assigned: bool) {
        self.add(Use { local, weight: 1, assigned });
    }

    /// Counts a call.
    pub(crate) fn count_call(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// Adds what a loop within this one uses.
    pub(crate) fn add_inner(&mut self, inner: &Self) {
        for used in &inner.uses[..inner.len] {
            self.add(Use { weight: used.weight.saturating_mul(4), ..*used });
        }
        self.calls = self.calls.saturating_add(inner.calls.saturating_mul(4));
        self.overflows |= inner.overflows;
    }

    /// Whether a local may be assigned in the loop.
    fn assigns(&self, local: u32) -> bool {
        let known = self.uses[..self.len].iter().find(|known| known.local == local);
        known.map_or(self.overflows, |known| known.assigned || self.overflows)
    }

    fn add(&mut self, used: Use) {
        if let Some(known) =
            self.uses[..self.len].iter_mut().find(|known| known.local == used.local)
        {
            known.weight = known.weight.saturating_add(used.weight);
            known.assigned |= used.assigned;
        } else if self.len < MAX_COUNTED {
            self.uses[self.len] = used;
            self.len += 1;
        } else {
            self.overflows = true;
        }
    }
}

impl Func<'_> {
    /// The set for the loop that begins now, in place of the present one.
    pub(crate) fn choose_pins(&mut self) -> u32 {
        // The first loop of the function is when its bytes are looked at.
        if self.loops_begun == 0 {
            scan_loops(self.body, &mut self.s.loops, &mut self.s.open_blocks);
        }
        let Some(uses) = self.s.loops.get(self.loops_begun) else { return 0 };
        let mut wanted = *uses;
        let outer = self.s.pins[self.pins as usize];
        let mut pins = Pins::NONE;
        // A use in a register saves the machine two loads; a call costs a store and a load, each an
        // instruction of its own.
        let least = wanted.calls.saturating_mul(6).saturating_add(1);
        wanted.uses[..wanted.len].sort_unstable_by_key(|used| core::cmp::Reverse(used.weight));
        let worth_keeping = wanted.calls == 0;
        let worth = wanted.uses[..wanted.len].iter().filter(|used| used.weight >= least);
        let mut chosen = [0; Bank::COUNT];
        let mut new = [Use { local: NONE, weight: 0, assigned: false }; MAX_COUNTED];
        let mut count = 0;
        for used in worth {
            let Some(info) = self.s.locals.get(used.local as usize) else { continue };
            let Some(bank) = Bank::of(info.ty) else { continue };
            if chosen[bank as usize] == self.target.pinned(bank) {
                continue;
            }
            chosen[bank as usize] += 1;
            // What is pinned already keeps its register.
            match outer.locals[bank as usize].iter().position(|&local| local == used.local) {
                Some(n) => pins.locals[bank as usize][n] = used.local,
                None => {
                    new[count] = *used;
                    count += 1;
                }
            }
        }
        for used in &new[..count] {
            let Some(bank) = Bank::of(self.s.locals[used.local as usize].ty) else { continue };
            let (chosen, outer) = (&mut pins.locals[bank as usize], &outer.locals[bank as usize]);
            let mut free =
                (0..usize::from(self.target.pinned(bank))).filter(|&n| chosen[n] == NONE);
            // What is pinned outside stays, if there is room.
            let best = free.clone().find(|&n| outer[n] == NONE).or_else(|| free.next());
            if let Some(n) = best {
                chosen[n] = used.local;
            }
        }
        for (bank, n) in Pins::registers() {
            let local = &mut pins.locals[bank][n];
            if *local == NONE && worth_keeping {
                *local = outer.locals[bank][n];
            }
            let kept = *local == outer.locals[bank][n] && outer.assigned[bank][n];
            pins.assigned[bank][n] = *local != NONE && (kept || wanted.assigns(*local));
        }
        if pins == Pins::NONE {
            return 0;
        }
        self.s.pins.push(pins);
        self.s.pins.len() as u32 - 1
    }

    /// The number of a pinned local's register: behind the temporaries.
    fn pin_register(&self, bank: usize, n: usize) -> u8 {
        let banks = [Bank::Int, Bank::F32, Bank::F64];
        self.target.temporaries(banks[bank]) + n as u8
    }

    /// Makes a set the one that holds from here on.
    pub(crate) fn set_pins(&mut self, pins: u32) {
        if pins == self.pins {
            return;
        }
        for (set, pinned) in [(self.pins, false), (pins, true)] {
            let set = self.s.pins[set as usize];
            for (bank, n) in Pins::registers() {
                if let Some(local) = self.s.locals.get_mut(set.locals[bank][n] as usize) {
                    local.pin = None;
                }
            }
            if pinned {
                for (bank, n) in Pins::registers() {
                    let register = self.pin_register(bank, n);
                    if let Some(local) = self.s.locals.get_mut(set.locals[bank][n] as usize) {
                        local.pin = Some(register);
                    }
                }
            }
        }
        self.pins = pins;
    }

    /// Emits the moves on the way from where one set holds to where the other does.
    pub(crate) fn emit_pin_moves(&mut self, from: u32, to: u32) {
        if from == to {
            return;
        }
        let (from, to) = (self.s.pins[from as usize], self.s.pins[to as usize]);
        for (bank, n) in Pins::registers() {
            let local = from.locals[bank][n];
            if local != NONE && from.assigned[bank][n] && to.locals[bank][n] != local {
                self.store_pin(bank, n, local);
            }
        }
        for (bank, n) in Pins::registers() {
            let local = to.locals[bank][n];
            if local != NONE && from.locals[bank][n] != local {
                self.load_pin(bank, n, local);
            }
        }
    }

    /// Writes pinned locals that may have been assigned to their slots.
    pub(crate) fn store_pins(&mut self) {
        self.store_banks(0);
    }

    /// Reads all pinned locals from their slots.
    pub(crate) fn load_pins(&mut self) {
        self.load_banks(0);
    }

    /// Before an instruction that does not keep registers it does not know: floats are written to
    /// their slots. (Integers are in registers that every function has to keep.)
    pub(crate) fn before_foreign(&mut self) {
        self.flush_unkept();
        for bank in [Bank::F32, Bank::F64] {
            for mirror in &mut self.mirrors[bank as usize][1..] {
                *mirror = NONE;
            }
        }
        self.store_banks(Bank::F32 as usize);
    }

    /// Brings home the entries that such an instruction does not keep: where it is executed on one
    /// of two ways only, before they part.
    pub(crate) fn flush_unkept(&mut self) {
        for bank in [Bank::F32, Bank::F64] {
            self.flush_bank(bank as usize, 1);
        }
    }

    /// Behind such an instruction.
    pub(crate) fn after_foreign(&mut self) {
        self.load_banks(Bank::F32 as usize);
    }

    fn store_banks(&mut self, first: usize) {
        if self.pins == 0 {
            return;
        }
        let pins = self.s.pins[self.pins as usize];
        for (bank, n) in Pins::registers().filter(|(bank, _)| *bank >= first) {
            if pins.locals[bank][n] != NONE && pins.assigned[bank][n] {
                self.store_pin(bank, n, pins.locals[bank][n]);
            }
        }
    }

    fn load_banks(&mut self, first: usize) {
        if self.pins == 0 {
            return;
        }
        let pins = self.s.pins[self.pins as usize];
        for (bank, n) in Pins::registers().filter(|(bank, _)| *bank >= first) {
            if pins.locals[bank][n] != NONE {
                self.load_pin(bank, n, pins.locals[bank][n]);
            }
        }
    }

    fn store_pin(&mut self, bank: usize, n: usize, local: u32) {
        let info = self.s.locals[local as usize];
        self.emit_register_to_slot(info.ty, info.slot, self.pin_register(bank, n));
    }

    fn load_pin(&mut self, bank: usize, n: usize, local: u32) {
        let info = self.s.locals[local as usize];
        self.emit_slot_to_register(info.ty, self.pin_register(bank, n), info.slot);
    }

    /// Copies a register to a slot.
    pub(crate) fn emit_register_to_slot(&mut self, ty: ValType, slot: u16, reg: u8) {
        self.emit_register_copy(
            ty,
            Kinds::new(Kind::Slot, Kind::Reg, Kind::None),
            slot,
            reg.into(),
        );
    }

    /// Copies a slot to a register.
    pub(crate) fn emit_slot_to_register(&mut self, ty: ValType, reg: u8, slot: u16) {
        self.emit_register_copy(
            ty,
            Kinds::new(Kind::Reg, Kind::Slot, Kind::None),
            reg.into(),
            slot,
        );
    }

    /// Copies all bits of a slot's width to or from a register.
    pub(crate) fn emit_register_copy(&mut self, ty: ValType, kinds: Kinds, x: u16, y: u16) {
        let ty = if ty == ValType::I32 { ValType::I64 } else { ty };
        let meaning = Self::copy_op(ty);
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit(op, &[fields(x, y, 0, 0)]);
    }
}
