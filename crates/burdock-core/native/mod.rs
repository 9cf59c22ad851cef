//! Writes the native handlers: one for each op of the table that the target's file knows, and each
//! choice of registers, as text for the assembler; and the table by which they are found.
//!
//! What stands here knows ops, registers' numbers and labels. How an op is done, and in which
//! registers of the processor, is the business of the target's file (`aarch64.rs`, `x86_64.rs`).

mod aarch64;
mod edge;
mod elf;
mod sequence;
mod trie;
mod x86_64;

use burdock_ir::{Bank, Kind, Kinds, Meaning, Op, Shape};
use burdock_types::ValType;
use std::fmt::Write;
use trie::Trie;

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
    text: String,
    /// What stands behind it: ways that are seldom gone.
    tail: String,
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
    fn width(&self) -> u32 {
        if format!("{:?}", self.meaning)[1..].starts_with("64") { 64 } else { 32 }
    }

    /// The fields of two operands of which the second follows the result: beside an immediate
    /// there is one field only.
    fn operand_fields(&self) -> (usize, usize) {
        if self.kinds.a == Kind::Imm { (1, 1) } else { (1, 2) }
    }
}

/// The width of a type's values in bits.
fn bits_of(ty: Option<ValType>) -> u32 {
    if matches!(ty, Some(ValType::F64 | ValType::I64)) { 64 } else { 32 }
}

fn is_float(ty: Option<ValType>) -> bool {
    matches!(ty.and_then(Bank::of), Some(Bank::F32 | Bank::F64))
}

/// Writes a line of a handler.
macro_rules! asm {
    ($isa:expr, $($text:tt)*) => {{
        use std::fmt::Write as _;
        let _ = writeln!($isa.written.text, $($text)*);
    }};
}
use asm;

/// Words of code that can be counted (`cargo xtask mine`), counts and heads behind it.
const MINE_REGION: usize = 4 << 20;

/// What the build script writes.
pub(crate) struct Native {
    /// Text for the assembler.
    pub text: String,
    /// The table of variants, in Rust.
    pub table: String,
}

/// Sequences of code that is observed, of which no program tells how often it is executed.
const OBSERVED: &str = "
    Enter.--- | Observe.---
    Observe.--- | Return.---
    Observe.--- | ReturnSlot.---
    Anchor.--- | Copy.---
";

/// The handlers for an architecture, as Cargo names it, with those for these sequences of
/// instructions; `None` if there are none for it.
pub(crate) fn handlers(architecture: &str, sequences: &str) -> Option<Native> {
    let sequences = &format!("{sequences}{OBSERVED}");
    Some(match architecture {
        "aarch64" => generate(aarch64::AArch64::default(), sequences),
        "x86_64" => generate(x86_64::X86_64::default(), sequences),
        _ => return None,
    })
}

