//! Change-data envelopes around JSON records: what was done, when, and to which row.
//!
//! All four say the same in their own words: an operation, the row as it is now and, of updates, what it was before.
//! Where the key of a row changed, the record of the old key is taken back beside the new one being stated: capture
//! programs differ in whether they do that themselves, and nothing may be left behind. Leaves alone: which members
//! order and date a record (the contract names them) and how they are read (`observe`).

mod members;

use std::borrow::Cow;

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;
use yidang_schemas::contract::{Contract, Envelope, Place};
use yidang_schemas::defect::Code;
use yidang_schemas::field::FieldIndex;

use super::column::Presence;
use super::json::{Body, FieldNames, push_raw, read_object};
use super::{Decoded, ENVELOPE, Operation, Record, SYNTAX, TABLE_EMPTIED, operation_of};
use members::{EnvelopeSeed, RenamedSeed};

/// What one change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    State,
    Remove,
    /// Says nothing about records: a change of the table itself, the marks around a bootstrap, a heartbeat.
    Control,
    /// TRUNCATE: takes back every record and names none.
    EmptyTable,
}

/// Names of the members that every envelope has.
#[derive(Debug)]
struct Names {
    operation: &'static str,
    /// The row before the change, of some envelopes only its columns that changed.
    before: &'static str,
    /// The row after the change, of some envelopes also the row that was deleted.
    after: &'static str,
    deleted_is_after: bool,
}

impl Names {
    fn of(envelope: Envelope) -> Self {
        let (before, after, deleted_is_after) = match envelope {
            Envelope::None | Envelope::Debezium | Envelope::GoldenGate => {
                ("before", "after", false)
            }
            Envelope::Canal | Envelope::Maxwell => ("old", "data", true),
        };
        Self {
            operation: envelope.operation().unwrap_or_default(),
            before,
            after,
            deleted_is_after,
        }
    }
}

/// How the envelopes of one contract are read, compiled once for a batch.
#[derive(Debug)]
pub(super) struct EnvelopeReader<'c> {
    contract: &'c Contract,
    names: Names,
    /// Members that order or date a record, as paths of one or two names.
    members: Vec<(&'c str, Option<&'c str>)>,
    /// Fields that order or date a record.
    times: Vec<FieldIndex>,
}

/// One envelope, its values as raw text.
#[derive(Debug)]
struct Opened<'a> {
    operation: Option<Cow<'a, str>>,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    /// The envelope itself, where a converter puts a schema beside it.
    payload: Option<&'a RawValue>,
    members: Vec<Option<&'a RawValue>>,
}

/// The images of one row.
#[derive(Debug, Clone, Copy)]
struct Images<'a> {
    stated: &'a RawValue,
    before: Option<&'a RawValue>,
}

impl<'c> EnvelopeReader<'c> {
    pub(super) fn new(contract: &'c Contract) -> Self {
        let members = contract.envelope_members().into_iter();
        let path = |name: &'c str| match name.split_once('.') {
            Some((outer, inner)) => (outer, Some(inner)),
            None => (name, None),
        };
        let field = |place: &Place| match place {
            Place::Field(field) => Some(*field),
            Place::Header(_) | Place::Envelope(_) => None,
        };
        Self {
            contract,
            names: Names::of(contract.envelope),
            members: members.map(path).collect(),
            times: contract
                .order_parts()
                .filter_map(|part| field(&part.place))
                .collect(),
        }
    }

    /// Decodes the envelope of one message.
    pub(super) fn decode(
        &self,
        fields: &FieldNames,
        text: &str,
        body: Body,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        let opened = self.open(text)?;
        let rows = Rows {
            reader: self,
            fields,
            members: &opened.members,
            message: body.place,
        };
        match self.change(&opened, body.operation)? {
            Change::Control => {
                decoded.finish(super::bodyless(body.place, Operation::Control));
                Ok(())
            }
            Change::EmptyTable => Err(TABLE_EMPTIED),
            change => rows.decode(&opened, change, decoded),
        }
    }

    /// The envelope, taken out of `{"schema": …, "payload": …}` where Kafka Connect's JSON converter puts the schema
    /// beside it, which is its default.
    fn open<'a>(&self, text: &'a str) -> Result<Opened<'a>, Code> {
        let opened = self.open_plain(text)?;
        match opened.payload {
            Some(payload) if opened.operation.is_none() => self.open_plain(payload.get()),
            _ => Ok(opened),
        }
    }

    fn open_plain<'a>(&self, text: &'a str) -> Result<Opened<'a>, Code> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let opened = EnvelopeSeed(self).deserialize(&mut reader);
        let opened = opened.and_then(|opened| reader.end().map(|()| opened));
        opened.map_err(|error| match error.is_data() {
            true => ENVELOPE,
            false => SYNTAX,
        })
    }

    /// What the operation asks for. A removal that the contract finds elsewhere, in a header, is one as well.
    fn change(&self, opened: &Opened<'_>, told: Operation) -> Result<Change, Code> {
        let mark = opened.operation.as_deref();
        let by_contract = match &self.contract.removal.operation {
            Some(Place::Envelope(_)) => operation_of(self.contract, mark),
            _ => told,
        };
        if by_contract.is_removal() {
            return Ok(Change::Remove);
        }
        let change = match self.contract.envelope {
            Envelope::None | Envelope::Debezium => Some(debezium(mark)),
            Envelope::Canal => canal(mark),
            Envelope::Maxwell => maxwell(mark),
            Envelope::GoldenGate => golden_gate(mark),
        };
        change.ok_or(ENVELOPE)
    }
}

