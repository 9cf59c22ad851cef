/** Values. */

#ifndef WASMTIME_VAL_H
#define WASMTIME_VAL_H

#include <wasm.h>
#include <wasmtime/extern.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t wasmtime_valkind_t;
#define WASMTIME_I32 0
#define WASMTIME_I64 1
#define WASMTIME_F32 2
#define WASMTIME_F64 3
#define WASMTIME_V128 4
#define WASMTIME_FUNCREF 5
#define WASMTIME_EXTERNREF 6
#define WASMTIME_ANYREF 7
#define WASMTIME_EXNREF 8

typedef uint8_t wasmtime_v128[16];

/*
 * References to objects. A `store_id` of 0 is null. A reference holds its object until it is
 * unrooted, which leaves null, so that unrooting it again does nothing. References that were copied
 * with `=` are the same reference: unroot one of them.
 */

typedef struct wasmtime_anyref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_anyref_t;

typedef struct wasmtime_externref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_externref_t;

typedef struct wasmtime_exnref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_exnref_t;

typedef struct wasmtime_eqref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_eqref_t;

typedef struct wasmtime_structref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_structref_t;

typedef struct wasmtime_arrayref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void* __private3;
} wasmtime_arrayref_t;

typedef union wasmtime_valunion {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  wasmtime_anyref_t anyref;
  wasmtime_externref_t externref;
  wasmtime_exnref_t exnref;
  wasmtime_func_t funcref;
  wasmtime_v128 v128;
} wasmtime_valunion_t;

static inline void wasmtime_funcref_set_null(wasmtime_func_t* func) { func->store_id = 0; }
static inline bool wasmtime_funcref_is_null(const wasmtime_func_t* func) {
  return func->store_id == 0;
}

/** A value without its kind. Its references hold nothing. */
typedef union wasmtime_val_raw {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  wasmtime_v128 v128;
  uint32_t anyref;
  uint32_t externref;
  uint32_t exnref;
  void* funcref;
} wasmtime_val_raw_t;

/** A value. */
typedef struct wasmtime_val {
  wasmtime_valkind_t kind;
  wasmtime_valunion_t of;
} wasmtime_val_t;

/** Unroots the value's reference, if it is one. */
WASM_API_EXTERN void wasmtime_val_unroot(wasmtime_val_t* value);

/** Copies a value. The copy has to be unrooted, too. */
WASM_API_EXTERN void wasmtime_val_clone(const wasmtime_val_t* src, wasmtime_val_t* out);

#ifdef __cplusplus
}
#endif

#endif
