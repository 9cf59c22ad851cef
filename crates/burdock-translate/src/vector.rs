//! Vector ops: operands and results in slots.

use crate::entry::{Entry, NO_BANK, Type};
use crate::func::Func;
use crate::memory::memory_of;
use burdock_ir::control::{ConstV128, Shuffle, ShuffleR};
use burdock_ir::operands::{RESULT, of_lane_store, with_result, with_result_and_number};
use burdock_ir::{Bank, Kind, Kinds, Meaning, Op};
use burdock_types::V128;
use wasmparser::MemArg;

impl Func<'_> {
    /// Translates `v128.const`.
    pub(crate) fn vector_const(&mut self, value: V128) {
        if self.reachable {
            let [low, high] = value.to_halves();
            self.emit_op_to_home(Type::V128, |to| ConstV128 { to, low, high });
        }
    }

    /// Takes `count` operands into slots; returns the slots in the operands' order.
    fn operand_slots(&mut self, count: usize) -> [u16; 3] {
        let mut slots = [0; 3];
        for slot in slots[..count].iter_mut().rev() {
            let entry = self.pop();
            *slot = self.slot(entry);
        }
        slots
    }

    /// Translates an op on `count` operands, with a lane number behind them.
    fn vector_op(&mut self, meaning: Meaning, count: usize, lane: Option<u8>, out: Type) {
        if !self.reachable {
            return;
        }
        let mut slots = self.operand_slots(count);
        if let Some(lane) = lane {
            slots[count] = lane.into();
        }
        let [a, b, c] = slots;
        let op =
            self.vector_variant(meaning, (a, Kind::Slot), (count > 1).then_some((b, Kind::Slot)));
        let result = Entry::at_home(out, self.next_slot());
        self.emit_result(op, result, with_result(result.field(), a, b, c));
    }

    /// Returns `true` if the last instruction has left its result, the vector in this slot, in the
    /// register for vectors as well.
    pub(crate) fn is_in_vector_register(&self, slot: u16) -> bool {
        self.last.is_some_and(|last| {
            last.bank == NO_BANK
                && last.dst == Kind::Slot
                && self.knows(last.op)
                && self.code.get(last.position(), RESULT) == u64::from(slot)
        })
    }

    /// Returns `true` if the last instruction takes an operand from the register for vectors: the
    /// instruction before it has to stay there.
    pub(crate) fn last_takes_vector(&self) -> bool {
        self.last.is_some_and(|last| {
            let (meaning, kinds) = last.op.parts();
            let takes = kinds.a == Kind::Reg || kinds.b == Kind::Reg;
            let is_scalar = meaning.row().operand.and_then(Bank::of).is_some();
            takes && !is_scalar || meaning == Meaning::ShuffleR
        })
    }

    /// Returns the op for a vector operand and another one, which takes either from the register
    /// for vectors if it is there.
    fn vector_variant(&self, meaning: Meaning, a: (u16, Kind), b: Option<(u16, Kind)>) -> Op {
        let kinds = Kinds::new(Kind::Slot, a.1, b.map_or(Kind::None, |b| b.1));
        let in_register = |slot: u16| self.is_in_vector_register(slot);
        let first = in_register(a.0).then_some(Kinds { a: Kind::Reg, ..kinds });
        let second = b.filter(|b| b.1 == Kind::Slot && in_register(b.0));
        let second = second.map(|_| Kinds { b: Kind::Reg, ..kinds });
        let known = |kinds| meaning.op(kinds).filter(|&op| self.knows(op));
        let better = first.and_then(known).or_else(|| second.and_then(known));
        better.or_else(|| meaning.op(kinds)).unwrap_or(meaning.only_op())
    }

    /// Translates an op with one operand; its result's type is given, as it may be a scalar.
    pub(crate) fn vector_unary(&mut self, meaning: Meaning) {
        self.vector_op(meaning, 1, None, Type::V128);
    }

    /// Emits an operator with one operand whose NaN results may have to be made canonical. (`abs`
    /// and `neg`, which change bits, and of the operators with two operands `pmin` and `pmax`,
    /// which choose one, need no canonical NaNs.)
    pub(crate) fn vector_float_unary(&mut self, meaning: Meaning) {
        self.vector_unary(meaning);
        self.canonicalize_lanes(meaning);
    }

    /// Translates an op with two operands whose NaN results may have to be made canonical.
    pub(crate) fn vector_float_binary(&mut self, meaning: Meaning) {
        self.vector_binary(meaning);
        self.canonicalize_lanes(meaning);
    }

    /// Translates an op with three operands whose NaN results may have to be made canonical.
    pub(crate) fn vector_float_ternary(&mut self, meaning: Meaning) {
        self.vector_ternary(meaning);
        self.canonicalize_lanes(meaning);
    }

    fn canonicalize_lanes(&mut self, meaning: Meaning) {
        if self.settings.canonicalize_nans {
            match meaning.row().text.starts_with("f32x4") {
                true => self.vector_unary(Meaning::F32x4CanonicalizeNan),
                false => self.vector_unary(Meaning::F64x2CanonicalizeNan),
            }
        }
    }

    /// Translates an op that shifts the lanes of a vector, often by a constant.
    pub(crate) fn vector_shift(&mut self, meaning: Meaning) {
        if !self.reachable {
            return;
        }
        let (vector, count) = self.pop_two();
        let (kind, count) = match count.bits() {
            Some(bits) => (Kind::Imm, bits as u32),
            None => (Kind::Slot, self.slot(count).into()),
        };
        let vector = self.slot(vector);
        let result = Entry::at_home(Type::V128, self.next_slot());
        // A constant takes the upper half of the word, which begins where a second slot does.
        let word = with_result_and_number(result.field(), vector, count);
        let op = self.vector_variant(meaning, (vector, Kind::Slot), Some((count as u16, kind)));
        self.emit_result(op, result, word);
    }

    /// Translates an op from a vector to an `i32`: `any_true`, `all_true`, `bitmask`.
    pub(crate) fn vector_test(&mut self, meaning: Meaning) {
        self.vector_op(meaning, 1, None, Type::I32);
    }

    /// Translates an op with two operands.
    pub(crate) fn vector_binary(&mut self, meaning: Meaning) {
        self.vector_op(meaning, 2, None, Type::V128);
    }

    /// Translates an op with three operands.
    pub(crate) fn vector_ternary(&mut self, meaning: Meaning) {
        self.vector_op(meaning, 3, None, Type::V128);
    }

    /// Translates the extraction of one lane of a vector.
    pub(crate) fn extract_lane(&mut self, meaning: Meaning, lane: u8, out: Type) {
        self.vector_op(meaning, 1, Some(lane), out);
    }

    /// Translates the replacement of one lane of a vector.
    pub(crate) fn replace_lane(&mut self, meaning: Meaning, lane: u8) {
        self.vector_op(meaning, 2, Some(lane), Type::V128);
    }

    /// Translates `i8x16.shuffle`.
    pub(crate) fn shuffle(&mut self, lanes: [u8; 16]) {
        if self.reachable {
            let [mut a, mut b, _] = self.operand_slots(2);
            let mut lanes = lanes;
            if self.is_in_vector_register(b) && a != b {
                (a, b, lanes) = (b, a, lanes.map(|lane| lane ^ 16));
            }
            let [low, high] = V128::from_le_bytes(lanes).to_halves();
            match self.is_in_vector_register(a) && self.knows(Meaning::ShuffleR.only_op()) {
                true => self.emit_op_to_home(Type::V128, |to| ShuffleR { to, a, b, low, high }),
                false => self.emit_op_to_home(Type::V128, |to| Shuffle { to, a, b, low, high }),
            }
        }
    }

    /// Translates `v128.load8_lane` and the like.
    pub(crate) fn load_lane(&mut self, meaning: Meaning, arg: MemArg, lane: u8) {
        if self.reachable {
            let [a, b, _] = self.operand_slots(2);
            let result = Entry::at_home(Type::V128, self.next_slot());
            let word = with_result(result.field(), a, b, lane.into());
            let (op, words, count) = self.lane_access(meaning, Kind::Slot, word, arg);
            self.emit_any_result(op, result, &words[..count]);
        }
    }

    /// Translates `v128.store8_lane` and the like.
    pub(crate) fn store_lane(&mut self, meaning: Meaning, arg: MemArg, lane: u8) {
        if self.reachable {
            let [a, b, _] = self.operand_slots(2);
            let word = of_lane_store(a, b, lane);
            let (op, words, count) = self.lane_access(meaning, Kind::None, word, arg);
            self.emit(op, &words[..count]);
        }
    }

    /// Returns the op of an access to a lane, with its operand words and their number.
    fn lane_access(
        &mut self,
        meaning: Meaning,
        dst: Kind,
        word: u64,
        arg: MemArg,
    ) -> (Op, [u64; 3], usize) {
        let near = self.is_near(arg);
        let kinds = Kinds::new(dst, if near { Kind::Slot } else { Kind::Far }, Kind::Slot);
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.map_offset();
        (op, [word, arg.offset, memory_of(arg).into()], if near { 2 } else { 3 })
    }
}
