//! Places of the operands of ops that are not `control` ops; shape and operand kinds decide.

use super::BitField;
use crate::{Kind, Kinds, Shape};
use burdock_types::ValType;

/// The places of the operands of an op that is not a `control` op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The slot or register of the result.
    pub dst: Option<BitField>,
    /// The first operand: a slot or register, or the constant itself. None if the op has no first
    /// operand, or if that is a constant address, which is part of the end.
    pub a: Option<BitField>,
    /// The second operand.
    pub b: Option<BitField>,
    /// The third operand.
    pub c: Option<BitField>,
    /// The reciprocal of a constant that divides.
    pub reciprocal: Option<BitField>,
    /// The number of a lane.
    pub lane: Option<BitField>,
    /// The constant that is added to an address.
    pub offset: Option<BitField>,
    /// The constant that leads from an address to the end of an access: the offset and the number
    /// of bytes. Accesses to memory 0 have it in place of the offset, because it is the end that is
    /// compared with the length of the memory.
    pub end: Option<BitField>,
    /// The index of the memory, unless it is 0.
    pub memory: Option<BitField>,
    /// The distance of a jump.
    pub target: Option<BitField>,
    /// The type that a cast asks for.
    pub cast: Option<CastLayout>,
    /// The object that is allocated.
    pub new: Option<NewLayout>,
}

/// The places of what an allocation says of the new object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLayout {
    /// The index of the type in the module.
    pub ty: BitField,
    /// The size: of a structure in granules; of an element the binary logarithm in bytes.
    pub size: BitField,
    /// The slots of pinned references: see [`pins_word`].
    pub pins: BitField,
}

impl NewLayout {
    /// The places of an allocation of a structure.
    pub const STRUCT: Self = Self { ty: BitField::UPPER, size: FIRST, pins: BitField::word(2) };
    /// The places of an allocation of an array.
    pub const ARRAY: Self = Self {
        ty: BitField::UPPER,
        size: BitField { word: 2, shift: 0, width: 16 },
        pins: BitField::word(3),
    };

    /// Returns the number of words of the instruction.
    pub const fn words(&self) -> usize {
        self.pins.word as usize + 1
    }
}

/// In the place of the slot of a pinned reference: there is none in the register.
pub const NO_SLOT: u16 = u16::MAX;

/// Returns the word of an allocation that has, for each register for pinned integers, the slot of
/// the reference in it, or [`NO_SLOT`].
///
/// The collector finds references in slots. Only an allocation that may collect garbage writes the
/// registers to their slots.
pub const fn pins_word([first, second, third]: [u16; 3]) -> u64 {
    with_result(first, second, third, 0)
}

/// Returns the slots in the word that [`pins_word`] returns.
pub fn pin_slots(word: u64) -> [u16; 3] {
    [RESULT, FIRST, SECOND].map(|field| field.get(word) as u16)
}

/// The places of what a cast asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CastLayout {
    /// The index of the type in the module.
    pub ty: BitField,
    /// The number of the type's supertypes.
    pub depth: BitField,
    /// 1 if null is of the type.
    pub nullable: BitField,
}

impl CastLayout {
    /// The places, the same in all casts.
    pub const PLACES: Self = Self {
        ty: BitField { word: 2, shift: 0, width: 32 },
        depth: BitField { word: 2, shift: 32, width: 16 },
        nullable: BitField { word: 2, shift: 48, width: 16 },
    };
}

/// Returns the second operand word of a cast.
pub const fn cast_word(ty: u32, depth: u8, nullable: bool) -> u64 {
    let CastLayout { ty: place, depth: depth_place, nullable: nullable_place } = CastLayout::PLACES;
    nullable_place.put(depth_place.put(place.put(0, ty as u64), depth as u64), nullable as u64)
}

/// The place of a result.
pub const RESULT: BitField = BitField::quarter(0);
/// The place of the first operand behind a result.
pub const FIRST: BitField = BitField::quarter(1);
/// The place of the second operand behind a result, unless the first operand is a constant.
pub const SECOND: BitField = BitField::quarter(2);
/// The place of a third operand or of a lane number.
pub const THIRD: BitField = BitField::quarter(3);

impl Layout {
    /// No operands.
    pub(crate) const NONE: Self = Self {
        dst: None,
        a: None,
        b: None,
        c: None,
        reciprocal: None,
        lane: None,
        offset: None,
        end: None,
        memory: None,
        target: None,
        cast: None,
        new: None,
    };

