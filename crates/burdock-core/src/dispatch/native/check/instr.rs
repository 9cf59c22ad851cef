//! Instructions with operands, and for each the same with all operands in slots: that one the
//! handlers of `tail` execute, and what it does is what is expected.

use super::rig::{
    CALLED, CELLS, ENTRIES, FRAME, GLOBALS, JUMP, MEMORIES, MEMORY, Rig, SCRATCH, STACK, State,
    TYPES,
};
use super::values::Rng;
use crate::dispatch::Dispatch;
use crate::dispatch::native::bind::handler;
use alloc::vec::Vec;
use burdock_ir::{Bank, Kind, Kinds, Meaning, Op, Shape};
use burdock_types::ValType;
use std::format;

/// A field of the operand word that holds an operand or names the place of the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) kind: Kind,
    field: usize,
    pub(super) ty: ValType,
}

/// Where an op has its operands, and the op that does the same with slots.
pub(super) struct Layout {
    pub(super) result: Option<Operand>,
    operands: Vec<Operand>,
    like: Op,
}

impl Layout {
    pub(super) fn of(op: Op) -> Self {
        let (meaning, kinds) = op.parts();
        let row = meaning.row();
        if row.shape == Shape::control {
            return Self::of_control(op, meaning);
        }
        let (s, n) = (Kind::Slot, Kind::None);
        let (like, with_address) = match row.shape {
            Shape::copy => (Meaning::Copy.only_op(), false),
            Shape::unary | Shape::vector_unary => (slots(meaning, s, s, n), false),
            Shape::load | Shape::vector_load => (slots(meaning, s, s, n), true),
            Shape::store | Shape::float_store | Shape::vector_store => {
                (slots(meaning, n, s, s), true)
            }
            Shape::binary
            | Shape::commutative
            | Shape::compare
            | Shape::float_compare
            | Shape::vector_binary
            | Shape::vector_ternary
            | Shape::replace_lane => (slots(meaning, s, s, s), false),
            Shape::extract_lane => (slots(meaning, s, s, n), false),
            Shape::load_lane => (slots(meaning, s, s, s), true),
            Shape::store_lane => (slots(meaning, n, s, s), true),
            shape => panic!("{shape:?} has native handlers that nothing checks: say here how"),
        };
        let like = if kinds.a == Kind::Far { op } else { like };
        let operand = row.operand.unwrap_or(ValType::V128);
        let a = if with_address { ValType::I32 } else { operand };
        let b = if row.shape == Shape::load { ValType::I32 } else { operand };
        let first =
            if matches!(kinds.dst, Kind::None | Kind::JumpIf | Kind::JumpUnless) { 0 } else { 1 };
        // What follows an immediate has its field, but for a store's value.
        let second = if first == 1 && kinds.a == Kind::Imm { first } else { first + 1 };
        let all = [(kinds.a, first, a), (kinds.b, second, b)];
        let there = all.into_iter().filter(|(kind, ..)| *kind != Kind::None);
        let mut operands: Vec<_> =
            there.map(|(kind, field, ty)| Operand { kind, field, ty }).collect();
        if row.shape == Shape::vector_ternary {
            operands.push(Operand { kind: s, field: 3, ty: operand });
        }
        let ty = row.out.unwrap_or(ValType::V128);
        let result = Operand { kind: kinds.dst, field: 0, ty };
        Self { result: (kinds.dst != Kind::None).then_some(result), operands, like }
    }

