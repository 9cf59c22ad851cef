//! Every native handler does what the meaning of its op says, and nothing else: for each choice of
//! registers, one instruction is executed from states with special and with random operands, by its
//! native handler and, with all operands in slots, by the Rust handler that is made of `sem`. All
//! registers, slots, memory, globals, fuel, the position and the trap have to be the same. Handlers
//! of sequences are held against those of the instructions one after the other.
//!
//! A run takes a sample; `cargo xtask native --check`, which sets BURDOCK_NATIVE_CHECK, all.

mod control;
mod instr;
mod layout;
#[cfg(target_arch = "x86_64")]
mod lines;
mod objects;
mod rig;
mod values;

use super::bind::{edges, handler, head, place, root};
use super::*;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use burdock_ir::{BitField, Meaning, Op};
use instr::Instr;
use rig::{Rig, State};
use std::format;
use values::Rng;

/// The extent of a check.
struct Extent {
    /// Choices of registers for each op.
    choices: usize,
    /// States for each.
    states: usize,
    /// Sequences.
    sequences: usize,
}

fn extent() -> Extent {
    match std::env::var_os("BURDOCK_NATIVE_CHECK") {
        Some(_) => Extent { choices: usize::MAX, states: 200, sequences: usize::MAX },
        None => Extent { choices: 3, states: 8, sequences: 300 },
    }
}

/// Returns a random state of the machine.
fn any_state(rng: &mut Rng) -> State {
    let mut memory = [0; _];
    memory.fill_with(|| rng.next() as u8);
    let mut slots = [0; rig::STACK];
    slots.fill_with(|| rng.next());
    State {
        int: [(); 6].map(|()| rng.next()),
        f32: [(); 4].map(|()| rng.next() as u32),
        f64: [(); 7].map(|()| rng.next()),
        vector: [rng.next(), rng.next()],
        slots,
        memory,
        globals: [(); 2 * rig::GLOBALS].map(|()| rng.next() >> [0, 32][rng.below(2) as usize]),
        cells: [(); rig::CELLS].map(|()| rng.next()),
        fuel: (rng.below(1 << 33) >> rng.below(34)) as i64 - rng.below(4) as i64,
        top: 0,
        epoch_deadline: 5 + rng.below(4),
        frames: rig::FRAMES - rng.below(3) as usize,
        elements: rig::ELEMENTS,
        detours: [0, Vm::NEWER][rng.below(2) as usize],
        heap: objects::any_heap(rng, false),
        cards: [(); 2].map(|()| rng.below(2) as u8),
        cursor: objects::any_cursor(rng),
    }
}

/// Returns every choice of registers for an op.
fn choices(op: Op) -> Vec<[u8; 4]> {
    let mut all = alloc::vec![[0; 4]];
    for (field, bank) in op.registers().into_iter().enumerate() {
        let Some(bank) = bank else { continue };
        let count = TEMPORARIES[bank as usize] + PINNED[bank as usize];
        all = all
            .into_iter()
            .flat_map(|mut one| {
                (0..count).map(move |number| {
                    one[field] = number;
                    one
                })
            })
            .collect();
    }
    all
}

/// Returns an operand word that names these registers.
fn operand_word(registers: [u8; 4]) -> u64 {
    let fields = (0..).map(BitField::quarter).zip(registers);
    fields.fold(0, |word, (field, number)| field.put(word, number.into()))
}

/// Says in which places two states differ.
fn difference(expected: &State, got: &State) -> String {
    fn list<T: PartialEq + core::fmt::LowerHex + Copy>(
        text: &mut String,
        name: &str,
        a: &[T],
        b: &[T],
    ) {
        for (n, (a, b)) in a.iter().zip(b).enumerate().filter(|(_, (a, b))| a != b) {
            *text += &format!(" {name}{n} {b:#x} for {a:#x}");
        }
    }
    let mut text = String::new();
    list(&mut text, "r", &expected.int, &got.int);
    list(&mut text, "f32r", &expected.f32, &got.f32);
    list(&mut text, "f64r", &expected.f64, &got.f64);
    list(&mut text, "vector", &expected.vector, &got.vector);
    list(&mut text, "slot-40+", &expected.slots, &got.slots);
    list(&mut text, "memory+", &expected.memory, &got.memory);
    list(&mut text, "global", &expected.globals, &got.globals);
    list(&mut text, "cell", &expected.cells, &got.cells);
    list(&mut text, "element", &expected.elements, &got.elements);
    list(&mut text, "heap+", &expected.heap, &got.heap);
    list(&mut text, "cards", &expected.cards, &got.cards);
    list(&mut text, "cursor", &[expected.cursor], &[got.cursor]);
    list(
        &mut text,
        "fuel, top, frames ",
        &[expected.fuel as u64, expected.top as u64, expected.frames as u64],
        &[got.fuel as u64, got.top as u64, got.frames as u64],
    );
    text
}

