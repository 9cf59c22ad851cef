//! Operands of instructions: for each `control` op a type whose fields are the op's operands, and
//! for every op where its operands lie.
//!
//! A row of the op table names an op's operands and their kinds. The order of the kinds determines
//! where each operand lies, as a [`BitField`]: operands of 16 bits take the next quarter of the
//! word, operands of 32 bits the next half (of the first word the upper one), and operands of 64
//! bits a word. A semicolon in a row begins a new word. No other place knows positions: translation
//! writes a type of [`control`], the machine reads one, and the generator of native handlers asks
//! the type where an operand lies.

use crate::{Bank, Bulk, Kind, Meaning, Op, Row, Shape};
use burdock_types::ValType;

mod layout;

pub use layout::{
    CastLayout, FIRST, Layout, NO_SLOT, NewLayout, RESULT, SECOND, THIRD, cast_word, of_lane_store,
    pin_slots, pins_word, table_target, table_words, with_result, with_result_and_number,
    without_result,
};

/// Bits of an instruction that hold an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitField {
    /// The word, counted from the head, which is word 0.
    pub word: u8,
    /// The number of bits in the word below the field.
    pub shift: u8,
    /// The number of bits of the field: 16, 32 or 64.
    pub width: u8,
}

impl BitField {
    /// Returns quarter `n` of the operand word, which is word 1.
    pub const fn quarter(n: u8) -> Self {
        Self { word: 1, shift: 16 * n, width: 16 }
    }

    /// The upper half of the operand word.
    pub const UPPER: Self = Self { word: 1, shift: 32, width: 32 };

    /// Returns a whole word.
    pub const fn word(word: u8) -> Self {
        Self { word, shift: 0, width: 64 }
    }

    /// Returns which quarter of the operand word the field is.
    ///
    /// # Panics
    ///
    /// The field is not a quarter of the operand word.
    pub const fn number(self) -> usize {
        assert!(
            self.word == 1 && self.width == 16,
            "the field is not a quarter of the operand word"
        );
        self.shift as usize / 16
    }

    /// Returns the field's distance in bytes from the head, in memory of a little-endian processor.
    pub const fn byte(self) -> usize {
        self.word as usize * 8 + self.shift as usize / 8
    }

    /// Returns the field's value; `word` is the field's word.
    #[inline]
    pub const fn get(self, word: u64) -> u64 {
        word >> self.shift & self.mask()
    }

    /// Returns `word`, which is the field's word, with the field's value in it.
    #[inline]
    pub const fn put(self, word: u64, value: u64) -> u64 {
        word & !(self.mask() << self.shift) | (value & self.mask()) << self.shift
    }

    const fn mask(self) -> u64 {
        u64::MAX >> (64 - self.width)
    }
}

/// The use of an operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandKind {
    /// A slot of the frame.
    Slot,
    /// The first slot of a vector.
    Vector,
    /// A register, by its number in the bank.
    Register(Bank),
    /// A number of 16 bits.
    Count,
    /// A number of 32 bits: an index, a constant, a size.
    Number,
    /// A number of 64 bits.
    Word,
    /// An operator on a memory or table.
    Bulk,
    /// A distance in words from the head to another instruction.
    Target,
}

impl OperandKind {
    /// Returns what an operand of a type is that an op takes from, or writes to, such a place.
    pub(crate) fn of(kind: Kind, ty: Option<ValType>, field: BitField) -> Self {
        match (kind, ty.and_then(Bank::of)) {
            (Kind::Reg, Some(bank)) => Self::Register(bank),
            (Kind::Imm, _) => Self::number(field),
            (_, Some(_)) => Self::Slot,
            (_, None) => Self::Vector,
        }
    }

    /// Returns what a number is that lies in a field.
    pub(crate) const fn number(field: BitField) -> Self {
        match field.width {
            16 => Self::Count,
            32 => Self::Number,
            _ => Self::Word,
        }
    }

    const fn width(self) -> u8 {
        match self {
            Self::Slot | Self::Vector | Self::Register(_) | Self::Count | Self::Bulk => 16,
            Self::Number | Self::Target => 32,
            Self::Word => 64,
        }
    }
}

