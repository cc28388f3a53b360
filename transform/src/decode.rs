//! Bytes to columns: what a message says, in the agency's own words, field by field.
//!
//! Reads the declared encoding and format, takes change-data envelopes apart and tells upserts from removals. It does
//! not know what a field means; texts stay as sent. What cannot be read at all is a [`Code`], never an error.

pub mod column;
mod csv;
pub(crate) mod encoding;
mod envelope;
mod fixed_width;
mod json;
mod xml;

use std::collections::BTreeSet;
use std::ops::Range;

use yidang_schemas::contract::{Contract, Format, Place, Tombstone, Writing};
use yidang_schemas::defect::Code;
use yidang_schemas::field::FieldIndex;

use crate::message::RawMessage;
use column::TextColumn;

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
pub const ELEMENTS: Code = Code("ELEMENTS");
/// A header names a format that the contract does not have.
pub const FORMAT_UNKNOWN: Code = Code("FORMAT_UNKNOWN");
/// A change log says that a table was emptied at once: every record of the feed is gone, and none is named.
pub const TABLE_EMPTIED: Code = Code("TABLE_EMPTIED");

/// What a record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// States the record.
    Upsert,
    /// Takes it back; its fields are there.
    Remove,
    /// Takes back what the message key names; there is no body.
    RemoveByMessageKey,
    /// Ends a snapshot.
    Marker,
    /// Says nothing about records.
    Control,
}

impl Operation {
    pub fn is_removal(self) -> bool {
        matches!(self, Self::Remove | Self::RemoveByMessageKey)
    }

    /// Whether no record is stated or taken back.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Marker | Self::Control)
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
}

/// A decoded batch of one feed.
#[derive(Debug)]
pub struct Decoded {
    pub records: Vec<Record>,
    /// One per field of the contract, each as long as `records`, or as there are elements of all of them.
    pub columns: Vec<TextColumn>,
    /// By field: whether it stands in each element of the array.
    in_element: Vec<bool>,
    /// By record: where its elements end among those of all records.
    element_ends: Vec<usize>,
    /// Elements pushed so far, those of the record being read among them.
    elements: usize,
    /// One per [`Contract::envelope_members`], each as long as `records`.
    pub envelope: Vec<TextColumn>,
    /// Values that their field of fixed width cut in the middle of a character: record and field.
    pub cuts: BTreeSet<(usize, FieldIndex)>,
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
        let members = contract.envelope_members();
        Self {
            records: Vec::with_capacity(messages),
            columns,
            in_element: contract
                .fields
                .iter()
                .map(|field| field.in_element)
                .collect(),
            element_ends: Vec::with_capacity(messages),
            elements: 0,
            envelope: members
                .iter()
                .map(|_| TextColumn::with_capacity(messages))
                .collect(),
            cuts: BTreeSet::new(),
            unknown_fields: 0,
        }
    }

    /// Rows of a field's column that hold the values of one record: its own, or one for each of its elements.
    pub fn rows(&self, field: FieldIndex, record: usize) -> Range<usize> {
        match self.in_element.get(field) {
            Some(true) => self.elements(record),
            _ => record..record + 1,
        }
    }

    /// The elements of one record among those of all.
    pub fn elements(&self, record: usize) -> Range<usize> {
        let end = |record: usize| self.element_ends.get(record).copied();
        let start = record.checked_sub(1).and_then(end).unwrap_or(0);
        start..end(record).unwrap_or(start)
    }

    /// The record of each row of a field's column.
    pub fn records_of(&self, field: FieldIndex) -> impl Iterator<Item = usize> {
        (0..self.records.len())
            .flat_map(move |record| self.rows(field, record).map(move |_| record))
    }

    /// Ends an element whose fields were pushed so far.
    fn finish_element(&mut self) {
        self.elements += 1;
        let elements = self.elements;
        let columns = self.columns.iter_mut().zip(&self.in_element);
        columns
            .filter(|(_, in_element)| **in_element)
            .for_each(|(column, _)| column.fill_to(elements));
    }

    /// Ends the record whose fields were pushed so far: fields that were not named are absent.
    fn finish(&mut self, record: Record) {
        self.records.push(record);
        self.element_ends.push(self.elements);
        for (column, in_element) in self.columns.iter_mut().zip(&self.in_element) {
            if !in_element {
                column.fill_to(self.records.len());
            }
        }
        for column in &mut self.envelope {
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

    /// Drops records from `records` on, and what was pushed of the next one.
    fn rewind(&mut self, records: usize) {
        self.records.truncate(records);
        self.element_ends.truncate(records);
        self.elements = self.element_ends.last().copied().unwrap_or(0);
        for (column, in_element) in self.columns.iter_mut().zip(&self.in_element) {
            column.truncate(match in_element {
                true => self.elements,
                false => records,
            });
        }
        for column in &mut self.envelope {
            column.truncate(records);
        }
        drop(self.cuts.split_off(&(records, 0)));
    }

    /// Ends a record of which nothing could be read, undoing what was pushed of it.
    fn fail(&mut self, message: usize, row: u32, problem: Code) {
        self.rewind(self.records.len());
        let operation = Operation::Upsert;
        self.finish(Record {
            message,
            row,
            operation,
            problem: Some(problem),
        });
    }
}

/// Decodes a batch of messages of one feed.
pub fn decode(contract: &Contract, bounds: Bounds, messages: &[RawMessage<'_>]) -> Decoded {
    let mut decoded = Decoded::new(contract, messages.len());
    let decoder = Decoder {
        contract,
        bounds,
        fields: json::FieldNames::new(contract),
        envelope: envelope::EnvelopeReader::new(contract),
    };
    for (place, message) in messages.iter().enumerate() {
        decoder.decode(place, message, &mut decoded);
    }
    if let Some(Place::Field(field)) = contract.removal.operation {
        decoded.read_operations(contract, field);
    }
    decoded
}

/// What a contract says of its messages, compiled once for a batch.
struct Decoder<'c> {
    contract: &'c Contract,
    bounds: Bounds,
    fields: json::FieldNames,
    envelope: envelope::EnvelopeReader<'c>,
}

impl Decoder<'_> {
    fn decode(&self, place: usize, message: &RawMessage<'_>, decoded: &mut Decoded) {
        let contract = self.contract;
        if message.value.is_none_or(<[u8]>::is_empty) && is_marked(contract, message) {
            return decoded.finish(bodyless(place, Operation::Marker));
        }
        let Some(value) = message.value else {
            return match contract.removal.tombstone {
                Tombstone::Delete => remove_by_message_key(contract, message, place, decoded),
                Tombstone::Control => decoded.finish(bodyless(place, Operation::Control)),
            };
        };
        let operation = header_operation(contract, message);
        if value.is_empty() {
            return match operation {
                Operation::Remove => remove_by_message_key(contract, message, place, decoded),
                _ => decoded.fail(place, 0, EMPTY),
            };
        }
        if value.len() > self.bounds.message_bytes_max {
            return decoded.fail(place, 0, SIZE);
        }
        match writing_of(contract, message) {
            Some(writing) => self.body(writing, place, operation, value, decoded),
            None => decoded.fail(place, 0, FORMAT_UNKNOWN),
        }
    }

    fn body(
        &self,
        writing: Writing,
        place: usize,
        operation: Operation,
        value: &[u8],
        decoded: &mut Decoded,
    ) {
        let contract = self.contract;
        let Writing { format, encoding } = writing;
        if format == Format::FixedWidth {
            return fixed_width::decode(contract, encoding, value, place, operation, decoded);
        }
        let Some(text) = encoding::text(encoding, value) else {
            return decoded.fail(place, 0, ENCODING);
        };
        let body = json::Body {
            place,
            operation,
            depth_max: self.bounds.depth_max,
        };
        match format {
            Format::Json => {
                json::decode(contract, &self.fields, &self.envelope, &text, body, decoded);
            }
            Format::Xml => xml::decode(contract, &self.fields, encoding, &text, body, decoded),
            Format::Csv | Format::FixedWidth => {
                csv::decode(contract, &text, place, operation, decoded);
            }
        }
    }
}

