//! Schedules that speak of a broker: what agencies receive over a kill, topics that were made anew, brokers that forgot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use yidang_tests::messages::{Message, Stored, read_topic};
use yidang_tests::patience::{catch_moment, wait_for};
use yidang_tests::process::Running;
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::records::{
    DEATH, HUKOU, SIYUAN, XIAOMEI, death, hukou, hukou_with, removal, residence, resident,
};
use yidang_tests::station::{PATIENCE, Pace, Station, epoch_of, leads, logged, positions};

const FEEDBACK: &str = "dq.feedback.ga.v1";

fn rows(lake: &Path, table: &str, key: &str) -> Vec<serde_json::Value> {
    let lines = read_lines(
        Reader::Polars,
        lake.join(table).to_str().expect("a plain name"),
        key,
    );
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect()
}

fn person(lake: &Path, id: &str) -> Option<serde_json::Value> {
    rows(lake, "person_file", "person_id")
        .into_iter()
        .find(|row| row["id_no"] == id)
}

fn leader(station: &Station, lake: &Path) -> Running {
    let mut worker = station.worker(lake, Pace::HASTY, &[]);
    worker.wait_for_line(PATIENCE, leads);
    worker
}

fn stop(worker: Running) {
    worker.terminate();
    drop(worker.finish(PATIENCE).expect_code(0));
}

fn entries(lake: &Path, table: &str) -> usize {
    std::fs::read_dir(lake.join(table).join("_delta_log")).map_or(0, Iterator::count)
}

#[test]
fn schedule_01_a_kill_between_a_wrong_death_and_its_correction() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    station.send(&[
        hukou(SIYUAN, "陈思远", 1),
        hukou(XIAOMEI, "林晓梅", 2),
        death("D1", XIAOMEI, 10),
    ]);
    let worker = leader(&station, &lake);
    assert!(
        wait_for(PATIENCE, || (epoch_of(&lake, "person_file") > 0)
            .then_some(()))
        .is_some(),
        "{}",
        worker.said()
    );
    drop(worker.kill());
    station.send(&[death("D1", SIYUAN, 11)]);
    drop(station.drain(&lake, Pace::HASTY));
    let (dead, alive) = (person(&lake, SIYUAN), person(&lake, XIAOMEI));
    let evidence = |row: &Option<serde_json::Value>| {
        row.as_ref()
            .map(|row| row["death_evidence"].to_string())
            .unwrap_or_default()
    };
    assert!(evidence(&dead).contains("D1") && !evidence(&alive).contains("D1"));
}

fn effects(lake: &Path) -> Vec<String> {
    let observed = rows(lake, "observation_person", "offset");
    let effect = |row: &serde_json::Value| row["effect"].as_str().map(str::to_owned);
    let mut effects: Vec<String> = observed.iter().filter_map(effect).collect();
    effects.sort();
    effects
}

/// Everything that was sent to the topic is landed, and the file has what the last epoch changed in it.
fn wait_until_filed(lake: &Path, topic: &str, messages: i64, worker: &Running) {
    let is_filed = || {
        read_to(lake, topic) == messages
            && epoch_of(lake, "person_file") == epoch_of(lake, "landing")
    };
    let filed = wait_for(PATIENCE, || is_filed().then_some(()));
    assert!(filed.is_some(), "{}", worker.said());
}

