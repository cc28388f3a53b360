//! Avro and Protobuf by confluent-kafka's serialisers against a registry that is not ours: the same records give the same rows as
//! JSON does, a schema may evolve in a lane, and while the registry is down known ids go on, unknown ids wait and nothing is held
//! against an agency.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use yidang_tests::patience::wait_for;
use yidang_tests::process::Launch;
use yidang_tests::readers::{Reader, read_agreed, read_lines};
use yidang_tests::records::{START_MS, resident};
use yidang_tests::registry::SchemaRegistry;
use yidang_tests::schemas::copy_schemas;
use yidang_tests::station::{PATIENCE, Pace, Station, leads, logged, positions};

const CONTRACT: &str = "contracts/wj/death.odcs.yaml";

/// The three forms of one feed, each with the topic of its major version.
const JSON: (&str, &str) = ("json", "src.wj.death.v1");
const AVRO: (&str, &str) = ("avro", "src.wj.death.v2");
const PROTOBUF: (&str, &str) = ("protobuf", "src.wj.death.v3");

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// The built-in folder with the certificates of death in another format.
fn schemas((format, topic): (&str, &str)) -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    copy_schemas(folder.path());
    let file = folder.path().join(CONTRACT);
    let before = std::fs::read_to_string(&file).expect("it was just copied");
    let major = topic.rsplit('v').next().unwrap_or_default();
    let after = before
        .replacen("format: json", &format!("format: {format}"), 1)
        .replacen("version: 1.0.0", &format!("version: {major}.0.0"), 1)
        .replacen(JSON.1, topic, 1);
    std::fs::write(&file, after).expect("the folder is ours");
    folder
}

/// The writer's schema; evolved, it has one optional field more.
fn schema(format: &str, evolved: bool) -> Value {
    let mut names = vec!["swzbh", "idcard", "name", "dod", "cause"];
    if evolved {
        names.push("remark");
    }
    let is_optional = |name: &str| ["cause", "remark"].contains(&name);
    if format == "avro" {
        let field = |name: &&str| match is_optional(name) {
            true => json!({"name": name, "type": ["null", "string"], "default": null}),
            false => json!({"name": name, "type": "string"}),
        };
        let fields: Vec<Value> = names.iter().map(field).collect();
        return json!({"type": "record", "name": "Death", "namespace": "wj", "fields": fields});
    }
    let fields = names.iter().enumerate().map(|(place, name)| {
        json!({"name": name, "number": place + 1, "type": "string", "optional": is_optional(name)})
    });
    let fields: Vec<Value> = fields.collect();
    json!({"name": "death.proto", "messages": [{"name": "Other", "fields": []}, {"name": "Death", "fields": fields}]})
}

/// Certificate `number`, of a made-up person of that number, about to be sent.
fn line((format, topic): (&str, &str), number: u32, partition: i32, evolved: bool) -> Value {
    let certificate = format!("3502002026{number:05}");
    let mut record = json!({
        "swzbh": certificate, "idcard": resident(number), "name": "陈思远",
        "dod": format!("2026-11-02T23:{:02}:00+08:00", number % 60),
    });
    if evolved {
        record["remark"] = "补发".into();
    }
    let at = START_MS + i64::from(number) * 1_000;
    json!({
        "topic": topic, "format": format, "schema": schema(format, evolved), "message": "Death", "record": record,
        "partition": partition, "timestamp": at, "key": certificate,
        "headers": {"op": "U", "seq": number, "business-time": at},
    })
}

/// File rows without what says how they came.
fn rows(lake: &Path) -> Vec<Value> {
    let table = lake.join("person_file");
    let lines = read_lines(Reader::DuckDb, text(&table), "person_id");
    let rows = lines.iter().map(|line| {
        let mut row: Value = serde_json::from_str(line).expect("the script prints JSON");
        let members = row.as_object_mut().expect("a row is an object");
        for arrival in [
            "provenance",
            "record_version",
            "first_seen_at",
            "updated_at",
        ] {
            members.remove(arrival);
        }
        row
    });
    rows.collect()
}

fn quarantined(lake: &Path) -> usize {
    match lake
        .join("quarantine/_delta_log/00000000000000000000.json")
        .exists()
    {
        true => read_agreed(text(&lake.join("quarantine")), "offset").len(),
        false => 0,
    }
}

fn position(lake: &Path, topic: &str, partition: i32) -> i64 {
    let lane = format!("{topic}/0/{partition}");
    positions(lake).get(&lane).copied().unwrap_or(0)
}

/// Waits until a lane stands there.
fn reaches(lake: &Path, topic: &str, partition: i32, wanted: i64) {
    let reached = wait_for(PATIENCE, || {
        (position(lake, topic, partition) >= wanted).then_some(())
    });
    let stands = position(lake, topic, partition);
    assert!(reached.is_some(), "{topic}/{partition} stands at {stands}");
    assert_eq!(stands, wanted);
}