    /// Returns where the operands of these kinds lie in an op of this shape; `ty` is the operands'
    /// type.
    pub const fn of(shape: Shape, kinds: Kinds, ty: Option<ValType>) -> Self {
        let jumps = matches!(kinds.dst, Kind::JumpIf | Kind::JumpUnless);
        let first = if jumps || matches!(kinds.dst, Kind::None) { 0 } else { 1 };
        let far = matches!(kinds.a, Kind::Far);
        let accesses = shape.is_access();
        let lanes = matches!(shape, Shape::load_lane | Shape::store_lane);
        let sets = shape.is_element_set();
        let casts = matches!(shape, Shape::cast_test | Shape::cast);
        let short = jumps || sets || matches!(shape, Shape::store | Shape::field_set);
        let news = matches!(shape, Shape::array_new);
        let constant = match ty {
            Some(ValType::F64) => BitField::word(2),
            _ => BitField::UPPER,
        };
        Self {
            dst: if first == 0 { None } else { Some(RESULT) },
            a: match kinds.a {
                Kind::None => None,
                Kind::Imm if accesses => None,
                Kind::Imm if !sets && !news => Some(constant),
                _ => Some(BitField::quarter(first)),
            },
            b: match (kinds.b, kinds.a) {
                (Kind::None, _) => None,
                (Kind::Imm, _) if !short => Some(constant),
                // Behind a result, what follows a constant comes first.
                (_, Kind::Imm) if first == 1 && !sets => Some(FIRST),
                _ => Some(BitField::quarter(first + 1)),
            },
            c: match shape {
                Shape::vector_ternary => Some(THIRD),
                _ => None,
            },
            reciprocal: match (shape, kinds.b) {
                (Shape::division, Kind::Imm) => Some(BitField::word(2)),
                _ => None,
            },
            lane: match shape {
                Shape::extract_lane => Some(SECOND),
                Shape::replace_lane | Shape::load_lane | Shape::store_lane => Some(THIRD),
                _ => None,
            },
            offset: offset(shape, kinds),
            end: end(shape, kinds),
            memory: match far {
                false => None,
                true if lanes => Some(BitField::word(3)),
                true => Some(BitField::UPPER),
            },
            target: if jumps { Some(BitField::UPPER) } else { None },
            cast: if casts { Some(CastLayout::PLACES) } else { None },
            new: match shape {
                Shape::struct_new => Some(NewLayout::STRUCT),
                Shape::array_new => Some(NewLayout::ARRAY),
                _ => None,
            },
        }
    }

    /// Returns the number of words in which the fields lie, the head included.
    pub(crate) const fn words(&self) -> usize {
        let fields = [
            self.dst,
            self.a,
            self.b,
            self.c,
            self.reciprocal,
            self.lane,
            self.offset,
            self.end,
            self.memory,
            self.target,
            match self.cast {
                Some(cast) => Some(cast.ty),
                None => None,
            },
            match self.new {
                Some(new) => Some(new.pins),
                None => None,
            },
        ];
        let (mut words, mut n) = (2, 0);
        while n < fields.len() {
            if let Some(field) = fields[n]
                && field.word as usize >= words
            {
                words = field.word as usize + 1;
            }
            n += 1;
        }
        words
    }
}

/// Returns where the offset of an access lies.
const fn offset(shape: Shape, kinds: Kinds) -> Option<BitField> {
    match shape {
        Shape::field_get | Shape::field_set | Shape::float_field_set => Some(BitField::UPPER),
        Shape::load_lane | Shape::store_lane => Some(BitField::word(2)),
        shape if shape.is_access() && matches!(kinds.a, Kind::Far) => Some(BitField::word(2)),
        _ => None,
    }
}

/// Returns where the end of an access to memory 0 lies.
const fn end(shape: Shape, kinds: Kinds) -> Option<BitField> {
    match shape {
        Shape::load_lane | Shape::store_lane => None,
        shape if !shape.is_access() || matches!(kinds.a, Kind::Far) => None,
        Shape::load if !matches!(kinds.b, Kind::None) => Some(THIRD),
        _ => Some(BitField::UPPER),
    }
}

/// Returns the operand word of an op that has a result, with up to three operands in slots or
/// registers, or with a lane or a short end in the place of the third.
#[inline]
pub const fn with_result(dst: u16, a: u16, b: u16, c: u16) -> u64 {
    dst as u64 | (a as u64) << FIRST.shift | (b as u64) << SECOND.shift | (c as u64) << THIRD.shift
}

/// Returns the operand word of an op that has a result, one operand in a slot or register, and a
/// constant, the end of an access or the index of a memory.
#[inline]
pub const fn with_result_and_number(dst: u16, a: u16, number: u32) -> u64 {
    dst as u64 | (a as u64) << FIRST.shift | (number as u64) << BitField::UPPER.shift
}

/// Returns the operand word of an op without result: two operands, and the end of an access, the
/// index of a memory, or the distance of a jump.
#[inline]
pub const fn without_result(a: u16, b: u16, number: u32) -> u64 {
    with_result_and_number(a, b, number)
}

/// Returns the operand word of a store of a lane.
#[inline]
pub const fn of_lane_store(address: u16, value: u16, lane: u8) -> u64 {
    with_result(address, value, 0, lane as u16)
}

/// Returns the word of target `n` of a branch table, counted from the head: the distance. The word
/// behind it is the dispatcher's, which binds the function. The last target is the default one.
#[inline]
pub const fn table_target(n: usize) -> usize {
    2 + 2 * n
}

/// Returns the number of words that the targets of a branch table take; `last` is the number of the
/// last target.
#[inline]
pub const fn table_words(last: u32) -> usize {
    2 * (last as usize + 1)
}
