//! Values that are of the right type and yet say nothing, and the same value in another spelling.

use std::sync::{Arc, LazyLock};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;

use crate::kit::{
    ARRIVAL_MS, Sent, cells, embedded, embedded_with, failed, observe_of, observe_one,
};
use crate::observe::Observation;

fn contract(name: &str, format: &str, mode: &str) -> String {
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
  - {{ server: k, type: kafka, host: h, format: {format}, encoding: UTF-8 }}
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
      - {{ property: removal, value: {{ from: "field:state", delete: [D], tombstone: control }}, vendor: yidang }}
      - property: subjects
        vendor: yidang
        value:
          - {{ kind: person, identifiers: [ {{ field: citizen, class: resident_id }}, {{ field: former, class: resident_id }} ] }}
      - property: constants
        vendor: yidang
        value:
          - {{ to: person.life_status, value: ALIVE, when: [ {{ field: state, notIn: ["9"] }} ] }}
          - {{ to: person.hukou_status, value: CANCELLED, when: [ {{ field: state, in: ["9"] }} ] }}
    properties:
      - {{ name: number, logicalType: string, classification: internal }}
      - name: citizen
        logicalType: string
        required: true
        classification: personal
        customProperties: [ {{ property: mapsTo, value: [ {{ to: person.id_no, transform: person_identifier }} ], vendor: yidang }} ]
        quality:
          - {{ type: custom, engine: yidang, implementation: {{ check: required }}, dimension: completeness, severity: minor, customProperties: [ {{ property: action, value: flag, vendor: yidang }} ] }}
      - {{ name: former, logicalType: string, classification: personal }}
      - {{ name: state, logicalType: string, required: true, classification: internal }}
      - {{ name: sound, logicalType: boolean, classification: internal, customProperties: [ {{ property: mapsTo, value: person.household_relation, vendor: yidang }} ] }}
      - {{ name: weight, logicalType: number, classification: internal, customProperties: [ {{ property: mapsTo, value: person.hukou_address, vendor: yidang }} ] }}
      - {{ name: base, logicalType: string, classification: internal, customProperties: [ {{ property: mapsTo, value: [ {{ to: person.social_insurance.base_cents, transform: integer }}, {{ to: person.residence_address, transform: text, when: [ {{ field: state, notIn: ["9"] }} ] }} ], vendor: yidang }} ] }}
      - {{ name: began, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal, customProperties: [ {{ property: mapsTo, value: person.residence_since, vendor: yidang }} ] }}
      - {{ name: ended, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal, customProperties: [ {{ property: mapsTo, value: person.residence_until, vendor: yidang }} ] }}
team: {{ id: mz }}
"#
    )
}

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    embedded_with(&[
        (
            "contracts/mz/lines.odcs.yaml",
            contract("lines", "csv", "full"),
        ),
        (
            "contracts/mz/whole.odcs.yaml",
            contract("whole", "json", "full"),
        ),
        (
            "contracts/mz/partly.odcs.yaml",
            contract("partly", "json", "patch"),
        ),
    ])
});

fn headed(body: String) -> Sent {
    Sent::new(body)
        .header("seq", "1")
        .header("business-time", &ARRIVAL_MS.to_string())
}

/// A record of one person with one more member.
fn whole(name: &str, value: &str) -> Observation {
    stated("mz.whole", name, value)
}

