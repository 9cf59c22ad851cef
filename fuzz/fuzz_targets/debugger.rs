//! Bytes from the wire end every session, and change nothing else.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::debugger(data));
