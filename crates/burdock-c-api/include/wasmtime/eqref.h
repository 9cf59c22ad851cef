/** References to values that can be compared: integers, structures and arrays. */

#ifndef WASMTIME_EQREF_H
#define WASMTIME_EQREF_H

#include <wasmtime/reference.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The counterparts of the functions for `wasmtime_anyref_t`. */
WASM_API_EXTERN void wasmtime_eqref_from_i31(
  wasmtime_context_t* context, uint32_t i31val, wasmtime_eqref_t* out);
WASM_API_EXTERN bool wasmtime_eqref_is_i31(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref);
WASM_API_EXTERN bool wasmtime_eqref_i31_get_u(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref, uint32_t* out);
WASM_API_EXTERN bool wasmtime_eqref_i31_get_s(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref, int32_t* out);
WASM_API_EXTERN bool wasmtime_eqref_is_struct(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref);
WASM_API_EXTERN bool wasmtime_eqref_as_struct(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref, wasmtime_structref_t* out);
WASM_API_EXTERN bool wasmtime_eqref_is_array(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref);
WASM_API_EXTERN bool wasmtime_eqref_as_array(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref, wasmtime_arrayref_t* out);
WASM_API_EXTERN bool wasmtime_eqref_type(
  wasmtime_context_t* context, const wasmtime_eqref_t* ref, wasmtime_heaptype_t* out);

/** Makes another reference to the same object, to be unrooted as well. */
WASM_API_EXTERN void wasmtime_eqref_to_anyref(
  const wasmtime_eqref_t* ref, wasmtime_anyref_t* out);

#ifdef __cplusplus
}
#endif

#endif
