//! Emitting instructions, and revising the last one.

use crate::func::Func;
use crate::stack::{Bank, Entry, NONE, Place};
use burdock_ir::{Kind, Kinds, Meaning, Op, Shape, fields, fields_imm};
use burdock_types::ValType;

/// The last instruction, as long as nothing can jump behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub(crate) position: usize,
    pub(crate) meaning: Meaning,
    pub(crate) kinds: Kinds,
    /// The bank of the register that it writes.
    pub(crate) bank: Option<Bank>,
    /// Whether the offset map has an entry for it, so that it has to stay where it is.
    pub(crate) mapped: bool,
}

/// An instruction that was taken back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) meaning: Meaning,
    pub(crate) kinds: Kinds,
    bank: Option<Bank>,
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
        self.code.emit(self.heads, op, operands);
        self.last = None;
    }

    /// No register mirrors a local any more: other code may come here, or has run in between.
    pub(crate) fn forget_mirrors(&mut self) {
        self.mirrors = [NONE; Bank::COUNT];
    }

    /// Emits the only op of a meaning.
    pub(crate) fn emit_only(&mut self, meaning: Meaning, operands: &[u64]) {
        self.emit(meaning.only_op(), operands);
    }

    /// Emits an instruction that may be revised as long as it is the last one.
    pub(crate) fn emit_revisable(
        &mut self,
        meaning: Meaning,
        op: Op,
        kinds: Kinds,
        bank: Option<Bank>,
        operands: &[u64],
    ) {
        let position = self.code.position();
        self.code.emit(self.heads, op, operands);
        let last = Last { position, meaning, kinds, bank, mapped: false };
        self.last = Some(last);
        if let Some(bank) = bank {
            self.mirrors[bank as usize] = NONE;
            self.definitions[bank as usize] = Some(last);
        }
    }

    /// Emits a `control` op with a result, which may be sent elsewhere as long as it is the last.
    pub(crate) fn emit_valued(
        &mut self,
        meaning: Meaning,
        dst: Kind,
        bank: Option<Bank>,
        operands: &[u64],
    ) {
        let kinds = Kinds::new(dst, Kind::None, Kind::None);
        self.emit_revisable(meaning, meaning.only_op(), kinds, bank, operands);
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
        match (last.kinds.dst, entry.place) {
            (Kind::Reg, Place::Reg) => last.bank == Bank::of(entry.ty),
            (Kind::Slot, Place::Home) => self.code.word(last.position + 1) as u16 == entry.home,
            _ => false,
        }
    }

    /// Takes back the last instruction.
    pub(crate) fn take_last(&mut self) -> Option<Taken> {
        let last = self.last.take()?;
        let mut words = [0; 4];
        let length = self.code.position() - last.position;
        for (n, word) in words.iter_mut().enumerate().take(length) {
            *word = self.code.word(last.position + n);
        }
        self.code.truncate(last.position);
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

    /// Sends the last instruction's result to a slot: only there, or to the register as well.
    fn retarget(&mut self, slot: u16, dst: Kind) -> bool {
        let Some(last) = self.last else { return false };
        let Some((meaning, op)) = with_destination(&last, dst) else { return false };
        if last.position + 1 == self.code.position() {
            self.code.emit_word(0);
        }
        self.rewrite(last.position, op, slot);
        let bank = if dst == Kind::Both { last.bank } else { None };
        self.last = Some(Last { meaning, kinds: Kinds { dst, ..last.kinds }, bank, ..last });
        true
    }

    /// Sends the result of an instruction that wrote a register to a slot instead.
    pub(crate) fn redirect(&mut self, definition: Last, slot: u16) -> bool {
        if self.last.is_some_and(|last| last.position == definition.position) {
            return self.retarget(slot, Kind::Slot);
        }
        match with_destination(&definition, Kind::Slot) {
            // There has to be a word for the slot's number.
            Some((_, op)) if self.op_words(&definition) == op.words() => {
                self.rewrite(definition.position, op, slot);
                true
            }
            _ => false,
        }
    }

    /// The length of an instruction.
    fn op_words(&self, last: &Last) -> usize {
        match last.meaning.row().shape {
            Shape::control => last.meaning.only_op().words(),
            _ => last.meaning.op(last.kinds).map_or(0, Op::words),
        }
    }

    /// Gives an instruction another op and another destination.
    fn rewrite(&mut self, position: usize, op: Op, slot: u16) {
        self.code.set_word(position, self.heads[op.number()]);
        let operands = self.code.word(position + 1);
        self.code.set_word(position + 1, operands & !0xffff | u64::from(slot));
    }

    /// Moves a popped value to a local. Where the value is in a register, it stays there too.
    pub(crate) fn move_to_local(&mut self, value: Entry, local: u32, slot: u16) {
        for mirror in self.mirrors.iter_mut().filter(|mirror| **mirror == local) {
            *mirror = NONE;
        }
        let bank = Bank::of(self.s.locals[local as usize].ty);
        let in_register = value.place == Place::Reg && bank == Bank::of(value.ty);
        let both = in_register && self.last_defines(value) && self.retarget(slot, Kind::Both);
        if !both {
            let stays = in_register && !self.last_defines(value);
            self.move_to_slot(value, slot);
            if !stays {
                return;
            }
        }
        if let Some(bank) = bank {
            self.mirrors[bank as usize] = local;
        }
    }

    /// Moves a value to a slot.
    pub(crate) fn move_to_slot(&mut self, entry: Entry, slot: u16) {
        match entry.place {
            Place::Home if entry.home == slot => {}
            Place::Const(bits) => self.emit_const(slot, bits),
            Place::Local { local, .. } => {
                let from = self.s.locals[local as usize].slot;
                self.emit_copy(entry.ty, slot, from);
            }
            Place::Mirrored { local } => {
                let from = self.s.locals[local as usize].slot;
                self.emit_copy(entry.ty, slot, from);
            }
            _ if self.last_defines(entry) && self.retarget(slot, Kind::Slot) => {}
            Place::Home => self.emit_copy(entry.ty, slot, entry.home),
            Place::Reg => {
                let copy = match Bank::of(entry.ty) {
                    Some(Bank::F32) => Meaning::CopyF32,
                    Some(Bank::F64) => Meaning::CopyF64,
                    _ => Meaning::CopyI,
                };
                self.emit_only(copy, &[fields(slot, 0, 0, 0)]);
            }
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
            let first = self.code.word(last.position + 1);
            self.code.truncate(last.position);
            self.emit_only(Meaning::Copy2, &[first & 0xffff_ffff | fields(0, 0, to, from)]);
            return;
        }
        let kinds = Kinds::new(Kind::None, Kind::None, Kind::None);
        let op = Meaning::Copy.only_op();
        self.emit_revisable(Meaning::Copy, op, kinds, None, &[fields(to, from, 0, 0)]);
    }
}

/// The op that does the same and writes its result elsewhere.
fn with_destination(last: &Last, dst: Kind) -> Option<(Meaning, Op)> {
    match last.meaning.row().shape {
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
