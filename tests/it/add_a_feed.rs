//! The page "Add a feed" does what it says: its sample, its fields and its commands, through the binary.

use std::path::{Path, PathBuf};
use std::time::Duration;

use yidang_tests::process::Launch;
use yidang_tests::readers::read_agreed;
use yidang_tests::repository;
use yidang_tests::schemas::exported_schemas;

const BOUND: Duration = Duration::from_secs(120);
const OWNER: &str = "350203199001010018";

/// Head and end of a contract around the fields of the page, as `contract init` drafts them and section 3 decides them.
const HEAD: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: jg.vehicle
version: 1.0.0
status: active
name: Vehicles
description: { purpose: Who drives what. }
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: sourceAgency, value: jg, vendor: yidang }
servers:
  - { server: k, type: kafka, host: h, format: csv, encoding: UTF-8 }
schema:
  - name: vehicle
    businessName: 机动车登记
    physicalType: topic
    physicalName: src.jg.vehicle.v1
    customProperties:
      - { property: recordKey, value: [号牌号码, 号牌种类], vendor: yidang }
      - { property: order, value: [ { from: "field:更新时间", type: time } ], vendor: yidang }
      - { property: businessTime, value: { from: "header:business-time", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { from: "header:op", delete: [D], tombstone: control }, vendor: yidang }
      - { property: subjects, value: [ { kind: person, identifiers: [ { field: 身份证明号码, class: resident_id } ] } ], vendor: yidang }
    properties:
"#;

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// The fenced blocks of the page in a language.
fn blocks(language: &str) -> Vec<String> {
    let page = repository().join("docs/add-a-feed.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let fence = format!("```{language}\n");
    let parts = page.split(&fence).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let schemas = exported_schemas(folder.path());
    let sample = folder.path().join("vehicle.csv");
    let csv = blocks("csv").pop().expect("the page has a sample");
    std::fs::write(&sample, csv).expect("the folder is ours");
    (folder, schemas, sample)
}

#[test]
fn the_sample_of_the_page_gives_a_draft_that_knows_its_identifier() {
    let (_folder, schemas, sample) = folder();
    let draft = schemas.join("contracts/jg/vehicle.odcs.yaml");
    let arguments = [
        "contract",
        "init",
        text(&sample),
        "--agency",
        "jg",
        "--feed",
        "vehicle",
        "--kind",
        "person",
        "--schemas",
        text(&schemas),
        "--out",
        text(&draft),
    ];
    let told = Launch::yidang(arguments).run(BOUND).expect_code(0).text();
    assert!(told.contains("身份证明号码 names the subject"), "{told}");
    let draft = std::fs::read_to_string(draft).expect("it was just written");
    assert!(draft.contains("person.vehicles.plate") && !draft.contains(OWNER));
}

#[test]
fn the_fields_of_the_page_are_sound_and_fill_the_file() {
    let (folder, schemas, sample) = folder();
    let fields = blocks("yaml")
        .into_iter()
        .find(|block| block.contains("- name: 号牌号码"));
    let contract = format!(
        "{HEAD}{}team: {{ id: jg }}\n",
        fields.expect("the page has fields")
    );
    let file = schemas.join("contracts/jg/vehicle.odcs.yaml");
    std::fs::write(&file, contract).expect("the folder is ours");
    let lake = folder.path().join("tried");
    for arguments in [
        vec!["contract", "lint", text(&schemas)],
        vec!["contract", "test", text(&file), "--sample", text(&sample)],
        vec![
            "feed",
            "try",
            text(&sample),
            "--feed",
            "jg.vehicle",
            "--schemas",
            text(&schemas),
            "--lake",
            text(&lake),
        ],
    ] {
        drop(Launch::yidang(arguments).run(BOUND).expect_code(0));
    }
    let rows = read_agreed(text(&lake.join("person_file")), "person_id");
    assert_eq!(rows.len(), 3, "the sample speaks of three persons");
    let row = rows.iter().find(|row| row["id_no"] == OWNER);
    let row = row.expect("one of them is the one that the page asks for");
    assert_eq!(row["vehicles"][0]["plate"], "闽DY1234");
    assert_eq!(row["vehicles"][0]["plate_type"], "02");
    // Without --schemas the lake is read by what it was made under.
    let explain = ["explain", "person", "--lake", text(&lake), "-"];
    let told = Launch::yidang(explain)
        .input(OWNER)
        .run(BOUND)
        .expect_code(0);
    assert!(told.text().contains("jg.vehicle"), "{}", told.text());
}
