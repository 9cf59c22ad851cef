/** Stores and contexts. */

#ifndef WASMTIME_STORE_H
#define WASMTIME_STORE_H

#include <wasi.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A store. */
typedef struct wasmtime_store_t wasmtime_store_t;

/** What functions use a store through. It is valid as long as the store. */
typedef struct wasmtime_context_t wasmtime_context_t;

/** Creates a store with data of the caller's. The finalizer may be null. */
WASM_API_EXTERN wasmtime_store_t* wasmtime_store_new(
  wasm_engine_t* engine, void* data, void (*finalizer)(void*));

WASM_API_EXTERN wasmtime_context_t* wasmtime_store_context(wasmtime_store_t* store);

/**
 * Limits what guests may have: a memory's size in bytes, a table's elements, and the numbers of
 * instances, tables and memories. A negative number leaves the default, which is no limit for sizes
 * and 10,000 for numbers. Not allowed in callbacks (ends the process).
 */
WASM_API_EXTERN void wasmtime_store_limiter(
  wasmtime_store_t* store, int64_t memory_size, int64_t table_elements, int64_t instances,
  int64_t tables, int64_t memories);

/** Deletes a store and all that is in it. Not allowed in callbacks of the store (ends the process). */
WASM_API_EXTERN void wasmtime_store_delete(wasmtime_store_t* store);

WASM_API_EXTERN void* wasmtime_context_get_data(const wasmtime_context_t* context);

/** Replaces the data. The finalizer stays the same, and is called for the new data only. */
WASM_API_EXTERN void wasmtime_context_set_data(wasmtime_context_t* context, void* data);

/** Frees objects that nothing refers to. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_gc(wasmtime_context_t* context);

/** Sets the fuel. Fails if the engine's configuration has no fuel. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_set_fuel(
  wasmtime_context_t* context, uint64_t fuel);

/** Returns the fuel that is left. Fails if the engine's configuration has no fuel. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_get_fuel(
  const wasmtime_context_t* context, uint64_t* fuel);

#ifdef WASMTIME_FEATURE_WASI
/** Gives a store its WASI, and takes the configuration over. Without, a guest has no capabilities. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_set_wasi(
  wasmtime_context_t* context, wasi_config_t* wasi);
#endif

/** Sets the deadline, in ticks after the current epoch. */
WASM_API_EXTERN void wasmtime_context_set_epoch_deadline(
  wasmtime_context_t* context, uint64_t ticks_beyond_current);

typedef uint8_t wasmtime_update_deadline_kind_t;
#define WASMTIME_UPDATE_DEADLINE_CONTINUE 0
#define WASMTIME_UPDATE_DEADLINE_YIELD 1

/**
 * Calls a function when a guest reaches the deadline. The function returns an error that stops the
 * guest, or null and the number of ticks until the next deadline. Not allowed in callbacks.
 */
WASM_API_EXTERN void wasmtime_store_epoch_deadline_callback(
  wasmtime_store_t* store,
  wasmtime_error_t* (*func)(
    wasmtime_context_t* context, void* data, uint64_t* epoch_deadline_delta,
    wasmtime_update_deadline_kind_t* update_kind),
  void* data, void (*finalizer)(void*));

#ifdef __cplusplus
}
#endif

#endif
