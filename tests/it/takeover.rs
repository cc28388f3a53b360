//! Several workers on one lake: who leads, who takes over, and that whoever was overtaken writes nothing.

mod compaction;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use yidang_tests::lake_log;
use yidang_tests::messages::Message;
use yidang_tests::patience::{catch_moment, pause, timed, wait_for};
use yidang_tests::process::Running;
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::records::{HUKOU, SIYUAN, hukou_with, resident};
use yidang_tests::station::{PATIENCE, Pace, Station, epoch_of, leads, logged, metric, positions};

use super::feed_is_data;

/// People `from` to `to`, of which every tenth has a defect.
fn people(from: u32, to: u32) -> Vec<Message> {
    let person = |number: u32| {
        let members = if number.is_multiple_of(10) {
            r#","MZ":"77""#
        } else {
            ""
        };
        hukou_with(&resident(number), "郑一", number, members)
    };
    (from..to).map(person).collect()
}

fn landed(lake: &Path) -> i64 {
    positions(lake)
        .iter()
        .filter(|(lane, _)| lane.starts_with(HUKOU))
        .map(|(_, position)| position)
        .sum()
}

fn wait_until_landed(lake: &Path, count: i64, worker: &Running) {
    let reached = wait_for(PATIENCE, || (landed(lake) >= count).then_some(()));
    assert!(
        reached.is_some(),
        "{} of {count} landed: {}",
        landed(lake),
        worker.said()
    );
}

fn standby(station: &Station, lake: &Path) -> Running {
    let mut worker = station.worker(lake, Pace::OWN, &[]);
    worker.wait_for_line(PATIENCE, |line| line.contains("role: standby"));
    worker
}

fn leader(station: &Station, lake: &Path) -> Running {
    let mut worker = station.worker(lake, Pace::OWN, &[]);
    worker.wait_for_line(PATIENCE, leads);
    worker
}

/// As many people as were sent, each once, and each message landed once.
fn check(lake: &Path, people: usize, messages: usize) {
    let read = |table: &str, key: &str| {
        read_lines(
            Reader::Polars,
            lake.join(table).to_str().expect("a plain name"),
            key,
        )
    };
    let column = |line: &String, name: &str| {
        serde_json::from_str::<serde_json::Value>(line).expect("it is JSON")[name].to_string()
    };
    let rows = read("person_file", "person_id");
    let ids: BTreeSet<String> = rows.iter().map(|line| column(line, "person_id")).collect();
    assert_eq!(
        (rows.len(), ids.len()),
        (people, people),
        "count(*) = count(distinct person_id)"
    );
    let landed = read("landing", "offset");
    let places: BTreeSet<(String, String)> = landed
        .iter()
        .map(|line| (column(line, "partition"), column(line, "offset")))
        .collect();
    assert_eq!(
        (landed.len(), places.len()),
        (messages, messages),
        "each message landed once"
    );
}

#[test]
fn a_standby_takes_over_after_kill_9_and_its_first_events_come() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let first = leader(&station, &lake);
    let mut second = standby(&station, &lake);
    station.send(&people(0, 500));
    wait_until_landed(&lake, 500, &first);
    drop(first.kill());
    station.send(&people(500, 700));
    let (line, took) = timed(|| second.wait_for_line(PATIENCE, leads));
    println!("took over {took:?} after kill -9 ({line})");
    wait_until_landed(&lake, 700, &second);
    // The first event after the take-over is of the 500th person.
    let events =
        || yidang_tests::messages::read_topic(&station.broker.address(), "dq.feedback.ga.v1").len();
    assert!(
        wait_for(PATIENCE, || (events() >= 70).then_some(())).is_some(),
        "{} events",
        events()
    );
    second.terminate();
    drop(second.finish(PATIENCE).expect_code(0));
    check(&lake, 700, 700);
}

/// Longest wait for the moment of a pause; it comes with the next epoch, or soon after it, or is missed.
const MOMENT: Duration = Duration::from_secs(10);

