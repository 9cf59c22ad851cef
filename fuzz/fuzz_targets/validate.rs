//! What is valid is what wasmparser's validator says is.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::validate(data));
