//! Programs that break the rules of the headers, and what becomes of them: the outcomes that
//! docs/C-API.md lists.

mod common;

use common::{Language, command, compile, run, scratch};

/// What the programs begin with: an engine, a module, two stores.
const PRELUDE: &str = r#"
#include <burdock.h>
#include <stdio.h>
#include <string.h>
static wasm_engine_t* engine;
static wasmtime_store_t *store, *other;
static wasmtime_context_t *context, *second;
static wasmtime_module_t* module_of(const char* text) {
  wasm_byte_vec_t binary;
  wasmtime_module_t* module = NULL;
  if (wasmtime_wat2wasm(text, strlen(text), &binary) != NULL) return NULL;
  if (wasmtime_module_new(engine, (const uint8_t*)binary.data, binary.size, &module)) return NULL;
  wasm_byte_vec_delete(&binary);
  return module;
}
static wasmtime_instance_t instance_of(
  const char* text, const wasmtime_extern_t* imports, size_t count
) {
  wasmtime_instance_t instance;
  memset(&instance, 0, sizeof instance);
  wasmtime_module_t* module = module_of(text);
  wasmtime_error_t* error =
    wasmtime_instance_new(context, module, imports, count, &instance, NULL);
  if (error != NULL) printf("no instance\n");
  wasmtime_module_delete(module);
  return instance;
}
static wasmtime_extern_t get(wasmtime_instance_t instance, const char* name) {
  wasmtime_extern_t item;
  memset(&item, 0, sizeof item);
  wasmtime_instance_export_get(context, &instance, name, strlen(name), &item);
  return item;
}
static void show(wasmtime_error_t* error) {
  if (error == NULL) { printf("no error\n"); return; }
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  printf("%.*s\n", (int)message.size, message.data);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
}
static void unused(void) { (void)get; (void)show; (void)instance_of; (void)module_of; }
"#;

const MAIN: &str = r#"
int main(void) {
  unused();
  engine = wasm_engine_new();
  store = wasmtime_store_new(engine, NULL, NULL);
  other = wasmtime_store_new(engine, NULL, NULL);
  context = wasmtime_store_context(store);
  second = wasmtime_store_context(other);
  test();
  fflush(stdout);
  return 0;
}
"#;

/// Compiles a program, whose function `test` is at the end of `code`.
fn program(name: &str, language: Language, code: &str) -> Option<std::path::PathBuf> {
    let suffix = if language == Language::C { "c" } else { "cpp" };
    let file = scratch().join(format!("{name}.{suffix}"));
    std::fs::write(&file, format!("{PRELUDE}{code}{MAIN}")).expect("can write");
    compile(language, &file)
}

/// Checks the output of a program that goes on.
#[track_caller]
fn check(name: &str, code: &str, expected: &str) {
    let Some(program) = program(name, Language::C, code) else { return };
    assert_eq!(run(&program), expected, "{name}");
}

/// Checks the last words of a program that the library ends.
#[track_caller]
fn check_end(name: &str, language: Language, code: &str, message: &str) {
    let Some(program) = program(name, language, code) else { return };
    let output = command(&program).output().expect("the program runs");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{name} goes on");
    assert!(words.contains(message), "{name}: {words}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(output.status.signal(), Some(6), "{name}: {words}");
    }
}

#[test]
fn null_ends_the_process() {
    let rows = [
        ("wasm_store_new(NULL);", "wasm_store_new: engine must not be null"),
        ("wasmtime_context_gc(NULL);", "wasmtime_context_gc: context must not be null"),
        (
            "wasmtime_func_new(context, NULL, NULL, NULL, NULL, NULL);",
            "wasmtime_func_new: type must not be null",
        ),
        (
            "wasmtime_module_new(engine, NULL, 4, NULL);",
            "wasmtime_module_new: wasm must not be null",
        ),
        ("wasm_val_copy(NULL, NULL);", "wasm_val_copy: value must not be null"),
        (
            "burdock_context_attach(context, NULL, NULL, NULL, NULL);",
            "burdock_context_attach: filter must not be null",
        ),
    ];
    for (at, (statement, message)) in rows.into_iter().enumerate() {
        let code = format!("static void test(void) {{ {statement} }}");
        check_end(&format!("null{at}"), Language::C, &code, message);
    }
}

