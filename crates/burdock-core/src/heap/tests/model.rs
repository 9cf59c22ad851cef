//! Random programs on a heap and on a model of it, which must agree on what lives and on contents.

use super::{add, add_struct, configs};
use crate::heap::{
    Contents, GROWTH_UNIT, HEADER, Heap, HeapConfig, Layout, Object, Reference, RuntimeType,
    Shortage, Storage,
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Numbers that look random (xorshift).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 8) as usize % end
    }
}

/// An object of the model.
#[derive(Clone)]
struct Node {
    ty: RuntimeType,
    size: u64,
    /// Offsets of references with the numbers of the nodes they lead to.
    links: BTreeMap<u32, Option<u64>>,
    /// Offsets of numbers with their values.
    numbers: BTreeMap<u32, u64>,
    object: Object,
}

/// A heap with its model. A node's number says when it was allocated.
struct Model {
    heap: Heap,
    limit: u32,
    random: Random,
    nodes: BTreeMap<u64, Node>,
    roots: Vec<u64>,
    next: u64,
    /// Structs of several shapes.
    structs: Vec<(RuntimeType, Vec<Storage>)>,
    references: RuntimeType,
    longs: RuntimeType,
    /// Nodes of collections so far that died.
    died: u64,
}

impl Model {
    fn new(config: HeapConfig, limit: u32, seed: u64) -> Self {
        let mut heap = Heap::new(config);
        let shapes: [&[Storage]; 5] = [
            &[],
            &[Storage::Reference],
            &[Storage::Reference, Storage::I64, Storage::Reference],
            &[Storage::I64, Storage::I64, Storage::I64],
            &[Storage::Reference; 70],
        ];
        let structs = (0..).zip(shapes).map(|(id, shape)| {
            let ty = add_struct(&mut heap, id, shape);
            (ty, shape.to_vec())
        });
        let structs = structs.collect();
        let references = add(&mut heap, 100, Contents::Array(Storage::Reference));
        let longs = add(&mut heap, 101, Contents::Array(Storage::I64));
        Self {
            heap,
            limit,
            random: Random(seed),
            nodes: BTreeMap::new(),
            roots: Vec::new(),
            next: 0,
            structs,
            references,
            longs,
            died: 0,
        }
    }

    /// Returns the numbers of all nodes that roots lead to.
    fn reachable(&self) -> BTreeSet<u64> {
        let mut seen: BTreeSet<u64> = self.roots.iter().copied().collect();
        let mut left: Vec<u64> = self.roots.clone();
        while let Some(node) = left.pop() {
            for &link in self.nodes[&node].links.values().flatten() {
                if seen.insert(link) {
                    left.push(link);
                }
            }
        }
        seen
    }

    /// Collects, with some roots among words that are none, and compares.
    fn collect(&mut self, full: bool) {
        let reachable = self.reachable();
        let mut candidates =
            if full { self.heap.begin_full_collection() } else { self.heap.begin_collection() };
        for (index, root) in self.roots.iter().enumerate() {
            let offset = u64::from(self.nodes[root].object.offset());
            if index % 2 == 0 {
                candidates.mark_words(&[offset | 1 << 32, offset, offset + 4]);
            }
        }
        let mut marking = candidates.exact().expect("the system has memory");
        for root in self.roots.iter().skip(1).step_by(2) {
            marking.mark_reference(self.nodes[root].object.reference());
        }
        marking.finish();
        self.heap.check().expect("the heap is whole");
        if full {
            let count = self.nodes.len();
            self.nodes.retain(|node, _| reachable.contains(node));
            self.died += (count - self.nodes.len()) as u64;
            let bytes: u64 = self.nodes.values().map(|node| node.size).sum();
            let statistics = self.heap.statistics();
            assert_eq!(statistics.live_objects, self.nodes.len() as u64);
            assert_eq!(statistics.live_bytes, bytes);
        }
        self.compare(&reachable);
    }

    /// Compares the contents of all nodes that live.
    fn compare(&self, reachable: &BTreeSet<u64>) {
        for number in reachable {
            let node = &self.nodes[number];
            assert_eq!(self.heap.type_of(node.object), node.ty);
            for (&at, &link) in &node.links {
                let expected =
                    link.map_or(Reference::NULL, |link| self.nodes[&link].object.reference());
                assert_eq!(self.heap.read_reference(node.object, at), expected, "{number} {at}");
            }
            for (&at, &value) in &node.numbers {
                assert_eq!(u64::from_ne_bytes(self.heap.read(node.object, at)), value);
            }
        }
    }

    /// Allocates, collects and grows as needed; `None` if the object does not fit.
    fn allocate(&mut self, ty: RuntimeType, len: Option<u32>) -> Option<Object> {
        loop {
            let result = match len {
                Some(len) => self.heap.allocate_array(ty, len),
                None => self.heap.allocate_struct(ty),
            };
            match result {
                Ok(object) => return Some(object),
                Err(Shortage::Full | Shortage::TooLarge) => return None,
                Err(Shortage::Collection) => self.collect(false),
                Err(Shortage::Growth(bytes)) if self.heap.len() + bytes <= self.limit => {
                    self.heap.grow(bytes).expect("the system has memory");
                }
                Err(Shortage::Growth(_)) => self.heap.refuse_growth(),
            }
        }
    }

