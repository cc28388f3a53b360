//! Schedule 5, its third part, and schedule 13: a worker that is paused while a merged file of a table is put and its entry
//! is not.
//!
//! The other two parts of schedule 5 pause at the puts of an epoch. Here nothing of an epoch is under way: what would be doubled are the
//! rows that the merge copied, after another worker has replaced them. Leaves alone: which files a merge takes (`sink`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use yidang_sink::name::{self, Tag};
use yidang_tests::lake_log::{self, Entry};
use yidang_tests::messages::Message;
use yidang_tests::patience::{catch_moment, wait_for};
use yidang_tests::process::Running;
use yidang_tests::readers::{Reader, read_agreed, read_lines};
use yidang_tests::records::{hukou_with, resident};
use yidang_tests::station::{PATIENCE, Pace, Station, leads, metric};

use super::{check, epoch_of, freeze_when, landed, wait_until_landed};

const TABLE: &str = "person_file";

/// Twenty people an epoch: eight epochs of newcomers make a merge due.
const PACE: Pace = Pace {
    epoch_messages: 20,
    ..Pace::OWN
};
const NEWCOMERS: u32 = 160;
/// More would have a number that somebody has already.
const PEOPLE_MAX: u32 = 27_000;

const LAST_NAME: &str = "郑二";

/// Pauses until one was ended by the put of the merge itself, at most. The merge and the next landing race for it, and
/// about one in five is the merge: ten pauses were not always enough on a busy machine.
const ROUNDS: usize = 30;

/// What is said once more by a worker that was overtaken.
const OVERTAKEN: &str = "stopped being the writer";

/// Newcomers, each told of twice: as they come, and with another name while a worker is paused.
struct Stream<'a> {
    station: &'a Station,
    lake: PathBuf,
    people: u32,
    renamed: u32,
    sent: i64,
}

impl Stream<'_> {
    fn send(&mut self, people: impl Iterator<Item = u32>, name: &str, version: u32) {
        let person = |number: u32| {
            let members = if number.is_multiple_of(10) {
                r#","MZ":"77""#
            } else {
                ""
            };
            hukou_with(&resident(number), name, version, members)
        };
        let messages: Vec<Message> = people.map(person).collect();
        self.sent += i64::try_from(messages.len()).expect("a count");
        self.station.send(&messages);
    }

    fn newcomers(&mut self) {
        let from = self.people;
        self.people += NEWCOMERS;
        assert!(self.people < PEOPLE_MAX, "no pause was where it was to be");
        self.send(from..self.people, "郑一", 1);
    }

    /// Everybody who has the first name gets the last one: every row that a merge has copied is replaced.
    fn rename(&mut self) {
        let latest = self.renamed..self.people;
        self.renamed = self.people;
        self.send(latest, LAST_NAME, 2);
    }

    fn wait_until_written(&self, worker: &Running) {
        wait_until_landed(&self.lake, self.sent, worker);
        let written =
            || epoch_of(&self.lake, "observation_person") == epoch_of(&self.lake, "landing");
        let reached = wait_for(PATIENCE, || written().then_some(()));
        assert!(reached.is_some(), "{}", worker.said());
    }
}

/// Complete files of merged rows in the folder of the table, whether the table has them or not.
fn merged_files(lake: &Path) -> BTreeSet<String> {
    let Ok(found) = std::fs::read_dir(lake.join(TABLE)) else {
        return BTreeSet::new();
    };
    let names = found.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|file| name::read(file).is_some_and(|tag| tag.is_merged))
        .collect()
}

fn named(entries: &[Entry]) -> BTreeSet<String> {
    let adds = entries.iter().flat_map(|entry| &entry.adds);
    adds.map(|add| add.path.clone()).collect()
}

/// A merge whose file is there and whose entry is not.
#[derive(Debug)]
struct Caught {
    file: String,
    /// Files that it has read: those of the table whose epochs it says that it holds.
    read: BTreeSet<String>,
    /// Entries of the table at the pause.
    entries: usize,
    /// Messages sent and not landed.
    waiting: i64,
}

fn caught(lake: &Path, known: &BTreeSet<String>, sent: i64) -> Option<Caught> {
    let entries = lake_log::entries(&lake.join(TABLE));
    let named = named(&entries);
    let mut unnamed = merged_files(lake)
        .into_iter()
        .filter(|file| !known.contains(file) && !named.contains(file));
    let file = unnamed.next()?;
    let span = name::read(&file)?.epochs?;
    let is_within = |tag: Tag| {
        tag.epochs
            .is_some_and(|(least, greatest)| span.0 <= least && greatest <= span.1)
    };
    let live = lake_log::live_files(&entries).into_keys();
    Some(Caught {
        read: live
            .filter(|file| name::read(file).is_some_and(is_within))
            .collect(),
        file,
        entries: entries.len(),
        waiting: sent - landed(lake),
    })
}

