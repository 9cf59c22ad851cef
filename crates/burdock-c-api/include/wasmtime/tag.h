/** Tags of exceptions. */

#ifndef WASMTIME_TAG_H
#define WASMTIME_TAG_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

WASM_API_EXTERN wasmtime_error_t* wasmtime_tag_new(
  wasmtime_context_t* store, const wasm_tagtype_t* type, wasmtime_tag_t* out);
WASM_API_EXTERN wasm_tagtype_t* wasmtime_tag_type(
  const wasmtime_context_t* store, const wasmtime_tag_t* tag);
WASM_API_EXTERN bool wasmtime_tag_eq(
  const wasmtime_context_t* store, const wasmtime_tag_t* a, const wasmtime_tag_t* b);

#ifdef __cplusplus
}
#endif

#endif
