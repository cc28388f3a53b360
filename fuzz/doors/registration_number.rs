//! The door of libFuzzer to one target; what it does stands in `src/`.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: yidang_fuzz::unpack("registration_number"),
    |bytes: &[u8]| yidang_fuzz::run("registration_number", bytes)
);
