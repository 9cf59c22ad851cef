//! Malformed debug information and names stop none of their readers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::dwarf(data));
