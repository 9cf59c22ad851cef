/** See `wasmtime/reference.h`. */

#ifndef WASMTIME_EXTERNREF_H
#define WASMTIME_EXTERNREF_H

#include <wasmtime/reference.h>

#endif
