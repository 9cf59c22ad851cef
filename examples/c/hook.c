/* Observes a guest: crossings, calls with their frames, writes to an address, and counts. */

#include <burdock.h>
#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (memory 1)"
  "  (func $fib (export \"fib\") (param $n i32) (result i32)"
  "    (i32.store (i32.const 64) (local.get $n))"
  "    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))"
  "      (then (local.get $n))"
  "      (else (i32.add"
  "        (call $fib (i32.sub (local.get $n) (i32.const 1)))"
  "        (call $fib (i32.sub (local.get $n) (i32.const 2))))))))";

/* Counts crossings between host and guest. */
static wasmtime_error_t* crossing(void* env, wasmtime_context_t* store, uint8_t kind) {
  (void)store, (void)kind;
  ++*(int*)env;
  return NULL;
}

/* Prints calls with the depth of the stack, and refuses deep ones. */
static wasmtime_error_t* called(
  void* env, wasmtime_context_t* store, const burdock_event_t* event
) {
  (void)env;
  if (event->kind != BURDOCK_FUNC_ENTER) return NULL;
  int depth = 0;
  burdock_frame_t* frame = burdock_context_frame(store);
  wasm_name_t name = WASM_EMPTY_VEC;
  burdock_frame_func_name(store, frame, &name);
  while (frame != NULL) {
    burdock_frame_t* caller = burdock_frame_caller(store, frame);
    burdock_frame_delete(frame);
    frame = caller;
    ++depth;
  }
  printf("%*s%.*s(%" PRId32 ")\n", 2 * depth - 2, "", (int)name.size, name.data,
         event->values[0].of.i32);
  wasm_name_delete(&name);
  return depth < 4 ? NULL : wasmtime_error_new("too deep");
}

/* Adds up the bytes that are written. */
static wasmtime_error_t* written(
  void* env, wasmtime_context_t* store, const burdock_event_t* event
) {
  (void)store;
  if (event->kind == BURDOCK_MEMORY_WRITE) *(uint64_t*)env += event->size;
  return NULL;
}

/* Calls `fib`. */
static void fib(wasmtime_context_t* context, const wasmtime_instance_t* instance, int32_t n) {
  wasmtime_extern_t func = export_of(context, instance, "fib");
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = n}};
  wasmtime_val_t result;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_func_call(context, &func.of.func, &arg, 1, &result, 1, &trap);
  if (error == NULL) {
    printf("fib(%" PRId32 ") = %" PRId32 "\n", n, result.of.i32);
  } else {
    printf("fib(%" PRId32 ") is too deep\n", n);
    wasmtime_error_delete(error);
  }
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  int crossings = 0;
  uint64_t bytes = 0;
  burdock_store_call_hook(store, crossing, &crossings, NULL);

  burdock_filter_t* calls = burdock_filter_new(BURDOCK_EVENTS_FUNCS);
  burdock_filter_func(calls, "fib*", 4);
  burdock_attached_t* attached = burdock_context_attach(context, calls, called, NULL, NULL);
  burdock_filter_t* writes = burdock_filter_new(BURDOCK_EVENTS_MEMORY_WRITES);
  burdock_filter_memory(writes, 64, 68);
  burdock_attached_t* watch = burdock_context_attach(context, writes, written, &bytes, NULL);
  burdock_filter_t* branches = burdock_filter_new(BURDOCK_EVENTS_BRANCHES);
  burdock_counter_t* counter = burdock_context_count(context, branches);

  wasmtime_instance_t instance = instantiate(context, module);
  fib(context, &instance, 2);
  fib(context, &instance, 4);
  burdock_context_detach(context, attached);
  bytes = 0;
  fib(context, &instance, 10);
  printf("%d crossings, %" PRIu64 " bytes written\n", crossings, bytes);

  burdock_count_vec_t counts;
  printf("%" PRIu64 " branches\n", burdock_counter_total(context, counter));
  burdock_counter_stop(store, counter, &counts);
  for (size_t i = 0; i < counts.size; ++i) {
    printf("function %" PRIu32 ": %" PRIu64 ", taken %" PRIu64 "\n", counts.data[i].func_index,
           counts.data[i].count, counts.data[i].taken);
  }

  burdock_count_vec_delete(&counts);
  burdock_attached_delete(watch);
  burdock_filter_delete(branches);
  burdock_filter_delete(writes);
  burdock_filter_delete(calls);
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
