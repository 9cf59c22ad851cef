/**
 * What Burdock has and other engines do not: hooks that observe guests, frames, counters, traces,
 * profiles and debuggers. docs/HOOKS.md describes hooks in general, docs/DEBUGGING.md debuggers.
 * What `wasmtime.h` says of ownership, null, threads and callbacks holds here as well.
 *
 * A store without hooks pays nothing for them.
 */

#ifndef BURDOCK_H
#define BURDOCK_H

#include <wasmtime.h>

/** The version of the ABI; see docs/C-API.md. */
#define BURDOCK_ABI "0.1"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of events, as bits. */
enum burdock_events_enum {
  /** The host enters a guest or comes back from it, and the other way round. */
  BURDOCK_EVENTS_CALLS = 1 << 0,
  /** Imported host functions are called. */
  BURDOCK_EVENTS_HOST_CALLS = 1 << 1,
  /** Functions of guests are entered and left. */
  BURDOCK_EVENTS_FUNCS = 1 << 2,
  /** Instructions are executed. */
  BURDOCK_EVENTS_INSTRUCTIONS = 1 << 3,
  /** Conditional branches and branch tables are executed. */
  BURDOCK_EVENTS_BRANCHES = 1 << 4,
  /** Iterations of loops begin. */
  BURDOCK_EVENTS_LOOPS = 1 << 5,
  BURDOCK_EVENTS_MEMORY_READS = 1 << 6,
  BURDOCK_EVENTS_MEMORY_WRITES = 1 << 7,
  /** Memories and tables have grown, or have failed to. */
  BURDOCK_EVENTS_GROWTH = 1 << 8,
  /** Globals are written. */
  BURDOCK_EVENTS_GLOBALS = 1 << 9,
  /** Guests trap, or errors of the host stop them. */
  BURDOCK_EVENTS_TRAPS = 1 << 10,
  /** Fuel has run out, or the epoch has reached its deadline. */
  BURDOCK_EVENTS_INTERRUPTS = 1 << 11,
  /** Objects are allocated. */
  BURDOCK_EVENTS_ALLOCATIONS = 1 << 12,
  /** Exceptions are thrown and caught. */
  BURDOCK_EVENTS_EXCEPTIONS = 1 << 13,
  /** Garbage is collected. */
  BURDOCK_EVENTS_COLLECTIONS = 1 << 14,
};

/** Events. Values outside of this list may be added; ignore them. */
enum burdock_event_kind_enum {
  BURDOCK_CALLING_WASM,
  BURDOCK_RETURNING_FROM_WASM,
  BURDOCK_CALLING_HOST,
  BURDOCK_RETURNING_FROM_HOST,
  /** A host function is about to be called. `module`, `name`: the import; `values`: arguments. */
  BURDOCK_HOST_ENTER,
  /** The call is over. `flag`: it has failed; else `values`: results. */
  BURDOCK_HOST_LEAVE,
  /** `values`: arguments. */
  BURDOCK_FUNC_ENTER,
  /**
   * `index`: 0 for a return with `values`, 1 for a tail call, 2 for an unwinding by a trap or an
   * error, 3 for an exception.
   */
  BURDOCK_FUNC_LEAVE,
  BURDOCK_INSTRUCTION,
  /** `flag`: the branch is taken. */
  BURDOCK_BRANCH,
  /** `index`: of the target; `count`: of targets, with the default, which is last. */
  BURDOCK_BRANCH_TABLE,
  BURDOCK_LOOP_ITERATION,
  /** `index`: of the memory; `address` and `size` in bytes. */
  BURDOCK_MEMORY_READ,
  BURDOCK_MEMORY_WRITE,
  /** `index`: of the memory or table; `flag`: it has grown; `address`: the old size; `size`: the new. */
  BURDOCK_MEMORY_GROW,
  BURDOCK_TABLE_GROW,
  /** `index`: of the global; `values`: the value. */
  BURDOCK_GLOBAL_SET,
  /** `index`: of the type; `count`: of elements; `size` in bytes. */
  BURDOCK_ALLOCATE,
  /** `index`: of the tag; `values`: those of the exception. */
  BURDOCK_THROW,
  /** `values`: the exception. */
  BURDOCK_THROW_REF,
  /** `index`: the code in `wasmtime/trap.h`, 255 if it has none; `name`: the message. */
  BURDOCK_TRAP,
  /** `name`: the message. */
  BURDOCK_HOST_ERROR,
  BURDOCK_OUT_OF_FUEL,
  BURDOCK_EPOCH_DEADLINE,
  /**
   * `flag`: the clause is for one tag, `index`; `count`: the index of the clause; `values`: what its
   * label gets.
   */
  BURDOCK_CATCH,
  /**
   * `flag`: all objects were looked at; `address`: the bytes of all objects before; `size`: the bytes
   * that are left.
   */
  BURDOCK_COLLECTED,
  /** `address`: the old size of the heap in bytes; `size`: the new. */
  BURDOCK_HEAP_GROW,
};

