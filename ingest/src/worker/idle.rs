//! Whether everything is done: positions in the tables at the end of every topic, every event acknowledged.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::epoch::Lane;

/// Since when nothing was left to do.
#[derive(Debug, Default)]
pub(super) struct Idle {
    since: Option<Instant>,
}

impl Idle {
    /// Notes whether something is left; says whether nothing was for so long.
    pub(super) fn note(&mut self, is_done: bool, long: Duration) -> bool {
        if !is_done {
            self.since = None;
            return false;
        }
        self.since.get_or_insert_with(Instant::now).elapsed() >= long
    }
}

/// No message waits above the positions: gaps at the end (transaction marks, compaction) count as read.
pub(super) fn is_read(
    lags: &BTreeMap<Lane, i64>,
    positions: &BTreeMap<Lane, i64>,
    read_to: &BTreeMap<Lane, i64>,
) -> bool {
    lags.iter().all(|(lane, lag)| {
        let position = positions.get(lane).copied().unwrap_or(0);
        let beyond = read_to
            .get(lane)
            .map_or(0, |read_to| (read_to - position).max(0));
        *lag <= beyond
    })
}