/// Stops a worker at the first moment after `when`.
fn freeze_when(worker: &Running, when: impl FnMut() -> bool) {
    catch_moment(MOMENT, when);
    worker.freeze();
}

fn entries(lake: &Path, table: &str) -> usize {
    std::fs::read_dir(lake.join(table).join("_delta_log")).map_or(0, Iterator::count)
}

fn data_files(folder: &Path) -> usize {
    let Ok(found) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("landed_day=") {
            data_files(&entry.path())
        } else {
            usize::from(name.contains(".parquet"))
        }
    };
    found.filter_map(Result::ok).map(count).sum()
}

/// Where a paused worker stands, as the disk shows it.
#[derive(Debug)]
struct Moment {
    /// Epoch of the landing table.
    landing: i64,
    /// Epoch of the observations, which every epoch here gives rows to.
    derived: i64,
    /// Messages sent that are not landed.
    waiting: i64,
    /// Data files of landing that no entry names.
    unnamed: usize,
}

impl Moment {
    fn of(lake: &Path, sent: i64) -> Self {
        Self {
            landing: epoch_of(lake, "landing"),
            derived: epoch_of(lake, "observation_person"),
            waiting: sent - landed(lake),
            unnamed: unnamed(&lake.join("landing")),
        }
    }
}

/// Data files of a table that no entry of its log names.
fn unnamed(table: &Path) -> usize {
    let files = data_files(table);
    let entries = lake_log::entries(table);
    let named = entries.iter().flat_map(|entry| &entry.adds);
    let named: BTreeSet<&str> = named.map(|add| add.path.as_str()).collect();
    files.saturating_sub(named.len())
}

/// Pauses the leader at a moment, lets a standby take over and work, wakes the old one: it must stop being a writer.
fn paused(
    moment: &str,
    is_hit: impl Fn(&Moment) -> bool,
    mut is_there: impl FnMut(&Path) -> Box<dyn FnMut() -> bool>,
) {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let mut old = leader(&station, &lake);
    let mut new = standby(&station, &lake);
    station.send(&people(0, 300));
    wait_until_landed(&lake, 300, &old);
    let fenced_before = metric(&old, "yidang_fenced_total").unwrap_or(0.0);
    let mut sent = 300;
    let tries = (1..=25).find(|_| {
        let when = is_there(&lake);
        station.send(&people(200, 400));
        sent += 200;
        freeze_when(&old, when);
        let seen = Moment::of(&lake, sent);
        println!("{moment}: paused at {seen:?}");
        let is_where_it_was_to_be = is_hit(&seen);
        if !is_where_it_was_to_be {
            old.resume();
            wait_until_landed(&lake, sent, &old);
        }
        is_where_it_was_to_be
    });
    assert!(tries.is_some(), "no pause fell {moment}");
    station.send(&people(300, 500));
    sent += 200;
    let (_, took) = timed(|| new.wait_for_line(PATIENCE, leads));
    println!("{moment}: took over {took:?} after SIGSTOP");
    wait_until_landed(&lake, sent, &new);
    old.resume();
    let line = old.wait_for_line(PATIENCE, |line| line.contains("stopped being the writer"));
    println!("{moment}: {line}");
    // Had it noticed through the group alone, its puts would not have been under test.
    assert!(
        !line.contains("the group gave the lead"),
        "{moment}: it was not stopped by the log: {line}"
    );
    assert!(
        metric(&old, "yidang_fenced_total").unwrap_or(0.0) > fenced_before,
        "the fence counter moved"
    );
    assert_eq!(
        metric(&new, "yidang_leader"),
        Some(1.0),
        "the new one leads on"
    );
    station.send(&people(500, 600));
    sent += 100;
    wait_until_landed(&lake, sent, &new);
    old.terminate();
    drop(old.finish(PATIENCE).expect_code(0));
    new.terminate();
    drop(new.finish(PATIENCE).expect_code(0));
    check(&lake, 600, usize::try_from(sent).expect("a count"));
    let uri = lake.to_str().expect("a plain name").to_owned();
    drop(
        station
            .verb(&["verify", "reconcile", "--lake", &uri])
            .run(PATIENCE)
            .expect_code(0),
    );
}

