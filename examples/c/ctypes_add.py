"""Calls a guest from Python through ctypes: python3 ctypes_add.py LIBRARY"""

import ctypes
import sys
from ctypes import POINTER, Structure, Union, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint8
from ctypes import c_void_p

lib = ctypes.CDLL(sys.argv[1])

TEXT = b"""(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))"""


class Bytes(Structure):
    _fields_ = [("size", c_size_t), ("data", POINTER(c_uint8))]


class Bits(Union):
    _fields_ = [("i32", c_int32), ("i64", c_int64), ("room", c_int64 * 3)]


class Val(Structure):  # also an export: both are a kind and 24 bytes
    _fields_ = [("kind", c_uint8), ("of", Bits)]


for name in ["wasm_engine_new", "wasmtime_store_new", "wasmtime_store_context",
             "wasmtime_wat2wasm", "wasmtime_module_new", "wasmtime_instance_new",
             "wasmtime_func_call"]:
    getattr(lib, name).restype = c_void_p

engine = c_void_p(lib.wasm_engine_new())
store = c_void_p(lib.wasmtime_store_new(engine, None, None))
context = c_void_p(lib.wasmtime_store_context(store))
binary, module, trap = Bytes(), c_void_p(), c_void_p()
instance = (c_int64 * 2)()
assert not lib.wasmtime_wat2wasm(c_char_p(TEXT), c_size_t(len(TEXT)), byref(binary))
assert not lib.wasmtime_module_new(engine, binary.data, c_size_t(binary.size), byref(module))
assert not lib.wasmtime_instance_new(context, module, None, c_size_t(0), instance, byref(trap))


def call(name, *args):
    func, results = Val(), (Val * 1)()
    values = (Val * len(args))(*[Val(0, Bits(i32=arg)) for arg in args])
    assert lib.wasmtime_instance_export_get(context, instance, name, c_size_t(len(name)), byref(func))
    error = lib.wasmtime_func_call(context, byref(func.of), values, c_size_t(len(args)), results,
                                   c_size_t(1), byref(trap))
    if error or trap:
        message = Bytes()
        lib.wasm_trap_message(trap, byref(message))
        return ctypes.string_at(message.data).decode().strip()
    return results[0].of.i32


print(call(b"add", 40, 2))
print(call(b"divide", 1, 0))
lib.wasm_trap_delete(trap), lib.wasmtime_module_delete(module)
lib.wasmtime_store_delete(store), lib.wasm_engine_delete(engine)
