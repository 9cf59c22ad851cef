//! A look at a loop's bytes before they are translated: which locals it uses, and how much. What it
//! finds decides only what is pinned, but who assigns a local is believed: so it gives up, and
//! nothing is pinned, at anything that it does not know.

use crate::stack::NONE;
use alloc::vec::Vec;

/// The locals whose uses are counted: those whose numbers are one byte. (Compilers give the first
/// numbers to those that they find most used.)
pub(crate) const COUNTED: usize = 128;

/// The number of loops that are scanned in a function of any length, and the number of bytes of a
/// longer function that allow one loop more. The record of a loop takes hundreds of bytes, the loop
/// itself two.
const LEAST_LOOPS: usize = 256;
const BYTES_PER_LOOP: usize = 48;

/// The uses of locals in a loop, inner loops included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopUses {
    /// For each local, how often it is read or written; more within inner loops.
    weights: [u16; COUNTED],
    /// For each, whether it is assigned.
    assigned: [bool; COUNTED],
    /// Calls; more within inner loops.
    pub(crate) calls: u16,
    /// The loop around it that was looked at with it.
    outer: u32,
}

impl LoopUses {
    fn new(outer: u32) -> Self {
        Self { weights: [0; COUNTED], assigned: [false; COUNTED], calls: 0, outer }
    }

    /// Returns the weight of the uses of each of the first locals.
    pub(crate) fn weights(&self) -> &[u16; COUNTED] {
        &self.weights
    }

    /// Returns `true` if a local may be assigned in the loop.
    pub(crate) fn assigns(&self, local: u8) -> bool {
        self.assigned.get(usize::from(local)).is_none_or(|assigned| *assigned)
    }

    /// Counts a use of a local, if the operator is one.
    #[inline]
    fn count(&mut self, local: usize, follows: Follows) {
        self.weights[local] = self.weights[local].saturating_add(follows.uses.into());
        self.assigned[local] |= follows.assigned;
    }

    /// Counts the uses of locals in what begins at a position, up to the first operator that is not
    /// short and simple. Returns the position of that one.
    // The loop has no branch except the one at its end, because the next operator is unpredictable.
    fn count_simple(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(&word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
            let follows = FOLLOWS[usize::from(word[0])];
            if u32::from_le_bytes(word) & follows.refused != 0 {
                break;
            }
            self.count(usize::from(word[1]) % COUNTED, follows);
            at += usize::from(follows.length);
        }
        at
    }

    /// Adds what a loop within this one uses.
    fn add_inner(&mut self, inner: &Self) {
        let twice = |weight: u16| weight.saturating_add(weight);
        for (weight, inner) in self.weights.iter_mut().zip(inner.weights) {
            *weight = weight.saturating_add(twice(twice(inner)));
        }
        for (assigned, inner) in self.assigned.iter_mut().zip(inner.assigned) {
            *assigned |= inner;
        }
        self.calls = self.calls.saturating_add(inner.calls.saturating_mul(4));
    }
}

/// Appends the uses of the loop whose `loop` is the first of these bytes, then those of the loops
/// within it, in the order in which they begin. `open` is cleared first. Returns `None` if the
/// scan meets an unknown operator, or more loops than are scanned in a function of `len` bytes.
pub(crate) fn scan_loop(
    body: &[u8],
    len: usize,
    loops: &mut Vec<LoopUses>,
    open: &mut Vec<bool>,
) -> Option<()> {
    open.clear();
    let most = LEAST_LOOPS + len / BYTES_PER_LOOP;
    let mut scanner = Scanner { bytes: body, loops, most, open, current: NONE };
    scanner.operator()?;
    while let Some(uses) = scanner.loops.get_mut(scanner.current as usize) {
        let at = uses.count_simple(scanner.bytes, 0);
        scanner.skip(at)?;
        scanner.operator()?;
    }
    Some(())
}

/// The bytes that follow an opcode, for an operator with at most two numbers of one byte.
#[derive(Clone, Copy)]
struct Follows {
    /// The bits that opcode and numbers must not have, the opcode lowest.
    refused: u32,
    /// The number added to the uses of the local that the first number names.
    uses: u8,
    /// `true` if that local is assigned.
    assigned: bool,
    /// The operator's length in bytes.
    length: u8,
}

