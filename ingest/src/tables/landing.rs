//! `landing`: every message as received, with its outcome. The write-ahead log: an epoch exists when its rows do.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Int32Array, Int64Array,
    ListArray, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    DataType, Field, Fields, Int32Type, Int64Type, Schema, SchemaRef, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_schemas::fault::Fault;
use yidang_transform::project::columns::timestamp_type;

use crate::epoch::{EpochInput, Header, LandedMessage};

/// Name of the partition column: the day of the landing instant, UTC.
pub const PARTITION: &str = "landed_day";

/// What an epoch found out about one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageSummary {
    /// Records by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [i32; 5],
    /// Rows expected in each observation table, by kind.
    pub observations: Vec<i32>,
    pub findings: i32,
    /// Offset of the message landed before this one on its lane; none for the first.
    pub previous_offset: Option<i64>,
}

fn header_fields() -> Fields {
    vec![
        Field::new("name", DataType::Utf8, true),
        Field::new("value", DataType::Binary, true),
    ]
    .into()
}

fn header_element() -> Arc<Field> {
    Arc::new(Field::new(
        "element",
        DataType::Struct(header_fields()),
        true,
    ))
}

/// Schema of the table for a catalog: one expected-rows column per dossier kind.
pub fn schema(catalog: &Catalog) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let int = |name: &str| Field::new(name, DataType::Int32, true);
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let mut fields = vec![
        long("epoch"),
        int("ordinal"),
        text("feed"),
        text("topic"),
        int("incarnation"),
        int("partition"),
        long("offset"),
        long("previous_offset"),
        long("timestamp_ms"),
        Field::new("log_append_time", DataType::Boolean, true),
        Field::new("key", DataType::Binary, true),
        Field::new("headers", DataType::List(header_element()), true),
        Field::new("value", DataType::Binary, true),
        Field::new("digest", DataType::Binary, true),
        Field::new("held", DataType::Boolean, true),
        text("bundle"),
        Field::new("landed_at", timestamp_type(), true),
    ];
    fields.extend(Outcome::ALL.iter().map(|outcome| int(outcome.name())));
    fields.extend(
        catalog
            .dossiers
            .iter()
            .map(|dossier| int(&dossier.observation_table)),
    );
    fields.push(int("findings"));
    fields.push(Field::new(PARTITION, DataType::Date32, true));
    Arc::new(Schema::new(fields))
}

