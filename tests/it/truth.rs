//! The city through a real Kafka: the lake equals the truth, and the same stream in other orders gives the same files.
//!
//! Twenty seeds without a broker are tested beside the comparison itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_message_file};
use yidang_tests::process::Launch;

const PATIENCE: Duration = Duration::from_secs(300);
const RECORDS: &str = "50000";
const END: &str = "2026-09-01T00:00:00Z";

#[test]
fn two_cities_through_a_real_kafka_equal_their_truth() {
    for seed in ["31", "32"] {
        let broker = RealBroker::start();
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let lake = folder.path().join("lake").display().to_string();
        let arguments = [
            "demo",
            "--brokers",
            &broker.address(),
            "--lake",
            &lake,
            "--records",
            "4000",
            "--seed",
            seed,
        ];
        let finished = Launch::yidang(arguments.into_iter().chain(["--exit", "--json"]))
            .run(PATIENCE)
            .expect_code(0);
        let result = finished.json().remove(0);
        assert_eq!(
            (
                &result["equal"],
                &result["comparison"]["differences"]["count"]
            ),
            (&true.into(), &0.into())
        );

        // Topics that hold records already are refused: coordinates would not be those of the truth.
        let again = folder.path().join("again").display().to_string();
        let arguments = [
            "demo",
            "--brokers",
            &broker.address(),
            "--lake",
            &again,
            "--exit",
        ];
        let refused = Launch::yidang(arguments).run(PATIENCE).expect_code(4);
        assert!(
            refused.text().contains("holds records"),
            "{}",
            refused.text()
        );
    }
}

/// Messages by lane, in the order of each lane.
fn lanes(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut lanes: BTreeMap<(String, Option<i32>), Vec<Message>> = BTreeMap::new();
    for message in messages {
        lanes
            .entry((message.topic.clone(), message.partition))
            .or_default()
            .push(message);
    }
    lanes.into_values().collect()
}

/// One lane after the other, the last first.
fn lane_after_lane(messages: Vec<Message>) -> Vec<Message> {
    lanes(messages).into_iter().rev().flatten().collect()
}

/// A few messages of each lane in turn, other numbers each time.
fn in_turns(messages: Vec<Message>) -> Vec<Message> {
    let mut lanes: Vec<_> = lanes(messages).into_iter().map(Vec::into_iter).collect();
    let mut mixed = Vec::new();
    let mut turn = 0_usize;
    while !lanes.is_empty() {
        for lane in &mut lanes {
            turn = (turn * 31 + 17) % 257;
            mixed.extend(lane.by_ref().take(1 + turn));
        }
        lanes.retain(|lane| lane.len() > 0);
    }
    mixed
}

/// Streams messages in their order through a broker of its own; gives the digest of each table.
fn digests(
    folder: &Path,
    key: &str,
    name: &str,
    messages: &[Message],
    epoch_messages: &str,
) -> BTreeMap<String, String> {
    let broker = RealBroker::start();
    for (topic, partitions) in yidang_simulate::City::topics() {
        broker.create_topic_with(&topic, partitions, &[("retention.ms", "-1")]);
    }
    let lake = folder.join(name).display().to_string();
    let arguments = [
        "run",
        "--brokers",
        &broker.address(),
        "--lake",
        &lake,
        "--id-key-file",
        key,
    ];
    let further = [
        "--listen",
        "127.0.0.1:0",
        "--until-idle",
        "6",
        "--epoch-messages",
        epoch_messages,
    ];
    let running = Launch::yidang(arguments.into_iter().chain(further)).start();
    let mut sent = 0;
    for part in messages.chunks(5_000) {
        sent += produce(&broker.address(), part).len();
    }
    assert_eq!(sent, messages.len());
    let finished = running.finish(PATIENCE);
    assert_eq!(finished.code, 0, "{}", finished.text());
    let arguments = ["verify", "digest", "--lake", &lake, "--json"];
    let told = Launch::yidang(arguments)
        .run(PATIENCE)
        .expect_code(0)
        .json();
    let text = |line: &Value, name: &str| {
        line[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {line}"))
            .to_owned()
    };
    let truth = [
        "verify",
        "truth",
        "--lake",
        &lake,
        "--records",
        RECORDS,
        "--seed",
        "5",
        "--end",
        END,
    ];
    let equal = Launch::yidang(truth.into_iter().chain(["--id-key-file", key])).run(PATIENCE);
    assert_eq!(equal.code, 0, "{name}: {}", equal.text());
    told.iter()
        .map(|line| (text(line, "table"), text(line, "digest")))
        .collect()
}

#[test]
fn one_stream_in_three_orders_and_batchings_gives_equal_files() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let key = folder.path().join("id.key");
    std::fs::write(&key, "0123456789abcdef".repeat(4)).expect("the folder is ours");
    let key = key.display().to_string();
    let city = folder.path().join("city");
    std::fs::create_dir(&city).expect("the folder is ours");
    let out = city.display().to_string();
    let arguments = [
        "simulate",
        "--records",
        RECORDS,
        "--seed",
        "5",
        "--end",
        END,
        "--out",
        &out,
        "--id-key-file",
        &key,
    ];
    let told = Launch::yidang(arguments).run(PATIENCE).expect_code(0);
    println!("{}", told.out.join(" "));
    let messages = read_message_file(&city.join("messages.jsonl"));
    let as_told = digests(folder.path(), &key, "as-told", &messages, "50000");
    assert_eq!(as_told.len(), 2);
    let by_lane = digests(
        folder.path(),
        &key,
        "by-lane",
        &lane_after_lane(messages.clone()),
        "1000",
    );
    let mixed = digests(folder.path(), &key, "mixed", &in_turns(messages), "7919");
    assert_eq!(as_told, by_lane);
    assert_eq!(as_told, mixed);
}