#[test]
fn null_is_allowed_where_the_header_says_so() {
    let code = r#"static void test(void) {
      wasm_func_delete(NULL); wasm_byte_vec_delete(NULL); wasm_val_delete(NULL);
      wasmtime_val_unroot(NULL); wasmtime_store_delete(NULL); wasmtime_error_delete(NULL);
      wasmtime_linker_delete(NULL); wasm_engine_delete(NULL); burdock_filter_delete(NULL);
      printf("%d %d\n", wasm_ref_as_func(NULL) == NULL, wasm_func_as_extern(NULL) == NULL);
      show(wasmtime_module_new(engine, NULL, 0, NULL));
      wasmtime_memory_t memory;
      const wasm_limits_t limits = {1, wasm_limits_max_default};
      wasm_memorytype_t* type = wasm_memorytype_new(&limits);
      show(wasmtime_memory_new(context, type, &memory));
      wasm_memorytype_delete(type);
      show(wasmtime_memory_grow(context, &memory, 1, NULL));
    }"#;
    let Some(program) = program("null_allowed", Language::C, code) else { return };
    let printed = run(&program);
    assert!(printed.starts_with("1 1\n"), "{printed}");
    assert!(printed.ends_with("no error\nno error\n"), "{printed}");
}

#[test]
fn handles_of_other_stores_end_the_process() {
    let code = |statement: &str| {
        format!(
            r#"static void test(void) {{
              wasmtime_instance_t instance = instance_of(
                "(module (func (export \"f\")) (memory (export \"m\") 1))", NULL, 0);
              wasmtime_extern_t f = get(instance, "f"), m = get(instance, "m");
              (void)f, (void)m;
              {statement}
            }}"#
        )
    };
    let rows = [
        (
            "wasmtime_func_call(second, &f.of.func, NULL, 0, NULL, 0, NULL);",
            "wasmtime_func_call: func belongs to another store",
        ),
        ("wasmtime_memory_data(second, &m.of.memory);", "wasmtime_memory_data"),
        (
            "wasmtime_instance_new(second, module_of(\"(module (import \\\"\\\" \\\"\\\" (func)))\"), \
             &f, 1, &instance, NULL);",
            "an import belongs to another store",
        ),
        ("m.kind = 77; wasmtime_extern_type(context, &m);", "is of kind 77"),
        (
            "m.of.memory.__private1.__private1 = 99; wasmtime_memory_size(context, &m.of.memory);",
            "wasmtime_memory_size must not be null",
        ),
    ];
    for (at, (statement, message)) in rows.into_iter().enumerate() {
        check_end(&format!("store{at}"), Language::C, &code(statement), message);
    }
}

#[test]
fn objects_of_other_stores_are_refused() {
    let code = r#"
    static wasm_trap_t* nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
      (void)args; (void)results;
      return NULL;
    }
    static void test(void) {
      wasm_store_t *a = wasm_store_new(engine), *b = wasm_store_new(engine);
      wasm_functype_t* type = wasm_functype_new_0_0();
      wasm_func_t* func = wasm_func_new(a, type, nothing);
      wasm_functype_delete(type);
      const wasm_limits_t limits = {2, wasm_limits_max_default};
      wasm_tabletype_t* table_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
      wasm_table_t* table = wasm_table_new(b, table_type, NULL);
      wasm_tabletype_delete(table_type);
      printf("set %d\n", wasm_table_set(table, 0, wasm_func_as_ref(func)));
      wasm_foreign_t* foreign = wasm_foreign_new(b);
      printf("kind %d\n", wasm_table_set(table, 0, wasm_foreign_as_ref(foreign)));
      printf("bounds %d\n", wasm_table_set(table, 2, NULL));
      wasm_globaltype_t* global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
      wasm_val_t wrong = WASM_F32_VAL(1.5f), right = WASM_I32_VAL(7), now;
      printf("global %d\n", wasm_global_new(a, global_type, &wrong) != NULL);
      wasm_global_t* global = wasm_global_new(a, global_type, &right);
      wasm_val_t eight = WASM_I32_VAL(8);
      wasm_global_set(global, &eight);
      wasm_global_get(global, &now);
      printf("constant %d\n", now.of.i32);
      wasm_val_vec_t args;
      wasm_val_vec_new(&args, 1, &right);
      wasm_trap_t* trap = wasm_func_call(func, &args, NULL);
      wasm_message_t message;
      wasm_trap_message(trap, &message);
      printf("%s\n", message.data);
      wasm_byte_vec_delete(&message);
      wasm_val_vec_delete(&args);
      wasm_val_vec_delete(&args);
      printf("twice %zu\n", args.size);
      wasm_trap_delete(trap); wasm_global_delete(global); wasm_globaltype_delete(global_type);
      wasm_foreign_delete(foreign); wasm_table_delete(table); wasm_func_delete(func);
      wasm_store_delete(a); wasm_store_delete(b);
    }"#;
    let expected = "set 0\nkind 0\nbounds 0\nglobal 0\nconstant 7\n\
                    expected 0 values, got 1\ntwice 0\n";
    check("objects", code, expected);
}

