//! At what a record stands in its feed: the period in its key, and the markers that end snapshots.

use super::{Draft, Stage, key};
use crate::normalize::date::DateOutcome;
use crate::order::OrderKey;
use crate::parse::Facet;
use crate::standing::Marker;

/// In the place of the content hash of a marker, which has no content and is no removal.
const MARKER_HASH: [u8; 16] = [1; 16];

impl Stage<'_> {
    /// A marker is a record of the feed as a whole: its key is that of no other record, so that what is said about one
    /// snapshot ends with the next good one.
    pub(super) fn draft_marker(&self, row: usize, now_ms: i64, draft: &mut Draft) {
        let Some(snapshot) = &self.contract.snapshot else {
            return;
        };
        let message = self.message(row);
        let number = |name: &str| {
            message
                .header(name)
                .and_then(|text| text.trim().parse().ok())
        };
        let marker = Marker {
            sequence: number(&snapshot.sequence),
            rows: number(&snapshot.rows).and_then(|rows| u64::try_from(rows).ok()),
        };
        draft.marker = Some(marker);
        draft.key = Some(key::marker_key(self));
        let business_time = self.observer.order.read(self, row, now_ms).business_time_ms;
        draft.order = marker.sequence.map(|sequence| {
            let parts = [sequence, i64::MAX, i64::MAX, i64::MAX];
            OrderKey::new(&parts, business_time, MARKER_HASH, self.generation())
        });
    }

    /// Months of the period in the key of a record with a horizon, counted from the year 0.
    pub(super) fn period(&self, row: usize) -> Option<i64> {
        let horizon = self.contract.horizon?;
        let Facet::Date(dates) = self.facets.get(horizon.field)? else {
            return None;
        };
        let (year, month) = match dates.get(row)?.as_ref()? {
            DateOutcome::Date(day) => (day.year(), day.month()),
            DateOutcome::Partial { year, month } => (*year, *month),
            _ => return None,
        };
        Some(i64::from(year) * 12 + i64::from(month) - 1)
    }
}
