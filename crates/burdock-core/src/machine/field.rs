//! Fields of structures and elements of arrays.
//!
//! A reference that is null, 0, is found by the bounds check of the heap: no object lies there.

use super::operand::{Banked, Both, Dest, Imm, InSlot, Reg, Short, Slot, Source};
use super::table::{Entry, NO_OPERAND, NO_RESULT};
use super::{Flow, Instruction, Machine, OutOfLine};
use crate::heap::HEADER;
use burdock_ir::sem::{self, Bytes};
use burdock_ir::{BitField, Kind, Kinds, Operands, control};
use burdock_types::{Trap, V128};
use core::marker::PhantomData;

/// The offset of an array's length from the array's beginning.
const LENGTH: u32 = 4;

/// Returns bytes in the order of the processor, given in that of memories, or the other way round.
#[inline(always)]
fn reordered<B: Bytes>(mut bytes: B) -> B {
    if cfg!(target_endian = "big") {
        bytes.as_mut().reverse();
    }
    bytes
}

impl Machine {
    /// Reads bytes of an object, as a load from a memory would read them.
    #[inline(always)]
    fn read_object<B: Bytes>(&mut self, offset: u32) -> Option<B> {
        self.vm().heap.get(offset).map(reordered)
    }

    /// Writes bytes of an object, and lets the collector know of a reference.
    #[inline(always)]
    fn write_object<Op: sem::Store>(&mut self, offset: u32, bytes: Op::Bytes) -> Option<()> {
        let heap = &mut self.vm().heap;
        heap.set(offset, reordered(bytes))?;
        if Op::IS_REFERENCE {
            heap.mark_card(offset);
        }
        Some(())
    }

    /// Returns the offset in the heap of an array's element.
    #[inline(always)]
    fn element(&mut self, array: i32, index: i32, size: usize) -> Result<u32, Trap> {
        let (array, index) = (array as u32, index as u32);
        let len = self.vm().heap.get(array.wrapping_add(LENGTH)).ok_or(Trap::NullReference)?;
        match index < u32::from_ne_bytes(len) {
            true => Ok(array.wrapping_add(HEADER).wrapping_add(index.wrapping_mul(size as u32))),
            false => Err(Trap::ArrayOutOfBounds),
        }
    }

    /// Returns the offset in the heap of the field that the instruction names.
    #[inline(always)]
    fn field_offset(&self, object: i32) -> u32 {
        (object as u32).wrapping_add(self.field(BitField::UPPER) as u32)
    }
}

/// A read of a structure's field.
struct FieldGet<Op, D, A>(PhantomData<(Op, D, A)>);

impl<Op: sem::Load, D: Dest<Op::Out>, A: Source<i32>> Instruction for FieldGet<Op, D, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let offset = m.field_offset(A::get(m));
        let bytes = m.read_object(offset).ok_or(Trap::NullReference)?;
        D::set(m, Op::load(bytes));
        m.advance(2);
        Ok(())
    }
}

/// A write of a structure's field.
struct FieldSet<Op, A, V>(PhantomData<(Op, A, V)>);

impl<Op: sem::Store, A: Source<i32>, V: Source<Op::A>> Instruction for FieldSet<Op, A, V> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let bytes = Op::store(V::get(m));
        let offset = m.field_offset(A::get(m));
        m.write_object::<Op>(offset, bytes).ok_or(Trap::NullReference)?;
        m.advance(2);
        Ok(())
    }
}

/// A read of an array's element.
struct ElementGet<Op, D, A, B>(PhantomData<(Op, D, A, B)>);

impl<Op, D, A, B> Instruction for ElementGet<Op, D, A, B>
where
    Op: sem::Load,
    D: Dest<Op::Out>,
    A: Source<i32>,
    B: Source<i32>,
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (array, index) = (A::get(m), B::get(m));
        let offset = m.element(array, index, Op::Bytes::SIZE)?;
        let bytes = m.read_object(offset).ok_or(Trap::ArrayOutOfBounds)?;
        D::set(m, Op::load(bytes));
        m.advance(2);
        Ok(())
    }
}

/// A write of an array's element.
struct ElementSet<Op, A, B, V>(PhantomData<(Op, A, B, V)>);

impl<Op, A, B, V> Instruction for ElementSet<Op, A, B, V>
where
    Op: sem::Store,
    A: Source<i32>,
    B: Source<i32>,
    V: Source<Op::A>,
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let bytes = Op::store(V::get(m));
        let (array, index) = (A::get(m), B::get(m));
        let offset = m.element(array, index, Op::Bytes::SIZE)?;
        m.write_object::<Op>(offset, bytes).ok_or(Trap::ArrayOutOfBounds)?;
        m.advance(2);
        Ok(())
    }
}

