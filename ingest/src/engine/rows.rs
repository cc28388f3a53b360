//! Rows of an epoch for `landing`, the observation tables and `quarantine`.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;
use yidang_feedback::finding::Finding;
use yidang_schemas::defect::Outcome;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::observe::Observation;
use yidang_transform::project::Stamp;
use yidang_transform::record::Effect;

use super::Engine;
use super::judge::JudgedEpoch;
use crate::epoch::{EpochInput, LandedMessage, Lane};
use crate::tables::landing::{self, MessageSummary};
use crate::tables::observation::{self, ObservationRow};
use crate::tables::quarantine::{self, QuarantineRow};

impl Engine {
    fn kinds_of(&self, feed: u16) -> Vec<KindIndex> {
        let contract = self.catalog.feeds.get(usize::from(feed));
        let mut kinds: Vec<KindIndex> = contract
            .iter()
            .flat_map(|contract| contract.subjects.iter().map(|subject| subject.kind))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// One row per target that an accepted record's own bytes name; naming none, one row per kind of its contract.
    pub(super) fn observation_rows<'a>(
        &self,
        judged: &'a JudgedEpoch,
        effects: &[Option<Effect>],
    ) -> Vec<(usize, KindIndex, ObservationRow<'a>)> {
        let kinds: Vec<Vec<KindIndex>> = (0..self.catalog.feeds.len())
            .map(|feed| self.kinds_of(u16::try_from(feed).unwrap_or(u16::MAX)))
            .collect();
        let mut rows = Vec::with_capacity(judged.records.len());
        for (record, effect) in judged.records.iter().zip(effects) {
            let observation = &record.observation;
            let (Some(statement), Some(key), Some(effect)) =
                (&observation.statement, &observation.key, *effect)
            else {
                continue;
            };
            let row = |target: Option<&yidang_transform::identity::Target>| ObservationRow {
                record: key.id,
                origin: observation.origin,
                target: target.map(|target| target.token),
                slot: target.map_or(0, |target| target.slot),
                removal: statement.removal,
                effect,
                order: &statement.version.order,
                cells: &statement.cells,
                contract_version: &statement.version.contract_version,
                flags: &statement.failed,
            };
            if observation.named.is_empty() {
                let kinds = kinds
                    .get(usize::from(key.id.feed))
                    .map_or(&[][..], Vec::as_slice);
                rows.extend(kinds.iter().map(|kind| (record.ordinal, *kind, row(None))));
            }
            rows.extend(
                observation
                    .named
                    .iter()
                    .map(|target| (record.ordinal, target.kind, row(Some(target)))),
            );
        }
        rows
    }

    pub(super) fn observation_batches(
        &self,
        rows: &[(usize, KindIndex, ObservationRow<'_>)],
        stamp: Stamp,
    ) -> Vec<Option<RecordBatch>> {
        let kinds = 0..u8::try_from(self.catalog.dossiers.len())
            .expect("a catalog has fewer kinds than 255");
        kinds
            .map(|kind| {
                let of_kind = rows.iter().filter(|(_, row_kind, _)| *row_kind == kind);
                let of_kind: Vec<ObservationRow<'_>> = of_kind.map(|(_, _, row)| *row).collect();
                let batch = || {
                    observation::batch(
                        &self.catalog,
                        kind,
                        &of_kind,
                        stamp.epoch,
                        stamp.landed_at_ms,
                    )
                };
                (!of_kind.is_empty()).then(batch)
            })
            .collect()
    }

    pub(super) fn landing(
        &self,
        input: &EpochInput,
        judged: &JudgedEpoch,
        rows: &[(usize, KindIndex, ObservationRow<'_>)],
        findings: &[Finding],
    ) -> RecordBatch {
        let kinds = self.catalog.dossiers.len();
        let fresh = MessageSummary {
            observations: vec![0; kinds],
            ..MessageSummary::default()
        };
        let mut summaries = vec![fresh; input.messages.len()];
        for record in &judged.records {
            let Some(summary) = summaries.get_mut(record.ordinal) else {
                continue;
            };
            let place = Outcome::ALL
                .iter()
                .position(|outcome| *outcome == record.observation.outcome);
            if let Some(count) = place.and_then(|place| summary.outcomes.get_mut(place)) {
                *count += 1;
            }
        }
        let topic = |message: &LandedMessage| {
            self.catalog
                .feed(message.feed)
                .map_or("", |feed| feed.topic.as_str())
        };
        let place = |message: &LandedMessage| {
            (
                topic(message),
                message.incarnation,
                message.partition,
                message.offset,
            )
        };
        let ordinals: HashMap<_, usize> = input
            .messages
            .iter()
            .enumerate()
            .map(|(ordinal, message)| (place(message), ordinal))
            .collect();
        for finding in findings {
            let at = finding.position;
            let ordinal = ordinals.get(&(
                finding.topic.as_str(),
                at.incarnation,
                at.partition,
                at.offset,
            ));
            if let Some(summary) = ordinal.and_then(|ordinal| summaries.get_mut(*ordinal)) {
                summary.findings += 1;
            }
        }
        for (ordinal, kind, _) in rows {
            let summary = summaries.get_mut(*ordinal);
            if let Some(count) =
                summary.and_then(|summary| summary.observations.get_mut(usize::from(*kind)))
            {
                *count += 1;
            }
        }
        let mut last: BTreeMap<Lane, i64> = BTreeMap::new();
        for (message, summary) in input.messages.iter().zip(&mut summaries) {
            let lane = Lane {
                feed: message.feed,
                incarnation: message.incarnation,
                partition: message.partition,
            };
            let before = last.insert(lane, message.offset);
            summary.previous_offset =
                before.or_else(|| self.lanes.get(&lane).map(|state| state.last_offset));
        }
        landing::batch(&self.catalog, input, &summaries, &self.catalog.bundle.hash)
    }

    pub(super) fn quarantine(&self, judged: &JudgedEpoch, stamp: Stamp) -> Option<RecordBatch> {
        let held = judged.records.iter().map(|judged| &judged.observation);
        let held = held.filter(|observation| {
            matches!(
                observation.outcome,
                Outcome::Quarantined | Outcome::Rejected
            )
        });
        let row = |observation: &Observation| {
            let contract = self.catalog.feeds.get(usize::from(observation.origin.feed));
            let rule =
                |place: u16| contract.and_then(|contract| contract.rules.get(usize::from(place)));
            let failed = observation
                .failures
                .iter()
                .filter_map(|failure| Some((rule(failure.rule)?.id.clone(), failure.code.0)));
            QuarantineRow {
                origin: observation.origin,
                outcome: observation.outcome,
                failed: failed.collect(),
                generation: self.catalog.bundle.generation,
            }
        };
        let rows: Vec<QuarantineRow> = held.map(row).collect();
        (!rows.is_empty())
            .then(|| quarantine::batch(&self.catalog, &rows, stamp.epoch, stamp.landed_at_ms))
    }
}