/// The meanings that leave nothing in registers.
const FORGETS: [Meaning; 9] = [
    Meaning::Call,
    Meaning::CallIndirect,
    Meaning::CallIndirectR,
    Meaning::ReturnCall,
    Meaning::ReturnCallIndirect,
    Meaning::CallRef,
    Meaning::CallRefR,
    Meaning::ReturnCallRef,
    Meaning::Observe,
];

/// Executes one instruction both ways; says what differs.
fn check_one(rig: &mut Rig, instr: &Instr, before: &State) -> Result<(), String> {
    let mut got = before.clone();
    let head = head(instr.handler());
    let words: Vec<u64> = core::iter::once(head).chain(instr.operands.iter().copied()).collect();
    let ended = rig.native(&words, &mut got);
    let reference = instr.reference(before);
    let mut expected = reference.state;
    let mut end = rig.reference(&reference.words, &mut expected);
    let jump = instr.expect(before, &mut expected);
    if end.stop == Stop::DONE {
        // The reference may be longer or shorter.
        let falls = end.ip == reference.words.len() as isize;
        end.ip = jump.unwrap_or(if falls { words.len() as isize } else { end.ip });
    }
    if end.stop != Stop::DONE || FORGETS.map(Meaning::only_op).contains(&instr.op) {
        got.forget_registers();
        expected.forget_registers();
    }
    if !instr.leaves_vector() {
        got.vector = expected.vector;
    }
    instr.forget_payloads(&mut got);
    instr.forget_payloads(&mut expected);
    if (ended, &got) == (end, &expected) {
        return Ok(());
    }
    let difference = difference(&expected, &got);
    let (meaning, kinds) = instr.op.parts();
    Err(format!(
        "{meaning:?} {kinds:?} registers {:?} operands {:x?}: ended {ended:?}, not {end:?};{difference}",
        instr.registers, instr.operands
    ))
}

/// Fails with what was found, an example for each op.
fn report(found: BTreeMap<String, String>, checked: usize) {
    std::println!("{checked} states");
    assert!(checked > 0, "nothing was checked");
    let examples: Vec<String> = found.into_values().collect();
    assert!(examples.is_empty(), "{}", examples.join("\n"));
}

#[test]
fn every_handler_does_what_its_op_means() {
    let extent = extent();
    let (mut rig, mut rng) = (Rig::new(), Rng(1));
    let mut found = BTreeMap::new();
    let mut checked = 0;
    let mut covered = alloc::vec![false; HANDLER_COUNT];
    for number in (0..Op::COUNT).filter(|&number| KNOWN[number]) {
        let op = Op::from_number(number).unwrap();
        let mut choices = choices(op);
        while choices.len() > extent.choices {
            let any = rng.below(choices.len() as u64) as usize;
            choices.swap_remove(any);
        }
        // Where nothing is to be chosen, the values are all there is to vary: the lanes of vectors.
        let states = extent.states * if choices.len() == 1 { 20 } else { 1 };
        for registers in choices {
            covered[handler(op, operand_word(registers)) as usize] = true;
            for _ in 0..states {
                let mut state = any_state(&mut rng);
                let instr = Instr::any(op, registers, &mut rng, &mut state, &rig, false);
                if let Err(difference) = check_one(&mut rig, &instr, &state) {
                    found.entry(format!("{:?}", op.parts())).or_insert(difference);
                }
                checked += 1;
            }
        }
    }
    report(found, checked);
    if extent.choices == usize::MAX {
        let missed = covered[..SINGLE_COUNT].iter().filter(|covered| !**covered).count();
        assert_eq!(missed, 0, "handlers that no choice of registers leads to");
    }
}

/// Returns, for each handler of one instruction, an op and registers that lead to it.
fn instructions() -> Vec<(Op, [u8; 4])> {
    let mut instructions = alloc::vec![None; SINGLE_COUNT];
    for op in (0..Op::COUNT).filter(|&number| KNOWN[number]).filter_map(Op::from_number) {
        for registers in choices(op) {
            let handler = handler(op, operand_word(registers)) as usize;
            instructions[handler].get_or_insert((op, registers));
        }
    }
    instructions.into_iter().map(|one| one.expect("every handler is some op's")).collect()
}

