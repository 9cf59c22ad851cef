/** Handles to what is in a store. Their fields are private. */

#ifndef WASMTIME_EXTERN_H
#define WASMTIME_EXTERN_H

#include <wasm.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A function. A `store_id` of 0 is null. */
typedef struct wasmtime_func {
  uint64_t store_id;
  void* __private;
} wasmtime_func_t;

typedef struct wasmtime_inner {
  uint64_t store_id;
  uint32_t __private1;
} wasmtime_inner_t;

typedef struct wasmtime_table {
  wasmtime_inner_t __private1;
  uint32_t __private2;
} wasmtime_table_t;

typedef struct wasmtime_memory {
  wasmtime_inner_t __private1;
  uint32_t __private2;
} wasmtime_memory_t;

typedef struct wasmtime_tag {
  wasmtime_inner_t __private1;
  uint32_t __private2;
} wasmtime_tag_t;

typedef struct wasmtime_global {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  uint32_t __private3;
} wasmtime_global_t;

typedef struct wasmtime_instance {
  uint64_t store_id;
  size_t __private;
} wasmtime_instance_t;

typedef uint8_t wasmtime_extern_kind_t;
#define WASMTIME_EXTERN_FUNC 0
#define WASMTIME_EXTERN_GLOBAL 1
#define WASMTIME_EXTERN_TABLE 2
#define WASMTIME_EXTERN_MEMORY 3
/** Burdock has no shared memories, so no item is of this kind. */
#define WASMTIME_EXTERN_SHAREDMEMORY 4
#define WASMTIME_EXTERN_TAG 5

typedef union wasmtime_extern_union {
  wasmtime_func_t func;
  wasmtime_global_t global;
  wasmtime_table_t table;
  wasmtime_memory_t memory;
  struct wasmtime_sharedmemory* sharedmemory;
  wasmtime_tag_t tag;
} wasmtime_extern_union_t;

/** Something that is imported or exported. */
typedef struct wasmtime_extern {
  wasmtime_extern_kind_t kind;
  wasmtime_extern_union_t of;
} wasmtime_extern_t;

/** Does nothing: these items own nothing. */
WASM_API_EXTERN void wasmtime_extern_delete(wasmtime_extern_t* item);

WASM_API_EXTERN wasm_externtype_t* wasmtime_extern_type(
  wasmtime_context_t* context, const wasmtime_extern_t* item);

#ifdef __cplusplus
}
#endif

#endif
