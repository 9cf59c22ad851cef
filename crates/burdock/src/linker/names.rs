//! The names of a linker, each kept once.

use alloc::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashMap;

/// A pair of names.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) module: u32,
    pub(super) name: u32,
}

/// Names by number and numbers by name.
#[derive(Clone)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Names {
    /// Creates an empty table of names.
    // Never inlined, for otherwise the compiler's choice of registers depends on what else is in
    // the program, and `cargo xtask hookfree` sees a difference that hook support does not make.
    #[inline(never)]
    pub(super) fn new() -> Self {
        Self { numbers: HashMap::default(), names: Vec::new() }
    }

    /// Returns the number of a name, adding the name if it is new.
    pub(super) fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// Returns the key of a pair of names, adding names that are new.
    pub(super) fn key(&mut self, module: &str, name: &str) -> Key {
        Key { module: self.intern(module), name: self.intern(name) }
    }

    /// Returns the key of a pair of names if both are known.
    pub(super) fn find(&self, module: &str, name: &str) -> Option<Key> {
        Some(Key { module: *self.numbers.get(module)?, name: *self.numbers.get(name)? })
    }

    /// Returns the names of a key.
    pub(super) fn get(&self, key: Key) -> (&str, &str) {
        let name = |number: u32| &*self.names[number as usize];
        (name(key.module), name(key.name))
    }
}
