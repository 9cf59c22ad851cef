//! Ops: what a row of the table and a choice of operand kinds make together, and how one is found.

use crate::kinds::{Bank, FIND, Kind, Kinds, ORDER, Order, Shape, operands_key};
use crate::operands::{self, Layout, Operand, Operands, control};
use crate::operation::*;
use crate::sem;
use burdock_types::ValType;

/// The entry of a meaning in the op table.
#[derive(Copy, Clone, Debug)]
pub struct Row {
    /// The text of the op without operand kinds; for `control` ops with operands.
    pub text: &'static str,
    /// The operand kinds that the meaning comes with.
    pub shape: Shape,
    /// The number of its first op.
    pub first: u16,
    /// Type of the result.
    pub out: Option<ValType>,
    /// Type of the operands; of a store, of the value stored.
    pub operand: Option<ValType>,
    /// The number of the result's bank, or [`Bank::COUNT`].
    pub bank: u8,
    /// The number of bytes that a load or store of a scalar or vector accesses; 0 of other ops.
    pub bytes: u8,
    /// The operands of a `control` op. Those of others are a matter of their kinds: see
    /// [`Op::layout`].
    pub operands: &'static [Operand],
    /// The effect of a `control` op, in one line.
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
            bytes: 0,
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
    (compare_immediate $name:ident $text:literal swap $swap:ident not $not:ident) => {
        row!(@binary compare_immediate $name $text)
            .related(Some(Meaning::$swap), Some(Meaning::$not))
    };
    (float_compare $name:ident $text:literal swap $swap:ident) => {
        row!(@binary float_compare $name $text).related(Some(Meaning::$swap), None)
    };
    (binary $name:ident $text:literal) => { row!(@binary binary $name $text) };
    (division $name:ident $text:literal) => { row!(@binary division $name $text) };
    (commutative $name:ident $text:literal) => { row!(@binary commutative $name $text) };
    (immediate $name:ident $text:literal) => { row!(@binary immediate $name $text) };
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
    (load $name:ident $text:literal) => { row!(@load load $name $text) };
    (@load $shape:ident $name:ident $text:literal) => {
        Row::new($text, Shape::$shape,
            Some(<<sem::$name as sem::Load>::Out as sem::Value>::TYPE), None)
    };
    (field_get $name:ident $text:literal) => { row!(@load field_get $name $text) };
    (element_get $name:ident $text:literal) => { row!(@load element_get $name $text) };
    (field_set $name:ident $text:literal) => { row!(@store field_set $name $text) };
    (float_field_set $name:ident $text:literal) => { row!(@store float_field_set $name $text) };
    (element_set $name:ident $text:literal) => { row!(@store element_set $name $text) };
    (float_element_set $name:ident $text:literal) => { row!(@store float_element_set $name $text) };
    (struct_new $name:ident $text:literal) => {
        Row::new($text, Shape::struct_new, Some(ValType::I32), None)
    };
    (array_new $name:ident $text:literal) => {
        Row::new($text, Shape::array_new, Some(ValType::I32), Some(ValType::I32))
    };
    (cast_test $name:ident $text:literal) => {
        Row::new($text, Shape::cast_test, Some(ValType::I32), Some(ValType::I64))
    };
    (cast $name:ident $text:literal) => {
        Row::new($text, Shape::cast, None, Some(ValType::I64))
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
    (field_get $family:ident $which:ident $(($sign:ident))?) => {
        Operation::FieldGet(Load::$which $((Sign::$sign))?)
    };
    (field_set $family:ident $which:ident) => { Operation::FieldSet(ObjectStore::$which) };
    (float_field_set $family:ident $which:ident) => { Operation::FieldSet(ObjectStore::$which) };
    (element_get $family:ident $which:ident $(($sign:ident))?) => {
        Operation::ElementGet(Load::$which $((Sign::$sign))?)
    };
    (element_set $family:ident $which:ident) => { Operation::ElementSet(ObjectStore::$which) };
    (float_element_set $family:ident $which:ident) => {
        Operation::ElementSet(ObjectStore::$which)
    };
    (struct_new $family:ident $which:ident) => { Operation::New(New::$which) };
    (array_new $family:ident $which:ident) => { Operation::New(New::$which) };
    (cast_test $family:ident $which:ident) => { Operation::CastTest(Cast::$which) };
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
        /// The computation of an op, whatever its operand kinds: a row of the op table.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Meaning {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Meaning {
            /// Every meaning, in the order of the table.
            pub const ALL: &[Meaning] = &[$(Meaning::$name),*];
            /// The number of meanings.
            pub const COUNT: usize = Self::ALL.len();
        }

