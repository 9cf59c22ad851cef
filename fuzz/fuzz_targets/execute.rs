//! One program, run by Burdock in every way that it has and by another interpreter, must do the
//! same.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::execute(data));
