//! The rows of a merged file and their order: as they come, sorted by key, or the latest of each key.
//!
//! Pure and synchronous. Leaves alone: where the rows came from is carried along, not interpreted.

use std::cmp::Reverse;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};

use crate::read::LiveBatch;
use crate::spec::Upkeep;
use crate::state::FileId;

const CHUNK_ROWS: usize = 64 * 1024;

/// Rows in their new order.
pub(crate) struct Ordered {
    pub batches: Vec<RecordBatch>,
    /// Where each new row was before.
    pub moves: Vec<(FileId, u32)>,
}

/// A row: number of its batch, position in it.
type Spot = (usize, usize);

/// Columns that decide the order.
pub(crate) fn columns(upkeep: &Upkeep) -> &[String] {
    match upkeep {
        Upkeep::Appended => &[],
        Upkeep::Tiered { sort_by } | Upkeep::Hourly { sort_by } => sort_by,
        Upkeep::Latest { key, .. } => key,
    }
}

/// Puts live rows in the order that the table wants.
///
/// # Errors
/// Of Arrow, for columns that cannot be compared.
pub(crate) fn arrange(
    upkeep: &Upkeep,
    schema: &SchemaRef,
    live: &[LiveBatch],
) -> Result<Ordered, ArrowError> {
    let by = columns(upkeep);
    if by.is_empty() {
        return Ok(as_they_come(live));
    }
    let keys = keys(schema, by, live)?;
    let key = |spot: &Spot| keys.get(spot.0).map(|rows| rows.row(spot.1));
    let mut spots: Vec<Spot> = live
        .iter()
        .enumerate()
        .flat_map(|(batch, found)| (0..found.batch.num_rows()).map(move |row| (batch, row)))
        .collect();
    match upkeep {
        Upkeep::Latest { epoch, .. } => {
            let epochs = epochs(epoch, live)?;
            let epoch = |spot: &Spot| {
                epochs
                    .get(spot.0)
                    .and_then(|values| values.get(spot.1))
                    .copied()
            };
            spots.sort_by(|left, right| {
                (key(left), Reverse(epoch(left)), Reverse(left)).cmp(&(
                    key(right),
                    Reverse(epoch(right)),
                    Reverse(right),
                ))
            });
            spots.dedup_by(|later, kept| key(later) == key(kept));
        }
        _ => spots.sort_by(|left, right| (key(left), left).cmp(&(key(right), right))),
    }
    gather(live, &spots)
}

fn as_they_come(live: &[LiveBatch]) -> Ordered {
    let moves = live
        .iter()
        .flat_map(|found| found.rows.iter().map(|row| (found.file, *row)));
    Ordered {
        moves: moves.collect(),
        batches: live.iter().map(|found| found.batch.clone()).collect(),
    }
}

fn keys(schema: &SchemaRef, by: &[String], live: &[LiveBatch]) -> Result<Vec<Rows>, ArrowError> {
    let fields: Result<Vec<SortField>, ArrowError> = by
        .iter()
        .map(|column| {
            Ok(SortField::new(
                schema.field_with_name(column)?.data_type().clone(),
            ))
        })
        .collect();
    let converter = RowConverter::new(fields?)?;
    live.iter()
        .map(|found| converter.convert_columns(&picked(&found.batch, by)?))
        .collect()
}

fn picked(batch: &RecordBatch, by: &[String]) -> Result<Vec<ArrayRef>, ArrowError> {
    by.iter().map(|column| column_of(batch, column)).collect()
}

fn column_of(batch: &RecordBatch, column: &str) -> Result<ArrayRef, ArrowError> {
    let found = batch.column_by_name(column).cloned();
    found.ok_or_else(|| ArrowError::SchemaError(format!("no column {column}")))
}

fn epochs(column: &str, live: &[LiveBatch]) -> Result<Vec<Vec<i64>>, ArrowError> {
    live.iter()
        .map(|found| {
            let array = column_of(&found.batch, column)?;
            let values = array.as_primitive_opt::<Int64Type>();
            let values = values
                .ok_or_else(|| ArrowError::SchemaError(format!("column {column} is no Int64")))?;
            Ok(values
                .iter()
                .map(|value| value.unwrap_or(i64::MIN))
                .collect())
        })
        .collect()
}

fn gather(live: &[LiveBatch], spots: &[Spot]) -> Result<Ordered, ArrowError> {
    let sources: Vec<&RecordBatch> = live.iter().map(|found| &found.batch).collect();
    let batches: Result<Vec<RecordBatch>, ArrowError> = spots
        .chunks(CHUNK_ROWS)
        .map(|chunk| interleave_record_batch(&sources, chunk))
        .collect();
    let place = |(batch, row): &Spot| {
        let found = live.get(*batch)?;
        found.rows.get(*row).map(|physical| (found.file, *physical))
    };
    Ok(Ordered {
        batches: batches?,
        moves: spots.iter().filter_map(place).collect(),
    })
}
