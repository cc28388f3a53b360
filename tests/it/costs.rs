//! Law 5, counted: what a commit reads and writes follows the batch, never the table; merging is amortised.
//!
//! The real engine, tables and upkeep of the worker, driven without a broker and without a clock, so that puts, bytes
//! and rows can be counted. Leaves alone: processor time, which the bench prints.

mod city;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use yidang_sink::store::counters::Tally;
use yidang_sink::{Kind, Lake, LakeSettings};
use yidang_tests::lake_log;

use city::{Driver, EpochCost};

const EPOCHS: usize = 500;
/// Every so often an epoch of one message: it updates one table.
const LONE_EVERY: usize = 10;
const MESSAGES: usize = 22;

fn lake(folder: &Path) -> Lake {
    let uri = folder.to_str().expect("temporary folders have plain names");
    Lake::open(uri, LakeSettings::default()).expect("the folder is writable")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be had")
}

fn difference(before: Tally, after: Tally) -> Tally {
    Tally {
        puts: after.puts - before.puts,
        gets: after.gets - before.gets,
        bytes_written: after.bytes_written - before.bytes_written,
        bytes_read: after.bytes_read - before.bytes_read,
    }
}

#[test]
fn a_commit_of_a_hundred_subjects_costs_the_same_into_a_thousand_rows_and_into_a_hundred_thousand()
{
    let costs = [1_000, 100_000].map(|rows| {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        runtime().block_on(table::cost_of_a_hundred(&lake(folder.path()), rows))
    });
    for cost in &costs {
        println!(
            "costs: 100 subjects into {} rows of {} files: {cost:?}",
            cost.rows, cost.files
        );
        assert_eq!(
            (cost.data.gets, cost.data.bytes_read),
            (0, 0),
            "no data byte is read"
        );
        assert_eq!(cost.data.puts, 1, "the new rows are the one data file");
        assert_eq!(
            cost.kept_files, cost.files,
            "every data file stands as it was"
        );
        assert_eq!((cost.log.puts, cost.vector.puts), (1, 1));
        // One bit per row, and what the format says of each file: length, magic, checksum, keys of its containers.
        let bound = cost.rows / 8 + 64 * cost.files + 16;
        assert!(
            cost.vector.bytes_written <= bound,
            "{} bytes of vectors, {bound} at most",
            cost.vector.bytes_written
        );
    }
    let written = costs.map(|cost| cost.data.bytes_written + cost.log.bytes_written);
    let (least, greatest) = (written[0].min(written[1]), written[0].max(written[1]));
    assert!(
        greatest * 10 <= least * 13,
        "{least} and {greatest} bytes, vectors apart"
    );
}

#[test]
fn five_hundred_epochs_write_each_table_at_most_six_times_and_put_no_more_than_their_budget() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let costs = runtime().block_on(run_epochs(&lake(folder.path())));
    check_puts(&costs);
    let names = lake_log::tables(folder.path());
    assert_eq!(names.len(), 10);
    for name in names {
        let amplification = Amplification::of(&folder.path().join(&name));
        println!("costs: {name}: {amplification}");
        assert!(amplification.is_within(6), "{name}: {amplification}");
        check_merged(&name, &amplification);
    }
}

/// A table that is never merged has an amplification of one: that merging happened and kept the files few is a bound of
/// its own.
fn check_merged(name: &str, amplification: &Amplification) {
    let most = match name {
        // Two hours that are not over yet, of 120 epochs each, and a file or two for each hour before.
        "landing" => 250,
        // Less than eight files in each tier of eight.
        "person_file" | "enterprise_file" | "state" => 40,
        // Less than sixty-four files in each of two tiers.
        "observation_person" | "observation_enterprise" => 126,
        _ => return,
    };
    assert!(
        amplification.rewrites > 0,
        "{name} was never merged: {amplification}"
    );
    assert!(
        amplification.live_files <= most,
        "{name} has more than {most} files: {amplification}"
    );
}

async fn run_epochs(lake: &Lake) -> Vec<EpochCost> {
    let mut driver = Driver::start(lake).await;
    let mut messages = city::messages(driver.catalog(), 11_000).into_iter();
    let mut costs = Vec::new();
    for place in 0..EPOCHS {
        let count = if place % LONE_EVERY == 0 { 1 } else { MESSAGES };
        let batch: Vec<_> = messages.by_ref().take(count).collect();
        assert_eq!(batch.len(), count, "the city is large enough");
        costs.push(driver.epoch(batch).await);
    }
    costs
}

