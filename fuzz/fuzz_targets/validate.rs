//! A module is valid exactly if wasmparser's validator accepts it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::validate(data));
