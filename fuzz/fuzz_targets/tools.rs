//! A run under observation of a tool equals one without.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::tools(data));
