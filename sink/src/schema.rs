//! Between Arrow schemas and Delta schemas (Delta protocol, "Schema Serialization Format").
//!
//! Leaves alone: which columns a table has. Unsigned integers and other types without a Delta twin are refused.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::{Value, json};
use yidang_schemas::fault::Fault;

/// The `schemaString` of a table.
///
/// # Errors
/// `Invalid` for a type that Delta does not have.
pub(crate) fn to_delta(schema: &Schema) -> Result<String, Fault> {
    Ok(json!({ "type": "struct", "fields": fields_to_delta(schema.fields())? }).to_string())
}

fn fields_to_delta(fields: &Fields) -> Result<Vec<Value>, Fault> {
    fields.iter().map(|field| field_to_delta(field)).collect()
}

fn field_to_delta(field: &Field) -> Result<Value, Fault> {
    let kind = type_to_delta(field.data_type()).map_err(|what| {
        Fault::invalid(format!(
            "naming the Delta type of column {}: {what}",
            field.name()
        ))
    })?;
    let metadata = match field.metadata().get("comment") {
        Some(comment) => json!({ "comment": comment }),
        None => json!({}),
    };
    Ok(
        json!({ "name": field.name(), "type": kind, "nullable": field.is_nullable(), "metadata": metadata }),
    )
}

fn type_to_delta(kind: &DataType) -> Result<Value, Fault> {
    Ok(match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => json!("string"),
        DataType::Dictionary(_, value) => return type_to_delta(value),
        DataType::Boolean => json!("boolean"),
        DataType::Int8 => json!("byte"),
        DataType::Int16 => json!("short"),
        DataType::Int32 => json!("integer"),
        DataType::Int64 => json!("long"),
        DataType::Float32 => json!("float"),
        DataType::Float64 => json!("double"),
        DataType::Date32 => json!("date"),
        DataType::Timestamp(_, _) => json!("timestamp"),
        DataType::Decimal128(precision, scale) => json!(format!("decimal({precision},{scale})")),
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => {
            json!("binary")
        }
        DataType::Struct(fields) => json!({ "type": "struct", "fields": fields_to_delta(fields)? }),
        DataType::List(item) | DataType::LargeList(item) => json!({
            "type": "array",
            "elementType": type_to_delta(item.data_type())?,
            "containsNull": item.is_nullable(),
        }),
        DataType::Map(entries, _) => map_to_delta(entries)?,
        other => {
            return Err(Fault::invalid(format!(
                "Arrow type {other} has no Delta twin"
            )));
        }
    })
}

fn map_to_delta(entries: &Field) -> Result<Value, Fault> {
    let DataType::Struct(pair) = entries.data_type() else {
        return Err(Fault::invalid("a map whose entries are no struct"));
    };
    let [key, value] = pair.as_ref() else {
        return Err(Fault::invalid("a map whose entries are no pair"));
    };
    Ok(json!({
        "type": "map",
        "keyType": type_to_delta(key.data_type())?,
        "valueType": type_to_delta(value.data_type())?,
        "valueContainsNull": value.is_nullable(),
    }))
}

/// The Arrow type that a column has when it is written: instants in microseconds UTC, bytes of free length; the rest as
/// it is.
pub(crate) fn storage_type(kind: &DataType) -> DataType {
    let inner = |field: &Field| {
        Arc::new(Field::new(
            field.name(),
            storage_type(field.data_type()),
            field.is_nullable(),
        ))
    };
    match kind {
        DataType::Timestamp(_, _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| inner(field)).collect())
        }
        DataType::List(item) => DataType::List(inner(item)),
        DataType::LargeList(item) => DataType::LargeList(inner(item)),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        other => other.clone(),
    }
}

/// How a wanted schema relates to a stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    Same,
    /// The wanted schema has further nullable columns.
    Wider,
}

/// Compares `schemaString`s; comments do not count.
///
/// # Errors
/// `Invalid` where a column was dropped, changed, or added without being nullable: the change is not additive.
pub(crate) fn compare(table: &str, stored: &str, wanted: &str) -> Result<Fit, Fault> {
    let (stored, wanted) = (columns(table, stored)?, columns(table, wanted)?);
    for (name, old) in &stored {
        match wanted.iter().find(|(other, _)| other == name) {
            Some((_, new)) if new == old => {}
            Some(_) => return Err(not_additive(table, name, "has another type")),
            None => return Err(not_additive(table, name, "is unknown to this version")),
        }
    }
    let added = wanted
        .iter()
        .filter(|(name, _)| stored.iter().all(|(other, _)| other != name));
    let mut fit = Fit::Same;
    for (name, new) in added {
        if new.get("nullable") != Some(&Value::Bool(true)) {
            return Err(not_additive(table, name, "is new and may not be null"));
        }
        fit = Fit::Wider;
    }
    Ok(fit)
}

fn not_additive(table: &str, column: &str, what: &str) -> Fault {
    Fault::invalid(format!(
        "fitting the schema of table {table}: column {column} {what}"
    ))
}

fn columns(table: &str, schema: &str) -> Result<Vec<(String, Value)>, Fault> {
    let bad = || Fault::corrupt(format!("reading the schema of table {table}"));
    let mut value: Value =
        serde_json::from_str(schema).map_err(|error| bad().with_source(error))?;
    strip_metadata(&mut value);
    let fields = value
        .get("fields")
        .and_then(Value::as_array)
        .ok_or_else(bad)?;
    fields
        .iter()
        .map(|field| {
            let name = field.get("name").and_then(Value::as_str).ok_or_else(bad)?;
            Ok((name.to_owned(), field.clone()))
        })
        .collect()
}

fn strip_metadata(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("metadata");
            members.values_mut().for_each(strip_metadata);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_metadata),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: Vec<Field>) -> String {
        to_delta(&Schema::new(fields)).unwrap()
    }

    #[test]
    fn only_added_nullable_columns_make_a_schema_wider() {
        let id = Field::new("id", DataType::Utf8, false);
        let day = Field::new("day", DataType::Date32, true);
        let (old, new) = (
            schema(vec![id.clone()]),
            schema(vec![id.clone(), day.clone()]),
        );
        assert_eq!(compare("t", &old, &old).unwrap(), Fit::Same);
        assert_eq!(compare("t", &old, &new).unwrap(), Fit::Wider);
        assert!(compare("t", &new, &old).is_err());
        let strict = schema(vec![id, day.with_nullable(false)]);
        assert!(compare("t", &old, &strict).is_err());
        let other = schema(vec![Field::new("id", DataType::Int64, false)]);
        assert!(compare("t", &old, &other).is_err());
    }

    #[test]
    fn nested_types_and_comments_are_written_as_the_protocol_says() {
        let comment = [("comment".to_owned(), "标识".to_owned())].into();
        let item = Field::new(
            "element",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        );
        let text = schema(vec![
            Field::new("id", DataType::Utf8, false).with_metadata(comment),
            Field::new("at", DataType::List(Arc::new(item)), true),
        ]);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["fields"][0]["metadata"]["comment"], "标识");
        assert_eq!(value["fields"][1]["type"]["elementType"], "timestamp");
    }
}
