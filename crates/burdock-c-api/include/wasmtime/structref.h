/** References to structures. */

#ifndef WASMTIME_STRUCTREF_H
#define WASMTIME_STRUCTREF_H

#include <wasmtime/reference.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A type of structures, prepared for a store. Not to be used after the store has ended. */
typedef struct wasmtime_struct_ref_pre wasmtime_struct_ref_pre_t;

WASM_API_EXTERN wasmtime_struct_ref_pre_t* wasmtime_struct_ref_pre_new(
  wasmtime_context_t* context, const wasmtime_struct_type_t* type);
WASM_API_EXTERN void wasmtime_struct_ref_pre_delete(wasmtime_struct_ref_pre_t* pre);

/** Makes a structure. The values are copied. `out` is null if that fails. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_structref_new(
  wasmtime_context_t* context, const wasmtime_struct_ref_pre_t* pre,
  const wasmtime_val_t* fields, size_t nfields, wasmtime_structref_t* out);

/* Accesses fail if the reference is null, or if there is no such field. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_structref_field(
  wasmtime_context_t* context, const wasmtime_structref_t* ref, size_t index,
  wasmtime_val_t* out);
WASM_API_EXTERN wasmtime_error_t* wasmtime_structref_set_field(
  wasmtime_context_t* context, const wasmtime_structref_t* ref, size_t index,
  const wasmtime_val_t* value);

/** Returns the type of the structure; null for null. */
WASM_API_EXTERN wasmtime_struct_type_t* wasmtime_structref_type(
  wasmtime_context_t* context, const wasmtime_structref_t* ref);

/** Make another reference to the same object, to be unrooted as well. */
WASM_API_EXTERN void wasmtime_structref_to_anyref(
  const wasmtime_structref_t* ref, wasmtime_anyref_t* out);
WASM_API_EXTERN void wasmtime_structref_to_eqref(
  const wasmtime_structref_t* ref, wasmtime_eqref_t* out);

#ifdef __cplusplus
}
#endif

#endif
