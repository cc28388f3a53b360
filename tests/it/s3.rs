//! The same stream into a lake on an object store and into one on disk gives the same files.
//!
//! SeaweedFS speaks S3; the run is given what a user gives it: an address, the usual `AWS_*` variables and the id key.
//! Both lakes are read by readers that are not ours, and by `verify digest`.

mod outage;

use std::time::Duration;

use serde_json::{Value, json};
use yidang_tests::broker::RealBroker;
use yidang_tests::patience::timed;
use yidang_tests::process::Launch;
use yidang_tests::readers::oracle;
use yidang_tests::seaweed::Seaweed;

const PATIENCE: Duration = Duration::from_secs(300);
const RECORDS: &str = "50000";
/// What tells when a row was written, not what it says.
const ARRIVAL: [&str; 3] = ["record_version", "first_seen_at", "updated_at"];

/// What a user writes before `yidang run --lake s3://…` on a store that is not Amazon's and speaks plain HTTP.
fn environment(given: &[(String, String)]) -> Vec<(String, String)> {
    let value = |name: &str| {
        let found = given.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.clone())
            .expect("the store says how it is reached")
    };
    let names = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_ALLOW_HTTP",
    ];
    names.map(|name| (name.to_owned(), value(name))).to_vec()
}

fn run(broker: &RealBroker, lake: &str, key: &str, environment: &[(String, String)]) {
    let address = broker.address();
    let arguments = [
        "run",
        "--brokers",
        &address,
        "--lake",
        lake,
        "--until-idle",
        "1",
        "--listen",
        "127.0.0.1:0",
    ];
    let launch = Launch::yidang(arguments)
        .variable("YIDANG_ID_KEY_FILE", key)
        .variables(environment);
    let (_, took) = timed(|| launch.run(PATIENCE).expect_code(0));
    println!(
        "s3: run into {} took {took:?}",
        lake.split(':').next().unwrap_or(lake)
    );
}

/// Rows of a table, sorted by `key`.
fn table_lines(table: &str, key: &str, environment: &[(String, String)]) -> Vec<Value> {
    let options: serde_json::Map<String, Value> = environment
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let mut launch = oracle(
        "read_table.py",
        ["--reader", "polars", "--table", table, "--key", key],
    );
    if !options.is_empty() {
        launch = launch.variable("ORACLE_STORAGE_OPTIONS", Value::Object(options).to_string());
    }
    launch.run(PATIENCE).expect_code(0).json()
}

/// The same without arrival facts. The key comes first in each reader's order, so they stay sorted.
fn rows(table: &str, key: &str, environment: &[(String, String)]) -> Vec<Value> {
    let mut rows = table_lines(table, key, environment);
    for row in &mut rows {
        let row = row.as_object_mut().expect("a row is an object");
        for column in ARRIVAL {
            assert!(row.remove(column).is_some(), "{table} has {column}");
        }
    }
    rows
}

/// Lines of `verify digest --json` without versions: they count commits.
fn digests(lake: &str, key: &str, environment: &[(String, String)]) -> Vec<Value> {
    let launch = Launch::yidang(["verify", "digest", "--lake", lake, "--json"]);
    let finished = launch
        .variable("YIDANG_ID_KEY_FILE", key)
        .variables(environment)
        .run(PATIENCE)
        .expect_code(0);
    let mut lines = finished.json();
    for line in &mut lines {
        let line = line.as_object_mut().expect("a line is an object");
        assert!(
            line.remove("version").is_some() && line.contains_key("digest"),
            "a digest names its version"
        );
    }
    lines
}

#[test]
fn fifty_thousand_records_on_an_object_store_give_the_files_of_the_local_lake() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let path = |name: &str| {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("plain names")
            .to_owned()
    };
    let key = path("id.key");
    std::fs::write(&key, [11_u8; 32]).expect("the folder is ours");
    let broker = RealBroker::start();
    let simulate = [
        "simulate",
        "--records",
        RECORDS,
        "--brokers",
        &broker.address(),
        "--id-key-file",
        &key,
    ];
    drop(Launch::yidang(simulate).run(PATIENCE).expect_code(0));
    let store = Seaweed::start("lake");
    let (local, remote, there) = (
        path("lake"),
        store.uri("city/lake"),
        environment(&store.environment()),
    );
    run(&broker, &local, &key, &[]);
    run(&broker, &remote, &key, &there);
    for (table, key) in [("person_file", "person_id"), ("enterprise_file", "ent_id")] {
        let expected = rows(&format!("{local}/{table}"), key, &[]);
        assert!(
            expected.len() > 1_000,
            "{table} has {} rows",
            expected.len()
        );
        let found = rows(&format!("{remote}/{table}"), key, &there);
        let different = expected
            .iter()
            .zip(&found)
            .position(|(one, other)| one != other);
        assert_eq!(
            (found.len(), different),
            (expected.len(), None),
            "{table}, row number above"
        );
        println!("s3: {table}: {} rows are the same on both", found.len());
    }
    let (expected, found) = (digests(&local, &key, &[]), digests(&remote, &key, &there));
    assert_eq!(expected.len(), 2, "one digest per file");
    assert_eq!(expected, found);
    println!("s3: verify digest: {}", Value::Array(found));
}

#[test]
fn an_object_store_without_an_id_key_is_refused_with_the_way_out() {
    let store = Seaweed::start("lake");
    let lake = store.uri("city/lake");
    // Nothing listens there: the key is asked for before anything is read.
    let arguments = [
        "run",
        "--brokers",
        "127.0.0.1:1",
        "--lake",
        &lake,
        "--listen",
        "127.0.0.1:0",
    ];
    let finished = Launch::yidang(arguments)
        .variables(&environment(&store.environment()))
        .run(Duration::from_secs(20));
    let text = finished.error.join("\n");
    assert_eq!(finished.code, 4, "{text}");
    assert!(
        text.contains("no id key") && text.contains("YIDANG_ID_KEY_FILE"),
        "{text}"
    );
}