/// Create, update, read (of a snapshot), delete, truncate, and messages of the log that are no rows.
fn debezium(mark: Option<&str>) -> Change {
    match mark {
        Some("d") => Change::Remove,
        Some("t") => Change::EmptyTable,
        Some("m") => Change::Control,
        _ => Change::State,
    }
}

/// Event types of Canal's protocol. What changes a table has `isDdl` beside it, and its type says so as well.
fn canal(mark: Option<&str>) -> Option<Change> {
    Some(match mark? {
        "INSERT" | "UPDATE" => Change::State,
        "DELETE" => Change::Remove,
        "TRUNCATE" => Change::EmptyTable,
        "CREATE" | "ALTER" | "ERASE" | "RENAME" | "CINDEX" | "DINDEX" | "QUERY" | "GTID"
        | "XACOMMIT" | "XAROLLBACK" | "MHEARTBEAT" => Change::Control,
        _ => return None,
    })
}

fn maxwell(mark: Option<&str>) -> Option<Change> {
    Some(match mark? {
        "insert" | "update" | "bootstrap-insert" => Change::State,
        "delete" => Change::Remove,
        "bootstrap-start" | "bootstrap-complete" | "heartbeat" => Change::Control,
        other if other.starts_with("table-") || other.starts_with("database-") => Change::Control,
        _ => return None,
    })
}

fn golden_gate(mark: Option<&str>) -> Option<Change> {
    Some(match mark? {
        "I" | "U" => Change::State,
        "D" => Change::Remove,
        "T" => Change::EmptyTable,
        _ => return None,
    })
}

/// The rows of one envelope on their way into a batch.
struct Rows<'r, 'a> {
    reader: &'r EnvelopeReader<'r>,
    fields: &'r FieldNames,
    members: &'r [Option<&'a RawValue>],
    message: usize,
}

impl Rows<'_, '_> {
    fn decode(
        &self,
        opened: &Opened<'_>,
        change: Change,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        let names = &self.reader.names;
        let stated = match change {
            Change::Remove if !names.deleted_is_after => opened.before,
            _ => opened.after,
        };
        let stated = stated.filter(|image| !is_null(image)).ok_or(ENVELOPE)?;
        let before = opened.before.filter(|image| !is_null(image));
        if self.reader.contract.envelope == Envelope::Canal {
            return self.array(stated, before, change, decoded);
        }
        let mut row = 0;
        self.one(Images { stated, before }, change, &mut row, decoded)
    }

