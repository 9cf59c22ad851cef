/** Functions. */

#ifndef WASMTIME_FUNC_H
#define WASMTIME_FUNC_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The caller of a host function. It is valid during the call. */
typedef struct wasmtime_caller_t wasmtime_caller_t;

/**
 * A host function. The arguments belong to the caller. The results, which the function writes, go to
 * the caller. Returns null, or a trap that is raised in the guest.
 */
typedef wasm_trap_t* (*wasmtime_func_callback_t)(
  void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
  wasmtime_val_t* results, size_t nresults);

/** Creates a host function. The finalizer may be null; it runs when the store is gone. */
WASM_API_EXTERN void wasmtime_func_new(
  wasmtime_context_t* store, const wasm_functype_t* type, wasmtime_func_callback_t callback,
  void* env, void (*finalizer)(void*), wasmtime_func_t* out);

/**
 * A host function on values without kinds: the array holds the arguments, and takes the results. It
 * has room for whichever are more.
 */
typedef wasm_trap_t* (*wasmtime_func_unchecked_callback_t)(
  void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* args_and_results,
  size_t num_args_and_results);

/**
 * Creates a host function on values without kinds. Numbers of any type are bits, and references are
 * looked up, so values of another type than the function's are wrong results or errors at most.
 */
WASM_API_EXTERN void wasmtime_func_new_unchecked(
  wasmtime_context_t* store, const wasm_functype_t* type,
  wasmtime_func_unchecked_callback_t callback, void* env, void (*finalizer)(void*),
  wasmtime_func_t* out);

WASM_API_EXTERN wasm_functype_t* wasmtime_func_type(
  const wasmtime_context_t* store, const wasmtime_func_t* func);

/** Calls a function. Fails if numbers or types of arguments or results are not the function's. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_func_call(
  wasmtime_context_t* store, const wasmtime_func_t* func, const wasmtime_val_t* args, size_t nargs,
  wasmtime_val_t* results, size_t nresults, wasm_trap_t** trap);

/** Calls a function with values without kinds, in an array as for callbacks of this sort. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_func_call_unchecked(
  wasmtime_context_t* store, const wasmtime_func_t* func, wasmtime_val_raw_t* args_and_results,
  size_t args_and_results_len, wasm_trap_t** trap);

/** Returns true, and the export, if the calling instance has one of this name. */
WASM_API_EXTERN bool wasmtime_caller_export_get(
  wasmtime_caller_t* caller, const char* name, size_t name_len, wasmtime_extern_t* out);

/** Returns the context of the caller's store, which is valid as long as the store. */
WASM_API_EXTERN wasmtime_context_t* wasmtime_caller_context(wasmtime_caller_t* caller);

/** Returns the function that a number of `wasmtime_val_raw_t` stands for, or null. */
WASM_API_EXTERN void wasmtime_func_from_raw(
  wasmtime_context_t* context, void* raw, wasmtime_func_t* out);

/** Returns the number of a function for `wasmtime_val_raw_t`. */
WASM_API_EXTERN void* wasmtime_func_to_raw(
  wasmtime_context_t* context, const wasmtime_func_t* func);

#ifdef __cplusplus
}
#endif

#endif
