//! `ResourceLimiter`: what may grow, and `StoreLimits`, a limiter of fixed limits.

use crate::{Error, Result, bail};

/// How many instances, tables and memories a store can have unless its limiter says otherwise.
pub(crate) const DEFAULT_COUNT: usize = 10_000;

/// Decides about the growth of memories and tables, see [`Store::limiter`](crate::Store::limiter).
///
/// Source: Wasmtime's `ResourceLimiter`.
pub trait ResourceLimiter: Send {
    /// Whether a memory may grow from `current` to `desired` bytes (or be made, from 0); its type
    /// has this maximum.
    ///
    /// # Errors
    ///
    /// An error traps the guest, instead of a growth that fails.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// A memory could not grow although it was allowed to.
    ///
    /// # Errors
    ///
    /// An error traps the guest, instead of a growth that fails.
    fn memory_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// Whether a table may grow from `current` to `desired` elements (or be made, from 0); its
    /// type has this maximum.
    ///
    /// # Errors
    ///
    /// An error traps the guest, instead of a growth that fails.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// A table could not grow although it was allowed to.
    ///
    /// # Errors
    ///
    /// An error traps the guest, instead of a growth that fails.
    fn table_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// The most instances of the store; asked once.
    fn instances(&self) -> usize {
        DEFAULT_COUNT
    }

    /// The most tables of the store; asked once.
    fn tables(&self) -> usize {
        DEFAULT_COUNT
    }

    /// The most memories of the store; asked once.
    fn memories(&self) -> usize {
        DEFAULT_COUNT
    }
}

/// Makes [`StoreLimits`] in steps.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let limits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
/// let mut store = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// assert!(Memory::new(&mut store, MemoryType::new(17, None)).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// No limits on sizes, 10,000 of everything that is counted.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most bytes of one memory.
    #[must_use]
    pub fn memory_size(mut self, limit: usize) -> Self {
        self.0.memory_size = Some(limit);
        self
    }

    /// The most elements of one table.
    #[must_use]
    pub fn table_elements(mut self, limit: usize) -> Self {
        self.0.table_elements = Some(limit);
        self
    }

    /// The most instances.
    #[must_use]
    pub fn instances(mut self, limit: usize) -> Self {
        self.0.instances = limit;
        self
    }

    /// The most tables.
    #[must_use]
    pub fn tables(mut self, limit: usize) -> Self {
        self.0.tables = limit;
        self
    }

    /// The most memories.
    #[must_use]
    pub fn memories(mut self, limit: usize) -> Self {
        self.0.memories = limit;
        self
    }

    /// Whether a growth that fails traps. Off by default.
    #[must_use]
    pub fn trap_on_grow_failure(mut self, trap: bool) -> Self {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    pub fn build(self) -> StoreLimits {
        self.0
    }
}

/// A limiter of fixed limits.
#[derive(Clone, Debug)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            memory_size: None,
            table_elements: None,
            instances: DEFAULT_COUNT,
            tables: DEFAULT_COUNT,
            memories: DEFAULT_COUNT,
            trap_on_grow_failure: false,
        }
    }
}

impl StoreLimits {
    fn failed(&self, error: Error, what: &str) -> Result<()> {
        match self.trap_on_grow_failure {
            true => {
                Err(error.context(alloc::format!("forcing a {what} growth failure to be a trap")))
            }
            false => Ok(()),
        }
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let allow = allowed(desired, self.memory_size, maximum);
        if !allow && self.trap_on_grow_failure {
            bail!("forcing trap when growing memory to {desired} bytes");
        }
        Ok(allow)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed(error, "memory")
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let allow = allowed(desired, self.table_elements, maximum);
        if !allow && self.trap_on_grow_failure {
            bail!("forcing trap when growing table to {desired} elements");
        }
        Ok(allow)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed(error, "table")
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

fn allowed(desired: usize, limit: Option<usize>, maximum: Option<usize>) -> bool {
    limit.is_none_or(|limit| desired <= limit) && maximum.is_none_or(|max| desired <= max)
}