    /// Canal: the rows of one statement, `old` beside `data` element by element.
    fn array(
        &self,
        stated: &RawValue,
        before: Option<&RawValue>,
        change: Change,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        let rows = elements(stated)?;
        let olds = before.map(elements).transpose()?.unwrap_or_default();
        if rows.is_empty() {
            return Err(ENVELOPE);
        }
        let mut row = 0;
        for (place, stated) in rows.into_iter().enumerate() {
            let before = olds.get(place).copied().filter(|image| !is_null(image));
            if let Err(code) = self.one(Images { stated, before }, change, &mut row, decoded) {
                decoded.fail(self.message, row, code);
                row += 1;
            }
        }
        Ok(())
    }

    /// One changed row: a record, and a second one where its key changed.
    fn one(
        &self,
        images: Images<'_>,
        change: Change,
        row: &mut u32,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        read_object(self.fields, images.stated.get(), decoded)?;
        let operation = match change {
            Change::Remove => Operation::Remove,
            _ => Operation::Upsert,
        };
        let old = match images.before {
            Some(before)
                if operation == Operation::Upsert && self.is_renamed(before, decoded)? =>
            {
                Some(self.old_image(before)?)
            }
            _ => None,
        };
        self.finish(*row, operation, decoded)?;
        *row += 1;
        if let Some(old) = old {
            self.push_old(&old, decoded);
            self.finish(*row, Operation::Remove, decoded)?;
            *row += 1;
        }
        Ok(())
    }

    /// Whether the key of the row that was just read was another one before.
    fn is_renamed(&self, before: &RawValue, decoded: &Decoded) -> Result<bool, Code> {
        let seed = RenamedSeed {
            fields: self.fields,
            contract: self.reader.contract,
            decoded,
        };
        let mut reader = serde_json::Deserializer::from_str(before.get());
        seed.deserialize(&mut reader).map_err(|_no_object| ENVELOPE)
    }

    fn old_image(&self, before: &RawValue) -> Result<Decoded, Code> {
        let mut old = Decoded::new(self.reader.contract, 1);
        read_object(self.fields, before.get(), &mut old)?;
        Ok(old)
    }

    /// Adds the row as it was before, under its old key: columns that the old image lacks did not change, and what orders
    /// and dates the removal is the change's own.
    fn push_old(&self, old: &Decoded, decoded: &mut Decoded) {
        let new_row = decoded.records.len().saturating_sub(1);
        self.push_old_elements(old, new_row, decoded);
        let columns = decoded.columns.iter_mut().zip(&old.columns);
        for (field, (column, old)) in columns.enumerate() {
            if decoded.in_element.get(field) == Some(&true) {
                continue;
            }
            let is_time = self.reader.times.contains(&field);
            if old.presence(0) == Presence::Absent || is_time {
                let (presence, text) = (column.presence(new_row), column.text(new_row).to_owned());
                column.push(presence, &text);
            } else {
                column.push(old.presence(0), old.text(0));
            }
        }
    }

    /// The elements of its array, those of the new row where the old image has none.
    fn push_old_elements(&self, old: &Decoded, new_row: usize, decoded: &mut Decoded) {
        let array = self.reader.contract.array;
        let told = array.and_then(|field| old.columns.get(field));
        let is_told = told.is_some_and(|column| column.presence(0) != Presence::Absent);
        let rows = match is_told {
            true => 0..old.elements,
            false => decoded.elements(new_row),
        };
        for row in rows {
            let columns = decoded.columns.iter_mut().zip(&old.columns);
            let columns = columns.zip(&decoded.in_element);
            for ((column, old), _) in columns.filter(|(_, in_element)| **in_element) {
                let from = if is_told { old } else { &*column };
                let (presence, text) = (from.presence(row), from.text(row).to_owned());
                column.push(presence, &text);
            }
            decoded.finish_element();
        }
    }

    fn finish(&self, row: u32, operation: Operation, decoded: &mut Decoded) -> Result<(), Code> {
        for (column, member) in decoded.envelope.iter_mut().zip(self.members) {
            if let Some(raw) = member {
                push_raw(column, raw.get()).map_err(|_unreadable| SYNTAX)?;
            }
        }
        decoded.finish(Record {
            message: self.message,
            row,
            operation,
            problem: None,
        });
        Ok(())
    }
}

fn elements(raw: &RawValue) -> Result<Vec<&RawValue>, Code> {
    serde_json::from_str(raw.get()).map_err(|_no_array| ENVELOPE)
}

fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}