/// Drains one form of the feed into a lake of its own.
fn drained(station: &Station, form: (&str, &str), url: &str) -> PathBuf {
    let (folder, lake) = (schemas(form), station.lake(form.0));
    let more = ["--schemas", text(folder.path()), "--schema-registry", url];
    let idle = ["--until-idle", "1.5"];
    let worker = station.worker(&lake, Pace::ROOMY, &[&more[..], &idle].concat());
    drop(worker.finish(PATIENCE).expect_code(0));
    lake
}

#[test]
fn one_feed_in_three_formats_and_evolved_once_gives_the_same_rows() {
    let station = Station::start();
    let registry = SchemaRegistry::start();
    let brokers = station.broker.address();
    let lakes = [JSON, AVRO, PROTOBUF].map(|form| {
        station.broker.create_topic(form.1, 2);
        let number = |number: u32| line(form, number, i32::from(number % 2 == 1), number > 20);
        let lines: Vec<Value> = (1..=40).map(number).collect();
        let ids = registry.serialise(&brokers, &lines);
        let mut known: Vec<u64> = ids.iter().flatten().copied().collect();
        known.dedup();
        assert_eq!(known.len(), if form == JSON { 0 } else { 2 }, "{}", form.0);
        drained(&station, form, &registry.url())
    });
    let [json, avro, protobuf] = lakes.map(|lake| rows(&lake));
    assert_eq!(json.len(), 40);
    assert!(json == avro, "rows by Avro differ");
    assert!(json == protobuf, "rows by Protobuf differ");
}

#[test]
fn source_text_in_the_registry_is_read_like_a_descriptor() {
    const SOURCE: &str = "syntax = \"proto3\";\nmessage Other {}\nmessage Death {\n  string swzbh = 1;\n  string idcard = 2;\n  \
        string name = 3;\n  string dod = 4;\n  optional string cause = 5;\n}\n";
    let station = Station::start();
    let registry = SchemaRegistry::start();
    station.broker.create_topic(PROTOBUF.1, 1);
    let id = registry.register("death-by-hand", "PROTOBUF", SOURCE);
    let lines: Vec<Value> = (1..=5)
        .map(|number| {
            let mut line = line(PROTOBUF, number, 0, false);
            line["schema_id"] = id.into();
            line
        })
        .collect();
    let ids = registry.serialise(&station.broker.address(), &lines);
    assert_eq!(ids, vec![Some(id); 5]);
    let lake = drained(&station, PROTOBUF, &registry.url());
    assert_eq!((rows(&lake).len(), quarantined(&lake)), (5, 0));
}

#[test]
fn while_the_registry_is_down_known_ids_go_on_unknown_ids_wait_and_nothing_is_held() {
    let station = Station::start();
    let mut registry = SchemaRegistry::start();
    let brokers = station.broker.address();
    station.broker.create_topic(AVRO.1, 2);
    let (folder, lake) = (schemas(AVRO), station.lake("lake"));
    let url = registry.url();
    let more = ["--schemas", text(folder.path()), "--schema-registry", &url];
    let send = |numbers: std::ops::RangeInclusive<u32>, partition, evolved| {
        let lines: Vec<Value> = numbers
            .map(|number| line(AVRO, number, partition, evolved))
            .collect();
        registry.serialise(&brokers, &lines)
    };
    // Partition 0 will meet an id that nobody asked for, partition 1 knows all of its own.
    let old = send(1..=5, 0, false);
    let mut worker = station.worker(&lake, Pace::HASTY, &more);
    worker.wait_for_line(PATIENCE, leads);
    reaches(&lake, AVRO.1, 0, 5);
    let new = send(6..=7, 0, true);
    assert_ne!(old.first(), new.first());
    reaches(&lake, AVRO.1, 0, 7);
    // A third schema, registered before the registry dies and unknown to the worker.
    worker.terminate();
    drop(worker.finish(PATIENCE).expect_code(0));
    let third = json!({"type": "record", "name": "Death", "namespace": "wj", "doc": "third",
        "fields": schema("avro", true)["fields"]});
    let mut unknown = line(AVRO, 8, 0, true);
    unknown["schema"] = third;
    assert_ne!(
        registry.serialise(&brokers, &[unknown]),
        vec![new.first().copied().flatten()]
    );
    send(9..=10, 0, false);
    send(11..=15, 1, true);
    registry.kill();

    // Started without a registry: what was landed is judged again from the lake, known ids go on, the unknown one waits.
    let mut worker = station.worker(&lake, Pace::HASTY, &more);
    worker.wait_for_line(PATIENCE, leads);
    reaches(&lake, AVRO.1, 1, 5);
    worker.wait_for_line(PATIENCE, |line| line.contains("lane waits for a schema"));
    let silent = "schema registry is out of reach";
    let asked_again = wait_for(PATIENCE, || {
        let said = worker.error();
        let times = said.iter().filter(|line| line.contains(silent)).count();
        (times >= 3).then_some(())
    });
    assert!(asked_again.is_some(), "it does not ask again");
    assert_eq!(position(&lake, AVRO.1, 0), 7);
    let said = worker.error();
    let waits = "lane waits for a schema";
    assert_eq!(logged(&said, waits, "topic"), Some(AVRO.1.into()));
    assert_eq!(logged(&said, waits, "registry"), Some("main".into()));
    // Killed while it waits and started again: nothing is lost or judged otherwise.
    drop(worker.kill());
    let worker = station.worker(&lake, Pace::HASTY, &more);
    registry.restart();
    reaches(&lake, AVRO.1, 0, 10);
    worker.terminate();
    drop(worker.finish(PATIENCE).expect_code(0));
    assert_eq!((rows(&lake).len(), quarantined(&lake)), (15, 0));
}

