//! Tests of collection.

use super::model::Random;
use super::{add, add_struct, configs, grow_for};
use crate::heap::{
    Contents, FIRST, GROWTH_UNIT, Heap, HeapConfig, MAX_BYTES, Object, Reference, RuntimeType,
    Shortage, Storage,
};
use alloc::vec::Vec;

const SMALL: HeapConfig = HeapConfig { reserve: false, ..HeapConfig::DEFAULT };

/// A heap whose roots are some references.
struct Rooted {
    heap: Heap,
    roots: Vec<Reference>,
}

impl Rooted {
    fn new(config: HeapConfig) -> Self {
        Self { heap: Heap::new(config), roots: Vec::new() }
    }

    fn allocate(&mut self, ty: RuntimeType, len: Option<u32>) -> Object {
        loop {
            let result = grow_for(&mut self.heap, MAX_BYTES, |heap| match len {
                Some(len) => heap.allocate_array(ty, len),
                None => heap.allocate_struct(ty),
            });
            match result {
                Ok(object) => return object,
                Err(Shortage::Collection) => self.collect_as_due(),
                Err(shortage) => panic!("{shortage:?}"),
            }
        }
    }

    fn collect_as_due(&mut self) {
        let mut marking = self.heap.begin_collection().exact().expect("no words were marked");
        self.roots.iter().for_each(|&root| marking.mark_reference(root));
        marking.finish();
    }

    /// Returns the objects and bytes that live after a collection of all.
    fn live(&mut self) -> (u64, u64) {
        self.heap.collect(&self.roots);
        let statistics = self.heap.statistics();
        (statistics.live_objects, statistics.live_bytes)
    }
}

/// Collects with a word as the only root, and returns the number of objects that live.
fn live_with(heap: &mut Heap, words: &[u64]) -> u64 {
    let mut candidates = heap.begin_full_collection();
    candidates.mark_words(words);
    candidates.exact().expect("the system has memory").finish();
    heap.statistics().live_objects
}

#[test]
fn cycles_are_freed() {
    for config in configs() {
        let mut rooted = Rooted::new(config);
        let pair = add_struct(&mut rooted.heap, 1, &[Storage::Reference; 2]);
        let objects: Vec<Object> = (0..3).map(|_| rooted.allocate(pair, None)).collect();
        for (from, to) in [(0, 1), (1, 0), (2, 2)] {
            rooted.heap.write_reference(objects[from], 12, objects[to].reference());
        }
        rooted.roots = [objects[0].reference(), Reference::from_i31(5), Reference::NULL].into();
        assert_eq!(rooted.live(), (2, 32));
        rooted.roots.clear();
        assert_eq!(rooted.live(), (0, 0));
    }
}

/// A heap that may not grow frees old objects, too, before an allocation fails, also if a
/// collection of young objects has just taken place.
#[test]
fn old_garbage_is_freed_before_an_allocation_fails() {
    const LIMIT: u32 = 16 << 20;
    const LEN: u32 = 7 << 20;
    for config in configs() {
        let mut rooted = Rooted::new(config);
        let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
        for _ in 0..10 {
            let array = loop {
                let allocate = |heap: &mut Heap| heap.allocate_array(bytes, LEN);
                match grow_for(&mut rooted.heap, LIMIT, allocate) {
                    Ok(array) => break array,
                    Err(Shortage::Collection) => rooted.collect_as_due(),
                    Err(shortage) => panic!("{shortage:?}"),
                }
            };
            // The array survives a collection of young objects, and is garbage then.
            rooted.roots = [array.reference()].into();
            rooted.collect_as_due();
            rooted.roots.clear();
        }
    }
}

