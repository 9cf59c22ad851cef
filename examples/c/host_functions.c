/* Defines host functions with data of their own, and one that traps. */

#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (import \"bank\" \"pay\" (func $pay (param i32) (result i64)))"
  "  (func (export \"run\") (param i32) (result i64) (call $pay (local.get 0))))";

/* Takes from the balance, which is the function's data. */
static wasm_trap_t* pay(
  void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
  wasmtime_val_t* results, size_t nresults
) {
  (void)caller, (void)nargs, (void)nresults;
  int64_t* balance = env;
  if (args[0].of.i32 > *balance) {
    const char* message = "not enough money";
    return wasmtime_trap_new(message, strlen(message));
  }
  *balance -= args[0].of.i32;
  results[0].kind = WASMTIME_I64;
  results[0].of.i64 = *balance;
  return NULL;
}

static void closed(void* env) {
  printf("closed with %" PRId64 "\n", *(int64_t*)env);
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);

  int64_t balance = 10;
  wasmtime_linker_t* linker = wasmtime_linker_new(engine);
  wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i64());
  check(
    "define", wasmtime_linker_define_func(linker, "bank", 4, "pay", 3, type, pay, &balance, closed),
    NULL);
  wasm_functype_delete(type);

  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_instance_t instance;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error =
    wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
  check("instantiate", error, trap);

  wasmtime_extern_t run;
  if (!wasmtime_instance_export_get(context, &instance, "run", 3, &run)) return 1;
  for (int32_t sum = 3; sum <= 9; sum += 3) {
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = sum}};
    wasmtime_val_t result;
    error = wasmtime_func_call(context, &run.of.func, &arg, 1, &result, 1, &trap);
    if (error == NULL) {
      printf("paid %" PRId32 ", %" PRId64 " left\n", sum, result.of.i64);
      continue;
    }
    /* The error of a host function, with the frames of the guest. */
    wasm_frame_vec_t frames;
    wasmtime_error_wasm_trace(error, &frames);
    printf("could not pay %" PRId32 ", %zu frame\n", sum, frames.size);
    wasm_frame_vec_delete(&frames);
    wasmtime_error_delete(error);
  }

  wasmtime_store_delete(store);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
