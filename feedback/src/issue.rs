//! Issues: what one agency has to put right about one record, one rule and one field.
//!
//! What is kept decides by comparing, never by counting: the greatest failing and the greatest passing of each kind
//! of order, and the latest correction. Maximum is commutative, associative and idempotent, so whether an issue is
//! open depends on which records there were, not on how they arrived. What does depend on arrival (events, numbers of
//! occurrences) never closes anything.

mod encoding;
mod marks;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use yidang_schemas::contract::Contract;
use yidang_schemas::rule::{Action, Check, Dimension, Rule, Severity};

pub use marks::{Failing, LaneMarks, Marks, Passing, Stamp};

use crate::identity::{IssueId, RecordRef, field_path};
use crate::position::Sighting;

/// The party that answers for what is our own failure.
pub const PLATFORM: &str = "platform";
/// Different values that are told apart at most.
pub const DISTINCT_VALUES: usize = 16;
/// Failing versions that are recognized when they come again.
const RECENT_FAILURES: usize = 8;

/// Where an issue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Open,
    Resolved,
    Dismissed,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Why an issue is no longer open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A later record of the source passed.
    Corrected,
    /// The source took the record back.
    Withdrawn,
    /// The same version passes under a newer bundle.
    RuleChanged,
}

impl Reason {
    pub fn name(self) -> &'static str {
        match self {
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::RuleChanged => "rule_changed",
        }
    }

    pub fn status(self) -> Status {
        match self {
            Self::Corrected | Self::Withdrawn => Status::Resolved,
            Self::RuleChanged => Status::Dismissed,
        }
    }
}

/// Everything that is kept of one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueState {
    pub id: IssueId,
    /// Who answers for it and reads its events: the source agency, or [`PLATFORM`].
    pub agency: Arc<str>,
    /// Contract id.
    pub feed: Arc<str>,
    pub rule: Arc<str>,
    /// Name of the field as sent, empty for whole records.
    pub field: Arc<str>,
    /// Hash of the record key, where the record had one.
    pub key_hash: Option<[u8; 16]>,
    pub record_ref: RecordRef,
    /// A failing version's key was sound: corrections come under that key.
    pub key_sound: bool,
    pub marks: Marks,
    pub status: Status,
    /// Why it is not open.
    pub reason: Option<Reason>,
    pub code: Arc<str>,
    pub severity: Severity,
    pub action: Action,
    pub dimension: Dimension,
    /// Number of the last event; 0 before the first.
    pub seq: u32,
    /// Hash of the last event's row.
    pub last_hash: [u8; 32],
    /// Message time of the record that opened it, epoch milliseconds.
    pub opened_at_ms: i64,
    pub resolved_at_ms: Option<i64>,
    pub occurrences: u64,
    pub reopened: u32,
    /// Message time of the last event that told of a failure.
    pub last_notice_ms: i64,
    /// Hashes of different failing values, sorted, at most [`DISTINCT_VALUES`].
    pub values: Vec<u64>,
    /// Hashes of the last failing versions, oldest first.
    pub recent: Vec<u64>,
    pub first: Sighting,
    pub latest: Sighting,
}

/// What a new issue is made of.
#[derive(Debug, Clone, Copy)]
pub struct Birth<'a> {
    pub id: IssueId,
    pub contract: &'a Contract,
    pub rule: &'a Rule,
    pub record_ref: RecordRef,
    pub key_hash: Option<[u8; 16]>,
    pub sighting: Sighting,
}

impl IssueState {
    /// A known issue that nothing failed yet; the caller notes the failure.
    pub fn new(birth: Birth<'_>) -> Self {
        let Birth {
            id,
            contract,
            rule,
            record_ref,
            key_hash,
            sighting,
        } = birth;
        Self {
            id,
            agency: responsible(contract, rule).into(),
            feed: contract.id.as_str().into(),
            rule: rule.id.as_str().into(),
            field: field_path(contract, rule).into(),
            key_hash,
            record_ref,
            key_sound: false,
            marks: Marks::default(),
            status: Status::Open,
            reason: None,
            code: "".into(),
            severity: rule.severity,
            action: rule.action,
            dimension: rule.dimension,
            seq: 0,
            last_hash: [0; 32],
            opened_at_ms: sighting.timestamp_ms,
            resolved_at_ms: None,
            occurrences: 0,
            reopened: 0,
            last_notice_ms: sighting.timestamp_ms,
            values: Vec::new(),
            recent: Vec::new(),
            first: sighting,
            latest: sighting,
        }
    }

    /// Whether a correction has to come by the header `corrects`: there was no key, or the key itself is defective.
    pub fn needs_correction(&self) -> bool {
        self.key_hash.is_none() || !self.key_sound
    }

    /// The correction that counts.
    pub fn correction(&self) -> Option<crate::correction::Correction> {
        self.marks.correction.filter(|_| self.needs_correction())
    }

    /// Whether a failing version stands above every passing one and is not ended by a correction.
    pub fn fails(&self) -> bool {
        self.marks.fails(
            self.correction()
                .map(|correction| correction.sighting.timestamp_ms),
        )
    }

    /// Notes a failing value by its hash.
    pub fn note_value(&mut self, hash: u64) {
        if let Err(place) = self.values.binary_search(&hash)
            && self.values.len() < DISTINCT_VALUES
        {
            self.values.insert(place, hash);
        }
    }

    /// Notes a failing version by its hash. Whether it is one that was not seen lately.
    pub fn note_version(&mut self, hash: u64) -> bool {
        if self.recent.contains(&hash) {
            return false;
        }
        if self.recent.len() == RECENT_FAILURES {
            self.recent.remove(0);
        }
        self.recent.push(hash);
        true
    }
}

/// Who answers for failures of a rule.
pub fn responsible<'a>(contract: &'a Contract, rule: &Rule) -> &'a str {
    match rule.check {
        Check::Platform => PLATFORM,
        _ => &contract.agency,
    }
}
