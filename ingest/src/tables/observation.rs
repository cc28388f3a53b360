//! `observation_<kind>`: what an accepted record says about one target, in our words, and what became of it.
//!
//! History in both times: business time, and the epoch in which it was known. `stated` names the columns that a patch
//! speaks of; a full record speaks of all.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Int32Array, Int64Array, ListArray, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Mode;
use yidang_schemas::dossier::{Column, Dossier, KindIndex, LeafIndex, LeafType, Shape};
use yidang_schemas::origin::Origin;
use yidang_transform::cell::{Cell, Cells, Value};
use yidang_transform::order::OrderKey;
use yidang_transform::project::column_leaves;
use yidang_transform::project::columns::{leaf_type, part_fields, timestamp_type};
use yidang_transform::project::value_array;
use yidang_transform::record::{Effect, RecordId};
use yidang_transform::token::{Token, base32};

/// One row: an accepted record and one of its targets.
#[derive(Debug, Clone, Copy)]
pub struct ObservationRow<'a> {
    pub record: RecordId,
    pub origin: Origin,
    pub target: Option<Token>,
    pub slot: u8,
    pub removal: bool,
    pub effect: Effect,
    pub order: &'a OrderKey,
    pub cells: &'a Cells,
    pub contract_version: &'a str,
    pub flags: &'a [u16],
}

/// Schema of the table of one dossier.
pub fn schema(dossier: &Dossier) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let int = |name: &str| Field::new(name, DataType::Int32, true);
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let list = DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)));
    let mut fields = vec![
        long("epoch"),
        text("feed"),
        text("topic"),
        int("incarnation"),
        int("partition"),
        long("offset"),
        int("row"),
        text("record_ref"),
        text("target"),
        int("slot"),
        text("operation"),
        text("effect"),
        Field::new("record_order", DataType::Binary, true),
        Field::new("business_time", timestamp_type(), true),
        Field::new("known_at", timestamp_type(), true),
        text("contract_version"),
        int("generation"),
        Field::new("stated", list.clone(), true),
        Field::new("flags", list, true),
    ];
    fields.extend(facts(dossier).map(|column| fact_field(dossier, column)));
    Arc::new(Schema::new(fields))
}

fn facts(dossier: &Dossier) -> impl Iterator<Item = &Column> {
    dossier
        .columns
        .iter()
        .filter(|column| !matches!(column.shape, Shape::Platform(_)))
}

/// Facts keep the names of the file's columns behind `fact_`, so that none meets a governance column.
fn fact_field(dossier: &Dossier, column: &Column) -> Field {
    let data_type = match &column.shape {
        Shape::Scalar(leaf) => leaf_type(dossier, *leaf),
        _ => DataType::Struct(part_fields(dossier, column_leaves(column)).into()),
    };
    Field::new(format!("fact_{}", column.name), data_type, true)
}

/// Rows of one epoch, in the order given.
#[expect(
    clippy::too_many_lines,
    reason = "a list: one entry per column, nothing to follow"
)]
pub fn batch(
    catalog: &Catalog,
    kind: KindIndex,
    rows: &[ObservationRow<'_>],
    epoch: i64,
    landed_at_ms: i64,
) -> RecordBatch {
    let dossier = catalog
        .dossiers
        .get(usize::from(kind))
        .expect("rows are of a kind of the catalog");
    let feed = |row: &ObservationRow<'_>| catalog.feeds.get(usize::from(row.record.feed));
    let micros = |ms: i64| ms.saturating_mul(1_000);
    let ints = |value: fn(&ObservationRow<'_>) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(value)))
    };
    let texts = |values: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let times = |values: Vec<i64>| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
    };
    let business = rows
        .iter()
        .map(|row| micros(row.order.business_time_ms()))
        .collect();
    let mut columns: Vec<ArrayRef> = vec![
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
        texts(
            rows.iter()
                .map(|row| Some(base32(&row.record.key_hash)))
                .collect(),
        ),
        texts(
            rows.iter()
                .map(|row| row.target.map(|token| token.to_string()))
                .collect(),
        ),
        ints(|row| i32::from(row.slot)),
        Arc::new(StringArray::from_iter_values(
            rows.iter()
                .map(|row| if row.removal { "remove" } else { "state" }),
        )),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| row.effect.name()),
        )),
        Arc::new(BinaryArray::from_iter_values(
            rows.iter().map(|row| row.order.as_bytes()),
        )),
        times(business),
        times(vec![micros(landed_at_ms); rows.len()]),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| row.contract_version),
        )),
        ints(|row| i32::try_from(row.order.generation()).unwrap_or(i32::MAX)),
        stated_array(catalog, dossier, kind, rows),
        flags_array(catalog, rows),
    ];
    let mut facts_of = Facts::new(dossier, rows.len());
    for row in rows {
        facts_of.push((kind, row.slot), row.cells);
    }
    columns.extend(facts(dossier).map(|column| facts_of.array(dossier, column)));
    RecordBatch::try_new(schema(dossier), columns).expect("columns are built from the schema")
}

