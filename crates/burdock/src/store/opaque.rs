//! `StoreOpaque`: the part of a store that does not depend on the embedder's data.

use super::interrupt::Fuel;
use super::interrupt_handle::Deadline;
use crate::engine::{EngineType, Share};
use crate::limits::{DEFAULT_INSTANCE_LIMIT, DEFAULT_MEMORY_LIMIT, DEFAULT_TABLE_LIMIT};
use crate::values::HostValues;
use crate::{Engine, Module, ResourceLimitError, Result, ensure};
use alloc::boxed::Box;
use burdock_core::{FuncAddr, InstanceAddr, MemoryAddr, TableAddr, Vm};
use core::sync::atomic::{AtomicU64, Ordering};
use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

/// Tells stores apart, so that a handle can be held against the store it is used with.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(u64);

impl StoreId {
    fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// # Panics
    ///
    /// Panics if the ids differ.
    #[inline]
    #[track_caller]
    pub(crate) fn assert_same(self, other: StoreId) {
        if self != other {
            wrong_store();
        }
    }
}

#[cold]
#[track_caller]
fn wrong_store() -> ! {
    panic!("object used with the wrong store")
}

/// The error of calls that cannot wait, in a store with an asynchronous limiter or call hook.
pub(super) const ONLY_ASYNC: &str =
    "store configuration requires that `*_async` functions are used instead";

/// The API's part of an instance; the machine has the rest.
pub(crate) struct InstanceData {
    pub(crate) module: Module,
}

/// The part of a store that does not depend on the embedder's data.
// The machine comes first: its address is the store's, which saves an instruction a call.
#[repr(C)]
pub(crate) struct StoreOpaque {
    pub(crate) vm: Vm,
    id: StoreId,
    engine: Engine,
    /// By `InstanceAddr`.
    instances: SmallVec<[InstanceData; 1]>,
    /// Host values that guests have references to, once there are any.
    pub(crate) host_values: Option<Box<HostValues>>,
    /// Linker functions that have entered the store, by the address of their definition, which
    /// the store keeps alive.
    pub(crate) linked: HashMap<usize, FuncAddr>,
    /// The types that globals, tables and tags made by the embedder mention, beside those of
    /// instances' modules. They keep their numbers.
    held_types: HashSet<EngineType>,
    /// The memories and tables that the embedder made, in engines with a pool: its bounds are not
    /// for them.
    unpooled: HashSet<Unpooled>,
    counts: Counts,
    limits: Counts,
    /// The store's part in the figures of its engine.
    pub(crate) share: Share,
    pub(super) fuel: Fuel,
    pub(super) deadline: Deadline,
    /// `true` if calls may have to wait for a limiter or a hook, so that calls that cannot wait
    /// fail.
    pub(super) needs_async: bool,
}

/// A memory or table that the embedder made.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Unpooled {
    Memory(MemoryAddr),
    Table(TableAddr),
}

/// Numbers of instances, tables and memories.
#[derive(Copy, Clone)]
struct Counts {
    instances: usize,
    tables: usize,
    memories: usize,
}

impl StoreOpaque {
    #[inline(always)] // Written to its place; see `Vm::new`.
    pub(crate) fn new(engine: &Engine) -> Self {
        let limits = Counts {
            instances: DEFAULT_INSTANCE_LIMIT,
            tables: DEFAULT_TABLE_LIMIT,
            memories: DEFAULT_MEMORY_LIMIT,
        };
        // Before the machine, because they may panic.
        let (linked, held_types, unpooled) = (HashMap::new(), HashSet::new(), HashSet::new());
        let (engine, share) = (engine.clone(), Share::new(engine));
        Self {
            vm: Vm::new(engine.vm_config(), engine.epoch()),
            id: StoreId::fresh(),
            engine,
            instances: SmallVec::new(),
            host_values: None,
            linked,
            held_types,
            unpooled,
            counts: Counts { instances: 0, tables: 0, memories: 0 },
            limits,
            share,
            fuel: Fuel::default(),
            deadline: Deadline::default(),
            needs_async: false,
        }
    }

    /// Takes a memory or table that the embedder made out of the bounds of the engine's pool.
    pub(crate) fn made_by_host(&mut self, made: Unpooled) {
        if self.engine.config().has_pool() {
            self.unpooled.insert(made);
        }
    }

    /// Returns the largest size of a memory in bytes.
    pub(super) fn max_memory_bytes(&self, memory: MemoryAddr) -> usize {
        match self.unpooled.contains(&Unpooled::Memory(memory)) {
            true => usize::MAX,
            false => self.engine.config().max_memory_bytes(),
        }
    }

    /// Returns the largest number of elements of a table, if a pool bounds it.
    pub(super) fn max_table_elements(&self, table: TableAddr) -> Option<usize> {
        match self.unpooled.contains(&Unpooled::Table(table)) {
            true => None,
            false => self.engine.config().max_table_elements(),
        }
    }

    /// Fails if the configuration allows no objects.
    pub(crate) fn ensure_objects(&self) -> Result<()> {
        let allowed = self.engine.config().features.gc_types;
        ensure!(allowed, "cannot make objects or tags: `Config::gc_support` is off");
        Ok(())
    }

    /// Fails if calls may have to wait for a limiter or a hook. For functions that cannot wait.
    pub(crate) fn ensure_sync(&self) -> Result<()> {
        ensure!(!self.needs_async, ONLY_ASYNC);
        Ok(())
    }

    #[inline]
    pub(crate) fn id(&self) -> StoreId {
        self.id
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn instance(&self, addr: InstanceAddr) -> &InstanceData {
        &self.instances[addr.index()]
    }

    /// Keeps what the API needs of the instance that the machine has just made.
    pub(crate) fn push_instance(&mut self, addr: InstanceAddr, data: InstanceData) {
        debug_assert_eq!(addr.index(), self.instances.len());
        self.instances.push(data);
    }

    /// Removes the instance that is being made, if there is one, from the store.
    pub(crate) fn abandon_instance(&mut self) {
        self.vm.abandon_instance();
        self.instances.truncate(self.vm.num_instances());
    }

    /// Holds a type as long as the store lives.
    pub(crate) fn hold_type(&mut self, ty: &EngineType) {
        if !self.held_types.contains(ty) {
            self.held_types.insert(ty.clone());
        }
    }

    pub(crate) fn set_count_limits(
        &mut self,
        (instances, tables, memories): (usize, usize, usize),
    ) {
        self.limits = Counts { instances, tables, memories };
    }

    /// Counts an instance of this module with its memories and tables.
    ///
    /// # Errors
    ///
    /// Fails if a count is over its limit.
    pub(crate) fn bump_resource_counts(&mut self, module: &Module) -> Result<()> {
        let (memories, tables) = module.defined_memories_and_tables();
        let (counts, limits) = (&mut self.counts, &self.limits);
        bump(&mut counts.instances, limits.instances, 1, ResourceLimitError::Instances)?;
        bump(&mut counts.memories, limits.memories, memories, ResourceLimitError::Memories)?;
        bump(&mut counts.tables, limits.tables, tables, ResourceLimitError::Tables)
    }
}

/// Adds `more` to a count if the limit allows it.
fn bump(
    count: &mut usize,
    limit: usize,
    more: usize,
    error: fn(usize) -> ResourceLimitError,
) -> Result<()> {
    let new = count.saturating_add(more);
    if new > limit {
        return Err(error(new).into());
    }
    *count = new;
    Ok(())
}
