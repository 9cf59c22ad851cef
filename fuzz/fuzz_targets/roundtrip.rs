//! Numbers of ops, their parts and the disassembler agree.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::roundtrip(data));
