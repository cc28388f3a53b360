//! The payload of an event, in the order in which a person reads it.
//!
//! Fields whose machinery does not exist (deadlines, evidence, score, members) are left out, `allowed` is empty:
//! nothing is invented. A value appears only as `observed` lets it.

use serde::Serialize;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::rule::{Check, Rule};

use super::time::rfc3339;
use super::{Cause, Step};
use crate::disclose::Observed;
use crate::identity::RECORD_SCOPE;
use crate::issue::{IssueState, PLATFORM};
use crate::position::{EndedBy, Sighting};
use crate::words::{self, Text};

/// Attribute `dataschema`: the id of `schemas/events/issue-1.schema.json`.
pub const DATA_SCHEMA: &str = "urn:yidang:schema:issue-1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    issue_id: String,
    seq: u32,
    state: &'static str,
    scope: &'static str,
    transition: StepTold,
    title: Text,
    responsible: Responsible<'a>,
    feed: &'a str,
    contract_version: &'a str,
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_fingerprint: Option<String>,
    code: &'a str,
    dimension: &'static str,
    severity: &'static str,
    action: &'static str,
    stage: &'static str,
    #[serde(rename = "where")]
    place: Places<'a>,
    record_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<FieldTold<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<&'a Observed>,
    expected: Expected<'a>,
    help: Text,
    occurrences: Occurrences,
    verify: Verify,
    allowed: [&'static str; 0],
}

#[derive(Serialize)]
struct StepTold {
    from: Option<&'static str>,
    to: &'static str,
    by: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Responsible<'a> {
    party: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Places<'a> {
    first: Place<'a>,
    latest: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<Place<'a>>,
    key_fingerprint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    row: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_time: Option<String>,
    ingest_time: String,
}

#[derive(Serialize)]
struct FieldTold<'a> {
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
}

#[derive(Serialize)]
struct Expected<'a> {
    zh: String,
    en: String,
    params: Params<'a>,
}

#[derive(Serialize)]
struct Params<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'static str>,
    /// Names as sent of the fields that a rule over several reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<&'a str>,
    /// The condition that did not hold, as the contract states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Occurrences {
    count: u64,
    first_at: String,
    last_at: String,
    distinct_values: usize,
}

#[derive(Serialize)]
struct Verify {
    kind: &'static str,
    text: Text,
}

/// JSON bytes of the payload.
pub(super) fn payload(
    catalog: &Catalog,
    state: &IssueState,
    seq: u32,
    step: Step,
    cause: &Cause<'_>,
) -> Vec<u8> {
    let Cause { contract, rule, .. } = *cause;
    let Text { zh, en } = words::expected(&state.code);
    let payload = Payload {
        issue_id: state.id.to_string(),
        seq,
        state: state.status.name(),
        scope: RECORD_SCOPE,
        transition: StepTold {
            from: step.from.map(crate::issue::Status::name),
            to: state.status.name(),
            by: "engine",
            reason: step.reason,
        },
        title: words::title(contract, rule, &state.code),
        responsible: responsible(state),
        feed: &state.feed,
        contract_version: &contract.version,
        rule_id: &state.rule,
        rule_fingerprint: rule.map(|rule| format!("b3:{}", rule.fingerprint)),
        code: &state.code,
        dimension: state.dimension.name(),
        severity: state.severity.name(),
        action: state.action.name(),
        stage: "source",
        place: places(contract, state, cause),
        record_ref: state.record_ref.to_string(),
        field: field(catalog, contract, rule, state),
        observed: cause.observed.as_ref(),
        expected: Expected {
            zh,
            en,
            params: params(contract, rule),
        },
        help: help(state),
        occurrences: occurrences(state),
        verify: verify(state),
        allowed: [],
    };
    serde_json::to_vec(&payload).expect("a payload holds texts and numbers only")
}

fn params<'a>(contract: &'a Contract, rule: Option<&'a Rule>) -> Params<'a> {
    let told = rule.into_iter().flat_map(|rule| &rule.told);
    let named = told.filter_map(|field| contract.fields.get(*field));
    Params {
        check: rule.map(|rule| rule.check.name()),
        fields: named.map(|field| field.name.as_str()).collect(),
        predicate: rule.and_then(|rule| match &rule.check {
            Check::Predicate(predicate) => Some(predicate.text.as_str()),
            _ => None,
        }),
    }
}

fn responsible(state: &IssueState) -> Responsible<'_> {
    let reason = if *state.agency == *PLATFORM {
        "platform_stage"
    } else {
        "source_rule"
    };
    Responsible {
        party: &state.agency,
        reason,
    }
}

fn places<'a>(contract: &'a Contract, state: &IssueState, cause: &Cause<'_>) -> Places<'a> {
    Places {
        first: sighted(contract, state.first),
        latest: sighted(contract, state.latest),
        resolved_by: cause.resolved_by.map(|ended| place(contract, ended)),
        key_fingerprint: state.record_ref.to_string(),
    }
}

fn sighted(contract: &Contract, sighting: Sighting) -> Place<'_> {
    place(contract, sighting.into())
}

fn place(contract: &Contract, ended: EndedBy) -> Place<'_> {
    Place {
        topic: &contract.topic,
        partition: ended.position.partition,
        offset: ended.position.offset,
        row: ended.position.row,
        event_time: ended.timestamp_ms.map(rfc3339),
        ingest_time: rfc3339(ended.landed_at_ms),
    }
}

fn field<'a>(
    catalog: &Catalog,
    contract: &Contract,
    rule: Option<&Rule>,
    state: &'a IssueState,
) -> Option<FieldTold<'a>> {
    if state.field.is_empty() {
        return None;
    }
    let field = rule.and_then(|rule| rule.field);
    let mapping = contract
        .mappings
        .iter()
        .find(|mapping| Some(mapping.field) == field);
    let canonical = mapping.and_then(|mapping| {
        let dossier = catalog.dossier(mapping.target.kind)?;
        Some(format!(
            "{}.{}",
            dossier.name,
            dossier.leaf_name(mapping.target.leaf)
        ))
    });
    Some(FieldTold {
        source: &state.field,
        canonical,
    })
}

fn occurrences(state: &IssueState) -> Occurrences {
    Occurrences {
        count: state.occurrences,
        first_at: rfc3339(state.first.timestamp_ms),
        last_at: rfc3339(state.latest.timestamp_ms),
        distinct_values: state.values.len(),
    }
}

fn help(state: &IssueState) -> Text {
    match state.needs_correction() {
        true => words::help_without_key(&state.code),
        false => words::help(&state.code),
    }
}

fn verify(state: &IssueState) -> Verify {
    if state.needs_correction() {
        return Verify {
            kind: "record_corrects",
            text: words::corrects(),
        };
    }
    Verify {
        kind: "record_passes",
        text: words::record_passes(),
    }
}
