//! Knobs of Wasmtime that mean nothing to an interpreter, so that code written for Wasmtime
//! compiles and runs: each is accepted and changes nothing. The types of their values have no
//! examples for the same reason.

use super::{Cache, Config};
use alloc::string::String;

macro_rules! choices {
    ($($(#[$attribute:meta])* $name:ident { $default:ident $(, $variant:ident)* })*) => {$(
        $(#[$attribute])*
        #[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum $name { #[default] $default $(, $variant)* }
    )*};
}

// Those that are `non_exhaustive` in Wasmtime are it here, and no others.
choices! {
    /// The compiler that Wasmtime would use.
    #[non_exhaustive]
    Strategy { Auto, Cranelift, Winch }
    /// The optimization level of Wasmtime's compiler.
    #[non_exhaustive]
    OptLevel { Speed, None, SpeedAndSize }
    /// The register allocator of Wasmtime's compiler.
    #[non_exhaustive]
    RegallocAlgorithm { Backtracking, SinglePass }
    /// The native profiler that Wasmtime would inform.
    ProfilingStrategy { None, PerfMap, JitDump, VTune, Pulley }
    /// Yes, no, or where possible.
    Enabled { Auto, Yes, No }
    /// The extent to which Wasmtime would inline across functions.
    Inlining { No, Intra, Yes }
}

/// The version that Wasmtime would write into serialized modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ModuleVersionStrategy {
    #[default]
    WasmtimeVersion,
    Custom(String),
    None,
}

/// The allocator that Wasmtime would use for instances.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum InstanceAllocationStrategy {
    #[default]
    OnDemand,
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

/// The sizes of the pool that Wasmtime would allocate instances from.
///
/// Burdock has no pool, so these numbers limit nothing. [`StoreLimits`](crate::StoreLimits) limits
/// the memories, tables and instances of a store.
#[derive(Clone, Debug, Default)]
pub struct PoolingAllocationConfig(());

impl PoolingAllocationConfig {
    /// Creates the default configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns `false`: memory protection keys are not used.
    pub fn are_memory_protection_keys_available() -> bool {
        false
    }
}

macro_rules! accepted {
    ($type:ident { $($method:ident($($arg:ty),+)),* $(,)? }) => {
        impl $type {
            $(#[doc = concat!(
                "Does nothing; accepted for code that comes from Wasmtime (`",
                stringify!($type), "::", stringify!($method), "`)."
            )]
            pub fn $method(&mut self, $(_: $arg),+) -> &mut Self {
                self
            })*
        }
    };
}
pub(super) use accepted;

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
    max_tables_per_module(u32),
    table_elements(usize),
    max_memories_per_module(u32),
    max_memory_size(usize),
    memory_protection_keys(Enabled),
    max_memory_protection_keys(usize),
    pagemap_scan(Enabled),
    total_gc_heaps(u32),
} }

accepted! { Config {
    enable_compiler(bool),
    async_support(bool),
    debug_info(bool),
    debug_symbols(bool),
    native_unwind_info(bool),
    async_stack_size(usize),
    async_stack_zeroing(bool),
    strategy(Strategy),
    profiler(ProfilingStrategy),
    cache(Option<Cache>),
    cranelift_debug_verifier(bool),
    cranelift_wasmtime_debug_checks(bool),
    cranelift_opt_level(OptLevel),
    cranelift_regalloc_algorithm(RegallocAlgorithm),
    cranelift_flag_enable(&str),
    cranelift_flag_set(&str, &str),
    compiler_inlining(Inlining),
    allocation_strategy(impl Into<InstanceAllocationStrategy>),
    memory_reservation(u64),
    memory_may_move(bool),
    memory_guard_size(u64),
    memory_reservation_for_growth(u64),
    guard_before_linear_memory(bool),
    table_lazy_init(bool),
    memory_init_cow(bool),
    force_memory_init_memfd(bool),
    memory_guaranteed_dense_image_size(u64),
    macos_use_mach_ports(bool),
    signals_based_traps(bool),
    shared_memory(bool),
    concurrency_support(bool),
    wmemcheck(bool),
} }

// `with_host_memory` is not among them: code that has it counts on its memories being used. To have
// it, what the embedder says of a memory's address and length would have to be trusted for as long
// as the memory lives (Wasmtime's `LinearMemory` and `MemoryCreator` are unsafe traits), and this
// crate has no unsafe code. `Memory::new_static` takes a buffer of the embedder's.
impl Config {
    /// Does nothing; accepted for code that comes from Wasmtime.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn target(&mut self, _: &str) -> crate::Result<&mut Self> {
        Ok(self)
    }

    /// Does nothing; accepted for code that comes from Wasmtime.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn module_version(&mut self, _: ModuleVersionStrategy) -> crate::Result<&mut Self> {
        Ok(self)
    }
}
