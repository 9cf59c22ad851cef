//! Loads and stores.

use super::operand::{Banked, Both, Dest, InSlot, Reg, Short, Slot, Source};
use super::table::{Entry, NO_OPERAND, NO_RESULT};
use super::{CheckedBytes, Flow, Instruction, Machine, OutOfLine};
use burdock_ir::operands::Layout;
use burdock_ir::sem::{self, Bytes};
use burdock_ir::{BitField, Kind, Kinds, Shape};
use burdock_types::{Trap, V128};
use core::marker::PhantomData;

/// The address of an access to memory 0.
pub(crate) trait Address {
    const A: Kind;
    /// The index that is added, of a load.
    const B: Kind = Kind::None;
    /// Returns the address of the first byte behind the access.
    fn end(m: &Machine) -> u64;
}

/// The place of the end of an access to memory 0.
const NEAR: BitField = layout(Shape::load, Kind::Slot, Kind::Slot, Kind::None).end.unwrap();
/// The place of the end of a load whose address is a sum.
const INDEXED: BitField = layout(Shape::load, Kind::Slot, Kind::Slot, Kind::Slot).end.unwrap();
/// The place of a lane number.
const LANE: BitField = layout(Shape::load_lane, Kind::Slot, Kind::Slot, Kind::Slot).lane.unwrap();

const fn layout(shape: Shape, dst: Kind, a: Kind, b: Kind) -> Layout {
    Layout::of(shape, Kinds::new(dst, a, b), None)
}

/// The places of the operands of an access to any memory.
#[derive(Clone, Copy)]
struct Far {
    address: BitField,
    offset: BitField,
    memory: BitField,
}

/// Returns where the operands lie of an access to any memory that has such a result.
const fn far(shape: Shape, dst: Kind) -> Far {
    let b = if matches!(shape, Shape::load) { Kind::None } else { Kind::Slot };
    let Layout { a, offset, memory, .. } = layout(shape, dst, Kind::Far, b);
    Far { address: a.unwrap(), offset: offset.unwrap(), memory: memory.unwrap() }
}

/// A constant address, which is part of the end.
pub(crate) struct Constant;
/// The sum of two operands, as `i32.add` makes it.
pub(crate) struct Indexed<A, B = Slot<2>>(PhantomData<(A, B)>);

impl Address for Reg {
    const A: Kind = Kind::Reg;
    #[inline(always)]
    fn end(m: &Machine) -> u64 {
        m.int + m.field(NEAR)
    }
}

impl<const F: usize> Address for Slot<F> {
    const A: Kind = Kind::Slot;
    #[inline(always)]
    fn end(m: &Machine) -> u64 {
        m.slot(m.field(BitField::quarter(F as u8)) as u16) + m.field(NEAR)
    }
}

impl Address for Constant {
    const A: Kind = Kind::Imm;
    #[inline(always)]
    fn end(m: &Machine) -> u64 {
        m.field(NEAR)
    }
}

impl<A: Source<i32>, B: Source<i32>> Address for Indexed<A, B> {
    const A: Kind = A::KIND;
    const B: Kind = B::KIND;
    #[inline(always)]
    fn end(m: &Machine) -> u64 {
        let sum = A::get(m).wrapping_add(B::get(m));
        u64::from(sum as u32) + m.field(INDEXED)
    }
}

/// A load from memory 0.
struct Load<Op, D, A>(PhantomData<(Op, D, A)>);

impl<Op: sem::Load, D: Dest<Op::Out>, A: Address> Instruction for Load<Op, D, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = Op::load(m.near(A::end(m))?.read());
        D::set(m, value);
        m.advance(2);
        Ok(())
    }
}

impl<Op: sem::Load, D: Dest<Op::Out>, A: Address> Load<Op, D, A> {
    const ENTRY: Entry = Entry::of::<Self>(Kinds::new(D::KIND, A::A, A::B));
}

/// A store to memory 0.
struct Store<Op, A, V>(PhantomData<(Op, A, V)>);

impl<Op: sem::Store, A: Address, V: Source<Op::A>> Instruction for Store<Op, A, V> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let bytes = Op::store(V::get(m));
        m.near(A::end(m))?.write(bytes);
        m.advance(2);
        Ok(())
    }
}

