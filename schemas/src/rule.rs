//! Rules: one check each, as data.

use crate::area::Area;
use crate::field::FieldIndex;
use crate::indicator::{self, Indicator};
use crate::predicate::Predicate;

/// What happens to a record that fails a rule; the worst of all failed rules wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A finding and nothing else: no issue, not in the score.
    Observe,
    /// In the file, marked.
    Flag,
    /// Held: readable, and could be released unchanged after a rule, code list or link changes.
    Quarantine,
    /// Nothing could ever follow from these bytes.
    Reject,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Flag => "flag",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Minor,
    Major,
    Critical,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// Number of the OpenTelemetry scale that CloudEvents' severity extension follows.
    pub fn number(self) -> u8 {
        match self {
            Self::Info => 9,
            Self::Minor => 13,
            Self::Major => 17,
            Self::Critical => 21,
        }
    }
}

/// Dimensions of ODCS; their Chinese names follow GB/T 36344-2018.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    Accuracy,
    Completeness,
    Conformity,
    Consistency,
    Coverage,
    Timeliness,
    Uniqueness,
}

impl Dimension {
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Completeness => "completeness",
            Self::Conformity => "conformity",
            Self::Consistency => "consistency",
            Self::Coverage => "coverage",
            Self::Timeliness => "timeliness",
            Self::Uniqueness => "uniqueness",
        }
    }
}

/// The built-in checks. Regular expressions and bounds are compiled by `transform::check`.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The message can be read at all: size, encoding, syntax, depth, shape.
    Parse,
    /// The record key is there.
    Key,
    /// Every field or header that orders the record is there and readable.
    Order,
    /// A full record names a subject.
    Subject,
    /// The header `corrects` is well formed.
    Corrects,
    /// Our own failure on one message.
    Platform,
    /// Neither absent nor empty.
    Required,
    /// Of the declared logical type; dates and numbers can be read.
    Type,
    /// One of the codes that the contract lists.
    Enum,
    /// One of the codes of a code list.
    CodeSet,
    Pattern(String),
    /// Length in characters, both ends included.
    Length {
        at_least: Option<u32>,
        at_most: Option<u32>,
    },
    /// Value between two bounds, both included; numbers as decimal text, dates as `yyyy-MM-dd`.
    Range {
        at_least: Option<String>,
        at_most: Option<String>,
    },
    /// Not later than the message's own time (least of broker timestamp and landing instant).
    NotFuture,
    /// Not a filler such as 无, 不详, 1900-01-01.
    Placeholder,
    /// A person's identifier (GB 11643-1999 and its younger relatives).
    ResidentId,
    /// The sex digit of the identifier in `identifier` agrees with this field.
    IdSex {
        identifier: FieldIndex,
    },
    /// The birth date inside the identifier in `identifier` agrees with this field.
    IdBirth {
        identifier: FieldIndex,
    },
    /// An organisation's identifier (GB 32100-2015, GB 11714, GS 15-2006, tax number).
    Uscc,
    /// A person's or an organisation's identifier, as the value itself or its type says.
    Party,
    /// A snapshot is complete: its rows are as many as its marker says, each with a key, and not far fewer than before.
    Snapshot,
    /// A text that normalization may refuse: name, money, division, industry.
    Readable,
    /// A condition over fields of the record; null passes.
    Predicate(Box<Predicate>),
    /// One day or instant is not before the other, in this order.
    DateOrder {
        earlier: FieldIndex,
        later: FieldIndex,
    },
    /// A Chinese passport of any kind, or a foreign one.
    Passport,
    /// 港澳居民来往内地通行证.
    HkmoPermit,
    /// A mobile number, or a landline number with its area code.
    PhoneCn,
    /// A number plate of a vehicle (GA 36).
    Plate,
    /// A code of GB/T 2260 with or without township and village; in use on the day of `as_of`, where a field names one.
    AdminDivision {
        as_of: Option<FieldIndex>,
    },
    /// A point inside an area.
    GeoInCity {
        longitude: FieldIndex,
        latitude: FieldIndex,
        area: Area,
    },
    /// There where another field has one of these texts, as sent.
    RequiredIf {
        other: FieldIndex,
        values: Vec<String>,
    },
    /// At least one of the fields has a value.
    OneOfFields(Vec<FieldIndex>),
    /// The end of a resident card's validity fits the age at its issue. `birth`: a birth date, or the resident id.
    CardValidity {
        birth: FieldIndex,
        from: FieldIndex,
        until: FieldIndex,
    },
    /// Of fixed width: the field does not end in the middle of a character.
    WholeCharacters,
}

