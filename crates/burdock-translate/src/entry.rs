//! A value on the symbolic operand stack: its type, and where it is.

use crate::func::Local;
use burdock_ir::{Bank, Kind};
use burdock_types::{HeapType, RefType, ValType};
use core::fmt;

/// The number in place of a bank's, for what is in none.
pub(crate) const NO_BANK: u8 = Bank::COUNT as u8;

/// The banks, and what is in none, which has no registers.
pub(crate) const BANKS: usize = Bank::COUNT + 1;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the entry's home slot.
    Home,
    /// In the temporary of its bank that has this number.
    Reg(u8),
    /// In a local that has not been assigned since: in its slot, or the register it is pinned to.
    Local(u32),
    /// Of a popped entry: in a local's slot, and in a temporary of its bank as well.
    Mirrored { local: u32, reg: u8 },
    /// Of a popped entry: in a slot that is not its home.
    Slot(u16),
    /// Nowhere yet: a constant, as it would lie in a slot.
    Const(u64),
}

/// Which [`Place`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    Home,
    Slot,
    Reg,
    Local,
    PinnedLocal,
    Mirrored,
    Const,
}

/// The tags by their numbers, and the kind of operand that each makes as it is.
static TAGS: [(Tag, Kind); 8] = [
    (Tag::Home, Kind::Slot),
    (Tag::Slot, Kind::Slot),
    (Tag::Reg, Kind::Reg),
    (Tag::Local, Kind::Slot),
    (Tag::PinnedLocal, Kind::Reg),
    (Tag::Mirrored, Kind::Reg),
    (Tag::Const, Kind::Imm),
    (Tag::Const, Kind::Imm),
];

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

const ALL_TYPES: [ValType; 9] = [
    ValType::I32,
    ValType::I64,
    ValType::F32,
    ValType::F64,
    ValType::V128,
    reference(false, HeapType::Func),
    reference(true, HeapType::Func),
    reference(false, HeapType::Extern),
    reference(true, HeapType::Extern),
];

const fn reference(nullable: bool, heap: HeapType) -> ValType {
    ValType::Ref(RefType { nullable, heap })
}

/// The number of a type.
const fn number(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => VECTOR,
        ValType::Ref(RefType { nullable, heap }) => 8 | nullable as u8 | (heap as u8) << 1,
    }
}

const VECTOR: u8 = 4;

/// A value on the operand stack. It goes from hand to hand, so it is two words, which stay in
/// registers: what is asked of every operand is there without a look at where the value is.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The constant, or the number of the local.
    payload: u64,
    /// The home slot: 0..16; the number of its slot or register as an operand: 16..32; its tag:
    /// 32..40; the number of its bank: 40..48; that of its type: 48..56.
    packed: u64,
}

impl Entry {
    /// A value in its home.
    #[inline]
    pub(crate) fn at_home(ty: ValType, home: u16) -> Self {
        let home = u64::from(home);
        let (bank, ty) = (u64::from(Bank::number(ty)), u64::from(number(ty)));
        Self { payload: 0, packed: home | home << 16 | bank << 40 | ty << 48 }
    }

    #[inline]
    fn with(self, payload: u64, tag: Tag, field: u16) -> Self {
        let kept = self.packed & !(0xff_ffff << 16);
        Self { payload, packed: kept | u64::from(field) << 16 | (tag as u64) << 32 }
    }

    /// A constant, as it would lie in a slot.
    #[inline]
    pub(crate) fn constant(ty: ValType, bits: u64, home: u16) -> Self {
        Self::at_home(ty, home).with(bits, Tag::Const, 0)
    }

    /// The value of a local.
    #[inline]
    pub(crate) fn of_local(local: u32, info: &Local, home: u16) -> Self {
        // Pins change only where no entry stands for a local.
        let (tag, field) = match info.pin {
            Some(pin) => (Tag::PinnedLocal, pin.into()),
            None => (Tag::Local, info.slot),
        };
        Self::at_home(info.ty, home).with(local.into(), tag, field)
    }

