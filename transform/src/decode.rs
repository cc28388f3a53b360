//! Bytes to columns: what a message says, in the agency's own words, field by field.
//!
//! Reads the declared encoding and format, takes change-data envelopes apart and tells upserts from removals. It does
//! not know what a field means; texts stay as sent. What cannot be read at all is a [`Code`], never an error.

pub mod avro;
pub mod column;
mod csv;
mod encoding;
mod json;
mod json_text;
pub mod protobuf;
mod time_text;
pub mod wire;

use std::borrow::Cow;

use yidang_schemas::contract::{Contract, Format, Place, Tombstone};
use yidang_schemas::defect::Code;
use yidang_schemas::field::FieldIndex;

use crate::message::RawMessage;
use crate::schema_book::SchemaView;
use column::TextColumn;
use time_text::TimeStyle;

/// Bounds of one message.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub message_bytes_max: usize,
    pub depth_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            message_bytes_max: 1 << 20,
            depth_max: 64,
        }
    }
}

pub const SYNTAX: Code = Code("SYNTAX");
pub const ENCODING: Code = Code("ENCODING");
pub const SIZE: Code = Code("SIZE");
pub const DEPTH: Code = Code("DEPTH");
pub const EMPTY: Code = Code("EMPTY");
pub const COLUMNS: Code = Code("COLUMNS");
pub const ENVELOPE: Code = Code("ENVELOPE");

/// What a record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// States the record.
    Upsert,
    /// Takes it back; its fields are there.
    Remove,
    /// Takes back what the message key names; there is no body.
    RemoveByMessageKey,
    /// Says nothing about records.
    Control,
}

impl Operation {
    pub fn is_removal(self) -> bool {
        matches!(self, Self::Remove | Self::RemoveByMessageKey)
    }
}

/// One record of a decoded batch; its fields are row `i` of every column.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// Place of its message in the batch.
    pub message: usize,
    /// Place of the record in its message.
    pub row: u32,
    pub operation: Operation,
    /// Why nothing could be read.
    pub problem: Option<Code>,
    /// The envelope's own time.
    pub envelope_time: EnvelopeTime,
}

/// The time that an envelope gives beside its images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeTime {
    Absent,
    /// Something else than a whole number.
    Unreadable,
    /// Epoch milliseconds.
    At(i64),
}

/// A decoded batch of one feed.
#[derive(Debug)]
pub struct Decoded {
    pub records: Vec<Record>,
    /// One per field of the contract, each as long as `records`.
    pub columns: Vec<TextColumn>,
    /// Fields that the contract does not name; they stay in `landing` and are only counted.
    pub unknown_fields: u64,
}

impl Decoded {
    fn new(contract: &Contract, messages: usize) -> Self {
        let columns = contract
            .fields
            .iter()
            .map(|_| TextColumn::with_capacity(messages))
            .collect();
        Self {
            records: Vec::with_capacity(messages),
            columns,
            unknown_fields: 0,
        }
    }

    /// Ends the record whose fields were pushed so far: fields that were not named are absent.
    fn finish(&mut self, record: Record) {
        self.records.push(record);
        for column in &mut self.columns {
            column.fill_to(self.records.len());
        }
    }

    /// Tells removals from upserts where the operation is a field of the record itself.
    fn read_operations(&mut self, contract: &Contract, field: FieldIndex) {
        let Some(column) = self.columns.get(field) else {
            return;
        };
        for (row, record) in self.records.iter_mut().enumerate() {
            if record.operation == Operation::Upsert && record.problem.is_none() {
                record.operation = operation_of(contract, column.value(row));
            }
        }
    }

    /// Ends a record of which nothing could be read, undoing what was pushed of it.
    fn fail(&mut self, message: usize, row: u32, problem: Code) {
        for column in &mut self.columns {
            column.truncate(self.records.len());
        }
        let operation = Operation::Upsert;
        self.finish(Record {
            message,
            row,
            operation,
            problem: Some(problem),
            envelope_time: EnvelopeTime::Absent,
        });
    }
}

/// What reading a batch needs beside its bytes.
struct Context<'c> {
    contract: &'c Contract,
    bounds: Bounds,
    fields: json::FieldNames,
    schemas: SchemaView<'c>,
    times: TimeStyle<'c>,
}

