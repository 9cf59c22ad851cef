//! Vector ops: operands and results in slots.

use crate::entry::{Entry, Type};
use crate::func::Func;
use crate::memory::memory_of;
use burdock_ir::control::{ConstV128, Shuffle};
use burdock_ir::operands::{of_lane_store, with_result};
use burdock_ir::{Kind, Kinds, Meaning};
use burdock_types::V128;
use wasmparser::MemArg;

impl Func<'_> {
    /// Translates `v128.const`.
    pub(crate) fn vector_const(&mut self, value: V128) {
        if self.reachable {
            let to = self.next_slot();
            let [low, high] = value.to_halves();
            self.emit_op(ConstV128 { to, low, high });
            self.push_home(Type::V128);
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
        let result = Entry::at_home(out, self.next_slot());
        self.emit_result(meaning.only_op(), result, with_result(result.field(), a, b, c));
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
            let [a, b, _] = self.operand_slots(2);
            let to = self.next_slot();
            let [low, high] = V128::from_le_bytes(lanes).to_halves();
            self.emit_op(Shuffle { to, a, b, low, high });
            self.push_home(Type::V128);
        }
    }

    /// Translates `v128.load8_lane` and the like.
    pub(crate) fn load_lane(&mut self, meaning: Meaning, arg: MemArg, lane: u8) {
        if self.reachable {
            let [a, b, _] = self.operand_slots(2);
            let dst = self.next_slot();
            self.access_lane(meaning, Kind::Slot, with_result(dst, a, b, lane.into()), arg);
            self.push_home(Type::V128);
        }
    }

    /// Translates `v128.store8_lane` and the like.
    pub(crate) fn store_lane(&mut self, meaning: Meaning, arg: MemArg, lane: u8) {
        if self.reachable {
            let [a, b, _] = self.operand_slots(2);
            self.access_lane(meaning, Kind::None, of_lane_store(a, b, lane), arg);
        }
    }

    fn access_lane(&mut self, meaning: Meaning, dst: Kind, word: u64, arg: MemArg) {
        let near = self.is_near(arg).is_some();
        let kinds = Kinds::new(dst, if near { Kind::Slot } else { Kind::Far }, Kind::Slot);
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.map_offset();
        match near {
            true => self.emit(op, &[word, arg.offset]),
            false => self.emit(op, &[word, arg.offset, memory_of(arg).into()]),
        }
    }
}
