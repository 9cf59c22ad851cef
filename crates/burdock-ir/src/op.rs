//! Ops: what a row of the table and a choice of operand kinds make together, and how one is found.

use crate::operands::{self, Layout, Operand, Operands, control};
use crate::operation::*;
use crate::sem;
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
    /// How many banks there are.
    pub const COUNT: usize = 3;

    /// The bank for values of a type.
    pub const fn of(ty: ValType) -> Option<Self> {
        match ty {
            ValType::I32 | ValType::I64 | ValType::Ref(_) => Some(Self::Int),
            ValType::F32 => Some(Self::F32),
            ValType::F64 => Some(Self::F64),
            ValType::V128 => None,
        }
    }

    /// The number of the bank for values of a type, or [`Self::COUNT`] if there is none.
    #[inline]
    pub const fn number(ty: ValType) -> u8 {
        match Self::of(ty) {
            Some(bank) => bank as u8,
            None => Self::COUNT as u8,
        }
    }
}

/// Where an operand is, or where a result goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// There is none.
    None,
    /// A register of the value's bank. Its number is in the field where a slot's would be.
    Reg,
    /// A slot of the frame.
    Slot,
    /// In the instruction itself.
    Imm,
    /// An address reached the general way: any memory, any offset.
    Far,
    /// As a result: both to the first register of its bank and to a slot.
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
        (self.dst as usize) << 6 | operands_key(self.a, self.b)
    }

    const KEYS: usize = 8 * OPERANDS_KEYS;
}

/// A number for each combination of kinds that two operands may have.
const fn operands_key(a: Kind, b: Kind) -> usize {
    (a as usize) << 3 | b as usize
}

const OPERANDS_KEYS: usize = 64;

/// Which operand kinds the ops of a meaning come with.
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
    /// Every shape, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::control,
        Self::copy,
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
    /// How many shapes there are.
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

    /// The operand kinds of its ops, in the order of their numbers.
    pub const fn kinds(self) -> &'static [Kinds] {
        match self {
            Self::control => const { &[k(N, N, N)] },
            Self::copy => const { &[k(R, R, N), k(R, S, N), k(S, R, N), k(R, Imm, N)] },
            Self::unary => {
                const { &[k(R, R, N), k(R, S, N), k(S, R, N), k(S, S, N), k(B, R, N), k(B, S, N)] }
            }
            Self::binary => {
                const {
                    &[
                        k(R, S, S),
                        k(R, R, S),
                        k(R, S, R),
                        k(R, R, R),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(R, Imm, S),
                        k(R, Imm, R),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, S, R),
                        k(S, R, R),
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
                        k(R, R, R),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, R, R),
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
                        k(R, R, R),
                        k(R, S, Imm),
                        k(R, R, Imm),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, R, R),
                        k(S, S, Imm),
                        k(S, R, Imm),
                        k(JumpIf, S, S),
                        k(JumpIf, R, S),
                        k(JumpIf, R, R),
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
                        k(R, R, R),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, R, R),
                        k(JumpIf, S, S),
                        k(JumpIf, R, S),
                        k(JumpIf, R, R),
                        k(JumpUnless, S, S),
                        k(JumpUnless, R, S),
                        k(JumpUnless, R, R),
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
                        k(R, R, R),
                        k(S, S, S),
                        k(S, R, S),
                        k(S, R, R),
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
                        k(N, R, R),
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
            Self::load_lane => const { &[k(S, S, S), k(S, Far, S)] },
            Self::store_lane => const { &[k(N, S, S), k(N, Far, S)] },
            Self::vector_unary | Self::extract_lane => const { &[k(S, S, N)] },
            Self::vector_binary | Self::vector_ternary | Self::replace_lane => {
                const { &[k(S, S, S)] }
            }
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

static FIND: [[u8; Kinds::KEYS]; Shape::COUNT] = Shape::FIND;