#[test]
fn callbacks_must_return() {
    let code = |body: &str| {
        format!(
            r#"static wasm_trap_t* host(
              void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
              wasmtime_val_t* results, size_t nresults
            ) {{
              (void)env; (void)caller; (void)args; (void)nargs; (void)results; (void)nresults;
              {body}
              return NULL;
            }}
            static void test(void) {{
              wasmtime_func_t func;
              wasm_functype_t* type = wasm_functype_new_0_0();
              wasmtime_func_new(context, type, host, NULL, NULL, &func);
              wasm_functype_delete(type);
              show(wasmtime_func_call(context, &func, NULL, 0, NULL, 0, NULL));
            }}"#
        )
    };
    let thrown = "must not be left by an exception";
    check_end("throws", Language::Cpp, &code("throw 1;"), thrown);
    let in_use = "wasmtime_store_delete: the store is in use";
    check_end("deletes", Language::C, &code("wasmtime_store_delete(store);"), in_use);
    let in_use = "wasmtime_store_limiter: the store is in use";
    let limits = "wasmtime_store_limiter(store, 1, 1, 1, 1, 1);";
    check_end("limits", Language::C, &code(limits), in_use);
    // What is allowed: the store's own functions, and nested calls.
    let nested = r#"
      wasmtime_context_t* own = wasmtime_caller_context(caller);
      wasmtime_instance_t inner = instance_of("(module (func (export \"f\") unreachable))", NULL, 0);
      wasmtime_extern_t f = get(inner, "f");
      wasm_trap_t* trap = NULL;
      show(wasmtime_func_call(own, &f.of.func, NULL, 0, NULL, 0, &trap));
      wasmtime_extern_t none;
      printf("%d %d\n", trap != NULL, wasmtime_caller_export_get(caller, "f", 1, &none));
      wasm_trap_delete(trap);"#;
    check("nested", &code(nested), "no error\n1 0\nno error\n");
}

#[test]
fn finalizers_must_not_use_the_store() {
    let code = r#"
    static void last(void* env) { (void)env; wasmtime_context_set_data(context, NULL); }
    static void test(void) {
      wasmtime_externref_t value;
      wasmtime_externref_new(context, NULL, last, &value);
      wasmtime_externref_unroot(&value);
      wasmtime_externref_unroot(&value);
      wasmtime_context_gc(context);
    }"#;
    check_end("finalizer", Language::C, code, "a store was used from a finalizer");
    let code = r#"
    static void last(void* env) { wasmtime_context_set_data(*(wasmtime_context_t**)env, NULL); }
    static void test(void) {
      static wasmtime_context_t* own;
      wasmtime_store_t* new_store = wasmtime_store_new(engine, &own, last);
      own = wasmtime_store_context(new_store);
      wasmtime_store_delete(new_store);
    }"#;
    check_end("last", Language::C, code, "a store was used from a finalizer");
}