/// Returns the handlers of a read of a field.
pub(crate) const fn field_get<Op: sem::Load<Out: Banked>>(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Reg => field_get_to::<Op, Reg>(kinds),
        Kind::Slot => field_get_to::<Op, Slot<0>>(kinds),
        Kind::Both => field_get_to::<Op, Both>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn field_get_to<Op: sem::Load, D: Dest<Op::Out>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<FieldGet<Op, D, Slot<1>>>(kinds),
        Kind::Reg => Entry::of::<FieldGet<Op, D, Reg>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a write of a field: of an integer or a reference.
pub(crate) const fn field_set<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry
where
    Short<1>: Source<Op::A>,
{
    match kinds.b {
        Kind::Imm => field_set_of::<Op, Short<1>>(kinds),
        _ => float_field_set::<Op>(kinds),
    }
}

/// Returns the handlers of a write of a field: of a float, or of an integer that is no immediate.
pub(crate) const fn float_field_set<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry {
    match kinds.b {
        Kind::Slot => field_set_of::<Op, Slot<1>>(kinds),
        Kind::Reg => field_set_of::<Op, Reg>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn field_set_of<Op: sem::Store, V: Source<Op::A>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<FieldSet<Op, Slot<0>, V>>(kinds),
        Kind::Reg => Entry::of::<FieldSet<Op, Reg, V>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a read of an element.
pub(crate) const fn element_get<Op: sem::Load<Out: Banked>>(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Reg => element_get_to::<Op, Reg>(kinds),
        Kind::Slot => element_get_to::<Op, Slot<0>>(kinds),
        Kind::Both => element_get_to::<Op, Both>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn element_get_to<Op: sem::Load, D: Dest<Op::Out>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => element_get_of::<Op, D, Slot<1>>(kinds),
        Kind::Reg => element_get_of::<Op, D, Reg>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn element_get_of<Op: sem::Load, D: Dest<Op::Out>, A: Source<i32>>(kinds: Kinds) -> Entry {
    match kinds.b {
        Kind::Slot => Entry::of::<ElementGet<Op, D, A, Slot<2>>>(kinds),
        Kind::Reg => Entry::of::<ElementGet<Op, D, A, Reg>>(kinds),
        Kind::Imm => Entry::of::<ElementGet<Op, D, A, Imm>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a write of an element: of an integer or a reference.
pub(crate) const fn element_set<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry
where
    Short<2>: Source<Op::A>,
{
    match kinds.b {
        Kind::Imm => element_set_of::<Op, Short<2>>(kinds),
        _ => float_element_set::<Op>(kinds),
    }
}

/// Returns the handlers of a write of an element: of a float, or of an integer that is no
/// immediate.
pub(crate) const fn float_element_set<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry {
    match kinds.b {
        Kind::Slot => element_set_of::<Op, Slot<2>>(kinds),
        Kind::Reg => element_set_of::<Op, Reg>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn element_set_of<Op: sem::Store, V: Source<Op::A>>(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Slot => element_set_in::<Op, Slot<0>, V>(kinds),
        Kind::Reg => element_set_in::<Op, Reg, V>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn element_set_in<Op: sem::Store, A: Source<i32>, V: Source<Op::A>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<ElementSet<Op, A, Slot<1>, V>>(kinds),
        Kind::Reg => Entry::of::<ElementSet<Op, A, Reg, V>>(kinds),
        Kind::Imm => Entry::of::<ElementSet<Op, A, Short<1>, V>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// The number of bytes of a vector.
const VECTOR: usize = 16;

impl Machine {
    /// Returns the object that a slot refers to, as a number; 0 for null.
    fn object_in(&self, slot: u16) -> i32 {
        self.slot(slot) as i32
    }

    /// Copies a vector from the heap to slots. `None` if there is no object.
    fn read_vector(&mut self, offset: u32, to: u16) -> Option<()> {
        let halves = [0, 8].map(|half| self.vm().heap.get(offset.wrapping_add(half)));
        let [low, high] = [u64::from_ne_bytes(halves[0]?), u64::from_ne_bytes(halves[1]?)];
        V128::write(self, to, V128::from_halves([low, high]));
        Some(())
    }

    /// Copies a vector from slots to the heap. `None` if there is no object.
    fn write_vector(&mut self, offset: u32, from: u16) -> Option<()> {
        let [low, high] = V128::read(self, from).to_halves();
        let heap = &mut self.vm().heap;
        heap.set(offset, low.to_ne_bytes())?;
        heap.set(offset.wrapping_add(8), high.to_ne_bytes())
    }
}

/// A read of a structure's field that is a vector.
pub(crate) struct StructGetV128;

impl OutOfLine for StructGetV128 {
    fn run(m: &mut Machine) -> Flow {
        let control::StructGetV128 { to, object, at } = m.operands();
        let offset = (m.object_in(object) as u32).wrapping_add(at);
        m.read_vector(offset, to).ok_or(Trap::NullReference)?;
        m.advance(control::StructGetV128::LENGTH);
        Ok(())
    }
}

/// A write of a structure's field that is a vector.
pub(crate) struct StructSetV128;

impl OutOfLine for StructSetV128 {
    fn run(m: &mut Machine) -> Flow {
        let control::StructSetV128 { object, value, at } = m.operands();
        let offset = (m.object_in(object) as u32).wrapping_add(at);
        m.write_vector(offset, value).ok_or(Trap::NullReference)?;
        m.advance(control::StructSetV128::LENGTH);
        Ok(())
    }
}

/// A read of an array's element that is a vector.
pub(crate) struct ArrayGetV128;

impl OutOfLine for ArrayGetV128 {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayGetV128 { to, array, index } = m.operands();
        let offset = m.element(m.object_in(array), m.slot(index) as i32, VECTOR)?;
        m.read_vector(offset, to).ok_or(Trap::ArrayOutOfBounds)?;
        m.advance(control::ArrayGetV128::LENGTH);
        Ok(())
    }
}

/// A write of an array's element that is a vector.
pub(crate) struct ArraySetV128;

impl OutOfLine for ArraySetV128 {
    fn run(m: &mut Machine) -> Flow {
        let control::ArraySetV128 { array, index, value } = m.operands();
        let offset = m.element(m.object_in(array), m.slot(index) as i32, VECTOR)?;
        m.write_vector(offset, value).ok_or(Trap::ArrayOutOfBounds)?;
        m.advance(control::ArraySetV128::LENGTH);
        Ok(())
    }
}
