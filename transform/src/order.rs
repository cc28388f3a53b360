//! Order of the versions of one record key, as bytes that compare like the order itself.
//!
//! Layout: the contract's order fields left to right, business time, content hash, bundle generation; each number as
//! eight (generation: four) big-endian bytes with the sign bit flipped, so that comparing bytes compares values.

use std::fmt;
use std::sync::Arc;

/// Bytes of a content hash: the first half of BLAKE3.
pub const CONTENT_HASH_BYTES: usize = 16;
/// Content hash of a removal: in a tie the record wins.
pub const REMOVAL_HASH: [u8; CONTENT_HASH_BYTES] = [0; CONTENT_HASH_BYTES];

const TAIL_BYTES: usize = 8 + CONTENT_HASH_BYTES + 4;

/// Order of one version. Compared only within one record key. Cheap to clone: verdicts, statements and states share it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(Arc<[u8]>);

impl OrderKey {
    /// `parts` left to right, business time in epoch milliseconds, content hash, bundle generation.
    pub fn new(
        parts: &[i64],
        business_time_ms: i64,
        content_hash: [u8; CONTENT_HASH_BYTES],
        generation: u32,
    ) -> Self {
        let mut bytes = Vec::with_capacity(parts.len() * 8 + TAIL_BYTES);
        for part in parts {
            bytes.extend_from_slice(&sortable(*part));
        }
        bytes.extend_from_slice(&sortable(business_time_ms));
        bytes.extend_from_slice(&content_hash);
        bytes.extend_from_slice(&generation.to_be_bytes());
        Self(bytes.into())
    }

    /// Takes bytes written by [`OrderKey::as_bytes`]; nothing where they are too short to be an order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= TAIL_BYTES).then(|| Self(bytes.into()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn tail(&self) -> &[u8] {
        self.0
            .get(self.0.len() - TAIL_BYTES..)
            .expect("an order is never shorter than its tail")
    }

    pub fn business_time_ms(&self) -> i64 {
        let bytes = self
            .tail()
            .first_chunk::<8>()
            .expect("the tail starts with eight bytes of time");
        i64::from_be_bytes(*bytes) ^ i64::MIN
    }

    pub fn content_hash(&self) -> [u8; CONTENT_HASH_BYTES] {
        let bytes = self.tail().get(8..8 + CONTENT_HASH_BYTES);
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .expect("the tail holds a content hash")
    }

    pub fn generation(&self) -> u32 {
        u32::from_be_bytes(
            *self
                .tail()
                .last_chunk::<4>()
                .expect("the tail ends with a generation"),
        )
    }

    /// Whether two statements of different content stand in the same place: only their hashes decide.
    pub fn ties_with(&self, other: &Self) -> bool {
        let end = self.0.len() - CONTENT_HASH_BYTES - 4;
        let same_place = self.0.len() == other.0.len() && self.0.get(..end) == other.0.get(..end);
        let (own, others) = (self.content_hash(), other.content_hash());
        same_place && own != others && own != REMOVAL_HASH && others != REMOVAL_HASH
    }

    /// Whether both are the same source version, judged under bundles that may differ.
    pub fn same_source_version(&self, other: &Self) -> bool {
        let end = self.0.len() - 4;
        self.0.len() == other.0.len() && self.0.get(..end) == other.0.get(..end)
    }
}

impl fmt::Debug for OrderKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OrderKey({} bytes)", self.0.len())
    }
}

fn sortable(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_and_positive_parts_compare_like_numbers() {
        let order = |part| OrderKey::new(&[part], 0, REMOVAL_HASH, 1);
        assert!(order(-1) < order(0));
        assert!(order(i64::MIN) < order(-5));
        assert!(order(7) < order(i64::MAX));
    }

    #[test]
    fn a_removal_loses_a_tie_and_the_tail_reads_back() {
        let removal = OrderKey::new(&[3, 4], -12, REMOVAL_HASH, 9);
        let record = OrderKey::new(&[3, 4], -12, [1; 16], 9);
        assert!(removal < record);
        assert_eq!(record.business_time_ms(), -12);
        assert_eq!(record.content_hash(), [1; 16]);
        assert_eq!(record.generation(), 9);
        assert!(record.same_source_version(&OrderKey::new(&[3, 4], -12, [1; 16], 10)));
    }
}
