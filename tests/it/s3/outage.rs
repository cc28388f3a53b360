//! A store that is out of reach for the puts of some tables, exactly there, while a worker runs: it goes on by itself once
//! they arrive again; nothing is lost, nothing doubled.
//!
//! The worker reaches the store over a line that can be cut; whoever compares afterwards reaches it directly.

use serde_json::Value;
use yidang_tests::patience::wait_for;
use yidang_tests::process::Running;
use yidang_tests::proxy::CutLine;
use yidang_tests::seaweed::Seaweed;
use yidang_tests::station::{PATIENCE, Pace, Station};

use super::{digests, environment};

const SEED: &str = "23";
const RECORDS: &str = "8000";
const END: &str = "2026-09-01T00:00:00Z";

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
