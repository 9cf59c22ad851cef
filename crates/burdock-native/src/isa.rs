//! What a processor provides, and what of a handler is the same on all of them.

use burdock_ir::{Bank, Kind, Kinds, Meaning};
use burdock_types::ValType;

/// A machine to write handlers for.
pub(crate) trait Isa {
    /// How many registers of each bank hold temporaries: the first is the one that Rust handlers
    /// know.
    const TEMPORARIES: [u8; Bank::COUNT];
    /// How many, behind those, hold locals.
    const PINNED: [u8; Bank::COUNT];

    /// The body of the function that jumps to the first handler, and is returned to.
    const ENTER: &str;
    /// Where handlers jump to when they leave: labels `trap_oob`, `trap_table`, `trap_zero`,
    /// `trap_overflow`, `trap_nan` and `trap_unreachable`.
    const LEAVE: &str;
    /// Constants that handlers read.
    const CONSTANTS: &str;

    /// What of the handler has been written.
    fn written(&mut self) -> &mut Written;

    /// Writes one instruction; says whether it goes on elsewhere by itself. `None`: it is not known.
    fn part(&mut self, part: &Part) -> Option<bool>;

    /// Writes a jump to the instruction that begins so many words behind the handler's first.
    fn go_on(&mut self, words: usize);

    /// The handler of a sequence of instructions, with its label, or `None` if it has an op that is
    /// not known.
    fn handler(&mut self, label: &str, parts: &[Part]) -> Option<String> {
        let written = self.written();
        written.text.clear();
        written.tail.clear();
        for (n, part) in parts.iter().enumerate() {
            let ends = self.part(part)?;
            if n + 1 == parts.len() && !ends {
                self.go_on(part.position + part.words);
            }
        }
        let Written { text, tail, .. } = self.written();
        Some(format!("{label}{text}{tail}"))
    }

    /// A label of this handler.
    fn label(&mut self) -> usize {
        let labels = &mut self.written().labels;
        *labels += 1;
        *labels
    }

    /// Writes a way that begins at a label behind the handler.
    fn behind(&mut self, label: usize, write: impl FnOnce(&mut Self)) {
        let quick = std::mem::replace(&mut self.written().text, format!(".L{label}:\n"));
        write(self);
        let written = self.written();
        let seldom = std::mem::replace(&mut written.text, quick);
        written.tail.push_str(&seldom);
    }

    /// All handlers as one text: in which order, and with what between them.
    fn layout(&self, handlers: Vec<String>) -> String {
        handlers.concat()
    }

    /// Counts an instruction and goes on to the handler that it had: counts lie `region` words
    /// behind the code, heads as far behind those.
    fn count(&mut self, region: usize) -> String;
}

/// A handler that is being written.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) text: String,
    /// What stands behind it: ways that are seldom gone.
    pub(crate) tail: String,
    labels: usize,
}

/// An instruction whose registers are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub meaning: Meaning,
    pub kinds: Kinds,
    /// For each field of the operand word, the number of the register, if it names one.
    pub registers: [u8; 4],
    /// How far into the sequence it begins, in words.
    pub position: usize,
    /// Its length in words.
    pub words: usize,
}

impl Part {
    /// The width of the operands in bits, by the meaning's name: `I64Add`, `F32Neg`.
    pub(crate) fn width(&self) -> u32 {
        if format!("{:?}", self.meaning)[1..].starts_with("64") { 64 } else { 32 }
    }

    /// The fields of two operands of which the second follows the result: beside an immediate
    /// there is one field only.
    pub(crate) fn operand_fields(&self) -> (usize, usize) {
        if self.kinds.a == Kind::Imm { (1, 1) } else { (1, 2) }
    }
}

/// The width of a type's values in bits.
pub(crate) fn bits_of(ty: Option<ValType>) -> u32 {
    if matches!(ty, Some(ValType::F64 | ValType::I64)) { 64 } else { 32 }
}

pub(crate) fn is_float(ty: Option<ValType>) -> bool {
    matches!(ty.and_then(Bank::of), Some(Bank::F32 | Bank::F64))
}

/// Writes a line of a handler.
macro_rules! asm {
    ($isa:expr, $($text:tt)*) => {{
        use std::fmt::Write as _;
        let _ = writeln!($isa.written.text, $($text)*);
    }};
}
pub(crate) use asm;
