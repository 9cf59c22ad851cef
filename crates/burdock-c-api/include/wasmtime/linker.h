/** Linkers, which find imports by name. Names are UTF-8; others are errors. */

#ifndef WASMTIME_LINKER_H
#define WASMTIME_LINKER_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/func.h>
#include <wasmtime/instance.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A linker, which one thread at a time may change. */
typedef struct wasmtime_linker_t wasmtime_linker_t;

WASM_API_EXTERN wasmtime_linker_t* wasmtime_linker_new(wasm_engine_t* engine);

/** Returns a linker with the same definitions. */
WASM_API_EXTERN wasmtime_linker_t* wasmtime_linker_clone(const wasmtime_linker_t* linker);
WASM_API_EXTERN void wasmtime_linker_delete(wasmtime_linker_t* linker);

/** Allows that definitions replace others of the same name. */
WASM_API_EXTERN void wasmtime_linker_allow_shadowing(
  wasmtime_linker_t* linker, bool allow_shadowing);

/** Defines functions that trap for the functions that a module imports and the linker lacks. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_unknown_imports_as_traps(
  wasmtime_linker_t* linker, const wasmtime_module_t* module);

/** Defines zeros and nulls for what a module imports and the linker lacks. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_unknown_imports_as_default_values(
  wasmtime_linker_t* linker, wasmtime_context_t* store, const wasmtime_module_t* module);

/** Defines an item of a store. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define(
  wasmtime_linker_t* linker, wasmtime_context_t* store, const char* module, size_t module_len,
  const char* name, size_t name_len, const wasmtime_extern_t* item);

/** Defines a host function for all stores. The finalizer may be null. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_func(
  wasmtime_linker_t* linker, const char* module, size_t module_len, const char* name,
  size_t name_len, const wasm_functype_t* type, wasmtime_func_callback_t callback, void* data,
  void (*finalizer)(void*));

/** Defines a host function on values without kinds for all stores. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_func_unchecked(
  wasmtime_linker_t* linker, const char* module, size_t module_len, const char* name,
  size_t name_len, const wasm_functype_t* type, wasmtime_func_unchecked_callback_t callback,
  void* data, void (*finalizer)(void*));

#ifdef WASMTIME_FEATURE_WASI
/** Defines the functions of WASI preview 1. `wasmtime_context_set_wasi` says what they may do. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_wasi(wasmtime_linker_t* linker);
#endif

/** Defines the exports of an instance under the name of a module. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_define_instance(
  wasmtime_linker_t* linker, wasmtime_context_t* store, const char* name, size_t name_len,
  const wasmtime_instance_t* instance);

WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_instantiate(
  const wasmtime_linker_t* linker, wasmtime_context_t* store, const wasmtime_module_t* module,
  wasmtime_instance_t* instance, wasm_trap_t** trap);

/** Instantiates a module (for a command: at each call) and defines its exports. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_module(
  wasmtime_linker_t* linker, wasmtime_context_t* store, const char* name, size_t name_len,
  const wasmtime_module_t* module);

/** Returns the default export of a module: the function "" or "_start". */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_get_default(
  const wasmtime_linker_t* linker, wasmtime_context_t* store, const char* name, size_t name_len,
  wasmtime_func_t* func);

/** Returns true, and the item, if there is a definition of this name. */
WASM_API_EXTERN bool wasmtime_linker_get(
  const wasmtime_linker_t* linker, wasmtime_context_t* store, const char* module,
  size_t module_len, const char* name, size_t name_len, wasmtime_extern_t* out);

/** Finds the imports of a module, to be instantiated often. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_linker_instantiate_pre(
  const wasmtime_linker_t* linker, const wasmtime_module_t* module,
  wasmtime_instance_pre_t** out);

#ifdef __cplusplus
}
#endif

#endif
