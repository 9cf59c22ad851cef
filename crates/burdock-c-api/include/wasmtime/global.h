/** Globals. */

#ifndef WASMTIME_GLOBAL_H
#define WASMTIME_GLOBAL_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Creates a global. Fails if the value is not of the type. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_global_new(
  wasmtime_context_t* store, const wasm_globaltype_t* type, const wasmtime_val_t* val,
  wasmtime_global_t* out);

WASM_API_EXTERN wasm_globaltype_t* wasmtime_global_type(
  const wasmtime_context_t* store, const wasmtime_global_t* global);

WASM_API_EXTERN void wasmtime_global_get(
  wasmtime_context_t* store, const wasmtime_global_t* global, wasmtime_val_t* out);

/** Fails if the global is immutable or the value is not of its type. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_global_set(
  wasmtime_context_t* store, const wasmtime_global_t* global, const wasmtime_val_t* val);

#ifdef __cplusplus
}
#endif

#endif
