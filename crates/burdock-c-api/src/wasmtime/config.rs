//! Changes of configurations, and what engines have beyond `wasm.h`.

use std::env::consts::ARCH;

use burdock::error::Context;
use burdock::{Config, format_err};

use crate::abi::{Given, c_text};
use crate::wasm::engine::{wasm_config_t, wasm_engine_t};
use crate::wasmtime::error::{Outcome, bad_utf8, error, finish};

/// Switches a part of the component model on, which the engine will refuse, or off.
fn components(config: &mut Config, on: bool) {
    if on {
        config.wasm_component_model(true);
    }
}

/// Defines functions that change a configuration.
macro_rules! settings {
    ($($name:ident $ty:ty, $config:ident $value:pat => $change:expr;)*) => {$(
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name(config: Option<&mut wasm_config_t>, value: $ty) {
            let $config: &mut Config = &mut config.given(stringify!($name)).config;
            let $value = value;
            let _ = $change;
        }
    )*};
}

settings! {
    wasmtime_config_consume_fuel_set bool, config on => config.consume_fuel(on);
    wasmtime_config_epoch_interruption_set bool, config on => config.epoch_interruption(on);
    wasmtime_config_max_wasm_stack_set usize, config bytes => config.max_wasm_stack(bytes);
    wasmtime_config_wasm_threads_set bool, config on => config.wasm_threads(on);
    wasmtime_config_wasm_tail_call_set bool, config on => config.wasm_tail_call(on);
    wasmtime_config_wasm_reference_types_set bool, config on => config.wasm_reference_types(on);
    wasmtime_config_wasm_function_references_set bool, config on =>
        config.wasm_function_references(on);
    wasmtime_config_wasm_gc_set bool, config on => config.wasm_gc(on);
    wasmtime_config_wasm_simd_set bool, config on => config.wasm_simd(on);
    wasmtime_config_wasm_relaxed_simd_set bool, config on => config.wasm_relaxed_simd(on);
    wasmtime_config_wasm_relaxed_simd_deterministic_set bool, config on =>
        config.relaxed_simd_deterministic(on);
    wasmtime_config_wasm_bulk_memory_set bool, config on => config.wasm_bulk_memory(on);
    wasmtime_config_wasm_multi_value_set bool, config on => config.wasm_multi_value(on);
    wasmtime_config_wasm_multi_memory_set bool, config on => config.wasm_multi_memory(on);
    wasmtime_config_wasm_memory64_set bool, config on => config.wasm_memory64(on);
    wasmtime_config_wasm_wide_arithmetic_set bool, config on => config.wasm_wide_arithmetic(on);
    wasmtime_config_wasm_branch_hinting_set bool, config on => config.wasm_branch_hinting(on);
    wasmtime_config_wasm_exceptions_set bool, config on => config.wasm_exceptions(on);
    wasmtime_config_wasm_custom_page_sizes_set bool, config on =>
        config.wasm_custom_page_sizes(on);
    wasmtime_config_wasm_stack_switching_set bool, config on => config.wasm_stack_switching(on);
    wasmtime_config_wasm_compact_imports_set bool, config on => config.wasm_compact_imports(on);
    wasmtime_config_wasm_component_model_set bool, config on => config.wasm_component_model(on);
    wasmtime_config_wasm_component_model_map_set bool, config on => components(config, on);
    wasmtime_config_wasm_component_model_implements_set bool, config on => components(config, on);
    wasmtime_config_wasm_component_model_canonical_names_set bool, config on =>
        components(config, on);
    wasmtime_config_wasm_component_model_accessors_set bool, config on => components(config, on);
    wasmtime_config_wasm_component_model_async_set bool, config on =>
        config.wasm_component_model_async(on);
    wasmtime_config_wasm_component_model_more_async_builtins_set bool, config on =>
        components(config, on);
    wasmtime_config_wasm_component_model_async_stackful_set bool, config on =>
        components(config, on);
    wasmtime_config_cranelift_nan_canonicalization_set bool, config on =>
        config.cranelift_nan_canonicalization(on);
    // What follows means nothing to an interpreter.
    wasmtime_config_debug_info_set bool, config on => config.debug_info(on);
    wasmtime_config_async_stack_size_set usize, config bytes => config.async_stack_size(bytes);
    wasmtime_config_shared_memory_set bool, config on => config.shared_memory(on);
    wasmtime_config_gc_support_set bool, config on => config.gc_support(on);
    wasmtime_config_concurrency_support_set bool, config on => config.concurrency_support(on);
    wasmtime_config_strategy_set u8, config _ => config;
    wasmtime_config_parallel_compilation_set bool, config on => config.parallel_compilation(on);
    wasmtime_config_cranelift_debug_verifier_set bool, config on =>
        config.cranelift_debug_verifier(on);
    wasmtime_config_cranelift_opt_level_set u8, config _ => config;
    wasmtime_config_cranelift_regalloc_algorithm_set u8, config _ => config;
    wasmtime_config_profiler_set u8, config _ => config;
    wasmtime_config_memory_may_move_set bool, config on => config.memory_may_move(on);
    wasmtime_config_memory_reservation_set u64, config bytes => config.memory_reservation(bytes);
    wasmtime_config_memory_guard_size_set u64, config bytes => config.memory_guard_size(bytes);
    wasmtime_config_memory_reservation_for_growth_set u64, config bytes =>
        config.memory_reservation_for_growth(bytes);
    wasmtime_config_memory_init_cow_set bool, config on => config.memory_init_cow(on);
    wasmtime_config_native_unwind_info_set bool, config on => config.native_unwind_info(on);
    wasmtime_config_macos_use_mach_ports_set bool, config on => config.macos_use_mach_ports(on);
    wasmtime_config_signals_based_traps_set bool, config on => config.signals_based_traps(on);
}

