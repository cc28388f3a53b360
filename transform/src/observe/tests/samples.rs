//! The samples beside the contracts: every good record is accepted, every bad one gives what its `expect` file says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde::Deserialize;

use crate::kit::{ARRIVAL_MS, Sent, embedded, failed, observe};
use crate::observe::Observation;

/// One line of an `expect` file.
#[derive(Deserialize)]
struct Expected {
    record: usize,
    outcome: String,
    rules: Vec<String>,
}

#[derive(Deserialize)]
struct Expectations {
    #[serde(default)]
    jsonl: Vec<Expected>,
    #[serde(default)]
    csv: Vec<Expected>,
    #[serde(default)]
    txt: Vec<Expected>,
    #[serde(default)]
    messages: Vec<Expected>,
}

/// A message as files hold it.
#[derive(Deserialize)]
struct Line {
    timestamp: i64,
    key: Option<String>,
    headers: BTreeMap<String, String>,
    value: Option<String>,
    value_base64: Option<String>,
}

fn folder(agency: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../schemas/contracts")
        .join(agency)
}

fn messages(file: &Path) -> Vec<Sent> {
    let text = fs::read_to_string(file).unwrap();
    let message = |line: &str| {
        let line: Line = serde_json::from_str(line).unwrap();
        let decode = |text: &String| {
            base64::engine::general_purpose::STANDARD
                .decode(text)
                .unwrap()
        };
        let value = line
            .value
            .map(String::into_bytes)
            .or(line.value_base64.as_ref().map(decode));
        let mut sent = Sent {
            value,
            timestamp_ms: line.timestamp,
            ..Sent::default()
        };
        sent.key = line.key.map(String::into_bytes);
        line.headers
            .iter()
            .fold(sent, |sent, (name, value)| sent.header(name, value))
    };
    text.lines()
        .filter(|line| !line.is_empty())
        .map(message)
        .collect()
}

/// Lines of a bare file as messages: the line is `seq`, the arrival `business-time`.
fn lines(file: &Path) -> Vec<Sent> {
    let at = ARRIVAL_MS.to_string();
    let many = ["csv", "txt"];
    if file
        .extension()
        .is_some_and(|extension| many.iter().any(|many| extension == *many))
    {
        return vec![
            Sent::new(fs::read(file).unwrap())
                .header("business-time", &at)
                .header("seq", "1"),
        ];
    }
    let text = fs::read_to_string(file).unwrap();
    let numbered = text.lines().filter(|line| !line.is_empty()).enumerate();
    let sent = |(place, line): (usize, &str)| {
        Sent::new(line)
            .header("seq", &(place + 1).to_string())
            .header("business-time", &at)
    };
    numbered.map(sent).collect()
}

fn compare(
    feed: &str,
    what: &str,
    observations: &[Observation],
    expected: &[Expected],
) -> Vec<String> {
    let catalog = embedded();
    let mut differences = Vec::new();
    if observations.len() != expected.len() {
        differences.push(format!(
            "{feed} {what}: {} records, {} expected",
            observations.len(),
            expected.len()
        ));
    }
    for expected in expected {
        let Some(observation) = observations.get(expected.record - 1) else {
            continue;
        };
        let told = failed(&catalog, feed, observation);
        let mut rules: Vec<String> = told
            .iter()
            .map(|told| told.rsplit_once(':').unwrap().0.to_owned())
            .collect();
        rules.sort();
        let wanted = expected.rules.iter();
        let mut wanted: Vec<_> = wanted.map(|id| id.trim_start_matches("auto:")).collect();
        wanted.sort_unstable();
        if rules != wanted || observation.outcome.name() != expected.outcome {
            differences.push(format!(
                "{feed} {what} {}: {} {told:?}, expected {} {wanted:?}",
                expected.record,
                observation.outcome.name(),
                expected.outcome,
            ));
        }
    }
    differences
}

#[test]
fn every_bad_sample_gives_what_its_file_says() {
    let mut differences = Vec::new();
    let catalog = embedded();
    for contract in &catalog.feeds {
        let (agency, name) = contract.id.split_once('.').unwrap();
        let file = |ending: &str| folder(agency).join(format!("{name}.bad.{ending}"));
        let text = fs::read_to_string(file("expect.yaml")).unwrap();
        let expectations: Expectations = serde_saphyr::from_str(&text).unwrap();
        let cases = [
            ("jsonl", expectations.jsonl),
            ("csv", expectations.csv),
            ("txt", expectations.txt),
        ];
        for (ending, expected) in cases.iter().filter(|(_, expected)| !expected.is_empty()) {
            let observations = observe(&contract.id, &lines(&file(ending)));
            differences.extend(compare(&contract.id, ending, &observations, expected));
        }
        if !expectations.messages.is_empty() {
            let observations = observe(&contract.id, &messages(&file("messages.jsonl")));
            differences.extend(compare(
                &contract.id,
                "messages",
                &observations,
                &expectations.messages,
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_good_sample_is_accepted_without_a_finding() {
    let catalog = embedded();
    for contract in &catalog.feeds {
        let (agency, name) = contract.id.split_once('.').unwrap();
        let file = ["jsonl", "csv", "txt"]
            .map(|ending| folder(agency).join(format!("{name}.good.{ending}")));
        let file = file
            .iter()
            .find(|file| file.is_file())
            .expect("a contract has good samples");
        let observations = observe(&contract.id, &lines(file));
        assert!(!observations.is_empty());
        for (place, observation) in observations.iter().enumerate() {
            let told = failed(&catalog, &contract.id, observation);
            assert!(told.is_empty(), "{} {}: {told:?}", contract.id, place + 1);
            assert_eq!(observation.outcome.name(), "accepted");
            assert!(observation.statement.is_some());
        }
    }
}
