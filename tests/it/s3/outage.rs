//! A store that is out of reach for the puts of some tables, exactly there, while a worker runs: it goes on by itself once
//! they arrive again, and where it was told to end it ends; nothing is lost, nothing doubled.
//!
//! The worker reaches the store over a line that can be cut; whoever compares afterwards reaches it directly.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use yidang_tests::messages::Message;
use yidang_tests::patience::{timed, wait_for};
use yidang_tests::process::Running;
use yidang_tests::proxy::CutLine;
use yidang_tests::records::{hukou, resident};
use yidang_tests::seaweed::Seaweed;
use yidang_tests::station::{PATIENCE, Pace, Station, leads};

use super::{digests, environment, table_lines};

const SEED: &str = "23";
const RECORDS: &str = "8000";
const END: &str = "2026-09-01T00:00:00Z";

/// Tries of one put end sooner, the pauses between them included.
const ENDING: Duration = Duration::from_secs(60);

fn city(station: &Station) {
    let brokers = station.broker.address();
    let simulate = [
        "simulate",
        "--records",
        RECORDS,
        "--seed",
        SEED,
        "--end",
        END,
    ];
    let simulate = [&simulate[..], &["--brokers", &brokers]].concat();
    drop(station.verb(&simulate).run(PATIENCE).expect_code(0));
}

/// A field of every log line with this message.
fn all_logged(worker: &Running, message: &str, field: &str) -> Vec<Value> {
    let lines = worker.error().into_iter();
    let parsed = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    let said = parsed.filter(|line| line["fields"]["message"] == message);
    said.map(|line| line["fields"][field].clone()).collect()
}

/// Cuts the puts of derived tables while epochs flow: an epoch is landed and not derived, and the recovery from it is cut
/// as well. Gives the number of puts that were cut.
fn outage(worker: &mut Running, line: &CutLine, parts: &[&str]) -> usize {
    let cut = || parts.iter().map(|part| line.count(part)).sum::<usize>();
    worker.wait_for_line(PATIENCE, |line| line.starts_with("epoch 5:"));
    line.cut(parts);
    worker.wait_for_line(PATIENCE, |line| line.contains("put derived tables"));
    let at_first = cut();
    let in_recovery = wait_for(PATIENCE, || (cut() > at_first).then_some(()));
    assert!(in_recovery.is_some(), "{}", worker.said());
    line.mend();
    println!(
        "{parts:?}: {at_first} puts cut before the lead was dropped, {} in all",
        cut()
    );
    cut()
}

/// Files, records, findings and issues are those of the city, and the topics are accounted for.
fn equals_the_truth(station: &Station, lake: &str, there: &[(String, String)]) {
    let truth = ["verify", "truth", "--lake", lake, "--records", RECORDS];
    let truth = [&truth[..], &["--seed", SEED, "--end", END]].concat();
    let compared = station.verb(&truth).variables(there).run(PATIENCE);
    println!("{}", compared.expect_code(0).out.join("; "));
    reconciles(station, lake, there);
}

fn reconciles(station: &Station, lake: &str, there: &[(String, String)]) {
    let brokers = station.broker.address();
    let reconcile = ["verify", "reconcile", "--lake", lake, "--brokers", &brokers];
    let reconciled = station.verb(&reconcile).variables(there).run(PATIENCE);
    drop(reconciled.expect_code(0));
}

