//! `CodeBuffer`: translated functions one after the other, and for each what the machine and a
//! stack walker must know. Instructions are words of 64 bits:
//!
//! ```text
//!   word 0   head: what stands for the op (its number, or the address of its handler)
//!   word 1   operand word: quarters for slots, registers and small numbers; the upper half for a
//!            constant of 32 bits, or the distance of a jump in words
//!   word 2.. wider operands
//! ```
//!
//! The module [`operands`](crate::operands) says which operands an op has, and where each lies.
//!
//! Nothing in it depends on addresses but the heads, so that code can be moved and stored.

use crate::{BitField, Clause, Handlers, Op, Region, Target};
use alloc::vec::Vec;

/// Translated functions.
#[derive(Debug, Default, Clone)]
pub struct CodeBuffer {
    words: Vec<u64>,
    funcs: Vec<FuncMeta>,
    offsets: Vec<u8>,
    handlers: Handlers,
}

/// The properties of a translated function besides its words. Slots are counted from the first slot
/// of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FuncMeta {
    /// Position of its first word in the buffer.
    pub start: u32,
    /// Position after its last word.
    pub end: u32,
    /// The slot of the frame's two-slot record (return position, distance to the caller's frame).
    pub record: u16,
    /// Slots of the frame, room for the frames' beginnings of its callees included.
    pub frame: u32,
    /// The index of the function's first entry in the offset map.
    offsets: u32,
    /// Byte offset of its body in the module: what the map's entries count from.
    body: u32,
}

impl CodeBuffer {
    /// Creates an empty buffer with the usual capacity for `bodies` bodies of `bytes` bytes in
    /// total.
    pub fn with_room_for(bodies: usize, bytes: usize) -> Self {
        Self {
            words: Vec::with_capacity(bytes / 2),
            funcs: Vec::with_capacity(bodies),
            offsets: Vec::with_capacity(bytes / 4),
            handlers: Handlers::default(),
        }
    }

    /// Returns the words of all functions.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Returns the functions in order of translation.
    pub fn funcs(&self) -> &[FuncMeta] {
        &self.funcs
    }

    /// Returns the handlers of exceptions.
    pub fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// Returns the position of the next word.
    #[inline]
    pub fn position(&self) -> usize {
        self.words.len()
    }

    /// Bytes of code, offset maps, function records and handlers of exceptions.
    pub fn len_bytes(&self) -> usize {
        let funcs = self.funcs.len() * size_of::<FuncMeta>();
        self.words.len() * 8 + self.offsets.len() + funcs + self.handlers.len_bytes()
    }

    /// Returns the parts for the machine: words, and the map from positions to functions, offsets
    /// and handlers of exceptions.
    pub fn into_parts(self) -> (Vec<u64>, OffsetMap) {
        let Self { words, mut funcs, mut offsets, mut handlers } = self;
        // They are kept as long as the module, and have grown by doubling.
        funcs.shrink_to_fit();
        offsets.shrink_to_fit();
        handlers.shrink_to_fit();
        (words, OffsetMap { funcs, bytes: offsets, handlers })
    }

    /// Moves the functions of another buffer behind this one's. The other buffer keeps its room.
    pub fn append(&mut self, other: &mut Self) {
        let (start, first) = (self.words.len() as u32, self.offsets.len() as u32);
        self.words.append(&mut other.words);
        self.offsets.append(&mut other.offsets);
        self.handlers.append_all(start, &mut other.handlers);
        self.funcs.extend(other.funcs.drain(..).map(|func| FuncMeta {
            start: start + func.start,
            end: start + func.end,
            offsets: first + func.offsets,
            ..func
        }));
    }

    /// Begins a function whose body lies at this byte offset in the module.
    pub fn begin(&mut self, body: u32) -> FuncWriter<'_> {
        let start = self.words.len() as u32;
        let offsets = self.offsets.len() as u32;
        FuncWriter { start, body, offsets, last_position: 0, last_offset: body, buffer: self }
    }
}

/// Writes one function's words into a [`CodeBuffer`].
#[derive(Debug)]
pub struct FuncWriter<'b> {
    buffer: &'b mut CodeBuffer,
    start: u32,
    body: u32,
    offsets: u32,
    last_position: u32,
    last_offset: u32,
}

