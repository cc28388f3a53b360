//! From a record batch to the bytes of one Parquet file and its statistics. Pure and synchronous, so that it can run on
//! any thread before the put.
//!
//! Leaves alone: names, puts, the log. Only the statistics columns of the table get minimum and maximum, here and in
//! the footer: what is not named there is personal until somebody says otherwise.

pub mod stats;

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
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
#[derive(Debug, Clone)]
pub struct EncodedFile {
    pub bytes: Bytes,
    pub rows: u32,
    /// The `stats` text of the log entry.
    pub(crate) stats: String,
}

/// Encodes the rows of one data file. The batch has the columns of the table, by name; the partition column may be
/// missing and is dropped.
///
/// # Errors
/// `Invalid` for a batch that does not fit the table.
pub fn encode(spec: &TableSpec, batch: &RecordBatch) -> Result<EncodedFile, Fault> {
    encode_all(spec, std::slice::from_ref(batch))
}

/// As [`encode`], for several batches of one file.
///
/// # Errors
/// As [`encode`].
pub fn encode_all(spec: &TableSpec, batches: &[RecordBatch]) -> Result<EncodedFile, Fault> {
    let bad = |what: &str| Fault::invalid(format!("encoding rows of table {}: {what}", spec.name));
    let fields: Vec<Field> = spec
        .schema
        .fields()
        .iter()
        .filter(|field| spec.is_stored(field.name()))
        .map(|field| {
            Field::new(
                field.name(),
                storage_type(field.data_type()),
                field.is_nullable(),
            )
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let options = ArrowWriterOptions::new()
        .with_properties(properties(spec))
        .with_skip_arrow_metadata(true);
    let mut writer: Option<ArrowWriter<Vec<u8>>> = None;
    let mut gathered = stats::Gathered::new(&spec.stats_columns);
    let mut rows: usize = 0;
    for batch in batches {
        let batch = fit(spec, &schema, batch)?;
        gathered.add(&batch);
        rows += batch.num_rows();
        let writer = match &mut writer {
            Some(writer) => writer,
            // The schema of the first batch: dictionaries are written as they come.
            None => writer.insert(
                ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options.clone())
                    .map_err(|error| bad("opening the file").with_source(error))?,
            ),
        };
        writer
            .write(&batch)
            .map_err(|error| bad("writing the file").with_source(error))?;
    }
    let writer = writer.ok_or_else(|| bad("no batch"))?;
    let bytes = writer
        .into_inner()
        .map_err(|error| bad("closing the file").with_source(error))?;
    Ok(EncodedFile {
        bytes: Bytes::from(bytes),
        rows: u32::try_from(rows).map_err(|_| bad("more rows than a file holds"))?,
        stats: gathered.text(rows),
    })
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
        let column = batch
            .column_by_name(field.name())
            .ok_or_else(|| bad(field.name()))?;
        let wanted = storage_type(column.data_type());
        let column = if *column.data_type() == wanted {
            Arc::clone(column)
        } else {
            cast(column, &wanted).map_err(|error| bad(field.name()).with_source(error))?
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
