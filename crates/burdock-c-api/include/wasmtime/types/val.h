/** Types of values, with all that Wasm distinguishes. */

#ifndef WASMTIME_TYPES_VAL_H
#define WASMTIME_TYPES_VAL_H

#include <wasm.h>
#include <wasmtime/types/arrayref.h>
#include <wasmtime/types/exnref.h>
#include <wasmtime/types/structref.h>

#ifdef __cplusplus
extern "C" {
#endif

WASM_API_EXTERN wasm_valtype_t* wasmtime_wasm_valtype_v128(void);
WASM_API_EXTERN bool wasmtime_wasm_valtype_equal(
  const wasm_valtype_t* a, const wasm_valtype_t* b);

typedef uint8_t wasmtime_heaptype_kind_t;
#define WASMTIME_HEAPTYPE_KIND_EXTERN 0
#define WASMTIME_HEAPTYPE_KIND_NOEXTERN 1
#define WASMTIME_HEAPTYPE_KIND_FUNC 2
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC 3
#define WASMTIME_HEAPTYPE_KIND_NOFUNC 4
#define WASMTIME_HEAPTYPE_KIND_ANY 5
#define WASMTIME_HEAPTYPE_KIND_NONE 6
#define WASMTIME_HEAPTYPE_KIND_EQ 7
#define WASMTIME_HEAPTYPE_KIND_I31 8
#define WASMTIME_HEAPTYPE_KIND_ARRAY 9
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY 10
#define WASMTIME_HEAPTYPE_KIND_STRUCT 11
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT 12
#define WASMTIME_HEAPTYPE_KIND_EXN 13
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN 14
#define WASMTIME_HEAPTYPE_KIND_NOEXN 15

/** The concrete type of a heap type whose kind has one. */
typedef union wasmtime_heaptype_union {
  wasm_functype_t* concrete_func;
  wasmtime_array_type_t* concrete_array;
  wasmtime_struct_type_t* concrete_struct;
  wasmtime_exn_type_t* concrete_exn;
} wasmtime_heaptype_union_t;

/** The type of what a reference refers to. The concrete type is owned. */
typedef struct wasmtime_heaptype {
  wasmtime_heaptype_kind_t kind;
  wasmtime_heaptype_union_t of;
} wasmtime_heaptype_t;

WASM_API_EXTERN void wasmtime_heaptype_clone(
  const wasmtime_heaptype_t* type, wasmtime_heaptype_t* out);

/** Deletes the concrete type, and leaves a type without one. */
WASM_API_EXTERN void wasmtime_heaptype_delete(wasmtime_heaptype_t* type);

/** The type of a reference. */
typedef struct wasmtime_reftype {
  bool nullable;
  wasmtime_heaptype_t heaptype;
} wasmtime_reftype_t;

WASM_API_EXTERN void wasmtime_reftype_clone(
  const wasmtime_reftype_t* type, wasmtime_reftype_t* out);
WASM_API_EXTERN void wasmtime_reftype_delete(wasmtime_reftype_t* type);

typedef uint8_t wasmtime_valtype_kind_t;
#define WASMTIME_VALTYPE_KIND_I32 0
#define WASMTIME_VALTYPE_KIND_I64 1
#define WASMTIME_VALTYPE_KIND_F32 2
#define WASMTIME_VALTYPE_KIND_F64 3
#define WASMTIME_VALTYPE_KIND_V128 4
#define WASMTIME_VALTYPE_KIND_REF 5

/** The type of a value. `reftype` has a meaning only for references. */
typedef struct wasmtime_valtype {
  wasmtime_valtype_kind_t kind;
  wasmtime_reftype_t reftype;
} wasmtime_valtype_t;

/** Describes a type. */
WASM_API_EXTERN void wasmtime_valtype_new(const wasm_valtype_t* type, wasmtime_valtype_t* out);

WASM_API_EXTERN void wasmtime_valtype_clone(
  const wasmtime_valtype_t* type, wasmtime_valtype_t* out);
WASM_API_EXTERN void wasmtime_valtype_delete(wasmtime_valtype_t* type);

/**
 * Returns the type that a description stands for. Concrete function types belong to the engine,
 * which may be null for all other types. A description with a type of exceptions ends the process:
 * no type of values is that narrow.
 */
WASM_API_EXTERN wasm_valtype_t* wasmtime_valtype_to_wasm(
  const wasm_engine_t* engine, const wasmtime_valtype_t* type);

#ifdef __cplusplus
}
#endif

#endif
