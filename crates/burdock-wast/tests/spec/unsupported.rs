//! The scripts of the spec's suite that are not supported as a whole, with the reason.

const CUSTOM_DESCRIPTORS: &str = "custom descriptors are not supported";
const THREADS: &str = "threads are not supported";
const SUPERSEDED: &str = "an older draft that later versions contradict";

/// (script, reason), by reason.
pub(crate) const UNSUPPORTED: &[(&str, &str)] = &[
    ("custom-descriptors/array_new_exact.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/binary-descriptors.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/br_on_cast.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/br_on_cast_desc_eq.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/br_on_cast_desc_eq_fail.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/br_on_cast_fail.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/descriptors.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/exact-casts.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/exact-func-import.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/exact.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/ref_cast_desc_eq.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/ref_get_desc.wast", CUSTOM_DESCRIPTORS),
    ("custom-descriptors/struct_new_desc.wast", CUSTOM_DESCRIPTORS),
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