    fn add_node(&mut self) {
        let (mut links, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        let kind = self.random.below(10);
        let len = [3, 40, 400, 3000][self.random.below(40).saturating_sub(36)] as u32;
        let (ty, len, size) = if kind < 7 {
            let (ty, fields) = &self.structs[self.random.below(self.structs.len())];
            let layout = Layout::of(fields);
            for (&at, field) in layout.offsets.iter().zip(fields) {
                match field {
                    Storage::Reference => links.insert(at, None).is_none(),
                    _ => numbers.insert(at, 0).is_none(),
                };
            }
            (*ty, None, layout.size)
        } else if kind < 9 {
            links = (0..len).map(|index| (HEADER + 4 * index, None)).collect();
            (self.references, Some(len), (HEADER + 4 * len).next_multiple_of(8))
        } else {
            numbers = (0..len).map(|index| (HEADER + 8 * index, 0)).collect();
            (self.longs, Some(len), HEADER + 8 * len)
        };
        let Some(object) = self.allocate(ty, len) else { return };
        let node = Node { ty, size: u64::from(size), links, numbers, object };
        self.compare_new(&node);
        self.nodes.insert(self.next, node);
        self.roots.push(self.next);
        self.next += 1;
        for _ in 0..4 {
            self.write(self.next - 1);
        }
    }

    /// Checks that a new object is zero.
    fn compare_new(&self, node: &Node) {
        let len = node.size as usize - HEADER as usize;
        assert!(self.heap.bytes(node.object, HEADER, len).iter().all(|&byte| byte == 0));
    }

    /// Writes a field of a node.
    fn write(&mut self, number: u64) {
        let root = self.roots[self.random.below(self.roots.len())];
        let value = self.random.next();
        let node = self.nodes.get_mut(&number).expect("the node lives");
        let pick = |len: usize| (value >> 40) as usize % len;
        if !node.numbers.is_empty() {
            let at = *node.numbers.keys().nth(pick(node.numbers.len())).expect("it has one");
            node.numbers.insert(at, value);
            self.heap.write(node.object, at, value.to_ne_bytes());
        } else if !node.links.is_empty() {
            let at = *node.links.keys().nth(pick(node.links.len())).expect("it has one");
            let link = (!value.is_multiple_of(8)).then_some(root);
            node.links.insert(at, link);
            let object = node.object;
            let target = link.map_or(Reference::NULL, |link| self.nodes[&link].object.reference());
            self.heap.write_reference(object, at, target);
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..70 => self.add_node(),
            70..85 if !self.roots.is_empty() => {
                let all: Vec<u64> = self.reachable().into_iter().collect();
                let number = all[self.random.below(all.len())];
                self.write(number);
            }
            85..98 if !self.roots.is_empty() => {
                let most = if self.random.below(20) == 0 { self.roots.len() } else { 3 };
                for _ in 0..most.min(self.roots.len()) {
                    let root = self.random.below(self.roots.len());
                    self.roots.swap_remove(root);
                }
            }
            98 => self.collect(false),
            _ => self.collect(self.random.0.is_multiple_of(4)),
        }
    }
}

fn run(config: HeapConfig, limit: u32, seed: u64, mark_stack: Option<usize>) {
    let steps = if cfg!(miri) { 40 } else { 1500 };
    let mut model = Model::new(config, limit, seed);
    model.heap.mark_stack = mark_stack;
    for _ in 0..steps {
        model.step();
    }
    model.collect(true);
    assert!(model.died > 0, "some nodes died");
    model.roots.clear();
    model.collect(true);
    assert_eq!(model.heap.statistics().live_bytes, 0);
}

#[test]
fn heap_and_model_agree() {
    for config in configs() {
        for seed in 1..=if cfg!(miri) { 1 } else { 8 } {
            for generational in [true, false] {
                let config = HeapConfig { generational, ..config };
                run(config, 64 * GROWTH_UNIT, seed, None);
            }
        }
    }
}

#[test]
fn heap_and_model_agree_at_a_limit() {
    for seed in 1..=if cfg!(miri) { 1 } else { 8 } {
        let config = HeapConfig { reserve: false, ..HeapConfig::default() };
        run(config, GROWTH_UNIT, seed, None);
    }
}

#[test]
fn heap_and_model_agree_with_a_short_mark_stack() {
    for (seed, entries) in [(21, 0), (22, 1), (23, 7)] {
        run(
            HeapConfig { reserve: false, ..HeapConfig::default() },
            64 * GROWTH_UNIT,
            seed,
            Some(entries),
        );
    }
}

#[test]
fn heap_and_model_agree_when_every_allocation_collects() {
    for seed in 31..=if cfg!(miri) { 31 } else { 34 } {
        let config = HeapConfig { reserve: false, stress: true, ..HeapConfig::default() };
        run(config, 64 * GROWTH_UNIT, seed, None);
    }
}
