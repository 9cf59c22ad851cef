//! Ops: what a row of the table and a choice of operand kinds make together, and how one is found.

use crate::sem;
use burdock_types::ValType;

/// Where an operand is, or where a result goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// There is none.
    None,
    /// The register of the value's bank: integers and references, `f32`, `f64`.
    Reg,
    /// A slot of the frame.
    Slot,
    /// In the instruction itself.
    Imm,
    /// An address reached the general way: any memory, any offset.
    Far,
    /// As a result: both to the register of its bank and to a slot.
    Both,
    /// As a result: jump if it is not zero.
    JumpIf,
    /// As a result: jump if it is zero.
    JumpUnless,
}

/// The operand kinds of one op.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// The destination.
    pub dst: Kind,
    /// The first operand; of loads and stores, the address.
    pub a: Kind,
    /// The second operand; of stores, the value; of loads, the index added to the address.
    pub b: Kind,
}

impl Kinds {
    /// Destination, first and second operand.
    pub const fn new(dst: Kind, a: Kind, b: Kind) -> Self {
        Self { dst, a, b }
    }

    /// A number for each combination that a [`Shape`] may have.
    const fn key(self) -> usize {
        self.dst as usize * 25 + self.a as usize * 5 + self.b as usize
    }

    const KEYS: usize = 8 * 25;
}

/// Which operand kinds the ops of a meaning come with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(non_camel_case_types, reason = "written in lower case in the op table")]
pub enum Shape {
    /// One way; operands as the row's text shows.
    control,
    /// One scalar operand.
    unary,
    /// Two scalar operands.
    binary,
    /// Two scalar operands that may be exchanged.
    commutative,
    /// An integer comparison: to a value, or to a jump.
    compare,
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
    /// One operand, at least one of operand and result a vector.
    vector_unary,
    /// Two operands, a vector among them.
    vector_binary,
    /// Three vectors.
    vector_ternary,
    /// One lane of a vector.
    extract_lane,
    /// A vector with one lane exchanged.
    replace_lane,
}

/// Shorthand for the lists below.
const fn k(dst: Kind, a: Kind, b: Kind) -> Kinds {
    Kinds::new(dst, a, b)
}

use Kind::{Both as B, Far, Imm, JumpIf, JumpUnless, None as N, Reg as R, Slot as S};

impl Shape {
    /// How many shapes there are.
    const COUNT: usize = Self::replace_lane as usize + 1;

