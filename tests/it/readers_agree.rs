//! Every table that a run leaves is read by three readers that are not ours, every column, to the same bytes; the two
//! files hold what the city's truth says.
//!
//! `state` is not for readers, and is read all the same. The pyarrow paths of `deltalake` refuse tables with deletion
//! vectors, which a test holds as documented. Leaves alone: whether truth and tables agree over many seeds.

mod truth;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::dossier::{LeafRef, Shape};
use yidang_tests::broker::RealBroker;
use yidang_tests::lake_log::{self, Entry};
use yidang_tests::process::Launch;
use yidang_tests::readers::{python, read_agreed};

const PATIENCE: Duration = Duration::from_secs(120);
const RECORDS: &str = "5000";
/// Named, so that both commands make the same city whatever the hour.
const END: &str = "2026-11-01T00:00:00Z";
/// Table and the column that its rows are sorted by.
const TABLES: [(&str, &str); 10] = [
    ("landing", "digest"),
    ("observation_person", "record_ref"),
    ("observation_enterprise", "record_ref"),
    ("person_file", "person_id"),
    ("enterprise_file", "ent_id"),
    ("quarantine", "offset"),
    ("finding", "finding_id"),
    ("issue", "issue_id"),
    ("issue_event", "event_id"),
    ("state", "key"),
];
/// Columns that need something this city has not: a feed of enterprises that states only some of its fields.
const MAY_BE_NULL: [(&str, &str); 1] = [("observation_enterprise", "stated")];

/// A city on a broker, its truth beside it, and the lake that a run made of it.
struct Told {
    _broker: RealBroker,
    folder: tempfile::TempDir,
}

impl Told {
    fn run(settings: &[&str]) -> Self {
        let broker = RealBroker::start();
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let told = Self {
            folder,
            _broker: broker,
        };
        std::fs::write(told.path("id.key"), [7_u8; 32]).expect("the folder is ours");
        let (address, key, city) = (told._broker.address(), told.path("id.key"), told.path(""));
        for target in [["--out", &city], ["--brokers", &address]] {
            let simulate = [
                "simulate",
                "--records",
                RECORDS,
                "--id-key-file",
                &key,
                "--end",
                END,
            ];
            drop(
                Launch::yidang(simulate.iter().chain(&target))
                    .run(PATIENCE)
                    .expect_code(0),
            );
        }
        let lake = told.path("lake");
        let run = [
            "run",
            "--brokers",
            &address,
            "--lake",
            &lake,
            "--id-key-file",
            &key,
        ];
        let run = run
            .iter()
            .chain(&["--until-idle", "1", "--listen", "127.0.0.1:0"])
            .chain(settings);
        drop(Launch::yidang(run).run(PATIENCE).expect_code(0));
        told
    }

    fn path(&self, name: &str) -> String {
        self.folder
            .path()
            .join(name)
            .to_str()
            .expect("temporary folders have plain names")
            .to_owned()
    }

    fn table(&self, name: &str) -> String {
        self.path(&format!("lake/{name}"))
    }

    fn log(&self, table: &str) -> Vec<Entry> {
        lake_log::entries(Path::new(&self.table(table)))
    }

    /// Reads every table with every reader; holds the files against the truth.
    fn check(&self) {
        let expected: BTreeSet<String> =
            TABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(lake_log::tables(Path::new(&self.path("lake"))), expected);
        let truth = truth::Truth::read(Path::new(&self.path("truth.jsonl")));
        for (name, key) in TABLES {
            let rows = read_agreed(&self.table(name), key);
            assert_eq!(
                rows.len() as u64,
                lake_log::rows(&self.log(name)),
                "rows of {name} by its log"
            );
            check_filled(name, &rows);
            let cells = match name {
                "person_file" => truth.compare(&truth.persons, "id_no", &rows),
                "enterprise_file" => truth.compare(&truth.enterprises, "uscc", &rows),
                _ => 0,
            };
            println!(
                "readers: {name}: {} rows agree in three readers, {cells} cells with the truth",
                rows.len()
            );
        }
        assert_eq!(
            self.rows_of("landing"),
            truth.messages,
            "a row of landing is a message"
        );
    }

    fn rows_of(&self, table: &str) -> u64 {
        lake_log::rows(&self.log(table))
    }
}

