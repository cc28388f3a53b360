//! Each kind of check: what passes it, what fails it with which code, and what it cannot judge.

pub(super) mod conditions;
mod headers;
mod held;
mod values;

use std::sync::{Arc, LazyLock};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_schemas::rule::Action;

use crate::kit::{ARRIVAL_MS, Sent, embedded_with, failed, feed, observe_of};
use crate::observe::Observation;

/// A feed with one field for each check that the city's feeds do not have, in two modes.
fn contract(name: &str, mode: &str) -> String {
    format!(
        r#"apiVersion: v3.2.0
kind: DataContract
id: mz.{name}
version: 1.0.0
status: active
name: {name}
customProperties:
  - {{ property: profile, value: yidang/1, vendor: yidang }}
  - {{ property: sourceAgency, value: mz, vendor: yidang }}
servers:
  - {{ server: k, type: kafka, host: h, format: json, encoding: UTF-8 }}
schema:
  - name: {name}
    businessName: 试
    physicalType: topic
    physicalName: src.mz.{name}.v1
    customProperties:
      - {{ property: recordKey, value: [number], vendor: yidang }}
      - {{ property: order, value: [ {{ from: "header:seq", type: integer }} ], vendor: yidang }}
      - {{ property: businessTime, value: {{ from: "header:business-time", type: epoch_ms }}, vendor: yidang }}
      - {{ property: mode, value: {mode}, vendor: yidang }}
      - {{ property: removal, value: {{ from: "header:op", delete: [D], tombstone: delete }}, vendor: yidang }}
      - property: subjects
        vendor: yidang
        value:
          - {{ kind: person, identifiers: [ {{ field: citizen, class: person_document, typeField: document }} ] }}
    properties:
      - {{ name: number, logicalType: string, classification: internal }}
      - {{ name: citizen, logicalType: string, classification: personal, customProperties: [ {{ property: mapsTo, value: [ {{ to: person.id_no, transform: person_identifier }} ], vendor: yidang }} ] }}
      - {{ name: document, logicalType: string, classification: internal, customProperties: [ {{ property: codeSet, value: "medical-insurance-document@1", vendor: yidang }} ] }}
      - {{ name: sex, logicalType: string, classification: personal, customProperties: [ {{ property: mapsTo, value: person.sex_code, vendor: yidang }}, {{ property: codeSet, value: "sex@2003", vendor: yidang }} ] }}
      - {{ name: birth, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: personal, customProperties: [ {{ property: mapsTo, value: person.birth_date, vendor: yidang }} ] }}
      - {{ name: alias, logicalType: string, required: true, logicalTypeOptions: {{ minLength: 2, maxLength: 4, pattern: '^[a-z]+$' }}, classification: personal, customProperties: [ {{ property: mapsTo, value: person.hukou_address, vendor: yidang }} ] }}
      - {{ name: grade, logicalType: integer, logicalTypeOptions: {{ minimum: 1, maximum: 5 }}, classification: internal, customProperties: [ {{ property: mapsTo, value: person.marital_code, vendor: yidang }}, {{ property: transform, value: text, vendor: yidang }} ] }}
      - name: since
        logicalType: date
        logicalTypeOptions: {{ format: yyyy-MM-dd }}
        classification: internal
        customProperties: [ {{ property: mapsTo, value: person.death_date, vendor: yidang }} ]
        quality:
          - {{ type: custom, engine: yidang, implementation: {{ check: range, minimum: "2020-01-01", maximum: "2020-12-31" }}, dimension: accuracy, severity: minor, customProperties: [ {{ property: action, value: flag, vendor: yidang }} ] }}
          - {{ type: custom, engine: yidang, implementation: {{ check: placeholder }}, dimension: accuracy, severity: minor, customProperties: [ {{ property: action, value: flag, vendor: yidang }} ] }}
          - {{ type: custom, engine: yidang, implementation: {{ check: not_future }}, dimension: timeliness, severity: critical, customProperties: [ {{ property: action, value: quarantine, vendor: yidang }} ] }}
team: {{ id: mz }}
"#
    )
}

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    embedded_with(&[
        ("contracts/mz/whole.odcs.yaml", contract("whole", "full")),
        ("contracts/mz/partly.odcs.yaml", contract("partly", "patch")),
    ])
});

const BASE: [(&str, &str); 6] = [
    ("number", "\"1\""),
    ("citizen", "\"350203199001010018\""),
    ("document", "\"01\""),
    ("sex", "\"1\""),
    ("birth", "\"1990-01-01\""),
    ("alias", "\"abc\""),
];

