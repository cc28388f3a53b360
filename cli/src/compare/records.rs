//! The outcome of every record, and the rules that it failed.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use yidang_ingest::lake::Tables;
use yidang_schemas::defect::Outcome;
use yidang_schemas::fault::Fault;
use yidang_simulate::{Coordinates, RecordTruth, Truth};
use yidang_sink::Table;

use super::Comparison;

/// Beginnings of codes that are not in the truth: findings about the header `corrects` depend on what stood when it
/// arrived, and notes on a number stand beside the verdict on it and change nothing.
const NOT_IN_THE_TRUTH: [&str; 4] = [
    "CORRECTS_",
    "FLOAT_TRUNCATED",
    "ID_REGION_UNKNOWN",
    "ID_SEQUENCE_000",
];

type Message = (String, i32, i64);

/// What the lake says of records.
#[derive(Default)]
struct Found {
    /// Records by outcome of each landed message, in the order of [`Outcome::ALL`].
    messages: BTreeMap<Message, Vec<u64>>,
    /// Outcome of each record that is held or has findings.
    outcomes: BTreeMap<Coordinates, String>,
    /// Failed rules with their fields.
    failures: BTreeMap<Coordinates, BTreeSet<(String, String)>>,
    doubled: Vec<String>,
}

/// Compares every record of the truth, and looks for records that the truth does not know.
pub async fn compare(
    tables: &Tables,
    truth: &Truth,
    comparison: &mut Comparison,
) -> Result<(), Fault> {
    let mut found = Found::default();
    found
        .read_landing(&tables.landing, &mut comparison.landed)
        .await?;
    found.read_findings(&tables.finding).await?;
    found.read_quarantine(&tables.quarantine).await?;
    messages(&found, truth, comparison);
    for record in &truth.records {
        *comparison
            .records
            .entry(record.feed.to_owned())
            .or_default() += 1;
        if let Some(defect) = &record.defect {
            *comparison.defects.entry(defect.clone()).or_default() += 1;
        }
        let outcome = found.outcome(&record.at);
        if outcome.as_deref() != Some(record.outcome) {
            comparison.records_different += 1;
            let said = outcome.as_deref().unwrap_or("nothing");
            comparison.differences.add(|| {
                format!(
                    "{}: outcome {said}, not {}",
                    shown(&record.at),
                    record.outcome
                )
            });
        }
        let failures = found.failures.remove(&record.at).unwrap_or_default();
        comparison
            .kinds
            .count(record, outcome.as_deref(), &failures);
        findings(record, &failures, comparison);
    }
    for (at, failures) in &found.failures {
        comparison.findings_different += 1;
        comparison.differences.add(|| {
            format!(
                "{}: {} findings of a record that is not in the truth",
                shown(at),
                failures.len()
            )
        });
    }
    for doubled in &found.doubled {
        comparison.records_different += 1;
        comparison.differences.add(|| doubled.clone());
    }
    Ok(())
}

