//! What the feeds as a whole say in an epoch: snapshots that close, periods that move on.
//!
//! Messages are taken in landed order, and what a marker comes to is found in that record's own failures. Which keys a
//! closed snapshot takes back is asked at its place in the log and only of keys that have issues, so that what is told
//! does not depend on where epochs are cut. Leaves alone: rows of subjects, which follow from the floors at the end of
//! the epoch (`transform::merge`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use yidang_schemas::contract::Contract;
use yidang_schemas::defect::{Code, Outcome};
use yidang_schemas::rule::Check;
use yidang_transform::merge::{KeptPass, Naming};
use yidang_transform::observe::Observation;
use yidang_transform::record::{RecordId, Version};
use yidang_transform::standing::{Received, Standings, withdrawal_order};
use yidang_transform::verdict::{Failure, RecordKey, Verdict};

use super::Engine;
use super::judge::{Judged, JudgedEpoch};
use crate::epoch::EpochInput;

/// What follows from the feeds as a whole.
#[derive(Debug, Default)]
pub(super) struct Stood {
    pub standings: Standings,
    pub namings: Vec<Naming>,
    /// By place of a marker among the records of the epoch: keys with issues that its snapshot takes back.
    withdrawn: BTreeMap<usize, BTreeSet<RecordId>>,
    /// By place of a failing record that stands below the floor of its feed: that floor.
    below: BTreeMap<usize, i64>,
}

/// Keys of one feed as far as the epoch was taken.
#[derive(Default)]
struct Seen {
    /// The greatest standing of each in this epoch.
    standings: BTreeMap<RecordId, i64>,
    failed: BTreeSet<RecordId>,
}

impl Engine {
    /// Takes the epoch's messages of feeds with snapshots or a horizon, and writes what markers come to into their records.
    pub(super) fn stand(&self, input: &EpochInput, judged: &mut JudgedEpoch) -> Stood {
        let mut stood = Stood {
            standings: self.memory.standings().clone(),
            ..Stood::default()
        };
        let feeds = 0..self.catalog.feeds.len();
        let mut feeds = feeds.filter_map(|feed| u16::try_from(feed).ok());
        if feeds.all(|feed| self.standing_contract(feed).is_none()) {
            return stood;
        }
        let mut seen: BTreeMap<u16, Seen> = BTreeMap::new();
        let mut start = 0;
        while let Some(first) = judged.records.get(start) {
            let (ordinal, feed) = (first.ordinal, first.observation.origin.feed);
            let rest = judged.records.get(start..).unwrap_or_default();
            let end = start + rest.iter().take_while(|one| one.ordinal == ordinal).count();
            if let Some(contract) = self.standing_contract(feed) {
                let seen = seen.entry(feed).or_default();
                self.take(input, judged, contract, (start, end), seen, &mut stood);
            }
            start = end;
        }
        stood
    }

    fn standing_contract(&self, feed: u16) -> Option<&Contract> {
        let contract = self.catalog.feed(feed)?;
        let stands = contract.snapshot.is_some() || contract.horizon.is_some();
        stands.then_some(contract)
    }

    /// Takes the records of one message, `start..end`.
    fn take(
        &self,
        input: &EpochInput,
        judged: &mut JudgedEpoch,
        contract: &Contract,
        (start, end): (usize, usize),
        seen: &mut Seen,
        stood: &mut Stood,
    ) {
        let records = judged.records.get(start..end).unwrap_or_default();
        let Some(first) = records.first() else { return };
        let (feed, ordinal) = (first.observation.origin.feed, first.ordinal);
        let Some(message) = input.messages.get(ordinal).filter(|message| !message.held) else {
            return;
        };
        // Only snapshots count messages, and a digest reads all of one.
        let digest = contract.snapshot.as_ref().map(|_| message.digest());
        let digest = digest.unwrap_or_default();
        let digest = digest.first_chunk().expect("a digest has 16 bytes");
        let observations: Vec<&Observation> =
            records.iter().map(|judged| &judged.observation).collect();
        let received = Received {
            feed,
            key: message.key.as_deref(),
            digest: u64::from_le_bytes(*digest),
            records: &observations,
        };
        let before = stood.standings.floor(feed);
        let marked = stood.standings.take(contract, &received);
        let floor = stood.standings.floor(feed);
        if contract.snapshot.is_none() {
            return;
        }
        for (place, observation) in observations.into_iter().enumerate() {
            if let Some(naming) = seen.note(contract, observation, input.landed_at_ms) {
                stood.namings.push(naming);
            }
            if let Some(floor) = floor_above(observation, floor) {
                stood.below.insert(start + place, floor);
            }
        }
        if floor > before {
            let withdrawn = self.withdrawn(feed, seen, before, floor);
            stood.withdrawn.insert(start, withdrawn);
        }
        if let (Some(marked), Some(judged)) = (marked, judged.records.get_mut(start)) {
            mark(contract, judged, marked.err());
        }
    }

