//! No personal value leaves: not in logs at their most talkative, metrics, errors, events, object names or Delta logs.
//!
//! A run meets a city and canaries in every personal field, key and header of every feed through every kind of error;
//! it is killed, recovers and is stopped. Then everything that anybody but a reader of tables can see is searched for
//! every mark in every form. Tables and `explain` may show values, and the tables are where the canaries must be found,
//! or the search would prove nothing.

mod formats;
mod messages;
mod search;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use yidang_ingest::engine::{Engine, EngineSettings};
use yidang_ingest::epoch::{EpochInput, LandedMessage};
use yidang_schemas::catalog::Catalog;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_topic};
use yidang_tests::patience::{Deadline, pause, timed};
use yidang_tests::process::{Finished, Launch, Running};
use yidang_tests::readers::{Reader, read_lines};
use yidang_transform::token::IdKey;

use search::{DIGITS, Form, HAN};

const PATIENCE: Duration = Duration::from_secs(120);
/// Bodies above it are rejected unread; one canary of every feed is.
const MESSAGE_BYTES: &str = "60000";

/// What was said, by where.
struct Said(Vec<(String, Vec<u8>)>);

impl Said {
    fn add(&mut self, place: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.0.push((place.into(), text.into()));
    }

    fn add_process(&mut self, place: &str, finished: &Finished) {
        self.add(format!("{place}: standard output"), finished.out.join("\n"));
        self.add(
            format!("{place}: standard error"),
            finished.error.join("\n"),
        );
    }

    /// Searches everything; the message names places, forms and counts.
    fn check(&self, forms: &[Form]) {
        let mut leaks = String::new();
        for (place, text) in &self.0 {
            for found in search::found(forms, text) {
                writeln!(leaks, "{place}: {found}").expect("a string takes all");
            }
            let numbers = search::resident_numbers(text);
            if numbers > 0 {
                writeln!(leaks, "{place}: {numbers} valid resident ids")
                    .expect("a string takes all");
            }
        }
        let bytes: usize = self.0.iter().map(|(_, text)| text.len()).sum();
        println!(
            "canary: {bytes} bytes of {} places searched for {} forms",
            self.0.len(),
            forms.len()
        );
        assert!(leaks.is_empty(), "personal values left:\n{leaks}");
    }
}

fn catalog() -> Catalog {
    Catalog::embedded().unwrap_or_else(|problems| panic!("{} problems", problems.len()))
}

/// A run that logs all it can.
fn run(broker: &RealBroker, lake: &str, further: &[&str]) -> Running {
    let address = broker.address();
    let run = [
        "run",
        "--brokers",
        &address,
        "--lake",
        lake,
        "--listen",
        "127.0.0.1:0",
    ];
    let bounds = [
        "--epoch-messages",
        "40",
        "--epoch-milliseconds",
        "20",
        "--message-bytes",
        MESSAGE_BYTES,
    ];
    let launch = Launch::yidang(run.iter().chain(&bounds).chain(further));
    launch
        .variable("RUST_LOG", "trace")
        .variable("RUST_BACKTRACE", "full")
        .start()
}

/// What a page of the run's says; empty once it has ended.
fn page(running: &mut Running, path: &str) -> Vec<u8> {
    let line = running.wait_for_line(PATIENCE, |line| line.contains("http://"));
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .expect("an address stands there");
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let asked = write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        drop(asked.and_then(|()| stream.read_to_end(&mut answer)));
    }
    answer
}

