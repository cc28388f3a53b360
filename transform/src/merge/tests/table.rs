//! File rows as plain values, and the table that epochs leave behind.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StructArray};
use arrow::datatypes::{
    DataType, Date32Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use serde_json::{Map, Value, json};

use super::cases::Case;
use super::model::Table;
use super::mutants::{Mutation, Teller};
use super::small::small;
use crate::identity::Subject;
use crate::merge::{Entry, Memory, fold_epoch};
use crate::project::{Member, Projector, Stamp};
use crate::record::{RecordId, Statement};
use crate::standing::Standings;

/// Columns and members that say when something arrived.
const ARRIVAL_FACTS: [&str; 6] = [
    "partition",
    "offset",
    "row",
    "record_version",
    "first_seen_at",
    "updated_at",
];

/// Any Arrow value of a file table as JSON; dates and times as numbers.
fn value(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Date32 => json!(array.as_primitive::<Date32Type>().value(row)),
        DataType::Int16 => json!(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            json!(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Struct(_) => object(array.as_struct(), row),
        DataType::List(_) => {
            let elements = array.as_list::<i32>().value(row);
            (0..elements.len())
                .map(|place| value(&elements, place))
                .collect()
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let entry = |place| {
                (
                    keys.as_string::<i32>().value(place).to_owned(),
                    value(values, place),
                )
            };
            Value::Object((0..entries.len()).map(entry).collect())
        }
        other => panic!("no file table has a column of {other}"),
    }
}

fn object(array: &StructArray, row: usize) -> Value {
    let members = array.column_names().into_iter().zip(array.columns());
    let stated = members.filter(|(name, _)| !ARRIVAL_FACTS.contains(name));
    Value::Object(
        stated
            .map(|(name, column)| (name.to_owned(), value(column, row)))
            .collect(),
    )
}

/// Rows of a batch by their id, without arrival facts.
pub(super) fn rows(batch: &RecordBatch, id: &str) -> BTreeMap<String, Value> {
    let row = |row: usize| {
        let schema = batch.schema();
        let mut values = Map::new();
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            if !ARRIVAL_FACTS.contains(&field.name().as_str()) {
                values.insert(field.name().clone(), value(column, row));
            }
        }
        (
            values[id].as_str().unwrap().to_owned(),
            Value::Object(values),
        )
    };
    (0..batch.num_rows()).map(row).collect()
}

/// What the real code leaves after a stream.
pub(super) struct Outcome {
    /// The file table as epochs upserted it.
    pub table: Table,
    /// The file table projected afresh from memory at the end.
    pub rebuilt: Table,
}

/// Runs the real folds and projection over a stream, epoch by epoch; what they are told is broken in this way.
pub(super) fn run(case: &Case, projector: &Projector, mutation: Mutation) -> Outcome {
    let mut teller = Teller::new(mutation);
    let mut memory = Memory::default();
    let mut table = Table::new();
    let mut arrival = 0;
    for (epoch, places) in case.arrivals.iter().enumerate() {
        let statements: Vec<(RecordId, Statement)> = places
            .iter()
            .map(|place| {
                arrival += 1;
                let said = &case.said[*place];
                (said.id(), teller.statement(said, arrival))
            })
            .collect();
        let entries: Vec<Entry<'_>> = statements
            .iter()
            .map(|(id, statement)| Entry { id: *id, statement })
            .collect();
        let folded = fold_epoch(&memory, &entries, &[], Standings::default(), |feed| {
            mutation.mode_of(feed)
        });
        let changed: Vec<Subject> = folded.members.keys().copied().collect();
        memory.apply(folded);
        let epoch = i64::try_from(epoch).unwrap();
        upsert(&memory, projector, &changed, epoch, &mut table);
    }
    let mut rebuilt = Table::new();
    upsert(
        &memory,
        projector,
        &memory.subjects_sorted(0),
        99,
        &mut rebuilt,
    );
    Outcome { table, rebuilt }
}

fn upsert(
    memory: &Memory,
    projector: &Projector,
    subjects: &[Subject],
    epoch: i64,
    table: &mut Table,
) {
    let mut members = Vec::new();
    for subject in subjects {
        table.remove(&subject.token.to_string());
        let records = memory
            .subject(subject)
            .map_or(&[][..], |kept| &kept.records);
        if !records.is_empty() {
            let records = records
                .iter()
                .map(|id| (*id, Cow::Owned(memory.record(id).unwrap())))
                .collect();
            members.push(Member {
                subject: *subject,
                records,
            });
        }
    }
    let batch = projector.project(
        &members,
        Stamp {
            epoch,
            landed_at_ms: 5_000 + epoch,
        },
    );
    table.extend(rows(&batch, "thing_id"));
}

/// A projector of the small catalog.
pub(super) fn projector() -> Projector {
    Projector::new(&small(), 0)
}
