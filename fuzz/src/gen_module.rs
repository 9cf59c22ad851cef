//! Modules out of a fuzzer's bytes: wasm-smith's, and programs of our own that compute with locals
//! in loops more than those do.

use crate::program::{self, Language};

use arbitrary::Unstructured;
use std::sync::OnceLock;
use wasm_smith::{Config, Module};

/// The purpose of a module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// For translation: any supported feature.
    Everything,
    /// For execution and comparison: a module of Wasm 2.0 that terminates, within little memory,
    /// with one possible outcome.
    Runnable,
    /// The same with relaxed SIMD. wasmi rounds `relaxed_madd` once, Burdock (the spec's
    /// deterministic profile) twice.
    Relaxed,
    /// `Runnable` with objects, references to functions and exceptions.
    Objects,
}

/// Returns the module that the bytes encode, if there are enough of them.
pub fn module(data: &[u8], source: Source) -> Option<Vec<u8>> {
    let (first, rest) = data.split_first()?;
    let mut u = Unstructured::new(rest);
    if first % 4 != 0 {
        let language = match source {
            Source::Runnable | Source::Relaxed => Language::Numbers,
            Source::Objects => Language::Objects,
            Source::Everything => {
                if first % 4 == 1 {
                    Language::Numbers
                } else {
                    Language::Objects
                }
            }
        };
        return program::program(&mut u, language).ok();
    }
    let mut config = Config::arbitrary_in(&mut u).ok()?;
    config.gc_enabled = matches!(source, Source::Everything | Source::Objects);
    config.exceptions_enabled = config.gc_enabled;
    config.relaxed_simd_enabled = matches!(source, Source::Everything | Source::Relaxed);
    // Of the proposal, wasm-smith knows exact types; of descriptors, damaged modules have some.
    config.custom_descriptors_enabled = source == Source::Everything && u.arbitrary().ok()?;
    if source != Source::Everything {
        config.runnable();
    }
    let mut module = Module::new(config, &mut u).ok()?;
    if source != Source::Everything {
        module.ensure_termination(2000).ok()?;
    }
    Some(module.to_bytes())
}

/// Returns the host functions that a module may import, as a module.
fn imports() -> Vec<u8> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        wat::parse_str(
            r#"(module
            (import "host" "a" (func (param i32 i64) (result i64)))
            (import "host" "b" (func (param f32 f64 i32)))
            (import "host" "c" (func (result i32 f64)))
            (import "host" "d" (func (param v128) (result f32)))
            (import "host" "e" (func (param externref i64) (result v128 i32)))
            (import "host" "f" (func)))"#,
        )
        .expect("valid text")
    });
    bytes.clone()
}

trait ConfigExt: Sized {
    fn arbitrary_in(u: &mut Unstructured<'_>) -> arbitrary::Result<Self>;
    fn runnable(&mut self);
}

impl ConfigExt for Config {
    fn arbitrary_in(u: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        Ok(Self {
            acquire_release_atomics_enabled: false,
            compact_imports_enabled: false,
            custom_descriptors_enabled: false,
            custom_page_sizes_enabled: u.arbitrary()?,
            exceptions_enabled: false,
            export_everything: true,
            gc_enabled: false,
            memory64_enabled: u.arbitrary()?,
            multibyte_array_access_enabled: false,
            relaxed_simd_enabled: false,
            shared_everything_threads_enabled: false,
            simd_enabled: u.arbitrary()?,
            threads_enabled: false,
            wide_arithmetic_enabled: true,
            max_funcs: 12,
            min_funcs: 1,
            max_instructions: u.int_in_range(20..=1000)?,
            max_memories: 3,
            max_tables: 3,
            max_types: 12,
            max_imports: 12,
            ..Self::default()
        })
    }

    fn runnable(&mut self) {
        self.available_imports = Some(imports());
        self.canonicalize_nans = true;
        self.max_memory32_bytes = 4 << 16;
        self.max_memory64_bytes = 4 << 16;
        self.memory_max_size_required = true;
        self.table_max_size_required = true;
        self.max_table_elements = 100;
    }
}
