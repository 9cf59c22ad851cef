// A host for plug-ins in C++: owners that delete what they have, and a lambda as a host function.

#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <wasmtime.h>

template <typename T, void (*Delete)(T*)>
struct Deleter {
  void operator()(T* object) const { Delete(object); }
};

template <typename T, void (*Delete)(T*)>
using Owner = std::unique_ptr<T, Deleter<T, Delete>>;

using Engine = Owner<wasm_engine_t, wasm_engine_delete>;
using Module = Owner<wasmtime_module_t, wasmtime_module_delete>;
using Linker = Owner<wasmtime_linker_t, wasmtime_linker_delete>;
using Store = Owner<wasmtime_store_t, wasmtime_store_delete>;
using Error = Owner<wasmtime_error_t, wasmtime_error_delete>;
using FuncType = Owner<wasm_functype_t, wasm_functype_delete>;
using Callback = std::function<void(wasmtime_context_t*, wasmtime_memory_t, uint32_t, uint32_t)>;

// Throws an exception if there is an error.
static void check(wasmtime_error_t* error, wasm_trap_t* trap = nullptr) {
  Error owner(error);
  if (trap != nullptr) throw std::runtime_error("a trap");
  if (!owner) return;
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  std::string text(message.data, message.size);
  wasm_byte_vec_delete(&message);
  throw std::runtime_error(text);
}

// Calls the lambda that is the function's data. No exception may leave a callback.
static wasm_trap_t* call(
  void* env, wasmtime_caller_t* caller, const wasmtime_val_t* args, size_t, wasmtime_val_t*, size_t
) {
  const std::string failed = "the host has failed";
  try {
    wasmtime_extern_t memory;
    if (!wasmtime_caller_export_get(caller, "memory", 6, &memory)) throw std::runtime_error("");
    uint32_t address = static_cast<uint32_t>(args[0].of.i32);
    uint32_t len = static_cast<uint32_t>(args[1].of.i32);
    (*static_cast<Callback*>(env))(
      wasmtime_caller_context(caller), memory.of.memory, address, len);
    return nullptr;
  } catch (...) {
    return wasmtime_trap_new(failed.data(), failed.size());
  }
}

static const char* const TEXT = R"((module
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hello from a plug-in")
  (func (export "run") (call $log (i32.const 8) (i32.const 20)))
  (func (export "wrong") (call $log (i32.const 65535) (i32.const 20)))))";

int main() {
  Engine engine(wasm_engine_new());
  wasm_byte_vec_t binary;
  check(wasmtime_wat2wasm(TEXT, std::strlen(TEXT), &binary));
  wasmtime_module_t* raw = nullptr;
  check(wasmtime_module_new(
    engine.get(), reinterpret_cast<const uint8_t*>(binary.data), binary.size, &raw));
  Module module(raw);
  wasm_byte_vec_delete(&binary);

  auto* log = new Callback([](auto* context, auto memory, uint32_t address, uint32_t len) {
    if (uint64_t(address) + len > wasmtime_memory_data_size(context, &memory)) {
      throw std::out_of_range("the text is not in the memory");
    }
    const uint8_t* data = wasmtime_memory_data(context, &memory) + address;
    std::cout << std::string(reinterpret_cast<const char*>(data), len) << "\n";
  });
  Linker linker(wasmtime_linker_new(engine.get()));
  FuncType type(wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32()));
  check(wasmtime_linker_define_func(
    linker.get(), "host", 4, "log", 3, type.get(), call, log,
    [](void* env) { delete static_cast<Callback*>(env); }));

  Store store(wasmtime_store_new(engine.get(), nullptr, nullptr));
  wasmtime_context_t* context = wasmtime_store_context(store.get());
  wasmtime_instance_t instance;
  wasm_trap_t* trap = nullptr;
  check(
    wasmtime_linker_instantiate(linker.get(), context, module.get(), &instance, &trap), trap);
  for (const char* name : {"run", "wrong"}) {
    wasmtime_extern_t func;
    if (!wasmtime_instance_export_get(context, &instance, name, std::strlen(name), &func)) return 1;
    Error error(wasmtime_func_call(context, &func.of.func, nullptr, 0, nullptr, 0, &trap));
    std::cout << name << (error ? " failed\n" : " succeeded\n");
  }
  return 0;
}