#[test]
fn schedule_05_a_worker_paused_after_its_landing_put_is_fenced() {
    paused(
        "after the landing put",
        |seen| seen.landing > seen.derived,
        |lake| {
            let (lake, before) = (lake.to_owned(), entries(lake, "landing"));
            Box::new(move || entries(&lake, "landing") > before)
        },
    );
}

#[test]
fn schedule_05_a_worker_paused_before_its_landing_put_is_fenced() {
    paused(
        "before the landing put",
        |seen| seen.landing == seen.derived && seen.waiting > 0 && seen.unnamed > 0,
        |lake| {
            let (lake, before) = (lake.to_owned(), data_files(&lake.join("landing")));
            Box::new(move || data_files(&lake.join("landing")) > before)
        },
    );
}

/// Kills the leader behind a landing put whose derived tables it has not begun, or not finished; gives the messages sent.
fn leave_pending(station: &Station, lake: &Path, mut worker: Running, mut sent: i64) -> i64 {
    for _ in 0..25 {
        let before = entries(lake, "landing");
        station.send(&people(200, 400));
        sent += 200;
        catch_moment(PATIENCE, || entries(lake, "landing") > before);
        drop(worker.kill());
        let (landing, derived) = (
            epoch_of(lake, "landing"),
            epoch_of(lake, "observation_person"),
        );
        println!("killed with landing at epoch {landing}, observations at {derived}");
        if landing > derived {
            return sent;
        }
        worker = leader(station, lake);
        wait_until_landed(lake, sent, &worker);
    }
    panic!("no kill left an epoch pending")
}

#[test]
fn schedule_06_a_worker_with_a_newer_bundle_and_a_column_more_takes_over_a_pending_epoch() {
    let station = Station::with_topics();
    station.broker.create_topic(feed_is_data::TOPIC, 1);
    let schemas = feed_is_data::schemas();
    let schemas = schemas.path().to_str().expect("a plain name");
    let lake = station.lake("lake");
    let uri = lake.to_str().expect("a plain name");
    let first = leader(&station, &lake);
    station.send(&people(0, 300));
    wait_until_landed(&lake, 300, &first);
    let sent = leave_pending(&station, &lake, first, 300);

    let mut newer = station.worker(&lake, Pace::OWN, &["--schemas", schemas]);
    newer.wait_for_line(PATIENCE, leads);
    let mended = logged(&newer.error(), "recovered", "mended");
    let mended = mended.as_ref().and_then(serde_json::Value::as_str);
    let mended = mended.expect("it says what it mended").to_owned();
    println!("the newer one mended {mended}");
    assert!(mended.contains("observation_person"), "{mended}");
    wait_until_landed(&lake, sent, &newer);
    station.send(&[feed_is_data::sent("C-1", SIYUAN, b"A", 1)]);
    let lane = format!("{}/0/0", feed_is_data::TOPIC);
    let read = wait_for(PATIENCE, || positions(&lake).get(&lane).copied());
    assert_eq!(read, Some(1), "{}", newer.said());
    newer.terminate();
    drop(newer.finish(PATIENCE).expect_code(0));

    let rows = read_lines(
        Reader::Polars,
        lake.join("person_file").to_str().expect("a plain name"),
        "person_id",
    );
    let rows: Vec<serde_json::Value> = rows
        .iter()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    let ids: BTreeSet<String> = rows
        .iter()
        .map(|row| row["person_id"].to_string())
        .collect();
    assert_eq!((rows.len(), ids.len()), (401, 401), "each person once");
    for row in &rows {
        let grade = if row["id_no"] == SIYUAN {
            "1".into()
        } else {
            serde_json::Value::Null
        };
        assert_eq!(row["reader_grade"], grade, "only a reader has one");
    }
    let reconcile = ["verify", "reconcile", "--lake", uri, "--schemas", schemas];
    drop(station.verb(&reconcile).run(PATIENCE).expect_code(0));

    let older = station.worker(&lake, Pace::OWN, &[]).finish(PATIENCE);
    assert_ne!(older.code, 0, "{}", older.text());
    assert!(older.text().contains("generation 2"), "{}", older.text());
}