impl Follows {
    const LONG: u32 = 0x80;
    const NOTHING: Self = Self { refused: 0, uses: 0, assigned: false, length: 1 };
    const ONE: Self = Self { refused: Self::LONG << 8, length: 2, ..Self::NOTHING };
    const TWO: Self = Self { refused: Self::LONG << 8 | Self::LONG << 16, length: 3, ..Self::ONE };
    /// No such operator.
    const OTHER: Self = Self { refused: 0xff, ..Self::NOTHING };

    const fn of(opcode: u8) -> Self {
        match opcode {
            // Control, throw_ref, drop and select, numbers, ref.is_null, ref.eq, ref.as_non_null;
            // legacy catch_all
            0x00 | 0x01 | 0x05 | 0x0a | 0x0f | 0x19..=0x1b | 0x45..=0xc4 | 0xd1 | 0xd3 | 0xd4 => {
                Self::NOTHING
            }
            // throw, br, br_if, return_call, return_call_ref, global.get and set, table.get and
            // set, memory.size and grow, constants, ref.func, br_on_null, br_on_non_null; legacy
            // catch and rethrow
            0x07..=0x09
            | 0x0c
            | 0x0d
            | 0x12
            | 0x15
            | 0x23..=0x26
            | 0x3f..=0x42
            | 0xd2
            | 0xd5
            | 0xd6 => Self::ONE,
            // return_call_indirect
            0x13 => Self::TWO,
            0x20 => Self { uses: 1, ..Self::ONE },
            0x21 | 0x22 => Self { uses: 1, assigned: true, ..Self::ONE },
            // Bit 6 of the alignment announces the number of a memory.
            0x28..=0x3e => Self { refused: Self::TWO.refused | 0x40 << 8, ..Self::TWO },
            _ => Self::OTHER,
        }
    }
}

static FOLLOWS: [Follows; 256] = {
    let mut table = [Follows::NOTHING; 256];
    let mut opcode = 0;
    while opcode < 256 {
        table[opcode] = Follows::of(opcode as u8);
        opcode += 1;
    }
    table
};

struct Scanner<'s> {
    bytes: &'s [u8],
    loops: &'s mut Vec<LoopUses>,
    /// The maximum number of loops.
    most: usize,
    /// The blocks that are open: whether each is a loop.
    open: &'s mut Vec<bool>,
    /// The innermost loop that is open.
    current: u32,
}

