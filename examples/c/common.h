/* What the examples have in common: loading a module from text, and giving up. */

#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmtime.h>

/* Prints an error and ends the program, if there is an error or a trap. */
static inline void check(const char* what, wasmtime_error_t* error, wasm_trap_t* trap) {
  if (error == NULL && trap == NULL) return;
  wasm_byte_vec_t message;
  if (error != NULL) {
    wasmtime_error_message(error, &message);
  } else {
    wasm_trap_message(trap, &message);
  }
  fprintf(stderr, "%s: %.*s\n", what, (int)message.size, message.data);
  exit(1);
}

/* Makes a module of text. */
static inline wasmtime_module_t* load(wasm_engine_t* engine, const char* text) {
  wasm_byte_vec_t binary;
  check("text", wasmtime_wat2wasm(text, strlen(text), &binary), NULL);
  wasmtime_module_t* module = NULL;
  const uint8_t* bytes = (const uint8_t*)binary.data;
  check("module", wasmtime_module_new(engine, bytes, binary.size, &module), NULL);
  wasm_byte_vec_delete(&binary);
  return module;
}

/* Returns an export of an instance. */
static inline wasmtime_extern_t export_of(
  wasmtime_context_t* context, const wasmtime_instance_t* instance, const char* name
) {
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(context, instance, name, strlen(name), &item)) {
    fprintf(stderr, "no export %s\n", name);
    exit(1);
  }
  return item;
}

/* Instantiates a module that imports nothing. */
static inline wasmtime_instance_t instantiate(
  wasmtime_context_t* context, const wasmtime_module_t* module
) {
  wasmtime_instance_t instance;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error = wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
  check("instantiate", error, trap);
  return instance;
}

#endif
