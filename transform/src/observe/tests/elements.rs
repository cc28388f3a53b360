//! Records that speak of several subjects: by name, by the elements of an array, and of either kind.

use std::sync::Arc;

use serde_json::json;
use yidang_schemas::catalog::Catalog;

use crate::cell::Value;
use crate::kit::{Sent, contract_text, embedded_with, failed, observe_of};
use crate::observe::Observation;

/// Owners of one right, persons or organisations, in an array.
const RIGHTS: &str = "id: zr.rights
servers:
  - { server: k, type: kafka, host: h, format: json, encoding: UTF-8 }
schema:
  - name: rights
    physicalType: topic
    physicalName: src.zr.rights.v1
    customProperties:
      - { property: recordKey, value: [no], vendor: yidang }
      - { property: order, value: [{ from: \"header:seq\", type: integer }], vendor: yidang }
      - { property: businessTime, value: { from: \"header:business-time\", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { from: \"header:op\", delete: [D], tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { kind: person, each: owners, identifiers: [{ field: \"owners[].id\", class: person_or_organisation, typeField: \"owners[].type\" }] }
          - { kind: enterprise, each: owners, identifiers: [{ field: \"owners[].id\", class: person_or_organisation, typeField: \"owners[].type\" }] }
    properties:
      - { name: no, logicalType: string, classification: internal, customProperties: [ { property: mapsTo, value: person.household_token, vendor: yidang } ] }
      - name: owners
        logicalType: array
        classification: internal
        items:
          logicalType: object
          properties:
            - name: type
              logicalType: string
              classification: internal
              enum:
                - { value: \"1\", customProperties: [ { property: canonicalCode, value: RIC, vendor: yidang } ] }
                - { value: \"9\", customProperties: [ { property: canonicalCode, value: ORG, vendor: yidang } ] }
            - name: id
              logicalType: string
              required: true
              classification: personal
              customProperties:
                - { property: mapsTo, value: [{ to: person.id_no, transform: person_identifier }, { to: enterprise.uscc, transform: uscc }], vendor: yidang }
            - { name: share, logicalType: string, classification: internal, logicalTypeOptions: { pattern: '^[0-9]+%$' }, customProperties: [ { property: mapsTo, value: person.residence_address, vendor: yidang } ] }
";

/// Two persons of one record, each with the other's token.
const PAIRS: &str = "id: zr.pairs
servers:
  - { server: k, type: kafka, host: h, format: json, encoding: UTF-8 }
schema:
  - name: pairs
    physicalType: topic
    physicalName: src.zr.pairs.v1
    customProperties:
      - { property: recordKey, value: [no], vendor: yidang }
      - { property: order, value: [{ from: \"header:seq\", type: integer }], vendor: yidang }
      - { property: businessTime, value: { from: \"header:business-time\", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { from: \"header:op\", delete: [D], tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { name: first, kind: person, identifiers: [{ field: a, class: resident_id }] }
          - { name: second, kind: person, identifiers: [{ field: b, class: resident_id }] }
    properties:
      - { name: no, logicalType: string, classification: internal, customProperties: [ { property: mapsTo, value: person.household_relation, vendor: yidang } ] }
      - { name: a, logicalType: string, classification: personal, customProperties: [ { property: mapsTo, value: [{ to: person.household_token, transform: person_reference, subject: second }], vendor: yidang } ] }
      - { name: b, logicalType: string, classification: personal, customProperties: [ { property: mapsTo, value: [{ to: person.household_token, transform: person_reference, subject: first }], vendor: yidang } ] }
";

const ANNA: &str = "11010519491231002X";
const BERT: &str = "110105195001010039";
const FIRM: &str = "91350100M000100Y43";

fn catalog() -> Arc<Catalog> {
    let file = |text: &str| contract_text("zr", text);
    embedded_with(&[
        ("contracts/zr/rights.odcs.yaml", file(RIGHTS)),
        ("contracts/zr/pairs.odcs.yaml", file(PAIRS)),
    ])
}

fn judged(feed: &str, body: &serde_json::Value) -> Observation {
    let sent = Sent::new(body.to_string()).header("seq", "1");
    let sent = sent.header("business-time", "1795400000000");
    observe_of(&catalog(), feed, &[sent]).observations.remove(0)
}

/// `kind/slot` of every target.
fn targets(observation: &Observation) -> Vec<String> {
    let catalog = catalog();
    let targets = observation.named.iter();
    targets
        .map(|target| {
            let kind = &catalog.dossier(target.kind).unwrap().name;
            format!("{kind}/{}", target.slot)
        })
        .collect()
}

/// `column@slot=value` of every cell.
fn cells(observation: &Observation) -> Vec<String> {
    let catalog = catalog();
    let statement = observation.statement.as_ref().unwrap();
    let told = statement.cells.iter().map(|cell| {
        let dossier = catalog.dossier(cell.target.kind).unwrap();
        let Value::Text(text) = cell.value else {
            panic!("texts only")
        };
        let name = dossier.leaf_name(cell.target.leaf);
        format!("{name}@{}={text}", cell.slot)
    });
    told.collect()
}

#[test]
fn each_element_names_a_subject_of_its_kind_and_fills_its_cells_alone() {
    let observation = judged(
        "zr.rights",
        &json!({"no": "R1", "owners": [
            {"type": "1", "id": ANNA, "share": "50%"},
            {"type": "9", "id": FIRM},
            {"type": "1", "id": BERT, "share": "25%"},
        ]}),
    );
    assert_eq!(
        targets(&observation),
        ["person/0", "enterprise/3", "person/4"]
    );
    assert_eq!(
        cells(&observation),
        [
            "household_token@255=R1".to_owned(),
            format!("id_no@0={ANNA}"),
            "residence_address@0=50%".to_owned(),
            format!("uscc@3={FIRM}"),
            format!("id_no@4={BERT}"),
            "residence_address@4=25%".to_owned(),
        ]
    );
}

#[test]
fn one_bad_element_is_told_once_and_takes_nothing_from_the_others() {
    let observation = judged(
        "zr.rights",
        &json!({"no": "R1", "owners": [
            {"type": "1", "id": ANNA, "share": "half"},
            {"type": "1", "id": null, "share": "a third"},
            {"type": "9", "id": FIRM, "share": "20%"},
        ]}),
    );
    assert_eq!(
        failed(&catalog(), "zr.rights", &observation),
        [
            "owners[].id:required:REQUIRED",
            "owners[].share:pattern:PATTERN"
        ]
    );
    assert_eq!(observation.failures[1].raw.as_deref(), Some("half"));
    assert_eq!(targets(&observation), ["person/0", "enterprise/5"]);
}

#[test]
fn without_a_type_the_check_characters_say_whose_number_it_is() {
    let observation = judged(
        "zr.rights",
        &json!({"no": "R1", "owners": [{"id": FIRM}, {"id": BERT}]}),
    );
    assert_eq!(targets(&observation), ["enterprise/1", "person/2"]);
    let wrong = judged(
        "zr.rights",
        &json!({"no": "R1", "owners": [{"type": "9", "id": BERT}]}),
    );
    assert!(targets(&wrong).is_empty(), "a stated type is believed");
    assert!(wrong.statement.is_none());
}

#[test]
fn a_record_whose_array_is_none_names_nobody() {
    for (owners, rule) in [
        (json!("张三、李四"), "owners:type:TYPE"),
        (json!([]), "auto:subject"),
        (json!(["a"]), "parse:SYNTAX"),
    ] {
        let observation = judged("zr.rights", &json!({"no": "R1", "owners": owners}));
        assert!(observation.statement.is_none(), "{owners}");
        let told = failed(&catalog(), "zr.rights", &observation).join(" ");
        assert!(
            told.contains(rule.trim_start_matches("auto:")),
            "{owners}: {told}"
        );
    }
    let many: Vec<_> = (0..300).map(|_| json!({"type": "1", "id": ANNA})).collect();
    let observation = judged("zr.rights", &json!({"no": "R1", "owners": many}));
    assert_eq!(
        failed(&catalog(), "zr.rights", &observation),
        ["parse:ELEMENTS"]
    );
}

#[test]
fn what_stands_in_an_element_is_part_of_the_content() {
    let hash = |share: &str| {
        let owners = json!([{"type": "1", "id": ANNA, "share": share}]);
        let observation = judged("zr.rights", &json!({"no": "R1", "owners": owners}));
        observation.order.unwrap().content_hash()
    };
    assert_ne!(hash("50%"), hash("51%"));
}

#[test]
fn a_named_subject_gets_cells_that_the_other_does_not() {
    let observation = judged("zr.pairs", &json!({"no": "P1", "a": ANNA, "b": BERT}));
    assert_eq!(targets(&observation), ["person/0", "person/1"]);
    let tokens: Vec<String> = observation
        .named
        .iter()
        .map(|target| target.token.to_string())
        .collect();
    assert_eq!(
        cells(&observation),
        [
            "household_relation@255=P1".to_owned(),
            format!("household_token@1={}", tokens[0]),
            format!("household_token@0={}", tokens[1]),
        ]
    );
}
