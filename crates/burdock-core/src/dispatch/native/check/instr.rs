//! Instructions with operands, and for each the same with all operands in slots: that one the
//! handlers of `tail` execute, and what it does is what is expected.

use super::control::moves_pins;
use super::layout::{Layout, Operand};
use super::objects::{REFERRING, any_object, any_object_slot};
use super::rig::{CALLED, ELEMENTS, FRAME, JUMP, MEMORIES, MEMORY, Rig, SCRATCH, State};
use super::values::Rng;
use crate::dispatch::Dispatch;
use crate::dispatch::native::TEMPORARIES;
use crate::dispatch::native::bind::handler;
use alloc::vec::Vec;
use burdock_ir::operation::{
    FloatBinary, FloatUnary, Operation, VectorFloatBinary, VectorFloatUnary, VectorTernary,
};
use burdock_ir::{Bank, BitField, Kind, Meaning, Op, Shape};
use burdock_types::ValType;

/// Returns the bank in whose registers values of a type are.
fn bank(ty: ValType) -> Bank {
    Bank::of(ty).expect("vectors are in no register")
}

/// Slots for values that may be of any type, for one to read and for one to write.
const ANY_TYPE: u16 = 44;
const ANY_TYPE_RESULT: u16 = 52;

/// Slots for values of a type: few, so that operands coincide, and none of two types.
pub(super) fn slot_for(rng: &mut Rng, ty: ValType) -> u16 {
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

/// The instruction that the reference executes in place of another.
pub(super) struct Reference {
    pub(super) words: Vec<u64>,
    pub(super) state: State,
}

/// The slot of a result of the reference that belongs elsewhere.
const PLACE_OF_RESULT: u16 = SCRATCH;

impl Instr {
    /// Returns random operands for an op with these registers; operands in registers and slots are
    /// written to the state. With `coherent`, results may be operands of another instruction, so
    /// that there are no NaNs, and values of no certain type have 32 bits.
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
        let (meaning, _) = op.parts();
        let untyped = coherent && matches!(meaning.row().shape, Shape::control | Shape::copy);
        if meaning.row().shape == Shape::control {
            instr.any_control(meaning, rng, state, rig);
        }
        for (quarter, number) in (0..).zip(registers) {
            if op.registers()[usize::from(quarter)].is_some() {
                instr.set(BitField::quarter(quarter), number.into());
            }
        }
        if let Some(lane) = op.layout().lane {
            instr.set(lane, any_lane(meaning, rng).into());
        }
        if let Some(result) = layout.result {
            instr.any_result(result, untyped, rng);
        }
        // The first one last: an object has to stay where another operand is in the same place.
        for operand in layout.operands.iter().rev() {
            let whole = untyped && operand.ty == ValType::I64;
            let ty = if whole { ValType::I32 } else { operand.ty };
            let mut value = rng.value(ty);
            if INDEXED.contains(&meaning) && ty == ValType::I32 {
                value = rng.below(CALLED.len() as u64 + 2);
            }
            while coherent && is_nan(value, ty) {
                value = rng.value(ty);
            }
            // Another instruction may take it for a reference.
            if untyped && rng.below(2) == 0 {
                value = any_object(rng);
            }
            if REFERRING.contains(&meaning) {
                value = ELEMENTS[rng.below(ELEMENTS.len() as u64) as usize];
            }
            if let Some(special) = instr.object_operand(operand.field, rng) {
                value = special;
            }
            instr.place_operand(Operand { ty, ..*operand }, value, untyped, rng, state);
        }
        if instr.is_access() {
            instr.any_address(&layout, rng, state);
        }
        instr.any_divisor(rng);
        instr.fill_vector_register(&layout, state);
        instr.any_field(coherent, rng);
        instr.any_cast(rng);
        instr.any_object_size(coherent, rng, state);
        instr
    }

    /// Writes a vector that the instruction takes from the register for vectors there as well.
    fn fill_vector_register(&self, layout: &Layout, state: &mut State) {
        for operand in layout.operands.iter().filter(|operand| operand.is_vector_register()) {
            let slot = self.get(operand.field) as u16;
            state.vector = [*state.slot(slot), *state.slot(slot + 1)];
        }
    }

    /// Chooses where the result goes.
    fn any_result(&mut self, result: Operand, untyped: bool, rng: &mut Rng) {
        let Operand { kind, field, ty } = result;
        match kind {
            Kind::Slot if untyped => self.set(field, u64::from(ANY_TYPE_RESULT) + rng.below(4)),
            Kind::Slot | Kind::Both => self.set(field, slot_for(rng, ty).into()),
            Kind::JumpIf | Kind::JumpUnless => {
                let target = self.op.layout().target.expect("a jump has a target");
                self.set(target, distance(rng) as u64);
            }
            _ => {}
        }
    }

    /// Puts the value of an operand where the instruction finds it. `untyped`: operands of no
    /// certain type are in slots of their own.
    fn place_operand(
        &mut self,
        operand: Operand,
        value: u64,
        untyped: bool,
        rng: &mut Rng,
        state: &mut State,
    ) {
        let Operand { kind, field, ty } = operand;
        match kind {
            Kind::Reg if ty != ValType::V128 => {
                state.set_register(bank(ty), self.get(field) as u8, value);
            }
            Kind::Imm => self.set(field, value),
            _ => {
                let declared = Layout::of(self.op).operands;
                let whole = declared.iter().any(|own| own.field == field && own.ty == ValType::I64);
                let slot = match untyped && whole {
                    true => ANY_TYPE + rng.below(4) as u16,
                    false if self.object_operand(field, &mut Rng(0)).is_some() => {
                        any_object_slot(rng)
                    }
                    false => slot_for(rng, ty),
                };
                self.set(field, slot.into());
                *state.slot(slot) = value;
                if ty == ValType::V128 {
                    *state.slot(slot + 1) = rng.value(ty);
                }
            }
        }
    }

    /// Returns an address and an offset that mostly lead near an end of memory.
    fn any_address(&mut self, layout: &Layout, rng: &mut Rng, state: &mut State) {
        let near_end = MEMORY as u64 - 18 + rng.below(20);
        let target = [near_end, near_end, rng.below(MEMORY as u64), rng.value(ValType::I32)]
            [rng.below(4) as usize];
        let (_, kinds) = self.op.parts();
        let places = self.op.layout();
        let bytes = u64::from(self.op.meaning().row().bytes);
        // What the address is completed by: the end of the access or its offset.
        let (field, least) = match places.end {
            Some(end) => (end, bytes),
            None => (places.offset.expect("other accesses have an offset"), 0),
        };
        let indexed = self.op.meaning().row().shape == Shape::load && kinds.b != Kind::None;
        let most = if indexed { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
        let some =
            [0, 1, target / 2, target, rng.value(ValType::I32) & 0xff][rng.below(5) as usize];
        let constant = (some + least).min(most);
        let base = (target + least).wrapping_sub(constant) as u32;
        match (kinds.a, indexed) {
            (Kind::Imm, _) => self.set(field, (target + least).min(most)),
            (_, true) => {
                self.set(field, constant);
                let index = rng.value(ValType::I32) as u32;
                // The index last: both may be in the same place.
                self.set_operand(layout.operands[0], base.wrapping_sub(index).into(), state);
                self.set_operand(layout.operands[1], index.into(), state);
            }
            (_, false) => {
                self.set(field, constant);
                if kinds.a == Kind::Far {
                    let memory = places.memory.expect("a far access names its memory");
                    self.set(memory, rng.below(MEMORIES as u64));
                    // Sometimes such that the sum with the address, or with the length, does not
                    // fit.
                    if rng.below(4) == 0 {
                        self.set(field, rng.below(40).wrapping_neg());
                    }
                }
                self.set_operand(layout.operands[0], base.into(), state);
            }
        }
    }

    fn set_operand(&self, operand: Operand, value: u64, state: &mut State) {
        let number = self.get(operand.field);
        match operand.kind {
            Kind::Reg => state.set_register(bank(operand.ty), number as u8, value),
            _ => *state.slot(number as u16) = value,
        }
    }

    /// Makes its operands of 32 bits such where others write 64, and those of ops for both widths.
    pub(super) fn narrow(&self, state: &mut State) {
        use Meaning::{I64And, I64Or, I64Xor};
        let of_both = matches!(self.op.meaning(), I64And | I64Or | I64Xor);
        let mut operands = Layout::of(self.op).operands;
        operands.retain(|operand| of_both || operand.ty == ValType::I32);
        for operand in operands {
            let number = self.get(operand.field);
            match operand.kind {
                Kind::Reg => state.int[number as usize] &= u64::from(u32::MAX),
                Kind::Slot => *state.slot(number as u16) &= u64::from(u32::MAX),
                _ => {}
            }
        }
    }

    /// Returns the number of the native handler.
    pub(super) fn handler(&self) -> u32 {
        handler(self.op, self.operands.first().copied().unwrap_or(0))
    }

    /// Returns the same instruction with slots, and the state that it needs.
    pub(super) fn reference(&self, state: &State) -> Reference {
        let layout = Layout::of(self.op);
        let mut state = state.clone();
        let mut places = Vec::new();
        for (n, operand) in layout.operands.iter().enumerate() {
            let scratch = SCRATCH + 2 + 2 * n as u16;
            let value = match operand.kind {
                Kind::Reg if !operand.is_vector_register() => {
                    state.register(bank(operand.ty), self.get(operand.field) as u8)
                }
                Kind::Imm => self.immediate(operand),
                _ => {
                    places.push(self.get(operand.field) as u16);
                    continue;
                }
            };
            *state.slot(scratch) = value;
            places.push(scratch);
        }
        let result = layout.result.map(|result| match result.kind {
            Kind::Slot | Kind::Both => self.get(result.field) as u16,
            _ => PLACE_OF_RESULT,
        });
        let mut like = Self { op: layout.like, registers: [0; 4], operands: self.operands.clone() };
        if self.op.meaning().row().shape == Shape::control || self.op == layout.like {
            for (operand, place) in layout.operands.iter().zip(places) {
                like.set(operand.field, place.into());
            }
            if let (Some(operand), Some(place)) = (layout.result, result) {
                like.set(operand.field, place.into());
            }
        } else {
            like.operands = alloc::vec![0; layout.like.words() - 1];
            self.copy_numbers(&mut like);
            if self.is_access() {
                self.make_address_plain(&mut places, &mut state);
            }
            let Layout { result: to, operands, .. } = Layout::of(layout.like);
            if let (Some(operand), Some(place)) = (to, result) {
                like.set(operand.field, place.into());
            }
            for (operand, place) in operands.iter().zip(places) {
                like.set(operand.field, place.into());
            }
        }
        if moves_pins(self.op.meaning()).is_some() {
            like.operands.fill(0);
        }
        let head = Dispatch::Tail.head(layout.like);
        let words = core::iter::once(head).chain(like.operands).collect();
        Reference { words, state }
    }

    /// Gives `like` what is neither an operand nor the result.
    fn copy_numbers(&self, like: &mut Self) {
        let [from, to] = [self.op, like.op].map(Op::layout);
        let pairs = [(from.offset, to.offset), (from.end, to.end), (from.lane, to.lane)];
        for (from, to) in pairs {
            if let (Some(from), Some(to)) = (from, to) {
                like.set(to, self.get(from));
            }
        }
        let cast = from.cast.map(|cast| [cast.ty, cast.depth, cast.nullable]);
        let new = from.new.map(|new| [new.ty, new.size]);
        for field in cast.into_iter().flatten().chain(new.into_iter().flatten()) {
            like.set(field, self.get(field));
        }
    }

    /// Makes the address one slot, whatever it is of.
    fn make_address_plain(&self, places: &mut Vec<u16>, state: &mut State) {
        let (_, kinds) = self.op.parts();
        let address = SCRATCH + 10;
        if kinds.a == Kind::Imm {
            *state.slot(address) = 0;
            places.insert(0, address);
        } else if self.op.layout().dst.is_some() && places.len() == 2 {
            let sum = state.slot(places[0]).wrapping_add(*state.slot(places[1]));
            *state.slot(address) = u64::from(sum as u32);
            *places = alloc::vec![address];
        }
    }

    /// Brings what the reference has left in its slots to where it belongs. Gives how far the
    /// instruction jumps, if that is not where the reference went.
    pub(super) fn expect(&self, before: &State, after: &mut State) -> Option<isize> {
        let value = *after.slot(PLACE_OF_RESULT);
        let from = FRAME + usize::from(SCRATCH);
        after.slots[from..from + 12].copy_from_slice(&before.slots[from..from + 12]);
        if let Some(loads) = moves_pins(self.op.meaning()) {
            self.move_pins(loads, after);
        }
        let result = Layout::of(self.op).result?;
        let field = self.get(result.field) as u16;
        match result.kind {
            Kind::Reg => after.set_register(bank(result.ty), field as u8, value),
            Kind::Both => {
                let value = *after.slot(field);
                after.set_register(bank(result.ty), 0, value);
            }
            Kind::Slot if result.ty == ValType::V128 => {
                after.vector = [*after.slot(field), *after.slot(field + 1)];
            }
            Kind::JumpIf | Kind::JumpUnless => {
                let jumps = (value != 0) == (result.kind == Kind::JumpIf);
                let target = self.op.layout().target.expect("a jump has a target");
                let words = self.op.words() as isize;
                return Some(if jumps { self.get(target) as i32 as isize } else { words });
            }
            _ => {}
        }
        None
    }

    /// Returns `true` if the instruction leaves its result in the register for vectors.
    pub(super) fn leaves_vector(&self) -> bool {
        Layout::of(self.op).result.is_some_and(|result| result.ty == ValType::V128)
    }

    /// Moves locals between registers and slots, one after the other.
    fn move_pins(&self, loads: bool, state: &mut State) {
        let first = TEMPORARIES[Bank::Int as usize];
        for (register, operand) in (first..).zip(self.op.meaning().row().operands) {
            let slot = self.get(operand.field) as u16;
            if loads {
                let value = *state.slot(slot);
                state.set_register(Bank::Int, register, value);
            } else {
                *state.slot(slot) = state.register(Bank::Int, register);
            }
        }
    }

    /// Makes NaNs of computed results equal.
    pub(super) fn forget_payloads(&self, state: &mut State) {
        let Some(result) = Layout::of(self.op).result else { return };
        let quiet: fn(u64) -> u64 = match computed_floats(self.op.meaning()) {
            Some(32) => {
                |x| u64::from(quiet32(x as u32)) | u64::from(quiet32((x >> 32) as u32)) << 32
            }
            Some(_) => quiet64,
            None => return,
        };
        let field = self.get(result.field) as u16;
        if matches!(result.kind, Kind::Reg | Kind::Both) {
            let number = if result.kind == Kind::Both { 0 } else { field as u8 };
            let value = state.register(bank(result.ty), number);
            state.set_register(bank(result.ty), number, quiet(value));
        }
        if matches!(result.kind, Kind::Slot | Kind::Both) {
            let halves = if result.ty == ValType::V128 { 2 } else { 1 };
            for slot in field..field + halves {
                let value = *state.slot(slot);
                *state.slot(slot) = quiet(value);
            }
            if result.ty == ValType::V128 {
                state.vector = state.vector.map(quiet);
            }
        }
    }

    fn is_access(&self) -> bool {
        self.op.meaning().row().shape.is_access()
    }

    /// Returns the value of a constant operand, which is sign-extended from its field.
    fn immediate(&self, operand: &Operand) -> u64 {
        let bits = self.get(operand.field);
        let signed = match operand.field.width {
            16 => i64::from(bits as i16),
            32 => i64::from(bits as i32),
            _ => bits as i64,
        };
        match operand.ty {
            ValType::F64 | ValType::I64 => signed as u64,
            _ => u64::from(signed as u32),
        }
    }

    pub(super) fn get(&self, field: BitField) -> u64 {
        field.get(self.operands[usize::from(field.word) - 1])
    }

    pub(super) fn set(&mut self, field: BitField, value: u64) {
        let word = &mut self.operands[usize::from(field.word) - 1];
        *word = field.put(*word, value);
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

/// The width of the floats that an op computes, whose NaNs may have any payload; `None` if its
/// result is exact to the bit.
fn computed_floats(meaning: Meaning) -> Option<u32> {
    use Operation as O;
    match meaning.operation() {
        O::FloatBinary(FloatBinary::Copysign)
        | O::FloatUnary(FloatUnary::Abs | FloatUnary::Neg | FloatUnary::CanonicalizeNan)
        | O::VectorFloatBinary(VectorFloatBinary::PMin | VectorFloatBinary::PMax, _)
        | O::VectorFloatUnary(
            VectorFloatUnary::Abs | VectorFloatUnary::Neg | VectorFloatUnary::CanonicalizeNan,
            _,
        ) => None,
        O::FloatBinary(_) | O::FloatUnary(_) => {
            Some(if meaning.row().out == Some(ValType::F64) { 64 } else { 32 })
        }
        O::VectorFloatBinary(_, lanes)
        | O::VectorFloatUnary(_, lanes)
        | O::VectorTernary(VectorTernary::Madd | VectorTernary::Nmadd, lanes) => Some(lanes.bits()),
        _ => None,
    }
}

/// Returns a random lane number of the vectors that an op is for.
fn any_lane(meaning: Meaning, rng: &mut Rng) -> u16 {
    let Operation::Lane(_, lanes) = meaning.operation() else {
        panic!("{meaning:?} is for no lane");
    };
    rng.below(lanes.count().into()) as u16
}

/// Returns a jump distance that leads out of any sequence.
pub(super) fn distance(rng: &mut Rng) -> i32 {
    let distance = (JUMP as u64 + rng.below(60)) as i32;
    if rng.below(2) == 0 { distance } else { -distance }
}