fn generate<I: Isa>(mut isa: I, sequences: &str) -> Native {
    let mut bodies = Vec::new();
    let mut set = Handlers::default();
    let mut rows = String::new();
    for number in 0..Op::COUNT {
        let op = Op::from_number(number).expect("numbers below COUNT are ops");
        let first = set.variants.len();
        let known = variants::<I>(op, &mut |part, same_as| {
            if let Some(same) = same_as {
                set.variants.push(set.variants[first + same]);
                return true;
            }
            let Some(body) = isa.handler(&label(set.ops.len()), &[part]) else { return false };
            bodies.push(body);
            set.variants.push(set.ops.len());
            set.ops.push(number);
            true
        });
        let scale = scales::<I>(op);
        set.first.push(known.then_some(first));
        let first = if known { first as u32 } else { u32::MAX };
        let _ = writeln!(rows, "Variants {{ first: {first}, scale: {scale:?} }},");
    }
    let mut trie = Trie::default();
    for sequence in sequence::expand::<I>(sequences) {
        let keys: Option<Vec<usize>> = sequence.iter().map(|part| set.handler::<I>(part)).collect();
        if let Some(keys) = keys
            && let Some(body) = isa.handler(&label(set.ops.len() + trie.handlers), &sequence)
            && trie.insert(&keys)
        {
            bodies.push(body);
        }
    }
    let handlers = set.ops.len() + trie.handlers;
    // Behind all others, and used only under `--cfg burdock_mine`.
    bodies.push(format!("{}{}", label(handlers), isa.count(MINE_REGION)));
    let text =
        [elf::begin(I::ENTER, I::LEAVE), isa.layout(bodies), elf::end(I::CONSTANTS, handlers + 1)]
            .concat();
    let table = format!(
        "const TEMPORARIES: [u8; 3] = {:?};\nconst PINNED: [u8; 3] = {:?};\n\
         const VARIANT_COUNT: usize = {};\nconst HANDLER_COUNT: usize = {};\n\
         #[cfg(burdock_mine)]\nconst MINE_REGION: usize = {MINE_REGION};\n\
         static KNOWN: [bool; {}] = {:?};\n\
         static VARIANT_HANDLERS: [u32; VARIANT_COUNT] = {:?};\n\
         static VARIANTS: [Variants; {}] = [\n{rows}];\n{}",
        I::TEMPORARIES,
        I::PINNED,
        set.variants.len(),
        handlers + 1,
        Op::COUNT,
        set.first.iter().map(Option::is_some).collect::<Vec<_>>(),
        set.variants,
        Op::COUNT,
        trie.tables(set.ops.len()),
    );
    Native { text, table }
}

/// The handlers of single instructions.
#[derive(Default)]
struct Handlers {
    /// For each op, the number of its first variant.
    first: Vec<Option<usize>>,
    /// For each variant, its handler.
    variants: Vec<usize>,
    /// For each handler, its op.
    ops: Vec<usize>,
}

impl Handlers {
    /// The handler of an instruction of a sequence, if its op has any.
    fn handler<I: Isa>(&self, part: &Part) -> Option<usize> {
        let op = part.meaning.op(part.kinds).expect("sequences are made of ops");
        let first = self.first[op.number()]?;
        let fields = part.registers.iter().zip(scales::<I>(op));
        let number: usize = fields.map(|(n, scale)| usize::from(*n) * usize::from(scale)).sum();
        Some(self.variants[first + number])
    }
}

/// The label of a handler.
fn label(number: usize) -> String {
    format!("h{number}:\n")
}

/// How many registers each field of an op has to choose from: 1 where it names none.
fn choices<I: Isa>(op: Op) -> [u16; 4] {
    op.registers().map(|bank| {
        bank.map_or(1, |bank| u16::from(I::TEMPORARIES[bank as usize] + I::PINNED[bank as usize]))
    })
}

/// How far a register's number in each field leads on in the table.
fn scales<I: Isa>(op: Op) -> [u16; 4] {
    let choices = choices::<I>(op);
    let mut scale = [0; 4];
    let mut step = 1;
    for field in 0..4 {
        if op.registers()[field].is_some() {
            scale[field] = step;
            step *= choices[field];
        }
    }
    scale
}

/// Gives every choice of registers to `each`, with the number of an earlier one that it can share
/// its handler with; false as soon as that is not known.
fn variants<I: Isa>(op: Op, each: &mut impl FnMut(Part, Option<usize>) -> bool) -> bool {
    let choices = choices::<I>(op);
    let scales = scales::<I>(op);
    let (meaning, kinds) = op.parts();
    let count: usize = choices.iter().map(|&count| usize::from(count)).product();
    (0..count).all(|number| {
        let mut registers = [0; 4];
        let mut rest = number;
        for field in 0..4 {
            registers[field] = (rest % usize::from(choices[field])) as u8;
            rest /= usize::from(choices[field]);
        }
        let exchanged = meaning.row().shape == Shape::commutative
            && (kinds.a, kinds.b) == (Kind::Reg, Kind::Reg)
            && registers[1] < registers[2];
        let same_as = exchanged.then(|| {
            let [x, y, z, w] = registers.map(usize::from);
            let fields = [x, z, y, w];
            fields.iter().zip(scales).map(|(n, scale)| n * usize::from(scale)).sum()
        });
        let part = Part { meaning, kinds, registers, position: 0, words: op.words() };
        each(part, same_as)
    })
}