/// Kills a run in mid-stream, lets another recover and come to the end, and stops it.
fn tell_all(broker: &RealBroker, lake: &str, canaries: &[Message], said: &mut Said) {
    let (first, rest) = canaries.split_at(canaries.len() / 2);
    produce(&broker.address(), first);
    let mut running = run(broker, lake, &[]);
    running.wait_for_line(PATIENCE, |line| line.starts_with("epoch 40:"));
    said.add("metrics before the kill", page(&mut running, "/metrics"));
    let killed = running.kill();
    assert_eq!(killed.code, 128 + 9);
    said.add_process("killed run", &killed);

    produce(&broker.address(), rest);
    let mut running = run(broker, lake, &["--log-format", "json"]);
    let deadline = Deadline::after(PATIENCE);
    let mut calm = 0;
    while calm < 3 {
        assert!(
            !deadline.is_past(),
            "it did not come to the end: {}",
            running.said()
        );
        for path in ["/healthz", "/readyz", "/"] {
            said.add(path, page(&mut running, path));
        }
        let metrics = page(&mut running, "/metrics");
        calm = if has_read_all(&metrics) { calm + 1 } else { 0 };
        said.add("/metrics", metrics);
        pause(Duration::from_millis(500));
    }
    running.terminate();
    let recovered = running.finish(PATIENCE).expect_code(0);
    assert!(
        recovered.text().contains("recovered"),
        "it logs what it recovered"
    );
    said.add_process("recovered and stopped run", &recovered);
}

/// Every lane is known, and none has a message that is not in the tables.
fn has_read_all(metrics: &[u8]) -> bool {
    let text = String::from_utf8_lossy(metrics);
    let lags: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("yidang_consumer_lag_records{"))
        .collect();
    lags.len() >= 20 && lags.iter().all(|line| line.ends_with(" 0"))
}

/// What other verbs say of the same messages and the same lake.
fn ask_verbs(folder: &Path, lake: &str, canaries: &[Message], said: &mut Said) {
    let file = folder.join("canaries.jsonl");
    let lines: Vec<String> = canaries.iter().map(Message::to_json_line).collect();
    std::fs::write(&file, lines.join("\n")).expect("the folder is ours");
    let file = file.to_str().expect("plain names").to_owned();
    let listed = ask(&["issue", "list", "--lake", lake, "--json"], said);
    let issues = listed.json();
    let issue = |line: &serde_json::Value| line["issue_id"].as_str().map(str::to_owned);
    let shown: Vec<String> = issues.iter().filter_map(issue).take(5).collect();
    assert_eq!(shown.len(), 5, "there are issues to show");
    for issue in &shown {
        ask(&["issue", "show", issue, "--lake", lake], said);
    }
    let fresh = folder.join("demo").display().to_string();
    let small = ["demo", "--records", "3000", "--exit", "--lake", &fresh];
    let nobody = ["run", "--brokers", "127.0.0.1:1", "--lake"];
    let verbs: [&[&str]; 11] = [
        &["feed", "check", &file],
        &["feed", "check", &file, "--json"],
        &["verify", "reconcile", "--lake", lake, "--json"],
        &["verify", "digest", "--lake", lake],
        &small,
        &[&nobody[..], &["/dev/null/lake"]].concat(),
        &[&nobody[..], &[lake]].concat(),
        &[
            "run",
            "--brokers",
            "127.0.0.1:1",
            "--lake",
            lake,
            "--id-key-file",
            &file,
        ],
        &[
            "run",
            "--brokers",
            "127.0.0.1:1",
            "--lake",
            lake,
            "--schemas",
            &file,
        ],
        &["feed", "restart", "ga.hukou", "--lake", lake],
        &["rebuild", "person_file", "--lake", lake],
    ];
    for verb in verbs {
        ask(verb, said);
    }
    ask_explain(lake, said);
}

fn ask(verb: &[&str], said: &mut Said) -> Finished {
    let finished = Launch::yidang(verb)
        .variable("RUST_LOG", "trace")
        .run(PATIENCE);
    println!(
        "canary: yidang {} {}: exit {}",
        verb[0], verb[1], finished.code
    );
    said.add_process(&format!("yidang {} {}", verb[0], verb[1]), &finished);
    finished
}

