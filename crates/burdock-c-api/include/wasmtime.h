/**
 * The names of Wasmtime's C API that Burdock has: configurations, engines, stores, modules, linkers,
 * instances, functions, memories, tables, globals, tags, values, references, traps, errors, fuel,
 * epochs, asynchronous calls and WASI. docs/C-API.md lists what is missing.
 *
 * What `wasm.h` says of ownership, null, threads and callbacks holds here as well. In addition:
 *
 * - A store belongs to whoever made it, and everything in the store ends with it. Functions use a
 *   store through its context, inside of callbacks as well as outside.
 * - Handles (`wasmtime_func_t` and so on) are structures that are copied and need not be deleted. A
 *   function that gets a handle of another store prints its name and ends the process.
 * - A function that returns `wasmtime_error_t*` returns null if it succeeded. If it has a parameter
 *   `trap`, a trap in a guest is written there instead, and the function returns null. `trap` may be
 *   null: traps are then returned as errors.
 * - `out` parameters may be uninitialized. Null stands for a value that is not wanted.
 */

#ifndef WASMTIME_API_H
#define WASMTIME_API_H

#include <wasi.h>
#include <wasmtime/arrayref.h>
#include <wasmtime/async.h>
#include <wasmtime/conf.h>
#include <wasmtime/config.h>
#include <wasmtime/engine.h>
#include <wasmtime/eqref.h>
#include <wasmtime/error.h>
#include <wasmtime/exnref.h>
#include <wasmtime/extern.h>
#include <wasmtime/func.h>
#include <wasmtime/global.h>
#include <wasmtime/instance.h>
#include <wasmtime/linker.h>
#include <wasmtime/memory.h>
#include <wasmtime/module.h>
#include <wasmtime/reference.h>
#include <wasmtime/store.h>
#include <wasmtime/structref.h>
#include <wasmtime/table.h>
#include <wasmtime/tag.h>
#include <wasmtime/trap.h>
#include <wasmtime/types.h>
#include <wasmtime/val.h>
#include <wasmtime/wat.h>

#endif
