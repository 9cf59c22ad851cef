//! Constants, arithmetic, comparisons, conversions, select.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use burdock_ir::control::{I64Add128, Select};
use burdock_ir::operands::{with_result, with_result_and_number};
use burdock_ir::{Bank, Kind, Kinds, Meaning, Operands, Order, reciprocal};
use burdock_types::ValType;

impl Func<'_> {
    /// Translates `t.const`.
    #[inline]
    pub(crate) fn constant(&mut self, ty: Type, bits: u64) {
        if self.reachable {
            self.push_constant(ty, bits);
        }
    }

    /// Translates `drop`.
    pub(crate) fn drop_top(&mut self) {
        if self.reachable {
            self.pop();
        }
    }

    /// Translates an op with one scalar operand.
    pub(crate) fn unary(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let a = self.unary_operand(meaning);
        self.emit_unary(meaning, a);
    }

    /// Translates an op with one operand of type `i32`, which the meaning computes if that is
    /// zero-extended.
    pub(crate) fn unary_i32(&mut self, meaning: Meaning) {
        if self.reachable {
            self.unary(meaning);
            self.retype_top(Type::I32);
        }
    }

    /// Translates an op with one operand that can trap.
    pub(crate) fn unary_trapping(&mut self, meaning: Meaning) {
        if self.reachable {
            let a = self.unary_operand(meaning);
            self.map_offset();
            self.emit_unary(meaning, a);
        }
    }

    /// Pops the operand of an op with only one, and brings it where the meaning has an op for it.
    fn unary_operand(&mut self, meaning: Meaning) -> Entry {
        let a = self.pop();
        match a.kind() == Kind::Imm {
            true => self.in_slot(a),
            false => self.operand(meaning, a),
        }
    }

    fn emit_unary(&mut self, meaning: Meaning, a: Entry) {
        let result = self.result(meaning);
        let kinds = Kinds::new(result.kind(), a.kind(), Kind::None);
        let operands = with_result(result.field(), a.field(), 0, 0);
        self.emit_result(meaning.op(kinds).unwrap_or(meaning.only_op()), result, operands);
    }

    /// Translates a float op with one operand, whose NaNs may have to be made canonical.
    pub(crate) fn float_unary(&mut self, meaning: Meaning) {
        self.unary(meaning);
        self.canonicalize(meaning);
    }

    /// Translates a float op with two operands, whose NaNs may have to be made canonical.
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

    /// Translates an op with two scalar operands.
    pub(crate) fn binary(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        // What `binary_of` does; a call would pass the entries through memory.
        let (a, b) = self.pop_two();
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.emit_binary(meaning, Type::of_result(meaning), a, b);
    }

    /// Emits an op with two operands, popped ones or such as lie in slots, and pushes its result.
    pub(crate) fn binary_of(&mut self, meaning: Meaning, a: Entry, b: Entry) {
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.emit_binary(meaning, Type::of_result(meaning), a, b);
    }

    /// Translates an op with two operands of type `i32`, which `meaning` computes for any that are
    /// zero-extended, and `with_constant` if one is a constant.
    pub(crate) fn zero_extended(&mut self, meaning: Meaning, with_constant: Meaning) {
        if !self.reachable {
            return;
        }
        let (a, b) = self.pop_two();
        let has_constant = a.bits().or(b.bits()).is_some();
        let meaning = if has_constant { with_constant } else { meaning };
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.emit_binary(meaning, Type::I32, a, b);
    }

    /// Translates a subtraction. That of a constant is an addition, because there are sequences for
    /// additions.
    pub(crate) fn subtract(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let (a, b) = self.pop_two();
        let sum = if meaning == Meaning::I32Sub { Meaning::I32Add } else { Meaning::I64Add };
        match b.negated(Type::of_result(meaning)) {
            Some(b) => self.binary_of(sum, a, b),
            None => self.binary_of(meaning, a, b),
        }
    }

    /// Translates a division or a remainder. Those by a constant that has a reciprocal cannot trap.
    pub(crate) fn division(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let (a, mut b) = self.pop_two();
        if let Some(bits) = b.bits().filter(|_| !b.is_long_constant()) {
            match reciprocal(meaning, bits as i32) {
                Some(reciprocal) => return self.division_by_constant(meaning, a, b, reciprocal),
                None => b = self.constant_operand(meaning, b, &[a]),
            }
        }
        let (meaning, a, b) = self.place_binary(meaning, a, b);
        self.map_offset();
        self.emit_binary(meaning, Type::of_result(meaning), a, b);
    }

    fn division_by_constant(&mut self, meaning: Meaning, a: Entry, b: Entry, reciprocal: u64) {
        let a = match a.kind() == Kind::Imm {
            true => self.constant_operand(meaning, a, &[b]),
            false => self.operand(meaning, a),
        };
        let result = self.result(meaning);
        let op = meaning.op(Kinds::new(result.kind(), a.kind(), Kind::Imm));
        let divisor = b.bits().map_or(0, |bits| bits as u32);
        let word = with_result_and_number(result.field(), a.field(), divisor);
        self.emit_any_result(op.unwrap_or(meaning.only_op()), result, &[word, reciprocal]);
    }

    /// Orders two operands, and brings them where the meaning has an op for them.
    #[inline(always)]
    fn place_binary(&mut self, meaning: Meaning, a: Entry, b: Entry) -> (Meaning, Entry, Entry) {
        let are_short = !a.is_long_constant() && !b.is_long_constant();
        if Entry::are_plain(a, b) || are_short && self.knows_registers(meaning) {
            match meaning.order(a.kind(), b.kind()) {
                Order::Given => return (meaning, a, b),
                Order::Exchanged => return (meaning.row().swap.unwrap_or(meaning), b, a),
                Order::Neither => {}
            }
        }
        self.bring_binary(meaning, a, b)
    }

    /// Brings one or both of two operands elsewhere, so that the meaning has an op for them.
    #[inline(never)]
    fn bring_binary(
        &mut self,
        meaning: Meaning,
        mut a: Entry,
        mut b: Entry,
    ) -> (Meaning, Entry, Entry) {
        (a, b) = (self.operand(meaning, a), self.operand(meaning, b));
        let placed = |a: Entry, b: Entry| meaning.order(a.kind(), b.kind()) != Order::Neither;
        if b.is_long_constant() {
            b = self.constant_operand(meaning, b, &[a]);
        }
        if a.is_long_constant() {
            a = self.constant_operand(meaning, a, &[b]);
        }
        if !placed(a, b) {
            b = self.constant_operand(meaning, b, &[a]);
        }
        if !placed(a, b) {
            a = self.constant_operand(meaning, a, &[b]);
        }
        // Where there is no register for a constant, it has to be in a slot.
        if !placed(a, b) && b.kind() == Kind::Imm {
            b = self.in_slot(b);
        }
        if !placed(a, b) {
            a = self.in_slot(a);
        }
        match meaning.order(a.kind(), b.kind()) {
            Order::Exchanged => (meaning.row().swap.unwrap_or(meaning), b, a),
            order => {
                debug_assert_eq!(order, Order::Given, "{meaning:?} {a:?} {b:?}");
                (meaning, a, b)
            }
        }
    }

    #[inline(always)]
    fn emit_binary(&mut self, meaning: Meaning, ty: Type, a: Entry, b: Entry) {
        let result = self.result_of(meaning, ty);
        let kinds = Kinds::new(result.kind(), a.kind(), b.kind());
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        let dst = result.field();
        let word = match a.bits().or(b.bits()) {
            Some(bits) => {
                // Of a constant, the field is 0.
                let word = with_result_and_number(dst, a.field() | b.field(), bits as u32);
                if op.words() > 2 {
                    return self.emit_any_result(op, result, &[word, bits]);
                }
                word
            }
            None => with_result(dst, a.field(), b.field(), 0),
        };
        self.emit_result(op, result, word);
    }

    /// Translates a comparison with zero (`t.eqz`, `ref.is_null`); of a comparison, the opposite
    /// one.
    pub(crate) fn is_zero(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        if let Some(opposite) = self.last_opposite() {
            self.replace_last_meaning(opposite);
            self.retype_top(Type::I32);
            return;
        }
        // The zero has no slot: only code that is observed behind a comparison needs it, and frames
        // of versions have one size.
        let value = self.pop();
        let value = if value.kind() == Kind::Imm { self.in_slot(value) } else { value };
        let ty = meaning.row().operand.unwrap_or(ValType::I32);
        let zero = Entry::constant(Type::of(ty), 0, self.next_slot());
        self.binary_of(meaning, value, zero);
    }

    /// Returns the meaning that is zero exactly if the last instruction's result is not, provided
    /// that the last instruction computes the topmost value as a comparison or an `and`.
    fn last_opposite(&self) -> Option<Meaning> {
        let top = *self.s.stack.last()?;
        let last = self.last.filter(|_| !self.last_is_mapped() && self.last_defines(top))?;
        match last.op.meaning() {
            Meaning::I32And => Some(Meaning::I32TestZ),
            Meaning::I64And => Some(Meaning::I64TestZ),
            meaning => meaning.row().not,
        }
    }

    /// Changes the type of the topmost value.
    pub(crate) fn retype_top(&mut self, ty: Type) {
        if let Some(top) = self.s.stack.last_mut() {
            *top = top.retyped(ty);
            // Sites record the new type.
            top.set_unchanged(false);
        }
    }

    /// Makes the last instruction compute the opposite comparison.
    fn replace_last_meaning(&mut self, meaning: Meaning) {
        let Some(last) = self.last else { return };
        if let Some(op) = meaning.op(last.kinds()) {
            let operands = self.code.word(last.position() + 1);
            self.revise_last(last, op, last.dst, operands);
            if let Some(top) = self.s.stack.last_mut().filter(|top| top.register().is_some()) {
                top.set_definition(last.position() as u32, op);
            }
        }
    }

    /// Translates a conversion that changes no bit of a slot: `i64.extend_i32_u`,
    /// reinterpretations.
    pub(crate) fn retype(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let row = meaning.row();
        let (from, to) = (row.operand.unwrap_or(ValType::I32), row.out.unwrap_or(ValType::I32));
        let same_bank = Bank::of(from) == Bank::of(to);
        let stays = |top: &Entry| match top.place() {
            _ if same_bank => true,
            Place::Home | Place::Const(_) => true,
            Place::Local(local) => self.s.locals[local as usize].pin.is_none(),
            _ => false,
        };
        match self.s.stack.last().is_some_and(stays) {
            true => self.retype_top(Type::of(to)),
            false => self.unary(meaning),
        }
    }

    /// Translates `select`.
    pub(crate) fn select(&mut self) {
        if !self.reachable {
            return;
        }
        let condition = self.pop();
        let (a, b) = self.pop_two();
        let ty = a.ty();
        let condition = match condition.kind() {
            Kind::Imm => self.in_slot(condition),
            _ => self.operand(Meaning::SelectRToR, condition),
        };
        if Bank::of(ty) != Some(Bank::Int) {
            return self.select_in_slots(condition, b, a);
        }
        let result = self.result_of(Meaning::SelectRToR, Type::of(ty));
        let registers = condition.kind() == Kind::Reg && result.kind() == Kind::Reg;
        let (mut a, mut b) = (a, b);
        if registers {
            b = self.constant_operand(Meaning::SelectRRR, b, &[a, condition]);
            a = self.constant_operand(Meaning::SelectRRR, a, &[b, condition]);
        }
        let [b, a] = [b, a].map(|value| match registers && value.kind() == Kind::Reg {
            true => self.operand(Meaning::SelectRRR, value),
            false => self.in_slot(value),
        });
        let meaning = match (result.kind(), condition.kind(), a.kind(), b.kind()) {
            (Kind::Reg, Kind::Reg, Kind::Reg, Kind::Reg) => Meaning::SelectRRR,
            (Kind::Reg, Kind::Reg, Kind::Reg, _) => Meaning::SelectRRS,
            (Kind::Reg, Kind::Reg, _, Kind::Reg) => Meaning::SelectRSR,
            (Kind::Reg, Kind::Reg, _, _) => Meaning::SelectRToR,
            (Kind::Reg, _, _, _) => Meaning::SelectToR,
            (_, Kind::Reg, _, _) => Meaning::SelectR,
            _ => Meaning::Select,
        };
        let [to, condition, first, second] = [result, condition, a, b].map(|entry| entry.field());
        let operands = Select { to, condition, first, second };
        self.emit_result(meaning.only_op(), result, operands.word());
    }

    /// Translates `select` of values that lie in slots: floats and vectors.
    fn select_in_slots(&mut self, condition: Entry, b: Entry, a: Entry) {
        let ty = a.ty();
        let condition = if ty == ValType::V128 { self.in_slot(condition) } else { condition };
        let (b, a) = (self.slot(b), self.slot(a));
        let meaning = match (ty, condition.kind()) {
            (ValType::V128, _) => Meaning::SelectV128,
            (_, Kind::Reg) => Meaning::SelectR,
            _ => Meaning::Select,
        };
        let result = Entry::at_home(Type::of(ty), self.next_slot());
        let (to, condition) = (result.field(), condition.field());
        let operands = Select { to, condition, first: a, second: b };
        self.emit_result(meaning.only_op(), result, operands.word());
    }

    /// Translates `i64.add128`, `i64.mul_wide_s` and the like; operands and results are in
    /// consecutive slots.
    pub(crate) fn wide(&mut self, meaning: Meaning, operands: usize) {
        if !self.reachable {
            return;
        }
        self.settle_top(operands);
        self.truncate(self.s.stack.len().saturating_sub(operands));
        let first = self.next_slot();
        self.emit_as(meaning, I64Add128 { first });
        self.push_homes(&[ValType::I64, ValType::I64]);
    }
}
