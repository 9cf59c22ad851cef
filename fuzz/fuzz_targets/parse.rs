//! Any bytes are a module or a clear error.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::parse(data));
