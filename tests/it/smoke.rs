//! What the other proofs stand on, proved first: the broker and the store are real, keep what they acknowledged over `kill -9`,
//! and the helpers that send, read and tamper do what they say.

use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions};
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_topic};
use yidang_tests::process::Launch;
use yidang_tests::readers::{
    Edit, Reader, consume_with_confluent, delta_edit, produce_with_confluent, python, read_agreed,
    read_lines,
};
use yidang_tests::seaweed::Seaweed;
use yidang_tests::{lake_log, patience};

const TOPIC: &str = "smoke.v1";

fn sent() -> Vec<Message> {
    let good = Message::new(TOPIC, "{\"name\":\"一档\"}")
        .key("k1")
        .header("seq", "1")
        .header("op", "U")
        .partition(0)
        .at(1_700_000_000_000);
    let binary = Message::new(TOPIC, [0xff, 0x00])
        .partition(1)
        .at(1_700_000_000_001);
    vec![
        good,
        binary,
        Message::tombstone(TOPIC, "k1")
            .partition(0)
            .at(1_700_000_000_002),
    ]
}

#[test]
fn a_killed_broker_keeps_what_both_clients_sent() {
    let (mut broker, took) = patience::timed(RealBroker::start);
    println!("kafka: first start {took:?}");
    broker.create_topic(TOPIC, 2);
    assert_eq!(broker.topics(), [(TOPIC.to_owned(), 2)]);
    assert_eq!(
        broker.topic_setting(TOPIC, "retention.ms"),
        "-1",
        "messages of a fixed date outlive it"
    );
    let lines: Vec<_> = sent().iter().map(Message::to_json_line).collect();
    let again: Vec<_> = lines
        .iter()
        .map(|line| Message::from_json_line(line).to_json_line())
        .collect();
    assert_eq!(lines, again);
    assert_eq!(
        produce(&broker.address(), &sent()),
        [(0, 0), (1, 0), (0, 1)]
    );
    assert_eq!(
        produce_with_confluent(&broker.address(), &sent()),
        [(0, 2), (1, 1), (0, 3)]
    );

    let before = read_topic(&broker.address(), TOPIC);
    broker.kill();
    let ((), took) = patience::timed(|| broker.restart());
    println!("kafka: start after kill -9 {took:?}");
    assert_eq!(read_topic(&broker.address(), TOPIC), before);

    let [first, .., last] = before.as_slice() else {
        panic!("six messages were sent")
    };
    assert_eq!(
        (first.partition, first.timestamp, first.text()),
        (0, 1_700_000_000_000, "{\"name\":\"一档\"}".to_owned())
    );
    assert_eq!(
        (first.header("op"), first.key.clone()),
        (Some("U".to_owned()), Some(b"k1".to_vec()))
    );
    assert_eq!(
        (last.partition, last.value.clone()),
        (1, Some(vec![0xff, 0x00]))
    );

    let seen = consume_with_confluent(&broker.address(), TOPIC);
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[0]["value"], "{\"name\":\"一档\"}");
    assert_eq!(
        seen[0]["headers"],
        serde_json::json!([["seq", "1"], ["op", "U"]])
    );
    assert_eq!(seen[1]["value"], serde_json::Value::Null);
    assert_eq!(seen[4]["value_base64"], "/wA=");
    broker.stop();
}

#[test]
fn a_topic_with_broker_time_ignores_the_producers() {
    let broker = RealBroker::start();
    broker.create_topic_with_broker_time(TOPIC, 1);
    produce(&broker.address(), &[Message::new(TOPIC, "x").at(1)]);
    let stored = read_topic(&broker.address(), TOPIC);
    assert_eq!(stored.len(), 1);
    assert!(stored[0].is_log_append_time && stored[0].timestamp > 1_700_000_000_000);
    broker.delete_topic(TOPIC);
    assert_eq!(broker.topics(), []);
}