/// Architecture 12: 21 puts when every table changes, 7 when one file does, 2 more with `state`.
fn check_puts(costs: &[EpochCost]) {
    let most = costs.iter().map(|cost| cost.puts).max().unwrap_or(0);
    let lone: Vec<&EpochCost> = costs.iter().filter(|cost| cost.is_lone).collect();
    let most_lone = lone.iter().map(|cost| cost.puts).max().unwrap_or(0);
    let states: BTreeSet<u64> = costs.iter().filter_map(|cost| cost.state_puts).collect();
    println!(
        "costs: {} epochs, at most {most} puts; {} updated one file alone, at most {most_lone}; state {states:?}",
        costs.len(),
        lone.len()
    );
    assert!(most <= 21, "{most} puts in one epoch");
    assert!(most >= 20, "no epoch was busy: {most}");
    assert!(
        lone.len() >= 10 && most_lone <= 7,
        "{most_lone} puts for one table"
    );
    assert_eq!(states, BTreeSet::from([2]));
}

/// What epochs gave a table and what was written for it in all, by its log.
struct Amplification {
    epoch_bytes: u64,
    merged_bytes: u64,
    vector_bytes: u64,
    log_bytes: u64,
    epoch_rows: u64,
    merged_rows: u64,
    rewrites: u64,
    live_files: usize,
}

impl Amplification {
    fn of(table: &Path) -> Self {
        let mut seen = BTreeSet::new();
        let mut vectors: BTreeMap<String, u64> = BTreeMap::new();
        let mut found = Self {
            epoch_bytes: 0,
            merged_bytes: 0,
            vector_bytes: 0,
            log_bytes: 0,
            epoch_rows: 0,
            merged_rows: 0,
            rewrites: 0,
            live_files: 0,
        };
        let entries = lake_log::entries(table);
        found.live_files = lake_log::live_files(&entries).len();
        for entry in entries {
            found.log_bytes += entry.bytes;
            for add in entry.adds {
                if let Some(vector) = &add.deletion_vector {
                    let place = format!("{}/{}", vector["pathOrInlineDv"], vector["offset"]);
                    vectors.insert(
                        place,
                        vector["sizeInBytes"].as_u64().expect("a vector has a size"),
                    );
                }
                if !seen.insert(add.path) {
                    continue;
                }
                let rows = add.rows.expect("a file has its number of rows");
                if add.data_change {
                    found.epoch_bytes += add.size_bytes;
                    found.epoch_rows += rows;
                } else {
                    found.merged_bytes += add.size_bytes;
                    found.merged_rows += rows;
                    found.rewrites += 1;
                }
            }
        }
        found.vector_bytes = vectors.values().sum();
        found
    }

    /// In bytes (vectors included) and in rows, which compression cannot flatter.
    fn is_within(&self, times: u64) -> bool {
        let bytes = self.epoch_bytes + self.merged_bytes + self.vector_bytes;
        bytes <= times * self.epoch_bytes
            && self.epoch_rows + self.merged_rows <= times * self.epoch_rows
    }
}

impl std::fmt::Display for Amplification {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = (self.epoch_bytes + self.merged_bytes + self.vector_bytes) as f64
            / self.epoch_bytes as f64;
        let rows = (self.epoch_rows + self.merged_rows) as f64 / self.epoch_rows as f64;
        write!(
            formatter,
            "bytes x {bytes:.2}, rows x {rows:.2} ({} rows of epochs, {} rewrites, {} files; {} bytes of epochs, {} of rewrites, {} of vectors, {} of log)",
            self.epoch_rows,
            self.rewrites,
            self.live_files,
            self.epoch_bytes,
            self.merged_bytes,
            self.vector_bytes,
            self.log_bytes
        )
    }
}

/// Puts so far of what an epoch writes: data, vectors and log entries.
fn puts(lake: &Lake) -> u64 {
    [Kind::Data, Kind::Vector, Kind::Log]
        .iter()
        .map(|kind| lake.counters().of(*kind).puts)
        .sum()
}
