//! The objects of the rig's heap, and values that refer to them.

use super::instr::Instr;
use super::layout::Layout;
use super::rig::{ELEMENTS, FRAME, State};
use super::values::Rng;
use crate::TypeId;
use crate::heap::{Contents, FIRST, GROWTH_UNIT, HEADER, Heap, RuntimeType, Storage, TypeDesc};
use alloc::vec::Vec;
use burdock_ir::operands::{CastLayout, NO_SLOT, NewLayout, pins_word};
use burdock_ir::{BitField, Kind, Meaning, Shape, control};
use burdock_types::ValType;

/// The bytes of the heap that a state has: the objects, and behind them the current run.
pub(super) const HEAP: usize = RUN + 256;
const RUN: usize = 256;

/// The size of the largest new object in bytes.
const LARGEST_NEW: u32 = 40;

/// The objects: position, type and length.
const OBJECTS: [(u32, u32, u32); 5] =
    [(0, 2, 0), (64, 3, 0), (112, 4, 0), (160, 5, 5), (208, 5, 0)];

/// The types of the module, of which the store has the numbers from 2 on: each with its supertypes.
/// The third is final, and the fourth an array type.
const TYPES: [&[TypeId]; 5] = [
    &[TypeId(20)],
    &[TypeId(20), TypeId(21)],
    &[TypeId(20), TypeId(21), TypeId(22)],
    &[TypeId(23)],
    &[TypeId(24)],
];

/// The number of supertypes of each type.
const DEPTHS: [u64; TYPES.len()] = [0, 1, 2, 0, 0];

/// Ops with the reference of a function.
pub(super) const REFERRING: [Meaning; 3] =
    [Meaning::CallRef, Meaning::CallRefR, Meaning::ReturnCallRef];

/// The offset of the first field, and an offset behind all.
const FIELDS: u64 = HEADER as u64;
const LARGEST_FIELD: u64 = 40;

/// Adds the types to a heap with memory; returns the store's numbers of the module's types.
pub(super) fn begin(heap: &mut Heap) -> Vec<RuntimeType> {
    heap.grow(1).expect("it is small");
    let types = TYPES.iter().enumerate().map(|(number, supertypes)| {
        let contents = match number {
            3 => Contents::Array(Storage::I64),
            _ => Contents::Struct(&[Storage::I64]),
        };
        heap.add_type(&TypeDesc { supertypes, is_final: number == 2, contents })
    });
    types.collect()
}

/// Returns random contents of the heap: objects whose fields are any bytes, or references.
pub(super) fn any_heap(rng: &mut Rng, references: bool) -> [u8; HEAP] {
    let mut heap = [0; HEAP];
    for word in heap.chunks_exact_mut(4) {
        let value = if references { any_object(rng) } else { rng.next() };
        word.copy_from_slice(&(value as u32).to_ne_bytes());
    }
    for (position, ty, len) in OBJECTS {
        let header = &mut heap[position as usize..][..HEADER as usize];
        header[..4].copy_from_slice(&ty.to_ne_bytes());
        header[4..].copy_from_slice(&len.to_ne_bytes());
    }
    heap
}

/// Returns a random position in the current run.
pub(super) fn any_cursor(rng: &mut Rng) -> u32 {
    FIRST + (RUN + 8 * rng.below(30) as usize) as u32
}

/// Returns `true` for a reference to an object.
fn is_object(value: u64) -> bool {
    OBJECTS.iter().any(|&(position, ..)| value == u64::from(FIRST + position))
}

/// Returns a reference to an object.
pub(super) fn any_object(rng: &mut Rng) -> u64 {
    let (position, ..) = OBJECTS[rng.below(OBJECTS.len() as u64) as usize];
    u64::from(FIRST + position)
}

/// Returns an index about the lengths of arrays, or any.
fn any_index(rng: &mut Rng) -> u64 {
    match rng.below(4) {
        0 => rng.value(ValType::I32),
        _ => rng.below(6),
    }
}

/// Returns a reference: to an object, null, an `i31`, or a number below all offsets.
fn any_reference(rng: &mut Rng) -> u64 {
    match rng.below(8) {
        0 => 0,
        1 => u64::from(rng.next() as u32 | 1),
        2 => rng.below(u64::from(FIRST)) & !1,
        3 => (rng.next() | 1 << 32) & !1,
        _ => any_object(rng),
    }
}

/// Slots for references and indices of elements, which nothing else writes.
const OBJECT_SLOT: u16 = 92;

/// Returns a slot for a reference.
pub(super) fn any_object_slot(rng: &mut Rng) -> u16 {
    OBJECT_SLOT + rng.below(4) as u16
}

/// Returns the offset of a field that is a vector.
pub(super) fn any_vector_field(rng: &mut Rng) -> u32 {
    (FIELDS + rng.below(LARGEST_FIELD - FIELDS)) as u32 & !3
}

