//! `feed check` and the stream agree: the same messages, offline and through a real broker, have the same outcome, rules, codes
//! and fields, record by record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_message_file};
use yidang_tests::process::{Finished, Launch};
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::repository;

const OUTCOMES: [&str; 5] = ["control", "accepted", "flagged", "quarantined", "rejected"];

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn rows(lake: &Path, table: &str) -> Vec<Value> {
    let lines = read_lines(Reader::DeltaLake, text(&lake.join(table)), "offset");
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("the script prints JSON"))
        .collect()
}

/// Topic, partition, offset, row.
type Place = (String, i64, i64, i64);

fn part<'v>(row: &'v Value, name: &str) -> &'v str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is a text"))
}

fn place(row: &Value) -> Place {
    let number = |name: &str| row[name].as_i64().unwrap_or(0);
    (
        part(row, "topic").to_owned(),
        number("partition"),
        number("offset"),
        number("row"),
    )
}

/// What one side says of a record: outcome, and rule, code and field of every failure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Said {
    outcome: String,
    failed: BTreeSet<(String, String, String)>,
}

/// The offline verdicts by coordinates. `placed` is where each line of the file went.
fn offline(check: &Finished, placed: &[(i32, i64)]) -> BTreeMap<Place, Said> {
    let mut said = BTreeMap::new();
    for record in check.json() {
        let line =
            usize::try_from(record["line"].as_u64().expect("a line")).expect("files are short");
        let (partition, offset) = placed[line - 1];
        assert_eq!(record["partition"], partition);
        let texts = |name: &str| -> Vec<String> {
            let list = record[name].as_array().expect("a list").iter();
            list.map(|text| text.as_str().expect("a text").to_owned())
                .collect()
        };
        let (rules, codes, fields) = (texts("rules"), texts("codes"), texts("fields"));
        let failed = rules
            .into_iter()
            .zip(codes)
            .zip(fields)
            .map(|((rule, code), field)| (rule, code, field));
        let place = (
            part(&record, "topic").to_owned(),
            partition.into(),
            offset,
            record["row"].as_i64().expect("a row"),
        );
        let one = Said {
            outcome: part(&record, "outcome").to_owned(),
            failed: failed.collect(),
        };
        assert!(said.insert(place, one).is_none(), "a record is told twice");
    }
    said
}

/// Whether the stream alone can find it: issues that a header `corrects` names, and what a marker ends, are known to a
/// lake, not to a file.
fn needs_a_lake(code: &str) -> bool {
    code.starts_with("CORRECTS_") && code != "CORRECTS_FORMAT" || code.starts_with("SNAPSHOT_")
}

/// Findings of the stream by coordinates.
fn found(lake: &Path) -> BTreeMap<Place, Said> {
    let mut said: BTreeMap<Place, Said> = BTreeMap::new();
    for row in rows(lake, "finding")
        .iter()
        .filter(|row| !needs_a_lake(part(row, "code")))
    {
        let one = said.entry(place(row)).or_default();
        part(row, "outcome").clone_into(&mut one.outcome);
        let failed = ["rule_id", "code", "field"].map(|name| part(row, name).to_owned());
        let [rule, code, field] = failed;
        one.failed.insert((rule, code, field));
    }
    said
}

/// Records by outcome of each message, in the order of [`OUTCOMES`].
fn counts_offline(said: &BTreeMap<Place, Said>) -> BTreeMap<(String, i64, i64), [i64; 5]> {
    let mut counts = BTreeMap::new();
    for ((topic, partition, offset, _), one) in said {
        let slots: &mut [i64; 5] = counts
            .entry((topic.clone(), *partition, *offset))
            .or_default();
        for (slot, outcome) in slots.iter_mut().zip(OUTCOMES) {
            *slot += i64::from(outcome == one.outcome);
        }
    }
    counts
}

fn counts_landed(lake: &Path) -> BTreeMap<(String, i64, i64), [i64; 5]> {
    let landed = rows(lake, "landing");
    let one = |row: &Value| {
        let (topic, partition, offset, _) = place(row);
        (
            (topic, partition, offset),
            OUTCOMES.map(|outcome| row[outcome].as_i64().expect("a count")),
        )
    };
    landed.iter().map(one).collect()
}

/// Creates the topics of some messages, each in this way.
fn create_topics(broker: &RealBroker, messages: &[Message], create: fn(&RealBroker, &str, i32)) {
    let mut partitions: BTreeMap<&str, i32> = BTreeMap::new();
    for message in messages {
        let needed = message.partition.expect("the city names its partitions") + 1;
        let most = partitions.entry(&message.topic).or_default();
        *most = needed.max(*most);
    }
    for (topic, partitions) in partitions {
        create(broker, topic, partitions);
    }
}

