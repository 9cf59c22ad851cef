//! Tests of the heap.

mod allocate;
mod check;
mod collect;
mod image;
mod layout;
mod model;
mod types;

use super::{Contents, Heap, HeapConfig, Reference, RuntimeType, Shortage, Storage, TypeDesc};
use crate::TypeId;
use alloc::vec::Vec;

/// Heaps with reserved addresses, and in a buffer. (Miri has no mappings.)
fn configs() -> Vec<HeapConfig> {
    let reserve = [false, true];
    let count = if cfg!(miri) { 1 } else { 2 };
    reserve[..count]
        .iter()
        .map(|&reserve| HeapConfig { reserve, ..HeapConfig::default() })
        .collect()
}

impl Heap {
    /// Collects all objects that no root among `roots` leads to.
    fn collect(&mut self, roots: &[Reference]) {
        let mut marking = self.begin_full_collection().exact().expect("no words were marked");
        roots.iter().for_each(|&root| marking.mark_reference(root));
        marking.finish();
    }

    /// Collects all objects.
    fn collect_all(&mut self) {
        self.collect(&[]);
    }
}

/// Adds a root type.
fn add(heap: &mut Heap, id: u32, contents: Contents<'_>) -> RuntimeType {
    heap.add_type(&TypeDesc { supertypes: &[TypeId(id)], is_final: true, contents })
}

fn add_struct(heap: &mut Heap, id: u32, fields: &[Storage]) -> RuntimeType {
    add(heap, id, Contents::Struct(fields))
}

/// Allocates in a heap that may grow to `limit` bytes, without collecting.
fn grow_for<T>(
    heap: &mut Heap,
    limit: u32,
    allocate: impl Fn(&mut Heap) -> Result<T, Shortage>,
) -> Result<T, Shortage> {
    loop {
        match allocate(heap) {
            Err(Shortage::Growth(bytes)) if heap.len() + bytes <= limit => {
                heap.grow(bytes).expect("the system has memory");
            }
            Err(Shortage::Growth(_)) => heap.refuse_growth(),
            result => return result,
        }
    }
}
