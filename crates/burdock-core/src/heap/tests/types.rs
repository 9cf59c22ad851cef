//! Tests of the type table.

use crate::TypeId;
use crate::heap::{Contents, Kind, RuntimeType, Storage, TypeDesc, TypeTable};
use alloc::vec::Vec;

fn ids(numbers: &[u32]) -> Vec<TypeId> {
    numbers.iter().map(|&number| TypeId(number)).collect()
}

fn add(table: &mut TypeTable, supertypes: &[u32], contents: Contents<'_>) -> RuntimeType {
    table.add(&TypeDesc { supertypes: &ids(supertypes), is_final: false, contents })
}

#[test]
fn equal_types_have_one_index() {
    let mut table = TypeTable::default();
    let first = add(&mut table, &[7], Contents::Func);
    let len = table.len();
    assert_eq!(add(&mut table, &[7], Contents::Func), first);
    assert_eq!((table.len(), table.get(TypeId(7)), table.get(TypeId(8))), (len, Some(first), None));
    assert_eq!(table.row(first).kind, Kind::Func);
    assert_eq!(table.row(RuntimeType::from_index(1000)).kind, Kind::None);
}

/// Adds a chain of 64 types with a sibling at each depth, from the root and from the leaf.
#[test]
fn subtypes_are_found_at_every_depth() {
    let chain: Vec<u32> = (100..164).collect();
    for leaf_first in [false, true] {
        let mut table = TypeTable::default();
        let mut lists: Vec<Vec<u32>> = Vec::new();
        for len in 1..=chain.len() {
            lists.push(chain[..len].to_vec());
            lists.push(chain[..len - 1].iter().copied().chain([1000 + len as u32]).collect());
        }
        if leaf_first {
            lists.reverse();
        }
        for list in &lists {
            add(&mut table, list, Contents::Struct(&[]));
        }
        for sub in &lists {
            for sup in &lists {
                let get = |list: &Vec<u32>| table.get(TypeId(list[list.len() - 1])).unwrap();
                assert_eq!(
                    table.is_subtype(get(sub), get(sup)),
                    sub.starts_with(sup),
                    "{sub:?} {sup:?}"
                );
            }
        }
    }
}

#[test]
fn a_supertype_that_was_not_added_is_unknown() {
    let mut table = TypeTable::default();
    let sub = add(&mut table, &[1, 2], Contents::Struct(&[Storage::I32]));
    assert_eq!(table.get(TypeId(1)), None);
    let sup = add(&mut table, &[1], Contents::Struct(&[]));
    assert_eq!((table.get(TypeId(1)), table.row(sup).kind), (Some(sup), Kind::Struct));
    assert!(table.is_subtype(sub, sup) && !table.is_subtype(sup, sub));
    for other in [RuntimeType::NONE, RuntimeType::HOST] {
        assert!(!table.is_subtype(other, sup) && !table.is_subtype(sub, other));
    }
}

#[test]
fn references_of_small_and_large_structs_are_found() {
    let mut table = TypeTable::default();
    for count in [0usize, 1, 2, 63, 64, 65, 200] {
        let fields: Vec<Storage> =
            (0..count).map(|i| [Storage::Reference, Storage::F32][i % 2]).collect();
        let ty = add(&mut table, &[count as u32], Contents::Struct(&fields));
        let mut found = Vec::new();
        table.each_reference(table.row(ty), |offset| found.push(offset));
        let expected: Vec<u32> = (0..count as u32).step_by(2).map(|i| 8 + 4 * i).collect();
        assert_eq!(found, expected, "{count}");
        assert_eq!(table.row(ty).size, (8 + 4 * count as u32).next_multiple_of(8));
    }
}

#[test]
fn the_descriptor_is_a_reference() {
    let mut table = TypeTable::default();
    for count in [0usize, 1, 64, 65, 200] {
        let fields = alloc::vec![Storage::Reference; count];
        let ty = add(&mut table, &[count as u32], Contents::DescribedStruct(&fields));
        let mut found = Vec::new();
        table.each_reference(table.row(ty), |offset| found.push(offset));
        found.sort_unstable();
        let fields = (0..count as u32).map(|i| 8 + 4 * i);
        assert_eq!(found, [4].into_iter().chain(fields).collect::<Vec<_>>(), "{count}");
        assert_eq!(table.row(ty).size, (8 + 4 * count as u32).next_multiple_of(8));
    }
}

#[test]
fn sizes_of_arrays_depend_on_the_length() {
    let mut table = TypeTable::default();
    let bytes = add(&mut table, &[1], Contents::Array(Storage::I8));
    let vectors = add(&mut table, &[2], Contents::Array(Storage::V128));
    let rows = [
        (bytes, 0, 8),
        (bytes, 1, 16),
        (bytes, 8, 16),
        (bytes, 9, 24),
        (vectors, 3, 56),
        (vectors, u32::MAX, 8 + 16 * u64::from(u32::MAX)),
    ];
    for (ty, len, size) in rows {
        assert_eq!(table.row(ty).size_of(len), size, "{ty:?} {len}");
    }
}
