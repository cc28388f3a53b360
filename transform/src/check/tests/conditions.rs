//! Predicates and checks over several fields: what they judge in full records and in patches, and what blames nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;

use crate::kit::{ARRIVAL_MS, Sent, embedded_with, failed, feed, observe_of};
use crate::observe::Observed;

/// A feed with a field of each type. `over`: rules over the record, each a line under `quality`.
pub(in crate::check) fn contract(mode: &str, over: &[String]) -> String {
    let quality = match over.is_empty() {
        true => String::new(),
        false => format!("    quality:\n{}", over.concat()),
    };
    format!(
        r#"apiVersion: v3.2.0
kind: DataContract
id: mz.conditions
version: 1.0.0
status: active
name: conditions
customProperties:
  - {{ property: profile, value: yidang/1, vendor: yidang }}
  - {{ property: sourceAgency, value: mz, vendor: yidang }}
servers:
  - {{ server: k, type: kafka, host: h, format: json, encoding: UTF-8 }}
schema:
  - name: conditions
    businessName: 试
    physicalType: topic
    physicalName: src.mz.conditions.v1
    customProperties:
      - {{ property: recordKey, value: [number], vendor: yidang }}
      - {{ property: order, value: [ {{ from: "header:seq", type: integer }} ], vendor: yidang }}
      - {{ property: businessTime, value: {{ from: "header:business-time", type: epoch_ms }}, vendor: yidang }}
      - {{ property: mode, value: {mode}, vendor: yidang }}
      - {{ property: removal, value: {{ from: "header:op", delete: [D], tombstone: delete }}, vendor: yidang }}
      - property: subjects
        vendor: yidang
        value:
          - {{ kind: person, identifiers: [ {{ field: citizen, class: resident_id }} ] }}
{quality}    properties:
      - {{ name: number, logicalType: string, classification: internal }}
      - {{ name: citizen, logicalType: string, classification: personal, customProperties: [ {{ property: mapsTo, value: [ {{ to: person.id_no, transform: person_identifier }} ], vendor: yidang }} ] }}
      - {{ name: name, logicalType: string, classification: personal }}
      - {{ name: begun, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal }}
      - {{ name: ended, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal }}
      - {{ name: until, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal }}
      - {{ name: sent, logicalType: timestamp, classification: internal }}
      - {{ name: paid, logicalType: number, classification: internal }}
      - {{ name: due, logicalType: integer, classification: internal }}
      - {{ name: living, logicalType: boolean, classification: internal }}
      - {{ name: needed, logicalType: string, required: true, classification: internal }}
team: {{ id: mz }}
"#
    )
}

/// A rule over the record: its id, what it checks, its action.
pub(in crate::check) fn rule(id: &str, implementation: &str, action: &str) -> String {
    format!(
        "      - id: {id}\n        type: custom\n        engine: yidang\n        implementation: {implementation}\n        \
        dimension: consistency\n        severity: minor\n        customProperties: [ {{ property: action, value: {action}, vendor: yidang }} ]\n"
    )
}

/// A predicate as YAML; a text of JSON is one of YAML.
pub(in crate::check) fn predicate(text: &str) -> String {
    format!("{{ predicate: {} }}", serde_json::to_string(text).unwrap())
}

pub(in crate::check) fn catalog(mode: &str, over: &[String]) -> Arc<Catalog> {
    embedded_with(&[("contracts/mz/conditions.odcs.yaml", contract(mode, over))])
}

pub(in crate::check) fn sent(body: &str) -> Sent {
    let members = format!(
        "{{\"number\":\"1\",\"citizen\":\"350203199001010018\",\"needed\":\"x\"{}{body}}}",
        if body.is_empty() { "" } else { "," }
    );
    Sent::new(members)
        .header("seq", "1")
        .header("business-time", &ARRIVAL_MS.to_string())
}

