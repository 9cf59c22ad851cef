/** See `wasmtime/reference.h`. */

#ifndef WASMTIME_ANYREF_H
#define WASMTIME_ANYREF_H

#include <wasmtime/reference.h>

#endif
