//! Corrections: records that say, in the header `corrects`, which issue they put right.
//!
//! They are for issues whose record cannot be corrected under its own key: the identifier itself is the defective
//! key, or there was none. A correction that arrives before its issue is kept under the issue id until the issue
//! is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_transform::record::{Effect, RecordId};
use yidang_transform::verdict::Verdict;

use crate::issue::IssueState;
use crate::position::Sighting;
use yidang_transform::codec::{Reader, Writer};

/// Different keys whose latest correction is kept for one rule: the issue's own key counts for nothing, whichever it is.
const KEYS_PER_RULE: usize = 2;
const VERSION: u8 = 1;
/// First byte after the version; tells a waiting correction from an issue.
pub(crate) const KIND: u8 = b'c';

/// The record that an issue's correction came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    pub sighting: Sighting,
}

impl Correction {
    /// The later one by message time; positions break ties.
    #[must_use]
    pub fn later(self, other: Option<Self>) -> Self {
        let rank = |correction: &Self| {
            (
                correction.sighting.timestamp_ms,
                correction.sighting.position,
            )
        };
        match other {
            Some(other) if rank(&other) >= rank(&self) => other,
            _ => self,
        }
    }
}

/// A correction whose issue is not known yet, with all that decides whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub feed: Arc<str>,
    pub key_hash: [u8; 16],
    pub sighting: Sighting,
    /// Ids of the rules that the correcting record was judged by and passed, sorted.
    pub passed: Vec<String>,
}

impl Waiting {
    /// Whether it counts for `issue`: another key of the same feed, passing the same rule.
    pub fn counts_for(&self, issue: &IssueState) -> bool {
        self.feed == issue.feed
            && issue.key_hash != Some(self.key_hash)
            && self.passed.iter().any(|rule| **rule == *issue.rule)
    }
}

/// The corrections that wait for one issue id, ascending by message time and position.
///
/// Of what issue they speak is not known, only that it will be of one feed, one rule and one key. So for each feed and
/// rule the latest of two keys are all that can ever count; what is kept is bounded by the rules of the contracts and
/// does not depend on arrival or repetition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingList(Vec<Waiting>);

impl WaitingList {
    /// Adds one, and drops those that can no longer count.
    pub fn add(&mut self, waiting: Waiting) {
        let known = self
            .0
            .iter()
            .any(|kept| kept.sighting.position == waiting.sighting.position);
        if known {
            return;
        }
        self.0.push(waiting);
        self.0
            .sort_by_key(|kept| (kept.sighting.timestamp_ms, kept.sighting.position));
        let mut can_count = self.can_count().into_iter();
        self.0.retain(|_| can_count.next() == Some(true));
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Of each one, whether some rule has it among its latest.
    fn can_count(&self) -> Vec<bool> {
        let mut latest: BTreeMap<(&str, &str), Vec<[u8; 16]>> = BTreeMap::new();
        let mut counting = Vec::with_capacity(self.0.len());
        for waiting in self.0.iter().rev() {
            let mut counts = false;
            for rule in &waiting.passed {
                let keys = latest.entry((&waiting.feed, rule)).or_default();
                if keys.len() < KEYS_PER_RULE && !keys.contains(&waiting.key_hash) {
                    keys.push(waiting.key_hash);
                    counts = true;
                }
            }
            counting.push(counts);
        }
        counting.reverse();
        counting
    }

    /// The latest that counts for `issue`.
    pub fn best_for(&self, issue: &IssueState) -> Option<Correction> {
        let counting = self
            .0
            .iter()
            .rev()
            .find(|waiting| waiting.counts_for(issue))?;
        Some(Correction {
            sighting: counting.sighting,
        })
    }

    /// Version byte first.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(VERSION);
        writer.u8(KIND);
        writer.list(&self.0, |writer, waiting| {
            writer.text(&waiting.feed);
            writer.fixed(&waiting.key_hash);
            waiting.sighting.write(writer);
            writer.list(&waiting.passed, |writer, rule| writer.text(rule));
        });
        writer.finish()
    }

    /// Nothing where the bytes are no waiting list of this version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION || reader.u8()? != KIND {
            return None;
        }
        let list = reader.list(|reader| {
            Some(Waiting {
                feed: reader.text()?.into(),
                key_hash: reader.array()?,
                sighting: Sighting::read(reader)?,
                passed: reader.list(|reader| reader.text().map(str::to_owned))?,
            })
        })?;
        reader.is_done().then_some(Self(list))
    }
}

/// The record id of a verdict that can correct something: of a message of its own, accepted, and standing in the
/// file as it is. A duplicate of the applied version counts too: its content stands, and re-sending a record with the
/// header that was forgotten must work.
pub fn correcting_record(verdict: &Verdict) -> Option<RecordId> {
    let stands = matches!(verdict.effect, Some(Effect::Applied | Effect::Duplicate));
    let counts = verdict.alone && verdict.outcome.is_accepted() && stands && !verdict.removal;
    if counts {
        verdict.key.as_ref().map(|key| key.id)
    } else {
        None
    }
}