#[test]
fn the_store_lets_one_conditional_create_win_and_keeps_it_over_a_kill() {
    let (mut store, took) = patience::timed(|| Seaweed::start("lake"));
    println!("seaweed: first start {took:?}");
    assert_eq!(store.uri("a"), "s3://lake/a");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be had");
    let create = || PutOptions {
        mode: PutMode::Create,
        ..PutOptions::default()
    };
    let path = Path::from("smoke/object");
    runtime.block_on(async {
        let client = store.client();
        client
            .put_opts(&path, "first".into(), create())
            .await
            .expect("nothing is there yet");
        let second = client.put_opts(&path, "second".into(), create()).await;
        assert!(
            matches!(second, Err(object_store::Error::AlreadyExists { .. })),
            "the second create was not refused"
        );
    });
    store.kill();
    store.restart();
    runtime.block_on(async {
        let held = store
            .client()
            .get(&path)
            .await
            .expect("it was acknowledged")
            .bytes()
            .await
            .expect("it is small");
        assert_eq!(held.as_ref(), b"first");
    });
    store.stop();
}

/// A table by a writer that is not ours, with the shapes that the lake's tables have.
const MAKE_TABLE: &str = r#"
import sys, datetime, decimal, deltalake, pyarrow
utc = datetime.timezone.utc
source = pyarrow.struct([("agency", pyarrow.string()), ("times", pyarrow.list_(pyarrow.timestamp("us", tz="UTC")))])
table = pyarrow.table({
    "key": ["b", "a"],
    "offset": pyarrow.array([1, 2], pyarrow.int64()),
    "date": [datetime.date(1949, 12, 31), None],
    "money": pyarrow.array([decimal.Decimal("1.50"), None], pyarrow.decimal128(20, 2)),
    "bytes": pyarrow.array([b"\x00\xff", b""]),
    "sources": pyarrow.array([[{"agency": "一", "times": [datetime.datetime(2026, 1, 1, tzinfo=utc)]}], []], pyarrow.list_(source)),
    "cells": pyarrow.array([[("z", {"source": 1}), ("a", None)], None], pyarrow.map_(pyarrow.string(), pyarrow.struct([("source", pyarrow.int32())]))),
})
deltalake.write_deltalake(sys.stdin.read(), table)
"#;

#[test]
fn three_readers_print_the_same_bytes_and_an_edit_shows_in_all() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let table = folder.path().join("made");
    let uri = table.to_str().expect("temporary folders have plain names");
    let made = python(MAKE_TABLE).input(uri).run(Duration::from_secs(60));
    assert_eq!(made.code, 0, "{}", made.text());

    let rows = read_agreed(uri, "key");
    let second = r#"{"bytes":"00ff","cells":{"a":null,"z":{"source":1}},"date":"1949-12-31","key":"b","money":"1.50","offset":1,"sources":[{"agency":"一","times":["2026-01-01T00:00:00.000000Z"]}]}"#;
    assert_eq!(rows.len(), 2);
    assert_eq!(read_lines(Reader::DuckDb, uri, "key")[1], second);

    assert_eq!(delta_edit(Edit::Double, uri, "key = 'b'")["offset"], 1);
    assert_eq!(delta_edit(Edit::Delete, uri, "key = 'a'")["offset"], 2);
    let keys: Vec<_> = read_agreed(uri, "key")
        .iter()
        .map(|row| row["key"].clone())
        .collect();
    assert_eq!(keys, ["b", "b"]);

    let entries = lake_log::entries(&table);
    assert_eq!((entries.len(), lake_log::rows(&entries)), (3, 2));
    assert!(entries[0].metadata.is_some() && entries[1].commit_info.is_some());
    assert_eq!(
        lake_log::tables(folder.path())
            .into_iter()
            .collect::<Vec<_>>(),
        ["made"]
    );
}

#[test]
fn a_process_gives_its_lines_and_its_code_and_obeys_signals() {
    let mut running = Launch::program(
        "sh",
        [
            "-c",
            "echo one; read answer; echo $answer >&2; exec sleep 600",
        ],
    )
    .input("two\n")
    .start();
    assert_eq!(
        running.wait_for_line(Duration::from_secs(10), |line| line.starts_with('t')),
        "two"
    );
    assert_eq!(running.out(), ["one"]);
    running.freeze();
    running.resume();
    assert_eq!(running.code(), None);
    assert_eq!(running.kill().code, 128 + 9);
    let finished = Launch::program("sh", ["-c", "echo '{\"a\":1}'; exit 3"])
        .run(Duration::from_secs(10))
        .expect_code(3);
    assert_eq!(finished.json(), [serde_json::json!({"a": 1})]);
}
