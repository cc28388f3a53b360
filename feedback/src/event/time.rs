//! Instants as events write them.

use jiff::Timestamp;

/// Least and greatest instant that is written: the years 0000 and 9999.
const EARLIEST_MS: i64 = -62_167_219_200_000;
const LATEST_MS: i64 = 253_402_207_200_000;

/// Epoch milliseconds as RFC 3339 in UTC with milliseconds: `2026-11-23T05:58:12.204Z`. Timestamps that a producer
/// made up beyond the years that RFC 3339 can write become the nearest it can.
pub fn rfc3339(epoch_ms: i64) -> String {
    let bounded = epoch_ms.clamp(EARLIEST_MS, LATEST_MS);
    let instant =
        Timestamp::from_millisecond(bounded).expect("the instant was bounded to years that exist");
    format!("{instant:.3}")
}
