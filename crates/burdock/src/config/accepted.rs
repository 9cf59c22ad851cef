//! Knobs of Wasmtime that mean nothing to an interpreter, so that code written for Wasmtime
//! compiles and runs: each is accepted and changes nothing. The types of their values have no
//! examples for the same reason.

use super::{Cache, Config};

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
    metadata_for_internal_asserts(bool),
    metadata_for_gc_heap_corruption(bool),
    x86_float_abi_ok(bool),
    detect_host_feature(fn(&str) -> Option<bool>),
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
}