impl FuncWriter<'_> {
    /// Returns the position of the next word, counted from the function's first.
    #[inline]
    pub fn position(&self) -> usize {
        self.buffer.words.len() - self.start as usize
    }

    /// Writes an instruction: its head and the words behind it.
    #[inline]
    pub fn emit(&mut self, target: &Target, op: Op, operands: &[u64]) {
        debug_assert_eq!(op.words(), operands.len() + 1, "{:?}", op.parts());
        let (words, head) = (&mut self.buffer.words, target.head(op));
        // The usual length, written as one.
        if let [operand] = operands {
            return words.extend_from_slice(&[head, *operand]);
        }
        words.push(head);
        words.extend_from_slice(operands);
    }

    /// Gives an instruction another op and another operand word.
    #[inline]
    pub fn revise(&mut self, target: &Target, position: usize, op: Op, operands: u64) {
        let first = self.start as usize + position;
        self.buffer.words[first..first + 2].copy_from_slice(&[target.head(op), operands]);
    }

    /// Writes a word that belongs to the last instruction (a branch table's targets).
    pub fn emit_word(&mut self, word: u64) {
        self.buffer.words.push(word);
    }

    /// Returns an operand of the instruction at a position.
    #[inline]
    pub fn get(&self, position: usize, field: BitField) -> u64 {
        field.get(self.word(position + usize::from(field.word)))
    }

    /// Changes an operand of the instruction at a position.
    #[inline]
    pub fn set(&mut self, position: usize, field: BitField, value: u64) {
        let word = &mut self.buffer.words[self.start as usize + position + usize::from(field.word)];
        *word = field.put(*word, value);
    }

    /// Returns a word that was written before.
    #[inline]
    pub fn word(&self, position: usize) -> u64 {
        self.buffer.words[self.start as usize + position]
    }

    /// Takes back everything from a position on.
    #[inline]
    pub fn truncate(&mut self, position: usize) {
        self.buffer.words.truncate(self.start as usize + position);
    }

    /// Notes that the instruction that comes next stands for the operator at this byte offset.
    #[inline]
    pub fn map_offset(&mut self, offset: u32) {
        let position = self.position() as u32;
        let bytes = &mut self.buffer.offsets;
        // Offsets that go back, as those of ways behind a function's end, wrap around.
        let steps = [position - self.last_position, offset.wrapping_sub(self.last_offset)];
        write_steps(bytes, steps);
        self.last_position = position;
        self.last_offset = offset;
    }

    /// Returns `true` if the instruction at a position is the one whose offset was noted last.
    pub fn is_mapped(&self, position: usize) -> bool {
        self.last_position as usize == position
    }

    /// Adds the handlers of exceptions that the function has, whose positions count from its first
    /// word. Must be called at most once.
    pub fn handle(&mut self, regions: &[Region], clauses: &[Clause]) {
        self.buffer.handlers.append(self.start, regions, clauses);
    }

    /// Ends the function.
    pub fn finish(self, record: u16, frame: u32) {
        let Self { buffer, start, body, offsets, .. } = self;
        let end = buffer.words.len() as u32;
        buffer.funcs.push(FuncMeta { start, end, record, frame, offsets, body });
    }

    /// Takes back the whole function.
    pub fn abandon(self) {
        self.buffer.words.truncate(self.start as usize);
        self.buffer.offsets.truncate(self.offsets as usize);
    }
}

/// A map from positions in code to functions, byte offsets in the module, and handlers of
/// exceptions. The map is compact and only read when a stack is walked.
#[derive(Debug, Default)]
pub struct OffsetMap {
    funcs: Vec<FuncMeta>,
    bytes: Vec<u8>,
    handlers: Handlers,
}

impl OffsetMap {
    /// Returns the functions in the order of their positions.
    pub fn funcs(&self) -> &[FuncMeta] {
        &self.funcs
    }

    /// Bytes that the map takes.
    pub fn len_bytes(&self) -> usize {
        let funcs = self.funcs.len() * size_of::<FuncMeta>();
        self.bytes.len() + funcs + self.handlers.len_bytes()
    }

    /// Returns the handlers of exceptions.
    pub fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// Returns the function (by order) that contains the word at a position.
    pub fn func_at(&self, position: usize) -> Option<usize> {
        let after = self.funcs.partition_point(|func| func.start as usize <= position);
        let func = after.checked_sub(1)?;
        (position < self.funcs[func].end as usize).then_some(func)
    }

    /// Returns the byte offset, in the module, of the operator of the instruction at a position, or
    /// of the last mapped instruction before.
    pub fn offset_of(&self, func: usize, position: usize) -> u32 {
        let meta = &self.funcs[func];
        let wanted = (position - meta.start as usize) as u32;
        let end = self.funcs.get(func + 1).map_or(self.bytes.len(), |next| next.offsets as usize);
        let mut bytes = &self.bytes[meta.offsets as usize..end];
        let (mut position, mut offset) = (0, meta.body);
        while !bytes.is_empty() {
            let (step, length) = (read_leb(&mut bytes), read_leb(&mut bytes));
            position += step;
            if position > wanted {
                break;
            }
            offset = offset.wrapping_add(length);
        }
        offset
    }
}

/// Writes two numbers in LEB128.
#[inline]
fn write_steps(bytes: &mut Vec<u8>, steps: [u32; 2]) {
    // The usual lengths, written as one.
    match steps {
        [first @ ..0x80, second @ ..0x80] => bytes.extend_from_slice(&[first as u8, second as u8]),
        _ => steps.into_iter().for_each(|step| write_leb(bytes, step)),
    }
}

#[cold]
fn write_leb(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read_leb(bytes: &mut &[u8]) -> u32 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Meaning;

    /// Writes a function with the body at this offset.
    fn write(buffer: &mut CodeBuffer, body: u32) {
        let target = Target::default();
        let mut writer = buffer.begin(body);
        for offset in [body + 2, body + 300, body + 1] {
            writer.emit(&target, Meaning::Copy.only_op(), &[0]);
            writer.map_offset(offset);
            writer.emit(&target, Meaning::Unreachable.only_op(), &[]);
        }
        writer.finish(0, 2);
    }

    #[test]
    fn positions_lead_to_functions_and_offsets() {
        let mut together = CodeBuffer::default();
        let mut appended = CodeBuffer::default();
        for body in [100, 5000] {
            write(&mut together, body);
            let mut alone = CodeBuffer::default();
            write(&mut alone, body);
            appended.append(&mut alone);
        }
        for buffer in [together, appended] {
            let (words, map) = buffer.into_parts();
            assert_eq!(words.len(), 18);
            let check = |position, func, offset| {
                assert_eq!(map.func_at(position), Some(func));
                assert_eq!(map.offset_of(func, position), offset);
            };
            check(0, 0, 100);
            check(2, 0, 102);
            check(5, 0, 400);
            check(8, 0, 101);
            check(11, 1, 5002);
            check(14, 1, 5300);
            check(17, 1, 5001);
            assert_eq!(map.func_at(18), None);
        }
    }
}
