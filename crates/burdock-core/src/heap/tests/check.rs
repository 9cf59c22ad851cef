//! Tests of the walk over the heap: it finds what is wrong.

use super::{add, add_struct, grow_for};
use crate::heap::blocks::{Block, Granule, State};
use crate::heap::{Contents, FIRST, Heap, HeapConfig, MAX_BYTES, Object, Storage};

/// Returns a heap right after a collection, with a struct, a large array, and a host value.
fn heap() -> (Heap, [Object; 3]) {
    let mut heap = Heap::new(HeapConfig { reserve: false, ..HeapConfig::default() });
    let pair = add_struct(&mut heap, 1, &[Storage::Reference, Storage::I64]);
    let list = add(&mut heap, 2, Contents::Array(Storage::Reference));
    let pair = grow_for(&mut heap, MAX_BYTES, |heap| heap.allocate_struct(pair)).unwrap();
    let array = grow_for(&mut heap, MAX_BYTES, |heap| heap.allocate_array(list, 9000)).unwrap();
    let host = heap.allocate_host(3).unwrap();
    heap.write_reference(pair, 8, array.reference());
    heap.write_reference(array, 12, host.reference());
    heap.collect(&[pair.reference()]);
    (heap, [pair, array, host])
}

fn check(corrupt: impl Fn(&mut Heap, [Object; 3]), what: &str) {
    let (mut heap, objects) = heap();
    heap.check().expect("the heap is whole");
    corrupt(&mut heap, objects);
    assert_eq!(heap.check().expect_err(what).what, what);
}

#[test]
fn contradictions_are_found() {
    let number = |value: u32| value.to_ne_bytes();
    check(|heap, [pair, ..]| heap.write(pair, 0, number(0)), "the type is one of objects");
    check(|heap, [pair, ..]| heap.write(pair, 0, number(9999)), "the type is one of objects");
    check(|heap, [pair, ..]| heap.write(pair, 4, number(1)), "only arrays have a length");
    let references = "all references lead to live objects";
    check(|heap, [pair, ..]| heap.write(pair, 8, number(8)), references);
    check(|heap, [pair, ..]| heap.write(pair, 8, number(pair.offset() + 8)), references);
    check(|heap, [_, array, _]| heap.write(array, 8 + 4 * 8999, number(16)), references);
    check(
        |heap, [_, array, _]| heap.write(array, 4, number(9_000_000)),
        "the object ends in the heap",
    );
    check(
        |heap, [_, array, _]| heap.write(array, 4, number(4500)),
        "the object has as many blocks as it needs",
    );
    check(
        |heap, [_, array, _]| heap.write(array, 4, number(8998)),
        "the block's live bytes are right",
    );
    check(|heap, [_, _, host]| heap.write(host, 0, number(2)), "the whole object is live");
}

#[test]
fn contradictions_of_descriptors_are_found() {
    let check = |corrupt: fn(&mut Heap, Object), what: &str| {
        let mut heap = Heap::new(HeapConfig { reserve: false, ..HeapConfig::default() });
        let class = add_struct(&mut heap, 1, &[Storage::I64]);
        let shape = add(&mut heap, 2, Contents::DescribedStruct(&[Storage::I64]));
        let class = grow_for(&mut heap, MAX_BYTES, |heap| heap.allocate_struct(class)).unwrap();
        let shape = grow_for(&mut heap, MAX_BYTES, |heap| heap.allocate_struct(shape)).unwrap();
        heap.write_reference(shape, 4, class.reference());
        heap.collect(&[shape.reference()]);
        heap.check().expect("the heap is whole");
        assert_eq!(heap.statistics().live_objects, 2);
        corrupt(&mut heap, shape);
        assert_eq!(heap.check().expect_err(what).what, what);
    };
    check(
        |heap, shape| heap.write(shape, 4, 0u32.to_ne_bytes()),
        "a described structure has its descriptor",
    );
    check(
        |heap, shape| heap.write(shape, 4, (shape.offset() + 8).to_ne_bytes()),
        "all references lead to live objects",
    );
}

#[test]
fn contradictions_of_blocks_are_found() {
    let at = |object: Object| Granule::at(object.offset());
    check(|heap, [pair, ..]| heap.blocks.cells[at(pair).cell()].live = 0, "a marked object lives");
    check(
        |heap, [pair, ..]| heap.blocks.cells[at(pair).cell() + 1].live = 1,
        "nothing but objects is live",
    );
    check(
        |heap, [pair, ..]| heap.blocks.cells[at(pair).cell()].starts |= at(pair).bit() << 1,
        "objects do not overlap",
    );
    check(
        |heap, [pair, ..]| heap.blocks.table[at(pair).block()].live += 8,
        "the block's live bytes are right",
    );
    check(
        |heap, [_, array, _]| heap.blocks.table[at(array).block() + 1].span = 2,
        "the large object goes on",
    );
    check(
        |heap, [_, array, _]| heap.blocks.table[at(array).block()] = Block::FREE,
        "a free block has no bits",
    );
    check(
        |heap, [pair, ..]| heap.blocks.table[at(pair).block()].is_young = true,
        "the block has been collected",
    );
    check(|heap, _| heap.blocks.roomy[1].set(0, false), "a block with room is searched");
    check(|heap, _| heap.blocks.free += 1, "the number of free blocks is right");
    check(|heap, _| heap.statistics.live_bytes += 1, "the number of live bytes is right");
    check(|heap, _| heap.statistics.live_objects += 1, "the number of live objects is right");
    check(|heap, _| heap.cards.mark_one(FIRST), "no card is marked");
    check(|heap, [pair, ..]| heap.hosts.push(pair), "a listed host value lives");
    check(|heap, _| heap.blocks.table[0].state = State::Continued, "no large object begins");
}