#[test]
fn wrong_values_are_errors() {
    let code = r#"
    static wasm_trap_t* host(
      void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
      wasmtime_val_t* results, size_t nresults
    ) {
      (void)env; (void)caller; (void)args; (void)nargs; (void)nresults;
      results[0].kind = WASMTIME_F64;
      return NULL;
    }
    static void test(void) {
      wasmtime_func_t func;
      wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
      wasmtime_func_new(context, type, host, NULL, NULL, &func);
      wasm_functype_delete(type);
      wasmtime_val_t result, arg = {.kind = 99, .of = {.i32 = 1}};
      printf("%d\n", wasmtime_func_call(context, &func, NULL, 0, &result, 1, NULL) != NULL);
      printf("%d\n", wasmtime_func_call(context, &func, NULL, 0, NULL, 0, NULL) != NULL);
      printf("%d\n", wasmtime_func_call(context, &func, &arg, 1, &result, 1, NULL) != NULL);
      wasmtime_val_raw_t raw = {.i64 = 0};
      printf("%d\n", wasmtime_func_call_unchecked(context, &func, &raw, 0, NULL) != NULL);
      show(wasmtime_context_set_fuel(context, 1));
      wasmtime_linker_t* linker = wasmtime_linker_new(engine);
      wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_FUNC, .of = {.func = func}};
      show(wasmtime_linker_define(linker, context, "\xff", 1, "f", 1, &item));
      show(wasmtime_linker_define(linker, context, "m", 1, "f", 1, &item));
      printf("%d\n", wasmtime_linker_define(linker, context, "m", 1, "f", 1, &item) != NULL);
      printf("%d\n", wasmtime_linker_get(linker, context, "m", 1, "g", 1, &item));
      wasm_byte_vec_t binary;
      printf("%d\n", wasmtime_wat2wasm("(modul)", 7, &binary) != NULL);
    }"#;
    let expected = "1\n1\n1\n1\nfuel is not configured in this store\n\
                    input was not valid utf-8\nno error\n1\n0\n1\n";
    check("values", code, expected);
}

/// The library has names for what Burdock lacks, which fail or end the process. No header declares
/// them.
#[test]
fn what_is_not_supported_is_said() {
    let code = r#"
    wasmtime_error_t* wasmtime_component_new(wasm_engine_t*, const uint8_t*, size_t, void**);
    wasmtime_error_t* wasmtime_sharedmemory_new(wasm_engine_t*, wasm_memorytype_t*, void**);
    void wasmtime_component_delete(void*);
    static void test(void) {
      void* made = NULL;
      show(wasmtime_component_new(engine, NULL, 0, &made));
      show(wasmtime_sharedmemory_new(engine, NULL, &made));
      wasmtime_component_delete(made);
      wasm_config_t* config = wasm_config_new();
      show(wasmtime_config_target_set(config, "nowhere-unknown-linux-gnu"));
      show(wasmtime_config_cache_config_load(config, NULL));
      show(wasmtime_config_cache_config_load(config, "no/such.toml"));
    }"#;
    let Some(program) = program("unsupported", Language::C, code) else { return };
    let lines = run(&program);
    let lines: Vec<&str> = lines.lines().collect();
    let refused = "the target `nowhere-unknown-linux-gnu` is not this machine, whose processor is";
    assert_eq!(lines[0], "wasmtime_component_new: Burdock does not support components");
    assert_eq!(lines[1], "wasmtime_sharedmemory_new: Burdock does not support shared memories");
    assert!(lines[2].starts_with(refused), "{lines:?}");
    assert_eq!(lines[3..5], ["no error", "cannot read the cache's `no/such.toml`"]);
    let code = "static void test(void) {
      wasm_config_t* config = wasm_config_new();
      wasmtime_config_wasm_component_model_map_set(config, false);
      wasm_engine_delete(wasm_engine_new_with_config(config));
      config = wasm_config_new();
      wasmtime_config_wasm_component_model_map_set(config, true);
      wasm_engine_new_with_config(config);
    }";
    check_end("components", Language::C, code, "component-model");
    let rows = [
        ("wasmtime_component_linker_new", "engine", "does not support components"),
        ("wasmtime_component_delete", "engine", "does not support components"),
        ("wasmtime_pooling_allocation_config_new", "", "does not support the pooling allocator"),
        ("wasmtime_guestprofiler_new", "engine", "burdock_store_profile takes"),
    ];
    for (at, (function, argument, message)) in rows.into_iter().enumerate() {
        let code =
            format!("void* {function}(); static void test(void) {{ {function}({argument}); }}");
        check_end(&format!("unsupported{at}"), Language::C, &code, message);
    }
}

