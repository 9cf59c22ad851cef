//! Casts.

use super::operand::{Dest, Reg, Slot, Source};
use super::table::{Entry, NO_OPERAND, NO_RESULT};
use super::{Flow, Instruction, Machine, OutOfLine};
use crate::RawRef;
use crate::heap::{self, Reference, RuntimeType};
use burdock_ir::operands::CastLayout;
use burdock_ir::{CastTarget, Kind, Kinds, Operands, ReferenceClass, control, sem};
use burdock_types::{RefType, Trap};
use core::marker::PhantomData;

/// The number of words of a cast to a type of the module.
const WORDS: usize = 3;

/// The class of an object is the number of its type's kind.
const _: () = {
    use heap::Kind;
    assert!(Kind::Struct as u8 == ReferenceClass::Struct as u8);
    assert!(Kind::Array as u8 == ReferenceClass::Array as u8);
    assert!(Kind::Exception as u8 == ReferenceClass::Exception as u8);
    assert!(Kind::Host as u8 == ReferenceClass::Host as u8);
};

impl Machine {
    /// Returns `true` if a reference is of a type of the module.
    fn is_of_type(&mut self, reference: RawRef, ty: RefType) -> bool {
        if reference == 0 {
            return ty.nullable;
        }
        let expected = self.instance().expected(ty.heap);
        let host = self.vm().run.host;
        let is_subtype = |own, expected| (host.vtable.is_subtype)(host.data, own, expected);
        self.vm().is_of(reference, expected, is_subtype)
    }

    /// Returns the class of a reference.
    #[inline(always)]
    fn class_of(&mut self, reference: RawRef) -> u32 {
        let heap = &self.vm().heap;
        let object = Reference::from_slot(reference).object();
        match object.and_then(|object| heap.get(object.offset())).map(u32::from_ne_bytes) {
            Some(own) => heap.types().row(RuntimeType::from_index(own)).kind as u32,
            None if reference == 0 => ReferenceClass::Null as u32,
            None => ReferenceClass::I31 as u32,
        }
    }

    /// Returns `true` if a reference is of the type that the instruction names.
    #[inline(always)]
    fn is_of_named_type<Op: sem::Cast>(&mut self, reference: RawRef) -> bool {
        let CastLayout { ty, depth, nullable } = CastLayout::PLACES;
        if Op::BY_CLASS {
            let class = self.class_of(reference);
            return Op::holds(class, self.field(ty) as u32, || 0);
        }
        if reference == 0 {
            return self.field(nullable) != 0;
        }
        let Some(object) = Reference::from_slot(reference).object() else { return false };
        let expected = self.runtime_type(self.field(ty) as u32);
        let depth = self.field(depth) as usize;
        let heap = &self.vm().heap;
        let Some(own) = heap.get(object.offset()).map(u32::from_ne_bytes) else { return false };
        let supertype = || {
            let supertypes = &heap.types().row(RuntimeType::from_index(own)).supertypes;
            supertypes.get(depth).map_or(RuntimeType::NONE, |ty| *ty).index()
        };
        Op::holds(own, expected.index(), supertype)
    }
}

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

impl Machine {
    /// Returns `true` if the reference in a slot is to a structure that has the descriptor in
    /// another slot, or is null where null is allowed.
    fn has_descriptor(
        &mut self,
        reference: u16,
        descriptor: u16,
        nullable: bool,
    ) -> Result<bool, Trap> {
        let [reference, descriptor] =
            [reference, descriptor].map(|slot| Reference::from_slot(self.slot(slot)));
        let descriptor = descriptor.object().ok_or(Trap::NullDescriptor)?;
        Ok(match reference.is_null() {
            true => nullable,
            false => self.heap().has_descriptor(reference, descriptor),
        })
    }
}

/// `br_on_cast_desc_eq`, without the branch
pub(crate) struct RefTestDesc;