/// The base record with members set, or left out where the value is empty.
fn body(changes: &[(&str, &str)]) -> String {
    let mut members: Vec<(&str, &str)> = BASE.to_vec();
    for (name, value) in changes {
        members.retain(|(known, _)| known != name);
        if !value.is_empty() {
            members.push((name, value));
        }
    }
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn sent(changes: &[(&str, &str)]) -> Sent {
    Sent::new(body(changes))
        .header("seq", "1")
        .header("business-time", &ARRIVAL_MS.to_string())
}

fn judge(feed_id: &str, sent: Sent) -> Observation {
    observe_of(&CATALOG, feed_id, &[sent])
        .observations
        .remove(0)
}

fn told(feed_id: &str, changes: &[(&str, &str)]) -> Vec<String> {
    failed(&CATALOG, feed_id, &judge(feed_id, sent(changes)))
}

/// Whether a rule was judged at all.
fn is_judged(feed_id: &str, rule: &str, changes: &[(&str, &str)]) -> bool {
    let (_, contract) = feed(&CATALOG, feed_id);
    let place = u16::try_from(contract.rule_index(&format!("auto:{rule}")).unwrap()).unwrap();
    !judge(feed_id, sent(changes)).unjudged.contains(&place)
}

#[test]
fn a_sound_record_passes_every_rule() {
    assert!(told("mz.whole", &[]).is_empty());
    assert_eq!(judge("mz.whole", sent(&[])).outcome, Outcome::Accepted);
}

/// What is changed in the base record, and what fails then.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

#[test]
fn each_check_fails_with_its_code() {
    let cases: [Case; 18] = [
        (&[("alias", "null")], &["alias:required:REQUIRED"]),
        (&[("alias", "")], &["alias:required:REQUIRED"]),
        (&[("alias", "\"  \"")], &["alias:required:REQUIRED"]),
        (&[("alias", "\"ABC\"")], &["alias:pattern:PATTERN"]),
        (&[("alias", "\"a\"")], &["alias:length:LENGTH"]),
        (&[("alias", "\"abcde\"")], &["alias:length:LENGTH"]),
        (&[("alias", "17")], &["alias:type:TYPE"]),
        (&[("grade", "\"x\"")], &["grade:type:NUMBER_FORMAT"]),
        (&[("grade", "[]")], &["grade:type:TYPE"]),
        (&[("grade", "0")], &["grade:range:RANGE"]),
        (&[("grade", "\"6\"")], &["grade:range:RANGE"]),
        (&[("sex", "\"7\"")], &["sex:codeset:CODESET"]),
        (&[("sex", "\"2\"")], &["sex:id_sex:ID_SEX_MISMATCH"]),
        (
            &[("birth", "\"1990-01-02\"")],
            &["birth:id_birth:ID_BIRTH_MISMATCH"],
        ),
        (&[("birth", "\"1990-02-30\"")], &["birth:type:DATE_INVALID"]),
        (&[("birth", "\"1990/01/01\"")], &["birth:type:DATE_FORMAT"]),
        (&[("since", "\"2019-12-31\"")], &["since:range:RANGE"]),
        (
            &[("since", "\"1900-01-01\"")],
            &["since:placeholder:PLACEHOLDER"],
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(told("mz.whole", changes), expected, "{changes:?}");
    }
    assert!(told("mz.whole", &[("grade", "5"), ("since", "\"2020-12-31\"")]).is_empty());
}

#[test]
fn identifiers_fail_with_what_is_wrong_and_only_what_may_be_released_is_held() {
    let cases = [
        ("\"350203199001010019\"", "ID_CHECK", Outcome::Rejected),
        ("\"35020319900101001\"", "ID_LEN", Outcome::Rejected),
        ("\"350203********0018\"", "ID_MASKED", Outcome::Rejected),
        (
            "\"350203199002300017\"",
            "ID_BIRTHDATE",
            Outcome::Quarantined,
        ),
    ];
    for (number, code, outcome) in cases {
        let changes = [("citizen", number), ("sex", ""), ("birth", "")];
        let observation = judge("mz.whole", sent(&changes));
        let told = failed(&CATALOG, "mz.whole", &observation);
        assert!(
            told.iter()
                .any(|told| told == &format!("citizen:resident_id:{code}")),
            "{number}: {told:?}"
        );
        assert_eq!(observation.outcome, outcome, "{number}");
    }
    // What was folded is repaired and no finding.
    assert!(told("mz.whole", &[("citizen", "\" 350203 199001010018\"")]).is_empty());
}

#[test]
fn the_future_begins_after_the_least_of_timestamp_and_landing() {
    let tomorrow = "\"2026-11-24\"";
    let changes = [("since", tomorrow)];
    let found = |at: i64| {
        let observation = judge("mz.whole", sent(&changes).at(at));
        (
            failed(&CATALOG, "mz.whole", &observation),
            observation.outcome,
        )
    };
    let day = 86_400_000;
    let range = "since:range:RANGE".to_owned();
    let future = vec![range.clone(), "since:not_future:FUTURE".to_owned()];
    assert_eq!(found(ARRIVAL_MS), (future.clone(), Outcome::Quarantined));
    // A broker's clock that runs ahead does not make tomorrow today; without a timestamp the landing instant counts.
    assert_eq!(
        found(ARRIVAL_MS + 10 * day),
        (future.clone(), Outcome::Quarantined)
    );
    assert_eq!(found(-1), (future, Outcome::Quarantined));
    let today = judge("mz.whole", sent(&[("since", "\"2026-11-23\"")]));
    assert_eq!(failed(&CATALOG, "mz.whole", &today), [range]);
}

#[test]
fn absence_is_neither_failure_nor_pass_and_null_passes_where_it_may_stand() {
    for feed_id in ["mz.whole", "mz.partly"] {
        assert!(is_judged(feed_id, "sex:codeset", &[("sex", "\"1\"")]));
        assert!(is_judged(feed_id, "sex:codeset", &[("sex", "null")]));
        assert!(is_judged(feed_id, "sex:codeset", &[("sex", "\"\"")]));
        assert!(!is_judged(feed_id, "sex:codeset", &[("sex", "")]));
        // Where the contract does not let a field be emptied, null says nothing about its other rules.
        assert!(!is_judged(feed_id, "alias:pattern", &[("alias", "null")]));
        // A value of a wrong type was not judged by the other rules.
        assert!(!is_judged(feed_id, "alias:pattern", &[("alias", "17")]));
    }
    assert!(told("mz.partly", &[("alias", "")]).is_empty());
    assert!(!is_judged("mz.partly", "alias:required", &[("alias", "")]));
    assert_eq!(
        told("mz.partly", &[("alias", "null")]),
        ["alias:required:REQUIRED"]
    );
}

#[test]
fn a_rule_over_two_fields_needs_both() {
    for (feed_id, citizen) in [
        ("mz.partly", ""),
        ("mz.partly", "null"),
        ("mz.partly", "\"35020319900101001\""),
    ] {
        assert!(
            !is_judged(feed_id, "birth:id_birth", &[("citizen", citizen)]),
            "{citizen}"
        );
    }
    assert!(is_judged("mz.partly", "birth:id_birth", &[]));
    assert!(!is_judged(
        "mz.partly",
        "birth:id_birth",
        &[("citizen", ""), ("birth", "null")]
    ));
    // A sex that the number cannot contradict.
    assert!(told("mz.whole", &[("sex", "\"9\"")]).is_empty());
}

#[test]
fn a_full_record_that_names_nobody_is_held_and_a_patch_is_not() {
    let nobody = [("citizen", ""), ("sex", ""), ("birth", "")];
    let observation = judge("mz.whole", sent(&nobody));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &observation),
        ["subject:SUBJECT_MISSING"]
    );
    assert_eq!(observation.outcome, Outcome::Quarantined);
    assert!(observation.statement.is_none());
    assert_eq!(judge("mz.partly", sent(&nobody)).outcome, Outcome::Accepted);
    // A number of no known type is nobody's number; a type outside its list is the fault of the type.
    let untyped = [("document", ""), ("sex", ""), ("birth", "")];
    assert_eq!(told("mz.whole", &untyped), ["subject:SUBJECT_MISSING"]);
    let unknown = judge(
        "mz.whole",
        sent(&[("document", "\"99\""), ("sex", ""), ("birth", "")]),
    );
    assert_eq!(
        failed(&CATALOG, "mz.whole", &unknown),
        ["document:codeset:CODESET"]
    );
    assert_eq!(unknown.outcome, Outcome::Quarantined);
    for filler in ["\"/\"", "\"-\"", "\"无\""] {
        assert_eq!(
            told(
                "mz.whole",
                &[("citizen", filler), ("sex", ""), ("birth", "")]
            ),
            ["subject:SUBJECT_MISSING"]
        );
    }
}

