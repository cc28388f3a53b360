//! Several workers on one lake: who leads, who takes over, and that whoever was overtaken writes nothing.

use std::path::Path;
use std::time::Duration;

use yidang_tests::messages::Message;
use yidang_tests::patience::{pause, timed, wait_for};
use yidang_tests::process::Running;
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::records::{HUKOU, hukou_with, resident};
use yidang_tests::station::{PATIENCE, Pace, Station, epoch_of, leads, metric, positions};

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
    let ids: std::collections::BTreeSet<String> =
        rows.iter().map(|line| column(line, "person_id")).collect();
    assert_eq!(
        (rows.len(), ids.len()),
        (people, people),
        "count(*) = count(distinct person_id)"
    );
    let landed = read("landing", "offset");
    let places: std::collections::BTreeSet<(String, String)> = landed
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

/// Stops a worker at the first moment after `when` and says whether the pause fell where it was to.
fn freeze_when(worker: &Running, mut when: impl FnMut() -> bool) {
    let deadline = yidang_tests::patience::Deadline::after(PATIENCE);
    while !when() && !deadline.is_past() {}
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

/// Pauses the leader at a moment, lets a standby take over and work, wakes the old one: it must stop being a writer.
fn paused(
    moment: &str,
    is_hit: impl Fn(i64, i64) -> bool,
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
        let (landing, derived) = (
            epoch_of(&lake, "landing"),
            epoch_of(&lake, "observation_person"),
        );
        println!("{moment}: paused with landing at epoch {landing}, observations at {derived}");
        let is_where_it_was_to_be = is_hit(landing, derived);
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
        |landing, derived| landing > derived,
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
        |landing, derived| landing == derived,
        |lake| {
            let (lake, before) = (lake.to_owned(), data_files(&lake.join("landing")));
            Box::new(move || data_files(&lake.join("landing")) > before)
        },
    );
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