    /// Ops of one way: those whose operands the reference does not have elsewhere have none here.
    fn of_control(op: Op, meaning: Meaning) -> Self {
        use Meaning as M;
        use ValType::{F32, F64, I32, I64, V128};
        let (like, result, operands): (_, _, &[(usize, ValType)]) = match meaning {
            M::Unreachable
            | M::Br
            | M::BrBeforeDeadline
            | M::CheckFuel
            | M::CheckFuelOrBr
            | M::Return
            | M::ReturnImm
            | M::Enter
            | M::Call
            | M::ReturnCall
            | M::CopySpan
            | M::EnterDepth
            | M::LeaveDepth
            | M::CheckEpoch
            | M::I64Add128
            | M::I64Sub128
            | M::I64MulWideS
            | M::I64MulWideU
            | M::Count
            | M::Anchor
            | M::Observe
            | M::ConsumeFuel => (meaning, None, &[]),
            M::CountIf => (meaning, None, &[(0, I32)]),
            M::CallIndirect | M::CallIndirectR => (M::CallIndirect, None, &[(1, I32)]),
            M::ReturnCallIndirect => (meaning, None, &[(1, I32)]),
            M::TableGet => (meaning, Some(I64), &[(1, I32)]),
            M::TableSet => (meaning, None, &[(0, I32), (1, I64)]),
            M::MemorySize | M::TableSize => (meaning, Some(I64), &[]),
            M::BrTable | M::BrTableR => (M::BrTable, None, &[(0, I32)]),
            M::ReturnSlot | M::ReturnI => (M::ReturnSlot, None, &[(0, I64)]),
            M::ReturnF32 => (M::ReturnSlot, None, &[(0, F32)]),
            M::ReturnF64 => (M::ReturnSlot, None, &[(0, F64)]),
            M::ConstV128 => (meaning, Some(V128), &[]),
            M::Shuffle => (meaning, Some(V128), &[(1, V128), (2, V128)]),
            M::GlobalGetV128 => (meaning, Some(V128), &[]),
            M::GlobalSetV128 => (meaning, None, &[(0, V128)]),
            M::SelectV128 => (meaning, Some(V128), &[(2, V128), (3, V128), (1, I32)]),
            M::Const32 => (meaning, Some(I32), &[]),
            M::Const64 | M::Const64R => (M::Const64, Some(I64), &[]),
            M::Copy => (meaning, Some(I64), &[(1, I64)]),
            M::Copy2 => (meaning, Some(I64), &[(1, I64), (2, I64), (3, I64)]),
            M::Select
            | M::SelectR
            | M::SelectToR
            | M::SelectRToR
            | M::SelectRRS
            | M::SelectRSR
            | M::SelectRRR => (M::Select, Some(I64), &[(2, I64), (3, I64), (1, I32)]),
            M::GlobalGet | M::GlobalGetI => (M::GlobalGet, Some(I64), &[]),
            M::GlobalGetF32 => (M::GlobalGet, Some(F32), &[]),
            M::GlobalGetF64 => (M::GlobalGet, Some(F64), &[]),
            M::GlobalSet | M::GlobalSetI => (M::GlobalSet, None, &[(0, I64)]),
            M::GlobalSetF32 => (M::GlobalSet, None, &[(0, F32)]),
            M::GlobalSetF64 => (M::GlobalSet, None, &[(0, F64)]),
            _ => panic!("{meaning:?} has native handlers that nothing checks: say here how"),
        };
        let place = |field: usize, ty| {
            let kind = if op.registers()[field].is_some() { Kind::Reg } else { Kind::Slot };
            Operand { kind, field, ty }
        };
        Self {
            result: result.map(|ty| place(0, ty)),
            operands: operands.iter().map(|&(field, ty)| place(field, ty)).collect(),
            like: like.only_op(),
        }
    }
}

fn slots(meaning: Meaning, dst: Kind, a: Kind, b: Kind) -> Op {
    meaning.op(Kinds::new(dst, a, b)).expect("there is one with slots")
}

/// How the register of a bank is found for a type.
fn bank(ty: ValType) -> Bank {
    Bank::of(ty).expect("vectors are in no register")
}

/// Slots for values that may be of any type, for one to read and for one to write.
const ANY_TYPE: u16 = 44;
const ANY_TYPE_RESULT: u16 = 52;

