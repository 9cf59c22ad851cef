//! Malformed debug information and names stop nothing that reads them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::dwarf(data));
