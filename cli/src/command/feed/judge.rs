//! Verdicts without a broker or a lake: the same observers that the stream uses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::defect::Outcome;
use yidang_schemas::rule::{Check, Rule};
use yidang_transform::decode::Bounds;
use yidang_transform::message::RawMessage;
use yidang_transform::observe::{Observation, Observer};
use yidang_transform::token::IdKey;

use super::input::Sent;

/// A key for where no token is kept: no verdict depends on it.
pub fn any_key() -> IdKey {
    IdKey::new([0; 32])
}

/// One failed rule, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub rule: String,
    pub code: &'static str,
    /// Name as sent, empty for whole records and headers.
    pub field: String,
    pub action: &'static str,
}

/// What would become of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub line: u64,
    /// Place in the catalog.
    pub feed: u16,
    pub partition: i32,
    pub row: u32,
    pub outcome: Outcome,
    pub failed: Vec<Failed>,
}

/// Judges messages of any feed of a catalog.
#[derive(Debug)]
pub struct Judge {
    catalog: Arc<Catalog>,
    bounds: Bounds,
    observers: BTreeMap<u16, Observer>,
    /// Fields that no contract names, by feed.
    pub unknown_fields: BTreeMap<u16, u64>,
    /// How long judging took, and of how many records, by feed.
    pub spent: BTreeMap<u16, (Duration, usize)>,
}

impl Judge {
    pub fn new(catalog: &Arc<Catalog>, message_bytes_max: usize) -> Self {
        let bounds = Bounds {
            message_bytes_max,
            ..Bounds::default()
        };
        Self {
            catalog: Arc::clone(catalog),
            bounds,
            observers: BTreeMap::new(),
            unknown_fields: BTreeMap::new(),
            spent: BTreeMap::new(),
        }
    }

    /// The records of these messages, in the order of the file.
    pub fn judge(&mut self, sent: &[(u16, Sent)], landed_at_ms: i64) -> Vec<Judged> {
        let feeds: std::collections::BTreeSet<u16> = sent.iter().map(|(feed, _)| *feed).collect();
        let mut judged: Vec<Judged> = feeds
            .into_iter()
            .flat_map(|feed| self.judge_feed(feed, sent, landed_at_ms))
            .collect();
        judged.sort_by_key(|judged| (judged.line, judged.row));
        judged
    }

    fn judge_feed(&mut self, feed: u16, sent: &[(u16, Sent)], landed_at_ms: i64) -> Vec<Judged> {
        let (catalog, bounds) = (&self.catalog, self.bounds);
        let observer = self
            .observers
            .entry(feed)
            .or_insert_with(|| Observer::new(catalog, &any_key(), feed, bounds));
        let own: Vec<&Sent> = sent
            .iter()
            .filter(|(other, _)| *other == feed)
            .map(|(_, sent)| sent)
            .collect();
        let raw: Vec<RawMessage<'_>> = (0_i64..)
            .zip(&own)
            .map(|(offset, sent)| sent.raw(offset))
            .collect();
        let started = Instant::now();
        let observed = observer.observe(&raw, landed_at_ms);
        let (spent, records) = self.spent.entry(feed).or_default();
        *spent += started.elapsed();
        *records += observed.observations.len();
        *self.unknown_fields.entry(feed).or_default() += observed.unknown_fields;
        let contract = observer.contract();
        let one = |observation: &Observation| {
            let sent = own
                .get(observation.message)
                .expect("observations name messages of their batch");
            one(contract, feed, sent, observation)
        };
        observed.observations.iter().map(one).collect()
    }
}

fn one(contract: &Contract, feed: u16, sent: &Sent, observation: &Observation) -> Judged {
    let rules: Vec<(&Rule, _)> = observation
        .failures
        .iter()
        .filter_map(|failure| Some((contract.rules.get(usize::from(failure.rule))?, failure)))
        .collect();
    // A message that could not be read has no rows to count.
    let unread = observation.alone && rules.iter().any(|(rule, _)| rule.check == Check::Parse);
    let rows = if sent.rows_are_lines && !unread {
        u64::from(observation.origin.row) + 1
    } else {
        0
    };
    let failed = rules.iter().map(|(rule, failure)| Failed {
        rule: rule.id.clone(),
        code: failure.code.0,
        field: rule
            .field
            .and_then(|field| contract.fields.get(field))
            .map_or_else(String::new, |field| field.name.clone()),
        action: failure.action.name(),
    });
    Judged {
        line: sent.line + rows,
        feed,
        partition: sent.partition,
        row: observation.origin.row,
        outcome: observation.outcome,
        failed: failed.collect(),
    }
}
