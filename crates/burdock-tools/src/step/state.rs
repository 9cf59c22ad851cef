//! `State`: the state of a guest before an instruction.

use crate::debug::Value;
use crate::dwarf::FrameAccess;
use std::sync::Arc;

/// The position of a guest's frame.
///
/// See [`State`] for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CodePosition {
    /// The function's index.
    pub func: u32,
    /// The operator's byte offset in the module.
    pub offset: u32,
}

/// The state of a guest before an instruction.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::step::{CodePosition, Entry, Recorder, Session};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (func $leaf (param i32) nop)
///     (func (export "run") (call $leaf (i32.const 7))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let recorder = Recorder::attach(&mut store, &module);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// run.call(&mut store, ())?;
/// let recording = recorder.finish(&mut store, None);
/// let entry = Entry { name: "run".into(), args: Vec::new() };
/// let mut session = Session::new(&module, recording, vec![entry])?;
/// // The third instruction is the `nop` of `leaf`.
/// let state = session.state(2)?;
/// assert_eq!((state.stack.len(), state.place().func, state.locals[0].as_str()), (2, 0, "7"));
/// let CodePosition { func, offset } = state.stack[1];
/// assert_eq!((func, offset), (1, session.state(1)?.place().offset));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The number of the instruction in the run, from 0.
    pub step: u64,
    /// The frames, the innermost first.
    pub stack: Vec<CodePosition>,
    /// The locals of the innermost frame, as text.
    pub locals: Vec<String>,
    /// The operands of the innermost frame as text, the lowest first.
    pub operands: Vec<String>,
    /// The values of all frames, the innermost first.
    pub frames: Vec<Arc<FrameValues>>,
    /// The first globals of the instance.
    pub globals: Arc<[Value]>,
    /// The memory that the module exports.
    pub memory: Pages,
    /// The number of host calls that have returned.
    pub host_calls: usize,
    /// The number of active calls, those in other modules and inlined ones included.
    pub depth: usize,
    /// `true` if the visit of a line begins here ([`Statements`](super::Statements)).
    pub begins_line: bool,
}

/// The values of a frame.
///
/// See [`State`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameValues {
    /// The locals, parameters first.
    pub locals: Vec<Value>,
    /// The operands, the lowest first.
    pub operands: Vec<Value>,
}

impl State {
    /// Returns the position of the innermost frame.
    pub fn place(&self) -> CodePosition {
        self.stack.first().copied().unwrap_or(CodePosition { func: 0, offset: 0 })
    }

    /// Returns the values of a frame as debug information refers to them; 0 is the innermost frame.
    pub fn frame(&self, number: usize) -> impl FrameAccess + '_ {
        StateFrame { state: self, number }
    }
}

/// A frame of a state.
struct StateFrame<'s> {
    state: &'s State,
    number: usize,
}

impl FrameAccess for StateFrame<'_> {
    fn local(&self, index: u32) -> Option<Value> {
        self.state.frames.get(self.number)?.locals.get(index as usize).copied()
    }

    fn operand(&self, index: u32) -> Option<Value> {
        self.state.frames.get(self.number)?.operands.get(index as usize).copied()
    }

    fn global(&self, index: u32) -> Option<Value> {
        self.state.globals.get(index as usize).copied()
    }

    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>> {
        let bytes = self.state.memory.get(usize::try_from(address).ok()?, len);
        (bytes.len() == len).then_some(bytes)
    }
}

/// The contents of a memory at one moment. Unchanged pages are shared between moments.
///
/// # Example
///
/// ```
/// use burdock_tools::step::Pages;
/// let mut memory = vec![0; 4096];
/// let before = Pages::default().update(&memory);
/// memory[3000] = 7;
/// let after = before.update(&memory);
/// assert_eq!(after.changes(&before), [(3000, vec![7])]);
/// assert_eq!(after.get(2999, 3), [0, 7, 0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    pages: Vec<Arc<[u8]>>,
}

impl Pages {
    const SIZE: usize = 1024;

    /// Returns the contents now of a memory that had these contents before.
    #[must_use]
    pub fn update(&self, memory: &[u8]) -> Self {
        let page = |(number, bytes): (usize, &[u8])| match self.pages.get(number) {
            Some(old) if **old == *bytes => old.clone(),
            _ => bytes.into(),
        };
        Self { pages: memory.chunks(Self::SIZE).enumerate().map(page).collect() }
    }

    /// Returns the size in bytes.
    pub fn len(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }

    /// Returns `true` if the memory is empty.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Returns the bytes at an address: `len` bytes, or fewer at the end of the memory.
    pub fn get(&self, address: usize, len: usize) -> Vec<u8> {
        let len_now = self.pages.len().saturating_sub(1) * Self::SIZE
            + self.pages.last().map_or(0, |page| page.len());
        let end = address.saturating_add(len).min(len_now);
        (address..end).map(|at| self.pages[at / Self::SIZE][at % Self::SIZE]).collect()
    }

    /// Returns the ranges that differ from `before`, each as its address and its bytes now.
    pub fn changes(&self, before: &Self) -> Vec<(usize, Vec<u8>)> {
        let mut changes = Vec::new();
        for (number, page) in self.pages.iter().enumerate() {
            let zeros: Arc<[u8]>;
            let old = match before.pages.get(number) {
                Some(old) if Arc::ptr_eq(old, page) => continue,
                Some(old) if old.len() == page.len() => old,
                _ => {
                    zeros = vec![0; page.len()].into();
                    &zeros
                }
            };
            changes.extend(
                differences(old, page).map(|(at, bytes)| (number * Self::SIZE + at, bytes)),
            );
        }
        changes
    }
}

/// The number of bytes that are compared at once.
const BLOCK: usize = 1 << 10;

/// Returns the ranges in which two slices of the same length differ, each as its start and its
/// bytes in the second slice.
pub(super) fn differences<'a>(
    old: &'a [u8],
    new: &'a [u8],
) -> impl Iterator<Item = (usize, Vec<u8>)> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        // Most of a memory is unchanged, and whole blocks are compared far faster than bytes.
        let blocks = old[at..].chunks(BLOCK).zip(new[at..].chunks(BLOCK));
        at += blocks.take_while(|(old, new)| old == new).map(|(old, _)| old.len()).sum::<usize>();
        let start = at + old[at..].iter().zip(&new[at..]).position(|(a, b)| a != b)?;
        let same = old[start..].iter().zip(&new[start..]).position(|(a, b)| a == b);
        let end = same.map_or(new.len(), |len| start + len);
        at = end;
        Some((start, new[start..end].to_vec()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_lead_from_one_memory_to_the_next() {
        let mut memory = vec![0; 3000];
        let before = Pages::default().update(&memory);
        memory[5] = 1;
        memory[6] = 2;
        memory[2999] = 3;
        let after = before.update(&memory);
        assert_eq!(after.changes(&before), [(5, vec![1, 2]), (2999, vec![3])]);
        assert_eq!(after.changes(&Pages::default()), after.changes(&before));
        assert_eq!(after.get(4, 3), [0, 1, 2]);
        assert_eq!(after.get(2998, 100), [0, 3]);
        assert!(after.changes(&after).is_empty());
    }
}