/**
 * An event. Fields that the kind does not name are zero. The event, its texts (which have no zero
 * byte at their ends) and its values belong to the caller of the hook.
 */
typedef struct burdock_event {
  uint8_t kind;
  bool flag;
  uint32_t index;
  uint32_t count;
  uint64_t address;
  uint64_t size;
  const char* module;
  size_t module_len;
  const char* name;
  size_t name_len;
  const wasmtime_val_t* values;
  size_t nvalues;
} burdock_event_t;

/* Proposals for which Wasmtime has no setting. */

/** Allows descriptors of structures, and exact types. Off by default. See docs/GC.md. */
WASM_API_EXTERN void burdock_config_wasm_custom_descriptors_set(wasm_config_t*, bool);

/* The store's own hook. */

/** A hook. Returns null, or an error that replaces the call or its results. */
typedef wasmtime_error_t* (*burdock_call_hook_t)(
  void* env, wasmtime_context_t* store, uint8_t kind);

/**
 * Calls a hook at each crossing between host and guest: the first four kinds of events. Replaces the
 * previous hook; null removes it. Not allowed in callbacks of the store (ends the process).
 */
WASM_API_EXTERN void burdock_store_call_hook(
  wasmtime_store_t* store, burdock_call_hook_t hook, void* env, void (*finalizer)(void*));

/* Filters. Several functions, imports, instances, places or addresses select events of each. */

typedef struct burdock_filter_t burdock_filter_t;

/** Creates a filter of these events, wherever they happen. Unknown bits are ignored. */
WASM_API_EXTERN burdock_filter_t* burdock_filter_new(uint32_t events);
WASM_API_EXTERN burdock_filter_t* burdock_filter_clone(const burdock_filter_t* filter);
WASM_API_EXTERN void burdock_filter_delete(burdock_filter_t* filter);

/** Selects a function by its index, imported functions first. */
WASM_API_EXTERN void burdock_filter_func_index(burdock_filter_t* filter, uint32_t index);

/** Selects functions by name; `*` stands for any text. Returns false if the text is no UTF-8. */
WASM_API_EXTERN bool burdock_filter_func(
  burdock_filter_t* filter, const char* pattern, size_t pattern_len);

/** Selects imports of host functions by their names; `*` stands for any text. */
WASM_API_EXTERN bool burdock_filter_import(
  burdock_filter_t* filter, const char* module, size_t module_len, const char* name,
  size_t name_len);

WASM_API_EXTERN void burdock_filter_instance(
  burdock_filter_t* filter, wasmtime_context_t* store, const wasmtime_instance_t* instance);

/** Selects an operator by its position in the module's binary, in bytes. */
WASM_API_EXTERN void burdock_filter_offset(burdock_filter_t* filter, uint32_t offset);

/** Selects accesses to memory that touch addresses from `begin` to before `end`. */
WASM_API_EXTERN void burdock_filter_memory(burdock_filter_t* filter, uint64_t begin, uint64_t end);

/** Selects accesses that touch these addresses of one memory, whichever instance makes them. */
WASM_API_EXTERN void burdock_filter_memory_in(
  burdock_filter_t* filter, wasmtime_context_t* store, const wasmtime_memory_t* memory,
  uint64_t begin, uint64_t end);

/* Attached hooks. */

/** A hook. Returns null, or an error that is raised in the guest. */
typedef wasmtime_error_t* (*burdock_hook_t)(
  void* env, wasmtime_context_t* store, const burdock_event_t* event);

/** The name of an attached hook. Deleting it leaves the hook attached as long as the store lives. */
typedef struct burdock_attached_t burdock_attached_t;
WASM_API_EXTERN void burdock_attached_delete(burdock_attached_t* attached);

/**
 * Attaches a hook, which gets the events that the filter selects, from the next call of each
 * function on. The filter is copied. In a callback, the hook is attached when the event is over.
 */
WASM_API_EXTERN burdock_attached_t* burdock_context_attach(
  wasmtime_context_t* store, const burdock_filter_t* filter, burdock_hook_t hook, void* env,
  void (*finalizer)(void*));

/** Detaches a hook, in a callback when the event is over, and deletes its name. */
WASM_API_EXTERN void burdock_context_detach(
  wasmtime_context_t* store, burdock_attached_t* attached);