/// An operand of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The operand's name in the op table.
    pub name: &'static str,
    /// The use of the operand.
    pub kind: OperandKind,
    /// The place of the operand in the instruction.
    pub field: BitField,
}

/// A value that an operand can have.
pub trait OperandValue: Copy {
    /// Returns the value of a field's bits.
    fn from_bits(bits: u64) -> Self;
    /// Returns the bits of the value, zero-extended.
    fn to_bits(self) -> u64;
}

macro_rules! values {
    ($($ty:ty as $bits:ty;)*) => {$(
        impl OperandValue for $ty {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                bits as $ty
            }

            #[inline(always)]
            fn to_bits(self) -> u64 {
                self as $bits as u64
            }
        }
    )*};
}

values! {
    u16 as u16;
    u32 as u32;
    i32 as u32;
    u64 as u64;
}

impl OperandValue for Bulk {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        Bulk::from_number(bits as u16).expect("translation writes numbers of operators")
    }

    #[inline(always)]
    fn to_bits(self) -> u64 {
        self as u64
    }
}

/// The kinds of operands under the names that the op table uses for them.
#[allow(non_camel_case_types, reason = "written in lower case in the op table")]
pub mod kind {
    use super::{Bank, Bulk, OperandKind, OperandValue};

    /// A kind of operands as a type.
    pub trait Described {
        /// The type of the operand's value.
        type Value: OperandValue;
        /// The kind.
        const KIND: OperandKind;
    }

    macro_rules! kinds {
        ($($name:ident: $value:ty = $kind:expr;)*) => {$(
            #[doc = concat!("The kind `", stringify!($kind), "`.")]
            #[derive(Debug)]
            pub struct $name;

            impl Described for $name {
                type Value = $value;
                const KIND: OperandKind = $kind;
            }
        )*};
    }

    kinds! {
        slot: u16 = OperandKind::Slot;
        vector: u16 = OperandKind::Vector;
        int: u16 = OperandKind::Register(Bank::Int);
        f32: u16 = OperandKind::Register(Bank::F32);
        f64: u16 = OperandKind::Register(Bank::F64);
        count: u16 = OperandKind::Count;
        number: u32 = OperandKind::Number;
        word: u64 = OperandKind::Word;
        bulk: Bulk = OperandKind::Bulk;
        target: i32 = OperandKind::Target;
    }
}

use kind::Described;

/// The operands of a `control` op.
pub trait Operands: Copy {
    /// The computation of the op.
    const MEANING: Meaning;
    /// The operands, in the order of the row.
    const OPERANDS: &'static [Operand];
    /// The op's length in words, the head included; a branch table's targets are not.
    const LENGTH: usize = words(Self::OPERANDS);
    /// The words behind the head.
    type Words: AsRef<[u64]>;

    /// Returns the words that stand behind the head.
    fn words(self) -> Self::Words;

    /// Reads the operands from wherever `field` finds their bits.
    fn read(field: impl Fn(BitField) -> u64) -> Self;

    /// Returns the operand word, the first one behind the head.
    #[inline(always)]
    fn word(self) -> u64 {
        self.words().as_ref()[0]
    }
}

/// Returns where operands of these kinds lie, each group beginning a word.
const fn layout<const N: usize>(words: &[&[OperandKind]]) -> [BitField; N] {
    let mut fields = [BitField::UPPER; N];
    let (mut n, mut word, mut group) = (0, 1, 0);
    while group < words.len() {
        let (kinds, mut shift, mut i) = (words[group], 0, 0);
        while i < kinds.len() {
            let width = kinds[i].width();
            if width == 32 && word == 1 && shift < 32 {
                shift = 32;
            }
            assert!(shift % width == 0, "an operand lies at a multiple of its width");
            if shift + width > 64 {
                (word, shift) = (word + 1, 0);
            }
            fields[n] = BitField { word, shift, width };
            (n, i, shift) = (n + 1, i + 1, shift + width);
        }
        (word, group) = (word + 1, group + 1);
    }
    fields
}

