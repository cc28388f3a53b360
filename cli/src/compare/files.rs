//! One file table against the subjects of the truth.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use serde_json::Value;
use yidang_ingest::lake::subject_column;
use yidang_schemas::dossier::Dossier;
use yidang_schemas::fault::Fault;
use yidang_simulate::SubjectTruth;
use yidang_sink::Table;

use super::Comparison;
use super::cells::{cell, provenance, stated};
use super::result::{Differences, FileCount};

/// The column that says where the others come from.
const PROVENANCE: &str = "provenance";

/// Compares every row and every column that the truth states; `wanted` are those it has to state.
pub async fn compare(
    table: &Table,
    dossier: &Dossier,
    subjects: &[SubjectTruth],
    (columns, wanted): (&[&'static str], BTreeMap<String, u64>),
    comparison: &mut Comparison,
) -> Result<(), Fault> {
    let mut count = FileCount {
        columns: wanted,
        ..FileCount::default()
    };
    let mut expected: BTreeMap<&str, &SubjectTruth> = BTreeMap::new();
    for subject in subjects {
        let token = subject
            .token
            .as_deref()
            .expect("the truth was made with the lake's id key");
        expected.insert(token, subject);
    }
    let key = subject_column(dossier);
    let mut batches = table.live_rows(Some(columns), None)?;
    while let Some(live) = batches.try_next().await? {
        let ids = live
            .batch
            .column_by_name(&key)
            .expect("the subject's column is among those of the truth");
        let ids = ids.as_string::<i32>();
        for row in 0..live.batch.num_rows() {
            let id = ids.value(row);
            count.rows += 1;
            match expected.remove(id) {
                Some(subject) => {
                    let place = Place {
                        table: table.name(),
                        id,
                    };
                    compare_row(
                        &place,
                        &live.batch,
                        row,
                        subject,
                        &mut count,
                        &mut comparison.differences,
                    );
                }
                None => {
                    count.different += 1;
                    comparison.differences.add(|| {
                        format!(
                            "{} {id}: a row that is not in the truth, or twice",
                            table.name()
                        )
                    });
                }
            }
        }
    }
    for id in expected.keys() {
        count.different += 1;
        comparison
            .differences
            .add(|| format!("{} {id}: the row is missing", table.name()));
    }
    comparison.files.insert(table.name().to_owned(), count);
    Ok(())
}

struct Place<'a> {
    table: &'a str,
    id: &'a str,
}

fn compare_row(
    place: &Place<'_>,
    batch: &RecordBatch,
    row: usize,
    subject: &SubjectTruth,
    count: &mut FileCount,
    differences: &mut Differences,
) {
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name().as_str();
        let found = match (name, cell(column.as_ref(), row)) {
            (PROVENANCE, held) => provenance(batch, row, &held),
            (_, found) => found,
        };
        let wanted = subject.columns.get(name).map_or(Value::Null, stated);
        count.cells += 1;
        if !wanted.is_null() {
            *count.columns.entry(name.to_owned()).or_default() += 1;
        }
        if found != wanted {
            count.different += 1;
            let how = match (found.is_null(), wanted.is_null()) {
                (true, _) => "no value, the truth has one",
                (_, true) => "a value, the truth has none",
                _ => "another value",
            };
            differences.add(|| format!("{} {} {name}: {how}", place.table, place.id));
        }
    }
}
