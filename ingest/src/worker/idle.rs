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
    /// Notes whether something is left; says whether nothing was for so long. `looked_at`: when the ends that this
    /// judges by were asked for. The end itself is judged by ends that were asked for after the while, not in it.
    pub(super) fn note(
        &mut self,
        is_done: bool,
        looked_at: Option<Instant>,
        long: Duration,
    ) -> bool {
        if !is_done {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        looked_at.is_some_and(|at| at.saturating_duration_since(since) >= long && at > since)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_end_waits_for_ends_that_were_asked_for_after_the_while() {
        let long = Duration::from_secs(2);
        let mut idle = Idle::default();
        let before = Instant::now();
        assert!(!idle.note(true, Some(before), long));
        let since = idle.since.expect("nothing was left");
        assert!(!idle.note(true, None, long));
        assert!(!idle.note(true, Some(since + Duration::from_secs(1)), long));
        assert!(idle.note(true, Some(since + long), long));
        assert!(!idle.note(true, Some(since), Duration::ZERO));
        assert!(!idle.note(false, Some(since + long), long));
        assert!(idle.since.is_none());
    }
}
