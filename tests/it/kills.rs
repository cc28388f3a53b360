//! `kill -9` of a worker, many times in one stream, and of the broker under it: the tables equal the truth of the city, and
//! those of an undisturbed run.
//!
//! A kill counts only while messages wait. What each interrupted is read from the logs on disk and from what the next
//! worker says that it mended; it is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use yidang_simulate::{City, CitySettings};
use yidang_tests::patience::{catch_moment, pause, wait_for};
use yidang_tests::process::Running;
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::station::{ID_KEY, PATIENCE, Pace, Station, epoch_of, lag, leads, logged};

const SEED: u64 = 11;
const RECORDS: u64 = 30_000;
const END: &str = "2026-09-01T00:00:00Z";
const END_MS: i64 = 1_788_220_800_000;

/// Columns of the files that say when a row was made. All others are the same in two lakes that read the same topics, places
/// in them included.
const WHEN: [&str; 3] = ["record_version", "first_seen_at", "updated_at"];

/// What a kill waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// A landing entry, and not yet the derived ones.
    Derived,
    /// Epochs above the checkpoint.
    State,
    /// A worker that is doing epochs again.
    Recovery,
}

/// What a kill interrupted, as the disk shows it.
#[derive(Debug)]
struct Killed {
    aim: Aim,
    lag: i64,
    landed: i64,
    above_state: i64,
    /// Had said that its recovery is over.
    recovered: bool,
    /// Tables that the next worker gave the rows of the interrupted epoch.
    mended: String,
}

fn city(station: &Station) -> BTreeMap<String, i64> {
    let brokers = station.broker.address();
    let (records, seed) = (RECORDS.to_string(), SEED.to_string());
    let arguments = [
        "simulate",
        "--records",
        &records,
        "--seed",
        &seed,
        "--end",
        END,
        "--brokers",
        &brokers,
    ];
    drop(station.verb(&arguments).run(PATIENCE).expect_code(0));
    let topics = station.broker.topics().into_iter().map(|(topic, _)| topic);
    let sources: Vec<String> = topics.filter(|topic| topic.starts_with("src.")).collect();
    station.ends(&sources)
}

/// Both files but for when each row was made, one line a row.
fn files(lake: &Path) -> Vec<Vec<String>> {
    let file = |(table, key): (&str, &str)| {
        let uri = lake.join(table);
        let lines = read_lines(Reader::Polars, uri.to_str().expect("a plain name"), key);
        let rows = lines.iter().map(|line| {
            let mut row: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(line).expect("it is JSON");
            row.retain(|column, _| !WHEN.contains(&column.as_str()));
            serde_json::Value::Object(row).to_string()
        });
        rows.collect()
    };
    [("person_file", "person_id"), ("enterprise_file", "ent_id")]
        .map(file)
        .into()
}

/// Nothing lost, nothing doubled: the tables equal the truth, and the files those of an undisturbed run.
fn check(station: &Station, lake: &Path, clean: &Path) {
    let (seen, expected) = (files(lake), files(clean));
    for (seen, expected) in seen.iter().zip(&expected) {
        assert!(expected.len() > 100, "the city fills the files");
        assert_eq!(seen.len(), expected.len(), "rows");
        let different = seen
            .iter()
            .zip(expected)
            .filter(|(one, other)| one != other)
            .count();
        assert_eq!(
            different, 0,
            "rows that differ from those of an undisturbed run"
        );
        let ids: BTreeSet<String> = seen.iter().map(|line| id_of(line)).collect();
        assert_eq!(ids.len(), seen.len(), "count(*) = count(distinct id)");
    }
    each_message_landed_once(lake);
    equals_the_truth(station, lake);
    outcomes_are_those_of_the_truth(station, lake);
}

