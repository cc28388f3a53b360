//! The dossiers promise exactly the columns that the file tables have.
//!
//! A test of data against code, in the one crate that knows both the schemas folder and the tables.

use std::fmt::Write as _;

use arrow::datatypes::{DataType, Fields};
use serde_json::Value;
use yidang_schemas::catalog::Catalog;
use yidang_transform::project::columns::file_schema;

fn listed<'v>(node: &'v Value, name: &str) -> &'v [Value] {
    node[name].as_array().map_or(&[], Vec::as_slice)
}

/// `name: shape` of all of them, one after the other.
fn told<'n>(parts: impl Iterator<Item = (&'n str, String)>) -> String {
    let mut text = String::new();
    for (name, shape) in parts {
        write!(text, "{name}: {shape}; ").unwrap();
    }
    text
}

/// The shape that a property of a dossier describes.
fn promised(property: &Value) -> String {
    match property["logicalType"].as_str().unwrap() {
        "object" => {
            let parts = listed(property, "properties").iter();
            told(parts.map(|part| (part["name"].as_str().unwrap(), promised(part))))
        }
        "array" => format!("list of ({})", promised(&property["items"])),
        "map" => {
            let [key, value] = ["key", "value"].map(|side| promised(&property["map"][side]));
            format!("map of ({key}) to ({value})")
        }
        other => other.to_owned(),
    }
}

fn fields_built(fields: &Fields) -> String {
    told(
        fields
            .iter()
            .map(|field| (field.name().as_str(), built(field.data_type()))),
    )
}

/// The shape that a column of a table has, in the words of the standard.
fn built(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "string".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Int16 | DataType::Int32 | DataType::Int64 => "integer".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::List(element) => format!("list of ({})", built(element.data_type())),
        DataType::Struct(fields) => fields_built(fields),
        DataType::Map(entry, _) => {
            let DataType::Struct(sides) = entry.data_type() else {
                panic!("entries of a map are structs");
            };
            let [key, value] = [0, 1].map(|side| built(sides[side].data_type()));
            format!("map of ({key}) to ({value})")
        }
        other => format!("{other}"),
    }
}

fn is_internal(property: &Value) -> bool {
    let mut customs = listed(property, "customProperties").iter();
    customs.any(|custom| custom["property"] == "internal" && custom["value"] == true)
}

#[test]
fn dossiers_promise_the_columns_of_their_tables() {
    let catalog = Catalog::embedded().unwrap();
    for dossier in &catalog.dossiers {
        let file = format!("dossiers/{}.odcs.yaml", dossier.name);
        let document: Value = serde_saphyr::from_str(&catalog.bundle.files[&file]).unwrap();
        let properties = listed(&document["schema"][0], "properties").iter();
        let columns = properties.filter(|property| !is_internal(property));
        let promised: Vec<_> = columns
            .map(|property| {
                (
                    property["name"].as_str().unwrap().to_owned(),
                    promised(property),
                )
            })
            .collect();
        let schema = file_schema(dossier);
        let built: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| (field.name().clone(), built(field.data_type())))
            .collect();
        assert_eq!(promised, built, "{}", dossier.name);
    }
}
