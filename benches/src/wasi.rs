//! As much of WASI as programs use that read at most one file and print: it is the same for each
//! runtime, which only lends its guest's memory. Arguments, environment and time are empty or zero,
//! and random bytes are always the same, so that every run of a program executes the same.

use std::sync::{Arc, Mutex, PoisonError};

use crate::program::Value;

/// The error numbers of WASI that functions here return.
const SUCCESS: i32 = 0;
const BADF: i32 = 8;

/// The memory of the guest that calls.
pub(crate) trait GuestMemory {
    /// Reads bytes; those outside of the memory stay as they are.
    fn read(&mut self, at: usize, to: &mut [u8]);

    /// Writes bytes, if all of them are within the memory.
    fn write(&mut self, at: usize, bytes: &[u8]);
}

/// Memory that a runtime lends as a whole.
impl GuestMemory for &mut [u8] {
    fn read(&mut self, at: usize, to: &mut [u8]) {
        if let Some(bytes) = self.get(at..at + to.len()) {
            to.copy_from_slice(bytes);
        }
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

/// The world of a program: a file to read, and what it has printed.
#[derive(Clone, Debug, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    file: Vec<u8>,
    at: usize,
    printed: Vec<u8>,
}

impl World {
    /// Returns a world with this file, under whatever path it is opened.
    pub(crate) fn new(file: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { file, ..State::default() })))
    }

    /// Returns what was printed since the last time.
    pub(crate) fn take_printed(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).printed)
    }

    /// Calls a function of WASI and returns its error number. Functions that are not listed here
    /// succeed and do nothing.
    pub(crate) fn call(&self, name: &str, args: &[Value], memory: &mut dyn GuestMemory) -> i32 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let arg = |n: usize| match args.get(n) {
            Some(Value::I32(x)) => *x as u32 as usize,
            _ => 0,
        };
        match name {
            // There are no open directories, arguments or variables.
            "fd_prestat_get" => return BADF,
            "args_sizes_get" | "environ_sizes_get" => {
                memory.write(arg(0), &[0; 4]);
                memory.write(arg(1), &[0; 4]);
            }
            "clock_time_get" => memory.write(arg(2), &[0; 8]),
            "random_get" => memory.write(arg(0), &vec![0x5a; arg(1)]),
            "path_open" => {
                state.at = 0;
                memory.write(arg(8), &4u32.to_le_bytes());
            }
            "fd_write" => {
                let mut total = 0;
                for (at, len) in vectors(memory, arg(1), arg(2)) {
                    let mut bytes = vec![0; len];
                    memory.read(at, &mut bytes);
                    state.printed.extend(bytes);
                    total += len;
                }
                memory.write(arg(3), &(total as u32).to_le_bytes());
            }
            "fd_read" => {
                let from = state.at;
                for (at, len) in vectors(memory, arg(1), arg(2)) {
                    let end = state.file.len().min(state.at + len);
                    memory.write(at, &state.file[state.at..end]);
                    state.at = end;
                }
                memory.write(arg(3), &((state.at - from) as u32).to_le_bytes());
            }
            _ => {}
        }
        SUCCESS
    }
}

/// Reads a list of addresses and lengths.
fn vectors(memory: &mut dyn GuestMemory, at: usize, count: usize) -> Vec<(usize, usize)> {
    let mut number = |at: usize| {
        let mut bytes = [0; 4];
        memory.read(at, &mut bytes);
        u32::from_le_bytes(bytes) as usize
    };
    (0..count).map(|n| (number(at + 8 * n), number(at + 8 * n + 4))).collect()
}

#[cfg(test)]
mod tests {
    use super::{GuestMemory, World};
    use crate::program::Value::{I32, I64};

    #[test]
    fn a_file_is_read_and_text_is_kept() {
        let world = World::new(b"12,3".to_vec());
        let mut bytes = [0u8; 64];
        let mut memory = &mut bytes[..];
        // One vector at 0: 8 bytes at 16.
        memory.write(0, &[16, 0, 0, 0, 8, 0, 0, 0]);
        world.call("fd_read", &[I32(4), I32(0), I32(1), I32(40)], &mut memory);
        assert_eq!((&memory[16..20], memory[40]), (&b"12,3"[..], 4));
        world.call("fd_read", &[I32(4), I32(0), I32(1), I32(40)], &mut memory);
        assert_eq!(memory[40], 0);
        world.call("fd_write", &[I32(1), I32(0), I32(1), I32(40)], &mut memory);
        assert_eq!((world.take_printed(), memory[40]), (b"12,3\0\0\0\0".to_vec(), 8));
        assert!(world.take_printed().is_empty());
    }

    #[test]
    fn every_run_has_the_same_world() {
        let world = World::default();
        let mut bytes = [7u8; 16];
        let mut memory = &mut bytes[..];
        // A program asks for directories until there are no more.
        assert_eq!(world.call("fd_prestat_get", &[I32(3), I32(0)], &mut memory), 8);
        assert_eq!(world.call("args_sizes_get", &[I32(0), I32(4)], &mut memory), 0);
        assert_eq!(world.call("clock_time_get", &[I32(1), I64(1), I32(8)], &mut memory), 0);
        assert_eq!(memory[..], [0; 16]);
        assert_eq!(world.call("random_get", &[I32(0), I32(2)], &mut memory), 0);
        assert_eq!(memory[..3], [0x5a, 0x5a, 0]);
    }
}
