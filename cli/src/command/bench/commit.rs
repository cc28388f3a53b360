//! Ten thousand subjects committed into tables of several sizes: what that costs must not depend on the size.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use futures::TryStreamExt;
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use yidang_ingest::lake::{Tables, specs};
use yidang_ingest::worker::now_ms;
use yidang_schemas::fault::Fault;
use yidang_sink::{Change, FileId, Lake, LakeSettings, Table, TableSpec};
use yidang_transform::token::base32;

use super::machine::cpu_seconds;
use crate::exit::Failure;
use crate::lake::OpenedLake;

/// Subjects of one commit.
const SUBJECTS: usize = 10_000;
/// Rows of the files that the tables are made of.
const FILE_ROWS: usize = 50_000;
/// Commits, at most, of which the middle one is told.
const COMMITS: usize = 5;
const TABLE: &str = "person_file";

/// Makes a table of each size beside the lake, from rows of the lake with other ids, and commits into it.
pub async fn measure(opened: OpenedLake, lake: &Path, sizes: &[usize]) -> Result<Value, Failure> {
    let tables = Tables::open_existing(&opened.lake, &opened.catalog).await?;
    let tables = tables.expect("the part before this one made the tables");
    let sample = sample(&tables).await?;
    let specs = specs(&opened.catalog);
    let spec = specs
        .files
        .iter()
        .find(|spec| spec.name == TABLE)
        .expect("the built-in dossiers have persons");
    let mut figures = Vec::new();
    for rows in sizes {
        let folder = lake.join(format!("_bench/commit-{rows}"));
        figures.push(one(&folder, spec, &sample, *rows).await?);
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Fault::unavailable("remove the table of a bench", error))?;
    }
    Ok(Value::Array(figures))
}

async fn sample(tables: &Tables) -> Result<RecordBatch, Fault> {
    let table = tables
        .files
        .iter()
        .find(|table| table.name() == TABLE)
        .expect("the built-in dossiers have persons");
    let mut batches = table.live_rows(None, None)?;
    let (mut taken, mut rows) = (Vec::new(), 0);
    while let Some(live) = batches.try_next().await? {
        rows += live.batch.num_rows();
        taken.push(live.batch);
        if rows >= FILE_ROWS {
            break;
        }
    }
    let schema = Arc::clone(&table.spec().schema);
    let joined = concat_batches(&schema, &taken);
    Ok(joined.expect("all batches have the table's columns"))
}

/// Rows with the ids of the numbers from `first` on, sorted by id as the engine writes them.
fn rows(sample: &RecordBatch, first: usize, count: usize) -> RecordBatch {
    let held = u32::try_from(sample.num_rows().max(1)).expect("a sample is bounded");
    let places = (0..u32::try_from(count).expect("a file is bounded")).map(|row| row % held);
    let batch = take_record_batch(sample, &UInt32Array::from_iter_values(places));
    let batch = batch.expect("every place lies within the sample");
    let id = |number: usize| {
        let hash = blake3::hash(&(number as u64).to_le_bytes());
        base32(hash.as_bytes().first_chunk().expect("32 bytes hold 16"))
    };
    let mut ids: Vec<String> = (first..first + count).map(id).collect();
    ids.sort_unstable();
    let ids: ArrayRef = Arc::new(StringArray::from(ids));
    let schema = batch.schema();
    let columns = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            if field.name() == "person_id" {
                Arc::clone(&ids)
            } else {
                Arc::clone(column)
            }
        });
    let columns = columns.collect();
    RecordBatch::try_new(Arc::clone(&schema), columns)
        .expect("one column was replaced by one of its type")
}

async fn one(
    folder: &Path,
    spec: &TableSpec,
    sample: &RecordBatch,
    size: usize,
) -> Result<Value, Failure> {
    let lake = Lake::open(&folder.display().to_string(), LakeSettings::default())?;
    let mut table = Table::create(&lake, spec, now_ms()).await?;
    table.claim(1, now_ms()).await?;
    let mut files: Vec<FileId> = Vec::new();
    let mut epoch = 0;
    for first in (0..size).step_by(FILE_ROWS) {
        epoch += 1;
        let batch = rows(sample, first, FILE_ROWS.min(size - first));
        let committed = table
            .commit(Change::new(1, epoch, now_ms()).with_batch(batch))
            .await?;
        files.push(committed.file.expect("rows make a file"));
    }
    let mut measured = Vec::new();
    // No more turns than leave every file some rows.
    let turns = (size / SUBJECTS).saturating_sub(1).clamp(1, COMMITS);
    for turn in 0..turns {
        epoch += 1;
        let change = Change::new(1, epoch, now_ms())
            .with_batch(rows(sample, size + turn * SUBJECTS, SUBJECTS))
            .with_deletes(replaced(&files, size, turn));
        let (cpu, started) = (cpu_seconds(), Instant::now());
        let committed = table.commit(change).await?;
        measured.push((
            cpu_seconds() - cpu,
            started.elapsed().as_secs_f64(),
            committed,
        ));
    }
    measured.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (cpu, wall, committed) = measured.get(turns / 2).expect("there were some");
    Ok(json!({
        "table_rows": size,
        "subjects": SUBJECTS,
        "cpu_seconds": cpu,
        "cpu_microseconds_per_subject": (cpu * 1e6 / SUBJECTS as f64).round(),
        "wall_seconds": wall,
        "data_bytes": committed.data_bytes,
        "vector_bytes": committed.vector_bytes,
        "log_bytes": committed.log_bytes,
    }))
}

/// The rows that a turn replaces, spread over the whole table; no row twice.
fn replaced(files: &[FileId], size: usize, turn: usize) -> Vec<(FileId, RoaringBitmap)> {
    let step = (size / SUBJECTS).max(1);
    let mut dead: Vec<(FileId, RoaringBitmap)> = files
        .iter()
        .map(|file| (*file, RoaringBitmap::new()))
        .collect();
    for place in (turn % step..size).step_by(step).take(SUBJECTS) {
        if let Some((_, rows)) = dead.get_mut(place / FILE_ROWS) {
            rows.insert(u32::try_from(place % FILE_ROWS).expect("a file is bounded"));
        }
    }
    dead.retain(|(_, rows)| !rows.is_empty());
    dead
}
