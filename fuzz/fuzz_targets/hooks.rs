//! A hooked run equals an unhooked one, and its events nest.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::hooks(data));
