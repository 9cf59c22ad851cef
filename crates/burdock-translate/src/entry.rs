//! A value on the symbolic operand stack: its type, and where it is.

use crate::stack::MAX_TEMPORARIES;
use burdock_ir::{Bank, Kind, Meaning, Op};
use burdock_types::{HeapType, RefType, ValType};
use core::fmt;

/// The number in place of a bank's, for what is in none.
pub(crate) const NO_BANK: u8 = Bank::COUNT as u8;

/// The banks, and what is in none, which has no registers.
pub(crate) const BANKS: usize = Bank::COUNT + 1;

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the entry's home slot.
    Home,
    /// In the temporary of its bank that has this number.
    Reg(u8),
    /// In a local that has not been assigned since: in its slot, or the register it is pinned to.
    Local(u32),
    /// In a local's slot, and in a temporary of its bank as well. Only popped entries are mirrored.
    Mirrored { local: u32, reg: u8 },
    /// In a slot that is not its home. Only popped entries are.
    Slot(u16),
    /// Nowhere yet: a constant, as it would lie in a slot.
    Const(u64),
}

/// The tag of a [`Place`], one bit each, so that a test for a certain place is a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    Home = 1,
    Slot = 2,
    Reg = 4,
    Mirrored = 8,
    Local = 16,
    PinnedLocal = 32,
    Const = 64,
}

/// By the tags' bits, the kind of operand that each makes as it is.
static KINDS: [Kind; 128] = {
    let mut kinds = [Kind::Slot; 128];
    kinds[Tag::Reg as usize] = Kind::Reg;
    kinds[Tag::Mirrored as usize] = Kind::Reg;
    kinds[Tag::PinnedLocal as usize] = Kind::Reg;
    kinds[Tag::Const as usize] = Kind::Imm;
    kinds
};

/// A type as an entry has it: the number of its bank in the lower byte, its own in the upper one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type(u16);

impl Type {
    pub(crate) const I32: Self = Self::of(ValType::I32);
    pub(crate) const I64: Self = Self::of(ValType::I64);
    pub(crate) const F32: Self = Self::of(ValType::F32);
    pub(crate) const F64: Self = Self::of(ValType::F64);
    pub(crate) const V128: Self = Self::of(ValType::V128);
    /// A function, of a type that the entry does not know.
    pub(crate) const FUNC: Self = Self::of(reference(false, HeapType::Func));
    /// An exception.
    pub(crate) const EXN: Self = Self::of(reference(false, HeapType::Exn));

    pub(crate) const fn of(ty: ValType) -> Self {
        let is_vector = ty.is_v128() as u16 * (VECTOR_BIT >> 40) as u16;
        Self(Bank::number(ty) as u16 | is_vector | (number(ty) as u16) << 8)
    }

    /// Returns the type of the result of a meaning's ops; for ops without a result, any type.
    #[inline]
    pub(crate) fn of_result(meaning: Meaning) -> Self {
        RESULTS[meaning as usize]
    }

    /// Returns the type as a list of one type.
    pub(crate) fn list(self) -> &'static [ValType] {
        core::slice::from_ref(&TYPES[usize::from(self.0 >> 8)])
    }

    /// Returns the bank of the type, by number.
    #[inline]
    pub(crate) const fn bank(self) -> u8 {
        self.0 as u8 % BANKS as u8
    }

    /// Returns `true` if a constant of the type may be too long for an instruction's immediate.
    const fn is_long(self) -> bool {
        self.bank() == Bank::Int as u8 && self.0 != Self::I32.0
    }
}

static RESULTS: [Type; Meaning::COUNT] = {
    let mut types = [Type::I32; Meaning::COUNT];
    let mut n = 0;
    while n < types.len() {
        if let Some(ty) = Meaning::ALL[n].row().out {
            types[n] = Type::of(ty);
        }
        n += 1;
    }
    types
};

/// The types by their numbers.
static TYPES: [ValType; 16] = {
    let mut types = [ValType::I32; 16];
    let mut n = 0;
    while n < ALL_TYPES.len() {
        types[number(ALL_TYPES[n]) as usize] = ALL_TYPES[n];
        n += 1;
    }
    types
};

