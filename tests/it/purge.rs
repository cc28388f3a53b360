//! `yidang purge`: what was replaced or ended is in no file any more, and nothing else is missing.

use std::path::Path;

use yidang_tests::lake_log;
use yidang_tests::messages::Message;
use yidang_tests::process::Running;
use yidang_tests::readers::{python, read_agreed};
use yidang_tests::records::{
    DEATH, SIYUAN, death, hukou, hukou_with, removal, residence, resident,
};
use yidang_tests::station::{PATIENCE, Pace, Station, leads};

/// Stands in one version of one record, and in nothing that lives.
const OLD_ADDRESS: &str = "旧街七巷42号";
const TABLES: [&str; 3] = ["person_file", "issue", "state"];

/// Number of Parquet files of a table, named by its log or not, that hold the text in some column.
fn files_with(table: &Path, text: &str) -> usize {
    let text = format!(
        "import pathlib, pyarrow.parquet\n\
         files = pathlib.Path({:?}).rglob('*.parquet')\n\
         reads = lambda file: any({text:?} in str(value) for column in pyarrow.parquet.ParquetFile(file).read().to_pydict().values() \
         for value in ((item.decode('utf-8', 'replace') if isinstance(item, bytes) else item) for item in column))\n\
         print(sum(reads(file) for file in files if '_delta_log' not in file.parts))",
        table.to_str().expect("a plain name")
    );
    let counted = python(&text).run(PATIENCE).expect_code(0);
    counted.out[0].parse().expect("a number")
}

fn files(folder: &Path, suffix: &str) -> usize {
    let files = std::fs::read_dir(folder).expect("the table is there");
    let named = files.filter(|file| {
        let name = file.as_ref().expect("the folder is ours").file_name();
        name.to_string_lossy().ends_with(suffix)
    });
    named.count()
}

/// People who move, one whose old address is to be forgotten, one who is dead for a while, issues that open and end.
fn stream() -> Vec<Message> {
    let mut messages = vec![
        residence(SIYUAN, "陈思远", OLD_ADDRESS, 1),
        death("D1", SIYUAN, 2),
        removal(DEATH, "D1", 3),
    ];
    for seq in 4..600 {
        let id = resident(seq % 40);
        messages.push(residence(&id, "王二", &format!("长乐路{seq}号"), seq));
        let members = if seq % 2 == 0 { r#","MZ":"77""# } else { "" };
        messages.push(hukou_with(&id, "王二", seq, members));
    }
    messages
}

/// The address is another one, and an issue ends: rows that vectors hide.
fn last_change() -> [Message; 2] {
    [
        residence(SIYUAN, "陈思远", "新街1号", 601),
        hukou(&resident(38), "王二", 602),
    ]
}

fn idle(station: &Station, lake: &Path) {
    let worker: Running = station.worker(lake, Pace::HASTY, &["--until-idle", "1.5"]);
    drop(worker.finish(PATIENCE).expect_code(0));
}

fn reconciles(station: &Station, lake: &Path) {
    let brokers = station.broker.address();
    let uri = lake.to_str().expect("a plain name");
    let arguments = ["verify", "reconcile", "--lake", uri, "--brokers", &brokers];
    drop(station.verb(&arguments).run(PATIENCE).expect_code(0));
}

fn rows(lake: &Path, table: &str, key: &str) -> Vec<serde_json::Value> {
    let path = lake.join(table);
    read_agreed(path.to_str().expect("a plain name"), key)
}

#[test]
fn what_was_replaced_or_ended_is_in_no_file_and_the_rest_is_as_it_was() {
    let station = Station::with_topics();
    let lake = station.lake("purged");
    station.send(&stream());
    idle(&station, &lake);
    station.send(&last_change());
    idle(&station, &lake);
    let address = |folder: &str| files_with(&lake.join(folder), OLD_ADDRESS);
    assert!(address("person_file") + address("state") > 0);
    let before = [
        rows(&lake, "person_file", "person_id"),
        rows(&lake, "issue", "issue_id"),
    ];
    let uri = lake.to_str().expect("a plain name");
    let purge = || station.verb(&["purge", "--lake", uri, "--json"]);
    let told = purge().run(PATIENCE).expect_code(0).json();
    for table in TABLES {
        let line = told.iter().find(|line| line["table"] == table);
        let line = line.expect("every table is told of");
        assert!(line["purged_rows"].as_u64() > Some(0), "{line}");
        assert!(line["removed_files"].as_u64() > Some(0), "{line}");
        assert_eq!(address(table), 0, "{table}");
        let folder = lake.join(table);
        assert_eq!(files(&folder, ".bin"), 0, "vectors of {table}");
        let live = lake_log::live_files(&lake_log::entries(&folder));
        assert_eq!(files(&folder, ".parquet"), live.len(), "files of {table}");
    }
    let after = [
        rows(&lake, "person_file", "person_id"),
        rows(&lake, "issue", "issue_id"),
    ];
    assert!(before == after, "what lives is as it was");
    reconciles(&station, &lake);
    let again = purge().run(PATIENCE).expect_code(0).json();
    assert!(
        again.iter().all(|line| line["purged_rows"] == 0),
        "{again:?}"
    );
    // The same person once more: the row is found where the purge left it.
    station.send(&[hukou(SIYUAN, "陈思源", 700)]);
    idle(&station, &lake);
    let people = rows(&lake, "person_file", "person_id");
    assert_eq!(people.len(), before[0].len());
    reconciles(&station, &lake);
}

#[test]
fn beside_a_worker_that_leads_nothing_is_lost() {
    let station = Station::with_topics();
    let lake = station.lake("purged");
    let uri = lake.to_str().expect("a plain name").to_owned();
    let mut worker = station.worker(&lake, Pace::HASTY, &["--until-idle", "6"]);
    worker.wait_for_line(PATIENCE, leads);
    let (mut done, mut refused) = (0, 0);
    for part in stream().chunks(300) {
        station.send(part);
        let purged = station.verb(&["purge", "--lake", &uri]).run(PATIENCE);
        match purged.code {
            0 => done += 1,
            4 => {
                assert!(
                    purged.text().contains("stop the worker (SIGTERM)"),
                    "{}",
                    purged.text()
                );
                refused += 1;
            }
            _ => panic!("{}", purged.text()),
        }
    }
    println!("{done} purges done, {refused} refused");
    drop(worker.finish(PATIENCE).expect_code(0));
    let people = rows(&lake, "person_file", "person_id");
    let ids: std::collections::BTreeSet<String> = people
        .iter()
        .map(|row| row["person_id"].to_string())
        .collect();
    assert_eq!((people.len(), ids.len()), (41, 41));
    let fences = lake_log::transaction(&lake_log::entries(&lake.join("landing")), "yidang/term");
    assert!(fences > Some(1), "{fences:?}");
    reconciles(&station, &lake);
}
