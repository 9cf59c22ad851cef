//! Allocation of objects, structures, `i31` and casts.

use super::{Flow, Machine, OutOfLine, Stop};
use crate::heap::{FIRST, Heap, Kind, Object, Reference, RuntimeType, Shortage};
use crate::{FuncAddr, RawRef};
use burdock_ir::{CastTarget, Operands, control};
use burdock_types::{HeapType, RefType, Trap};
use core::marker::PhantomData;

impl Machine {
    #[inline(always)]
    pub(super) fn heap(&mut self) -> &mut Heap {
        &mut self.vm().heap
    }

    /// Returns the object that a slot refers to.
    #[inline(always)]
    pub(super) fn object(&self, slot: u16) -> Result<Object, Trap> {
        Reference::from_slot(self.slot(slot)).object().ok_or(Trap::NullReference)
    }

    /// Returns the store's index of a type of the module.
    #[inline(always)]
    pub(super) fn runtime_type(&mut self, ty: u32) -> RuntimeType {
        self.instance().runtime_types[ty as usize]
    }

    /// Allocates an object. Collects garbage or lets the heap grow if need be. The instruction's
    /// values are in slots, where the collector finds them.
    pub(super) fn allocate(
        &mut self,
        allocate: impl Fn(&mut Heap) -> Result<Object, Shortage>,
    ) -> Result<Object, Stop> {
        loop {
            match allocate(self.heap()) {
                Ok(object) => return Ok(object),
                Err(shortage) => self.make_room(shortage)?,
            }
        }
    }

    #[cold]
    pub(super) fn make_room(&mut self, shortage: Shortage) -> Flow {
        match shortage {
            Shortage::Full => Err(Trap::AllocationTooLarge.into()),
            Shortage::Collection => match self.ask(|m| Some(m.vm().collect_garbage(&[])))? {
                true => Ok(()),
                false => Err(Trap::OutOfMemory.into()),
            },
            Shortage::Growth(bytes) => self.ask(|m| {
                let host = m.vm().run.host;
                (host.vtable.heap_grow)(host.data, bytes).ok()
            }),
        }
    }

    /// Returns `true` if a reference is of a type of the module.
    fn is_of_type(&mut self, reference: RawRef, ty: RefType) -> bool {
        if reference == 0 {
            return ty.nullable;
        }
        match ty.heap {
            HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn => true,
            HeapType::NoFunc | HeapType::NoExtern | HeapType::None | HeapType::NoExn => false,
            HeapType::ConcreteFunc(x) => {
                let expected = self.instance().types()[x.index()].id;
                let Some(func) = FuncAddr::from_raw(reference) else { return false };
                let own = self.vm().callee(func).ty;
                let host = self.vm().run.host;
                own == expected || (host.vtable.is_subtype)(host.data, own, expected)
            }
            HeapType::I31 => Reference::from_slot(reference).i31().is_some(),
            _ if is_host_value(reference) => false,
            HeapType::Eq | HeapType::Struct | HeapType::Array => {
                let Some(object) = Reference::from_slot(reference).object() else {
                    return ty.heap == HeapType::Eq;
                };
                match self.heap().kind_of(object) {
                    Kind::Struct => ty.heap != HeapType::Array,
                    Kind::Array => ty.heap != HeapType::Struct,
                    _ => false,
                }
            }
            HeapType::ConcreteStruct(x) | HeapType::ConcreteArray(x) => {
                let expected = self.runtime_type(x.0);
                let Some(object) = Reference::from_slot(reference).object() else { return false };
                let heap = self.heap();
                heap.types().is_subtype(heap.type_of(object), expected)
            }
        }
    }
}

/// Returns `true` for a reference to a host value that was converted to type `any`: a number that
/// is no object's.
fn is_host_value(reference: RawRef) -> bool {
    reference & 1 == 0 && (reference >> 32 != 0 || reference < FIRST.into())
}

/// `ref.i31`
pub(crate) struct RefI31;

impl OutOfLine for RefI31 {
    fn run(m: &mut Machine) -> Flow {
        let control::RefI31 { to, value } = m.operands();
        m.set_slot(to, Reference::from_i31(m.slot(value) as u32).to_slot());
        m.advance(control::RefI31::LENGTH);
        Ok(())
    }
}

/// `i31.get_s` and `i31.get_u`
pub(crate) struct I31Get<const SIGNED: bool>;

impl<const SIGNED: bool> OutOfLine for I31Get<SIGNED> {
    fn run(m: &mut Machine) -> Flow {
        let control::I31GetS { to, reference } = m.operands();
        let value = Reference::from_slot(m.slot(reference)).i31().ok_or(Trap::NullReference)?;
        let value = value as u32 & if SIGNED { u32::MAX } else { u32::MAX >> 1 };
        m.set_slot(to, value.into());
        m.advance(control::I31GetS::LENGTH);
        Ok(())
    }
}

pub(crate) type I31GetS = I31Get<true>;
pub(crate) type I31GetU = I31Get<false>;

/// `ref.test`
pub(crate) struct RefTest;

impl OutOfLine for RefTest {
    fn run(m: &mut Machine) -> Flow {
        let control::RefTest { to, reference, target } = m.operands();
        let is_of_type = m.is_of_type(m.slot(reference), CastTarget::from_bits(target).ty());
        m.set_slot(to, is_of_type.into());
        m.advance(control::RefTest::LENGTH);
        Ok(())
    }
}