/// Whether the ops of a meaning take two operands of certain kinds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// They do.
    Given,
    /// They do if the operands are exchanged (and the comparison turned round).
    Exchanged,
    /// They do not.
    Neither,
}

/// For each shape and kinds of two operands, their order.
static ORDER: [[Order; OPERANDS_KEYS]; Shape::COUNT] = {
    const fn rank(kind: usize) -> u8 {
        match kind {
            kind if kind == R as usize => 0,
            kind if kind == S as usize => 1,
            _ => 2,
        }
    }
    const EXCHANGED: [Shape; 3] = [Shape::commutative, Shape::compare, Shape::float_compare];
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

/// What the table says of a meaning.
#[derive(Copy, Clone, Debug)]
pub struct Row {
    /// How the op is written, without operand kinds; for `control` with its operands.
    pub text: &'static str,
    /// Which operand kinds it comes with.
    pub shape: Shape,
    /// The number of its first op.
    pub first: u16,
    /// Type of the result.
    pub out: Option<ValType>,
    /// Type of the operands; of a store, of the value stored.
    pub operand: Option<ValType>,
    /// The number of the result's bank, or [`Bank::COUNT`].
    pub bank: u8,
    /// The operands of a `control` op. Those of others are a matter of their kinds: see
    /// [`Op::layout`].
    pub operands: &'static [Operand],
    /// What a `control` op does, in one line.
    pub does: &'static str,
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
    ) -> Self {
        let bank = match out {
            Some(ty) => Bank::number(ty),
            None => Bank::COUNT as u8,
        };
        Self {
            text,
            shape,
            first: 0,
            out,
            operand,
            bank,
            operands: &[],
            does: "",
            swap: None,
            not: None,
        }
    }

    const fn control<O: Operands>(text: &'static str, does: &'static str) -> Self {
        Self { operands: O::OPERANDS, does, ..Self::new(text, Shape::control, None, None) }
    }

    const fn related(mut self, swap: Option<Meaning>, not: Option<Meaning>) -> Self {
        self.swap = swap;
        self.not = not;
        self
    }
}

/// Rows of the table as data.
macro_rules! row {
    (control $name:ident $text:literal => $does:literal) => {
        Row::control::<control::$name>($text, $does)
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
    (unary $name:ident $text:literal) => { row!(@unary unary $name $text) };
    (copy $name:ident $text:literal) => { row!(@unary copy $name $text) };
    (store $name:ident $text:literal) => { row!(@store store $name $text) };
    (float_store $name:ident $text:literal) => { row!(@store float_store $name $text) };
    (@unary $shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape,
            Some(<<sem::$name as sem::Unary>::Out as sem::Value>::TYPE),
            Some(<<sem::$name as sem::Unary>::A as sem::Value>::TYPE))
    };
    (@store $shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape, None,
            Some(<<sem::$name as sem::Store>::A as sem::Value>::TYPE))
    };
    (load $name:ident $text:literal) => {
        Row::new($text, Shape::load,
            Some(<<sem::$name as sem::Load>::Out as sem::Value>::TYPE), None)
    };
    (@binary $shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape,
            Some(<<sem::$name as sem::Binary>::Out as sem::Value>::TYPE),
            Some(<<sem::$name as sem::Binary>::A as sem::Value>::TYPE))
    };
    ($shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape, None, None)
    };
}

/// The operation of a row as data.
macro_rules! operation {
    (control) => { Operation::Control };
    (copy) => { Operation::Copy };
    (vector_store) => { Operation::VectorStore };
    (vector_binary IntCompare $which:ident on $lanes:ident) => {
        Operation::VectorIntCompare(IntCompare::$which, Lanes::$lanes)
    };
    (vector_binary FloatCompare $which:ident on $lanes:ident) => {
        Operation::VectorFloatCompare(FloatCompare::$which, Lanes::$lanes)
    };
    ($shape:ident $family:ident $which:ident $(($sign:ident))? $(on $lanes:ident)?) => {
        Operation::$family($family::$which $((Sign::$sign))? $(, Lanes::$lanes)?)
    };
}