fn observe(catalog: &Arc<Catalog>, bodies: &[&str]) -> Observed {
    let sent: Vec<Sent> = bodies.iter().map(|body| sent(body)).collect();
    observe_of(catalog, "mz.conditions", &sent)
}

/// `fail`, `pass` or `unjudged` of the only rule `r` for each record.
fn verdicts(mode: &str, implementation: &str, bodies: &[&str]) -> Vec<&'static str> {
    let catalog = catalog(mode, &[rule("r", implementation, "flag")]);
    let (_, contract) = feed(&catalog, "mz.conditions");
    let place = u16::try_from(contract.rule_index("r").unwrap()).unwrap();
    let observed = observe(&catalog, bodies);
    let told = observed.observations.iter().map(|observation| {
        if observation
            .failures
            .iter()
            .any(|failure| failure.rule == place)
        {
            "fail"
        } else if observation.unjudged.contains(&place) {
            "unjudged"
        } else {
            "pass"
        }
    });
    told.collect()
}

#[test]
fn null_passes_and_an_absent_field_is_null_in_a_full_record_only() {
    let bodies = [
        r#""begun":"2020-01-02","ended":"2020-01-01""#,
        r#""begun":"2020-01-01","ended":"2020-01-01""#,
        r#""begun":"2020-01-01","ended":null"#,
        r#""begun":"2020-01-01""#,
        r#""begun":"2020-01-01","ended":"2020-13-01""#,
        r#""begun":"2020-01-01","ended":"00000000""#,
        r#""begun":"2020-01-01","ended":{}"#,
    ];
    let text = predicate("begun <= ended");
    let full = [
        "fail", "pass", "pass", "pass", "unjudged", "unjudged", "unjudged",
    ];
    assert_eq!(verdicts("full", &text, &bodies), full);
    let patch = [
        "fail", "pass", "pass", "unjudged", "unjudged", "unjudged", "unjudged",
    ];
    assert_eq!(verdicts("patch", &text, &bodies), patch);
}

#[test]
fn what_is_unreadable_leaves_the_whole_predicate_open() {
    let text = predicate("due > 5 AND begun IS NOT NULL");
    let bodies = [
        r#""due":1,"begun":"x""#,
        r#""due":1"#,
        r#""due":9"#,
        r#""due":9,"begun":"2020-01-01""#,
    ];
    assert_eq!(
        verdicts("full", &text, &bodies),
        ["unjudged", "fail", "fail", "pass"]
    );
}

#[test]
fn a_null_that_is_forbidden_is_the_matter_of_its_own_rule() {
    let text = predicate("needed IS NOT NULL AND due IS NULL");
    let catalog = catalog("full", &[rule("r", &text, "flag")]);
    let one = Sent::new(r#"{"number":"1","citizen":"350203199001010018","needed":null,"due":1}"#)
        .header("seq", "1")
        .header("business-time", &ARRIVAL_MS.to_string());
    let observed = observe_of(&catalog, "mz.conditions", &[one]);
    assert_eq!(
        failed(&catalog, "mz.conditions", &observed.observations[0]),
        ["needed:required:REQUIRED"]
    );
}

#[test]
fn sums_of_money_are_exact() {
    let text = predicate("paid + 0.2 = 0.3 AND paid * 3 = 0.3");
    assert_eq!(
        verdicts(
            "full",
            &text,
            &[
                r#""paid":0.1"#,
                r#""paid":"0.1000""#,
                r#""paid":0.100000000000001"#
            ]
        ),
        ["pass", "pass", "fail"]
    );
}

#[test]
fn a_failing_evaluation_blames_nobody_and_is_counted() {
    let text = predicate("paid / due > 1");
    let catalog = catalog("full", &[rule("r", &text, "reject")]);
    let bodies = [
        r#""paid":3,"due":0"#,
        r#""paid":1,"due":2"#,
        r#""paid":3,"due":2"#,
        r#""paid":1e39,"due":2"#,
    ];
    let observed = observe(&catalog, &bodies);
    let outcomes: Vec<_> = observed
        .observations
        .iter()
        .map(|one| one.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Accepted,
            Outcome::Rejected,
            Outcome::Accepted,
            Outcome::Accepted
        ]
    );
    let (_, contract) = feed(&catalog, "mz.conditions");
    let place = u16::try_from(contract.rule_index("r").unwrap()).unwrap();
    assert_eq!(observed.rule_errors, BTreeMap::from([(place, 2)]));
    assert!(
        observed.observations[0].unjudged.contains(&place),
        "no failure, and no pass that would close an issue"
    );
    let guarded = predicate("due = 0 OR paid / due > 1");
    assert_eq!(
        verdicts("full", &guarded, &bodies[..3]),
        ["pass", "fail", "pass"]
    );
}

