//! Reading the rows of a table: physical rows by file, or the live ones with their physical positions.
//!
//! Only the wanted columns are fetched from the store and decoded. Columns that a file does not have yet are null; the
//! partition column comes from the log. Leaves alone: predicates and joins, which belong to query engines.

pub mod input;

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{Schema, SchemaRef};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use yidang_schemas::fault::Fault;

use crate::spec::TableSpec;
use crate::state::{FileId, TableFile};
use crate::store::Lake;

const BATCH_ROWS: usize = 8192;
const FILES_AT_ONCE: usize = 2;

/// Physical rows of one file, deleted ones included.
#[derive(Debug, Clone)]
pub struct FileBatch {
    pub file: FileId,
    /// Physical position of the first row.
    pub first_row: u32,
    pub batch: RecordBatch,
}

/// Live rows of one file.
#[derive(Debug, Clone)]
pub struct LiveBatch {
    pub file: FileId,
    /// Physical position of each row.
    pub rows: Vec<u32>,
    pub batch: RecordBatch,
}

/// What a read needs, cut loose from the table, so that it can go on beside commits.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub lake: Lake,
    pub spec: Arc<TableSpec>,
}

impl Source {
    /// Columns of the table by name, in the order asked for; all for none.
    ///
    /// # Errors
    /// `Invalid` for a column that the table does not have.
    pub(crate) fn schema_of(&self, columns: Option<&[&str]>) -> Result<SchemaRef, Fault> {
        let Some(columns) = columns else {
            return Ok(Arc::clone(&self.spec.schema));
        };
        let fields: Result<Vec<_>, Fault> = columns
            .iter()
            .map(|column| {
                self.spec
                    .schema
                    .field_with_name(column)
                    .cloned()
                    .map_err(|_| {
                        Fault::invalid(format!(
                            "reading column {column} of table {}: unknown column",
                            self.spec.name
                        ))
                    })
            })
            .collect();
        Ok(Arc::new(Schema::new(fields?)))
    }

    /// Physical rows of the files, in their order.
    pub(crate) fn rows(
        &self,
        files: Vec<TableFile>,
        schema: SchemaRef,
    ) -> BoxStream<'static, Result<FileBatch, Fault>> {
        let source = self.clone();
        stream::iter(files)
            .map(move |file| {
                let (source, schema) = (source.clone(), Arc::clone(&schema));
                async move { source.file_rows(&file, schema).await }
            })
            .buffered(FILES_AT_ONCE)
            .try_flatten()
            .boxed()
    }

    /// Live rows of the files, in their order.
    pub(crate) fn live_rows(
        &self,
        files: Vec<TableFile>,
        schema: SchemaRef,
    ) -> BoxStream<'static, Result<LiveBatch, Fault>> {
        let deleted: std::collections::BTreeMap<_, _> = files
            .iter()
            .map(|file| (file.id, Arc::clone(&file.deleted)))
            .collect();
        self.rows(files, schema)
            .map_ok(move |found| {
                let gone = deleted
                    .get(&found.file)
                    .expect("a batch comes from one of the files");
                keep_live(found, |row| !gone.contains(row))
            })
            .boxed()
    }

    async fn file_rows(
        &self,
        file: &TableFile,
        schema: SchemaRef,
    ) -> Result<BoxStream<'static, Result<FileBatch, Fault>>, Fault> {
        let path = format!("{}/{}", self.spec.name, file.path);
        let stored: Vec<String> = schema
            .fields()
            .iter()
            .filter(|field| self.spec.is_stored(field.name()))
            .map(|field| field.name().clone())
            .collect();
        let is_whole = stored.len() + 1 >= self.spec.schema.fields().len();
        let input = input::fetch(
            &self.lake,
            &path,
            file.size_bytes,
            (!is_whole).then_some(stored.as_slice()),
        )
        .await?;
        let shape = Shape {
            schema,
            partition_by: self.spec.partition_by.clone(),
            partition: file.partition.clone(),
        };
        let (sender, receiver) = mpsc::channel(2);
        let (id, expected) = (file.id, file.rows);
        tokio::task::spawn_blocking(move || {
            if let Err(fault) = decode(&input, &shape, &stored, id, expected, &path, &sender) {
                // A receiver that is gone does not want to know.
                drop(sender.blocking_send(Err(fault)));
            }
        });
        let batches = stream::unfold(receiver, |mut receiver| async move {
            let next = receiver.recv().await?;
            Some((next, receiver))
        });
        Ok(batches.boxed())
    }
}

/// Drops the rows for which `is_live` is false.
fn keep_live(found: FileBatch, is_live: impl Fn(u32) -> bool) -> LiveBatch {
    let count = u32::try_from(found.batch.num_rows()).expect("a batch is bounded");
    let span: Range<u32> = found.first_row..found.first_row + count;
    let rows: Vec<u32> = span.clone().filter(|row| is_live(*row)).collect();
    if rows.len() == found.batch.num_rows() {
        return LiveBatch {
            file: found.file,
            rows,
            batch: found.batch,
        };
    }
    let mask: BooleanArray = span.map(|row| Some(is_live(row))).collect();
    let batch = filter_record_batch(&found.batch, &mask).expect("the mask is as long as the batch");
    LiveBatch {
        file: found.file,
        rows,
        batch,
    }
}

struct Shape {
    schema: SchemaRef,
    partition_by: Option<String>,
    partition: Option<String>,
}

type Sender = mpsc::Sender<Result<FileBatch, Fault>>;

fn decode(
    input: &input::Input,
    shape: &Shape,
    stored: &[String],
    file: FileId,
    expected: u32,
    path: &str,
    sender: &Sender,
) -> Result<(), Fault> {
    let bad = || Fault::corrupt(format!("reading {path}"));
    let reader = input
        .reader(stored, BATCH_ROWS)
        .map_err(|error| bad().with_source(error))?;
    let mut first_row: u32 = 0;
    for batch in reader {
        let batch = batch.map_err(|error| bad().with_source(error))?;
        let batch = shape
            .fit(&batch)
            .map_err(|error| bad().with_source(error))?;
        let rows = u32::try_from(batch.num_rows()).expect("a batch is bounded");
        if sender
            .blocking_send(Ok(FileBatch {
                file,
                first_row,
                batch,
            }))
            .is_err()
        {
            return Ok(());
        }
        first_row += rows;
    }
    if first_row == expected {
        return Ok(());
    }
    Err(Fault::corrupt(format!(
        "reading {path}: {first_row} rows, the log says {expected}"
    )))
}

impl Shape {
    /// A batch of a file in the shape that was asked for.
    fn fit(&self, batch: &RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
        let rows = batch.num_rows();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            let wanted = field.data_type();
            let column = match batch.column_by_name(field.name()) {
                _ if self.partition_by.as_deref() == Some(field.name()) => {
                    let value = self.partition.as_deref();
                    cast(
                        &StringArray::from_iter(std::iter::repeat_n(value, rows)),
                        wanted,
                    )?
                }
                Some(column) if column.data_type() == wanted => Arc::clone(column),
                Some(column) => cast(column, wanted)?,
                None => new_null_array(wanted, rows),
            };
            columns.push(column);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }
}
