//! Reading the rows of a table: physical rows by file, or the live ones with their physical positions.
//!
//! Only the wanted columns are fetched from the store and decoded. Columns that a file does not have yet are null; the
//! partition column comes from the log. Leaves alone: predicates and joins, which belong to query engines.

pub mod input;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{Schema, SchemaRef};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use tokio::sync::mpsc;
use yidang_schemas::fault::Fault;

use crate::spec::TableSpec;
use crate::state::{FileId, TableFile};
use crate::store::Lake;

const BATCH_ROWS: usize = 8192;
const FILES_AT_ONCE: usize = 2;
const BATCHES_AHEAD: usize = 2;

/// Physical rows of one file, deleted ones included.
#[derive(Clone)]
pub struct FileBatch {
    pub file: FileId,
    /// Physical position of the first row.
    pub first_row: u32,
    pub batch: RecordBatch,
}

impl fmt::Debug for FileBatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "FileBatch({:?}, {} rows)",
            self.file,
            self.batch.num_rows()
        )
    }
}

/// Live rows of one file.
#[derive(Clone)]
pub struct LiveBatch {
    pub file: FileId,
    /// Physical position of each row.
    pub rows: Vec<u32>,
    pub batch: RecordBatch,
}

impl fmt::Debug for LiveBatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "LiveBatch({:?}, {} rows)",
            self.file,
            self.batch.num_rows()
        )
    }
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
        let opened = self.open(file, schema).await?;
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        tokio::task::spawn_blocking(move || {
            for batch in opened.decode() {
                // A receiver that is gone does not want to know.
                if sender.blocking_send(batch).is_err() {
                    break;
                }
            }
        });
        let batches = stream::unfold(receiver, |mut receiver| async move {
            let next = receiver.recv().await?;
            Some((next, receiver))
        });
        Ok(batches.boxed())
    }

    /// Fetches what the columns need of one file.
    pub(crate) async fn open(&self, file: &TableFile, schema: SchemaRef) -> Result<Opened, Fault> {
        self.open_with(file, schema, false).await
    }

    /// As [`Source::open`]; the rows of a large file are fetched a row group at a time by the thread that decodes them.
    pub(crate) async fn open_by_group(
        &self,
        file: &TableFile,
        schema: SchemaRef,
    ) -> Result<Opened, Fault> {
        let is_large = file.size_bytes >= self.lake.settings().part_bytes as u64;
        self.open_with(file, schema, is_large).await
    }

    async fn open_with(
        &self,
        file: &TableFile,
        schema: SchemaRef,
        by_group: bool,
    ) -> Result<Opened, Fault> {
        let path = format!("{}/{}", self.spec.name, file.path);
        let stored: Vec<String> = schema
            .fields()
            .iter()
            .filter(|field| self.spec.is_stored(field.name()))
            .map(|field| field.name().clone())
            .collect();
        let is_whole = stored.len() + 1 >= self.spec.schema.fields().len();
        let wanted = (!is_whole).then_some(stored.as_slice());
        let input = if by_group {
            input::fetch_by_group(&self.lake, &path, file.size_bytes, &stored).await?
        } else {
            input::fetch(&self.lake, &path, file.size_bytes, wanted).await?
        };
        let partition_by = self.spec.partition_by.clone();
        let shape = Shape {
            schema,
            partition_by,
            partition: file.partition.clone(),
        };
        Ok(Opened {
            input,
            shape,
            stored,
            file: file.clone(),
            path,
        })
    }
}

/// A file whose bytes are here and not decoded yet.
pub(crate) struct Opened {
    input: input::Input,
    shape: Shape,
    stored: Vec<String>,
    pub file: TableFile,
    path: String,
}

impl Opened {
    /// Its physical rows, decoded one batch after the other; the last item is the fault, if there is one.
    pub(crate) fn decode(self) -> impl Iterator<Item = Result<FileBatch, Fault>> + Send {
        let mut state = Decoding::Closed(self);
        std::iter::from_fn(move || state.next())
    }

    /// Its live rows.
    pub(crate) fn decode_live(self) -> impl Iterator<Item = Result<LiveBatch, Fault>> + Send {
        let gone = Arc::clone(&self.file.deleted);
        self.decode()
            .map(move |found| found.map(|found| keep_live(found, |row| !gone.contains(row))))
    }

    fn bad(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        let unread = self.input.take_fault();
        unread
            .unwrap_or_else(|| Fault::corrupt(format!("reading {}", self.path)).with_source(error))
    }
}

enum Decoding {
    Closed(Opened),
    Open {
        opened: Opened,
        reader: ParquetRecordBatchReader,
        first_row: u32,
    },
    Done,
}

impl Decoding {
    fn next(&mut self) -> Option<Result<FileBatch, Fault>> {
        match std::mem::replace(self, Self::Done) {
            Self::Done => None,
            Self::Closed(opened) => match opened.input.reader(&opened.stored, BATCH_ROWS) {
                Err(error) => Some(Err(opened.bad(error))),
                Ok(reader) => {
                    *self = Self::Open {
                        opened,
                        reader,
                        first_row: 0,
                    };
                    self.next()
                }
            },
            Self::Open {
                opened,
                mut reader,
                first_row,
            } => {
                let Some(batch) = reader.next() else {
                    return end(&opened, first_row);
                };
                match batch.and_then(|batch| opened.shape.fit(&batch)) {
                    Err(error) => Some(Err(opened.bad(error))),
                    Ok(batch) => {
                        let rows = u32::try_from(batch.num_rows()).expect("a batch is bounded");
                        let found = FileBatch {
                            file: opened.file.id,
                            first_row,
                            batch,
                        };
                        *self = Self::Open {
                            opened,
                            reader,
                            first_row: first_row + rows,
                        };
                        Some(Ok(found))
                    }
                }
            }
        }
    }
}

fn end(opened: &Opened, rows: u32) -> Option<Result<FileBatch, Fault>> {
    let (path, expected) = (&opened.path, opened.file.rows);
    let fault = || {
        Fault::corrupt(format!(
            "reading {path}: {rows} rows, the log says {expected}"
        ))
    };
    (rows != expected).then(|| Err(fault()))
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
