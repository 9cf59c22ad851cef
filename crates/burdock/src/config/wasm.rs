//! The switch of each WebAssembly proposal. Those that are not supported remember that they were
//! asked for, and `Engine::new` says so.

use super::Config;

macro_rules! switches {
    ($($(#[$doc:meta])* $method:ident => $field:ident),* $(,)?) => {
        impl Config {
            $($(#[$doc])*
            pub fn $method(&mut self, enable: bool) -> &mut Self {
                self.features.$field = enable;
                self
            })*
        }
    };
}

switches! {
    /// Imported and exported mutable globals. On by default.
    wasm_mutable_global => mutable_global,
    /// Sign-extension operators. On by default.
    wasm_sign_extension => sign_extension,
    /// Saturating float-to-int conversions. On by default.
    wasm_saturating_float_to_int => saturating_float_to_int,
    /// Several results of functions and blocks. On by default.
    wasm_multi_value => multi_value,
    /// Bulk memory operations. On by default.
    wasm_bulk_memory => bulk_memory,
    /// Reference types. On by default.
    wasm_reference_types => reference_types,
    /// 128-bit vectors. On by default.
    wasm_simd => simd,
    /// Relaxed SIMD. On by default.
    wasm_relaxed_simd => relaxed_simd,
    /// Tail calls. On by default.
    wasm_tail_call => tail_call,
    /// Arithmetic in constant expressions. On by default.
    wasm_extended_const => extended_const,
    /// More than one memory. On by default.
    wasm_multi_memory => multi_memory,
    /// 64-bit memories and tables. On by default.
    wasm_memory64 => memory64,
    /// Memories with pages of one byte. Off by default.
    wasm_custom_page_sizes => custom_page_sizes,
    /// 128-bit arithmetic on pairs of `i64`. On by default.
    wasm_wide_arithmetic => wide_arithmetic,
    /// Typed references to functions. On by default.
    wasm_function_references => function_references,
    /// Exceptions: tags, `throw` and `try_table`. On by default.
    wasm_exceptions => exceptions,
    /// The exceptions of older toolchains: `try`, `catch` and their kin. Off by default.
    wasm_legacy_exceptions => legacy_exceptions,
    /// Garbage-collected objects: structures, arrays and `i31`. On by default.
    wasm_gc => gc,
    /// Imports of one module in groups. On by default.
    wasm_compact_imports => compact_imports,
    /// Descriptors of structures, exact reference types, and casts by descriptors. Needs
    /// [`Config::wasm_gc`]. Off by default, because the proposal may still change; Wasmtime does
    /// not have it.
    wasm_custom_descriptors => custom_descriptors,
    /// Floating-point types and operators. On by default.
    floats => floats,
}

macro_rules! unsupported {
    ($($method:ident => $name:literal),* $(,)?) => {
        impl Config {
            $(#[doc = concat!("Not supported yet: `Engine::new` fails when `", $name, "` is on. Off by default.")]
            pub fn $method(&mut self, enable: bool) -> &mut Self {
                self.set_unsupported($name, enable)
            })*
        }
    };
}

unsupported! {
    wasm_threads => "threads",
    wasm_shared_everything_threads => "shared-everything-threads",
    wasm_stack_switching => "stack-switching",
    wasm_component_model => "component-model",
    wasm_component_model_async => "component-model-async",
}

impl Config {
    /// Collects garbage before each allocation of an object, for tests of the collector.
    #[doc(hidden)]
    pub fn collect_at_every_allocation(&mut self, enable: bool) -> &mut Self {
        self.heap.collect_always = enable;
        self
    }

    fn set_unsupported(&mut self, name: &'static str, enable: bool) -> &mut Self {
        self.unsupported.retain(|known| *known != name);
        if enable {
            self.unsupported.push(name);
        }
        self
    }

    /// Does nothing; branch hints are allowed in every module and not used, because an interpreter
    /// would gain little from them (docs/PERFORMANCE.md).
    pub fn wasm_branch_hinting(&mut self, _enable: bool) -> &mut Self {
        self
    }
}
