//! Columns from values, for the few types that the tables of this crate have.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

pub(super) fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

pub(super) fn integer(name: &str) -> Field {
    Field::new(name, DataType::Int32, false)
}

pub(super) fn long(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

pub(super) fn bytes(name: &str) -> Field {
    Field::new(name, DataType::Binary, false)
}

pub(super) fn time(name: &str) -> Field {
    Field::new(
        name,
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        false,
    )
}

pub(super) fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

pub(super) fn texts<T: AsRef<str>>(values: impl Iterator<Item = T>) -> ArrayRef {
    optional_texts(values.map(Some))
}

pub(super) fn optional_texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

pub(super) fn integers(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

pub(super) fn longs(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub(super) fn binaries<T: AsRef<[u8]>>(values: impl Iterator<Item = T>) -> ArrayRef {
    optional_binaries(values.map(Some))
}

pub(super) fn optional_binaries<T: AsRef<[u8]>>(
    values: impl Iterator<Item = Option<T>>,
) -> ArrayRef {
    Arc::new(values.collect::<BinaryArray>())
}

/// From epoch milliseconds.
pub(super) fn times(values_ms: impl Iterator<Item = i64>) -> ArrayRef {
    optional_times(values_ms.map(Some))
}

pub(super) fn optional_times(values_ms: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    let micros = values_ms.map(|value| value.map(|ms| ms.saturating_mul(1_000)));
    Arc::new(
        micros
            .collect::<TimestampMicrosecondArray>()
            .with_timezone("UTC"),
    )
}

/// A counter as Delta can hold it.
pub(super) fn signed(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// A counter as Delta can hold it.
pub(super) fn signed_short(value: impl TryInto<i32>) -> i32 {
    value.try_into().unwrap_or(i32::MAX)
}

pub(super) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema, columns)
        .expect("columns are built in the order and types of the schema")
}
