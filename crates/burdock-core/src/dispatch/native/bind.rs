//! Binding: the heads of a function's instructions, which the translator leaves as ops' numbers,
//! become addresses of handlers. An instruction gets the handler that does it and those that follow
//! at once, where there is one. Where each instruction lies, and what may jump to it, stays as it
//! was; so do offsets and backtraces.

use super::{
    EDGES, HANDLER_GROUP, ROOT_GROUPS, ROOTS, SHARED, SHARED_HANDLERS, VARIANTS,
    burdock_native_groups, burdock_native_handlers, text,
};
use crate::dispatch::Dispatch;
use alloc::vec::Vec;
use burdock_ir::operands::{table_target, table_words};
use burdock_ir::{BitField, Edge, Meaning, Op, control};
use core::sync::atomic::{AtomicU64, Ordering};

/// No handler: an instruction without a native one.
const NONE: u32 = u32::MAX;

/// An instruction of the function.
struct Instr {
    position: usize,
    op: Op,
    /// The number of its native handler.
    handler: u32,
    /// The index in `EDGES` of the edge to the next instruction's handler; an empty place if there
    /// is none.
    edge: u32,
}

/// Returns the head for a native handler.
pub(super) fn head(handler: u32) -> u64 {
    let handler = handler as usize;
    // SAFETY: [CODE] the assembler has written so many offsets there.
    let groups = unsafe { &burdock_native_groups };
    // SAFETY: [CODE] as above.
    let handlers = unsafe { &burdock_native_handlers };
    text() + u64::from(groups[handler / HANDLER_GROUP]) + u64::from(handlers[handler])
}

/// Returns the block of what may follow a handler in a sequence; 0 if nothing does.
pub(super) fn root(handler: u32) -> u32 {
    let (group, at) = (handler as usize / ROOTS[0].len(), handler as usize % ROOTS[0].len());
    ROOTS[usize::from(ROOT_GROUPS[group])][at]
}

/// Binds one function, whose words these are. The first of them is written last: who waits for it
/// sees the others.
pub(crate) fn bind(words: &[AtomicU64]) {
    let mut instrs = instructions(words);
    // A pass of its own, for its loads are far from each other and from the processor: here none
    // waits for what another one has found.
    for at in 1..instrs.len() {
        let next = instrs[at].handler;
        let first = &mut instrs[at - 1];
        let block = if first.handler == NONE { 0 } else { root(first.handler) };
        first.edge = place(block, next) as u32;
    }
    // How many handlers it takes from each instruction to the end.
    let mut costs = alloc::vec![0; instrs.len() + 1];
    for at in (0..instrs.len()).rev() {
        // Everything else is there before the first head.
        if at == 0 {
            instrs.iter().for_each(|instr| bind_table(words, instr.position, instr.op));
        }
        let (sequence, length) = longest(&instrs[at..], &costs[at..]);
        costs[at] = costs[at + length] + 1;
        let Instr { position, op, handler, .. } = instrs[at];
        let head = match (sequence, handler) {
            (Some(sequence), _) => head(sequence),
            (None, NONE) => Dispatch::Tail.head(op),
            (None, handler) => head(handler),
        };
        words[position].store(head, Ordering::Release);
    }
}

