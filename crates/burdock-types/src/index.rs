//! Index newtypes: a position in one of a *module's* index spaces (spec section 2.5.1).
//! Never an address in a store; those belong to `burdock-core`.

use core::fmt;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Returns the index as a `usize`, for slices.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<u32> for $name {
            fn from(index: u32) -> Self {
                Self(index)
            }
        }
    )*};
}

index! {
    /// A function of a module, imported ones first.
    FuncIdx,
    /// A type of a module.
    TypeIdx,
    /// A table of a module, imported ones first.
    TableIdx,
    /// A memory of a module, imported ones first.
    MemoryIdx,
    /// A global of a module, imported ones first.
    GlobalIdx,
    /// A tag of a module, imported ones first.
    TagIdx,
    /// An element segment of a module.
    ElemIdx,
    /// A data segment of a module.
    DataIdx,
    /// A local of a function, parameters first.
    LocalIdx,
}
