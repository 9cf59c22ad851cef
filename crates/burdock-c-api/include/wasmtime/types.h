/** Types that `wasm.h` cannot express. */

#ifndef WASMTIME_TYPES_H
#define WASMTIME_TYPES_H

#include <wasmtime/types/val.h>

#endif
