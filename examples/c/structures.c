/* Makes structures, arrays and exceptions for a guest, and reads those that the guest makes. */

#include <inttypes.h>

#include "common.h"

static const char TEXT[] =
  "(module"
  "  (type $point (struct (field (mut i32)) (field (mut i32))))"
  "  (type $bytes (array (mut i8)))"
  "  (tag $failed (export \"failed\") (param i32))"
  "  (import \"host\" \"fail\" (func $fail (param i32)))"
  "  (func (export \"sum\") (param $point anyref) (result i32)"
  "    (local $of (ref $point))"
  "    (local.set $of (ref.cast (ref $point) (local.get $point)))"
  "    (i32.add (struct.get $point 0 (local.get $of)) (struct.get $point 1 (local.get $of))))"
  "  (func (export \"bytes\") (result anyref)"
  "    (array.new $bytes (i32.const 7) (i32.const 3)))"
  "  (func (export \"try\") (param $code i32) (result i32)"
  "    (block $caught (result i32)"
  "      (try_table (catch $failed $caught) (call $fail (local.get $code)))"
  "      (i32.const -1)))"
  "  (func (export \"throw\")"
  "    (throw $failed (i32.const 9))))";

/* The instance, whose tag the host function uses. */
static wasmtime_instance_t instance;

/* Throws an exception with the argument. */
static wasm_trap_t* fail(
  void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
  wasmtime_val_t* results, size_t nresults
) {
  (void)env, (void)nargs, (void)results, (void)nresults;
  wasmtime_context_t* context = wasmtime_caller_context(caller);
  wasmtime_extern_t tag = export_of(context, &instance, "failed");
  wasmtime_exnref_t exception;
  check("exception", wasmtime_exnref_new(context, &tag.of.tag, args, 1, &exception), NULL);
  wasm_trap_t* trap = wasmtime_context_set_exception(context, &exception);
  wasmtime_exnref_unroot(&exception);
  return trap;
}

static wasmtime_val_t call(wasmtime_context_t* context, const char* name, wasmtime_val_t arg) {
  wasmtime_extern_t func = export_of(context, &instance, name);
  wasmtime_val_t result;
  wasm_trap_t* trap = NULL;
  size_t nargs = strcmp(name, "bytes") == 0 ? 0 : 1;
  check(name, wasmtime_func_call(context, &func.of.func, &arg, nargs, &result, 1, &trap), trap);
  return result;
}

/* The type of a structure with two numbers that can be changed: equal to the guest's. */
static wasmtime_struct_type_t* point_type(wasm_engine_t* engine) {
  wasmtime_field_type_t fields[2];
  for (int i = 0; i < 2; i++) {
    fields[i].mutable_ = true;
    fields[i].storage.kind = WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
    fields[i].storage.valtype = wasm_valtype_new(WASM_I32);
  }
  wasmtime_struct_type_t* type = wasmtime_struct_type_new(engine, fields, 2);
  for (int i = 0; i < 2; i++) wasmtime_field_type_delete(&fields[i]);
  return type;
}

/* Makes a structure, lets the guest add its fields up, and changes one. */
static void structures(wasm_engine_t* engine, wasmtime_context_t* context) {
  wasmtime_struct_type_t* type = point_type(engine);
  printf("%zu fields\n", wasmtime_struct_type_num_fields(type));
  wasmtime_struct_ref_pre_t* pre = wasmtime_struct_ref_pre_new(context, type);
  wasmtime_struct_type_delete(type);

  wasmtime_val_t fields[2] = {{.kind = WASMTIME_I32, .of = {.i32 = 30}},
                              {.kind = WASMTIME_I32, .of = {.i32 = 12}}};
  wasmtime_structref_t point;
  check("structure", wasmtime_structref_new(context, pre, fields, 2, &point), NULL);
  wasmtime_struct_ref_pre_delete(pre);

  wasmtime_val_t arg = {.kind = WASMTIME_ANYREF};
  wasmtime_structref_to_anyref(&point, &arg.of.anyref);
  printf("sum %" PRId32 "\n", call(context, "sum", arg).of.i32);
  fields[0].of.i32 = -12;
  check("field", wasmtime_structref_set_field(context, &point, 0, &fields[0]), NULL);
  printf("sum %" PRId32 "\n", call(context, "sum", arg).of.i32);
  wasmtime_val_unroot(&arg);
  wasmtime_structref_unroot(&point);
}

/* Reads an array of the guest. */
static void arrays(wasmtime_context_t* context) {
  wasmtime_val_t none = {.kind = WASMTIME_I32}, element;
  wasmtime_val_t value = call(context, "bytes", none);
  wasmtime_arrayref_t array;
  wasmtime_heaptype_t type;
  if (!wasmtime_anyref_as_array(context, &value.of.anyref, &array)) exit(1);
  if (!wasmtime_anyref_type(context, &value.of.anyref, &type)) exit(1);
  uint32_t len = 0;
  check("length", wasmtime_arrayref_len(context, &array, &len), NULL);
  check("element", wasmtime_arrayref_get(context, &array, 2, &element), NULL);
  printf("array: %d, %" PRIu32 " elements of %" PRId32 "\n",
         type.kind == WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY, len, element.of.i32);
  wasmtime_heaptype_delete(&type);
  wasmtime_arrayref_unroot(&array);
  wasmtime_val_unroot(&value);
}

/* Lets the guest catch an exception of the host's, and catches one of the guest's. */
static void exceptions(wasmtime_context_t* context) {
  wasmtime_val_t code = {.kind = WASMTIME_I32, .of = {.i32 = 5}}, value;
  printf("caught %" PRId32 "\n", call(context, "try", code).of.i32);

  wasmtime_extern_t func = export_of(context, &instance, "throw");
  wasm_trap_t* trap = NULL;
  check("throw", wasmtime_func_call(context, &func.of.func, NULL, 0, NULL, 0, &trap), NULL);
  wasm_trap_delete(trap);
  wasmtime_exnref_t exception;
  if (!wasmtime_context_take_exception(context, &exception)) exit(1);
  check("value", wasmtime_exnref_field(context, &exception, 0, &value), NULL);
  printf("uncaught, %zu value: %" PRId32 "\n",
         wasmtime_exnref_field_count(context, &exception), value.of.i32);
  wasmtime_exnref_unroot(&exception);
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t* context = wasmtime_store_context(store);

  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new(WASM_I32));
  wasmtime_func_new(context, type, fail, NULL, NULL, &import.of.func);
  wasm_functype_delete(type);
  wasm_trap_t* trap = NULL;
  check("instantiate", wasmtime_instance_new(context, module, &import, 1, &instance, &trap), trap);

  structures(engine, context);
  arrays(context);
  exceptions(context);

  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
