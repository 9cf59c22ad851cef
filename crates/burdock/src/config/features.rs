//! `WasmFeatures`: the switches of the proposals as one set of flags.

use super::Config;
use core::ops::{BitOr, BitOrAssign, Sub};

/// A set of WebAssembly proposals, for [`Config::wasm_features`].
///
/// Source: Wasmtime's `WasmFeatures`; the names are its.
///
/// # Example
///
/// ```
/// use burdock::{Config, WasmFeatures};
/// Config::new().wasm_features(WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD, false);
/// assert!(WasmFeatures::all().contains(WasmFeatures::THREADS));
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WasmFeatures(u32);

macro_rules! features {
    ($($bit:literal $name:ident => $method:ident),* $(,)?) => {
        impl WasmFeatures {
            $(#[doc = concat!("The feature that [`Config::", stringify!($method), "`] enables.")]
            pub const $name: Self = Self(1 << $bit);)*

            /// Returns all features that have a name here.
            pub const fn all() -> Self {
                Self(0 $(| 1 << $bit)*)
            }
        }

        impl Config {
            /// Switches each feature of a set on or off, as the method of its name does.
            pub fn wasm_features(&mut self, features: WasmFeatures, enable: bool) -> &mut Self {
                $(if features.contains(WasmFeatures::$name) {
                    self.$method(enable);
                })*
                self
            }
        }
    };
}

features! {
    0 MUTABLE_GLOBAL => wasm_mutable_global,
    1 SIGN_EXTENSION => wasm_sign_extension,
    2 SATURATING_FLOAT_TO_INT => wasm_saturating_float_to_int,
    3 MULTI_VALUE => wasm_multi_value,
    4 BULK_MEMORY => wasm_bulk_memory,
    5 REFERENCE_TYPES => wasm_reference_types,
    6 SIMD => wasm_simd,
    7 RELAXED_SIMD => wasm_relaxed_simd,
    8 TAIL_CALL => wasm_tail_call,
    9 EXTENDED_CONST => wasm_extended_const,
    10 MULTI_MEMORY => wasm_multi_memory,
    11 MEMORY64 => wasm_memory64,
    12 CUSTOM_PAGE_SIZES => wasm_custom_page_sizes,
    13 WIDE_ARITHMETIC => wasm_wide_arithmetic,
    14 FLOATS => floats,
    15 THREADS => wasm_threads,
    16 SHARED_EVERYTHING_THREADS => wasm_shared_everything_threads,
    17 FUNCTION_REFERENCES => wasm_function_references,
    18 GC => wasm_gc,
    19 EXCEPTIONS => wasm_exceptions,
    20 LEGACY_EXCEPTIONS => wasm_legacy_exceptions,
    21 STACK_SWITCHING => wasm_stack_switching,
    22 COMPONENT_MODEL => wasm_component_model,
    23 CM_ASYNC => wasm_component_model_async,
    24 COMPACT_IMPORTS => wasm_compact_imports,
    25 GC_TYPES => gc_support,
    26 CUSTOM_DESCRIPTORS => wasm_custom_descriptors,
}

impl WasmFeatures {
    /// Returns the empty set.
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Returns `true` if all features of `other` are in the set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the features of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for WasmFeatures {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl BitOrAssign for WasmFeatures {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.union(other);
    }
}

impl Sub for WasmFeatures {
    type Output = Self;

    /// Returns the features that are not in `other`.
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
