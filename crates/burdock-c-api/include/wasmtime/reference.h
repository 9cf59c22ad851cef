/** What references of all kinds have in common, and references to host values and of type any. */

#ifndef WASMTIME_REFERENCE_H
#define WASMTIME_REFERENCE_H

#include <wasmtime/store.h>
#include <wasmtime/types/val.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `clone` makes another reference to the same object, to be unrooted as well. */
#define WASMTIME_DECLARE_REFERENCE(name) \
  static inline void wasmtime_##name##_set_null(wasmtime_##name##_t* ref) { ref->store_id = 0; } \
  static inline bool wasmtime_##name##_is_null(const wasmtime_##name##_t* ref) { \
    return ref->store_id == 0; \
  } \
  WASM_API_EXTERN void wasmtime_##name##_clone( \
    const wasmtime_##name##_t* ref, wasmtime_##name##_t* out); \
  WASM_API_EXTERN void wasmtime_##name##_unroot(wasmtime_##name##_t* ref);

WASMTIME_DECLARE_REFERENCE(externref)
WASMTIME_DECLARE_REFERENCE(anyref)
WASMTIME_DECLARE_REFERENCE(eqref)
WASMTIME_DECLARE_REFERENCE(structref)
WASMTIME_DECLARE_REFERENCE(arrayref)
WASMTIME_DECLARE_REFERENCE(exnref)

/*
 * `to_raw` returns the number for `wasmtime_val_raw_t`, and `from_raw` the reference that a number
 * stands for, or null if the store has no such object.
 */
#define WASMTIME_DECLARE_RAW_REFERENCE(name) \
  WASM_API_EXTERN void wasmtime_##name##_from_raw( \
    wasmtime_context_t* context, uint32_t raw, wasmtime_##name##_t* out); \
  WASM_API_EXTERN uint32_t wasmtime_##name##_to_raw( \
    wasmtime_context_t* context, const wasmtime_##name##_t* ref);

WASMTIME_DECLARE_RAW_REFERENCE(externref)
WASMTIME_DECLARE_RAW_REFERENCE(anyref)
WASMTIME_DECLARE_RAW_REFERENCE(exnref)

/**
 * Makes a reference to a host value. The finalizer, which may be null, runs after nothing refers to
 * the value any more. Returns false if the store's limits leave no room.
 */
WASM_API_EXTERN bool wasmtime_externref_new(
  wasmtime_context_t* context, void* data, void (*finalizer)(void*), wasmtime_externref_t* out);

/** Returns the data; null for null and for values that `wasmtime_externref_new` has not made. */
WASM_API_EXTERN void* wasmtime_externref_data(
  wasmtime_context_t* context, const wasmtime_externref_t* ref);

/** Makes a reference to an integer of 31 bits; the upper bits are cut off. */
WASM_API_EXTERN void wasmtime_anyref_from_i31(
  wasmtime_context_t* context, uint32_t i31val, wasmtime_anyref_t* out);

WASM_API_EXTERN bool wasmtime_anyref_is_i31(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref);

/** Returns true, and the integer, if the reference is to one. */
WASM_API_EXTERN bool wasmtime_anyref_i31_get_u(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, uint32_t* out);
WASM_API_EXTERN bool wasmtime_anyref_i31_get_s(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, int32_t* out);

/*
 * `is` reports whether the referent is of a more special kind, and `as` returns it as a reference of
 * that kind, to be unrooted as well; null if it is of another kind.
 */
WASM_API_EXTERN bool wasmtime_anyref_is_eqref(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref);
WASM_API_EXTERN bool wasmtime_anyref_as_eqref(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, wasmtime_eqref_t* out);
WASM_API_EXTERN bool wasmtime_anyref_is_struct(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref);
WASM_API_EXTERN bool wasmtime_anyref_as_struct(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, wasmtime_structref_t* out);
WASM_API_EXTERN bool wasmtime_anyref_is_array(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref);
WASM_API_EXTERN bool wasmtime_anyref_as_array(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, wasmtime_arrayref_t* out);

/** Returns true, and the narrowest type of the referent, unless the reference is null. */
WASM_API_EXTERN bool wasmtime_anyref_type(
  wasmtime_context_t* context, const wasmtime_anyref_t* ref, wasmtime_heaptype_t* out);

#ifdef __cplusplus
}
#endif

#endif
