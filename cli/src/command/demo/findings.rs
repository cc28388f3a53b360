//! Two things worth seeing in a lake: a person that agencies disagree on, and an issue that a correction closed.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use futures::TryStreamExt;
use serde_json::Value;
use yidang_ingest::lake::Tables;
use yidang_schemas::fault::Fault;

/// A cell that agencies state different values for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    pub subject: String,
    pub column: String,
    pub agencies: Vec<String>,
}

/// The person and column with the most agencies that disagree; of several the first by subject id.
pub async fn disputed_person(tables: &Tables) -> Result<Option<Disputed>, Fault> {
    let Some(table) = tables
        .files
        .iter()
        .find(|table| table.name() == "person_file")
    else {
        return Ok(None);
    };
    let mut best: Option<Disputed> = None;
    let mut batches = table.live_rows(Some(&["person_id", "conflicts"]), None)?;
    while let Some(live) = batches.try_next().await? {
        let (ids, conflicts) = (
            live.batch.column(0).as_string::<i32>(),
            live.batch.column(1).as_list::<i32>(),
        );
        for row in (0..live.batch.num_rows()).filter(|row| conflicts.is_valid(*row)) {
            let elements = conflicts.value(row);
            let parts = elements.as_struct();
            let (columns, agencies) = (
                parts.column(0).as_string::<i32>(),
                parts.column(1).as_list::<i32>(),
            );
            for place in 0..elements.len() {
                let stated = agencies.value(place);
                let found = Disputed {
                    subject: ids.value(row).to_owned(),
                    column: columns.value(place).to_owned(),
                    agencies: stated
                        .as_string::<i32>()
                        .iter()
                        .flatten()
                        .map(str::to_owned)
                        .collect(),
                };
                best = Some(match best {
                    Some(best) if !is_better(&found, &best) => best,
                    _ => found,
                });
            }
        }
    }
    Ok(best)
}

fn is_better(found: &Disputed, best: &Disputed) -> bool {
    let rank = |disputed: &Disputed| {
        (
            usize::MAX - disputed.agencies.len(),
            disputed.subject.clone(),
            disputed.column.clone(),
        )
    };
    rank(found) < rank(best)
}

/// The life of an issue that the source corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub issue: String,
    pub rule: String,
    pub code: String,
    /// Coordinates of the record that failed.
    pub bad: String,
    pub opened_event: String,
    pub topic: String,
    /// Coordinates of the record that passed.
    pub correction: String,
    pub resolved_event: String,
    pub reason: String,
}

/// Of the issues that were opened and then corrected, the first by id.
pub async fn closed_issue(tables: &Tables) -> Result<Option<Closed>, Fault> {
    let names = [
        "issue_id",
        "event_id",
        "topic",
        "transition",
        "reason",
        "payload",
    ];
    let mut opened = std::collections::BTreeMap::new();
    let mut resolved = std::collections::BTreeMap::new();
    let mut batches = tables.issue_event.live_rows(Some(&names), None)?;
    while let Some(live) = batches.try_next().await? {
        let text = |place: usize, row: usize| {
            live.batch
                .column(place)
                .as_string::<i32>()
                .value(row)
                .to_owned()
        };
        for row in 0..live.batch.num_rows() {
            let event = Told {
                id: text(1, row),
                topic: text(2, row),
                reason: text(4, row),
                payload: payload(&live.batch, row),
            };
            match (text(3, row).as_str(), event.reason.as_str()) {
                ("opened", _) => drop(opened.insert(text(0, row), event)),
                ("resolved", "corrected") => drop(resolved.insert(text(0, row), event)),
                _ => {}
            }
        }
    }
    let standing = resolved_issues(tables).await?;
    let closed = resolved
        .into_iter()
        .filter(|(issue, _)| standing.contains(issue));
    Ok(closed.into_iter().find_map(|(issue, resolved)| {
        let opened = opened.remove(&issue)?;
        let word = |name: &str| {
            opened
                .payload
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Some(Closed {
            rule: word("ruleId"),
            code: word("code"),
            bad: coordinates(opened.payload.pointer("/where/first")?)?,
            correction: coordinates(resolved.payload.pointer("/where/resolvedBy")?)?,
            opened_event: opened.id,
            topic: opened.topic,
            resolved_event: resolved.id,
            reason: resolved.reason,
            issue,
        })
    }))
}

struct Told {
    id: String,
    topic: String,
    reason: String,
    payload: Value,
}

fn payload(batch: &arrow::record_batch::RecordBatch, row: usize) -> Value {
    serde_json::from_slice(batch.column(5).as_binary::<i32>().value(row)).unwrap_or_default()
}

/// Issues that stand resolved at the end, so that the four lines are the whole story.
async fn resolved_issues(tables: &Tables) -> Result<std::collections::BTreeSet<String>, Fault> {
    let names = [
        "issue_id",
        "state",
        "seq",
        "first_partition",
        "first_offset",
    ];
    let mut found = std::collections::BTreeSet::new();
    let mut batches = tables.issue.live_rows(Some(&names), None)?;
    while let Some(live) = batches.try_next().await? {
        let (ids, states) = (
            live.batch.column(0).as_string::<i32>(),
            live.batch.column(1).as_string::<i32>(),
        );
        let seqs = live.batch.column(2).as_primitive::<Int32Type>();
        let (partitions, offsets) = (
            live.batch.column(3).as_primitive::<Int32Type>(),
            live.batch.column(4).as_primitive::<Int64Type>(),
        );
        for row in 0..live.batch.num_rows() {
            // Two events: opened and resolved, nothing between.
            let plain =
                seqs.value(row) == 2 && partitions.value(row) >= 0 && offsets.value(row) >= 0;
            if plain && states.value(row) == "resolved" {
                found.insert(ids.value(row).to_owned());
            }
        }
    }
    Ok(found)
}

/// `topic/partition/offset row n`.
fn coordinates(place: &Value) -> Option<String> {
    let number = |name: &str| place.get(name).and_then(Value::as_i64);
    let topic = place.get("topic")?.as_str()?;
    let (partition, offset, row) = (number("partition")?, number("offset")?, number("row")?);
    Some(format!("{topic}/{partition}/{offset} row {row}"))
}
