/** Settings of configurations. An engine that already exists does not change. */

#ifndef WASMTIME_CONFIG_H
#define WASMTIME_CONFIG_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WASMTIME_CONFIG_PROP(ret, name, type) \
  WASM_API_EXTERN ret wasmtime_config_##name##_set(wasm_config_t*, type);

/** Counts operators, and stops guests that have no fuel left. See docs/FUEL.md. */
WASMTIME_CONFIG_PROP(void, consume_fuel, bool)
/** Stops guests, or calls a callback, when the epoch reaches the store's deadline. */
WASMTIME_CONFIG_PROP(void, epoch_interruption, bool)
/** The maximum size of a store's stack in bytes. */
WASMTIME_CONFIG_PROP(void, max_wasm_stack, size_t)
/** Gives all NaNs that guests compute the same bits. */
WASMTIME_CONFIG_PROP(void, cranelift_nan_canonicalization, bool)

/* Proposals. One that Burdock lacks can be switched off, but an engine with it cannot be made. */
WASMTIME_CONFIG_PROP(void, wasm_threads, bool)
WASMTIME_CONFIG_PROP(void, wasm_tail_call, bool)
WASMTIME_CONFIG_PROP(void, wasm_reference_types, bool)
WASMTIME_CONFIG_PROP(void, wasm_function_references, bool)
WASMTIME_CONFIG_PROP(void, wasm_gc, bool)
WASMTIME_CONFIG_PROP(void, wasm_simd, bool)
WASMTIME_CONFIG_PROP(void, wasm_relaxed_simd, bool)
WASMTIME_CONFIG_PROP(void, wasm_relaxed_simd_deterministic, bool)
WASMTIME_CONFIG_PROP(void, wasm_bulk_memory, bool)
WASMTIME_CONFIG_PROP(void, wasm_multi_value, bool)
WASMTIME_CONFIG_PROP(void, wasm_multi_memory, bool)
WASMTIME_CONFIG_PROP(void, wasm_memory64, bool)
WASMTIME_CONFIG_PROP(void, wasm_wide_arithmetic, bool)
WASMTIME_CONFIG_PROP(void, wasm_branch_hinting, bool)
WASMTIME_CONFIG_PROP(void, wasm_exceptions, bool)
WASMTIME_CONFIG_PROP(void, wasm_custom_page_sizes, bool)
WASMTIME_CONFIG_PROP(void, wasm_compact_imports, bool)
WASMTIME_CONFIG_PROP(void, wasm_stack_switching, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_map, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_implements, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_canonical_names, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_accessors, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_async, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_more_async_builtins, bool)
WASMTIME_CONFIG_PROP(void, wasm_component_model_async_stackful, bool)

/** Fails unless the target, a triple, begins with the name of this machine's processor. */
WASMTIME_CONFIG_PROP(wasmtime_error_t*, target, const char*)

/* What follows means nothing to an interpreter, and changes nothing. */

typedef uint8_t wasmtime_strategy_t;
enum wasmtime_strategy_enum {
  WASMTIME_STRATEGY_AUTO,
  WASMTIME_STRATEGY_CRANELIFT,
  WASMTIME_STRATEGY_WINCH,
};

typedef uint8_t wasmtime_opt_level_t;
enum wasmtime_opt_level_enum {
  WASMTIME_OPT_LEVEL_NONE,
  WASMTIME_OPT_LEVEL_SPEED,
  WASMTIME_OPT_LEVEL_SPEED_AND_SIZE,
};

typedef uint8_t wasmtime_profiling_strategy_t;
enum wasmtime_profiling_strategy_enum {
  WASMTIME_PROFILING_STRATEGY_NONE,
  WASMTIME_PROFILING_STRATEGY_JITDUMP,
  WASMTIME_PROFILING_STRATEGY_VTUNE,
  WASMTIME_PROFILING_STRATEGY_PERFMAP,
};

typedef uint8_t wasmtime_regalloc_algorithm_t;
enum wasmtime_regalloc_algorithm_enum {
  WASMTIME_REGALLOC_BACKTRACKING,
  WASMTIME_REGALLOC_SINGLE_PASS,
};

WASMTIME_CONFIG_PROP(void, debug_info, bool)
WASMTIME_CONFIG_PROP(void, shared_memory, bool)
WASMTIME_CONFIG_PROP(void, gc_support, bool)
WASMTIME_CONFIG_PROP(void, strategy, wasmtime_strategy_t)
WASMTIME_CONFIG_PROP(void, parallel_compilation, bool)
WASMTIME_CONFIG_PROP(void, cranelift_debug_verifier, bool)
WASMTIME_CONFIG_PROP(void, cranelift_opt_level, wasmtime_opt_level_t)
WASMTIME_CONFIG_PROP(void, cranelift_regalloc_algorithm, wasmtime_regalloc_algorithm_t)
WASMTIME_CONFIG_PROP(void, profiler, wasmtime_profiling_strategy_t)
WASMTIME_CONFIG_PROP(void, memory_may_move, bool)
WASMTIME_CONFIG_PROP(void, memory_reservation, uint64_t)
WASMTIME_CONFIG_PROP(void, memory_guard_size, uint64_t)
WASMTIME_CONFIG_PROP(void, memory_reservation_for_growth, uint64_t)
WASMTIME_CONFIG_PROP(void, memory_init_cow, bool)
WASMTIME_CONFIG_PROP(void, native_unwind_info, bool)
WASMTIME_CONFIG_PROP(void, macos_use_mach_ports, bool)
WASMTIME_CONFIG_PROP(void, signals_based_traps, bool)
WASMTIME_CONFIG_PROP(void, concurrency_support, bool)

/** Fails if the path, which may be null, leads to no file that can be read. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_config_cache_config_load(
  wasm_config_t*, const char* path);

WASM_API_EXTERN void wasmtime_config_cranelift_flag_enable(wasm_config_t*, const char* flag);
WASM_API_EXTERN void wasmtime_config_cranelift_flag_set(
  wasm_config_t*, const char* key, const char* value);

#ifdef __cplusplus
}
#endif

#endif
