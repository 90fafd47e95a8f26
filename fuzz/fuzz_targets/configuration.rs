//! Run with `RUSTC_BOOTSTRAP=1 cargo fuzz run configuration`.

#![no_main]

#[path = "../properties.rs"]
#[expect(dead_code, reason = "one target holds one property")]
mod properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::configuration(input));