#[test]
fn schedule_04_the_only_record_withdrawn_stays_withdrawn_over_kill_9_and_a_restart() {
    // What was withdrawn is remembered by a checkpoint, or by the landed epochs alone.
    for (checkpoint_epochs, is_in_state) in [(1, true), (1_000, false)] {
        let station = Station::with_topics();
        let lake = station.lake("lake");
        let pace = Pace {
            checkpoint_epochs,
            ..Pace::HASTY
        };
        let start = || {
            let mut worker = station.worker(&lake, pace, &[]);
            worker.wait_for_line(PATIENCE, leads);
            worker
        };
        let worker = start();
        station.send(&[death("D1", SIYUAN, 20)]);
        wait_until_filed(&lake, DEATH, 1, &worker);
        assert!(person(&lake, SIYUAN).is_some(), "his one record");
        station.send(&[removal(DEATH, "D1", 30)]);
        wait_until_filed(&lake, DEATH, 2, &worker);
        let is_kept = || epoch_of(&lake, "state") == epoch_of(&lake, "landing");
        let kept = wait_for(PATIENCE, || (is_kept() || !is_in_state).then_some(()));
        assert!(kept.is_some(), "{}", worker.said());
        assert_eq!(worker.kill().code, 128 + 9);
        assert!(person(&lake, SIYUAN).is_none(), "no live record, no row");

        let worker = start();
        let replayed = logged(&worker.error(), "recovered", "replayed");
        let replayed = replayed.and_then(|count| count.as_u64());
        println!("a state is {is_in_state}: {replayed:?} epochs were done again");
        assert_eq!(replayed == Some(0), is_in_state);
        // With somebody else, so that the epoch gives the file a row.
        station.send(&[death("D1", SIYUAN, 15), hukou(XIAOMEI, "林晓梅", 1)]);
        let is_landed = || read_to(&lake, DEATH) == 3 && read_to(&lake, HUKOU) == 1;
        let landed = wait_for(PATIENCE, || is_landed().then_some(()));
        assert!(landed.is_some(), "{}", worker.said());
        stop(worker);
        assert!(person(&lake, SIYUAN).is_none(), "no live record, no row");
        assert!(person(&lake, XIAOMEI).is_some());
        assert_eq!(effects(&lake), ["applied", "applied", "applied", "stale"]);
        let stale = rows(&lake, "observation_person", "offset")
            .into_iter()
            .find(|row| row["effect"] == "stale");
        assert_eq!(stale.expect("looked at above")["feed"], "wj.death");
    }
}

/// Events of the feedback topic by id, each with every copy of it.
fn events(station: &Station) -> BTreeMap<String, Vec<Stored>> {
    let mut events: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
    if !station
        .broker
        .topics()
        .iter()
        .any(|(topic, _)| topic == FEEDBACK)
    {
        return events;
    }
    for stored in read_topic(&station.broker.address(), FEEDBACK) {
        events
            .entry(stored.header("ce_id").expect("every event has its id"))
            .or_default()
            .push(stored);
    }
    events
}

