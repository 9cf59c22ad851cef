//! `Target`: what the translator must know of a machine.

use crate::{Bank, Op};
use alloc::{borrow::Cow, vec::Vec};

/// A machine as the translator sees it: its registers, and the head to write for each op.
///
/// Registers of a bank have numbers: temporaries first, then those that can hold a local through a
/// loop. An op without [`Variants`] has one handler, which knows only the first register of a bank.
#[derive(Clone, Debug)]
pub struct Target {
    heads: Cow<'static, [u64]>,
    variants: &'static [Variants],
    /// Where the handlers of the variants are, counted from `base`.
    offsets: &'static [u32],
    base: u64,
    numbered: bool,
    temporaries: [u8; Bank::COUNT],
    pinned: [u8; Bank::COUNT],
}

/// The handlers of one op, one for each choice of registers.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    /// The number of the first; [`NONE`](Self::NONE) has none.
    pub first: u32,
    /// How far a register's number in this field of the operand word leads on from there.
    pub scale: [u16; 4],
}

impl Variants {
    /// The op has no variants.
    pub const NONE: Self = Self { first: u32::MAX, scale: [0; 4] };

    #[inline]
    fn exist(self) -> bool {
        self.first != u32::MAX
    }

    /// The number of the variant for these operands.
    #[inline]
    pub fn number(self, operands: u64) -> usize {
        let mut number = self.first as usize;
        for (field, scale) in self.scale.into_iter().enumerate() {
            number += usize::from((operands >> (16 * field)) as u16) * usize::from(scale);
        }
        number
    }
}

impl Default for Target {
    /// A machine with one register a bank whose heads are the ops' numbers.
    fn default() -> Self {
        Self::new((0..Op::COUNT as u64).collect())
    }
}

impl Target {
    /// A machine with one register a bank, and these heads, by the ops' numbers.
    pub fn new(heads: Vec<u64>) -> Self {
        Self {
            heads: heads.into(),
            variants: &[],
            offsets: &[],
            base: 0,
            numbered: false,
            temporaries: [1; Bank::COUNT],
            pinned: [0; Bank::COUNT],
        }
    }

    /// The same machine with more registers: `variants` by the ops' numbers, their handlers at
    /// `offsets` from `base`.
    #[must_use]
    pub fn with_registers(
        self,
        temporaries: [u8; Bank::COUNT],
        pinned: [u8; Bank::COUNT],
        variants: &'static [Variants],
        offsets: &'static [u32],
        base: u64,
    ) -> Self {
        Self { variants, offsets, base, temporaries, pinned, ..self }
    }

    /// The same machine, with the ops' numbers for heads: for who reads code instead of running it.
    #[must_use]
    pub fn numbered(&self) -> Self {
        Self { heads: (0..Op::COUNT as u64).collect(), numbered: true, ..self.clone() }
    }

    /// The head of an instruction with this op and operand word.
    #[inline]
    pub fn head(&self, op: Op, operands: u64) -> u64 {
        if !self.numbered
            && let Some(variants) = self.variants(op)
        {
            return self.base + u64::from(self.offsets[variants.number(operands)]);
        }
        self.heads[op.number()]
    }

    /// Whether the op can have any register as operand or for its result, and keeps the others.
    #[inline]
    pub fn knows_registers(&self, op: Op) -> bool {
        self.variants(op).is_some()
    }

    #[inline]
    fn variants(&self, op: Op) -> Option<&Variants> {
        self.variants.get(op.number()).filter(|variants| variants.exist())
    }

    /// How many registers of a bank are for values on the operand stack.
    #[inline]
    pub fn temporaries(&self, bank: Bank) -> u8 {
        self.temporaries[bank as usize]
    }

    /// How many registers of a bank, behind the temporaries, are for locals.
    #[inline]
    pub fn pinned(&self, bank: Bank) -> u8 {
        self.pinned[bank as usize]
    }
}
