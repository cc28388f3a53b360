//! The door of libFuzzer to one target; what it does stands in `src/`.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: yidang_fuzz::unpack("dossier"),
    |bytes: &[u8]| yidang_fuzz::run("dossier", bytes)
);
