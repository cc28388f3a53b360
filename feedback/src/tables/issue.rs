//! The table `issue`: one row per issue as it stands now, replaced by key.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use yidang_schemas::catalog::Catalog;

use super::columns::{
    batch, integer, integers, long, longs, optional_texts, optional_times, schema, signed,
    signed_short, text, texts, time, times,
};
use crate::fold::FoldedIssues;
use crate::identity::RECORD_SCOPE;
use crate::issue::IssueState;

/// Columns of `issue`; the key is `issue_id`.
pub fn issue_schema() -> SchemaRef {
    schema(vec![
        text("issue_id"),
        integer("seq"),
        text("state"),
        text("reason").with_nullable(true),
        text("scope"),
        text("responsible"),
        text("feed"),
        text("rule_id"),
        text("code"),
        text("field"),
        text("record_ref"),
        text("severity"),
        text("action"),
        text("dimension"),
        time("opened_at"),
        time("resolved_at").with_nullable(true),
        long("occurrences"),
        integer("distinct_values"),
        integer("reopen_count"),
        text("topic").with_nullable(true),
        integer("first_partition"),
        long("first_offset"),
        integer("first_row"),
        integer("last_partition"),
        long("last_offset"),
        integer("last_row"),
        time("last_failed_at"),
    ])
}

/// The rows that an epoch changes, in id order.
pub fn issue_batch(folded: &FoldedIssues, catalog: &Catalog) -> RecordBatch {
    let changed = folded.visible.iter().filter_map(|id| folded.issues.get(id));
    rows(&changed.collect::<Vec<_>>(), catalog)
}

/// Any issues as rows, in the order given.
pub fn rows(all: &[&IssueState], catalog: &Catalog) -> RecordBatch {
    let topic = |issue: &&IssueState| {
        let feed = catalog.feed_of_id(&issue.feed)?;
        catalog.feed(feed).map(|contract| contract.topic.as_str())
    };
    let columns: Vec<ArrayRef> = vec![
        texts(all.iter().map(|issue| issue.id.to_string())),
        integers(all.iter().map(|issue| signed_short(issue.seq))),
        texts(all.iter().map(|issue| issue.status.name())),
        optional_texts(
            all.iter()
                .map(|issue| issue.reason.map(crate::issue::Reason::name)),
        ),
        texts(all.iter().map(|_| RECORD_SCOPE)),
        texts(all.iter().map(|issue| &issue.agency)),
        texts(all.iter().map(|issue| &issue.feed)),
        texts(all.iter().map(|issue| &issue.rule)),
        texts(all.iter().map(|issue| &issue.code)),
        texts(all.iter().map(|issue| &issue.field)),
        texts(all.iter().map(|issue| issue.record_ref.to_string())),
        texts(all.iter().map(|issue| issue.severity.name())),
        texts(all.iter().map(|issue| issue.action.name())),
        texts(all.iter().map(|issue| issue.dimension.name())),
        times(all.iter().map(|issue| issue.opened_at_ms)),
        optional_times(all.iter().map(|issue| issue.resolved_at_ms)),
        longs(all.iter().map(|issue| signed(issue.occurrences))),
        integers(all.iter().map(|issue| signed_short(issue.values.len()))),
        integers(all.iter().map(|issue| signed_short(issue.reopened))),
        optional_texts(all.iter().map(topic)),
        integers(all.iter().map(|issue| issue.first.position.partition)),
        longs(all.iter().map(|issue| issue.first.position.offset)),
        integers(
            all.iter()
                .map(|issue| signed_short(issue.first.position.row)),
        ),
        integers(all.iter().map(|issue| issue.latest.position.partition)),
        longs(all.iter().map(|issue| issue.latest.position.offset)),
        integers(
            all.iter()
                .map(|issue| signed_short(issue.latest.position.row)),
        ),
        times(all.iter().map(|issue| issue.latest.timestamp_ms)),
    ];
    batch(issue_schema(), columns)
}