/// Pauses the leader between the two puts of a merge.
fn pause_in_a_merge(stream: &mut Stream<'_>, leader: &Running) -> Caught {
    for number in 1.. {
        let (lake, known) = (stream.lake.clone(), merged_files(&stream.lake));
        stream.newcomers();
        freeze_when(leader, || !merged_files(&lake).is_subset(&known));
        let caught = caught(&lake, &known, stream.sent);
        println!("try {number}: caught {caught:?}");
        // With messages waiting it would come to a landing put first.
        if let Some(caught) = caught.filter(|caught| caught.waiting == 0) {
            return caught;
        }
        leader.resume();
        stream.wait_until_written(leader);
    }
    unreachable!("newcomers have an end")
}

fn is_merge(entry: &Entry) -> bool {
    let operation = entry.commit_info.as_ref().map(|info| &info["operation"]);
    operation.is_some_and(|operation| operation == "OPTIMIZE")
}

/// A file that is not where it belongs for a while. Epochs do not read it, a merge would have to.
struct Aside {
    place: PathBuf,
    aside: PathBuf,
}

impl Aside {
    fn put(file: &Path, lake: &Path) -> Self {
        let (place, aside) = (file.to_owned(), lake.with_extension("aside"));
        std::fs::rename(&place, &aside).expect("the folder is ours");
        Self { place, aside }
    }

    fn back(self) {
        std::fs::rename(self.aside, self.place).expect("the folder is ours");
    }
}

/// Files that a merge has read and that epochs took rows from since.
fn replaced_since(caught: &Caught, lake: &Path) -> usize {
    let entries = lake_log::entries(&lake.join(TABLE));
    let since = entries.iter().skip(caught.entries);
    let of_epochs = since.filter(|entry| !is_merge(entry));
    let removed: BTreeSet<&String> = of_epochs.flat_map(|entry| &entry.removes).collect();
    caught
        .read
        .iter()
        .filter(|file| removed.contains(file))
        .count()
}

fn lines_with(worker: &Running, text: &str) -> Vec<String> {
    let lines = worker.error().into_iter();
    lines.filter(|line| line.contains(text)).collect()
}

/// How one pause went.
struct Overtaken {
    caught: Caught,
    /// Files of its merge that lost rows to epochs meanwhile.
    lost_rows: usize,
    /// What stopped it.
    line: String,
}

/// One pause: the other worker takes over and replaces every row that was copied, then the paused one wakes.
fn overtake(stream: &mut Stream<'_>, old: &Running, new: &Running) -> Overtaken {
    let fenced_before = metric(old, "yidang_fenced_total").unwrap_or(0.0);
    let said_before = lines_with(old, OVERTAKEN).len();
    let caught = pause_in_a_merge(stream, old);
    stream.rename();
    let lost_rows = write_on(stream, &caught, new);
    old.resume();
    let said = || lines_with(old, OVERTAKEN).into_iter().nth(said_before);
    let line = wait_for(PATIENCE, said);
    let line = line.unwrap_or_else(|| panic!("it was not overtaken: {}", old.said()));
    assert!(
        metric(old, "yidang_fenced_total").unwrap_or(0.0) > fenced_before,
        "the fence counter moved"
    );
    assert_eq!(
        metric(new, "yidang_leader"),
        Some(1.0),
        "the new one leads on"
    );
    Overtaken {
        caught,
        lost_rows,
        line,
    }
}

/// The other worker takes over and writes all that waits.
///
/// It would merge the same files at once, before its first epoch: as soon as it has read where rows stand, one of them is
/// put aside, until its epochs have replaced the rows in their old places.
fn write_on(stream: &Stream<'_>, caught: &Caught, new: &Running) -> usize {
    let led_before = lines_with(new, "role: leader").len();
    let took_over = catch_moment(PATIENCE, || {
        lines_with(new, "role: leader").len() > led_before
    });
    let first = caught.read.first().expect("a merge reads files");
    let aside = Aside::put(&stream.lake.join(TABLE).join(first), &stream.lake);
    assert!(took_over, "{}", new.said());
    stream.wait_until_written(new);
    let lost_rows = replaced_since(caught, &stream.lake);
    aside.back();
    lost_rows
}

fn stands_by_again(worker: &Running) {
    let last = || lines_with(worker, "role: ").pop();
    let is_standby = || {
        last()
            .is_some_and(|line| line == "role: standby")
            .then_some(())
    };
    assert!(
        wait_for(PATIENCE, is_standby).is_some(),
        "{}",
        worker.said()
    );
}

/// Everybody has one row, and it says the last name.
fn nobody_came_back(stream: &Stream<'_>) {
    let uri = stream.lake.join(TABLE);
    let rows = read_lines(
        Reader::Polars,
        uri.to_str().expect("a plain name"),
        "person_id",
    );
    let old = rows.iter().filter(|line| {
        let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        row["name"] != LAST_NAME
    });
    assert_eq!(old.count(), 0, "rows of before came back");
}

