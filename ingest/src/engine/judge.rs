//! Judging an epoch: all messages through the pure verbs, on all cores, in landed order.

use std::collections::BTreeMap;

use rayon::prelude::*;
use yidang_schemas::defect::{Code, Outcome};
use yidang_schemas::origin::Origin;
use yidang_schemas::rule::{Action, Check};
use yidang_transform::message::RawMessage;
use yidang_transform::observe::{Observation, Observer};
use yidang_transform::verdict::Failure;

use super::Engine;
use crate::epoch::{EpochInput, LandedMessage};

/// Messages that one task judges: enough to amortise, few enough to share out.
const CHUNK: usize = 512;

/// One judged record with the ordinal of its message.
#[derive(Debug)]
pub(super) struct Judged {
    pub ordinal: usize,
    pub observation: Observation,
}

/// Everything judged, in landed order, and what else was seen of each feed.
#[derive(Debug, Default)]
pub(super) struct JudgedEpoch {
    pub records: Vec<Judged>,
    pub seen: Vec<Seen>,
}

/// What judging a feed's messages showed beside the records.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Fields that no contract names.
    pub unknown_fields: u64,
    /// By rule, for how many records it could not be computed.
    pub rule_errors: BTreeMap<u16, u64>,
}

impl Engine {
    pub(super) fn judge(&self, input: &EpochInput) -> JudgedEpoch {
        let mut by_feed: Vec<Vec<usize>> = vec![Vec::new(); self.observers.len()];
        let mut judged = JudgedEpoch {
            records: Vec::new(),
            seen: vec![Seen::default(); self.observers.len()],
        };
        for (ordinal, message) in input.messages.iter().enumerate() {
            if message.held {
                judged.records.extend(self.held(input, ordinal, message));
            } else if let Some(ordinals) = by_feed.get_mut(usize::from(message.feed)) {
                ordinals.push(ordinal);
            }
        }
        let chunks: Vec<(usize, &[usize])> = by_feed
            .iter()
            .enumerate()
            .flat_map(|(feed, ordinals)| ordinals.chunks(CHUNK).map(move |chunk| (feed, chunk)))
            .collect();
        let parts: Vec<(usize, Vec<Judged>, Seen)> = chunks
            .into_par_iter()
            .map(|(feed, chunk)| self.judge_chunk(input, feed, chunk))
            .collect();
        for (feed, records, part) in parts {
            judged.records.extend(records);
            if let Some(seen) = judged.seen.get_mut(feed) {
                seen.unknown_fields += part.unknown_fields;
                for (rule, errors) in part.rule_errors {
                    *seen.rule_errors.entry(rule).or_default() += errors;
                }
            }
        }
        judged
            .records
            .sort_by_key(|judged| (judged.ordinal, judged.observation.origin.row));
        judged
    }

    fn judge_chunk(
        &self,
        input: &EpochInput,
        feed: usize,
        chunk: &[usize],
    ) -> (usize, Vec<Judged>, Seen) {
        let observer: &Observer = self
            .observers
            .get(feed)
            .expect("feeds of messages are feeds of the catalog");
        let messages: Vec<RawMessage<'_>> = chunk
            .iter()
            .filter_map(|ordinal| input.messages.get(*ordinal))
            .map(LandedMessage::raw)
            .collect();
        let schemas = self.schemas.at(input.epoch);
        let observed = observer.observe_with(&messages, input.landed_at_ms, schemas);
        let record = |observation: Observation| {
            let ordinal = chunk
                .get(observation.message)
                .copied()
                .expect("observations name messages of their chunk");
            Judged {
                ordinal,
                observation,
            }
        };
        (
            feed,
            observed.observations.into_iter().map(record).collect(),
            Seen {
                unknown_fields: observed.unknown_fields,
                rule_errors: observed.rule_errors,
            },
        )
    }

    /// A message that panicked alone: one held record, charged to the platform.
    fn held(&self, input: &EpochInput, ordinal: usize, message: &LandedMessage) -> Option<Judged> {
        let contract = self.catalog.feeds.get(usize::from(message.feed))?;
        let rule = contract
            .rules
            .iter()
            .position(|rule| rule.check == Check::Platform)?;
        let rule = u16::try_from(rule).ok()?;
        let code = Code("PLATFORM_ERROR");
        let unjudged = (0..contract.rules.len()).filter_map(|place| u16::try_from(place).ok());
        let observation = Observation {
            message: ordinal,
            origin: Origin {
                feed: message.feed,
                incarnation: message.incarnation,
                partition: message.partition,
                offset: message.offset,
                row: 0,
            },
            timestamp_ms: if message.timestamp_ms < 0 {
                input.landed_at_ms
            } else {
                message.timestamp_ms
            },
            outcome: Outcome::Quarantined,
            removal: false,
            key: None,
            order: None,
            failures: vec![Failure {
                rule,
                code,
                action: Action::Quarantine,
                raw: None,
            }],
            unjudged: unjudged.filter(|place| *place != rule).collect(),
            statement: None,
            named: Vec::new(),
            corrects: None,
            standing: None,
            marker: None,
            alone: true,
        };
        Some(Judged {
            ordinal,
            observation,
        })
    }
}
