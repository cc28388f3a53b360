//! The door of libFuzzer to the target that `YIDANG_FUZZ_TARGET` names; what it does stands in `src/`.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: yidang_fuzz::unpack(yidang_fuzz::told()),
    |bytes: &[u8]| yidang_fuzz::run(yidang_fuzz::told(), bytes)
);