const ALL_TYPES: [ValType; 13] = [
    ValType::I32,
    ValType::I64,
    ValType::F32,
    ValType::F64,
    ValType::V128,
    reference(false, HeapType::Func),
    reference(true, HeapType::Func),
    reference(false, HeapType::Extern),
    reference(true, HeapType::Extern),
    reference(false, HeapType::Any),
    reference(true, HeapType::Any),
    reference(false, HeapType::Exn),
    reference(true, HeapType::Exn),
];

const fn reference(nullable: bool, heap: HeapType) -> ValType {
    ValType::Ref(RefType { nullable, heap })
}

/// Returns the number of a type. Reference types have the number of the top of their hierarchy if
/// they are that type and nullable. All others of a hierarchy share another number, whose type is
/// the top without null: it says which kind of value there is, and not which values may be there.
const fn number(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(RefType { nullable, heap }) => {
            let hierarchy = match heap.top() {
                HeapType::Func => 0,
                HeapType::Extern => 1,
                HeapType::Exn => 3,
                _ => 2,
            };
            let is_top = nullable
                && matches!(
                    heap,
                    HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn
                );
            8 | is_top as u8 | hierarchy << 1
        }
    }
}

/// The payloads of values in temporaries, by the temporary's number.
static TEMPORARIES: [u64; MAX_TEMPORARIES] = {
    let mut entries = [0; MAX_TEMPORARIES];
    let mut reg = 0;
    while reg < entries.len() {
        let entry = Entry { payload: 0, packed: 0 }.in_register(0, Tag::Reg, reg as u8);
        entries[reg] = entry.packed | 1 << (56 + reg);
        reg += 1;
    }
    entries
};

/// A value on the operand stack. Entries are passed by value, so they are two words, which stay in
/// registers; frequent questions are answered without decoding the place.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The constant; the number of the local; of a value in a temporary, the position of the
    /// instruction that computes it, and above it the number of its op.
    payload: u64,
    /// The home slot: 0..16; the number of its slot or register as an operand: 16..32; its tag:
    /// 32..40; its [`Type`]: 40..56, of which the last bits are the flags below; as a set, the
    /// temporary that is its place: 56..64.
    packed: u64,
}

/// The entry is a vector, which takes two slots.
const VECTOR_BIT: u64 = 1 << 47;
/// The entry, and all below it, are at home or constant.
const FLUSHED: u64 = 1 << 52;
/// The entry, and all below it, were there at the last site.
const UNCHANGED: u64 = 1 << 53;
/// The entry is a constant that is too long for an instruction's immediate.
const LONG: u64 = 1 << 54;
/// The entry is in another register than the first of its bank.
const FAR: u64 = 1 << 55;

/// The bits that do not describe the place.
const KEPT: u64 = 0xffff | 0xffff << 40 & !(LONG | FAR);

impl Entry {
    /// Creates the entry of a value in its home.
    #[inline]
    pub(crate) const fn at_home(ty: Type, home: u16) -> Self {
        let places = home as u64 * 0x1_0001 + ((Tag::Home as u64) << 32);
        Self { payload: 0, packed: places | (ty.0 as u64) << 40 }
    }

    /// Returns the entry with another description of its place.
    #[inline]
    const fn with(self, payload: u64, tag: Tag, field: u16) -> Self {
        Self { payload, packed: self.packed & KEPT | (field as u64) << 16 | (tag as u64) << 32 }
    }

    /// Returns the entry in a register.
    #[inline]
    const fn in_register(self, payload: u64, tag: Tag, reg: u8) -> Self {
        let mut entry = self.with(payload, tag, reg as u16);
        entry.packed |= if reg > 0 { FAR } else { 0 };
        entry
    }

    /// Creates the entry of a constant, given as it would lie in a slot.
    #[inline]
    pub(crate) const fn constant(ty: Type, bits: u64, home: u16) -> Self {
        let mut entry = Self::at_home(ty, home).with(bits, Tag::Const, 0);
        let fits = bits as i64 == bits as i32 as i64;
        entry.packed |= if ty.is_long() && !fits { LONG } else { 0 };
        entry
    }

    /// Creates the entry of a local's value, at the bottom of a stack.
    pub(crate) fn of_local(local: u32, ty: Type, slot: u16) -> Self {
        Self::at_home(ty, 0).with(local.into(), Tag::Local, slot)
    }

