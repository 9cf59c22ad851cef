/** Types of arrays. */

#ifndef WASMTIME_TYPES_ARRAYREF_H
#define WASMTIME_TYPES_ARRAYREF_H

#include <wasm.h>
#include <wasmtime/types/structref.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A type of arrays, which belongs to an engine. */
typedef struct wasmtime_array_type wasmtime_array_type_t;

/** Makes a type. The description of the elements is copied. */
WASM_API_EXTERN wasmtime_array_type_t* wasmtime_array_type_new(
  const wasm_engine_t* engine, const wasmtime_field_type_t* field);

WASM_API_EXTERN wasmtime_array_type_t* wasmtime_array_type_copy(
  const wasmtime_array_type_t* type);
WASM_API_EXTERN void wasmtime_array_type_delete(wasmtime_array_type_t* type);
WASM_API_EXTERN void wasmtime_array_type_element(
  const wasmtime_array_type_t* type, wasmtime_field_type_t* out);

#ifdef __cplusplus
}
#endif

#endif