#[test]
fn key_and_order_are_asked_and_a_mistyped_value_is_the_fault_of_its_type() {
    let observation = judge("mz.whole", sent(&[("number", "\" \"")]));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &observation),
        ["key:KEY_MISSING"]
    );
    assert_eq!(observation.outcome, Outcome::Rejected);
    assert_eq!(told("mz.whole", &[("number", "[]")]), ["number:type:TYPE"]);
    let unordered = judge("mz.whole", Sent::new(body(&[])));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &unordered),
        ["order:ORDER_MISSING"]
    );
    assert_eq!(unordered.outcome, Outcome::Quarantined);
    let garbled = judge("mz.whole", Sent::new(body(&[])).header("seq", "one"));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &garbled),
        ["order:ORDER_FORMAT"]
    );
}

#[test]
fn the_worst_action_wins_and_every_failed_rule_is_listed() {
    let changes = [
        ("alias", "\"A\""),
        ("sex", "\"7\""),
        ("citizen", "\"350203199002300017\""),
        ("birth", "[]"),
    ];
    let observation = judge("mz.whole", sent(&changes));
    let mut told = failed(&CATALOG, "mz.whole", &observation);
    told.sort();
    let expected = [
        "alias:length:LENGTH",
        "alias:pattern:PATTERN",
        "birth:type:TYPE",
        "citizen:resident_id:ID_BIRTHDATE",
        "sex:codeset:CODESET",
    ];
    assert_eq!(told, expected);
    assert_eq!(observation.outcome, Outcome::Rejected);
    assert!(observation.statement.is_none());
}