/// Decodes a batch of messages of one feed; `schemas` are those that the registries' formats refer to.
pub fn decode(
    contract: &Contract,
    bounds: Bounds,
    schemas: SchemaView<'_>,
    messages: &[RawMessage<'_>],
) -> Decoded {
    let mut decoded = Decoded::new(contract, messages.len());
    let context = Context {
        contract,
        bounds,
        fields: json::FieldNames::new(contract),
        schemas,
        times: TimeStyle::new(contract),
    };
    for (place, message) in messages.iter().enumerate() {
        decode_one(&context, place, message, &mut decoded);
    }
    if let Some(Place::Field(field)) = contract.removal.operation {
        decoded.read_operations(contract, field);
    }
    decoded
}

fn decode_one(
    context: &Context<'_>,
    place: usize,
    message: &RawMessage<'_>,
    decoded: &mut Decoded,
) {
    let Context {
        contract, bounds, ..
    } = *context;
    let Some(value) = message.value else {
        return match contract.removal.tombstone {
            Tombstone::Delete => remove_by_message_key(contract, message, place, decoded),
            Tombstone::Control => decoded.finish(bodyless(place, Operation::Control)),
        };
    };
    let header_operation = header_operation(contract, message);
    if value.is_empty() {
        return match header_operation {
            Operation::Remove => remove_by_message_key(contract, message, place, decoded),
            _ => decoded.fail(place, 0, EMPTY),
        };
    }
    if value.len() > bounds.message_bytes_max {
        return decoded.fail(place, 0, SIZE);
    }
    let text = match body_text(context, value) {
        Ok(text) => text,
        Err(code) => return decoded.fail(place, 0, code),
    };
    let body = json::Body {
        place,
        operation: header_operation,
        depth_max: bounds.depth_max,
    };
    match contract.format {
        Format::Json | Format::Avro | Format::Protobuf => {
            json::decode(contract, &context.fields, &text, body, decoded);
        }
        Format::Csv => csv::decode(contract, &text, place, header_operation, decoded),
    }
}

/// The body as text: as it was sent, or the JSON that stands for a binary one.
fn body_text<'v>(context: &Context<'_>, value: &'v [u8]) -> Result<Cow<'v, str>, Code> {
    let Context {
        contract,
        bounds,
        schemas,
        times,
        ..
    } = context;
    match contract.format {
        Format::Json | Format::Csv => encoding::text(contract.encoding, value).ok_or(ENCODING),
        Format::Avro | Format::Protobuf => {
            wire::text(contract, *bounds, *schemas, times, value).map(Cow::Owned)
        }
    }
}

fn bodyless(message: usize, operation: Operation) -> Record {
    Record {
        message,
        row: 0,
        operation,
        problem: None,
        envelope_time: EnvelopeTime::Absent,
    }
}

/// A removal without a body: the message key speaks, its parts standing for the fields of the record key.
fn remove_by_message_key(
    contract: &Contract,
    message: &RawMessage<'_>,
    place: usize,
    decoded: &mut Decoded,
) {
    let key = message
        .key
        .and_then(|key| std::str::from_utf8(key).ok())
        .unwrap_or("");
    let fields = &contract.record_key;
    let parts: Vec<&str> = match fields.len() {
        1 => vec![key],
        _ => key.split('|').collect(),
    };
    if parts.len() == fields.len() {
        for (field, part) in fields.iter().zip(parts) {
            if let Some(column) = decoded.columns.get_mut(*field) {
                column.push(column::Presence::Text, part);
            }
        }
    }
    decoded.finish(bodyless(place, Operation::RemoveByMessageKey));
}

/// The operation that a header names; `Upsert` where it stands elsewhere.
fn header_operation(contract: &Contract, message: &RawMessage<'_>) -> Operation {
    match &contract.removal.operation {
        Some(Place::Header(name)) => operation_of(contract, message.header(name)),
        _ => Operation::Upsert,
    }
}

/// Reads an operation mark: one of the contract's `delete` marks removes, anything else states.
fn operation_of(contract: &Contract, mark: Option<&str>) -> Operation {
    match mark {
        Some(mark)
            if contract
                .removal
                .delete
                .iter()
                .any(|delete| delete == mark.trim()) =>
        {
            Operation::Remove
        }
        _ => Operation::Upsert,
    }
}

#[cfg(test)]
mod tests;
