//! Arrow schemas of the file tables, from the dossier alone.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use yidang_schemas::dossier::{Column, Dossier, LeafIndex, LeafType, PlatformColumn, Shape};

/// Microseconds since 1970-01-01 UTC, the precision that every Delta reader knows.
pub fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Schema of the file table of a dossier; each field carries its Delta comment.
pub fn file_schema(dossier: &Dossier) -> SchemaRef {
    let columns = dossier.columns.iter().filter(|column| !column.internal);
    let fields: Vec<Field> = columns.map(|column| file_field(dossier, column)).collect();
    Arc::new(Schema::new(fields))
}

fn file_field(dossier: &Dossier, column: &Column) -> Field {
    let nullable = !matches!(
        column.shape,
        Shape::Platform(PlatformColumn::SubjectId | PlatformColumn::RecordVersion)
    );
    let comment = format!(
        "{} · {} · {}",
        column.title_zh, column.description, column.level
    );
    Field::new(&column.name, column_type(dossier, column), nullable)
        .with_metadata(HashMap::from([("comment".to_owned(), comment)]))
}

pub(super) fn column_type(dossier: &Dossier, column: &Column) -> DataType {
    match &column.shape {
        Shape::Scalar(leaf) => leaf_type(dossier, *leaf),
        Shape::Struct(leaves) => DataType::Struct(part_fields(dossier, leaves).into()),
        Shape::List { parts, .. } => {
            let mut fields = part_fields(dossier, parts);
            fields.push(Field::new("source", DataType::Int32, true));
            list_of(DataType::Struct(fields.into()))
        }
        Shape::Platform(platform) => platform_type(dossier, *platform),
    }
}

/// Type of one leaf as it stands in a table.
pub fn leaf_type(dossier: &Dossier, leaf: LeafIndex) -> DataType {
    match dossier
        .leaves
        .get(usize::from(leaf))
        .map(|leaf| leaf.leaf_type)
    {
        Some(LeafType::Date) => DataType::Date32,
        Some(LeafType::Integer) => DataType::Int64,
        Some(LeafType::Text) | None => DataType::Utf8,
    }
}

/// Fields of the parts of a struct or list column.
pub fn part_fields(dossier: &Dossier, leaves: &[LeafIndex]) -> Vec<Field> {
    let part = |leaf: &LeafIndex| {
        let name = dossier
            .leaves
            .get(usize::from(*leaf))
            .and_then(|leaf| leaf.part.clone());
        Field::new(name.unwrap_or_default(), leaf_type(dossier, *leaf), true)
    };
    leaves.iter().map(part).collect()
}

pub(super) fn list_of(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", element, true)))
}

fn platform_type(dossier: &Dossier, column: PlatformColumn) -> DataType {
    match column {
        PlatformColumn::SubjectId | PlatformColumn::Token => DataType::Utf8,
        PlatformColumn::Provenance => DataType::Struct(provenance_fields()),
        PlatformColumn::Conflicts => list_of(DataType::Struct(conflict_fields())),
        PlatformColumn::Disputed => list_of(DataType::Struct(disputed_fields())),
        PlatformColumn::Restriction => list_of(DataType::Struct(restriction_fields())),
        PlatformColumn::MergedInto | PlatformColumn::SplitFrom => {
            DataType::Struct(joined_fields(dossier))
        }
        PlatformColumn::Completeness => DataType::Int16,
        PlatformColumn::RulesVersion => DataType::Int32,
        PlatformColumn::RecordVersion => DataType::Int64,
        PlatformColumn::FirstSeenAt
        | PlatformColumn::LastBusinessTime
        | PlatformColumn::UpdatedAt => timestamp_type(),
    }
}

pub(super) fn conflict_fields() -> Fields {
    vec![
        Field::new("column", DataType::Utf8, true),
        Field::new("agencies", list_of(DataType::Utf8), true),
    ]
    .into()
}

fn disputed_fields() -> Fields {
    vec![
        Field::new("column", DataType::Utf8, true),
        Field::new("issue_id", DataType::Utf8, true),
        Field::new("since", timestamp_type(), true),
    ]
    .into()
}

fn restriction_fields() -> Fields {
    vec![
        Field::new("kind", DataType::Utf8, true),
        Field::new("basis", DataType::Utf8, true),
        Field::new("since", DataType::Date32, true),
    ]
    .into()
}

/// The other subject, under the name that the dossier gives its subjects' ids, and what joined or split the two.
fn joined_fields(dossier: &Dossier) -> Fields {
    let mut columns = dossier.columns.iter();
    let subject = columns.find(|column| column.shape == Shape::Platform(PlatformColumn::SubjectId));
    let name = subject.map_or("", |column| column.name.as_str());
    vec![
        Field::new(name, DataType::Utf8, true),
        Field::new("event_id", DataType::Utf8, true),
    ]
    .into()
}

pub(super) fn source_fields() -> Fields {
    vec![
        Field::new("agency", DataType::Utf8, true),
        Field::new("feed", DataType::Utf8, true),
        Field::new("topic", DataType::Utf8, true),
        Field::new("partition", DataType::Int32, true),
        Field::new("offset", DataType::Int64, true),
        Field::new("row", DataType::Int32, true),
        Field::new("business_time", timestamp_type(), true),
        Field::new("contract_version", DataType::Utf8, true),
    ]
    .into()
}

pub(super) fn cell_fields() -> Fields {
    vec![
        Field::new("source", DataType::Int32, true),
        Field::new("rule", DataType::Utf8, true),
        Field::new("flags", list_of(DataType::Utf8), true),
    ]
    .into()
}

/// Entry of the map from column to cell, named as Delta's Parquet files name map entries.
pub(super) fn cell_entry() -> Arc<Field> {
    let fields = vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Struct(cell_fields()), true),
    ];
    Arc::new(Field::new(
        "key_value",
        DataType::Struct(fields.into()),
        false,
    ))
}

pub(super) fn provenance_fields() -> Fields {
    vec![
        Field::new("sources", list_of(DataType::Struct(source_fields())), true),
        Field::new("cells", DataType::Map(cell_entry(), false), true),
    ]
    .into()
}