impl<Op: sem::Store, A: Address, V: Source<Op::A>> Store<Op, A, V> {
    const ENTRY: Entry = Entry::of::<Self>(Kinds::new(Kind::None, A::A, V::KIND));
}

impl Machine {
    /// Returns the bytes of an access to any memory, at any address and offset, if they lie within.
    #[inline(always)]
    fn far<B: Bytes>(&mut self, at: Far) -> Result<CheckedBytes<B>, Trap> {
        let address = self.slot(self.field(at.address) as u16);
        let offset = self.field(at.offset);
        let memory = self.field(at.memory) as usize;
        let memory = self.instance().memories[memory].0;
        // SAFETY: [ADDR] the instance's memories live as long as the store.
        let memory = unsafe { memory.as_ref() };
        let start = address.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)?;
        let end = start.checked_add(B::SIZE as u64).ok_or(Trap::MemoryOutOfBounds)?;
        if end > memory.len as u64 {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(CheckedBytes(memory.data.as_ptr().wrapping_add(start as usize).cast()))
    }
}

/// A load from any memory.
struct LoadFar<Op>(PhantomData<Op>);

impl<Op: sem::Load<Out: InSlot>> Instruction for LoadFar<Op> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let bytes = m.far(const { far(Shape::load, Kind::Slot) })?.read();
        <Slot<0> as Dest<Op::Out>>::set(m, Op::load(bytes));
        m.advance(3);
        Ok(())
    }
}

impl<Op: sem::Load<Out: InSlot>> LoadFar<Op> {
    const ENTRY: Entry = Entry::of::<Self>(Kinds::new(Kind::Slot, Kind::Far, Kind::None));
}

/// A store to any memory.
struct StoreFar<Op>(PhantomData<Op>);

impl<Op: sem::Store<A: InSlot>> Instruction for StoreFar<Op> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let bytes = Op::store(<Slot<1> as Source<Op::A>>::get(m));
        m.far(const { far(Shape::store, Kind::None) })?.write(bytes);
        m.advance(3);
        Ok(())
    }
}

impl<Op: sem::Store<A: InSlot>> StoreFar<Op> {
    const ENTRY: Entry = Entry::of::<Self>(Kinds::new(Kind::None, Kind::Far, Kind::Slot));
}