/// Slots for values of a type: few, so that operands coincide, and none of two types.
fn slot_for(rng: &mut Rng, ty: ValType) -> u16 {
    let (first, count) = match ty {
        ValType::I32 => (10, 6),
        ValType::I64 | ValType::Ref(_) => (16, 6),
        ValType::F32 => (22, 6),
        ValType::F64 => (28, 6),
        ValType::V128 => (34, 7),
    };
    first + rng.below(count) as u16
}

/// Ops with an index into a table.
const INDEXED: [Meaning; 5] = [
    Meaning::CallIndirect,
    Meaning::CallIndirectR,
    Meaning::ReturnCallIndirect,
    Meaning::TableGet,
    Meaning::TableSet,
];

/// An instruction: its op, and its words without the head.
#[derive(Clone, Debug)]
pub(super) struct Instr {
    pub(super) op: Op,
    pub(super) registers: [u8; 4],
    pub(super) operands: Vec<u64>,
}

/// What the reference executes in an instruction's stead.
pub(super) struct Reference {
    pub(super) words: Vec<u64>,
    pub(super) state: State,
}

/// Where the reference has a result that belongs elsewhere.
const RESULT: u16 = SCRATCH;

impl Instr {
    /// Any operands for an op with these registers; those in registers and slots are written to the
    /// state. `coherent`: the results may be operands of another instruction, so that there are no
    /// NaNs, and that values of no certain type are of 32 bits.
    pub(super) fn any(
        op: Op,
        registers: [u8; 4],
        rng: &mut Rng,
        state: &mut State,
        rig: &Rig,
        coherent: bool,
    ) -> Self {
        let layout = Layout::of(op);
        let mut instr = Self { op, registers, operands: alloc::vec![0; op.words() - 1] };
        for (field, number) in registers.into_iter().enumerate() {
            if op.registers()[field].is_some() {
                instr.set_field(field, number.into());
            }
        }
        let (meaning, _) = op.parts();
        let untyped = coherent && matches!(meaning.row().shape, Shape::control | Shape::copy);
        match meaning.row().shape {
            Shape::control => instr.any_control(meaning, rng, state, rig),
            Shape::extract_lane => instr.set_field(2, any_lane(meaning, rng)),
            Shape::replace_lane | Shape::load_lane | Shape::store_lane => {
                instr.set_field(3, any_lane(meaning, rng));
            }
            _ => {}
        }
        if let Some(Operand { kind, ty, .. }) = layout.result {
            match kind {
                Kind::Slot if untyped => instr.set_field(0, ANY_TYPE_RESULT + rng.below(4) as u16),
                Kind::Slot | Kind::Both => instr.set_field(0, slot_for(rng, ty)),
                Kind::JumpIf | Kind::JumpUnless => instr.set_imm(distance(rng)),
                _ => {}
            }
        }
        for operand in &layout.operands {
            let ty = match operand.ty {
                ValType::I64 if untyped => ValType::I32,
                ty => ty,
            };
            let mut value = rng.value(ty);
            if INDEXED.contains(&meaning) && ty == ValType::I32 {
                value = rng.below(CALLED.len() as u64 + 2);
            }
            while coherent && is_nan(value, ty) {
                value = rng.value(ty);
            }
            match operand.kind {
                Kind::Reg => state.set_register(bank(ty), instr.field(operand.field) as u8, value),
                Kind::Imm if instr.is_short(operand) => {
                    instr.set_field(operand.field, value as u16)
                }
                Kind::Imm if ty == ValType::F64 => instr.operands[1] = value,
                Kind::Imm => instr.set_imm(value as u32),
                _ => {
                    let slot = match untyped && operand.ty == ValType::I64 {
                        true => ANY_TYPE + rng.below(4) as u16,
                        false => slot_for(rng, operand.ty),
                    };
                    instr.set_field(operand.field, slot);
                    *state.slot(slot) = value;
                    if ty == ValType::V128 {
                        *state.slot(slot + 1) = rng.value(ty);
                    }
                }
            }
        }
        if instr.is_access() {
            instr.any_address(&layout, rng, state);
        }
        instr
    }

