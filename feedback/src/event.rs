//! Events: CloudEvents 1.0 in Kafka's binary content mode.
//!
//! Attributes are headers `ce_*`, the payload is the value, the key is the issue id. An event is a row of
//! `issue_event` before it is a message, and both hold the same bytes; each row is chained to the previous one of its
//! issue by a hash. Bytes depend on the verdict, the issue before it, the bundle and the landing instant alone.
//! Source: CloudEvents 1.0.2, Kafka protocol binding 1.0.2 section 3.2; documented extensions partitioning, sequence,
//! severity, recordedtime, dataclassification.

mod payload;
mod time;

#[cfg(test)]
mod tests;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::rule::Rule;
use yidang_transform::verdict::Verdict;

use crate::disclose::Observed;
use crate::finding::feedback_topic;
use crate::fold::FeedbackSettings;
use crate::identity::{IssueId, coordinates};
use crate::issue::{IssueState, Status};
use crate::position::EndedBy;

pub use payload::DATA_SCHEMA;
pub use time::rfc3339;

/// Attribute `source`: one logical producer makes source and id unique together.
pub const SOURCE: &str = "/dq/engine";

/// What happened to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transition {
    Opened,
    Recurred,
    Reopened,
    Resolved,
    Dismissed,
}

impl Transition {
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Recurred => "recurred",
            Self::Reopened => "reopened",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

/// One step of an issue; its new status is that of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub transition: Transition,
    pub from: Option<Status>,
    pub reason: &'static str,
}

impl Step {
    /// A step that a failing record caused.
    pub fn failing(transition: Transition, from: Option<Status>) -> Self {
        Self {
            transition,
            from,
            reason: "rule_failed",
        }
    }
}

/// The record that caused an event, and what may be said of it.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    pub contract: &'a Contract,
    /// Nothing where the bundle no longer has the issue's rule.
    pub rule: Option<&'a Rule>,
    pub verdict: &'a Verdict,
    /// The failing value, where the event tells of one.
    pub observed: Option<Observed>,
    /// The record that ended the issue, where it is known.
    pub resolved_by: Option<EndedBy>,
}

/// One event, ready to be stored and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `<issue id>-<seq, six digits>`.
    pub id: String,
    pub issue_id: IssueId,
    pub seq: u32,
    pub agency: String,
    /// `dq.feedback.<agency>.v1`.
    pub topic: String,
    pub transition: Transition,
    pub from: Option<Status>,
    pub to: Status,
    pub reason: &'static str,
    /// In the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub payload: Vec<u8>,
    /// Hash of the issue's previous event; nothing for its first.
    pub prev_hash: Option<[u8; 32]>,
    /// BLAKE3 over previous hash, id and payload.
    pub hash: [u8; 32],
    /// Message time of the record that caused it, epoch milliseconds.
    pub occurred_at_ms: i64,
    /// Landing instant, epoch milliseconds.
    pub recorded_at_ms: i64,
    pub epoch: u64,
}

impl Event {
    /// The next event of an issue. `state` is the issue after the step, still with the number and hash of its
    /// previous event.
    pub fn new(
        catalog: &Catalog,
        settings: &FeedbackSettings,
        state: &IssueState,
        step: Step,
        cause: &Cause<'_>,
    ) -> Self {
        let seq = state.seq + 1;
        let id = format!("{}-{seq:06}", state.id);
        let payload = payload::payload(catalog, state, seq, step, cause);
        let prev_hash = (state.seq > 0).then_some(state.last_hash);
        Self {
            headers: headers(settings, state, (&id, seq), step, cause),
            hash: chained(prev_hash, &id, &payload),
            id,
            issue_id: state.id,
            seq,
            agency: state.agency.as_ref().to_owned(),
            topic: feedback_topic(&state.agency),
            transition: step.transition,
            from: step.from,
            to: state.status,
            reason: step.reason,
            payload,
            prev_hash,
            occurred_at_ms: cause.verdict.timestamp_ms,
            recorded_at_ms: settings.recorded_at_ms,
            epoch: settings.epoch,
        }
    }

    /// The Kafka message key.
    pub fn key(&self) -> String {
        self.issue_id.to_string()
    }
}

/// Hash of an event's row: proves that nobody edited an issue's history.
pub fn chained(prev_hash: Option<[u8; 32]>, id: &str, payload: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    if let Some(prev_hash) = prev_hash {
        hasher.update(&prev_hash);
    }
    hasher.update(id.as_bytes());
    hasher.update(payload);
    *hasher.finalize().as_bytes()
}

fn headers(
    settings: &FeedbackSettings,
    state: &IssueState,
    (id, seq): (&str, u32),
    step: Step,
    cause: &Cause<'_>,
) -> Vec<(String, String)> {
    let issue = state.id.to_string();
    let kind = format!(
        "{}.dq.issue.{}.v1",
        settings.type_prefix,
        step.transition.name()
    );
    let mut headers = Vec::with_capacity(20);
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    add("content-type", "application/json");
    add("ce_specversion", "1.0");
    add("ce_id", id);
    add("ce_source", SOURCE);
    add("ce_type", &kind);
    add("ce_subject", &issue);
    add("ce_time", &rfc3339(cause.verdict.timestamp_ms));
    add("ce_recordedtime", &rfc3339(settings.recorded_at_ms));
    add("ce_dataschema", DATA_SCHEMA);
    add("ce_partitionkey", &issue);
    add("ce_sequence", &format!("{seq:06}"));
    add("ce_correlationid", &issue);
    add(
        "ce_causationid",
        &coordinates(cause.contract, cause.verdict.origin),
    );
    add("ce_severitytext", state.severity.name());
    add("ce_severitynumber", &state.severity.number().to_string());
    add("ce_dataclassification", "internal");
    add("ce_agency", &state.agency);
    add("ce_feed", &state.feed);
    add("ce_ruleid", &percent_encoded(&state.rule));
    add("ce_dimension", state.dimension.name());
    headers
}

/// Header values are UTF-8 text of printable ASCII; all else, quote, percent sign and space are percent-encoded.
/// Source: CloudEvents Kafka protocol binding 1.0.2 section 3.2.3.2 with HTTP binding section 3.1.3.2.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'%' => encoded.push_str(&format!("%{byte:02X}")),
            0x21..=0x7E => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
