//! Two things worth seeing in a lake: a person that agencies disagree on, and an issue that a correction closed.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
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

/// Agencies that have to state different values for a person to be worth showing.
const DISPUTING_AGENCIES: usize = 3;

/// The person and column with the most agencies that disagree, three at least; of several the first by subject id.
pub async fn disputed_person(tables: &Tables) -> Result<Option<Disputed>, Fault> {
    let mut files = tables.files.iter();
    let Some(table) = files.find(|table| table.name() == "person_file") else {
        return Ok(None);
    };
    let mut best: Option<Disputed> = None;
    let mut batches = table.live_rows(Some(&["person_id", "conflicts"]), None)?;
    while let Some(live) = batches.try_next().await? {
        best = most_disputed(disputes(&live.batch).into_iter().chain(best));
    }
    Ok(best)
}

fn most_disputed(all: impl Iterator<Item = Disputed>) -> Option<Disputed> {
    let rank = |disputed: &Disputed| {
        (
            usize::MAX - disputed.agencies.len(),
            disputed.subject.clone(),
            disputed.column.clone(),
        )
    };
    all.filter(|disputed| disputed.agencies.len() >= DISPUTING_AGENCIES)
        .min_by_key(rank)
}

/// Every contradiction in a batch of subject ids and `conflicts`.
fn disputes(batch: &RecordBatch) -> Vec<Disputed> {
    let (ids, conflicts) = (
        batch.column(0).as_string::<i32>(),
        batch.column(1).as_list::<i32>(),
    );
    let mut found = Vec::new();
    for row in (0..batch.num_rows()).filter(|row| conflicts.is_valid(*row)) {
        let elements = conflicts.value(row);
        let parts = elements.as_struct();
        let (columns, agencies) = (
            parts.column(0).as_string::<i32>(),
            parts.column(1).as_list::<i32>(),
        );
        found.extend((0..elements.len()).map(|place| Disputed {
            subject: ids.value(row).to_owned(),
            column: columns.value(place).to_owned(),
            agencies: names(&agencies.value(place)),
        }));
    }
    found
}

fn names(agencies: &dyn Array) -> Vec<String> {
    let agencies = agencies.as_string::<i32>();
    agencies.iter().flatten().map(str::to_owned).collect()
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

fn payload(batch: &RecordBatch, row: usize) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn disputed(subject: &str, agencies: &[&str]) -> Disputed {
        Disputed {
            subject: subject.to_owned(),
            column: "name".to_owned(),
            agencies: agencies.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_person_that_two_agencies_disagree_on_is_not_shown_as_one_of_three() {
        let two = disputed("a", &["ga", "rs"]);
        assert_eq!(most_disputed([two.clone()].into_iter()), None);
        let three = [
            disputed("c", &["ga", "rs", "yb"]),
            disputed("b", &["ga", "rs", "wj"]),
        ];
        let best = most_disputed([two].into_iter().chain(three.clone()));
        assert_eq!(best.as_ref(), three.last());
    }
}
