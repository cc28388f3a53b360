//! One commit into `person_file` as the worker makes it, with rows that its engine made.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow::compute::take;
use yidang_ingest::epoch::EpochInput;
use yidang_ingest::lake::{specs, subject_column};
use yidang_sink::store::counters::Tally;
use yidang_sink::{Change, Kind, Lake, Table};

use super::city;

const TERM: i64 = 1;
const AT_MS: i64 = 1_793_491_200_000;
/// Files that the table has before the commit; all of them lose rows by it.
const FILES: u32 = 4;
const SUBJECTS: u32 = 100;

/// What the commit did.
#[derive(Debug)]
pub struct Cost {
    pub rows: u64,
    pub files: u64,
    /// Of the files before, those that the table still has, unchanged.
    pub kept_files: u64,
    pub data: Tally,
    pub vector: Tally,
    pub log: Tally,
}

/// A table of so many rows in four files, and then a commit that replaces every hundredth part of it, 100 rows.
pub async fn cost_of_a_hundred(lake: &Lake, rows: u32) -> Cost {
    let (spec, template, key) = person_rows();
    let mut table = Table::create(lake, &spec, AT_MS)
        .await
        .expect("the lake is empty");
    let each = rows / FILES;
    let mut files = Vec::new();
    for place in 0..FILES {
        let batch = batch(&template, &key, place * each..(place + 1) * each);
        let change = Change::new(TERM, i64::from(place) + 1, AT_MS).with_batch(batch);
        files.push(
            table
                .commit(change)
                .await
                .expect("the store is there")
                .file
                .expect("it had rows"),
        );
    }
    let paths: BTreeSet<(String, u64)> = table
        .files()
        .map(|file| (file.path.clone(), file.size_bytes))
        .collect();
    let step = rows / SUBJECTS;
    let replaced: Vec<u32> = (0..SUBJECTS).map(|place| place * step).collect();
    let dead = files
        .iter()
        .enumerate()
        .map(|(place, file)| (*file, dead_rows(&replaced, place, each)));
    let new_rows = rows_of(&template, &key, &replaced);
    let change = Change::new(TERM, i64::from(FILES) + 1, AT_MS)
        .with_batch(new_rows)
        .with_deletes(dead.collect());
    let tally = || [Kind::Data, Kind::Vector, Kind::Log].map(|kind| lake.counters().of(kind));
    let before = tally();
    table.commit(change).await.expect("the store is there");
    let after = tally();
    let [data, vector, log] = [0, 1, 2].map(|place| super::difference(before[place], after[place]));
    let kept = table
        .files()
        .filter(|file| paths.contains(&(file.path.clone(), file.size_bytes)))
        .count() as u64;
    assert_eq!(
        table.snapshot_summary().rows,
        u64::from(rows),
        "rows were replaced, not added"
    );
    Cost {
        rows: u64::from(rows),
        files: u64::from(FILES),
        kept_files: kept,
        data,
        vector,
        log,
    }
}

fn dead_rows(replaced: &[u32], file: usize, each: u32) -> roaring::RoaringBitmap {
    let first = u32::try_from(file).expect("four files") * each;
    replaced
        .iter()
        .filter(|row| (first..first + each).contains(*row))
        .map(|row| row - first)
        .collect()
}

/// Rows of persons from one large epoch of a city, the spec of their table and the name of its key column.
fn person_rows() -> (yidang_sink::TableSpec, RecordBatch, String) {
    let mut engine = city::engine();
    let catalog = Arc::clone(engine.catalog());
    let messages = city::messages(&catalog, 5_000);
    let input = EpochInput {
        epoch: 1,
        landed_at_ms: AT_MS,
        messages,
    };
    let plan = engine
        .plan(input)
        .unwrap_or_else(|_| panic!("planning panicked"));
    let kind = catalog
        .dossiers
        .iter()
        .position(|dossier| dossier.table == "person_file")
        .expect("it is built in");
    let rows = plan.files[kind].rows.clone().expect("a city has persons");
    assert!(rows.num_rows() > 500);
    engine.apply(plan);
    (
        specs(&catalog).files[kind].clone(),
        rows,
        subject_column(&catalog.dossiers[kind]),
    )
}

fn batch(template: &RecordBatch, key: &str, rows: std::ops::Range<u32>) -> RecordBatch {
    rows_of(template, key, &rows.collect::<Vec<u32>>())
}

/// Rows of the template over and over, each under a key of its own.
fn rows_of(template: &RecordBatch, key: &str, numbers: &[u32]) -> RecordBatch {
    let count = u32::try_from(template.num_rows()).expect("few rows");
    let places = UInt32Array::from_iter_values(numbers.iter().map(|number| number % count));
    let schema = template.schema();
    let columns = schema
        .fields()
        .iter()
        .zip(template.columns())
        .map(|(field, column)| {
            if field.name() == key {
                let keys = numbers.iter().map(|number| {
                    blake3::hash(&number.to_le_bytes())
                        .to_hex()
                        .chars()
                        .take(26)
                        .collect::<String>()
                });
                Arc::new(StringArray::from_iter_values(keys)) as ArrayRef
            } else {
                take(column, &places, None).expect("places are those of the template")
            }
        });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect())
        .expect("the columns are those of the template")
}