/// Rows of one epoch, in ordinal order.
#[expect(
    clippy::too_many_lines,
    reason = "a list: one entry per column, nothing to follow"
)]
pub fn batch(
    catalog: &Catalog,
    input: &EpochInput,
    summaries: &[MessageSummary],
    bundle: &str,
) -> RecordBatch {
    let rows = &input.messages;
    let count = rows.len();
    let feed = |row: &LandedMessage| catalog.feeds.get(usize::from(row.feed));
    let landed_us = input.landed_at_ms.saturating_mul(1_000);
    let day = i32::try_from(input.landed_at_ms.div_euclid(86_400_000)).unwrap_or(0);
    let digests: Vec<[u8; 16]> = rows.iter().map(LandedMessage::digest).collect();
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![input.epoch; count])),
        Arc::new(Int32Array::from_iter_values(
            (0..count).map(|row| i32::try_from(row).unwrap_or(i32::MAX)),
        )),
        Arc::new(
            rows.iter()
                .map(|row| feed(row).map(|feed| feed.id.as_str()))
                .collect::<StringArray>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| feed(row).map(|feed| feed.topic.as_str()))
                .collect::<StringArray>(),
        ),
        Arc::new(Int32Array::from_iter_values(
            rows.iter()
                .map(|row| i32::try_from(row.incarnation).unwrap_or(i32::MAX)),
        )),
        Arc::new(Int32Array::from_iter_values(
            rows.iter().map(|row| row.partition),
        )),
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|row| row.offset),
        )),
        Arc::new(
            summaries
                .iter()
                .map(|summary| summary.previous_offset)
                .collect::<Int64Array>(),
        ),
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|row| row.timestamp_ms),
        )),
        Arc::new(
            rows.iter()
                .map(|row| Some(row.log_append_time))
                .collect::<BooleanArray>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| row.key.as_deref())
                .collect::<BinaryArray>(),
        ),
        headers_array(rows),
        Arc::new(
            rows.iter()
                .map(|row| row.value.as_deref())
                .collect::<BinaryArray>(),
        ),
        Arc::new(
            digests
                .iter()
                .map(|digest| Some(digest.as_slice()))
                .collect::<BinaryArray>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| Some(row.held))
                .collect::<BooleanArray>(),
        ),
        Arc::new(StringArray::from(vec![bundle; count])),
        Arc::new(TimestampMicrosecondArray::from(vec![landed_us; count]).with_timezone("UTC")),
    ];
    for place in 0..Outcome::ALL.len() {
        let counts = summaries
            .iter()
            .map(|summary| summary.outcomes.get(place).copied());
        columns.push(Arc::new(counts.collect::<Int32Array>()));
    }
    for kind in 0..catalog.dossiers.len() {
        let counts = summaries
            .iter()
            .map(|summary| summary.observations.get(kind).copied());
        columns.push(Arc::new(counts.collect::<Int32Array>()));
    }
    columns.push(Arc::new(Int32Array::from_iter_values(
        summaries.iter().map(|summary| summary.findings),
    )));
    columns.push(Arc::new(Date32Array::from(vec![day; count])));
    RecordBatch::try_new(schema(catalog), columns).expect("columns are built from the schema")
}

fn headers_array(rows: &[LandedMessage]) -> ArrayRef {
    let all = || rows.iter().flat_map(|row| row.headers.iter());
    let names: ArrayRef = Arc::new(StringArray::from(
        all().map(|(name, _)| name.as_str()).collect::<Vec<&str>>(),
    ));
    let values: ArrayRef = Arc::new(
        all()
            .map(|(_, value)| value.as_deref())
            .collect::<BinaryArray>(),
    );
    let elements = StructArray::new(header_fields(), vec![names, values], None);
    let mut ends = vec![0_i32];
    for row in rows {
        let before = ends.last().copied().unwrap_or(0);
        ends.push(before + i32::try_from(row.headers.len()).expect("a message has few headers"));
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    Arc::new(ListArray::new(
        header_element(),
        offsets,
        Arc::new(elements),
        None,
    ))
}

/// One landed row read back.
#[derive(Debug, Clone)]
pub struct LandedRow {
    pub epoch: i64,
    pub ordinal: i32,
    pub landed_at_ms: i64,
    pub bundle: String,
    pub message: LandedMessage,
}

/// Columns that a replay reads.
pub const REPLAY_COLUMNS: [&str; 15] = [
    "epoch",
    "ordinal",
    "feed",
    "topic",
    "incarnation",
    "partition",
    "offset",
    "timestamp_ms",
    "log_append_time",
    "key",
    "headers",
    "value",
    "held",
    "bundle",
    "landed_at",
];

/// Reads rows back for a replay. Feeds are looked up by id; a feed that the catalog lacks is a fault.
pub fn read(catalog: &Catalog, batch: &RecordBatch) -> Result<Vec<LandedRow>, Fault> {
    let reader = RowReader::new(batch)?;
    (0..batch.num_rows())
        .map(|row| reader.row(catalog, row))
        .collect()
}

/// As [`read`], each row under the catalog of the bundle that it names. `None`: that bundle is not among them.
pub fn read_by_bundle<'c>(
    batch: &RecordBatch,
    catalog_of: impl Fn(&str) -> Option<&'c Catalog>,
) -> Result<Vec<LandedRow>, Fault> {
    let reader = RowReader::new(batch)?;
    let row = |row: usize| {
        let bundle = reader.text("bundle", row);
        let unknown = || Fault::corrupt(format!("replay landing: bundle {bundle} was not read"));
        reader.row(catalog_of(&bundle).ok_or_else(unknown)?, row)
    };
    (0..batch.num_rows()).map(row).collect()
}