#[test]
fn the_file_and_the_stream_say_the_same_of_every_simulated_record() {
    say_the_same(RealBroker::create_topic);
}

/// Verdicts of dates go by the broker's time there.
#[test]
fn they_say_the_same_where_the_broker_sets_the_times() {
    let lake = say_the_same(RealBroker::create_topic_with_broker_time);
    let landed = rows(&lake.path().join("lake"), "landing");
    let by_broker = |row: &&Value| row["log_append_time"] == true;
    assert_eq!(landed.iter().filter(by_broker).count(), landed.len());
}

/// A city as a file and through topics that are created in this way; gives the folder with the lake.
fn say_the_same(create: fn(&RealBroker, &str, i32)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let (city, lake) = (folder.path().join("city"), folder.path().join("lake"));
    std::fs::create_dir(&city).expect("the folder is ours");
    let simulate = [
        "simulate",
        "--seed",
        "7",
        "--records",
        "5000",
        "--out",
        text(&city),
    ];
    drop(
        Launch::yidang(simulate)
            .run(Duration::from_secs(60))
            .expect_code(0),
    );
    let file = city.join("messages.jsonl");
    let messages = read_message_file(&file);

    let broker = RealBroker::start();
    create_topics(&broker, &messages, create);
    let placed = produce(&broker.address(), &messages);
    let address = broker.address();
    let run = [
        "run",
        "--brokers",
        &address,
        "--lake",
        text(&lake),
        "--listen",
        "127.0.0.1:0",
        "--until-idle",
        "1",
    ];
    drop(
        Launch::yidang(run)
            .run(Duration::from_secs(120))
            .expect_code(0),
    );

    let check = ["feed", "check", text(&file), "--json"];
    let check = Launch::yidang(check)
        .run(Duration::from_secs(60))
        .expect_code(1);
    let offline = offline(&check, &placed);
    let found = found(&lake);
    let failing: BTreeMap<Place, Said> = offline
        .iter()
        .filter(|(_, said)| !said.failed.is_empty())
        .map(|(at, said)| (at.clone(), said.clone()))
        .collect();
    for (at, said) in &failing {
        assert_eq!(Some(said), found.get(at), "{at:?}");
    }
    assert_eq!(
        failing.len(),
        found.len(),
        "the stream finds what the file does not"
    );
    assert_eq!(
        counts_offline(&offline),
        counts_landed(&lake),
        "records by outcome of each message"
    );
    held_alike(&offline, &lake);
    everything_was_compared(&offline);
    folder
}

/// Held and refused records stand in `quarantine` with the same rules.
fn held_alike(offline: &BTreeMap<Place, Said>, lake: &Path) {
    let held = |outcome: &str| matches!(outcome, "quarantined" | "rejected");
    let expected: BTreeMap<Place, (String, BTreeSet<String>)> = offline
        .iter()
        .filter(|(_, said)| held(&said.outcome))
        .map(|(at, said)| {
            (
                at.clone(),
                (
                    said.outcome.clone(),
                    said.failed.iter().map(|(rule, ..)| rule.clone()).collect(),
                ),
            )
        })
        .collect();
    let stood = rows(lake, "quarantine");
    let stood: BTreeMap<Place, (String, BTreeSet<String>)> = stood
        .iter()
        .map(|row| {
            let rules = row["rules"].as_array().expect("a list").iter();
            let rules = rules
                .map(|rule| rule.as_str().expect("a text").to_owned())
                .collect();
            (place(row), (part(row, "outcome").to_owned(), rules))
        })
        .collect();
    assert_eq!(expected, stood);
}

/// Agreement about nothing would prove nothing.
fn everything_was_compared(offline: &BTreeMap<Place, Said>) {
    let mut by_topic: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    for ((topic, ..), said) in offline {
        *by_topic
            .entry(topic)
            .or_default()
            .entry(&said.outcome)
            .or_default() += 1;
    }
    let rules: BTreeSet<_> = offline
        .values()
        .flat_map(|said| &said.failed)
        .map(|(rule, ..)| rule)
        .collect();
    println!(
        "feed check: {} records, {} rules failed, {by_topic:?}",
        offline.len(),
        rules.len()
    );
    assert!(
        by_topic.len() == 18 && rules.len() > 150,
        "{} topics, {} rules",
        by_topic.len(),
        rules.len()
    );
    for outcomes in by_topic.values() {
        for outcome in OUTCOMES.iter().filter(|outcome| **outcome != "control") {
            assert!(
                outcomes.contains_key(outcome),
                "{outcome} was never compared: {by_topic:?}"
            );
        }
    }
}

const AT: &str = "2026-11-23T10:13:20+08:00";

fn check(arguments: &[&str]) -> Finished {
    let start = ["feed", "check"];
    Launch::yidang(start.iter().chain(arguments)).run(Duration::from_secs(30))
}