#[test]
fn a_removal_is_judged_by_key_and_order_alone() {
    let wrong = [("citizen", "\"bad\""), ("sex", "\"7\""), ("alias", "")];
    let removal = judge("mz.whole", sent(&wrong).header("op", "D"));
    assert_eq!(removal.outcome, Outcome::Accepted);
    assert!(removal.failures.is_empty() && removal.removal);
    let keyless = judge("mz.whole", sent(&[("number", "")]).header("op", "D"));
    assert_eq!(keyless.outcome, Outcome::Rejected);
    let unordered = judge("mz.whole", Sent::new(body(&[])).header("op", "D"));
    assert_eq!(unordered.outcome, Outcome::Quarantined);
}

#[test]
fn a_removal_without_a_readable_key_or_order_says_why_it_is_held() {
    let removal = |body: &str| {
        let sent = Sent::new(body).header("op", "D").header("seq", "1");
        let observation = crate::kit::observe_one("ga.hukou", sent);
        let told = failed(&crate::kit::embedded(), "ga.hukou", &observation);
        (told, observation.outcome)
    };
    assert_eq!(
        removal(r#"{"GMSFHM":["x"],"GXSJ":"20261101103045"}"#),
        (vec!["key:KEY_FORMAT".to_owned()], Outcome::Rejected)
    );
    assert_eq!(
        removal(r#"{"GMSFHM":"350203199001010018","GXSJ":{}}"#),
        (vec!["order:ORDER_FORMAT".to_owned()], Outcome::Quarantined)
    );
}

#[test]
fn where_the_rule_of_the_identifier_is_softer_the_missing_subject_holds_the_record() {
    let text = contract("soft", "full");
    let rule = "quality: [ { type: custom, engine: yidang, implementation: { check: resident_id }, dimension: accuracy, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] } ]";
    let text = text.replace(
        "transform: person_identifier } ], vendor: yidang } ] }",
        &format!("transform: person_identifier }} ], vendor: yidang }} ], {rule} }}"),
    );
    let catalog = embedded_with(&[("contracts/mz/soft.odcs.yaml", text)]);
    let changes = [
        ("citizen", "\"350203199001010019\""),
        ("sex", ""),
        ("birth", ""),
    ];
    let observation = observe_of(&catalog, "mz.soft", &[sent(&changes)])
        .observations
        .remove(0);
    assert_eq!(
        failed(&catalog, "mz.soft", &observation),
        ["subject:SUBJECT_MISSING", "citizen:resident_id:ID_CHECK"]
    );
    assert_eq!(observation.outcome, Outcome::Quarantined);
    let actions: Vec<Action> = observation
        .failures
        .iter()
        .map(|failure| failure.action)
        .collect();
    assert_eq!(actions, [Action::Quarantine, Action::Flag]);
}

#[test]
fn a_number_without_its_type_is_told_where_it_is_the_only_thing_that_is_lost() {
    let partly = judge("mz.partly", sent(&[("document", "")]));
    let told = failed(&CATALOG, "mz.partly", &partly);
    assert_eq!(told, ["citizen:resident_id:ID_TYPE"]);
    assert_eq!(partly.outcome, Outcome::Flagged);
    assert!(self::told("mz.partly", &[("document", ""), ("citizen", "\"/\"")]).is_empty());
}

#[test]
fn failures_carry_the_text_as_sent_and_debug_hides_it() {
    let observation = judge("mz.whole", sent(&[("alias", "\"ABC\"")]));
    assert_eq!(observation.failures[0].raw.as_deref(), Some("ABC"));
    let shown = format!("{observation:?}");
    assert!(
        !shown.contains("ABC") && !shown.contains("350203199001010018"),
        "{shown}"
    );
}