impl Scanner<'_> {
    /// Reads one operator of any kind.
    fn operator(&mut self) -> Option<()> {
        match self.byte()? {
            // block, if, legacy try
            0x02 | 0x04 | 0x06 => {
                self.block_type()?;
                self.open.push(false);
            }
            0x03 => {
                self.block_type()?;
                let number = self.loops.len() as u32;
                if self.loops.len() == self.most {
                    return None;
                }
                self.loops.push(LoopUses::new(self.current));
                self.open.push(true);
                self.current = number;
            }
            0x0b => self.end()?,
            // br_table
            0x0e => {
                for _ in 0..self.leb()? {
                    self.skip_leb()?;
                }
                self.skip_leb()?;
            }
            // call, call_ref
            0x10 | 0x14 => {
                self.skip_leb()?;
                self.call();
            }
            0x11 => {
                self.skip_leb()?;
                self.skip_leb()?;
                self.call();
            }
            // Legacy delegate, which ends its `try`
            0x18 => {
                self.skip_leb()?;
                self.end()?;
            }
            0x1c => {
                for _ in 0..self.leb()? {
                    self.val_type()?;
                }
            }
            0x1f => self.try_table()?,
            0x28..=0x3e => self.memory_access()?,
            0x43 => self.skip(4)?,
            0x44 => self.skip(8)?,
            0xd0 => self.heap_type()?,
            0xfb => self.gc()?,
            0xfc => self.bulk()?,
            0xfd => self.vector()?,
            // Those of `count_simple`, where they are long or close to the end; a local with a long
            // number is not counted.
            op => {
                let follows = FOLLOWS[usize::from(op)];
                if follows.refused & 0xff != 0 {
                    return None;
                }
                if follows.length > 1 {
                    let first = self.leb()?;
                    self.count(first, follows);
                }
                if follows.length > 2 {
                    self.skip_leb()?;
                }
            }
        }
        Some(())
    }

    /// Counts the local that an operator names first, if that is what it does.
    fn count(&mut self, first: u64, follows: Follows) {
        if let (true, Some(uses)) =
            (first < COUNTED as u64, self.loops.get_mut(self.current as usize))
        {
            uses.count(first as usize, follows);
        }
    }

    fn end(&mut self) -> Option<()> {
        if self.open.pop()? {
            let (outer, inner) = self.loops.split_at_mut(self.current as usize);
            let inner = inner.first()?;
            self.current = inner.outer;
            if let Some(outer) = outer.get_mut(inner.outer as usize) {
                outer.add_inner(inner);
            }
        }
        Some(())
    }

    fn call(&mut self) {
        if let Some(uses) = self.loops.get_mut(self.current as usize) {
            uses.calls = uses.calls.saturating_add(1);
        }
    }

    fn memory_access(&mut self) -> Option<()> {
        if self.leb()? & 0x40 != 0 {
            self.skip_leb()?;
        }
        self.skip_leb()
    }

    fn bulk(&mut self) -> Option<()> {
        match self.leb()? {
            0..=7 | 19..=22 => {}
            8 | 10 | 12 | 14 => {
                self.skip_leb()?;
                self.skip_leb()?;
            }
            9 | 11 | 13 | 15..=17 => self.skip_leb()?,
            _ => return None,
        }
        Some(())
    }

    fn vector(&mut self) -> Option<()> {
        match self.leb()? {
            0..=11 | 92 | 93 => self.memory_access(),
            12 | 13 => self.skip(16),
            21..=34 => self.skip(1),
            84..=91 => {
                self.memory_access()?;
                self.skip(1)
            }
            14..=20 | 35..=83 | 94..=275 => Some(()),
            _ => None,
        }
    }

    /// Reads `try_table`, which opens a block.
    fn try_table(&mut self) -> Option<()> {
        self.block_type()?;
        for _ in 0..self.leb()? {
            match self.byte()? {
                // catch, catch_ref: a tag and a label
                0 | 1 => {
                    self.skip_leb()?;
                    self.skip_leb()?;
                }
                // catch_all, catch_all_ref: a label
                2 | 3 => self.skip_leb()?,
                _ => return None,
            }
        }
        self.open.push(false);
        Some(())
    }

    /// Reads an operator on structs, arrays, `i31`, casts or descriptors.
    fn gc(&mut self) -> Option<()> {
        match self.leb()? {
            // array.len, conversions, i31
            15 | 26..=30 => {}
            // struct.new and array operators that name one type
            0 | 1 | 6 | 7 | 11..=14 | 16 | 32 | 33 => self.skip_leb()?,
            // Fields, array.new_fixed, and array operators that name two types or a segment
            2..=5 | 8..=10 | 17..=19 => {
                self.skip_leb()?;
                self.skip_leb()?;
            }
            // ref.test, ref.cast, and those of descriptors
            20..=23 | 34..=36 => self.heap_type()?,
            // br_on_cast, br_on_cast_fail, and those of descriptors: flags, label, two types
            24 | 25 | 37 | 38 => {
                self.skip(1)?;
                self.skip_leb()?;
                self.heap_type()?;
                self.heap_type()?;
            }
            _ => return None,
        }
        Some(())
    }

    fn block_type(&mut self) -> Option<()> {
        match self.bytes.first()? {
            // No type, or a value type, which is a negative number of one byte
            0x40 => self.skip(1),
            0x41..=0x7f => self.val_type(),
            _ => self.skip_leb(),
        }
    }

    fn val_type(&mut self) -> Option<()> {
        match self.byte()? {
            // (ref null ...), (ref ...)
            0x63 | 0x64 => self.heap_type(),
            0x69..=0x75 | 0x7b..=0x7f => Some(()),
            _ => None,
        }
    }

    fn heap_type(&mut self) -> Option<()> {
        match self.bytes.first()? {
            // (exact ...)
            0x62 => self.skip(1)?,
            // Numbers of types, and the abstract heap types that are not shared
            0x00..=0x3f | 0x69..=0x75 | 0x80..=0xff => {}
            _ => return None,
        }
        self.skip_leb()
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    fn skip_leb(&mut self) -> Option<()> {
        while self.byte()? >= 0x80 {}
        Some(())
    }

    /// Reads a number in LEB128; of a signed number, only some bits.
    fn leb(&mut self) -> Option<u64> {
        let byte = self.byte()?;
        if byte < 0x80 {
            return Some(byte.into());
        }
        let (mut value, mut shift) = (u64::from(byte & 0x7f), 7);
        loop {
            let byte = self.byte()?;
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            shift += 7;
            if byte < 0x80 {
                return Some(value);
            }
        }
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.bytes = self.bytes.get(count..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests;
