/** See `wasmtime/reference.h`. */

#ifndef WASMTIME_EXNREF_H
#define WASMTIME_EXNREF_H

#include <wasmtime/reference.h>

#endif