fn each_message_landed_once(lake: &Path) {
    let uri = lake.join("landing");
    let landed = read_lines(Reader::Polars, uri.to_str().expect("a plain name"), "epoch");
    let mut offsets: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
    for line in &landed {
        let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        let number = |name: &str| row[name].as_i64().expect("a number");
        let lane = (
            row["topic"].as_str().unwrap_or_default().to_owned(),
            number("partition"),
        );
        offsets.entry(lane).or_default().push(number("offset"));
    }
    for (lane, offsets) in &mut offsets {
        offsets.sort_unstable();
        let complete: Vec<i64> = (0..i64::try_from(offsets.len()).expect("few")).collect();
        assert!(
            *offsets == complete,
            "offsets of {lane:?} are complete and unique"
        );
    }
}

/// Every row and cell of the files, every outcome, finding and issue.
fn equals_the_truth(station: &Station, lake: &Path) {
    let uri = lake.to_str().expect("a plain name");
    let (records, seed) = (RECORDS.to_string(), SEED.to_string());
    let arguments = [
        "verify",
        "truth",
        "--lake",
        uri,
        "--records",
        &records,
        "--seed",
        &seed,
        "--end",
        END,
    ];
    let compared = station.verb(&arguments).run(PATIENCE).expect_code(0);
    println!("{}", compared.out.join("; "));
}

/// `verify reconcile` finds nothing missing, and its sums are what the city produced.
fn outcomes_are_those_of_the_truth(station: &Station, lake: &Path) {
    let uri = lake.to_str().expect("a plain name");
    let brokers = station.broker.address();
    let arguments = [
        "verify",
        "reconcile",
        "--lake",
        uri,
        "--brokers",
        &brokers,
        "--json",
    ];
    let told = station.verb(&arguments).run(PATIENCE).expect_code(0).json();
    let mut settings = CitySettings::new(SEED, RECORDS, END_MS);
    settings.id_key = Some(ID_KEY);
    let truth = City::new(settings).truth();
    let feeds: BTreeMap<&str, &serde_json::Value> = told
        .iter()
        .filter(|line| line["kind"] == "feed")
        .map(|line| (line["feed"].as_str().expect("a feed has an id"), line))
        .collect();
    for (feed, outcomes) in &truth.counts.outcomes {
        for (outcome, count) in outcomes {
            assert_eq!(feeds[feed][outcome], *count, "{feed}: records {outcome}");
        }
    }
}

fn id_of(line: &str) -> String {
    let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
    let id = row.get("person_id").or_else(|| row.get("ent_id"));
    id.and_then(serde_json::Value::as_str)
        .expect("every row has its id")
        .to_owned()
}

/// Number of entries of a log, looked at as often as the machine can.
fn entries(table: &Path) -> usize {
    std::fs::read_dir(table.join("_delta_log")).map_or(0, Iterator::count)
}

/// Waits for the moment that the kill aims at.
fn take_aim(aim: Aim, watched: &str, worker: &mut Running, lake: &Path) {
    if aim == Aim::Recovery {
        worker.wait_for_line(PATIENCE, |line| line.contains("\"recovering\""));
        return;
    }
    worker.wait_for_line(PATIENCE, leads);
    match aim {
        Aim::Derived => {
            let before = entries(&lake.join(watched));
            catch_moment(PATIENCE, || {
                entries(&lake.join(watched)) != before || worker.code().is_some()
            });
        }
        Aim::State => {
            let behind = || epoch_of(lake, "landing") - epoch_of(lake, "state") >= 3;
            wait_for(Duration::from_secs(5), || behind().then_some(()));
        }
        Aim::Recovery => {}
    }
}

