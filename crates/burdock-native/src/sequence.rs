//! Sequences of instructions that get a handler of their own, as text.
//!
//! A line is a sequence: instructions between `|`, each a meaning, its operand kinds, and the
//! registers in its fields. A digit is a temporary. A letter is any of the registers for locals:
//! the same letter is the same register, another letter another one. A processor that has fewer
//! registers than a sequence names gets no handler for that sequence. Empty lines and lines that
//! begin with `#` are skipped.
//!
//! ```text
//!   I32Add.RRI a a | I64LtU.JRR a b
//! ```

use crate::isa::Isa;
use crate::part::Part;
use burdock_ir::{Bank, Kind, Kinds, Meaning, Op};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};
use thiserror::Error;

/// The sequences that get handlers, and where they come from.
#[derive(Clone, Debug)]
pub struct Sequences {
    text: String,
    file: Option<PathBuf>,
}

impl Sequences {
    /// The environment variable that names a file of sequences to use in place of those that the
    /// crate comes with. *Rationale:* to measure what a program gains from the sequences of others.
    pub const VARIABLE: &str = "BURDOCK_SEQUENCES";

    /// Returns the sequences of the file that [`VARIABLE`](Self::VARIABLE) names, or else those
    /// that the crate comes with.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read.
    pub fn load() -> io::Result<Self> {
        match env::var_os(Self::VARIABLE) {
            Some(file) => Self::read(file.into()),
            None => Ok(Self { text: include_str!("../sequences.txt").into(), file: None }),
        }
    }

    fn read(file: PathBuf) -> io::Result<Self> {
        Ok(Self { text: fs::read_to_string(&file)?, file: Some(file) })
    }

    /// Keeps only the first lines, so many sequences. The file has those first that save the most.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        self.text = lines.take(count).flat_map(|line| [line, "\n"]).collect();
        self
    }

    /// Returns the sequences, one a line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the file they were read from, or `None` for those that the crate comes with.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

/// A line of a file of sequences that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: in `{instruction}`: {problem}")]
pub struct SequenceError {
    line: usize,
    instruction: String,
    problem: Problem,
}

/// The error of an instruction in a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum Problem {
    #[error("expected a meaning and operand kinds, as in `I32Add.RRI`")]
    NoOp,
    #[error("no meaning is called `{0}`")]
    Meaning(String),
    #[error("`{0}` is not a list of up to three kinds out of `-RSIFBJU`")]
    Kinds(String),
    #[error("there is no op of this meaning with these operand kinds")]
    Op,
    #[error("expected registers in {expected} fields, found {found}")]
    Registers { expected: usize, found: usize },
    #[error("`{0}` is neither the digit of a temporary nor a letter")]
    Register(String),
}

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

/// Returns each sequence with each choice of registers for its letters.
pub(crate) fn expand<I: Isa>(text: &str) -> Result<Vec<Vec<Part>>, SequenceError> {
    let names = Meaning::ALL.iter().map(|&meaning| (format!("{meaning:?}"), meaning)).collect();
    let mut sequences = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut patterns = Vec::new();
        for text in line.split('|').map(str::trim) {
            let error = |problem| SequenceError { line: number, instruction: text.into(), problem };
            patterns.push(pattern(&names, text).map_err(error)?);
        }
        if let Some(letters) = letters::<I>(&patterns) {
            assign::<I>(&patterns, &letters, &mut Vec::new(), &mut sequences);
        }
    }
    Ok(sequences)
}

/// Returns the letters of a sequence, each once, or `None` if it names a temporary that the
/// processor does not have.
fn letters<I: Isa>(patterns: &[Pattern]) -> Option<Vec<(Bank, char)>> {
    let mut letters = Vec::new();
    for &(bank, register) in patterns.iter().flat_map(|pattern| pattern.registers.iter().flatten())
    {
        match register {
            Register::Temporary(n) if n >= I::TEMPORARIES[bank as usize] => return None,
            Register::Pinned(letter) if !letters.contains(&(bank, letter)) => {
                letters.push((bank, letter));
            }
            _ => {}
        }
    }
    Some(letters)
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

/// Reads one instruction.
fn pattern(names: &BTreeMap<String, Meaning>, text: &str) -> Result<Pattern, Problem> {
    let mut words = text.split_whitespace();
    let (name, letters) = words.next().and_then(|op| op.split_once('.')).ok_or(Problem::NoOp)?;
    let meaning = names.get(name).ok_or_else(|| Problem::Meaning(name.into()))?;
    let kinds = kinds(letters).ok_or_else(|| Problem::Kinds(letters.into()))?;
    let op = meaning.op(kinds).ok_or(Problem::Op)?;
    let words: Vec<&str> = words.collect();
    let expected = op.registers().iter().flatten().count();
    if words.len() != expected {
        return Err(Problem::Registers { expected, found: words.len() });
    }
    let mut words = words.into_iter();
    let mut registers = [None; 4];
    for (field, bank) in op.registers().into_iter().enumerate() {
        let Some(bank) = bank else { continue };
        let word = words.next().expect("there is a word for each bank");
        registers[field] = Some((bank, register(word)?));
    }
    Ok(Pattern { op, registers })
}

/// Reads a register.
fn register(word: &str) -> Result<Register, Problem> {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(letter @ 'a'..='z'), None) => Ok(Register::Pinned(letter)),
        (Some(digit @ '0'..='9'), None) => Ok(Register::Temporary(digit as u8 - b'0')),
        _ => Err(Problem::Register(word.into())),
    }
}

