//! Contracts (数据契约): what a feed promises, compiled from ODCS YAML plus our profile.

use crate::dossier::KindIndex;
use crate::field::{Constant, Field, FieldIndex, IdentifierClass, Mapping};
use crate::rule::Rule;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    /// First line is the header.
    Csv,
    /// Lines in which each field has its own bytes.
    FixedWidth,
    Xml,
    /// Binary, behind the id of the writer's schema in a registry.
    Avro,
    /// Likewise, and the place of the message type in its file.
    Protobuf,
}

impl Format {
    /// How files end that hold bare records in this format.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "jsonl",
            Self::Csv => "csv",
            Self::FixedWidth => "txt",
            Self::Xml => "xml",
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
        }
    }

    /// Whether messages name the schema they were written by as its id in a registry.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Avro | Self::Protobuf)
    }
}

/// Declared, never sniffed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// A leading byte order mark is dropped.
    Utf8,
    Gbk,
    Gb18030,
}

/// One way in which the messages of a topic are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    pub format: Format,
    pub encoding: Encoding,
}

/// Where a field stands in a line of fixed width, in bytes of the declared encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// Counted from 0.
    pub start: usize,
    pub width: usize,
}

impl ByteRange {
    /// The byte behind the last one.
    pub fn end(&self) -> usize {
        self.start.saturating_add(self.width)
    }
}

/// Change-data envelopes around the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    None,
    /// `{"op": "c|u|r|d", "ts_ms": …, "before": …, "after": …}`.
    Debezium,
    /// `{"type": "INSERT|UPDATE|DELETE", "es": …, "data": […], "old": […]}`: the rows of one statement, whole, and of
    /// updated ones the columns that changed as they were before. A deleted row stands in `data`.
    Canal,
    /// `{"type": "insert|update|delete", "ts": …, "data": {…}, "old": {…}}`: the same for one row.
    Maxwell,
    /// `{"op_type": "I|U|D", "op_ts": …, "before": {…}, "after": {…}}`.
    GoldenGate,
}

impl Envelope {
    /// The member that names the operation; none without an envelope.
    pub fn operation(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Debezium => Some("op"),
            Self::Canal | Self::Maxwell => Some("type"),
            Self::GoldenGate => Some("op_type"),
        }
    }
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
    /// As full; and what a closed snapshot does not name is taken back.
    Snapshot,
}

impl Mode {
    /// Whether a version states every field, those it leaves out as null.
    pub fn is_full(self) -> bool {
        !matches!(self, Self::Patch)
    }
}

/// How the snapshots of a feed are told from one another, and when one counts. All of one snapshot is in one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Header with the number of the snapshot, the first part of the order of its rows.
    pub sequence: String,
    /// Header with the operation, and its value on rows and on the marker.
    pub operation: String,
    pub mark: String,
    /// Header of the marker with the number of data rows.
    pub rows: String,
    /// A snapshot may have so many rows less than the last closed one, in thousandths of that.
    pub shrink_permille_max: u32,
}

/// Keys of a feed that hold a period die when they are older than the greatest accepted period by more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// A part of the record key whose forms are months or days.
    pub field: FieldIndex,
    pub months: u32,
}

/// Where a value that orders or dates a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Field(FieldIndex),
    Header(String),
    /// A member of the envelope beside the images of the record, or `outer.inner` for a member of a member.
    Envelope(String),
}

/// How its text is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A decimal integer.
    Integer,
    /// Epoch milliseconds.
    EpochMilliseconds,
    /// Epoch seconds; a time so read is compared in milliseconds like all others.
    EpochSeconds,
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

/// One subject that a record speaks of, or one for each element of its array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// By which mappings say that they are about this one alone.
    pub name: Option<String>,
    pub kind: KindIndex,
    /// Each element of the contract's array names one.
    pub each: bool,
    /// Its identifiers in contract order; the one of smallest class rank is the target.
    pub identifiers: Vec<SubjectIdentifier>,
}

/// In the place of a slot: all of the record.
pub const EVERY_SLOT: u8 = u8::MAX;
/// From here on a slot is no subject: it holds together the parts of one of several elements that a record fills.
pub const GROUPS_START: u8 = 224;

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
    /// Other ways in which a message may be written; its header `content-type` or `format` names one of them.
    pub alternatives: Vec<Writing>,
    /// Name of the schema registry whose ids its messages carry; of other formats nothing is looked up in it.
    pub registry: String,
    /// Of XML: the local name of the element that is a record, or the path of names from the root, parted by `/`.
    pub record_element: Option<String>,
    /// Of fixed width: one for each field; a line ends where the last of them does.
    pub byte_ranges: Vec<ByteRange>,
    pub envelope: Envelope,
    pub rows: Rows,
    pub mode: Mode,
    pub record_key: Vec<FieldIndex>,
    pub order: Order,
    pub business_time: OrderPart,
    /// Without it a record has no order; elsewhere the message's own time stands in.
    pub business_time_required: bool,
    pub removal: Removal,
    pub snapshot: Option<Snapshot>,
    pub horizon: Option<Horizon>,
    /// One per slot, in contract order; those of array elements last.
    pub subjects: Vec<Subject>,
    /// The member that holds an array whose elements are read; its fields are those that are `in_element`.
    pub array: Option<FieldIndex>,
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

    /// How many elements of the array slots can tell apart.
    pub fn elements_max(&self) -> usize {
        let alone = self.subjects.iter().filter(|other| !other.each).count();
        let each = (self.subjects.len() - alone).max(1);
        usize::from(GROUPS_START).saturating_sub(alone) / each
    }

    /// Slot of the subject at `subject` that the array's element at `element` names, or a record by itself with 0.
    /// Nothing where there are more than slots can tell apart.
    pub fn slot(&self, subject: usize, element: usize) -> Option<u8> {
        let place = match self.subjects.get(subject) {
            Some(found) if found.each => {
                let alone = self.subjects.iter().filter(|other| !other.each).count();
                let each = self.subjects.len() - alone;
                alone + (subject - alone) + element * each
            }
            _ => subject,
        };
        u8::try_from(place).ok().filter(|slot| *slot < GROUPS_START)
    }

    /// Every way in which a message may be written, the one of messages that name none first.
    pub fn writings(&self) -> impl Iterator<Item = Writing> {
        let first = Writing {
            format: self.format,
            encoding: self.encoding,
        };
        std::iter::once(first).chain(self.alternatives.iter().copied())
    }

    pub fn is_written_in(&self, format: Format) -> bool {
        self.writings().any(|writing| writing.format == format)
    }

    /// The parts that order a record, then its business time.
    pub fn order_parts(&self) -> impl Iterator<Item = &OrderPart> {
        let parts = match &self.order {
            Order::Parts(parts) => parts.as_slice(),
            Order::Log => &[],
        };
        parts.iter().chain(std::iter::once(&self.business_time))
    }

    /// Members of the envelope that order or date a record, each once.
    pub fn envelope_members(&self) -> Vec<&str> {
        let mut members = Vec::new();
        for part in self.order_parts() {
            if let Place::Envelope(name) = &part.place
                && !members.contains(&name.as_str())
            {
                members.push(name);
            }
        }
        members
    }

    pub fn rule_index(&self, id: &str) -> Option<usize> {
        self.rules.iter().position(|rule| rule.id == id)
    }
}