    /// Returns the entry of the same local in this slot or pinned to a register. Pins change only
    /// while no other entry stands for a local.
    pub(crate) fn pinned(self, pin: Option<u8>, slot: u16) -> Self {
        match pin {
            Some(pin) => self.in_register(self.payload, Tag::PinnedLocal, pin),
            None => self.with(self.payload, Tag::Local, slot),
        }
    }

    /// Returns the same entry with this home.
    #[inline]
    pub(crate) const fn with_home(self, home: u16) -> Self {
        Self { packed: self.packed & !0xffff | home as u64, ..self }
    }

    /// Returns the entry of the value in its home.
    #[inline]
    pub(crate) fn to_home(self) -> Self {
        self.with(0, Tag::Home, self.home())
    }

    /// Returns the entry of the value in this slot.
    #[inline]
    pub(crate) fn to_slot(self, slot: u16) -> Self {
        self.with(0, Tag::Slot, slot)
    }

    /// Creates the entry of a value in a temporary of its bank, without a known instruction that
    /// computes it.
    #[inline]
    pub(crate) fn in_temporary(ty: Type, home: u16, reg: u8) -> Self {
        // The tag is known where this is compiled, so that nothing tests it again.
        const TAGS: u64 = 0xff << 32;
        let register = TEMPORARIES[usize::from(reg) % MAX_TEMPORARIES] & !TAGS;
        let packed = u64::from(home) | u64::from(ty.0) << 40 | register;
        Self { payload: u64::MAX, packed: packed | (Tag::Reg as u64) << 32 }
    }

    /// Returns the entry of the value in a register, for a value that was elsewhere.
    pub(crate) fn to_register(self, reg: u8) -> Self {
        let register = TEMPORARIES[usize::from(reg) % MAX_TEMPORARIES];
        Self { payload: u64::MAX, packed: self.packed & KEPT | register }
    }

    /// Returns the position of the instruction that computes the value into its temporary, if the
    /// destination of that instruction can still change.
    #[inline]
    pub(crate) fn definition_position(&self) -> Option<u32> {
        (self.is(Tag::Reg) && self.payload != u64::MAX).then_some(self.payload as u32)
    }

    /// Returns the position and the op of the instruction that computes the value.
    pub(crate) fn definition(&self) -> Option<(u32, Op)> {
        let op = Op::from_number((self.payload >> 32) as usize)?;
        Some((self.definition_position()?, op))
    }

    /// Notes the instruction that computes it into its temporary.
    #[inline]
    pub(crate) fn set_definition(&mut self, position: u32, op: Op) {
        self.payload = u64::from(position) | (op.number() as u64) << 32;
    }

    /// Settles the instruction that computed the value: it stays as it is.
    pub(crate) fn settle_definition(&mut self) {
        self.payload = u64::MAX;
    }

    /// Returns the entry of a local's value that is in this temporary of its bank as well.
    #[inline]
    pub(crate) fn to_mirror(self, reg: u8) -> Self {
        self.in_register(self.payload, Tag::Mirrored, reg)
    }

    /// Returns the entry with another type.
    pub(crate) fn retyped(self, ty: Type) -> Self {
        match self.bits() {
            Some(bits) => Self::constant(ty, bits, self.home()),
            None => Self { packed: self.packed & !(0xfff << 40) | u64::from(ty.0) << 40, ..self },
        }
    }

    /// Returns the type.
    #[inline]
    pub(crate) fn ty(&self) -> ValType {
        TYPES[(self.packed >> 48) as usize % TYPES.len()]
    }

    /// Returns the type of the reference if it is known not to be null.
    pub(crate) fn non_null(&self) -> Type {
        match self.ty() {
            ValType::Ref(ty) => Type::of(ValType::Ref(RefType { nullable: false, ..ty })),
            ty => Type::of(ty),
        }
    }

    /// Returns the number of slots that the value takes.
    #[inline]
    pub(crate) fn slots(&self) -> u32 {
        1 + (self.packed / VECTOR_BIT % 2) as u32
    }

    /// Returns the bank of the type, by number.
    #[inline]
    pub(crate) fn bank(&self) -> u8 {
        (self.packed >> 40) as u8 % BANKS as u8
    }