/* Frames, which hooks can inspect. A frame is valid until the guest continues. */

typedef struct burdock_frame_t burdock_frame_t;
WASM_API_EXTERN void burdock_frame_delete(burdock_frame_t* frame);

/** Returns the innermost frame; null if no guest is stopped. */
WASM_API_EXTERN burdock_frame_t* burdock_context_frame(wasmtime_context_t* store);

/** Returns the frame that called this one; null if there is none or the frame is not valid. */
WASM_API_EXTERN burdock_frame_t* burdock_frame_caller(
  wasmtime_context_t* store, const burdock_frame_t* frame);

/** Returns the index of the function in its module, imported functions first. */
WASM_API_EXTERN uint32_t burdock_frame_func_index(const burdock_frame_t* frame);

/** Returns the position in the module's binary, in bytes. */
WASM_API_EXTERN uint32_t burdock_frame_offset(const burdock_frame_t* frame);

WASM_API_EXTERN void burdock_frame_instance(
  wasmtime_context_t* store, const burdock_frame_t* frame, wasmtime_instance_t* out);

/** Returns true, and the name, if the module has a name for the function. */
WASM_API_EXTERN bool burdock_frame_func_name(
  wasmtime_context_t* store, const burdock_frame_t* frame, wasm_name_t* out);

/* Locals, and operands from the bottom of the stack. A frame that is not valid has none. */

WASM_API_EXTERN uint32_t burdock_frame_num_locals(
  wasmtime_context_t* store, const burdock_frame_t* frame);
WASM_API_EXTERN wasmtime_error_t* burdock_frame_local(
  wasmtime_context_t* store, const burdock_frame_t* frame, uint32_t index, wasmtime_val_t* out);
WASM_API_EXTERN wasmtime_error_t* burdock_frame_set_local(
  wasmtime_context_t* store, const burdock_frame_t* frame, uint32_t index,
  const wasmtime_val_t* value);
WASM_API_EXTERN uint32_t burdock_frame_num_operands(
  wasmtime_context_t* store, const burdock_frame_t* frame);
WASM_API_EXTERN wasmtime_error_t* burdock_frame_operand(
  wasmtime_context_t* store, const burdock_frame_t* frame, uint32_t index, wasmtime_val_t* out);
WASM_API_EXTERN wasmtime_error_t* burdock_frame_set_operand(
  wasmtime_context_t* store, const burdock_frame_t* frame, uint32_t index,
  const wasmtime_val_t* value);

/** Makes the function return these results instead of continuing. */
WASM_API_EXTERN wasmtime_error_t* burdock_frame_return_early(
  wasmtime_context_t* store, const burdock_frame_t* frame, const wasmtime_val_t* results,
  size_t nresults);

/* Counters: the machine counts, and calls no hook. */

/** A counter. Deleting it leaves it counting as long as the store lives. */
typedef struct burdock_counter_t burdock_counter_t;
WASM_API_EXTERN void burdock_counter_delete(burdock_counter_t* counter);

/** The number of times that an event has happened at one place. */
typedef struct burdock_count {
  wasmtime_instance_t instance;
  uint32_t func_index;
  uint32_t offset;
  /** One of `burdock_events_enum`. */
  uint32_t event;
  bool has_taken;
  uint64_t count;
  /** The number of times that the condition held, if `has_taken`. */
  uint64_t taken;
} burdock_count_t;

typedef struct burdock_count_vec_t {
  size_t size;
  burdock_count_t* data;
} burdock_count_vec_t;
WASM_API_EXTERN void burdock_count_vec_delete(burdock_count_vec_t* counts);

/** Counts the events that the filter selects from now on, of all kinds that happen in code. */
WASM_API_EXTERN burdock_counter_t* burdock_context_count(
  wasmtime_context_t* store, const burdock_filter_t* filter);

WASM_API_EXTERN uint64_t burdock_counter_total(
  wasmtime_context_t* store, const burdock_counter_t* counter);

/** Returns the counts in the order of instances, functions and offsets. */
WASM_API_EXTERN void burdock_counter_counts(
  wasmtime_context_t* store, const burdock_counter_t* counter, burdock_count_vec_t* out);

/** Ends counting, deletes the counter and returns the counts. Not allowed in callbacks. */
WASM_API_EXTERN void burdock_counter_stop(
  wasmtime_store_t* store, burdock_counter_t* counter, burdock_count_vec_t* out);

#ifdef BURDOCK_FEATURE_TOOLS

/* Traces and profiles. Not allowed in callbacks of the store (ends the process). */

