/** Errors. */

#ifndef WASMTIME_ERROR_H
#define WASMTIME_ERROR_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_error_t wasmtime_error_t;

/** Creates an error that a callback can return. The message ends with a zero byte. */
WASM_API_EXTERN wasmtime_error_t* wasmtime_error_new(const char* message);

WASM_API_EXTERN void wasmtime_error_delete(wasmtime_error_t* error);

/** Returns the message with its causes and the backtrace, without a zero byte at the end. */
WASM_API_EXTERN void wasmtime_error_message(const wasmtime_error_t* error, wasm_name_t* message);

/** Returns true, and the status, if the error is the end of a WASI program. */
WASM_API_EXTERN bool wasmtime_error_exit_status(const wasmtime_error_t* error, int* status);

/** Returns the frames of the guest in which the error happened, the innermost first. */
WASM_API_EXTERN void wasmtime_error_wasm_trace(
  const wasmtime_error_t* error, wasm_frame_vec_t* out);

#ifdef __cplusplus
}
#endif

#endif
