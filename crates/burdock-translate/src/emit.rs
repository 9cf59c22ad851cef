//! Emitting instructions, and revising the last one.

use crate::entry::{BANKS, Entry, NO_BANK, Place, Type};
use crate::func::{Func, Local};
use crate::stack::MAX_TEMPORARIES;
use burdock_ir::control::{Const32, Const32R, Const64, Const64R, Copy, Copy2, CopyV128};
use burdock_ir::operands::{Operand, RESULT, with_result_and_number};
use burdock_ir::{Kind, Kinds, Meaning, Op, Operands, Shape};
use burdock_types::ValType;

/// An instruction that may be revised: the last one, as long as nothing can jump behind it; or
/// where only its result is sent elsewhere, one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    position: u32,
    pub(crate) op: Op,
    /// The place of the instruction's result.
    pub(crate) dst: Kind,
    /// The bank of its result, by number.
    pub(crate) bank: u8,
}

impl Last {
    /// Returns the position of the instruction.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.position as usize
    }

    /// Returns the kinds of the instruction's operands; for a `control` op, only that of its
    /// result.
    pub(crate) fn kinds(&self) -> Kinds {
        Kinds { dst: self.dst, ..self.op.parts().1 }
    }
}

/// An instruction that was taken back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    last: Last,
    /// The words behind the head, at most three.
    operands: [u64; 3],
}

impl Taken {
    /// Returns the instruction's meaning and the kinds of its operands.
    pub(crate) fn parts(&self) -> (Meaning, Kinds) {
        (self.last.op.meaning(), self.last.kinds())
    }

    /// Returns the instruction's operand word.
    pub(crate) fn operands(&self) -> u64 {
        self.operands[0]
    }

    /// Returns the word behind the operand word, if there is one.
    pub(crate) fn second(&self) -> Option<u64> {
        (self.last.op.words() > 2).then_some(self.operands[1])
    }
}

