//! The table `issue_event`: events exactly as they are published, appended, chained by hash.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, SchemaRef};

use super::columns::{
    batch, binaries, bytes, integer, integers, long, longs, optional_binaries, optional_texts,
    schema, signed, signed_short, text, texts, time, times,
};
use crate::event::Event;

/// Columns of `issue_event`.
pub fn issue_event_schema() -> SchemaRef {
    schema(vec![
        text("event_id"),
        text("issue_id"),
        integer("seq"),
        text("agency"),
        text("topic"),
        text("transition"),
        text("from_state").with_nullable(true),
        text("to_state"),
        text("reason"),
        time("occurred_at"),
        time("recorded_at"),
        Field::new("headers", DataType::List(header_item()), false),
        bytes("payload"),
        bytes("prev_hash").with_nullable(true),
        bytes("hash"),
        long("epoch"),
    ])
}

fn header_fields() -> Fields {
    Fields::from(vec![text("name"), text("value")])
}

fn header_item() -> Arc<Field> {
    Arc::new(Field::new(
        "element",
        DataType::Struct(header_fields()),
        false,
    ))
}

/// Rows sorted by issue and number.
pub fn issue_event_batch(events: &[Event]) -> RecordBatch {
    let mut all: Vec<&Event> = events.iter().collect();
    all.sort_by_key(|event| (event.issue_id, event.seq));
    let columns: Vec<ArrayRef> = vec![
        texts(all.iter().map(|event| &event.id)),
        texts(all.iter().map(|event| event.key())),
        integers(all.iter().map(|event| signed_short(event.seq))),
        texts(all.iter().map(|event| &event.agency)),
        texts(all.iter().map(|event| &event.topic)),
        texts(all.iter().map(|event| event.transition.name())),
        optional_texts(
            all.iter()
                .map(|event| event.from.map(crate::issue::Status::name)),
        ),
        texts(all.iter().map(|event| event.to.name())),
        texts(all.iter().map(|event| event.reason)),
        times(all.iter().map(|event| event.occurred_at_ms)),
        times(all.iter().map(|event| event.recorded_at_ms)),
        headers(&all),
        binaries(all.iter().map(|event| &event.payload)),
        optional_binaries(all.iter().map(|event| event.prev_hash)),
        binaries(all.iter().map(|event| event.hash)),
        longs(all.iter().map(|event| signed(event.epoch))),
    ];
    batch(issue_event_schema(), columns)
}

fn headers(all: &[&Event]) -> ArrayRef {
    let pairs = || all.iter().flat_map(|event| &event.headers);
    let names = texts(pairs().map(|(name, _)| name));
    let values = texts(pairs().map(|(_, value)| value));
    let pairs = StructArray::new(header_fields(), vec![names, values], None);
    let offsets = OffsetBuffer::from_lengths(all.iter().map(|event| event.headers.len()));
    Arc::new(ListArray::new(
        header_item(),
        offsets,
        Arc::new(pairs),
        None,
    ))
}
