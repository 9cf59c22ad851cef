/** References to exceptions, and the exception that a store is throwing. */

#ifndef WASMTIME_EXNREF_H
#define WASMTIME_EXNREF_H

#include <wasm.h>
#include <wasmtime/reference.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Makes an exception. The values are copied. `out` is null if that fails. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_exnref_new(
  wasmtime_context_t* store, const wasmtime_tag_t* tag, const wasmtime_val_t* fields,
  size_t nfields, wasmtime_exnref_t* out);

WASM_API_EXTERN wasmtime_error_t* wasmtime_exnref_tag(
  wasmtime_context_t* store, const wasmtime_exnref_t* exn, wasmtime_tag_t* out);

/** Returns the number of values; 0 for null. */
WASM_API_EXTERN size_t wasmtime_exnref_field_count(
  wasmtime_context_t* store, const wasmtime_exnref_t* exn);

WASM_API_EXTERN wasmtime_error_t* wasmtime_exnref_field(
  wasmtime_context_t* store, const wasmtime_exnref_t* exn, size_t index, wasmtime_val_t* out);

/** Returns the type of the exception; null for null. */
WASM_API_EXTERN wasmtime_exn_type_t* wasmtime_exnref_type(
  wasmtime_context_t* store, const wasmtime_exnref_t* exn);

/**
 * Makes an exception the one that the store is throwing. A host function throws it by returning the
 * trap that is returned here. A null reference makes a trap that throws nothing new.
 */
WASM_API_EXTERN wasm_trap_t* wasmtime_context_set_exception(
  wasmtime_context_t* store, const wasmtime_exnref_t* exn);

/** Takes the exception that a call has left uncaught. Returns false if there is none. */
WASM_API_EXTERN bool wasmtime_context_take_exception(
  wasmtime_context_t* store, wasmtime_exnref_t* out);

WASM_API_EXTERN bool wasmtime_context_has_exception(wasmtime_context_t* store);

#ifdef __cplusplus
}
#endif

#endif
