//! Tests of allocation and of access to objects.

use super::{add, add_struct, configs, grow_for};
use crate::heap::space::Space;
use crate::heap::{
    Contents, FIRST, GROWTH_UNIT, Heap, HeapConfig, Kind, LARGEST_PREPARED, MAX_BYTES, Object,
    Reference, RuntimeType, Shortage, Storage,
};
use alloc::vec::Vec;

#[test]
fn references_tell_null_i31_and_objects_apart() {
    let rows = [
        (Reference::NULL, true, None, None),
        (Reference::from_i31(0), false, Some(0), None),
        (Reference::from_i31(0x3fff_ffff), false, Some(0x3fff_ffff), None),
        (Reference::from_i31(0xffff_ffff), false, Some(-1), None),
        (Reference::from_i31(0x4000_0000), false, Some(-0x4000_0000), None),
        (Reference(FIRST), false, None, Some(FIRST)),
    ];
    for (reference, null, i31, object) in rows {
        assert_eq!(reference.is_null(), null);
        assert_eq!(reference.i31(), i31);
        assert_eq!(reference.object().map(Object::offset), object);
        assert_eq!(Reference::from_slot(reference.to_slot()), reference);
    }
}

#[test]
fn new_objects_are_zero_and_do_not_overlap() {
    for config in configs() {
        let mut heap = Heap::new(config);
        let bytes = add(&mut heap, 1, Contents::Array(Storage::I8));
        let mut spans: Vec<(u32, u32)> = Vec::new();
        let count = if cfg!(miri) { 60 } else { 3000 };
        for i in 0..count {
            // Small ones, ones of medium size, and large ones.
            let len = [3, 24, 300, 9, LARGEST_PREPARED - 8, LARGEST_PREPARED, 17, 50_000][i % 8];
            let allocate = |heap: &mut Heap| heap.allocate_array(bytes, len);
            let mut result = grow_for(&mut heap, MAX_BYTES, allocate);
            if result == Err(Shortage::Collection) {
                let roots: Vec<_> = spans.iter().map(|(start, _)| Reference(*start)).collect();
                heap.collect(&roots);
                result = grow_for(&mut heap, MAX_BYTES, allocate);
            }
            let array = result.expect("there is room");
            let contents = heap.bytes_mut(array, 8, len as usize);
            assert!(contents.iter().all(|&byte| byte == 0));
            contents.fill(0xaa);
            assert_eq!((heap.type_of(array), heap.array_len(array)), (bytes, len));
            spans.push((array.offset(), array.offset() + 8 + len.next_multiple_of(8)));
        }
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        assert!(spans[0].0 >= FIRST && spans[spans.len() - 1].1 <= FIRST + heap.len());
        assert!(spans.iter().all(|(start, _)| start % 8 == 0));
        let sizes: u32 = spans.iter().map(|(start, end)| end - start).sum();
        assert_eq!(heap.statistics().allocated_bytes, u64::from(sizes));
        assert!(heap.statistics().collections > 0 || cfg!(miri));
    }
}

#[test]
fn fields_and_elements_keep_their_values() {
    for config in configs() {
        let mut heap = Heap::new(config);
        let pair = add_struct(&mut heap, 1, &[Storage::Reference, Storage::I64]);
        let list = add(&mut heap, 2, Contents::Array(Storage::Reference));
        let room = |heap: &mut Heap| heap.allocate_struct(pair);
        let object = grow_for(&mut heap, MAX_BYTES, room).unwrap();
        let array = heap.allocate_array(list, 4).unwrap();
        let host = heap.allocate_host(77).unwrap();
        heap.write(object, 16, 0x0102_0304_0506_0708u64.to_ne_bytes());
        heap.write_reference(object, 8, array.reference());
        for index in 0..4 {
            let at = heap.element_offset(list, index);
            assert_eq!(heap.read_reference(array, at), Reference::NULL);
            heap.write_reference(array, at, Reference::from_i31(index));
        }
        heap.copy_elements((array, 0), (array, 1), 3).unwrap();
        assert_eq!(heap.copy_elements((array, 0), (array, 2), 3), None);
        assert_eq!(heap.copy_elements((array, u32::MAX), (array, 0), 2), None);
        assert_eq!(u64::from_ne_bytes(heap.read(object, 16)), 0x0102_0304_0506_0708);
        assert_eq!(heap.read_reference(object, 8), array.reference());
        let elements = [0, 0, 1, 2].map(Reference::from_i31);
        assert_eq!([8, 12, 16, 20].map(|at| heap.read_reference(array, at)), elements);
        assert_eq!((heap.host_value(host), heap.host_value(object)), (Some(77), None));
        let kinds = [object, array, host].map(|object| heap.kind_of(object));
        assert_eq!(kinds, [Kind::Struct, Kind::Array, Kind::Host]);
    }
}

