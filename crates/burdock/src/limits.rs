//! `ResourceLimiter`: decides about growth; and `StoreLimits`, a limiter of fixed limits.

mod asynchronous;

pub use asynchronous::ResourceLimiterAsync;
pub(crate) use asynchronous::{Limiter, Question, until_answered};

use crate::{Error, Result, bail};

/// The default of [`ResourceLimiter::instances`].
pub const DEFAULT_INSTANCE_LIMIT: usize = 10_000;
/// The default of [`ResourceLimiter::tables`].
pub const DEFAULT_TABLE_LIMIT: usize = 10_000;
/// The default of [`ResourceLimiter::memories`].
pub const DEFAULT_MEMORY_LIMIT: usize = 10_000;

/// A limiter of memories, tables and instances; see [`Store::limiter`](crate::Store::limiter).
///
/// Source: Wasmtime's `ResourceLimiter`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Bytes(usize);
/// impl ResourceLimiter for Bytes {
///     fn memory_growing(&mut self, from: usize, to: usize, _: Option<usize>) -> Result<bool> {
///         let left = self.0.checked_sub(to - from);
///         self.0 = left.unwrap_or(self.0);
///         Ok(left.is_some())
///     }
///     fn table_growing(&mut self, _: usize, to: usize, _: Option<usize>) -> Result<bool> {
///         Ok(to <= 1000)
///     }
/// }
/// let mut store = Store::new(&Engine::default(), Bytes(1 << 20));
/// store.limiter(|bytes| bytes);
/// let memory = Memory::new(&mut store, MemoryType::new(10, None))?;
/// assert!(memory.grow(&mut store, 7).is_err());
/// assert_eq!(memory.grow(&mut store, 6)?, 10);
/// # Ok::<(), Error>(())
/// ```
pub trait ResourceLimiter: Send {
    /// Returns `true` if a memory may grow from `current` to `desired` bytes. A new memory grows
    /// from 0. `maximum` is the largest possible size: the maximum of the memory's type, or 4 GiB
    /// or nearly 2^64 bytes, which its indices can address.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Handles the failure of a memory to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// Returns `true` if a table may grow from `current` to `desired` elements. A new table grows
    /// from 0. `maximum` is the largest possible size: the maximum of the table's type, or the
    /// largest index, but in a pool no more than
    /// [`table_elements`](crate::PoolingAllocationConfig::table_elements) when the table grows.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool>;

    /// Handles the failure of a table to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// Returns the maximum number of instances in the store; called once.
    fn instances(&self) -> usize {
        DEFAULT_INSTANCE_LIMIT
    }

    /// Returns the maximum number of tables in the store; called once.
    fn tables(&self) -> usize {
        DEFAULT_TABLE_LIMIT
    }

    /// Returns the maximum number of memories in the store; called once.
    fn memories(&self) -> usize {
        DEFAULT_MEMORY_LIMIT
    }
}

/// A limiter that decides with the store's data at hand; see
/// [`Store::data_limiter`](crate::Store::data_limiter). The methods are those of
/// [`ResourceLimiter`], which a store's data contains, with the data as an additional argument, and
/// one for the heap.
pub trait DataLimiter<T>: Send + Sync + 'static {
    /// Returns `true` if a memory may grow from `current` to `desired` bytes.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool>;

    /// Returns `true` if the store's heap may grow from `current` to `desired` bytes. By default
    /// [`memory_growing`](Self::memory_growing) decides, as for a [`ResourceLimiter`].
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn heap_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        self.memory_growing(data, growth)
    }

    /// Handles the failure of a memory to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()>;

    /// Handles the failure of the heap to grow although growing was allowed. By default
    /// [`memory_grow_failed`](Self::memory_grow_failed) does, as for a [`ResourceLimiter`].
    ///
    /// # Errors
    ///
    /// Returns an error to stop the guest. Otherwise garbage is collected, and an object for which
    /// there is no room after that traps.
    fn heap_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        self.memory_grow_failed(data, error)
    }

    /// Returns `true` if a table may grow from `current` to `desired` elements.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool>;

    /// Handles the failure of a table to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()>;

    /// Returns the maximum numbers of instances, of tables and of memories in the store; called
    /// once.
    fn counts(&mut self, data: &mut T) -> (usize, usize, usize);
}

