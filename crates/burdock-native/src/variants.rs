//! Variants of an op: one for each choice of registers for its operands, and how they are numbered.

use crate::isa::Isa;
use crate::part::Part;
use burdock_ir::{Kind, Op, Shape};

/// The handlers of single instructions.
#[derive(Default)]
pub(crate) struct Handlers {
    /// For each op, the number of its first variant.
    pub(crate) first: Vec<Option<usize>>,
    /// For each variant, its handler.
    pub(crate) variants: Vec<usize>,
    /// For each handler, its op.
    pub(crate) ops: Vec<usize>,
}

/// The bit of an op's first handler that says that the op's variants share handlers.
const SHARED: u32 = 1 << 31;

impl Handlers {
    /// Returns what leads from a variant of an op to its handler: the number of the first variant's
    /// handler, which those of the others follow. If variants share handlers, the numbers are added
    /// to `shared`, and the result is where they begin there, with the bit [`SHARED`]. `u32::MAX`
    /// if there are no handlers.
    pub(crate) fn first_handler(&self, op: usize, shared: &mut Vec<usize>) -> u32 {
        let Some(first) = self.first[op] else { return u32::MAX };
        let next = self.first[op + 1..].iter().flatten().next();
        let handlers = &self.variants[first..next.map_or(self.variants.len(), |next| *next)];
        if handlers.iter().zip(handlers[0]..).all(|(handler, number)| *handler == number) {
            return handlers[0] as u32;
        }
        let begin = shared.len() as u32;
        shared.extend_from_slice(handlers);
        begin | SHARED
    }

    /// Returns the handler of an instruction of a sequence, if its op has any.
    pub(crate) fn handler<I: Isa>(&self, part: &Part) -> Option<usize> {
        let op = part.meaning.op(part.kinds).expect("sequences are made of ops");
        let first = self.first[op.number()]?;
        let fields = part.registers.iter().zip(scales::<I>(op));
        let number: usize = fields.map(|(n, scale)| usize::from(*n) * usize::from(scale)).sum();
        Some(self.variants[first + number])
    }
}

/// Returns the label of a handler.
pub(crate) fn label(number: usize) -> String {
    format!("h{number}:\n")
}

/// Returns the number of registers to choose from for each field of an op: 1 if it names none.
fn choices<I: Isa>(op: Op) -> [u16; 4] {
    op.registers().map(|bank| {
        bank.map_or(1, |bank| u16::from(I::TEMPORARIES[bank as usize] + I::PINNED[bank as usize]))
    })
}

/// Returns the step in handler numbers for each unit of a register's number in each field.
pub(crate) fn scales<I: Isa>(op: Op) -> [u16; 4] {
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
pub(crate) fn variants<I: Isa>(op: Op, each: &mut impl FnMut(Part, Option<usize>) -> bool) -> bool {
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
