//! Any valid module is translated, into code whose size is linear in its own.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::translate(data));
