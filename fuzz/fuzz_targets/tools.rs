//! A run that a tool looks at equals one that nobody looks at.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::tools(data));