    /// Fields of ops of one way that are no operands.
    fn any_control(&mut self, meaning: Meaning, rng: &mut Rng, state: &mut State, rig: &Rig) {
        use Meaning as M;
        match meaning {
            M::Br | M::BrBeforeDeadline => self.set_imm(distance(rng)),
            M::BrTable | M::BrTableR => {
                let last = rng.below(6) as u32;
                self.set_imm(last);
                for _ in 0..(last + 2) / 2 {
                    let pair = u64::from(distance(rng)) << 32 | u64::from(distance(rng));
                    self.operands.push(pair);
                }
            }
            M::Return | M::ReturnImm | M::ReturnSlot | M::ReturnI | M::ReturnF32 | M::ReturnF64 => {
                let record = 1 + rng.below(5) as u16;
                self.set_field(1, record);
                if meaning == M::ReturnImm {
                    self.set_imm(rng.next() as u32);
                }
                *state.slot(record) = rig.address(i64::from(distance(rng) as i32) as isize);
                *state.slot(record + 1) = rng.below(FRAME as u64);
            }
            M::Enter => {
                let room = (STACK - FRAME) as u32;
                self.set_imm(room - 4 + rng.below(6) as u32);
                // Behind what a return may read.
                self.set_field(0, 10 + rng.below(50) as u16);
                self.set_field(1, [0, 1, 2, 30][rng.below(4) as usize]);
            }
            M::Call => {
                self.set_field(0, rng.below(60) as u16);
                self.set_field(1, rng.below(8) as u16);
                self.set_imm(rng.below(ENTRIES.len() as u64) as u32);
            }
            M::CallIndirect | M::CallIndirectR => {
                self.set_field(0, rng.below(60) as u16);
                self.set_field(2, rng.below(8) as u16);
                self.operands[1] = rng.below(TYPES.len() as u64) | rng.below(2) << 32;
            }
            M::MemorySize => self.set_imm(rng.below(MEMORIES as u64) as u32),
            M::TableGet | M::TableSet | M::TableSize => self.set_imm(rng.below(2) as u32),
            M::CopySpan => {
                let to = rng.below(20) as u16;
                self.set_field(0, to);
                self.set_field(1, to + rng.below(20) as u16);
                self.set_field(2, rng.below(8) as u16);
            }
            M::I64Add128 | M::I64Sub128 | M::I64MulWideS | M::I64MulWideU => {
                let first = rng.below(60) as u16;
                self.set_field(0, first);
                for operand in 0..4 {
                    *state.slot(first + operand) = rng.value(ValType::I64);
                }
            }
            M::ReturnCall | M::ReturnCallIndirect => {
                let params = rng.below(8) as u16;
                self.set_field(0, rng.below(50) as u16);
                self.set_field(2, params + rng.below(3) as u16);
                self.set_field(3, params);
                let own = rng.below(12);
                if meaning == M::ReturnCall {
                    self.set_field(1, own as u16);
                    self.operands[1] = rng.below(ENTRIES.len() as u64);
                } else {
                    self.operands[1] = rng.below(TYPES.len() as u64) | rng.below(2) << 32;
                    self.operands[2] = own;
                }
            }
            M::ConsumeFuel => {
                let cost = any_cost(rng, state) as u32;
                self.set_imm(cost);
            }
            M::CheckFuel => {
                let about = any_cost(rng, state) as u16;
                self.set_field(0, [about, rng.next() as u16][rng.below(2) as usize]);
                let cost = any_cost(rng, state) as u32;
                self.set_imm(cost);
            }
            M::CheckFuelOrBr => {
                self.operands[1] = any_cost(rng, state);
                self.set_imm(distance(rng));
            }
            M::Count | M::CountIf => self.set_imm(rng.below(CELLS as u64) as u32),
            M::Anchor => self.set_imm(rng.below(4) as u32),
            M::Observe => {
                self.set_field(0, rng.next() as u16);
                self.set_field(1, rng.below(2) as u16);
                self.set_imm(rng.below(8) as u32);
            }
            M::Const32 => self.set_imm(rng.value(ValType::I32) as u32),
            M::Const64 | M::Const64R => self.operands[1] = rng.value(ValType::I64),
            M::ConstV128 => self.operands[1..].fill_with(|| rng.value(ValType::V128)),
            M::Shuffle => self.operands[1..].fill_with(|| rng.next() & 0x1f1f_1f1f_1f1f_1f1f),
            _ if format!("{meaning:?}").starts_with("Global") => {
                self.set_imm(rng.below(GLOBALS as u64) as u32)
            }
            _ => {}
        }
    }

