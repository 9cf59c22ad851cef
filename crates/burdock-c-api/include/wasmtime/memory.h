/** Memories, and their types. */

#ifndef WASMTIME_MEMORY_H
#define WASMTIME_MEMORY_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Creates a memory type. Fails if there can be no such memory. Sizes are in pages. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_memorytype_new(
  uint64_t min, bool max_present, uint64_t max, bool is_64, bool shared, uint8_t page_size_log2,
  wasm_memorytype_t** out);

WASM_API_EXTERN uint64_t wasmtime_memorytype_minimum(const wasm_memorytype_t* type);
/** Returns true, and the maximum, if there is one. */
WASM_API_EXTERN bool wasmtime_memorytype_maximum(const wasm_memorytype_t* type, uint64_t* max);
WASM_API_EXTERN bool wasmtime_memorytype_is64(const wasm_memorytype_t* type);
WASM_API_EXTERN bool wasmtime_memorytype_isshared(const wasm_memorytype_t* type);
WASM_API_EXTERN uint64_t wasmtime_memorytype_page_size(const wasm_memorytype_t* type);
WASM_API_EXTERN uint8_t wasmtime_memorytype_page_size_log2(const wasm_memorytype_t* type);

WASM_API_EXTERN wasmtime_error_t* wasmtime_memory_new(
  wasmtime_context_t* store, const wasm_memorytype_t* type, wasmtime_memory_t* out);

WASM_API_EXTERN wasm_memorytype_t* wasmtime_memory_type(
  const wasmtime_context_t* store, const wasmtime_memory_t* memory);

/** Returns the bytes. The pointer is valid until the memory grows or the store is gone. */
WASM_API_EXTERN uint8_t* wasmtime_memory_data(
  wasmtime_context_t* store, const wasmtime_memory_t* memory);
WASM_API_EXTERN size_t wasmtime_memory_data_size(
  const wasmtime_context_t* store, const wasmtime_memory_t* memory);

/** Returns the size in pages. */
WASM_API_EXTERN uint64_t wasmtime_memory_size(
  const wasmtime_context_t* store, const wasmtime_memory_t* memory);

/** Grows a memory by `delta` pages, and returns the previous size. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_memory_grow(
  wasmtime_context_t* store, const wasmtime_memory_t* memory, uint64_t delta, uint64_t* prev_size);

WASM_API_EXTERN uint64_t wasmtime_memory_page_size(
  wasmtime_context_t* store, const wasmtime_memory_t* memory);
WASM_API_EXTERN uint8_t wasmtime_memory_page_size_log2(
  wasmtime_context_t* store, const wasmtime_memory_t* memory);

#ifdef __cplusplus
}
#endif

#endif
