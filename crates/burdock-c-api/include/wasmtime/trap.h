/** Traps, and names of frames. */

#ifndef WASMTIME_TRAP_H
#define WASMTIME_TRAP_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t wasmtime_trap_code_t;

/** Reasons for traps. Those of Wasmtime that are missing here cannot happen. */
enum wasmtime_trap_code_enum {
  WASMTIME_TRAP_CODE_STACK_OVERFLOW = 0,
  WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS = 1,
  WASMTIME_TRAP_CODE_HEAP_MISALIGNED = 2,
  WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS = 3,
  WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL = 4,
  WASMTIME_TRAP_CODE_BAD_SIGNATURE = 5,
  WASMTIME_TRAP_CODE_INTEGER_OVERFLOW = 6,
  WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO = 7,
  WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER = 8,
  WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED = 9,
  WASMTIME_TRAP_CODE_INTERRUPT = 10,
  WASMTIME_TRAP_CODE_OUT_OF_FUEL = 11,
  WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY = 12,
  WASMTIME_TRAP_CODE_NULL_REFERENCE = 13,
  WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS = 14,
  WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE = 15,
  WASMTIME_TRAP_CODE_CAST_FAILURE = 16,
  WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION = 49,
};

/** Creates a trap that a host function can return. The message needs no zero byte at its end. */
WASM_API_EXTERN wasm_trap_t* wasmtime_trap_new(const char* message, size_t message_len);

/** Creates the trap of a code. */
WASM_API_EXTERN wasm_trap_t* wasmtime_trap_new_code(wasmtime_trap_code_t code);

/** Returns true, and the code, if the trap has one: the trap of a guest, and no host's error. */
WASM_API_EXTERN bool wasmtime_trap_code(const wasm_trap_t* trap, wasmtime_trap_code_t* code);

/** Returns the name from the module's name section, or null. */
WASM_API_EXTERN const wasm_name_t* wasmtime_frame_func_name(const wasm_frame_t* frame);
WASM_API_EXTERN const wasm_name_t* wasmtime_frame_module_name(const wasm_frame_t* frame);

#ifdef __cplusplus
}
#endif

#endif
