/* Stops guests that do not end: by fuel, and by the epoch. */

#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (func (export \"spin\") (loop (br 0)))"
  "  (func (export \"quick\") (nop)))";

/* Calls a function, and prints how the call ended. */
static void call(
  wasmtime_context_t* context, const wasmtime_instance_t* instance, const char* name
) {
  wasmtime_extern_t func = export_of(context, instance, name);
  wasm_trap_t* trap = NULL;
  check(name, wasmtime_func_call(context, &func.of.func, NULL, 0, NULL, 0, &trap), NULL);
  if (trap == NULL) {
    printf("%s: done\n", name);
    return;
  }
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("%s: %s", name, message.data);
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
}

/* Lets a guest pass the deadline twice, and then stops it. */
static wasmtime_error_t* deadline(
  wasmtime_context_t* context, void* data, uint64_t* delta, wasmtime_update_deadline_kind_t* kind
) {
  (void)context;
  int* count = data;
  *delta = 0;
  *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
  printf("deadline %d\n", ++*count);
  return *count < 3 ? NULL : wasmtime_error_new("three deadlines are enough");
}

int main(void) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, true);
  wasm_engine_t* engine = wasm_engine_new_with_config(config);
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_instance_t instance = instantiate(context, module);

  uint64_t fuel;
  check("fuel", wasmtime_context_set_fuel(context, 10000), NULL);
  call(context, &instance, "quick");
  check("fuel", wasmtime_context_get_fuel(context, &fuel), NULL);
  printf("%" PRIu64 " of 10000 left\n", fuel);
  call(context, &instance, "spin");
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);

  int deadlines = 0;
  config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, true);
  engine = wasm_engine_new_with_config(config);
  module = load(engine, TEXT);
  store = wasmtime_store_new(engine, NULL, NULL);
  context = wasmtime_store_context(store);
  wasmtime_store_epoch_deadline_callback(store, deadline, &deadlines, NULL);
  wasmtime_context_set_epoch_deadline(context, 1);
  instance = instantiate(context, module);
  wasmtime_engine_increment_epoch(engine);
  wasmtime_extern_t spin = export_of(context, &instance, "spin");
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_func_call(context, &spin.of.func, NULL, 0, NULL, 0, &trap);
  printf("stopped: %s\n", error != NULL ? "yes" : "no");
  if (error != NULL) wasmtime_error_delete(error);
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