/// The objects that a heap contains are those that were allocated, wherever their runs lie.
#[test]
fn a_heap_contains_its_objects() {
    for generational in [false, true] {
        let mut rooted = Rooted::new(HeapConfig { generational, ..SMALL });
        let mut random = Random(7);
        let small = add_struct(&mut rooted.heap, 1, &[Storage::I64; 2]);
        let bytes = add(&mut rooted.heap, 2, Contents::Array(Storage::I8));
        let mut objects = Vec::new();
        for _ in 0..3 {
            for _ in 0..2000 {
                let object = match random.below(50) {
                    0 => rooted.allocate(bytes, Some(20_000)),
                    1..20 => rooted.allocate(bytes, Some(random.below(600) as u32)),
                    _ => rooted.allocate(small, None),
                };
                rooted.roots.push(object.reference());
                objects.push(object);
            }
            let offsets = (FIRST..FIRST + rooted.heap.len()).step_by(4);
            let found = offsets.filter(|&offset| rooted.heap.contains(Object::at(offset)));
            objects.sort();
            assert!(found.eq(objects.iter().map(|object| object.offset())));
            objects.retain(|_| random.below(3) == 0);
            rooted.roots = objects.iter().map(|object| object.reference()).collect();
            rooted.live();
        }
        let words = rooted.roots.iter().map(|root| root.to_slot());
        let words: Vec<u64> = words.collect();
        live_with(&mut rooted.heap, &words);
        assert!(rooted.roots.iter().all(|root| rooted.heap.contains(root.object().unwrap())));
    }
}

/// A word keeps an object alive if it is the offset at which one begins, and no other word does.
#[test]
fn words_lead_only_to_beginnings_of_objects() {
    for large in [false, true] {
        // The first row is allocated, and collected or not, before words are compared.
        for survives in [false, true] {
            let mut rooted = Rooted::new(SMALL);
            let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
            let len = if large { 100_000 } else { 40 };
            let objects: Vec<Object> = (0..4).map(|_| rooted.allocate(bytes, Some(len))).collect();
            for &object in &objects {
                // Contents that look like headers of objects.
                let contents = rooted.heap.bytes_mut(object, 8, len as usize);
                contents
                    .chunks_mut(8)
                    .for_each(|chunk| chunk.copy_from_slice(&[2, 0, 0, 0, 0, 0, 0, 0]));
            }
            if survives {
                rooted.roots = objects.iter().map(|object| object.reference()).collect();
                assert_eq!(rooted.live().0, 4);
            }
            let at = u64::from(objects[2].offset());
            let size = u64::from((8 + len).next_multiple_of(8));
            let inside = (8..size).step_by(8).take(100).map(|distance| at + distance);
            let no_objects = [
                0,
                1,
                u64::from(FIRST) - 8,
                u64::from(FIRST + rooted.heap.len()),
                u64::from(FIRST + rooted.heap.len()) - 8,
                0xffff_fff8,
                at | 1 << 32,
                at | 1 << 63,
                at + 1,
                at + 4,
                u64::MAX,
            ];
            let mut words: Vec<u64> = no_objects.into_iter().chain(inside).collect();
            words.push(at);
            // The last word is one; without it, all objects are freed.
            let (_, others) = words.split_last().expect("there are words");
            assert_eq!(live_with(&mut rooted.heap, &words), 1, "{large} {survives}");
            assert_eq!(live_with(&mut rooted.heap, others), 0, "{large} {survives}");
            assert_eq!(live_with(&mut rooted.heap, &[at]), 0, "a freed object stays dead");
        }
    }
}

/// Every object of a run is found, whatever the order in which words lead to them.
#[test]
fn all_objects_of_runs_are_found() {
    for seed in 1..10 {
        let mut rooted = Rooted::new(SMALL);
        let mut random = Random(seed);
        let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
        let mut objects: Vec<Object> = Vec::new();
        for round in 0..3 {
            for _ in 0..500 {
                let len = random.below(100) as u32;
                objects.push(rooted.allocate(bytes, Some(len)));
            }
            // Some die, and runs between those that stay are filled in the next round.
            objects.retain(|_| random.below(3) != 0);
            for i in (1..objects.len()).rev() {
                objects.swap(i, random.below(i + 1));
            }
            let words: Vec<u64> = objects.iter().map(|object| object.offset().into()).collect();
            assert_eq!(live_with(&mut rooted.heap, &words), objects.len() as u64, "{round}");
        }
    }
}

