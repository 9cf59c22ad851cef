//! Constants, arithmetic, comparisons, conversions, select.

use crate::func::Func;
use crate::stack::{Entry, Place};
use burdock_ir::{Bank, Kind, Kinds, Meaning, Shape, fields, fields_imm};
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
        let a = self.operand(meaning, a);
        let place = self.result_place(meaning, out);
        let kinds = Kinds::new(place.kind(), self.kind(a), Kind::None);
        let operands = fields(self.result_field(place), self.operand_field(a), 0, 0);
        self.emit_scalar(meaning, kinds, out, &[operands]);
        self.push(out, place);
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
        (a, b) = (self.operand(meaning, a), self.operand(meaning, b));
        if matches!(a.place, Place::Const(_)) || matches!(b.place, Place::Const(_)) {
            (a, b) = self.place_constants(meaning, swapped, a, b);
        }
        let has_op = |meaning: Meaning, a, b| meaning.op(Kinds::new(Kind::Slot, a, b)).is_some();
        let mut kinds = (self.kind(a), self.kind(b));
        if let Some(swapped) = swapped {
            let rank = |kind| match kind {
                Kind::Reg => 0,
                Kind::Slot => 1,
                _ => 2,
            };
            if rank(kinds.0) > rank(kinds.1) {
                core::mem::swap(&mut a, &mut b);
                kinds = (kinds.1, kinds.0);
                meaning = swapped;
            }
        }
        if has_op(meaning, kinds.0, kinds.1) {
            return (meaning, a, b);
        }
        // Both in the register, or both constant: one of them has to be elsewhere.
        let b_may_move = !matches!(b.place, Place::Reg(_));
        if !has_op(meaning, self.kind(a), self.kind(b)) && b_may_move {
            b = self.in_slot(b);
        }
        if !has_op(meaning, self.kind(a), self.kind(b)) {
            a = self.in_slot(a);
        }
        debug_assert!(has_op(meaning, self.kind(a), self.kind(b)), "{meaning:?} {a:?} {b:?}");
        (meaning, a, b)
    }

    /// Brings constants that no op takes as they are into registers. `swapped` is the meaning with
    /// the operands exchanged.
    fn place_constants(
        &mut self,
        meaning: Meaning,
        swapped: Option<Meaning>,
        mut a: Entry,
        mut b: Entry,
    ) -> (Entry, Entry) {
        if !self.fits_immediate(b) {
            b = self.constant_operand(meaning, b, &[a]);
        }
        if !self.fits_immediate(a) {
            a = self.constant_operand(meaning, a, &[b]);
        }
        let has_op = |meaning: Meaning, a, b| meaning.op(Kinds::new(Kind::Slot, a, b)).is_some();
        let placed =
            |a, b| has_op(meaning, a, b) || swapped.is_some_and(|swapped| has_op(swapped, b, a));
        if !placed(self.kind(a), self.kind(b)) {
            b = self.constant_operand(meaning, b, &[a]);
        }
        if !placed(self.kind(a), self.kind(b)) {
            a = self.constant_operand(meaning, a, &[b]);
        }
        (a, b)
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
        let place = self.result_place(meaning, out);
        let kinds = Kinds::new(place.kind(), self.kind(a), self.kind(b));
        let x = self.result_field(place);
        let (field_a, field_b) = (self.operand_field(a), self.operand_field(b));
        let (word, wide) = match (a.place, b.place) {
            (Place::Const(bits), _) => (fields_imm(x, field_b, bits as u32), bits),
            (_, Place::Const(bits)) => (fields_imm(x, field_a, bits as u32), bits),
            _ => (fields(x, field_a, field_b, 0), 0),
        };
        self.emit_scalar(meaning, kinds, out, &[word, wide]);
        self.push(out, place);
    }

    /// Emits a scalar op with as many operand words as it takes.
    fn emit_scalar(&mut self, meaning: Meaning, kinds: Kinds, out: ValType, operands: &[u64]) {
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit_revisable(meaning, op, kinds, Bank::of(out), &operands[..op.words() - 1]);
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
            let last = *last;
            let operands = self.code.word(last.position + 1);
            self.code.revise(self.target, last.position, op, operands);
            self.note_definition(last);
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
            Some(top)
                if same_bank
                    || match top.place {
                        Place::Home | Place::Const(_) => true,
                        Place::Local { local, .. } => self.s.locals[local as usize].pin.is_none(),
                        _ => false,
                    } =>
            {
                top.ty = to;
            }
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
        let condition = match self.kind(condition) {
            Kind::Imm => self.in_slot(condition),
            _ => self.operand(Meaning::SelectRToR, condition),
        };
        if Bank::of(ty) != Some(Bank::Int) {
            return self.select_in_slots(condition, b, a);
        }
        let place = self.result_place(Meaning::SelectRToR, ty);
        let registers = self.kind(condition) == Kind::Reg && place.kind() == Kind::Reg;
        let (mut a, mut b) = (a, b);
        if registers {
            b = self.constant_operand(Meaning::SelectRRR, b, &[a, condition]);
            a = self.constant_operand(Meaning::SelectRRR, a, &[b, condition]);
        }
        let [b, a] = [b, a].map(|value| match registers && self.kind(value) == Kind::Reg {
            true => self.operand(Meaning::SelectRRR, value),
            false => self.in_slot(value),
        });
        let meaning = match (place.kind(), self.kind(condition), self.kind(a), self.kind(b)) {
            (Kind::Reg, Kind::Reg, Kind::Reg, Kind::Reg) => Meaning::SelectRRR,
            (Kind::Reg, Kind::Reg, Kind::Reg, _) => Meaning::SelectRRS,
            (Kind::Reg, Kind::Reg, _, Kind::Reg) => Meaning::SelectRSR,
            (Kind::Reg, Kind::Reg, _, _) => Meaning::SelectRToR,
            (Kind::Reg, _, _, _) => Meaning::SelectToR,
            (_, Kind::Reg, _, _) => Meaning::SelectR,
            _ => Meaning::Select,
        };
        let x = self.result_field(place);
        let [y, z, w] = [condition, a, b].map(|entry| self.operand_field(entry));
        self.emit_valued(meaning, place, ty, &[fields(x, y, z, w)]);
        self.push(ty, place);
    }

    /// `select` of values that lie in slots: floats and vectors.
    fn select_in_slots(&mut self, condition: Entry, b: Entry, a: Entry) {
        let ty = a.ty;
        let condition = if ty == ValType::V128 { self.in_slot(condition) } else { condition };
        let (b, a) = (self.slot(b), self.slot(a));
        let meaning = match (ty, self.kind(condition)) {
            (ValType::V128, _) => Meaning::SelectV128,
            (_, Kind::Reg) => Meaning::SelectR,
            _ => Meaning::Select,
        };
        let (x, y) = (self.next_slot(), self.operand_field(condition));
        self.emit_valued(meaning, Place::Home, ty, &[fields(x, y, a, b)]);
        self.push(ty, Place::Home);
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
