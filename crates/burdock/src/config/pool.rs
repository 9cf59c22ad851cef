//! The sizes of Wasmtime's pool of instances. Burdock has no pool, but what an embedder has set as
//! the largest size of a guest's memory or table bounds guests here as well.

use super::accepted::accepted;
use super::{Config, Enabled};
use crate::{Result, ensure, format_err};
use alloc::format;
use burdock_parse::ModuleDef;

/// The allocator that Wasmtime would use for instances.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum InstanceAllocationStrategy {
    /// Each instance is allocated by itself.
    #[default]
    OnDemand,
    /// In Wasmtime instances come from a pool. In Burdock they are allocated by themselves, within
    /// the bounds that a pool has for each of them.
    Pooling(PoolingAllocationConfig),
}

impl InstanceAllocationStrategy {
    /// Returns the strategy of a pool with the default sizes.
    pub fn pooling() -> Self {
        Self::Pooling(PoolingAllocationConfig::new())
    }
}

impl From<PoolingAllocationConfig> for InstanceAllocationStrategy {
    fn from(config: PoolingAllocationConfig) -> Self {
        Self::Pooling(config)
    }
}

/// The sizes of a pool of instances.
///
/// The bounds of one module, memory and table are kept. Burdock has no pool, so the other numbers,
/// those of all instances together and those of the pool's own memory, limit nothing;
/// [`StoreLimits`](crate::StoreLimits) limits the instances, memories and tables of a store.
///
/// Source: Wasmtime's `PoolingAllocationConfig`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut pool = PoolingAllocationConfig::new();
/// pool.max_memory_size(1 << 20);
/// let engine = Engine::new(Config::new().allocation_strategy(pool))?;
/// assert!(Module::new(&engine, "(module (memory 16))").is_ok());
/// assert!(Module::new(&engine, "(module (memory 17))").is_err());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PoolingAllocationConfig {
    memories: u32,
    memory_bytes: usize,
    tables: u32,
    table_elements: usize,
}

impl Default for PoolingAllocationConfig {
    fn default() -> Self {
        let memory_bytes = if cfg!(target_pointer_width = "64") { 4 << 30 } else { 10 << 20 };
        Self { memories: 1, memory_bytes, tables: 1, table_elements: 20_000 }
    }
}

impl PoolingAllocationConfig {
    /// Creates the default configuration: one memory of at most 4 GiB (10 MiB with 32-bit
    /// addresses) and one table of at most 20,000 elements for each module.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the largest number of memories that a module may define.
    pub fn max_memories_per_module(&mut self, memories: u32) -> &mut Self {
        self.memories = memories;
        self
    }

    /// Sets the largest size of a module's memory in bytes. A module whose memory begins with more
    /// is refused, and its memory grows no further. Memories of the embedder
    /// ([`Memory::new`](crate::Memory::new)) are not bounded.
    pub fn max_memory_size(&mut self, bytes: usize) -> &mut Self {
        self.memory_bytes = bytes;
        self
    }

    /// Sets the largest number of tables that a module may define.
    pub fn max_tables_per_module(&mut self, tables: u32) -> &mut Self {
        self.tables = tables;
        self
    }

    /// Sets the largest number of elements of a module's table. A module whose table begins with
    /// more is refused, and its table grows no further. Tables of the embedder
    /// ([`Table::new`](crate::Table::new)) are not bounded.
    pub fn table_elements(&mut self, elements: usize) -> &mut Self {
        self.table_elements = elements;
        self
    }

    /// Returns `false`: memory protection keys are not used.
    pub fn are_memory_protection_keys_available() -> bool {
        false
    }

    /// Fails if a module defines what a pool would have no room for, in Wasmtime's words.
    fn check(&self, module: &ModuleDef) -> Result<()> {
        let memories = module.memories.iter().enumerate().skip(module.imported_memories as usize);
        check_count("memories", memories.len(), self.memories)?;
        for (index, memory) in memories {
            let min = memory.min.saturating_mul(memory.page_size());
            if min > self.memory_bytes as u64 {
                let error = format_err!(
                    "memory has a minimum byte size of {min} which exceeds the limit of {:#x} \
                     bytes",
                    self.memory_bytes
                );
                return Err(error.context(format!(
                    "memory index {index} is unsupported in this pooling allocator configuration"
                )));
            }
        }
        let tables = module.tables.iter().enumerate().skip(module.imported_tables as usize);
        check_count("tables", tables.len(), self.tables)?;
        for (index, table) in tables {
            ensure!(
                table.ty.min <= self.table_elements as u64,
                "table index {index} has a minimum element size of {} which exceeds the limit \
                 of {}",
                table.ty.min,
                self.table_elements
            );
        }
        Ok(())
    }
}

/// Fails if a module defines more memories or tables than it may.
fn check_count(what: &str, count: usize, limit: u32) -> Result<()> {
    ensure!(
        count <= limit as usize,
        "defined {what} count of {count} exceeds the per-instance limit of {limit}"
    );
    Ok(())
}

accepted! { PoolingAllocationConfig {
    max_unused_warm_slots(u32),
    decommit_batch_size(usize),
    async_stack_keep_resident(usize),
    linear_memory_keep_resident(usize),
    table_keep_resident(usize),
    total_component_instances(u32),
    max_component_instance_size(usize),
    max_core_instances_per_component(u32),
    max_memories_per_component(u32),
    max_tables_per_component(u32),
    total_memories(u32),
    total_tables(u32),
    total_stacks(u32),
    total_core_instances(u32),
    max_core_instance_size(usize),
    memory_protection_keys(Enabled),
    max_memory_protection_keys(usize),
    pagemap_scan(Enabled),
    total_gc_heaps(u32),
} }

impl Config {
    /// Sets how instances are allocated: always by themselves, but within the bounds of a
    /// [`PoolingAllocationConfig`].
    ///
    /// Source: Wasmtime's `Config::allocation_strategy`.
    pub fn allocation_strategy(
        &mut self,
        strategy: impl Into<InstanceAllocationStrategy>,
    ) -> &mut Self {
        self.pool = match strategy.into() {
            InstanceAllocationStrategy::OnDemand => None,
            InstanceAllocationStrategy::Pooling(pool) => Some(pool),
        };
        self
    }

    /// Returns `true` if the configuration has a pool.
    pub(crate) fn has_pool(&self) -> bool {
        self.pool.is_some()
    }

    /// Fails if a module exceeds the bounds of the pool.
    pub(crate) fn check_pool(&self, module: &ModuleDef) -> Result<()> {
        self.pool.as_ref().map_or(Ok(()), |pool| pool.check(module))
    }

    /// Returns the largest size of a memory in bytes.
    pub(crate) fn max_memory_bytes(&self) -> usize {
        self.pool.as_ref().map_or(usize::MAX, |pool| pool.memory_bytes)
    }

    /// Returns the largest number of elements of a table, if there is one.
    pub(crate) fn max_table_elements(&self) -> Option<usize> {
        self.pool.as_ref().map(|pool| pool.table_elements)
    }
}
