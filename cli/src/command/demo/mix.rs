//! How much the broker in memory can hold.

/// The broker in memory drops the oldest of a partition beyond 5 MiB without a word.
pub const PARTITION_BYTES_MAX: usize = 4 << 20;

/// Records at most, so that no feedback partition passes [`PARTITION_BYTES_MAX`]: at this many the largest of seed 1 holds
/// 2.8 MB. Every run looks at what its own hold (`memory`).
pub const RECORDS_IN_MEMORY_MAX: u64 = 300_000;

/// Bytes that a message takes beside its own, framing and batch header, at most.
pub const FRAMING_BYTES: usize = 120;
