//! Kinds and columns are data: a third kind of dossier, and a dossier of more than 300 filled columns, by files alone.
//!
//! Everything goes through the binary: `contract export` for the folder, `feed try` for the way from file to rows, and the
//! readers that are not ours for what came out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use yidang_tests::process::Launch;
use yidang_tests::readers::read_agreed;
use yidang_tests::schemas::exported_schemas;

const BOUND: Duration = Duration::from_secs(120);
const OWNER: &str = "350203199001010018";
const BUYER: &str = "350206198507151226";

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// The schemas that the binary carries, in a folder of ours, with an agency more.
fn exported() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let schemas = exported_schemas(folder.path());
    (folder, schemas)
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).expect("it was just exported")
}

/// What every dossier ends with: the columns that the platform fills.
fn platform_columns(schemas: &Path) -> String {
    let dossier = read(&schemas.join("dossiers/enterprise.odcs.yaml"));
    let start = dossier
        .find("      - name: provenance\n")
        .expect("every dossier has it");
    dossier.get(start..).unwrap_or_default().to_owned()
}

const DOSSIER: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: dossier.vehicle
version: 1.0.0
status: active
name: Vehicle file
domain: vehicle
description: { purpose: All that the agencies of the city say of a vehicle. }
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: kind, value: vehicle, vendor: yidang }
  - { property: observationTable, value: observation_vehicle, vendor: yidang }
  - { property: classes, value: [ { name: VIN } ], vendor: yidang }
schema:
  - id: vehicle_file
    name: vehicle_file
    businessName: 一车一档
    description: One row per vehicle
    physicalType: table
    physicalName: vehicle_file
    properties:
      - name: vehicle_id
        businessName: 主体主键
        description: Keyed hash of the identification number
        logicalType: string
        required: true
        customProperties:
          - { property: level, value: L1, vendor: yidang }
          - { property: platform, value: subject_id, vendor: yidang }
      - { name: vin, businessName: 车辆识别代号, description: Number by GB 16735, logicalType: string, customProperties: [ { property: level, value: L2, vendor: yidang } ] }
      - { name: plate, businessName: 号牌, description: Plate, logicalType: string, customProperties: [ { property: level, value: L3, vendor: yidang } ] }
      - { name: owner_id, businessName: 所有人, description: Token of the owner, logicalType: string, customProperties: [ { property: level, value: L3, vendor: yidang } ] }
"#;

const CONTRACT: &str = r#"apiVersion: v3.2.0
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
  - { server: k, type: kafka, host: h, format: json, encoding: UTF-8 }
