//! `Config`: wasmi's settings and defaults, over Burdock's.

use crate::{EnforcedLimits, OperatorCost};
use burdock::TranslationCost;

pub use burdock::CompilationMode;

/// The configuration of an engine. Without changes it has wasmi's defaults: in particular, only the
/// proposals of wasmi are enabled.
#[derive(Clone, Debug)]
pub struct Config {
    config: burdock::Config,
    min_stack_height: usize,
    max_stack_height: usize,
}

/// The fuel for work that is not an operator's.
///
/// Burdock takes fuel for each byte that is translated and validated. Copied bytes are operands of
/// operators such as `memory.copy`, for which [docs/FUEL.md] names the fuel;
/// `bytes_copied_per_fuel` changes nothing.
///
/// [docs/FUEL.md]: https://github.com/burdock-wasm/burdock/blob/main/docs/FUEL.md
#[derive(Copy, Clone, Debug)]
pub struct CustomFuelCosts {
    /// The bytes that one unit of fuel copies. Changes nothing.
    pub bytes_copied_per_fuel: u32,
    /// The fuel for each byte of a function's body that is translated at its first call.
    pub fuel_per_bytes_translated: u32,
    /// The fuel for each byte of a function's body that is validated at its first call.
    pub fuel_per_bytes_validated: u32,
}

impl Default for Config {
    fn default() -> Self {
        let mut config = burdock::Config::new();
        config
            .keep_fuel_after_trap(true)
            .translation_cost(TranslationCost { translated_per_byte: 7, validated_per_byte: 2 })
            .wasm_simd(cfg!(feature = "simd"))
            .wasm_relaxed_simd(cfg!(feature = "simd"))
            .wasm_memory64(cfg!(feature = "memory64"))
            .wasm_wide_arithmetic(false)
            .wasm_custom_page_sizes(false)
            .wasm_function_references(false)
            .wasm_gc(false)
            .wasm_exceptions(false)
            .wasm_compact_imports(false)
            .cranelift_nan_canonicalization(cfg!(feature = "deterministic"))
            .relaxed_simd_deterministic(cfg!(feature = "deterministic"));
        Self { config, min_stack_height: 1_000, max_stack_height: 16 << 20 }
    }
}

macro_rules! proposals {
    ($($(#[$cfg:meta])* $method:ident)*) => {
        impl Config {
            $($(#[$cfg])*
            #[doc = concat!("Sets whether modules may use what [`", stringify!($method), "`](burdock::Config::", stringify!($method), ") enables.")]
            pub fn $method(&mut self, enable: bool) -> &mut Self {
                self.config.$method(enable);
                self
            })*
        }
    };
}

proposals! {
    wasm_mutable_global
    wasm_sign_extension
    wasm_saturating_float_to_int
    wasm_multi_value
    wasm_multi_memory
    wasm_bulk_memory
    wasm_reference_types
    wasm_tail_call
    wasm_extended_const
    wasm_custom_page_sizes
    #[cfg(feature = "memory64")]
    wasm_memory64
    wasm_wide_arithmetic
    #[cfg(feature = "simd")]
    wasm_simd
    #[cfg(feature = "simd")]
    wasm_relaxed_simd
    floats
}

impl Config {
    /// Sets the maximum of frames. Without this setting only the height of the stack limits
    /// recursion, and calls are not counted; wasmi's default is 1,000.
    pub fn set_max_recursion_depth(&mut self, value: usize) -> &mut Self {
        self.config.set_max_recursion_depth(value);
        self
    }

    /// Sets the initial height of the stack in bytes.
    ///
    /// # Panics
    ///
    /// Panics if `value` exceeds the maximum.
    pub fn set_min_stack_height(&mut self, value: usize) -> &mut Self {
        let max = self.max_stack_height;
        assert!(value <= max, "minimum stack height {value} exceeds the maximum {max}");
        self.min_stack_height = value;
        self.config.set_min_stack_height(value);
        self
    }

    /// Sets the maximum height of the stack in bytes. The default is 16 MiB; wasmi's is 1 MB.
    ///
    /// # Panics
    ///
    /// Panics if `value` is below the initial height, 1,000 bytes if it is not set.
    pub fn set_max_stack_height(&mut self, value: usize) -> &mut Self {
        let min = self.min_stack_height;
        assert!(value >= min, "maximum stack height {value} is below the minimum {min}");
        self.max_stack_height = value;
        self.config.set_max_stack_height(value);
        self
    }

    /// Does nothing: a store keeps its own stack.
    pub fn set_max_cached_stacks(&mut self, value: usize) -> &mut Self {
        self.config.set_max_cached_stacks(value);
        self
    }

    /// Sets whether guests consume fuel ([`Store::set_fuel`](crate::Store::set_fuel)). Off by
    /// default.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.config.consume_fuel(enable);
        self
    }

    /// Sets whether modules may have a start function. On by default.
    pub fn allow_start_fn(&mut self, allow: bool) -> &mut Self {
        self.config.allow_start_fn(allow);
        self
    }

    /// Sets whether custom sections are dropped when a module is read. Off by default.
    pub fn ignore_custom_sections(&mut self, enable: bool) -> &mut Self {
        self.config.ignore_custom_sections(enable);
        self
    }

    /// Sets the fuel that each operator takes.
    pub fn operator_cost(&mut self, cost: OperatorCost) -> &mut Self {
        self.config.operator_cost(cost.to_burdock());
        self
    }

    /// Sets the fuel for translation and validation at the first call of a function.
    pub fn fuel_cost(&mut self, cost: CustomFuelCosts) -> &mut Self {
        self.config.translation_cost(TranslationCost {
            translated_per_byte: cost.fuel_per_bytes_translated,
            validated_per_byte: cost.fuel_per_bytes_validated,
        });
        self
    }

    /// Sets when functions are validated and translated. The default is
    /// [`CompilationMode::LazyTranslation`].
    pub fn compilation_mode(&mut self, mode: CompilationMode) -> &mut Self {
        self.config.compilation_mode(mode);
        self
    }

    /// Sets limits on the size of modules.
    pub fn enforced_limits(&mut self, limits: EnforcedLimits) -> &mut Self {
        self.config.enforced_limits(limits);
        self
    }

    /// Returns Burdock's configuration.
    pub fn as_burdock(&self) -> &burdock::Config {
        &self.config
    }

    /// Returns Burdock's configuration, to enable what wasmi does not have. References of types
    /// that wasmi does not have appear as `externref` in this crate.
    pub fn as_burdock_mut(&mut self) -> &mut burdock::Config {
        &mut self.config
    }
}
