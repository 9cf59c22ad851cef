/**
 * The configuration of WASI preview 1, which `wasmtime_context_set_wasi` takes over. A guest has
 * nothing that the configuration does not give. Paths and texts end with a zero byte and are UTF-8.
 */

#ifndef WASI_H
#define WASI_H

#include <wasm.h>
#include <wasmtime/conf.h>

#ifdef WASMTIME_FEATURE_WASI

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasi_config_t wasi_config_t;

WASM_API_EXTERN wasi_config_t* wasi_config_new(void);
WASM_API_EXTERN void wasi_config_delete(wasi_config_t* config);

/** Adds arguments, the first of which is the program's name. Returns false if one is no UTF-8. */
WASM_API_EXTERN bool wasi_config_set_argv(wasi_config_t* config, size_t argc, const char* argv[]);
WASM_API_EXTERN void wasi_config_inherit_argv(wasi_config_t* config);

/** Adds variables of the environment. Returns false if a text is no UTF-8. */
WASM_API_EXTERN bool wasi_config_set_env(
  wasi_config_t* config, size_t envc, const char* names[], const char* values[]);
WASM_API_EXTERN void wasi_config_inherit_env(wasi_config_t* config);

/** Reads standard input from a file. Returns false if the file cannot be opened. */
WASM_API_EXTERN bool wasi_config_set_stdin_file(wasi_config_t* config, const char* path);

/** Reads standard input from bytes, which are taken over. */
WASM_API_EXTERN void wasi_config_set_stdin_bytes(wasi_config_t* config, wasm_byte_vec_t* binary);
WASM_API_EXTERN void wasi_config_inherit_stdin(wasi_config_t* config);

/** Writes standard output to a file. Returns false if the file cannot be made. */
WASM_API_EXTERN bool wasi_config_set_stdout_file(wasi_config_t* config, const char* path);
WASM_API_EXTERN void wasi_config_inherit_stdout(wasi_config_t* config);

/**
 * Passes standard output to a function, which returns the number of bytes that it has taken, or an
 * error of the system, negated. The finalizer may be null. The function must not use the store.
 */
WASM_API_EXTERN void wasi_config_set_stdout_custom(
  wasi_config_t* config, ptrdiff_t (*callback)(void*, const unsigned char*, size_t), void* data,
  void (*finalizer)(void*));

WASM_API_EXTERN bool wasi_config_set_stderr_file(wasi_config_t* config, const char* path);
WASM_API_EXTERN void wasi_config_inherit_stderr(wasi_config_t* config);
WASM_API_EXTERN void wasi_config_set_stderr_custom(
  wasi_config_t* config, ptrdiff_t (*callback)(void*, const unsigned char*, size_t), void* data,
  void (*finalizer)(void*));

/**
 * Opens a directory for the guest, with all that is in it; `mutable_` allows changes. Returns false
 * if the directory cannot be opened.
 */
WASM_API_EXTERN bool wasi_config_preopen_dir(
  wasi_config_t* config, const char* host_path, const char* guest_path, bool mutable_);

/* Allow nothing new: preview 1 cannot open connections or look up names. */
WASM_API_EXTERN void wasi_config_inherit_network(wasi_config_t* config);
WASM_API_EXTERN void wasi_config_allow_ip_name_lookup(wasi_config_t* config, bool enable);

#ifdef __cplusplus
}
#endif

#endif

#endif
