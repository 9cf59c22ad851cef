/* Runs a WASI program with arguments, and takes its output and its exit status. */

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (import \"wasi_snapshot_preview1\" \"fd_write\""
  "    (func $write (param i32 i32 i32 i32) (result i32)))"
  "  (import \"wasi_snapshot_preview1\" \"args_sizes_get\""
  "    (func $sizes (param i32 i32) (result i32)))"
  "  (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
  "  (memory (export \"memory\") 1)"
  "  (data (i32.const 0) \"\\10\\00\\00\\00\\0b\\00\\00\\00\")"
  "  (data (i32.const 16) \"hello wasi\\n\")"
  "  (func (export \"_start\")"
  "    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"
  "    (drop (call $sizes (i32.const 32) (i32.const 36)))"
  "    (call $exit (i32.load (i32.const 32)))))";

/* Takes output of the guest. */
static ptrdiff_t print(void* env, const unsigned char* bytes, size_t len) {
  (void)env;
  printf("guest: %.*s", (int)len, (const char*)bytes);
  return (ptrdiff_t)len;
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_linker_t* linker = wasmtime_linker_new(engine);
  check("wasi", wasmtime_linker_define_wasi(linker), NULL);

  const char* args[] = {"program", "one", "two"};
  wasi_config_t* wasi = wasi_config_new();
  wasi_config_set_argv(wasi, 3, args);
  wasi_config_set_stdout_custom(wasi, print, NULL, NULL);

  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  check("wasi", wasmtime_context_set_wasi(context, wasi), NULL);
  check("module", wasmtime_linker_module(linker, context, "", 0, module), NULL);
  wasmtime_func_t start;
  check("start", wasmtime_linker_get_default(linker, context, "", 0, &start), NULL);
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error = wasmtime_func_call(context, &start, NULL, 0, NULL, 0, &trap);
  int status = 0;
  if (error == NULL || !wasmtime_error_exit_status(error, &status)) check("call", error, trap);
  printf("exit status %d\n", status);

  if (error != NULL) wasmtime_error_delete(error);
  wasmtime_store_delete(store);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
