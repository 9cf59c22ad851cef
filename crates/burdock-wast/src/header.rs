//! Headers of scripts: comments `;;! NAME = true` at the beginning of a script that list the
//! features it needs. A header takes precedence over the runner's options.
//!
//! Source: the headers of Wasmtime's `tests/misc_testsuite`.

use burdock::Config;

/// The meaning of a name in a header.
enum Means {
    /// A switch of the configuration.
    Switch(fn(&mut Config, bool) -> &mut Config),
    /// A proposal that the engine does not support.
    Unsupported(&'static str),
    /// A property that makes no difference to this runner.
    Nothing,
}

/// All names that a header may contain, with their meanings.
const NAMES: &[(&str, Means)] = &[
    ("branch_hinting", Means::Nothing),
    ("bulk_memory", Means::Switch(Config::wasm_bulk_memory)),
    ("component_model_async", Means::Unsupported("component-model")),
    ("component_model_async_stackful", Means::Unsupported("component-model")),
    ("component_model_error_context", Means::Unsupported("component-model")),
    ("component_model_fixed_length_lists", Means::Unsupported("component-model")),
    ("component_model_gc", Means::Unsupported("component-model")),
    ("component_model_implements", Means::Unsupported("component-model")),
    ("component_model_map", Means::Unsupported("component-model")),
    ("component_model_memory64", Means::Unsupported("component-model")),
    ("component_model_more_async_builtins", Means::Unsupported("component-model")),
    ("component_model_threading", Means::Unsupported("component-model")),
    ("custom_descriptors", Means::Switch(Config::wasm_custom_descriptors)),
    ("custom_page_sizes", Means::Switch(Config::wasm_custom_page_sizes)),
    ("exceptions", Means::Switch(Config::wasm_exceptions)),
    ("extended_const", Means::Switch(Config::wasm_extended_const)),
    ("function_references", Means::Switch(Config::wasm_function_references)),
    ("gc", Means::Switch(Config::wasm_gc)),
    ("gc_types", Means::Switch(Config::wasm_gc)),
    ("hogs_memory", Means::Nothing),
    ("legacy_exceptions", Means::Switch(Config::wasm_legacy_exceptions)),
    ("memory64", Means::Switch(Config::wasm_memory64)),
    ("multi_memory", Means::Switch(Config::wasm_multi_memory)),
    ("nan_canonicalization", Means::Switch(Config::cranelift_nan_canonicalization)),
    ("reference_types", Means::Switch(Config::wasm_reference_types)),
    ("relaxed_simd", Means::Switch(Config::wasm_relaxed_simd)),
    ("shared_everything_threads", Means::Unsupported("shared-everything-threads")),
    ("simd", Means::Switch(Config::wasm_simd)),
    ("spec_test", Means::Nothing),
    ("stack_switching", Means::Unsupported("stack-switching")),
    ("tail_call", Means::Switch(Config::wasm_tail_call)),
    ("threads", Means::Unsupported("threads")),
    ("wide_arithmetic", Means::Switch(Config::wasm_wide_arithmetic)),
];

/// The reason why a script's header cannot be applied.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    /// The script needs a proposal that the engine does not support.
    Unsupported(&'static str),
    /// A line of the header, counted from 0, is not understood.
    Malformed { line: usize, expected: &'static str, got: String },
}

/// Applies the header of a script to `config`.
pub(crate) fn apply(text: &str, config: &mut Config) -> Result<(), Refused> {
    for (line, said) in text.lines().map_while(|line| line.strip_prefix(";;!")).enumerate() {
        let said = said.split('#').next().unwrap_or_default().trim();
        if said.is_empty() {
            continue;
        }
        let malformed =
            |expected, got: &str| Refused::Malformed { line, expected, got: got.into() };
        let (name, value) = said
            .split_once('=')
            .ok_or_else(|| malformed("`NAME = true` or `NAME = false`", said))?;
        let on = match value.trim() {
            "true" => true,
            "false" => false,
            other => return Err(malformed("`true` or `false`", other)),
        };
        let found = NAMES.iter().find(|(known, _)| *known == name.trim());
        match found.ok_or_else(|| malformed("a name of Wasmtime's headers", name.trim()))?.1 {
            Means::Switch(set) => {
                set(config, on);
            }
            Means::Unsupported(proposal) if on => return Err(Refused::Unsupported(proposal)),
            Means::Unsupported(_) | Means::Nothing => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_understood_or_refused() {
        let malformed = |line, expected, got: &str| {
            Err(Refused::Malformed { line, expected, got: got.to_owned() })
        };
        for (text, expected) in [
            ("", Ok(())),
            ("(module) ;;! nonsense", Ok(())),
            (";;! simd = true\n;;!bulk_memory=false\n;;!\n;;! # words\n(module)", Ok(())),
            (";;! gc = false\n;;! hogs_memory = true", Ok(())),
            (";;! simd = true\n\n;;! gc = true", Ok(())),
            (";;! simd = true\n;;! threads = true", Err(Refused::Unsupported("threads"))),
            (";;! component_model_map = true", Err(Refused::Unsupported("component-model"))),
            (";;! simd", malformed(0, "`NAME = true` or `NAME = false`", "simd")),
            (";;! gc = false\n;;! simd = 1", malformed(1, "`true` or `false`", "1")),
            (";;! simd_ = true", malformed(0, "a name of Wasmtime's headers", "simd_")),
        ] {
            assert_eq!(apply(text, &mut Config::new()), expected, "{text}");
        }
    }

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
    }
}
