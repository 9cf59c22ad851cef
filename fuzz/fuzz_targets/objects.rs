//! One program with objects and exceptions, run in every way that Burdock has, with and without
//! collections.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| burdock_fuzz::objects(data));
