//! Operand kinds, and the shapes that list the combinations of kinds.

use burdock_types::ValType;

/// A register bank of the machine. Vectors have none: they lie in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    /// Integers and references.
    Int,
    /// `f32`
    F32,
    /// `f64`
    F64,
}

impl Bank {
    /// The banks, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [Self::Int, Self::F32, Self::F64];
    /// The number of banks.
    pub const COUNT: usize = 3;

    /// Returns the bank for values of a type.
    pub const fn of(ty: ValType) -> Option<Self> {
        match ty {
            ValType::I32 | ValType::I64 | ValType::Ref(_) => Some(Self::Int),
            ValType::F32 => Some(Self::F32),
            ValType::F64 => Some(Self::F64),
            ValType::V128 => None,
        }
    }

    /// Returns the number of the bank for values of a type, or [`Self::COUNT`] if there is none.
    #[inline]
    pub const fn number(ty: ValType) -> u8 {
        match Self::of(ty) {
            Some(bank) => bank as u8,
            None => Self::COUNT as u8,
        }
    }
}

/// The place of an operand or of a result.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// No operand.
    None,
    /// A register of the value's bank. The register's number is in the field that otherwise holds a
    /// slot's. For a vector, which has no bank, the register in which the instruction right before
    /// has left its result, beside its slot: the field holds the slot.
    Reg,
    /// A slot of the frame.
    Slot,
    /// In the instruction itself.
    Imm,
    /// An address reached the general way: any memory, any offset.
    Far,
    /// As a result: written to the first register of its bank and to a slot.
    Both,
    /// As a result: a jump if the result is not zero.
    JumpIf,
    /// As a result: a jump if the result is zero.
    JumpUnless,
}

impl Kind {
    /// Every kind, with the letter that stands for it in names of ops.
    const LETTERS: [(Self, char); 8] =
        [(N, '-'), (R, 'r'), (S, 's'), (I, 'i'), (F, 'f'), (B, 'b'), (J, 'j'), (U, 'u')];

    /// Returns the letter that stands for the kind in names of ops.
    pub fn letter(self) -> char {
        Self::LETTERS[self as usize].1
    }

    /// Returns the kind that a letter stands for.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::LETTERS.into_iter().find(|(_, known)| *known == letter).map(|(kind, _)| kind)
    }
}

/// The operand kinds of one op.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// The destination; of stores of elements, the array.
    pub dst: Kind,
    /// The first operand; of loads and stores, the address.
    pub a: Kind,
    /// The second operand; of stores, the value; of loads, the index added to the address.
    pub b: Kind,
}

impl Kinds {
    /// Creates a combination of destination, first and second operand.
    pub const fn new(dst: Kind, a: Kind, b: Kind) -> Self {
        Self { dst, a, b }
    }

    /// Returns a number for each combination that a [`Shape`] may have.
    pub(crate) const fn key(self) -> usize {
        (self.dst as usize) << 6 | operands_key(self.a, self.b)
    }

    const KEYS: usize = 8 * OPERANDS_KEYS;
}

/// Returns a number for each combination of kinds of two operands.
pub(crate) const fn operands_key(a: Kind, b: Kind) -> usize {
    (a as usize) << 3 | b as usize
}

const OPERANDS_KEYS: usize = 64;

/// The set of operand kinds that the ops of a meaning come with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(non_camel_case_types, reason = "written in lower case in the op table")]
pub enum Shape {
    /// One way; operands as the row's text shows.
    control,
    /// A scalar, as it is, to another place.
    copy,
    /// One scalar operand.
    unary,
    /// Two scalar operands.
    binary,
    /// Two scalar operands, integers, of which the second one divides. A constant that divides has
    /// its reciprocal besides.
    division,
    /// Two scalar operands that may be exchanged.
    commutative,
    /// An integer and a constant that may be exchanged.
    immediate,
    /// An integer comparison: to a value, or to a jump.
    compare,
    /// An integer comparison with a constant: to a value, or to a jump.
    compare_immediate,
    /// A float comparison: to a value, or to a jump if it holds or does not.
    float_compare,
    /// A load of a scalar.
    load,
    /// A store of an integer.
    store,
    /// A store of a float.
    float_store,
    /// A load of a vector.
    vector_load,
    /// A store of a vector.
    vector_store,
    /// A load into one lane.
    load_lane,
    /// A store of one lane.
    store_lane,
    /// A read of a structure's field.
    field_get,
    /// A write of a structure's field: an integer or a reference.
    field_set,
    /// A write of a structure's field: a float.
    float_field_set,
    /// A read of an array's element.
    element_get,
    /// A write of an array's element: an integer or a reference.
    element_set,
    /// A write of an array's element: a float.
    float_element_set,
    /// An allocation of a small structure.
    struct_new,
    /// An allocation of an array.
    array_new,
    /// A test of an object's type: to a value, or to a jump if it holds or does not.
    cast_test,
    /// A test of an object's type that traps.
    cast,
    /// A scalar, to all lanes of a vector.
    vector_splat,
    /// A vector as the operand.
    vector_unary,
    /// Two operands, a vector among them.
    vector_binary,
    /// A vector, and a count by which its lanes are shifted.
    vector_shift,
    /// Three vectors.
    vector_ternary,
    /// One lane of a vector.
    extract_lane,
    /// A vector with one lane exchanged.
    replace_lane,
}

