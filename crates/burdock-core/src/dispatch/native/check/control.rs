//! Operands of `control` ops that are neither slots nor registers, chosen at random.

use super::instr::{Instr, distance, slot_for};
use super::objects::{any_object, any_object_slot, any_vector_field};
use super::rig::{CELLS, ENTRIES, FRAME, GLOBALS, MEMORIES, Rig, STACK, State, TYPES};
use super::values::Rng;
use burdock_ir::{Meaning, Operands, ZEROED_GROUP, control};
use burdock_types::ValType;

impl Instr {
    /// Writes operands, each of which may be written again.
    fn write<O: Operands>(&mut self, operands: O) {
        let words = operands.words();
        self.operands[..words.as_ref().len()].copy_from_slice(words.as_ref());
    }

    /// Chooses what is neither a register nor a slot with an operand.
    pub(super) fn any_control(
        &mut self,
        meaning: Meaning,
        rng: &mut Rng,
        state: &mut State,
        rig: &Rig,
    ) {
        use Meaning as M;
        match meaning {
            M::Br | M::BrAtDeadline => self.write(control::Br { to: distance(rng) }),
            M::BrTable | M::BrTableR => {
                let last = rng.below(6) as u32;
                self.write(control::BrTable { index: 0, last });
                for _ in 0..=last {
                    // The upper half means nothing.
                    let to = u64::from(distance(rng) as u32) | rng.next() << 32;
                    self.operands.extend([to, Rig::end_head()]);
                }
            }
            M::Return | M::ReturnImm | M::ReturnSlot | M::ReturnI | M::ReturnF32 | M::ReturnF64 => {
                self.any_return(meaning, rng, state, rig);
            }
            M::Enter => {
                let room = (STACK - FRAME) as u32;
                let frame = room - 4 + rng.below(6) as u32;
                // Behind what a return may read.
                let first_local = 10 + rng.below(50) as u16;
                let locals = [0, 1, 2, 5][rng.below(4) as usize] * ZEROED_GROUP;
                self.write(control::Enter { first_local, locals, frame });
            }
            M::MemorySize => {
                let memory = rng.below(MEMORIES as u64) as u32;
                self.write(control::MemorySize { to: 0, memory });
            }
            M::TableGet | M::TableSet => {
                let table = rng.below(2) as u32;
                self.write(control::TableGet { to: 0, index: 0, table });
            }
            M::TableSize => {
                self.write(control::TableSize { to: 0, table: rng.below(2) as u32 });
            }
            _ if moves_pins(meaning).is_some() => {
                for operand in meaning.row().operands {
                    self.set(operand.field, slot_for(rng, ValType::I64).into());
                }
            }
            M::StructGetV128 | M::StructSetV128 => {
                self.write(control::StructGetV128 { to: 0, object: 0, at: any_vector_field(rng) });
            }
            M::ArrayFillNew => {
                let (array, value) = (any_object_slot(rng), slot_for(rng, ValType::I64));
                let log2_size = rng.below(4) as u16;
                let unused_bits = 64 - (8 << log2_size);
                let multiplier = u64::MAX / (u64::MAX >> unused_bits);
                self.write(control::ArrayFillNew {
                    array,
                    value,
                    log2_size,
                    unused_bits,
                    multiplier,
                });
                *state.slot(array) = any_object(rng);
                *state.slot(value) = rng.value(ValType::I64);
            }
            M::CopySpan => {
                let to = rng.below(20) as u16;
                let (from, len) = (to + rng.below(20) as u16, rng.below(8) as u16);
                self.write(control::CopySpan { to, from, len });
            }
            M::I64Add128 | M::I64Sub128 | M::I64MulWideS | M::I64MulWideU => {
                let first = rng.below(60) as u16;
                self.write(control::I64Add128 { first });
                for operand in 0..4 {
                    *state.slot(first + operand) = rng.value(ValType::I64);
                }
            }
            M::Count | M::CountIf => {
                let cell = rng.below(CELLS as u64) as u32;
                self.write(control::CountIf { condition: 0, cell });
            }
            M::BrIfWatched | M::BrIfWatchedR => {
                let (to, offset) = (distance(rng), rng.value(ValType::I64));
                self.write(control::BrIfWatched { address: 0, to, offset });
            }
            M::Anchor => {
                let site = rng.below(4) as u32;
                self.write(control::Anchor { frame_low: 0, frame_high: 0, site });
            }
            M::Observe => {
                let (frame_low, frame_high) = (rng.next() as u16, rng.below(2) as u16);
                let site = rng.below(8) as u32;
                self.write(control::Observe { frame_low, frame_high, site });
            }
            M::Const32 | M::Const32R => {
                self.write(control::Const32 { to: 0, value: rng.value(ValType::I32) as u32 });
            }
            M::Const64 | M::Const64R => {
                self.write(control::Const64 { to: 0, value: rng.value(ValType::I64) });
            }
            M::ConstV128 => {
                let [low, high] = [rng.value(ValType::V128), rng.value(ValType::V128)];
                self.write(control::ConstV128 { to: 0, low, high });
            }
            M::Shuffle | M::ShuffleR => {
                let [low, high] =
                    [rng.next(), rng.next()].map(|lanes| lanes & 0x1f1f_1f1f_1f1f_1f1f);
                self.write(control::Shuffle { to: 0, a: 0, b: 0, low, high });
            }
            M::GlobalGet
            | M::GlobalGetI
            | M::GlobalGetF32
            | M::GlobalGetF64
            | M::GlobalGetV128
            | M::GlobalSet
            | M::GlobalSetI
            | M::GlobalSetF32
            | M::GlobalSetF64
            | M::GlobalSetV128 => {
                let global = rng.below(GLOBALS as u64) as u32;
                self.write(control::GlobalGet { to: 0, global });
            }
            M::Call | M::CallIndirect | M::CallIndirectR | M::CallRef | M::CallRefR => {
                self.any_call(meaning, rng, rig);
            }
            M::ReturnCall | M::ReturnCallIndirect | M::ReturnCallRef => {
                self.any_tail_call(meaning, rng);
            }
            M::ConsumeFuel | M::CheckFuel | M::CheckFuelOrBr => {
                self.any_payment(meaning, rng, state);
            }
            _ => {}
        }
    }