#[test]
fn puts_of_derived_tables_that_fail_for_a_while_are_recovered_from_by_the_process_itself() {
    let station = Station::start();
    city(&station);
    let (clean, key) = (station.lake("clean"), station.id_key());
    let (clean, key) = (
        clean.to_str().expect("a plain name"),
        key.to_str().expect("a plain name"),
    );
    drop(station.drain(&station.lake("clean"), Pace::ROOMY));
    let expected = digests(clean, key, &[]);
    let store = Seaweed::start("lake");
    let there = environment(&store.environment());
    let cases: [(&str, &[&str]); 2] = [
        ("file", &["/person_file/"]),
        ("rows", &["/observation_person/", "/issue_event/"]),
    ];
    for (case, parts) in cases {
        let (lake, line) = (store.uri(case), CutLine::to(&store));
        let launch = station.launch(&lake, Pace::HASTY, &["--until-idle", "4"]);
        let mut worker = launch
            .variables(&environment(&line.environment(&store)))
            .start();
        let cut = outage(&mut worker, &line, parts);
        assert!(cut >= 5, "only {cut} puts were cut");
        let ended = wait_for(PATIENCE, || worker.code());
        assert_eq!(ended, Some(0), "{}", worker.said());
        let mended = all_logged(&worker, "recovered", "mended");
        println!("{case}: its recoveries mended {mended:?}");
        assert!(mended.len() >= 2, "it led twice: {}", worker.said());
        let tables = mended.iter().filter_map(Value::as_str).collect::<String>();
        assert!(
            parts
                .iter()
                .any(|part| tables.contains(part.trim_matches('/'))),
            "an epoch was landed and not derived: {mended:?}"
        );
        assert_eq!(digests(&lake, key, &there), expected, "{case}");
        equals_the_truth(&station, &lake, &there);
    }
}

fn people(from: u32, to: u32) -> Vec<Message> {
    let person = |number: u32| hukou(&resident(number), "郑一", 1 + number);
    (from..to).map(person).collect()
}

/// Records of all epochs that this worker has told of.
fn told(worker: &Running) -> usize {
    let count = |line: String| {
        let (_, told) = line.strip_prefix("epoch ")?.split_once(": ")?;
        told.split_once(" records")?.0.parse::<usize>().ok()
    };
    worker.error().into_iter().filter_map(count).sum()
}

/// Places of the landed messages, each of them once.
fn places(lake: &str, there: &[(String, String)]) -> BTreeSet<(String, String)> {
    let rows = table_lines(&format!("{lake}/landing"), "offset", there);
    let place = |row: &Value| (row["partition"].to_string(), row["offset"].to_string());
    let places: BTreeSet<_> = rows.iter().map(place).collect();
    assert_eq!(places.len(), rows.len(), "each message landed once");
    places
}

#[test]
fn a_worker_told_to_end_while_its_landing_put_waits_ends_and_the_next_one_lands_it_once() {
    let station = Station::with_topics();
    let store = Seaweed::start("lake");
    let (lake, line) = (store.uri("city"), CutLine::to(&store));
    let there = environment(&store.environment());
    let over_the_line = environment(&line.environment(&store));
    let start = |more: &[&str]| {
        let launch = station.launch(&lake, Pace::HASTY, more);
        launch.variables(&over_the_line).start()
    };
    let (mut sent, mut waiting) = (0_u32, 0_usize);
    // The file of rows does not arrive, or the entry that names it.
    for part in ["/landing/", "/landing/_delta_log/"] {
        let mut worker = start(&[]);
        worker.wait_for_line(PATIENCE, leads);
        let landed = wait_for(PATIENCE, || (told(&worker) == waiting).then_some(()));
        assert!(landed.is_some(), "{}", worker.said());
        line.cut(&[part]);
        station.send(&people(sent, sent + 150));
        (sent, waiting) = (sent + 150, 150);
        let is_cut = wait_for(PATIENCE, || (line.count(part) >= 3).then_some(()));
        assert!(is_cut.is_some(), "{}", worker.said());
        worker.terminate();
        let (ended, took) = timed(|| worker.finish(ENDING).expect_code(5));
        println!(
            "{part}: {} puts cut, ended {took:?} after SIGTERM",
            line.count(part)
        );
        let said = ended.error.join("\n");
        assert!(said.contains("stopping: finishing the epoch"), "{said}");
        assert!(
            said.contains("check that it runs and is reachable"),
            "{said}"
        );
        line.mend();
        let missing = usize::try_from(sent).expect("few") - places(&lake, &there).len();
        assert_eq!(missing, waiting, "what waited is not landed");
    }
    let ended = start(&["--until-idle", "2"]).finish(PATIENCE);
    drop(ended.expect_code(0));
    let all = usize::try_from(sent).expect("few");
    assert_eq!(places(&lake, &there).len(), all);
    let people = table_lines(&format!("{lake}/person_file"), "person_id", &there);
    assert_eq!(people.len(), all);
    reconciles(&station, &lake, &there);
}
