//! `quarantine`: records that are in no file, by coordinates into `landing`, with the rules that hold them there.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int32Array, Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_schemas::origin::Origin;

/// One held or rejected record.
#[derive(Debug, Clone)]
pub struct QuarantineRow {
    pub origin: Origin,
    pub outcome: Outcome,
    /// Rule ids and codes of everything that failed.
    pub failed: Vec<(String, &'static str)>,
    pub generation: u32,
}

pub fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let int = |name: &str| Field::new(name, DataType::Int32, true);
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let list = DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)));
    Arc::new(Schema::new(vec![
        long("epoch"),
        text("feed"),
        text("topic"),
        int("incarnation"),
        int("partition"),
        long("offset"),
        int("row"),
        text("outcome"),
        Field::new("rules", list.clone(), true),
        Field::new("codes", list, true),
        int("generation"),
        Field::new(
            "held_at",
            yidang_transform::project::columns::timestamp_type(),
            true,
        ),
    ]))
}

/// Rows of one epoch, in landed order.
pub fn batch(
    catalog: &Catalog,
    rows: &[QuarantineRow],
    epoch: i64,
    landed_at_ms: i64,
) -> RecordBatch {
    let feed = |row: &QuarantineRow| catalog.feeds.get(usize::from(row.origin.feed));
    let ints = |value: fn(&QuarantineRow) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(value)))
    };
    let held_at =
        TimestampMicrosecondArray::from(vec![landed_at_ms.saturating_mul(1_000); rows.len()]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![epoch; rows.len()])),
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
        ints(|row| i32::try_from(row.origin.incarnation).unwrap_or(i32::MAX)),
        ints(|row| row.origin.partition),
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|row| row.origin.offset),
        )),
        ints(|row| i32::try_from(row.origin.row).unwrap_or(i32::MAX)),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| row.outcome.name()),
        )),
        list_array(rows, |(rule, _)| rule),
        list_array(rows, |(_, code)| code),
        ints(|row| i32::try_from(row.generation).unwrap_or(i32::MAX)),
        Arc::new(held_at.with_timezone("UTC")),
    ];
    RecordBatch::try_new(schema(), columns).expect("columns are built from the schema")
}

fn list_array<'a>(
    rows: &'a [QuarantineRow],
    part: fn(&'a (String, &'static str)) -> &'a str,
) -> ArrayRef {
    let mut ends = vec![0_i32];
    for row in rows {
        let before = ends.last().copied().unwrap_or(0);
        ends.push(before + i32::try_from(row.failed.len()).expect("a contract has few rules"));
    }
    let texts: Vec<&str> = rows.iter().flat_map(|row| &row.failed).map(part).collect();
    let texts = StringArray::from(texts);
    let element = Arc::new(Field::new("element", DataType::Utf8, true));
    Arc::new(ListArray::new(
        element,
        OffsetBuffer::new(ScalarBuffer::from(ends)),
        Arc::new(texts),
        None,
    ))
}
