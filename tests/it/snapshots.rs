//! Snapshot feeds through the engine and its tables: who loses a row, and what the agency is told of it.

use std::sync::Arc;

use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_tests::lab::{Folder, Lab, Row, same};
use yidang_tests::messages::Message;
use yidang_tests::records::{SIYUAN, START_MS, XIAOMEI};

const DAY_MS: i64 = 86_400_000;
const TOPIC: &str = "src.mz.aid.v1";
const CONTRACT: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: mz.aid
version: 1.0.0
status: active
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: sourceAgency, value: mz, vendor: yidang }
servers:
  - { server: k, type: kafka, host: h, format: csv, encoding: UTF-8 }
schema:
  - name: aid
    physicalType: topic
    physicalName: src.mz.aid.v1
    customProperties:
      - { property: recordKey, value: [身份证号], vendor: yidang }
      - { property: order, value: [{ from: "header:seq", type: integer }], vendor: yidang }
      - { property: businessTime, value: { from: "header:business-time", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: snapshot, vendor: yidang }
      - { property: rows, value: many, vendor: yidang }
      - { property: snapshot, value: { maxShrink: 0.5 }, vendor: yidang }
      - { property: removal, value: { tombstone: control }, vendor: yidang }
      - { property: subjects, value: [{ kind: person, identifiers: [{ field: 身份证号, class: resident_id }] }], vendor: yidang }
    properties:
      - name: 身份证号
        logicalType: string
        classification: personal
        customProperties:
          - { property: mapsTo, value: person.id_no, vendor: yidang }
          - { property: transform, value: person_identifier, vendor: yidang }
      - name: 姓名
        logicalType: string
        required: true
        classification: personal
        customProperties:
          - { property: mapsTo, value: person.name, vendor: yidang }
          - { property: transform, value: person_name, vendor: yidang }
team: { id: mz }
"#;

fn catalog() -> Arc<Catalog> {
    let mut files = Bundle::embedded()
        .expect("the built-in schemas compile")
        .files;
    let file = "contracts/mz/aid.odcs.yaml".to_owned();
    files.insert(file, CONTRACT.to_owned());
    let bundle = Bundle::of_files(files).expect("the files are sound");
    Arc::new(Catalog::from_bundle(&bundle).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn start(folder: Folder) -> Lab {
    Lab::try_start(folder, catalog(), START_MS + DAY_MS).expect("the lake opens")
}

fn headed(value: Vec<u8>, sequence: u32) -> Message {
    let message = Message::new(TOPIC, value).key(format!("batch-{sequence}"));
    let message = message.header("op", "S").at(START_MS);
    let message = message.header("seq", sequence.to_string());
    message.header("business-time", START_MS.to_string())
}

/// Rows of a snapshot; a name may be empty, which marks the record.
fn rows(sequence: u32, people: &[(&str, &str)]) -> Message {
    let mut text = "身份证号,姓名\n".to_owned();
    for (id, name) in people {
        text.push_str(&format!("{id},{name}\n"));
    }
    headed(text.into_bytes(), sequence)
}

fn marker(sequence: u32, rows: usize) -> Message {
    headed(Vec::new(), sequence).header("rows", rows.to_string())
}

fn story() -> Vec<Message> {
    vec![
        rows(1, &[(SIYUAN, "陈思远"), (XIAOMEI, "")]),
        marker(1, 2),
        rows(2, &[(SIYUAN, "陈思远")]),
        marker(2, 7),
        rows(3, &[(SIYUAN, "陈思远")]),
        marker(3, 1),
    ]
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

/// Rule, state and reason of every issue.
fn issues(lab: &Lab) -> Vec<[String; 3]> {
    let rows = lab.rows("issue");
    let told = |row: &Row| ["rule_id", "state", "reason"].map(|name| text(row, name).to_owned());
    let mut told: Vec<[String; 3]> = rows.iter().map(told).collect();
    told.sort();
    told
}

#[test]
fn a_refused_marker_is_an_issue_until_a_good_one_and_what_is_not_named_is_withdrawn() {
    let mut lab = start(Folder::empty());
    let story = story();
    for message in &story[..4] {
        lab.epoch(std::slice::from_ref(message));
    }
    assert!(lab.person(XIAOMEI).is_some(), "the marker did not agree");
    let required = "auto:姓名:required";
    assert_eq!(
        issues(&lab)
            .iter()
            .map(|issue| &issue[..2])
            .collect::<Vec<_>>(),
        [["auto:snapshot", "open"], [required, "open"]]
    );
    for message in &story[4..] {
        lab.epoch(std::slice::from_ref(message));
    }
    assert!(
        lab.person(XIAOMEI).is_none(),
        "the third one does not name her"
    );
    assert!(lab.person(SIYUAN).is_some());
    assert_eq!(
        issues(&lab),
        [
            ["auto:snapshot", "resolved", "corrected"],
            [required, "resolved", "withdrawn"]
        ]
    );
}

#[test]
fn neither_crashes_nor_where_epochs_are_cut_change_rows_issues_or_events() {
    let events = |lab: &Lab| -> Vec<[String; 2]> {
        let rows = lab.rows("issue_event");
        let told = |row: &Row| ["event_id", "transition"].map(|name| text(row, name).to_owned());
        // Of one issue events are ordered by their number; across issues they are not.
        let mut told: Vec<[String; 2]> = rows.iter().map(told).collect();
        told.sort();
        told
    };
    let mut whole = start(Folder::empty());
    whole.epoch(&story());
    let mut crashing = start(Folder::empty());
    for (place, message) in story().iter().enumerate() {
        crashing.epoch(std::slice::from_ref(message));
        if place % 2 == 0 {
            crashing.checkpoint();
        }
        crashing = start(crashing.stop());
    }
    same(&crashing.files(), &whole.files(), "cut and crashing");
    assert_eq!(issues(&crashing), issues(&whole));
    assert!(!events(&whole).is_empty());
    assert_eq!(events(&crashing), events(&whole));
}
