/** The parts of the library that this installation has. */

#ifndef WASMTIME_CONF_H
#define WASMTIME_CONF_H

/* Define one of these before the first header if the library was built without the feature. */
#ifndef BURDOCK_WITHOUT_WASI
#define WASMTIME_FEATURE_WASI
#endif
#ifndef BURDOCK_WITHOUT_WAT
#define WASMTIME_FEATURE_WAT
#endif
#ifndef BURDOCK_WITHOUT_TOOLS
#define BURDOCK_FEATURE_TOOLS
#endif

/* Modules are read, validated and translated, so everything that needs a compiler is there. */
#define WASMTIME_FEATURE_COMPILER
#define WASMTIME_FEATURE_GC
#define WASMTIME_FEATURE_ASYNC

#endif
