//! Runs within runs do what a model says, whatever host functions and hooks do meanwhile.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::nesting(data));
