//! Numbers for handles, for languages whose programs cannot hold handles themselves.

use crate::{AsContext, Global, Instance, Memory, Table, Tag};

macro_rules! numbers {
    ($($ty:ident $lookup:ident, $what:literal;)*) => {$(
        impl $ty {
            #[doc = concat!("Returns the number of the ", $what, " in its store.")]
            /// The number stays the same as long as the store lives.
            ///
            /// # Panics
            ///
            #[doc = concat!("Panics if the ", $what, " belongs to another store.")]
            pub fn to_number(&self, store: impl AsContext) -> u32 {
                let addr = self.addr(store.as_context().opaque().id());
                u32::try_from(addr.index()).expect("addresses have 32 bits")
            }

            #[doc = concat!("Returns the ", $what, " that has this number in the store, if there is one.")]
            /// The number is looked up, so any number is allowed.
            pub fn from_number(store: impl AsContext, number: u32) -> Option<Self> {
                let store = store.as_context().opaque();
                Some(Self::from_addr(store.id(), store.vm.$lookup(number)?))
            }
        }
    )*};
}

numbers! {
    Table table_at, "table";
    Memory memory_at, "memory";
    Global global_at, "global";
    Tag tag_at, "tag";
    Instance instance_at, "instance";
}