#[test]
fn debuggers_need_a_place_and_a_setting() {
    let code = r#"static void test(void) {
      burdock_debugger_t* debugger = NULL;
      wasmtime_module_t* module = module_of("(module (func (export \"f\")))");
      show(burdock_store_debug(store, module, NULL, "0", true, &debugger));
      wasm_config_t* config = wasm_config_new();
      burdock_config_guest_debug_set(config, true);
      wasm_engine_delete(engine);
      engine = wasm_engine_new_with_config(config);
      wasmtime_store_t* debugged = wasmtime_store_new(engine, NULL, NULL);
      wasmtime_module_delete(module);
      module = module_of("(module (func (export \"f\")))");
      show(burdock_store_debug(debugged, module, NULL, "nowhere", true, &debugger));
      show(burdock_store_debug(debugged, module, "\xff", "0", true, &debugger));
      printf("%d\n", debugger == NULL);
      show(burdock_store_debug(debugged, module, "f.wasm", "0", false, &debugger));
      printf("%d\n", burdock_debugger_port(debugger) != 0);
      // Nobody connects, and nothing waits for anybody.
      burdock_debugger_delete(debugger);
      burdock_debugger_delete(NULL);
      wasmtime_module_delete(module);
      wasmtime_store_delete(debugged);
    }"#;
    let needs = "a guest can be interrupted only with `Config::epoch_interruption`";
    let place = "`nowhere` is no place to listen for a debugger: `PORT` or `ADDRESS:PORT`";
    let expected = format!("{needs}\n{place}\ninput was not valid utf-8\n1\nno error\n1\n");
    check("debuggers", code, &expected);
}

