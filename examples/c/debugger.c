/* Lets a debugger stop a guest. Run it with a port, and connect with LLDB 22 or later:
 *
 *     lldb -o 'process connect --plugin wasm connect://127.0.0.1:PORT'
 */

#include <burdock.h>
#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module $factorial"
  "  (func $factorial (export \"factorial\") (param $n i32) (result i32)"
  "    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))"
  "      (then (i32.const 1))"
  "      (else (i32.mul (local.get $n)"
  "        (call $factorial (i32.sub (local.get $n) (i32.const 1))))))))";

int main(int argc, char** argv) {
  wasm_config_t* config = wasm_config_new();
  burdock_config_guest_debug_set(config, true);
  wasm_engine_t* engine = wasm_engine_new_with_config(config);
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_context_set_epoch_deadline(context, UINT64_MAX / 2);

  burdock_debugger_t* debugger = NULL;
  const char* address = argc > 1 ? argv[1] : "0";
  check("debugger", burdock_store_debug(store, module, NULL, address, true, &debugger), NULL);
  printf("waiting for a debugger on port %u\n", burdock_debugger_port(debugger));
  fflush(stdout);

  wasmtime_instance_t instance = instantiate(context, module);
  wasmtime_extern_t func = export_of(context, &instance, "factorial");
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = 5}}, result;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_func_call(context, &func.of.func, &arg, 1, &result, 1, &trap);
  burdock_debugger_finish(debugger, error != NULL || trap != NULL);
  check("factorial", error, trap);
  printf("factorial(5) = %" PRId32 "\n", result.of.i32);

  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