/// `explain` shows values on its standard output, and nowhere else.
fn ask_explain(lake: &str, said: &mut Said) {
    let persons = read_lines(Reader::Polars, &format!("{lake}/person_file"), "person_id");
    let person = persons.iter().find(|row| row.contains(HAN));
    let person: serde_json::Value = serde_json::from_str(person.expect("a canary is in the file"))
        .expect("the script prints JSON");
    let id = person["person_id"].as_str().expect("a person has an id");
    let (known, unknown) = (format!("{id}\n"), format!("{DIGITS}\n"));
    for (input, shows) in [(known, true), (unknown, false)] {
        let finished = Launch::yidang(["explain", "person", "-", "--lake", lake])
            .variable("RUST_LOG", "trace")
            .input(input)
            .run(PATIENCE);
        assert_eq!(finished.out.join("\n").contains(HAN), shows);
        let told = finished.error.join("\n");
        said.add("yidang explain: standard error", told);
    }
}

/// Keys, headers and values of every topic of ours.
fn read_topics(broker: &RealBroker, said: &mut Said) -> usize {
    let mut events = 0;
    for (topic, _) in broker
        .topics()
        .into_iter()
        .filter(|(topic, _)| !topic.starts_with("src."))
    {
        said.add("topic names", topic.clone());
        for message in read_topic(&broker.address(), &topic) {
            events += 1;
            let place = format!("{topic}/{}/{}", message.partition, message.offset);
            let headers = message.headers.into_iter().flat_map(|(name, value)| {
                [
                    name.into_bytes(),
                    b"=".to_vec(),
                    value.unwrap_or_default(),
                    b"\n".to_vec(),
                ]
                .concat()
            });
            let parts = [
                message.key.unwrap_or_default(),
                headers.collect(),
                message.value.unwrap_or_default(),
            ];
            said.add(place, parts.join(b"\n".as_slice()));
        }
    }
    events
}

/// Names of all objects; all Delta logs, checkpoints decoded; what lies beside the tables, the id key apart.
fn read_lake(lake: &Path, said: &mut Said) -> usize {
    let mut checkpoints = 0;
    let mut folders = vec![lake.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the lake is readable") {
            let path = entry.expect("the lake is readable").path();
            let name = path
                .strip_prefix(lake)
                .expect("it lies in the lake")
                .display()
                .to_string();
            said.add("object names", name.clone());
            if path.is_dir() {
                folders.push(path);
            } else if name.contains("_delta_log") || is_beside_the_tables(&name) {
                said.add(
                    name.clone(),
                    std::fs::read(&path).expect("it was just listed"),
                );
                if name.ends_with(".parquet") {
                    checkpoints += 1;
                    said.add(format!("{name}, decoded"), decoded(&path));
                }
            }
        }
    }
    checkpoints
}

/// Whether a file is neither of a table, one that `rebuild` put aside included, nor the id key.
fn is_beside_the_tables(name: &str) -> bool {
    name.starts_with("_yidang") && !name.starts_with("_yidang/aside/") && !name.ends_with("id.key")
}

fn decoded(path: &Path) -> String {
    let file = std::fs::File::open(path).expect("it was just listed");
    let reader = SerializedFileReader::new(file).expect("a checkpoint is Parquet");
    let rows = reader.get_row_iter(None).expect("its schema is its own");
    rows.map(|row| format!("{}\n", row.expect("a whole row")))
        .collect()
}