impl OutOfLine for RefTestDesc {
    fn run(m: &mut Machine) -> Flow {
        let control::RefTestDesc { to, reference, descriptor, nullable } = m.operands();
        let has_it = m.has_descriptor(reference, descriptor, nullable != 0)?;
        m.set_slot(to, has_it.into());
        m.advance(control::RefTestDesc::LENGTH);
        Ok(())
    }
}

/// `ref.cast_desc_eq`
pub(crate) struct RefCastDesc;

impl OutOfLine for RefCastDesc {
    fn run(m: &mut Machine) -> Flow {
        let control::RefCastDesc { reference, descriptor, nullable } = m.operands();
        if !m.has_descriptor(reference, descriptor, nullable != 0)? {
            return Err(Trap::DescriptorCastFailure.into());
        }
        m.advance(control::RefCastDesc::LENGTH);
        Ok(())
    }
}

/// The part of `struct.new_desc` that traps.
pub(crate) struct DescNonNull;

impl OutOfLine for DescNonNull {
    fn run(m: &mut Machine) -> Flow {
        let control::DescNonNull { descriptor } = m.operands();
        if Reference::from_slot(m.slot(descriptor)).is_null() {
            return Err(Trap::NullDescriptor.into());
        }
        m.advance(control::DescNonNull::LENGTH);
        Ok(())
    }
}

/// A test of an object's type, to a value.
struct Test<Op, D, A>(PhantomData<(Op, D, A)>);

impl<Op: sem::Cast, D: Dest<i32>, A: Source<i64>> Instruction for Test<Op, D, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let holds = m.is_of_named_type::<Op>(A::get(m) as u64);
        D::set(m, holds.into());
        m.advance(WORDS);
        Ok(())
    }
}

/// A test of an object's type, to a jump if it comes out as expected.
struct TestJump<Op, A, const EXPECTED: bool>(PhantomData<(Op, A)>);

impl<Op, A, const EXPECTED: bool> Instruction for TestJump<Op, A, EXPECTED>
where
    Op: sem::Cast,
    A: Source<i64>,
{
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        match m.is_of_named_type::<Op>(A::get(m) as u64) == EXPECTED {
            true => m.jump(m.field(const { control::Br::to() }) as i32),
            false => m.advance(WORDS),
        }
        Ok(())
    }
}

/// A test of an object's type that traps.
struct Cast<Op, A>(PhantomData<(Op, A)>);

impl<Op: sem::Cast, A: Source<i64>> Instruction for Cast<Op, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        if !m.is_of_named_type::<Op>(A::get(m) as u64) {
            return Err(Trap::CastFailure.into());
        }
        m.advance(WORDS);
        Ok(())
    }
}

/// Returns the handlers of a test of an object's type.
pub(crate) const fn cast_test<Op: sem::Cast>(kinds: Kinds) -> Entry {
    match kinds.dst {
        Kind::Reg => test_to::<Op, Reg>(kinds),
        Kind::Slot => test_to::<Op, Slot<0>>(kinds),
        Kind::JumpIf => jump::<Op, true>(kinds),
        Kind::JumpUnless => jump::<Op, false>(kinds),
        _ => panic!("{}", NO_RESULT),
    }
}

const fn test_to<Op: sem::Cast, D: Dest<i32>>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<Test<Op, D, Slot<1>>>(kinds),
        Kind::Reg => Entry::of::<Test<Op, D, Reg>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

const fn jump<Op: sem::Cast, const EXPECTED: bool>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<TestJump<Op, Slot<0>, EXPECTED>>(kinds),
        Kind::Reg => Entry::of::<TestJump<Op, Reg, EXPECTED>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}

/// Returns the handlers of a cast that traps.
pub(crate) const fn cast<Op: sem::Cast>(kinds: Kinds) -> Entry {
    match kinds.a {
        Kind::Slot => Entry::of::<Cast<Op, Slot<0>>>(kinds),
        Kind::Reg => Entry::of::<Cast<Op, Reg>>(kinds),
        _ => panic!("{}", NO_OPERAND),
    }
}