#[test]
fn objects_are_checked() {
    let prelude = r#"
    static wasmtime_array_type_t* bytes(void) {
      wasmtime_field_type_t field = {false, {WASMTIME_STORAGE_TYPE_KIND_I8, NULL}};
      return wasmtime_array_type_new(engine, &field);
    }"#;
    let code = r#"static void test(void) {
      wasmtime_array_type_t* type = bytes();
      wasmtime_array_ref_pre_t* pre = wasmtime_array_ref_pre_new(context, type);
      wasmtime_val_t value = {.kind = WASMTIME_F64, .of = {.f64 = 1}};
      wasmtime_arrayref_t array;
      printf("%d", wasmtime_arrayref_new(context, pre, &value, 4, &array) != NULL);
      printf("%d\n", wasmtime_arrayref_is_null(&array));
      value.kind = WASMTIME_I32; value.of.i32 = 258;
      show(wasmtime_arrayref_get(context, &array, 0, &value));
      show(wasmtime_arrayref_new(context, pre, &value, 4, &array));
      show(wasmtime_arrayref_get(context, &array, 3, &value));
      printf("%d\n", value.of.i32);
      printf("%d", wasmtime_arrayref_get(context, &array, 4, &value) != NULL);
      printf("%d\n", wasmtime_arrayref_set(context, &array, 0, &value) != NULL);
      wasmtime_anyref_t any;
      wasmtime_eqref_t eq;
      wasmtime_structref_t none;
      wasmtime_arrayref_to_anyref(&array, &any);
      printf("%d", wasmtime_anyref_as_eqref(context, &any, &eq));
      printf("%d%d%d", wasmtime_anyref_is_array(context, &any),
        wasmtime_eqref_is_array(context, &eq), wasmtime_anyref_as_struct(context, &any, &none));
      printf("%d%d\n", wasmtime_structref_is_null(&none), wasmtime_eqref_is_i31(context, &eq));
      wasmtime_eqref_unroot(&eq); wasmtime_eqref_unroot(&eq);
      wasmtime_anyref_unroot(&any); wasmtime_arrayref_unroot(&array);
      wasmtime_valtype_t described, copied;
      wasm_valtype_t* vector = wasmtime_wasm_valtype_v128();
      wasmtime_valtype_new(vector, &described);
      wasmtime_valtype_clone(&described, &copied);
      wasm_valtype_t* back = wasmtime_valtype_to_wasm(NULL, &copied);
      printf("%d%d", copied.kind, wasmtime_wasm_valtype_equal(vector, back));
      wasm_valtype_delete(vector); wasm_valtype_delete(back);
      described.kind = WASMTIME_VALTYPE_KIND_REF; described.reftype.nullable = true;
      described.reftype.heaptype.kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY;
      described.reftype.heaptype.of.concrete_array = type;
      wasmtime_valtype_clone(&described, &copied);
      wasmtime_valtype_delete(&described); wasmtime_valtype_delete(&described);
      back = wasmtime_valtype_to_wasm(engine, &copied);
      wasmtime_valtype_delete(&copied);
      printf("%d\n", wasm_valtype_kind(back) == 130);
      wasm_valtype_delete(back);
      wasm_valtype_t* types[1] = {wasm_valtype_new_i64()};
      wasm_valtype_vec_t values;
      wasm_valtype_vec_new(&values, 1, types);
      wasmtime_exn_type_t* exceptions = NULL;
      show(wasmtime_exn_type_new(engine, &values, &exceptions));
      wasm_valtype_vec_delete(&values);
      described.kind = WASMTIME_VALTYPE_KIND_REF; described.reftype.nullable = true;
      described.reftype.heaptype.kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN;
      described.reftype.heaptype.of.concrete_exn = exceptions;
      back = wasmtime_valtype_to_wasm(engine, &described);
      wasmtime_valtype_new(back, &copied);
      wasmtime_valtype_delete(&described);
      wasm_valtype_t* again = wasmtime_valtype_to_wasm(engine, &copied);
      printf("%d%d\n", copied.reftype.heaptype.kind, wasmtime_wasm_valtype_equal(back, again));
      wasmtime_valtype_delete(&copied);
      wasm_valtype_delete(back); wasm_valtype_delete(again);
      wasmtime_array_ref_pre_delete(pre);
    }"#;
    let expected = "11\nwasmtime_arrayref_get: the reference is null\nno error\nno error\n2\n11\n\
        111010\n411\nno error\n141\n";
    check("arrays", &format!("{prelude}{code}"), expected);
    let rows = [
        (
            "wasmtime_val_t value = {.kind = WASMTIME_I32};
             wasmtime_arrayref_t array;
             wasmtime_array_ref_pre_t* pre = wasmtime_array_ref_pre_new(context, bytes());
             wasmtime_arrayref_new(second, pre, &value, 1, &array);",
            "wasmtime_arrayref_new: pre belongs to another store",
        ),
        (
            "wasmtime_store_t* far = wasmtime_store_new(wasm_engine_new(), NULL, NULL);
             wasmtime_array_ref_pre_new(wasmtime_store_context(far), bytes());",
            "wasmtime_array_ref_pre_new: type belongs to another engine",
        ),
        (
            "wasmtime_field_type_t field = {false, {9, NULL}};
             wasmtime_array_type_new(engine, &field);",
            "there is no storage of kind 9",
        ),
        (
            "wasmtime_valtype_t type = {.kind = WASMTIME_VALTYPE_KIND_REF};
             type.reftype.heaptype.kind = 44;
             wasmtime_valtype_to_wasm(engine, &type);",
            "there is no heap type of kind 44",
        ),
    ];
    for (at, (statements, message)) in rows.into_iter().enumerate() {
        let code = format!("{prelude} static void test(void) {{ (void)bytes; {statements} }}");
        check_end(&format!("object{at}"), Language::C, &code, message);
    }
}