/// The canaries are where values may be: without them the search would find nothing anywhere.
fn check_tables(lake: &str) {
    let rows = |table: &str, key: &str| read_lines(Reader::Polars, &format!("{lake}/{table}"), key);
    let with = |rows: &[String], mark: &str| rows.iter().filter(|row| row.contains(mark)).count();
    let (persons, landing) = (rows("person_file", "person_id"), rows("landing", "digest"));
    let hexadecimal: String = DIGITS.bytes().map(|byte| format!("{byte:02x}")).collect();
    let held = [
        with(&persons, HAN),
        with(&persons, DIGITS),
        with(&landing, &hexadecimal),
    ];
    let findings = rows("finding", "finding_id");
    let text = |row: &String, name: &str| -> String {
        let row: serde_json::Value = serde_json::from_str(row).expect("the script prints JSON");
        row[name].as_str().unwrap_or_default().to_owned()
    };
    let codes: BTreeSet<String> = findings.iter().map(|row| text(row, "code")).collect();
    let outcomes: BTreeSet<(String, String)> = findings
        .iter()
        .map(|row| (text(row, "feed"), text(row, "outcome")))
        .collect();
    println!(
        "canary: {held:?} persons with the name, persons with the number, messages with the number"
    );
    println!(
        "canary: {} findings of {} codes: {codes:?}",
        findings.len(),
        codes.len()
    );
    assert!(
        held.iter().all(|count| *count > 0),
        "canaries reached the tables"
    );
    assert!(codes.len() >= 25, "errors of too few kinds");
    for feed in catalog().feeds.iter().map(|feed| &feed.id) {
        for outcome in ["flagged", "quarantined", "rejected"] {
            assert!(
                outcomes.contains(&(feed.clone(), outcome.to_owned())),
                "no canary of {feed} was {outcome}"
            );
        }
    }
}

#[test]
fn no_canary_leaves_through_logs_metrics_events_errors_names_or_delta_logs() {
    let broker = RealBroker::start();
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let path = folder.path().join("lake");
    let lake = path.to_str().expect("plain names");
    let simulate = [
        "simulate",
        "--records",
        "3000",
        "--brokers",
        &broker.address(),
    ];
    drop(Launch::yidang(simulate).run(PATIENCE).expect_code(0));
    let canaries = messages::all(&catalog());
    let mut said = Said(Vec::new());
    let ((), took) = timed(|| tell_all(&broker, lake, &canaries, &mut said));
    println!("canary: a kill, a recovery and a stop took {took:?}");
    let ((), took) = timed(|| ask_verbs(folder.path(), lake, &canaries, &mut said));
    println!("canary: the other verbs took {took:?}");
    let events = read_topics(&broker, &mut said);
    let checkpoints = read_lake(&path, &mut said);
    println!(
        "canary: {} canary messages, {events} messages of ours, {checkpoints} checkpoints",
        canaries.len()
    );
    assert!(events > 500 && checkpoints > 0);
    check_tables(lake);
    let ((), took) = timed(|| said.check(&search::forms()));
    println!("canary: the search took {took:?}");
}

/// What a log line or a panic could print of the engine's own values.
#[test]
fn no_debug_text_of_the_engine_shows_a_canary() {
    let catalog = Arc::new(catalog());
    let mut engine = Engine::new(
        Arc::clone(&catalog),
        IdKey::new([5; 32]),
        EngineSettings::default(),
    );
    let feed_of = |topic: &str| {
        let place = catalog
            .feeds
            .iter()
            .position(|feed| feed.topic == topic)
            .expect("canaries are for our feeds");
        u16::try_from(place).expect("few feeds")
    };
    let landed = messages::all(&catalog)
        .into_iter()
        .enumerate()
        .map(|(offset, message)| LandedMessage {
            feed: feed_of(&message.topic),
            incarnation: 0,
            partition: 0,
            offset: i64::try_from(offset).expect("few messages"),
            timestamp_ms: message.timestamp.unwrap_or(-1),
            log_append_time: false,
            key: message.key.map(Into::into),
            headers: message
                .headers
                .into_iter()
                .map(|(name, value)| (name, value.map(Into::into)))
                .collect(),
            value: message.value.map(Into::into),
            held: false,
        });
    let input = EpochInput {
        epoch: 1,
        landed_at_ms: 1_795_478_400_000,
        messages: landed.collect(),
    };
    let mut said = Said(Vec::new());
    said.add("Debug of the input", format!("{input:?}"));
    let plan = engine
        .plan(input)
        .unwrap_or_else(|_| panic!("planning panicked"));
    said.add("Debug of the plan", format!("{plan:?}"));
    engine.apply(plan);
    said.add("Debug of the engine", format!("{engine:?}"));
    said.check(&search::forms());
}
