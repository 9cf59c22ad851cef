//! Tests of layouts.

use crate::heap::{GRANULE, HEADER, Layout, Storage};
use alloc::vec::Vec;

const ALL: [Storage; 9] = [
    Storage::I8,
    Storage::I16,
    Storage::I32,
    Storage::I64,
    Storage::F32,
    Storage::F64,
    Storage::V128,
    Storage::Reference,
    Storage::FuncReference,
];

#[test]
fn fields_have_offsets() {
    use Storage::{FuncReference, I8, I16, I32, I64, Reference, V128};
    let rows: &[(&[Storage], &[u32], u32)] = &[
        (&[], &[], 8),
        (&[I32], &[8], 16),
        (&[Reference, Reference], &[8, 12], 16),
        (&[Reference, I64, Reference], &[8, 16, 12], 24),
        (&[I8, FuncReference, I8, I16, I32, I8], &[8, 16, 9, 10, 12, 24], 32),
        (&[I8, I32, I8, I8, I8], &[8, 12, 9, 10, 11], 16),
        (&[I8, V128, I16, I32], &[8, 16, 10, 12], 32),
    ];
    for (fields, offsets, size) in rows {
        let layout = Layout::of(fields);
        assert_eq!((&layout.offsets[..], layout.size), (*offsets, *size), "{fields:?}");
    }
}

/// Checks all lists of up to five fields.
#[test]
fn layouts_are_aligned_disjoint_and_extend_those_of_prefixes() {
    let mut lists: Vec<Vec<Storage>> = [Vec::new()].into();
    for _ in 0..5 {
        let longer = lists.iter().flat_map(|list| {
            ALL.iter().map(move |&last| list.iter().copied().chain([last]).collect())
        });
        lists = longer.collect();
        for list in &lists {
            let layout = Layout::of(list);
            let prefix = Layout::of(&list[..list.len() - 1]);
            assert_eq!(prefix.offsets, layout.offsets[..list.len() - 1], "{list:?}");
            assert_eq!(layout.size % GRANULE, 0);
            let mut spans: Vec<_> =
                layout.offsets.iter().zip(list).map(|(&at, f)| (at, at + f.size())).collect();
            for ((at, _), field) in spans.iter().zip(list) {
                assert_eq!(at % field.size().min(GRANULE), 0, "{list:?}");
            }
            spans.sort_unstable();
            assert!(spans[0].0 >= HEADER && spans[spans.len() - 1].1 <= layout.size);
            assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{list:?}: {spans:?}");
        }
    }
}
