//! Rows of the two issue tables as values.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use serde::Serialize;
use yidang_ingest::lake::specs;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::{Lake, Table, TableSpec};

/// An issue as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    pub issue_id: String,
    pub state: String,
    pub reason: Option<String>,
    /// Who answers for it.
    pub responsible: String,
    pub feed: String,
    pub rule_id: String,
    pub code: String,
    pub field: String,
    pub record_ref: String,
    pub severity: String,
    pub action: String,
    pub opened_at: String,
    pub resolved_at: Option<String>,
    pub occurrences: i64,
    pub reopen_count: i32,
    pub first: Place,
    pub latest: Place,
}

/// Where a record lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub row: i32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}/{}/{}/{}",
            self.topic, self.partition, self.offset, self.row
        )
    }
}

/// One event, as published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRow {
    pub seq: i32,
    pub transition: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub reason: String,
    pub occurred_at: String,
    pub recorded_at: String,
    pub topic: String,
    pub epoch: i64,
    /// The data of the published CloudEvent, byte for byte: its members are named as agencies read them.
    pub payload_json: String,
    /// The same, to read from.
    #[serde(skip)]
    pub payload: serde_json::Value,
}

/// All issues, in the order of their ids.
pub async fn issues(lake: &Lake, catalog: &Catalog) -> Result<Vec<IssueRow>, Fault> {
    let specs = specs(catalog);
    let mut batches = open(lake, &specs.issue).await?.live_rows(None, None)?;
    let mut issues = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        let columns = Columns(&batch.batch);
        for row in 0..batch.batch.num_rows() {
            issues.push(issue(&columns, row)?);
        }
    }
    issues.sort_by(|left, right| left.issue_id.cmp(&right.issue_id));
    Ok(issues)
}

/// The events of one issue, in their order.
pub async fn events(
    lake: &Lake,
    catalog: &Catalog,
    issue_id: &str,
) -> Result<Vec<EventRow>, Fault> {
    let specs = specs(catalog);
    let mut batches = open(lake, &specs.issue_event)
        .await?
        .live_rows(None, None)?;
    let mut events = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        let columns = Columns(&batch.batch);
        for row in 0..batch.batch.num_rows() {
            if columns.text("issue_id", row)?.as_deref() == Some(issue_id) {
                events.push(event(&columns, row)?);
            }
        }
    }
    events.sort_by_key(|event| event.seq);
    Ok(events)
}

async fn open(lake: &Lake, spec: &TableSpec) -> Result<Table, Fault> {
    let missing = || {
        let way_out = format!("run `yidang rebuild {} --lake {}`", spec.name, lake.uri());
        Fault::corrupt(format!(
            "read issues of lake {}: table {} is missing; {way_out}",
            lake.uri(),
            spec.name
        ))
    };
    Table::open(lake, spec).await?.ok_or_else(missing)
}

fn issue(columns: &Columns<'_>, row: usize) -> Result<IssueRow, Fault> {
    let text = |name: &str| columns.text(name, row).map(Option::unwrap_or_default);
    let topic = text("topic")?;
    let place = |side: &str| {
        Ok::<_, Fault>(Place {
            topic: topic.clone(),
            partition: columns.int(&format!("{side}_partition"), row)?,
            offset: columns.long(&format!("{side}_offset"), row)?,
            row: columns.int(&format!("{side}_row"), row)?,
        })
    };
    Ok(IssueRow {
        issue_id: text("issue_id")?,
        state: text("state")?,
        reason: columns.text("reason", row)?,
        responsible: text("responsible")?,
        feed: text("feed")?,
        rule_id: text("rule_id")?,
        code: text("code")?,
        field: text("field")?,
        record_ref: text("record_ref")?,
        severity: text("severity")?,
        action: text("action")?,
        opened_at: columns.time("opened_at", row)?.unwrap_or_default(),
        resolved_at: columns.time("resolved_at", row)?,
        occurrences: columns.long("occurrences", row)?,
        reopen_count: columns.int("reopen_count", row)?,
        first: place("first")?,
        latest: place("last")?,
    })
}

fn event(columns: &Columns<'_>, row: usize) -> Result<EventRow, Fault> {
    let text = |name: &str| columns.text(name, row).map(Option::unwrap_or_default);
    let payload = columns.column("payload")?.as_binary::<i32>().value(row);
    let unreadable =
        |error| Fault::corrupt("read issue_event: a payload is no JSON").with_source(error);
    Ok(EventRow {
        seq: columns.int("seq", row)?,
        transition: text("transition")?,
        from_state: columns.text("from_state", row)?,
        to_state: text("to_state")?,
        reason: text("reason")?,
        occurred_at: columns.time("occurred_at", row)?.unwrap_or_default(),
        recorded_at: columns.time("recorded_at", row)?.unwrap_or_default(),
        topic: text("topic")?,
        epoch: columns.long("epoch", row)?,
        payload: serde_json::from_slice(payload).map_err(unreadable)?,
        payload_json: String::from_utf8_lossy(payload).into_owned(),
    })
}

struct Columns<'a>(&'a RecordBatch);

impl<'a> Columns<'a> {
    fn column(&self, name: &str) -> Result<&'a arrow::array::ArrayRef, Fault> {
        let missing = || Fault::corrupt(format!("read issues: column {name} is missing"));
        self.0.column_by_name(name).ok_or_else(missing)
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<String>, Fault> {
        let column = self.column(name)?.as_string::<i32>();
        Ok(column.is_valid(row).then(|| column.value(row).to_owned()))
    }

    fn int(&self, name: &str, row: usize) -> Result<i32, Fault> {
        Ok(self.column(name)?.as_primitive::<Int32Type>().value(row))
    }

    fn long(&self, name: &str, row: usize) -> Result<i64, Fault> {
        Ok(self.column(name)?.as_primitive::<Int64Type>().value(row))
    }

    fn time(&self, name: &str, row: usize) -> Result<Option<String>, Fault> {
        let column = self
            .column(name)?
            .as_primitive::<TimestampMicrosecondType>();
        let micros = column.is_valid(row).then(|| column.value(row));
        Ok(micros.map(|micros| yidang_feedback::event::rfc3339(micros.div_euclid(1_000))))
    }
}