use Kind::{
    Both as B, Far as F, Imm as I, JumpIf as J, JumpUnless as U, None as N, Reg as R, Slot as S,
};

/// A list of kinds, three letters each.
macro_rules! kinds {
    ($($dst:ident $a:ident $b:ident),* $(,)?) => {
        const { &[$(Kinds::new($dst, $a, $b)),*] }
    };
}

impl Shape {
    /// Every shape, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::control,
        Self::copy,
        Self::unary,
        Self::binary,
        Self::division,
        Self::commutative,
        Self::immediate,
        Self::compare,
        Self::compare_immediate,
        Self::float_compare,
        Self::load,
        Self::store,
        Self::float_store,
        Self::vector_load,
        Self::vector_store,
        Self::load_lane,
        Self::store_lane,
        Self::field_get,
        Self::field_set,
        Self::float_field_set,
        Self::element_get,
        Self::element_set,
        Self::float_element_set,
        Self::struct_new,
        Self::array_new,
        Self::cast_test,
        Self::cast,
        Self::vector_splat,
        Self::vector_unary,
        Self::vector_binary,
        Self::vector_shift,
        Self::vector_ternary,
        Self::extract_lane,
        Self::replace_lane,
    ];
    /// The number of shapes.
    const COUNT: usize = Self::replace_lane as usize + 1;

    /// Returns `true` if the ops access a memory at an address.
    pub const fn is_access(self) -> bool {
        matches!(
            self,
            Self::load
                | Self::store
                | Self::float_store
                | Self::vector_load
                | Self::vector_store
                | Self::load_lane
                | Self::store_lane
        )
    }

    /// Returns `true` if the ops write an element of an array, which is their first operand.
    pub const fn is_element_set(self) -> bool {
        matches!(self, Self::element_set | Self::float_element_set)
    }

    /// Returns `true` if the ops access a field or an element of an object.
    pub const fn is_object_access(self) -> bool {
        self.is_element_set()
            || matches!(
                self,
                Self::field_get | Self::field_set | Self::float_field_set | Self::element_get
            )
    }

    /// Returns the operand kinds of its ops, in the order of their numbers: destination, first and
    /// second operand.
    ///
    /// This is the only list of kinds: lookup, the machine's handlers and generators are made from
    /// it.
    pub const fn kinds(self) -> &'static [Kinds] {
        match self {
            Self::control => kinds!(N N N),
            Self::copy => kinds!(R R N, R S N, S R N, R I N),
            Self::unary => kinds!(
                R R N, R S N,
                S R N, S S N,
                B R N, B S N,
            ),
            Self::binary | Self::division => kinds!(
                R S S, R R S, R S R, R R R, R S I, R R I, R I S, R I R,
                S S S, S R S, S S R, S R R, S S I, S R I, S I S, S I R,
                B S S, B R S, B S R, B S I, B R I, B I S, B I R,
            ),
            Self::commutative => kinds!(
                R S S, R R S, R R R, R S I, R R I,
                S S S, S R S, S R R, S S I, S R I,
                B S S, B R S, B S I, B R I,
            ),
            Self::immediate => kinds!(R S I, R R I, S S I, S R I, B S I, B R I),
            Self::compare => kinds!(
                R S S, R R S, R R R, R S I, R R I,
                S S S, S R S, S R R, S S I, S R I,
                J S S, J R S, J R R, J S I, J R I,
            ),
            Self::compare_immediate => kinds!(R S I, R R I, S S I, S R I, J S I, J R I),
            Self::float_compare => kinds!(
                R S S, R R S, R R R,
                S S S, S R S, S R R,
                J S S, J R S, J R R,
                U S S, U R S, U R R,
            ),
            Self::load => kinds!(
                R S N, R R N, R I N,
                S S N, S R N, S I N,
                R S S, R R S, R R R,
                S S S, S R S, S R R,
                B S N, B R N, B I N, B S S, B R S,
                S F N,
            ),
            Self::store => kinds!(
                N S S, N S R, N S I, N R S, N R R, N R I, N I S, N I R,
                N I I, N F S,
            ),
            Self::float_store => kinds!(
                N S S, N S R, N R S, N R R, N I S, N I R, N F S,
            ),
            Self::vector_load => kinds!(S S N, S R N, S F N),
            Self::vector_store => kinds!(N S S, N R S, N S R, N R R, N F S),
            Self::load_lane => kinds!(S S S, S F S),
            Self::store_lane => kinds!(N S S, N F S),
            Self::vector_splat | Self::extract_lane => kinds!(S S N),
            Self::vector_unary => kinds!(S S N, S R N),
            Self::vector_binary | Self::vector_ternary => kinds!(S S S, S R S, S S R),
            Self::vector_shift => kinds!(S S S, S S I, S R S, S R I),
            Self::replace_lane => kinds!(S S S, S R S),
            _ => self.object_kinds(),
        }
    }

    /// Returns the operand kinds of the ops on objects.
    const fn object_kinds(self) -> &'static [Kinds] {
        match self {
            Self::field_get => kinds!(R R N, R S N, S R N, S S N, B R N, B S N),
            Self::field_set => kinds!(N S S, N S R, N S I, N R S, N R R, N R I),
            Self::float_field_set => kinds!(N S S, N S R, N R S, N R R),
            Self::element_get => kinds!(
                R S S, R S R, R R S, R R R, R S I, R R I,
                S S S, S S R, S R S, S R R, S S I, S R I,
                B S S, B S R, B R S, B S I, B R I,
            ),
            Self::element_set => kinds!(
                S S S, S S R, S S I, S R S, S R R, S I S, S I R, S I I,
                R S S, R S R, R R S, R R R, R R I, R I S, R I R, R I I,
            ),
            Self::float_element_set => kinds!(
                S S S, S S R, S R S, S R R, S I S, S I R,
                R S S, R S R, R R S, R R R, R I S, R I R,
            ),
            Self::struct_new => kinds!(R N N, S N N, B N N),
            Self::array_new => kinds!(S S N, S I N),
            Self::cast_test => kinds!(R R N, R S N, S R N, S S N, J R N, J S N, U R N, U S N),
            Self::cast => kinds!(N R N, N S N),
            _ => panic!("the shape has kinds above"),
        }
    }

    /// For each key of kinds, the position in `kinds()`, or `u8::MAX`.
    const FIND: [[u8; Kinds::KEYS]; Self::COUNT] = {
        let shapes = Self::ALL;
        let mut find = [[u8::MAX; Kinds::KEYS]; Self::COUNT];
        let mut i = 0;
        while i < shapes.len() {
            let kinds = shapes[i].kinds();
            let mut n = 0;
            while n < kinds.len() {
                find[shapes[i] as usize][kinds[n].key()] = n as u8;
                n += 1;
            }
            i += 1;
        }
        find
    };
}

