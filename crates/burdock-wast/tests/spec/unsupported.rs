//! The scripts of the spec's suite that are not supported as a whole, with the reason, and the
//! single modules that are refused.

const THREADS: &str = "threads are not supported";
const SUPERSEDED: &str = "an older draft that later versions contradict";

/// (script, reason), by reason.
pub(crate) const UNSUPPORTED: &[(&str, &str)] = &[
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

/// (script, line) of modules in other scripts that are refused, because the script is of an older
/// draft: since then, a type with a descriptor has no supertype without one.
pub(crate) const REFUSED: &[(&str, usize)] = &[
    ("custom-descriptors/br_on_cast_desc_eq.wast", 456),
    ("custom-descriptors/br_on_cast_desc_eq_fail.wast", 432),
    ("custom-descriptors/descriptors.wast", 255),
    ("custom-descriptors/descriptors.wast", 262),
    ("custom-descriptors/ref_cast_desc_eq.wast", 168),
];
