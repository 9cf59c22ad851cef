//! What a module may use and how big it may be: one switch a proposal, and limits against
//! hostile modules. No type of the parser library shows here.

use crate::ParseError;
use crate::error::{Bounded, ExceededLimit};
use wasmparser::WasmFeatures;

/// The proposals that a module may use, one switch each.
///
/// The default is Wasm 3.0 as far as Burdock has it, with relaxed SIMD and wide arithmetic.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Features {
    /// Imported and exported mutable globals.
    pub mutable_global: bool,
    /// `i32.extend8_s` and its kin.
    pub sign_extension: bool,
    /// `i32.trunc_sat_f32_s` and its kin.
    pub saturating_float_to_int: bool,
    /// Blocks and functions with several results.
    pub multi_value: bool,
    /// `memory.copy`, passive segments and their kin.
    pub bulk_memory: bool,
    /// `externref`, `table.get` and their kin.
    pub reference_types: bool,
    /// `v128`.
    pub simd: bool,
    /// Vector operators whose result the host may choose within limits.
    pub relaxed_simd: bool,
    /// `return_call` and `return_call_indirect`.
    pub tail_call: bool,
    /// Addition, subtraction and multiplication in constant expressions.
    pub extended_const: bool,
    /// More than one memory.
    pub multi_memory: bool,
    /// 64-bit memories and tables.
    pub memory64: bool,
    /// Pages of one byte.
    pub custom_page_sizes: bool,
    /// 128-bit addition and multiplication on pairs of `i64`.
    pub wide_arithmetic: bool,
    /// Typed function references: `call_ref`, `(ref $t)` and their kin.
    pub function_references: bool,
    /// References that lead to objects: without them, `funcref` is the only type of references, and
    /// there are no exceptions.
    pub gc_types: bool,
    /// Structures, arrays and `i31`, with recursive types and subtyping.
    pub gc: bool,
    /// Tags, `throw` and `try_table`.
    pub exceptions: bool,
    /// The exceptions of older toolchains: `try`, `catch` and their kin.
    pub legacy_exceptions: bool,
    /// Imports of one module in groups, which name the module once.
    pub compact_imports: bool,
    /// Descriptors of structures, and exact reference types.
    pub custom_descriptors: bool,
    /// Floating-point types and operators.
    pub floats: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            mutable_global: true,
            sign_extension: true,
            saturating_float_to_int: true,
            multi_value: true,
            bulk_memory: true,
            reference_types: true,
            simd: true,
            relaxed_simd: true,
            tail_call: true,
            extended_const: true,
            multi_memory: true,
            memory64: true,
            custom_page_sizes: false,
            wide_arithmetic: true,
            function_references: true,
            gc_types: true,
            gc: true,
            exceptions: true,
            legacy_exceptions: false,
            compact_imports: true,
            custom_descriptors: false,
            floats: true,
        }
    }
}

impl Features {
    /// Returns the same features in wasmparser's form.
    pub fn to_wasmparser(self) -> WasmFeatures {
        let switches = [
            (self.mutable_global, WasmFeatures::MUTABLE_GLOBAL),
            (self.sign_extension, WasmFeatures::SIGN_EXTENSION),
            (self.saturating_float_to_int, WasmFeatures::SATURATING_FLOAT_TO_INT),
            (self.multi_value, WasmFeatures::MULTI_VALUE),
            (self.bulk_memory, WasmFeatures::BULK_MEMORY),
            (self.reference_types, WasmFeatures::REFERENCE_TYPES),
            // Not a proposal: the library's gate for `externref`.
            (self.reference_types && self.gc_types, WasmFeatures::GC_TYPES),
            (self.simd, WasmFeatures::SIMD),
            (self.relaxed_simd, WasmFeatures::RELAXED_SIMD),
            (self.tail_call, WasmFeatures::TAIL_CALL),
            (self.extended_const, WasmFeatures::EXTENDED_CONST),
            (self.multi_memory, WasmFeatures::MULTI_MEMORY),
            (self.memory64, WasmFeatures::MEMORY64),
            (self.custom_page_sizes, WasmFeatures::CUSTOM_PAGE_SIZES),
            (self.wide_arithmetic, WasmFeatures::WIDE_ARITHMETIC),
            (self.function_references, WasmFeatures::FUNCTION_REFERENCES),
            (self.gc, WasmFeatures::GC),
            (self.exceptions && self.gc_types, WasmFeatures::EXCEPTIONS),
            (self.legacy_exceptions && self.gc_types, WasmFeatures::LEGACY_EXCEPTIONS),
            (self.compact_imports, WasmFeatures::COMPACT_IMPORTS),
            (self.custom_descriptors && self.gc, WasmFeatures::CUSTOM_DESCRIPTORS),
            (self.floats, WasmFeatures::FLOATS),
        ];
        let on = switches.into_iter().filter(|(on, _)| *on);
        on.fold(WasmFeatures::empty(), |all, (_, feature)| all | feature)
    }
}

