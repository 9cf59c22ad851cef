/* Traces what a guest does, and profiles it. */

#include <burdock.h>

#include "common.h"

static const char TEXT[] =
  "(module $m"
  "  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))"
  "  (func (export \"run\") (param i32) (result i32)"
  "    (i32.add (call $square (local.get 0)) (call $square (i32.const 3)))))";

/* Takes the text of the trace. */
static bool print(void* env, const char* text, size_t len) {
  (void)env;
  return fwrite(text, 1, len, stdout) == len;
}

int main(void) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, true);
  wasm_engine_t* engine = wasm_engine_new_with_config(config);
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  check("fuel", wasmtime_context_set_fuel(context, 1000), NULL);

  burdock_trace_t* trace = burdock_store_trace(store, BURDOCK_TRACE_CALLS, print, NULL, NULL);
  burdock_profiler_t* profiler = burdock_store_profile(store);
  wasmtime_instance_t instance = instantiate(context, module);
  wasmtime_extern_t run = export_of(context, &instance, "run");
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = 5}};
  wasmtime_val_t result;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_func_call(context, &run.of.func, &arg, 1, &result, 1, &trap);
  check("run", error, trap);
  check("trace", burdock_trace_finish(trace), NULL);

  wasm_byte_vec_t folded;
  error = burdock_profiler_finish(store, profiler, BURDOCK_PROFILE_FOLDED, &folded);
  check("profile", error, NULL);
  printf("%.*s", (int)folded.size, folded.data);

  wasm_byte_vec_delete(&folded);
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
