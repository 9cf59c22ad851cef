#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::execute(data));