/** What a trace shows, as bits. */
enum burdock_trace_enum {
  /** Calls of imported host functions. */
  BURDOCK_TRACE_HOST = 1 << 0,
  /** Calls of functions of guests. */
  BURDOCK_TRACE_CALLS = 1 << 1,
  BURDOCK_TRACE_INSTRUCTIONS = 1 << 2,
  BURDOCK_TRACE_MEMORY = 1 << 3,
  BURDOCK_TRACE_OBJECTS = 1 << 4,
  /** The duration of each call. */
  BURDOCK_TRACE_TIMES = 1 << 5,
  /** Only a table at the end. */
  BURDOCK_TRACE_SUMMARY = 1 << 6,
  /** JSON, an object a line, instead of text. */
  BURDOCK_TRACE_JSON = 1 << 7,
};

/** Takes text, which has no zero byte at its end. Returns false to stop the guest. */
typedef bool (*burdock_write_t)(void* env, const char* text, size_t len);

/** A trace. Deleting it leaves it attached as long as the store lives. */
typedef struct burdock_trace_t burdock_trace_t;
WASM_API_EXTERN void burdock_trace_delete(burdock_trace_t* trace);

/** Passes what happens from now on to a function. `write` must not use the store. */
WASM_API_EXTERN burdock_trace_t* burdock_store_trace(
  wasmtime_store_t* store, uint32_t what, burdock_write_t write, void* env,
  void (*finalizer)(void*));

/** Writes the rest of a trace, and deletes it. */
WASM_API_EXTERN wasmtime_error_t* burdock_trace_finish(burdock_trace_t* trace);

/** A profile that is being made. Deleting it leaves it attached as long as the store lives. */
typedef struct burdock_profiler_t burdock_profiler_t;
WASM_API_EXTERN void burdock_profiler_delete(burdock_profiler_t* profiler);

/** Profiles a store from now on, in fuel, which the engine's configuration has to have. */
WASM_API_EXTERN burdock_profiler_t* burdock_store_profile(wasmtime_store_t* store);

enum burdock_profile_format_enum {
  BURDOCK_PROFILE_TABLE,
  /** Stacks, one a line, as flame graphs are made of. */
  BURDOCK_PROFILE_FOLDED,
  BURDOCK_PROFILE_JSON,
  /** For `go tool pprof`. */
  BURDOCK_PROFILE_PPROF,
  /** A flame graph as SVG. */
  BURDOCK_PROFILE_FLAMEGRAPH,
};

/** Ends a profile, deletes it, and returns the profile in this format. */
WASM_API_EXTERN wasmtime_error_t* burdock_profiler_finish(
  wasmtime_store_t* store, burdock_profiler_t* profiler, uint8_t format, wasm_byte_vec_t* out);

/* Debuggers that speak the gdb-remote protocol, such as LLDB 22 and later. */

/**
 * Lets guests be debugged, and switches `epoch_interruption` on, with which a debugger interrupts
 * them. Stores then need a deadline (`wasmtime_context_set_epoch_deadline`).
 */
WASM_API_EXTERN void burdock_config_guest_debug_set(wasm_config_t*, bool);

/**
 * A server for the debuggers of a store. It accepts one debugger after the other, in a thread of
 * its own, until it is finished or deleted.
 */
typedef struct burdock_debugger_t burdock_debugger_t;

/**
 * Lets debuggers stop the guests of a store. Call it before the first module is instantiated.
 *
 * `address` is `PORT` or `ADDRESS:PORT`; without an address, only this machine can connect, and
 * port 0 is a free one. Whoever can connect can read and write the guest's memory, and end the
 * guest: calls then return an error.
 *
 * With `wait`, a guest that enters `module` at an export or at its start function stops there until
 * a debugger lets it continue. `path` is where debuggers find the file of `module`; it may be null.
 *
 * Not allowed in callbacks of the store (ends the process).
 */
WASM_API_EXTERN wasmtime_error_t* burdock_store_debug(
  wasmtime_store_t* store, const wasmtime_module_t* module, const char* path, const char* address,
  bool wait, burdock_debugger_t** out);

/** Returns the port on which the server listens. */
WASM_API_EXTERN uint16_t burdock_debugger_port(const burdock_debugger_t* debugger);

/**
 * Tells a debugger that the guest has ended with this status, waits at most a second until the
 * debugger has gone, and deletes the server. `delete` does the same with status 0.
 */
WASM_API_EXTERN void burdock_debugger_finish(burdock_debugger_t* debugger, uint8_t status);
WASM_API_EXTERN void burdock_debugger_delete(burdock_debugger_t* debugger);

#endif

#ifdef __cplusplus
}
#endif

#endif
