//! Sequences of instructions that get a handler of their own, as the data file lists them.
//!
//! A line is a sequence: instructions between `|`, each with its op's number of kinds and the
//! registers in its fields. A digit is a temporary, a letter any of the registers for locals; the
//! same letter is the same register, another letter another one.
//!
//! ```text
//!   I32Add.RRI a a | I32LtU.JRR a b
//! ```

use super::{Isa, Part};
use burdock_ir::{Bank, Kind, Kinds, Meaning, Op};
use std::collections::BTreeMap;

/// A register as it is written.
#[derive(Clone, Copy)]
enum Register {
    Temporary(u8),
    Pinned(char),
}

/// An instruction as it is written.
struct Pattern {
    op: Op,
    registers: [Option<(Bank, Register)>; 4],
}

/// Each sequence with each choice of registers for its letters.
pub(crate) fn expand<I: Isa>(text: &str) -> Vec<Vec<Part>> {
    let names = Meaning::ALL.iter().map(|&meaning| (format!("{meaning:?}"), meaning)).collect();
    let mut sequences = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let patterns: Vec<Pattern> = line
            .split('|')
            .map(|text| pattern(&names, text).unwrap_or_else(|| panic!("not a sequence: {line}")))
            .collect();
        let mut letters = Vec::new();
        for &(bank, register) in patterns.iter().flat_map(|p| p.registers.iter().flatten()) {
            if let Register::Pinned(letter) = register
                && !letters.contains(&(bank, letter))
            {
                letters.push((bank, letter));
            }
        }
        assign::<I>(&patterns, &letters, &mut Vec::new(), &mut sequences);
    }
    sequences
}

/// Gives the letters that have none yet each of the registers that are left.
fn assign<I: Isa>(
    patterns: &[Pattern],
    letters: &[(Bank, char)],
    chosen: &mut Vec<u8>,
    sequences: &mut Vec<Vec<Part>>,
) {
    let Some(&(bank, _)) = letters.get(chosen.len()) else {
        sequences.push(parts(patterns, letters, chosen));
        return;
    };
    let first = I::TEMPORARIES[bank as usize];
    for register in first..first + I::PINNED[bank as usize] {
        let taken = letters.iter().zip(chosen.iter());
        if !taken.clone().any(|(&(other, _), &n)| other == bank && n == register) {
            chosen.push(register);
            assign::<I>(patterns, letters, chosen, sequences);
            chosen.pop();
        }
    }
}

fn parts(patterns: &[Pattern], letters: &[(Bank, char)], chosen: &[u8]) -> Vec<Part> {
    let mut position = 0;
    let part = |pattern: &Pattern| {
        let (meaning, kinds) = pattern.op.parts();
        let registers = pattern.registers.map(|register| match register {
            None => 0,
            Some((_, Register::Temporary(n))) => n,
            Some((bank, Register::Pinned(letter))) => {
                let at = letters.iter().position(|&known| known == (bank, letter));
                chosen[at.expect("every letter was collected")]
            }
        });
        let words = pattern.op.words();
        let part = Part { meaning, kinds, registers, position, words };
        position += words;
        part
    };
    patterns.iter().map(part).collect()
}

fn pattern(names: &BTreeMap<String, Meaning>, text: &str) -> Option<Pattern> {
    let mut words = text.split_whitespace();
    let (name, letters) = words.next()?.split_once('.')?;
    let mut kinds = letters.chars().map(kind);
    let mut next = || kinds.next().unwrap_or(Some(Kind::None));
    let kinds = Kinds::new(next()?, next()?, next()?);
    let op = names.get(name)?.op(kinds)?;
    let mut registers = [None; 4];
    for (field, bank) in op.registers().into_iter().enumerate() {
        let Some(bank) = bank else { continue };
        let name = words.next()?.chars().next()?;
        registers[field] = Some((
            bank,
            match name.to_digit(10) {
                Some(n) => Register::Temporary(n as u8),
                None => Register::Pinned(name),
            },
        ));
    }
    words.next().is_none().then_some(Pattern { op, registers })
}

fn kind(letter: char) -> Option<Kind> {
    Some(match letter {
        '-' => Kind::None,
        'R' => Kind::Reg,
        'S' => Kind::Slot,
        'I' => Kind::Imm,
        'B' => Kind::Both,
        'J' => Kind::JumpIf,
        'U' => Kind::JumpUnless,
        _ => return None,
    })
}
