/**
 * Calls that can wait: of host functions that are not done at once, of guests that yield when fuel
 * or epochs say so. A call is a future, which is polled until it is done.
 *
 * A future has the store: until it is done or deleted, only callbacks of this call may use the
 * store. Arguments are copied; places for results, traps and errors must exist until then.
 */

#ifndef WASMTIME_ASYNC_H
#define WASMTIME_ASYNC_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/config.h>
#include <wasmtime/error.h>
#include <wasmtime/func.h>
#include <wasmtime/instance.h>
#include <wasmtime/linker.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Means nothing to an interpreter, and changes nothing. */
WASMTIME_CONFIG_PROP(void, async_stack_size, size_t)

/** Lets guests yield after this much fuel; 0 for never. Fails without fuel in the configuration. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_fuel_async_yield_interval(
  wasmtime_context_t* context, uint64_t interval);

/** Lets guests yield at the deadline, and go on for `delta` ticks. Not allowed in callbacks. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_context_epoch_deadline_async_yield_and_update(
  wasmtime_context_t* context, uint64_t delta);

/** Returns true if the host function is done. Must not use the store. */
typedef bool (*wasmtime_func_async_continuation_callback_t)(void* env);

/** What a host function waits for. A null callback is done at once; the finalizer may be null. */
typedef struct wasmtime_async_continuation_t {
  wasmtime_func_async_continuation_callback_t callback;
  void* env;
  void (*finalizer)(void*);
} wasmtime_async_continuation_t;

/**
 * A host function that can wait. Caller, arguments and the place for the continuation are valid
 * during the call, the places for results and trap until the continuation is done.
 */
typedef void (*wasmtime_func_async_callback_t)(
  void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
  wasmtime_val_t* results, size_t nresults, wasm_trap_t** trap_ret,
  wasmtime_async_continuation_t* continuation_ret);

/** A call in progress. Deleting it ends the call. */
typedef struct wasmtime_call_future_t wasmtime_call_future_t;
WASM_API_EXTERN void wasmtime_call_future_delete(wasmtime_call_future_t* future);

/** Continues the call until it is done (true), waits or yields (false). */
WASM_API_EXTERN bool wasmtime_call_future_poll(wasmtime_call_future_t* future);

/** Begins a call. When it is done, either results, trap or error are written. */
WASM_API_EXTERN wasmtime_call_future_t* wasmtime_func_call_async(
  wasmtime_context_t* context, const wasmtime_func_t* func, const wasmtime_val_t* args,
  size_t nargs, wasmtime_val_t* results, size_t nresults, wasm_trap_t** trap_ret,
  wasmtime_error_t** error_ret);

/** Defines a host function that can wait. Calls of it that are no futures fail. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_async_func(
  wasmtime_linker_t* linker, const char* module, size_t module_len, const char* name,
  size_t name_len, const wasm_functype_t* type, wasmtime_func_async_callback_t callback,
  void* data, void (*finalizer)(void*));

WASM_API_EXTERN wasmtime_call_future_t* wasmtime_linker_instantiate_async(
  const wasmtime_linker_t* linker, wasmtime_context_t* store, const wasmtime_module_t* module,
  wasmtime_instance_t* instance, wasm_trap_t** trap_ret, wasmtime_error_t** error_ret);

WASM_API_EXTERN wasmtime_call_future_t* wasmtime_instance_pre_instantiate_async(
  const wasmtime_instance_pre_t* instance_pre, wasmtime_context_t* store,
  wasmtime_instance_t* instance, wasm_trap_t** trap_ret, wasmtime_error_t** error_ret);

#ifdef __cplusplus
}
#endif

#endif
