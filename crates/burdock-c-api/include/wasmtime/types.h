/** Types that `wasm.h` cannot express. */

#ifndef WASMTIME_TYPES_H
#define WASMTIME_TYPES_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

WASM_API_EXTERN wasm_valtype_t* wasmtime_wasm_valtype_v128(void);
WASM_API_EXTERN bool wasmtime_wasm_valtype_equal(
  const wasm_valtype_t* a, const wasm_valtype_t* b);

#ifdef __cplusplus
}
#endif

#endif
