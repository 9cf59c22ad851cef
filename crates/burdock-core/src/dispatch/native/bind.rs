//! Binding: the heads of a function's instructions, which the translator leaves as ops' numbers,
//! become addresses of handlers. An instruction gets the handler that does it and those that follow
//! at once, where there is one. Where each instruction lies, and what may jump to it, stays as it
//! was; so do offsets and backtraces.

use super::{
    EDGE_KEYS, EDGE_TARGETS, HANDLER_COUNT, NODE_EDGES, NODE_HANDLERS, ROOTS, VARIANT_HANDLERS,
    VARIANTS, burdock_native_handlers, text,
};
use crate::dispatch::Dispatch;
use alloc::vec::Vec;
use burdock_ir::{Meaning, Op};
use core::sync::atomic::{AtomicU64, Ordering};

/// No handler: an instruction without a native one.
const NONE: u32 = u32::MAX;

/// An instruction of the function.
struct Instr {
    position: usize,
    op: Op,
    /// The number of its native handler.
    handler: u32,
}

/// Where the handlers are, by their numbers.
pub(super) fn offsets() -> &'static [u32; HANDLER_COUNT] {
    // SAFETY: [CODE] the assembler has written so many offsets there.
    unsafe { &burdock_native_handlers }
}

/// The head for a native handler.
pub(super) fn head(handler: u32) -> u64 {
    text() + u64::from(offsets()[handler as usize])
}

/// Binds one function, whose words these are. The first of them is written last: who waits for it
/// sees the others.
pub(crate) fn bind(words: &[AtomicU64]) {
    let instrs = instructions(words);
    // How many handlers it takes from each instruction to the end.
    let mut costs = alloc::vec![0; instrs.len() + 1];
    for at in (0..instrs.len()).rev() {
        let (sequence, length) = longest(&instrs[at..], &costs[at..]);
        costs[at] = costs[at + length] + 1;
        let Instr { position, op, handler } = instrs[at];
        let head = match (sequence, handler) {
            (Some(sequence), _) => head(sequence),
            (None, NONE) => Dispatch::Tail.head(op),
            (None, handler) => head(handler),
        };
        words[position].store(head, Ordering::Release);
    }
}

/// The heads that an instruction may have whose fields name no registers: its own, and those of
/// sequences that begin with it.
pub(crate) fn heads(op: Op) -> Vec<u64> {
    let handler = handler(op, 0);
    if handler == NONE {
        return alloc::vec![Dispatch::Tail.head(op)];
    }
    let mut heads = alloc::vec![head(handler)];
    let mut nodes = alloc::vec![ROOTS[handler as usize]];
    while let Some(node) = nodes.pop().filter(|&node| node != 0) {
        if NODE_HANDLERS[node as usize] != 0 {
            heads.push(head(NODE_HANDLERS[node as usize]));
        }
        let [from, to] = [node, node + 1].map(|node| NODE_EDGES[node as usize] as usize);
        nodes.extend_from_slice(&EDGE_TARGETS[from..to]);
    }
    heads
}

/// The sequence to do first, so that the fewest handlers are needed to the end; `None` for the
/// instruction alone.
fn longest(instrs: &[Instr], costs: &[u32]) -> (Option<u32>, usize) {
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
            best = (Some(handler), length);
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

/// The instructions that the words are, once jumps to returns are returns. The first is `enter`, in
/// whose place there may be what has the function bound.
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
        instrs.push(Instr { position, op, handler: handler(op, operands) });
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
    let distance = (words[position + 1].load(Ordering::Relaxed) >> 32) as i32;
    let target = position.wrapping_add_signed(distance as isize);
    let at = |position: usize| words.get(position).map(|word| word.load(Ordering::Relaxed));
    let (Some(number), Some(operands)) = (at(target), at(target + 1)) else { return op };
    let target = Op::from_number(number as usize).unwrap_or(op);
    if !RETURNS.into_iter().any(|meaning| target == meaning.only_op()) {
        return op;
    }
    words[position + 1].store(operands, Ordering::Relaxed);
    target
}

/// The native handler of an instruction.
pub(super) fn handler(op: Op, operands: u64) -> u32 {
    let variants = &VARIANTS[op.number()];
    if variants.first == u32::MAX {
        return NONE;
    }
    let mut number = variants.first as usize;
    for (field, scale) in variants.scale.into_iter().enumerate() {
        number += usize::from((operands >> (16 * field)) as u16) * usize::from(scale);
    }
    VARIANT_HANDLERS[number]
}

/// The length of an instruction in words, the targets of a branch table included.
fn length(op: Op, operands: u64) -> usize {
    let targets = match op.number() {
        n if n == Meaning::BrTable.only_op().number()
            || n == Meaning::BrTableR.only_op().number() =>
        {
            ((operands >> 32) as usize + 2) / 2
        }
        _ => 0,
    };
    op.words() + targets
}

/// Calls `each` with every instruction: its position, its op, its operand word, and whether it has
/// a native handler.
#[cfg(burdock_mine)]
pub(super) fn each(words: &[AtomicU64], mut each: impl FnMut(usize, Op, u64, bool)) {
    for Instr { position, op, handler } in instructions(words) {
        let operands = words.get(position + 1).map_or(0, |word| word.load(Ordering::Relaxed));
        each(position, op, operands, handler != NONE);
    }
}