#[test]
fn schedule_08_a_kill_between_commit_and_publish_repeats_events_byte_for_byte() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let (mut unpublished, mut repeated) = (0, 0);
    let rounds = 8_u32;
    for round in 0..rounds {
        let worker = leader(&station, &lake);
        let before = entries(&lake, "issue_event");
        let spoiled = (0..20)
            .map(|person| hukou_with(&resident(round * 20 + person), "郑一", 1, r#","MZ":"77""#));
        station.send(&spoiled.collect::<Vec<Message>>());
        catch_moment(PATIENCE, || entries(&lake, "issue_event") != before);
        if round % 2 == 1 {
            // Published, and the position not landed yet.
            let all = usize::try_from(round * 20 + 20).expect("few");
            assert!(
                wait_for(PATIENCE, || (events(&station).len() >= all).then_some(())).is_some(),
                "{}",
                worker.said()
            );
        }
        drop(worker.kill());
        let published = events(&station).len();
        let committed = rows(&lake, "issue_event", "event_id").len();
        println!("round {round}: {committed} events committed, {published} published at the kill");
        assert!(published <= committed, "never an event that is no row");
        unpublished += usize::from(published < committed);
    }
    drop(station.drain(&lake, Pace::HASTY));
    let events = events(&station);
    let committed = rows(&lake, "issue_event", "event_id");
    let ids: BTreeSet<String> = committed
        .iter()
        .filter_map(|row| Some(row["event_id"].as_str()?.to_owned()))
        .collect();
    assert_eq!(
        events.keys().cloned().collect::<BTreeSet<String>>(),
        ids,
        "one event per id"
    );
    assert_eq!(ids.len(), usize::try_from(rounds * 20).expect("few"));
    for copies in events.values() {
        repeated += copies.len() - 1;
        let first = &copies[0];
        let same = |copy: &Stored| {
            (&copy.key, &copy.headers, &copy.value) == (&first.key, &first.headers, &first.value)
        };
        assert!(copies.iter().all(same), "the same bytes");
    }
    println!("{unpublished} kills between commit and publish, {repeated} repeated events");
    assert!(unpublished > 0, "no kill fell between commit and publish");
    assert!(
        repeated > 0,
        "no kill fell between publish and the landed position"
    );
    // A graceful end landed the position: nothing is repeated any more.
    let count: usize = events.values().map(Vec::len).sum();
    drop(station.drain(&lake, Pace::HASTY));
    assert_eq!(
        self::events(&station).values().map(Vec::len).sum::<usize>(),
        count
    );
}

/// Tables to which an epoch of people with a defect gives rows.
const DERIVED: [&str; 5] = [
    "observation_person",
    "person_file",
    "finding",
    "issue",
    "issue_event",
];

#[test]
fn schedule_12_kills_between_derived_puts_open_each_issue_once() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    let (mut sent, mut between) = (0, 0);
    for round in 0..10 {
        let worker = leader(&station, &lake);
        let watched = DERIVED[round % DERIVED.len()];
        let before = entries(&lake, watched);
        // Person 0 has a sequence number that is a finding of its own.
        let spoiled = (sent + 1..=sent + 20)
            .map(|person| hukou_with(&resident(person), "郑一", 1, r#","MZ":"77""#));
        station.send(&spoiled.collect::<Vec<Message>>());
        sent += 20;
        catch_moment(PATIENCE, || entries(&lake, watched) != before);
        drop(worker.kill());
        let landed = epoch_of(&lake, "landing");
        let done = DERIVED.map(|table| epoch_of(&lake, table) == landed);
        println!("killed after {watched}: epoch {landed}, of {DERIVED:?} put {done:?}");
        between += usize::from(done.contains(&true) && done.contains(&false));
    }
    assert!(
        between >= 3,
        "only {between} kills fell between derived puts"
    );
    drop(station.drain(&lake, Pace::HASTY));
    let told = rows(&lake, "issue_event", "event_id");
    let opened: Vec<(&str, i64)> = told
        .iter()
        .map(|row| {
            assert_eq!(row["transition"], "opened");
            let issue = row["issue_id"].as_str().expect("an event is of an issue");
            (issue, row["seq"].as_i64().expect("events are numbered"))
        })
        .collect();
    let issues: BTreeSet<&str> = opened.iter().map(|(issue, _)| *issue).collect();
    let all = usize::try_from(sent).expect("few");
    assert_eq!((opened.len(), issues.len()), (all, all), "one each");
    assert!(opened.iter().all(|(_, number)| *number == 1));
    assert_eq!(rows(&lake, "issue", "issue_id").len(), all);
    assert_eq!(rows(&lake, "finding", "finding_id").len(), all);
    let published: BTreeSet<String> = events(&station).into_keys().collect();
    assert_eq!(published.len(), all, "every event went out");
}

/// Next offsets of the lanes of a topic, summed up; of every incarnation that begins so.
fn read_to(lake: &Path, lanes: &str) -> i64 {
    let of_topic = |(lane, _): &(String, i64)| lane.starts_with(lanes);
    positions(lake)
        .into_iter()
        .filter(of_topic)
        .map(|(_, position)| position)
        .sum()
}

/// Deaths for both partitions of the topic: more in each than any topic before held.
fn deaths_of_round(round: u32) -> Vec<Message> {
    let in_each = 4 * (round + 1);
    let one = |partition: i32, place: u32| {
        let number = format!("N{round}P{partition}M{place}");
        death(&number, XIAOMEI, 10 + 20 * round + place).partition(partition)
    };
    (0..2)
        .flat_map(|partition| (0..in_each).map(move |place| one(partition, place)))
        .collect()
}

fn certificates(lake: &Path, id: &str) -> String {
    person(lake, id)
        .map(|row| row["death_evidence"].to_string())
        .unwrap_or_default()
}

#[test]
fn schedule_10_a_topic_deleted_and_made_anew_stops_its_feed_and_the_others_go_on() {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    station.send(&[
        death("D1", SIYUAN, 1).partition(0),
        death("D2", SIYUAN, 2).partition(1),
        hukou(SIYUAN, "陈思远", 3),
    ]);
    drop(station.drain(&lake, Pace::HASTY));

    for (round, running) in [(0, false), (1, true)] {
        println!(
            "the worker {} meanwhile",
            if running { "runs" } else { "is down" }
        );
        let worker = running.then(|| leader(&station, &lake));
        if let Some(worker) = &worker {
            // It reads on before the topic goes.
            let ready = wait_for(PATIENCE, || {
                yidang_tests::station::metric(worker, "yidang_consumer_lag_records").map(drop)
            });
            assert!(ready.is_some(), "{}", worker.said());
        }
        station.broker.delete_topic(DEATH);
        station.broker.create_topic(DEATH, 2);
        let fresh = deaths_of_round(round);
        station.send(&fresh);
        let worker = worker.unwrap_or_else(|| leader(&station, &lake));
        stops_and_goes_on(&station, &lake, worker, round, &fresh);
    }
    let uri = lake.to_str().expect("a plain name");
    drop(
        station
            .verb(&["verify", "reconcile", "--lake", uri])
            .run(PATIENCE)
            .expect_code(0),
    );
}

/// The feed stops with its command and takes nothing of the new topic; others go on; after the command all of it is taken.
fn stops_and_goes_on(
    station: &Station,
    lake: &Path,
    mut worker: Running,
    round: u32,
    fresh: &[Message],
) {
    let uri = lake.to_str().expect("a plain name");
    let line = worker.wait_for_line(PATIENCE, |line| line.contains("feed restart wj.death"));
    println!("{line}");
    assert!(line.contains(uri), "the command is whole");
    let others = read_to(lake, HUKOU);
    station.send(&[hukou(XIAOMEI, "林晓梅", 40 + round)]);
    let went_on = wait_for(PATIENCE, || (read_to(lake, HUKOU) > others).then_some(()));
    assert!(went_on.is_some(), "the others go on: {}", worker.said());
    let read_before = 2 + i64::from(round) * i64::try_from(deaths_of_round(0).len()).expect("few");
    assert_eq!(
        read_to(lake, DEATH),
        read_before,
        "nothing of the new topic was landed before the command"
    );
    assert!(
        !certificates(lake, XIAOMEI).contains(&format!("N{round}P")),
        "nothing of the new topic is taken for the old one"
    );
    drop(
        station
            .verb(&["feed", "restart", "wj.death", "--lake", uri])
            .run(PATIENCE)
            .expect_code(0),
    );
    let lanes = format!("{DEATH}/{}/", round + 1);
    let all = i64::try_from(fresh.len()).expect("few");
    let restarted = wait_for(PATIENCE, || (read_to(lake, &lanes) == all).then_some(()));
    assert!(restarted.is_some(), "the feed goes on: {}", worker.said());
    stop(worker);
    let held = certificates(lake, XIAOMEI);
    for message in fresh {
        let number = message.key.as_deref().map(String::from_utf8_lossy);
        let number = number.expect("a certificate has its number as key");
        assert!(held.contains(&format!("\"{number}\"")), "{number}");
    }
}

#[test]
fn schedule_11_with_nothing_but_the_lake_and_empty_topics_a_removal_still_brings_back_the_next_best()
 {
    let station = Station::with_topics();
    let lake = station.lake("lake");
    station.send(&[
        hukou(XIAOMEI, "林晓梅", 1),
        residence(XIAOMEI, "林小梅", "长乐路8号", 2),
        death("D1", SIYUAN, 20),
        death("D1", SIYUAN, 5),
    ]);
    drop(station.drain(&lake, Pace::HASTY));
    assert_eq!(
        person(&lake, XIAOMEI).expect("she has a row")["name"],
        "林晓梅"
    );
    station.send(&[removal(DEATH, "D1", 30)]);
    drop(station.drain(&lake, Pace::HASTY));
    assert!(person(&lake, SIYUAN).is_none());
    for topic in [HUKOU, DEATH, yidang_tests::records::RESIDENCE] {
        station.broker.delete_records(topic);
    }
    // What the engine keeps for itself beside tables is gone as well: a copy of the tables alone.
    let copy = station.lake("copy");
    copy_tables(&lake, &copy);
    station.send(&[death("D1", SIYUAN, 15)]);
    // The order of this feed is a field of its body, so a removal has one.
    station.send(&[hukou(XIAOMEI, "林晓梅", 40).header("op", "D")]);
    drop(station.drain(&copy, Pace::HASTY));
    assert!(person(&copy, SIYUAN).is_none(), "no row");
    let observed = rows(&copy, "observation_person", "offset");
    let effects: Vec<&str> = observed
        .iter()
        .filter(|row| row["feed"] == "wj.death")
        .filter_map(|row| row["effect"].as_str())
        .collect();
    assert_eq!(
        effects.iter().filter(|effect| **effect == "stale").count(),
        2,
        "{effects:?}"
    );
    let row = person(&copy, XIAOMEI).expect("the other record is left");
    assert_eq!(row["name"], "林小梅", "the next best came back");
}

/// Tables and what identifies the lake; no caches, no keys.
fn copy_tables(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("the folder is ours") {
        let entry = entry.expect("the folder is ours");
        if entry.file_type().expect("it is there").is_dir() {
            copy_tables(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("the folder is ours");
        }
    }
}