fn stated(feed: &str, name: &str, value: &str) -> Observation {
    let state = if name == "state" {
        ""
    } else {
        r#""state":"1","#
    };
    let body =
        format!(r#"{{"number":"1","citizen":"350203199001010018",{state}"{name}":{value}}}"#);
    observe_of(&CATALOG, feed, &[headed(body)])
        .observations
        .remove(0)
}

fn rules(feed: &str, observation: &Observation) -> Vec<String> {
    failed(&CATALOG, feed, observation)
}

#[test]
fn a_date_that_stands_for_none_is_told_also_where_no_rule_is_made_for_fillers() {
    for filler in [
        "\"1900-01-01\"",
        "\"9999-12-31\"",
        "\"00000000\"",
        "\"长期\"",
    ] {
        let observation = whole("began", filler);
        assert_eq!(
            rules("mz.whole", &observation),
            ["began:type:DATE_SENTINEL"],
            "{filler}"
        );
        assert_eq!(observation.outcome, Outcome::Flagged);
        let told = cells(&CATALOG, &observation);
        assert!(!told.iter().any(|cell| cell.starts_with("residence_since")));
    }
    // 长期 ends a validity never, which is no filler; a day that no calendar reaches is one there too.
    assert!(rules("mz.whole", &whole("ended", "\"长期\"")).is_empty());
    assert_eq!(
        rules("mz.whole", &whole("ended", "\"9999-12-31\"")),
        ["ended:type:DATE_SENTINEL"]
    );
    // Where a rule is made for fillers it speaks alone, and 长期 is still no beginning.
    let stay = r#"{"op":"u","ts_ms":1795392800000,"after":{"aac001":"P1","aac002":"350203199001010018","aac003":"陈思远","aae140":"110","aac030":"BEGAN"}}"#;
    let began = |text: &str| {
        let sent = Sent::new(stay.replace("BEGAN", text)).header("seq", "7");
        let observation = observe_one("rs.insurance", sent);
        failed(&embedded(), "rs.insurance", &observation)
    };
    assert_eq!(began("19000101"), ["aac030:placeholder:PLACEHOLDER"]);
    assert_eq!(began("长期"), ["aac030:type:DATE_SENTINEL"]);
}

#[test]
fn a_whole_number_that_cannot_be_read_is_told_whatever_type_its_field_has() {
    let observation = whole("base", "\"many\"");
    assert_eq!(
        rules("mz.whole", &observation),
        ["base:readable:NUMBER_FORMAT"]
    );
    let told = cells(&CATALOG, &observation);
    assert!(!told.iter().any(|cell| cell.contains("base_cents")));
    let read = cells(&CATALOG, &whole("base", "\" 12 \""));
    assert!(read.contains(&"social_insurance.base_cents=12".to_owned()));
}

#[test]
fn infinity_and_no_number_are_no_numbers() {
    for text in ["\"NaN\"", "\"inf\"", "\"-infinity\"", "1e999"] {
        assert_eq!(
            rules("mz.whole", &whole("weight", text)),
            ["weight:type:NUMBER_FORMAT"],
            "{text}"
        );
    }
    for text in ["\"1.5\"", "-3", "1e3"] {
        assert!(
            rules("mz.whole", &whole("weight", text)).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn a_truth_value_may_be_written_as_text() {
    let csv = |text: &str| {
        let body = format!("number,citizen,state,sound\n1,350203199001010018,1,{text}\n");
        let mut observed = observe_of(&CATALOG, "mz.lines", &[headed(body)]);
        rules("mz.lines", &observed.observations.remove(0))
    };
    for text in ["true", "FALSE", "1", "0", " True "] {
        assert!(csv(text).is_empty(), "{text}");
    }
    for text in ["yes", "2", "是"] {
        assert_eq!(csv(text), ["sound:type:TYPE"], "{text}");
    }
    assert!(rules("mz.whole", &whole("sound", "true")).is_empty());
    assert_eq!(rules("mz.whole", &whole("sound", "7")), ["sound:type:TYPE"]);
}

#[test]
fn a_condition_reads_a_code_as_its_list_does() {
    for mark in ["\"9\"", "\"９\"", "\" 9 \""] {
        let told = cells(&CATALOG, &whole("state", mark));
        assert!(
            told.contains(&"hukou_status=CANCELLED".to_owned()),
            "{mark}"
        );
        assert!(!told.contains(&"life_status=ALIVE".to_owned()), "{mark}");
    }
}

#[test]
fn a_patch_that_is_silent_about_a_condition_states_nothing_by_it() {
    let patch = |body: &str| {
        let observation = observe_of(&CATALOG, "mz.partly", &[headed(body.to_owned())])
            .observations
            .remove(0);
        assert!(observation.outcome.is_accepted());
        cells(&CATALOG, &observation)
    };
    assert!(patch(r#"{"number":"1"}"#).is_empty());
    assert_eq!(
        patch(r#"{"number":"1","base":"12"}"#),
        ["social_insurance.base_cents=12"]
    );
    assert_eq!(
        patch(r#"{"number":"1","state":"1"}"#),
        ["life_status=ALIVE"]
    );
    assert_eq!(
        patch(r#"{"number":"1","state":"9"}"#),
        ["hukou_status=CANCELLED"]
    );
    // A full record states every field: what is absent is none of the others.
    let full = observe_of(
        &CATALOG,
        "mz.whole",
        &[headed(
            r#"{"number":"1","citizen":"350203199001010018"}"#.to_owned(),
        )],
    );
    let told = cells(&CATALOG, &full.observations[0]);
    assert!(told.contains(&"life_status=ALIVE".to_owned()));
}

#[test]
fn a_patch_empties_an_identifier_only_where_the_contract_lets_it_and_each_by_itself() {
    use crate::cell::Value;
    use crate::record::IDENTITY_KIND;

    let identities = |body: &str| -> Vec<(u16, bool)> {
        let observation = observe_of(&CATALOG, "mz.partly", &[headed(body.to_owned())])
            .observations
            .remove(0);
        let statement = observation.statement.unwrap();
        let pseudo = statement
            .cells
            .iter()
            .filter(|cell| cell.target.kind == IDENTITY_KIND);
        pseudo
            .map(|cell| (cell.target.leaf, cell.value == Value::Null))
            .collect()
    };
    // The first may not be emptied: null is silence, and told by the rule that asks for it.
    assert!(identities(r#"{"number":"1","citizen":null}"#).is_empty());
    assert_eq!(identities(r#"{"number":"1","former":null}"#), [(1, true)]);
    assert_eq!(
        identities(r#"{"number":"1","citizen":"350203199001010018","former":null}"#),
        [(0, false), (1, true)]
    );
    assert_eq!(
        identities(r#"{"number":"1","citizen":null,"former":"350203199001010018"}"#),
        [(1, false)]
    );
}

#[test]
fn a_full_width_stroke_names_nobody() {
    for filler in ["／", "－", " / "] {
        let body = format!(r#"{{"number":"1","citizen":"{filler}","state":"1"}}"#);
        let observation = observe_of(&CATALOG, "mz.whole", &[headed(body)])
            .observations
            .remove(0);
        assert_eq!(
            rules("mz.whole", &observation),
            ["subject:SUBJECT_MISSING"],
            "{filler}"
        );
    }
}

#[test]
fn a_removal_that_a_field_marks_is_judged_by_key_and_order_and_states_nothing() {
    let json = |body: &str| {
        observe_of(&CATALOG, "mz.whole", &[headed(body.to_owned())])
            .observations
            .remove(0)
    };
    let stated = json(r#"{"number":"1","citizen":"350203199001010018","state":"1"}"#);
    // Neither the number that is required nor the type of another field is asked for.
    let removal = json(r#"{"number":"1","state":" D ","weight":"many"}"#);
    assert_eq!(removal.outcome, Outcome::Accepted);
    assert!(removal.removal && removal.failures.is_empty());
    assert_eq!(
        removal.key.as_ref().unwrap().id,
        stated.key.as_ref().unwrap().id
    );
    assert!(removal.order.as_ref().unwrap() < stated.order.as_ref().unwrap());
    let statement = removal.statement.unwrap();
    assert!(statement.cells.is_empty() && statement.targets.is_empty());

    let csv = headed("number,citizen,state\n1,,D\n2,350203199001010018,1\n".to_owned());
    let rows = observe_of(&CATALOG, "mz.lines", &[csv]).observations;
    assert_eq!(
        rows.iter().map(|row| row.removal).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(rows.iter().all(|row| row.outcome == Outcome::Accepted));
    let unordered = Sent::new("number,citizen,state\n1,,D\n");
    let rows = observe_of(&CATALOG, "mz.lines", &[unordered]).observations;
    assert_eq!(rules("mz.lines", &rows[0]), ["order:ORDER_MISSING"]);
}