/// How a message is written: as its header says where the contract leaves a choice, else as the contract says first.
/// Nothing where headers name only what the contract does not have.
fn writing_of(contract: &Contract, message: &RawMessage<'_>) -> Option<Writing> {
    if contract.alternatives.is_empty() {
        return contract.writings().next();
    }
    let mut is_named = false;
    for name in ["content-type", "format"] {
        let Some(text) = message.header(name).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        is_named = true;
        let format = format_named(text);
        let mut writings = contract.writings();
        if let Some(writing) = writings.find(|writing| Some(writing.format) == format) {
            return Some(writing);
        }
    }
    contract.writings().next().filter(|_| !is_named)
}

/// A format by its media type (RFC 6839 has the suffixes, RFC 7303 and 4180 the types) or by its word in contracts.
fn format_named(text: &str) -> Option<Format> {
    let name = text.split(';').next().unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    match name.rsplit(['/', '+']).next() {
        Some("json") => Some(Format::Json),
        Some("xml") => Some(Format::Xml),
        Some("csv") => Some(Format::Csv),
        Some("fixed_width" | "plain") => Some(Format::FixedWidth),
        _ => None,
    }
}

fn bodyless(message: usize, operation: Operation) -> Record {
    Record {
        message,
        row: 0,
        operation,
        problem: None,
    }
}

/// Whether a message is one of a snapshot by its header; without a body it is the marker.
fn is_marked(contract: &Contract, message: &RawMessage<'_>) -> bool {
    contract.snapshot.as_ref().is_some_and(|snapshot| {
        message.header(&snapshot.operation).map(str::trim) == Some(&snapshot.mark)
    })
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