#[test]
fn a_bare_file_is_checked_by_its_lines_and_says_what_it_assumed() {
    let contracts = repository().join("schemas/contracts");
    let good = contracts.join("ga/hukou.good.jsonl");
    let finished = check(&[text(&good), "--feed", "ga.hukou", "--at", AT]).expect_code(0);
    let told = finished.error.join("\n");
    let lines = std::fs::read_to_string(&good).expect("the repository is readable");
    let all = format!("ga.hukou: accepted {}", lines.lines().count());
    assert!(
        told.contains("header seq") && told.contains("2026-11-23T02:13:20Z (--at)"),
        "{told}"
    );
    assert!(
        finished.out.iter().any(|line| line.starts_with(&all)),
        "{}",
        finished.text()
    );
    let finished = check(&[text(&good), "--feed", "ga.hukou"]).expect_code(0);
    assert!(
        finished.error.join("\n").contains("(the file's own time)"),
        "{}",
        finished.text()
    );

    let bad = contracts.join("scjg/penalty.bad.csv");
    let finished =
        check(&[text(&bad), "--feed", "scjg.penalty", "--at", AT, "--json"]).expect_code(1);
    let told: Vec<(u64, u64, String)> = finished
        .json()
        .iter()
        .map(|record| {
            let number = |name: &str| record[name].as_u64().expect("a number");
            (
                number("line"),
                number("row"),
                part(record, "outcome").to_owned(),
            )
        })
        .take(3)
        .collect();
    let expected = [
        (2, 0, "rejected"),
        (3, 1, "quarantined"),
        (4, 2, "rejected"),
    ];
    assert_eq!(
        told,
        expected.map(|(line, row, outcome)| (line, row, outcome.to_owned()))
    );
}

#[test]
fn findings_are_told_in_both_languages_and_without_a_value() {
    let bad = repository().join("schemas/contracts/ga/hukou.bad.jsonl");
    let lines = std::fs::read_to_string(&bad).expect("the repository is readable");
    let english = check(&[text(&bad), "--feed", "ga.hukou", "--at", AT]).expect_code(1);
    let chinese =
        check(&[text(&bad), "--feed", "ga.hukou", "--at", AT, "--lang", "zh"]).expect_code(1);
    assert!(
        english
            .out
            .iter()
            .any(|line| line == "line 5: rejected  ga.hukou"),
        "{}",
        english.text()
    );
    assert!(
        english
            .out
            .iter()
            .any(|line| line.contains("auto:GMSFHM:resident_id  ID_CHECK  GMSFHM"))
    );
    assert!(
        english
            .out
            .iter()
            .any(|line| line.contains("fails its check character"))
    );
    assert!(
        chinese
            .out
            .iter()
            .any(|line| line.contains("第 5 行：退回")),
        "{}",
        chinese.text()
    );
    assert!(
        chinese
            .out
            .iter()
            .any(|line| line.contains("公民身份号码校验位不符"))
    );
    let numbers = |text: &str| -> BTreeSet<String> {
        let runs = text.split(|letter: char| !letter.is_ascii_digit());
        runs.filter(|run| run.len() >= 15)
            .map(str::to_owned)
            .collect()
    };
    let personal = numbers(&lines);
    assert!(personal.len() > 2, "the samples hold identifiers");
    for told in [english.text(), chinese.text()] {
        assert!(
            numbers(&told).is_disjoint(&personal) && !told.contains("陈思远"),
            "a personal value is shown"
        );
    }
}

#[test]
fn a_file_that_is_none_is_usage_with_the_way_out() {
    let finished = check(&["no-such-file.jsonl"]).expect_code(2);
    assert!(
        finished.text().contains("no-such-file.jsonl"),
        "{}",
        finished.text()
    );
    let good = repository().join("schemas/contracts/ga/hukou.good.jsonl");
    let finished = check(&[text(&good)]).expect_code(2);
    assert!(
        finished.text().contains("--feed FEED"),
        "{}",
        finished.text()
    );
    let unread = r#"{"topic":"src.nobody.v1","partition":0,"timestamp":1,"key":null,"headers":[],"value":"{}"}"#;
    let finished = Launch::yidang(["feed", "check", "-", "--json"]).input(unread);
    let finished = finished.run(Duration::from_secs(30)).expect_code(1);
    assert_eq!(finished.json()[0]["outcome"], "unread");
    let cut = format!("{unread}\n{{\"topic\":\"secret-13800138000\"");
    let finished = Launch::yidang(["feed", "check", "-"])
        .input(cut)
        .run(Duration::from_secs(30))
        .expect_code(2);
    assert!(
        finished.text().contains("line 2") && !finished.text().contains("13800138000"),
        "{}",
        finished.text()
    );
}
