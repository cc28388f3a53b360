//! Findings: every failed rule of every record as a row, whether an issue comes of it or not.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::defect::Outcome;
use yidang_schemas::rule::{Action, Check, Dimension, Rule, Severity};
use yidang_transform::verdict::Verdict;

use crate::disclose::{Disclosure, Observed};
use crate::identity::{IssueId, RecordRef, field_path, finding_id};
use crate::issue::{PLATFORM, responsible};
use crate::position::Position;

/// One rule failed by one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub finding_id: String,
    /// Nothing where the rule only observes, or the failure is no new evidence against its record.
    pub issue_id: Option<IssueId>,
    /// Who answers for it.
    pub agency: String,
    /// Contract id.
    pub feed: String,
    pub contract_version: String,
    pub rule_id: String,
    pub rule_fingerprint: String,
    pub ruleset_fingerprint: String,
    pub code: &'static str,
    pub dimension: Dimension,
    pub severity: Severity,
    pub action: Action,
    /// What became of the record.
    pub outcome: Outcome,
    pub topic: String,
    pub position: Position,
    /// Message time, epoch milliseconds.
    pub event_time_ms: i64,
    /// Landing instant, epoch milliseconds.
    pub ingest_time_ms: i64,
    pub record_ref: RecordRef,
    /// Name of the field as sent, empty for whole records and headers.
    pub field: String,
    pub disclosure: Disclosure,
    pub fingerprint: Option<String>,
    /// Generation of the bundle that judged it.
    pub generation: u32,
    pub epoch: u64,
}

/// Codes of findings about the header `corrects`. None of them changes an outcome or closes anything.
pub mod corrects {
    /// Not an issue id.
    pub const FORMAT: &str = "CORRECTS_FORMAT";
    /// The issue of another feed.
    pub const FOREIGN: &str = "CORRECTS_FOREIGN";
    /// An issue whose record has a sound key: the correction comes under that key.
    pub const SOUND_KEY: &str = "CORRECTS_SOUND_KEY";
    /// A message of several records.
    pub const MANY: &str = "CORRECTS_MANY";
    /// A record of the issue's own key.
    pub const SAME_KEY: &str = "CORRECTS_SAME_KEY";
    /// The record was not applied, or was not judged by the issue's rule, or failed it.
    pub const NOT_PASSED: &str = "CORRECTS_NOT_PASSED";
    /// No such issue yet; kept until there is one.
    pub const UNKNOWN: &str = "CORRECTS_UNKNOWN";
}

/// Id of the rule over the header `corrects`, where a contract does not have it.
const CORRECTS_RULE: &str = "auto:corrects";

/// What findings of one verdict have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub contract: &'a Contract,
    pub verdict: &'a Verdict,
    pub record_ref: RecordRef,
    pub landed_at_ms: i64,
    pub epoch: u64,
}

impl Scene<'_> {
    /// The finding of a failed rule.
    pub(crate) fn failed(
        &self,
        rule: &Rule,
        (code, action): (&'static str, Action),
        observed: &Observed,
    ) -> Finding {
        let Self {
            contract, verdict, ..
        } = *self;
        Finding {
            finding_id: finding_id(contract, &rule.id, code, verdict.origin, verdict.generation),
            issue_id: None,
            agency: responsible(contract, rule).to_owned(),
            feed: contract.id.clone(),
            contract_version: contract.version.clone(),
            rule_id: rule.id.clone(),
            rule_fingerprint: rule.fingerprint.clone(),
            ruleset_fingerprint: contract.ruleset_fingerprint.clone(),
            code,
            dimension: rule.dimension,
            severity: rule.severity,
            action,
            outcome: verdict.outcome,
            topic: contract.topic.clone(),
            position: verdict.origin.into(),
            event_time_ms: verdict.timestamp_ms,
            ingest_time_ms: self.landed_at_ms,
            record_ref: self.record_ref,
            field: field_path(contract, rule).to_owned(),
            disclosure: observed.disclosure,
            fingerprint: observed.fingerprint.clone(),
            generation: verdict.generation,
            epoch: self.epoch,
        }
    }

    /// The finding about a header `corrects` that closes nothing, or not yet.
    pub(crate) fn correction_refused(&self, code: &'static str, issue: Option<IssueId>) -> Finding {
        let known = self
            .contract
            .rules
            .iter()
            .find(|rule| rule.check == Check::Corrects);
        let fallback;
        let rule = match known {
            Some(rule) => rule,
            None => {
                fallback = corrects_rule();
                &fallback
            }
        };
        let observed = Observed::absent();
        Finding {
            issue_id: issue,
            ..self.failed(rule, (code, Action::Observe), &observed)
        }
    }
}

fn corrects_rule() -> Rule {
    Rule {
        id: CORRECTS_RULE.to_owned(),
        field: None,
        header: None,
        check: Check::Corrects,
        action: Action::Observe,
        severity: Severity::Info,
        dimension: Dimension::Consistency,
        indicator: Check::Corrects.indicator(),
        told: Vec::new(),
        fingerprint: String::new(),
    }
}

/// The name of the topic that an agency's events go to.
pub fn feedback_topic(agency: &str) -> String {
    format!("dq.feedback.{agency}.v1")
}

/// Topics of every agency that has a feed, and of the platform itself; sorted.
pub fn feedback_topics(catalog: &Catalog) -> Vec<String> {
    let agencies = catalog
        .sending_agencies()
        .map(|agency| agency.slug.as_str());
    let mut topics: Vec<String> = agencies.chain([PLATFORM]).map(feedback_topic).collect();
    topics.sort();
    topics.dedup();
    topics
}