#[test]
fn functions_and_casts() {
    let body = r#""name":" 厦门12 ","begun":"2004-02-29","ended":"2022-02-28","sent":"2026-11-23T00:30:00+08:00","paid":-2.50,"due":7,"living":true"#;
    for (text, verdict) in [
        ("length(name) = 4 AND name = '厦门12'", "pass"),
        (
            "left(name, 2) = '厦门' AND right(name, 2) = '12' AND substr(name, 2, 2) = '门1'",
            "pass",
        ),
        (
            "substr(name, 9) = '' AND right(name, 99) = name AND left(name, 0) = ''",
            "pass",
        ),
        ("name LIKE '厦_1%' AND name NOT LIKE '厦门1'", "pass"),
        ("regexp_like(name, '[0-9]{2}$')", "pass"),
        (
            "upper('aé' ) = 'AÉ' AND lower('ÀX') = 'àx' AND name IS NOT NULL",
            "pass",
        ),
        ("CAST(substr(name, 3) AS INTEGER) = 12", "pass"),
        ("CAST(name AS INTEGER) = 12", "unjudged"),
        ("CAST(name AS DATE) > begun", "unjudged"),
        (
            "age_at(begun, ended) = 17 AND age_at(begun, DATE '2022-03-01') = 18",
            "pass",
        ),
        (
            "year(begun) = 2004 AND month(begun) = 2 AND day(begun) = 29",
            "pass",
        ),
        (
            "CAST(sent AS DATE) = DATE '2026-11-23' AND message_day() = DATE '2026-11-23'",
            "pass",
        ),
        (
            "CAST(begun AS VARCHAR) = '2004-02-29' AND CAST(paid AS VARCHAR) = '-2.5'",
            "pass",
        ),
        (
            "abs(paid) = 2.5 AND CAST(paid AS INTEGER) = -2 AND -paid > 0",
            "pass",
        ),
        ("coalesce(until, ended, begun) = ended", "pass"),
        (
            "due IN (1, 7) AND due NOT IN (2, 3) AND begun IN (DATE '2004-02-29')",
            "pass",
        ),
        ("due BETWEEN 7 AND 8 AND NOT due BETWEEN 8 AND 9", "pass"),
        ("living AND living = TRUE AND living <> (due = 8)", "pass"),
        ("NOT living", "fail"),
        ("cn_resident_id(citizen) AND NOT cn_uscc(citizen)", "pass"),
        ("code_in('sex@2003', CAST(due AS VARCHAR))", "fail"),
        ("until IS NULL AND until > begun", "pass"),
        ("until IS NOT NULL OR until > begun", "pass"),
        ("until IS NOT NULL AND until > begun", "fail"),
        (
            "due / 3 > 2.333333333333 - 0.000000000001 AND due / 2 = 3.5",
            "pass",
        ),
    ] {
        assert_eq!(
            verdicts("full", &predicate(text), &[body]),
            [verdict],
            "{text}"
        );
    }
}

