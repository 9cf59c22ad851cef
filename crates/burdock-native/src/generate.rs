//! All handlers of a processor: single instructions, sequences, and the tables of both.

use crate::aarch64::AArch64;
use crate::elf::Elf;
use crate::instruction;
use crate::isa::Isa;
use crate::object::{HANDLER_GROUP, ObjectFormat};
use crate::observed::observed;
use crate::sequence::{self, SequenceError};
use crate::trie::Trie;
use crate::variants::{Handlers, label, scales, variants};
use crate::x86_64::X86_64;
use burdock_ir::Op;
use std::fmt::Write;

/// Words of code that can be counted (`cargo xtask mine`), counts and heads behind it.
const MINE_REGION: usize = 4 << 20;

/// The native handlers of a processor, as text.
#[derive(Clone, Debug)]
pub struct Native {
    /// The handlers, for the assembler. Names in braces are operands of `global_asm!`.
    pub text: String,
    /// The tables by which handlers are found, in Rust.
    pub table: String,
}

/// Returns the handlers for an architecture, by Cargo's name for it, with those for sequences of
/// instructions, or `None` if there are none for the architecture.
///
/// # Errors
///
/// Fails if a line of `sequences` is not a sequence of instructions.
pub fn handlers(architecture: &str, sequences: &str) -> Result<Option<Native>, SequenceError> {
    let sequences = &format!("{sequences}{}", observed(sequences));
    match architecture {
        "aarch64" => generate::<_, Elf>(AArch64::default(), sequences).map(Some),
        "x86_64" => generate::<_, Elf>(X86_64::default(), sequences).map(Some),
        _ => Ok(None),
    }
}

/// Returns the assembly of one handler: that of an instruction, or of a sequence, written as in the
/// file of sequences. Letters are the first registers for locals. `None` if the architecture has no
/// handler for it.
///
/// # Errors
///
/// Fails if `sequence` is not a sequence of instructions.
///
/// ```
/// let text = burdock_native::handler("aarch64", "I64Add.RRR 0 1 2")?.expect("a handler");
/// assert_eq!(text, "add x5, x19, x20\nldr x8, [x0, #16]!\nbr x8\n");
/// # Ok::<(), burdock_native::SequenceError>(())
/// ```
pub fn handler(architecture: &str, sequence: &str) -> Result<Option<String>, SequenceError> {
    match architecture {
        "aarch64" => one(AArch64::default(), sequence),
        "x86_64" => one(X86_64::default(), sequence),
        _ => Ok(None),
    }
}

fn one<I: Isa>(mut isa: I, sequence: &str) -> Result<Option<String>, SequenceError> {
    let sequences = sequence::expand::<I>(sequence)?;
    Ok(sequences.first().and_then(|parts| instruction::handler(&mut isa, "", parts)))
}

fn generate<I: Isa, F: ObjectFormat>(mut isa: I, sequences: &str) -> Result<Native, SequenceError> {
    let mut bodies = Vec::new();
    let singles = singles(&mut isa, &mut bodies);
    let mut trie = Trie::default();
    for sequence in sequence::expand::<I>(sequences)? {
        let keys: Option<Vec<usize>> =
            sequence.iter().map(|part| singles.handler::<I>(part)).collect();
        let label = label(singles.ops.len() + trie.handlers);
        if let Some(keys) = keys
            && let Some(body) = instruction::handler(&mut isa, &label, &sequence)
            && trie.insert(&keys)
        {
            bodies.push(body);
        }
    }
    let handlers = singles.ops.len() + trie.handlers;
    // Behind all others, and used only under `--cfg burdock_mine`.
    bodies.push(format!("{}{}", label(handlers), isa.count_and_go_on(MINE_REGION)));
    let text = [
        F::begin(I::ENTER, I::WAIT, I::LEAVE),
        isa.layout(bodies),
        F::end(I::CONSTANTS, handlers + 1),
    ]
    .concat();
    Ok(Native { text, table: tables::<I>(&singles, &trie) })
}

/// Writes the handlers of single instructions.
fn singles<I: Isa>(isa: &mut I, bodies: &mut Vec<String>) -> Handlers {
    let mut set = Handlers::default();
    for number in 0..Op::COUNT {
        let op = Op::from_number(number).expect("numbers below COUNT are ops");
        let first = set.variants.len();
        let known = variants::<I>(op, &mut |part, same_as| {
            if let Some(same) = same_as {
                set.variants.push(set.variants[first + same]);
                return true;
            }
            let label = label(set.ops.len());
            let Some(body) = instruction::handler(isa, &label, &[part]) else { return false };
            bodies.push(body);
            set.variants.push(set.ops.len());
            set.ops.push(number);
            true
        });
        set.first.push(known.then_some(first));
    }
    set
}

/// Returns the tables by which handlers are found, in Rust.
fn tables<I: Isa>(singles: &Handlers, trie: &Trie) -> String {
    let (mut rows, mut shared) = (String::new(), Vec::new());
    for number in 0..Op::COUNT {
        let op = Op::from_number(number).expect("there is an entry for each op");
        let scale = scales::<I>(op);
        let first = singles.first_handler(number, &mut shared);
        let _ = writeln!(rows, "Variants {{ first: {first:#x}, scale: {scale:?} }},");
    }
    format!(
        "const TEMPORARIES: [u8; 3] = {:?};\nconst PINNED: [u8; 3] = {:?};\n\
         pub(crate) const JUMP_GUESSES: usize = {};\n\
         const HANDLER_COUNT: usize = {};\nconst HANDLER_GROUP: usize = {HANDLER_GROUP};\n\
         #[cfg(burdock_mine)]\nconst MINE_REGION: usize = {MINE_REGION};\n\
         static KNOWN: [bool; {}] = {:?};\n\
         static SHARED_HANDLERS: [u32; {}] = {shared:?};\n\
         static VARIANTS: [Variants; {}] = [\n{rows}];\n{}",
        I::TEMPORARIES,
        I::PINNED,
        I::JUMP_GUESSES,
        singles.ops.len() + trie.handlers + 1,
        Op::COUNT,
        singles.first.iter().map(Option::is_some).collect::<Vec<_>>(),
        shared.len(),
        Op::COUNT,
        trie.tables(singles.ops.len()),
    )
}
