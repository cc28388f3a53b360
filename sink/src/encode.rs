//! From a record batch to the bytes of one Parquet file and its statistics. Pure and synchronous, so that it can run on
//! any thread before the put.
//!
//! Leaves alone: names, puts, the log. Only the statistics columns of the table get minimum and maximum, here and in
//! the footer: what is not named there is personal until somebody says otherwise.

pub mod stats;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use yidang_schemas::fault::Fault;

use crate::schema::storage_type;
use crate::spec::TableSpec;

const ROW_GROUP_ROWS: usize = 128 * 1024;

/// One Parquet file, ready to be put.
#[derive(Clone)]
pub struct EncodedFile {
    pub bytes: Bytes,
    pub rows: u32,
    /// The `stats` text of the log entry.
    pub(crate) stats: String,
}

impl fmt::Debug for EncodedFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "EncodedFile({} rows, {} bytes)",
            self.rows,
            self.bytes.len()
        )
    }
}

/// Encodes the rows of one data file. The batch has the columns of the table, by name; the partition column may be
/// missing and is dropped.
///
/// # Errors
/// `Invalid` for a batch that does not fit the table.
pub fn encode(spec: &TableSpec, batch: &RecordBatch) -> Result<EncodedFile, Fault> {
    let mut encoder = FileEncoder::new(spec);
    encoder.write(batch)?;
    encoder.finish()
}

/// One Parquet file under way, batch by batch.
pub struct FileEncoder<'s> {
    spec: &'s TableSpec,
    schema: Arc<Schema>,
    /// Opened with the schema of the first batch: dictionaries are written as they come.
    writer: Option<ArrowWriter<Vec<u8>>>,
    gathered: stats::Gathered,
    rows: usize,
}

impl fmt::Debug for FileEncoder<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "FileEncoder({}, {} rows)",
            self.spec.name, self.rows
        )
    }
}

impl<'s> FileEncoder<'s> {
    /// A file without rows yet.
    #[must_use]
    pub fn new(spec: &'s TableSpec) -> Self {
        let stored = spec
            .schema
            .fields()
            .iter()
            .filter(|field| spec.is_stored(field.name()));
        let fields: Vec<Field> = stored
            .map(|field| {
                Field::new(
                    field.name(),
                    storage_type(field.data_type()),
                    field.is_nullable(),
                )
            })
            .collect();
        Self {
            spec,
            schema: Arc::new(Schema::new(fields)),
            writer: None,
            gathered: stats::Gathered::new(&spec.stats_columns),
            rows: 0,
        }
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds rows. Every batch has the same types.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        let batch = fit(self.spec, &self.schema, batch)?;
        self.gathered.add(&batch);
        self.rows += batch.num_rows();
        if self.writer.is_none() {
            self.writer = Some(self.open(&batch)?);
        }
        let writer = self.writer.as_mut().expect("opened above");
        writer
            .write(&batch)
            .map_err(|error| self.bad("writing the file").with_source(error))
    }

    /// Bytes of the file that are final so far, but for those that were taken before: row groups that are full.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let ready = self.writer.as_mut().map(ArrowWriter::inner_mut);
        ready.map(std::mem::take).unwrap_or_default()
    }

    /// The whole file, but for the bytes that were taken before.
    ///
    /// # Errors
    /// `Invalid` for a file without any batch or with more rows than 32 bits count.
    pub fn finish(mut self) -> Result<EncodedFile, Fault> {
        let writer = self.writer.take().ok_or_else(|| self.bad("no batch"))?;
        let bytes = writer
            .into_inner()
            .map_err(|error| self.bad("closing the file").with_source(error))?;
        Ok(EncodedFile {
            bytes: Bytes::from(bytes),
            rows: u32::try_from(self.rows).map_err(|_| self.bad("more rows than a file holds"))?,
            stats: self.gathered.text(self.rows),
        })
    }

    fn open(&self, batch: &RecordBatch) -> Result<ArrowWriter<Vec<u8>>, Fault> {
        let options = ArrowWriterOptions::new()
            .with_properties(properties(self.spec))
            .with_skip_arrow_metadata(true);
        ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)
            .map_err(|error| self.bad("opening the file").with_source(error))
    }

    fn bad(&self, what: &str) -> Fault {
        Fault::invalid(format!("encoding rows of table {}: {what}", self.spec.name))
    }
}

/// The columns of the table in its order and with their stored types.
fn fit(spec: &TableSpec, schema: &Arc<Schema>, batch: &RecordBatch) -> Result<RecordBatch, Fault> {
    let bad = |column: &str| {
        Fault::invalid(format!(
            "encoding rows of table {}: column {column}",
            spec.name
        ))
    };
    let known: HashSet<&str> = spec
        .schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    if let Some(field) = batch
        .schema()
        .fields()
        .iter()
        .find(|field| !known.contains(field.name().as_str()))
    {
        return Err(bad(field.name()));
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    let mut fields = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        // Rows that an older bundle makes lack the columns that were added since.
        let added = || {
            field
                .is_nullable()
                .then(|| new_null_array(field.data_type(), batch.num_rows()))
        };
        let column = batch
            .column_by_name(field.name())
            .cloned()
            .or_else(added)
            .ok_or_else(|| bad(field.name()))?;
        let wanted = storage_type(column.data_type());
        let column = if *column.data_type() == wanted {
            column
        } else {
            cast(&column, &wanted).map_err(|error| bad(field.name()).with_source(error))?
        };
        fields.push(Field::new(field.name(), wanted, field.is_nullable()));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| bad("(all)").with_source(error))
}

fn properties(spec: &TableSpec) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("1 is a zstd level");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(true)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_coerce_types(true)
        .set_created_by(concat!("yidang version ", env!("CARGO_PKG_VERSION")).to_owned());
    for column in &spec.stats_columns {
        let path = ColumnPath::new(vec![column.clone()]);
        properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    properties.build()
}
