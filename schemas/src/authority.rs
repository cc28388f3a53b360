//! Authority (一数一源): whose word wins for a column.

use std::collections::BTreeMap;

/// Rank of a feed that the matrix does not name for a column: below every named one.
pub const UNNAMED_RANK: u8 = u8::MAX;

/// The matrix of `authority.yaml`: for a column of a dossier the feeds in falling authority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authority {
    /// Raised with every change; stamped on each file row.
    pub rules_version: i32,
    /// `<kind>.<column>` to feed ids, the lead first.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Authority {
    /// Rank of `feed` for `column` of `kind`, 0 for the lead; [`UNNAMED_RANK`] where the matrix is silent.
    pub fn rank(&self, kind: &str, column: &str, feed: &str) -> u8 {
        let feeds = self.columns.get(&format!("{kind}.{column}"));
        let place = feeds.and_then(|feeds| feeds.iter().position(|named| named == feed));
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(UNNAMED_RANK)
    }
}
