//! Contracts (数据契约): what a feed promises, compiled from ODCS YAML plus our profile.

use crate::dossier::KindIndex;
use crate::field::{Constant, Field, FieldIndex, IdentifierClass, Mapping};
use crate::rule::Rule;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    /// First line is the header.
    Csv,
    /// Binary, behind the id of the writer's schema in a registry.
    Avro,
    /// Likewise, and the place of the message type in its file.
    Protobuf,
}

/// Declared, never sniffed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// A leading byte order mark is dropped.
    Utf8,
    Gbk,
    Gb18030,
}

/// Change-data envelopes around the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    None,
    /// `{"op": "c|u|r|d", "ts_ms": …, "before": …, "after": …}`.
    Debezium,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    One,
    Many,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A version states every field; absent = null.
    Full,
    /// Absent is silence, null empties, a value sets.
    Patch,
}

/// Where a value that orders or dates a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Field(FieldIndex),
    Header(String),
    /// A member of the envelope beside `before` and `after`.
    Envelope(String),
}

/// How its text is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A decimal integer.
    Integer,
    /// Epoch milliseconds.
    EpochMilliseconds,
    /// A date or time in one of the named forms, in Asia/Shanghai; `day` where the form has no time of day.
    Time { forms: String, day: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPart {
    pub place: Place,
    pub reading: Reading,
}

/// What orders the versions of one record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Compared left to right.
    Parts(Vec<OrderPart>),
    /// Log position: incarnation, offset, row.
    Log,
}

/// What a null value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tombstone {
    /// Withdraws the record whose key the message key holds.
    Delete,
    /// Says nothing.
    Control,
}

/// How a feed takes a record back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Where the operation stands; none: only tombstones remove.
    pub operation: Option<Place>,
    /// Operations that remove.
    pub delete: Vec<String>,
    pub tombstone: Tombstone,
}

/// An identifier that may name the subject of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectIdentifier {
    pub field: FieldIndex,
    pub class: IdentifierClass,
}

/// One subject that a record speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub kind: KindIndex,
    /// Its identifiers in contract order; the one of smallest class rank is the target.
    pub identifiers: Vec<SubjectIdentifier>,
}

/// One compiled contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// `<agency>.<feed>`.
    pub id: String,
    pub agency: String,
    pub title_zh: String,
    pub title_en: String,
    /// Semantic version of the contract.
    pub version: String,
    pub topic: String,
    pub format: Format,
    pub encoding: Encoding,
    /// Name of the schema registry whose ids its messages carry; of other formats nothing is looked up in it.
    pub registry: String,
    pub envelope: Envelope,
    pub rows: Rows,
    pub mode: Mode,
    pub record_key: Vec<FieldIndex>,
    pub order: Order,
    pub business_time: OrderPart,
    /// Without it a record has no order; elsewhere the message's own time stands in.
    pub business_time_required: bool,
    pub removal: Removal,
    /// One per slot, in contract order.
    pub subjects: Vec<Subject>,
    pub fields: Vec<Field>,
    pub mappings: Vec<Mapping>,
    pub constants: Vec<Constant>,
    pub rules: Vec<Rule>,
    /// Hash over all rule fingerprints.
    pub ruleset_fingerprint: String,
}

impl Contract {
    pub fn field_index(&self, name: &str) -> Option<FieldIndex> {
        self.fields.iter().position(|field| field.name == name)
    }

    pub fn rule_index(&self, id: &str) -> Option<usize> {
        self.rules.iter().position(|rule| rule.id == id)
    }
}