/// Reads the kinds of destination and operands; those that are left out are `-`.
fn kinds(letters: &str) -> Option<Kinds> {
    let mut letters = letters.chars();
    let mut next = || letters.next().map_or(Some(Kind::None), kind);
    let kinds = Kinds::new(next()?, next()?, next()?);
    letters.next().is_none().then_some(kinds)
}

fn kind(letter: char) -> Option<Kind> {
    if letter.is_ascii_lowercase() { None } else { Kind::from_letter(letter.to_ascii_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x86_64::X86_64;

    fn expanded(text: &str) -> Result<Vec<Vec<[u8; 4]>>, String> {
        let sequences = expand::<X86_64>(text).map_err(|error| error.to_string())?;
        let registers = |parts: Vec<Part>| parts.iter().map(|part| part.registers).collect();
        Ok(sequences.into_iter().map(registers).collect())
    }

    #[test]
    fn the_first_sequences_are_kept() {
        let text = "# head\nCopy.--- | Call.---\nCopy.--- | Br.---\n".into();
        let first = |count| Sequences { text: String::clone(&text), file: None }.first(count);
        assert_eq!(first(1).text(), "Copy.--- | Call.---\n");
        assert_eq!(first(9).text(), "Copy.--- | Call.---\nCopy.--- | Br.---\n");
    }

    #[test]
    fn letters_stand_for_each_choice_of_registers_for_locals() {
        let rows: &[(&str, &[&[[u8; 4]]])] = &[
            ("", &[]),
            ("# I32Add.RRR a b c\n\n", &[]),
            ("I64Copy.RS- 0", &[&[[0, 0, 0, 0]]]),
            ("F32Copy.RS- a", &[&[[2, 0, 0, 0]], &[[3, 0, 0, 0]]]),
            // The same letter is the same register, another letter another one, of each bank.
            (
                "F32Copy.RS- a | F32Copy.RR- b a",
                &[&[[2, 0, 0, 0], [3, 2, 0, 0]], &[[3, 0, 0, 0], [2, 3, 0, 0]]],
            ),
            // This processor has neither three registers for locals of type `f32` nor a temporary
            // 2.
            ("F32Add.RRR a b c", &[]),
            ("F32Copy.RR- 2 0", &[]),
        ];
        for (text, expected) in rows {
            let expected: Vec<Vec<[u8; 4]>> = expected.iter().map(|parts| parts.to_vec()).collect();
            assert_eq!(expanded(text), Ok(expected), "{text}");
        }
        assert_eq!(expanded("F64Add.RRR a b c").map(|all| all.len()), Ok(4 * 3 * 2));
    }

    #[test]
    fn instructions_follow_each_other_in_words() {
        let text = "I32Add.SSI | F64Copy.RI- 0 | Return.---";
        let [parts] = &expand::<X86_64>(text).unwrap()[..] else { panic!("one sequence") };
        let places: Vec<_> = parts.iter().map(|part| (part.position, part.words)).collect();
        assert_eq!(places, [(0, 2), (2, 3), (5, 2)]);
    }

    #[test]
    fn what_is_no_sequence_is_reported_with_its_line() {
        let rows = [
            ("|", "line 1: in ``: expected a meaning and operand kinds, as in `I32Add.RRI`"),
            (
                "# text\n\nI32Add",
                "line 3: in `I32Add`: expected a meaning and operand kinds, as in `I32Add.RRI`",
            ),
            ("I32Plus.RRI a a", "line 1: in `I32Plus.RRI a a`: no meaning is called `I32Plus`"),
            (
                "I32Add.RRX a a",
                "line 1: in `I32Add.RRX a a`: `RRX` is not a list of up to three kinds out of \
                 `-RSIFBJU`",
            ),
            (
                "I32Add.RRII a a",
                "line 1: in `I32Add.RRII a a`: `RRII` is not a list of up to three kinds out of \
                 `-RSIFBJU`",
            ),
            (
                "Return.--- | I32Add.RIR a a",
                "line 1: in `I32Add.RIR a a`: there is no op of this meaning with these operand \
                 kinds",
            ),
            ("I32Add.RRI a", "line 1: in `I32Add.RRI a`: expected registers in 2 fields, found 1"),
            ("Return.--- 0", "line 1: in `Return.--- 0`: expected registers in 0 fields, found 1"),
            (
                "I32Add.RRI a ab",
                "line 1: in `I32Add.RRI a ab`: `ab` is neither the digit of a temporary nor a \
                 letter",
            ),
            (
                "I32Add.RRI A a",
                "line 1: in `I32Add.RRI A a`: `A` is neither the digit of a temporary nor a letter",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(expanded(text), Err(expected.into()), "{text}");
        }
    }

    #[test]
    fn sequences_come_with_the_crate_or_from_a_file() {
        let file = env::temp_dir().join(format!("sequences-{}.txt", std::process::id()));
        let none = Sequences::read(file.clone());
        assert_eq!(none.map_err(|error| error.kind()).err(), Some(io::ErrorKind::NotFound));
        fs::write(&file, "Return.---\n").unwrap();
        let read = Sequences::read(file.clone()).unwrap();
        assert_eq!((read.text(), read.file()), ("Return.---\n", Some(&*file)));
        fs::remove_file(file).unwrap();
        if env::var_os(Sequences::VARIABLE).is_none() {
            let own = Sequences::load().unwrap();
            assert_eq!(own.file(), None);
            assert!(!expand::<X86_64>(own.text()).unwrap().is_empty());
        }
    }
}
