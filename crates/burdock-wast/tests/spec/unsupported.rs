//! The scripts of the spec's suite that are not supported as a whole, with the reason.

const FUNCTION_REFERENCES: &str = "typed function references are not supported";
const GC: &str = "garbage-collected types are not supported";
const EXCEPTIONS: &str = "exceptions are not supported";
const CUSTOM_DESCRIPTORS: &str = "custom descriptors are not supported";
const THREADS: &str = "threads are not supported";
const SUPERSEDED: &str = "an older draft that later versions contradict";

/// (script, reason), by reason.
pub(crate) const UNSUPPORTED: &[(&str, &str)] = &[
    ("bulk-memory/table-sub.wast", FUNCTION_REFERENCES),
    (
        "function-references/br_on_non_null.wast",
        FUNCTION_REFERENCES,
    ),
    ("function-references/br_on_null.wast", FUNCTION_REFERENCES),
    ("function-references/br_table.wast", FUNCTION_REFERENCES),
    ("function-references/call_ref.wast", FUNCTION_REFERENCES),
    ("function-references/elem.wast", FUNCTION_REFERENCES),
    ("function-references/linking.wast", FUNCTION_REFERENCES),
    ("function-references/local_init.wast", FUNCTION_REFERENCES),
    ("function-references/ref.wast", FUNCTION_REFERENCES),
    (
        "function-references/ref_as_non_null.wast",
        FUNCTION_REFERENCES,
    ),
    ("function-references/ref_is_null.wast", FUNCTION_REFERENCES),
    ("function-references/ref_null.wast", FUNCTION_REFERENCES),
    (
        "function-references/return_call_ref.wast",
        FUNCTION_REFERENCES,
    ),
    ("function-references/table.wast", FUNCTION_REFERENCES),
    (
        "function-references/type-equivalence.wast",
        FUNCTION_REFERENCES,
    ),
    (
        "function-references/unreached-valid.wast",
        FUNCTION_REFERENCES,
    ),
    ("wasm-latest/br_on_non_null.wast", FUNCTION_REFERENCES),
    ("wasm-latest/br_on_null.wast", FUNCTION_REFERENCES),
    ("wasm-latest/call_ref.wast", FUNCTION_REFERENCES),
    ("wasm-latest/elem.wast", FUNCTION_REFERENCES),
    ("wasm-latest/global.wast", FUNCTION_REFERENCES),
    ("wasm-latest/linking.wast", FUNCTION_REFERENCES),
    ("wasm-latest/return_call.wast", FUNCTION_REFERENCES),
    ("wasm-latest/return_call_indirect.wast", FUNCTION_REFERENCES),
    ("wasm-latest/return_call_ref.wast", FUNCTION_REFERENCES),
    ("wasm-latest/table.wast", FUNCTION_REFERENCES),
    ("wasm-latest/unreached-valid.wast", FUNCTION_REFERENCES),
    ("bulk-memory/table_init.wast", GC),
    ("gc/array.wast", GC),
    ("gc/array_copy.wast", GC),
    ("gc/array_fill.wast", GC),
    ("gc/array_init_data.wast", GC),
    ("gc/array_init_elem.wast", GC),
    ("gc/array_new_data.wast", GC),
    ("gc/array_new_elem.wast", GC),
    ("gc/br_on_cast.wast", GC),
    ("gc/br_on_cast_fail.wast", GC),
    ("gc/extern.wast", GC),
    ("gc/i31.wast", GC),
    ("gc/ref_cast.wast", GC),
    ("gc/ref_eq.wast", GC),
    ("gc/ref_test.wast", GC),
    ("gc/struct.wast", GC),
    ("gc/type-subtyping.wast", GC),
    ("wasm-latest/data.wast", GC),
    ("wasm-latest/ref_null.wast", GC),
    ("wasm-latest/type-canon.wast", GC),
    ("wasm-latest/type-equivalence.wast", GC),
    ("wasm-latest/type-rec.wast", GC),
    ("exceptions/tag.wast", EXCEPTIONS),
    ("exceptions/throw.wast", EXCEPTIONS),
    ("exceptions/throw_ref.wast", EXCEPTIONS),
    ("exceptions/try_table.wast", EXCEPTIONS),
    ("wasm-latest/imports.wast", EXCEPTIONS),
    ("wasm-latest/instance.wast", EXCEPTIONS),
    (
        "custom-descriptors/array_new_exact.wast",
        CUSTOM_DESCRIPTORS,
    ),
    (
        "custom-descriptors/binary-descriptors.wast",
        CUSTOM_DESCRIPTORS,
    ),
    ("custom-descriptors/br_on_cast.wast", CUSTOM_DESCRIPTORS),
    (
        "custom-descriptors/br_on_cast_desc_eq.wast",
        CUSTOM_DESCRIPTORS,
    ),
    (
        "custom-descriptors/br_on_cast_desc_eq_fail.wast",
        CUSTOM_DESCRIPTORS,
    ),
    (
        "custom-descriptors/br_on_cast_fail.wast",
        CUSTOM_DESCRIPTORS,
    ),
    ("custom-descriptors/descriptors.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/exact-casts.wast", CUSTOM_DESCRIPTORS),
    (
        "custom-descriptors/exact-func-import.wast",
        CUSTOM_DESCRIPTORS,
    ),
    ("custom-descriptors/exact.wast", CUSTOM_DESCRIPTORS),
    (
        "custom-descriptors/ref_cast_desc_eq.wast",
        CUSTOM_DESCRIPTORS,
    ),
    ("custom-descriptors/ref_get_desc.wast", CUSTOM_DESCRIPTORS),
    (
        "custom-descriptors/struct_new_desc.wast",
        CUSTOM_DESCRIPTORS,
    ),
    ("threads/atomic.wast", THREADS),
    ("threads/exports.wast", THREADS),
    ("threads/imports.wast", THREADS),
    ("threads/memory.wast", THREADS),
    ("function-references/binary.wast", SUPERSEDED),
    ("memory64/binary.wast", SUPERSEDED),
    ("memory64/memory.wast", SUPERSEDED),
    ("memory64/memory64.wast", SUPERSEDED),
    ("mutable-global/linking.wast", SUPERSEDED),
    ("reference-types/unreached-invalid.wast", SUPERSEDED),
];
