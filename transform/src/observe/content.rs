//! The content hash of a record: what breaks ties between versions of one order.

use super::Stage;
use crate::decode::column::Presence;

impl Stage<'_> {
    /// BLAKE3 of the decoded source fields in contract order, before mapping; its first half. Each text goes in behind
    /// its length, so that no two records read alike.
    pub(super) fn content_hash(&self, row: usize) -> [u8; 16] {
        let mut bytes = Vec::with_capacity(512);
        for (field, column) in self.decoded.columns.iter().enumerate() {
            for row in self.decoded.rows(field, row) {
                push_hashed(&mut bytes, column.presence(row), column.text(row));
            }
        }
        *blake3::hash(&bytes)
            .as_bytes()
            .first_chunk()
            .expect("a BLAKE3 digest has 32 bytes")
    }
}

fn push_hashed(bytes: &mut Vec<u8>, presence: Presence, text: &str) {
    bytes.push(presence as u8);
    match u8::try_from(text.len()) {
        Ok(short) if short < u8::MAX => bytes.push(short),
        _ => {
            bytes.push(u8::MAX);
            let long = u32::try_from(text.len()).expect("a message is bounded");
            bytes.extend_from_slice(&long.to_le_bytes());
        }
    }
    bytes.extend_from_slice(text.as_bytes());
}