impl Func<'_> {
    /// Emits an instruction that cannot be revised.
    #[inline(always)]
    pub(crate) fn emit(&mut self, op: Op, operands: &[u64]) {
        if self.is_foreign(op) {
            return self.emit_foreign(op, operands);
        }
        self.code.emit(self.target, op, operands);
        self.last = None;
    }

    /// Emits an instruction that does not keep registers that it does not know.
    #[inline(never)]
    fn emit_foreign(&mut self, op: Op, operands: &[u64]) {
        self.before_foreign();
        self.code.emit(self.target, op, operands);
        self.last = None;
        self.after_foreign();
    }

    /// Forgets all registers that mirror a local: other code may jump here or has run in between.
    pub(crate) fn forget_mirrors(&mut self) {
        self.temporaries.mirrored = [0; BANKS];
    }

    /// Emits a `control` op.
    #[inline]
    pub(crate) fn emit_op<O: Operands>(&mut self, operands: O) {
        self.emit_only(O::MEANING, operands.words().as_ref());
    }

    /// Emits a `control` op that differs from that of the operands' type only in the places of its
    /// operands, slots or registers.
    #[inline]
    pub(crate) fn emit_as<O: Operands>(&mut self, meaning: Meaning, operands: O) {
        let fields = |operands: &'static [Operand]| operands.iter().map(|operand| operand.field);
        debug_assert!(fields(meaning.row().operands).eq(fields(O::OPERANDS)), "{meaning:?}");
        self.emit_only(meaning, operands.words().as_ref());
    }

    /// Emits the only op of a meaning.
    fn emit_only(&mut self, meaning: Meaning, operands: &[u64]) {
        self.emit(meaning.only_op(), operands);
    }

    /// Emits an instruction with one operand word, which may be revised as long as it is the last
    /// one, and pushes its result.
    #[inline(always)]
    pub(crate) fn emit_result(&mut self, op: Op, result: Entry, operands: u64) {
        if self.is_foreign(op) {
            return self.emit_any_result(op, result, &[operands]);
        }
        let (position, bank) = (self.code.position() as u32, result.bank());
        self.code.emit(self.target, op, &[operands]);
        self.last = Some(Last { position, op, dst: result.kind(), bank });
        self.temporaries.mirrored[usize::from(bank)] &= !result.temporary();
        self.push_result(op, position, result);
    }

    /// Emits an instruction of any length, foreign or not, with a result.
    #[inline(never)]
    pub(crate) fn emit_any_result(&mut self, op: Op, result: Entry, operands: &[u64]) {
        let position = self.emit_revisable(op, result.kind(), result.bank(), operands);
        self.push_result(op, position, result);
    }

    /// Emits a `control` op whose result, in its home, comes first, and pushes the result.
    pub(crate) fn emit_op_to_home<O: Operands>(&mut self, ty: Type, op: impl FnOnce(u16) -> O) {
        let result = Entry::at_home(ty, self.next_slot());
        let operands = op(result.field()).words();
        self.emit_any_result(O::MEANING.only_op(), result, operands.as_ref());
    }

    /// Pushes the result of the instruction at a position.
    #[inline(always)]
    fn push_result(&mut self, op: Op, position: u32, mut result: Entry) {
        if let Some(reg) = result.register() {
            let (bank, reg) = (usize::from(result.bank()), usize::from(reg) % MAX_TEMPORARIES);
            self.temporaries.occupied[bank] |= result.temporary();
            self.temporaries.entries[bank][reg] = self.s.stack.len() as u32;
            result.set_definition(position, op);
        }
        self.push(result);
    }

    /// Emits an instruction that may be revised as long as it is the last one. `dst` says where its
    /// result goes, `bank` is that of its type. Returns its position.
    fn emit_revisable(&mut self, op: Op, dst: Kind, bank: u8, operands: &[u64]) -> u32 {
        let foreign = self.is_foreign(op);
        if foreign {
            self.before_foreign();
        }
        let position = self.code.position() as u32;
        self.code.emit(self.target, op, operands);
        let last = Last { position, op, dst, bank };
        self.last = Some(last);
        self.note_written(last, operands[0]);
        if foreign {
            self.after_foreign();
        }
        position
    }

    /// Notes that an instruction with this operand word may overwrite a register.
    #[inline]
    fn note_written(&mut self, last: Last, operands: u64) {
        let reg = match last.dst {
            Kind::Reg => RESULT.get(operands) as u16,
            Kind::Both => 0,
            _ => return,
        };
        if usize::from(reg) < MAX_TEMPORARIES {
            self.temporaries.mirrored[usize::from(last.bank) % BANKS] &= !(1 << reg);
        }
    }

    /// Says that the next instruction can trap or calls: its byte offset will be asked for.
    pub(crate) fn map_offset(&mut self) {
        self.code.map_offset(self.offset);
    }

    /// Returns `true` if the offset map has an entry for the last instruction, which then has to
    /// stay in place.
    pub(crate) fn last_is_mapped(&self) -> bool {
        self.last.is_some_and(|last| self.code.is_mapped(last.position()))
    }

    /// Marks the position as a target of jumps: the last instruction stays as it is.
    pub(crate) fn barrier(&mut self) {
        self.last = None;
        self.facts.clear();
        self.forget_mirrors();
    }

    /// Returns `true` if the last instruction computes this entry's value.
    #[inline]
    pub(crate) fn last_defines(&self, entry: Entry) -> bool {
        match &self.last {
            Some(last) if last.dst == Kind::Reg => {
                entry.definition_position() == Some(last.position)
            }
            Some(last) if last.dst == Kind::Slot => {
                let slot = self.code.get(last.position(), RESULT) as u16;
                entry.is_home() && entry.home() == slot
            }
            _ => false,
        }
    }

    /// Takes back the last instruction.
    pub(crate) fn take_last(&mut self) -> Option<Taken> {
        let last = self.last.take()?;
        let mut operands = [0; 3];
        for (n, operand) in operands[..last.op.words() - 1].iter_mut().enumerate() {
            *operand = self.code.word(last.position() + 1 + n);
        }
        self.code.truncate(last.position());
        Some(Taken { last, operands })
    }

    /// Emits again what was taken back, and has computed this value.
    pub(crate) fn put_back(&mut self, taken: &Taken, mut value: Entry) -> Entry {
        let Last { op, dst, bank, .. } = taken.last;
        let position = self.emit_revisable(op, dst, bank, &taken.operands[..op.words() - 1]);
        if value.register().is_some() {
            value.set_definition(position, op);
        }
        value
    }

    /// Makes the last instruction another one.
    pub(crate) fn revise_last(&mut self, last: Last, op: Op, dst: Kind, operands: u64) {
        self.code.revise(self.target, last.position(), op, operands);
        let last = Last { op, dst, ..last };
        self.last = Some(last);
        self.note_written(last, operands);
    }

    /// Sends the last instruction's result elsewhere: to a slot, to the first register and a slot,
    /// or to a register; `field` is the number.
    fn retarget(&mut self, dst: Kind, field: u16) -> bool {
        let Some(last) = self.last else { return false };
        let Some((op, operands)) = self.sent_elsewhere(last, dst, field) else { return false };
        self.revise_last(last, op, dst, operands);
        if self.observing.is_some() {
            self.note_moved(last.position, dst, field, last.bank);
        }
        true
    }

    /// Sends the result of an instruction that wrote a register to a slot instead.
    pub(crate) fn redirect(&mut self, (position, op): (u32, Op), slot: u16) -> bool {
        if self.last.is_some_and(|last| last.position == position) {
            return self.retarget(Kind::Slot, slot);
        }
        let definition = Last { position, op, dst: Kind::Reg, bank: NO_BANK };
        let Some((op, operands)) = self.sent_elsewhere(definition, Kind::Slot, slot) else {
            return false;
        };
        self.code.revise(self.target, definition.position(), op, operands);
        if self.observing.is_some() {
            self.note_moved(position, Kind::Slot, slot, NO_BANK);
        }
        true
    }

    /// Returns an instruction's op and operand word with another destination, if there is such an
    /// op.
    #[inline]
    fn sent_elsewhere(&self, last: Last, dst: Kind, field: u16) -> Option<(Op, u64)> {
        let op = with_destination(last, dst)?;
        if dst == Kind::Reg && field > 0 && !self.knows(op) {
            return None;
        }
        let operands = self.code.word(last.position() + 1);
        Some((op, RESULT.put(operands, field.into())))
    }

    /// Moves a popped value to a local. A value in a register stays there too.
    pub(crate) fn move_to_local(&mut self, value: Entry, local: u32) {
        let info = self.s.locals[local as usize];
        let bank = usize::from(info.bank());
        self.temporaries.mirrored[bank] &= !self.mirrors_of(bank, local);
        if let Some(pin) = info.pin {
            return self.move_to_register(value, info, pin);
        }
        let Some(reg) = value.register() else { return self.move_to_slot(value, info.slot) };
        if value.bank() != info.bank() {
            return self.move_to_slot(value, info.slot);
        }
        let last = self.last_defines(value);
        // The first register is the one that can be written together with a slot.
        let first_is_free = reg == 0 || self.temporaries.occupied[bank] & 1 == 0;
        if last && first_is_free && self.retarget(Kind::Both, info.slot) {
            return self.mirror_local(bank, 0, local);
        }
        if last && self.retarget(Kind::Slot, info.slot) {
            return;
        }
        self.emit_register_to_slot(value.bank(), info.slot, reg);
        self.mirror_local(bank, reg, local);
    }

    /// Notes that a local's value is in this temporary as well.
    pub(crate) fn mirror_local(&mut self, bank: usize, reg: u8, local: u32) {
        self.temporaries.mirrored[bank] |= 1 << reg;
        self.temporaries.mirrors[bank][usize::from(reg)] = local;
    }

    /// Moves a popped value to the register that a local of this type is pinned to.
    fn move_to_register(&mut self, value: Entry, info: Local, pin: u8) {
        let ty = info.ty();
        let field = u16::from(pin);
        if self.last_defines(value)
            && self.last.is_some_and(|last| last.bank == info.bank())
            && self.retarget(Kind::Reg, field)
        {
            return;
        }
        if let Some(bits) = value.bits() {
            return self.emit_register_constant(ty, pin, bits);
        }
        // A reinterpreted value is in a register of another bank.
        let source = match value.place() {
            Place::Local(local) => self.s.locals[local as usize].bank(),
            _ => value.bank(),
        };
        let value = if source == info.bank() { value } else { self.in_slot(value) };
        match value.kind() {
            Kind::Reg => {
                let kinds = Kinds::new(Kind::Reg, Kind::Reg, Kind::None);
                self.emit_register_copy(info.bank(), kinds, field, value.field());
            }
            _ => self.emit_slot_to_register(info.bank(), pin, value.field()),
        }
    }

    /// Writes a constant to a register.
    pub(crate) fn emit_register_constant(&mut self, ty: ValType, reg: u8, bits: u64) {
        let to = reg.into();
        match ty {
            ValType::I32 => return self.emit_op(Const32R { to, value: bits as u32 }),
            ValType::F32 | ValType::F64 => {}
            _ if i32::try_from(bits as i64).is_ok() => {}
            _ => return self.emit_op(Const64R { to, value: bits }),
        }
        let meaning = Self::copy_op(ty);
        let op = meaning.op(Kinds::new(Kind::Reg, Kind::Imm, Kind::None));
        let op = op.unwrap_or(meaning.only_op());
        let operands = [with_result_and_number(to, 0, bits as u32), bits];
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
                    Some(pin) => self.emit_register_to_slot(info.bank(), slot, pin),
                    None => self.emit_copy(entry.ty(), slot, info.slot),
                }
            }
            _ if self.last_defines(entry) && self.retarget(Kind::Slot, slot) => {}
            Place::Home => self.emit_copy(entry.ty(), slot, entry.home()),
            Place::Slot(from) => self.emit_copy(entry.ty(), slot, from),
            Place::Reg(reg) => self.emit_register_to_slot(entry.bank(), slot, reg),
        }
    }

    /// Writes a constant to a slot.
    pub(crate) fn emit_const(&mut self, slot: u16, bits: u64) {
        match u32::try_from(bits) {
            Ok(value) => self.emit_op(Const32 { to: slot, value }),
            Err(_) => self.emit_op(Const64 { to: slot, value: bits }),
        }
    }

    /// Copies a value from slot to slot; two copies in a row become one instruction.
    pub(crate) fn emit_copy(&mut self, ty: ValType, to: u16, from: u16) {
        if to == from {
            return;
        }
        if ty == ValType::V128 {
            return self.emit_op(CopyV128 { to, from });
        }
        if let Some(last) = self.last
            && last.op == Meaning::Copy.only_op()
        {
            let first = Copy::read(|field| self.code.get(last.position(), field));
            self.code.truncate(last.position());
            self.emit_op(Copy2 {
                to: first.to,
                from: first.from,
                second_to: to,
                second_from: from,
            });
            return;
        }
        let op = Meaning::Copy.only_op();
        self.emit_revisable(op, Kind::None, NO_BANK, &[Copy { to, from }.word()]);
    }
}

/// Returns the op that does the same and writes its result elsewhere.
#[inline]
fn with_destination(last: Last, dst: Kind) -> Option<Op> {
    let (meaning, kinds) = last.op.parts();
    match meaning.row().shape {
        Shape::control if dst == last.dst => Some(last.op),
        Shape::control if dst == Kind::Slot => to_slot(meaning).map(Meaning::only_op),
        Shape::control => None,
        _ => meaning.op(Kinds { dst, ..kinds }),
    }
}

/// Returns the op that does the same and writes a slot.
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
