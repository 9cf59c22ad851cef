//! Addresses: where entities are in a store. Never an index in a module; those are
//! `burdock_types::FuncIdx` and its like.

/// A reference as it lies in a slot or table: 0 is null; of a function, its address plus one; of a
/// others, a [`Reference`](crate::heap::Reference), zero-extended.
pub type RawRef = u64;

macro_rules! addr {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Returns the index among the store's entities of the kind.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

addr! {
    /// A function of a store.
    FuncAddr,
    /// A table of a store.
    TableAddr,
    /// A memory of a store.
    MemoryAddr,
    /// A global of a store.
    GlobalAddr,
    /// A tag of a store.
    TagAddr,
    /// An instance of a store.
    InstanceAddr,
}

impl FuncAddr {
    /// Returns the function that a reference refers to; `None` for null.
    pub fn from_raw(raw: RawRef) -> Option<Self> {
        raw.checked_sub(1).map(|index| Self(index as u32))
    }

    /// Returns the reference to this function.
    pub fn to_raw(self) -> RawRef {
        RawRef::from(self.0) + 1
    }
}

/// A type of the engine: equal types have equal numbers, whatever module they are from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(pub u32);

impl core::fmt::Display for TypeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "(type {})", self.0)
    }
}

/// A type of a module.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TypeInfo {
    /// The engine's number for it.
    pub id: TypeId,
    /// The slot of the record in frames of functions of this type; 0 if it is no function type.
    pub record: u32,
}

/// A host function, by its number in the embedder's list for the store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostFunc(pub u32);
