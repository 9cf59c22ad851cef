//! `ResourceLimiter` and `StoreLimits`.

use crate::TrapCode;
use crate::errors::{MemoryError, TableError};
use burdock::{DataLimiter, Growing};
use core::fmt;

/// The answer of a limiter that wants the guest to trap.
#[derive(Copy, Clone, Debug, thiserror::Error)]
pub enum LimiterError {
    /// The limiter does not allow the growth.
    #[error("the resource limiter does not allow the allocation")]
    ResourceLimiterDeniedAllocation,
}

/// A limiter of memories, tables and instances; see [`Store::limiter`](crate::Store::limiter).
pub trait ResourceLimiter {
    /// Returns `true` if a memory may grow from `current` to `desired` bytes. A new memory grows
    /// from 0. `maximum` is the maximum of the memory's type in bytes.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError>;

    /// Returns `true` if a table may grow from `current` to `desired` elements. A new table grows
    /// from 0. `maximum` is the maximum of the table's type.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError>;

    /// Handles the failure of a memory to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_grow_failed(&mut self, _error: &MemoryError) -> Result<(), LimiterError> {
        Ok(())
    }

    /// Handles the failure of a table to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_grow_failed(&mut self, _error: &TableError) -> Result<(), LimiterError> {
        Ok(())
    }

    /// Returns the maximum number of instances in the store.
    fn instances(&self) -> usize;

    /// Returns the maximum number of tables in the store.
    fn tables(&self) -> usize;

    /// Returns the maximum number of memories in the store.
    fn memories(&self) -> usize;
}

/// The limiter of a store.
pub(crate) struct Query<F> {
    /// Finds a limiter in the store's data.
    find: F,
    /// The error of a table that cannot grow although the limiter agrees.
    failure: TableError,
}

impl<F> Query<F> {
    pub(crate) fn new(find: F) -> Self {
        Self { find, failure: TableError::OutOfSystemMemory }
    }
}

/// Returns `true` for a size that the type does not allow, by its maximum or by its indices.
fn is_impossible(growth: &Growing) -> bool {
    growth.possible.is_some_and(|possible| growth.desired > possible)
}

/// Makes the guest trap. Where no guest asks, the context is the error.
fn trap(context: impl core::error::Error + Send + Sync + 'static) -> burdock::Error {
    crate::Error::from(TrapCode::GrowthOperationLimited).into_burdock().context(context)
}

fn trap_memory(_: LimiterError) -> burdock::Error {
    trap(MemoryError::ResourceLimiterDeniedAllocation)
}

fn trap_table(_: LimiterError) -> burdock::Error {
    trap(TableError::ResourceLimiterDeniedAllocation)
}

impl<T, F> DataLimiter<T> for Query<F>
where
    F: (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
{
    fn memory_growing(&mut self, data: &mut T, growth: Growing) -> burdock::Result<bool> {
        let Growing { current, desired, maximum, is_new, .. } = growth;
        // wasmi asks about growth of a memory only if the type allows it.
        if !is_new && is_impossible(&growth) {
            return Ok(false);
        }
        (self.find)(data).memory_growing(current, desired, maximum).map_err(trap_memory)
    }

    fn memory_grow_failed(&mut self, data: &mut T, _: burdock::Error) -> burdock::Result<()> {
        (self.find)(data).memory_grow_failed(&MemoryError::OutOfSystemMemory).map_err(trap_memory)
    }

    fn table_growing(&mut self, data: &mut T, growth: Growing) -> burdock::Result<bool> {
        let Growing { current, desired, maximum, .. } = growth;
        // Of a table, wasmi asks about growth beyond a maximum, but not beyond the indices.
        self.failure = match is_impossible(&growth) {
            true if maximum.is_none() => return Ok(false),
            true => TableError::GrowOutOfBounds,
            false => TableError::OutOfSystemMemory,
        };
        (self.find)(data).table_growing(current, desired, maximum).map_err(trap_table)
    }

    fn table_grow_failed(&mut self, data: &mut T, _: burdock::Error) -> burdock::Result<()> {
        (self.find)(data).table_grow_failed(&self.failure).map_err(trap_table)
    }

    fn counts(&mut self, data: &mut T) -> (usize, usize, usize) {
        let limiter = (self.find)(data);
        (limiter.instances(), limiter.tables(), limiter.memories())
    }
}

/// A builder of [`StoreLimits`].
#[derive(Default)]
pub struct StoreLimitsBuilder(burdock::StoreLimitsBuilder);

macro_rules! limits {
    ($($(#[$doc:meta])* $method:ident $ty:ty;)*) => {
        impl StoreLimitsBuilder {
            $($(#[$doc])*
            pub fn $method(self, limit: $ty) -> Self {
                Self(self.0.$method(limit))
            })*
        }
    };
}

limits! {
    /// Sets the maximum size of each memory in bytes. There is none by default.
    memory_size usize;
    /// Sets the maximum size of each table in elements. There is none by default.
    table_elements usize;
    /// Sets the maximum number of instances, 10,000 by default.
    instances usize;
    /// Sets the maximum number of tables, 10,000 by default.
    tables usize;
    /// Sets the maximum number of memories, 10,000 by default.
    memories usize;
    /// Sets whether guests trap when growth fails. Off by default.
    trap_on_grow_failure bool;
}

impl StoreLimitsBuilder {
    /// Creates a builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the limits.
    pub fn build(self) -> StoreLimits {
        StoreLimits(self.0.build())
    }
}

/// A limiter with fixed limits.
#[derive(Clone, Default)]
pub struct StoreLimits(burdock::StoreLimits);

impl fmt::Debug for StoreLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the answer of Burdock's limiter, which only fails to trap the guest.
fn answer<R>(result: burdock::Result<R>) -> Result<R, LimiterError> {
    result.map_err(|_| LimiterError::ResourceLimiterDeniedAllocation)
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        answer(burdock::ResourceLimiter::memory_growing(&mut self.0, current, desired, maximum))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        answer(burdock::ResourceLimiter::table_growing(&mut self.0, current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        answer(burdock::ResourceLimiter::memory_grow_failed(&mut self.0, (*error).into()))
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        answer(burdock::ResourceLimiter::table_grow_failed(&mut self.0, (*error).into()))
    }

    fn instances(&self) -> usize {
        burdock::ResourceLimiter::instances(&self.0)
    }

    fn tables(&self) -> usize {
        burdock::ResourceLimiter::tables(&self.0)
    }

    fn memories(&self) -> usize {
        burdock::ResourceLimiter::memories(&self.0)
    }
}