schema:
  - name: vehicle
    businessName: 机动车登记
    physicalType: topic
    physicalName: src.jg.vehicle.v1
    customProperties:
      - { property: recordKey, value: [clsbdh], vendor: yidang }
      - { property: order, value: [ { from: "header:seq", type: integer } ], vendor: yidang }
      - { property: businessTime, value: { from: "header:business-time", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { from: "header:op", delete: [D], tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { kind: vehicle, identifiers: [ { field: clsbdh, class: number, name: VIN } ] }
          - { kind: person, identifiers: [ { field: sfzh, class: resident_id } ] }
    properties:
      - name: clsbdh
        businessName: 车辆识别代号
        logicalType: string
        logicalTypeOptions: { pattern: '^[A-HJ-NPR-Z0-9]{17}$' }
        classification: internal
        customProperties:
          - { property: mapsTo, value: vehicle.vin, vendor: yidang }
      - name: hphm
        businessName: 号牌号码
        logicalType: string
        classification: personal
        customProperties:
          - property: mapsTo
            vendor: yidang
            value:
              - { to: vehicle.plate, transform: plate }
              - { to: person.vehicles.plate, transform: plate }
      - name: hpzl
        businessName: 号牌种类
        logicalType: string
        classification: internal
        customProperties:
          - { property: mapsTo, value: person.vehicles.plate_type, vendor: yidang }
          - { property: codeSet, value: "plate-type@2005", vendor: yidang }
      - name: sfzh
        businessName: 所有人证件号码
        logicalType: string
        classification: personal
        customProperties:
          - property: mapsTo
            vendor: yidang
            value:
              - { to: person.id_type, transform: person_identifier_class }
              - { to: person.id_no, transform: person_identifier }
              - { to: vehicle.owner_id, transform: person_reference }
team: { id: jg }
"#;

const VIN: &str = "LSVAU2A37N2180001";
const OTHER: &str = "LFV3A28K9N3000002";

fn vehicle(sequence: i64, vin: &str, plate: &str, owner: &str) -> String {
    let value = json!({ "clsbdh": vin, "hphm": plate, "hpzl": "02", "sfzh": owner });
    line("src.jg.vehicle.v1", sequence, &value)
}

fn line(topic: &str, sequence: i64, value: &Value) -> String {
    let headers = json!({ "seq": sequence.to_string(), "business-time": "1767225600000" });
    json!({ "topic": topic, "timestamp": 1_767_225_600_000_i64, "headers": headers, "value": value.to_string() }).to_string()
}

/// Lints the folder, lets the lines flow, and gives what `feed try` says of the files.
fn tried(schemas: &Path, lines: &[String], code: i32) -> (TempDir, Value) {
    let lint = ["contract", "lint", text(schemas)];
    drop(Launch::yidang(lint).run(BOUND).expect_code(0));
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let (file, lake) = (
        folder.path().join("messages.jsonl"),
        folder.path().join("lake"),
    );
    std::fs::write(&file, lines.join("\n")).expect("the folder is ours");
    let arguments = [
        "feed",
        "try",
        text(&file),
        "--schemas",
        text(schemas),
        "--lake",
        text(&lake),
        "--json",
    ];
    let finished = Launch::yidang(arguments).run(BOUND).expect_code(code);
    let told = finished.json().pop().expect("it ends with the files");
    (folder, told)
}

fn rows(lake: &TempDir, kind: &str, key: &str) -> Vec<Value> {
    read_agreed(
        text(&lake.path().join("lake").join(format!("{kind}_file"))),
        key,
    )
}

#[test]
fn a_third_kind_of_dossier_is_two_files() {
    let (_folder, schemas) = exported();
    let dossier = format!("{DOSSIER}{}", platform_columns(&schemas));
    std::fs::write(schemas.join("dossiers/vehicle.odcs.yaml"), dossier)
        .expect("the folder is ours");
    std::fs::write(schemas.join("contracts/jg/vehicle.odcs.yaml"), CONTRACT)
        .expect("the folder is ours");
    let lines = [
        vehicle(2, VIN, "闽DY1234", BUYER),
        vehicle(1, VIN, "闽D12345", OWNER),
        vehicle(1, OTHER, "闽D54321", OWNER),
        // Width, letters and blanks are no other vehicle.
        vehicle(
            3,
            &OTHER.to_lowercase().replace("n3", "ｎ3 "),
            "闽D54321",
            OWNER,
        ),
        vehicle(1, "LSVAU2A37N218000", "闽D00001", OWNER),
    ];
    let (lake, told) = tried(&schemas, &lines, 1);
    let counted = told["files"].as_array().expect("a list");
    let of = |table: &str| {
        counted
            .iter()
            .find(|file| file["table"] == table)
            .expect("the table is there")
    };
    assert_eq!(
        of("vehicle_file")["rows"],
        2,
        "a number of 16 characters names no vehicle"
    );
    let vehicles = rows(&lake, "vehicle", "vehicle_id");
    let persons = rows(&lake, "person", "person_id");
    let vehicle = |vin: &str| {
        vehicles
            .iter()
            .find(|row| row["vin"] == vin)
            .expect("one row a vehicle")
    };
    let person = |id: &str| {
        persons
            .iter()
            .find(|row| row["id_no"] == id)
            .expect("one row a person")
    };
    assert_eq!(vehicle(VIN)["plate"], "闽DY1234", "the newer record speaks");
    assert_eq!(vehicle(VIN)["owner_id"], person(BUYER)["person_id"]);
    assert_eq!(vehicle(OTHER)["owner_id"], person(OWNER)["person_id"]);
    let sources = &vehicle(VIN)["provenance"]["sources"];
    assert_eq!(
        sources[0]["feed"], "jg.vehicle",
        "every cell names its source"
    );
}

const WIDE_FEEDS: usize = 6;
const WIDE_COLUMNS_OF_A_FEED: usize = 50;

fn wide_column(feed: usize, column: usize) -> String {
    format!("wide_{feed}_{column:02}")
}

/// Six feeds more, each with fifty columns of its own in the person file.
fn widened(schemas: &Path) {
    let file = schemas.join("dossiers/person.odcs.yaml");
    let (mut columns, names) = (String::new(), |feed| {
        (0..WIDE_COLUMNS_OF_A_FEED).map(move |column| wide_column(feed, column))
    });
    for name in (0..WIDE_FEEDS).flat_map(names) {
        writeln!(
            columns,
            "      - {{ name: {name}, businessName: 指标, description: A figure, logicalType: string, customProperties: [ {{ property: level, value: L2, vendor: yidang }} ] }}"
        )
        .expect("a text takes all");
    }
    let end = "      - name: provenance\n";
    let dossier = read(&file).replacen(end, &format!("{columns}{end}"), 1);
    std::fs::write(&file, dossier).expect("the folder is ours");
    let frame = CONTRACT
        .split("    properties:\n")
        .next()
        .expect("it has a head");
    let frame = frame
        .replace("[clsbdh]", "[sfzh]")
        .replace("          - { kind: vehicle, identifiers: [ { field: clsbdh, class: number, name: VIN } ] }\n", "");
    for feed in 0..WIDE_FEEDS {
        let head = frame.replace("jg.vehicle", &format!("jg.wide{feed}"));
        let mut contract = format!(
            "{head}    properties:\n      - {{ name: sfzh, businessName: 证件号码, logicalType: string, classification: personal, customProperties: [ {{ property: mapsTo, value: [ {{ to: person.id_no, transform: person_identifier }} ], vendor: yidang }} ] }}\n"
        );
        for name in names(feed) {
            writeln!(
                contract,
                "      - {{ name: {name}, businessName: 指标, logicalType: string, classification: internal, customProperties: [ {{ property: mapsTo, value: person.{name}, vendor: yidang }} ] }}"
            )
            .expect("a text takes all");
        }
        contract.push_str("team: { id: jg }\n");
        std::fs::write(
            schemas.join(format!("contracts/jg/wide{feed}.odcs.yaml")),
            contract,
        )
        .expect("the folder is ours");
    }
}

#[test]
fn a_dossier_of_more_than_300_filled_columns_needs_no_code() {
    let (_folder, schemas) = exported();
    widened(&schemas);
    let mut lines = Vec::new();
    for feed in 0..WIDE_FEEDS {
        for (place, person) in [OWNER, BUYER].into_iter().enumerate() {
            let fields = (0..WIDE_COLUMNS_OF_A_FEED).map(|column| {
                let value = format!("{feed}.{column}.{place}");
                (wide_column(feed, column), Value::String(value))
            });
            let id = ("sfzh".to_owned(), Value::String(person.to_owned()));
            let value = Value::Object(fields.chain([id]).collect());
            lines.push(line(&format!("src.jg.wide{feed}.v1"), 1, &value));
        }
    }
    let (lake, _) = tried(&schemas, &lines, 0);
    let persons = rows(&lake, "person", "person_id");
    assert_eq!(persons.len(), 2);
    for person in &persons {
        let place = usize::from(person["id_no"] == BUYER);
        let cells = person["provenance"]["cells"].as_object().expect("a map");
        let mut filled = 0;
        for feed in 0..WIDE_FEEDS {
            for column in 0..WIDE_COLUMNS_OF_A_FEED {
                let name = wide_column(feed, column);
                assert_eq!(person[&name], format!("{feed}.{column}.{place}"));
                let source = cells[&name]["source"].as_u64().expect("a place");
                let source = usize::try_from(source).expect("a place");
                assert_eq!(
                    person["provenance"]["sources"][source]["feed"],
                    format!("jg.wide{feed}")
                );
                filled += 1;
            }
        }
        assert!(filled >= 300);
    }
}