/// Writes the handlers of a branch table's targets behind their distances, if the instruction at
/// this position is one. The heads of the targets have been written.
pub(super) fn bind_table(words: &[AtomicU64], position: usize, op: Op) {
    if !is_table(op) {
        return;
    }
    let last = control::BrTable::last().get(words[position + 1].load(Ordering::Relaxed));
    for n in 0..=last as usize {
        let target = position + table_target(n);
        let distance = words[target].load(Ordering::Relaxed) as i32;
        let head = &words[position.wrapping_add_signed(distance as isize)];
        words[target + 1].store(head.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Returns the heads that an instruction whose fields name no registers may have: its own, and
/// those of sequences that begin with it.
pub(crate) fn heads(op: Op) -> Vec<u64> {
    let handler = handler(op, 0);
    if handler == NONE {
        return alloc::vec![Dispatch::Tail.head(op)];
    }
    let mut heads = alloc::vec![head(handler)];
    let mut open = alloc::vec![root(handler)];
    while let Some(block) = open.pop() {
        for edge in edges(block) {
            if edge.handler() != 0 {
                heads.push(head(edge.handler()));
            }
            open.push(edge.block());
        }
    }
    heads
}

/// Returns the sequence to run first, so that the fewest handlers are needed to the end; `None` for
/// the instruction alone.
fn longest(instrs: &[Instr], costs: &[u32]) -> (Option<u32>, usize) {
    let mut best = (None, 1);
    let mut edge = EDGES[instrs[0].edge as usize];
    for length in 2..=instrs.len() {
        if edge.key() != instrs[length - 1].handler {
            break;
        }
        if edge.handler() != 0 && costs[length] < costs[best.1] {
            best = (Some(edge.handler()), length);
        }
        let Some(next) = instrs.get(length) else { break };
        edge = EDGES[place(edge.block(), next.handler)];
    }
    best
}

/// Returns the edges of a block.
pub(super) fn edges(block: u32) -> impl Iterator<Item = Edge> {
    let places = &EDGES[(block >> 4) as usize..][..1 << (block & 15)];
    places.iter().copied().filter(|&edge| edge != Edge::EMPTY)
}

/// Returns the index in `EDGES` of a block's edge for a handler; a place without an edge if there
/// is none.
pub(super) fn place(block: u32, handler: u32) -> usize {
    let (first, power) = ((block >> 4) as usize, block & 15);
    let begin = Edge::place(handler, power);
    let mut at = begin;
    while EDGES[first + at].key() != handler && EDGES[first + at] != Edge::EMPTY {
        at = (at + 1) & ((1 << power) - 1);
        if at == begin {
            break;
        }
    }
    first + at
}

/// Returns the instructions of the words, with jumps to returns replaced by returns. The first
/// instruction is `enter`, or in its place the one that binds the function.
fn instructions(words: &[AtomicU64]) -> Vec<Instr> {
    let mut instrs = Vec::with_capacity(words.len() / 2);
    let mut position = 0;
    while position < words.len() {
        let op = match position {
            0 => Some(Meaning::Enter.only_op()),
            _ => Op::from_number(words[position].load(Ordering::Relaxed) as usize),
        };
        let Some(op) = op else { break };
        let op = return_at_once(words, position, op);
        let operands = words.get(position + 1).map_or(0, |word| word.load(Ordering::Relaxed));
        instrs.push(Instr { position, op, handler: handler(op, operands), edge: 0 });
        position += length(op, operands);
    }
    instrs
}

/// Makes a jump to a return that return, which is as long; gives what is then there. The translator
/// can't: when it writes a jump to the end of a block, it does not know yet what comes behind.
fn return_at_once(words: &[AtomicU64], position: usize, op: Op) -> Op {
    use Meaning as M;
    const RETURNS: [Meaning; 6] =
        [M::Return, M::ReturnSlot, M::ReturnI, M::ReturnF32, M::ReturnF64, M::ReturnImm];
    if op != M::Br.only_op() {
        return op;
    }
    let to = control::Br::to();
    let word = words[position + usize::from(to.word)].load(Ordering::Relaxed);
    let distance = to.get(word) as i32;
    let target = position.wrapping_add_signed(distance as isize);
    let at = |position: usize| words.get(position).map(|word| word.load(Ordering::Relaxed));
    let (Some(number), Some(operands)) = (at(target), at(target + 1)) else { return op };
    let target = Op::from_number(number as usize).unwrap_or(op);
    if !RETURNS.into_iter().any(|meaning| target == meaning.only_op()) {
        return op;
    }
    words[position].store(number, Ordering::Relaxed);
    words[position + 1].store(operands, Ordering::Relaxed);
    target
}

/// Returns the native handler of an instruction.
pub(super) fn handler(op: Op, operands: u64) -> u32 {
    let variants = &VARIANTS[op.number()];
    if variants.first == u32::MAX {
        return NONE;
    }
    let mut number = variants.first & !SHARED;
    for (field, scale) in variants.scale.into_iter().enumerate() {
        let register = BitField::quarter(field as u8).get(operands) as u32;
        number += register * u32::from(scale);
    }
    if variants.first & SHARED == 0 { number } else { SHARED_HANDLERS[number as usize] }
}

/// Returns the length of an instruction in words, the targets of a branch table included.
fn length(op: Op, operands: u64) -> usize {
    let targets = match is_table(op) {
        true => table_words(control::BrTable::last().get(operands) as u32),
        false => 0,
    };
    op.words() + targets
}

fn is_table(op: Op) -> bool {
    [Meaning::BrTable, Meaning::BrTableR].iter().any(|meaning| op == meaning.only_op())
}

/// Calls `each` with every instruction: its position, its op, its operand word, and whether it has
/// a native handler.
#[cfg(burdock_mine)]
pub(super) fn each(words: &[AtomicU64], mut each: impl FnMut(usize, Op, u64, bool)) {
    for Instr { position, op, handler, .. } in instructions(words) {
        let operands = words.get(position + 1).map_or(0, |word| word.load(Ordering::Relaxed));
        each(position, op, operands, handler != NONE);
    }
}