        const ROWS: [Row; Meaning::COUNT] = completed([
            $(row!($shape $name $text $(=> $does)? $(swap $swap $(not $not)?)?)),*
        ]);

        // Not a part of the rows, which translation reads: only generators ask for it.
        static OPERATIONS: [Operation; Meaning::COUNT] = [
            $(operation!($shape $($family $which $(($sign))? $(on $lanes)?)?)),*
        ];
    };
}

/// Gives each row the number of its first op, and the number of bytes that it accesses.
const fn completed(mut rows: [Row; Meaning::COUNT]) -> [Row; Meaning::COUNT] {
    let mut next = 0;
    let mut i = 0;
    while i < rows.len() {
        rows[i].first = next;
        next += rows[i].shape.kinds().len() as u16;
        rows[i].bytes = bytes(&rows[i], OPERATIONS[i]) as u8;
        i += 1;
    }
    rows
}

/// Returns the number of bytes that a load or store accesses; 0 for other operations.
const fn bytes(row: &Row, operation: Operation) -> u32 {
    const fn bits(ty: Option<ValType>) -> u32 {
        if matches!(ty, Some(ValType::F64 | ValType::I64)) { 64 } else { 32 }
    }
    match operation {
        Operation::Load(which) => which.bytes(bits(row.out)),
        Operation::Store(which) => which.bytes(bits(row.operand)),
        Operation::VectorLoad(which) => which.bytes(),
        Operation::VectorStore => 16,
        _ => 0,
    }
}

crate::for_each_op!(meanings);

static TABLE: [Row; Meaning::COUNT] = ROWS;

impl Meaning {
    /// Returns the meaning's row of the op table.
    #[inline]
    pub const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Returns what its ops compute, for generators of code.
    pub fn operation(self) -> Operation {
        OPERATIONS[self as usize]
    }

    /// Returns the meaning's op with these operand kinds, if there is one.
    #[inline]
    pub fn op(self, kinds: Kinds) -> Option<Op> {
        let row = self.row();
        match FIND[row.shape as usize][kinds.key()] {
            u8::MAX => None,
            n => Some(Op(row.first + u16::from(n))),
        }
    }

    /// Returns the order in which the meaning's ops take operands of these kinds.
    #[inline]
    pub fn order(self, a: Kind, b: Kind) -> Order {
        ORDER[self.row().shape as usize][operands_key(a, b)]
    }

    /// Returns the only op of meanings of shape `control`, and the first op of others.
    #[inline]
    pub fn only_op(self) -> Op {
        Op(self.row().first)
    }
}

/// An op: a meaning with operand kinds, encoded as the head of an instruction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Op(u16);

impl Op {
    /// The number of ops.
    pub const COUNT: usize = {
        let last = &ROWS[Meaning::COUNT - 1];
        last.first as usize + last.shape.kinds().len()
    };

    /// Returns the op's number.
    #[inline]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// Returns the op of this number.
    pub fn from_number(number: usize) -> Option<Self> {
        (number < Self::COUNT).then_some(Self(number as u16))
    }

    /// Returns the meaning and operand kinds of the op.
    #[inline]
    pub fn parts(self) -> (Meaning, Kinds) {
        PARTS[self.0 as usize]
    }

    /// Returns the op's meaning.
    #[inline]
    pub fn meaning(self) -> Meaning {
        self.parts().0
    }

    /// Returns where the op's operands lie, if it is no `control` op.
    #[inline]
    pub const fn layout(self) -> Layout {
        let (meaning, kinds) = PARTS[self.0 as usize];
        let row = meaning.row();
        match row.shape {
            Shape::control => Layout::NONE,
            shape => Layout::of(shape, kinds, row.operand),
        }
    }

    /// Returns the op's length in 64-bit words: head, operand word and any further words.
    ///
    /// `br_table` has its targets besides.
    #[inline]
    pub fn words(self) -> usize {
        usize::from(WORDS[self.0 as usize])
    }
}

static PARTS: [(Meaning, Kinds); Op::COUNT] = {
    let mut parts = [(Meaning::ALL[0], Kinds::new(Kind::None, Kind::None, Kind::None)); Op::COUNT];
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
    use Kind::{Imm, JumpUnless, None as N, Reg as R, Slot as S};

    const fn k(dst: Kind, a: Kind, b: Kind) -> Kinds {
        Kinds::new(dst, a, b)
    }

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