    /// The value, in its home.
    #[inline]
    pub(crate) fn to_home(self) -> Self {
        self.with(0, Tag::Home, self.home())
    }

    /// The value, in this slot.
    #[inline]
    pub(crate) fn to_slot(self, slot: u16) -> Self {
        self.with(0, Tag::Slot, slot)
    }

    /// The value, in this temporary of its bank.
    #[inline]
    pub(crate) fn to_register(self, reg: u8) -> Self {
        self.with(0, Tag::Reg, reg.into())
    }

    /// The value of a local, which is in this temporary of its bank as well.
    #[inline]
    pub(crate) fn to_mirror(self, reg: u8) -> Self {
        self.with(self.payload, Tag::Mirrored, reg.into())
    }

    /// The value, taken for one of another type.
    pub(crate) fn retyped(self, ty: ValType) -> Self {
        let (bank, ty) = (u64::from(Bank::number(ty)), u64::from(number(ty)));
        Self { packed: self.packed & ((1 << 40) - 1) | bank << 40 | ty << 48, ..self }
    }

    /// Its type.
    #[inline]
    pub(crate) fn ty(&self) -> ValType {
        TYPES[(self.packed >> 48) as usize % TYPES.len()]
    }

    /// How many slots it takes.
    #[inline]
    pub(crate) fn slots(&self) -> u32 {
        1 + u32::from((self.packed >> 48) as u8 == VECTOR)
    }

    /// The bank of its type, by number.
    #[inline]
    pub(crate) fn bank(&self) -> u8 {
        (self.packed >> 40) as u8 % BANKS as u8
    }

    /// The slot that belongs to this position of the stack.
    #[inline]
    pub(crate) fn home(&self) -> u16 {
        self.packed as u16
    }

    /// The number of its slot or register as an operand; 0 for a constant.
    #[inline]
    pub(crate) fn field(&self) -> u16 {
        (self.packed >> 16) as u16
    }

    #[inline]
    fn tag(&self) -> Tag {
        TAGS[(self.packed >> 32) as usize % TAGS.len()].0
    }

    /// Where it is.
    #[inline]
    pub(crate) fn place(&self) -> Place {
        let local = self.payload as u32;
        match self.tag() {
            Tag::Home => Place::Home,
            Tag::Slot => Place::Slot(self.field()),
            Tag::Reg => Place::Reg(self.field() as u8),
            Tag::Local | Tag::PinnedLocal => Place::Local(local),
            Tag::Mirrored => Place::Mirrored { local, reg: self.field() as u8 },
            Tag::Const => Place::Const(self.payload),
        }
    }

    #[inline]
    fn is(&self, tag: Tag) -> bool {
        (self.packed >> 32) as u8 == tag as u8
    }

    /// The kind of operand that it makes as it is.
    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        TAGS[(self.packed >> 32) as usize % TAGS.len()].1
    }

    /// The constant that it is.
    #[inline]
    pub(crate) fn bits(&self) -> Option<u64> {
        self.is(Tag::Const).then_some(self.payload)
    }

    /// Whether it is in its home.
    #[inline]
    pub(crate) fn is_home(&self) -> bool {
        self.is(Tag::Home)
    }

    /// As a set, the temporary that is its place.
    #[inline]
    pub(crate) fn temporary(&self) -> u8 {
        u8::from(self.is(Tag::Reg)) << (self.field() & 7)
    }

    /// The local that it stands for.
    #[inline]
    pub(crate) fn local(&self) -> Option<u32> {
        (self.is(Tag::Local) || self.is(Tag::PinnedLocal)).then_some(self.payload as u32)
    }

    /// Whether it is a constant that is too long for an instruction's immediate.
    #[inline]
    pub(crate) fn is_long_constant(&self) -> bool {
        match (self.bits(), self.ty()) {
            (Some(bits), ValType::I64 | ValType::Ref(_)) => i32::try_from(bits as i64).is_err(),
            _ => false,
        }
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
