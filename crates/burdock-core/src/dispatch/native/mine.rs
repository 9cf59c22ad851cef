//! Only under `--cfg burdock_mine`, for `cargo xtask mine`: how often each instruction is executed.
//!
//! Each block of code has three more regions behind it: counts, and the heads that stood where now
//! `count` stands, at distances that this handler knows; and the ops' numbers.

use super::bind::{bind, bind_table, each, head};
use super::{PINNED, TEMPORARIES};
use alloc::vec::Vec;
use burdock_ir::{Bank, BitField, Op};
use core::sync::atomic::{AtomicU64, Ordering};
use std::fmt::Write as _;
use std::io::Write as _;

/// Words of each region.
const REGION: usize = super::MINE_REGION;

/// Returns code with its regions.
pub(crate) fn with_regions(words: Vec<u64>) -> Vec<u64> {
    let mut regions = alloc::vec![0; 4 * REGION];
    assert!(words.len() <= REGION, "the code has more words than a region");
    regions[..words.len()].copy_from_slice(&words);
    regions
}

/// Binds a function, each of whose instructions is counted. `words` begins with the function and
/// goes on with what lies behind it.
pub(crate) fn watch(words: &[AtomicU64], len: usize) {
    // The last handler.
    let count = head(super::HANDLER_COUNT as u32 - 1);
    let mut instrs = Vec::new();
    each(&words[..len], |position, op, _, _| instrs.push((position, op)));
    bind(&words[..len]);
    for (position, op) in &instrs {
        let head = words[*position].swap(count, Ordering::Relaxed);
        words[position + 2 * REGION].store(head, Ordering::Relaxed);
        words[position + 3 * REGION].store(op.number() as u64, Ordering::Relaxed);
    }
    // They lead to the heads that stood there.
    instrs.into_iter().for_each(|(position, op)| bind_table(&words[..len], position, op));
}

/// Appends what was counted in a function to the file that BURDOCK_MINE names: a line for each
/// instruction, an empty one behind the last.
pub(crate) fn report(words: &[AtomicU64], start: usize, end: usize) {
    let Some(path) = std::env::var_os("BURDOCK_MINE") else { return };
    let mut lines = std::string::String::new();
    let mut total = 0;
    // The numbers of the ops are behind; the operand words are where they were.
    for position in (start..end).filter(|n| words[n + 2 * REGION].load(Ordering::Relaxed) != 0) {
        let number = words[position + 3 * REGION].load(Ordering::Relaxed) as usize;
        words[position].store(number as u64, Ordering::Relaxed);
    }
    each(&words[start..end], |position, op, operands, native| {
        let count = words[start + position + REGION].load(Ordering::Relaxed);
        total += count;
        let _ = writeln!(lines, "{count} {}", if native { name(op, operands) } else { "?".into() });
    });
    if total > 0 {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "{lines}"));
    }
}

/// Returns the name of an instruction in sequences.txt, preceded by the banks of its registers.
fn name(op: Op, operands: u64) -> std::string::String {
    let (meaning, kinds) = op.parts();
    let [dst, a, b] = [kinds.dst, kinds.a, kinds.b].map(|kind| kind.letter().to_ascii_uppercase());
    let mut text = std::format!("{meaning:?}.{dst}{a}{b}");
    for (field, bank) in op.registers().into_iter().enumerate() {
        let Some(bank) = bank else { continue };
        let number = BitField::quarter(field as u8).get(operands) as u8;
        let temporaries = TEMPORARIES[bank as usize];
        debug_assert!(number < temporaries + PINNED[bank as usize]);
        let prefix = match bank {
            Bank::Int => 'i',
            Bank::F32 => 'f',
            Bank::F64 => 'd',
        };
        let register = match number.checked_sub(temporaries) {
            None => char::from(b'0' + number),
            Some(pinned) => char::from(b'A' + pinned),
        };
        let _ = write!(text, " {prefix}{register}");
    }
    text
}