/// Columns of the numbered lists that no feed fills yet, and those that the platform will: there and null.
fn filled_by_nobody(catalog: &Catalog) -> BTreeSet<String> {
    let of_feed = |feed: &Contract| {
        let mapped = feed.mappings.iter().map(|mapping| mapping.target);
        let fixed = feed.constants.iter().map(|constant| constant.target);
        mapped.chain(fixed).collect::<Vec<LeafRef>>()
    };
    let filled: BTreeSet<LeafRef> = catalog.feeds.iter().flat_map(of_feed).collect();
    let mut empty = BTreeSet::new();
    for (kind, dossier) in (0_u8..).zip(&catalog.dossiers) {
        for (place, column) in dossier.columns.iter().enumerate() {
            let leaves = (0_u16..).zip(&dossier.leaves);
            let mut own = leaves.filter(|(_, leaf)| leaf.column == place);
            let is_fact = !matches!(column.shape, Shape::Platform(_));
            if is_fact && !own.any(|(leaf, _)| filled.contains(&LeafRef { kind, leaf })) {
                empty.extend([column.name.clone(), format!("fact_{}", column.name)]);
            }
        }
    }
    let later = ["disputed", "restriction", "merged_into", "split_from"];
    empty.extend(later.map(str::to_owned));
    empty
}

/// No column is null in every row but those of the numbered lists that nobody fills yet.
fn check_filled(table: &str, rows: &[Value]) {
    assert!(!rows.is_empty(), "{table} has no rows");
    let catalog = Catalog::embedded().expect("the built-in files are sound");
    let empty = filled_by_nobody(&catalog);
    let first = rows[0].as_object().expect("a row is an object");
    for column in first
        .keys()
        .filter(|column| !MAY_BE_NULL.contains(&(table, column)) && !empty.contains(*column))
    {
        let is_filled =
            |row: &&Value| !row[column].is_null() && row[column] != Value::Array(Vec::new());
        assert!(
            rows.iter().any(|row| is_filled(&row)),
            "{table}.{column} is always null"
        );
    }
}

/// Entries that rewrote files without a change of rows, by the number of files that they replaced.
fn rewrites(log: &[Entry]) -> Vec<usize> {
    let known = |upto: usize| -> BTreeSet<&str> {
        log[..upto]
            .iter()
            .flat_map(|entry| entry.adds.iter().map(|add| add.path.as_str()))
            .collect()
    };
    let is_rewrite = |(place, entry): &(usize, &Entry)| {
        !entry.removes.is_empty()
            && entry
                .adds
                .iter()
                .any(|add| !add.data_change && !known(*place).contains(add.path.as_str()))
    };
    log.iter()
        .enumerate()
        .filter(is_rewrite)
        .map(|(_, entry)| entry.removes.len())
        .collect()
}

#[test]
fn three_readers_see_every_table_of_a_run_alike_and_the_files_hold_the_truth() {
    Told::run(&[]).check();
}

#[test]
fn after_merges_and_purges_they_still_do_and_pyarrow_refuses_what_has_vectors() {
    let told = Told::run(&["--epoch-messages", "60", "--epoch-milliseconds", "50"]);
    let rewritten = rewrites(&told.log("person_file"));
    let merges = rewritten.iter().filter(|files| **files > 1).count();
    let purges: usize = ["person_file", "enterprise_file", "issue"]
        .iter()
        .map(|table| {
            rewrites(&told.log(table))
                .iter()
                .filter(|files| **files == 1)
                .count()
        })
        .sum();
    println!(
        "readers: person_file was merged {merges} times; {purges} purges of single files in the keyed tables"
    );
    assert!(merges > 0 && purges > 0, "epochs were too few for both");
    told.check();
    check_pyarrow(&told);
}

/// `to_pyarrow_table` reads append-only tables and refuses those with deletion vectors; the README names what to use.
const PYARROW: &str = r#"
import sys
from deltalake import DeltaTable
from deltalake.exceptions import DeltaProtocolError
landing, person_file = sys.stdin.read().split("\n")
print(DeltaTable(landing).to_pyarrow_table().num_rows)
try:
    DeltaTable(person_file).to_pyarrow_table()
except DeltaProtocolError as error:
    print(error)
"#;

fn check_pyarrow(told: &Told) {
    let input = format!("{}\n{}", told.table("landing"), told.table("person_file"));
    let answer = python(PYARROW).input(input).run(PATIENCE).expect_code(0);
    assert_eq!(answer.out[0], told.rows_of("landing").to_string());
    assert!(
        answer.out[1].contains("deletionVectors"),
        "{}",
        answer.text()
    );
}
