//! `PoolingAllocatorMetrics`: what the stores of an engine hold, if it is configured for a pool.

use super::Engine;
use crate::Module;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The numbers of what the stores of an engine hold that is configured for a pool.
///
/// Burdock has no pool. Instances, memories, tables and heaps are those of all stores of the engine
/// that have not been dropped; memories and tables count if an instance defines them, and a heap
/// from its first object on. What would be kept for later use is 0, as is what Burdock does not
/// have.
///
/// Source: Wasmtime's `PoolingAllocatorMetrics`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::new(Config::new().allocation_strategy(PoolingAllocationConfig::new()))?;
/// let metrics = engine.pooling_allocator_metrics().unwrap();
/// let module = Module::new(&engine, "(module (memory 1) (table 1 funcref))")?;
/// let mut store = Store::new(&engine, ());
/// Instance::new(&mut store, &module, &[])?;
/// assert_eq!((metrics.core_instances(), metrics.memories(), metrics.tables()), (1, 1, 1));
/// drop(store);
/// assert_eq!((metrics.core_instances(), metrics.memories(), metrics.tables()), (0, 0, 0));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct PoolingAllocatorMetrics {
    held: Arc<Held>,
}

impl PoolingAllocatorMetrics {
    /// Returns the number of instances.
    pub fn core_instances(&self) -> u64 {
        self.held.instances.load(Ordering::Relaxed) as u64
    }

    /// Returns 0: Burdock has no components.
    pub fn component_instances(&self) -> u64 {
        0
    }

    /// Returns the number of memories that instances define.
    pub fn memories(&self) -> usize {
        self.held.memories.load(Ordering::Relaxed)
    }

    /// Returns the number of tables that instances define.
    pub fn tables(&self) -> usize {
        self.held.tables.load(Ordering::Relaxed)
    }

    /// Returns 0: calls that wait need no stack of the host's.
    pub fn stacks(&self) -> usize {
        0
    }

    /// Returns the number of stores that have a garbage-collected heap.
    pub fn gc_heaps(&self) -> usize {
        self.held.heaps.load(Ordering::Relaxed)
    }

    /// Returns 0: a memory is freed with its store.
    pub fn unused_warm_memories(&self) -> u32 {
        0
    }

    /// Returns 0: a memory is freed with its store.
    pub fn unused_memory_bytes_resident(&self) -> usize {
        0
    }

    /// Returns 0: a table is freed with its store.
    pub fn unused_warm_tables(&self) -> u32 {
        0
    }

    /// Returns 0: a table is freed with its store.
    pub fn unused_table_bytes_resident(&self) -> usize {
        0
    }

    /// Returns 0: there are no stacks.
    pub fn unused_warm_stacks(&self) -> u32 {
        0
    }

    /// Returns `None`: there are no stacks.
    pub fn unused_stack_bytes_resident(&self) -> Option<usize> {
        None
    }
}

impl fmt::Debug for PoolingAllocatorMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolingAllocatorMetrics")
            .field("core_instances", &self.core_instances())
            .field("memories", &self.memories())
            .field("tables", &self.tables())
            .field("gc_heaps", &self.gc_heaps())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Returns the figures of what stores hold, if the engine is configured for a pool
    /// ([`Config::allocation_strategy`](crate::Config::allocation_strategy)).
    ///
    /// Source: Wasmtime's `Engine::pooling_allocator_metrics`.
    ///
    /// See [`PoolingAllocatorMetrics`] for an example.
    pub fn pooling_allocator_metrics(&self) -> Option<PoolingAllocatorMetrics> {
        Some(PoolingAllocatorMetrics { held: self.inner.held.clone()? })
    }

    /// Releases memory that is kept for later stores. There is none, so it returns 0: memory is
    /// freed with its store.
    ///
    /// Source: Wasmtime's `Engine::release_idle_pool_memory`.
    pub fn release_idle_pool_memory(&self) -> usize {
        0
    }
}

/// The numbers of what all stores of an engine hold.
#[derive(Default)]
pub(super) struct Held {
    instances: AtomicUsize,
    memories: AtomicUsize,
    tables: AtomicUsize,
    heaps: AtomicUsize,
}

/// The part of one store in the numbers of its engine. Dropping it takes that away.
pub(crate) struct Share {
    /// `None` if the engine is not configured for a pool: nothing is counted.
    held: Option<Arc<Held>>,
    instances: usize,
    memories: usize,
    tables: usize,
    heaps: usize,
}

impl Share {
    /// Returns the share of a store that holds nothing yet.
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { held: engine.inner.held.clone(), instances: 0, memories: 0, tables: 0, heaps: 0 }
    }

    /// Counts an instance of a module, with the memories and tables that it defines.
    #[inline]
    pub(crate) fn add_instance(&mut self, module: &Module) {
        let Some(held) = &self.held else { return };
        let (memories, tables) = module.defined_memories_and_tables();
        for (all, own, more) in [
            (&held.instances, &mut self.instances, 1),
            (&held.memories, &mut self.memories, memories),
            (&held.tables, &mut self.tables, tables),
        ] {
            all.fetch_add(more, Ordering::Relaxed);
            *own += more;
        }
    }

    /// Counts the store's heap, unless it is counted already.
    pub(crate) fn add_heap(&mut self) {
        if let Some(held) = self.held.as_ref().filter(|_| self.heaps == 0) {
            held.heaps.fetch_add(1, Ordering::Relaxed);
            self.heaps = 1;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(held) = &self.held else { return };
        for (all, own) in [
            (&held.instances, self.instances),
            (&held.memories, self.memories),
            (&held.tables, self.tables),
            (&held.heaps, self.heaps),
        ] {
            all.fetch_sub(own, Ordering::Relaxed);
        }
    }
}