pub(crate) static FIND: [[u8; Kinds::KEYS]; Shape::COUNT] = Shape::FIND;

/// The order in which the ops of a meaning take two operands of certain kinds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The ops take the operands as given.
    Given,
    /// The ops take the operands exchanged (and a comparison turned round).
    Exchanged,
    /// The ops do not take the operands.
    Neither,
}

/// For each shape and kinds of two operands, their order.
pub(crate) static ORDER: [[Order; OPERANDS_KEYS]; Shape::COUNT] = {
    const fn rank(kind: usize) -> u8 {
        match kind {
            kind if kind == R as usize => 0,
            kind if kind == S as usize => 1,
            _ => 2,
        }
    }
    const EXCHANGED: [Shape; 5] = [
        Shape::commutative,
        Shape::immediate,
        Shape::compare,
        Shape::compare_immediate,
        Shape::float_compare,
    ];
    let mut orders = [[Order::Neither; OPERANDS_KEYS]; Shape::COUNT];
    let mut shape = 0;
    while shape < Shape::COUNT {
        let mut exchanges = false;
        let mut n = 0;
        while n < EXCHANGED.len() {
            exchanges |= EXCHANGED[n] as usize == shape;
            n += 1;
        }
        let mut key = 0;
        while key < OPERANDS_KEYS {
            let (a, b) = (key >> 3, key & 7);
            // As every destination, a slot stands for all.
            let find = &Shape::FIND[shape];
            let to_slot = (S as usize) << 6;
            if exchanges && rank(a) > rank(b) {
                if find[to_slot | b << 3 | a] != u8::MAX {
                    orders[shape][key] = Order::Exchanged;
                }
            } else if find[to_slot | key] != u8::MAX {
                orders[shape][key] = Order::Given;
            }
            key += 1;
        }
        shape += 1;
    }
    orders
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_letters_lead_to_each_other() {
        for (kind, letter) in Kind::LETTERS {
            assert_eq!((kind.letter(), Kind::from_letter(letter)), (letter, Some(kind)));
        }
        assert_eq!(Kind::from_letter('x'), None);
    }

    #[test]
    fn a_shape_has_each_combination_of_kinds_once() {
        for shape in Shape::ALL {
            for (n, &kinds) in shape.kinds().iter().enumerate() {
                assert_eq!(usize::from(FIND[shape as usize][kinds.key()]), n, "{shape:?}");
            }
        }
    }
}
