//! libFuzzer's way to this target.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mono_fuzz::run("ids", data));
