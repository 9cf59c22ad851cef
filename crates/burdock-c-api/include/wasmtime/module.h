/** Modules. Any thread may use a module at any time. */

#ifndef WASMTIME_MODULE_H
#define WASMTIME_MODULE_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_module_t wasmtime_module_t;

/** Reads and validates a module. The bytes are copied. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_module_new(
  wasm_engine_t* engine, const uint8_t* wasm, size_t wasm_len, wasmtime_module_t** out);

WASM_API_EXTERN void wasmtime_module_delete(wasmtime_module_t* module);

/** Returns another owner of the same module. */
WASM_API_EXTERN wasmtime_module_t* wasmtime_module_clone(const wasmtime_module_t* module);

WASM_API_EXTERN void wasmtime_module_imports(
  const wasmtime_module_t* module, wasm_importtype_vec_t* out);
WASM_API_EXTERN void wasmtime_module_exports(
  const wasmtime_module_t* module, wasm_exporttype_vec_t* out);

WASM_API_EXTERN wasmtime_error_t* wasmtime_module_validate(
  wasm_engine_t* engine, const uint8_t* wasm, size_t wasm_len);

WASM_API_EXTERN wasmtime_error_t* wasmtime_module_serialize(
  const wasmtime_module_t* module, wasm_byte_vec_t* out);

/** Fails if the bytes are not what an engine of this version has made. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_module_deserialize(
  wasm_engine_t* engine, const uint8_t* bytes, size_t bytes_len, wasmtime_module_t** out);
WASM_API_EXTERN wasmtime_error_t* wasmtime_module_deserialize_file(
  wasm_engine_t* engine, const char* path, wasmtime_module_t** out);

/** Returns an empty range, from null to null: a module has no machine code of its own. */
WASM_API_EXTERN void wasmtime_module_image_range(
  const wasmtime_module_t* module, void** start, void** end);

#ifdef __cplusplus
}
#endif

#endif
