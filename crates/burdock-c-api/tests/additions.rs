//! Functions of `burdock.h` that no example uses, called by programs in C.

mod common;

use common::{Language, compile, examples, run, scratch};

/// Checks what a program prints. It has the functions of the examples' `common.h`.
#[track_caller]
fn check(name: &str, code: &str, expected: &str) {
    let header = examples().join("common.h");
    let file = scratch().join(format!("{name}.c"));
    let prelude = format!("#include <burdock.h>\n#include {header:?}\n");
    std::fs::write(&file, format!("{prelude}{code}")).expect("can write");
    let Some(program) = compile(Language::C, &file) else { return };
    assert_eq!(run(&program), expected, "{name}");
}

#[test]
fn filters_select_addresses_of_one_memory_or_of_all() {
    let code = r#"
static const char* TEXT =
  "(module (memory (export \"first\") 1) (memory (export \"second\") 1)"
  "  (func (export \"run\")"
  "    (i32.store 0 (i32.const 8) (i32.const 1))"
  "    (i32.store 1 (i32.const 8) (i32.const 2))"
  "    (i32.store 1 (i32.const 12) (i32.const 3))))";

static wasmtime_error_t* written(
  void* env, wasmtime_context_t* store, const burdock_event_t* event
) {
  (void)env; (void)store;
  printf("  memory %d, address %d\n", (int)event->index, (int)event->address);
  return NULL;
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasmtime_module_t* module = load(engine, TEXT);
  for (int which = 0; which < 3; ++which) {
    wasmtime_store_t* store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t* context = wasmtime_store_context(store);
    wasmtime_instance_t instance = instantiate(context, module);
    wasmtime_extern_t memory = export_of(context, &instance, which == 0 ? "first" : "second");
    burdock_filter_t* filter = burdock_filter_new(BURDOCK_EVENTS_MEMORY_WRITES);
    if (which == 2) {
      burdock_filter_memory(filter, 8, 12);
    } else {
      burdock_filter_memory_in(filter, context, &memory.of.memory, 8, 12);
    }
    burdock_attached_t* attached = burdock_context_attach(context, filter, written, NULL, NULL);
    printf("filter %d\n", which);
    wasmtime_extern_t run = export_of(context, &instance, "run");
    wasm_trap_t* trap = NULL;
    check("run", wasmtime_func_call(context, &run.of.func, NULL, 0, NULL, 0, &trap), trap);
    burdock_attached_delete(attached);
    burdock_filter_delete(filter);
    wasmtime_store_delete(store);
  }
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
"#;
    let expected = "filter 0
  memory 0, address 8
filter 1
  memory 1, address 8
filter 2
  memory 0, address 8
  memory 1, address 8
";
    check("filters", code, expected);
}

#[test]
fn custom_descriptors_have_a_switch() {
    let code = r#"
static const char* TEXT =
  "(module (rec (type $shape (descriptor $class) (struct))"
  "  (type $class (describes $shape) (struct))))";

int main(void) {
  for (int on = 0; on < 2; ++on) {
    wasm_config_t* config = wasm_config_new();
    burdock_config_wasm_custom_descriptors_set(config, on);
    wasm_engine_t* engine = wasm_engine_new_with_config(config);
    wasm_byte_vec_t binary;
    check("text", wasmtime_wat2wasm(TEXT, strlen(TEXT), &binary), NULL);
    wasmtime_error_t* error =
      wasmtime_module_validate(engine, (const uint8_t*)binary.data, binary.size);
    printf("%s\n", error == NULL ? "valid" : "refused");
    if (error != NULL) wasmtime_error_delete(error);
    wasm_byte_vec_delete(&binary);
    wasm_engine_delete(engine);
  }
  return 0;
}
"#;
    check("descriptors", code, "refused\nvalid\n");
}