/// Messages that are in the lake and not in the truth, or the other way round, or with other counts.
fn messages(found: &Found, truth: &Truth, comparison: &mut Comparison) {
    let mut expected: BTreeMap<Message, Vec<u64>> = BTreeMap::new();
    for record in &truth.records {
        let at = (
            record.at.topic.clone(),
            record.at.partition,
            record.at.offset,
        );
        let counts = expected
            .entry(at)
            .or_insert_with(|| vec![0; Outcome::ALL.len()]);
        let place = Outcome::ALL
            .iter()
            .position(|outcome| outcome.name() == record.outcome);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    let all: BTreeSet<&Message> = expected.keys().chain(found.messages.keys()).collect();
    for at in all {
        let how = match (found.messages.get(at), expected.get(at)) {
            (None, _) => "not landed",
            (_, None) => "landed, but not in the truth",
            (Some(found), Some(expected)) if found != expected => "other counts of outcomes",
            _ => continue,
        };
        comparison.records_different += 1;
        comparison
            .differences
            .add(|| format!("{}/{}/{}: {how}", at.0, at.1, at.2));
    }
}

fn findings(record: &RecordTruth, found: &BTreeSet<(String, String)>, comparison: &mut Comparison) {
    let expected = record
        .failed
        .iter()
        .map(|failed| (failed.rule.clone(), failed.field.clone()));
    let expected: BTreeSet<(String, String)> = expected.collect();
    comparison.findings += expected.len() as u64;
    for (rule, _) in expected.symmetric_difference(found) {
        comparison.findings_different += 1;
        let how = if found.iter().any(|(each, _)| each == rule) {
            "not in the truth"
        } else {
            "missing"
        };
        comparison
            .differences
            .add(|| format!("{}: finding of {rule} {how}", shown(&record.at)));
    }
}

fn shown(at: &Coordinates) -> String {
    format!("{}/{}/{} row {}", at.topic, at.partition, at.offset, at.row)
}

impl Found {
    /// Held and failing records say it themselves; of the others their message does.
    fn outcome(&self, at: &Coordinates) -> Option<String> {
        if let Some(outcome) = self.outcomes.get(at) {
            return Some(outcome.clone());
        }
        let counts = self
            .messages
            .get(&(at.topic.clone(), at.partition, at.offset))?;
        let records: u64 = counts.iter().sum();
        let control = Outcome::ALL
            .iter()
            .zip(counts)
            .any(|(outcome, count)| *outcome == Outcome::Control && *count > 0);
        let outcome = if control && records == 1 {
            Outcome::Control
        } else {
            Outcome::Accepted
        };
        Some(outcome.name().to_owned())
    }

    async fn read_landing(
        &mut self,
        table: &Table,
        feeds: &mut BTreeMap<String, [u64; 5]>,
    ) -> Result<(), Fault> {
        let names: Vec<&str> = ["feed", "topic", "partition", "offset"]
            .into_iter()
            .chain(Outcome::ALL.iter().map(|outcome| outcome.name()))
            .collect();
        let mut batches = table.live_rows(Some(&names), None)?;
        while let Some(live) = batches.try_next().await? {
            let rows = Rows(&live.batch);
            for row in 0..live.batch.num_rows() {
                let at = (
                    rows.text("topic", row),
                    rows.number("partition", row),
                    rows.long("offset", row),
                );
                let counts = Outcome::ALL.map(|outcome| {
                    u64::try_from(rows.number(outcome.name(), row))
                        .expect("counts are not negative")
                });
                let sums = feeds.entry(rows.text("feed", row)).or_default();
                sums.iter_mut()
                    .zip(counts)
                    .for_each(|(sum, count)| *sum += count);
                let before = self.messages.insert(at.clone(), counts.to_vec());
                if before.is_some() {
                    self.doubled
                        .push(format!("{}/{}/{}: landed twice", at.0, at.1, at.2));
                }
            }
        }
        Ok(())
    }

    async fn read_findings(&mut self, table: &Table) -> Result<(), Fault> {
        let names = [
            "topic",
            "partition",
            "offset",
            "row",
            "outcome",
            "rule_id",
            "code",
            "field",
        ];
        let mut batches = table.live_rows(Some(&names), None)?;
        while let Some(live) = batches.try_next().await? {
            let rows = Rows(&live.batch);
            for row in 0..live.batch.num_rows() {
                let code = rows.text("code", row);
                if NOT_IN_THE_TRUTH.iter().any(|start| code.starts_with(start)) {
                    continue;
                }
                let at = rows.coordinates(row);
                self.outcomes.insert(at.clone(), rows.text("outcome", row));
                let failure = (rows.text("rule_id", row), rows.text("field", row));
                if !self.failures.entry(at.clone()).or_default().insert(failure) {
                    self.doubled
                        .push(format!("{}: a finding twice", shown(&at)));
                }
            }
        }
        Ok(())
    }

    async fn read_quarantine(&mut self, table: &Table) -> Result<(), Fault> {
        let names = ["topic", "partition", "offset", "row", "outcome"];
        let mut batches = table.live_rows(Some(&names), None)?;
        let mut seen: BTreeSet<Coordinates> = BTreeSet::new();
        while let Some(live) = batches.try_next().await? {
            let rows = Rows(&live.batch);
            for row in 0..live.batch.num_rows() {
                let (at, outcome) = (rows.coordinates(row), rows.text("outcome", row));
                if !seen.insert(at.clone()) {
                    self.doubled.push(format!("{}: held twice", shown(&at)));
                }
                self.outcomes.insert(at, outcome);
            }
        }
        Ok(())
    }
}

/// Columns of a batch by name; the tables that are read have them all.
pub(super) struct Rows<'a>(pub &'a RecordBatch);

impl Rows<'_> {
    fn column(&self, name: &str) -> &arrow::array::ArrayRef {
        self.0
            .column_by_name(name)
            .expect("the column was asked for")
    }

    pub fn text(&self, name: &str, row: usize) -> String {
        let column = self.column(name);
        if column.is_null(row) {
            String::new()
        } else {
            column.as_string::<i32>().value(row).to_owned()
        }
    }

    pub fn number(&self, name: &str, row: usize) -> i32 {
        self.column(name).as_primitive::<Int32Type>().value(row)
    }

    pub fn long(&self, name: &str, row: usize) -> i64 {
        self.column(name).as_primitive::<Int64Type>().value(row)
    }

    fn coordinates(&self, row: usize) -> Coordinates {
        Coordinates {
            topic: self.text("topic", row),
            partition: self.number("partition", row),
            offset: self.long("offset", row),
            row: u32::try_from(self.number("row", row)).expect("rows are counted from 0"),
        }
    }
}