#[test]
fn futures_have_the_store() {
    let begin = r#"static void test(void) {
      wasmtime_instance_t instance = instance_of(
        "(module (func (export \"f\") (result i32) (i32.const 7)))", NULL, 0);
      wasmtime_extern_t f = get(instance, "f");
      wasmtime_val_t result;
      wasm_trap_t* trap = NULL;
      wasmtime_error_t* error = NULL;
      wasmtime_call_future_t* future = wasmtime_func_call_async(
        context, &f.of.func, NULL, 0, &result, 1, &trap, &error);"#;
    let in_use = "a store was used";
    let gc = format!("{begin} wasmtime_context_gc(context); (void)future; }}");
    check_end("future_gc", Language::C, &gc, in_use);
    let delete = format!("{begin} wasmtime_store_delete(store); (void)future; }}");
    check_end("future_delete", Language::C, &delete, "wasmtime_store_delete: the store is in use");
    let rest = r#"
      printf("%d", wasmtime_call_future_poll(future));
      printf("%d", wasmtime_call_future_poll(future));
      printf(" %d %d %d\n", result.of.i32, trap != NULL, error != NULL);
      wasmtime_call_future_delete(future);
      future = wasmtime_func_call_async(
        context, &f.of.func, NULL, 0, &result, 1, &trap, &error);
      wasmtime_call_future_delete(future);
      show(wasmtime_context_gc(context));
    }"#;
    check("future", &format!("{begin}{rest}"), "11 7 0 0\nno error\n");
}

#[test]
fn host_functions_wait() {
    let code = r#"
    static int waits = 3;
    static bool done(void* env) { (void)env; return --waits == 0; }
    static void last(void* env) { printf("last %d\n", env == &waits); }
    static void host(
      void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t nargs,
      wasmtime_val_t* results, size_t nresults, wasm_trap_t** trap,
      wasmtime_async_continuation_t* next
    ) {
      (void)env; (void)caller; (void)nargs; (void)nresults;
      if (args[0].of.i32 == 0) { *trap = wasmtime_trap_new("no", 2); return; }
      results[0].kind = WASMTIME_I32;
      results[0].of.i32 = args[0].of.i32 + 1;
      next->callback = done;
      next->env = &waits;
      next->finalizer = last;
    }
    static void test(void) {
      wasmtime_linker_t* linker = wasmtime_linker_new(engine);
      wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
      show(wasmtime_linker_define_async_func(linker, "m", 1, "f", 1, type, host, NULL, NULL));
      wasm_functype_delete(type);
      wasmtime_module_t* module = module_of(
        "(module (import \"m\" \"f\" (func $f (param i32) (result i32)))"
        "  (func (export \"g\") (param i32) (result i32) (call $f (local.get 0))))");
      wasmtime_instance_t instance;
      wasm_trap_t* trap = NULL;
      wasmtime_error_t* error = NULL;
      wasmtime_call_future_t* future =
        wasmtime_linker_instantiate_async(linker, context, module, &instance, &trap, &error);
      while (!wasmtime_call_future_poll(future)) printf("waits\n");
      wasmtime_call_future_delete(future);
      wasmtime_extern_t g = get(instance, "g");
      wasmtime_val_t arg = {.kind = WASMTIME_I32, .of = {.i32 = 4}}, result;
      future = wasmtime_func_call_async(context, &g.of.func, &arg, 1, &result, 1, &trap, &error);
      int polls = 1;
      while (!wasmtime_call_future_poll(future)) ++polls;
      wasmtime_call_future_delete(future);
      printf("%d after %d polls, %d\n", result.of.i32, polls, error != NULL);
      arg.of.i32 = 0;
      future = wasmtime_func_call_async(context, &g.of.func, &arg, 1, &result, 1, &trap, &error);
      printf("%d\n", wasmtime_call_future_poll(future));
      wasmtime_call_future_delete(future);
      wasm_frame_vec_t frames;
      wasmtime_error_wasm_trace(error, &frames);
      printf("%zu frame\n", frames.size);
      wasm_frame_vec_delete(&frames);
      wasmtime_error_delete(error);
      wasmtime_module_delete(module);
      wasmtime_linker_delete(linker);
    }"#;
    let expected = "no error\nlast 1\n5 after 3 polls, 0\n1\n1 frame\n";
    check("waits", code, expected);
}