    /// Keys with issues that stand between two floors.
    fn withdrawn(
        &self,
        feed: u16,
        seen: &Seen,
        before: Option<i64>,
        floor: Option<i64>,
    ) -> BTreeSet<RecordId> {
        let known = self.issues.records_of(feed).chain(seen.failed.iter());
        let falls = |id: &&RecordId| {
            let standing = self.memory.record(id).and_then(|state| state.standing);
            let standing = standing.max(seen.standings.get(id).copied());
            standing.is_some() && standing >= before && standing < floor
        };
        known.filter(falls).copied().collect()
    }
}

/// The floor that a failing record stands below.
fn floor_above(observation: &Observation, floor: Option<i64>) -> Option<i64> {
    let fails = !observation.failures.is_empty() && observation.key.is_some();
    let standing = observation.standing.filter(|_| fails)?;
    floor.filter(|floor| standing < *floor)
}

/// Writes what a marker comes to into its record: the rule is judged, and may have failed.
fn mark(contract: &Contract, judged: &mut Judged, failure: Option<&'static str>) {
    let rules = contract.rules.iter().enumerate();
    let mut rules = rules.filter(|(_, rule)| rule.check == Check::Snapshot);
    let Some((place, rule)) = rules.next() else {
        return;
    };
    let place = u16::try_from(place).expect("a contract has few rules");
    let observation = &mut judged.observation;
    observation.unjudged.retain(|unjudged| *unjudged != place);
    observation.failures.extend(failure.map(|code| Failure {
        rule: place,
        code: Code(code),
        action: rule.action,
        raw: None,
    }));
}

impl Seen {
    /// Notes a record; where it was held, that it still names its key.
    fn note(
        &mut self,
        contract: &Contract,
        observation: &Observation,
        landed_at_ms: i64,
    ) -> Option<Naming> {
        let id = observation.key.as_ref()?.id;
        let standing = observation.standing?;
        let greatest = self.standings.entry(id).or_insert(standing);
        *greatest = standing.max(*greatest);
        if !observation.failures.is_empty() {
            self.failed.insert(id);
        }
        if observation.statement.is_some() || observation.marker.is_some() {
            return None;
        }
        let version = Version {
            order: observation.order.clone()?,
            origin: observation.origin,
            landed_at_ms,
            contract_version: Arc::from(contract.version.as_str()),
        };
        Some(Naming {
            id,
            version,
            standing,
        })
    }
}

impl Stood {
    /// What a failing record below the floor passed: it was taken back by the snapshot that is the floor.
    pub(super) fn passes(
        &self,
        place: usize,
        failures: &[Failure],
        generation: u32,
    ) -> Vec<KeptPass> {
        let Some(floor) = self.below.get(&place) else {
            return Vec::new();
        };
        let passed = |failure: &Failure| KeptPass {
            rule: failure.rule,
            order: withdrawal_order(*floor, generation),
            by: None,
        };
        failures.iter().map(passed).collect()
    }

    /// Verdicts of the keys that the marker at `place` takes back, in key order.
    pub(super) fn withdrawals(
        &self,
        place: usize,
        marker: &Observation,
        generation: u32,
    ) -> Vec<Verdict> {
        let withdrawn = self.withdrawn.get(&place).into_iter().flatten();
        let sequence = marker.marker.and_then(|marker| marker.sequence);
        let verdict = |id: &RecordId| Verdict {
            origin: marker.origin,
            timestamp_ms: marker.timestamp_ms,
            key: Some(RecordKey {
                id: *id,
                text: String::new(),
                sound: true,
            }),
            order: sequence.map(|sequence| withdrawal_order(sequence, generation)),
            removal: true,
            outcome: Outcome::Accepted,
            effect: None,
            failures: Vec::new(),
            unjudged: Vec::new(),
            kept_passes: Vec::new(),
            corrects: None,
            alone: false,
            generation,
        };
        withdrawn.map(verdict).collect()
    }
}