    /// The operand kinds of its ops, in the order of their numbers.
    pub const fn kinds(self) -> &'static [Kinds] {
        match self {
            Self::control => const { &[k(N, N, N)] },
            Self::unary => {
                const { &[k(R, R, N), k(R, S, N), k(S, R, N), k(S, S, N), k(B, R, N), k(B, S, N)] }
            }
            Self::binary => {
                const {
                    &[
                        k(R, S, S),
                        k(R, R, S),
                        k(R, S, R),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(R, Imm, S),
                        k(R, Imm, R),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, S, R),
                        k(S, S, Imm),
                        k(S, R, Imm),
                        k(S, Imm, S),
                        k(S, Imm, R),
                        k(B, S, S),
                        k(B, R, S),
                        k(B, S, R),
                        k(B, S, Imm),
                        k(B, R, Imm),
                        k(B, Imm, S),
                        k(B, Imm, R),
                    ]
                }
            }
            Self::commutative => {
                const {
                    &[
                        k(R, S, S),
                        k(R, R, S),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, S, Imm),
                        k(S, R, Imm),
                        k(B, S, S),
                        k(B, R, S),
                        k(B, S, Imm),
                        k(B, R, Imm),
                    ]
                }
            }
            Self::compare => {
                const {
                    &[
                        k(R, S, S),
                        k(R, R, S),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, S, Imm),
                        k(S, R, Imm),
                        k(JumpIf, S, S),
                        k(JumpIf, R, S),
                        k(JumpIf, S, Imm),
                        k(JumpIf, R, Imm),
                    ]
                }
            }
            Self::float_compare => {
                const {
                    &[
                        k(R, S, S),
                        k(R, R, S),
                        k(S, S, S),
                        k(S, R, S),
                        k(JumpIf, S, S),
                        k(JumpIf, R, S),
                        k(JumpUnless, S, S),
                        k(JumpUnless, R, S),
                    ]
                }
            }
            Self::load => {
                const {
                    &[
                        k(R, S, N),
                        k(R, R, N),
                        k(R, Imm, N),
                        k(S, S, N),
                        k(S, R, N),
                        k(S, Imm, N),
                        k(R, S, S),
                        k(R, R, S),
                        k(S, S, S),
                        k(S, R, S),
                        k(B, S, N),
                        k(B, R, N),
                        k(B, Imm, N),
                        k(B, S, S),
                        k(B, R, S),
                        k(S, Far, N),
                    ]
                }
            }
            Self::store => {
                const {
                    &[
                        k(N, S, S),
                        k(N, S, R),
                        k(N, S, Imm),
                        k(N, R, S),
                        k(N, R, Imm),
                        k(N, Imm, S),
                        k(N, Imm, R),
                        k(N, Imm, Imm),
                        k(N, Far, S),
                    ]
                }
            }
            Self::float_store => {
                const {
                    &[
                        k(N, S, S),
                        k(N, S, R),
                        k(N, R, S),
                        k(N, R, R),
                        k(N, Imm, S),
                        k(N, Imm, R),
                        k(N, Far, S),
                    ]
                }
            }
            Self::vector_load => const { &[k(S, S, N), k(S, R, N), k(S, Far, N)] },
            Self::vector_store => const { &[k(N, S, S), k(N, R, S), k(N, Far, S)] },
            Self::load_lane => const { &[k(S, Far, S)] },
            Self::store_lane => const { &[k(N, Far, S)] },
            Self::vector_unary | Self::extract_lane => const { &[k(S, S, N)] },
            Self::vector_binary | Self::vector_ternary | Self::replace_lane => {
                const { &[k(S, S, S)] }
            }
        }
    }

    /// For each key of kinds, the position in `kinds()`, or `u8::MAX`.
    const FIND: [[u8; Kinds::KEYS]; Self::COUNT] = {
        let shapes = [
            Self::control,
            Self::unary,
            Self::binary,
            Self::commutative,
            Self::compare,
            Self::float_compare,
            Self::load,
            Self::store,
            Self::float_store,
            Self::vector_load,
            Self::vector_store,
            Self::load_lane,
            Self::store_lane,
            Self::vector_unary,
            Self::vector_binary,
            Self::vector_ternary,
            Self::extract_lane,
            Self::replace_lane,
        ];
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

static FIND: [[u8; Kinds::KEYS]; Shape::COUNT] = Shape::FIND;

/// What the table says of a meaning.
#[derive(Copy, Clone, Debug)]
pub struct Row {
    /// How the op is written, without operand kinds; for `control` with its operands.
    pub text: &'static str,
    /// Which operand kinds it comes with.
    pub shape: Shape,
    /// The number of its first op.
    pub first: u16,
    /// Type of the result (of the value stored, for a store).
    pub out: Option<ValType>,
    /// Type of the (first) operand.
    pub operand: Option<ValType>,
    /// Length in words, for `control`.
    words: u8,
    /// The comparison with operands exchanged.
    pub swap: Option<Meaning>,
    /// The opposite comparison.
    pub not: Option<Meaning>,
}

impl Row {
    const fn new(
        text: &'static str,
        shape: Shape,
        out: Option<ValType>,
        operand: Option<ValType>,
        words: u8,
    ) -> Self {
        Self { text, shape, first: 0, out, operand, words, swap: None, not: None }
    }

    const fn related(mut self, swap: Option<Meaning>, not: Option<Meaning>) -> Self {
        self.swap = swap;
        self.not = not;
        self
    }
}

/// Rows of the table as data.
macro_rules! row {
    (control $name:ident $text:literal words $words:literal) => {
        Row::new($text, Shape::control, None, None, $words)
    };
    (compare $name:ident $text:literal swap $swap:ident not $not:ident) => {
        row!(@binary compare $name $text)
            .related(Some(Meaning::$swap), Some(Meaning::$not))
    };
    (float_compare $name:ident $text:literal swap $swap:ident) => {
        row!(@binary float_compare $name $text).related(Some(Meaning::$swap), None)
    };
    (binary $name:ident $text:literal) => { row!(@binary binary $name $text) };
    (commutative $name:ident $text:literal) => { row!(@binary commutative $name $text) };
    (unary $name:ident $text:literal) => {
        Row::new($text, Shape::unary,
            Some(<<sem::$name as sem::Unary>::Out as sem::Value>::TYPE),
            Some(<<sem::$name as sem::Unary>::A as sem::Value>::TYPE), 0)
    };
    (load $name:ident $text:literal) => {
        Row::new($text, Shape::load,
            Some(<<sem::$name as sem::Load>::Out as sem::Value>::TYPE), None, 0)
    };
    (@binary $shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape,
            Some(<<sem::$name as sem::Binary>::Out as sem::Value>::TYPE),
            Some(<<sem::$name as sem::Binary>::A as sem::Value>::TYPE), 0)
    };
    ($shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape, None, None, 0)
    };
}