#[test]
fn objects_that_do_not_fit_are_refused() {
    for config in configs() {
        let mut heap = Heap::new(config);
        let vectors = add(&mut heap, 1, Contents::Array(Storage::V128));
        let limit = 4 * GROWTH_UNIT;
        let (full, too_large) = (Some(Shortage::Full), Some(Shortage::TooLarge));
        let cases = [(u32::MAX, too_large), (1 << 27, full), (20_000, full), (12_000, None)];
        for (len, expected) in cases {
            let mut collected = false;
            let result = loop {
                let allocate = |heap: &mut Heap| heap.allocate_array(vectors, len);
                match grow_for(&mut heap, limit, allocate) {
                    Err(Shortage::Collection) if !collected => heap.collect_all(),
                    result => break result,
                }
                collected = true;
            };
            assert_eq!(result.err(), expected, "{len}");
            assert!(heap.len() <= limit);
        }
    }
}

#[test]
fn the_system_may_refuse() {
    let mut heap = Heap::new(HeapConfig { reserve: false, ..HeapConfig::default() });
    let bytes = add(&mut heap, 1, Contents::Array(Storage::I8));
    assert!(matches!(heap.allocate_array(bytes, 1), Err(Shortage::Growth(_))));
    for bytes in [u32::MAX, MAX_BYTES + 1] {
        assert!(heap.grow(bytes).is_err());
    }
    assert!(heap.is_empty());
}

#[test]
fn a_type_that_is_added_may_move_the_rows() {
    let mut heap = Heap::new(HeapConfig { reserve: false, ..HeapConfig::default() });
    for id in 0..100 {
        let ty = add_struct(&mut heap, id, &[Storage::I32]);
        let rows = heap.types().rows();
        assert_eq!(heap.bump().types, rows);
        assert_eq!(heap.types().row(ty).kind, Kind::Struct);
    }
    assert_eq!(RuntimeType::from_index(2).index(), 2);
}

/// Grows a space step by step, and checks that contents stay and that nothing behind the end can
/// be reached.
#[test]
fn spaces_grow_and_are_bounded() {
    for config in configs() {
        let mut space = Space::new(&config);
        assert_eq!(space.get_u32(FIRST), None);
        for step in 1..5 {
            space.grow(step * GROWTH_UNIT).unwrap();
            let last = FIRST + step * GROWTH_UNIT - 4;
            assert_eq!(space.get_u32(last), Some(0));
            space.bytes_mut(last, 4).copy_from_slice(&step.to_ne_bytes());
            for earlier in 1..=step {
                let last = FIRST + earlier * GROWTH_UNIT - 4;
                assert_eq!(space.get_u32(last), Some(earlier));
            }
            for offset in [last + 1, last + 4, 0, 1, FIRST - 1, FIRST - 4, u32::MAX] {
                assert_eq!(space.get_u32(offset), None, "{offset:#x}");
            }
        }
        assert!(space.grow(MAX_BYTES + GROWTH_UNIT).is_err());
        assert_eq!(space.is_reserved(), config.reserve && cfg!(reserved_heap));
    }
}

#[test]
#[should_panic(expected = "range")]
fn accesses_out_of_bounds_panic() {
    let mut space = Space::new(&HeapConfig { reserve: false, ..HeapConfig::default() });
    space.grow(GROWTH_UNIT).unwrap();
    space.bytes(FIRST + GROWTH_UNIT - 4, 8);
}