    /// An address and an offset that mostly lead near an end of memory.
    fn any_address(&mut self, layout: &Layout, rng: &mut Rng, state: &mut State) {
        let near_end = MEMORY as u64 - 18 + rng.below(20);
        let target = [near_end, near_end, rng.below(MEMORY as u64), rng.value(ValType::I32)]
            [rng.below(4) as usize];
        let shape = self.op.meaning().row().shape;
        let lane = matches!(shape, Shape::load_lane | Shape::store_lane);
        let indexed = shape == Shape::load && layout.operands.len() == 2;
        let most = if indexed { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
        let some =
            [0, 1, target / 2, target, rng.value(ValType::I32) & 0xff][rng.below(5) as usize];
        let offset = some.min(most);
        let base = target.wrapping_sub(offset) as u32;
        let address = layout.operands[0];
        match (address.kind, indexed) {
            (Kind::Imm, _) => self.set_imm(target as u32),
            (_, true) => {
                self.set_field(3, offset as u16);
                let index = rng.value(ValType::I32) as u32;
                // The index last: both may be in the same place.
                self.set_operand(address, base.wrapping_sub(index).into(), state);
                self.set_operand(layout.operands[1], index.into(), state);
            }
            (_, false) => {
                match address.kind {
                    Kind::Far => self.any_far(offset, rng),
                    _ if lane => self.operands[1] = offset,
                    _ => self.set_imm(offset as u32),
                }
                self.set_operand(address, base.into(), state);
            }
        }
    }

    /// The memory, and the offset, of a far access; sometimes so that the sum with the address, or
    /// with the length, does not fit.
    fn any_far(&mut self, offset: u64, rng: &mut Rng) {
        self.set_imm(rng.below(MEMORIES as u64) as u32);
        self.operands[1] = match rng.below(4) {
            0 => rng.below(40).wrapping_neg(),
            _ => offset,
        };
    }

    fn set_operand(&self, operand: Operand, value: u64, state: &mut State) {
        let number = self.field(operand.field);
        match operand.kind {
            Kind::Reg => state.set_register(bank(operand.ty), number as u8, value),
            _ => *state.slot(number) = value,
        }
    }

    /// Makes its operands of 32 bits such, where another instruction reads the same as 64 bits.
    pub(super) fn narrow(&self, state: &mut State) {
        let operands = Layout::of(self.op).operands;
        for operand in operands.into_iter().filter(|operand| operand.ty == ValType::I32) {
            let number = self.field(operand.field);
            match operand.kind {
                Kind::Reg => state.int[usize::from(number)] &= u64::from(u32::MAX),
                Kind::Slot => *state.slot(number) &= u64::from(u32::MAX),
                _ => {}
            }
        }
    }

    /// The number of its native handler.
    pub(super) fn handler(&self) -> u32 {
        handler(self.op, self.operands.first().copied().unwrap_or(0))
    }

    /// The same with slots, and the state that it needs.
    pub(super) fn reference(&self, state: &State) -> Reference {
        let layout = Layout::of(self.op);
        let mut state = state.clone();
        let mut places = Vec::new();
        for (n, operand) in layout.operands.iter().enumerate() {
            let scratch = SCRATCH + 2 + 2 * n as u16;
            let value = match operand.kind {
                Kind::Reg => state.register(bank(operand.ty), self.field(operand.field) as u8),
                Kind::Imm => self.immediate(operand),
                _ => {
                    places.push(self.field(operand.field));
                    continue;
                }
            };
            *state.slot(scratch) = value;
            places.push(scratch);
        }
        let result = layout.result.map(|result| match result.kind {
            Kind::Slot | Kind::Both => self.field(0),
            _ => RESULT,
        });
        let (meaning, kinds) = self.op.parts();
        let mut like = Self { op: layout.like, registers: [0; 4], operands: self.operands.clone() };
        if meaning.row().shape == Shape::control || self.op == layout.like {
            for (operand, place) in layout.operands.iter().zip(places) {
                like.set_field(operand.field, place);
            }
            if let Some(result) = result {
                like.set_field(0, result);
            }
        } else {
            let mut offset = self.imm();
            if self.is_access() && kinds.a == Kind::Imm {
                *state.slot(places[0]) = 0;
            } else if self.is_access() && kinds.dst != Kind::None && places.len() == 2 {
                let sum = *state.slot(places[0]) + *state.slot(places[1]);
                (places[0], offset) = (SCRATCH + 2, self.field(3).into());
                places.truncate(1);
                *state.slot(places[0]) = u64::from(sum as u32);
            }
            like.operands = alloc::vec![0];
            if self.is_access() {
                like.set_imm(offset);
            }
            for (field, place) in result.into_iter().chain(places).enumerate() {
                like.set_field(field, place);
            }
        }
        let head = Dispatch::Tail.head(layout.like);
        let words = core::iter::once(head).chain(like.operands).collect();
        Reference { words, state }
    }

    /// Brings what the reference has left in its slots to where it belongs. Gives how far the
    /// instruction jumps, if that is not where the reference went.
    pub(super) fn expect(&self, before: &State, after: &mut State) -> Option<isize> {
        let value = *after.slot(RESULT);
        let from = FRAME + usize::from(SCRATCH);
        after.slots[from..from + 10].copy_from_slice(&before.slots[from..from + 10]);
        let result = Layout::of(self.op).result?;
        let field = self.field(0);
        match result.kind {
            Kind::Reg => after.set_register(bank(result.ty), field as u8, value),
            Kind::Both => {
                let value = *after.slot(field);
                after.set_register(bank(result.ty), 0, value);
            }
            Kind::JumpIf | Kind::JumpUnless => {
                let jumps = (value != 0) == (result.kind == Kind::JumpIf);
                return Some(if jumps { self.imm() as i32 as isize } else { 2 });
            }
            _ => {}
        }
        None
    }

    /// Makes NaNs of computed results equal.
    pub(super) fn forget_payloads(&self, state: &mut State) {
        let Some(result) = Layout::of(self.op).result else { return };
        let (meaning, _) = self.op.parts();
        let text = format!("{meaning:?}");
        let exact =
            ["Copy", "Abs", "Neg", "Reinterpret", "PMin", "PMax", "Splat", "Lane", "Canonicalize"];
        let arithmetic = match meaning.row().shape {
            Shape::control | Shape::copy | Shape::load => false,
            _ => !exact.iter().any(|word| text.contains(word)),
        };
        let comparison = ["Eq", "Ne", "Lt", "Gt", "Le", "Ge"].iter().any(|w| text.ends_with(w));
        let lanes: fn(u64) -> u64 = match &text {
            _ if !arithmetic => return,
            _ if result.ty == ValType::F32 || text.starts_with("F32x4") && !comparison => {
                |x| u64::from(quiet32(x as u32)) | u64::from(quiet32((x >> 32) as u32)) << 32
            }
            _ if result.ty == ValType::F64 || text.starts_with("F64x2") && !comparison => quiet64,
            _ => return,
        };
        let field = self.field(0);
        if matches!(result.kind, Kind::Reg | Kind::Both) {
            let number = if result.kind == Kind::Both { 0 } else { field as u8 };
            let value = state.register(bank(result.ty), number);
            state.set_register(bank(result.ty), number, lanes(value));
        }
        if matches!(result.kind, Kind::Slot | Kind::Both) {
            let halves = if result.ty == ValType::V128 { 2 } else { 1 };
            for slot in field..field + halves {
                let value = *state.slot(slot);
                *state.slot(slot) = lanes(value);
            }
        }
    }

    fn is_access(&self) -> bool {
        let (meaning, _) = self.op.parts();
        matches!(
            meaning.row().shape,
            Shape::load
                | Shape::store
                | Shape::float_store
                | Shape::vector_load
                | Shape::vector_store
                | Shape::load_lane
                | Shape::store_lane
        )
    }

    /// Whether an immediate is a field of 16 bits: beside a jump's distance or an offset.
    fn is_short(&self, operand: &Operand) -> bool {
        let (meaning, kinds) = self.op.parts();
        operand.field == 1
            && (kinds.dst == Kind::JumpIf || meaning.row().shape == Shape::store)
            && kinds.b == Kind::Imm
    }

    fn immediate(&self, operand: &Operand) -> u64 {
        let signed = match self.is_short(operand) {
            true => i64::from(self.field(operand.field) as i16),
            false => i64::from(self.imm() as i32),
        };
        match operand.ty {
            ValType::F64 => self.operands[1],
            ValType::I64 => signed as u64,
            _ => u64::from(signed as u32),
        }
    }

    fn field(&self, field: usize) -> u16 {
        (self.operands[0] >> (16 * field)) as u16
    }

    fn set_field(&mut self, field: usize, value: u16) {
        let word = &mut self.operands[0];
        *word = *word & !(0xffff << (16 * field)) | u64::from(value) << (16 * field);
    }

    fn imm(&self) -> u32 {
        (self.operands[0] >> 32) as u32
    }

    fn set_imm(&mut self, value: u32) {
        self.operands[0] = self.operands[0] & 0xffff_ffff | u64::from(value) << 32;
    }
}

fn quiet32(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() { f32::NAN.to_bits() } else { bits }
}

fn quiet64(bits: u64) -> u64 {
    if f64::from_bits(bits).is_nan() { f64::NAN.to_bits() } else { bits }
}

fn is_nan(value: u64, ty: ValType) -> bool {
    match ty {
        ValType::F32 => f32::from_bits(value as u32).is_nan(),
        ValType::F64 => f64::from_bits(value).is_nan(),
        _ => false,
    }
}

/// How many lanes the vectors have of an op whose name has this in it.
const LANES: [(&str, u64); 8] = [
    ("x16", 16),
    ("x8", 8),
    ("x4", 4),
    ("x2", 2),
    ("64Lane", 2),
    ("32Lane", 4),
    ("16Lane", 8),
    ("8Lane", 16),
];

/// The number of a lane of the vectors that an op is for.
fn any_lane(meaning: Meaning, rng: &mut Rng) -> u16 {
    let text = format!("{meaning:?}");
    let named = |(name, _): &(&str, u64)| text.contains(name);
    let (_, count) = LANES.iter().find(|lanes| named(lanes)).expect("ops with lanes name them");
    rng.below(*count) as u16
}

/// What a stretch of code costs: about as much fuel as there is, or any.
fn any_cost(rng: &mut Rng, state: &State) -> u64 {
    let about = (state.fuel.max(0) as u64 + rng.below(3)).saturating_sub(1);
    [about, rng.value(ValType::I32)][rng.below(2) as usize]
}

/// A distance to jump, out of any sequence.
fn distance(rng: &mut Rng) -> u32 {
    let distance = (JUMP as u64 + rng.below(60)) as i32;
    (if rng.below(2) == 0 { distance } else { -distance }) as u32
}