#[test]
fn random_words_do_no_harm() {
    let mut rooted = Rooted::new(SMALL);
    let pair = add_struct(&mut rooted.heap, 1, &[Storage::Reference, Storage::I64]);
    let mut random = Random(77);
    for _ in 0..20 {
        let objects: Vec<Object> = (0..500).map(|_| rooted.allocate(pair, None)).collect();
        let end = (objects.len() * 24) as u64;
        let near = (0..2000).map(|_| u64::from(FIRST) + random.next() % end);
        let words: Vec<u64> = near.collect();
        let far: Vec<u64> = (0..2000).map(|_| random.next() >> 32).collect();
        let mut candidates = rooted.heap.begin_full_collection();
        candidates.mark_words(&words);
        candidates.mark_words(&far);
        candidates.exact().expect("the system has memory").finish();
        rooted.heap.check().expect("the heap is whole");
    }
}

#[test]
fn an_abandoned_collection_frees_nothing() {
    let mut rooted = Rooted::new(SMALL);
    let pair = add_struct(&mut rooted.heap, 1, &[Storage::I64]);
    let object = rooted.allocate(pair, None);
    drop(rooted.heap.begin_full_collection());
    rooted.allocate(pair, None);
    rooted.roots.push(object.reference());
    assert_eq!(rooted.live().0, 1);
    // One that got as far as marking has to free what is not marked.
    drop(rooted.heap.begin_full_collection().exact().expect("no words were marked"));
    assert_eq!(rooted.heap.statistics().live_objects, 0);
}

/// Old objects of every kind lead to young ones.
#[test]
fn written_references_keep_young_objects() {
    let mut rooted = Rooted::new(SMALL);
    let fields = [Storage::Reference; 100];
    let large = [Storage::Reference; 6000];
    let types = [
        (add_struct(&mut rooted.heap, 1, &fields[..1]), None),
        (add_struct(&mut rooted.heap, 2, &fields), None),
        (add_struct(&mut rooted.heap, 3, &large), None),
        (add(&mut rooted.heap, 4, Contents::Array(Storage::Reference)), Some(3)),
        (add(&mut rooted.heap, 5, Contents::Array(Storage::Reference)), Some(1500)),
        (add(&mut rooted.heap, 6, Contents::Array(Storage::Reference)), Some(100_000)),
    ];
    let young = add_struct(&mut rooted.heap, 7, &[Storage::I64]);
    for (index, &(ty, len)) in types.iter().enumerate() {
        let fields = len.unwrap_or([1, 100, 6000][index.min(2)]);
        for field in [0, fields / 3, fields - 1] {
            let old = rooted.allocate(ty, len);
            rooted.roots = [old.reference()].into();
            rooted.live();
            let object = rooted.allocate(young, None);
            rooted.heap.write(object, 8, 99u64.to_ne_bytes());
            rooted.heap.write_reference(old, 8 + 4 * field, object.reference());
            rooted.collect_as_due();
            assert_eq!(rooted.heap.statistics().live_objects, 2, "{index} {field}");
            let there = rooted.heap.read_reference(old, 8 + 4 * field).object().expect("not null");
            assert_eq!(u64::from_ne_bytes(rooted.heap.read(there, 8)), 99);
            // Copies are marked, too.
            if len.is_some() {
                let other = rooted.allocate(young, None);
                rooted.heap.write(other, 8, 98u64.to_ne_bytes());
                let source = rooted.allocate(ty, len);
                rooted.heap.write_reference(source, 8, other.reference());
                rooted.heap.copy_elements((source, 0), (old, field), 1).unwrap();
                rooted.collect_as_due();
                assert_eq!(rooted.heap.statistics().live_objects, 3, "{index} {field}");
            }
        }
    }
}

