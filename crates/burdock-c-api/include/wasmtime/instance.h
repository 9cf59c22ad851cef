/** Instances. */

#ifndef WASMTIME_INSTANCE_H
#define WASMTIME_INSTANCE_H

#include <wasm.h>
#include <wasmtime/extern.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Instantiates a module with imports in the order of the module, and runs its start function. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_instance_new(
  wasmtime_context_t* store, const wasmtime_module_t* module, const wasmtime_extern_t* imports,
  size_t nimports, wasmtime_instance_t* instance, wasm_trap_t** trap);

/** Returns true, and the export, if there is one of this name. */
WASM_API_EXTERN bool wasmtime_instance_export_get(
  wasmtime_context_t* store, const wasmtime_instance_t* instance, const char* name,
  size_t name_len, wasmtime_extern_t* out);

/**
 * Returns true, and the export with its name, if there are more than `index`. The name has no zero
 * byte at its end, and is valid as long as the store.
 */
WASM_API_EXTERN bool wasmtime_instance_export_nth(
  wasmtime_context_t* store, const wasmtime_instance_t* instance, size_t index, char** name,
  size_t* name_len, wasmtime_extern_t* out);

/** A module whose imports are found. Any thread may use it. */
typedef struct wasmtime_instance_pre_t wasmtime_instance_pre_t;

WASM_API_EXTERN void wasmtime_instance_pre_delete(wasmtime_instance_pre_t* pre);

WASM_API_EXTERN wasmtime_error_t* wasmtime_instance_pre_instantiate(
  const wasmtime_instance_pre_t* pre, wasmtime_context_t* store, wasmtime_instance_t* instance,
  wasm_trap_t** trap);

/** Returns another owner of the module. */
WASM_API_EXTERN wasmtime_module_t* wasmtime_instance_pre_module(
  const wasmtime_instance_pre_t* pre);

#ifdef __cplusplus
}
#endif

#endif