impl Check {
    /// Name in rule ids and events, for example `required`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Key => "key",
            Self::Order => "order",
            Self::Subject => "subject",
            Self::Corrects => "corrects",
            Self::Platform => "platform",
            Self::Required => "required",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::CodeSet => "codeset",
            Self::Pattern(_) => "pattern",
            Self::Length { .. } => "length",
            Self::Range { .. } => "range",
            Self::NotFuture => "not_future",
            Self::Placeholder => "placeholder",
            Self::ResidentId => "resident_id",
            Self::IdSex { .. } => "id_sex",
            Self::IdBirth { .. } => "id_birth",
            Self::Uscc => "uscc",
            Self::Party => "party",
            Self::Snapshot => "snapshot",
            Self::Readable => "readable",
            Self::WholeCharacters => "whole_characters",
            Self::Predicate(_) => "predicate",
            Self::DateOrder { .. } => "date_order",
            Self::Passport => "passport",
            Self::HkmoPermit => "hkmo_permit",
            Self::PhoneCn => "phone_cn",
            Self::Plate => "plate",
            Self::AdminDivision { .. } => "admin_division",
            Self::GeoInCity { .. } => "geo_in_city",
            Self::RequiredIf { .. } => "required_if",
            Self::OneOfFields(_) => "one_of_fields",
            Self::CardValidity { .. } => "card_validity",
        }
    }

    /// The indicator of GB/T 36344-2018 that the check counts for, unless its rule names another.
    pub fn indicator(&self) -> Indicator {
        match self {
            Self::Parse => indicator::DATA_MODEL,
            Self::Type
            | Self::Pattern(_)
            | Self::Length { .. }
            | Self::Range { .. }
            | Self::WholeCharacters => indicator::FORMAT_COMPLIANCE,
            Self::Passport | Self::HkmoPermit | Self::PhoneCn | Self::Plate | Self::Readable => {
                indicator::FORMAT_COMPLIANCE
            }
            Self::Key | Self::Subject | Self::Required | Self::OneOfFields(_) => {
                indicator::ELEMENT_COMPLETENESS
            }
            Self::RequiredIf { .. } => indicator::ELEMENT_COMPLETENESS,
            Self::Enum => indicator::DATA_STANDARD,
            Self::CodeSet | Self::AdminDivision { .. } => indicator::REFERENCE_DATA,
            Self::Placeholder => indicator::DIRTY_DATA,
            Self::Snapshot => indicator::RECORD_COMPLETENESS,
            Self::ResidentId | Self::Uscc | Self::Party | Self::GeoInCity { .. } => {
                indicator::CONTENT_CORRECTNESS
            }
            Self::IdSex { .. } | Self::IdBirth { .. } => indicator::RELATED_CONSISTENCY,
            Self::NotFuture => indicator::PERIOD_CORRECTNESS,
            Self::Order | Self::DateOrder { .. } => indicator::EVENT_SEQUENCE,
            Self::Corrects | Self::Platform | Self::Predicate(_) => indicator::BUSINESS_RULES,
            Self::CardValidity { .. } => indicator::RELATED_CONSISTENCY,
        }
    }

    /// The fields that a check over several fields reads beside that of its rule, in the order in which it names them.
    pub fn fields(&self) -> Vec<FieldIndex> {
        match self {
            Self::Predicate(predicate) => predicate.fields.clone(),
            Self::DateOrder { earlier, later } => vec![*earlier, *later],
            Self::GeoInCity {
                longitude,
                latitude,
                ..
            } => vec![*longitude, *latitude],
            Self::RequiredIf { other, .. } => vec![*other],
            Self::OneOfFields(fields) => fields.clone(),
            Self::CardValidity { birth, from, until } => vec![*birth, *from, *until],
            Self::AdminDivision { as_of } => as_of.iter().copied().collect(),
            Self::IdSex { identifier } | Self::IdBirth { identifier } => vec![*identifier],
            _ => Vec::new(),
        }
    }
}

/// One rule of a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Stable in its contract: hand-written, or `auto:<field>:<check>`, or `auto:<check>` for whole records.
    pub id: String,
    /// The field that is judged and named in events; none for rules over whole records.
    pub field: Option<FieldIndex>,
    /// Name of a header where a header is judged instead of a field.
    pub header: Option<String>,
    pub check: Check,
    /// Action of this rule; a code may soften or harden it, see `defect::Code::action`.
    pub action: Action,
    pub severity: Severity,
    pub dimension: Dimension,
    /// What scorecards count it for.
    pub indicator: Indicator,
    /// Of a rule over several fields: those that the agency is told of, in this order. Empty for all others.
    pub told: Vec<FieldIndex>,
    /// First 16 hexadecimal digits of BLAKE3 over the normalised rule.
    pub fingerprint: String,
}