#[test]
fn host_values_are_reported_when_they_die() {
    let mut rooted = Rooted::new(SMALL);
    let pair = add_struct(&mut rooted.heap, 1, &[Storage::Reference]);
    let holder = rooted.allocate(pair, None);
    let hosts: Vec<Object> =
        (0..10).map(|value| rooted.heap.allocate_host(value).expect("there is room")).collect();
    rooted.heap.write_reference(holder, 8, hosts[3].reference());
    rooted.roots = [holder.reference(), hosts[7].reference()].into();
    assert_eq!(rooted.live().0, 3);
    assert_eq!(rooted.heap.take_dead_host_values(), [0, 1, 2, 4, 5, 6, 8, 9]);
    assert_eq!(rooted.heap.take_dead_host_values(), []);
    rooted.heap.allocate_host(10).expect("there is room");
    rooted.roots.pop();
    rooted.collect_as_due();
    assert_eq!(rooted.heap.take_dead_host_values(), [10], "an old one stays");
    rooted.live();
    assert_eq!(rooted.heap.take_dead_host_values(), [7]);
}

/// A long list and a wide array need neither recursion nor a large stack.
#[test]
fn deep_and_wide_objects_are_marked() {
    let count = match (cfg!(miri), cfg!(debug_assertions)) {
        (true, _) => 100,
        (false, true) => 100_000,
        (false, false) => 10_000_000,
    };
    for entries in [None, Some(16)] {
        let mut rooted = Rooted::new(HeapConfig { reserve: !cfg!(miri), ..SMALL });
        rooted.heap.mark_stack = entries;
        let node = add_struct(&mut rooted.heap, 1, &[Storage::Reference; 2]);
        let list = add(&mut rooted.heap, 2, Contents::Array(Storage::Reference));
        rooted.roots = [Reference::NULL; 2].into();
        // Each node of the list has a leaf as well, which comes first.
        for _ in 0..count {
            let next = rooted.allocate(node, None);
            rooted.heap.write_reference(next, 12, rooted.roots[0]);
            rooted.roots[0] = next.reference();
            let leaf = rooted.allocate(node, None);
            let next = rooted.roots[0].object().expect("not null");
            rooted.heap.write_reference(next, 8, leaf.reference());
        }
        assert_eq!(rooted.live(), (2 * count, 32 * count));
        rooted.roots[0] = Reference::NULL;
        let wide = rooted.allocate(list, Some(count as u32));
        rooted.roots[1] = wide.reference();
        for element in 0..count as u32 {
            let leaf = rooted.allocate(node, None);
            rooted.heap.write_reference(wide, 8 + 4 * element, leaf.reference());
        }
        assert_eq!(rooted.live().0, count + 1);
        rooted.roots.clear();
        assert_eq!(rooted.live(), (0, 0));
    }
}

/// The memory of dead objects is used again, also between live ones.
#[test]
fn freed_memory_is_used_again() {
    let rounds = if cfg!(miri) { 3 } else { 40 };
    for keep in [1, 2, 5, 1000] {
        let mut rooted = Rooted::new(SMALL);
        let node = add(&mut rooted.heap, 1, Contents::Array(Storage::I64));
        let mut random = Random(5);
        let mut after_first = 0;
        for round in 0..rounds {
            rooted.roots.clear();
            for index in 0..5000 / if cfg!(miri) { 50 } else { 1 } {
                let len = [2, 3, 11, 700, 3000][random.below(60).saturating_sub(55)];
                let object = rooted.allocate(node, Some(len));
                if index % keep == 0 {
                    rooted.roots.push(object.reference());
                }
            }
            if round == 4 {
                after_first = rooted.heap.len();
            }
        }
        assert!(rooted.heap.len() <= after_first.max(8 << 20) * 2, "{keep}: {}", rooted.heap.len());
    }
}

