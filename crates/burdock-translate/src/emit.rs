//! Emitting instructions, and revising the last one.

use crate::entry::{BANKS, Entry, NO_BANK, Place};
use crate::func::{Func, Local};
use crate::stack::MAX_TEMPORARIES;
use burdock_ir::{Bank, Kind, Kinds, Meaning, Op, Shape, fields, fields_imm};
use burdock_types::ValType;

/// The last instruction, as long as nothing can jump behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    position: u32,
    pub(crate) meaning: Meaning,
    pub(crate) kinds: Kinds,
    /// The bank of its result, by number.
    pub(crate) bank: u8,
    /// Whether the offset map has an entry for it, so that it has to stay where it is.
    pub(crate) mapped: bool,
}

impl Last {
    /// Where it lies.
    pub(crate) fn position(&self) -> usize {
        self.position as usize
    }
}

/// An instruction that was taken back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) meaning: Meaning,
    pub(crate) kinds: Kinds,
    bank: u8,
    words: [u64; 4],
}

impl Taken {
    /// Its operand word.
    pub(crate) fn operands(&self) -> u64 {
        self.words[1]
    }
}

impl Func<'_> {
    /// Emits an instruction that cannot be revised.
    pub(crate) fn emit(&mut self, op: Op, operands: &[u64]) {
        let foreign = self.is_foreign(op);
        if foreign {
            self.before_foreign();
        }
        self.code.emit(self.target, op, operands);
        self.last = None;
        if foreign {
            self.after_foreign();
        }
    }

    /// No register mirrors a local any more: other code may come here, or has run in between.
    pub(crate) fn forget_mirrors(&mut self) {
        self.mirrored = [0; BANKS];
    }

    /// Emits the only op of a meaning.
    pub(crate) fn emit_only(&mut self, meaning: Meaning, operands: &[u64]) {
        self.emit(meaning.only_op(), operands);
    }

    /// Emits an instruction that may be revised as long as it is the last one. `bank` is the one
    /// of its result.
    pub(crate) fn emit_revisable(
        &mut self,
        meaning: Meaning,
        op: Op,
        kinds: Kinds,
        bank: u8,
        operands: &[u64],
    ) {
        let foreign = self.is_foreign(op);
        if foreign {
            self.before_foreign();
        }
        let position = self.code.position() as u32;
        self.code.emit(self.target, op, operands);
        let last = Last { position, meaning, kinds, bank, mapped: false };
        self.last = Some(last);
        self.note_definition(last);
        if foreign {
            self.after_foreign();
        }
    }

    /// An instruction may write a register, which had another value before.
    #[inline]
    pub(crate) fn note_definition(&mut self, last: Last) {
        let reg = match last.kinds.dst {
            Kind::Reg => usize::from(self.code.word(last.position() + 1) as u16),
            Kind::Both => 0,
            _ => return,
        };
        if reg < MAX_TEMPORARIES {
            self.mirrored[usize::from(last.bank)] &= !(1 << reg);
            self.definitions[usize::from(last.bank)][reg] = Some(last);
        }
    }

    /// Emits a `control` op with a result, which may be sent elsewhere as long as it is the last.
    pub(crate) fn emit_valued(
        &mut self,
        meaning: Meaning,
        place: Place,
        ty: ValType,
        operands: &[u64],
    ) {
        let kinds = Kinds::new(place.kind(), Kind::None, Kind::None);
        self.emit_revisable(meaning, meaning.only_op(), kinds, Bank::number(ty), operands);
    }

    /// Says that the next instruction can trap or calls: its byte offset will be asked for.
    pub(crate) fn map_offset(&mut self) {
        self.code.map_offset(self.offset);
    }

    /// Says so of the instruction just emitted, which has to stay where it is then.
    pub(crate) fn last_is_mapped(&mut self) {
        if let Some(last) = &mut self.last {
            last.mapped = true;
        }
    }

    /// What comes next can be jumped to: the last instruction stays as it is.
    pub(crate) fn barrier(&mut self) {
        self.last = None;
        self.forget_mirrors();
    }

    /// Whether the last instruction computes this entry's value.
    pub(crate) fn last_defines(&self, entry: Entry) -> bool {
        let Some(last) = &self.last else { return false };
        let field = self.code.word((last.position() + 1).min(self.code.position() - 1)) as u16;
        match (last.kinds.dst, entry.place()) {
            (Kind::Reg, Place::Reg(reg)) => last.bank == entry.bank() && field == u16::from(reg),
            (Kind::Slot, Place::Home) => field == entry.home(),
            _ => false,
        }
    }

    /// Takes back the last instruction.
    pub(crate) fn take_last(&mut self) -> Option<Taken> {
        let last = self.last.take()?;
        let mut words = [0; 4];
        let length = self.code.position() - last.position();
        for (n, word) in words.iter_mut().enumerate().take(length) {
            *word = self.code.word(last.position() + n);
        }
        self.code.truncate(last.position());
        Some(Taken { meaning: last.meaning, kinds: last.kinds, bank: last.bank, words })
    }

    /// Emits again what was taken back.
    pub(crate) fn put_back(&mut self, taken: &Taken) {
        let op = match taken.meaning.row().shape {
            Shape::control => taken.meaning.only_op(),
            _ => taken.meaning.op(taken.kinds).unwrap_or(taken.meaning.only_op()),
        };
        let words = taken.words;
        let (meaning, kinds, bank) = (taken.meaning, taken.kinds, taken.bank);
        self.emit_revisable(meaning, op, kinds, bank, &words[1..op.words()]);
    }

    /// Sends the last instruction's result elsewhere: to a slot, to the first register and a slot,
    /// or to a register; `field` is the number.
    fn retarget(&mut self, dst: Kind, field: u16) -> bool {
        let Some(last) = self.last else { return false };
        if !self.revise_destination(&last, dst, field) {
            return false;
        }
        let meaning = with_destination(&last, dst).map_or(last.meaning, |(meaning, _)| meaning);
        let last = Last { meaning, kinds: Kinds { dst, ..last.kinds }, ..last };
        self.last = Some(last);
        self.note_definition(last);
        true
    }

    /// Sends the result of an instruction that wrote a register to a slot instead.
    pub(crate) fn redirect(&mut self, definition: Last, slot: u16) -> bool {
        if self.last.is_some_and(|last| last.position() == definition.position()) {
            return self.retarget(Kind::Slot, slot);
        }
        self.revise_destination(&definition, Kind::Slot, slot)
    }

    /// Gives an instruction another destination, if there is an op for that.
    fn revise_destination(&mut self, last: &Last, dst: Kind, field: u16) -> bool {
        let Some((_, op)) = with_destination(last, dst) else { return false };
        let first_register = dst != Kind::Reg || field == 0;
        if !first_register && !self.target.knows_registers(op) {
            return false;
        }
        let operands = self.code.word(last.position() + 1) & !0xffff | u64::from(field);
        self.code.revise(self.target, last.position(), op, operands);
        true
    }

    /// Moves a popped value to a local. Where the value is in a register, it stays there too.
    pub(crate) fn move_to_local(&mut self, value: Entry, local: u32) {
        let info = self.s.locals[local as usize];
        let bank = usize::from(info.bank);
        self.mirrored[bank] &= !self.mirrors_of(bank, local);
        if let Some(pin) = info.pin {
            return self.move_to_register(value, info, pin);
        }
        let Place::Reg(reg) = value.place() else { return self.move_to_slot(value, info.slot) };
        if value.bank() != info.bank {
            return self.move_to_slot(value, info.slot);
        }
        let last = self.last_defines(value);
        // The first register is the one that can be written together with a slot.
        let first_is_free = reg == 0 || self.occupied[bank] & 1 == 0;
        if last && first_is_free && self.retarget(Kind::Both, info.slot) {
            return self.mirror_local(bank, 0, local);
        }
        if last && self.retarget(Kind::Slot, info.slot) {
            return;
        }
        self.emit_register_to_slot(value.ty(), info.slot, reg);
        self.mirror_local(bank, reg, local);
    }

    /// A local's value is in this temporary as well.
    fn mirror_local(&mut self, bank: usize, reg: u8, local: u32) {
        self.mirrored[bank] |= 1 << reg;
        self.mirrors[bank][usize::from(reg)] = local;
    }

    /// Moves a popped value to the register that a local of this type is pinned to.
    fn move_to_register(&mut self, value: Entry, info: Local, pin: u8) {
        let ty = info.ty;
        let field = u16::from(pin);
        if self.last_defines(value)
            && self.last.is_some_and(|last| last.bank == info.bank)
            && self.retarget(Kind::Reg, field)
        {
            return;
        }
        if let Some(bits) = value.bits() {
            return self.emit_register_constant(ty, pin, bits);
        }
        // A reinterpreted value is in a register of another bank.
        let source = match value.place() {
            Place::Local(local) => self.s.locals[local as usize].bank,
            _ => value.bank(),
        };
        let value = if source == info.bank { value } else { self.in_slot(value) };
        match value.kind() {
            Kind::Reg => {
                let kinds = Kinds::new(Kind::Reg, Kind::Reg, Kind::None);
                self.emit_register_copy(ty, kinds, field, value.field());
            }
            _ => self.emit_slot_to_register(ty, pin, value.field()),
        }
    }

    /// Writes a constant to a register.
    pub(crate) fn emit_register_constant(&mut self, ty: ValType, reg: u8, bits: u64) {
        let short = match ty {
            ValType::I32 | ValType::F32 | ValType::F64 => true,
            _ => i32::try_from(bits as i64).is_ok(),
        };
        if !short {
            return self.emit_only(Meaning::Const64R, &[fields(reg.into(), 0, 0, 0), bits]);
        }
        let meaning = Self::copy_op(ty);
        let op = meaning.op(Kinds::new(Kind::Reg, Kind::Imm, Kind::None));
        let op = op.unwrap_or(meaning.only_op());
        let operands = [fields_imm(reg.into(), 0, bits as u32), bits];
        self.emit(op, &operands[..op.words() - 1]);
    }

    /// Moves a value to a slot.
    pub(crate) fn move_to_slot(&mut self, entry: Entry, slot: u16) {
        match entry.place() {
            Place::Home if entry.home() == slot => {}
            Place::Const(bits) => self.emit_const(slot, bits),
            Place::Local(local) | Place::Mirrored { local, .. } => {
                let info = self.s.locals[local as usize];
                match info.pin {
                    Some(pin) => self.emit_register_to_slot(info.ty, slot, pin),
                    None => self.emit_copy(entry.ty(), slot, info.slot),
                }
            }
            _ if self.last_defines(entry) && self.retarget(Kind::Slot, slot) => {}
            Place::Home => self.emit_copy(entry.ty(), slot, entry.home()),
            Place::Slot(from) => self.emit_copy(entry.ty(), slot, from),
            Place::Reg(reg) => self.emit_register_to_slot(entry.ty(), slot, reg),
        }
    }

    /// Writes a constant to a slot.
    pub(crate) fn emit_const(&mut self, slot: u16, bits: u64) {
        match u32::try_from(bits) {
            Ok(imm) => self.emit_only(Meaning::Const32, &[fields_imm(slot, 0, imm)]),
            Err(_) => self.emit_only(Meaning::Const64, &[fields(slot, 0, 0, 0), bits]),
        }
    }

    /// Copies a value from slot to slot; two copies in a row become one instruction.
    pub(crate) fn emit_copy(&mut self, ty: ValType, to: u16, from: u16) {
        if to == from {
            return;
        }
        if ty == ValType::V128 {
            // Never overlapping by half: homes and locals are distinct, whole vectors.
            let operands =
                if to < from { [to, from, to + 1, from + 1] } else { [to + 1, from + 1, to, from] };
            let [x, y, z, w] = operands;
            self.emit_only(Meaning::Copy2, &[fields(x, y, z, w)]);
            return;
        }
        if let Some(last) = self.last
            && last.meaning == Meaning::Copy
        {
            let first = self.code.word(last.position() + 1);
            self.code.truncate(last.position());
            self.emit_only(Meaning::Copy2, &[first & 0xffff_ffff | fields(0, 0, to, from)]);
            return;
        }
        let kinds = Kinds::new(Kind::None, Kind::None, Kind::None);
        let op = Meaning::Copy.only_op();
        self.emit_revisable(Meaning::Copy, op, kinds, NO_BANK, &[fields(to, from, 0, 0)]);
    }
}

/// The op that does the same and writes its result elsewhere.
fn with_destination(last: &Last, dst: Kind) -> Option<(Meaning, Op)> {
    match last.meaning.row().shape {
        Shape::control if dst == last.kinds.dst => Some((last.meaning, last.meaning.only_op())),
        Shape::control if dst == Kind::Slot => {
            to_slot(last.meaning).map(|meaning| (meaning, meaning.only_op()))
        }
        Shape::control => None,
        _ => last.meaning.op(Kinds { dst, ..last.kinds }).map(|op| (last.meaning, op)),
    }
}

/// The op that does the same and writes a slot.
fn to_slot(meaning: Meaning) -> Option<Meaning> {
    Some(match meaning {
        Meaning::SelectToR | Meaning::Select => Meaning::Select,
        Meaning::SelectRToR | Meaning::SelectR => Meaning::SelectR,
        Meaning::GlobalGet
        | Meaning::GlobalGetI
        | Meaning::GlobalGetF32
        | Meaning::GlobalGetF64 => Meaning::GlobalGet,
        _ => return None,
    })
}
