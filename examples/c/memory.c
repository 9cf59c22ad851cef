/* Reads and writes the memory of a guest, grows it, and sees a guest run out of its bounds. */

#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (memory (export \"memory\") 1 3)"
  "  (func (export \"load\") (param i32) (result i32) (i32.load8_u (local.get 0))))";

/* Calls `load` with an address. */
static void load_byte(
  wasmtime_context_t* context, const wasmtime_extern_t* func, uint32_t address
) {
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = (int32_t)address}};
  wasmtime_val_t result;
  wasm_trap_t* trap = NULL;
  check("load", wasmtime_func_call(context, &func->of.func, &arg, 1, &result, 1, &trap), NULL);
  if (trap == NULL) {
    printf("%" PRIu32 ": %" PRId32 "\n", address, result.of.i32);
    return;
  }
  wasmtime_trap_code_t code;
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  if (!wasmtime_trap_code(trap, &code)) exit(1);
  printf("%" PRIu32 ": code %d, %s", address, code, message.data);
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_instance_t instance = instantiate(context, module);
  wasmtime_extern_t memory = export_of(context, &instance, "memory");
  wasmtime_extern_t func = export_of(context, &instance, "load");

  wasmtime_memory_data(context, &memory.of.memory)[7] = 42;
  load_byte(context, &func, 7);
  load_byte(context, &func, 65536);

  uint64_t before;
  check("grow", wasmtime_memory_grow(context, &memory.of.memory, 2, &before), NULL);
  printf("grown from %" PRIu64 " to %" PRIu64 " pages, %zu bytes\n", before,
         wasmtime_memory_size(context, &memory.of.memory),
         wasmtime_memory_data_size(context, &memory.of.memory));
  load_byte(context, &func, 65536);

  wasmtime_error_t* error = wasmtime_memory_grow(context, &memory.of.memory, 1, &before);
  printf("grown further: %s\n", error == NULL ? "yes" : "no");
  if (error != NULL) wasmtime_error_delete(error);

  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