/// The growth that a [`DataLimiter`] decides about, in bytes or elements.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Growing {
    /// The current size; a new memory or table grows from 0.
    pub current: usize,
    /// The desired size.
    pub desired: usize,
    /// The maximum that the type declares; `None` for the heap.
    pub maximum: Option<usize>,
    /// The largest size that is possible: `maximum`, or else the size that indices can address. For
    /// a table in a pool
    /// ([`table_elements`](crate::PoolingAllocationConfig::table_elements)) that grows, the pool's
    /// bound if that is less. `None` if the number does not fit.
    pub possible: Option<usize>,
    /// `true` for a memory or table that is being made.
    pub is_new: bool,
}

/// The limiter of `Store::limiter`, which is part of the data.
pub(crate) struct InData<F>(pub(crate) F);

impl<T, F> DataLimiter<T> for InData<F>
where
    F: (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
{
    fn memory_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        (self.0)(data).memory_growing(growth.current, growth.desired, growth.possible)
    }

    fn memory_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        (self.0)(data).memory_grow_failed(error)
    }

    fn table_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        (self.0)(data).table_growing(growth.current, growth.desired, growth.possible)
    }

    fn table_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        (self.0)(data).table_grow_failed(error)
    }

    fn counts(&mut self, data: &mut T) -> (usize, usize, usize) {
        let limiter = (self.0)(data);
        (limiter.instances(), limiter.tables(), limiter.memories())
    }
}

/// The error of adding to a store what its limiter does not allow.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceLimitError {
    /// There would be this many instances.
    #[error("resource limit exceeded: instance count too high at {0}")]
    Instances(usize),
    /// There would be this many tables.
    #[error("resource limit exceeded: table count too high at {0}")]
    Tables(usize),
    /// There would be this many memories.
    #[error("resource limit exceeded: memory count too high at {0}")]
    Memories(usize),
    /// A memory would have this many pages.
    #[error("memory minimum size of {0} pages exceeds memory limits")]
    MemorySize(u64),
    /// A table would have this many elements.
    #[error("table minimum size of {0} elements exceeds table limits")]
    TableSize(u64),
}

/// What could not be created because the system has too little memory: the context of an
/// [`OutOfMemory`](crate::OutOfMemory).
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let error = Memory::new(&mut store, MemoryType::new64(1 << 40, None)).unwrap_err();
/// assert!(matches!(error.downcast_ref(), Some(AllocationError::Memory(_))));
/// assert!(error.is::<OutOfMemory>());
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllocationError {
    /// A memory would have this many bytes.
    #[error("cannot allocate a memory of {0} bytes")]
    Memory(usize),
    /// A table would have this many elements.
    #[error("cannot allocate a table of {0} elements")]
    Table(u64),
}

/// A builder of [`StoreLimits`].
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
    /// Creates a builder with no limits on sizes, and 10,000 each of instances, tables and
    /// memories.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum size of one memory in bytes.
    #[must_use]
    pub fn memory_size(mut self, limit: usize) -> Self {
        self.0.memory_size = Some(limit);
        self
    }

    /// Sets the maximum size of one table in elements.
    #[must_use]
    pub fn table_elements(mut self, limit: usize) -> Self {
        self.0.table_elements = Some(limit);
        self
    }

    /// Sets the maximum number of instances.
    #[must_use]
    pub fn instances(mut self, limit: usize) -> Self {
        self.0.instances = limit;
        self
    }

    /// Sets the maximum number of tables.
    #[must_use]
    pub fn tables(mut self, limit: usize) -> Self {
        self.0.tables = limit;
        self
    }

    /// Sets the maximum number of memories.
    #[must_use]
    pub fn memories(mut self, limit: usize) -> Self {
        self.0.memories = limit;
        self
    }

    /// Sets whether growing beyond a limit traps. Off by default.
    #[must_use]
    pub fn trap_on_grow_failure(mut self, trap: bool) -> Self {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// Returns the limits.
    pub fn build(self) -> StoreLimits {
        self.0
    }
}

/// A limiter of fixed limits.
///
/// See [`StoreLimitsBuilder`] for an example.
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
            instances: DEFAULT_INSTANCE_LIMIT,
            tables: DEFAULT_TABLE_LIMIT,
            memories: DEFAULT_MEMORY_LIMIT,
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