    /// Returns the home: the slot that belongs to this position of the stack.
    #[inline]
    pub(crate) fn home(&self) -> u16 {
        self.packed as u16
    }

    /// Returns the number of the slot or register as an operand; 0 for a constant.
    #[inline]
    pub(crate) fn field(&self) -> u16 {
        (self.packed >> 16) as u16
    }

    /// Returns the place.
    #[inline]
    pub(crate) fn place(&self) -> Place {
        let local = self.payload as u32;
        if self.is(Tag::Const) {
            Place::Const(self.payload)
        } else if self.is(Tag::Reg) {
            Place::Reg(self.field() as u8)
        } else if self.is(Tag::Home) {
            Place::Home
        } else if self.is(Tag::Slot) {
            Place::Slot(self.field())
        } else if self.is(Tag::Mirrored) {
            Place::Mirrored { local, reg: self.field() as u8 }
        } else {
            Place::Local(local)
        }
    }

    #[inline]
    fn is(&self, tag: Tag) -> bool {
        self.packed >> 32 & tag as u64 != 0
    }

    /// Returns the operand kind of the entry as it is.
    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        KINDS[(self.packed >> 32) as usize % KINDS.len()]
    }

    /// Returns the bits if this is a constant.
    #[inline]
    pub(crate) fn bits(&self) -> Option<u64> {
        self.is(Tag::Const).then_some(self.payload)
    }

    /// Returns the entry of the negated integer, if this is that of a constant of the type.
    pub(crate) fn negated(self, ty: Type) -> Option<Self> {
        let bits = self.bits()?.wrapping_neg();
        let bits = if ty.is_long() { bits } else { u64::from(bits as u32) };
        Some(Self::constant(ty, bits, self.home()))
    }

    /// Returns `true` if the value is in its home.
    #[inline]
    pub(crate) fn is_home(&self) -> bool {
        self.is(Tag::Home)
    }

    /// Returns the temporary that holds the value.
    #[inline]
    pub(crate) fn register(&self) -> Option<u8> {
        self.is(Tag::Reg).then_some(self.field() as u8)
    }

    /// Returns the temporary that holds the value, as a set.
    #[inline]
    pub(crate) fn temporary(&self) -> u8 {
        (self.packed >> 56) as u8
    }

    /// Returns the local that the entry stands for.
    #[inline]
    pub(crate) fn local(&self) -> Option<u32> {
        let is_local = self.packed >> 32 & (Tag::Local as u64 | Tag::PinnedLocal as u64) != 0;
        is_local.then_some(self.payload as u32)
    }

    /// Returns `true` if the meaning's ops take these two operands as they are whenever they take
    /// operands of these kinds.
    #[inline]
    pub(crate) fn are_plain(a: Self, b: Self) -> bool {
        (a.packed | b.packed) & (LONG | FAR) == 0
    }

    /// Returns `true` if this is a constant that is too long for an instruction's immediate.
    #[inline]
    pub(crate) fn is_long_constant(&self) -> bool {
        self.packed & LONG != 0
    }

    /// Returns `true` if the value is in another register than the first of its bank.
    #[inline]
    pub(crate) fn is_far(&self) -> bool {
        self.packed & FAR != 0
    }

    /// Returns `true` if this entry and all below it are in their homes or constant.
    #[inline]
    pub(crate) fn is_flushed(&self) -> bool {
        self.packed & FLUSHED != 0
    }

    /// Marks this entry and all below it as in their homes or constant.
    #[inline]
    pub(crate) fn set_flushed(&mut self) {
        self.packed |= FLUSHED;
    }

    /// Returns `true` if this entry and all below it were on the stack at the last site.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.packed & UNCHANGED != 0
    }

    /// Marks this entry and all below it as on the stack at the last site, or unmarks them.
    pub(crate) fn set_unchanged(&mut self, unchanged: bool) {
        self.packed = self.packed & !UNCHANGED | if unchanged { UNCHANGED } else { 0 };
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ty, place, home) = (self.ty(), self.place(), self.home());
        f.debug_struct("Entry")
            .field("ty", &ty)
            .field("place", &place)
            .field("home", &home)
            .finish()
    }
}