    fn any_return(&mut self, meaning: Meaning, rng: &mut Rng, state: &mut State, rig: &Rig) {
        let record = 1 + rng.below(5) as u16;
        match meaning {
            Meaning::Return => self.write(control::Return { record }),
            Meaning::ReturnImm => {
                self.write(control::ReturnImm { record, value: rng.next() as u32 });
            }
            _ => self.write(control::ReturnSlot { record, value: 0 }),
        }
        *state.slot(record) = rig.address(distance(rng) as isize);
        *state.slot(record + 1) = rng.below(FRAME as u64);
    }

    fn any_call(&mut self, meaning: Meaning, rng: &mut Rng, rig: &Rig) {
        let (args, record) = (rng.below(60) as u16, rng.below(8) as u16);
        if meaning == Meaning::Call {
            let func = rng.below(ENTRIES.len() as u64) as u32;
            let guess = rig.entry(rng.below(ENTRIES.len() as u64) as usize);
            return self.write(control::Call { args, record, func, guess });
        }
        if matches!(meaning, Meaning::CallRef | Meaning::CallRefR) {
            return self.write(control::CallRef { args, func: 0, record });
        }
        let (ty, table) = (rng.below(TYPES.len() as u64) as u32, rng.below(2) as u32);
        self.write(control::CallIndirect { args, index: 0, record, ty, table });
    }

    fn any_tail_call(&mut self, meaning: Meaning, rng: &mut Rng) {
        let params = rng.below(8) as u16;
        let (args, record) = (rng.below(50) as u16, params + rng.below(3) as u16);
        let own_record = rng.below(12) as u16;
        if meaning == Meaning::ReturnCall {
            let func = rng.below(ENTRIES.len() as u64) as u32;
            return self.write(control::ReturnCall { args, own_record, record, params, func });
        }
        if meaning == Meaning::ReturnCallRef {
            let func = 0;
            return self.write(control::ReturnCallRef { args, own_record, record, params, func });
        }
        let (ty, table) = (rng.below(TYPES.len() as u64) as u32, rng.below(2) as u32);
        let index = 0;
        self.write(control::ReturnCallIndirect {
            args,
            index,
            record,
            params,
            ty,
            table,
            own_record,
        });
    }

    fn any_payment(&mut self, meaning: Meaning, rng: &mut Rng, state: &State) {
        match meaning {
            Meaning::ConsumeFuel => {
                self.write(control::ConsumeFuel { cost: any_cost(rng, state) as u32 });
            }
            Meaning::CheckFuel => {
                let about = any_cost(rng, state) as u16;
                let least = [about, rng.next() as u16][rng.below(2) as usize];
                self.write(control::CheckFuel { least, cost: any_cost(rng, state) as u32 });
            }
            _ => {
                let cost = any_cost(rng, state);
                self.write(control::CheckFuelOrBr { to: distance(rng), cost });
            }
        }
    }
}

/// Returns, for an op that moves locals between registers and slots, whether it moves to registers.
pub(super) fn moves_pins(meaning: Meaning) -> Option<bool> {
    use Meaning as M;
    match meaning {
        M::StorePins2 | M::StorePins3 => Some(false),
        M::LoadPins2 | M::LoadPins3 => Some(true),
        _ => None,
    }
}

/// Returns a random cost of a segment: about the remaining fuel, or any.
fn any_cost(rng: &mut Rng, state: &State) -> u64 {
    let about = (state.fuel.max(0) as u64 + rng.below(3)).saturating_sub(1);
    [about, rng.value(ValType::I32)][rng.below(2) as usize]
}
