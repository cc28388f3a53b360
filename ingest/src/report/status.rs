//! The status of a worker, for people and for whoever drives it.

use std::collections::BTreeMap;

use crate::engine::Engine;
use crate::epoch::Lane;

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    #[default]
    Starting,
    Standby,
    /// Has the lead and loads what was landed.
    Recovering,
    Leader,
    Ended,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Standby => "standby",
            Self::Recovering => "recovering",
            Self::Leader => "leader",
            Self::Ended => "ended",
        }
    }
}

/// One committed epoch in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochLine {
    pub epoch: i64,
    pub messages: u64,
    pub records: u64,
    /// File rows written.
    pub subjects: u64,
    pub events: u64,
    pub seconds: f64,
    /// Age of the oldest message of the epoch when it was committed; nothing where it has no time.
    pub freshness_seconds: Option<f64>,
    /// The same by feed.
    pub oldest_seconds: Vec<Option<f64>>,
    /// Records by feed and outcome, in the order of `Outcome::ALL`.
    pub outcomes: Vec<[u64; 5]>,
}

/// Where a worker stands.
#[derive(Debug, Clone, Default)]
pub struct Status {
    pub role: Role,
    pub epoch: i64,
    pub messages: u64,
    /// By feed: records by outcome, in the order of `Outcome::ALL`, since this worker leads.
    pub outcomes: Vec<[u64; 5]>,
    pub subjects: usize,
    pub open_issues: u64,
    /// Messages in the topics that are not in the tables; nothing while nobody knows.
    pub lag: Option<i64>,
    pub freshness_seconds: Option<f64>,
    /// Next offset to read of each lane, in the tables.
    pub positions: BTreeMap<Lane, i64>,
    pub acknowledged_epoch: i64,
    pub waiting_epochs: usize,
    /// Feeds that stopped, and why.
    pub stopped: BTreeMap<String, String>,
}

impl Status {
    pub(super) fn committed(&mut self, line: &EpochLine, engine: &Engine) {
        self.epoch = line.epoch;
        self.messages += line.messages;
        self.outcomes.resize(line.outcomes.len(), [0; 5]);
        for (sum, counts) in self.outcomes.iter_mut().zip(&line.outcomes) {
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        self.subjects = engine.memory().subjects_len();
        let open = yidang_feedback::issue::Status::Open;
        let counts = engine.issues().counts().iter();
        self.open_issues = counts
            .filter(|((_, _, state), _)| *state == open)
            .map(|(_, count)| *count)
            .sum();
        self.freshness_seconds = line.freshness_seconds.or(self.freshness_seconds);
        self.positions = engine
            .lanes()
            .iter()
            .map(|(lane, state)| (*lane, state.position()))
            .collect();
    }
}