/// Fails unless the target is a machine with this processor: an interpreter compiles for no other.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_config_target_set(
    config: Option<&mut wasm_config_t>,
    target: *const u8,
) -> Outcome {
    config.given("wasmtime_config_target_set: config");
    // SAFETY: [HEADER] the target ends with a zero byte.
    let target = unsafe { c_text(target, "wasmtime_config_target_set: target") };
    let Some(target) = target else { return bad_utf8() };
    let processor = target.split('-').next();
    if processor == Some(ARCH) {
        return None;
    }
    error(format_err!("the target `{target}` is not this machine, whose processor is `{ARCH}`"))
}

/// Fails if there is a path to no file that can be read. Nothing is cached in any case: what takes
/// a compiler's time does not happen.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_config_cache_config_load(
    config: Option<&mut wasm_config_t>,
    path: *const u8,
) -> Outcome {
    config.given("wasmtime_config_cache_config_load: config");
    if path.is_null() {
        return None;
    }
    // SAFETY: [HEADER] the path ends with a zero byte.
    let path = unsafe { c_text(path, "wasmtime_config_cache_config_load: path") };
    let Some(path) = path else { return bad_utf8() };
    let read = std::fs::read(path).with_context(|| format!("cannot read the cache's `{path}`"));
    finish(read, drop)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_config_cranelift_flag_enable(
    config: Option<&mut wasm_config_t>,
    flag: *const u8,
) {
    config.given("wasmtime_config_cranelift_flag_enable: config");
    let _ = flag;
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_config_cranelift_flag_set(
    config: Option<&mut wasm_config_t>,
    key: *const u8,
    value: *const u8,
) {
    config.given("wasmtime_config_cranelift_flag_set: config");
    let _ = (key, value);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_engine_clone(
    engine: Option<&wasm_engine_t>,
) -> Box<wasm_engine_t> {
    Box::new(engine.given("wasmtime_engine_clone: engine").clone())
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_engine_increment_epoch(engine: Option<&wasm_engine_t>) {
    engine.given("wasmtime_engine_increment_epoch: engine").engine.increment_epoch();
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_engine_is_pulley(engine: Option<&wasm_engine_t>) -> bool {
    engine.given("wasmtime_engine_is_pulley: engine").engine.is_pulley()
}
