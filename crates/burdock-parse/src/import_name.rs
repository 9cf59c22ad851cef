//! The name of an import: a pair of names in one allocation, hashed and compared at once.

use alloc::boxed::Box;
use core::hash::{Hash, Hasher};
use indexmap::Equivalent;

/// A module's name, and a name in the module. Maps find it by a pair of `&str`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportName {
    /// Both names, one behind the other.
    text: Box<str>,
    /// The length of the module's name in bytes.
    module: usize,
}

impl ImportName {
    /// Creates a name from a module's name, and a name in the module.
    pub fn new(module: &str, name: &str) -> Self {
        Self { text: [module, name].concat().into(), module: module.len() }
    }

    /// Returns the module's name, and the name in the module.
    pub fn get(&self) -> (&str, &str) {
        self.text.split_at(self.module)
    }
}

impl Hash for ImportName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.get().hash(state);
    }
}

impl Equivalent<ImportName> for (&str, &str) {
    fn equivalent(&self, name: &ImportName) -> bool {
        *self == name.get()
    }
}
