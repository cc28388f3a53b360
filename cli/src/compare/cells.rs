//! Cells of a table in the form in which the truth states them.
//!
//! Dates as `YYYY-MM-DD`, times in epoch milliseconds, structs and maps as objects without their absent parts, lists as
//! arrays. The source index of a list element says where it came from, not what it is, and is left out; `provenance` of a row
//! tells it by column.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
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
        DataType::List(_) => elements(array, row).map(without_source).collect(),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let names = entries.column(0).as_string::<i32>();
            let entry = |place| {
                let value = cell(entries.column(1).as_ref(), place);
                (names.value(place).to_owned(), value)
            };
            Value::Object(present((0..entries.len()).map(entry)))
        }
        other => panic!("file tables have no column of type {other}"),
    }
}

fn elements(array: &dyn Array, row: usize) -> impl Iterator<Item = Value> {
    let elements = array.as_list::<i32>().value(row);
    (0..elements.len()).map(move |place| cell(elements.as_ref(), place))
}

/// Column to the agencies and feeds that its value, or the elements of its list, come from: what the row's `provenance` says
/// of columns, and what elements say of themselves.
pub fn provenance(batch: &RecordBatch, row: usize, held: &Value) -> Value {
    let mut columns: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut note = |column: &str, told: &Value| {
        let place = told.get(SOURCE).and_then(Value::as_u64);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let source = place.and_then(|place| held.get("sources")?.get(place));
        let text = |name: &str| source.and_then(|source| source.get(name)?.as_str());
        let text = |name: &str| text(name).unwrap_or_default().to_owned();
        let sources = columns.entry(column.to_owned()).or_default();
        sources.insert((text("agency"), text("feed")));
    };
    for (name, told) in held
        .get("cells")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        // Parts of a struct that come from different messages stand one by one.
        note(name.split('.').next().unwrap_or(name), told);
    }
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if names_sources(field.data_type()) {
            elements(column.as_ref(), row).for_each(|element| note(field.name(), &element));
        }
    }
    let told = |(agency, feed)| json!({"agency": agency, "feed": feed});
    let columns = columns
        .into_iter()
        .map(|(column, sources)| (column, sources.into_iter().map(told).collect()));
    Value::Object(columns.collect())
}

/// Whether the elements of this type say where they came from.
fn names_sources(data_type: &DataType) -> bool {
    let DataType::List(element) = data_type else {
        return false;
    };
    match element.data_type() {
        DataType::Struct(parts) => parts.iter().any(|part| part.name() == SOURCE),
        _ => false,
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
