//! The table `finding`: one row per failed rule and record, appended, never changed.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;

use super::columns::{
    batch, integer, integers, long, longs, optional_texts, schema, signed, signed_short, text,
    texts, time, times,
};
use crate::finding::Finding;

/// Columns of `finding`.
pub fn finding_schema() -> SchemaRef {
    schema(vec![
        text("finding_id"),
        text("issue_id").with_nullable(true),
        text("agency"),
        text("feed"),
        text("contract_version"),
        text("rule_id"),
        text("rule_fingerprint"),
        text("ruleset_fingerprint"),
        text("code"),
        text("dimension"),
        text("severity"),
        text("action"),
        text("outcome"),
        text("topic"),
        integer("incarnation"),
        integer("partition"),
        long("offset"),
        integer("row"),
        time("event_time"),
        time("ingest_time"),
        text("record_ref"),
        text("field"),
        text("observed_disclosure"),
        text("fingerprint").with_nullable(true),
        integer("bundle_generation"),
        long("epoch"),
    ])
}

/// Rows sorted by topic, coordinates and rule.
pub fn finding_batch(findings: &[Finding]) -> RecordBatch {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.position, finding.rule_id.clone(), finding.code);
        one.topic
            .cmp(&other.topic)
            .then_with(|| key(one).cmp(&key(other)))
    });
    let all = &sorted;
    let columns: Vec<ArrayRef> = vec![
        texts(all.iter().map(|finding| &finding.finding_id)),
        optional_texts(
            all.iter()
                .map(|finding| finding.issue_id.map(|id| id.to_string())),
        ),
        texts(all.iter().map(|finding| &finding.agency)),
        texts(all.iter().map(|finding| &finding.feed)),
        texts(all.iter().map(|finding| &finding.contract_version)),
        texts(all.iter().map(|finding| &finding.rule_id)),
        texts(all.iter().map(|finding| &finding.rule_fingerprint)),
        texts(all.iter().map(|finding| &finding.ruleset_fingerprint)),
        texts(all.iter().map(|finding| finding.code)),
        texts(all.iter().map(|finding| finding.dimension.name())),
        texts(all.iter().map(|finding| finding.severity.name())),
        texts(all.iter().map(|finding| finding.action.name())),
        texts(all.iter().map(|finding| finding.outcome.name())),
        texts(all.iter().map(|finding| &finding.topic)),
        integers(
            all.iter()
                .map(|finding| signed_short(finding.position.incarnation)),
        ),
        integers(all.iter().map(|finding| finding.position.partition)),
        longs(all.iter().map(|finding| finding.position.offset)),
        integers(all.iter().map(|finding| signed_short(finding.position.row))),
        times(all.iter().map(|finding| finding.event_time_ms)),
        times(all.iter().map(|finding| finding.ingest_time_ms)),
        texts(all.iter().map(|finding| finding.record_ref.to_string())),
        texts(all.iter().map(|finding| &finding.field)),
        texts(all.iter().map(|finding| finding.disclosure.name())),
        optional_texts(all.iter().map(|finding| finding.fingerprint.as_deref())),
        integers(all.iter().map(|finding| signed_short(finding.generation))),
        longs(all.iter().map(|finding| signed(finding.epoch))),
    ];
    batch(finding_schema(), columns)
}