fn mended(lines: &[String]) -> String {
    let mended = logged(lines, "recovered", "mended");
    mended
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn twenty_kills_in_one_stream_lose_and_double_nothing() {
    let station = Station::start();
    let ends = city(&station);
    let (lake, clean) = (station.lake("killed"), station.lake("clean"));
    drop(station.drain(&clean, Pace::ROOMY));
    let mut kills: Vec<Killed> = Vec::new();
    let count = |kills: &[Killed], is: fn(&Killed) -> bool| {
        kills.iter().filter(|kill| kill.lag > 0 && is(kill)).count()
    };
    let between = |kill: &Killed| !kill.mended.is_empty();
    let behind = |kill: &Killed| kill.above_state >= 2;
    let recovering =
        |kill: &Killed| kill.aim == Aim::Recovery && !kill.recovered && kill.above_state > 0;
    loop {
        let aim = if count(&kills, between) < 6 {
            Aim::Derived
        } else if count(&kills, recovering) < 2 {
            Aim::Recovery
        } else if count(&kills, behind) < 6 {
            Aim::State
        } else {
            Aim::Derived
        };
        let mut worker = station.worker(&lake, Pace::HASTY, &[]);
        // At once after the landing put, or after one derived put or another.
        let watched = ["landing", "finding", "observation_person"][kills.len() % 3];
        take_aim(aim, watched, &mut worker, &lake);
        let ended = worker.kill();
        assert_eq!(ended.code, 128 + 9, "{}", ended.text());
        // What the kill before interrupted is known now.
        if let Some(before) = kills.last_mut() {
            before.mended.push_str(&mended(&ended.error));
        }
        let landed = epoch_of(&lake, "landing");
        kills.push(Killed {
            aim,
            lag: lag(&lake, &ends),
            landed,
            above_state: landed - epoch_of(&lake, "state"),
            recovered: logged(&ended.error, "recovered", "mended").is_some(),
            mended: String::new(),
        });
        let enough = count(&kills, between) >= 5
            && count(&kills, behind) >= 5
            && count(&kills, recovering) >= 2;
        assert!(
            kills.last().is_some_and(|kill| kill.lag > 0),
            "the stream ended before the kills: {kills:#?}"
        );
        if count(&kills, |_| true) >= 20 && enough {
            break;
        }
        assert!(kills.len() < 40, "{kills:#?}");
    }
    for (number, kill) in kills.iter().enumerate() {
        println!(
            "kill {}: {:?}, lag {}, landed epoch {}, {} above state, {}, mended by the next: {}",
            number + 1,
            kill.aim,
            kill.lag,
            kill.landed,
            kill.above_state,
            if kill.recovered {
                "recovered"
            } else {
                "not recovered"
            },
            kill.mended
        );
    }
    println!(
        "{} kills with lag; between landing and derived puts {}, state behind {}, in recovery {}",
        count(&kills, |_| true),
        count(&kills, between),
        count(&kills, behind),
        count(&kills, recovering)
    );
    drop(station.drain(&lake, Pace::ROOMY));
    assert_eq!(lag(&lake, &ends), 0);
    check(&station, &lake, &clean);
}

#[test]
fn the_broker_killed_and_restarted_in_mid_stream_loses_and_doubles_nothing() {
    let mut station = Station::start();
    let ends = city(&station);
    let (lake, clean) = (station.lake("killed"), station.lake("clean"));
    drop(station.drain(&clean, Pace::ROOMY));
    let mut worker = station.worker(&lake, Pace::OWN, &["--until-idle", "4"]);
    worker.wait_for_line(PATIENCE, leads);
    for epochs in [5, 15, 25] {
        let reached = wait_for(PATIENCE, || {
            (epoch_of(&lake, "landing") >= epochs).then_some(())
        });
        assert!(reached.is_some(), "{}", worker.said());
        station.broker.kill();
        pause(Duration::from_secs(1));
        station.broker.restart();
        let left = lag(&lake, &ends);
        println!(
            "broker killed at epoch {}, lag {left}",
            epoch_of(&lake, "landing")
        );
        assert!(left > 0, "the stream ended before the kills");
    }
    drop(worker.finish(PATIENCE).expect_code(0));
    assert_eq!(lag(&lake, &ends), 0);
    check(&station, &lake, &clean);
}