fn is_in_no_entry(files: &[String], lake: &Path) {
    let named = named(&lake_log::entries(&lake.join(TABLE)));
    assert!(
        files.iter().all(|file| !named.contains(file)),
        "the merge of a paused worker is in the log"
    );
}

fn stream_of(station: &Station) -> Stream<'_> {
    Stream {
        station,
        lake: station.lake("lake"),
        people: 0,
        renamed: 0,
        sent: 0,
    }
}

fn ends_well(worker: Running) {
    worker.terminate();
    drop(worker.finish(PATIENCE).expect_code(0));
}

/// Everybody has one row, everything landed once, and the merges of paused workers are in no entry.
fn all_is_well(stream: &Stream<'_>, files: &[String]) {
    let count = |number: i64| usize::try_from(number).expect("a count");
    let (people, sent) = (count(i64::from(stream.people)), count(stream.sent));
    check(&stream.lake, people, sent);
    is_in_no_entry(files, &stream.lake);
    let uri = stream.lake.to_str().expect("a plain name");
    let reconcile = ["verify", "reconcile", "--lake", uri];
    drop(stream.station.verb(&reconcile).run(PATIENCE).expect_code(0));
}

#[test]
fn schedule_05_a_worker_paused_before_a_compaction_put_is_fenced() {
    let station = Station::with_topics();
    let mut stream = stream_of(&station);
    let lake = stream.lake.clone();
    let mut old = station.worker(&lake, PACE, &[]);
    old.wait_for_line(PATIENCE, leads);
    let mut new = station.worker(&lake, PACE, &[]);
    new.wait_for_line(PATIENCE, |line| line.contains("role: standby"));
    let mut files = Vec::new();
    let is_seen = (1..=ROUNDS).any(|round| {
        let seen = overtake(&mut stream, &old, &new);
        println!(
            "pause {round}: {} of {} files of the merge lost rows to epochs; {}",
            seen.lost_rows,
            seen.caught.read.len(),
            seen.line
        );
        let its_own_put = format!("committing to table {TABLE}: fenced");
        let is_seen = seen.line.contains(&its_own_put) && seen.lost_rows > 0;
        files.push(seen.caught.file);
        is_in_no_entry(&files, &lake);
        if !is_seen {
            // Something else was put or noticed first: once more, the other way round.
            stands_by_again(&old);
            std::mem::swap(&mut old, &mut new);
        }
        is_seen
    });
    assert!(
        is_seen,
        "no paused merge came to its put after epochs had replaced rows of its files"
    );
    let merges = || {
        let entries = lake_log::entries(&lake.join(TABLE));
        entries.iter().filter(|entry| is_merge(entry)).count()
    };
    let merged = wait_for(PATIENCE, || (merges() > 0).then_some(()));
    assert!(merged.is_some(), "merges that are not paused are put");
    for worker in [old, new] {
        ends_well(worker);
    }
    nobody_came_back(&stream);
    println!("{} merges of {TABLE} are in its log", merges());
    all_is_well(&stream, &files);
}

/// Nothing comes in: the merge was the last thing that anybody does to the table before the take-over.
#[test]
fn schedule_13_a_merge_of_a_quiet_table_paused_over_a_take_over_and_a_purge_leaves_a_table_that_reads()
 {
    let station = Station::with_topics();
    let mut stream = stream_of(&station);
    let lake = stream.lake.clone();
    let mut old = station.worker(&lake, PACE, &[]);
    old.wait_for_line(PATIENCE, leads);
    let mut new = station.worker(&lake, PACE, &[]);
    new.wait_for_line(PATIENCE, |line| line.contains("role: standby"));
    let caught = pause_in_a_merge(&mut stream, &old);
    new.wait_for_line(PATIENCE, leads);
    ends_well(new);
    let uri = lake.to_str().expect("a plain name");
    drop(
        station
            .verb(&["purge", "--lake", uri])
            .run(PATIENCE)
            .expect_code(0),
    );
    let is_gone = |file: &String| !lake.join(TABLE).join(file).exists();
    assert!(is_gone(&caught.file), "nobody knew that file");
    println!(
        "{} of the {} files that the merge read are gone",
        caught.read.iter().filter(|file| is_gone(file)).count(),
        caught.read.len()
    );
    old.resume();
    let overtaken = wait_for(PATIENCE, || lines_with(&old, OVERTAKEN).pop());
    println!("{}", overtaken.unwrap_or_else(|| panic!("{}", old.said())));
    let people = || {
        read_agreed(
            lake.join(TABLE).to_str().expect("a plain name"),
            "person_id",
        )
    };
    assert_eq!(
        people().len(),
        usize::try_from(stream.people).expect("a count")
    );
    // It is the only one that is left: it leads again and writes on.
    let led = || (lines_with(&old, "role: leader").len() > 1).then_some(());
    assert!(wait_for(PATIENCE, led).is_some(), "{}", old.said());
    stream.rename();
    stream.wait_until_written(&old);
    ends_well(old);
    nobody_came_back(&stream);
    all_is_well(&stream, &[caught.file]);
}