#[test]
fn dates_in_order() {
    let bodies = [
        r#""begun":"2020-01-02","ended":"2020-01-01""#,
        r#""begun":"2020-01-01","ended":"2020-01-01""#,
        r#""ended":"2020-01-01""#,
        r#""begun":"x","ended":"2020-01-01""#,
    ];
    let check = "{ check: date_order, fields: [begun, ended] }";
    assert_eq!(
        verdicts("full", check, &bodies),
        ["fail", "pass", "pass", "unjudged"]
    );
    assert_eq!(
        verdicts("patch", check, &bodies),
        ["fail", "pass", "unjudged", "unjudged"]
    );
    let mixed = "{ check: date_order, fields: [begun, sent] }";
    let bodies = [
        r#""begun":"2026-11-23","sent":"2026-11-22T16:00:00Z""#,
        r#""begun":"2026-11-23","sent":"2026-11-22T15:59:59Z""#,
    ];
    assert_eq!(verdicts("full", mixed, &bodies), ["pass", "fail"]);
}

#[test]
fn one_of_several_is_enough() {
    let check = "{ check: one_of_fields, fields: [name, due] }";
    let bodies = [
        r#""name":"a""#,
        r#""due":1"#,
        r#""name":null,"due":null"#,
        r#""name":null"#,
        "",
    ];
    assert_eq!(
        verdicts("full", check, &bodies),
        ["pass", "pass", "fail", "fail", "fail"]
    );
    assert_eq!(
        verdicts("patch", check, &bodies),
        ["pass", "pass", "fail", "unjudged", "unjudged"]
    );
}

#[test]
fn a_point_lies_in_the_area() {
    let check = "{ check: geo_in_city, fields: [paid, due], box: [117.8, 24, 118.5, 25] }";
    let bodies = [
        r#""paid":118.1,"due":24"#,
        r#""paid":24.5,"due":118"#,
        r#""paid":0,"due":0"#,
        r#""paid":118.1"#,
        r#""paid":"x","due":24"#,
    ];
    assert_eq!(
        verdicts("full", check, &bodies),
        ["pass", "fail", "fail", "pass", "unjudged"]
    );
    let texts =
        "{ check: geo_in_city, fields: [name, due], polygon: [[117, 24], [119, 24], [118, 26]] }";
    assert_eq!(
        verdicts(
            "full",
            texts,
            &[
                r#""name":"118","due":25"#,
                r#""name":"118.9","due":25"#,
                r#""name":"东","due":25"#
            ]
        ),
        ["pass", "fail", "fail"]
    );
}

#[test]
fn a_card_lives_as_long_as_the_law_says() {
    let check = "{ check: card_validity, fields: [citizen, begun, until] }";
    let bodies = [
        r#""begun":"2004-05-01","until":"2009-05-01""#,
        r#""begun":"2010-05-01","until":"2020-05-01""#,
        r#""begun":"2010-05-01","until":"2030-05-01""#,
        r#""begun":"2016-02-29","until":"2036-02-29""#,
        r#""begun":"2036-01-01","until":"长期""#,
        r#""begun":"2035-12-31","until":"长期""#,
        r#""begun":"1989-05-01","until":"1994-05-01""#,
        r#""begun":"2010-05-01""#,
        r#""begun":"x","until":"2020-05-01""#,
    ];
    let told = [
        "pass", "pass", "fail", "pass", "pass", "fail", "fail", "pass", "unjudged",
    ];
    assert_eq!(verdicts("full", check, &bodies), told);
}

