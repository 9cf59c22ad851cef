/** References to arrays. */

#ifndef WASMTIME_ARRAYREF_H
#define WASMTIME_ARRAYREF_H

#include <wasmtime/reference.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A type of arrays, prepared for a store. Not to be used after the store has ended. */
typedef struct wasmtime_array_ref_pre wasmtime_array_ref_pre_t;

WASM_API_EXTERN wasmtime_array_ref_pre_t* wasmtime_array_ref_pre_new(
  wasmtime_context_t* context, const wasmtime_array_type_t* type);
WASM_API_EXTERN void wasmtime_array_ref_pre_delete(wasmtime_array_ref_pre_t* pre);

/** Makes an array of `len` elements with the same value. `out` is null if that fails. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_arrayref_new(
  wasmtime_context_t* context, const wasmtime_array_ref_pre_t* pre, const wasmtime_val_t* elem,
  uint32_t len, wasmtime_arrayref_t* out);

/* Accesses fail if the reference is null, or if there is no such element. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_arrayref_len(
  wasmtime_context_t* context, const wasmtime_arrayref_t* ref, uint32_t* out);
WASM_API_EXTERN wasmtime_error_t* wasmtime_arrayref_get(
  wasmtime_context_t* context, const wasmtime_arrayref_t* ref, uint32_t index,
  wasmtime_val_t* out);
WASM_API_EXTERN wasmtime_error_t* wasmtime_arrayref_set(
  wasmtime_context_t* context, const wasmtime_arrayref_t* ref, uint32_t index,
  const wasmtime_val_t* value);

/** Returns the type of the array; null for null. */
WASM_API_EXTERN wasmtime_array_type_t* wasmtime_arrayref_type(
  wasmtime_context_t* context, const wasmtime_arrayref_t* ref);

/** Make another reference to the same object, to be unrooted as well. */
WASM_API_EXTERN void wasmtime_arrayref_to_anyref(
  const wasmtime_arrayref_t* ref, wasmtime_anyref_t* out);
WASM_API_EXTERN void wasmtime_arrayref_to_eqref(
  const wasmtime_arrayref_t* ref, wasmtime_eqref_t* out);

#ifdef __cplusplus
}
#endif

#endif