/// Returns the handlers of a load of a scalar.
pub(crate) const fn load<Op: sem::Load<Out: Banked>>(kinds: Kinds) -> Entry {
    match (kinds.dst, kinds.a) {
        (Kind::Slot, Kind::Far) => LoadFar::<Op>::ENTRY,
        (Kind::Reg, _) => load_to::<Op, Reg>(kinds),
        (Kind::Slot, _) => load_to::<Op, Slot<0>>(kinds),
        (Kind::Both, _) => load_to::<Op, Both>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn load_to<Op: sem::Load, D: Dest<Op::Out>>(kinds: Kinds) -> Entry {
    match (kinds.a, kinds.b) {
        (Kind::Slot, Kind::None) => Load::<Op, D, Slot<1>>::ENTRY,
        (Kind::Reg, Kind::None) => Load::<Op, D, Reg>::ENTRY,
        (Kind::Imm, Kind::None) => Load::<Op, D, Constant>::ENTRY,
        (Kind::Slot, Kind::Slot) => Load::<Op, D, Indexed<Slot<1>>>::ENTRY,
        (Kind::Reg, Kind::Slot) => Load::<Op, D, Indexed<Reg>>::ENTRY,
        (Kind::Reg, Kind::Reg) => Load::<Op, D, Indexed<Reg, Reg>>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a store of an integer.
pub(crate) const fn store<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry
where
    Short<1>: Source<Op::A>,
{
    match kinds.b {
        Kind::Imm => store_of::<Op, Short<1>>(kinds.a),
        _ => float_store::<Op>(kinds),
    }
}

/// Returns the handlers of a store of a float, or of an integer that is no immediate.
pub(crate) const fn float_store<Op: sem::Store<A: Banked>>(kinds: Kinds) -> Entry {
    match (kinds.a, kinds.b) {
        (Kind::Far, Kind::Slot) => StoreFar::<Op>::ENTRY,
        (a, Kind::Slot) => store_of::<Op, Slot<1>>(a),
        (a, Kind::Reg) => store_of::<Op, Reg>(a),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn store_of<Op: sem::Store, V: Source<Op::A>>(a: Kind) -> Entry {
    match a {
        Kind::Slot => Store::<Op, Slot<0>, V>::ENTRY,
        Kind::Reg => Store::<Op, Reg, V>::ENTRY,
        Kind::Imm => Store::<Op, Constant, V>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a load of a vector.
pub(crate) const fn vector_load<Op: sem::Load<Out = V128>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Load::<Op, Slot<0>, Slot<1>>::ENTRY,
        Kind::Reg => Load::<Op, Slot<0>, Reg>::ENTRY,
        Kind::Far => LoadFar::<Op>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a store of a vector.
pub(crate) const fn vector_store<Op: sem::Store<A = V128>>(kinds: Kinds) -> Entry {
    match kinds.a {
        // A vector that is in a register is in its slot as well.
        Kind::Slot => Store::<Op, Slot<0>, Slot<1>>::ENTRY.with(kinds),
        Kind::Reg => Store::<Op, Reg, Slot<1>>::ENTRY.with(kinds),
        Kind::Far => StoreFar::<Op>::ENTRY,
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the length in words of an access to one lane. The memory's number follows only if the
/// memory may be another than memory 0.
const fn lane_words(far: bool) -> usize {
    if far { 4 } else { 3 }
}

impl Machine {
    /// Returns the place of an access to one lane.
    fn lane_place<B: Bytes, const FAR: bool>(&mut self, at: Far) -> Result<CheckedBytes<B>, Trap> {
        match FAR {
            true => self.far(at),
            // Addresses and offsets have 32 bits.
            false => {
                let start = self.slot(self.field(at.address) as u16) + self.field(at.offset);
                self.near(start + B::SIZE as u64)
            }
        }
    }
}

/// A load into one lane of a vector.
struct LoadLane<Op, const FAR: bool>(PhantomData<Op>);

impl<Op: sem::LoadLane, const FAR: bool> OutOfLine for LoadLane<Op, FAR> {
    fn run(m: &mut Machine) -> Flow {
        let vector = <Slot<2> as Source<V128>>::get(m);
        let bytes = m.lane_place::<_, FAR>(far(Shape::load_lane, Kind::Slot))?.read();
        let value = Op::load(bytes, vector, m.field(LANE) as u8);
        <Slot<0> as Dest<V128>>::set(m, value);
        m.advance(lane_words(FAR));
        Ok(())
    }
}

/// A store of one lane of a vector.
struct StoreLane<Op, const FAR: bool>(PhantomData<Op>);

impl<Op: sem::StoreLane, const FAR: bool> OutOfLine for StoreLane<Op, FAR> {
    fn run(m: &mut Machine) -> Flow {
        let bytes = Op::store(<Slot<1> as Source<V128>>::get(m), m.field(LANE) as u8);
        m.lane_place::<_, FAR>(far(Shape::store_lane, Kind::None))?.write(bytes);
        m.advance(lane_words(FAR));
        Ok(())
    }
}

/// Returns the handlers of a load into one lane.
pub(crate) const fn load_lane<Op: sem::LoadLane>(kinds: Kinds) -> Entry {
    let slots = Kinds::new(Kind::Slot, Kind::Slot, Kind::Slot);
    match kinds.a {
        Kind::Slot => Entry::of::<LoadLane<Op, false>>(slots),
        Kind::Far => Entry::of::<LoadLane<Op, true>>(Kinds { a: Kind::Far, ..slots }),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a store of one lane.
pub(crate) const fn store_lane<Op: sem::StoreLane>(kinds: Kinds) -> Entry {
    let slots = Kinds::new(Kind::None, Kind::Slot, Kind::Slot);
    match kinds.a {
        Kind::Slot => Entry::of::<StoreLane<Op, false>>(slots),
        Kind::Far => Entry::of::<StoreLane<Op, true>>(Kinds { a: Kind::Far, ..slots }),
        _ => panic!("{}", NO_OPERAND),
    }
}
