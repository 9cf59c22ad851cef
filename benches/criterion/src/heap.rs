//! The garbage-collected heap: allocation with its collections, and the collections alone.

use burdock_core::TypeId;
use burdock_core::heap::{
    Contents, Heap, HeapConfig, Object, Reference, RuntimeType, Shortage, Storage, TypeDesc,
};
use criterion::{Criterion, Throughput};
use std::hint::black_box;

/// The number of bytes of a node.
const NODE: usize = 32;

/// The number of nodes that a sample allocates.
const NODES: u32 = 1000;

const MIB: usize = 1 << 20;

/// A heap of nodes, each with two references behind its header.
struct Nodes {
    heap: Heap,
    node: RuntimeType,
    root: Reference,
}

impl Nodes {
    fn new() -> Self {
        let mut heap = Heap::new(HeapConfig::default());
        let fields = [[Storage::Reference; 2], [Storage::I32; 2], [Storage::I32; 2]].concat();
        let contents = Contents::Struct(&fields);
        let node = heap.add_type(&TypeDesc { supertypes: &[TypeId(0)], is_final: true, contents });
        Self { heap, node, root: Reference::NULL }
    }

    /// Returns a heap in which so many bytes of nodes live, a list in the order of allocation.
    fn in_order(bytes: usize) -> Self {
        let mut nodes = Self::new();
        nodes.list(bytes);
        nodes.collect(true);
        nodes
    }

    /// Returns a heap in which so many bytes of nodes live, a tree in random order.
    fn shuffled(bytes: usize) -> Self {
        let mut nodes = Self::new();
        let mut all = nodes.list(bytes);
        let mut random = 1u64;
        for end in (1..all.len()).rev() {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            all.swap(end, (random >> 33) as usize % (end + 1));
        }
        for (index, node) in all.iter().enumerate() {
            for (child, at) in [(2 * index + 1, 8), (2 * index + 2, 12)] {
                let child = all.get(child).map_or(Reference::NULL, |child| child.reference());
                nodes.heap.write_reference(*node, at, child);
            }
        }
        nodes.root = all[0].reference();
        nodes.collect(true);
        nodes
    }

    fn list(&mut self, bytes: usize) -> Vec<Object> {
        let mut last: Option<Object> = None;
        let all = (0..bytes / NODE).map(|_| {
            let next = self.allocate();
            match last {
                Some(last) => self.heap.write_reference(last, 8, next.reference()),
                None => self.root = next.reference(),
            }
            last = Some(next);
            next
        });
        all.collect()
    }

    #[inline]
    fn allocate(&mut self) -> Object {
        loop {
            match self.heap.allocate_struct(self.node) {
                Ok(object) => return object,
                Err(shortage) => self.make_room(shortage),
            }
        }
    }

    #[cold]
    fn make_room(&mut self, shortage: Shortage) {
        match shortage {
            Shortage::Collection => self.collect(false),
            Shortage::Growth(bytes) => self.heap.grow(bytes).expect("the system has memory"),
            Shortage::Full | Shortage::TooLarge => panic!("the heap is full"),
        }
    }

    fn collect(&mut self, all: bool) {
        let candidates =
            if all { self.heap.begin_full_collection() } else { self.heap.begin_collection() };
        let mut marking = candidates.exact().expect("no words were marked");
        marking.mark_reference(self.root);
        marking.finish();
    }
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("heap");
    group.throughput(Throughput::Elements(NODES.into()));
    for mib in [1, 256] {
        let mut nodes = Nodes::in_order(mib * MIB);
        group.bench_function(format!("allocate_32_with_{mib}_MiB"), |bencher| {
            bencher.iter(|| (0..NODES).for_each(|_| _ = black_box(nodes.allocate())));
        });
    }
    group.throughput(Throughput::Elements((100 * MIB / NODE) as u64));
    group.sample_size(10);
    let mut nodes = Nodes::in_order(100 * MIB);
    group.bench_function("collect_100_MiB", |bencher| bencher.iter(|| nodes.collect(true)));
    group.bench_function("collect_young_beside_100_MiB", |bencher| {
        bencher.iter(|| nodes.collect(false));
    });
    let mut nodes = Nodes::shuffled(100 * MIB);
    group.bench_function("collect_100_MiB_shuffled", |bencher| {
        bencher.iter(|| nodes.collect(true));
    });
    group.finish();
}
