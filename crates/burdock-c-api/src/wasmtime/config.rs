//! Changes of configurations, and what engines have beyond `wasm.h`.

use burdock::Config;

use crate::abi::Given;
use crate::wasm::engine::{wasm_config_t, wasm_engine_t};
use crate::wasmtime::error::wasmtime_error_t;

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
    wasmtime_config_cranelift_nan_canonicalization_set bool, config on =>
        config.cranelift_nan_canonicalization(on);
    // What follows means nothing to an interpreter.
    wasmtime_config_debug_info_set bool, config on => config.debug_info(on);
    wasmtime_config_async_stack_size_set usize, config bytes => config.async_stack_size(bytes);
    wasmtime_config_shared_memory_set bool, config on => config.shared_memory(on);
    wasmtime_config_gc_support_set bool, config on => config.gc_support(on);
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

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_config_target_set(
    config: Option<&mut wasm_config_t>,
    target: *const u8,
) -> Option<Box<wasmtime_error_t>> {
    config.given("wasmtime_config_target_set: config");
    let _ = target;
    None
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
