//! The `stats` text of a log entry (Delta protocol, "Per-file Statistics") for the few columns that may have them.
//!
//! Leaves alone: Parquet's own statistics. Types without an order that all readers share have none.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{cast, max, max_string, min, min_string};
use arrow::datatypes::{
    DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow::util::display::array_value_to_string;
use serde_json::{Map, Value, json};

/// Longer texts are no codes and get no bounds.
const LONGEST_CODE_BYTES: usize = 64;

struct Column {
    name: String,
    nulls: usize,
    least: Option<ArrayRef>,
    greatest: Option<ArrayRef>,
}

/// Bounds of the statistics columns over the batches of one file.
pub(crate) struct Gathered {
    columns: Vec<Column>,
}

impl Gathered {
    pub(crate) fn new(names: &[String]) -> Self {
        let column = |name: &String| Column {
            name: name.clone(),
            nulls: 0,
            least: None,
            greatest: None,
        };
        Self {
            columns: names.iter().map(column).collect(),
        }
    }

    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for column in &mut self.columns {
            let Some(array) = batch.column_by_name(&column.name) else {
                continue;
            };
            column.nulls += array.null_count();
            for (bound, is_least) in [(&mut column.least, true), (&mut column.greatest, false)] {
                let Some(found) = bound_of(array, is_least) else {
                    continue;
                };
                *bound = match bound.take() {
                    None => Some(found),
                    Some(kept) => {
                        let both = arrow::compute::concat(&[&kept, &found])
                            .expect("bounds of one column have one type");
                        bound_of(&both, is_least)
                    }
                };
            }
        }
    }

    pub(crate) fn text(&self, rows: usize) -> String {
        let mut stats = Map::new();
        stats.insert("numRecords".to_owned(), json!(rows));
        if !self.columns.is_empty() {
            let bounds = |pick: fn(&Column) -> Option<&ArrayRef>| -> Value {
                let pairs = self
                    .columns
                    .iter()
                    .filter_map(|column| Some((column.name.clone(), json_of(pick(column)?)?)));
                Value::Object(pairs.collect())
            };
            stats.insert(
                "minValues".to_owned(),
                bounds(|column| column.least.as_ref()),
            );
            stats.insert(
                "maxValues".to_owned(),
                bounds(|column| column.greatest.as_ref()),
            );
            let nulls = self
                .columns
                .iter()
                .map(|column| (column.name.clone(), json!(column.nulls)));
            stats.insert("nullCount".to_owned(), Value::Object(nulls.collect()));
        }
        Value::Object(stats).to_string()
    }
}

/// Least or greatest value as an array of one; none where all are null or the type has no bounds.
fn bound_of(array: &ArrayRef, is_least: bool) -> Option<ArrayRef> {
    use std::sync::Arc;

    use arrow::array::{PrimitiveArray, StringArray};
    macro_rules! number {
        ($kind:ty) => {{
            let values = array.as_primitive::<$kind>();
            let value = if is_least { min(values) } else { max(values) }?;
            let bound = PrimitiveArray::<$kind>::from_value(value, 1);
            Some(Arc::new(bound.with_data_type(array.data_type().clone())) as ArrayRef)
        }};
    }
    match array.data_type() {
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::Date32 => number!(Date32Type),
        DataType::Timestamp(_, _) => number!(TimestampMicrosecondType),
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            let value = if is_least {
                min_string(values)
            } else {
                max_string(values)
            }?;
            Some(Arc::new(StringArray::from(vec![value])))
        }
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _) => {
            bound_of(&cast(array, &DataType::Utf8).ok()?, is_least)
        }
        _ => None,
    }
}

fn json_of(bound: &ArrayRef) -> Option<Value> {
    let number = match bound.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => true,
        DataType::Utf8 | DataType::Date32 | DataType::Timestamp(_, _) => false,
        _ => return None,
    };
    let text = match bound.data_type() {
        // Without a zone for the formatter, which then needs no zone table; the zone is UTC in any case.
        DataType::Timestamp(unit, Some(_)) => {
            let plain = cast(bound, &DataType::Timestamp(*unit, None)).ok()?;
            array_value_to_string(&plain, 0).ok()? + "Z"
        }
        _ => array_value_to_string(bound, 0).ok()?,
    };
    if number {
        return text.parse::<i64>().ok().map(Value::from);
    }
    (text.len() <= LONGEST_CODE_BYTES).then_some(Value::String(text))
}

/// The statistics of a file that now has a deletion vector: its bounds may be wider than its rows.
pub(crate) fn loosen(stats: Option<&str>, rows: u32) -> String {
    let parsed = stats.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut value = parsed.unwrap_or_else(|| json!({ "numRecords": rows }));
    if let Some(members) = value.as_object_mut() {
        members.insert("tightBounds".to_owned(), Value::Bool(false));
    }
    value.to_string()
}
