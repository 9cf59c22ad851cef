//! From an index among a store's entities back to an address.

use crate::vm::Vm;
use crate::{GlobalAddr, InstanceAddr, MemoryAddr, TableAddr, TagAddr};

macro_rules! lookups {
    ($($name:ident $entities:ident $addr:ident, $what:literal;)*) => {
        impl Vm {
            $(#[doc = concat!("Returns the address of the ", $what, " with this index, if there is one.")]
            pub fn $name(&self, index: u32) -> Option<$addr> {
                ((index as usize) < self.entities.$entities.len()).then_some($addr(index))
            })*
        }
    };
}

lookups! {
    table_at tables TableAddr, "table";
    memory_at memories MemoryAddr, "memory";
    global_at globals GlobalAddr, "global";
    tag_at tags TagAddr, "tag";
    instance_at instances InstanceAddr, "instance";
}
