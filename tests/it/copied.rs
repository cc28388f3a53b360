//! File tables without deletion vectors: put now and then, by copying the files that lose rows, for readers that refuse
//! vectors. They hold the rows that tables with vectors hold, wherever the worker dies.

use std::path::Path;

use yidang_tests::lab::{Folder, Lab, same};
use yidang_tests::messages::Message;
use yidang_tests::patience::catch_moment;
use yidang_tests::process::Finished;
use yidang_tests::readers::{Reader, python, read_agreed, read_lines};
use yidang_tests::records::{
    COMPANY, DEATH, SIYUAN, XIAOMEI, death, hukou, medical, penalties, removal, residence, resident,
};
use yidang_tests::station::{PATIENCE, Pace, Station, leads};

/// In the order of their kinds.
const FILES: [&str; 2] = ["enterprise_file", "person_file"];

/// What happens after an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    Checkpoint,
    /// A crash after the landing put, after the derived puts.
    CrashLanded,
    CrashDerived,
}

/// Thirty epochs: people who come, change, go and come back, one company whose fines grow and one that goes.
fn epochs() -> Vec<Vec<Message>> {
    let epoch = |seq: u32| {
        let person = resident(seq % 7);
        let mut messages = vec![
            residence(XIAOMEI, "林晓梅", &format!("长乐路{seq}号"), seq),
            hukou(
                &person,
                if seq.is_multiple_of(3) {
                    "郑一"
                } else {
                    "王二"
                },
                seq,
            ),
        ];
        match seq % 5 {
            0 => messages.push(death("D1", SIYUAN, seq)),
            2 => messages.push(removal(DEATH, "D1", seq)),
            3 => messages.push(penalties(
                &[("罚1号", &format!("{seq}")), ("罚2号", "3")],
                seq,
            )),
            4 => messages.push(medical(
                &format!("M{}", seq % 2),
                &format!(r#","certno":"{person}""#),
                seq,
            )),
            _ => {}
        }
        messages
    };
    (1..=30).map(epoch).collect()
}

/// Tells the epochs to a laboratory; `then` says what follows each.
fn told(mut lab: Lab, then: impl Fn(usize) -> Then) -> Lab {
    for (place, messages) in epochs().iter().enumerate() {
        match then(place) {
            Then::CrashLanded => {
                drop(lab.land(messages));
                lab = lab.crash();
            }
            Then::CrashDerived => {
                lab.epoch(messages);
                lab = lab.crash();
            }
            Then::Checkpoint => {
                lab.epoch(messages);
                lab.checkpoint();
            }
            Then::Nothing => lab.epoch(messages),
        }
    }
    lab.checkpoint();
    lab
}

fn stories() -> [fn(usize) -> Then; 4] {
    [
        |_| Then::Nothing,
        |_| Then::Checkpoint,
        |place| match (place * place + 3 * place) % 7 {
            0 => Then::CrashLanded,
            1 => Then::CrashDerived,
            2 => Then::Checkpoint,
            _ => Then::Nothing,
        },
        |place| match (place * place + 5 * place) % 5 {
            0 => Then::CrashDerived,
            1 => Then::CrashLanded,
            4 => Then::Checkpoint,
            _ => Then::Nothing,
        },
    ]
}

#[test]
fn the_same_rows_as_with_vectors_wherever_the_worker_dies() {
    for (number, story) in stories().into_iter().enumerate() {
        let expected = told(Lab::new(), story);
        let copied = told(Lab::copied(), story);
        assert_eq!(copied.tables.copied(), FILES);
        let when = format!("after story {number}");
        // Every column: what a row says of when it was made is that of the epoch that changed it.
        same(&copied.everything(), &expected.everything(), &when);
        assert!(expected.rows("person_file").len() >= 8);
        let mut again = copied.crash();
        same(&again.everything(), &expected.everything(), &when);
        again.epoch(&[residence(XIAOMEI, "林晓梅", "长乐路99号", 99)]);
        again.checkpoint();
        assert_eq!(
            again.rows("person_file").len(),
            expected.rows("person_file").len()
        );
    }
}

#[test]
fn a_crash_between_the_puts_of_two_files_or_before_the_checkpoint_is_mended() {
    let expected = told(Lab::new(), |_| Then::Nothing);
    let whole = told(Lab::copied(), |_| Then::Nothing);
    let tables = FILES;
    for put in [&tables[..1], &tables[1..], &tables[..]] {
        let mut lab = Lab::copied();
        for messages in epochs() {
            lab.epoch(&messages);
        }
        let folder: Folder = lab.stop();
        let complete = whole.folder.copy();
        for table in put {
            folder.take_table(&complete, table);
        }
        let mut lab = Lab::start(folder);
        assert!(lab.recovered.mended.is_empty(), "{:?}", lab.recovered);
        lab.checkpoint();
        let when = format!("killed after {put:?}");
        same(&lab.everything(), &expected.everything(), &when);
    }
}

#[test]
fn rows_are_put_with_the_checkpoint_and_not_before() {
    let mut lab = Lab::copied();
    lab.epoch(&[hukou(SIYUAN, "陈思远", 1), penalties(&[("罚1号", "2")], 1)]);
    assert!(lab.rows("person_file").is_empty());
    assert_eq!(lab.engine.owed().subjects(1), 1);
    lab.checkpoint();
    assert_eq!(lab.rows("person_file").len(), 1);
    assert_eq!(lab.rows("enterprise_file")[0]["uscc"], COMPANY);
    assert!(lab.engine.owed().kinds().is_empty());
    let version = lab.tables.files[0].version();
    lab.epoch(&[hukou(SIYUAN, "陈思源", 2)]);
    lab.checkpoint();
    assert_eq!(lab.rows("person_file")[0]["name"], "陈思源");
    assert_eq!(
        lab.tables.files[0].version(),
        version,
        "a table that is owed nothing is left alone"
    );
}

const CITY: [&str; 6] = [
    "--records",
    "6000",
    "--seed",
    "5",
    "--end",
    "2026-09-01T00:00:00Z",
];

/// A worker of this lake until everything is read.
fn drained(station: &Station, lake: &Path, more: &[&str]) -> Finished {
    let more = [&["--until-idle", "1.5"], more].concat();
    station.worker(lake, Pace::HASTY, &more).finish(PATIENCE)
}

fn equals_the_truth(station: &Station, lake: &Path) {
    let uri = lake.to_str().expect("a plain name");
    let arguments = [&["verify", "truth", "--lake", uri], &CITY[..]].concat();
    let compared = station.verb(&arguments).run(PATIENCE).expect_code(0);
    println!("{}", compared.text());
    let brokers = station.broker.address();
    let arguments = ["verify", "reconcile", "--lake", uri, "--brokers", &brokers];
    drop(station.verb(&arguments).run(PATIENCE).expect_code(0));
}

/// Number of rows, read by the reader that refuses deletion vectors. Its threads abort now and then while the
/// interpreter ends, whatever it read: it ends without waiting for them.
fn rows_of_pyarrow(table: &Path) -> usize {
    let text = format!(
        "import os, deltalake\nprint(deltalake.DeltaTable({:?}).to_pyarrow_table().num_rows, flush=True)\nos._exit(0)",
        table.to_str().expect("a plain name")
    );
    let counted = python(&text).run(PATIENCE).expect_code(0);
    counted.out[0].parse().expect("a number")
}

#[test]
fn killed_while_files_are_copied_the_tables_equal_the_truth_and_every_reader_reads_them() {
    let station = Station::start();
    let brokers = station.broker.address();
    let arguments = [&["simulate", "--brokers", &brokers], &CITY[..]].concat();
    drop(station.verb(&arguments).run(PATIENCE).expect_code(0));
    let lake = station.lake("copied");
    let flags = ["--deletion-vectors", "false", "--freshness-seconds", "1"];
    let data_files = || std::fs::read_dir(lake.join("person_file")).map_or(0, Iterator::count);
    for kill in 0..6 {
        let mut worker = station.worker(&lake, Pace::HASTY, &flags);
        worker.wait_for_line(PATIENCE, leads);
        let before = data_files();
        assert!(catch_moment(PATIENCE, || data_files() > before
            || worker.code().is_some()));
        let ended = worker.kill();
        assert_eq!(ended.code, 128 + 9, "{}", ended.text());
        println!(
            "kill {kill}: {} files before, {} after",
            before,
            data_files()
        );
    }
    drop(drained(&station, &lake, &flags).expect_code(0));
    equals_the_truth(&station, &lake);
    for (table, key) in [("person_file", "person_id"), ("enterprise_file", "ent_id")] {
        let path = lake.join(table);
        let rows = read_agreed(path.to_str().expect("a plain name"), key).len();
        assert_eq!(rows_of_pyarrow(&path), rows, "{table}");
        assert!(rows > 50, "{table}");
    }
    switches(&station, &lake);
}

/// The way a table was made is kept, told of, and changed by making it anew.
fn switches(station: &Station, lake: &Path) {
    let uri = lake.to_str().expect("a plain name");
    let refused = drained(station, lake, &["--deletion-vectors", "true"]).expect_code(4);
    let said = refused.text();
    let way_out = "yidang rebuild enterprise_file --deletion-vectors true --lake file://";
    assert!(said.contains(way_out), "{said}");
    let before = read_lines(Reader::Polars, &format!("{uri}/person_file"), "person_id");
    let rebuild = [
        "rebuild",
        "person_file",
        "--lake",
        uri,
        "--deletion-vectors",
    ];
    let again = [&rebuild[..], &["true"]].concat();
    drop(station.verb(&again).run(PATIENCE).expect_code(0));
    let after = read_lines(Reader::Polars, &format!("{uri}/person_file"), "person_id");
    assert!(before == after, "the same rows either way");
    drop(drained(station, lake, &[]).expect_code(0));
    equals_the_truth(station, lake);
}
