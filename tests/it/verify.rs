//! Conservation, proved from the tables: a clean run reconciles and equals what was produced; whoever takes a row away or adds
//! one with another Delta writer is found, by topic, partition and offset; and what is derived can be made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use yidang_simulate::{City, CitySettings, RecordTruth, Truth};
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce};
use yidang_tests::process::{Finished, Launch};
use yidang_tests::readers::{Edit, delta_edit};
use yidang_tests::schemas::copy_folder;

const PATIENCE: Duration = Duration::from_secs(120);
const END: &str = "2026-09-01T00:00:00Z";
const END_MS: i64 = 1_788_220_800_000;
const SEED: u64 = 41;
const RECORDS: u64 = 4_000;
const ID_KEY: [u8; 32] = [0x5A; 32];

/// A lake that took in a city, and the city's truth.
pub struct TakenIn {
    pub folder: TempDir,
    pub broker: RealBroker,
    pub truth: Truth,
}

impl TakenIn {
    pub fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    pub fn key(&self) -> String {
        text(&self.folder.path().join("id.key")).to_owned()
    }

    /// Takes in what the topics hold.
    fn run(&self) {
        let lake = self.lake();
        let arguments = [
            "run",
            "--brokers",
            &self.broker.address(),
            "--lake",
            text(&lake),
            "--id-key-file",
            &self.key(),
        ];
        // Small epochs: chains, ordinals and merges get something to do.
        let further = [
            "--listen",
            "127.0.0.1:0",
            "--until-idle",
            "2",
            "--epoch-messages",
            "500",
        ];
        drop(
            Launch::yidang(arguments.into_iter().chain(further))
                .run(PATIENCE)
                .expect_code(0),
        );
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// A city through a real Kafka into a fresh lake.
pub fn taken_in() -> TakenIn {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new()
        .prefix("yidang-verify-")
        .tempdir()
        .expect("the temporary folder is writable");
    let key = folder.path().join("id.key");
    std::fs::write(&key, ID_KEY).expect("the folder is ours");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))
        .expect("the file is ours");
    let broker = RealBroker::start();
    let (seed, records) = (SEED.to_string(), RECORDS.to_string());
    let city = [
        "simulate",
        "--brokers",
        &broker.address(),
        "--seed",
        &seed,
        "--records",
        &records,
        "--end",
        END,
    ];
    drop(
        Launch::yidang(city.into_iter().chain(["--id-key-file", text(&key)]))
            .run(PATIENCE)
            .expect_code(0),
    );
    let mut settings = CitySettings::new(SEED, RECORDS, END_MS);
    settings.id_key = Some(ID_KEY);
    let taken_in = TakenIn {
        folder,
        broker,
        truth: City::new(settings).truth(),
    };
    taken_in.run();
    taken_in
}

fn reconcile(lake: &Path, more: &[&str]) -> Finished {
    let start = ["verify", "reconcile", "--json", "--lake", text(lake)];
    Launch::yidang(start.iter().chain(more)).run(PATIENCE)
}

fn digests(lake: &Path) -> Vec<(Value, Value, Value)> {
    let finished = Launch::yidang(["verify", "digest", "--json", "--lake", text(lake)])
        .run(PATIENCE)
        .expect_code(0);
    let lines = finished.json().into_iter();
    lines
        .map(|line| {
            (
                line["table"].clone(),
                line["rows"].clone(),
                line["digest"].clone(),
            )
        })
        .collect()
}

fn of_kind(finished: &Finished, kind: &str) -> Vec<Value> {
    finished
        .json()
        .into_iter()
        .filter(|line| line["kind"] == kind)
        .collect()
}

#[test]
fn a_clean_run_reconciles_and_equals_what_was_produced() {
    let taken_in = taken_in();
    let lake = taken_in.lake();
    let address = taken_in.broker.address();
    let clean = reconcile(&lake, &["--brokers", &address]).expect_code(0);
    let feeds = of_kind(&clean, "feed");
    let names: BTreeSet<_> = feeds
        .iter()
        .filter_map(|feed| feed["feed"].as_str())
        .collect();
    let mut told = taken_in.truth.counts.outcomes.keys();
    assert!(told.all(|feed| names.contains(feed)));
    // Of feeds that the city does not tell nothing came.
    let nothing = BTreeMap::new();
    for feed in &feeds {
        let name = feed["feed"].as_str().expect("feeds have names");
        let produced = taken_in.truth.counts.outcomes.get(name);
        let produced = produced.unwrap_or(&nothing);
        assert_eq!(feed["differences"], 0, "{name}");
        for outcome in ["control", "accepted", "flagged", "quarantined", "rejected"] {
            let expected = produced.get(outcome).copied().unwrap_or(0);
            assert_eq!(feed[outcome], expected, "{name}: {outcome}");
        }
    }
    let messages: u64 = feeds
        .iter()
        .filter_map(|feed| feed["messages"].as_u64())
        .sum();
    assert_eq!(messages, taken_in.truth.counts.messages);

    // What the broker holds beyond the lake is named; the tables alone are still whole.
    let first = &taken_in.truth.records[0].at;
    let late = Message::new(&first.topic, "{}")
        .partition(first.partition)
        .at(END_MS);
    let placed = produce(&address, &[late]);
    drop(reconcile(&lake, &[]).expect_code(0));
    let behind = reconcile(&lake, &["--brokers", &address]).expect_code(1);
    let found = of_kind(&behind, "difference");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["problem"], &found[0]["topic"]),
        (&"not_landed".into(), &first.topic.as_str().into())
    );
    assert_eq!(
        (&found[0]["partition"], &found[0]["offset"]),
        (&placed[0].0.into(), &placed[0].1.into())
    );
}