/// A minimum for the average size of function bodies, and when it applies.
///
/// See [`EnforcedLimits`] for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct AvgBytesPerFunctionLimit {
    /// The limit is enforced when the bodies together have at least this many bytes.
    pub req_funcs_bytes: u32,
    /// The bytes that a body must have on average.
    pub min_avg_bytes_per_function: u32,
}

/// Limits on the size of a module. `None` enforces nothing, which is the default.
///
/// A module is refused, whatever limits are enforced, if the parameters (or results), other locals
/// and operands of one of its functions take more than 65,000 slots: two for each `v128`, one for
/// every other value. A function that uses vectors is assumed to have only vectors on its operand
/// stack.
///
/// Source: wasmi's `EnforcedLimits`.
///
/// # Example
///
/// ```
/// use burdock_parse::{AvgBytesPerFunctionLimit, EnforcedLimits, Features, Validation, parse};
/// let bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";
/// let with = |limits| parse(bytes, &Features::default(), &limits, Validation::Checked);
/// assert!(with(EnforcedLimits::strict()).is_ok());
/// assert!(with(EnforcedLimits { max_functions: Some(0), ..EnforcedLimits::default() }).is_err());
/// let average = AvgBytesPerFunctionLimit { req_funcs_bytes: 0, min_avg_bytes_per_function: 40 };
/// let min_avg_bytes_per_function = Some(average);
/// assert!(with(EnforcedLimits { min_avg_bytes_per_function, ..Default::default() }).is_err());
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct EnforcedLimits {
    /// The most globals, imported ones not counted.
    pub max_globals: Option<u32>,
    /// The most functions, imported ones not counted.
    pub max_functions: Option<u32>,
    /// The most tables, imported ones not counted.
    pub max_tables: Option<u32>,
    /// The most element segments.
    pub max_element_segments: Option<u32>,
    /// The most memories, imported ones not counted.
    pub max_memories: Option<u32>,
    /// The most data segments.
    pub max_data_segments: Option<u32>,
    /// The most parameters of a function type.
    pub max_params: Option<usize>,
    /// The most results of a function type.
    pub max_results: Option<usize>,
    /// The least average size of function bodies: many tiny functions cost more than their bytes.
    pub min_avg_bytes_per_function: Option<AvgBytesPerFunctionLimit>,
}

impl EnforcedLimits {
    /// Limits that any honest module keeps and that bound what a hostile one can cost.
    pub fn strict() -> Self {
        Self {
            max_globals: Some(1000),
            max_functions: Some(10_000),
            max_tables: Some(100),
            max_element_segments: Some(1000),
            max_memories: Some(1),
            max_data_segments: Some(1000),
            max_params: Some(32),
            max_results: Some(32),
            min_avg_bytes_per_function: Some(AvgBytesPerFunctionLimit {
                req_funcs_bytes: 1000,
                min_avg_bytes_per_function: 40,
            }),
        }
    }

    /// Fails if there are more than `limit`.
    pub(crate) fn check(
        limit: Option<impl Into<u64>>,
        count: u64,
        of: Bounded,
        offset: u64,
    ) -> Result<(), ParseError> {
        match limit.map(Into::into) {
            Some(limit) if count > limit => {
                Err(ParseError::exceeded(ExceededLimit { of, limit, found: count }, offset))
            }
            _ => Ok(()),
        }
    }

    /// Fails if the average body is smaller than the limits allow.
    pub(crate) fn check_bodies(
        &self,
        bytes: u32,
        count: u32,
        offset: u64,
    ) -> Result<(), ParseError> {
        let Some(limit) = self.min_avg_bytes_per_function else {
            return Ok(());
        };
        let least = limit.min_avg_bytes_per_function;
        if bytes >= limit.req_funcs_bytes && count > 0 && bytes / count < least {
            let (limit, found) = (least.into(), (bytes / count).into());
            let exceeded = ExceededLimit { of: Bounded::AvgBytesPerFunction, limit, found };
            return Err(ParseError::exceeded(exceeded, offset));
        }
        Ok(())
    }
}
