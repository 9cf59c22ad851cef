//! Fusing: an instruction gets the handler that does it and those that follow at once, where there
//! is one. Nothing but heads changes. Where each instruction lies, and what may jump to it, stays
//! as it was, and so do offsets and backtraces; a head may be read while it is written.

use super::{
    EDGE_KEYS, EDGE_TARGETS, HANDLER_COUNT, NODE_EDGES, NODE_HANDLERS, OPS, ROOTS,
    burdock_native_handlers, text,
};
use crate::dispatch::Dispatch;
use alloc::vec::Vec;
use burdock_ir::{Meaning, Op};
use core::sync::atomic::{AtomicU64, Ordering};

/// No handler: an instruction without a native one.
pub(super) const NONE: u32 = u32::MAX;

/// An instruction of the function: where it is, and its handler's number.
struct Instr {
    position: u32,
    handler: u32,
}

/// Where the handlers are, in the order of their numbers, which is that of their addresses.
pub(super) fn offsets() -> &'static [u32; HANDLER_COUNT] {
    // SAFETY: [CODE] the assembler has written so many offsets there.
    unsafe { &burdock_native_handlers }
}

/// Fuses the instructions of one function, whose words these are.
pub(crate) fn fuse(words: &[AtomicU64]) {
    let instrs = instructions(words);
    // How many handlers it takes from each instruction to the end.
    let mut costs = alloc::vec![0; instrs.len() + 1];
    for at in (0..instrs.len()).rev() {
        let (handler, length) = longest(&instrs[at..], &costs[at..]);
        costs[at] = costs[at + length] + 1;
        if let Some(handler) = handler {
            let head = text() + u64::from(offsets()[handler]);
            words[instrs[at].position as usize].store(head, Ordering::Relaxed);
        }
    }
}

/// The sequence to do first, so that the fewest handlers are needed to the end; `None` for the
/// instruction alone.
fn longest(instrs: &[Instr], costs: &[u32]) -> (Option<usize>, usize) {
    let mut best = (None, 1);
    let mut node = match instrs[0].handler {
        NONE => 0,
        handler => ROOTS[handler as usize],
    };
    for length in 2..=instrs.len() {
        node = match (node, instrs[length - 1].handler) {
            (0, _) | (_, NONE) => break,
            (node, handler) => child(node, handler),
        };
        let handler = NODE_HANDLERS[node as usize];
        if handler != 0 && costs[length] < costs[best.1] {
            best = (Some(handler as usize), length);
        }
    }
    best
}

/// The node that a handler leads to; 0 if none.
fn child(node: u32, handler: u32) -> u32 {
    let [from, to] = [node, node + 1].map(|node| NODE_EDGES[node as usize] as usize);
    match EDGE_KEYS[from..to].binary_search(&handler) {
        Ok(at) => EDGE_TARGETS[from + at],
        Err(_) => 0,
    }
}

/// The instructions that the words are.
fn instructions(words: &[AtomicU64]) -> Vec<Instr> {
    let mut instrs = Vec::new();
    let mut position = 0;
    while position < words.len() {
        let head = words[position].load(Ordering::Relaxed);
        let Some((op, handler)) = decode(head) else { break };
        instrs.push(Instr { position: position as u32, handler });
        let operands = words.get(position + 1).map_or(0, |word| word.load(Ordering::Relaxed));
        position += length(op, operands);
    }
    instrs
}

/// The length of an instruction in words, the targets of a branch table included.
pub(super) fn length(op: Op, operands: u64) -> usize {
    let targets = match op.parts().0 {
        Meaning::BrTable | Meaning::BrTableR => ((operands >> 32) as usize + 2) / 2,
        _ => 0,
    };
    op.words() + targets
}

/// Where the instructions begin.
#[cfg(burdock_mine)]
pub(super) fn positions(words: &[AtomicU64]) -> impl Iterator<Item = usize> {
    instructions(words).into_iter().map(|instr| instr.position as usize)
}

/// The op of a head that the translator wrote, and its native handler.
pub(super) fn decode(head: u64) -> Option<(Op, u32)> {
    let single = &offsets()[..OPS.len()];
    let offset = u32::try_from(head.wrapping_sub(text())).ok();
    if let Some(handler) = offset.and_then(|offset| single.binary_search(&offset).ok()) {
        return Op::from_number(OPS[handler].into()).map(|op| (op, handler as u32));
    }
    static RUST: spin::Once<Vec<(u64, Op)>> = spin::Once::new();
    let rust = RUST.call_once(|| {
        let ops = (0..Op::COUNT).filter_map(Op::from_number);
        let mut heads: Vec<_> = ops.map(|op| (Dispatch::Tail.head(op), op)).collect();
        heads.sort_unstable_by_key(|(head, _)| *head);
        heads
    });
    let at = rust.binary_search_by_key(&head, |(head, _)| *head).ok()?;
    Some((rust[at].1, NONE))
}
