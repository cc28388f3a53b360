//! In which order a table wants its rows: a comparable form of the key columns, and one file put in order.
//!
//! Pure and synchronous. Leaves alone: several files at once (see `weave`).

use std::cmp::Reverse;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::Int64Type;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};

use crate::read::LiveBatch;
use crate::spec::{TableSpec, Upkeep};

const CHUNK_ROWS: usize = 16 * 1024;

/// Columns that decide the order.
pub(super) fn columns(upkeep: &Upkeep) -> &[String] {
    match upkeep {
        Upkeep::Appended => &[],
        Upkeep::Tiered { sort_by } | Upkeep::Hourly { sort_by } => sort_by,
        Upkeep::Latest { key, .. } => key,
    }
}

/// The order of one table.
pub(super) struct Order<'s> {
    by: &'s [String],
    /// The column whose greatest value wins among rows of one key.
    latest_by: Option<&'s str>,
    converter: RowConverter,
}

/// What rows of one batch are compared by.
pub(super) struct Ranks {
    pub keys: Rows,
    /// Empty where every row is kept.
    pub epochs: Vec<i64>,
}

impl Ranks {
    pub(super) fn epoch(&self, row: usize) -> i64 {
        self.epochs.get(row).copied().unwrap_or(0)
    }
}

impl<'s> Order<'s> {
    pub(super) fn new(spec: &'s TableSpec) -> Result<Self, ArrowError> {
        let by = columns(&spec.upkeep);
        let fields: Result<Vec<SortField>, ArrowError> = by
            .iter()
            .map(|column| {
                Ok(SortField::new(
                    spec.schema.field_with_name(column)?.data_type().clone(),
                ))
            })
            .collect();
        let latest_by = match &spec.upkeep {
            Upkeep::Latest { epoch, .. } => Some(epoch.as_str()),
            _ => None,
        };
        Ok(Self {
            by,
            latest_by,
            converter: RowConverter::new(fields?)?,
        })
    }

    /// True where only the latest row of a key is kept.
    pub(super) fn is_latest(&self) -> bool {
        self.latest_by.is_some()
    }

    pub(super) fn rank(&self, batch: &RecordBatch) -> Result<Ranks, ArrowError> {
        let columns: Result<Vec<ArrayRef>, ArrowError> = self
            .by
            .iter()
            .map(|column| column_of(batch, column))
            .collect();
        let epochs = self
            .latest_by
            .map(|column| epochs(batch, column))
            .transpose()?;
        Ok(Ranks {
            keys: self.converter.convert_columns(&columns?)?,
            epochs: epochs.unwrap_or_default(),
        })
    }

    /// The rows of one file in order; among equal keys the greatest epoch comes first.
    pub(super) fn arrange(&self, live: &[LiveBatch]) -> Result<Vec<LiveBatch>, ArrowError> {
        let ranks: Result<Vec<Ranks>, ArrowError> =
            live.iter().map(|found| self.rank(&found.batch)).collect();
        let ranks = ranks?;
        let rank = |(batch, row): &(usize, usize)| {
            let ranks = ranks.get(*batch)?;
            Some((ranks.keys.row(*row), Reverse(ranks.epoch(*row))))
        };
        let mut spots: Vec<(usize, usize)> = live
            .iter()
            .enumerate()
            .flat_map(|(batch, found)| (0..found.batch.num_rows()).map(move |row| (batch, row)))
            .collect();
        spots.sort_by(|left, right| rank(left).cmp(&rank(right)));
        let sources: Vec<&RecordBatch> = live.iter().map(|found| &found.batch).collect();
        let gather = |chunk: &[(usize, usize)]| {
            let place = |(batch, row): &(usize, usize)| live.get(*batch)?.rows.get(*row).copied();
            let rows = chunk.iter().filter_map(place).collect();
            let file = live.first().expect("a chunk has rows of a batch").file;
            Ok(LiveBatch {
                file,
                rows,
                batch: interleave_record_batch(&sources, chunk)?,
            })
        };
        spots.chunks(CHUNK_ROWS).map(gather).collect()
    }
}

fn column_of(batch: &RecordBatch, column: &str) -> Result<ArrayRef, ArrowError> {
    let found = batch.column_by_name(column).cloned();
    found.ok_or_else(|| ArrowError::SchemaError(format!("no column {column}")))
}

fn epochs(batch: &RecordBatch, column: &str) -> Result<Vec<i64>, ArrowError> {
    let array = column_of(batch, column)?;
    let values = array.as_primitive_opt::<Int64Type>();
    let values =
        values.ok_or_else(|| ArrowError::SchemaError(format!("column {column} is no Int64")))?;
    Ok(values
        .iter()
        .map(|value| value.unwrap_or(i64::MIN))
        .collect())
}
