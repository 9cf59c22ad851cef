/* Observes a guest's objects and exceptions: what is allocated, thrown and caught, how the heap grows,
 * and what collections free. */

#include <burdock.h>
#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (type $point (struct (field i32 i32)))"
  "  (type $bytes (array i8))"
  "  (tag $failed (param i32))"
  "  (global $kept (mut anyref) (ref.null any))"
  "  (func (export \"make\")"
  "    (global.set $kept (struct.new_default $point))"
  "    (drop (array.new_default $bytes (i32.const 100))))"
  "  (func $fail (param i32)"
  "    (throw $failed (local.get 0)))"
  "  (func (export \"try\") (param $code i32)"
  "    (block $any"
  "      (block $failed (result i32)"
  "        (try_table (catch $failed $failed) (call $fail (local.get $code)))"
  "        (unreachable))"
  "      (drop)"
  "      (try_table (catch_all $any) (call $fail (i32.const 0)))))"
  "  (func (export \"waste\") (param $count i32)"
  "    (loop $more"
  "      (drop (struct.new_default $point))"
  "      (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))";

/* Prints events. */
static wasmtime_error_t* print(
  void* env, wasmtime_context_t* store, const burdock_event_t* event
) {
  (void)env, (void)store;
  switch (event->kind) {
    case BURDOCK_ALLOCATE:
      printf("allocate: type %" PRIu32 ", %" PRIu32 " elements, %" PRIu64 " bytes\n", event->index,
             event->count, event->size);
      break;
    case BURDOCK_THROW:
      printf("throw: tag %" PRIu32 ", %" PRId32 "\n", event->index, event->values[0].of.i32);
      break;
    case BURDOCK_CATCH:
      if (event->flag) {
        printf("catch: clause %" PRIu32 ", tag %" PRIu32 ", %" PRId32 "\n", event->count,
               event->index, event->values[0].of.i32);
      } else {
        printf("catch: clause %" PRIu32 ", any, %zu values\n", event->count, event->nvalues);
      }
      break;
    case BURDOCK_HEAP_GROW:
      printf("heap: from %" PRIu64 " to %" PRIu64 " bytes\n", event->address, event->size);
      break;
  }
  return NULL;
}

/* Adds up the bytes that collections free. */
static wasmtime_error_t* collected(
  void* env, wasmtime_context_t* store, const burdock_event_t* event
) {
  (void)store;
  uint64_t* freed = env;
  if (event->kind == BURDOCK_COLLECTED && !event->flag) {
    freed[0] += 1;
    freed[1] += event->address - event->size;
    freed[2] = event->size;
  }
  return NULL;
}

static void call(wasmtime_context_t* context, const wasmtime_instance_t* instance,
                 const char* name, const wasmtime_val_t* args, size_t count) {
  wasmtime_extern_t func = export_of(context, instance, name);
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_func_call(context, &func.of.func, args, count, NULL, 0, &trap);
  check(name, error, trap);
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_instance_t instance = instantiate(context, module);

  burdock_filter_t* objects = burdock_filter_new(
    BURDOCK_EVENTS_ALLOCATIONS | BURDOCK_EVENTS_EXCEPTIONS | BURDOCK_EVENTS_GROWTH);
  burdock_attached_t* printing = burdock_context_attach(context, objects, print, NULL, NULL);
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = 7}};
  call(context, &instance, "make", NULL, 0);
  call(context, &instance, "try", &arg, 1);
  burdock_context_detach(context, printing);

  uint64_t freed[3] = {0, 0, 0};
  burdock_filter_t* collections = burdock_filter_new(BURDOCK_EVENTS_COLLECTIONS);
  burdock_attached_t* adding =
    burdock_context_attach(context, collections, collected, freed, NULL);
  arg.of.i32 = 400000;
  call(context, &instance, "waste", &arg, 1);
  printf("%" PRIu64 " collections freed %s bytes, %" PRIu64 " are left\n", freed[0],
         freed[1] > 4000000 ? "most" : "few", freed[2]);

  burdock_attached_delete(adding);
  burdock_filter_delete(collections);
  burdock_filter_delete(objects);
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