/// The bundles that rows name.
pub fn bundles(batch: &RecordBatch) -> Result<BTreeSet<String>, Fault> {
    let reader = RowReader::new(batch)?;
    Ok((0..batch.num_rows())
        .map(|row| reader.text("bundle", row))
        .collect())
}

struct RowReader<'a> {
    batch: &'a RecordBatch,
}

impl<'a> RowReader<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self, Fault> {
        for name in REPLAY_COLUMNS {
            if batch.column_by_name(name).is_none() {
                return Err(Fault::corrupt(format!(
                    "read landing: column {name} is missing"
                )));
            }
        }
        Ok(Self { batch })
    }

    fn column(&self, name: &str) -> &'a ArrayRef {
        self.batch
            .column_by_name(name)
            .expect("checked when the reader was made")
    }

    fn long(&self, name: &str, row: usize) -> i64 {
        self.column(name).as_primitive::<Int64Type>().value(row)
    }

    fn int(&self, name: &str, row: usize) -> i32 {
        self.column(name).as_primitive::<Int32Type>().value(row)
    }

    fn text(&self, name: &str, row: usize) -> String {
        self.column(name).as_string::<i32>().value(row).to_owned()
    }

    fn bytes(&self, name: &str, row: usize) -> Option<Bytes> {
        let column = self.column(name).as_binary::<i32>();
        (!column.is_null(row)).then(|| Bytes::copy_from_slice(column.value(row)))
    }

    fn flag(&self, name: &str, row: usize) -> bool {
        self.column(name).as_boolean().value(row)
    }

    fn headers(&self, row: usize) -> Vec<Header> {
        let elements = self.column("headers").as_list::<i32>().value(row);
        let elements = elements.as_struct();
        let names = elements.column(0).as_string::<i32>();
        let values = elements.column(1).as_binary::<i32>();
        let value =
            |place| (!values.is_null(place)).then(|| Bytes::copy_from_slice(values.value(place)));
        (0..elements.len())
            .map(|place| (names.value(place).to_owned(), value(place)))
            .collect()
    }

    fn row(&self, catalog: &Catalog, row: usize) -> Result<LandedRow, Fault> {
        let feed_id = self.text("feed", row);
        let feed = catalog
            .feeds
            .iter()
            .position(|feed| feed.id == feed_id)
            .ok_or_else(|| {
                Fault::invalid(format!(
                    "replay landing: feed {feed_id} has no contract in this bundle"
                ))
            })?;
        let landed_at = self
            .column("landed_at")
            .as_primitive::<TimestampMicrosecondType>();
        let message = LandedMessage {
            feed: u16::try_from(feed).expect("a catalog has fewer feeds than 65,536"),
            incarnation: u32::try_from(self.int("incarnation", row)).unwrap_or(0),
            partition: self.int("partition", row),
            offset: self.long("offset", row),
            timestamp_ms: self.long("timestamp_ms", row),
            log_append_time: self.flag("log_append_time", row),
            key: self.bytes("key", row),
            headers: self.headers(row),
            value: self.bytes("value", row),
            held: self.flag("held", row),
        };
        Ok(LandedRow {
            epoch: self.long("epoch", row),
            ordinal: self.int("ordinal", row),
            landed_at_ms: landed_at.value(row).div_euclid(1_000),
            bundle: self.text("bundle", row),
            message,
        })
    }
}

/// Digests as they stand in the table.
pub fn digests(batch: &RecordBatch) -> Option<&BinaryArray> {
    batch.column_by_name("digest")?.as_binary_opt::<i32>()
}