/// `ref.cast`
pub(crate) struct RefCast;

impl OutOfLine for RefCast {
    fn run(m: &mut Machine) -> Flow {
        let control::RefCast { reference, target } = m.operands();
        match m.is_of_type(m.slot(reference), CastTarget::from_bits(target).ty()) {
            true => {
                m.advance(control::RefCast::LENGTH);
                Ok(())
            }
            false => Err(Trap::CastFailure.into()),
        }
    }
}

/// The part of `struct.new` that allocates.
pub(crate) struct StructNew;

impl OutOfLine for StructNew {
    fn run(m: &mut Machine) -> Flow {
        let control::StructNew { to, ty } = m.operands();
        let ty = m.runtime_type(ty);
        let object = m.allocate(|heap| heap.allocate_struct(ty))?;
        m.set_slot(to, object.reference().to_slot());
        m.advance(control::StructNew::LENGTH);
        Ok(())
    }
}

/// The representation of a field or an element, as accesses see it.
pub(crate) trait Access {
    /// The number of bytes.
    const SIZE: u32;
    /// Reads from an object to a slot.
    fn read(m: &mut Machine, object: Object, at: u32, to: u16);
    /// Writes to an object from a slot.
    fn write(m: &mut Machine, object: Object, at: u32, from: u16);
}

/// A number as it is in memory, of which a slot has more bits.
pub(crate) struct Number<T>(PhantomData<T>);
/// A vector.
pub(crate) struct Vector;
/// A reference, whose writing the collector has to know.
pub(crate) struct Referring;

macro_rules! numbers {
    ($($ty:ty, $to_slot:expr;)*) => {$(
        impl Access for Number<$ty> {
            const SIZE: u32 = size_of::<$ty>() as u32;

            fn read(m: &mut Machine, object: Object, at: u32, to: u16) {
                const TO_SLOT: fn($ty) -> u64 = $to_slot;
                let value = <$ty>::from_ne_bytes(m.heap().read(object, at));
                m.set_slot(to, TO_SLOT(value));
            }

            fn write(m: &mut Machine, object: Object, at: u32, from: u16) {
                let value = m.slot(from) as $ty;
                m.heap().write(object, at, value.to_ne_bytes());
            }
        }
    )*};
}

numbers! {
    i8, |value| i32::from(value) as u32 as u64;
    u8, u64::from;
    i16, |value| i32::from(value) as u32 as u64;
    u16, u64::from;
    u32, u64::from;
    u64, |value| value;
}

impl Access for Vector {
    const SIZE: u32 = 16;

    fn read(m: &mut Machine, object: Object, at: u32, to: u16) {
        let halves = [at, at + 8].map(|at| u64::from_ne_bytes(m.heap().read(object, at)));
        m.set_slot(to, halves[0]);
        m.set_slot(to + 1, halves[1]);
    }

    fn write(m: &mut Machine, object: Object, at: u32, from: u16) {
        for (slot, at) in [(from, at), (from + 1, at + 8)] {
            let half = m.slot(slot);
            m.heap().write(object, at, half.to_ne_bytes());
        }
    }
}

impl Access for Referring {
    const SIZE: u32 = 4;

    fn read(m: &mut Machine, object: Object, at: u32, to: u16) {
        let value = m.heap().read_reference(object, at);
        m.set_slot(to, value.to_slot());
    }

    fn write(m: &mut Machine, object: Object, at: u32, from: u16) {
        let value = Reference::from_slot(m.slot(from));
        m.heap().write_reference(object, at, value);
    }
}

/// `struct.get` and its kin.
pub(crate) struct StructGet<A>(PhantomData<A>);

impl<A: Access> OutOfLine for StructGet<A> {
    fn run(m: &mut Machine) -> Flow {
        let control::StructGet32 { to, object, at } = m.operands();
        let object = m.object(object)?;
        A::read(m, object, at, to);
        m.advance(control::StructGet32::LENGTH);
        Ok(())
    }
}

pub(crate) type StructGet8S = StructGet<Number<i8>>;
pub(crate) type StructGet8U = StructGet<Number<u8>>;
pub(crate) type StructGet16S = StructGet<Number<i16>>;
pub(crate) type StructGet16U = StructGet<Number<u16>>;
pub(crate) type StructGet32 = StructGet<Number<u32>>;
pub(crate) type StructGet64 = StructGet<Number<u64>>;
pub(crate) type StructGetV128 = StructGet<Vector>;

/// `struct.set`
pub(crate) struct StructSet<A>(PhantomData<A>);

impl<A: Access> OutOfLine for StructSet<A> {
    fn run(m: &mut Machine) -> Flow {
        let control::StructSet32 { object, value, at } = m.operands();
        let object = m.object(object)?;
        A::write(m, object, at, value);
        m.advance(control::StructSet32::LENGTH);
        Ok(())
    }
}

pub(crate) type StructSet8 = StructSet<Number<u8>>;
pub(crate) type StructSet16 = StructSet<Number<u16>>;
pub(crate) type StructSet32 = StructSet<Number<u32>>;
pub(crate) type StructSet64 = StructSet<Number<u64>>;
pub(crate) type StructSetV128 = StructSet<Vector>;
pub(crate) type StructSetRef = StructSet<Referring>;
