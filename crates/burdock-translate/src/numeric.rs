//! Constants, arithmetic, comparisons, conversions, select.

use crate::func::Func;
use crate::stack::{Bank, Entry, Place};
use burdock_ir::{Kind, Kinds, Meaning, Shape, fields, fields_imm};
use burdock_types::ValType;

impl Func<'_> {
    /// `t.const`
    pub(crate) fn constant(&mut self, ty: ValType, bits: u64) {
        if self.reachable {
            self.push(ty, Place::Const(bits));
        }
    }

    /// `drop`
    pub(crate) fn drop_top(&mut self) {
        if self.reachable {
            self.pop();
        }
    }

    /// An op with one scalar operand.
    pub(crate) fn unary(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let out = meaning.row().out.unwrap_or(ValType::I32);
        let a = self.pop();
        let a = if self.kind(a) == Kind::Imm { self.in_slot(a) } else { a };
        let dst = self.result_kind(out);
        let kinds = Kinds::new(dst, self.kind(a), Kind::None);
        let operands = fields(self.next_slot(), self.slot_field(a), 0, 0);
        self.emit_scalar(meaning, kinds, out, &[operands]);
        self.push_result(out, dst);
    }

    /// An op with one operand that can trap.
    pub(crate) fn unary_trapping(&mut self, meaning: Meaning) {
        if self.reachable {
            // A constant operand is brought into its slot before the offset is mapped.
            let top = self.s.stack.len().wrapping_sub(1);
            if matches!(self.s.stack.last(), Some(Entry { place: Place::Const(_), .. })) {
                self.settle(top);
            }
            self.map_offset();
            self.unary(meaning);
            self.last_is_mapped();
        }
    }

    /// A float op with one operand whose NaNs may have to be made canonical.
    pub(crate) fn float_unary(&mut self, meaning: Meaning) {
        self.unary(meaning);
        self.canonicalize(meaning);
    }

    /// A float op with two operands whose NaNs may have to be made canonical.
    pub(crate) fn float_binary(&mut self, meaning: Meaning) {
        self.binary(meaning);
        self.canonicalize(meaning);
    }

    fn canonicalize(&mut self, meaning: Meaning) {
        if self.settings.canonicalize_nans {
            match meaning.row().out {
                Some(ValType::F32) => self.unary(Meaning::F32CanonicalizeNan),
                Some(ValType::F64) => self.unary(Meaning::F64CanonicalizeNan),
                _ => {}
            }
        }
    }

    /// An op with two scalar operands.
    pub(crate) fn binary(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let (b, a) = (self.pop(), self.pop());
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.emit_binary(meaning, a, b);
    }

    /// An op with two operands that can trap.
    pub(crate) fn binary_trapping(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let (b, a) = (self.pop(), self.pop());
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.map_offset();
        self.emit_binary(meaning, a, b);
        self.last_is_mapped();
    }

    /// Orders two operands, and brings them where the meaning has an op for them.
    fn place_binary(
        &mut self,
        mut meaning: Meaning,
        mut a: Entry,
        mut b: Entry,
    ) -> (Meaning, Entry, Entry) {
        let row = meaning.row();
        let swapped = match row.shape {
            Shape::commutative => Some(meaning),
            _ => row.swap,
        };
        if let Some(swapped) = swapped {
            let rank = |kind| match kind {
                Kind::Reg => 0,
                Kind::Slot => 1,
                _ => 2,
            };
            if rank(self.kind(a)) > rank(self.kind(b)) {
                core::mem::swap(&mut a, &mut b);
                meaning = swapped;
            }
        }
        if !self.fits_immediate(b) {
            b = self.in_slot(b);
        }
        if !self.fits_immediate(a) {
            a = self.in_slot(a);
        }
        let has_op = |dst, a, b| meaning.op(Kinds::new(dst, a, b)).is_some();
        // Both in the register, or both constant: one of them has to be elsewhere.
        let b_may_move = b.place != Place::Reg;
        if !has_op(Kind::Slot, self.kind(a), self.kind(b)) && b_may_move {
            b = self.in_slot(b);
        }
        if !has_op(Kind::Slot, self.kind(a), self.kind(b)) {
            a = self.in_slot(a);
        }
        (meaning, a, b)
    }

    /// Whether a constant can stand in an instruction (whatever is no constant does).
    fn fits_immediate(&self, entry: Entry) -> bool {
        match (entry.place, entry.ty) {
            (Place::Const(bits), ValType::I64 | ValType::Ref(_)) => {
                i32::try_from(bits as i64).is_ok()
            }
            _ => true,
        }
    }

    fn emit_binary(&mut self, meaning: Meaning, a: Entry, b: Entry) {
        let out = meaning.row().out.unwrap_or(ValType::I32);
        let dst = self.result_kind(out);
        let kinds = Kinds::new(dst, self.kind(a), self.kind(b));
        let x = self.next_slot();
        let (slot_a, slot_b) = (self.slot_field(a), self.slot_field(b));
        let (word, wide) = match (a.place, b.place) {
            (Place::Const(bits), _) => (fields_imm(x, slot_b, bits as u32), bits),
            (_, Place::Const(bits)) => (fields_imm(x, slot_a, bits as u32), bits),
            _ => (fields(x, slot_a, slot_b, 0), 0),
        };
        self.emit_scalar(meaning, kinds, out, &[word, wide]);
        self.push_result(out, dst);
    }

    /// Emits a scalar op with as many operand words as it takes.
    fn emit_scalar(&mut self, meaning: Meaning, kinds: Kinds, out: ValType, operands: &[u64]) {
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        let bank = if kinds.dst == Kind::Reg { Bank::of(out) } else { None };
        self.emit_revisable(meaning, op, kinds, bank, &operands[..op.words() - 1]);
    }

    /// `t.eqz`, `ref.is_null`: a comparison with zero; of a comparison, the opposite one.
    pub(crate) fn is_zero(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        if let Some(opposite) = self.last_opposite() {
            self.replace_last_meaning(opposite);
            self.retype_top(ValType::I32);
            return;
        }
        let ty = meaning.row().operand.unwrap_or(ValType::I32);
        self.push(ty, Place::Const(0));
        self.binary(meaning);
    }

    /// The meaning that is zero where the last instruction, if it computes the topmost value as a
    /// comparison or an `and`, is not, and the other way round.
    fn last_opposite(&self) -> Option<Meaning> {
        let top = *self.s.stack.last()?;
        let last = self.last.filter(|last| !last.mapped && self.last_defines(top))?;
        match last.meaning {
            Meaning::I32And => Some(Meaning::I32TestZ),
            Meaning::I64And => Some(Meaning::I64TestZ),
            meaning => meaning.row().not,
        }
    }

    /// The topmost value has another type than it was pushed with.
    fn retype_top(&mut self, ty: ValType) {
        if let Some(top) = self.s.stack.last_mut() {
            top.ty = ty;
        }
    }

    /// Makes the last instruction compute the opposite comparison.
    fn replace_last_meaning(&mut self, meaning: Meaning) {
        let Some(last) = &mut self.last else { return };
        if let Some(op) = meaning.op(last.kinds) {
            last.meaning = meaning;
            let position = last.position;
            self.code.set_word(position, self.heads[op.number()]);
        }
    }

    /// A conversion that changes no bit of a slot: `i64.extend_i32_u`, reinterpretations.
    pub(crate) fn retype(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let row = meaning.row();
        let (from, to) = (row.operand.unwrap_or(ValType::I32), row.out.unwrap_or(ValType::I32));
        let same_bank = Bank::of(from) == Bank::of(to);
        match self.s.stack.last_mut() {
            Some(top) if same_bank || top.place != Place::Reg => top.ty = to,
            _ => self.unary(meaning),
        }
    }

    /// `select`
    pub(crate) fn select(&mut self) {
        if !self.reachable {
            return;
        }
        let (condition, b, a) = (self.pop(), self.pop(), self.pop());
        let ty = a.ty;
        let in_register = self.kind(condition) == Kind::Reg;
        let condition_slot = if in_register { 0 } else { self.slot(condition) };
        if ty == ValType::V128 {
            let condition_slot = if in_register { self.slot(condition) } else { condition_slot };
            let (a, b) = (self.slot(a), self.slot(b));
            let x = self.next_slot();
            self.emit_only(Meaning::SelectV128, &[fields(x, condition_slot, a, b)]);
            self.push(ty, Place::Home);
            return;
        }
        let (b, a) = (self.slot(b), self.slot(a));
        let to_register = Bank::of(ty) == Some(Bank::Int) && self.result_kind(ty) == Kind::Reg;
        let (meaning, dst) = match (in_register, to_register) {
            (true, true) => (Meaning::SelectRToR, Kind::Reg),
            (false, true) => (Meaning::SelectToR, Kind::Reg),
            (true, false) => (Meaning::SelectR, Kind::Slot),
            (false, false) => (Meaning::Select, Kind::Slot),
        };
        let bank = to_register.then_some(Bank::Int);
        let x = self.next_slot();
        self.emit_valued(meaning, dst, bank, &[fields(x, condition_slot, a, b)]);
        self.push_result(ty, dst);
    }

    /// `i64.add128`, `i64.mul_wide_s` and their like: operands and results in consecutive slots.
    pub(crate) fn wide(&mut self, meaning: Meaning, operands: usize) {
        if !self.reachable {
            return;
        }
        self.settle_top(operands);
        self.truncate(self.s.stack.len().saturating_sub(operands));
        let x = self.next_slot();
        self.emit_only(meaning, &[fields(x, 0, 0, 0)]);
        self.push_homes(&[ValType::I64, ValType::I64]);
    }
}