macro_rules! meanings {
    ($($shape:ident $name:ident $({ $($operands:tt)* })? $text:literal $(=> $does:literal)?
        $(swap $swap:ident $(not $not:ident)?)?
        $(= $family:ident::$which:ident $(($sign:ident))? $(on $lanes:ident)?)?;)*) => {
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
            $(row!($shape $name $text $(=> $does)? $(swap $swap $(not $not)?)?)),*
        ]);

        // Not a part of the rows, which translation reads: only generators ask for it.
        static OPERATIONS: [Operation; Meaning::COUNT] = [
            $(operation!($shape $($family $which $(($sign))? $(on $lanes)?)?)),*
        ];
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
    pub const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Returns what its ops compute, for generators of code.
    pub fn operation(self) -> Operation {
        OPERATIONS[self as usize]
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

    /// Whether its ops take operands of these kinds.
    #[inline]
    pub fn order(self, a: Kind, b: Kind) -> Order {
        ORDER[self.row().shape as usize][operands_key(a, b)]
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
    #[inline]
    pub fn parts(self) -> (Meaning, Kinds) {
        PARTS[self.0 as usize]
    }

    /// What it computes.
    #[inline]
    pub fn meaning(self) -> Meaning {
        self.parts().0
    }

    /// Returns where the op's operands lie, if it is no `control` op.
    #[inline]
    pub const fn layout(self) -> Layout {
        let (meaning, kinds) = PARTS[self.0 as usize];
        let row = &ROWS[meaning as usize];
        match row.shape {
            Shape::control => Layout::NONE,
            shape => Layout::of(shape, kinds, row.operand),
        }
    }

    /// Its length in 64-bit words: head, operand word, and what else there is.
    ///
    /// `br_table` has its targets besides.
    #[inline]
    pub fn words(self) -> usize {
        usize::from(WORDS[self.0 as usize])
    }
}

static PARTS: [(Meaning, Kinds); Op::COUNT] = {
    let mut parts = [(Meaning::ALL[0], k(N, N, N)); Op::COUNT];
    let mut i = 0;
    while i < Meaning::COUNT {
        let kinds = ROWS[i].shape.kinds();
        let mut n = 0;
        while n < kinds.len() {
            parts[ROWS[i].first as usize + n] = (Meaning::ALL[i], kinds[n]);
            n += 1;
        }
        i += 1;
    }
    parts
};

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

/// Returns the length of one op in words.
const fn words_of(row: &Row, kinds: Kinds) -> u8 {
    match row.shape {
        Shape::control => operands::words(row.operands) as u8,
        shape => Layout::of(shape, kinds, row.operand).words() as u8,
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
    fn registers_are_in_the_fields_of_their_operands() {
        let check = |meaning: Meaning, kinds: Kinds, expected: [Option<Bank>; 4]| {
            assert_eq!(meaning.op(kinds).unwrap().registers(), expected, "{meaning:?} {kinds:?}");
        };
        let (int, f64) = (Some(Bank::Int), Some(Bank::F64));
        check(Meaning::I32Sub, k(R, Imm, R), [int, int, None, None]);
        check(Meaning::I32Sub, k(S, R, R), [None, int, int, None]);
        check(Meaning::F64Lt, k(R, R, S), [int, f64, None, None]);
        check(Meaning::F64Lt, k(JumpUnless, R, R), [f64, f64, None, None]);
        check(Meaning::F64Load, k(R, R, R), [f64, int, int, None]);
        check(Meaning::F64Store, k(N, Imm, R), [None, f64, None, None]);
        check(Meaning::SelectRSR, k(N, N, N), [int, int, None, int]);
        check(Meaning::GlobalSetF64, k(N, N, N), [f64, None, None, None]);
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