macro_rules! meanings {
    ($($shape:ident $name:ident $text:literal $(words $words:literal)? $(swap $swap:ident $(not $not:ident)?)?;)*) => {
        /// What an op computes, whatever its operand kinds: a row of the op table.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Meaning {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Meaning {
            /// Every meaning, in the order of the table.
            pub const ALL: &[Meaning] = &[$(Meaning::$name),*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();
        }

        const ROWS: [Row; Meaning::COUNT] = numbered([
            $(row!($shape $name $text $(words $words)? $(swap $swap $(not $not)?)?)),*
        ]);
    };
}

/// Gives each row the number of its first op.
const fn numbered(mut rows: [Row; Meaning::COUNT]) -> [Row; Meaning::COUNT] {
    let mut next = 0;
    let mut i = 0;
    while i < rows.len() {
        rows[i].first = next;
        next += rows[i].shape.kinds().len() as u16;
        i += 1;
    }
    rows
}

crate::for_each_op!(meanings);

static TABLE: [Row; Meaning::COUNT] = ROWS;

impl Meaning {
    /// What the table says of it.
    #[inline]
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its op with these operand kinds, if there is one.
    #[inline]
    pub fn op(self, kinds: Kinds) -> Option<Op> {
        let row = self.row();
        match FIND[row.shape as usize][kinds.key()] {
            u8::MAX => None,
            n => Some(Op(row.first + u16::from(n))),
        }
    }

    /// Its only op, for meanings of shape `control` (the first one for others).
    #[inline]
    pub fn only_op(self) -> Op {
        Op(self.row().first)
    }
}

/// An op: a meaning with operand kinds. What the head of an instruction stands for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Op(u16);

impl Op {
    /// How many there are.
    pub const COUNT: usize = {
        let last = &ROWS[Meaning::COUNT - 1];
        last.first as usize + last.shape.kinds().len()
    };

    /// The op's number.
    #[inline]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// The op of this number.
    pub fn from_number(number: usize) -> Option<Self> {
        (number < Self::COUNT).then_some(Self(number as u16))
    }

    /// Meaning and operand kinds of the op.
    pub fn parts(self) -> (Meaning, Kinds) {
        let position = TABLE.partition_point(|row| row.first <= self.0) - 1;
        let row = &TABLE[position];
        (Meaning::ALL[position], row.shape.kinds()[usize::from(self.0 - row.first)])
    }

    /// Its length in 64-bit words: head, operand word, and what else there is.
    ///
    /// `br_table` has its targets besides.
    #[inline]
    pub fn words(self) -> usize {
        usize::from(WORDS[self.0 as usize])
    }
}

static WORDS: [u8; Op::COUNT] = {
    let mut words = [0; Op::COUNT];
    let mut i = 0;
    while i < Meaning::COUNT {
        let row = &ROWS[i];
        let kinds = row.shape.kinds();
        let mut n = 0;
        while n < kinds.len() {
            words[row.first as usize + n] = words_of(row, kinds[n]);
            n += 1;
        }
        i += 1;
    }
    words
};

/// The length of one op.
const fn words_of(row: &Row, kinds: Kinds) -> u8 {
    if let Shape::control = row.shape {
        return row.words;
    }
    let registers_only = matches!((kinds.dst, kinds.a, kinds.b), (R, R, N));
    let wide_imm = (matches!(kinds.a, Imm) || matches!(kinds.b, Imm))
        && matches!(row.shape, Shape::binary | Shape::commutative)
        && matches!(row.operand, Some(ValType::F64));
    match row.shape {
        Shape::unary if registers_only => 1,
        Shape::load_lane | Shape::store_lane => 4,
        _ if wide_imm || matches!(kinds.a, Far) => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_op_and_its_parts_lead_to_each_other() {
        for number in 0..Op::COUNT {
            let op = Op::from_number(number).unwrap();
            let (meaning, kinds) = op.parts();
            assert_eq!(meaning.op(kinds), Some(op), "{meaning:?} {kinds:?}");
            assert!(op.words() >= 1);
        }
        assert_eq!(Op::from_number(Op::COUNT), None);
    }

    #[test]
    fn swapping_and_negating_twice_changes_nothing() {
        for &meaning in Meaning::ALL {
            if let Some(swap) = meaning.row().swap {
                assert_eq!(swap.row().swap, Some(meaning));
            }
            if let Some(not) = meaning.row().not {
                assert_eq!(not.row().not, Some(meaning));
            }
        }
    }
}