#[test]
fn large_objects_use_freed_blocks() {
    let mut rooted = Rooted::new(SMALL);
    let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
    for _ in 0..200 {
        let object = rooted.allocate(bytes, Some(1_000_000));
        assert!(rooted.heap.bytes(object, 8, 1_000_000).iter().all(|&byte| byte == 0));
        rooted.heap.bytes_mut(object, 8, 1_000_000).fill(1);
    }
    assert!(rooted.heap.len() < 16 << 20, "{}", rooted.heap.len());
}

/// At the limit, memory that dies is enough to go on; if none dies, objects are refused, and later,
/// when some has died, they are not.
#[test]
fn a_full_heap_refuses_objects_until_some_die() {
    for config in configs() {
        let mut heap = Heap::new(config);
        let limit = 8 * GROWTH_UNIT;
        let node = add_struct(&mut heap, 1, &[Storage::I64; 3]);
        let mut roots: Vec<Reference> = Vec::new();
        let mut allocate = |roots: &[Reference]| loop {
            match grow_for(&mut heap, limit, |heap| heap.allocate_struct(node)) {
                Err(Shortage::Collection) => heap.collect(roots),
                result => return (result, heap.len()),
            }
        };
        for _ in 0..3 {
            let full = loop {
                match allocate(&roots) {
                    (Ok(object), _) => roots.push(object.reference()),
                    (Err(shortage), len) => break (shortage, len),
                }
            };
            assert_eq!(full, (Shortage::Full, limit));
            assert_eq!(roots.len(), (limit / 32) as usize);
            assert_eq!(allocate(&roots).0, Err(Shortage::Full));
            roots.truncate(1000);
        }
    }
}

#[test]
fn stress_collects_before_every_allocation() {
    let mut rooted = Rooted::new(HeapConfig { stress: true, ..SMALL });
    let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
    for (count, len) in (1..).zip([1, 200, 400, 7000, 9000, 100_000, 8, 8]) {
        rooted.allocate(bytes, Some(len));
        assert_eq!(rooted.heap.statistics().collections, count, "{len}");
    }
    assert_eq!(rooted.live(), (0, 0));
}

#[test]
fn figures_are_counted() {
    let mut rooted = Rooted::new(SMALL);
    let node = add_struct(&mut rooted.heap, 1, &[Storage::I64; 3]);
    for _ in 0..100 {
        let object = rooted.allocate(node, None);
        rooted.roots.push(object.reference());
    }
    assert_eq!(rooted.heap.statistics().allocated_bytes, 3200);
    rooted.roots.truncate(40);
    rooted.live();
    let statistics = rooted.heap.statistics();
    assert_eq!((statistics.live_objects, statistics.live_bytes), (40, 1280));
    assert_eq!((statistics.allocated_bytes, statistics.collections), (3200, 1));
    assert_eq!(statistics.heap_bytes, u64::from(rooted.heap.len()));
    assert_eq!(statistics.longest_pause, statistics.last_pause);
    assert_eq!(statistics.last_pause.is_zero(), !cfg!(feature = "std"));
}

/// Returns the number of collections while 64 MiB are allocated, of which the last `live` bytes
/// live.
#[cfg(not(miri))]
fn collections(live: u32) -> u64 {
    const SIZE: u32 = 1024;
    let mut rooted = Rooted::new(SMALL);
    let bytes = add(&mut rooted.heap, 1, Contents::Array(Storage::I8));
    rooted.roots.resize((live / SIZE) as usize, Reference::NULL);
    for index in 0..(64 << 20) / SIZE as usize {
        let object = rooted.allocate(bytes, Some(SIZE - 8));
        let len = rooted.roots.len();
        rooted.roots[index % len] = object.reference();
    }
    rooted.heap.statistics().collections
}

#[test]
#[cfg(not(miri))]
fn long_lived_objects_are_collected_rarely() {
    // Most objects die young: collected each time that 2 MiB were allocated.
    assert_eq!(collections(64 << 10), 32);
    // Most objects live as long as 16 MiB are allocated: a collection of 2 MiB finds that most of
    // them live, and the next one is when as much as lived may have died.
    assert_eq!(collections(16 << 20), 12);
}