/// The first record with this outcome of a feed whose records name one person each.
fn record_of<'t>(truth: &'t Truth, outcome: &str) -> &'t RecordTruth {
    let mut records = truth
        .records
        .iter()
        .filter(|record| record.at.topic.contains(".hukou."));
    records
        .find(|record| record.outcome == outcome && !record.repeat)
        .expect("the city has every outcome")
}

#[test]
fn one_row_taken_away_or_doubled_by_another_writer_is_named() {
    let taken_in = taken_in();
    let (accepted, held) = (
        record_of(&taken_in.truth, "accepted"),
        record_of(&taken_in.truth, "quarantined"),
    );
    let last = taken_in
        .truth
        .records
        .iter()
        .filter(|record| record.at.topic == accepted.at.topic);
    let last = last
        .max_by_key(|record| (record.at.partition, record.at.offset))
        .expect("the topic has records");
    let cases = [
        ("landing", accepted),
        ("landing", last),
        ("observation_person", accepted),
        ("quarantine", held),
    ];
    for (number, (table, record)) in cases.into_iter().enumerate() {
        for edit in [Edit::Delete, Edit::Double] {
            let lake = taken_in
                .folder
                .path()
                .join(format!("tampered-{number}-{edit:?}"));
            copy_folder(&taken_in.lake(), &lake);
            let at = &record.at;
            let place = format!(
                "topic = '{}' and partition = {} and \"offset\" = {}",
                at.topic, at.partition, at.offset
            );
            let edited = delta_edit(edit, text(&lake.join(table)), &place);
            assert_eq!(edited["offset"], at.offset);
            let finished = reconcile(&lake, &[]).expect_code(1);
            let found = of_kind(&finished, "difference");
            let named = |difference: &&Value| {
                difference["topic"] == at.topic.as_str()
                    && difference["partition"] == at.partition
                    && difference["offset"] == at.offset
            };
            let here: Vec<&Value> = found
                .iter()
                .filter(|found| found["table"] == table)
                .filter(named)
                .collect();
            let problem = if edit == Edit::Delete {
                "missing"
            } else {
                "doubled"
            };
            assert!(
                here.iter().any(|found| found["problem"] == problem),
                "{table} {edit:?}: {found:?}"
            );
            let words = Launch::yidang(["verify", "reconcile", "--lake", text(&lake)])
                .run(PATIENCE)
                .expect_code(1);
            let coordinates = format!("{}/{}/{}", at.topic, at.partition, at.offset);
            assert!(
                words.text().contains(&coordinates),
                "{coordinates} is not in {}",
                words.text()
            );
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn every_derived_table_can_be_made_anew_and_the_next_worker_goes_on() {
    let taken_in = taken_in();
    let lake = taken_in.lake();
    let before = digests(&lake);
    let tables = [
        "person_file",
        "enterprise_file",
        "observation_person",
        "observation_enterprise",
        "quarantine",
        "finding",
        "issue",
        "issue_event",
    ];
    for table in tables {
        let start = [
            "rebuild",
            table,
            "--lake",
            text(&lake),
            "--id-key-file",
            &taken_in.key(),
            "--json",
        ];
        let rebuilt = Launch::yidang(start)
            .run(PATIENCE)
            .expect_code(0)
            .json()
            .remove(0);
        let aside = rebuilt["aside"].as_str().expect("there was a table before");
        assert!(lake.join(aside).join("_delta_log").is_dir(), "{aside}");
        assert!(
            rebuilt["rows"].as_u64().is_some_and(|rows| rows > 0),
            "{rebuilt}"
        );
    }
    assert_eq!(digests(&lake), before);
    drop(reconcile(&lake, &["--brokers", &taken_in.broker.address()]).expect_code(0));

    // A folder that is gone, and a row that somebody else doubled.
    std::fs::remove_dir_all(lake.join("person_file")).expect("the folder is ours");
    let held = record_of(&taken_in.truth, "quarantined");
    let place = format!(
        "topic = '{}' and partition = {} and \"offset\" = {}",
        held.at.topic, held.at.partition, held.at.offset
    );
    let edited = delta_edit(Edit::Delete, text(&lake.join("quarantine")), &place);
    assert_eq!(edited["offset"], held.at.offset);
    for table in ["person_file", "quarantine"] {
        let start = [
            "rebuild",
            table,
            "--lake",
            text(&lake),
            "--id-key-file",
            &taken_in.key(),
        ];
        drop(Launch::yidang(start).run(PATIENCE).expect_code(0));
    }
    assert_eq!(digests(&lake), before);
    drop(reconcile(&lake, &[]).expect_code(0));
    taken_in.run();
    assert_eq!(digests(&lake), before);

    let start = [
        "rebuild",
        "landing",
        "--lake",
        text(&lake),
        "--id-key-file",
        &taken_in.key(),
    ];
    let refused = Launch::yidang(start).run(PATIENCE).expect_code(2);
    assert!(
        refused.text().contains("no derived table landing"),
        "{}",
        refused.text()
    );
}