#[test]
fn a_field_may_depend_on_another() {
    let mut text = contract("patch", &[]);
    let from = "{ name: until, logicalType: date, logicalTypeOptions: { format: yyyy-MM-dd }, classification: internal }";
    let to = format!(
        "{}, quality: [ {{ id: r, type: custom, engine: yidang, implementation: {{ check: required_if, field: name, in: [甲, \"1\"] }}, dimension: completeness, severity: minor, customProperties: [ {{ property: action, value: flag, vendor: yidang }} ] }} ] }}",
        from.trim_end_matches(" }")
    );
    assert!(text.contains(from));
    text = text.replace(from, &to);
    let bodies = [
        r#""name":"甲","until":null"#,
        r#""name":"甲","until":"2020-01-01""#,
        r#""name":" １ ","until":null"#,
        r#""name":"乙","until":null"#,
        r#""name":"甲""#,
        r#""until":null"#,
    ];
    for (mode, told) in [
        (
            "patch",
            ["fail", "pass", "fail", "pass", "unjudged", "unjudged"],
        ),
        ("full", ["fail", "pass", "fail", "pass", "fail", "pass"]),
    ] {
        let catalog = embedded_with(&[(
            "contracts/mz/conditions.odcs.yaml",
            text.replace("value: patch", &format!("value: {mode}")),
        )]);
        let (_, contract) = feed(&catalog, "mz.conditions");
        let place = u16::try_from(contract.rule_index("r").unwrap()).unwrap();
        let observed = observe(&catalog, &bodies);
        let verdicts: Vec<_> = observed
            .observations
            .iter()
            .map(|one| {
                if one.failures.iter().any(|failure| failure.rule == place) {
                    "fail"
                } else if one.unjudged.contains(&place) {
                    "unjudged"
                } else {
                    "pass"
                }
            })
            .collect();
        assert_eq!(verdicts, told, "{mode}");
    }
}

#[test]
fn a_removal_is_not_asked_for_conditions() {
    let catalog = catalog("full", &[rule("r", &predicate("name = 'a'"), "reject")]);
    let removal = sent(r#""name":"b""#).header("op", "D");
    let observed = observe_of(&catalog, "mz.conditions", &[removal, Sent::tombstone("1")]);
    let removal = &observed.observations[0];
    assert_eq!(
        (removal.outcome, removal.removal),
        (Outcome::Accepted, true)
    );
}

#[test]
fn a_condition_names_its_code_and_rule() {
    let catalog = catalog("full", &[rule("r", &predicate("name = 'a'"), "quarantine")]);
    let observed = observe(&catalog, &[r#""name":"b""#]);
    let one = &observed.observations[0];
    assert_eq!(failed(&catalog, "mz.conditions", one), ["r:PREDICATE"]);
    assert_eq!(
        (one.outcome, one.failures[0].raw.clone()),
        (Outcome::Quarantined, None)
    );
}

#[test]
fn rules_that_observe_change_nothing() {
    let observing: Vec<String> = [
        "begun <= ended",
        "due > 100",
        "name IS NULL",
        "paid / due > 0",
        "living",
        "number = ''",
        "citizen <> citizen",
    ]
    .iter()
    .enumerate()
    .map(|(place, text)| rule(&format!("o{place}"), &predicate(text), "observe"))
    .chain([rule(
        "oc",
        "{ check: one_of_fields, fields: [until, sent] }",
        "observe",
    )])
    .collect();
    let (without, with) = (catalog("full", &[]), catalog("full", &observing));
    let bodies = [
        r#""begun":"2020-01-02","ended":"2020-01-01","due":0,"paid":1,"living":false"#,
        r#""name":"a","begun":"x","due":"x""#,
        r#""due":1,"sent":"2020-01-01T00:00:00Z""#,
        "",
    ];
    let (one, other) = (observe(&without, &bodies), observe(&with, &bodies));
    for (before, after) in one.observations.iter().zip(&other.observations) {
        let told = failed(&with, "mz.conditions", after);
        // Fields that only such rules read have a rule about their type, which observes as well.
        let acting: Vec<_> = told
            .into_iter()
            .filter(|failure| !failure.starts_with('o') && !failure.contains(":type:"))
            .collect();
        assert_eq!(acting, failed(&without, "mz.conditions", before));
        assert_eq!((before.outcome, &before.key), (after.outcome, &after.key));
        assert_eq!(
            crate::kit::cells(&without, before),
            crate::kit::cells(&with, after)
        );
    }
    assert!(other.observations[0].failures.len() >= 4);
}
