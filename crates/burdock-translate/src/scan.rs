//! A look at a function's bytes before they are translated: which locals its loops use, and how
//! much. What it finds decides only what is pinned, but who assigns a local is believed: so it
//! gives up, and nothing is pinned, at anything that it does not know.

use crate::pins::LoopUses;
use alloc::vec::Vec;

/// Notes the uses of each loop of a function body, in the order in which the loops begin. The
/// buffers are cleared first.
pub(crate) fn scan_loops(body: &[u8], loops: &mut Vec<LoopUses>, open: &mut Vec<Option<u32>>) {
    loops.clear();
    open.clear();
    let mut scanner = Scanner { bytes: body, loops, open, inner: Vec::new() };
    if scanner.scan().is_none() {
        loops.clear();
    }
}

/// Loops nested deeper than this are not looked at.
const MAX_DEPTH: usize = 64;

struct Scanner<'s> {
    bytes: &'s [u8],
    loops: &'s mut Vec<LoopUses>,
    /// The blocks that are open; of a loop, its number.
    open: &'s mut Vec<Option<u32>>,
    /// The loops that are open, by their numbers.
    inner: Vec<u32>,
}

impl Scanner<'_> {
    fn scan(&mut self) -> Option<()> {
        for _ in 0..self.leb()? {
            self.leb()?;
            self.val_type()?;
        }
        self.open.push(None);
        while !self.open.is_empty() {
            self.operator()?;
        }
        Some(())
    }

    fn operator(&mut self) -> Option<()> {
        match self.byte()? {
            0x02 | 0x04 => {
                self.block_type()?;
                self.open.push(None);
            }
            0x03 => {
                self.block_type()?;
                if self.inner.len() == MAX_DEPTH {
                    return None;
                }
                let number = self.loops.len() as u32;
                self.loops.push(LoopUses::NONE);
                self.open.push(Some(number));
                self.inner.push(number);
            }
            0x0b => self.end()?,
            // br_table
            0x0e => {
                for _ in 0..self.leb()? {
                    self.leb()?;
                }
                self.leb()?;
            }
            0x10 => {
                self.leb()?;
                self.call();
            }
            0x11 => {
                self.leb()?;
                self.leb()?;
                self.call();
            }
            0x13 => {
                self.leb()?;
                self.leb()?;
            }
            0x1c => {
                for _ in 0..self.leb()? {
                    self.val_type()?;
                }
            }
            0x20 => self.local(false)?,
            0x21 | 0x22 => self.local(true)?,
            0x28..=0x3e => self.memory_access()?,
            0x43 => self.skip(4)?,
            0x44 => self.skip(8)?,
            0xfc => self.bulk()?,
            0xfd => self.vector()?,
            // br, br_if, return_call, global.get and set, table.get and set, memory.size and grow,
            // constants, ref.null, ref.func
            0x0c | 0x0d | 0x12 | 0x23..=0x26 | 0x3f..=0x42 | 0xd0 | 0xd2 => {
                self.leb()?;
            }
            // Without immediates: control, drop and select, numbers, ref.is_null
            0x00 | 0x01 | 0x05 | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
            _ => return None,
        }
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        if let Some(number) = self.open.pop()? {
            self.inner.pop();
            if let Some(&outer) = self.inner.last() {
                let inner = self.loops[number as usize];
                self.loops[outer as usize].add_inner(&inner);
            }
        }
        Some(())
    }

    fn local(&mut self, assigned: bool) -> Option<()> {
        let local = u32::try_from(self.leb()?).ok()?;
        if let Some(&number) = self.inner.last() {
            self.loops[number as usize].count(local, assigned);
        }
        Some(())
    }

    fn call(&mut self) {
        if let Some(&number) = self.inner.last() {
            self.loops[number as usize].count_call();
        }
    }

    fn memory_access(&mut self) -> Option<()> {
        // Bit 6 of the alignment announces the number of a memory.
        if self.leb()? & 0x40 != 0 {
            self.leb()?;
        }
        self.leb()?;
        Some(())
    }

    fn bulk(&mut self) -> Option<()> {
        match self.leb()? {
            0..=7 | 19..=22 => {}
            8 | 10 | 12 | 14 => {
                self.leb()?;
                self.leb()?;
            }
            9 | 11 | 13 | 15..=17 => {
                self.leb()?;
            }
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

    fn block_type(&mut self) -> Option<()> {
        match self.bytes.first()? {
            0x63 | 0x64 => None,
            _ => self.leb().map(|_| ()),
        }
    }

    fn val_type(&mut self) -> Option<()> {
        match self.byte()? {
            0x6f | 0x70 | 0x7b..=0x7f => Some(()),
            _ => None,
        }
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    /// A number in LEB128; of a signed one, some bits.
    #[inline]
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