/// Returns the position of a name among names.
const fn position(names: &[&str], name: &str) -> usize {
    let mut n = 0;
    while !is_same(names[n].as_bytes(), name.as_bytes()) {
        n += 1;
    }
    n
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

/// Returns the number of words in which fields lie, the head included.
pub(crate) const fn words(operands: &[Operand]) -> usize {
    match operands.len() {
        0 => 1,
        len => operands[len - 1].field.word as usize + 1,
    }
}

macro_rules! types {
    ($($shape:ident $name:ident $({ $($($operand:ident: $kind:ident),+);* })? $text:literal
        $(=> $does:literal)? $(swap $swap:ident $(not $not:ident)?)?
        $(= $family:ident::$which:ident $(($sign:ident))? $(on $lanes:ident)?)?;)*) => {
        $(types!(@row $shape $name $text $({ $($($operand: $kind),+);* })?);)*
    };
    (@row control $name:ident $text:literal { $($($operand:ident: $kind:ident),+);* }) => {
        #[doc = concat!("The operands of `", $text, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the op table says what each operand is")]
        pub struct $name {
            $($(pub $operand: <kind::$kind as Described>::Value,)+)*
        }

        #[allow(dead_code, reason = "an op may have no operands")]
        impl $name {
            const NAMES: &[&str] = &[$($(stringify!($operand)),+),*];
            const FIELDS: [BitField; Self::NAMES.len()] = layout(&[$(&[$(kind::$kind::KIND),+]),*]);

            $($(
                #[doc = concat!("Returns where the operand `", stringify!($operand), "` lies.")]
                pub const fn $operand() -> BitField {
                    Self::FIELDS[position(Self::NAMES, stringify!($operand))]
                }
            )+)*
        }

        #[allow(unused_mut, unused_variables, reason = "an op may have no operands")]
        impl Operands for $name {
            const MEANING: Meaning = Meaning::$name;
            const OPERANDS: &'static [Operand] = &[$($(Operand {
                name: stringify!($operand),
                kind: kind::$kind::KIND,
                field: Self::$operand(),
            }),+),*];
            type Words = [u64; words(Self::OPERANDS) - 1];

            #[inline(always)]
            fn words(self) -> Self::Words {
                let mut words = [0; words(Self::OPERANDS) - 1];
                $($(
                    let BitField { word, shift, .. } = const { Self::$operand() };
                    words[word as usize - 1] |= self.$operand.to_bits() << shift;
                )+)*
                words
            }

            #[inline(always)]
            fn read(field: impl Fn(BitField) -> u64) -> Self {
                Self {
                    $($($operand: OperandValue::from_bits(field(const { Self::$operand() })),)+)*
                }
            }
        }
    };
    (@row $shape:ident $name:ident $text:literal) => {};
}

/// For each `control` op a type with its operands, of the op's name.
pub mod control {
    use super::{
        BitField, Described, Meaning, Operand, OperandValue, Operands, kind, layout, position,
        words,
    };
    crate::for_each_op!(types);
}

impl Op {
    /// Returns the bank of the register that each quarter of the operand word names, if any.
    pub fn registers(self) -> [Option<Bank>; 4] {
        let mut banks = [None; 4];
        for operand in self.operands() {
            if let OperandKind::Register(bank) = operand.kind {
                banks[operand.field.number()] = Some(bank);
            }
        }
        banks
    }

    /// Returns the op's operands: of a `control` op as its row names them, of another one as
    /// [`Layout`] does. What an op of kind [`Kind::Imm`] has in itself is a number or a word.
    pub fn operands(self) -> impl Iterator<Item = Operand> {
        let (meaning, kinds) = self.parts();
        let (row, layout) = (meaning.row(), self.layout());
        let (dst, a, b) = (row.destination_type(), row.operand_type(0), row.operand_type(1));
        let placed = [
            ("dst", kinds.dst, dst, layout.dst),
            ("a", kinds.a, a, layout.a),
            ("b", kinds.b, b, layout.b),
        ];
        let placed = placed.map(|(name, kind, ty, field)| {
            Some(Operand { name, kind: OperandKind::of(kind, ty, field?), field: field? })
        });
        let number = |name, field: Option<BitField>| {
            let field = field?;
            Some(Operand { name, kind: OperandKind::number(field), field })
        };
        let others = [
            layout.c.map(|field| Operand { name: "c", kind: OperandKind::Vector, field }),
            number("reciprocal", layout.reciprocal),
            number("lane", layout.lane),
            number("offset", layout.offset),
            number("end", layout.end),
            number("memory", layout.memory),
            layout.target.map(|field| Operand { name: "to", kind: OperandKind::Target, field }),
            number("type", layout.cast.map(|cast| cast.ty)),
            number("depth", layout.cast.map(|cast| cast.depth)),
            number("nullable", layout.cast.map(|cast| cast.nullable)),
            number("type", layout.new.map(|new| new.ty)),
            number("size", layout.new.map(|new| new.size)),
            number("pins", layout.new.map(|new| new.pins)),
        ];
        row.operands.iter().copied().chain(placed.into_iter().chain(others).flatten())
    }
}