#[test]
fn an_id_that_a_healthy_registry_does_not_have_is_held_and_the_lane_goes_on() {
    let station = Station::start();
    let registry = SchemaRegistry::start();
    let brokers = station.broker.address();
    station.broker.create_topic(AVRO.1, 1);
    registry.serialise(&brokers, &[line(AVRO, 1, 0, false)]);
    let at = START_MS + 2_000;
    let stray = yidang_tests::messages::Message::new(AVRO.1, [0, 0, 0, 0xFF, 0xFF, 2, b'a'])
        .key("x")
        .header("op", "U")
        .header("seq", "2")
        .header("business-time", at.to_string());
    station.send(&[stray.partition(0).at(at)]);
    registry.serialise(&brokers, &[line(AVRO, 3, 0, false)]);
    let (folder, lake) = (schemas(AVRO), station.lake("lake"));
    let url = registry.url();
    let more = ["--schemas", text(folder.path()), "--schema-registry", &url];
    let soon = ["--schema-unknown-seconds", "3", "--until-idle", "1.5"];
    let worker = station.worker(&lake, Pace::HASTY, &[&more[..], &soon].concat());
    drop(worker.finish(PATIENCE).expect_code(0));
    assert_eq!((rows(&lake).len(), quarantined(&lake)), (2, 1));
    let findings = read_agreed(text(&lake.join("finding")), "code");
    assert!(
        findings
            .iter()
            .any(|finding| finding["code"] == "SCHEMA_UNKNOWN")
    );
    let verify = [
        "verify",
        "reconcile",
        "--lake",
        text(&lake),
        "--schemas",
        text(folder.path()),
    ];
    drop(station.verb(&verify).run(PATIENCE).expect_code(0));
}

#[test]
fn a_feed_without_its_registry_is_refused_at_the_start_with_the_flag_that_names_it() {
    let station = Station::start();
    let (folder, lake) = (schemas(AVRO), station.lake("lake"));
    let worker = station.worker(&lake, Pace::HASTY, &["--schemas", text(folder.path())]);
    let finished = worker.finish(PATIENCE).expect_code(4);
    assert!(
        finished.text().contains("--schema-registry main="),
        "{}",
        finished.text()
    );
}

/// One certificate as Avro writes it, without a cause, behind the id 7 of its schema.
fn certificate(number: u32) -> Vec<u8> {
    let mut value = vec![0, 0, 0, 0, 7];
    let name = "陈思远".to_owned();
    let died = "2026-11-02T23:50:00+08:00".to_owned();
    for text in [
        format!("3502002026{number:05}"),
        resident(number),
        name,
        died,
    ] {
        value.push(u8::try_from(text.len() * 2).expect("lengths are short, zigzag"));
        value.extend_from_slice(text.as_bytes());
    }
    value.push(0);
    value
}

#[test]
fn feed_try_reads_avro_by_a_schema_at_hand_and_asks_no_registry() {
    let folder = schemas(AVRO);
    let at = |name: &str| folder.path().join(name);
    let lines = (1..=2).map(|number| {
        json!({
            "topic": AVRO.1, "timestamp": START_MS, "value_base64": BASE64.encode(certificate(number)),
            "headers": {"op": "U", "seq": number.to_string(), "business-time": START_MS.to_string()},
        })
        .to_string()
    });
    let lines: Vec<String> = lines.collect();
    let (file, writers) = (at("messages.jsonl"), at("death.avsc"));
    std::fs::write(&file, lines.join("\n")).expect("the folder is ours");
    std::fs::write(&writers, schema("avro", false).to_string()).expect("the folder is ours");
    let verb = |lake: &Path, more: &[&str]| {
        let verb = ["feed", "try", text(&file), "--schemas", text(folder.path())];
        let arguments = verb.into_iter().chain(["--lake", text(lake)]);
        Launch::yidang(arguments.chain(more.iter().copied())).run(PATIENCE)
    };
    let refused = verb(&at("none"), &[]).expect_code(2);
    assert!(
        refused.text().contains("--schema FILE"),
        "{}",
        refused.text()
    );
    let lake = at("lake");
    drop(verb(&lake, &["--schema", text(&writers)]).expect_code(0));
    assert_eq!(rows(&lake).len(), 2);
}
