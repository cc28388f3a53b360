//! The door of libFuzzer to one target; what it does stands in `src/`.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: yidang_fuzz::unpack("date"),
    |bytes: &[u8]| yidang_fuzz::run("date", bytes)
);