impl Row {
    /// Returns the type of what the field of the result names, of a store of an element the array.
    fn destination_type(&self) -> Option<ValType> {
        if self.shape.is_element_set() { Some(ValType::I32) } else { self.out }
    }

    /// Returns the type of operand `n` in a register or slot; vectors are `V128`.
    fn operand_type(&self, n: usize) -> Option<ValType> {
        match (self.shape, n) {
            (Shape::load | Shape::field_get | Shape::element_get, _) => Some(ValType::I32),
            (shape, 0) if shape.is_object_access() => Some(ValType::I32),
            (shape, 0) if shape.is_access() => Some(ValType::I32),
            _ => self.operand,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn operands_that_were_written_are_read() {
        let call = control::ReturnCallIndirect {
            args: 1,
            index: 2,
            record: 3,
            params: 4,
            ty: 5,
            table: 6,
            own_record: 7,
        };
        let words = call.words();
        assert_eq!(words, [0x0004_0003_0002_0001, 0x0000_0006_0000_0005, 7]);
        let read = control::ReturnCallIndirect::read(|field| {
            field.get(words[usize::from(field.word) - 1])
        });
        assert_eq!(read, call);
        assert_eq!(control::Br { to: -2 }.words(), [0xffff_fffe_0000_0000]);
        assert_eq!(control::Unreachable {}.words(), [0; 0]);
    }

    #[test]
    fn ops_that_differ_in_operand_places_only_have_one_layout() {
        for family in [
            &[Meaning::BrTable, Meaning::BrTableR] as &[Meaning],
            &[Meaning::Shuffle, Meaning::ShuffleR],
            &[Meaning::ReturnSlot, Meaning::ReturnI, Meaning::ReturnF32, Meaning::ReturnF64],
            &[Meaning::CallIndirect, Meaning::CallIndirectR],
            &[Meaning::CallRef, Meaning::CallRefR],
            &[Meaning::ReturnCall, Meaning::ReturnCallImported],
            &[Meaning::Enter, Meaning::BindFunc],
            &[Meaning::Observe, Meaning::Anchor],
            &[Meaning::BrIfWatched, Meaning::BrIfWatchedR],
            &[Meaning::Select, Meaning::SelectToR, Meaning::SelectRRR, Meaning::SelectV128],
            &[Meaning::GlobalGet, Meaning::GlobalGetI, Meaning::GlobalGetV128],
            &[Meaning::GlobalGet, Meaning::GlobalSet, Meaning::GlobalSetI, Meaning::GlobalSetV128],
            &[Meaning::I64Add128, Meaning::I64Sub128, Meaning::I64MulWideS, Meaning::I64MulWideU],
        ] {
            let fields = |meaning: &Meaning| meaning.row().operands.iter().map(|own| own.field);
            for meaning in family {
                assert!(fields(meaning).eq(fields(&family[0])), "{meaning:?}");
            }
        }
    }

    #[test]
    fn what_precedes_an_operand_determines_its_place() {
        for (field, expected) in [
            (control::Br::to(), "word 1, 32 bits from 32"),
            (control::Call::func(), "word 1, 32 bits from 32"),
            (control::CallIndirect::record(), "word 1, 16 bits from 32"),
            (control::CallIndirect::table(), "word 2, 32 bits from 32"),
            (control::ReturnCall::func(), "word 2, 32 bits from 0"),
            (control::ConstV128::high(), "word 3, 64 bits from 0"),
        ] {
            let BitField { word, shift, width } = field;
            assert_eq!(format!("word {word}, {width} bits from {shift}"), expected);
        }
    }
}
