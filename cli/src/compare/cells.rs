//! Cells of a table in the form in which the truth states them.
//!
//! Dates as `YYYY-MM-DD`, times in epoch milliseconds, structs as objects without their absent parts, lists as arrays.
//! The source index of a list element says where it came from, not what it is, and is left out.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use serde_json::{Map, Value, json};

/// Part of list elements that names their source.
const SOURCE: &str = "source";

/// One cell; null where it has no value.
///
/// # Panics
/// For a type that file tables do not have.
pub fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Int16 => json!(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Date32 => date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            json!(
                array
                    .as_primitive::<TimestampMicrosecondType>()
                    .value(row)
                    .div_euclid(1_000)
            )
        }
        DataType::Struct(fields) => {
            let parts = array.as_struct();
            let named = fields.iter().zip(parts.columns());
            let named = named.map(|(field, part)| (field.name().clone(), cell(part.as_ref(), row)));
            Value::Object(present(named))
        }
        DataType::List(_) => {
            let elements = array.as_list::<i32>().value(row);
            let element = |place| without_source(cell(elements.as_ref(), place));
            Value::Array((0..elements.len()).map(element).collect())
        }
        other => panic!("file tables have no column of type {other}"),
    }
}

/// A value of the truth in the same form.
pub fn stated(value: &Value) -> Value {
    match value {
        Value::Object(parts) => Value::Object(present(
            parts
                .iter()
                .map(|(name, part)| (name.clone(), stated(part))),
        )),
        Value::Array(elements) => Value::Array(elements.iter().map(stated).collect()),
        other => other.clone(),
    }
}

fn present(parts: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    parts.filter(|(_, part)| !part.is_null()).collect()
}

fn without_source(element: Value) -> Value {
    match element {
        Value::Object(mut parts) => {
            parts.remove(SOURCE);
            Value::Object(parts)
        }
        other => other,
    }
}

fn date(days: i32) -> Value {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = epoch
        .checked_add(jiff::Span::new().days(days))
        .expect("dates of files have four-digit years");
    json!(date.to_string())
}