#[test]
fn schedule_19_a_standby_joining_and_leaving_ten_times_leaves_the_leader_alone() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let first = leader(&station, &lake);
    for round in 0..10_u32 {
        station.send(&people(round * 20, round * 20 + 20));
        let other = standby(&station, &lake);
        wait_until_landed(&lake, i64::from(round) * 20 + 20, &first);
        pause(Duration::from_millis(300));
        assert!(
            !other.error().iter().any(|line| leads(line)),
            "{}",
            other.said()
        );
        if round % 2 == 0 {
            other.terminate();
            drop(other.finish(PATIENCE).expect_code(0));
        } else {
            drop(other.kill());
        }
    }
    let roles: Vec<String> = first
        .error()
        .into_iter()
        .filter(|line| line.starts_with("role: "))
        .collect();
    assert_eq!(
        roles.iter().filter(|line| leads(line)).count(),
        1,
        "{roles:?}"
    );
    assert_eq!(
        roles.last().map(String::as_str),
        Some("role: leader"),
        "{roles:?}"
    );
    assert_eq!(metric(&first, "yidang_fenced_total"), Some(0.0));
    assert_eq!(metric(&first, "yidang_term"), Some(1.0));
    first.terminate();
    drop(first.finish(PATIENCE).expect_code(0));
    check(&lake, 200, 200);
}

#[test]
fn a_standby_that_is_to_end_when_idle_waits_for_its_turn() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let first = leader(&station, &lake);
    let mut second = station.worker(&lake, Pace::OWN, &["--until-idle", "1"]);
    second.wait_for_line(PATIENCE, |line| line.contains("role: standby"));
    station.send(&people(0, 100));
    wait_until_landed(&lake, 100, &first);
    // Everything is in the tables, and not by its doing.
    pause(Duration::from_secs(4));
    assert_eq!(second.code(), None, "{}", second.said());
    assert!(
        !second.error().iter().any(|line| leads(line)),
        "{}",
        second.said()
    );
    first.terminate();
    drop(first.finish(PATIENCE).expect_code(0));
    second.wait_for_line(PATIENCE, leads);
    drop(second.finish(PATIENCE).expect_code(0));
    check(&lake, 100, 100);
}

#[test]
fn two_workers_started_at_once_on_an_empty_lake_make_one_lake_and_one_leader() {
    let station = Station::with_topics();
    station.send(&people(0, 300));
    for round in 0..3 {
        let lake = station.lake(&format!("lake-{round}"));
        let mut both = [
            station.worker(&lake, Pace::OWN, &[]),
            station.worker(&lake, Pace::OWN, &[]),
        ];
        let reached = wait_for(PATIENCE, || {
            assert!(
                both.iter_mut().all(|worker| worker.code().is_none()),
                "{}\n{}",
                both[0].said(),
                both[1].said()
            );
            (landed(&lake) >= 300).then_some(())
        });
        assert!(reached.is_some(), "{}\n{}", both[0].said(), both[1].said());
        let leading = both
            .iter()
            .filter(|worker| metric(worker, "yidang_leader") == Some(1.0))
            .count();
        assert_eq!(leading, 1);
        for worker in both {
            worker.terminate();
            drop(worker.finish(PATIENCE).expect_code(0));
        }
        check(&lake, 300, 300);
    }
}
