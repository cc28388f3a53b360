//! The city end to end: the lake and what agencies receive equal the truth, and the same stream in other orders gives the same
//! files.

mod events;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yidang_simulate::{City, CitySettings};
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_message_file};
use yidang_tests::process::Launch;
use yidang_tests::records::PENALTY;

const ASSIST: &str = "src.mz.assist.v1";
const PATIENCE: Duration = Duration::from_secs(300);
const SEED: u64 = 5;
const RECORDS: u64 = 50_000;
const END: &str = "2026-09-01T00:00:00Z";
const END_MS: i64 = 1_788_220_800_000;
const ID_KEY: [u8; 32] = [0x5A; 32];

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

#[test]
fn twenty_seeds_of_the_city_equal_their_truth() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    for seed in 1..=20_u32 {
        let lake = folder.path().join(seed.to_string()).display().to_string();
        let seed = seed.to_string();
        let arguments = [
            "demo",
            "--lake",
            &lake,
            "--seed",
            &seed,
            "--records",
            "3000",
        ];
        let finished = Launch::yidang(
            arguments
                .into_iter()
                .chain(["--rate", "0", "--exit", "--json"]),
        )
        .run(PATIENCE)
        .expect_code(0);
        let result = finished.json().remove(0);
        let compared = &result["comparison"];
        assert_eq!(
            (
                &result["equal"],
                &compared["differences"]["count"],
                &compared["never_compared"]
            ),
            (&true.into(), &0.into(), &Value::Array(Vec::new())),
            "seed {seed}"
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

/// A few messages of each lane in turn, other numbers each time; each lane in an order of its own with some messages twice,
/// but for the feeds of which the place in the lane says something.
fn shuffled(messages: Vec<Message>) -> Vec<Message> {
    let lanes = lanes(messages).into_iter();
    let lanes = lanes.map(|lane| {
        // Penalties are ordered by their log, and a list of assistance is closed by what comes before its marker.
        let keeps_order = lane
            .iter()
            .any(|message| message.topic == PENALTY || message.topic == ASSIST);
        if keeps_order {
            lane
        } else {
            shuffled_lane(lane)
        }
    });
    in_turns(lanes.collect())
}

/// An order that follows from the places alone: the same at every run.
fn shuffled_lane(lane: Vec<Message>) -> Vec<Message> {
    let draw = |place: usize, copy: u8| blake3::hash(format!("{SEED}/{place}/{copy}").as_bytes());
    let mut drawn = Vec::new();
    for (place, message) in lane.into_iter().enumerate() {
        if place % 20 == 0 {
            drawn.push((*draw(place, 1).as_bytes(), message.clone()));
        }
        drawn.push((*draw(place, 0).as_bytes(), message));
    }
    drawn.sort_by_key(|(draw, _)| *draw);
    drawn.into_iter().map(|(_, message)| message).collect()
}

fn in_turns(lanes: Vec<Vec<Message>>) -> Vec<Message> {
    let mut lanes: Vec<_> = lanes.into_iter().map(Vec::into_iter).collect();
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

/// Messages that come after a later one of their topic and message key.
fn overtaken(told: &[Message], other: &[Message]) -> usize {
    let places: BTreeMap<String, usize> = told
        .iter()
        .enumerate()
        .map(|(place, message)| (message.to_json_line(), place))
        .collect();
    let mut greatest: BTreeMap<(&str, &[u8]), usize> = BTreeMap::new();
    let mut overtaken = 0;
    for message in other {
        let Some(key) = &message.key else { continue };
        let place = places[&message.to_json_line()];
        let greatest = greatest.entry((&message.topic, key)).or_insert(place);
        overtaken += usize::from(place < *greatest);
        *greatest = place.max(*greatest);
    }
    overtaken
}

/// A city that was streamed into a lake through a broker of its own.
struct Streamed {
    broker: RealBroker,
    lake: String,
    digests: BTreeMap<String, String>,
}

/// Streams messages in their order while a worker runs.
fn stream(
    folder: &Path,
    key: &str,
    name: &str,
    messages: &[Message],
    epoch_messages: &str,
) -> Streamed {
    let broker = RealBroker::start();
    for (topic, partitions) in City::topics() {
        broker.create_topic(&topic, partitions);
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
    let digests = digests(&lake);
    Streamed {
        broker,
        lake,
        digests,
    }
}

/// Digest of each file table.
fn digests(lake: &str) -> BTreeMap<String, String> {
    let arguments = ["verify", "digest", "--lake", lake, "--json"];
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
    told.iter()
        .map(|line| (text(line, "table"), text(line, "digest")))
        .collect()
}

/// Every lane was told in its order, so coordinates are those of the truth.
fn equals_its_truth(streamed: &Streamed, key: &str) {
    let (seed, records) = (SEED.to_string(), RECORDS.to_string());
    let arguments = [
        "verify",
        "truth",
        "--lake",
        &streamed.lake,
        "--records",
        &records,
        "--seed",
        &seed,
        "--end",
        END,
    ];
    let equal = Launch::yidang(arguments.into_iter().chain(["--id-key-file", key])).run(PATIENCE);
    assert_eq!(equal.code, 0, "{}: {}", streamed.lake, equal.text());
}

#[test]
fn one_stream_in_three_orders_and_batchings_gives_equal_files_and_the_events_of_the_truth() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let key = folder.path().join("id.key");
    std::fs::write(&key, ID_KEY).expect("the folder is ours");
    let key = key.display().to_string();
    let city = folder.path().join("city");
    let (seed, records) = (SEED.to_string(), RECORDS.to_string());
    let out = city.display().to_string();
    let arguments = [
        "simulate",
        "--records",
        &records,
        "--seed",
        &seed,
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

    let as_told = stream(folder.path(), &key, "as-told", &messages, "50000");
    assert_eq!(as_told.digests.len(), 2);
    equals_its_truth(&as_told, &key);
    let mut settings = CitySettings::new(SEED, RECORDS, END_MS);
    settings.id_key = Some(ID_KEY);
    events::equal_the_truth(&as_told.broker, &City::new(settings).truth());

    let by_lane = lane_after_lane(messages.clone());
    let by_lane = stream(folder.path(), &key, "by-lane", &by_lane, "1000");
    equals_its_truth(&by_lane, &key);
    assert_eq!(as_told.digests, by_lane.digests);

    let other = shuffled(messages.clone());
    let overtaken = overtaken(&messages, &other);
    println!(
        "{} messages told twice, {overtaken} overtaken by a later one of their key",
        other.len() - messages.len()
    );
    assert!(other.len() > messages.len() + 1_000 && overtaken > 1_000);
    let other = stream(folder.path(), &key, "shuffled", &other, "7919");
    assert_eq!(as_told.digests, other.digests);
}