/// Returns the handlers of sequences, each with those of its instructions.
fn sequences() -> Vec<(u32, Vec<u32>)> {
    let mut found = Vec::new();
    let mut open: Vec<(u32, Vec<u32>)> = (0..SINGLE_COUNT as u32)
        .filter(|&handler| root(handler) != 0)
        .map(|handler| (root(handler), alloc::vec![handler]))
        .collect();
    while let Some((block, keys)) = open.pop() {
        for edge in edges(block) {
            let longer: Vec<u32> = keys.iter().copied().chain([edge.key()]).collect();
            if edge.handler() != 0 {
                found.push((edge.handler(), longer.clone()));
            }
            open.push((edge.block(), longer));
        }
    }
    found
}

#[test]
fn a_block_of_edges_leads_to_its_handlers_and_to_no_others() {
    let mut open: Vec<u32> = ROOTS.as_flattened().to_vec();
    let mut checked = 0;
    while let Some(block) = open.pop() {
        let keys: Vec<u32> = edges(block).map(|edge| edge.key()).collect();
        for &key in &keys {
            assert_eq!(EDGES[place(block, key)].key(), key);
            let other = (0..).find(|other| !keys.contains(other)).expect("a block has an end");
            assert_ne!(EDGES[place(block, other)].key(), other);
            checked += 1;
        }
        open.extend(edges(block).map(|edge| edge.block()).filter(|&block| block != 0));
    }
    assert_eq!(checked, EDGES.iter().filter(|&&edge| edge != Edge::EMPTY).count());
}

/// Returns `true` if an instruction of a sequence would access an object where there is none: the
/// operands do not fit together.
fn strays(rig: &mut Rig, parts: &[Instr], before: &State) -> bool {
    let mut state = before.clone();
    for part in parts {
        if part.strays(&state) {
            return true;
        }
        let reference = part.reference(&state);
        let mut after = reference.state;
        let end = rig.reference(&reference.words, &mut after);
        if end.stop != Stop::DONE || end.ip != reference.words.len() as isize {
            return false;
        }
        if part.expect(&state, &mut after).is_some_and(|to| to != part.op.words() as isize) {
            return false;
        }
        state = after;
    }
    false
}

/// Executes a sequence both ways; says what differs.
fn check_sequence(
    rig: &mut Rig,
    sequence: u32,
    parts: &[Instr],
    before: &State,
) -> Result<(), String> {
    let mut words = Vec::new();
    for part in parts {
        words.push(head(part.handler()));
        words.extend_from_slice(&part.operands);
    }
    let (mut expected, mut got) = (before.clone(), before.clone());
    let end = rig.native(&words, &mut expected);
    words[0] = head(sequence);
    let ended = rig.native(&words, &mut got);
    if end.stop != Stop::DONE {
        got.forget_registers();
        expected.forget_registers();
    }
    if !parts.last().is_some_and(Instr::leaves_vector) {
        got.vector = expected.vector;
    }
    if (ended, &got) == (end, &expected) {
        return Ok(());
    }
    let difference = difference(&expected, &got);
    let parts: Vec<_> = parts.iter().map(|part| (part.op.parts(), part.registers)).collect();
    Err(format!("{parts:?}: ended {ended:?}, not {end:?};{difference}"))
}

#[test]
fn handlers_of_sequences_do_one_instruction_after_the_other() {
    let extent = extent();
    let (mut rig, mut rng) = (Rig::new(), Rng(2));
    let instructions = instructions();
    let mut sequences = sequences();
    assert_eq!(SINGLE_COUNT + sequences.len() + 1, HANDLER_COUNT);
    while sequences.len() > extent.sequences {
        let any = rng.below(sequences.len() as u64) as usize;
        sequences.swap_remove(any);
    }
    let mut found = BTreeMap::new();
    let mut checked = 0;
    for (sequence, keys) in sequences {
        for _ in 0..extent.states / 4 {
            let mut state = any_state(&mut rng);
            state.without_nans();
            state.heap = objects::any_heap(&mut rng, true);
            for global in state.globals.iter_mut().step_by(4) {
                *global = objects::any_object(&mut rng);
            }
            // The first instruction's operands are written last, and stay.
            let mut parts: Vec<Instr> = keys
                .iter()
                .rev()
                .map(|&key| {
                    let (op, registers) = instructions[key as usize];
                    Instr::any(op, registers, &mut rng, &mut state, &rig, true)
                })
                .collect();
            parts.reverse();
            for part in &parts {
                part.narrow(&mut state);
            }
            if strays(&mut rig, &parts, &state) {
                continue;
            }
            if let Err(difference) = check_sequence(&mut rig, sequence, &parts, &state) {
                let ops: Vec<_> = parts.iter().map(|part| part.op.parts()).collect();
                found.entry(format!("{ops:?}")).or_insert(difference);
            }
            checked += 1;
        }
    }
    report(found, checked);
}
