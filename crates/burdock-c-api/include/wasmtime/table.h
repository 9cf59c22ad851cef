/** Tables. */

#ifndef WASMTIME_TABLE_H
#define WASMTIME_TABLE_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A null reference of any kind is null of the table's type. */

WASM_API_EXTERN wasmtime_error_t* wasmtime_table_new(
  wasmtime_context_t* store, const wasm_tabletype_t* type, const wasmtime_val_t* init,
  wasmtime_table_t* out);

WASM_API_EXTERN wasm_tabletype_t* wasmtime_table_type(
  const wasmtime_context_t* store, const wasmtime_table_t* table);

/** Returns true, and the element, if the index is within bounds. */
WASM_API_EXTERN bool wasmtime_table_get(
  wasmtime_context_t* store, const wasmtime_table_t* table, uint64_t index, wasmtime_val_t* out);

WASM_API_EXTERN wasmtime_error_t* wasmtime_table_set(
  wasmtime_context_t* store, const wasmtime_table_t* table, uint64_t index,
  const wasmtime_val_t* value);

WASM_API_EXTERN uint64_t wasmtime_table_size(
  const wasmtime_context_t* store, const wasmtime_table_t* table);

/** Grows a table by `delta` elements, and returns the previous size. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_table_grow(
  wasmtime_context_t* store, const wasmtime_table_t* table, uint64_t delta,
  const wasmtime_val_t* init, uint64_t* prev_size);

#ifdef __cplusplus
}
#endif

#endif