fn list_array(rows: Vec<Option<Vec<String>>>) -> ArrayRef {
    let mut ends = vec![0_i32];
    let mut valid = Vec::with_capacity(rows.len());
    let mut texts = Vec::new();
    for row in rows {
        valid.push(row.is_some());
        texts.extend(row.into_iter().flatten());
        ends.push(i32::try_from(texts.len()).expect("an epoch is bounded"));
    }
    let element = Arc::new(Field::new("element", DataType::Utf8, true));
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    let values = Arc::new(StringArray::from(texts));
    Arc::new(ListArray::new(
        element,
        offsets,
        values,
        Some(NullBuffer::from(valid)),
    ))
}

/// Names of the leaves that a patch states; null for full records, which state all.
fn stated_array(
    catalog: &Catalog,
    dossier: &Dossier,
    kind: KindIndex,
    rows: &[ObservationRow<'_>],
) -> ArrayRef {
    let stated = |row: &ObservationRow<'_>| {
        let feed = catalog.feeds.get(usize::from(row.record.feed))?;
        let own = |cell: &Cell<'_>| cell.target.kind == kind && cell.is_about(row.slot);
        let cells = row.cells.iter().filter(own);
        let names = || {
            cells
                .map(|cell| dossier.leaf_name(cell.target.leaf))
                .collect()
        };
        (feed.mode == Mode::Patch).then(names)
    };
    list_array(rows.iter().map(stated).collect())
}

fn flags_array(catalog: &Catalog, rows: &[ObservationRow<'_>]) -> ArrayRef {
    let flags = |row: &ObservationRow<'_>| {
        let rules = catalog
            .feeds
            .get(usize::from(row.record.feed))
            .map(|feed| &feed.rules);
        let name = |rule: &u16| Some(rules?.get(usize::from(*rule))?.id.clone());
        Some(row.flags.iter().filter_map(name).collect())
    };
    list_array(rows.iter().map(flags).collect())
}

/// Values of every leaf, one row per observation.
struct Facts<'a> {
    values: Vec<Vec<Value<'a>>>,
    rows: usize,
}

impl<'a> Facts<'a> {
    fn new(dossier: &Dossier, capacity: usize) -> Self {
        let values = dossier
            .leaves
            .iter()
            .map(|_| Vec::with_capacity(capacity))
            .collect();
        Self { values, rows: 0 }
    }

    fn push(&mut self, (kind, slot): (KindIndex, u8), cells: &'a Cells) {
        self.rows += 1;
        for values in &mut self.values {
            values.push(Value::Null);
        }
        let own = |cell: &Cell<'_>| cell.target.kind == kind && cell.is_about(slot);
        for cell in cells.iter().filter(own) {
            let values = self.values.get_mut(usize::from(cell.target.leaf));
            if let Some(last) = values.and_then(|values| values.last_mut()) {
                *last = cell.value;
            }
        }
    }

    fn leaf(&self, dossier: &Dossier, leaf: LeafIndex) -> ArrayRef {
        let place = usize::from(leaf);
        let leaf_type = dossier
            .leaves
            .get(place)
            .map_or(LeafType::Text, |leaf| leaf.leaf_type);
        value_array(
            leaf_type,
            self.values.get(place).map_or(&[][..], Vec::as_slice),
        )
    }

    fn array(&self, dossier: &Dossier, column: &Column) -> ArrayRef {
        let leaves = column_leaves(column);
        if let Shape::Scalar(leaf) = &column.shape {
            return self.leaf(dossier, *leaf);
        }
        let columns: Vec<ArrayRef> = leaves
            .iter()
            .map(|leaf| self.leaf(dossier, *leaf))
            .collect();
        let valid = (0..self.rows).map(|row| columns.iter().any(|column| column.is_valid(row)));
        let valid: Vec<bool> = valid.collect();
        let fields = part_fields(dossier, leaves);
        Arc::new(StructArray::new(
            fields.into(),
            columns,
            Some(NullBuffer::from(valid)),
        ))
    }
}
