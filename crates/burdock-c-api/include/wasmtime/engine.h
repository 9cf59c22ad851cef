/** Engines. Any thread may use an engine at any time. */

#ifndef WASMTIME_ENGINE_H
#define WASMTIME_ENGINE_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Returns another owner of the same engine, to be deleted with `wasm_engine_delete`. */
WASM_API_EXTERN wasm_engine_t* wasmtime_engine_clone(const wasm_engine_t* engine);

/** Increments the epoch. Allowed in signal handlers. */
WASM_API_EXTERN void wasmtime_engine_increment_epoch(const wasm_engine_t* engine);

/** Returns false: Burdock is no Pulley. */
WASM_API_EXTERN bool wasmtime_engine_is_pulley(const wasm_engine_t* engine);

#ifdef __cplusplus
}
#endif

#endif