/// Returns where an op that accesses a vector has its object and its index.
fn vector_member(meaning: Meaning) -> Option<(BitField, Option<BitField>)> {
    use control::{ArrayGetV128, ArraySetV128, StructGetV128, StructSetV128};
    Some(match meaning {
        Meaning::StructGetV128 => (StructGetV128::object(), None),
        Meaning::StructSetV128 => (StructSetV128::object(), None),
        Meaning::ArrayGetV128 => (ArrayGetV128::array(), Some(ArrayGetV128::index())),
        Meaning::ArraySetV128 => (ArraySetV128::array(), Some(ArraySetV128::index())),
        _ => return None,
    })
}

/// Returns null or a reference to an object.
fn any_nullable(rng: &mut Rng) -> u64 {
    match rng.below(8) {
        0 => 0,
        _ => any_object(rng),
    }
}

impl Instr {
    /// Returns a value for an operand that is a reference to an object or the index of an element.
    pub(super) fn object_operand(&self, field: BitField, rng: &mut Rng) -> Option<u64> {
        let (meaning, _) = self.op.parts();
        let (shape, layout) = (meaning.row().shape, self.op.layout());
        if let Some((object, index)) = vector_member(meaning) {
            let index = index.filter(|index| *index == field).map(|_| any_index(rng));
            return index.or_else(|| (object == field).then(|| any_nullable(rng)));
        }
        let first = if shape.is_element_set() { layout.dst } else { layout.a };
        let index = match shape {
            Shape::element_get => layout.b,
            Shape::element_set | Shape::float_element_set => layout.a,
            _ => None,
        };
        match shape {
            Shape::cast | Shape::cast_test if layout.a == Some(field) => Some(any_reference(rng)),
            _ if index == Some(field) => Some(any_index(rng)),
            Shape::array_new if layout.a == Some(field) => Some(rng.below(4)),
            _ if shape.is_object_access() && first == Some(field) => Some(any_nullable(rng)),
            _ => None,
        }
    }

    /// Chooses the offset of a field. With `coherent`, references are read where there are some.
    pub(super) fn any_field(&mut self, coherent: bool, rng: &mut Rng) {
        let (meaning, _) = self.op.parts();
        if let Some(offset) = self.op.layout().offset.filter(|_| {
            matches!(
                meaning.row().shape,
                Shape::field_get | Shape::field_set | Shape::float_field_set
            )
        }) {
            let at = FIELDS + rng.below(LARGEST_FIELD - FIELDS);
            self.set(offset, if coherent { at & !3 } else { at });
        }
    }

    /// Chooses the type that a cast asks for.
    pub(super) fn any_cast(&mut self, rng: &mut Rng) {
        if let Some(CastLayout { ty, depth, nullable }) = self.op.layout().cast {
            if let Meaning::RefTestClass | Meaning::RefCastClass = self.op.meaning() {
                return self.set(ty, rng.below(256));
            }
            let number = rng.below(DEPTHS.len() as u64);
            self.set(ty, number);
            self.set(depth, DEPTHS[number as usize]);
            self.set(nullable, rng.below(2));
        }
    }

    /// Chooses the size of a new object, for which the current run has room; with `coherent`, room
    /// for several.
    pub(super) fn any_object_size(&mut self, coherent: bool, rng: &mut Rng, state: &mut State) {
        let Some(NewLayout { ty, size, pins }) = self.op.layout().new else { return };
        self.set(pins, pins_word([NO_SLOT; 3]));
        self.set(ty, rng.below(DEPTHS.len() as u64));
        match self.op.meaning().row().shape {
            Shape::struct_new => self.set(size, 1 + rng.below(5)),
            _ => self.set(size, rng.below(4)),
        }
        let [start, end] = [RUN, HEAP].map(|position| FIRST + position as u32);
        state.cursor = if coherent { start } else { state.cursor.min(end - LARGEST_NEW) };
    }

    /// Returns `true` if the instruction would access an object or call a function where there is
    /// none, which only invalid programs do.
    pub(super) fn strays(&self, state: &State) -> bool {
        if self.op.meaning() == Meaning::ArrayFillNew {
            let array = self.get(control::ArrayFillNew::array()) as usize;
            return !is_object(state.slots[FRAME + array]);
        }
        let Some(object) = Layout::of(self.op).operands.first().copied() else { return false };
        let value = || {
            let number = self.get(object.field) as usize;
            if object.kind == Kind::Reg { state.int[number] } else { state.slots[FRAME + number] }
        };
        let meaning = self.op.meaning();
        match meaning.row().shape {
            _ if REFERRING.contains(&meaning) => !ELEMENTS.contains(&value()),
            Shape::cast | Shape::cast_test => misleads(value()),
            shape if shape.is_object_access() || vector_member(meaning).is_some() => {
                value() != 0 && !is_object(value())
            }
            _ => false,
        }
    }
}

/// Returns `true` for a number that a cast could take for a reference, although it is none. Casts
/// tell other numbers from references, as long as they do not lead to bytes of the heap.
fn misleads(value: u64) -> bool {
    let low = value as u32;
    let leads_to_bytes = low >= FIRST && low - FIRST < GROWTH_UNIT;
    let is_offset = leads_to_bytes || u32::try_from(value).is_ok_and(|value| value >= FIRST);
    value & 1 == 0 && is_offset && !is_object(value)
}
